//! What a rollout needs before anything moves. Asked only for changes that start one.

use futures::join;

use super::checked::{Checked, Refused};
use super::reads::Reads;
use super::{addresses, capacity, definition, production, running, shared, time_limit, windows};
use crate::desired::{DesiredController, DesiredService};
use crate::finding::{Field, Finding};
use crate::live::Live;
use crate::ports::{Ports, TargetGroup, TaskDefinition};

/// Everything, side by side.
pub(super) async fn of(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    reads: &Reads,
) -> (Vec<Finding>, Vec<Refused>) {
    let found = usable(wanted, reads);
    let (definition, capacity, production, running, shared, limit) = join!(
        of_definition(ports, wanted, live, found),
        of_capacity(ports, wanted, live, found),
        production::of(ports, wanted, live, reads),
        running::of(ports, wanted, live, found),
        shared::of(ports, wanted, live),
        of_drain(ports, wanted, reads),
    );
    let mut all = definition;
    for one in [capacity, production, running, shared, limit] {
        all.extend(one);
    }
    (all.findings, all.refused)
}

/// Rollouts of others.
pub(super) async fn of_running(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    reads: &Reads,
) -> Checked {
    running::of(ports, wanted, live, usable(wanted, reads)).await
}

fn usable<'r>(wanted: &DesiredService, reads: &'r Reads) -> Option<&'r TaskDefinition> {
    let found = reads.task_definition.answer().and_then(Option::as_ref);
    found.filter(|found| super::is_usable(wanted, found))
}

async fn of_definition(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    found: Option<&TaskDefinition>,
) -> Checked {
    match found {
        Some(found) => {
            let mut checked = definition::of(ports, wanted, live, found).await;
            checked.findings.extend(windows::of(wanted, live, found));
            checked
        }
        None => Checked::default(),
    }
}

async fn of_capacity(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    found: Option<&TaskDefinition>,
) -> Checked {
    match found {
        Some(found) => {
            let (mut checked, addresses) = join!(
                capacity::of(ports, wanted, live, found),
                addresses::of(ports, wanted, live, found),
            );
            checked.extend(addresses);
            checked
        }
        None => Checked::default(),
    }
}

/// Where we delete the old side, the rollout ends only after it has drained.
async fn of_drain(ports: &Ports, wanted: &DesiredService, reads: &Reads) -> Checked {
    let mut checked = Checked::default();
    if wanted.controller != DesiredController::External {
        return checked;
    }
    let groups: &[TargetGroup] = reads.target_groups.answer().map_or(&[], Vec::as_slice);
    let delays = groups
        .iter()
        .map(|group| ports.routing.deregistration_delay(&group.arn));
    let mut drain_seconds = 0;
    for answer in futures::future::join_all(delays).await {
        let delay = checked.take(Field::TargetGroups, false, answer);
        drain_seconds = drain_seconds.max(delay.unwrap_or(0));
    }
    let known = time_limit::Known {
        drain_seconds,
        ..time_limit::Known::default()
    };
    checked.findings.extend(time_limit::of(wanted, known));
    checked
}
