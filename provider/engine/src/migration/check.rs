//! What can be told before anything runs.

use super::{DesiredMigration, MigrationCall, MigrationFailed};
use crate::ports::{Ports, TaskDefinition};

/// Whether the migration's task could be started: its definition and its container exist.
///
/// # Errors
/// What would stop it, or the call that could not tell.
pub async fn check_migration(
    ports: &Ports,
    wanted: &DesiredMigration,
) -> Result<(), MigrationFailed> {
    resolve(ports, wanted).await.map(drop)
}

/// The definition with its revision, and the name of the container that counts.
pub(super) async fn resolve(
    ports: &Ports,
    wanted: &DesiredMigration,
) -> Result<(TaskDefinition, String), MigrationFailed> {
    let found = ports
        .services
        .find_task_definition(&wanted.task_definition)
        .await
        .map_err(|error| MigrationFailed::Call {
            call: MigrationCall::Definition,
            task: None,
            error: Box::new(error),
        })?;
    let definition = found
        .filter(|definition| definition.is_active())
        .ok_or(MigrationFailed::DefinitionMissing)?;
    let container = container(wanted, &definition)?;
    Ok((definition, container))
}

fn container(
    wanted: &DesiredMigration,
    definition: &TaskDefinition,
) -> Result<String, MigrationFailed> {
    let containers = definition.containers.iter();
    let names: Vec<String> = containers.map(|found| found.name.clone()).collect();
    match (&wanted.container, names.as_slice()) {
        (Some(name), names) if names.contains(name) => Ok(name.clone()),
        (Some(_), _) => Err(MigrationFailed::ContainerMissing(names)),
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(MigrationFailed::ContainerUnclear(names)),
    }
}
