//! Addresses for the tasks that a rollout adds.

use std::collections::BTreeMap;

use super::capacity::extra_tasks;
use super::checked::Checked;
use crate::desired::DesiredService;
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::ports::{NetworkMode, Ports, TaskDefinition, is_daemon};

/// Only tasks with network mode `awsvpc` take addresses of their own. While a rollout runs, its tasks have theirs.
pub(super) async fn of(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    found: &TaskDefinition,
) -> Checked {
    let mut checked = Checked::default();
    let (Some(network), Some(extra)) = (&wanted.revision.network, extra_tasks(wanted, live)) else {
        return checked;
    };
    let takes = found.network_mode == Some(NetworkMode::Awsvpc);
    let runs = live.is_some_and(|live| live.deployment.is_some());
    if !takes || runs || extra == 0 || is_daemon(&wanted.settings.parts) {
        return checked;
    }
    let call = ports.prerequisites.free_addresses(&network.subnets);
    if let Some(free) = checked.ask(Field::Network, false, call).await {
        // What is not known may have any number.
        if network.subnets.iter().all(|id| free.contains_key(id)) {
            checked.findings.extend(of_free(extra, &free));
        }
    }
    checked
}

/// Addresses become free when other tasks end, so that too few are a warning. With none at all no task starts, and the
/// deployment would only wait for its timeout.
pub(super) fn of_free(extra: u32, free: &BTreeMap<String, u32>) -> Option<Finding> {
    let all = free.values().copied().fold(0, u32::saturating_add);
    if all >= extra {
        return None;
    }
    let each: Vec<String> = free.iter().map(|(id, n)| format!("`{id}` {n}")).collect();
    let (severity, why) = match all {
        0 => (
            FindingLevel::Error,
            "Each task with network mode `awsvpc` takes an address of a subnet, so that no task of the deployment can \
             start.",
        ),
        _ => (
            FindingLevel::Warning,
            "Each task with network mode `awsvpc` takes an address of a subnet, and until the old tasks stop both \
             revisions run. Tasks without an address do not start; ECS tries again, at most until the timeout.",
        ),
    };
    Some(finding(
        Rule::AddressesShort,
        severity,
        Field::Network,
        format!(
            "Free IPv4 addresses in the subnets of the tasks: {all} ({}). Tasks that the deployment starts in addition \
             to the running ones: {extra}.",
            each.join(", ")
        ),
        why,
        "Add subnets with free addresses to `network_configuration`, or remove network interfaces that nobody uses.",
    ))
}
