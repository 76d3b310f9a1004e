//! What a rollout waits for whose traffic we move.

use jiff::Timestamp;

use crate::effect::Effect;
use crate::outcome::Cause;
use crate::weights::Share;

/// What a rollout waits for whose traffic we move. A run that was killed finds its place again from the task
/// sets and their shares alone; what it forgets only makes it hold or drain longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SidePhase {
    /// What earlier rollouts have left behind loses its traffic, drains and is deleted; then ours begins.
    AwaitCleared(Clearing),
    /// Its task set was asked for.
    AwaitCreated(CreatingSide),
    /// Its tasks start and become healthy targets.
    AwaitHealthy(StartingSide),
    /// Test traffic was sent to it.
    AwaitTestRoute(Testing),
    /// The gates before traffic are asked.
    AwaitGates(Gating),
    /// Traffic was moved.
    AwaitShifted(Shifting),
    /// A weight is held.
    AwaitHold(Holding),
    /// It was made the primary one.
    AwaitPromoted(Promoting),
    /// The side without traffic drains, and is deleted then.
    AwaitDrained(Draining),
    /// All traffic goes back to the old side; then the new one drains and is deleted.
    AwaitReturned(Returning),
    /// It was shown before and is not any more.
    AwaitShown(Missing),
}

/// What earlier rollouts have left behind is cleared away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clearing {
    /// The effect that was asked for last.
    pub asked: Option<Asked>,
    /// Since when none of it has traffic.
    pub idle_since: Option<Timestamp>,
}

/// A task set was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatingSide {
    /// When.
    pub asked_at: Timestamp,
}

/// Tasks of the new side start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartingSide {
    /// Task set id.
    pub side: String,
}

/// Test traffic was sent to the new side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Testing {
    /// Task set id.
    pub side: String,
    /// When.
    pub asked_at: Timestamp,
}

/// The gates before traffic are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gating {
    /// Task set id.
    pub side: String,
    /// Since when.
    pub since: Timestamp,
}

/// Traffic was moved to the new side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shifting {
    /// Task set id.
    pub side: String,
    /// To this share.
    pub share: Share,
    /// When.
    pub asked_at: Timestamp,
    /// Since when it has traffic and no healthy target.
    pub unavailable_since: Option<Timestamp>,
}

/// A weight is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Task set id.
    pub side: String,
    /// The share.
    pub share: Share,
    /// Since when.
    pub since: Timestamp,
    /// Since when it has traffic and no healthy target.
    pub unavailable_since: Option<Timestamp>,
}

/// The new side was made the primary one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promoting {
    /// Task set id.
    pub side: String,
    /// The side it takes over from, if there is one.
    pub from: Option<String>,
    /// Since when that one has no traffic.
    pub idle_since: Timestamp,
    /// When.
    pub asked_at: Timestamp,
    /// Since when it has traffic and no healthy target.
    pub unavailable_since: Option<Timestamp>,
}

/// The side without traffic drains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draining {
    /// The side that stays.
    pub side: String,
    /// The side it has taken over from in this run; a run that was killed does not know it any more.
    pub from: Option<String>,
    /// Since when the other one has no traffic.
    pub since: Timestamp,
    /// The deletion that was asked for last.
    pub asked: Option<Asked>,
    /// Since when the side that stays has no healthy target.
    pub unavailable_since: Option<Timestamp>,
}

/// All traffic goes back to the old side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returning {
    /// Task set id of the new side.
    pub side: String,
    /// Why.
    pub cause: Cause,
    /// The effect that was asked for last.
    pub asked: Option<Asked>,
    /// Since when the new side has no traffic.
    pub idle_since: Option<Timestamp>,
    /// When waiting ends.
    pub until: Timestamp,
}

/// The new side is not shown any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Task set id.
    pub side: String,
    /// Since when.
    pub since: Timestamp,
}

/// An effect that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub step: Effect,
    /// When.
    pub at: Timestamp,
}

macro_rules! contents {
    ($($variant:ident($content:ident),)+) => {$(
        impl From<$content> for SidePhase {
            fn from(content: $content) -> Self {
                Self::$variant(content)
            }
        }
    )+};
}

contents! {
    AwaitCleared(Clearing),
    AwaitCreated(CreatingSide),
    AwaitHealthy(StartingSide),
    AwaitTestRoute(Testing),
    AwaitGates(Gating),
    AwaitShifted(Shifting),
    AwaitHold(Holding),
    AwaitPromoted(Promoting),
    AwaitDrained(Draining),
    AwaitReturned(Returning),
    AwaitShown(Missing),
}

impl SidePhase {
    /// The task set it is about, once there is one.
    pub fn side(&self) -> Option<&str> {
        match self {
            Self::AwaitCleared(_) | Self::AwaitCreated(_) => None,
            Self::AwaitHealthy(starting) => Some(&starting.side),
            Self::AwaitTestRoute(testing) => Some(&testing.side),
            Self::AwaitGates(gating) => Some(&gating.side),
            Self::AwaitShifted(shifting) => Some(&shifting.side),
            Self::AwaitHold(holding) => Some(&holding.side),
            Self::AwaitPromoted(promoting) => Some(&promoting.side),
            Self::AwaitDrained(draining) => Some(&draining.side),
            Self::AwaitReturned(returning) => Some(&returning.side),
            Self::AwaitShown(missing) => Some(&missing.side),
        }
    }

    /// Its name, for logs and timelines.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AwaitCleared(_) => "AwaitSidesCleared",
            Self::AwaitCreated(_) => "AwaitSideCreated",
            Self::AwaitHealthy(_) => "AwaitSideHealthy",
            Self::AwaitTestRoute(_) => "AwaitTestRoute",
            Self::AwaitGates(_) => "AwaitGates",
            Self::AwaitShifted(_) => "AwaitShifted",
            Self::AwaitHold(_) => "AwaitHold",
            Self::AwaitPromoted(_) => "AwaitPromoted",
            Self::AwaitDrained(_) => "AwaitDrained",
            Self::AwaitReturned(_) => "AwaitReturned",
            Self::AwaitShown(_) => "AwaitSideShown",
        }
    }
}
