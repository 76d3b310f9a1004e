//! The account of a rollout: what the state keeps of it, and the file.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use switchyard_engine::ports::ServiceRef;
use switchyard_engine::{DeploymentRecord, GateResult, GateVerdict, RecordOutcome, TimelineEntry};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Number, Path};

use super::model::{LastDeploymentModel, RecordGateModel, RecordStageModel};
use super::report_file::replace;

/// Code of a report that was not written.
const NOT_WRITTEN: &str = "SY0241";

/// Version of the file's form.
const SCHEMA_VERSION: u32 = 1;

/// `last_deployment`.
pub(super) fn last_deployment(record: &DeploymentRecord) -> LastDeploymentModel {
    LastDeploymentModel {
        id: Attr::from(record.id.clone()),
        outcome: text(outcome_word(record.outcome)),
        reason: text(&record.reason),
        from_task_definition: Attr::from(record.from_task_definition.clone()),
        to_task_definition: text(&record.to_task_definition),
        started_at: text(&record.started_at.to_string()),
        finished_at: text(&record.finished_at.to_string()),
        duration_seconds: Attr::Known(record.duration_seconds),
        recovery_seconds: Attr::from(record.recovery_seconds),
        score: Attr::from(record.score.map(u64::from)),
        timeline: Attr::Known(record.timeline.iter().map(stage).collect()),
        gates: Attr::Known(record.gates.iter().map(gate).collect()),
    }
}

fn stage(entry: &TimelineEntry) -> RecordStageModel {
    RecordStageModel {
        at: text(&entry.at.to_string()),
        stage: text(&entry.stage),
        weight: entry.weight.map_or(Attr::Null, number),
    }
}

fn gate(result: &GateResult) -> RecordGateModel {
    RecordGateModel {
        gate: text(&result.gate),
        moment: text(&result.moment),
        weight: number(result.weight),
        verdict: text(match result.verdict {
            GateVerdict::Failed => "failed",
            GateVerdict::Inconclusive => "inconclusive",
            GateVerdict::NoData => "no_data",
            GateVerdict::Passed => "passed",
        }),
        observe_only: Attr::Known(result.observe_only),
        measurements: Attr::Known(result.measurements.into()),
        message: text(&result.message),
        at: text(&result.at.to_string()),
    }
}

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

fn number(number: f64) -> Attr<Number> {
    number.to_string().parse().map_or(Attr::Null, Attr::Known)
}

fn outcome_word(outcome: RecordOutcome) -> &'static str {
    match outcome {
        RecordOutcome::Cancelled => "cancelled",
        RecordOutcome::Failed => "failed",
        RecordOutcome::LeftRunning => "left_running",
        RecordOutcome::RolledBack => "rolled_back",
        RecordOutcome::Succeeded => "succeeded",
        RecordOutcome::Unhealthy => "unhealthy",
    }
}

/// What the file holds.
#[derive(Serialize)]
struct ReportFile<'a> {
    schema_version: u32,
    service: ServiceName<'a>,
    deployment: &'a DeploymentRecord,
}

#[derive(Serialize)]
struct ServiceName<'a> {
    cluster: &'a str,
    name: &'a str,
}

/// Writes the account to `report_path`. That it cannot be written is a warning: the deployment has ended, and
/// the state has its account, too.
pub(super) async fn write_report(
    path: &str,
    service: &ServiceRef,
    record: &DeploymentRecord,
) -> Option<Diagnostic> {
    let report = ReportFile {
        schema_version: SCHEMA_VERSION,
        service: ServiceName {
            cluster: service.cluster_name(),
            name: &service.name,
        },
        deployment: record,
    };
    let target = PathBuf::from(path);
    let written = match serde_json::to_vec_pretty(&report) {
        Ok(json) => tokio::task::spawn_blocking(move || replace(&target, &json))
            .await
            .unwrap_or_else(|failed| Err(io::Error::other(failed))),
        Err(error) => Err(error.into()),
    };
    let error = written.err()?;
    let warning = Diagnostic::warning(
        format!("The report of the deployment was not written to `{path}`"),
        format!(
            "The deployment itself is not affected, and `last_deployment` has its account.\n\n{error}\n\nCorrect \
             `report_path`, or make its folder writable; the next deployment writes it again.\n\nCode {NOT_WRITTEN}."
        ),
    );
    Some(warning.at(Path::root().attribute("report_path")))
}
