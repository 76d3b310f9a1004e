//! Task definitions: families of revisions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::paging::listed;
use super::{definition_rules, errors, tags};
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;
use crate::time::Timestamp;

/// All task definitions: revision by number, by family.
#[derive(Clone, Debug, Default)]
pub(super) struct Registry {
    families: BTreeMap<String, BTreeMap<u32, Definition>>,
    /// The highest number a family ever had; numbers are not given twice.
    last: BTreeMap<String, u32>,
}

/// Where a revision is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DefinitionStatus {
    Active,
    Inactive,
    DeleteInProgress,
}

impl DefinitionStatus {
    fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
        }
    }
}

/// One revision of a family.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) arn: String,
    pub(super) family: String,
    pub(super) revision: u32,
    pub(super) status: DefinitionStatus,
    registered: Timestamp,
    deregistered: Option<Timestamp>,
    /// As registered, with AWS's defaults filled in.
    body: Map<String, Value>,
    pub(super) containers: Vec<Container>,
}

/// A container as far as it matters to what tasks do.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) essential: bool,
    pub(super) ports: Vec<u16>,
    pub(super) health_check: Option<ContainerHealthCheck>,
}

/// A container's own health check, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct ContainerHealthCheck {
    pub(super) interval: u32,
    pub(super) retries: u32,
    pub(super) start_period: u32,
}

impl Definition {
    pub(super) fn text(&self, member: &str) -> Option<&str> {
        self.body.get(member).and_then(Value::as_str)
    }

    /// A member as it was registered.
    pub(super) fn document(&self, member: &str) -> Option<&Value> {
        self.body.get(member)
    }

    /// The network mode; EC2's default is `bridge`.
    pub(super) fn network_mode(&self) -> &str {
        self.text("networkMode").unwrap_or("bridge")
    }

    /// Whether tasks run on ARM64.
    pub(super) fn on_arm64(&self) -> bool {
        self.body
            .get("runtimePlatform")
            .and_then(|platform| platform.get("cpuArchitecture"))
            .and_then(Value::as_str)
            == Some("ARM64")
    }

    /// A member as registered.
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.body.get(name)
    }
}

impl Registry {
    /// Finds by ARN, `family:revision`, or `family` (the newest active one).
    pub(super) fn find(&self, text: &str) -> Option<&Definition> {
        let name = text.rsplit('/').next().unwrap_or(text);
        match name.split_once(':') {
            Some((family, revision)) => self.families.get(family)?.get(&revision.parse().ok()?),
            None => self.newest(name),
        }
    }

    fn find_mut(&mut self, text: &str) -> Option<&mut Definition> {
        let name = text.rsplit('/').next().unwrap_or(text);
        let (family, revision) = name.split_once(':')?;
        self.families
            .get_mut(family)?
            .get_mut(&revision.parse().ok()?)
    }

    fn newest(&self, family: &str) -> Option<&Definition> {
        self.families
            .get(family)?
            .values()
            .rev()
            .find(|definition| definition.status == DefinitionStatus::Active)
    }
}

/// Members of the registration that are kept as they come.
const ECHOED: [&str; 16] = [
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "volumes",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "inferenceAccelerators",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
    "family",
];

pub(super) fn register(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let family = input.required("family")?;
    if !super::is_name(&family) {
        return Err(errors::client(
            "Family contains invalid characters. Only letters, numbers, hyphens, and underscores are allowed.",
        ));
    }
    let mut body = Map::new();
    for member in ECHOED {
        if let Some(value) = input.value(member) {
            body.insert(member.to_owned(), value.clone());
        }
    }
    body.entry("volumes").or_insert_with(|| json!([]));
    body.entry("placementConstraints")
        .or_insert_with(|| json!([]));
    fill_volumes(&mut body);
    let awsvpc = input.text("networkMode")?.as_deref() == Some("awsvpc");
    check_fargate(input)?;
    let given = input.objects("containerDefinitions")?;
    if given.is_empty() {
        return Err(errors::client("Container list cannot be empty."));
    }
    let mut definitions = Vec::new();
    let mut containers = Vec::new();
    for container in &given {
        containers.push(read_container(container)?);
        definitions.push(fill_container(container, awsvpc));
    }
    if !containers.iter().any(|container| container.essential) {
        return Err(errors::client(
            "Task definition must have at least one essential container.",
        ));
    }
    definition_rules::check(input, &given)?;
    body.insert("containerDefinitions".to_owned(), Value::Array(definitions));
    body.insert("compatibilities".to_owned(), compatibilities(input)?);

    let revision = state
        .ecs
        .definitions
        .last
        .get(&family)
        .copied()
        .unwrap_or(0)
        .saturating_add(1);
    let arn = state.arn("ecs", &format!("task-definition/{family}:{revision}"));
    let definition = Definition {
        arn: arn.clone(),
        family: family.clone(),
        revision,
        status: DefinitionStatus::Active,
        registered: state.now,
        deregistered: None,
        body,
        containers,
    };
    let rendered = render(state, &definition);
    state.ecs.definitions.last.insert(family.clone(), revision);
    state
        .ecs
        .definitions
        .families
        .entry(family)
        .or_default()
        .insert(revision, definition);
    let tags = tags::of_input(input)?;
    state.ecs.tags.insert(arn.clone(), tags);
    Ok(json!({ "taskDefinition": rendered, "tags": tags::render(state, &arn) }))
}

