//! The deployment that is under way, for who watches, continues or ends it without a configuration.

use crate::DEPLOYING_TAG;
use crate::app_spec::{SIGNED, short_name, task_definition};
use crate::notes::is_creating;
use crate::observe::current_deployment;
use crate::ports::{
    CodeDeployDeployment, CodeDeployStatus, ContinueAction, Controller, DeploymentWait, EcsStatus,
    Error, ErrorKind, HookState, Ports, Result, Service, ServiceDeployment, StopType,
};

/// A deployment, as whoever carries it out shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum UnderWay {
    /// ECS carries it out.
    Native(Box<ServiceDeployment>),
    /// CodeDeploy carries it out.
    CodeDeploy(Box<CodeDeployDeployment>),
}

/// What a deployment waits for until somebody continues it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// A pause hook of ECS.
    Pause(HookState),
    /// CodeDeploy waits before it moves production traffic (`Ready`).
    BeforeTraffic,
}

impl UnderWay {
    /// Service deployment ARN, or CodeDeploy deployment id.
    pub fn id(&self) -> &str {
        match self {
            Self::Native(deployment) => &deployment.arn,
            Self::CodeDeploy(deployment) => &deployment.id,
        }
    }

    /// Whether AWS may still change something because of it.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Native(deployment) => deployment.status.is_running(),
            Self::CodeDeploy(deployment) => deployment.status.is_running(),
        }
    }

    /// Whether an apply of ours has begun it. `target` is the task definition it goes to, as far as that is known.
    pub fn is_ours(&self, service: &Service, target: Option<&str>) -> bool {
        match self {
            Self::Native(_) => {
                let note = service.tags.get(DEPLOYING_TAG).map(String::as_str);
                note.is_some() && note == target.map(short_name) || is_creating(&service.tags)
            }
            Self::CodeDeploy(deployment) => {
                let text = deployment.description.as_deref();
                text.is_some_and(|text| text.starts_with(SIGNED))
            }
        }
    }

    /// Task definition that a deployment of CodeDeploy goes to. Of one of ECS, its revisions say that.
    pub fn task_definition(&self) -> Option<String> {
        match self {
            Self::Native(_) => None,
            Self::CodeDeploy(deployment) => {
                deployment.app_spec.as_deref().and_then(task_definition)
            }
        }
    }

    /// What it waits for, when it does not continue by itself.
    pub fn wait(&self) -> Option<Wait> {
        match self {
            // Of one that is being stopped, AWS may go on showing the pause.
            Self::Native(deployment) if !is_going_on(&deployment.status) => None,
            Self::Native(deployment) => deployment.awaiting().cloned().map(Wait::Pause),
            Self::CodeDeploy(deployment) => {
                (deployment.status == CodeDeployStatus::Ready).then_some(Wait::BeforeTraffic)
            }
        }
    }
}

/// Whether nobody has asked for its end.
fn is_going_on(status: &EcsStatus) -> bool {
    match status {
        EcsStatus::Pending | EcsStatus::InProgress | EcsStatus::Unknown(_) => true,
        EcsStatus::StopRequested
        | EcsStatus::RollbackRequested
        | EcsStatus::RollbackInProgress
        | EcsStatus::Successful
        | EcsStatus::Stopped
        | EcsStatus::RollbackSuccessful
        | EcsStatus::RollbackFailed => false,
    }
}

/// The deployment of a service that is under way. Of a service that an apply deploys itself (controller `EXTERNAL`), AWS
/// knows none. Under CodeDeploy, a deployment is found by the task sets of those before it: the first one of a service is
/// found once it has made its task set.
///
/// # Errors
/// Whatever a port call ended with.
pub async fn find_under_way(ports: &Ports, service: &Service) -> Result<Option<UnderWay>> {
    match &service.controller {
        Controller::Ecs => {
            // A service may not name the deployment it shows in progress, and names the last one for a while.
            let named = service.current_deployment.is_some() || service.rolling_out;
            let found = match named || service.current_revisions.len() > 1 {
                true => current_deployment(ports, service).await?,
                false => None,
            };
            let running = found.filter(|found| found.status.is_running());
            Ok(running.map(|found| UnderWay::Native(Box::new(found))))
        }
        Controller::CodeDeploy => {
            let found = of_code_deploy(ports, service).await?;
            Ok(found.map(|found| UnderWay::CodeDeploy(Box::new(found))))
        }
        Controller::External | Controller::Unknown(_) => Ok(None),
    }
}

