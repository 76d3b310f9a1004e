//! `CreateDeployment` and the calls that show, stop and continue deployments.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::appspec::AppSpec;
use super::deployment::{Creator, Deployment, Event, EventRecord, Failure, Phase, Status};
use super::errors::{self, error};
use super::group_rules::{self, AutoRollback};
use super::lifecycle::{self, Ending};
use super::{applications, configs};
use crate::ApiError;
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;

/// `CreateDeployment`.
pub(super) fn create(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let (application, _) = applications::find(world, input)?;
    let name = errors::group_name(input.text("deploymentGroupName"))?.to_owned();
    let key = (application, name);
    let group = world
        .codedeploy
        .groups
        .get(&key)
        .cloned()
        .ok_or_else(|| errors::no_group(&key.1))?;
    let Some(ecs) = group.ecs.clone() else {
        return Err(error(
            "UnsupportedActionForDeploymentType",
            "Deployments of the Server and Lambda platforms do not run here; ECS deployments do.",
        ));
    };
    let (revision, spec) = revision(input)?;
    let config = input
        .filled("deploymentConfigName")
        .unwrap_or(&group.config)
        .to_owned();
    errors::config_name(Some(&config))?;
    let routing = configs::find(world, &config)
        .ok_or_else(|| errors::no_config(&config))?
        .routing();
    let sent_or_group = |sent: &str, own: &str| {
        input
            .structure(sent)
            .map(|fields| fields.0.clone())
            .or_else(|| group.settings.get(own).cloned())
    };
    let rollback =
        sent_or_group("autoRollbackConfiguration", "autoRollbackConfiguration").unwrap_or_default();
    let auto_rollback = group_rules::auto_rollback(Fields(&rollback))?;
    let alarms =
        sent_or_group("overrideAlarmConfiguration", "alarmConfiguration").unwrap_or_default();
    let alarms = group_rules::alarms(Fields(&alarms))?;
    refuse_second(world, &key)?;
    let last = last_success(world, &key);
    let shown = shown(&group.settings, rollback, input);
    let service = super::ecs_side::service(world, &ecs.cluster, &ecs.service);
    let deployment = Deployment {
        id: new_id(world),
        application: key.0,
        group: key.1,
        config,
        routing,
        description: input.filled("description").map(str::to_owned),
        creator: Creator::User,
        revision,
        previous_revision: last,
        spec,
        ecs,
        service_arn: service.map(|service| service.arn).unwrap_or_default(),
        auto_rollback,
        alarms,
        shown,
        status: Status::Created,
        phase: Phase::Created,
        entered: world.now,
        wake: world.now,
        proceed: false,
        created: world.now,
        started: None,
        completed: None,
        failure: None,
        rolled_back_by: None,
        events: fresh_events(),
        hook_answers: BTreeMap::new(),
        blue: None,
        green: None,
        green_percent: 0,
        updated: world.now,
    };
    let id = deployment.id.clone();
    world.codedeploy.deployments.push(deployment);
    lifecycle::advance(world, &id);
    Ok(json!({"deploymentId": id}))
}

/// Every event, not begun.
pub(super) fn fresh_events() -> BTreeMap<Event, EventRecord> {
    Event::ALL
        .iter()
        .map(|event| (*event, EventRecord::default()))
        .collect()
}

/// A new id: `d-` and nine letters or digits.
pub(super) fn new_id(world: &mut World) -> String {
    format!("d-{}", world.ids.upper(9))
}

fn refuse_second(world: &World, key: &(String, String)) -> Result<(), ApiError> {
    let own =
        |deployment: &&Deployment| deployment.application == key.0 && deployment.group == key.1;
    let running = world
        .codedeploy
        .deployments
        .iter()
        .filter(own)
        .find(|deployment| !deployment.status.is_final());
    match running {
        None => Ok(()),
        Some(running) => Err(error(
            "DeploymentLimitExceeded",
            format!(
                "The Deployment Group '{}' already has an active Deployment '{}'",
                key.1, running.id
            ),
        )),
    }
}

