//! Task sets: the pools an EXTERNAL controller or CodeDeploy makes and weighs itself.

use serde_json::{Map, Value, json};

use super::pool::{Binding, Pool, SCHEDULER};
use super::service::{self, Service};
use super::settings::{Controller, LoadBalancer, Settings};
use super::{clusters, errors, service_rules, start, tags, validate};
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;
use crate::time::Timestamp;

/// What makes a pool a task set.
#[derive(Clone, Debug)]
pub(super) struct TaskSet {
    pub(super) arn: String,
    external_id: Option<String>,
    /// Percent of the service's wanted number.
    scale: f64,
    status: SetStatus,
    stability_since: Timestamp,
    client_token: Option<String>,
    /// What asked for it.
    request: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SetStatus {
    Primary,
    Active,
    Draining,
}

impl TaskSet {
    fn new(state: &World, service: &Service, id: &str) -> Self {
        let path = format!("task-set/{}/{}/{id}", service.cluster_name(), service.name);
        Self {
            arn: state.arn("ecs", &path),
            external_id: None,
            scale: 100.0,
            status: SetStatus::Active,
            stability_since: state.now,
            client_token: None,
            request: Map::new(),
        }
    }

    /// The task set a service starts with under CodeDeploy.
    pub(super) fn primary(state: &World, service: &Service, id: &str) -> Self {
        Self {
            status: SetStatus::Primary,
            ..Self::new(state, service, id)
        }
    }

    pub(super) fn is_draining(&self) -> bool {
        self.status == SetStatus::Draining
    }

    pub(super) fn is_primary(&self) -> bool {
        self.status == SetStatus::Primary
    }

