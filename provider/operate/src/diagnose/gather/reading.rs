//! What an answer of AWS is to a check.

use switchyard_engine::ports::{Error, Result};

use crate::diagnose::evidence::Reading;
use crate::trouble::Trouble;

impl<T> Reading<T> {
    /// What could not be read, and why.
    pub(super) fn unread(error: &Error) -> Self {
        // Nothing is changed by any of it, which needs no word here.
        let said = Trouble::of(error, "").to_string();
        Self::Unread(said.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// What AWS has answered.
    pub(super) fn of(answer: Result<T>) -> Self {
        match answer {
            Ok(seen) => Self::Seen(seen),
            Err(error) => Self::unread(&error),
        }
    }
}
