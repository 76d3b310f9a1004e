//! What RegisterTaskDefinition refuses: rules of the documentation that no single member can break alone.

use std::collections::BTreeSet;

use super::{errors, fargate};
use crate::error::ApiError;
use crate::input::Input;

/// Log drivers that Fargate has.
const FARGATE_LOG_DRIVERS: [&str; 3] = ["awslogs", "splunk", "awsfirelens"];

/// What tasks on Fargate cannot say of a container.
const NOT_ON_FARGATE: [&str; 6] = [
    "disableNetworking",
    "dnsSearchDomains",
    "dnsServers",
    "dockerSecurityOptions",
    "extraHosts",
    "links",
];

/// What tasks on Fargate cannot say of a container's Linux.
const NOT_ON_FARGATES_LINUX: [&str; 2] = ["maxSwap", "swappiness"];

/// A registration, read as far as the rules go.
struct Registration<'a> {
    input: &'a Input,
    containers: &'a [Input],
    on_fargate: bool,
    network_mode: String,
    has_execution_role: bool,
}

/// Checks a registration as a whole; its containers have names and images.
pub(super) fn check(input: &Input, containers: &[Input]) -> Result<(), ApiError> {
    let kinds = input.texts("requiresCompatibilities")?.unwrap_or_default();
    let registration = Registration {
        input,
        containers,
        on_fargate: kinds.iter().any(|kind| kind == "FARGATE"),
        network_mode: input
            .text("networkMode")?
            .unwrap_or_else(|| "bridge".to_owned()),
        has_execution_role: input.text("executionRoleArn")?.is_some(),
    };
    if registration.on_fargate {
        registration.check_fargate()?;
    }
    registration.check_volumes()?;
    registration.check_sizes()?;
    let mut names = BTreeSet::new();
    for container in containers {
        registration.check_container(container)?;
        if !names.insert(container.required("name")?) {
            return Err(errors::client(
                "Container names must be unique within a task definition.",
            ));
        }
    }
    registration.check_dependencies(&names)
}

fn refuse<T>(message: impl Into<String>) -> Result<T, ApiError> {
    Err(errors::client(message))
}

fn says(input: &Input, member: &str) -> Result<bool, ApiError> {
    Ok(match input.value(member) {
        Some(serde_json::Value::Array(items)) => !items.is_empty(),
        Some(serde_json::Value::Bool(flag)) => *flag,
        Some(_) => true,
        None => false,
    })
}