fn last_success(world: &World, key: &(String, String)) -> Option<Value> {
    let own =
        |deployment: &&Deployment| deployment.application == key.0 && deployment.group == key.1;
    let mut newest = world.codedeploy.deployments.iter().rev().filter(own);
    newest
        .find(|deployment| deployment.status.is_success())
        .map(|deployment| deployment.revision.clone())
}

fn shown(settings: &Map<String, Value>, rollback: Value, input: Fields<'_>) -> Map<String, Value> {
    let mut shown = Map::new();
    for member in [
        "deploymentStyle",
        "blueGreenDeploymentConfiguration",
        "loadBalancerInfo",
    ] {
        if let Some(value) = settings.get(member) {
            shown.insert(member.to_owned(), value.clone());
        }
    }
    shown.insert("autoRollbackConfiguration".to_owned(), rollback);
    if let Some(alarms) = input.value("overrideAlarmConfiguration") {
        shown.insert("overrideAlarmConfiguration".to_owned(), alarms.clone());
    }
    shown
}

/// Reads the revision: AppSpec content, whose sha256 is checked when it is sent.
fn revision(input: Fields<'_>) -> Result<(Value, AppSpec), ApiError> {
    let refuse = |message: String| error("InvalidRevision", message);
    let revision = input
        .structure("revision")
        .ok_or_else(|| error("RevisionRequired", "You must specify a revision."))?;
    let member = match revision.filled("revisionType") {
        Some("AppSpecContent") | None => "appSpecContent",
        Some("String") => "string",
        Some("S3" | "GitHub") => {
            return Err(error(
                "RevisionDoesNotExist",
                "The revision could not be read: this endpoint takes AppSpec content in the request, and holds no S3 objects or GitHub commits.",
            ));
        }
        Some(other) => return Err(refuse(format!("The revision type {other} is invalid."))),
    };
    let sent = revision
        .structure(member)
        .ok_or_else(|| refuse(format!("The revision has no {member}.")))?;
    let content = sent
        .filled("content")
        .ok_or_else(|| refuse("The AppSpec content is empty.".to_owned()))?;
    let hash: String = Sha256::digest(content.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if sent
        .filled("sha256")
        .is_some_and(|sent| !sent.eq_ignore_ascii_case(&hash))
    {
        return Err(refuse(
            "The sha256 of the AppSpec content does not match the content.".to_owned(),
        ));
    }
    let spec = AppSpec::parse(content)
        .map_err(|reason| refuse(format!("The AppSpec is invalid: {reason}.")))?;
    let kind = if member == "string" {
        "String"
    } else {
        "AppSpecContent"
    };
    Ok((
        json!({"revisionType": kind, member: {"content": content, "sha256": hash}}),
        spec,
    ))
}

/// The deployment the request names.
pub(super) fn find<'a>(world: &'a World, input: Fields<'_>) -> Result<&'a Deployment, ApiError> {
    let id = input.filled("deploymentId").ok_or_else(|| {
        error(
            "DeploymentIdRequired",
            "You must specify the deployment ID.",
        )
    })?;
    if !id.starts_with("d-") {
        return Err(error(
            "InvalidDeploymentId",
            format!("The deployment ID {id} is invalid: it begins with d-."),
        ));
    }
    world
        .codedeploy
        .deployment(id)
        .ok_or_else(|| errors::no_deployment(id))
}

/// `GetDeployment`.
pub(super) fn read(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    Ok(json!({"deploymentInfo": find(world, input)?.json()}))
}

/// `BatchGetDeployments`, at most 25; unknown ids are left out.
pub(super) fn batch(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let ids = input.texts("deploymentIds");
    if ids.len() > 25 {
        return Err(error(
            "BatchLimitExceeded",
            "At most 25 deployments can be asked for at once.",
        ));
    }
    let found: Vec<Value> = ids
        .iter()
        .filter_map(|id| world.codedeploy.deployment(id))
        .map(Deployment::json)
        .collect();
    Ok(json!({"deploymentsInfo": found}))
}

/// `ListDeployments`, newest first, 100 a page.
pub(super) fn list(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let group = input.filled("deploymentGroupName");
    let application = match (input.has("applicationName"), group) {
        (true, _) => Some(applications::find(world, input)?.0),
        (false, Some(_)) => {
            return Err(error(
                "ApplicationNameRequired",
                "You must specify the application name.",
            ));
        }
        (false, None) => None,
    };
    if let (Some(application), Some(group)) = (&application, group)
        && !world
            .codedeploy
            .groups
            .contains_key(&(application.clone(), group.to_owned()))
    {
        return Err(errors::no_group(group));
    }
    let statuses = input.texts("includeOnlyStatuses");
    let range = input.structure("createTimeRange");
    let bound = |member: &str| range.and_then(|range| range.moment(member));
    let (from, to) = (bound("start"), bound("end"));
    let fits = |deployment: &&Deployment| {
        application
            .as_ref()
            .is_none_or(|name| *name == deployment.application)
            && group.is_none_or(|name| name == deployment.group)
            && (statuses.is_empty() || statuses.iter().any(|word| word == deployment.status.word()))
            && from.is_none_or(|from| deployment.created.millis() >= from)
            && to.is_none_or(|to| deployment.created.millis() <= to)
    };
    let ids = world
        .codedeploy
        .deployments
        .iter()
        .rev()
        .filter(fits)
        .map(|deployment| json!(deployment.id));
    applications::answer("deployments", ids.collect(), input)
}

/// `StopDeployment`; rolls back when asked to, or when the group's configuration says so and the request does not.
pub(super) fn stop(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let deployment = find(world, input)?;
    if deployment.status.is_final() {
        return Err(error(
            "DeploymentAlreadyCompleted",
            format!("The deployment {} has already completed.", deployment.id),
        ));
    }
    let id = deployment.id.clone();
    let AutoRollback { on_request, .. } = deployment.auto_rollback;
    let ending = Ending::Stopped {
        roll_back: input.boolean("autoRollbackEnabled").unwrap_or(on_request),
    };
    let message = "The deployment was stopped on request.".to_owned();
    lifecycle::end(
        world,
        &id,
        ending,
        Failure {
            code: "MANUAL_STOP",
            message,
        },
    );
    Ok(
        json!({"status": "Succeeded", "statusMessage": "No more commands will be scheduled for execution in the deployment instances"}),
    )
}

/// `ContinueDeployment`.
pub(super) fn proceed(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let deployment = find(world, input)?;
    if deployment.status.is_final() {
        return Err(error(
            "DeploymentAlreadyCompleted",
            format!("The deployment {} has already completed.", deployment.id),
        ));
    }
    let (id, phase) = (deployment.id.clone(), deployment.phase);
    let waits = match input.filled("deploymentWaitType").unwrap_or("READY_WAIT") {
        "READY_WAIT" => phase == Phase::Ready,
        "TERMINATION_WAIT" => phase == Phase::TerminationWait,
        other => {
            return Err(error(
                "InvalidDeploymentWaitType",
                format!(
                    "The deployment wait type {other} is invalid: it is READY_WAIT or TERMINATION_WAIT."
                ),
            ));
        }
    };
    if !waits {
        return Err(error(
            "DeploymentIsNotInReadyState",
            format!("The deployment {id} does not wait to be continued."),
        ));
    }
    if let Some(deployment) = world.codedeploy.deployment_mut(&id) {
        deployment.proceed = true;
        deployment.wake = deployment.entered;
    }
    lifecycle::advance(world, &id);
    Ok(json!({}))
}
