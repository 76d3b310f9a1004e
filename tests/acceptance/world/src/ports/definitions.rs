//! Task definitions in the engine's nouns.

use std::collections::BTreeMap;

use serde_json::Value;
use switchyard_engine::ports::{
    ContainerPort, CpuArchitecture, LogGroupReference, NetworkMode, SecretReference,
    TaskDefinition, TaskDefinitionStatus,
};

use super::read::{count, list, tags, text, word};

/// The definition inside an answer of DescribeTaskDefinition or RegisterTaskDefinition, with the answer's tags.
pub(super) fn described(answer: &Value) -> Option<TaskDefinition> {
    let found = answer.get("taskDefinition")?;
    Some(definition(found, tags(answer, "tags")))
}

fn definition(value: &Value, tags: BTreeMap<String, String>) -> TaskDefinition {
    let containers = list(value, "containerDefinitions");
    TaskDefinition {
        arn: word(value, "taskDefinitionArn"),
        family: word(value, "family"),
        revision: count(value, "revision"),
        status: Some(TaskDefinitionStatus::parse(&word(value, "status"))),
        containers: containers
            .iter()
            .map(|found| ContainerPort {
                name: word(found, "name"),
                ports: list(found, "portMappings")
                    .iter()
                    .map(|port| count(port, "containerPort"))
                    .collect(),
                image: word(found, "image"),
            })
            .collect(),
        network_mode: text(value, "networkMode").map(|word| NetworkMode::parse(&word)),
        cpu: text(value, "cpu"),
        memory: text(value, "memory"),
        cpu_architecture: value
            .get("runtimePlatform")
            .and_then(|platform| text(platform, "cpuArchitecture"))
            .map(|word| CpuArchitecture::parse(&word)),
        execution_role: text(value, "executionRoleArn"),
        task_role: text(value, "taskRoleArn"),
        secrets: containers.iter().flat_map(secrets).collect(),
        log_groups: containers.iter().filter_map(log_group).collect(),
        tags,
        document: value.clone(),
    }
}

/// What a container reads itself, and what its log driver and its registry are given.
fn secrets(container: &Value) -> Vec<SecretReference> {
    let name = word(container, "name");
    let logging = container.get("logConfiguration").unwrap_or(&Value::Null);
    let registry = container
        .get("repositoryCredentials")
        .and_then(|found| text(found, "credentialsParameter"));
    list(container, "secrets")
        .iter()
        .chain(list(logging, "secretOptions"))
        .filter_map(|secret| text(secret, "valueFrom"))
        .chain(registry)
        .map(|from| SecretReference {
            container: name.clone(),
            from,
        })
        .collect()
}

fn log_group(container: &Value) -> Option<LogGroupReference> {
    let logging = container.get("logConfiguration")?;
    if word(logging, "logDriver") != "awslogs" {
        return None;
    }
    let options = logging.get("options")?;
    Some(LogGroupReference {
        container: word(container, "name"),
        group: text(options, "awslogs-group")?,
        region: text(options, "awslogs-region"),
        stream_prefix: text(options, "awslogs-stream-prefix"),
        creates_group: word(options, "awslogs-create-group") == "true",
    })
}
