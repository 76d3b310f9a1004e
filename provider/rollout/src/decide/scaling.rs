//! Automatic scaling around a rollout, whoever carries it out: suspended before it starts, resumed before
//! the run ends.

use jiff::Timestamp;

use crate::decide::patience::allowance_after;
use crate::decide::{Decision, inner, is_overdue};
use crate::effect::{Effect, ScalingEffect, SideStep};
use crate::observed::{Active, Answer, Mark, Observed, ScalingSeen, Seen};
use crate::outcome::Outcome;
use crate::phase::{Phase, Resuming, Suspending};
use crate::reason::Reason;
use crate::spec::{Engine, Intent, ScalingDuring, Spec};

/// Decides one step, with what automatic scaling needs before it.
pub(super) fn decide(spec: &Spec, phase: Phase, observed: &Observed) -> Decision {
    match phase {
        Phase::AwaitScalingResumed(resuming) => resuming.decide(observed),
        Phase::AwaitScalingSuspended(suspending) => suspending.decide(spec, observed),
        Phase::Settled(outcome) => Decision::settle(outcome, Reason::Ended),
        phase @ (Phase::AwaitAdjusted(_)
        | Phase::AwaitCreated(_)
        | Phase::AwaitDeployment(_)
        | Phase::AwaitGo(_)
        | Phase::AwaitOutcome(_)
        | Phase::AwaitRollback(_)
        | Phase::AwaitSteady
        | Phase::AwaitSwitched(_)
        | Phase::AwaitTakenBack(_)
        | Phase::AwaitTurn
        | Phase::AwaitVerdict(_)
        | Phase::Sides(_)) => {
            let decision = inner(spec, phase.clone(), observed);
            if starts_unprepared(spec, decision.step.as_ref(), observed) {
                return suspend(phase, observed.now);
            }
            before_end(spec, &phase, decision, observed)
        }
    }
}

/// Whether the step starts a rollout while scaling, which is to be suspended meanwhile, is not.
fn starts_unprepared(spec: &Spec, step: Option<&Effect>, observed: &Observed) -> bool {
    step.is_some_and(|step| starts_rollout(spec, step))
        && spec.scaling != ScalingDuring::Keep
        && observed
            .active()
            .is_some_and(|active| active.scaling == ScalingSeen::Free)
}

fn starts_rollout(spec: &Spec, step: &Effect) -> bool {
    match step {
        Effect::StartRollout => true,
        // ECS replaces the tasks with it, CodeDeploy leaves them.
        Effect::SwitchController => spec.engine == Engine::Ecs,
        Effect::Side(step) => match step {
            SideStep::Create => true,
            SideStep::Promote { .. }
            | SideStep::Remove { .. }
            | SideStep::Shift { .. }
            | SideStep::ShiftTest { .. } => false,
        },
        Effect::Adjust
        | Effect::Create
        | Effect::PrepareRoutes
        | Effect::ReturnTraffic
        | Effect::Rollout(_)
        | Effect::Scaling(_) => false,
    }
}

fn suspend(then: Phase, now: Timestamp) -> Decision {
    let suspending = Suspending {
        then: Box::new(then),
        asked_at: now,
    };
    Decision::act(suspending, ScalingEffect::Suspend, Reason::Scaling)
}

impl Suspending {
    /// Suspending was asked for. What was to start then is decided afresh, for much may have changed.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        let decision = inner(spec, (*self.then).clone(), observed);
        if !starts_unprepared(spec, decision.step.as_ref(), observed) {
            // What this run has suspended it resumes, whosever service it turns out to be.
            return before_end(spec, &self.into(), decision, observed);
        }
        match observed.answer {
            // A rollout can do without.
            Answer::Refused if observed.now > self.asked_at => decision,
            Answer::Done { .. }
            | Answer::None
            | Answer::Refused
            | Answer::StopRefused
            | Answer::Unsure => {
                if is_overdue(self.asked_at, observed.now) {
                    return suspend(*self.then, observed.now);
                }
                Decision::wait(self, Reason::Scaling)
            }
        }
    }
}

/// No run ends while scaling is suspended, whoever suspended it: an earlier run may have been killed.
fn before_end(spec: &Spec, before: &Phase, decision: Decision, observed: &Observed) -> Decision {
    let (Phase::Settled(outcome), Some(active)) = (&decision.phase, observed.active()) else {
        return decision;
    };
    if active.scaling == ScalingSeen::Free || is_foreign(spec, before, active, outcome) {
        return decision;
    }
    let resuming = Resuming {
        then: outcome.clone(),
        asked_at: observed.now,
        until: allowance_after(observed.now),
    };
    Decision::act(resuming, ScalingEffect::Resume, Reason::ScalingResumes)
}

/// Somebody else's service, which merely has the name.
fn is_foreign(spec: &Spec, before: &Phase, active: &Active, outcome: &Outcome) -> bool {
    let first_look = matches!(before, Phase::AwaitTurn | Phase::AwaitCreated(_));
    *outcome == Outcome::AlreadyExists
        || first_look && spec.intent == Intent::Create && active.mark != Mark::Ours
}

impl Resuming {
    /// Resuming was asked for; then the run ends.
    pub(super) fn decide(self, observed: &Observed) -> Decision {
        let is_free = match &observed.service {
            Seen::Absent | Seen::Draining => true,
            Seen::Active(active) => active.scaling == ScalingSeen::Free,
            Seen::Unknown(_) => false,
        };
        let refused = observed.answer == Answer::Refused && observed.now > self.asked_at;
        if is_free || refused || observed.now >= self.until {
            return Decision::settle(self.then, Reason::Ended);
        }
        if is_overdue(self.asked_at, observed.now) {
            let again = Self {
                asked_at: observed.now,
                ..self
            };
            return Decision::act(again, ScalingEffect::Resume, Reason::AskedWithoutEffect);
        }
        Decision::wait(self, Reason::ScalingResumes)
    }
}
