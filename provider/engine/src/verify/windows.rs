//! What tasks on Windows cannot have.

use serde_json::{Map, Value};

use super::definition::{is_fargate, launch};
use crate::desired::DesiredService;
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::ports::{Launch, NetworkMode, Part, TaskDefinition, is_nothing};

/// Members of container definitions that AWS documents as not supported for Windows containers.
const NOT_ON_WINDOWS: [&str; 10] = [
    "disableNetworking",
    "dnsSearchDomains",
    "dnsServers",
    "extraHosts",
    "links",
    "linuxParameters",
    "privileged",
    "readonlyRootFilesystem",
    "ulimits",
    "user",
];

/// And those that Windows containers do not have on Fargate.
const NOT_ON_FARGATE: [&str; 4] = [
    "environmentFiles",
    "firelensConfiguration",
    "memoryReservation",
    "restartPolicy",
];

/// Members of task definitions.
const NOT_OF_TASKS: [&str; 2] = ["ipcMode", "pidMode"];

/// Whether `operatingSystemFamily` is one of Windows.
#[must_use]
pub fn is_windows_family(family: &str) -> bool {
    family.starts_with("WINDOWS")
}

/// The members of a container definition, in AWS's names, that Windows containers do not have.
#[must_use]
pub fn not_on_windows(container: &Map<String, Value>) -> Vec<&'static str> {
    set_among(container, &NOT_ON_WINDOWS)
}

