//! The command line of `switchyard recover`.

use std::path::PathBuf;

use clap::Args;

use crate::operate::{ConnectionArguments, OutputArguments};

/// Arguments of `switchyard recover`.
#[derive(Debug, Args)]
pub struct RecoverArguments {
    /// The plan: `json` of the data source `switchyard_recovery_plan`, in a file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Which of its scenarios. Without it, they are listed.
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// Only show what would be done: the preview of each step, where it has one.
    #[arg(long)]
    pub dry_run: bool,
    /// Do it only while one of the scenario's alarms is in state ALARM; otherwise the exit code is 2.
    #[arg(long)]
    pub if_alarm: bool,
    /// An exercise: refused unless all calls go to an endpoint on this machine, such as the lab. The exit code is 3 when the
    /// objective is missed.
    #[arg(long)]
    pub drill: bool,
    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,
    /// Who has approved, for a scenario that requires it.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub approved_by: Option<String>,
    /// Why; part of the record. Required with `--yes`, unless `--if-alarm` or `--drill` says why.
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub reason: Option<String>,
    /// File to which one line of JSON is added: how long it took, and how long each step.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// How AWS is reached, for the steps as well. Without `--region`, the region of the plan, where it names one.
    #[command(flatten)]
    pub connection: ConnectionArguments,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArguments,
}
