//! Lambda hooks of a deployment.

use std::time::Duration;

use serde_json::{Value, json};

use super::deployment::{Deployment, Event, EventStatus, Failure, Phase};
use super::errors::error;
use super::{deployments, lifecycle, service_role};
use crate::ApiError;
use crate::cloudwatch::fields::Fields;
use crate::hook::HookBehaviour;
use crate::state::State as World;
use crate::time::Timestamp;

/// How long a hook may take to answer.
const LIMIT: Duration = Duration::from_secs(3600);

/// What a hook has come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Passed,
    /// Why, for the event's diagnostics.
    Failed(String),
    /// Not before this moment.
    Waits(Timestamp),
}

/// What the hook of an event has come to; an event without a hook passes.
pub(super) fn outcome(deployment: &Deployment, event: Event, now: Timestamp) -> Answer {
    let Some(function) = deployment.spec.hooks.get(event.word()) else {
        return Answer::Passed;
    };
    match deployment.hook_answers.get(&event) {
        Some(true) => return Answer::Passed,
        Some(false) => return Answer::Failed(format!("{function} reported Failed.")),
        None => {}
    }
    let (answer, after) = match HookBehaviour::of(function) {
        HookBehaviour::Succeeds(after) => (Answer::Passed, after),
        HookBehaviour::Fails(after) => (
            Answer::Failed(format!("{function} reported Failed.")),
            after,
        ),
        HookBehaviour::Hangs => (
            Answer::Failed(format!("{function} did not answer within one hour.")),
            LIMIT,
        ),
    };
    let at = deployment.entered.plus(after.min(LIMIT));
    if now >= at { answer } else { Answer::Waits(at) }
}

/// Whether the service role may call the hook of an event.
///
/// # Errors
/// `IAM_ROLE_PERMISSIONS`.
pub(super) fn invoked(world: &World, deployment: &Deployment, event: Event) -> Result<(), Failure> {
    let Some(function) = deployment.spec.hooks.get(event.word()) else {
        return Ok(());
    };
    let arn = match function.starts_with("arn:") {
        true => function.clone(),
        false => world.arn("lambda", &format!("function:{function}")),
    };
    service_role::may(world, deployment, "lambda:InvokeFunction", &arn)
}

/// `PutLifecycleEventHookExecutionStatus`: the execution id is `DEPLOYMENT_ID/EVENT_NAME`.
pub(super) fn answer(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let deployment = deployments::find(world, input)?;
    let execution = input
        .filled("lifecycleEventHookExecutionId")
        .unwrap_or_default();
    let event = execution
        .strip_prefix(&deployment.id)
        .and_then(|rest| rest.strip_prefix('/'))
        .and_then(|word| Event::ALL.iter().find(|event| event.word() == word))
        .copied()
        .filter(|event| deployment.spec.hooks.contains_key(event.word()))
        .ok_or_else(|| {
            error(
                "InvalidLifecycleEventHookExecutionId",
                format!("The execution ID {execution} is invalid."),
            )
        })?;
    let passed = match input.filled("status") {
        Some("Succeeded") => true,
        Some("Failed") => false,
        _ => {
            return Err(error(
                "InvalidLifecycleEventHookExecutionStatus",
                "The status is Succeeded or Failed.",
            ));
        }
    };
    let done = deployment.events.get(&event).is_some_and(|record| {
        !matches!(
            record.status,
            EventStatus::Pending | EventStatus::InProgress
        )
    });
    if done || deployment.status.is_final() {
        return Err(error(
            "LifecycleEventAlreadyCompleted",
            format!(
                "The lifecycle event {} has already completed.",
                event.word()
            ),
        ));
    }
    if deployment.phase != Phase::Hook(event) {
        return Err(error(
            "InvalidLifecycleEventHookExecutionId",
            format!("The hook {execution} has not been called yet."),
        ));
    }
    let id = deployment.id.clone();
    if let Some(deployment) = world.codedeploy.deployment_mut(&id) {
        deployment.hook_answers.insert(event, passed);
    }
    lifecycle::advance(world, &id);
    Ok(json!({"lifecycleEventHookExecutionId": execution}))
}
