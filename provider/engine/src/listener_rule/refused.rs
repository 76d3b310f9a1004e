//! Why a rule cannot be made or changed, as data; who shows it finds the words.

use std::fmt;

use crate::ports::{Error, WeightedTarget};

/// What was being done when a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Making the rule.
    Create,
    /// Reading it, before or after a change.
    Read,
    /// Replacing its conditions.
    Conditions,
    /// Changing its pair or its stickiness.
    Targets,
    /// Moving it to another priority.
    Priority,
    /// Changing its tags.
    Tags,
    /// Deleting it.
    Delete,
}

impl Doing {
    /// As it stands after "to".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Create => "make the rule",
            Self::Read => "read the rule",
            Self::Conditions => "change its conditions",
            Self::Targets => "change its target groups",
            Self::Priority => "change its priority",
            Self::Tags => "change its tags",
            Self::Delete => "delete the rule",
        }
    }
}

/// The rule that has a priority somebody else wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its ARN.
    pub arn: String,
    /// Whether it takes the same requests to the same pair: most likely what was to be made exists already.
    pub is_equal: bool,
}

/// Why a rule cannot be made or changed.
#[derive(Debug)]
pub enum Refused {
    /// AWS or the transport refused a call.
    Call(Doing, Error),
    /// These target groups do not exist.
    GroupsMissing(Vec<String>),
    /// The listener does not exist.
    ListenerMissing(String),
    /// Every priority of the listener is taken.
    NoPriorityLeft,
    /// Another rule of the listener has the priority.
    PriorityTaken {
        /// The priority.
        priority: u32,
        /// The rule that has it; `None` when that could not be read.
        holder: Option<Holder>,
    },
    /// A group that is to leave the rule gets requests.
    StillServing(WeightedTarget),
    /// The rule is not there any more.
    Vanished,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(doing, error) => write!(f, "cannot {}: {error}", doing.words()),
            Self::GroupsMissing(groups) => write!(f, "no target groups {}", groups.join(", ")),
            Self::ListenerMissing(listener) => write!(f, "no listener {listener}"),
            Self::NoPriorityLeft => f.write_str("no priority is free"),
            Self::PriorityTaken { priority, .. } => write!(f, "priority {priority} is taken"),
            Self::StillServing(target) => write!(f, "{} serves", target.target_group),
            Self::Vanished => f.write_str("the rule is gone"),
        }
    }
}
