//! What a person has raised for a time, in words.

use switchyard_engine::emergency::{EmergencyScaling, Raised};
use switchyard_engine::ports::Bounds;

use crate::words::count;

/// What is raised, from what to what.
pub(crate) fn raised(note: &EmergencyScaling) -> String {
    let mut parts = Vec::new();
    if let Some(Raised { from, to }) = note.count {
        parts.push(format!("{from} -> {}", count_of(to)));
    }
    if let Some(Raised { from, to }) = note.bounds {
        parts.push(format!("bounds {} -> {}", span(from), span(to)));
    }
    parts.join(", ")
}

/// `1 task`, `2 tasks`.
pub(crate) fn count_of(tasks: u32) -> String {
    count(usize::try_from(tasks).unwrap_or(usize::MAX), "task")
}

/// Bounds, as `2-6`.
pub(crate) fn span(bounds: Bounds) -> String {
    format!("{}-{}", bounds.min, bounds.max)
}
