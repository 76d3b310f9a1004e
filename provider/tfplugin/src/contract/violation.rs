//! A broken rule.

use std::fmt;

use crate::value::Path;

/// A broken rule: where, and which. The reasons are Terraform's own words, so
/// that they can be found in its documentation and issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The place in the value; elements of sets have the path of the set.
    pub path: Path,
    /// What is wrong there.
    pub reason: String,
}

impl Violation {
    pub(super) fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self {
            path: path.clone(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_root() {
            formatter.write_str(&self.reason)
        } else {
            write!(formatter, "{}: {}", self.path, self.reason)
        }
    }
}
