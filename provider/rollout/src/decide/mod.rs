//! The decision function. A phase that carries data decides by itself, in a file of its own.

mod adjusted;
mod ahead;
mod beginning;
mod created;
mod decision;
mod ending;
mod follow;
mod hold;
mod patience;
mod recover;
mod scaling;
mod sides;
mod started;
mod switch;
mod switched;
mod taken_back;
mod turn;
mod undo;
mod verdict;

pub use decision::Decision;
pub use ending::hopeless_after;
pub use patience::{PATIENCE_SECONDS, ROLLBACK_ALLOWANCE_SECONDS};
pub use recover::recover;

use patience::{allowance_after, is_overdue};

use crate::observed::Observed;
use crate::outcome::Outcome;
use crate::phase::Phase;
use crate::reason::Reason;
use crate::spec::Spec;

/// Decides one step. Total and deterministic.
pub fn decide(spec: &Spec, phase: Phase, observed: &Observed) -> Decision {
    scaling::decide(spec, phase, observed)
}

/// Decides one step, whatever automatic scaling needs. AWS may refuse every call: what has not ended with the
/// allowance for a rollback ends then, where it stands.
fn inner(spec: &Spec, phase: Phase, observed: &Observed) -> Decision {
    let before = phase.clone();
    let decision = undated(spec, phase, observed);
    let decision = ahead::allowed(spec, &before, decision, observed);
    let decision = ending::with_settings(spec, &before, decision, observed);
    if observed.now < allowance_after(spec.deadline) || ends_by_itself(&decision.phase) {
        return decision;
    }
    let left_running = decision.phase.subject().map(str::to_owned);
    let outcome = match observed.cancelled {
        true => Outcome::Cancelled { left_running },
        false => Outcome::TimedOut { left_running },
    };
    Decision::settle(outcome, Reason::DeadlinePassed)
}

/// Whether a phase is over with the next look, once the deadline has passed.
fn ends_by_itself(phase: &Phase) -> bool {
    matches!(
        phase,
        Phase::AwaitAdjusted { .. } | Phase::AwaitVerdict { .. } | Phase::Settled(_)
    )
}

/// Decides one step, however late it is.
fn undated(spec: &Spec, phase: Phase, observed: &Observed) -> Decision {
    match phase {
        Phase::AwaitTurn => turn::turn(spec, observed),
        Phase::AwaitSteady => created::steady(spec, observed),
        Phase::AwaitCreated(creating) => creating.decide(spec, observed),
        Phase::AwaitGo(ahead) => ahead.decide(spec, observed),
        Phase::AwaitDeployment(starting) => starting.decide(spec, observed),
        Phase::AwaitOutcome(following) => following.decide(spec, observed),
        Phase::AwaitRollback(undoing) => undoing.decide(spec, observed),
        Phase::AwaitAdjusted(adjusting) => adjusting.decide(spec, observed),
        Phase::AwaitSwitched(switching) => switching.decide(spec, observed),
        Phase::AwaitTakenBack(taking) => taking.decide(spec, observed),
        Phase::AwaitVerdict(asking) => asking.decide(spec, observed),
        Phase::AwaitScalingSuspended(suspending) => suspending.decide(spec, observed),
        Phase::AwaitScalingResumed(resuming) => resuming.decide(observed),
        Phase::Sides(phase) => sides::decide(spec, phase, observed),
        Phase::Settled(outcome) => Decision::settle(outcome, Reason::Ended),
    }
}

#[cfg(test)]
mod tests;
