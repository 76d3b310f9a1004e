//! A migration with what is run before and after it: a dry run, a backup, and the way back when it fails.
//!
//! Each of them is a task of the migration like any other, so that they too run one at a time; a snapshot of a database is
//! made by RDS. A migration that runs already was prepared by the apply that started it: nothing is prepared twice.

use tokio_util::sync::CancellationToken;

use super::snapshot::snapshot;
use super::{
    Backup, DesiredMigration, MIGRATION_TAG, Migrated, MigrationCall, MigrationFailed,
    MigrationPlan, Preliminary, run_migration,
};
use crate::ports::Ports;

/// Carries out the whole plan.
///
/// # Errors
/// When the migration did not succeed, or was not started. What was done is in the error.
pub async fn migrate(
    ports: &Ports,
    plan: &MigrationPlan,
    cancel: &CancellationToken,
) -> Result<Migrated, MigrationFailed> {
    let backup = prepared(ports, plan, cancel).await?;
    match run_migration(ports, &plan.migration, cancel).await {
        Ok(migrated) => Ok(Migrated { backup, ..migrated }),
        Err(failed) => {
            let failed = undone(ports, plan, failed, cancel).await;
            Err(match backup {
                Some(backup) => MigrationFailed::AfterBackup {
                    backup,
                    failed: Box::new(failed),
                },
                None => failed,
            })
        }
    }
}

/// The dry run and the backup; what was made of the latter.
async fn prepared(
    ports: &Ports,
    plan: &MigrationPlan,
    cancel: &CancellationToken,
) -> Result<Option<String>, MigrationFailed> {
    if plan.dry_run.is_none() && plan.backup.is_none() {
        return Ok(None);
    }
    if runs_already(ports, &plan.migration).await? {
        return Ok(None);
    }
    let before = |stage| {
        move |failed| MigrationFailed::Before {
            stage,
            failed: Box::new(failed),
        }
    };
    if let Some(command) = &plan.dry_run {
        let dry_run = with_command(&plan.migration, command);
        let ran = run_migration(ports, &dry_run, cancel).await;
        ran.map_err(before(Preliminary::DryRun))?;
    }
    let made = match &plan.backup {
        None => return Ok(None),
        Some(Backup::Command {
            command,
            time_limit,
        }) => {
            let backup = DesiredMigration {
                time_limit: *time_limit,
                ..with_command(&plan.migration, command)
            };
            let ran = run_migration(ports, &backup, cancel).await;
            ran.map(|ran| ran.task)
        }
        Some(Backup::Snapshot { of, time_limit }) => {
            snapshot(ports, &plan.migration, of, *time_limit, cancel).await
        }
    };
    made.map(Some).map_err(before(Preliminary::Backup))
}

/// Whether a task for the migration itself runs: an earlier apply has started it.
async fn runs_already(ports: &Ports, wanted: &DesiredMigration) -> Result<bool, MigrationFailed> {
    let (tasks, started_by) = (&ports.standalone_tasks, wanted.started_by());
    let listed = tasks.tasks_started_by(&wanted.cluster, &started_by);
    let running = listed.await.map_err(|error| MigrationFailed::Call {
        call: MigrationCall::List,
        task: None,
        error: Box::new(error),
    })?;
    let fingerprint = wanted.fingerprint();
    Ok(running
        .iter()
        .any(|task| !task.has_ended() && task.tags.get(MIGRATION_TAG) == Some(&fingerprint)))
}

fn with_command(migration: &DesiredMigration, command: &[String]) -> DesiredMigration {
    DesiredMigration {
        command: Some(command.to_vec()),
        ..migration.clone()
    }
}

/// Runs the way back after a migration that ran and has ended badly; in every other case nothing is known to be changed, or
/// the task may still run.
async fn undone(
    ports: &Ports,
    plan: &MigrationPlan,
    failed: MigrationFailed,
    cancel: &CancellationToken,
) -> MigrationFailed {
    let has_run = match &failed {
        MigrationFailed::Exited { .. }
        | MigrationFailed::TimedOut {
            has_stopped: true, ..
        } => true,
        MigrationFailed::AfterBackup { .. }
        | MigrationFailed::AnotherRuns(_)
        | MigrationFailed::Before { .. }
        | MigrationFailed::Call { .. }
        | MigrationFailed::ContainerMissing(_)
        | MigrationFailed::ContainerUnclear(_)
        | MigrationFailed::DefinitionMissing
        | MigrationFailed::Interrupted(_)
        | MigrationFailed::InterruptedEarly
        | MigrationFailed::NotRun { .. }
        | MigrationFailed::SnapshotFailed(_)
        | MigrationFailed::SnapshotRuns { .. }
        | MigrationFailed::TimedOut {
            has_stopped: false, ..
        }
        | MigrationFailed::Undone { .. }
        | MigrationFailed::Vanished(_) => false,
    };
    let Some(command) = plan.down.as_ref().filter(|_| has_run) else {
        return failed;
    };
    let down = with_command(&plan.migration, command);
    let ran = run_migration(ports, &down, cancel).await;
    MigrationFailed::Undone {
        failed: Box::new(failed),
        down: ran.map(|ran| ran.task).map_err(Box::new),
    }
}