    pub(super) fn drain(&mut self) {
        self.status = SetStatus::Draining;
    }
}

/// Sets every task set's wanted number: its share of the service's, rounded up.
pub(super) fn size(service: &mut Service) {
    let desired = service.desired;
    for pool in &mut service.pools {
        if let Some(set) = &pool.task_set {
            pool.desired = if set.is_draining() {
                0
            } else {
                share(desired, set.scale)
            };
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the scale is checked to be 0–100, and float-to-integer casts saturate"
)]
fn share(desired: u32, percent: f64) -> u32 {
    (f64::from(desired) * percent / 100.0).ceil() as u32
}

/// Forgets what hangs on a task set besides its pool.
pub(super) fn forget(state: &mut World, service: &Service, id: &str) {
    if let Some(set) = service.pool(id).and_then(|pool| pool.task_set.as_ref()) {
        state.ecs.tags.remove(&set.arn);
    }
}

/// Answers the task set calls.
pub(super) fn call(state: &mut World, operation: &str, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?.arn.clone();
    let arn = service::arn_of(state, &cluster, &input.required("service")?);
    let Some(mut service) = state.ecs.services.remove(&arn) else {
        return Err(errors::service_not_found());
    };
    let answer = if service.is_active() {
        apply(state, &mut service, operation, input)
    } else {
        Err(errors::service_not_active())
    };
    state.ecs.services.insert(arn.clone(), service);
    state.ecs.wake_service(state.now.plus(SCHEDULER), &arn);
    answer
}

fn apply(
    state: &mut World,
    service: &mut Service,
    operation: &str,
    input: &Input,
) -> Result<Value, ApiError> {
    if service.settings.controller() == Controller::Ecs {
        return Err(errors::invalid(
            "Task sets are not supported on services with an ECS deployment controller.",
        ));
    }
    match operation {
        "CreateTaskSet" => create(state, service, input),
        "UpdateTaskSet" => update(state, service, input),
        "DeleteTaskSet" => delete(state, service, input),
        "UpdateServicePrimaryTaskSet" => promote(state, service, input),
        _ => describe(state, service, input),
    }
}

fn scale_of(input: &Input) -> Result<Option<f64>, ApiError> {
    let Some(scale) = input.object("scale")? else {
        return Ok(None);
    };
    let value = scale.value("value").and_then(Value::as_f64).unwrap_or(0.0);
    if (0.0..=100.0).contains(&value) {
        Ok(Some(value))
    } else {
        Err(errors::invalid(
            "The scale value must be between 0 and 100.",
        ))
    }
}

fn create(state: &mut World, service: &mut Service, input: &Input) -> Result<Value, ApiError> {
    let token = service_rules::client_token(input)?;
    if let Some(token) = &token {
        let same = |pool: &&Pool| {
            pool.task_set
                .as_ref()
                .is_some_and(|set| set.client_token.as_ref() == Some(token))
        };
        if let Some(pool) = service.pools.iter().find(same) {
            let request = pool.task_set.as_ref().map(|set| &set.request);
            if request != Some(input.members()) {
                return Err(errors::invalid("Creation of task set was not idempotent."));
            }
            return Ok(json!({ "taskSet": render_one(state, service, pool, true) }));
        }
    }
    let definition = validate::definition(state, &input.required("taskDefinition")?)?
        .arn
        .clone();
    let mut settings = Settings::default();
    for member in [
        "networkConfiguration",
        "loadBalancers",
        "serviceRegistries",
        "launchType",
        "capacityProviderStrategy",
        "platformVersion",
    ] {
        if let Some(value) = input.value(member) {
            settings.echo.insert(member.to_owned(), value.clone());
        }
    }
    settings
        .echo
        .insert("taskDefinition".to_owned(), json!(definition));
    settings.fill(&[]);
    let balancers: Vec<LoadBalancer> = settings.load_balancers();
    if balancers.len() > 1 {
        return Err(errors::invalid(
            "A task set can have only one load balancer.",
        ));
    }
    if let Some(known) = state.ecs.definitions.find(&definition) {
        validate::network_fits(known, input.has("networkConfiguration"))?;
        let on_fargate = settings.on_fargate();
        service_rules::launch(known, on_fargate, false)?;
        service_rules::platform(input, on_fargate)?;
        service_rules::network(input, Some(on_fargate))?;
        // CodeDeploy brings the idle group onto the listener only when it shifts.
        for balancer in balancers
            .iter()
            .filter(|_| service.settings.controller() == Controller::External)
        {
            validate::load_balancer(state, known, balancer)?;
        }
    }
    let number = state.ids.digits(19);
    let id = format!("ecs-svc/{number}");
    let mut set = TaskSet::new(state, service, &id);
    set.external_id = input.text("externalId")?;
    set.scale = scale_of(input)?.unwrap_or(0.0);
    set.client_token = token;
    set.request = input.members().clone();
    let given = tags::of_input(input)?;
    state.ecs.tags.insert(set.arn.clone(), given);
    let bindings: Vec<Binding> = settings.bindings();
    let mut pool = Pool::new(id.clone(), settings, bindings, state.now);
    pool.task_set = Some(set);
    service.pools.push(pool);
    service.said_steady = false;
    size(service);
    start::watch_groups(state, service);
    let rendered = service
        .pool(&id)
        .map(|pool| render_one(state, service, pool, true));
    Ok(json!({ "taskSet": rendered }))
}

/// The id of the task set a call names by id or ARN.
fn id_of(service: &Service, given: &str) -> Result<String, ApiError> {
    service
        .pools
        .iter()
        .find(|pool| {
            pool.task_set.as_ref().is_some_and(|set| {
                pool.id == given || set.arn == given || pool.id == format!("ecs-svc/{given}")
            })
        })
        .map(|pool| pool.id.clone())
        .ok_or_else(|| {
            ApiError::new(
                "TaskSetNotFoundException",
                "The specified task set was not found.",
            )
        })
}

fn set_mut<'a>(service: &'a mut Service, id: &str) -> Option<&'a mut TaskSet> {
    service.pool_mut(id).and_then(|pool| pool.task_set.as_mut())
}

fn update(state: &World, service: &mut Service, input: &Input) -> Result<Value, ApiError> {
    let id = id_of(service, &input.required("taskSet")?)?;
    let scale = scale_of(input)?.ok_or_else(|| errors::invalid("scale can not be blank."))?;
    if let Some(set) = set_mut(service, &id) {
        if set.is_draining() {
            return Err(errors::invalid("The task set is draining."));
        }
        set.scale = scale;
        set.stability_since = state.now;
    }
    service.said_steady = false;
    size(service);
    if let Some(pool) = service.pool_mut(&id) {
        pool.updated = state.now;
    }
    let rendered = service
        .pool(&id)
        .map(|pool| render_one(state, service, pool, false));
    Ok(json!({ "taskSet": rendered }))
}

