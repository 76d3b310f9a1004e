//! Whether a task counts: it runs, its own checks pass, and its load balancers find it healthy.

use std::time::Duration;

use super::task::{ContainerHealth, Status, Task};
use crate::elbv2;
use crate::state::State as World;
use crate::time::Timestamp;

/// How long a task that nobody checks must run until it counts.
const SETTLES: Duration = Duration::from_secs(10);

/// Why a task that runs must be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A load balancer's checks fail: group, port, description.
    LoadBalancer {
        group: String,
        port: u16,
        reason: String,
    },
    /// Its own health check fails.
    OwnCheck,
}

/// How a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Readiness {
    /// On its way; may change by itself at this moment.
    Starting(Option<Timestamp>),
    /// Counts; may change by itself at this moment.
    Ready(Option<Timestamp>),
    Faulty(Fault),
}

/// How a task stands now. Failing load balancer checks count only after the service's grace period.
pub(super) fn of(state: &World, task: &Task, grace: Duration) -> Readiness {
    let now = state.now;
    let (Status::Running, Some(started)) = (task.status, task.started) else {
        return Readiness::Starting(None);
    };
    if task.is_in_the_dark {
        return Readiness::Starting(None);
    }
    let mut next: Option<Timestamp> = None;
    let mut ready = true;
    let mut checked = task.checks_itself();
    if task.checks_itself() {
        let (health, change) = task.own_health(now);
        next = change;
        match health {
            ContainerHealth::Unhealthy => return Readiness::Faulty(Fault::OwnCheck),
            ContainerHealth::Unknown => ready = false,
            ContainerHealth::Healthy => {}
        }
    }
    let grace_ends = started.plus(grace);
    for binding in &task.bindings {
        let health = elbv2::target_health(state, &binding.group, &task.ip, binding.port);
        next = next.into_iter().chain(health.next_change).min();
        if health.is_unhealthy() {
            if now >= grace_ends {
                return Readiness::Faulty(Fault::LoadBalancer {
                    group: binding.group.clone(),
                    port: binding.port,
                    reason: health.description.unwrap_or_default(),
                });
            }
            next = next.into_iter().chain([grace_ends]).min();
        }
        let used = health.state != "unused";
        checked |= used;
        ready &= health.is_healthy() || !used;
    }
    if !checked {
        let settled = started.plus(SETTLES);
        if now < settled {
            return Readiness::Starting(Some(settled));
        }
    }
    if ready {
        Readiness::Ready(next)
    } else {
        Readiness::Starting(next)
    }
}
