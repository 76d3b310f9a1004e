//! The deployment in progress, and the last one that has ended.

use switchyard_engine::ports::{
    CodeDeployDeployment, CodeDeployStatus, Controller, EcsStatus, HookStatus, HookTarget,
    HookTargetType, HookTimeoutAction, Ports, Result, Service, ServiceDeployment, ServiceRef,
};
use switchyard_engine::{Live, UnderWay, Unfinished, Wait};

use super::{Carrier, DeploymentView, EndedView, SideView, WaitView};
use crate::words::short;

/// The deployment in progress. `service` is as AWS shows it, with all tags.
pub(super) fn deployment(
    service: &Service,
    live: &Live,
    under_way: Option<&UnderWay>,
    target: Option<&str>,
) -> Option<DeploymentView> {
    match under_way {
        Some(under_way @ UnderWay::Native(found)) => {
            let is_ours = under_way.is_ours(service, target);
            let waits_for = under_way
                .wait()
                .and_then(|wait| waits_for(service, found, wait));
            Some(DeploymentView {
                waits_for,
                ..native(service, is_ours, found, target)
            })
        }
        Some(under_way @ UnderWay::CodeDeploy(found)) => Some(code_deploy(
            under_way.is_ours(service, target),
            found,
            target,
        )),
        None if service.controller == Controller::External => of_apply(live),
        None => None,
    }
}

fn native(
    service: &Service,
    is_ours: bool,
    found: &ServiceDeployment,
    target: Option<&str>,
) -> DeploymentView {
    let configuration = service.deployment_configuration.as_ref();
    let functions = found.hooks.iter().filter(|hook| {
        hook.target_type == HookTargetType::Lambda && hook.status == HookStatus::InProgress
    });
    DeploymentView {
        id: found.arn.clone(),
        carried_out_by: Carrier::Ecs,
        status: found.status.word().to_owned(),
        stage: found.stage.as_ref().map(|stage| stage.word().to_owned()),
        to: target.map(|arn| short(arn).to_owned()),
        started_by_switchyard: is_ours,
        started_at: found.created_at,
        rolling_back: is_rolling_back(&found.status),
        reason: found
            .rollback_reason
            .clone()
            .or_else(|| found.status_reason.clone()),
        waits_for: None,
        functions: functions.filter_map(|hook| hook.target.clone()).collect(),
        bake_minutes: configuration.and_then(|configuration| configuration.bake_minutes),
    }
}

fn waits_for(service: &Service, found: &ServiceDeployment, wait: Wait) -> Option<WaitView> {
    match wait {
        Wait::Pause(hook) => Some(WaitView {
            hook: Some(hook.id),
            until: hook.expires_at,
            then: Some(then(service, found).to_owned()),
        }),
        Wait::BeforeTraffic => None,
    }
}

/// What AWS does when the time of the pause is over: what the hook of this stage says, else AWS's own.
fn then(service: &Service, found: &ServiceDeployment) -> &'static str {
    let configuration = service.deployment_configuration.as_ref();
    let hooks = configuration
        .into_iter()
        .flat_map(|it| it.hooks.iter().flatten());
    let mut here = hooks.filter(|hook| {
        let stage = found.stage.as_ref();
        hook.target == HookTarget::Pause && stage.is_some_and(|stage| hook.stages.contains(stage))
    });
    match here.next().and_then(|hook| hook.on_timeout.as_ref()) {
        Some(HookTimeoutAction::Continue) => "continue",
        Some(HookTimeoutAction::Rollback | HookTimeoutAction::Unknown(_)) | None => "rollback",
    }
}

fn is_rolling_back(status: &EcsStatus) -> bool {
    match status {
        EcsStatus::RollbackRequested | EcsStatus::RollbackInProgress => true,
        EcsStatus::Pending
        | EcsStatus::InProgress
        | EcsStatus::StopRequested
        | EcsStatus::Successful
        | EcsStatus::Stopped
        | EcsStatus::RollbackSuccessful
        | EcsStatus::RollbackFailed
        | EcsStatus::Unknown(_) => false,
    }
}

fn code_deploy(
    is_ours: bool,
    found: &CodeDeployDeployment,
    target: Option<&str>,
) -> DeploymentView {
    let wait = (found.status == CodeDeployStatus::Ready).then_some(WaitView {
        hook: None,
        until: None,
        then: None,
    });
    DeploymentView {
        id: found.id.clone(),
        carried_out_by: Carrier::Codedeploy,
        status: found.status.word().to_owned(),
        stage: None,
        to: target.map(|arn| short(arn).to_owned()),
        started_by_switchyard: is_ours,
        started_at: found.created_at,
        rolling_back: found.rolls_back.is_some(),
        reason: found.rollback_message.clone(),
        waits_for: wait,
        functions: Vec::new(),
        bake_minutes: None,
    }
}

