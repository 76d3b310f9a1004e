//! Clusters.

use serde_json::{Map, Value, json};

use super::paging::listed;
use super::task::Status;
use super::{capacity_providers, errors, tags};
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;

/// A cluster.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub(super) arn: String,
    pub(super) name: String,
    active: bool,
    settings: Vec<Value>,
    configuration: Option<Value>,
    service_connect_defaults: Option<Value>,
    capacity_providers: Vec<String>,
    default_strategy: Vec<Value>,
}

impl Cluster {
    /// Whether the cluster names this capacity provider.
    pub(super) fn uses(&self, provider: &str) -> bool {
        self.active && self.capacity_providers.iter().any(|name| name == provider)
    }

    /// The strategy services get that name neither a strategy nor a launch type.
    pub(super) fn default_strategy(&self) -> &[Value] {
        &self.default_strategy
    }
}

/// The name in `name` or `arn:…:cluster/name`; `default` when absent.
pub(super) fn name_of(input: &Input) -> Result<String, ApiError> {
    Ok(input
        .text("cluster")?
        .filter(|text| !text.is_empty())
        .map_or_else(
            || "default".to_owned(),
            |text| last_segment(&text).to_owned(),
        ))
}

fn last_segment(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// The cluster a call names.
pub(super) fn find<'a>(state: &'a World, input: &Input) -> Result<&'a Cluster, ApiError> {
    // An ARN names one cluster: of this account, in this region.
    let given = input.text("cluster")?.unwrap_or_default();
    let is_meant = |cluster: &&Cluster| !given.starts_with("arn:") || cluster.arn == given;
    state
        .ecs
        .clusters
        .get(&name_of(input)?)
        .filter(|cluster| cluster.active)
        .filter(is_meant)
        .ok_or_else(errors::cluster_not_found)
}

fn find_mut<'a>(state: &'a mut World, input: &Input) -> Result<&'a mut Cluster, ApiError> {
    state
        .ecs
        .clusters
        .get_mut(&name_of(input)?)
        .filter(|cluster| cluster.active)
        .ok_or_else(errors::cluster_not_found)
}

/// `settings` over the default: Container Insights off.
fn merge_settings(settings: &mut Vec<Value>, given: &[Value]) {
    for setting in given {
        let name = setting.get("name").cloned();
        settings.retain(|known| known.get("name").cloned() != name);
        settings.push(setting.clone());
    }
}

fn strategy_of(input: &Input, member: &str) -> Result<Vec<Value>, ApiError> {
    input
        .objects(member)?
        .iter()
        .map(|item| {
            Ok(json!({
                "capacityProvider": item.required("capacityProvider")?,
                "weight": item.number_in("weight", 0, 1000)?.unwrap_or(0),
                "base": item.number_in("base", 0, 100_000)?.unwrap_or(0),
            }))
        })
        .collect()
}

fn check_providers(state: &World, names: &[String]) -> Result<(), ApiError> {
    match names
        .iter()
        .find(|name| !capacity_providers::exists(state, name))
    {
        None => Ok(()),
        Some(name) => Err(errors::invalid(format!(
            "The specified capacity provider {name} was not found. Specify a valid name or ARN and try again."
        ))),
    }
}

pub(super) fn create(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let name = input
        .text("clusterName")?
        .unwrap_or_else(|| "default".to_owned());
    if !super::is_name(&name) {
        return Err(errors::invalid(
            "Invalid cluster name. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.",
        ));
    }
    if state
        .ecs
        .clusters
        .get(&name)
        .is_some_and(|cluster| cluster.active)
    {
        let cluster = state.ecs.clusters.get(&name);
        return Ok(
            json!({ "cluster": cluster.map(|cluster| render(state, cluster, &Include::all())) }),
        );
    }
    let providers = input.texts("capacityProviders")?.unwrap_or_default();
    check_providers(state, &providers)?;
    let mut settings = vec![json!({ "name": "containerInsights", "value": "disabled" })];
    merge_settings(&mut settings, input.list("settings")?.unwrap_or_default());
    let arn = state.arn("ecs", &format!("cluster/{name}"));
    let cluster = Cluster {
        arn: arn.clone(),
        name: name.clone(),
        active: true,
        settings,
        configuration: input.value("configuration").cloned(),
        service_connect_defaults: input.value("serviceConnectDefaults").cloned(),
        capacity_providers: providers,
        default_strategy: strategy_of(input, "defaultCapacityProviderStrategy")?,
    };
    let tags = tags::of_input(input)?;
    state.ecs.tags.insert(arn, tags);
    let rendered = render(state, &cluster, &Include::all());
    state.ecs.clusters.insert(name, cluster);
    Ok(json!({ "cluster": rendered }))
}

/// Which parts of a cluster an answer shows.
struct Include {
    tags: bool,
    settings: bool,
    configurations: bool,
    statistics: bool,
}

impl Include {
    fn all() -> Self {
        Self {
            tags: true,
            settings: true,
            configurations: true,
            statistics: false,
        }
    }

    fn of(input: &Input) -> Result<Self, ApiError> {
        Ok(Self {
            tags: tags::includes(input, "TAGS")?,
            settings: tags::includes(input, "SETTINGS")?,
            configurations: tags::includes(input, "CONFIGURATIONS")?,
            statistics: tags::includes(input, "STATISTICS")?,
        })
    }
}

