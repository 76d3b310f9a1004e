//! Task definitions and stopped tasks.

use aws_sdk_ecs::types::{ContainerDefinition, Task, TaskDefinition as SdkTaskDefinition};
use switchyard_engine::ports::{ContainerPort, StoppedTask, TaskDefinition};

use super::{Converted, count, required, time};

fn container(definition: &ContainerDefinition) -> ContainerPort {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    ContainerPort {
        name: text(definition.name()),
        ports: definition
            .port_mappings()
            .iter()
            .filter_map(|mapping| mapping.container_port())
            .map(count)
            .collect(),
        image: text(definition.image()),
    }
}

pub(crate) fn task_definition(definition: &SdkTaskDefinition) -> Converted<TaskDefinition> {
    Ok(TaskDefinition {
        arn: required(definition.task_definition_arn(), "taskDefinitionArn")?.to_owned(),
        family: required(definition.family(), "family")?.to_owned(),
        revision: count(definition.revision()),
        is_active: definition
            .status()
            .is_some_and(|word| word.as_str() == "ACTIVE"),
        containers: definition
            .container_definitions()
            .iter()
            .map(container)
            .collect(),
        network_mode: definition
            .network_mode()
            .map(|word| word.as_str().to_owned()),
    })
}

pub(crate) fn stopped_task(task: &Task) -> Converted<StoppedTask> {
    let containers = task.containers().iter().filter_map(|container| {
        let ended = (
            container.exit_code().map(i64::from),
            container.reason().map(ToOwned::to_owned),
        );
        Some((container.name()?.to_owned(), ended))
    });
    Ok(StoppedTask {
        arn: required(task.task_arn(), "taskArn")?.to_owned(),
        task_definition: task.task_definition_arn().unwrap_or_default().to_owned(),
        stop_code: task.stop_code().map(|word| word.as_str().to_owned()),
        reason: task.stopped_reason().map(ToOwned::to_owned),
        containers: containers.collect(),
        stopped_at: time(task.stopped_at().copied()),
    })
}
