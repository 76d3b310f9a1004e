//! Rules about the task definition.

use crate::desired::{DesiredService, DesiredTaskDefinition};
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::ports::{ClassicBalancer, NetworkMode, TargetGroup, TargetType, TaskDefinition};
use crate::text::{quoted, target_group_name};

/// The container and its port exist.
pub(super) fn of_containers(wanted: &DesiredService, found: &TaskDefinition) -> Option<Finding> {
    let revision = &wanted.revision;
    let classic = ClassicBalancer::of(&revision.parts);
    let (behind, port) = match (&revision.load_balancer, &classic) {
        (Some(balancer), _) => (&balancer.container, balancer.port),
        (None, Some(classic)) => (&classic.container, classic.port),
        (None, None) => return None,
    };
    let name = format!("{}:{}", found.family, found.revision);
    let Some(container) = found
        .containers
        .iter()
        .find(|container| container.name == *behind)
    else {
        let names: Vec<String> = found
            .containers
            .iter()
            .map(|container| container.name.clone())
            .collect();
        return Some(finding(
            Rule::ContainerMissing,
            FindingLevel::Error,
            Field::Container,
            format!(
                "Task definition {name} has no container `{behind}`; it has {}.",
                quoted(&names)
            ),
            "The load balancer needs the container it sends traffic to.",
            "Name a container of the task definition.",
        ));
    };
    (!container.ports.contains(&port)).then(|| {
        let ports: Vec<String> = container.ports.iter().map(u32::to_string).collect();
        finding(
            Rule::PortNotExposed,
            FindingLevel::Error,
            Field::Port,
            format!(
                "Container `{}` of task definition {name} does not expose port {port}; it exposes {}.",
                container.name,
                if ports.is_empty() {
                    "none".to_owned()
                } else {
                    quoted(&ports)
                }
            ),
            "AWS refuses a load balancer on a port without a port mapping.",
            "Name a port that the container exposes, or add a port mapping.",
        )
    })
}

/// `awsvpc` tasks need a network of their own; all others have none.
pub(super) fn of_network(wanted: &DesiredService, found: &TaskDefinition) -> Option<Finding> {
    // Task definitions without a mode are `bridge` on Linux.
    let needs = match found.network_mode.as_ref() {
        Some(NetworkMode::Awsvpc) => true,
        Some(NetworkMode::Bridge | NetworkMode::Host | NetworkMode::None) | None => false,
        Some(NetworkMode::Unknown(_)) => return None,
    };
    let name = format!("{}:{}", found.family, found.revision);
    let classic = ClassicBalancer::of(&wanted.revision.parts);
    if let (true, Some(classic)) = (needs, classic) {
        return Some(finding(
            Rule::NetworkMismatch,
            FindingLevel::Error,
            Field::Network,
            format!(
                "Task definition {name} has network mode `awsvpc`, and `{}` is a Classic Load Balancer.",
                classic.name
            ),
            "A Classic Load Balancer sends traffic to instances. Tasks with network mode `awsvpc` have a network \
             interface of their own, which it cannot reach.",
            "Use network mode `bridge` or `host`, or target groups of an Application or Network Load Balancer.",
        ));
    }
    let (now, next) = match (needs, &wanted.revision.network) {
        (true, None) => (
            format!(
                "Task definition {name} has network mode `awsvpc`, and `network_configuration` is missing."
            ),
            "Add `network_configuration` with the subnets of the tasks.",
        ),
        (false, Some(_)) => (
            format!(
                "Task definition {name} has network mode `{}`, and `network_configuration` is set.",
                found
                    .network_mode
                    .as_ref()
                    .map_or("bridge", NetworkMode::word)
            ),
            "Remove `network_configuration`, or use network mode `awsvpc`.",
        ),
        (true, Some(_)) | (false, None) => return None,
    };
    Some(finding(
        Rule::NetworkMismatch,
        FindingLevel::Error,
        Field::Network,
        now,
        "Only tasks with network mode `awsvpc` have a network interface of their own. AWS refuses the service \
         otherwise.",
        next,
    ))
}

/// Every image goes into a container that exists.
pub(super) fn of_image_names(wanted: &DesiredService, found: &TaskDefinition) -> Vec<Finding> {
    let DesiredTaskDefinition::Images { images, .. } = &wanted.revision.task_definition else {
        return Vec::new();
    };
    let names: Vec<String> = found
        .containers
        .iter()
        .map(|container| container.name.clone())
        .collect();
    images
        .keys()
        .filter(|name| !names.contains(name))
        .map(|name| {
            finding(
                Rule::ContainerMissing,
                FindingLevel::Error,
                Field::Images,
                format!(
                    "Task definition {}:{} has no container `{name}`; it has {}.",
                    found.family,
                    found.revision,
                    quoted(&names)
                ),
                "An image replaces the image of an existing container.",
                "Name a container of the task definition.",
            )
        })
        .collect()
}

/// `awsvpc` tasks register by IP address, others by instance.
pub(super) fn of_target_types(found: &TaskDefinition, groups: &[TargetGroup]) -> Vec<Finding> {
    let needed = match &found.network_mode {
        Some(NetworkMode::Awsvpc) => TargetType::Ip,
        Some(NetworkMode::Bridge | NetworkMode::Host) => TargetType::Instance,
        Some(NetworkMode::None | NetworkMode::Unknown(_)) | None => return Vec::new(),
    };
    let wrong = groups.iter().filter(|group| group.target_type != needed);
    wrong
        .map(|group| {
            finding(
                Rule::TargetTypeMismatch,
                FindingLevel::Error,
                Field::TargetGroups,
                format!(
                    "Target group `{}` has target type `{}`, and the task definition needs `{needed}`.",
                    target_group_name(&group.arn),
                    group.target_type
                ),
                "Tasks with network mode `awsvpc` register by IP address, all others by instance.",
                "Create the target group with the target type that the task definition needs.",
            )
        })
        .collect()
}
