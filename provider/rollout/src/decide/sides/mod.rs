//! A rollout whose traffic we move: task sets and listener weights.

use crate::decide::Decision;
use crate::observed::Observed;
use crate::phase::{Phase, SidePhase};
use crate::reason::Reason;
use crate::spec::Spec;

/// The active service, which is ours and has the wanted controller, is looked at: adopt, wait, create a
/// side, adjust or leave. Cancel and deadline are for this function to judge
/// ([`crate::decide::over_before_start`]), because a rollout under way is adopted even then.
pub(super) fn turn(_spec: &Spec, _observed: &Observed) -> Decision {
    Decision::wait(Phase::AwaitTurn, Reason::AnswerPending)
}

/// One step of a rollout under way. Ends well through [`crate::decide::rolled_out`].
pub(super) fn decide(spec: &Spec, _phase: SidePhase, observed: &Observed) -> Decision {
    turn(spec, observed)
}

/// The phase a run was in, from an observation alone; [`Phase::AwaitTurn`] when none was under way.
/// The service is active, ours, and has the wanted controller.
pub(crate) fn recover(_spec: &Spec, _observed: &Observed) -> Phase {
    Phase::AwaitTurn
}
