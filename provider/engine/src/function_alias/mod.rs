//! An alias of a function of AWS Lambda that is moved between published versions.
//!
//! **Invariants.** What is done next is decided in [`switchyard_rollout::alias`]; here facts are brought and changes are made.
//! A change is made only to the alias that was seen. The alias alone says how far a move has come, so that the next apply
//! continues or takes back what a killed one has left.

mod change;
mod observe;
mod run;
mod verify;

use std::time::Duration;

pub use switchyard_rollout::Hold;
pub use switchyard_rollout::alias::{Cause, End};
pub use switchyard_rollout::weights::Shape;
use switchyard_rollout::weights::shifts;

use crate::desired::OnCancel;
use crate::gate::Gates;
use crate::ports::{AliasRouting, Error, LiveAlias, Version};
use crate::report::GateResult;

pub use run::apply_alias;
pub use verify::{AliasDoubt, verify_alias};

/// An alias as it is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredAlias {
    /// Name or ARN of the function.
    pub function: String,
    /// Name of the alias.
    pub name: String,
    /// The published version that gets all of its traffic.
    pub version: Version,
    /// Description; empty for none.
    pub description: String,
    /// The shares that are held on the way, in rising order; the last one is all of it.
    pub holds: Vec<Hold>,
    /// What has to be true of the new version.
    pub gates: Gates,
    /// Names of alarms that take the move back.
    pub alarms: Vec<String>,
    /// How long a move may take.
    pub time_limit: Duration,
    /// What a cancelled run does.
    pub on_cancel: OnCancel,
}

impl DesiredAlias {
    /// `FUNCTION:ALIAS`, for messages.
    #[must_use]
    pub fn qualified(&self) -> String {
        format!("{}:{}", self.function, self.name)
    }
}

/// The shares of a shape, the last one of which is all of it and held for the bake time.
#[must_use]
pub fn holds(shape: Shape, bake: Duration) -> Vec<Hold> {
    let bake = u32::try_from(bake.as_secs()).unwrap_or(u32::MAX);
    let shifts = shifts(shape);
    shifts
        .map(|shift| Hold {
            share: shift.share,
            seconds: match shift.share.is_whole() {
                true => bake,
                false => shift.hold_minutes.saturating_mul(60),
            },
        })
        .collect()
}

/// A run that ended well.
#[derive(Clone, Debug, PartialEq)]
pub struct AliasApplied {
    /// The alias as it is now.
    pub alias: LiveAlias,
    /// What was done about its traffic.
    pub end: End,
    /// Its description before, where that was changed after its traffic was as it is wanted.
    pub described: Option<String>,
    /// Where its traffic went before, if there was an alias.
    pub before: Option<AliasRouting>,
    /// What the gates said.
    pub gates: Vec<GateResult>,
}

/// What was asked of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AliasCall {
    /// The states of the alarms.
    Alarms,
    /// To change the alias.
    Change,
    /// To make the alias.
    Create,
    /// The alias.
    Find,
    /// The version.
    Version,
}

/// A run that did not end well.
#[derive(Debug)]
pub struct AliasFailed {
    /// The alias as it was seen last; `None` when there was none.
    pub alias: Option<LiveAlias>,
    /// Whether it was seen after the last change.
    pub is_seen: bool,
    /// Why.
    pub why: AliasFailure,
}

/// Why a run did not end well.
#[derive(Debug)]
pub enum AliasFailure {
    /// AWS refused, or did not answer in time.
    Call {
        /// What was asked.
        call: AliasCall,
        /// What it said.
        error: Box<Error>,
    },
    /// Cancelled, and left as it is.
    Left,
    /// There is an alias of this name that is not in the state.
    NameTaken,
    /// The version was not kept: it has no traffic.
    Refused {
        /// Why.
        cause: Cause,
        /// It had some, which was taken back.
        had_traffic: bool,
        /// Sentences: which gate, with which number; which alarms.
        evidence: Vec<String>,
    },
    /// Somebody else has changed the alias, or deleted it.
    Superseded,
    /// AWS accepts no change of the alias, or does not show it.
    Unfinished,
    /// Lambda could not prepare the version, in its words.
    VersionFailed(Option<String>),
    /// There is no such version.
    VersionMissing,
    /// The version is not ready, and the time is over.
    VersionPending,
}