impl Registration<'_> {
    fn check_fargate(&self) -> Result<(), ApiError> {
        let (cpu, memory) = (self.input.text("cpu")?, self.input.text("memory")?);
        if let (Some(cpu), Some(memory)) = (&cpu, &memory)
            && !fargate::has_size(cpu, memory)
        {
            return refuse("No Fargate configuration exists for given values.");
        }
        let platform = self.input.object("runtimePlatform")?;
        let family = match platform {
            Some(platform) => platform.text("operatingSystemFamily")?,
            None => None,
        };
        let is_windows = family.is_some_and(|family| family.starts_with("WINDOWS"));
        if is_windows
            && let Some(cpu) = cpu.as_deref().and_then(fargate::cpu_units)
            && !(1_024..=4_096).contains(&cpu)
        {
            return refuse("No Fargate configuration exists for given values.");
        }
        if self
            .input
            .text("pidMode")?
            .is_some_and(|mode| mode != "task")
        {
            return refuse("Fargate only supports the pid mode 'task'.");
        }
        for (member, words) in [
            ("ipcMode", "ipc modes"),
            ("placementConstraints", "placement constraints"),
            ("inferenceAccelerators", "inference accelerators"),
        ] {
            if says(self.input, member)? {
                return refuse(format!("Fargate does not support {words}."));
            }
        }
        if let Some(storage) = self.input.object("ephemeralStorage")? {
            storage.number_in("sizeInGiB", 21, 200).map_err(|_| {
                errors::client("The ephemeral storage size must be between 21 and 200 GiB.")
            })?;
        }
        for container in self.containers {
            self.check_fargate_container(container)?;
        }
        Ok(())
    }

    fn check_fargate_container(&self, container: &Input) -> Result<(), ApiError> {
        if says(container, "privileged")? {
            return refuse("Fargate tasks do not support privileged containers.");
        }
        for member in NOT_ON_FARGATE {
            if says(container, member)? {
                return refuse(format!("Fargate does not support '{member}'."));
            }
        }
        if let Some(linux) = container.object("linuxParameters")? {
            for member in NOT_ON_FARGATES_LINUX {
                if says(&linux, member)? {
                    return refuse(format!("Fargate does not support '{member}'."));
                }
            }
        }
        if container
            .number("stopTimeout")?
            .is_some_and(|seconds| seconds > 120)
        {
            return refuse("The maximum stop timeout value on Fargate is 120 seconds.");
        }
        for requirement in container.objects("resourceRequirements")? {
            if requirement.text("type")?.as_deref() == Some("GPU") {
                return refuse("Fargate does not support GPUs.");
            }
        }
        let Some(log) = container.object("logConfiguration")? else {
            return Ok(());
        };
        let driver = log.text("logDriver")?.unwrap_or_default();
        if !FARGATE_LOG_DRIVERS.contains(&driver.as_str()) {
            return refuse(format!("Fargate does not support the log driver {driver}."));
        }
        if driver == "awslogs" && !self.has_execution_role {
            return refuse(
                "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
            );
        }
        Ok(())
    }

    fn check_volumes(&self) -> Result<(), ApiError> {
        let mut names = BTreeSet::new();
        for volume in self.input.objects("volumes")? {
            let name = volume.text("name")?.unwrap_or_default();
            if !names.insert(name.clone()) {
                return refuse(format!("Duplicate volume name '{name}'."));
            }
            let is_on_host = match volume.object("host")? {
                Some(host) => host.has("sourcePath"),
                None => false,
            };
            if self.on_fargate && is_on_host {
                return refuse("host.sourcePath should not be set for volumes in Fargate.");
            }
            if self.on_fargate && volume.has("dockerVolumeConfiguration") {
                return refuse("Fargate does not support docker volumes.");
            }
        }
        for container in self.containers {
            for mount in container.objects("mountPoints")? {
                let name = mount.text("sourceVolume")?.unwrap_or_default();
                if !names.contains(&name) {
                    return refuse(format!("Unknown volume '{name}'."));
                }
            }
        }
        Ok(())
    }

    /// Memory of containers within that of the task, CPU on Fargate likewise.
    fn check_sizes(&self) -> Result<(), ApiError> {
        let cpu = self.input.text("cpu")?;
        let memory = self.input.text("memory")?;
        let task_memory = memory.as_deref().and_then(fargate::mebibytes);
        let (mut reserved_cpu, mut reserved_memory) = (0, 0);
        for container in self.containers {
            let name = container.required("name")?;
            let hard = container.number("memory")?;
            let soft = container.number("memoryReservation")?;
            let invalid =
                |what: &str| refuse(format!("Invalid setting for container '{name}'. {what}"));
            if hard.is_none() && soft.is_none() && task_memory.is_none() {
                return invalid(
                    "At least one of 'memory' or 'memoryReservation' must be specified.",
                );
            }
            if let (Some(hard), Some(soft)) = (hard, soft)
                && soft > hard
            {
                return invalid("'memoryReservation' must be less than 'memory'.");
            }
            if let (Some(hard), Some(task)) = (hard, task_memory)
                && hard > task
            {
                return invalid("'memory' must not exceed the memory of the task.");
            }
            reserved_cpu += container.number("cpu")?.unwrap_or(0);
            reserved_memory += soft.or(hard).unwrap_or(0);
        }
        if task_memory.is_some_and(|task| reserved_memory > task) {
            return refuse(
                "The memory reserved for all containers exceeds the memory of the task.",
            );
        }
        let task_cpu = cpu.as_deref().and_then(fargate::cpu_units);
        if self.on_fargate && task_cpu.is_some_and(|task| reserved_cpu > task) {
            return refuse("The CPU reserved for all containers exceeds the CPU of the task.");
        }
        Ok(())
    }

    fn check_container(&self, container: &Input) -> Result<(), ApiError> {
        let name = container.required("name")?;
        if !super::is_name(&name) {
            return refuse(format!(
                "Container name '{name}' is invalid. Up to 255 letters, numbers, underscores and hyphens are allowed."
            ));
        }
        let maps_ports_itself = matches!(self.network_mode.as_str(), "awsvpc" | "host");
        for mapping in container.objects("portMappings")? {
            let (inside, outside) = (
                mapping.number("containerPort")?,
                mapping.number("hostPort")?,
            );
            if maps_ports_itself && outside.is_some_and(|port| port != 0) && outside != inside {
                return refuse(format!(
                    "When networkMode={}, the host ports and container ports in port mappings must match.",
                    self.network_mode
                ));
            }
        }
        if self.network_mode == "awsvpc" && says(container, "links")? {
            return refuse("Links are not supported when networkMode=awsvpc.");
        }
        if !container.objects("secrets")?.is_empty() && !self.has_execution_role {
            return refuse(
                "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
            );
        }
        if let Some(check) = container.object("healthCheck")? {
            if check.texts("command")?.unwrap_or_default().is_empty() {
                return refuse("A health check needs a command.");
            }
            check.number_in("timeout", 2, 60).map_err(|_| {
                errors::client("The health check timeout must be between 2 and 60 seconds.")
            })?;
        }
        Ok(())
    }

    /// Who waits for whom: for containers that are there, and for what they can come to.
    fn check_dependencies(&self, names: &BTreeSet<String>) -> Result<(), ApiError> {
        for container in self.containers {
            let name = container.required("name")?;
            for from in container.objects("volumesFrom")? {
                let source = from.text("sourceContainer")?.unwrap_or_default();
                if !names.contains(&source) {
                    return refuse(format!("Unknown container '{source}' in volumesFrom."));
                }
            }
            for dependency in container.objects("dependsOn")? {
                let on = dependency.text("containerName")?.unwrap_or_default();
                let condition = dependency.text("condition")?.unwrap_or_default();
                let mut containers = self.containers.iter();
                let other = containers.find(|other| other.text("name") == Ok(Some(on.clone())));
                let Some(other) = other.filter(|_| on != name) else {
                    return refuse(format!(
                        "Container '{name}' depends on '{on}', which is not another container of the task definition."
                    ));
                };
                let essential = other.flag("essential")?.unwrap_or(true);
                if matches!(condition.as_str(), "COMPLETE" | "SUCCESS") && essential {
                    return refuse(format!(
                        "A dependency condition {condition} cannot be set on the essential container '{on}'."
                    ));
                }
                if condition == "HEALTHY" && !other.has("healthCheck") {
                    return refuse(format!(
                        "A dependency condition HEALTHY needs a health check on the container '{on}'."
                    ));
                }
            }
        }
        Ok(())
    }
}