fn check_fargate(input: &Input) -> Result<(), ApiError> {
    let fargate = input
        .texts("requiresCompatibilities")?
        .unwrap_or_default()
        .iter()
        .any(|kind| kind == "FARGATE");
    if !fargate {
        return Ok(());
    }
    if input.text("networkMode")?.as_deref() != Some("awsvpc") {
        return Err(errors::client(
            "Fargate only supports network mode ‘awsvpc’.",
        ));
    }
    if input.text("cpu")?.is_none() || input.text("memory")?.is_none() {
        return Err(errors::client(
            "Fargate requires that 'cpu' and 'memory' be defined at the task level.",
        ));
    }
    Ok(())
}

fn compatibilities(input: &Input) -> Result<Value, ApiError> {
    let asked = input.texts("requiresCompatibilities")?.unwrap_or_default();
    let fargate = input.text("networkMode")?.as_deref() == Some("awsvpc")
        && input.text("cpu")?.is_some()
        && input.text("memory")?.is_some();
    let mut kinds = vec!["EC2".to_owned()];
    if fargate {
        kinds.push("FARGATE".to_owned());
    }
    for kind in asked {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(json!(kinds))
}

/// AWS writes `host: {}` on volumes that say nothing else.
fn fill_volumes(body: &mut Map<String, Value>) {
    let Some(Value::Array(volumes)) = body.get_mut("volumes") else {
        return;
    };
    for volume in volumes.iter_mut().filter_map(Value::as_object_mut) {
        let bare = [
            "efsVolumeConfiguration",
            "dockerVolumeConfiguration",
            "fsxWindowsFileServerVolumeConfiguration",
            "configuredAtLaunch",
        ]
        .iter()
        .all(|kind| !volume.contains_key(*kind));
        if bare {
            volume.entry("host").or_insert_with(|| json!({}));
        }
    }
}

fn read_container(container: &Input) -> Result<Container, ApiError> {
    let mut ports = Vec::new();
    for mapping in container.objects("portMappings")? {
        if let Some(port) = mapping.number_in("containerPort", 0, 65_535)? {
            ports.extend(u16::try_from(port));
        }
    }
    let health_check = container
        .object("healthCheck")?
        .map(|check| -> Result<_, ApiError> {
            Ok(ContainerHealthCheck {
                interval: check.number_in("interval", 5, 300)?.unwrap_or(30),
                retries: check.number_in("retries", 1, 10)?.unwrap_or(3),
                start_period: check.number_in("startPeriod", 0, 300)?.unwrap_or(0),
            })
        })
        .transpose()?;
    Ok(Container {
        name: container
            .text("name")?
            .filter(|name| !name.is_empty())
            .ok_or_else(|| errors::client("Container.name should not be null or empty."))?,
        image: container
            .text("image")?
            .filter(|image| !image.is_empty())
            .ok_or_else(|| errors::client("Container.image should not be null or empty."))?,
        essential: container.flag("essential")?.unwrap_or(true),
        ports,
        health_check,
    })
}

/// A container as AWS echoes it, with its defaults.
fn fill_container(container: &Input, awsvpc: bool) -> Value {
    let mut members = container.members().clone();
    members.retain(|_, value| !value.is_null());
    for (name, default) in [
        ("cpu", json!(0)),
        ("essential", json!(true)),
        ("environment", json!([])),
        ("mountPoints", json!([])),
        ("volumesFrom", json!([])),
        ("portMappings", json!([])),
        ("systemControls", json!([])),
    ] {
        members.entry(name).or_insert(default);
    }
    if let Some(Value::Array(mappings)) = members.get_mut("portMappings") {
        for mapping in mappings.iter_mut().filter_map(Value::as_object_mut) {
            let container_port = mapping
                .get("containerPort")
                .cloned()
                .unwrap_or_else(|| json!(0));
            let host = if awsvpc { container_port } else { json!(0) };
            if !mapping.contains_key("containerPortRange") {
                mapping.entry("hostPort").or_insert(host);
            }
            mapping.entry("protocol").or_insert_with(|| json!("tcp"));
        }
    }
    if let Some(Value::Object(check)) = members.get_mut("healthCheck") {
        for (name, default) in [("interval", 30), ("timeout", 5), ("retries", 3)] {
            check.entry(name).or_insert_with(|| json!(default));
        }
    }
    Value::Object(members)
}

fn render(state: &World, definition: &Definition) -> Value {
    let mut members = definition.body.clone();
    members.insert("taskDefinitionArn".to_owned(), json!(definition.arn));
    members.insert("revision".to_owned(), json!(definition.revision));
    members.insert("status".to_owned(), json!(definition.status.word()));
    members.insert("registeredAt".to_owned(), json!(definition.registered));
    members.insert(
        "registeredBy".to_owned(),
        json!(format!("arn:aws:iam::{}:root", state.account)),
    );
    members.insert("requiresAttributes".to_owned(), json!([]));
    if let Some(moment) = definition.deregistered {
        members.insert("deregisteredAt".to_owned(), json!(moment));
    }
    Value::Object(members)
}

fn not_described() -> ApiError {
    errors::client("Unable to describe task definition.")
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let definition = state
        .ecs
        .definitions
        .find(&input.required("taskDefinition")?)
        .ok_or_else(not_described)?;
    let tags = if tags::asked_for(input)? {
        tags::render(state, &definition.arn)
    } else {
        Vec::new()
    };
    Ok(json!({ "taskDefinition": render(state, definition), "tags": tags }))
}

pub(super) fn list(state: &World, input: &Input) -> Result<Value, ApiError> {
    let prefix = input.text("familyPrefix")?;
    let status = input.text("status")?.unwrap_or_else(|| "ACTIVE".to_owned());
    let mut arns: Vec<String> = state
        .ecs
        .definitions
        .families
        .iter()
        .filter(|(family, _)| prefix.as_ref().is_none_or(|prefix| prefix == *family))
        .flat_map(|(_, revisions)| revisions.values())
        .filter(|definition| definition.status.word() == status)
        .map(|definition| definition.arn.clone())
        .collect();
    if input.text("sort")?.as_deref() == Some("DESC") {
        arns.reverse();
    }
    listed(input, "taskDefinitionArns", &arns)
}

pub(super) fn list_families(state: &World, input: &Input) -> Result<Value, ApiError> {
    let prefix = input.text("familyPrefix")?.unwrap_or_default();
    let status = input.text("status")?.unwrap_or_else(|| "ACTIVE".to_owned());
    let active = |revisions: &BTreeMap<u32, Definition>| {
        revisions
            .values()
            .any(|definition| definition.status == DefinitionStatus::Active)
    };
    let families: Vec<String> = state
        .ecs
        .definitions
        .families
        .iter()
        .filter(|(family, _)| family.starts_with(&prefix))
        .filter(|(_, revisions)| match status.as_str() {
            "ACTIVE" => active(revisions),
            "INACTIVE" => !active(revisions),
            _ => true,
        })
        .map(|(family, _)| family.clone())
        .collect();
    listed(input, "families", &families)
}

pub(super) fn deregister(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let given = input.required("taskDefinition")?;
    let now = state.now;
    let definition = state
        .ecs
        .definitions
        .find_mut(&given)
        .ok_or_else(|| errors::client("The specified task definition does not exist. Specify a valid account, family, revision and try again."))?;
    if definition.status == DefinitionStatus::Active {
        definition.status = DefinitionStatus::Inactive;
        definition.deregistered = Some(now);
    }
    let definition = state
        .ecs
        .definitions
        .find(&given)
        .ok_or_else(not_described)?;
    Ok(json!({ "taskDefinition": render(state, definition) }))
}

pub(super) fn delete(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let mut deleted = Vec::new();
    let mut failures = Vec::new();
    for given in input.texts("taskDefinitions")?.unwrap_or_default() {
        let Some(definition) = state.ecs.definitions.find_mut(&given) else {
            failures.push(errors::missing(&given));
            continue;
        };
        if definition.status == DefinitionStatus::Active {
            failures.push(json!({
                "arn": definition.arn,
                "reason": "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
            }));
            continue;
        }
        definition.status = DefinitionStatus::DeleteInProgress;
        let (arn, family, revision) = (
            definition.arn.clone(),
            definition.family.clone(),
            definition.revision,
        );
        if let Some(definition) = state.ecs.definitions.find(&given) {
            deleted.push(render(state, definition));
        }
        let used = state
            .ecs
            .tasks
            .values()
            .any(|task| task.definition == arn && task.status != super::task::Status::Stopped);
        if !used && let Some(revisions) = state.ecs.definitions.families.get_mut(&family) {
            revisions.remove(&revision);
        }
    }
    Ok(json!({ "taskDefinitions": deleted, "failures": failures }))
}
