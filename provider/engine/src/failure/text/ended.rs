//! Rollouts that came to an end of their own: failed, unhealthy, overtaken, in the way.

use switchyard_rollout::Obstacle;

use super::FailureText;
use super::end::End;

impl End<'_> {
    pub(super) fn deployment_failed(&self) -> FailureText {
        let summary = format!(
            "Deployment of service `{}` failed and was not rolled back; {}",
            self.name,
            self.traffic()
        );
        let now = format!("{} CodeDeploy created no rollback deployment.", self.now());
        let next = format!(
            "{} To roll failed deployments back, turn on automatic rollback in the deployment group.",
            self.next_after_repair()
        );
        self.with_evidence(summary, now, Vec::new(), next)
    }

    pub(super) fn first_rollout_failed(&self) -> FailureText {
        let summary = format!(
            "First deployment of service `{}` failed; nothing is live",
            self.name
        );
        let running = self.facts.live.as_ref().map_or(0, |live| live.running);
        let now = format!(
            "The service exists, {running} of its tasks are running, and there is no earlier revision to return to. \
             The service and its stopped tasks are kept as evidence."
        );
        let why = self.hopeless().into_iter().collect();
        let next = match self.evidence.advice {
            Some(advice) => format!("{advice} Then apply again."),
            None => "Check the stopped tasks and their logs, then apply again.".to_owned(),
        };
        self.with_evidence(summary, now, why, next)
    }

    pub(super) fn live_but_unhealthy(&self) -> FailureText {
        let summary = format!(
            "Service `{}` was deployed, and failed a gate afterwards; {}",
            self.name,
            self.traffic()
        );
        let now = format!("{} The old revision no longer runs.", self.now());
        let back = match &self.facts.before {
            Some(name) if *name != self.facts.desired => {
                format!("To roll back, apply the previous revision, {name}.")
            }
            Some(_) | None => "To roll back, apply the previous revision.".to_owned(),
        };
        let next = format!(
            "Read the message of the gate. {back} If the gate is too strict, change its condition, or set \
             `observe_only = true`."
        );
        let why = self.gate_unsaid();
        self.with_evidence(summary, now, why, next)
    }

    pub(super) fn held_back(&self) -> FailureText {
        let summary = format!(
            "Service `{}` was not deployed: a gate failed before the start; {}",
            self.name,
            self.traffic()
        );
        let now = format!("Nothing was changed. {}", self.now());
        let next = "The gates with `before_start` check the revision that runs. Repair the service, or go back with \
                    `switchyard rollback`, then apply again. To deploy all the same, such as the repair itself, remove \
                    `before_start` from `when` of the gate for this apply."
            .to_owned();
        let why = self.gate_unsaid();
        self.with_evidence(summary, now, why, next)
    }

    pub(super) fn superseded(&self, by: &str) -> FailureText {
        let summary = format!(
            "Deployment of service `{}` was superseded by another one; {}",
            self.name,
            self.traffic()
        );
        let now = format!(
            "{} The other deployment continues without this apply.",
            self.now()
        );
        let why = vec![format!(
            "Somebody started {by} while this apply followed its own deployment."
        )];
        let next = "Make sure that only one tool deploys this service. Apply again when the other deployment has \
                    ended."
            .to_owned();
        FailureText {
            technical: vec![format!("superseded by {by}")],
            ..self.with_evidence(summary, now, why, next)
        }
    }

    /// A deployment stays, and this apply can do nothing about it.
    pub(super) fn in_the_way(&self, deployment: &str, obstacle: Obstacle) -> FailureText {
        let (what, which) = match obstacle {
            Obstacle::Paused => ("waits until somebody continues it", "another deployment"),
            Obstacle::PausedByOthers => ("waits until somebody continues it", "a deployment"),
            Obstacle::StopRefused => ("could not be stopped", "another deployment"),
        };
        let summary = format!(
            "Service `{}` has {which}, which {what}; {}",
            self.name,
            self.traffic()
        );
        let now = format!("{} Deployment {deployment} is in progress.", self.now());
        let commands = self.commands(deployment);
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
        self.with_evidence(summary, now, vec![why.to_owned()], next)
    }
}
