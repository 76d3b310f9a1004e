//! Deployment targets: the one ECS service of a deployment, its events and its two task sets.

use serde_json::{Map, Value, json};

use super::deployment::{Deployment, Event, EventRecord, EventStatus, Side};
use super::ecs_side::{self, Service, TaskSet};
use super::errors::error;
use super::{deployments, traffic};
use crate::ApiError;
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;

/// What ECS says of a task set's tasks.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    desired: i64,
    pending: i64,
    running: i64,
    status: String,
}

impl Counts {
    /// The counts of a task set.
    pub(super) fn of(set: &TaskSet) -> Self {
        Self {
            desired: set.desired,
            pending: set.pending,
            running: set.running,
            status: set.status.clone(),
        }
    }
}

/// The deployment the request names, when its targets can be asked for.
fn started(world: &World, input: Fields<'_>) -> Result<Deployment, ApiError> {
    let deployment = deployments::find(world, input)?;
    if !deployment.status.has_started() {
        return Err(error(
            "DeploymentNotStarted",
            format!("Deployment is not started: {}", deployment.id),
        ));
    }
    Ok(deployment.clone())
}

fn target_id(deployment: &Deployment) -> String {
    format!("{}:{}", deployment.ecs.cluster, deployment.ecs.service)
}

/// `ListDeploymentTargets`.
pub(super) fn list(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let deployment = started(world, input)?;
    let wanted = input
        .structure("targetFilters")
        .map(|filters| filters.texts("TargetStatus"))
        .unwrap_or_default();
    let fits = wanted.is_empty() || wanted.iter().any(|word| word == deployment.target_word());
    let ids = if fits {
        vec![target_id(&deployment)]
    } else {
        Vec::new()
    };
    Ok(json!({"targetIds": ids}))
}

/// `GetDeploymentTarget`.
pub(super) fn read(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let deployment = started(world, input)?;
    let id = input.filled("targetId").ok_or_else(|| {
        error(
            "DeploymentTargetIdRequired",
            "You must specify the deployment target ID.",
        )
    })?;
    Ok(json!({"deploymentTarget": target(world, &deployment, id)?}))
}

/// `BatchGetDeploymentTargets`, at most 25; without ids every target.
pub(super) fn batch(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let deployment = started(world, input)?;
    let mut ids = input.texts("targetIds");
    if ids.len() > 25 {
        return Err(error(
            "DeploymentTargetListSizeExceeded",
            "At most 25 deployment targets can be asked for at once.",
        ));
    }
    if ids.is_empty() {
        ids.push(target_id(&deployment));
    }
    let targets: Vec<Value> = ids
        .iter()
        .map(|id| target(world, &deployment, id))
        .collect::<Result<_, ApiError>>()?;
    Ok(json!({"deploymentTargets": targets}))
}

fn target(world: &mut World, deployment: &Deployment, id: &str) -> Result<Value, ApiError> {
    if id != target_id(deployment) {
        return Err(error(
            "DeploymentTargetDoesNotExist",
            format!(
                "The deployment target {id} does not exist in deployment {}.",
                deployment.id
            ),
        ));
    }
    let service = ecs_side::service(world, &deployment.ecs.cluster, &deployment.ecs.service);
    let sides = [
        (
            "Blue",
            &deployment.blue,
            100 - deployment.green_percent.min(100),
        ),
        ("Green", &deployment.green, deployment.green_percent),
    ];
    let sets: Vec<Value> = sides
        .into_iter()
        .filter_map(|(label, side, percent)| {
            Some(task_set(
                world,
                deployment,
                service.as_ref(),
                label,
                side.as_ref()?,
                percent,
            ))
        })
        .collect();
    let events: Vec<Value> = Event::ALL
        .iter()
        .filter_map(|event| Some(event_json(*event, deployment.events.get(event)?)))
        .collect();
    Ok(json!({
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "deploymentId": deployment.id,
            "targetId": id,
            "targetArn": deployment.service_arn,
            "lastUpdatedAt": deployment.updated,
            "lifecycleEvents": events,
            "status": deployment.target_word(),
            "taskSetsInfo": sets,
        },
    }))
}

fn task_set(
    world: &World,
    deployment: &Deployment,
    service: Option<&Service>,
    label: &str,
    side: &Side,
    percent: u32,
) -> Value {
    let live = service.and_then(|service| service.task_set(&side.task_set));
    let gone = || Counts {
        status: "DRAINING".to_owned(),
        desired: 0,
        pending: 0,
        running: 0,
    };
    let counts = match live {
        Some(set) => Counts::of(set),
        None if side.last.status.is_empty() => Counts::default(),
        None => gone(),
    };
    let named =
        |name: &&String| traffic::group_arn(world, name).as_ref() == Some(&side.target_group);
    let group = deployment
        .ecs
        .pair
        .iter()
        .find(named)
        .cloned()
        .unwrap_or_default();
    json!({
        // AWS misspells this member on the wire.
        "identifer": side.task_set,
        "desiredCount": counts.desired,
        "pendingCount": counts.pending,
        "runningCount": counts.running,
        "status": counts.status,
        "trafficWeight": f64::from(percent),
        "targetGroup": {"name": group},
        "taskSetLabel": label,
    })
}

fn event_json(event: Event, record: &EventRecord) -> Value {
    let mut shown = Map::new();
    shown.insert("lifecycleEventName".to_owned(), json!(event.word()));
    shown.insert("status".to_owned(), json!(record.status.word()));
    for (member, at) in [("startTime", record.started), ("endTime", record.ended)] {
        if let Some(at) = at {
            shown.insert(member.to_owned(), json!(at));
        }
    }
    if let EventStatus::Failed { script, message } = &record.status {
        let code = if script.is_empty() {
            "UnknownError"
        } else {
            "ScriptFailed"
        };
        let diagnostics =
            json!({"errorCode": code, "scriptName": script, "message": message, "logTail": ""});
        shown.insert("diagnostics".to_owned(), diagnostics);
    }
    Value::Object(shown)
}
