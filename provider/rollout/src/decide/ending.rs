//! Ends that several phases share.

use jiff::Timestamp;

use crate::decide::Decision;
use crate::decide::beginning::adjust;
use crate::decide::patience::allowance_after;
use crate::observed::{Active, Observed, Seen};
use crate::outcome::Outcome;
use crate::phase::{Adjusting, Asking, Next, Phase};
use crate::reason::Reason;
use crate::spec::{Moment, Spec};
use crate::weights::Share;

/// Failed tasks after which a rollout is given up: half of `desired` rounded up, between 3 and 200 — the
/// bounds of AWS's own circuit breaker, which works for rolling deployments only and cannot help where
/// there is no earlier revision.
pub fn hopeless_after(desired: u32) -> u32 {
    desired.div_ceil(2).clamp(3, 200)
}

/// Why the tasks of the wanted revision will never do, if that is known.
pub(crate) fn hopelessness(spec: &Spec, active: &Active) -> Option<Reason> {
    let failed = active.failed_tasks;
    match active.hopeless {
        Some(cause) => Some(Reason::Hopeless(cause)),
        None => (failed >= hopeless_after(spec.desired.max(active.desired)))
            .then_some(Reason::TasksFail { failed }),
    }
}

/// Cancelled, or out of time, with nothing of ours under way.
pub(crate) fn over_before_start(spec: &Spec, observed: &Observed) -> Option<Decision> {
    if observed.cancelled {
        return Some(Decision::settle(
            Outcome::Cancelled { left_running: None },
            Reason::Cancelled,
        ));
    }
    let other = observed
        .newest
        .as_ref()
        .filter(|newest| newest.status.is_running());
    (observed.now >= spec.deadline).then(|| {
        let left_running = other.map(|newest| newest.id.clone());
        Decision::settle(Outcome::TimedOut { left_running }, Reason::DeadlinePassed)
    })
}

/// The service is not active though it was.
pub(crate) fn gone(observed: &Observed, phase: impl Into<Phase>, spec: &Spec) -> Decision {
    let phase = phase.into();
    match &observed.service {
        Seen::Unknown(word) if observed.now < spec.deadline => {
            Decision::wait(phase, Reason::UnknownWord(word.clone()))
        }
        Seen::Unknown(_) => {
            let left_running = phase.followed().map(str::to_owned);
            Decision::settle(Outcome::TimedOut { left_running }, Reason::DeadlinePassed)
        }
        Seen::Absent | Seen::Draining | Seen::Active(_) => {
            Decision::settle(Outcome::Vanished, Reason::ServiceGone)
        }
    }
}

/// Nothing can be done but wait; cancelled or out of time, it goes on without us.
pub(crate) fn wait_or_leave(
    spec: &Spec,
    phase: impl Into<Phase>,
    reason: Reason,
    observed: &Observed,
) -> Decision {
    let phase = phase.into();
    let left_running = phase.followed().map(str::to_owned);
    if observed.now >= spec.deadline {
        return Decision::settle(Outcome::TimedOut { left_running }, Reason::DeadlinePassed);
    }
    if observed.cancelled {
        return Decision::settle(Outcome::Cancelled { left_running }, Reason::Cancelled);
    }
    Decision::wait(phase, reason)
}

/// The rollout has succeeded: gates asked afterwards, then settings, then the end.
pub(crate) fn rolled_out(
    spec: &Spec,
    deployment: Option<String>,
    reason: Reason,
    now: Timestamp,
) -> Decision {
    if spec.is_gated(Moment::After) {
        let asking = Asking {
            deployment,
            since: now,
        };
        return Decision::wait(asking, reason).watching(Some(Moment::After));
    }
    to_settings(deployment, reason)
}

/// Settings are compared for the last time.
pub(crate) fn to_settings(deployment: Option<String>, reason: Reason) -> Decision {
    let adjusting = Adjusting {
        next: Next::End(deployment),
        asked_at: None,
    };
    Decision::wait(adjusting, reason)
}

/// A rollout that was sent with settings of its own has ended without success: those that are wanted are put in force
/// again before the run ends.
pub(crate) fn with_settings(
    spec: &Spec,
    before: &Phase,
    decision: Decision,
    observed: &Observed,
) -> Decision {
    let (Phase::Settled(outcome), Some(active)) = (&decision.phase, observed.active()) else {
        return decision;
    };
    let were_sent = match outcome {
        Outcome::LiveButUnhealthy { .. }
        | Outcome::RollbackFailed { .. }
        | Outcome::RolledBack { .. }
        | Outcome::Stopped { .. } => true,
        // Nothing of ours was sent, or something runs on with what was sent.
        Outcome::AlreadyExists
        | Outcome::Cancelled { .. }
        | Outcome::ControllerDiffers
        | Outcome::DeploymentFailed { .. }
        | Outcome::FirstRolloutFailed { .. }
        | Outcome::HeldBack
        | Outcome::InTheWay { .. }
        | Outcome::NotListed
        | Outcome::NotUndone { .. }
        | Outcome::Succeeded { .. }
        | Outcome::Superseded { .. }
        | Outcome::TimedOut { .. }
        | Outcome::Vanished => false,
    };
    let is_done = matches!(before, Phase::AwaitAdjusted(_) | Phase::Settled(_));
    if !spec.only_now || !were_sent || is_done || !active.differs.settings {
        return decision;
    }
    let next = Next::Over {
        outcome: outcome.clone(),
        until: allowance_after(observed.now),
    };
    adjust(next, observed.now)
}

/// A rollout of AWS has succeeded; `word` says so.
pub(crate) fn succeeded(spec: &Spec, id: String, word: &str, observed: &Observed) -> Decision {
    let reason = Reason::Progress {
        stage: word.to_owned(),
        weight: Some(Share::WHOLE),
        tasks: None,
    };
    rolled_out(spec, Some(id), reason, observed.now)
}