/// A task set beside the primary one, of a service that an apply deploys.
fn of_apply(live: &Live) -> Option<DeploymentView> {
    let mut begun = live.unfinished.iter().chain(&live.others);
    let (id, revision) = begun.find_map(|unfinished| match unfinished {
        Unfinished::TaskSet { id, revision } => Some((id, revision)),
        Unfinished::Deployment { .. }
        | Unfinished::FirstDeployment
        | Unfinished::HeldDeployment
        | Unfinished::ScalingSuspended
        | Unfinished::Verdict { .. } => None,
    })?;
    let set = live.service.task_sets.iter().find(|set| set.id == *id);
    Some(DeploymentView {
        id: id.clone(),
        carried_out_by: Carrier::Apply,
        status: set
            .map(|set| set.status.word().to_owned())
            .unwrap_or_default(),
        stage: None,
        to: Some(revision.clone()),
        started_by_switchyard: true,
        started_at: set.and_then(|set| set.created_at),
        rolling_back: false,
        reason: None,
        waits_for: None,
        functions: Vec::new(),
        bake_minutes: None,
    })
}

/// Task definition ARN that the deployment goes to.
pub(super) async fn target(ports: &Ports, under_way: Option<&UnderWay>) -> Result<Option<String>> {
    match under_way {
        None => Ok(None),
        Some(UnderWay::Native(found)) => definition_of(ports, found).await,
        Some(under_way @ UnderWay::CodeDeploy(_)) => Ok(under_way.task_definition()),
    }
}

async fn definition_of(ports: &Ports, found: &ServiceDeployment) -> Result<Option<String>> {
    let Some(target) = &found.target else {
        return Ok(None);
    };
    let revisions = ports
        .services
        .find_revisions(std::slice::from_ref(&target.arn))
        .await?;
    Ok(revisions
        .into_iter()
        .next()
        .map(|revision| revision.task_definition))
}

/// The last deployment that has ended.
pub(super) async fn last(
    ports: &Ports,
    service: &ServiceRef,
    found: &Service,
    sides: &[SideView],
) -> Result<Option<EndedView>> {
    match found.controller {
        Controller::Ecs => {
            let newest = ports.services.list_deployments(service, 2).await?;
            let ended = newest.into_iter().find(|it| !it.status.is_running());
            match ended {
                None => Ok(None),
                Some(ended) => {
                    let to = definition_of(ports, &ended).await?;
                    Ok(Some(ended_native(&ended, to.as_deref())))
                }
            }
        }
        Controller::CodeDeploy => {
            let live = sides.first().and_then(|side| side.task_definition.as_ref());
            let sets = found.task_sets.iter().rev();
            let set = sets.filter(|set| Some(&set.task_definition) == live);
            for id in set.filter_map(|set| set.external_id.as_ref()) {
                let known = ports.code_deploy.find_deployment(id).await?;
                if let Some(known) = known.filter(|known| !known.status.is_running()) {
                    return Ok(Some(ended_code_deploy(known)));
                }
            }
            Ok(None)
        }
        Controller::External | Controller::Unknown(_) => Ok(None),
    }
}

/// How a deployment of ECS ended.
pub(crate) fn ended_native(found: &ServiceDeployment, to: Option<&str>) -> EndedView {
    EndedView {
        id: found.arn.clone(),
        status: found.status.word().to_owned(),
        succeeded: found.status == EcsStatus::Successful,
        to: to.map(|arn| short(arn).to_owned()),
        reason: found
            .rollback_reason
            .clone()
            .or_else(|| found.status_reason.clone())
            .filter(|_| found.status != EcsStatus::Successful),
        started_at: found.created_at,
        finished_at: found.finished_at,
    }
}

/// How a deployment of CodeDeploy ended.
pub(crate) fn ended_code_deploy(found: CodeDeployDeployment) -> EndedView {
    let to = UnderWay::CodeDeploy(Box::new(found.clone())).task_definition();
    let error = found.error.map(|error| error.message);
    EndedView {
        id: found.id,
        status: found.status.word().to_owned(),
        succeeded: found.status == CodeDeployStatus::Succeeded,
        to: to.map(|arn| short(&arn).to_owned()),
        reason: error.or(found.rollback_message),
        started_at: found.created_at,
        finished_at: found.completed_at,
    }
}
