//! What a member is, and why a group does not change.

use super::order::Disorder;
use crate::failure::Failure;
use crate::freeze::Frozen;
use crate::ports::Error;

/// What a member runs, and what it goes back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// ARN of the live task definition.
    pub live: String,
    /// `family:revision` that was live before the last change of the group.
    pub before: String,
    /// The last change of the group has not ended here.
    pub is_open: bool,
}

/// Why a group does not change.
#[derive(Debug)]
pub enum GroupCause {
    /// A member's service does not exist.
    Missing(String),
    /// A member's service is deployed by something else than ECS: AWS's word for it.
    NotEcs {
        /// Member.
        member: String,
        /// AWS's word.
        controller: String,
    },
    /// A member belongs to another group.
    Taken {
        /// Member.
        member: String,
        /// The group that has it.
        group: String,
    },
    /// A member's task definition does not exist or is inactive.
    NoDefinition(String),
    /// What a member has to remember of a change is longer than a tag's value can be.
    TooLong(String),
    /// A member that is to be deployed may not be now.
    Frozen {
        /// Member.
        member: String,
        /// Why, and until when.
        frozen: Frozen,
    },
    /// The members cannot be put in order.
    Disorder(Disorder),
    /// A call failed before any member moved.
    Early {
        /// Member.
        member: String,
        /// Why.
        error: Box<Error>,
    },
    /// The deployment of a member failed.
    Member {
        /// Member.
        member: String,
        /// Why.
        failure: Box<Failure>,
    },
    /// A member that had moved was not live any more before the next wave began: what is live now, if anything.
    NotHeld {
        /// Member.
        member: String,
        /// `family:revision`.
        live: Option<String>,
    },
    /// The apply was cancelled. `left`: what has begun continues, because that is configured.
    Cancelled {
        /// Whether the members stay where they are.
        left: bool,
    },
    /// All members have moved, and the end could not be written down at one of them.
    NotNoted {
        /// Member.
        member: String,
        /// Why.
        error: Box<Error>,
    },
}
