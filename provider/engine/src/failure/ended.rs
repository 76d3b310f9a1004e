//! Rollouts that came to an end of their own: failed, unhealthy, overtaken, in the way.

use switchyard_rollout::Obstacle;

use super::account::Account;
use super::{Failure, FailureKind, paused};
use crate::app_spec::short_name;

impl Account<'_> {
    pub(super) fn deployment_failed(self, deployment: &str) -> Failure {
        let account = self.with_deployment(deployment);
        let summary = format!(
            "Deployment of service `{}` failed and was not rolled back; {}",
            account.name(),
            account.traffic()
        );
        let now = format!(
            "{} CodeDeploy created no rollback deployment.",
            account.now()
        );
        let next = format!(
            "{} To roll failed deployments back, turn on automatic rollback in the deployment group.",
            account.next_after_repair()
        );
        account.failure(
            FailureKind::DeploymentFailed,
            summary,
            now,
            Vec::new(),
            next,
        )
    }

    pub(super) fn first_rollout_failed(self, deployment: Option<&str>) -> Failure {
        let account = match deployment {
            Some(id) => self.with_deployment(id),
            None => self,
        };
        let summary = format!(
            "First deployment of service `{}` failed; nothing is live",
            account.name()
        );
        let running = account.live.map_or(0, |live| live.service.running);
        let now = format!(
            "The service exists, {running} of its tasks are running, and there is no earlier revision to return to. \
             The service and its stopped tasks are kept as evidence."
        );
        let why = account.hopeless().into_iter().collect();
        let next = match account.evidence.advice {
            Some(advice) => format!("{advice} Then apply again."),
            None => "Check the stopped tasks and their logs, then apply again.".to_owned(),
        };
        account.failure(FailureKind::FirstRolloutFailed, summary, now, why, next)
    }

    pub(super) fn live_but_unhealthy(self, deployment: Option<&str>) -> Failure {
        let account = match deployment {
            Some(id) => self.with_deployment(id),
            None => self,
        };
        let summary = format!(
            "Service `{}` was deployed, and failed a gate afterwards; {}",
            account.name(),
            account.traffic()
        );
        let now = format!("{} The old revision no longer runs.", account.now());
        let before = account.seen.before.as_ref();
        let before = before.and_then(|before| before.task_definition.as_deref());
        let back = match before.map(short_name) {
            Some(name) if name != account.wanted_revision() => {
                format!("To roll back, apply the previous revision, {name}.")
            }
            Some(_) | None => "To roll back, apply the previous revision.".to_owned(),
        };
        let next = format!(
            "Read the message of the gate. {back} If the gate is too strict, change its condition, or set \
             `observe_only = true`."
        );
        let why = account.gate_unsaid();
        account.failure(FailureKind::GateFailed, summary, now, why, next)
    }

    pub(super) fn superseded(self, deployment: Option<&str>, by: &str) -> Failure {
        let mut account = match deployment {
            Some(id) => self.with_deployment(id),
            None => self,
        };
        account.technical.push(format!("superseded by {by}"));
        let summary = format!(
            "Deployment of service `{}` was superseded by another one; {}",
            account.name(),
            account.traffic()
        );
        let now = format!(
            "{} The other deployment continues without this apply.",
            account.now()
        );
        let why = vec![format!(
            "Somebody started {by} while this apply followed its own deployment."
        )];
        let next = "Make sure that only one tool deploys this service. Apply again when the other deployment has \
                    ended."
            .to_owned();
        account.failure(FailureKind::Superseded, summary, now, why, next)
    }

    /// A deployment stays, and this apply can do nothing about it.
    pub(super) fn in_the_way(self, deployment: &str, obstacle: Obstacle) -> Failure {
        let account = self.with_deployment(deployment);
        let (what, which) = match obstacle {
            Obstacle::Paused => ("waits until somebody continues it", "another deployment"),
            Obstacle::PausedByOthers => ("waits until somebody continues it", "a deployment"),
            Obstacle::StopRefused => ("could not be stopped", "another deployment"),
        };
        let summary = format!(
            "Service `{}` has {which}, which {what}; {}",
            account.name(),
            account.traffic()
        );
        let now = format!("{} Deployment {deployment} is in progress.", account.now());
        let commands = paused::commands(account.seen, deployment);
        let (why, next) = match obstacle {
            Obstacle::Paused => (
                "Somebody else started it, to something other than the configuration. A hook of the service pauses \
                 it, and only its owner can decide whether it continues; this apply does not wait for that.",
                format!(
                    "Ask its owner to continue it or to stop it, then apply again. To let applies stop such \
                     deployments, set `on_foreign_deployment = \"stop\"`.{commands}"
                ),
            ),
            Obstacle::PausedByOthers => (
                "It goes to the configured revision, but a pause that is not in this configuration holds it. Only \
                 the person who set the pause can decide whether it continues; this apply does not wait for that.",
                format!(
                    "Ask the owner of the pause to continue or to roll back the deployment, then apply again. To \
                     keep such pauses, add an `approval` block to `deployment`; the next apply removes pauses that \
                     are not configured.{commands}"
                ),
            ),
            Obstacle::StopRefused => (
                "It goes to something other than the configuration. This apply tried to stop it, and AWS refused.",
                "Stop the deployment in AWS, with a rollback, or let it end. Then apply again."
                    .to_owned(),
            ),
        };
        account.failure(
            FailureKind::InTheWay,
            summary,
            now,
            vec![why.to_owned()],
            next,
        )
    }
}
