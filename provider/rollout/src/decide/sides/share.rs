//! The share of traffic a side has, or gets next.

use jiff::{SignedDuration, Timestamp};

use crate::observed::Side;
use crate::phase::Holding;
use crate::spec::Spec;
use crate::weights::WHOLE;

/// Seconds without a healthy target after which a side with traffic counts as unavailable.
const UNAVAILABLE_SECONDS: i64 = 60;

/// The weight after `tenths`.
pub(super) fn next_weight(spec: &Spec, tenths: u32) -> u32 {
    spec.steps
        .iter()
        .map(|hold| hold.tenths.min(WHOLE))
        .filter(|next| *next > tenths)
        .min()
        .unwrap_or(WHOLE)
}

impl Holding {
    /// Begins to hold the share that `side` has now.
    pub(super) fn begun(side: &Side, now: Timestamp) -> Self {
        Self {
            side: side.id.clone(),
            tenths: side.tenths,
            since: now,
            unavailable_since: unavailable(side, None, now),
        }
    }
}

/// Since when `side` has traffic and no healthy target.
pub(super) fn unavailable(
    side: &Side,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    (side.tenths > 0 && side.healthy == Some(0)).then(|| since.unwrap_or(now))
}

/// Whether that has lasted for too long.
pub(super) fn is_unavailable(since: Option<Timestamp>, now: Timestamp) -> bool {
    since.is_some_and(|since| {
        now.duration_since(since) >= SignedDuration::from_secs(UNAVAILABLE_SECONDS)
    })
}
