//! One function per way a run can end badly.

use std::time::Duration;

use switchyard_rollout::{Heading, Obstacle, Outcome};

use super::evidence::{Evidence, target_group_name};
use super::paused::pause;
use super::{Failure, FailureKind};
use crate::apply::{Goal, Sighting, app_spec_task_definition, short_name};
use crate::fingerprint::word_of;
use crate::live::Live;
use crate::observe::FIRST_DEPLOYMENT;
use crate::verify::is_move;
use crate::wanted::{OnCancel, Wanted, WantedController};

/// How images that may be to blame are deployed again.
const UNLESS_REPAIRED: &str = "The same image is refused from now on; if the repair is outside of it, set `redeploy_failed = true` for one apply.";

/// What every rendering looks at.
pub(super) struct Account<'a> {
    pub(super) wanted: &'a Wanted,
    /// ARN of the wanted revision's task definition.
    pub(super) task_definition: &'a str,
    pub(super) seen: &'a Sighting,
    pub(super) live: Option<&'a Live>,
    pub(super) evidence: Evidence,
    pub(super) technical: Vec<String>,
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
        wanted: goal.wanted,
        task_definition: &goal.task_definition,
        seen,
        live,
        evidence,
        technical,
    };
    rendered(account, outcome)
}

/// One function for each outcome.
pub(super) fn rendered(account: Account<'_>, outcome: &Outcome) -> Failure {
    match outcome {
        Outcome::RolledBack { deployment, cause } => account.rolled_back(deployment, *cause),
        Outcome::RollbackFailed { deployment, cause } => {
            account.rollback_failed(deployment, *cause)
        }
        Outcome::NotUndone { deployment, cause } => account.not_undone(deployment, *cause),
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
        Outcome::InTheWay {
            deployment,
            obstacle,
        } => account.in_the_way(deployment, *obstacle),
        Outcome::Succeeded { .. } => account.not_a_failure(),
    }
}

