//! The part of the document that comes from the task definition, field by field.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reference;
use super::sections::names_of_tags;
use crate::ports::TaskDefinition;

/// Container → digest of the image that ran.
pub(super) type Digests = BTreeMap<String, String>;

/// The task definition revision that had production traffic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskDefinitionSection {
    pub(super) arn: String,
    pub(super) family: String,
    pub(super) revision: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) network_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu_architecture: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) operating_system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ephemeral_storage_gib: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pid_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipc_mode: Option<String>,
    pub(super) requires_compatibilities: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) execution_role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task_role: Option<String>,
    /// By name.
    pub(super) containers: BTreeMap<String, ContainerSection>,
    /// By name.
    pub(super) volumes: BTreeMap<String, VolumeSection>,
    /// Names only.
    pub(super) tags: BTreeSet<String>,
}

/// A container. Command, entry point, user, hosts and the health check's command have no place here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContainerSection {
    pub(super) image: String,
    /// `sha256:…` of the image that ran, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) digest: Option<String>,
    pub(super) essential: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory_reservation: Option<u64>,
    pub(super) ports: Vec<PortSection>,
    /// Names only.
    pub(super) environment: BTreeSet<String>,
    /// Objects in S3 that hold more of it.
    pub(super) environment_files: BTreeSet<String>,
    /// Name → where the value is, never the value.
    pub(super) secrets: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) registry_credentials: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) log: Option<LogSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) health_check: Option<HealthCheckSection>,
    /// Container → what it has to have reached.
    pub(super) depends_on: BTreeMap<String, String>,
    /// Volume → how it is mounted.
    pub(super) mounts: BTreeMap<String, MountSection>,
    /// Names only.
    pub(super) labels: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop_timeout_seconds: Option<u64>,
    pub(super) read_only_root_filesystem: bool,
    pub(super) privileged: bool,
}

/// A port mapping.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PortSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) container_port: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) container_port_range: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host_port: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app_protocol: Option<String>,
}

/// Where a container's log goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogSection {
    pub(super) driver: String,
    /// Of driver `awslogs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    /// Names only.
    pub(super) options: BTreeSet<String>,
    /// Name → where the value is, never the value.
    pub(super) secret_options: BTreeMap<String, String>,
}

/// Numbers of a container's own health check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HealthCheckSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interval_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retries: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_period_seconds: Option<u64>,
}

/// How a volume is mounted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MountSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    pub(super) read_only: bool,
}

/// A volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VolumeSection {
    pub(super) kind: VolumeKind,
    /// Of EFS and FSx.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_system: Option<String>,
}

/// What a volume is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum VolumeKind {
    AtLaunch,
    Docker,
    Efs,
    Fsx,
    Host,
    Other,
    Task,
}

impl TaskDefinitionSection {
    pub(super) fn of(found: &TaskDefinition, digests: &Digests) -> Self {
        let document = &found.document;
        let platform = document.get("runtimePlatform").unwrap_or(&Value::Null);
        let storage = document.get("ephemeralStorage").unwrap_or(&Value::Null);
        let compatibilities = list(document, "requiresCompatibilities").iter();
        Self {
            arn: found.arn.clone(),
            family: found.family.clone(),
            revision: found.revision,
            cpu: found.cpu.clone(),
            memory: found.memory.clone(),
            network_mode: found.network_mode.as_ref().map(ToString::to_string),
            cpu_architecture: found.cpu_architecture.as_ref().map(ToString::to_string),
            operating_system: text(platform, "operatingSystemFamily"),
            ephemeral_storage_gib: number(storage, "sizeInGiB"),
            pid_mode: text(document, "pidMode"),
            ipc_mode: text(document, "ipcMode"),
            requires_compatibilities: compatibilities
                .filter_map(Value::as_str)
                .map(ToOwned::to_owned)
                .collect(),
            execution_role: found.execution_role.clone(),
            task_role: found.task_role.clone(),
            containers: named(document, "containerDefinitions", |container, name| {
                ContainerSection::of(container, digests.get(name))
            }),
            volumes: named(document, "volumes", |volume, _| VolumeSection::of(volume)),
            tags: names_of_tags(found.tags.keys()),
        }
    }
}

impl ContainerSection {
    fn of(container: &Value, digest: Option<&String>) -> Self {
        let image = text(container, "image").unwrap_or_default();
        let mut ports: Vec<_> = list(container, "portMappings")
            .iter()
            .map(PortSection::of)
            .collect();
        ports.sort();
        let registry = container.get("repositoryCredentials");
        let check = container.get("healthCheck");
        Self {
            digest: digest.cloned().or_else(|| digest_in(&image)),
            image,
            // What AWS takes when nothing is said.
            essential: flag(container, "essential").unwrap_or(true),
            cpu: number(container, "cpu").filter(|units| *units != 0),
            memory: number(container, "memory"),
            memory_reservation: number(container, "memoryReservation"),
            ports,
            environment: texts(container, "environment", "name"),
            environment_files: texts(container, "environmentFiles", "value")
                .iter()
                .map(|file| reference::object(file))
                .collect(),
            secrets: secrets(container, "secrets"),
            registry_credentials: registry
                .and_then(|found| text(found, "credentialsParameter"))
                .map(|found| reference::secret(&found)),
            log: container.get("logConfiguration").and_then(LogSection::of),
            health_check: check.map(HealthCheckSection::of),
            depends_on: list(container, "dependsOn")
                .iter()
                .filter_map(|found| {
                    Some((text(found, "containerName")?, text(found, "condition")?))
                })
                .collect(),
            mounts: list(container, "mountPoints")
                .iter()
                .filter_map(|found| Some((text(found, "sourceVolume")?, MountSection::of(found))))
                .collect(),
            labels: keys(container.get("dockerLabels")),
            start_timeout_seconds: number(container, "startTimeout"),
            stop_timeout_seconds: number(container, "stopTimeout"),
            read_only_root_filesystem: flag(container, "readonlyRootFilesystem").unwrap_or(false),
            privileged: flag(container, "privileged").unwrap_or(false),
        }
    }
}

