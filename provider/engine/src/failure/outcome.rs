//! One function per way a run can end badly.

use std::time::Duration;

use switchyard_rollout::{Cause, Outcome};

use super::evidence::{Evidence, target_group_name};
use super::{Failure, FailureKind};
use crate::apply::{Goal, Sighting, app_spec_task_definition, short_name};
use crate::fingerprint::word_of;
use crate::live::Live;
use crate::ports::{DeploymentGroup, ServiceRef};

/// What every rendering looks at.
struct Account<'a> {
    goal: &'a Goal<'a>,
    seen: &'a Sighting,
    live: Option<&'a Live>,
    evidence: Evidence,
    technical: Vec<String>,
}

/// Renders an outcome that is not success.
pub(crate) fn of_outcome(
    goal: &Goal<'_>,
    outcome: &Outcome,
    seen: &Sighting,
    live: Option<&Live>,
    evidence: Evidence,
    technical: Vec<String>,
) -> Failure {
    let account = Account {
        goal,
        seen,
        live,
        evidence,
        technical,
    };
    match outcome {
        Outcome::RolledBack { deployment, cause } => account.rolled_back(deployment, *cause),
        Outcome::RollbackFailed {
            deployment,
            cause: _,
        } => account.rollback_failed(deployment),
        Outcome::Stopped { deployment, cause } => account.stopped(deployment, *cause),
        Outcome::DeploymentFailed { deployment } => account.deployment_failed(deployment),
        Outcome::FirstRolloutFailed { deployment } => {
            account.first_rollout_failed(deployment.as_deref())
        }
        Outcome::Superseded { deployment, by } => account.superseded(deployment.as_deref(), by),
        Outcome::TimedOut { left_running } => account.timed_out(left_running.as_deref()),
        Outcome::Cancelled { left_running } => account.cancelled(left_running.as_deref()),
        Outcome::AlreadyExists => account.already_exists(),
        Outcome::ControllerDiffers => account.controller_differs(),
        Outcome::Vanished => account.vanished(),
        Outcome::LiveButUnhealthy { deployment } => {
            account.live_but_unhealthy(deployment.as_deref())
        }
        Outcome::Succeeded { .. } => account.not_a_failure(),
    }
}

