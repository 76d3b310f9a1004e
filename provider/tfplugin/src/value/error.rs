//! Why bytes are not a value, or a value cannot become bytes.

use super::path::Prefix;
use super::{Path, PathStep, Type, TypeError, Value};

/// The bytes are not a value of the expected type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", Prefix(path))]
pub struct DecodeError {
    /// Where in the value the problem is; elements of sets count from 0 in wire
    /// order.
    pub path: Path,
    /// What is wrong there, e.g. `"a number is required, but a bool was sent"`.
    pub reason: String,
}

impl DecodeError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            path: Path::root(),
            reason: reason.into(),
        }
    }

    pub(crate) fn within(self, step: PathStep) -> Self {
        Self {
            path: self.path.within(step),
            reason: self.reason,
        }
    }
}

impl From<TypeError> for DecodeError {
    fn from(error: TypeError) -> Self {
        Self::new(error.to_string())
    }
}

/// The value does not have the type it should be written as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", Prefix(path))]
pub struct EncodeError {
    /// Where in the value the problem is.
    pub path: Path,
    /// What is wrong there, e.g. `"attribute \"id\" is missing"`.
    pub reason: String,
}

impl EncodeError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            path: Path::root(),
            reason: reason.into(),
        }
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::new(format!("attribute {name:?} is missing"))
    }

    pub(super) fn unsupported(name: &str) -> Self {
        Self::new(format!("the schema has no attribute {name:?}"))
    }

    pub(super) fn mismatch(value: &Value, ty: &Type) -> Self {
        Self::new(format!(
            "the schema says {ty}, but this is {}",
            value.kind()
        ))
    }

    pub(crate) fn within(self, step: PathStep) -> Self {
        Self {
            path: self.path.within(step),
            reason: self.reason,
        }
    }
}