fn set_among(members: &Map<String, Value>, names: &[&'static str]) -> Vec<&'static str> {
    let is_set = |name: &&&'static str| {
        members
            .get(**name)
            .is_some_and(|value| !is_nothing(value) && *value != Value::Bool(false))
    };
    names.iter().filter(is_set).copied().collect()
}

/// Everything of this file.
pub(super) fn of(
    wanted: &DesiredService,
    live: Option<&Live>,
    found: &TaskDefinition,
) -> Vec<Finding> {
    if !found.is_windows() {
        return Vec::new();
    }
    let on_fargate = is_fargate(wanted, live);
    let name = format!("{}:{}", found.family, found.revision);
    let impossible = impossible(wanted, live, found, on_fargate);
    let impossible = impossible.into_iter().map(|(field, now, next)| {
        finding(
            Rule::WindowsTask,
            FindingLevel::Error,
            field,
            format!("Task definition {name} is for Windows, and {now}."),
            "AWS does not run such tasks, so that no task of the deployment can start.",
            next,
        )
    });
    let unsupported = unsupported(wanted, found, on_fargate);
    let unsupported = (!unsupported.is_empty()).then(|| {
        finding(
            Rule::WindowsTask,
            FindingLevel::Warning,
            Field::TaskDefinition,
            format!(
                "Task definition {name} is for Windows, and uses {}.",
                unsupported.join(", ")
            ),
            "AWS does not support that for Windows containers: the tasks do not start, or start without it.",
            "Remove it from the task definition or the service, or use Linux containers.",
        )
    });
    impossible.chain(unsupported).collect()
}

/// What keeps every task from starting: the input, what is true of it, and what to do.
fn impossible(
    wanted: &DesiredService,
    live: Option<&Live>,
    found: &TaskDefinition,
    on_fargate: bool,
) -> Vec<(Field, String, &'static str)> {
    let mut all = Vec::new();
    let architecture = found.document.pointer("/runtimePlatform/cpuArchitecture");
    if architecture.and_then(Value::as_str) == Some("ARM64") {
        all.push((
            Field::TaskDefinition,
            "`cpuArchitecture` is `ARM64`".to_owned(),
            "Set `cpuArchitecture` to `X86_64`: Windows containers run on that only.",
        ));
    }
    if !on_fargate {
        if let Some(mode @ (NetworkMode::Bridge | NetworkMode::Host)) = &found.network_mode {
            all.push((
                Field::TaskDefinition,
                format!("its network mode is `{mode}`"),
                "Use network mode `awsvpc`, or leave it out for Windows' own one.",
            ));
        }
        return all;
    }
    let cpu = found.cpu.as_deref().and_then(|cpu| cpu.parse::<u32>().ok());
    if let Some(cpu) = cpu.filter(|cpu| !(1024..=4096).contains(cpu)) {
        all.push((
            Field::TaskDefinition,
            format!("its `cpu` is {cpu} on Fargate"),
            "Set `cpu` to 1024, 2048 or 4096: Fargate has no other sizes for Windows.",
        ));
    }
    let version = wanted.revision.platform_version.as_deref();
    if let Some(version) = version.filter(|version| !matches!(*version, "LATEST" | "1.0.0")) {
        all.push((
            Field::PlatformVersion,
            format!("`platform_version` is `{version}`"),
            "Set `platform_version` to `1.0.0`, the only version for Windows, or remove it.",
        ));
    }
    let has_spot = match launch(wanted, live) {
        Some(Launch::Strategy(providers)) => providers.iter().any(|one| one.name == "FARGATE_SPOT"),
        Some(Launch::Type(_)) | None => false,
    };
    if has_spot {
        all.push((
            Field::TaskDefinition,
            "its capacity provider is `FARGATE_SPOT`".to_owned(),
            "Use `FARGATE` in `capacity_provider_strategy`: Fargate Spot has no Windows tasks.",
        ));
    }
    all
}

/// What AWS does not support, in words.
fn unsupported(wanted: &DesiredService, found: &TaskDefinition, on_fargate: bool) -> Vec<String> {
    let mut all = Vec::new();
    let Some(document) = found.document.as_object() else {
        return all;
    };
    all.extend(quoted_all(set_among(document, &NOT_OF_TASKS)));
    if on_fargate {
        all.extend(quoted_all(set_among(document, &["ephemeralStorage"])));
        let volumes = list(document.get("volumes")).filter_map(Value::as_object);
        for volume in volumes {
            let kinds = [
                "efsVolumeConfiguration",
                "fsxWindowsFileServerVolumeConfiguration",
            ];
            all.extend(quoted_all(set_among(volume, &kinds)));
        }
        if wanted.revision.parts.contains_key(&Part::Volumes) {
            all.push("`volume_configuration`".to_owned());
        }
    }
    let connect = wanted.revision.parts.get(&Part::ServiceConnect);
    if connect.is_some_and(|connect| !is_nothing(connect)) {
        all.push("`service_connect_configuration`".to_owned());
    }
    for container in list(document.get("containerDefinitions")).filter_map(Value::as_object) {
        let mut members = not_on_windows(container);
        if on_fargate {
            members.extend(set_among(container, &NOT_ON_FARGATE));
        }
        let name = container.get("name").and_then(Value::as_str);
        let of = |member| format!("`{member}` of container `{}`", name.unwrap_or_default());
        all.extend(members.into_iter().map(of));
    }
    all.dedup();
    all
}

fn quoted_all(names: Vec<&'static str>) -> impl Iterator<Item = String> {
    names.into_iter().map(|name| format!("`{name}`"))
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::super::tests::wanted;
    use super::*;
    use crate::ports::{LaunchType, TaskDefinitionStatus};

    /// A definition for Windows on Fargate that AWS runs.
    fn for_windows(change: impl Fn(&mut Value)) -> TaskDefinition {
        let mut document = json!({
            "runtimePlatform": { "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE", "cpuArchitecture": "X86_64" },
            "cpu": "1024",
            "containerDefinitions": [{ "name": "app", "image": "app:1", "privileged": false, "ulimits": [] }],
        });
        change(&mut document);
        TaskDefinition {
            cpu: document["cpu"].as_str().map(str::to_owned),
            document,
            network_mode: Some(NetworkMode::Awsvpc),
            arn: "arn:aws:ecs:eu-west-1:1:task-definition/web:1".to_owned(),
            family: "web".to_owned(),
            revision: 1,
            status: Some(TaskDefinitionStatus::Active),
            containers: Vec::new(),
            memory: None,
            cpu_architecture: None,
            execution_role: None,
            task_role: None,
            secrets: Vec::new(),
            log_groups: Vec::new(),
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn what_windows_does_not_run_is_an_error_and_what_it_does_not_have_a_warning() {
        let mut wanted = wanted();
        wanted.revision.launch = Some(Launch::Type(LaunchType::Fargate));
        let found =
            |wanted: &DesiredService, found: &TaskDefinition| -> Vec<(FindingLevel, String)> {
                let found = of(wanted, None, found);
                let found = found.into_iter();
                found.map(|found| (found.severity, found.now)).collect()
            };
        assert_eq!(found(&wanted, &for_windows(|_| ())), []);
        let on_linux = for_windows(|document| {
            document["runtimePlatform"]["operatingSystemFamily"] = json!("LINUX");
            document["containerDefinitions"][0]["user"] = json!("app");
        });
        assert_eq!(found(&wanted, &on_linux), []);

        let small = for_windows(|document| document["cpu"] = json!("256"));
        let error = |says: &str| {
            let now = format!("Task definition web:1 is for Windows, and {says}.");
            vec![(FindingLevel::Error, now)]
        };
        assert_eq!(found(&wanted, &small), error("its `cpu` is 256 on Fargate"));
        let arm =
            for_windows(|document| document["runtimePlatform"]["cpuArchitecture"] = json!("ARM64"));
        assert_eq!(found(&wanted, &arm), error("`cpuArchitecture` is `ARM64`"));
        wanted.revision.platform_version = Some("1.4.0".to_owned());
        let sound = for_windows(|_| ());
        assert_eq!(
            found(&wanted, &sound),
            error("`platform_version` is `1.4.0`")
        );
        wanted.revision.platform_version = Some("1.0.0".to_owned());
        assert_eq!(found(&wanted, &sound), []);

        let odd = for_windows(|document| {
            document["containerDefinitions"][0]["user"] = json!("app");
            document["containerDefinitions"][0]["restartPolicy"] = json!({ "enabled": true });
            document["volumes"] =
                json!([{ "name": "a", "efsVolumeConfiguration": { "fileSystemId": "fs-1" } }]);
        });
        let now = "Task definition web:1 is for Windows, and uses `efsVolumeConfiguration`, `user` of container `app`, \
                   `restartPolicy` of container `app`.";
        assert_eq!(
            found(&wanted, &odd),
            [(FindingLevel::Warning, now.to_owned())]
        );

        wanted.revision.launch = Some(Launch::Type(LaunchType::Ec2));
        let bridge = TaskDefinition {
            network_mode: Some(NetworkMode::Bridge),
            ..small
        };
        assert_eq!(
            found(&wanted, &bridge),
            error("its network mode is `bridge`")
        );
    }
}
