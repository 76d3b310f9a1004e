//! Task definitions and stopped tasks.

use aws_sdk_ecs::types::{
    ContainerDefinition, ContainerInstance, Tag, Task, TaskDefinition as SdkTaskDefinition,
};
use serde_json::Value;
use switchyard_engine::ports::{
    ContainerPort, CpuArchitecture, FreeCapacity, LogGroupReference, NetworkMode, SecretReference,
    StandaloneTask, StopCode, StoppedTask, TaskDefinition, TaskDefinitionStatus, TaskStatus,
};

use super::services::tags;
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

/// Everything the container needs secrets for: itself, its log driver, its registry.
fn secrets(definition: &ContainerDefinition) -> Vec<SecretReference> {
    let own = definition.secrets().iter();
    let logging = definition
        .log_configuration()
        .map(|logging| logging.secret_options())
        .unwrap_or_default();
    let registry = definition
        .repository_credentials()
        .map(|credentials| credentials.credentials_parameter());
    own.chain(logging)
        .map(|secret| secret.value_from())
        .chain(registry)
        .map(|from| SecretReference {
            container: definition.name().unwrap_or_default().to_owned(),
            from: from.to_owned(),
        })
        .collect()
}

fn log_group(definition: &ContainerDefinition) -> Option<LogGroupReference> {
    let logging = definition
        .log_configuration()
        .filter(|logging| logging.log_driver().as_str() == "awslogs")?;
    let option = |name: &str| logging.options()?.get(name).cloned();
    Some(LogGroupReference {
        container: definition.name().unwrap_or_default().to_owned(),
        group: option("awslogs-group")?,
        region: option("awslogs-region"),
        stream_prefix: option("awslogs-stream-prefix"),
        creates_group: option("awslogs-create-group").is_some_and(|word| word == "true"),
    })
}

/// `document` is the same definition as it came over the wire.
pub(crate) fn task_definition(
    definition: &SdkTaskDefinition,
    definition_tags: &[Tag],
    document: Value,
) -> Converted<TaskDefinition> {
    let containers = definition.container_definitions();
    let text = |value: Option<&str>| value.map(ToOwned::to_owned);
    Ok(TaskDefinition {
        arn: required(definition.task_definition_arn(), "taskDefinitionArn")?.to_owned(),
        family: required(definition.family(), "family")?.to_owned(),
        revision: count(definition.revision()),
        status: definition
            .status()
            .map(|word| TaskDefinitionStatus::parse(word.as_str())),
        containers: containers.iter().map(container).collect(),
        network_mode: definition
            .network_mode()
            .map(|word| NetworkMode::parse(word.as_str())),
        cpu: text(definition.cpu()),
        memory: text(definition.memory()),
        cpu_architecture: definition
            .runtime_platform()
            .and_then(|platform| platform.cpu_architecture())
            .map(|word| CpuArchitecture::parse(word.as_str())),
        execution_role: text(definition.execution_role_arn()),
        task_role: text(definition.task_role_arn()),
        secrets: containers.iter().flat_map(secrets).collect(),
        log_groups: containers.iter().filter_map(log_group).collect(),
        tags: tags(definition_tags),
        document,
    })
}

/// What an instance has left. Without a word about it there is nothing to count on.
pub(crate) fn free_capacity(instance: &ContainerInstance) -> FreeCapacity {
    let remaining = |name: &str| {
        instance
            .remaining_resources()
            .iter()
            .find(|resource| resource.name() == Some(name))
            .map_or(0, |resource| count(resource.integer_value()))
    };
    FreeCapacity {
        cpu: remaining("CPU"),
        memory: remaining("MEMORY"),
    }
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
        started_by: task.started_by().map(ToOwned::to_owned),
        stop_code: task.stop_code().map(|word| StopCode::parse(word.as_str())),
        reason: task.stopped_reason().map(ToOwned::to_owned),
        containers: containers.collect(),
        stopped_at: time(task.stopped_at().copied()),
    })
}

/// A task as DescribeTasks shows it with its tags.
pub(crate) fn standalone_task(task: &Task) -> Converted<StandaloneTask> {
    Ok(StandaloneTask {
        arn: required(task.task_arn(), "taskArn")?.to_owned(),
        status: TaskStatus::parse(required(task.last_status(), "lastStatus")?),
        tags: tags(task.tags()),
        created_at: time(task.created_at().copied()),
        started_at: time(task.started_at().copied()),
        end: stopped_task(task)?,
    })
}
