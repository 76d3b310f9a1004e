//! What is begun from more than one phase.

use jiff::Timestamp;

use crate::decide::Decision;
use crate::effect::Effect;
use crate::observed::Observed;
use crate::phase::{Adjusting, Next, Starting};
use crate::reason::Reason;

/// Sends settings.
pub(crate) fn adjust(next: Next, now: Timestamp) -> Decision {
    Decision::act(
        Adjusting {
            next,
            asked_at: Some(now),
        },
        Effect::Adjust,
        Reason::Different,
    )
}

/// Starts the rollout.
pub(super) fn start(observed: &Observed) -> Decision {
    let before = observed.newest.as_ref().map(|newest| newest.id.clone());
    let starting = Starting {
        asked_at: observed.now,
        before,
    };
    Decision::act(starting, Effect::StartRollout, Reason::RevisionDiffers)
}
