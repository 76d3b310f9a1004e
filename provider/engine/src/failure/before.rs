//! What can fail before anything is begun.

use super::{Failure, FailureKind};
use crate::ports::{DeploymentGroup, ServiceRef};

/// The wanted task definition does not exist.
pub(crate) fn task_definition_missing(service: &ServiceRef, name: &str) -> Failure {
    Failure {
        kind: FailureKind::NotFound,
        summary: format!(
            "Service `{}`: task definition `{name}` does not exist; nothing was changed",
            service.name
        ),
        now: "Nothing was changed.".to_owned(),
        why: vec!["AWS has no active task definition with that name.".to_owned()],
        next: "Register the task definition or correct its name, then apply again.".to_owned(),
        technical: Vec::new(),
    }
}

/// The CodeDeploy application or deployment group does not exist.
pub(crate) fn group_missing(service: &ServiceRef, application: &str, group: &str) -> Failure {
    Failure {
        kind: FailureKind::NotFound,
        summary: format!("Service `{}`: CodeDeploy deployment group `{group}` does not exist; nothing was deployed", service.name),
        now: "What was live stays live.".to_owned(),
        why: vec![format!("CodeDeploy has no deployment group `{group}` in application `{application}`.")],
        next: "Create the deployment group before the service changes (make the next change of the service depend \
               on it), then apply again."
            .to_owned(),
        technical: Vec::new(),
    }
}

/// The deployment group deploys another service.
pub(crate) fn group_elsewhere(service: &ServiceRef, group: &DeploymentGroup) -> Failure {
    let name = &group.name;
    Failure {
        kind: FailureKind::Rejected,
        summary: format!(
            "Service `{}`: CodeDeploy deployment group `{name}` deploys a different service; nothing was deployed",
            service.name
        ),
        now: "Nothing changed in either service.".to_owned(),
        why: vec![format!(
            "Deployments of deployment group `{name}` go to service `{}` in cluster `{}`.",
            group.service.as_deref().unwrap_or_default(),
            group.cluster.as_deref().unwrap_or_default()
        )],
        next: "Name the deployment group of this service, then apply again.".to_owned(),
        technical: Vec::new(),
    }
}

/// A step was decided on that the wanted controller does not have.
pub(crate) fn no_such_step(service: &ServiceRef, step: &str) -> Failure {
    Failure {
        kind: FailureKind::Unexpected,
        summary: format!(
            "Service `{}`: `{step}` is no step of its controller; nothing was called",
            service.name
        ),
        now: "Nothing was sent to AWS; the live revision is unchanged.".to_owned(),
        why: vec!["Its controller performs deployments differently.".to_owned()],
        next: "This is a bug in Switchyard: please report it with the technical details."
            .to_owned(),
        technical: Vec::new(),
    }
}

/// Cancelled before anything was looked at.
pub(crate) fn cancelled_early(service: &ServiceRef) -> Failure {
    Failure {
        kind: FailureKind::Cancelled,
        summary: format!(
            "Apply of service `{}` was canceled; nothing was changed",
            service.name
        ),
        now: "Nothing was changed.".to_owned(),
        why: vec!["The apply was canceled.".to_owned()],
        next: "Apply again if you still want the change.".to_owned(),
        technical: Vec::new(),
    }
}
