//! What a verb gets from the process.

use std::io::{Read, Write};

use jiff::Timestamp;

/// What the process knows of its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// The time; allowances end by its day in UTC.
    pub now: Timestamp,
    /// Whether standard output likes colour.
    pub color: bool,
}

/// What the process reads and writes.
pub struct Streams<'s> {
    /// Standard input.
    pub input: &'s mut dyn Read,
    /// Standard output: the report and nothing else.
    pub out: &'s mut dyn Write,
    /// Standard error: what went wrong.
    pub errors: &'s mut dyn Write,
}

impl std::fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}
