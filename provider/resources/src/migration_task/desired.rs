//! From the model to what the engine is asked for.

use std::collections::BTreeMap;

use switchyard_engine::migration::{Backup, DesiredMigration, MigrationPlan};
use switchyard_engine::ports::{Database, Launch, Network};
use tfplugin::value::Attr;

use super::model::{BackupModel, Model, NetworkModel};
use crate::blue_green_service::{List, known_map, known_set, or_default, strategy};
use crate::duration;
use crate::tags::Tagging;

/// Reads a model into the engine's terms; `None` as long as something it needs is unknown.
pub(super) fn wanted(model: &Model, tagging: &Tagging) -> Option<DesiredMigration> {
    let default = Model::defaults();
    Some(DesiredMigration {
        cluster: model.cluster.known()?.clone(),
        name: model.name.known()?.clone(),
        task_definition: model.task_definition.known()?.clone(),
        container: model.container_name.settled(own)?,
        command: words(&model.command)?,
        environment: known_map(&model.environment)?,
        triggers: triggers(model)?,
        launch: launch(model)?,
        platform_version: model.platform_version.settled(own)?,
        network: model.network_configuration.settled(network)?,
        tags: tagging.planned(&known_map(&model.tags)?),
        time_limit: duration::parse(or_default(&model.timeout, &default.timeout)?).ok()?,
    })
}

/// The same, with everything that is run before and after it.
pub(super) fn whole(model: &Model, tagging: &Tagging) -> Option<MigrationPlan> {
    Some(MigrationPlan {
        migration: wanted(model, tagging)?,
        dry_run: words(&model.dry_run)?,
        backup: model.backup.settled(backup)?,
        down: words(&model.down)?,
    })
}

fn backup(model: &BackupModel) -> Option<Backup> {
    let default = BackupModel::defaults();
    let time_limit = duration::parse(or_default(&model.timeout, &default.timeout)?).ok()?;
    let instance = model.db_instance_identifier.settled(own)?;
    let cluster = model.db_cluster_identifier.settled(own)?;
    let of = instance
        .map(Database::Instance)
        .or(cluster.map(Database::Cluster));
    match (of, words(&model.command)?) {
        (Some(of), _) => Some(Backup::Snapshot { of, time_limit }),
        (None, Some(command)) => Some(Backup::Command {
            command,
            time_limit,
        }),
        (None, None) => None,
    }
}

/// A command; `None` while a word of it is unknown.
fn words(list: &List<String>) -> Option<Option<Vec<String>>> {
    list.settled(|items| {
        let items = items.iter().map(|item| item.known().cloned());
        items.collect::<Option<Vec<_>>>()
    })
}

/// The triggers of a run, of which each may be null.
fn triggers(model: &Model) -> Option<BTreeMap<String, String>> {
    let elements = model.triggers.known()?.iter();
    elements
        .map(|(key, value)| match value {
            Attr::Unknown => None,
            Attr::Null => Some((key.clone(), String::new())),
            Attr::Known(text) => Some((key.clone(), text.clone())),
        })
        .collect()
}

fn own<T: Clone>(value: &T) -> Option<T> {
    Some(value.clone())
}

fn launch(model: &Model) -> Option<Option<Launch>> {
    let items = strategy(&model.capacity_provider_strategy)?;
    if !items.is_empty() {
        return Some(Some(Launch::Strategy(items)));
    }
    model
        .launch_type
        .settled(|word| Some(Launch::Type(word.engine())))
}

fn network(model: &NetworkModel) -> Option<Network> {
    let default = NetworkModel::defaults();
    Some(Network {
        subnets: known_set(&model.subnets)?,
        security_groups: match model.security_groups {
            Attr::Null => Default::default(),
            Attr::Known(_) | Attr::Unknown => known_set(&model.security_groups)?,
        },
        assign_public_ip: *or_default(&model.assign_public_ip, &default.assign_public_ip)?,
    })
}