impl Account<'_> {
    pub(super) fn name(&self) -> &str {
        &self.wanted.service.name
    }

    pub(super) fn wanted_revision(&self) -> &str {
        short_name(self.task_definition)
    }

    /// Revision that serves, as `family:revision`.
    fn live_revision(&self) -> Option<&str> {
        self.live
            .and_then(|live| live.revision.task_definition.as_deref())
            .map(short_name)
    }

    /// Where traffic is, for the end of a summary.
    pub(super) fn traffic(&self) -> String {
        match (self.live_revision(), self.has_balancer()) {
            (Some(_), true) if self.split().is_some() => {
                "traffic is split between two revisions".to_owned()
            }
            (Some(revision), true) => format!("traffic is on revision {revision}"),
            (Some(revision), false) => format!("revision {revision} runs"),
            (None, _) if self.live.is_some() => "no revision is live".to_owned(),
            (None, _) => "which revision is live could not be read".to_owned(),
        }
    }

    fn has_balancer(&self) -> bool {
        self.wanted.revision.load_balancer.is_some()
    }

    /// Where traffic is, with tasks and target group.
    pub(super) fn now(&self) -> String {
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
        text.push_str(&self.shares());
        text
    }

    /// How the traffic is split, where more than one revision has some.
    fn shares(&self) -> String {
        match self.split() {
            None => String::new(),
            Some(new) => format!(
                " When last seen, {} % of the traffic was on the new revision and {} % on the old one.",
                percent(new),
                percent(1000_u32.saturating_sub(new))
            ),
        }
    }

    /// Tenths of a percent on the new revision, while the old one has some as well.
    fn split(&self) -> Option<u32> {
        if let Some(sides) = &self.seen.sides {
            let sum = |is_new: bool| -> u32 {
                let sides = sides.all.iter();
                sides
                    .filter(|side| (side.heading == Heading::Wanted) == is_new)
                    .map(|side| side.tenths)
                    .sum()
            };
            let (new, old) = (sum(true), sum(false));
            return (new > 0 && old > 0).then_some(new);
        }
        // Once it has ended, the weights last seen say nothing any more.
        self.live?.deployment.as_ref()?;
        let target = self.seen.deployment.as_ref()?.target.as_ref()?;
        tenths(target.production_weight?).filter(|new| (1..1000).contains(new))
    }

    /// What is not as it was, and what the next apply does about it.
    fn left(&self) -> String {
        // A first deployment that failed is told by itself.
        let mut left: Vec<String> = self
            .live
            .iter()
            .flat_map(|live| &live.unfinished)
            .filter(|what| *what != FIRST_DEPLOYMENT)
            .cloned()
            .collect();
        if let Some(live) = self.live
            && is_move(self.wanted, &live.service.controller)
        {
            left.push(format!(
                "its controller is still `{}`",
                word_of(&live.service.controller)
            ));
        }
        if left.is_empty() {
            return String::new();
        }
        format!(
            " Left unfinished: {}. The next apply goes on with that.",
            left.join(", ")
        )
    }

    pub(super) fn failure(
        self,
        kind: FailureKind,
        summary: String,
        now: String,
        why: Vec<String>,
        next: String,
    ) -> Failure {
        let now = format!("{now}{}", self.left());
        let next = if self.seen.quarantined {
            format!("{next} {UNLESS_REPAIRED}")
        } else {
            next
        };
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

    pub(super) fn next_after_repair(&self) -> String {
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

    pub(super) fn with_deployment(mut self, deployment: &str) -> Self {
        self.technical.insert(0, format!("deployment {deployment}"));
        self
    }

    pub(super) fn limit(&self) -> String {
        limit_passed(self.wanted.time_limit)
    }

    pub(super) fn is_external(&self) -> bool {
        match self.wanted.controller {
            WantedController::External => true,
            WantedController::CodeDeploy { .. } | WantedController::Ecs => false,
        }
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
        let why = account.hopeless().into_iter().collect();
        let next = match account.evidence.advice {
            Some(advice) => format!("{advice} Then apply again."),
            None => "Look at the stopped tasks and their logs, then apply again.".to_owned(),
        };
        account.failure(FailureKind::FirstRolloutFailed, summary, now, why, next)
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

    /// A deployment that is not wanted stays, and this apply can do nothing about it.
    fn in_the_way(self, deployment: &str, obstacle: Obstacle) -> Failure {
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
                format!("{now} {}", self.goes_on(id)),
                match pause(self.seen, id) {
                    Some(_) => "Apply again before that: the deployment goes on from there. Raise the time-out if it \
                                needs longer."
                        .to_owned(),
                    None => "Apply again: a deployment to what is wanted is picked up where it is. Raise the time-out \
                             if it needs longer."
                        .to_owned(),
                },
                self.with_deployment(id),
            ),
            None => (now, "Apply again. Raise the time-out if it needs longer.".to_owned(), self),
        };
        let mut why = vec![limit];
        why.extend(account.stuck());
        account.failure(FailureKind::TimedOut, summary, now, why, next)
    }

    /// What becomes of a rollout that is left alone.
    pub(super) fn goes_on(&self, id: &str) -> String {
        if let Some(pause) = pause(self.seen, id) {
            return pause;
        }
        if self.is_external() {
            format!("Task set {id} stays as it is: nobody moves its traffic before the next apply.")
        } else {
            format!("Deployment {id} goes on without this apply.")
        }
    }

    /// Why nothing was sent back, where that is known.
    fn stuck(&self) -> Option<String> {
        let sides = &self.seen.sides.as_ref()?.all;
        let has = |is_new: bool, is_fit: fn(u32) -> bool| {
            let mut sides = sides.iter();
            sides.any(|side| {
                (side.heading == Heading::Wanted) == is_new && side.healthy.is_some_and(is_fit)
            })
        };
        let is_stuck = self.wanted.on_cancel == OnCancel::Rollback
            && has(true, |healthy| healthy > 0)
            && has(false, |healthy| healthy == 0);
        is_stuck.then(|| {
            "Nothing was sent back: the old task set has no healthy target, and the new one has."
                .to_owned()
        })
    }

    fn cancelled(self, left_running: Option<&str>) -> Failure {
        let traffic = self.traffic();
        let name = self.name().to_owned();
        match left_running {
            Some(id) => {
                let is_paused = pause(self.seen, id).is_some();
                let its = if self.is_external() || is_paused {
                    "its deployment stays where it is"
                } else {
                    "its deployment goes on"
                };
                let summary = format!("Apply of service `{name}` was cancelled; {its}, {traffic}");
                let now = if self.is_external() || is_paused {
                    format!("{} {}", self.now(), self.goes_on(id))
                } else {
                    format!(
                        "{} Deployment {id} still runs at AWS, unwatched.",
                        self.now()
                    )
                };
                let mut why =
                    vec!["The apply was cancelled and did not stop the deployment.".to_owned()];
                why.extend(self.stuck());
                let next = if self.is_external() {
                    "Apply again to pick the deployment up. To undo it, apply the revision before."
                        .to_owned()
                } else if is_paused {
                    "Apply again before that: the deployment goes on from there.".to_owned()
                } else {
                    "Apply again to pick the deployment up, or stop it at AWS.".to_owned()
                };
                self.with_deployment(id)
                    .failure(FailureKind::Cancelled, summary, now, why, next)
            }
            None => {
                let summary = format!("Apply of service `{name}` was cancelled; {traffic}");
                let now = format!(
                    "{} No rollout of this apply runs.{}",
                    self.now(),
                    self.left()
                );
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
            self.wanted.service.cluster_name(),
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
        let next = "Set `controller` to the service's own. A running service can be moved between `ecs` and `codedeploy`; \
                    from and to `external` it has to be created anew."
            .to_owned();
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

/// The sentence about a time limit that passed.
pub(crate) fn limit_passed(limit: Duration) -> String {
    match limit.as_secs() {
        seconds @ 0..120 => format!("The time limit of {seconds} seconds passed."),
        seconds => format!("The time limit of {} minutes passed.", seconds / 60),
    }
}

/// Percent, 0–100, in tenths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=1000 before"
)]
fn tenths(percent: f64) -> Option<u32> {
    percent
        .is_finite()
        .then(|| (percent * 10.0).round().clamp(0.0, 1000.0) as u32)
}

/// Tenths of a percent as people write percents.
pub(super) fn percent(tenths: u32) -> String {
    match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}
