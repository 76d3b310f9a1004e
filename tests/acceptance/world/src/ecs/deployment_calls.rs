//! Service deployments and revisions from the outside: list, describe, stop, continue.

use serde_json::{Map, Value, json};

use super::deployment::DeploymentStatus;
use super::hooks::HookStatus;
use super::pool::SCHEDULER;
use super::service::{self, Service};
use super::{clusters, errors};
use crate::error::ApiError;
use crate::input::{Input, page};
use crate::state::State as World;
use crate::time::Timestamp;

/// `arn:…:service-deployment/CLUSTER/SERVICE/ID` (or `service-revision`) names its service.
fn service_arn(state: &World, arn: &str) -> Option<String> {
    let mut parts = arn.split('/').skip(1);
    let (cluster, service) = (parts.next()?, parts.next()?);
    Some(state.arn("ecs", &format!("service/{cluster}/{service}")))
}

fn moment(input: &Input, name: &str) -> Option<Timestamp> {
    input
        .value(name)
        .and_then(Value::as_f64)
        .map(Timestamp::from_epoch_seconds)
}

pub(super) fn list(state: &World, input: &Input) -> Result<Value, ApiError> {
    let given = input.required("service")?;
    let arn = if given.starts_with("arn:") {
        given
    } else {
        let cluster = clusters::find(state, input)?.arn.clone();
        service::arn_of(state, &cluster, &given)
    };
    let service = state
        .ecs
        .services
        .get(&arn)
        .filter(|service| !service.is_gone())
        .ok_or_else(errors::service_not_found)?;
    let wanted = input.texts("status")?.unwrap_or_default();
    let created = input.object("createdAt")?;
    let (after, before) = match &created {
        Some(created) => (moment(created, "after"), moment(created, "before")),
        None => (None, None),
    };
    let briefs: Vec<Value> = service
        .deployments
        .iter()
        .rev()
        .filter(|deployment| {
            wanted.is_empty() || wanted.iter().any(|word| word == deployment.status.word())
        })
        .filter(|deployment| after.is_none_or(|after| deployment.created >= after))
        .filter(|deployment| before.is_none_or(|before| deployment.created <= before))
        .map(|deployment| deployment.brief(service))
        .collect();
    let size = input.number_in("maxResults", 1, 100)?.unwrap_or(20);
    let token = input.text("nextToken")?;
    let (briefs, next) = page(
        &briefs,
        token.as_deref(),
        usize::try_from(size).unwrap_or(20),
    )
    .ok_or_else(errors::invalid_token)?;
    let mut answer = Map::from_iter([("serviceDeployments".to_owned(), json!(briefs))]);
    if let Some(next) = next {
        answer.insert("nextToken".to_owned(), json!(next));
    }
    Ok(Value::Object(answer))
}

/// Describes what `arns` name, each looked up in its service; what is not found is a failure.
fn described(
    state: &World,
    input: &Input,
    (given, member): (&str, &str),
    find: fn(&Service, &str) -> Option<Value>,
) -> Result<Value, ApiError> {
    let arns = input.texts(given)?.unwrap_or_default();
    if arns.is_empty() || arns.len() > 20 {
        return Err(errors::invalid(format!(
            "{given} must have at least one and at most 20 entries."
        )));
    }
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for arn in arns {
        let known = service_arn(state, &arn)
            .and_then(|service| state.ecs.services.get(&service))
            .and_then(|service| find(service, &arn));
        match known {
            Some(value) => found.push(value),
            None => failures.push(errors::missing(&arn)),
        }
    }
    Ok(json!({ member: found, "failures": failures }))
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    described(
        state,
        input,
        ("serviceDeploymentArns", "serviceDeployments"),
        |service, arn| {
            let deployment = service
                .deployments
                .iter()
                .find(|deployment| deployment.arn == arn)?;
            Some(deployment.render(service))
        },
    )
}

pub(super) fn describe_revisions(state: &World, input: &Input) -> Result<Value, ApiError> {
    described(
        state,
        input,
        ("serviceRevisionArns", "serviceRevisions"),
        |service, arn| {
            service
                .revision(arn)
                .map(|revision| revision.render(service))
        },
    )
}

fn not_found() -> ApiError {
    ApiError::new(
        "ServiceDeploymentNotFoundException",
        "The service deployment was not found.",
    )
}

fn conflict(message: &str) -> ApiError {
    ApiError::new("ConflictException", message)
}

pub(super) fn stop(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = input.required("serviceDeploymentArn")?;
    let abort = match input.text("stopType")?.as_deref() {
        None | Some("ROLLBACK") => false,
        Some("ABORT") => true,
        Some(other) => return Err(errors::invalid(format!("Invalid stopType: {other}"))),
    };
    let service = service_arn(state, &arn).ok_or_else(not_found)?;
    let now = state.now;
    let deployment = state
        .ecs
        .services
        .get_mut(&service)
        .and_then(|service| {
            service
                .deployments
                .iter_mut()
                .find(|deployment| deployment.arn == arn)
        })
        .ok_or_else(not_found)?;
    match deployment.status {
        status if status.is_final() => {
            return Err(conflict(
                "The service deployment is in a final state and cannot be stopped.",
            ));
        }
        DeploymentStatus::RollbackInProgress | DeploymentStatus::StopRequested if !abort => {}
        _ if abort => {
            deployment.status = DeploymentStatus::StopRequested;
            deployment.reason =
                Some("Service deployment stopped because a user requested it.".to_owned());
        }
        _ => deployment.status = DeploymentStatus::RollbackRequested,
    }
    deployment.updated = now;
    state.ecs.wake_service(now.plus(SCHEDULER), &service);
    Ok(json!({ "serviceDeploymentArn": arn }))
}

pub(super) fn go_on(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = input.required("serviceDeploymentArn")?;
    let hook = input.required("hookId")?;
    let back = match input.text("action")?.as_deref() {
        None | Some("CONTINUE") => false,
        Some("ROLLBACK") => true,
        Some(other) => return Err(errors::invalid(format!("Invalid action: {other}"))),
    };
    let service = service_arn(state, &arn).ok_or_else(not_found)?;
    let now = state.now;
    let deployment = state
        .ecs
        .services
        .get_mut(&service)
        .and_then(|service| {
            service
                .deployments
                .iter_mut()
                .find(|deployment| deployment.arn == arn)
        })
        .ok_or_else(not_found)?;
    if deployment.status != DeploymentStatus::InProgress {
        return Err(conflict("The service deployment is not in progress."));
    }
    let run = deployment
        .hooks
        .iter_mut()
        .find(|run| run.id == hook)
        .ok_or_else(|| {
            errors::invalid("The lifecycle hook was not found in the service deployment.")
        })?;
    if run.status != HookStatus::AwaitingAction {
        return Err(conflict("The lifecycle hook is not awaiting an action."));
    }
    run.status = if back {
        HookStatus::Failed
    } else {
        HookStatus::Succeeded
    };
    if back {
        deployment.status = DeploymentStatus::RollbackRequested;
    }
    deployment.updated = now;
    state.ecs.wake_service(now.plus(SCHEDULER), &service);
    Ok(json!({ "serviceDeploymentArn": arn }))
}
