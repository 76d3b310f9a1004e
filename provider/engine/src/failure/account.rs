//! What is true of a service when a run has ended badly: where traffic is, which tasks run, what is left.

use std::time::Duration;

use switchyard_rollout::Heading;
use switchyard_rollout::weights::{Share, WHOLE};

use super::evidence::Evidence;
use super::{Failure, FailureKind};
use crate::app_spec::short_name;
use crate::desired::{DesiredController, DesiredService};
use crate::live::{Live, Unfinished};
use crate::sighting::Sighting;
use crate::text::target_group_name;

/// How images that may be to blame are deployed again.
const UNLESS_REPAIRED: &str = "Plans refuse the same image from now on. If you fix something other than the image, \
                               set `redeploy_failed = true` for one apply.";

/// What every rendering looks at.
pub(super) struct Account<'a> {
    pub(super) wanted: &'a DesiredService,
    /// ARN of the wanted revision's task definition.
    pub(super) task_definition: &'a str,
    pub(super) seen: &'a Sighting,
    pub(super) live: Option<&'a Live>,
    pub(super) evidence: Evidence,
    pub(super) technical: Vec<String>,
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
            text.push_str(&format!(
                "; {running} tasks are running, {desired} desired."
            ));
        } else {
            text.push_str(&format!("; {running} of {desired} tasks are running."));
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
                Share::of_tenths(new),
                Share::of_tenths(WHOLE.saturating_sub(new))
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
        let new = Share::of_percent(target.production_weight?)?.tenths();
        (1..WHOLE).contains(&new).then_some(new)
    }

    /// What is not as it was, and what the next apply does about it.
    pub(super) fn left(&self) -> String {
        // A first deployment that failed is told by itself.
        let mut left: Vec<String> = self
            .live
            .iter()
            .flat_map(|live| &live.unfinished)
            .filter(|what| **what != Unfinished::FirstDeployment)
            .map(ToString::to_string)
            .collect();
        if let Some(live) = self.live
            && self.wanted.controller.takes_over(&live.service.controller)
        {
            left.push(format!(
                "its controller is still `{}`",
                live.service.controller
            ));
        }
        if left.is_empty() {
            return String::new();
        }
        format!(
            " Left unfinished: {}. The next apply continues with that.",
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
                    "Check the stopped tasks and logs of revision {}, then apply again. Nothing needs to be cleaned \
                     up.",
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
            DesiredController::External => true,
            DesiredController::CodeDeploy { .. } | DesiredController::Ecs => false,
        }
    }
}

/// The sentence about a time limit that passed.
pub(crate) fn limit_passed(limit: Duration) -> String {
    match limit.as_secs() {
        seconds @ 0..120 => format!("The time limit of {seconds} seconds passed."),
        seconds => format!("The time limit of {} minutes passed.", seconds / 60),
    }
}
