//! Automatic scaling around a rollout, whoever carries it out: suspended before it starts, resumed before
//! the run ends.

use jiff::Timestamp;

use crate::decide::{Decision, inner, is_overdue};
use crate::observed::{Active, Answer, Mark, Observed, ScalingSeen, Seen};
use crate::outcome::Outcome;
use crate::phase::Phase;
use crate::reason::Reason;
use crate::recover::allowance_after;
use crate::spec::{Engine, Intent, ScalingDuring, Spec};
use crate::step::Step;

/// Decides one step, with what automatic scaling needs before it.
pub(super) fn decide(spec: &Spec, phase: Phase, observed: &Observed) -> Decision {
    match phase {
        Phase::AwaitScalingResumed {
            then,
            asked_at,
            until,
        } => resumed(then, asked_at, until, observed),
        Phase::AwaitScalingSuspended { then, asked_at } => {
            suspended(spec, *then, asked_at, observed)
        }
        Phase::Settled(outcome) => Decision::settle(outcome, Reason::Ended),
        phase @ (Phase::AwaitAdjusted { .. }
        | Phase::AwaitCreated { .. }
        | Phase::AwaitDeployment { .. }
        | Phase::AwaitOutcome { .. }
        | Phase::AwaitRollback { .. }
        | Phase::AwaitSteady
        | Phase::AwaitSwitched { .. }
        | Phase::AwaitTakenBack { .. }
        | Phase::AwaitTurn
        | Phase::AwaitVerdict { .. }
        | Phase::Sides(_)) => {
            let decision = inner(spec, phase.clone(), observed);
            if starts_unprepared(spec, &decision.step, observed) {
                return suspend(phase, observed.now);
            }
            before_end(spec, &phase, decision, observed)
        }
    }
}

/// Whether the step starts a rollout while scaling, which is to be suspended meanwhile, is not.
fn starts_unprepared(spec: &Spec, step: &Step, observed: &Observed) -> bool {
    starts_rollout(spec, step)
        && spec.scaling != ScalingDuring::Keep
        && observed
            .active()
            .is_some_and(|active| active.scaling == ScalingSeen::Free)
}

fn starts_rollout(spec: &Spec, step: &Step) -> bool {
    match step {
        Step::CreateSide | Step::StartRollout => true,
        // ECS replaces the tasks with it, CodeDeploy leaves them.
        Step::SwitchController => spec.engine == Engine::Ecs,
        Step::Adjust
        | Step::ContinueRollout { .. }
        | Step::Create
        | Step::Finish
        | Step::PrepareRoutes
        | Step::PromoteSide { .. }
        | Step::RemoveSide { .. }
        | Step::ResumeScaling
        | Step::ReturnTraffic
        | Step::Shift { .. }
        | Step::ShiftTest { .. }
        | Step::StopRollout { .. }
        | Step::SuspendScaling
        | Step::Wait => false,
    }
}

fn suspend(then: Phase, now: Timestamp) -> Decision {
    let phase = Phase::AwaitScalingSuspended {
        then: Box::new(then),
        asked_at: now,
    };
    Decision::act(phase, Step::SuspendScaling, Reason::Scaling)
}

/// Suspending was asked for. What was to start then is decided afresh, for much may have changed.
fn suspended(spec: &Spec, then: Phase, asked_at: Timestamp, observed: &Observed) -> Decision {
    let decision = inner(spec, then.clone(), observed);
    let phase = Phase::AwaitScalingSuspended {
        then: Box::new(then.clone()),
        asked_at,
    };
    if !starts_unprepared(spec, &decision.step, observed) {
        // What this run has suspended it resumes, whosever service it turns out to be.
        return before_end(spec, &phase, decision, observed);
    }
    match observed.answer {
        // A rollout can do without.
        Answer::Refused if observed.now > asked_at => decision,
        Answer::Done { .. }
        | Answer::None
        | Answer::Refused
        | Answer::StopRefused
        | Answer::Unsure => {
            if is_overdue(asked_at, observed.now) {
                return suspend(then, observed.now);
            }
            Decision::wait(phase, Reason::Scaling)
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
    let phase = Phase::AwaitScalingResumed {
        then: outcome.clone(),
        asked_at: observed.now,
        until: allowance_after(observed.now),
    };
    Decision::act(phase, Step::ResumeScaling, Reason::ScalingResumes)
}

/// Somebody else's service, which merely has the name.
fn is_foreign(spec: &Spec, before: &Phase, active: &Active, outcome: &Outcome) -> bool {
    let first_look = matches!(before, Phase::AwaitTurn | Phase::AwaitCreated { .. });
    *outcome == Outcome::AlreadyExists
        || first_look && spec.intent == Intent::Create && active.mark != Mark::Ours
}

/// Resuming was asked for; the run ends with `then`.
fn resumed(then: Outcome, asked_at: Timestamp, until: Timestamp, observed: &Observed) -> Decision {
    let is_free = match &observed.service {
        Seen::Absent | Seen::Draining => true,
        Seen::Active(active) => active.scaling == ScalingSeen::Free,
        Seen::Unknown(_) => false,
    };
    let refused = observed.answer == Answer::Refused && observed.now > asked_at;
    if is_free || refused || observed.now >= until {
        return Decision::settle(then, Reason::Ended);
    }
    if is_overdue(asked_at, observed.now) {
        let phase = Phase::AwaitScalingResumed {
            then,
            asked_at: observed.now,
            until,
        };
        return Decision::act(phase, Step::ResumeScaling, Reason::AskedWithoutEffect);
    }
    let phase = Phase::AwaitScalingResumed {
        then,
        asked_at,
        until,
    };
    Decision::wait(phase, Reason::ScalingResumes)
}