fn render(state: &World, cluster: &Cluster, include: &Include) -> Value {
    let tasks = || {
        state
            .ecs
            .tasks
            .values()
            .filter(|task| task.cluster == cluster.arn)
    };
    let running = tasks()
        .filter(|task| task.status == Status::Running)
        .count();
    let pending = tasks().filter(|task| task.status < Status::Running).count();
    let services = state
        .ecs
        .services
        .values()
        .filter(|service| service.cluster_arn == cluster.arn && service.is_active())
        .count();
    let tags = if include.tags {
        tags::render(state, &cluster.arn)
    } else {
        Vec::new()
    };
    let settings = if include.settings {
        cluster.settings.clone()
    } else {
        Vec::new()
    };
    let statistics = if include.statistics {
        vec![
            json!({ "name": "runningFargateTasksCount", "value": running.to_string() }),
            json!({ "name": "pendingFargateTasksCount", "value": pending.to_string() }),
            json!({ "name": "activeFargateServiceCount", "value": services.to_string() }),
        ]
    } else {
        Vec::new()
    };
    let mut members = Map::from_iter([
        ("clusterArn".to_owned(), json!(cluster.arn)),
        ("clusterName".to_owned(), json!(cluster.name)),
        (
            "status".to_owned(),
            json!(if cluster.active { "ACTIVE" } else { "INACTIVE" }),
        ),
        ("registeredContainerInstancesCount".to_owned(), json!(0)),
        ("runningTasksCount".to_owned(), json!(running)),
        ("pendingTasksCount".to_owned(), json!(pending)),
        ("activeServicesCount".to_owned(), json!(services)),
        ("statistics".to_owned(), json!(statistics)),
        ("tags".to_owned(), json!(tags)),
        ("settings".to_owned(), json!(settings)),
        (
            "capacityProviders".to_owned(),
            json!(cluster.capacity_providers),
        ),
        (
            "defaultCapacityProviderStrategy".to_owned(),
            json!(cluster.default_strategy),
        ),
    ]);
    if let Some(configuration) = cluster
        .configuration
        .clone()
        .filter(|_| include.configurations)
    {
        members.insert("configuration".to_owned(), configuration);
    }
    if let Some(defaults) = render_service_connect(state, cluster) {
        members.insert("serviceConnectDefaults".to_owned(), defaults);
    }
    Value::Object(members)
}

/// A namespace given by name is echoed as it came: Cloud Map is not modelled here.
fn render_service_connect(_state: &World, cluster: &Cluster) -> Option<Value> {
    cluster.service_connect_defaults.clone()
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let include = Include::of(input)?;
    let names = input
        .texts("clusters")?
        .filter(|names| !names.is_empty())
        .unwrap_or_else(|| vec!["default".to_owned()]);
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for given in names {
        match state.ecs.clusters.get(last_segment(&given)) {
            Some(cluster) => found.push(render(state, cluster, &include)),
            None if given.starts_with("arn:") => failures.push(errors::missing(&given)),
            None => failures.push(errors::missing(
                &state.arn("ecs", &format!("cluster/{given}")),
            )),
        }
    }
    Ok(json!({ "clusters": found, "failures": failures }))
}

fn answer(state: &World, input: &Input) -> Result<Value, ApiError> {
    let cluster = find(state, input)?;
    Ok(json!({ "cluster": render(state, cluster, &Include::all()) }))
}

pub(super) fn update(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let cluster = find_mut(state, input)?;
    merge_settings(
        &mut cluster.settings,
        input.list("settings")?.unwrap_or_default(),
    );
    if let Some(configuration) = input.value("configuration") {
        cluster.configuration = Some(configuration.clone());
    }
    if let Some(defaults) = input.value("serviceConnectDefaults") {
        let emptied = defaults
            .get("namespace")
            .and_then(Value::as_str)
            .is_none_or(str::is_empty);
        cluster.service_connect_defaults = (!emptied).then(|| defaults.clone());
    }
    answer(state, input)
}

pub(super) fn update_settings(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let cluster = find_mut(state, input)?;
    merge_settings(
        &mut cluster.settings,
        input.list("settings")?.unwrap_or_default(),
    );
    answer(state, input)
}

pub(super) fn put_capacity_providers(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let providers = input.texts("capacityProviders")?.unwrap_or_default();
    check_providers(state, &providers)?;
    let strategy = strategy_of(input, "defaultCapacityProviderStrategy")?;
    let cluster = find_mut(state, input)?;
    cluster.capacity_providers = providers;
    cluster.default_strategy = strategy;
    answer(state, input)
}

pub(super) fn list(state: &World, input: &Input) -> Result<Value, ApiError> {
    let arns: Vec<String> = state
        .ecs
        .clusters
        .values()
        .filter(|cluster| cluster.active)
        .map(|cluster| cluster.arn.clone())
        .collect();
    listed(input, "clusterArns", &arns)
}

pub(super) fn delete(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let cluster = find(state, input)?;
    let (arn, name) = (cluster.arn.clone(), cluster.name.clone());
    if state
        .ecs
        .services
        .values()
        .any(|service| service.cluster_arn == arn && !service.is_gone())
    {
        return Err(ApiError::new(
            "ClusterContainsServicesException",
            "The Cluster cannot be deleted while Services are active.",
        ));
    }
    let busy = |task: &super::task::Task| task.cluster == arn && task.status != Status::Stopped;
    if state.ecs.tasks.values().any(busy) {
        return Err(ApiError::new(
            "ClusterContainsTasksException",
            "The Cluster cannot be deleted while Tasks are active.",
        ));
    }
    if let Some(cluster) = state.ecs.clusters.get_mut(&name) {
        cluster.active = false;
    }
    let cluster = state.ecs.clusters.get(&name);
    Ok(json!({ "cluster": cluster.map(|cluster| render(state, cluster, &Include::all())) }))
}
