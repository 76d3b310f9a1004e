//! An `aws_ecs_task_definition` as RegisterTaskDefinition takes it.

use serde_json::{Map, Value, json};

use crate::planned::{Resource, items};

/// How the value of an attribute is written.
#[derive(Clone, Copy)]
enum Form {
    /// As it is.
    Same,
    /// A block that may be written once: an object.
    Once(&'static [Member]),
    /// A block that may be written several times: a list of objects.
    Each(&'static [Member]),
    /// A map as a list of names and values.
    Pairs,
    /// A text that is JSON.
    Json,
    /// A path of the host, which is an object of its own in AWS.
    Host,
}

/// An attribute, the member that it becomes, and its form.
type Member = (&'static str, &'static str, Form);

const MEMBERS: &[Member] = &[
    ("family", "family", Form::Same),
    ("task_role_arn", "taskRoleArn", Form::Same),
    ("execution_role_arn", "executionRoleArn", Form::Same),
    ("network_mode", "networkMode", Form::Same),
    ("container_definitions", "containerDefinitions", Form::Json),
    ("cpu", "cpu", Form::Same),
    ("memory", "memory", Form::Same),
    (
        "requires_compatibilities",
        "requiresCompatibilities",
        Form::Same,
    ),
    ("pid_mode", "pidMode", Form::Same),
    ("ipc_mode", "ipcMode", Form::Same),
    ("enable_fault_injection", "enableFaultInjection", Form::Same),
    (
        "runtime_platform",
        "runtimePlatform",
        Form::Once(&[
            ("cpu_architecture", "cpuArchitecture", Form::Same),
            (
                "operating_system_family",
                "operatingSystemFamily",
                Form::Same,
            ),
        ]),
    ),
    (
        "ephemeral_storage",
        "ephemeralStorage",
        Form::Once(&[("size_in_gib", "sizeInGiB", Form::Same)]),
    ),
    (
        "placement_constraints",
        "placementConstraints",
        Form::Each(&[
            ("type", "type", Form::Same),
            ("expression", "expression", Form::Same),
        ]),
    ),
    (
        "proxy_configuration",
        "proxyConfiguration",
        Form::Once(&[
            ("type", "type", Form::Same),
            ("container_name", "containerName", Form::Same),
            ("properties", "properties", Form::Pairs),
        ]),
    ),
    (
        "inference_accelerator",
        "inferenceAccelerators",
        Form::Each(&[
            ("device_name", "deviceName", Form::Same),
            ("device_type", "deviceType", Form::Same),
        ]),
    ),
    ("volume", "volumes", Form::Each(VOLUME)),
];

const VOLUME: &[Member] = &[
    ("name", "name", Form::Same),
    ("host_path", "host", Form::Host),
    ("configure_at_launch", "configuredAtLaunch", Form::Same),
    (
        "docker_volume_configuration",
        "dockerVolumeConfiguration",
        Form::Once(&[
            ("scope", "scope", Form::Same),
            ("autoprovision", "autoprovision", Form::Same),
            ("driver", "driver", Form::Same),
            ("driver_opts", "driverOpts", Form::Same),
            ("labels", "labels", Form::Same),
        ]),
    ),
    (
        "efs_volume_configuration",
        "efsVolumeConfiguration",
        Form::Once(&[
            ("file_system_id", "fileSystemId", Form::Same),
            ("root_directory", "rootDirectory", Form::Same),
            ("transit_encryption", "transitEncryption", Form::Same),
            (
                "transit_encryption_port",
                "transitEncryptionPort",
                Form::Same,
            ),
            (
                "authorization_config",
                "authorizationConfig",
                Form::Once(&[
                    ("access_point_id", "accessPointId", Form::Same),
                    ("iam", "iam", Form::Same),
                ]),
            ),
        ]),
    ),
    (
        "fsx_windows_file_server_volume_configuration",
        "fsxWindowsFileServerVolumeConfiguration",
        Form::Once(&[
            ("file_system_id", "fileSystemId", Form::Same),
            ("root_directory", "rootDirectory", Form::Same),
            (
                "authorization_config",
                "authorizationConfig",
                Form::Once(&[
                    ("credentials_parameter", "credentialsParameter", Form::Same),
                    ("domain", "domain", Form::Same),
                ]),
            ),
        ]),
    ),
];

/// The document; absent when its containers are not JSON.
///
/// # Errors
/// The attributes that are known only after the apply.
pub(super) fn definition<'r>(resource: &Resource<'r>) -> Result<Option<Value>, Vec<&'static str>> {
    let awaited: Vec<&str> = MEMBERS
        .iter()
        .map(|(name, ..)| *name)
        .filter(|name| resource.awaits(name))
        .collect();
    if !awaited.is_empty() {
        return Err(awaited);
    }
    let document = object(resource.values, MEMBERS);
    let has_containers = document
        .get("containerDefinitions")
        .is_some_and(Value::is_array);
    Ok(has_containers.then_some(Value::Object(document)))
}

fn object(values: &Value, members: &[Member]) -> Map<String, Value> {
    let members = members.iter().filter_map(|(name, to, form)| {
        let written = written(values, name, *form)?;
        Some(((*to).to_owned(), written))
    });
    members.collect()
}

/// Nothing where the attribute says nothing.
fn written(values: &Value, name: &str, form: Form) -> Option<Value> {
    let value = values.get(name)?;
    match form {
        Form::Same => said(value).cloned(),
        Form::Host => said(value).map(|path| json!({ "sourcePath": path })),
        Form::Json => serde_json::from_str(value.as_str()?).ok(),
        Form::Pairs => {
            let pairs = value.as_object().into_iter().flatten();
            let pairs: Vec<Value> = pairs
                .map(|(name, value)| json!({ "name": name, "value": value }))
                .collect();
            (!pairs.is_empty()).then_some(Value::Array(pairs))
        }
        Form::Once(members) => {
            let block = object(items(values, name).next()?, members);
            (!block.is_empty()).then_some(Value::Object(block))
        }
        Form::Each(members) => {
            let blocks = items(values, name).map(|block| Value::Object(object(block, members)));
            let blocks: Vec<Value> = blocks.collect();
            (!blocks.is_empty()).then_some(Value::Array(blocks))
        }
    }
}

/// What is set: hashicorp/aws writes empty texts, zeros, `false` and empty collections for what is not.
fn said(value: &Value) -> Option<&Value> {
    let is_said = match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_u64() != Some(0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    };
    is_said.then_some(value)
}
