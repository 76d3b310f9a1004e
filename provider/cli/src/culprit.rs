//! Who changed an object.

use jiff::Timestamp;
use serde_json::{Value, json};

/// Who changed an object last.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Culprit {
    /// The ARN of the identity, or AWS's name for it.
    pub(crate) identity: String,
    /// Such as `AttachRolePolicy`.
    pub(crate) operation: String,
    pub(crate) at: Timestamp,
    /// The address that the call came from, or the service that made it.
    pub(crate) source: Option<String>,
}

impl Culprit {
    /// As a sentence.
    pub(crate) fn sentence(&self) -> String {
        let from = self
            .source
            .as_ref()
            .map_or_else(String::new, |source| format!(" from {source}"));
        format!(
            "CloudTrail: {} called {} on {}{from}.",
            self.identity, self.operation, self.at
        )
    }

    /// For programs.
    pub(crate) fn document(&self) -> Value {
        json!({
            "identity": self.identity,
            "operation": self.operation,
            "at": self.at.to_string(),
            "source": self.source,
        })
    }
}
