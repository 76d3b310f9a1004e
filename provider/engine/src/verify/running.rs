//! Rollouts of others.

use super::finding;
use super::preflight::Checked;
use crate::apply::{app_spec_task_definition, short_name};
use crate::finding::{Field, Finding, Rule, Severity};
use crate::live::Live;
use crate::ports::{Ports, TaskDefinition};
use crate::wanted::{Wanted, WantedController};

/// A rollout that is under way is waited for; one to what is wanted is picked up, and no news.
pub(super) async fn of(
    ports: &Ports,
    wanted: &Wanted,
    live: Option<&Live>,
    found: Option<&TaskDefinition>,
) -> Checked {
    let mut checked = Checked::default();
    let Some(live) = live else {
        return checked;
    };
    // With images, the revision that they end up in is not known yet: then any rollout is another one.
    let ours = match wanted.revision.task_definition.name() {
        Some(_) => found.map(|found| found.arn.as_str()),
        None => None,
    };
    match &wanted.controller {
        WantedController::Ecs | WantedController::External => {
            let running = live.deployment.as_ref();
            checked.findings.extend(running.and_then(|running| {
                of_rollout(&running.id, running.target_task_definition.as_deref(), ours)
            }));
        }
        WantedController::CodeDeploy {
            application, group, ..
        } => {
            let call = ports.code_deploy.running_deployments(application, group);
            let running = checked.ask(Field::Service, false, call).await;
            if let Some(id) = running.unwrap_or_default().into_iter().next() {
                let call = ports.code_deploy.find_deployment(&id);
                let deployment = checked.ask(Field::Service, false, call).await.flatten();
                let target = deployment
                    .and_then(|deployment| deployment.app_spec)
                    .and_then(|text| app_spec_task_definition(&text));
                checked
                    .findings
                    .extend(of_rollout(&id, target.as_deref(), ours));
            }
        }
    }
    checked
}

pub(super) fn of_rollout(id: &str, target: Option<&str>, ours: Option<&str>) -> Option<Finding> {
    if target.is_some() && target == ours {
        return None;
    }
    let to = match target {
        Some(target) => format!(" to revision {}", short_name(target)),
        None => String::new(),
    };
    Some(finding(
        Rule::RolloutRunning,
        Severity::Warning,
        Field::Service,
        format!("Deployment {id}{to} is under way."),
        "Only one deployment of a service runs at a time. The apply waits for this one to end, up to its own time-out.",
        "Apply when it has ended, or make sure that the time-out is long enough for both. If nobody knows of it, find out \
         what else deploys this service.",
    ))
}