impl PortSection {
    fn of(mapping: &Value) -> Self {
        Self {
            container_port: number(mapping, "containerPort"),
            container_port_range: text(mapping, "containerPortRange"),
            host_port: number(mapping, "hostPort"),
            protocol: text(mapping, "protocol"),
            name: text(mapping, "name"),
            app_protocol: text(mapping, "appProtocol"),
        }
    }
}

impl LogSection {
    fn of(logging: &Value) -> Option<Self> {
        let driver = text(logging, "logDriver")?;
        let options = logging.get("options");
        let group = options
            .filter(|_| driver == "awslogs")
            .and_then(|options| text(options, "awslogs-group"));
        Some(Self {
            group: group.and_then(|group| reference::log_group(&group)),
            options: keys(options),
            secret_options: secrets(logging, "secretOptions"),
            driver,
        })
    }
}

impl HealthCheckSection {
    fn of(check: &Value) -> Self {
        Self {
            interval_seconds: number(check, "interval"),
            timeout_seconds: number(check, "timeout"),
            retries: number(check, "retries"),
            start_period_seconds: number(check, "startPeriod"),
        }
    }
}

impl MountSection {
    fn of(mount: &Value) -> Self {
        Self {
            path: text(mount, "containerPath"),
            read_only: flag(mount, "readOnly").unwrap_or(false),
        }
    }
}

impl VolumeSection {
    fn of(volume: &Value) -> Self {
        let part = |member: &str| volume.get(member).filter(|found| !found.is_null());
        let file_system = |found: &Value| text(found, "fileSystemId");
        let has_host_path = |host: &Value| text(host, "sourcePath").is_some();
        let known = [
            "configuredAtLaunch",
            "dockerVolumeConfiguration",
            "efsVolumeConfiguration",
            "fsxWindowsFileServerVolumeConfiguration",
            "host",
            "name",
        ];
        let has_unknown = || {
            let members = volume.as_object();
            members.is_some_and(|members| members.keys().any(|name| !known.contains(&&**name)))
        };
        let (kind, file_system) = if let Some(efs) = part("efsVolumeConfiguration") {
            (VolumeKind::Efs, file_system(efs))
        } else if let Some(fsx) = part("fsxWindowsFileServerVolumeConfiguration") {
            (VolumeKind::Fsx, file_system(fsx))
        } else if part("dockerVolumeConfiguration").is_some() {
            (VolumeKind::Docker, None)
        } else if flag(volume, "configuredAtLaunch") == Some(true) {
            (VolumeKind::AtLaunch, None)
        } else if part("host").is_some_and(has_host_path) {
            (VolumeKind::Host, None)
        } else if has_unknown() {
            (VolumeKind::Other, None)
        } else {
            (VolumeKind::Task, None)
        };
        Self { kind, file_system }
    }
}

/// `REPOSITORY@sha256:…`
fn digest_in(image: &str) -> Option<String> {
    let (_, digest) = image.split_once('@')?;
    digest.starts_with("sha256:").then(|| digest.to_owned())
}

fn secrets(value: &Value, member: &str) -> BTreeMap<String, String> {
    let secrets = list(value, member).iter();
    secrets
        .filter_map(|found| {
            let from = text(found, "valueFrom").unwrap_or_default();
            Some((text(found, "name")?, reference::secret(&from)))
        })
        .collect()
}

fn named<T>(document: &Value, member: &str, of: impl Fn(&Value, &str) -> T) -> BTreeMap<String, T> {
    let items = list(document, member).iter();
    items
        .filter_map(|item| {
            let name = text(item, "name")?;
            let section = of(item, &name);
            Some((name, section))
        })
        .collect()
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    let items = value.get(member).and_then(Value::as_array);
    items.map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, member: &str) -> Option<String> {
    let text = value.get(member).and_then(Value::as_str);
    text.map(ToOwned::to_owned)
}

fn texts(value: &Value, member: &str, inner: &str) -> BTreeSet<String> {
    let items = list(value, member).iter();
    items.filter_map(|item| text(item, inner)).collect()
}

fn number(value: &Value, member: &str) -> Option<u64> {
    value.get(member).and_then(Value::as_u64)
}

fn flag(value: &Value, member: &str) -> Option<bool> {
    value.get(member).and_then(Value::as_bool)
}

fn keys(value: Option<&Value>) -> BTreeSet<String> {
    let members = value.and_then(Value::as_object);
    members
        .into_iter()
        .flat_map(|members| members.keys().cloned())
        .collect()
}
