//! How a recovery went, as a line of JSON.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use switchyard_operate::{Trouble, Written, framed, schema_of};

/// A recovery that has ended.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Record<'r> {
    pub(super) plan: &'r str,
    pub(super) scenario: &'r str,
    /// It was an exercise.
    pub(super) drill: bool,
    pub(super) reason: Option<&'r str>,
    pub(super) approved_by: Option<&'r str>,
    /// The alarm that was firing, where one was asked for.
    pub(super) alarm: Option<&'r str>,
    pub(super) started_at: Timestamp,
    /// From the start to the end of the last step.
    pub(super) seconds: u64,
    pub(super) recovery_time_seconds: u64,
    pub(super) recovery_point_seconds: Option<u64>,
    /// Every step has succeeded.
    pub(super) succeeded: bool,
    /// It has succeeded within the objective.
    pub(super) within_objective: bool,
    pub(super) steps: Vec<StepRecord<'r>>,
}

/// What `format` says.
pub(crate) const FORMAT: &str = Record::FORMAT;

/// The schema of what `recover` writes.
pub(crate) fn schema() -> serde_json::Value {
    schema_of::<Record<'static>>()
}

impl Written for Record<'_> {
    const FORMAT: &'static str = "switchyard.recovery";
}

/// A step that has ended.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct StepRecord<'r> {
    pub(super) name: &'r str,
    pub(super) seconds: u64,
    /// Exit code; absent when the program could not be started or was killed.
    pub(super) exit_code: Option<i32>,
    pub(super) succeeded: bool,
}

/// Adds the record to a file.
pub(super) fn add(path: &Path, record: &Record<'_>) -> Result<(), Trouble> {
    let line = serde_json::to_string(&framed(record));
    let line =
        line.map_err(|error| Trouble::new(format!("The record cannot be written ({error}).")))?;
    let written = OpenOptions::new().create(true).append(true).open(path);
    let written = written.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    written.map_err(|error| {
        Trouble::new(format!(
            "The recovery has ended, and its record was not added to {} ({error}). The record is: {line}",
            path.display()
        ))
    })
}
