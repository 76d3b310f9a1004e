//! What a run waits for, and how it ends.

use jiff::Timestamp;

use super::routing::{AliasRouting, Put, Version};

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AliasPhase {
    /// The first look.
    AwaitSight,
    /// The gates before traffic. The alias as it was then.
    AwaitTested(Option<AliasRouting>),
    /// A change that was asked for, to be seen.
    AwaitPut {
        /// The change.
        put: Put,
        /// What it is for.
        goal: Goal,
        /// When it was asked for first.
        since: Timestamp,
    },
    /// The end of a share.
    AwaitHeld(Held),
    /// Nothing: it is over.
    Settled(End),
}

/// A share that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// The version that is settled.
    pub base: Version,
    /// Which of the shares.
    pub index: usize,
    /// Since when.
    pub since: Timestamp,
}

/// What a change of the alias is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// The new version loses its share.
    Back(Cause),
    /// What an earlier run has left is taken back.
    Clear,
    /// The alias comes to be.
    Create,
    /// The new version is settled.
    Promote,
    /// The new version gets the share with this index.
    Shift(usize),
}

/// Why a version was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// An alarm fires.
    Alarm,
    /// The run was cancelled.
    Cancelled,
    /// The deadline has passed.
    Deadline,
    /// A gate has failed.
    GateFailed,
    /// A gate could not be decided.
    GateUndecided,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The alias was there, exactly as it is wanted.
    Adopted,
    /// It was created.
    Created,
    /// It was as wanted.
    Unchanged,
    /// The version that is wanted was settled; another one has lost its share.
    TakenBack,
    /// The version is settled.
    Moved,
    /// The version was not kept: it has no traffic. Whether it had some.
    Refused {
        /// Why.
        cause: Cause,
        /// It had a share, which was taken back.
        had_traffic: bool,
    },
    /// Cancelled, and left as it is.
    Left,
    /// There is an alias of this name that is not in the state.
    NameTaken,
    /// Somebody else has changed the alias during the run.
    Superseded,
    /// AWS did not carry out the last change in time.
    Unfinished,
}