/// The deployment group that deploys a service, as the deployments of its task sets name it: application, group.
///
/// # Errors
/// Whatever a port call ended with.
pub async fn find_deployment_group(
    ports: &Ports,
    service: &Service,
) -> Result<Option<(String, String)>> {
    for set in service.task_sets.iter().rev() {
        let Some(id) = &set.external_id else { continue };
        let found = ports.code_deploy.find_deployment(id).await?;
        let group = found.and_then(|found| Some((found.application?, found.group?)));
        if group.is_some() {
            return Ok(group);
        }
    }
    Ok(None)
}

async fn of_code_deploy(ports: &Ports, service: &Service) -> Result<Option<CodeDeployDeployment>> {
    let Some((application, group)) = find_deployment_group(ports, service).await? else {
        return Ok(None);
    };
    let code_deploy = &ports.code_deploy;
    let running = code_deploy
        .running_deployments(&application, &group)
        .await?;
    for id in running {
        let found = code_deploy.find_deployment(&id).await?;
        if let Some(found) = found.filter(|found| found.status.is_running()) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Continues a deployment that waits for somebody. Nothing is called for one that does not wait.
///
/// # Errors
/// The call's error. AWS refuses to continue what no longer waits.
pub async fn continue_under_way(ports: &Ports, deployment: &UnderWay) -> Result<()> {
    match deployment.wait() {
        None => Ok(()),
        Some(Wait::Pause(hook)) => {
            let services = &ports.services;
            let action = ContinueAction::Continue;
            services
                .continue_deployment(deployment.id(), &hook.id, action)
                .await
        }
        Some(Wait::BeforeTraffic) => {
            let code_deploy = &ports.code_deploy;
            code_deploy
                .continue_deployment(deployment.id(), DeploymentWait::Ready)
                .await
        }
    }
}

/// Stops a deployment: with a rollback, or so that everything stays where it is.
///
/// # Errors
/// The call's error.
pub async fn stop_under_way(ports: &Ports, deployment: &UnderWay, roll_back: bool) -> Result<()> {
    match deployment {
        UnderWay::Native(found) => {
            stop_native(ports, &found.arn, roll_back, found.awaiting()).await
        }
        UnderWay::CodeDeploy(found) => {
            let code_deploy = &ports.code_deploy;
            code_deploy.stop_deployment(&found.id, roll_back).await
        }
    }
}

/// Stops a deployment of ECS. One that waits at a pause can also be rolled back through its hook.
pub(crate) async fn stop_native(
    ports: &Ports,
    deployment: &str,
    roll_back: bool,
    pause: Option<&HookState>,
) -> Result<()> {
    let stop = match roll_back {
        true => StopType::Rollback,
        false => StopType::Abort,
    };
    let refused = match ports.services.stop_deployment(deployment, stop).await {
        Err(error) if roll_back && is_refusal(&error) => error,
        stopped => return stopped,
    };
    let Some(hook) = pause else {
        return Err(refused);
    };
    let services = &ports.services;
    services
        .continue_deployment(deployment, &hook.id, ContinueAction::Rollback)
        .await
}

fn is_refusal(error: &Error) -> bool {
    match error.kind {
        ErrorKind::Denied | ErrorKind::Rejected | ErrorKind::Unexpected => true,
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Throttled
        | ErrorKind::Timeout
        | ErrorKind::Unavailable => false,
    }
}