impl Account<'_> {
    fn name(&self) -> &str {
        &self.goal.wanted.service.name
    }

    fn wanted_revision(&self) -> &str {
        short_name(&self.goal.task_definition)
    }

    /// Revision that serves, as `family:revision`.
    fn live_revision(&self) -> Option<&str> {
        self.live
            .and_then(|live| live.revision.task_definition.as_deref())
            .map(short_name)
    }

    /// Where traffic is, for the end of a summary.
    fn traffic(&self) -> String {
        match (self.live_revision(), self.has_balancer()) {
            (Some(revision), true) => format!("traffic is on revision {revision}"),
            (Some(revision), false) => format!("revision {revision} runs"),
            (None, _) => "which revision is live could not be read".to_owned(),
        }
    }

    fn has_balancer(&self) -> bool {
        self.goal.wanted.revision.load_balancer.is_some()
    }

    /// Where traffic is, with tasks and target group.
    fn now(&self) -> String {
        let Some(live) = self.live else {
            return "What is live could not be read.".to_owned();
        };
        let mut text = match self.live_revision() {
            Some(revision) => format!("Revision {revision} is live"),
            None => "No revision is live".to_owned(),
        };
        if let Some(group) = &live.revision.live_target_group {
            text.push_str(&format!(" (target group `{}`)", target_group_name(group)));
        }
        let (running, desired) = (live.service.running, live.service.desired);
        if running > desired {
            // Both revisions' tasks count while a deployment runs.
            text.push_str(&format!("; {running} tasks run, {desired} are wanted."));
        } else {
            text.push_str(&format!("; {running} of {desired} tasks run."));
        }
        text
    }

    fn failure(
        self,
        kind: FailureKind,
        summary: String,
        now: String,
        why: Vec<String>,
        next: String,
    ) -> Failure {
        let mut why = why;
        why.extend(self.evidence.lines);
        why.dedup();
        Failure {
            kind,
            summary,
            now,
            why,
            next,
            technical: self.technical,
        }
    }

    fn next_after_repair(&self) -> String {
        match self.evidence.advice {
            Some(advice) => format!("{advice} Then apply again; nothing needs to be cleaned up."),
            None => {
                format!(
                    "Look at the stopped tasks and logs of revision {}, then apply again. Nothing needs to be cleaned up.",
                    self.wanted_revision()
                )
            }
        }
    }

    fn with_deployment(mut self, deployment: &str) -> Self {
        self.technical.insert(0, format!("deployment {deployment}"));
        self
    }

    fn rolled_back(self, deployment: &str, cause: Cause) -> Failure {
        let account = self.with_deployment(deployment);
        let (name, traffic) = (account.name().to_owned(), account.traffic());
        let now = format!("{} The rollback has ended.", account.now());
        let next = account.next_after_repair();
        match cause {
            Cause::Aws => {
                let summary = format!("Deployment of service `{name}` was rolled back; {traffic}");
                account.failure(FailureKind::RolledBack, summary, now, Vec::new(), next)
            }
            Cause::Gate => {
                let summary = format!(
                    "Deployment of service `{name}` failed a gate and was rolled back; {traffic}"
                );
                account.failure(FailureKind::GateFailed, summary, now, Vec::new(), next)
            }
            Cause::Unavailable => {
                let summary = format!("Deployment of service `{name}` was rolled back; {traffic}");
                let why = vec![
                    "The new revision had traffic and no healthy target for a minute.".to_owned(),
                ];
                account.failure(FailureKind::RolledBack, summary, now, why, next)
            }
            Cause::Hopeless => {
                let summary = format!("Deployment of service `{name}` was rolled back; {traffic}");
                let why = vec!["Its tasks kept failing, so it was stopped early.".to_owned()];
                account.failure(FailureKind::RolledBack, summary, now, why, next)
            }
            Cause::Cancelled => {
                let summary = format!(
                    "Deployment of service `{name}` was cancelled and rolled back; {traffic}"
                );
                let why =
                    vec!["The apply was cancelled, and `on_cancel` is `rollback`.".to_owned()];
                let next =
                    "Apply again when the rollout is wanted. Nothing needs to be cleaned up."
                        .to_owned();
                account.failure(FailureKind::Cancelled, summary, now, why, next)
            }
            Cause::Deadline => {
                let summary = format!(
                    "Deployment of service `{name}` took too long and was rolled back; {traffic}"
                );
                let why = vec![account.limit()];
                let next = format!("{next} If the rollout only needs longer, raise the time-out.");
                account.failure(FailureKind::TimedOut, summary, now, why, next)
            }
        }
    }

    fn limit(&self) -> String {
        limit_passed(self.goal.wanted.time_limit)
    }

    fn rollback_failed(self, deployment: &str) -> Failure {
        let account = self.with_deployment(deployment);
        let summary = format!(
            "Deployment of service `{}` failed and so did its rollback; {}",
            account.name(),
            account.traffic()
        );
        let now = format!("{} Tasks of both revisions may run.", account.now());
        let next = "Check that production answers. Then apply a revision that is known to work: it is rolled out over \
                    what is left behind."
            .to_owned();
        account.failure(FailureKind::RollbackFailed, summary, now, Vec::new(), next)
    }

    fn stopped(self, deployment: &str, cause: Cause) -> Failure {
        let account = self.with_deployment(deployment);
        let (name, traffic) = (account.name().to_owned(), account.traffic());
        let now = format!(
            "{} The rollout was stopped where it was, without a rollback.",
            account.now()
        );
        let (kind, summary, why, next) = match cause {
            Cause::Aws | Cause::Gate | Cause::Hopeless | Cause::Unavailable => (
                FailureKind::Stopped,
                format!("Deployment of service `{name}` was stopped by someone else; {traffic}"),
                "Somebody, or something, at AWS stopped it; this apply did not.".to_owned(),
                "Find out who stopped it and why, then apply again.".to_owned(),
            ),
            Cause::Cancelled => (
                FailureKind::Cancelled,
                format!("Deployment of service `{name}` was cancelled and stopped; {traffic}"),
                "The apply was cancelled; there was nothing to roll back to.".to_owned(),
                "Apply again when the rollout is wanted.".to_owned(),
            ),
            Cause::Deadline => (
                FailureKind::TimedOut,
                format!("Deployment of service `{name}` took too long and was stopped; {traffic}"),
                account.limit(),
                format!(
                    "{} If the rollout only needs longer, raise the time-out.",
                    account.next_after_repair()
                ),
            ),
        };
        account.failure(kind, summary, now, vec![why], next)
    }

    fn deployment_failed(self, deployment: &str) -> Failure {
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

    fn first_rollout_failed(self, deployment: Option<&str>) -> Failure {
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
        let next = match account.evidence.advice {
            Some(advice) => format!("{advice} Then apply again: the service is updated, not created anew."),
            None => "Look at the stopped tasks and their logs, then apply again: the service is updated, not created anew."
                .to_owned(),
        };
        account.failure(
            FailureKind::FirstRolloutFailed,
            summary,
            now,
            Vec::new(),
            next,
        )
    }

    fn live_but_unhealthy(self, deployment: Option<&str>) -> Failure {
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
        let next = "Look at what the gate says. To go back, apply the revision before.".to_owned();
        account.failure(FailureKind::GateFailed, summary, now, Vec::new(), next)
    }

    fn superseded(self, deployment: Option<&str>, by: &str) -> Failure {
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

    fn timed_out(self, left_running: Option<&str>) -> Failure {
        let limit = self.limit();
        let now = self.now();
        let traffic = self.traffic();
        let summary = format!(
            "Deployment of service `{}` did not end in time; {traffic}",
            self.name()
        );
        let (now, next, account) = match left_running {
            Some(id) => (
                format!("{now} Deployment {id} goes on without this apply."),
                "Apply again: a deployment to what is wanted is picked up where it is. Raise the time-out if it needs \
                 longer."
                    .to_owned(),
                self.with_deployment(id),
            ),
            None => (now, "Apply again. Raise the time-out if it needs longer.".to_owned(), self),
        };
        account.failure(FailureKind::TimedOut, summary, now, vec![limit], next)
    }

    fn cancelled(self, left_running: Option<&str>) -> Failure {
        let traffic = self.traffic();
        let name = self.name().to_owned();
        match left_running {
            Some(id) => {
                let summary = format!(
                    "Apply of service `{name}` was cancelled; its deployment goes on, {traffic}"
                );
                let now = format!(
                    "{} Deployment {id} still runs at AWS, unwatched.",
                    self.now()
                );
                let why =
                    vec!["The apply was cancelled and did not stop the deployment.".to_owned()];
                let next = "Apply again to pick the deployment up, or stop it at AWS.".to_owned();
                self.with_deployment(id)
                    .failure(FailureKind::Cancelled, summary, now, why, next)
            }
            None => {
                let summary = format!("Apply of service `{name}` was cancelled; {traffic}");
                let now = format!("{} No rollout of this apply runs.", self.now());
                let next = "Apply again when the change is wanted. Nothing needs to be cleaned up."
                    .to_owned();
                let why = vec!["The apply was cancelled.".to_owned()];
                Failure {
                    kind: FailureKind::Cancelled,
                    summary,
                    now,
                    why,
                    next,
                    technical: self.technical,
                }
            }
        }
    }

    fn already_exists(self) -> Failure {
        let summary = format!(
            "Service `{}` exists already and is not in the state",
            self.name()
        );
        let now = format!("{} It was left alone.", self.now());
        let why = vec![
            "A service that somebody else may own is never taken over by creating it.".to_owned(),
        ];
        let next = format!(
            "Import it (id `{}/{}`), or choose another name.",
            self.goal.wanted.service.cluster_name(),
            self.name()
        );
        Failure {
            kind: FailureKind::AlreadyExists,
            summary,
            now,
            why,
            next,
            technical: self.technical,
        }
    }

    fn controller_differs(self) -> Failure {
        let summary = format!(
            "Service `{}` has another deployment controller; nothing was changed",
            self.name()
        );
        let now = match &self.live {
            Some(live) => format!(
                "Its controller is `{}`. {}",
                word_of(&live.service.controller),
                self.now()
            ),
            None => self.now(),
        };
        let why =
            vec!["A rollout under one controller cannot be followed under another.".to_owned()];
        let next = "Set `controller` to the service's own, or move the service first.".to_owned();
        Failure {
            kind: FailureKind::ControllerDiffers,
            summary,
            now,
            why,
            next,
            technical: self.technical,
        }
    }

    fn vanished(self) -> Failure {
        let summary = format!("Service `{}` was deleted while it was applied", self.name());
        let now = "The service does not exist any more, or is draining.".to_owned();
        let next = "Find out who deleted it. Apply again to create it anew.".to_owned();
        let why = vec!["Somebody deleted it; this apply did not.".to_owned()];
        Failure {
            kind: FailureKind::Vanished,
            summary,
            now,
            why,
            next,
            technical: self.technical,
        }
    }

    fn not_a_failure(self) -> Failure {
        Failure {
            kind: FailureKind::Unexpected,
            summary: format!(
                "Service `{}`: a success was taken for a failure",
                self.name()
            ),
            now: self.now(),
            why: Vec::new(),
            next: "This is a bug in Switchyard: please report it.".to_owned(),
            technical: self.seen_technical(),
        }
    }

    fn seen_technical(&self) -> Vec<String> {
        let spec = self
            .seen
            .code_deploy
            .as_ref()
            .and_then(|found| found.app_spec.as_deref());
        spec.and_then(app_spec_task_definition)
            .into_iter()
            .chain(self.technical.iter().cloned())
            .collect()
    }
}

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

/// The sentence about a time limit that passed.
pub(crate) fn limit_passed(limit: Duration) -> String {
    match limit.as_secs() {
        seconds @ 0..120 => format!("The time limit of {seconds} seconds passed."),
        seconds => format!("The time limit of {} minutes passed.", seconds / 60),
    }
}
