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
        why: vec!["AWS knows no active task definition of that name.".to_owned()],
        next: "Register the task definition or correct its name, then apply again.".to_owned(),
        technical: Vec::new(),
    }
}

/// The CodeDeploy application or deployment group does not exist.
pub(crate) fn group_missing(service: &ServiceRef, application: &str, group: &str) -> Failure {
    Failure {
        kind: FailureKind::NotFound,
        summary: format!("Service `{}`: CodeDeploy deployment group `{group}` does not exist; nothing was deployed", service.name),
        now: "What was live is live.".to_owned(),
        why: vec![format!("CodeDeploy knows no deployment group `{group}` in application `{application}`.")],
        next: "Create the deployment group before the service is changed (let the service's next change depend on it), \
               then apply again."
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
            "Service `{}`: CodeDeploy deployment group `{name}` deploys another service; nothing was deployed",
            service.name
        ),
        now: "What was live is live, here and there.".to_owned(),
        why: vec![format!(
            "Deployments of group `{name}` go to service `{}` of cluster `{}`.",
            group.service.as_deref().unwrap_or_default(),
            group.cluster.as_deref().unwrap_or_default()
        )],
        next: "Name the deployment group of this service, then apply again.".to_owned(),
        technical: Vec::new(),
    }
}

/// Cancelled before anything was looked at.
pub(crate) fn cancelled_early(service: &ServiceRef) -> Failure {
    Failure {
        kind: FailureKind::Cancelled,
        summary: format!(
            "Apply of service `{}` was cancelled; nothing was changed",
            service.name
        ),
        now: "Nothing was changed.".to_owned(),
        why: vec!["The apply was cancelled.".to_owned()],
        next: "Apply again when the change is wanted.".to_owned(),
        technical: Vec::new(),
    }
}
