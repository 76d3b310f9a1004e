//! From the model to what the engine is asked for.

use std::collections::BTreeMap;

use switchyard_engine::migration::DesiredMigration;
use switchyard_engine::ports::{Launch, Network};
use tfplugin::value::Attr;

use super::model::{Model, NetworkModel};
use crate::blue_green_service::{known_map, known_set, or_default, strategy};
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
        command: model.command.settled(|items| {
            let items = items.iter().map(|item| item.known().cloned());
            items.collect::<Option<Vec<_>>>()
        })?,
        environment: known_map(&model.environment)?,
        triggers: triggers(model)?,
        launch: launch(model)?,
        platform_version: model.platform_version.settled(own)?,
        network: model.network_configuration.settled(network)?,
        tags: tagging.planned(&known_map(&model.tags)?),
        time_limit: duration::parse(or_default(&model.timeout, &default.timeout)?).ok()?,
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
