//! The share of traffic a side has, or gets next.

use jiff::{SignedDuration, Timestamp};

use crate::observed::Side;
use crate::phase::Holding;
use crate::spec::Spec;
use crate::weights::Share;

/// Seconds without a healthy target after which a side with traffic counts as unavailable.
const UNAVAILABLE_SECONDS: i64 = 60;

/// The weight after `share`.
pub(super) fn next_weight(spec: &Spec, share: Share) -> Share {
    spec.steps
        .iter()
        .map(|hold| hold.share)
        .filter(|next| *next > share)
        .min()
        .unwrap_or(Share::WHOLE)
}

impl Holding {
    /// Begins to hold the share that `side` has now.
    pub(super) fn begun(side: &Side, now: Timestamp) -> Self {
        Self {
            side: side.id.clone(),
            share: side.share,
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
    (!side.share.is_none() && side.healthy == Some(0)).then(|| since.unwrap_or(now))
}

/// Whether that has lasted for too long.
pub(super) fn is_unavailable(since: Option<Timestamp>, now: Timestamp) -> bool {
    since.is_some_and(|since| {
        now.duration_since(since) >= SignedDuration::from_secs(UNAVAILABLE_SECONDS)
    })
}
