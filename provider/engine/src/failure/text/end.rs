//! How a run has ended: which text is given of which outcome, and what all of them have in common.

use switchyard_rollout::Outcome;

use super::{FailureText, limit_passed, standing};
use crate::failure::evidence::Evidence;
use crate::failure::facts::{Facts, Mover};
use crate::failure::parts::Ended;
use crate::failure::stand::Pause;

/// How images that may be to blame are deployed again.
const UNLESS_REPAIRED: &str = "Plans refuse the same image from now on. If you fix something other than the image, \
                               set `redeploy_failed = true` for one apply.";

/// One function for each outcome; the deployment comes first in the technical details.
pub(super) fn text(service: &str, ended: &Ended) -> FailureText {
    let end = End {
        name: service,
        facts: &ended.facts,
        evidence: &ended.evidence,
    };
    let (deployment, text) = match &ended.outcome {
        Outcome::RolledBack { deployment, cause } => (Some(deployment), end.rolled_back(*cause)),
        Outcome::RollbackFailed { deployment, cause } => {
            (Some(deployment), end.rollback_failed(*cause))
        }
        Outcome::NotUndone { deployment, cause } => {
            (Some(deployment), end.not_undone(deployment, *cause))
        }
        Outcome::Stopped { deployment, cause } => (Some(deployment), end.stopped(*cause)),
        Outcome::DeploymentFailed { deployment } => (Some(deployment), end.deployment_failed()),
        Outcome::FirstRolloutFailed { deployment } => {
            (deployment.as_ref(), end.first_rollout_failed())
        }
        Outcome::Superseded { deployment, by } => (deployment.as_ref(), end.superseded(by)),
        Outcome::TimedOut { left_running } => (
            left_running.as_ref(),
            end.timed_out(left_running.as_deref()),
        ),
        Outcome::Cancelled { left_running: None } => (None, end.canceled()),
        Outcome::Cancelled {
            left_running: Some(id),
        } => (Some(id), end.canceled_and_left(id)),
        Outcome::AlreadyExists => (None, end.already_exists()),
        Outcome::ControllerDiffers => (None, end.controller_differs()),
        Outcome::NotListed => (None, end.not_listed()),
        Outcome::HeldBack => (None, end.held_back()),
        Outcome::Vanished => (None, end.vanished()),
        Outcome::LiveButUnhealthy { deployment } => (deployment.as_ref(), end.live_but_unhealthy()),
        Outcome::InTheWay {
            deployment,
            obstacle,
        } => (Some(deployment), end.in_the_way(deployment, *obstacle)),
        Outcome::Succeeded { deployment } => (deployment.as_ref(), end.not_a_failure()),
    };
    let mut technical: Vec<String> = deployment
        .map(|id| format!("deployment {id}"))
        .into_iter()
        .collect();
    technical.extend(ended.technical.iter().cloned());
    technical.extend(text.technical);
    FailureText { technical, ..text }
}

/// What every sentence about an end looks at.
pub(super) struct End<'a> {
    pub(super) name: &'a str,
    pub(super) facts: &'a Facts,
    pub(super) evidence: &'a Evidence,
}

impl End<'_> {
    /// Where traffic is, for the end of a summary.
    pub(super) fn traffic(&self) -> String {
        let Some(live) = &self.facts.live else {
            return "which revision is live could not be read".to_owned();
        };
        match (&live.revision, self.facts.routed) {
            (Some(_), true) if self.facts.split.is_some() => {
                "traffic is split between two revisions".to_owned()
            }
            (Some(revision), true) => format!("traffic is on revision {revision}"),
            (Some(revision), false) => format!("revision {revision} runs"),
            (None, _) => "no revision is live".to_owned(),
        }
    }

    /// Where traffic is, with tasks and target group.
    pub(super) fn now(&self) -> String {
        let Some(live) = &self.facts.live else {
            return "What is live could not be read.".to_owned();
        };
        let mut text = match &live.revision {
            Some(revision) => format!("Revision {revision} is live"),
            None => "No revision is live".to_owned(),
        };
        if let Some(group) = &live.target_group {
            text.push_str(&format!(" (target group `{group}`)"));
        }
        let (running, desired) = (live.running, live.desired);
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
        match self.facts.split {
            None => String::new(),
            Some(new) => format!(
                " When last seen, {new} % of the traffic was on the new revision and {} % on the old one.",
                new.rest()
            ),
        }
    }

    /// What is not as it was, and what the next apply does about it.
    pub(super) fn left(&self) -> String {
        if self.facts.left.is_empty() {
            return String::new();
        }
        let left: Vec<String> = self.facts.left.iter().map(ToString::to_string).collect();
        format!(
            " Left unfinished: {}. The next apply continues with that.",
            left.join(", ")
        )
    }

    /// The text of an end that has evidence, and something to repair.
    pub(super) fn with_evidence(
        &self,
        summary: String,
        now: String,
        why: Vec<String>,
        next: String,
    ) -> FailureText {
        let next = if self.facts.quarantined {
            format!("{next} {UNLESS_REPAIRED}")
        } else {
            next
        };
        let mut why = why;
        why.extend(self.evidence.lines.iter().cloned());
        why.dedup();
        FailureText {
            summary,
            now: format!("{now}{}", self.left()),
            why,
            next,
            technical: Vec::new(),
        }
    }

    /// The text of an end that says everything by itself.
    pub(super) fn plain(summary: String, now: String, why: &str, next: String) -> FailureText {
        FailureText {
            summary,
            now,
            why: vec![why.to_owned()],
            next,
            technical: Vec::new(),
        }
    }

    pub(super) fn next_after_repair(&self) -> String {
        match self.evidence.advice {
            Some(advice) => format!("{advice} Then apply again; nothing needs to be cleaned up."),
            None => format!(
                "Check the stopped tasks and logs of revision {}, then apply again. Nothing needs to be cleaned up.",
                self.facts.desired
            ),
        }
    }

    pub(super) fn limit(&self) -> String {
        limit_passed(self.facts.time_limit)
    }

    pub(super) fn is_external(&self) -> bool {
        match self.facts.mover {
            Mover::Apply => true,
            Mover::Aws => false,
        }
    }

    /// The pause at which the followed deployment `id` waits.
    pub(super) fn pause(&self, id: &str) -> Option<&Pause> {
        self.facts
            .pause
            .as_ref()
            .filter(|pause| pause.deployment == id)
    }

    /// What a person runs to end the pause at which deployment `id` waits; nothing when no pause is seen.
    pub(super) fn commands(&self, id: &str) -> String {
        let facts = self.facts;
        let mut pauses = facts.pause.iter().chain(&facts.other_pause);
        pauses
            .find(|pause| pause.deployment == id)
            .map(standing::commands)
            .unwrap_or_default()
    }

    fn not_a_failure(&self) -> FailureText {
        FailureText {
            summary: format!("Service `{}`: a success was taken for a failure", self.name),
            now: self.now(),
            why: Vec::new(),
            next: "This is a bug in Switchyard: please report it.".to_owned(),
            technical: Vec::new(),
        }
    }
}
