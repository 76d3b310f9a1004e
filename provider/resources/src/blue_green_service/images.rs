//! Task definitions whose images are written here: what is live, and whether a plan changes it.

use std::collections::BTreeMap;

use switchyard_engine::ports::{Ports, TaskDefinition};
use switchyard_engine::{Live, image_changes};
use tfplugin::value::{Attr, ToValue};

use super::difference::differs;
use super::memory::Memory;
use super::model::{Model, known_map, text_map};
use super::owner::TaskDefinitionOwner;

/// Puts the live images into the state, for the containers it has images for. They stay as recorded when the
/// live task definition cannot be read.
pub(super) async fn refresh(ports: &Ports, state: &mut Model, live: &Live) {
    if TaskDefinitionOwner::of(state) != Some(TaskDefinitionOwner::Images) {
        return;
    }
    let Some(recorded) = known_map(&state.images).filter(|images| !images.is_empty()) else {
        return;
    };
    let Some(found) = found(ports, live.revision.task_definition.as_deref()).await else {
        return;
    };
    let shown: BTreeMap<String, String> = recorded
        .into_iter()
        .map(|(container, image)| {
            let mut containers = found.containers.iter();
            let image = containers
                .find(|shown| shown.name == container)
                .map_or(image, |shown| shown.image.clone());
            (container, image)
        })
        .collect();
    state.images = text_map(shown);
}

/// Whether a plan with these images starts a deployment. Decided by the task definitions themselves, which
/// never change; by what the state has recorded when they cannot be read.
pub(super) async fn change(
    ports: Option<&Ports>,
    memory: &Memory,
    prior: &Model,
    config: &Model,
    planned: &Model,
) -> Attr<bool> {
    let by_record = differs(&prior.images.to_value(), &planned.images.to_value());
    let Some(images) = known_map(&planned.images) else {
        return match by_record {
            Attr::Known(true) => Attr::Known(true),
            Attr::Known(false) | Attr::Unknown | Attr::Null => Attr::Unknown,
        };
    };
    if config.task_definition.is_unknown() {
        return Attr::Unknown;
    }
    let Some(ports) = ports else {
        return by_record;
    };
    let live = memory.live_task_definition(prior);
    let base = config.task_definition.known();
    let (live, based) = tokio::join!(
        found(ports, live.known().map(String::as_str)),
        found(ports, base.map(String::as_str)),
    );
    let Some(live) = live else {
        return by_record;
    };
    if base.is_some() && based.is_none() {
        // The checks of the plan say that it does not exist.
        return by_record;
    }
    let base = based.as_ref().map(|based| &based.document);
    match image_changes(Some(&live.document), base, &images) {
        Ok(changes) => Attr::Known(changes.any()),
        // The checks of the plan say so.
        Err(_) => by_record,
    }
}

async fn found(ports: &Ports, name: Option<&str>) -> Option<TaskDefinition> {
    ports.services.find_task_definition(name?).await.ok()?
}
