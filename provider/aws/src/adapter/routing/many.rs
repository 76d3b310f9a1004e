//! A listener's rules, read together once a plan has asked for a few of them: one call shows a hundred.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::batch::FEW;

/// How many rules of each listener were asked for.
#[derive(Debug, Default)]
pub(super) struct Many(Mutex<HashMap<String, usize>>);

impl Many {
    /// Told of each read of a rule; whether the whole listener is to be read now. It is once: what comes later, or is
    /// not there, is asked for by itself.
    pub(super) fn is_due(&self, listener: &str) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(listener.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count == FEW + 1
    }
}
