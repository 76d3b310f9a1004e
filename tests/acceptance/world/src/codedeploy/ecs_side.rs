//! What CodeDeploy asks of ECS, through the API its service role would use.

use serde_json::{Map, Value, json};

use super::appspec::AppSpec;
use crate::ApiError;
use crate::ecs;
use crate::state::State as World;

/// A service, as far as a deployment looks at it.
#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) arn: String,
    pub(super) controller: String,
    pub(super) task_sets: Vec<TaskSet>,
}

/// A task set of a service.
#[derive(Debug, Clone)]
pub(super) struct TaskSet {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) desired: i64,
    pub(super) pending: i64,
    pub(super) running: i64,
    pub(super) steady: bool,
    /// The ARN of the one target group it serves.
    pub(super) target_group: Option<String>,
    whole: Value,
}

impl Service {
    /// The task set that is live.
    pub(super) fn primary(&self) -> Option<&TaskSet> {
        self.task_sets.iter().find(|set| set.status == "PRIMARY")
    }

    /// A task set by its id.
    pub(super) fn task_set(&self, id: &str) -> Option<&TaskSet> {
        self.task_sets.iter().find(|set| set.id == id)
    }
}

impl TaskSet {
    fn read(value: &Value) -> Option<Self> {
        let text = |member: &str| value.get(member).and_then(Value::as_str);
        let number = |member: &str| value.get(member).and_then(Value::as_i64).unwrap_or(0);
        let balancer = value.get("loadBalancers").and_then(|list| list.get(0));
        Some(Self {
            id: text("id")?.to_owned(),
            status: text("status").unwrap_or_default().to_owned(),
            desired: number("computedDesiredCount"),
            pending: number("pendingCount"),
            running: number("runningCount"),
            steady: text("stabilityStatus") == Some("STEADY_STATE"),
            target_group: balancer
                .and_then(|one| one.get("targetGroupArn"))
                .and_then(Value::as_str)
                .map(str::to_owned),
            whole: value.clone(),
        })
    }
}

/// The service, when it exists and is active.
pub(super) fn service(world: &mut World, cluster: &str, name: &str) -> Option<Service> {
    let question = json!({"cluster": cluster, "services": [name]});
    let answer = ecs::call(world, "DescribeServices", question).ok()?;
    let found = answer.get("services")?.get(0)?;
    if found.get("status").and_then(Value::as_str) == Some("INACTIVE") {
        return None;
    }
    let controller = found
        .get("deploymentController")
        .and_then(|controller| controller.get("type"));
    let sets = found
        .get("taskSets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    Some(Service {
        arn: found
            .get("serviceArn")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        controller: controller
            .and_then(Value::as_str)
            .unwrap_or("ECS")
            .to_owned(),
        task_sets: sets.filter_map(TaskSet::read).collect(),
    })
}

/// Where a task set is created: cluster, service, and the target group it will serve.
pub(super) struct Place<'a> {
    pub(super) cluster: &'a str,
    pub(super) service: &'a str,
    pub(super) target_group: &'a str,
    /// The live task set: what the AppSpec leaves open is taken from it.
    pub(super) like: &'a TaskSet,
    /// The deployment's id, noted as `externalId`.
    pub(super) deployment: &'a str,
}

/// Creates the replacement task set at full scale; answers its id.
pub(super) fn create_task_set(
    world: &mut World,
    place: &Place<'_>,
    spec: &AppSpec,
) -> Result<String, ApiError> {
    let mut request = Map::new();
    let mut set = |member: &str, value: Value| request.insert(member.to_owned(), value);
    set("cluster", json!(place.cluster));
    set("service", json!(place.service));
    set("externalId", json!(place.deployment));
    set("taskDefinition", json!(spec.task_definition));
    let balancer = json!({
        "targetGroupArn": place.target_group,
        "containerName": spec.container_name,
        "containerPort": spec.container_port,
    });
    set("loadBalancers", json!([balancer]));
    set("scale", json!({"value": 100.0, "unit": "PERCENT"}));
    let kept = |member: &str| {
        let empty = |value: &&Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        place
            .like
            .whole
            .get(member)
            .filter(|value| !empty(value))
            .cloned()
    };
    let network = spec
        .network
        .clone()
        .or_else(|| kept("networkConfiguration"));
    let platform = spec
        .platform_version
        .clone()
        .map(Value::String)
        .or_else(|| kept("platformVersion"));
    let strategy = spec
        .capacity_providers
        .clone()
        .or_else(|| kept("capacityProviderStrategy"));
    let launch = if strategy.is_some() {
        None
    } else {
        kept("launchType")
    };
    let optional = [
        ("networkConfiguration", network),
        ("platformVersion", platform),
        ("capacityProviderStrategy", strategy),
        ("launchType", launch),
        ("serviceRegistries", kept("serviceRegistries")),
    ];
    for (member, value) in optional {
        if let Some(value) = value {
            set(member, value);
        }
    }
    let answer = ecs::call(world, "CreateTaskSet", Value::Object(request))?;
    let id = answer
        .get("taskSet")
        .and_then(|set| set.get("id"))
        .and_then(Value::as_str);
    id.map(str::to_owned)
        .ok_or_else(|| ApiError::new("ServerException", "CreateTaskSet answered without an id."))
}

/// Makes a task set the live one.
pub(super) fn make_primary(
    world: &mut World,
    cluster: &str,
    service: &str,
    id: &str,
) -> Result<(), ApiError> {
    let request = json!({"cluster": cluster, "service": service, "primaryTaskSet": id});
    ecs::call(world, "UpdateServicePrimaryTaskSet", request).map(|_| ())
}

/// Deletes a task set, whatever it still runs.
pub(super) fn delete_task_set(
    world: &mut World,
    cluster: &str,
    service: &str,
    id: &str,
) -> Result<(), ApiError> {
    let request = json!({"cluster": cluster, "service": service, "taskSet": id, "force": true});
    ecs::call(world, "DeleteTaskSet", request).map(|_| ())
}
