//! Why a figure is missing.

use std::fmt::Display;

/// Something could not be measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub(crate) struct Unmeasured {
    what: String,
    why: String,
}

impl Unmeasured {
    /// `what` was attempted and did not happen because of `why`.
    pub(crate) fn new(what: impl Into<String>, why: impl Display) -> Self {
        Self {
            what: what.into(),
            why: why.to_string(),
        }
    }
}

/// Names what was attempted when it fails.
pub(crate) trait Attempt<T> {
    /// The value, or `what` with the reason.
    fn attempt(self, what: &str) -> Result<T, Unmeasured>;
}

impl<T, E: Display> Attempt<T> for Result<T, E> {
    fn attempt(self, what: &str) -> Result<T, Unmeasured> {
        self.map_err(|why| Unmeasured::new(what, why))
    }
}
