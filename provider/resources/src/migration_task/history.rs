//! What is remembered of runs: how each of the last ones ended.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use switchyard_engine::migration::{Migrated, MigrationFailed, Preliminary};
use tfplugin::value::Attr;

use super::model::{Model, RunModel};
use crate::blue_green_service::List;

/// Runs that are remembered.
const LENGTH: usize = 10;

/// How a run ended.
struct End<'e> {
    outcome: &'static str,
    exit_code: Option<i64>,
    task: Option<&'e str>,
    taken_back: Option<bool>,
}

/// The run of a migration that succeeded.
pub(super) fn succeeded(
    planned: &Model,
    prior: Option<&Model>,
    migrated: &Migrated,
    now: Timestamp,
) -> RunModel {
    let end = End {
        outcome: "succeeded",
        exit_code: Some(0),
        task: Some(&migrated.task),
        taken_back: None,
    };
    run(planned, prior, migrated.stopped_at.unwrap_or(now), &end)
}

/// The run of one that failed.
pub(super) fn failed(
    planned: &Model,
    prior: &Model,
    failed: &MigrationFailed,
    now: Timestamp,
) -> RunModel {
    run(planned, Some(prior), now, &end(failed))
}

/// The history with one more run.
pub(super) fn with(prior: Option<&Model>, run: RunModel) -> List<RunModel> {
    let before = prior.and_then(|prior| prior.history.known());
    let before = before.into_iter().flatten().cloned();
    let all = std::iter::once(Attr::Known(run)).chain(before);
    Attr::Known(all.take(LENGTH).collect())
}

fn run(planned: &Model, prior: Option<&Model>, at: Timestamp, end: &End<'_>) -> RunModel {
    RunModel {
        ended_at: Attr::Known(at.to_string()),
        outcome: Attr::Known(end.outcome.to_owned()),
        exit_code: Attr::from(end.exit_code),
        task_definition: planned.task_definition.clone(),
        changed: Attr::Known(changed(planned, prior)),
        task_arn: Attr::from(end.task.map(str::to_owned)),
        taken_back: Attr::from(end.taken_back),
    }
}

/// Triggers that are new, gone or different.
fn changed(planned: &Model, prior: Option<&Model>) -> BTreeSet<String> {
    let none = BTreeMap::new();
    let now = planned.triggers.known().unwrap_or(&none);
    let before = prior
        .and_then(|prior| prior.triggers.known())
        .unwrap_or(&none);
    let names = now.keys().chain(before.keys());
    let differs = |name: &&String| now.get(*name) != before.get(*name);
    names.filter(differs).cloned().collect()
}

fn end(failed: &MigrationFailed) -> End<'_> {
    let ended = |outcome, task| End {
        outcome,
        exit_code: None,
        task,
        taken_back: None,
    };
    match failed {
        MigrationFailed::AfterBackup { failed, .. } => end(failed),
        MigrationFailed::Before { stage, failed } => {
            let found = end(failed);
            let outcome = match stage {
                _ if failed.is_interrupted() => found.outcome,
                Preliminary::DryRun => "dry_run_failed",
                Preliminary::Backup => "backup_failed",
            };
            End { outcome, ..found }
        }
        MigrationFailed::Undone { failed, down } => End {
            taken_back: Some(down.is_ok()),
            ..end(failed)
        },
        MigrationFailed::Exited { task, code, .. } => End {
            exit_code: Some(*code),
            ..ended("failed", Some(task))
        },
        MigrationFailed::NotRun { task, .. } => ended("not_run", Some(task)),
        MigrationFailed::TimedOut { task, .. } => ended("timed_out", Some(task)),
        MigrationFailed::Interrupted(task) => ended("interrupted", Some(task)),
        MigrationFailed::Vanished(task) => ended("unknown", Some(task)),
        MigrationFailed::Call {
            task: Some(task), ..
        } => ended("unknown", Some(task)),
        MigrationFailed::Call { task: None, .. }
        | MigrationFailed::InterruptedEarly
        | MigrationFailed::AnotherRuns(_)
        | MigrationFailed::DefinitionMissing
        | MigrationFailed::ContainerMissing(_)
        | MigrationFailed::ContainerUnclear(_) => ended("refused", None),
        MigrationFailed::SnapshotRuns {
            interrupted: true, ..
        } => ended("interrupted", None),
        MigrationFailed::SnapshotFailed(_) | MigrationFailed::SnapshotRuns { .. } => {
            ended("backup_failed", None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_run_is_forgotten() {
        let mut state = Model::default();
        for code in 0..25 {
            let run = RunModel {
                exit_code: Attr::Known(code),
                ..RunModel::default()
            };
            state.history = with(Some(&state), run);
        }
        let kept = state.history.known().unwrap();
        assert_eq!(kept.len(), 10);
        let newest = kept[0].known().unwrap();
        assert_eq!(newest.exit_code, Attr::Known(24));
    }

    #[test]
    fn what_failed_within_something_is_found() {
        let exited = || MigrationFailed::Exited {
            task: "arn:task".to_owned(),
            container: "app".to_owned(),
            code: 3,
            reason: None,
            logs: Vec::new(),
        };
        let undone = MigrationFailed::AfterBackup {
            backup: "arn:snapshot".to_owned(),
            failed: Box::new(MigrationFailed::Undone {
                failed: Box::new(exited()),
                down: Ok("arn:down".to_owned()),
            }),
        };
        let found = end(&undone);
        assert_eq!((found.outcome, found.exit_code), ("failed", Some(3)));
        assert_eq!(
            (found.task, found.taken_back),
            (Some("arn:task"), Some(true))
        );
        let before = MigrationFailed::Before {
            stage: Preliminary::DryRun,
            failed: Box::new(exited()),
        };
        assert_eq!(end(&before).outcome, "dry_run_failed");
        let interrupted = MigrationFailed::Before {
            stage: Preliminary::DryRun,
            failed: Box::new(MigrationFailed::Interrupted("arn:task".to_owned())),
        };
        assert_eq!(end(&interrupted).outcome, "interrupted");
    }
}
