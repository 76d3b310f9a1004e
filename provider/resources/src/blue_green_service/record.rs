//! The account of a rollout: what the state keeps of it, and the file.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use serde::Serialize;
use switchyard_engine::ports::ServiceRef;
use switchyard_engine::{DeploymentRecord, GateResult, GateVerdict};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::freeze::Overridden;
use super::model::LastDeploymentModel;
use super::report_file::replace;
use super::words::{OutcomeWord, VerdictWord};
use crate::names;

/// Code of a report that was not written.
const NOT_WRITTEN: &str = "SY0241";

/// Version of the file's form (docs/commands/report.md). The second has who moved the traffic, target groups, tasks,
/// readings, events, alarms and the failure.
const SCHEMA_VERSION: u32 = 2;

/// `last_deployment`.
pub(super) fn last_deployment(record: &DeploymentRecord) -> LastDeploymentModel {
    let revision = |arn: &String| names::task_definition_name(arn).to_owned();
    LastDeploymentModel {
        id: Attr::from(record.id.clone()),
        outcome: Attr::Known(OutcomeWord::of(record.outcome)),
        reason: text(&record.reason),
        from_task_definition: Attr::from(record.from_task_definition.as_ref().map(revision)),
        to_task_definition: Attr::Known(revision(&record.to_task_definition)),
        finished_at: text(&record.finished_at.to_string()),
        duration_seconds: Attr::Known(record.duration_seconds),
        recovery_seconds: Attr::from(record.recovery_seconds),
        score: Attr::from(record.score.map(u64::from)),
        gates: Attr::Known(verdicts(&record.gates)),
        more: BTreeMap::new(),
    }
}

/// The worst that each gate said.
fn verdicts(results: &[GateResult]) -> BTreeMap<String, VerdictWord> {
    let mut worst = BTreeMap::new();
    for result in results {
        let said = worst.entry(&result.gate).or_insert(result.verdict);
        *said = worse(*said, result.verdict);
    }
    let named = worst.into_iter();
    named
        .map(|(gate, verdict)| (gate.clone(), VerdictWord::of(verdict)))
        .collect()
}

/// The one that says more about what is wrong.
pub(super) fn worse(one: GateVerdict, other: GateVerdict) -> GateVerdict {
    let badness = |verdict| match verdict {
        GateVerdict::Failed => 3,
        GateVerdict::Inconclusive => 2,
        GateVerdict::NoData => 1,
        GateVerdict::Passed => 0,
    };
    if badness(other) > badness(one) {
        other
    } else {
        one
    }
}

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

/// What the file holds.
#[derive(Serialize)]
struct ReportFile<'a> {
    schema_version: u32,
    service: ServiceName<'a>,
    deployment: &'a DeploymentRecord,
    /// The freeze that the deployment did not heed.
    #[serde(skip_serializing_if = "Option::is_none")]
    freeze: Option<&'a Overridden>,
}

/// What the file tells of a deployment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    pub(super) record: &'a DeploymentRecord,
    /// The freeze that it did not heed.
    pub(super) overridden: Option<&'a Overridden>,
}

#[derive(Serialize)]
struct ServiceName<'a> {
    cluster: &'a str,
    name: &'a str,
}

/// Writes the account to `report_path`. That it cannot be written is a warning: the deployment has ended, and
/// the state has its outcome.
pub(super) async fn write_report(
    path: &str,
    service: &ServiceRef,
    told: Told<'_>,
) -> Option<Diagnostic> {
    let report = ReportFile {
        schema_version: SCHEMA_VERSION,
        service: ServiceName {
            cluster: service.cluster_name(),
            name: &service.name,
        },
        deployment: told.record,
        freeze: told.overridden,
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
            "The deployment itself is not affected, and `last_deployment` has its outcome.\n\n{error}\n\nCorrect \
             `report_path`, or make its folder writable; the next deployment writes it again.\n\nCode {NOT_WRITTEN}."
        ),
    );
    Some(warning.at(Path::root().attribute("report_path")))
}
