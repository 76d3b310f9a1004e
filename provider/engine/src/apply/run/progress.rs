//! What people see while a rollout runs: one line per change, and the timeline.

use switchyard_rollout::weights::Share;
use switchyard_rollout::{Decision, Observed, Phase, Reason, Side, Sides};

use super::Run;
use crate::failure::Failure;
use crate::ports::{GateMoment, ProgressEnd, ProgressMoment};
use crate::report::{DeploymentRecord, GateReading, ReadingVerdict, RecordOutcome, TimelineEntry};

/// What a progress line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    phase: &'static str,
    reason: Reason,
    weight: Option<f64>,
    running: Option<u32>,
    desired: Option<u32>,
    healthy: Option<u32>,
}

impl Line {
    fn of(decision: &Decision, observed: &Observed) -> Self {
        let side = new_side(&decision.phase, observed.sides.as_ref());
        let followed = observed.followed.as_ref();
        let weight = weight(decision, observed);
        let tasks = followed.and_then(|followed| followed.tasks);
        Self {
            phase: decision.phase.name(),
            reason: decision.reason.clone(),
            weight: weight.map(Share::percent),
            running: tasks
                .map(|tasks| tasks.running)
                .or(side.map(|side| side.running)),
            desired: tasks
                .map(|tasks| tasks.desired)
                .or(side.map(|side| side.desired)),
            healthy: followed
                .and_then(|followed| followed.healthy_new)
                .or(side.and_then(|side| side.healthy)),
        }
    }
}

/// Production traffic on the new revision.
fn weight(decision: &Decision, observed: &Observed) -> Option<Share> {
    let side = new_side(&decision.phase, observed.sides.as_ref());
    let followed = observed.followed.as_ref();
    followed
        .and_then(|followed| followed.weight)
        .or(side.map(|side| side.share))
}

/// The new side of a rollout whose traffic we move.
fn new_side<'a>(phase: &Phase, sides: Option<&'a Sides>) -> Option<&'a Side> {
    let Phase::Sides(phase) = phase else {
        return None;
    };
    let id = phase.side()?;
    sides?.all.iter().find(|side| side.id == id)
}

/// AWS's stage word, or what is waited for. Bookkeeping between phases is no moment of a rollout.
fn stage(reason: &Reason) -> Option<String> {
    match reason {
        Reason::Progress { stage, .. } => Some(stage.clone()),
        Reason::AnswerPending | Reason::Ended | Reason::RolloutFound => None,
        reason => Some(reason.to_string()),
    }
}

/// Whether anything but the time has changed.
fn is_other_moment(last: &TimelineEntry, next: &TimelineEntry) -> bool {
    *last
        != TimelineEntry {
            at: last.at,
            ..next.clone()
        }
}

/// `FAMILY:REVISION` of a task definition's ARN.
fn revision(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

fn gate_moment(reading: &GateReading) -> GateMoment {
    GateMoment {
        name: reading.gate.clone(),
        value: reading.value,
        expected: reading.expected.clone(),
        is_good: match reading.verdict {
            ReadingVerdict::Bad => Some(false),
            ReadingVerdict::Good => Some(true),
            ReadingVerdict::Between | ReadingVerdict::Missing => None,
        },
    }
}

/// Whether a person is asked.
fn awaits_approval(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::AwaitsApproval { .. } | Reason::HeldBySomebody { .. } | Reason::WaitsForApproval
    )
}

/// How a rollout ended, in a few words.
fn ended(outcome: RecordOutcome) -> &'static str {
    match outcome {
        RecordOutcome::Cancelled => "canceled",
        RecordOutcome::Failed => "failed",
        RecordOutcome::LeftRunning => "still running; the apply has ended",
        RecordOutcome::RolledBack => "rolled back",
        RecordOutcome::Succeeded => "succeeded",
        RecordOutcome::Unhealthy => "live, and a gate has failed",
    }
}

