//! Rollouts of others.

use super::checked::Checked;
use crate::app_spec::{self, SIGNED, short_name};
use crate::desired::{DesiredController, DesiredService, OnForeign};
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::ports::{Ports, TaskDefinition};

/// A rollout that is under way is waited for; one to what is wanted is picked up, and no news.
pub(super) async fn of(
    ports: &Ports,
    wanted: &DesiredService,
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
        DesiredController::Ecs | DesiredController::External => {
            let running = live.deployment.as_ref();
            checked.findings.extend(running.and_then(|running| {
                let target = running.target_task_definition.as_deref();
                let fate = Fate::of(wanted, running.ours, running.paused);
                of_rollout(&running.id, target, ours, fate)
            }));
        }
        DesiredController::CodeDeploy {
            application, group, ..
        } => {
            let call = ports.code_deploy.running_deployments(application, group);
            let running = checked.ask(Field::Service, false, call).await;
            if let Some(id) = running.unwrap_or_default().into_iter().next() {
                let call = ports.code_deploy.find_deployment(&id);
                let deployment = checked.ask(Field::Service, false, call).await.flatten();
                let description = deployment.as_ref().and_then(|it| it.description.as_deref());
                let is_ours = description.is_some_and(|text| text.starts_with(SIGNED));
                let fate = Fate::of(wanted, is_ours, false);
                let target = deployment
                    .and_then(|deployment| deployment.app_spec)
                    .and_then(|text| app_spec::task_definition(&text));
                checked
                    .findings
                    .extend(of_rollout(&id, target.as_deref(), ours, fate));
            }
        }
    }
    checked
}

/// What an apply makes of a rollout that is not to what is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is stopped with a rollback: an earlier apply began it.
    TakenBack,
    /// It is stopped with a rollback, whoever began it.
    Stopped,
    /// Its owner has to go on with it.
    Paused,
    /// It is waited for.
    Awaited,
}

impl Fate {
    fn of(wanted: &DesiredService, ours: bool, paused: bool) -> Self {
        match (ours, wanted.on_foreign, paused) {
            (true, _, _) => Self::TakenBack,
            (false, OnForeign::Stop, _) => Self::Stopped,
            (false, OnForeign::Wait, true) => Self::Paused,
            (false, OnForeign::Wait, false) => Self::Awaited,
        }
    }

    /// Why it matters, and what to do.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::TakenBack => (
                "An earlier apply started it and was interrupted. It is not what is configured now: the apply first \
                 stops it with a rollback.",
                "Nothing to do. To keep that deployment instead, apply the configuration it belongs to.",
            ),
            Self::Stopped => (
                "Somebody else started it. Because of `on_foreign_deployment = \"stop\"`, the apply first stops it \
                 with a rollback.",
                "To let it end instead, set `on_foreign_deployment = \"wait\"`.",
            ),
            Self::Paused => (
                "Somebody else started it, and it is paused until they continue it. The apply does not wait for \
                 that: it fails (SY0218).",
                "Ask its owner to continue it or to stop it, or set `on_foreign_deployment = \"stop\"`.",
            ),
            Self::Awaited => (
                "A service runs only one deployment at a time. The apply waits for this one to end, up to its own \
                 timeout.",
                "Apply when it has ended, or make sure that the timeout is long enough for both. If nobody knows of \
                 it, find out what else deploys this service.",
            ),
        }
    }
}

pub(super) fn of_rollout(
    id: &str,
    target: Option<&str>,
    ours: Option<&str>,
    fate: Fate,
) -> Option<Finding> {
    if target.is_some() && target == ours {
        return None;
    }
    let to = match target {
        Some(target) => format!(" to revision {}", short_name(target)),
        None => String::new(),
    };
    let (why, next) = fate.words();
    Some(finding(
        Rule::RolloutRunning,
        FindingLevel::Warning,
        Field::Service,
        format!("Deployment {id}{to} is in progress."),
        why,
        next,
    ))
}
