//! A group: services that change together, in the order of their dependencies. When one of them fails, all of them go back
//! to what was live before.
//!
//! **Invariants.** Before the first member moves, every member carries a note of what it goes back to: an apply that is
//! killed at any point leaves enough behind for the next one, and for people who have no configuration. A member that
//! somebody else deploys meanwhile is left alone. Nothing is decided here about one deployment: that is an
//! [`apply`](crate::apply()) of one service, as always.

mod back;
mod change;
mod look;
mod note;
mod order;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::desired::OnCancel;
use crate::failure::Failure;
use crate::ports::{Error, ServiceRef};

pub use back::{Return, Returning, go_back, returns};
pub use change::{apply_group, leave_group};
pub use look::{GroupMember, check_member, look_at_member, members_of};
pub use note::GroupNote;
pub use order::{Disorder, waves};

/// A group, with everything that its change needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredGroup {
    /// Its name, the value of [`crate::GROUP_TAG`] on each member.
    pub name: String,
    /// Its members.
    pub members: Vec<DesiredMember>,
    /// How long the members that have moved are watched before the next wave begins.
    pub pause: Duration,
    /// How long one member may take.
    pub time_limit: Duration,
    /// What a cancelled apply does.
    pub on_cancel: OnCancel,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredMember {
    /// Its name in the group.
    pub key: String,
    /// The service.
    pub service: ServiceRef,
    /// What it is to run: ARN or `family:revision`.
    pub task_definition: String,
    /// Members that change before it.
    pub after: BTreeSet<String>,
}

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

/// How a change ended.
#[derive(Debug)]
pub struct GroupApplied {
    /// Each member that can be read, as it is afterwards.
    pub members: BTreeMap<String, Standing>,
    /// The members that moved, in the order of the waves; or why the change failed.
    pub result: Result<Vec<String>, Box<GroupFailure>>,
}

/// Why a change of a group failed, and what has become of its members.
#[derive(Debug)]
pub struct GroupFailure {
    /// Why.
    pub cause: GroupCause,
    /// The members that had begun to change, in the order in which they went back.
    pub back: Vec<(String, Return)>,
    /// Members that were to change and had not begun.
    pub untouched: Vec<String>,
}

impl GroupFailure {
    /// Nothing has begun to change.
    fn early(cause: GroupCause) -> Box<Self> {
        Box::new(Self {
            cause,
            back: Vec::new(),
            untouched: Vec::new(),
        })
    }

    /// Whether every member that had begun runs again what it ran before.
    pub fn is_back(&self) -> bool {
        self.back.iter().all(|(_, end)| end.is_back())
    }
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
