//! Rollouts that came to an end of their own: failed, unhealthy, overtaken, in the way.

use switchyard_rollout::Obstacle;

use super::account::Account;
use super::{Failure, FailureKind};
use crate::apply::short_name;

impl Account<'_> {
    pub(super) fn deployment_failed(self, deployment: &str) -> Failure {
        let account = self.with_deployment(deployment);
        let summary = format!(
            "Deployment of service `{}` failed and was not rolled back; {}",
            account.name(),
            account.traffic()
        );
        let now = format!("{} CodeDeploy made no rollback deployment.", account.now());
        let next = format!(
            "{} To have failures rolled back, turn on automatic rollback in the deployment group.",
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
            "The service exists, {running} of its tasks run, and there is no earlier revision to go back to. \
             The service and its stopped tasks are kept as evidence."
        );
        let why = account.hopeless().into_iter().collect();
        let next = match account.evidence.advice {
            Some(advice) => format!("{advice} Then apply again."),
            None => "Look at the stopped tasks and their logs, then apply again.".to_owned(),
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
        let now = format!("{} The old revision runs no more.", account.now());
        let before = account.seen.before.as_ref();
        let before = before.and_then(|before| before.task_definition.as_deref());
        let back = match before.map(short_name) {
            Some(name) if name != account.wanted_revision() => {
                format!("To go back, apply the revision before, {name}.")
            }
            Some(_) | None => "To go back, apply the revision before.".to_owned(),
        };
        let next = format!(
            "Look at what the gate says. {back} If the gate asks too much, change its condition, or let it only watch \
             (`observe_only = true`)."
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
            "{} The other deployment goes on without this apply.",
            account.now()
        );
        let why = vec![format!(
            "Somebody started {by} while this apply followed its own deployment."
        )];
        let next = "Make sure only one place deploys this service. Apply again when the other deployment has ended."
            .to_owned();
        account.failure(FailureKind::Superseded, summary, now, why, next)
    }

    /// A deployment that is not wanted stays, and this apply can do nothing about it.
    pub(super) fn in_the_way(self, deployment: &str, obstacle: Obstacle) -> Failure {
        let account = self.with_deployment(deployment);
        let what = match obstacle {
            Obstacle::Paused => "waits for somebody to let it go on",
            Obstacle::StopRefused => "could not be stopped",
        };
        let summary = format!(
            "Service `{}` has another deployment, which {what}; {}",
            account.name(),
            account.traffic()
        );
        let now = format!("{} Deployment {deployment} is under way.", account.now());
        let (why, next) = match obstacle {
            Obstacle::Paused => (
                "Somebody else began it, to something else than the configuration says. It is paused by a hook of the \
                 service, and only whoever began it can say whether it is to go on; this apply does not wait for that.",
                "Let whoever began it go on with it (`aws ecs continue-service-deployment`) or stop it \
                 (`aws ecs stop-service-deployment --stop-type ROLLBACK`), then apply again. To have applies stop such \
                 deployments, set `on_foreign_deployment = \"stop\"`.",
            ),
            Obstacle::StopRefused => (
                "It goes to something else than the configuration says. It was to be stopped, and AWS refused.",
                "Stop the deployment at AWS, with a rollback, or let it end. Then apply again.",
            ),
        };
        account.failure(
            FailureKind::InTheWay,
            summary,
            now,
            vec![why.to_owned()],
            next.to_owned(),
        )
    }
}
