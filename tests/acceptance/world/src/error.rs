//! How an AWS call is refused.

use serde_json::{Map, Value};

/// An AWS error as the caller sees it: code, message, HTTP status and the error's own members.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code} ({status}): {message}")]
pub struct ApiError {
    /// The error code, exactly as AWS spells it (`ClusterNotFoundException`, `TargetGroupNotFound`).
    pub code: String,
    /// The text a user reads.
    pub message: String,
    /// HTTP status; 400 unless AWS says otherwise.
    pub status: u16,
    /// Further members of the error shape (for example `resourceIds` of a conflict).
    pub fields: Map<String, Value>,
}

impl ApiError {
    /// A refusal with HTTP status 400.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status: 400,
            fields: Map::new(),
        }
    }

    /// The same refusal under another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same refusal with one more member.
    #[must_use]
    pub fn with_field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }
}
