//! What can fail before anything is begun.

use super::FailureText;
use crate::failure::parts::Early;
use crate::task_definition::ImagesRefused;

const NOTHING_CHANGED: &str = "Nothing was changed.";

pub(super) fn text(service: &str, early: &Early) -> FailureText {
    let (summary, now, why, next): (String, &str, String, &str) = match early {
        Early::Canceled => (
            format!("Apply of service `{service}` was canceled; nothing was changed"),
            NOTHING_CHANGED,
            "The apply was canceled.".to_owned(),
            "Apply again if you still want the change.",
        ),
        Early::GroupElsewhere {
            group,
            service: other,
            cluster,
        } => (
            format!(
                "Service `{service}`: CodeDeploy deployment group `{group}` deploys a different service; nothing was \
                 deployed"
            ),
            "Nothing changed in either service.",
            format!(
                "Deployments of deployment group `{group}` go to service `{}` in cluster `{}`.",
                other.as_deref().unwrap_or_default(),
                cluster.as_deref().unwrap_or_default()
            ),
            "Name the deployment group of this service, then apply again.",
        ),
        Early::GroupMissing { application, group } => (
            format!(
                "Service `{service}`: CodeDeploy deployment group `{group}` does not exist; nothing was deployed"
            ),
            "What was live stays live.",
            format!("CodeDeploy has no deployment group `{group}` in application `{application}`."),
            "Create the deployment group before the service changes (make the next change of the service depend on it), \
             then apply again.",
        ),
        Early::ImagesRefused(refused) => (
            format!(
                "Service `{service}`: the images do not match the task definition; nothing was changed"
            ),
            NOTHING_CHANGED,
            refused.to_string(),
            match refused {
                ImagesRefused::NoDefinition => {
                    "Set `task_definition` to the one to put the images into, then apply again."
                }
                ImagesRefused::UnknownContainers { .. } => {
                    "Use names of containers of the task definition in `images`, then apply again."
                }
            },
        ),
        Early::NoSuchStep { step } => (
            format!(
                "Service `{service}`: `{step}` is no step of its controller; nothing was called"
            ),
            "Nothing was sent to AWS; the live revision is unchanged.",
            "Its controller performs deployments differently.".to_owned(),
            "This is a bug in Switchyard: please report it with the technical details.",
        ),
        Early::NothingToStartWith => (
            format!(
                "Service `{service}` has no task definition to start with; nothing was changed"
            ),
            NOTHING_CHANGED,
            "Another tool owns the task definition, and nothing is live yet.".to_owned(),
            "Set `task_definition`: a new service starts with it, and it is ignored afterwards.",
        ),
        Early::TaskDefinitionMissing { name } => (
            format!(
                "Service `{service}`: task definition `{name}` does not exist; nothing was changed"
            ),
            NOTHING_CHANGED,
            "AWS has no active task definition with that name.".to_owned(),
            "Register the task definition or correct its name, then apply again.",
        ),
    };
    FailureText {
        summary,
        now: now.to_owned(),
        why: vec![why],
        next: next.to_owned(),
        technical: Vec::new(),
    }
}
