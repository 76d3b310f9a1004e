//! How long is waited.

use jiff::{SignedDuration, Timestamp};

/// Seconds without a visible effect after which AWS is asked again.
pub const PATIENCE_SECONDS: i64 = 90;

/// Seconds a rollback may take beyond the deadline.
pub const ROLLBACK_ALLOWANCE_SECONDS: i64 = 30 * 60;

/// Whether an effect asked for at `asked_at` should have shown by `now`.
pub(crate) fn is_overdue(asked_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(asked_at) >= SignedDuration::from_secs(PATIENCE_SECONDS)
}

/// `from` plus what a rollback may take.
pub(crate) fn allowance_after(from: Timestamp) -> Timestamp {
    from.saturating_add(SignedDuration::from_secs(ROLLBACK_ALLOWANCE_SECONDS))
        .unwrap_or(Timestamp::MAX)
}
