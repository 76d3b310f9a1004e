//! Rollouts that were undone, could not be undone, or were stopped where they were: told by their cause.

use std::time::Duration;

use switchyard_rollout::Cause;

use super::FailureText;
use super::end::End;
use crate::failure::facts::GatesSaid;

impl End<'_> {
    pub(super) fn rolled_back(&self, cause: Cause) -> FailureText {
        let summary = format!(
            "Deployment of service `{}` {} rolled back; {}",
            self.name,
            self.happened(cause),
            self.traffic()
        );
        let gone = if self.is_external() {
            " The new task set was deleted."
        } else {
            ""
        };
        let now = format!(
            "{} The rollback has ended.{gone}{}",
            self.now(),
            self.recovery()
        );
        let repair = self.next_after_repair();
        let next = match cause {
            Cause::Aws | Cause::Hopeless | Cause::Unavailable => repair,
            Cause::Gate => self.after_gate(),
            Cause::Cancelled => {
                "Apply again if you still want the deployment. Nothing needs to be cleaned up."
                    .to_owned()
            }
            Cause::Deadline => {
                format!("{repair} If the deployment only needs longer, raise the timeout.")
            }
        };
        let why = self.because(cause);
        self.with_evidence(summary, now, why, next)
    }

    pub(super) fn rollback_failed(&self, cause: Cause) -> FailureText {
        let summary = format!(
            "Deployment of service `{}` failed and so did its rollback; {}",
            self.name,
            self.traffic()
        );
        let now = format!("{} Tasks of both revisions may run.", self.now());
        let check = if self.is_external() {
            "Check where the production rule forwards to, and that production answers."
        } else {
            "Check that production answers."
        };
        let next = format!(
            "{check} Then apply a revision that is known to work: it is deployed over what is left behind."
        );
        let why = self.because(cause);
        self.with_evidence(summary, now, why, next)
    }

    pub(super) fn not_undone(&self, deployment: &str, cause: Cause) -> FailureText {
        let summary = format!(
            "Deployment of service `{}` {} not rolled back; {}",
            self.name,
            self.happened(cause),
            self.traffic()
        );
        let now = format!("{} {}", self.now(), self.goes_on(deployment));
        let mut why = self.because(cause);
        why.push("This apply tried to stop it, and AWS refused.".to_owned());
        let next = "Stop the deployment in AWS, with a rollback if there is an earlier revision, or let it end. \
                    Then apply a revision that is known to work."
            .to_owned();
        self.with_evidence(summary, now, why, next)
    }

    pub(super) fn stopped(&self, cause: Cause) -> FailureText {
        let (name, traffic) = (self.name, self.traffic());
        let now = match cause {
            Cause::Aws => format!(
                "{} The deployment was stopped where it was, without a rollback.",
                self.now()
            ),
            Cause::Cancelled
            | Cause::Deadline
            | Cause::Gate
            | Cause::Hopeless
            | Cause::Unavailable => format!(
                "{} The deployment was stopped where it was: there is no revision to roll back to.",
                self.now()
            ),
        };
        let repair = self.next_after_repair();
        let (summary, why, next) = match cause {
            Cause::Aws => (
                format!("Deployment of service `{name}` was stopped by someone else; {traffic}"),
                vec!["Somebody, or something, stopped it in AWS; this apply did not.".to_owned()],
                "Find out who stopped it and why, then apply again.".to_owned(),
            ),
            Cause::Cancelled => (
                format!("Deployment of service `{name}` was canceled and stopped; {traffic}"),
                vec!["The apply was canceled.".to_owned()],
                "Apply again if you still want the deployment.".to_owned(),
            ),
            Cause::Deadline => (
                format!("Deployment of service `{name}` took too long and was stopped; {traffic}"),
                vec![self.limit()],
                format!("{repair} If the deployment only needs longer, raise the timeout."),
            ),
            Cause::Gate | Cause::Hopeless | Cause::Unavailable => (
                format!(
                    "Deployment of service `{name}` {} stopped; {traffic}",
                    self.happened(cause)
                ),
                self.because(cause),
                match cause {
                    Cause::Gate => self.after_gate(),
                    Cause::Aws
                    | Cause::Cancelled
                    | Cause::Deadline
                    | Cause::Hopeless
                    | Cause::Unavailable => repair,
                },
            ),
        };
        self.with_evidence(summary, now, why, next)
    }

    /// A gate says itself what is wrong; tasks need not have stopped.
    fn after_gate(&self) -> String {
        format!(
            "Read the message of the gate and the logs of revision {}, then apply again. Nothing needs to be \
             cleaned up.",
            self.facts.desired
        )
    }

    /// What happened, for a summary that goes on with what was done about it.
    fn happened(&self, cause: Cause) -> &'static str {
        match (cause, self.facts.hopeless) {
            (Cause::Aws, _) => "was",
            (Cause::Cancelled, _) => "was canceled and",
            (Cause::Deadline, _) => "took too long and was",
            (Cause::Gate, _) => "failed a gate and was",
            (Cause::Hopeless, Some(_)) => "cannot start its tasks and was",
            (Cause::Hopeless, None) => "kept failing and was",
            (Cause::Unavailable, _) => "had no healthy target and was",
        }
    }

    /// Why it was undone, as far as AWS does not say it.
    fn because(&self, cause: Cause) -> Vec<String> {
        match cause {
            Cause::Aws => self.hopeless().into_iter().collect(),
            Cause::Cancelled => {
                vec!["The apply was canceled, and `on_cancel` is `rollback`.".to_owned()]
            }
            Cause::Deadline => vec![self.limit()],
            Cause::Gate => self.gate_unsaid(),
            Cause::Hopeless => {
                vec![self.hopeless().unwrap_or_else(|| {
                    "Its tasks kept failing, so it was stopped early.".to_owned()
                })]
            }
            Cause::Unavailable => {
                vec!["The new revision had traffic and no healthy target for a minute.".to_owned()]
            }
        }
    }

    /// Why no task could start: told first, because nothing else has to be looked at.
    pub(super) fn hopeless(&self) -> Option<String> {
        let words = self.facts.hopeless?.words();
        Some(format!("No task of the new revision can start: {words}."))
    }

    /// The least to say about gates that say nothing themselves.
    pub(super) fn gate_unsaid(&self) -> Vec<String> {
        match self.facts.gates {
            GatesSaid::Nothing => vec!["A gate failed, or was not decided in time.".to_owned()],
            GatesSaid::Something => Vec::new(),
        }
    }

    /// How long the way back took, beside what was hoped for.
    fn recovery(&self) -> String {
        let Some(took) = self.facts.recovery else {
            return String::new();
        };
        let objective = self.facts.recovery_objective;
        if took.is_zero() {
            return " The new revision had no production traffic when the rollback began."
                .to_owned();
        }
        if took > objective {
            format!(
                " The rollback took {}, longer than the objective of {}.",
                span(took),
                span(objective)
            )
        } else {
            format!(
                " The rollback took {}; the objective is {}.",
                span(took),
                span(objective)
            )
        }
    }
}

/// `45 s`, `5 min`, `3 min 20 s`.
fn span(time: Duration) -> String {
    match (time.as_secs() / 60, time.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