fn delete(state: &World, service: &mut Service, input: &Input) -> Result<Value, ApiError> {
    let id = id_of(service, &input.required("taskSet")?)?;
    let force = input.flag("force")?.unwrap_or(false);
    let mut was_primary = false;
    if let Some(set) = set_mut(service, &id) {
        was_primary = set.is_primary();
        if !force && set.is_primary() {
            return Err(errors::invalid(
                "The primary task set cannot be deleted without force.",
            ));
        }
        if !force && set.scale > 0.0 {
            return Err(errors::invalid(
                "The task set cannot be deleted while it is scaled above zero. Use force or scale it down first.",
            ));
        }
        set.drain();
    }
    if was_primary && service.settings.controller() == Controller::External {
        // Without a primary task set the service shows none of what task sets say.
        service.settings.restore(&Map::new());
    }
    service.said_steady = false;
    size(service);
    let rendered = service
        .pool(&id)
        .map(|pool| render_one(state, service, pool, false));
    Ok(json!({ "taskSet": rendered }))
}

fn promote(state: &World, service: &mut Service, input: &Input) -> Result<Value, ApiError> {
    let id = id_of(service, &input.required("primaryTaskSet")?)?;
    for pool in &mut service.pools {
        let chosen = pool.id == id;
        if let Some(set) = &mut pool.task_set
            && (chosen || set.status == SetStatus::Primary)
        {
            set.status = if chosen {
                SetStatus::Primary
            } else {
                SetStatus::Active
            };
            pool.updated = state.now;
        }
    }
    service.promote(&id);
    if let Some(members) = service
        .pool(&id)
        .map(|pool| pool.settings.revision_members())
    {
        service.settings.restore(&members);
    }
    let rendered = service
        .pool(&id)
        .map(|pool| render_one(state, service, pool, false));
    Ok(json!({ "taskSet": rendered }))
}

fn describe(state: &World, service: &Service, input: &Input) -> Result<Value, ApiError> {
    let with_tags = tags::asked_for(input)?;
    let Some(asked) = input.texts("taskSets")?.filter(|asked| !asked.is_empty()) else {
        return Ok(json!({ "taskSets": render(state, service, with_tags), "failures": [] }));
    };
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for given in asked {
        match id_of(service, &given).ok().and_then(|id| service.pool(&id)) {
            Some(pool) => found.push(render_one(state, service, pool, with_tags)),
            None => failures.push(errors::missing(&given)),
        }
    }
    Ok(json!({ "taskSets": found, "failures": failures }))
}

/// All task sets of a service.
pub(super) fn render(state: &World, service: &Service, with_tags: bool) -> Vec<Value> {
    service
        .pools
        .iter()
        .filter(|pool| pool.task_set.is_some())
        .map(|pool| render_one(state, service, pool, with_tags))
        .collect()
}

fn render_one(state: &World, service: &Service, pool: &Pool, with_tags: bool) -> Value {
    let Some(set) = &pool.task_set else {
        return Value::Null;
    };
    let steady = pool.is_full(pool.desired);
    let tags = if with_tags {
        tags::render(state, &set.arn)
    } else {
        Vec::new()
    };
    let mut members: Map<String, Value> = [
        "launchType",
        "capacityProviderStrategy",
        "platformVersion",
        "platformFamily",
        "networkConfiguration",
        "loadBalancers",
        "serviceRegistries",
        "taskDefinition",
    ]
    .iter()
    .filter_map(|member| {
        Some((
            (*member).to_owned(),
            pool.settings.echo.get(*member)?.clone(),
        ))
    })
    .collect();
    let fixed = json!({
        "id": pool.id,
        "taskSetArn": set.arn,
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "status": match set.status {
            SetStatus::Primary => "PRIMARY",
            SetStatus::Active => "ACTIVE",
            SetStatus::Draining => "DRAINING",
        },
        "computedDesiredCount": pool.desired,
        "pendingCount": pool.pending,
        "runningCount": pool.running,
        "createdAt": pool.created,
        "updatedAt": pool.updated,
        "scale": { "value": set.scale, "unit": "PERCENT" },
        "stabilityStatus": if steady { "STEADY_STATE" } else { "STABILIZING" },
        "stabilityStatusAt": set.stability_since,
        "tags": tags,
    });
    if let Value::Object(fixed) = fixed {
        members.extend(fixed);
    }
    if let Some(external_id) = &set.external_id {
        members.insert("externalId".to_owned(), json!(external_id));
    }
    Value::Object(members)
}
