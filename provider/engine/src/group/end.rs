//! How a change of a group ended.

use std::collections::BTreeMap;

use super::back::Return;
use super::cause::{GroupCause, Standing};

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
    pub(super) fn early(cause: GroupCause) -> Box<Self> {
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
