//! What is wanted, what a look finds, and what follows from it.

use jiff::Timestamp;

use super::routing::{AliasRouting, Put, Version};
use super::run::AliasPhase;
use crate::observed::GateSeen;
use crate::spec::{Gated, Hold, Moment, OnCancel};

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasSpec {
    /// The version that is to get everything.
    pub wanted: Version,
    /// Whether the alias is expected to exist.
    pub intent: crate::spec::Intent,
    /// The shares that are held, in rising order; the last one is all of it, held for the bake time.
    pub holds: Vec<Hold>,
    /// Where gates are asked.
    pub gated: Gated,
    /// When the run must be over; the way back may take [`crate::ROLLBACK_ALLOWANCE_SECONDS`] longer.
    pub deadline: Timestamp,
    /// What a cancelled run does.
    pub on_cancel: OnCancel,
}

impl AliasSpec {
    /// Whether gates are asked at `moment`.
    pub(crate) fn is_gated(&self, moment: Moment) -> bool {
        match moment {
            Moment::BeforeTraffic => self.gated.before_traffic,
            Moment::Step { .. } => self.gated.step,
            Moment::Bake => self.gated.bake,
            Moment::BeforeStart | Moment::After => false,
        }
    }
}

/// What alarms say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmSeen {
    /// None fires, or there are none.
    Quiet,
    /// One fires.
    Firing,
    /// It could not be found out.
    Unread,
}

/// One look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AliasSeen {
    /// When.
    pub now: Timestamp,
    /// The alias; `None` when there is none.
    pub alias: Option<AliasRouting>,
    /// The alarms.
    pub alarms: AlarmSeen,
    /// What the gates of a moment said last.
    pub gate: Option<GateSeen>,
    /// Somebody wants the run to end.
    pub cancelled: bool,
}

/// What follows from a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasDecision {
    /// What is waited for now.
    pub phase: AliasPhase,
    /// What is done now, if anything.
    pub put: Option<Put>,
    /// Whose gates are asked from now on.
    pub watch: Option<Moment>,
    /// When to look again at the latest.
    pub wake: Option<Timestamp>,
}