impl Run<'_> {
    /// Says what is new to whoever follows the apply.
    pub(super) fn follow_along(&mut self, decision: &Decision, observed: &Observed) {
        let Some(stage) = stage(&decision.reason) else {
            return;
        };
        let line = Line::of(decision, observed);
        let watched = self.watched.and(self.gates.readings().last());
        let moment = ProgressMoment {
            at: observed.now,
            stage,
            weight: line.weight,
            running: line.running,
            desired: line.desired,
            healthy: line.healthy,
            gate: watched.map(gate_moment),
            until: decision.wake,
            awaits_approval: awaits_approval(&decision.reason),
            is_rolling: self.rolled,
            ..self.moment(observed.now)
        };
        let last = self.followed_along.as_ref();
        if last.is_none_or(|last| moment.is_news_after(last)) {
            self.goal.ports.progress.tell(&moment);
            self.followed_along = Some(moment);
        }
    }

    /// Says how it ended; nothing when nothing was rolled out.
    pub(super) fn say_the_end(&self, record: Option<&DeploymentRecord>, failure: Option<&Failure>) {
        let Some(record) = record else {
            return;
        };
        let from = record.from_task_definition.as_deref();
        self.goal.ports.progress.tell(&ProgressMoment {
            stage: ended(record.outcome).to_owned(),
            is_over: true,
            end: Some(ProgressEnd {
                outcome: record.outcome,
                reason: failure.map(Failure::brief),
                from: from.map(|arn| revision(arn).to_owned()),
                seconds: record.duration_seconds,
            }),
            ..self.moment(self.goal.ports.clock.now())
        });
    }

    fn moment(&self, at: jiff::Timestamp) -> ProgressMoment {
        let service = &self.goal.wanted.service;
        ProgressMoment {
            at,
            cluster: service.cluster_name().to_owned(),
            service: service.name.clone(),
            revision: revision(&self.goal.task_definition).to_owned(),
            stage: String::new(),
            weight: None,
            running: None,
            desired: None,
            healthy: None,
            gate: None,
            until: None,
            awaits_approval: false,
            is_rolling: false,
            is_over: false,
            end: None,
        }
    }

    /// Whether our rollout is seen without any production traffic. What CodeDeploy's rollback deployment
    /// says is about other sides.
    pub(super) fn is_traffic_back(&self, decision: &Decision, observed: &Observed) -> bool {
        let followed = observed.followed.as_ref().map(|followed| &followed.id);
        let is_ours = followed.is_none() || followed == self.followed.as_ref();
        is_ours && weight(decision, observed) == Some(Share::NONE)
    }

    /// The reason that was told last.
    pub(super) fn told_reason(&self) -> Option<&Reason> {
        self.told.as_ref().map(|line| &line.reason)
    }

    /// One info line per change, and a moment in the timeline.
    pub(super) fn tell(&mut self, decision: &Decision, observed: &Observed) {
        let line = Line::of(decision, observed);
        if self.told.as_ref() == Some(&line) && decision.step.is_none() {
            return;
        }
        let followed = decision.phase.subject();
        // The last lines are about the same rollout still.
        let deployment_id = followed.or(self.followed.as_deref()).unwrap_or_default();
        let stage = stage(&decision.reason);
        tracing::info!(
            deployment_id,
            phase = line.phase,
            step = decision.step_name(),
            stage = stage.as_deref(),
            weight = line.weight,
            running = line.running,
            desired = line.desired,
            healthy = line.healthy,
            reason = %decision.reason,
            "rollout progress"
        );
        if let Some(stage) = stage {
            let entry = TimelineEntry {
                at: observed.now,
                stage,
                weight: line.weight,
                running: line.running,
                desired: line.desired,
                healthy: line.healthy,
            };
            let is_news = self
                .timeline
                .last()
                .is_none_or(|last| is_other_moment(last, &entry));
            if is_news {
                self.timeline.push(entry);
            }
        }
        self.told = Some(line);
    }
}
