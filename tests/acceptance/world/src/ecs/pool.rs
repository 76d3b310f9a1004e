//! A pool: the equal tasks that the scheduler keeps at a wanted number.
//!
//! Every deployment of a service has one, and so has every task set.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::readiness::{Fault, Readiness};
use super::service::Service;
use super::settings::Settings;
use super::task::{Status, TaskOwner};
use super::task_life::{self, Launch};
use super::task_sets::TaskSet;
use super::{balancer_role, events, readiness};
use crate::state::State as World;
use crate::time::Timestamp;

/// How soon the scheduler acts.
pub(super) const SCHEDULER: Duration = Duration::from_secs(1);
/// The first pause between rounds of failing tasks; it doubles each round.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// A target group tasks are registered in, and on which port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) group: String,
    pub(super) port: u16,
    /// The role that ECS registers them with.
    pub(super) role: String,
}

/// How the rollout that made the pool stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RolloutState {
    InProgress,
    Completed,
    Failed,
}

impl RolloutState {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}

/// Equal tasks at a wanted number.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    /// `ecs-svc/…`.
    pub(super) id: String,
    pub(super) revision: Option<String>,
    /// Task definition, network and launch members its tasks start with.
    pub(super) settings: Settings,
    pub(super) bindings: Vec<Binding>,
    pub(super) desired: u32,
    /// No task is started any more.
    pub(super) frozen: bool,
    /// Tasks that count; those told to stop are the service's to remember.
    pub(super) tasks: Vec<String>,
    /// Tasks that were ready at least once.
    seen_ready: BTreeSet<String>,
    /// Tasks ready now.
    pub(super) ready: u32,
    pub(super) running: u32,
    pub(super) pending: u32,
    /// Failed tasks as the circuit breaker counts them.
    pub(super) failed: u32,
    /// Whether a healthy task sets that count back.
    pub(super) resets: bool,
    /// Failures in a row, for the pause between starts.
    in_a_row: u32,
    start_after: Timestamp,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) rollout: RolloutState,
    pub(super) rollout_reason: String,
    pub(super) task_set: Option<TaskSet>,
}

impl Pool {
    pub(super) fn new(
        id: String,
        settings: Settings,
        bindings: Vec<Binding>,
        now: Timestamp,
    ) -> Self {
        Self {
            rollout_reason: format!("ECS deployment {id} in progress."),
            id,
            revision: None,
            settings,
            bindings,
            desired: 0,
            frozen: false,
            tasks: Vec::new(),
            seen_ready: BTreeSet::new(),
            ready: 0,
            running: 0,
            pending: 0,
            failed: 0,
            resets: true,
            in_a_row: 0,
            start_after: now,
            created: now,
            updated: now,
            rollout: RolloutState::InProgress,
            task_set: None,
        }
    }

    pub(super) fn definition(&self) -> &str {
        self.settings.text("taskDefinition").unwrap_or_default()
    }

    /// All wanted tasks are there and ready, none too many.
    pub(super) fn is_full(&self, wanted: u32) -> bool {
        self.ready >= wanted && self.count() == wanted
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.tasks.len()).unwrap_or(u32::MAX)
    }

    fn note_failure(&mut self, now: Timestamp) {
        self.failed = self.failed.saturating_add(1);
        self.in_a_row = self.in_a_row.saturating_add(1);
        let rounds = self.in_a_row / self.desired.max(1);
        let pause = match rounds.checked_sub(2) {
            None => SCHEDULER,
            Some(doublings) => FIRST_PAUSE
                .saturating_mul(2_u32.saturating_pow(doublings.min(16)))
                .min(LONGEST_PAUSE),
        };
        self.start_after = now.plus(pause);
    }
}

/// Looks at the tasks of every pool: drops those that ended, replaces faulty ones. Returns when to look again.
pub(super) fn observe(state: &mut World, service: &mut Service) -> Option<Timestamp> {
    let grace = Duration::from_secs(service.settings.grace_seconds());
    let mut next: Option<Timestamp> = None;
    service.leaving.retain(|arn| {
        state
            .ecs
            .tasks
            .get(arn)
            .is_some_and(|task| task.status != Status::Stopped)
    });
    let mut pools = std::mem::take(&mut service.pools);
    for pool in &mut pools {
        let change = observe_pool(state, service, pool, grace);
        next = next.into_iter().chain(change).min();
    }
    service.pools = pools;
    next
}

fn observe_pool(
    state: &mut World,
    service: &mut Service,
    pool: &mut Pool,
    grace: Duration,
) -> Option<Timestamp> {
    let mut next: Option<Timestamp> = None;
    let mut kept = Vec::with_capacity(pool.tasks.len());
    (pool.ready, pool.running, pool.pending) = (0, 0, 0);
    for arn in std::mem::take(&mut pool.tasks) {
        let Some(task) = state.ecs.tasks.get(&arn) else {
            continue;
        };
        if task.stopping {
            service.leaving.push(arn);
            continue;
        }
        if task.status > Status::Running {
            ended_by_itself(state, service, pool, &arn);
            service.leaving.push(arn);
            continue;
        }
        match readiness::of(state, task, grace) {
            Readiness::Faulty(fault) => {
                replace(state, service, pool, &arn, &fault);
                service.leaving.push(arn);
                continue;
            }
            Readiness::Ready(change) => {
                next = next.into_iter().chain(change).min();
                pool.ready += 1;
                if pool.seen_ready.insert(arn.clone()) {
                    pool.in_a_row = 0;
                    if pool.resets {
                        pool.failed = 0;
                    }
                }
            }
            Readiness::Starting(change) => next = next.into_iter().chain(change).min(),
        }
        if state
            .ecs
            .tasks
            .get(&arn)
            .is_some_and(|task| task.status == Status::Running)
        {
            pool.running += 1;
        } else {
            pool.pending += 1;
        }
        kept.push(arn);
    }
    pool.tasks = kept;
    next
}

fn ended_by_itself(state: &mut World, service: &mut Service, pool: &mut Pool, arn: &str) {
    pool.seen_ready.remove(arn);
    let before = pool.in_a_row / pool.desired.max(1);
    pool.note_failure(state.now);
    let reason = state.ecs.tasks.get(arn).and_then(|task| {
        task.stopped_reason
            .clone()
            .filter(|_| task.started.is_none())
    });
    if let Some(reason) = reason {
        events::push(
            state,
            service,
            &format!("was unable to place a task. Reason: {reason}."),
        );
    }
    if before < 3 && pool.in_a_row / pool.desired.max(1) >= 3 {
        events::push(
            state,
            service,
            "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
        );
    }
}

fn replace(state: &mut World, service: &mut Service, pool: &mut Pool, arn: &str, fault: &Fault) {
    pool.seen_ready.remove(arn);
    pool.note_failure(state.now);
    let task = events::task_list(std::slice::from_ref(&arn.to_owned()));
    let (event, reason) = match fault {
        Fault::LoadBalancer {
            group,
            port,
            reason,
        } => (
            format!(
                "{task} (port {port}) is unhealthy in (target-group {group}) due to (reason {reason})."
            ),
            format!("Task failed ELB health checks in (target-group {group})"),
        ),
        Fault::OwnCheck => (
            format!(
                "(deployment {}) {task} failed container health checks.",
                pool.id
            ),
            "Task failed container health checks".to_owned(),
        ),
    };
    events::push(state, service, &event);
    task_life::stop(state, arn, "ServiceSchedulerInitiated", &reason);
    events::push(
        state,
        service,
        &format!("has stopped 1 running tasks: {task}."),
    );
}

/// Starts and stops tasks until every pool has what it wants. Returns when to look again.
pub(super) fn act(state: &mut World, service: &mut Service) -> Option<Timestamp> {
    let mut next: Option<Timestamp> = None;
    let mut pools = std::mem::take(&mut service.pools);
    for pool in &mut pools {
        let count = pool.count();
        if count > pool.desired {
            stop_some(state, service, pool, count - pool.desired);
        } else if count < pool.desired && !pool.frozen {
            if pool.start_after <= state.now {
                start_some(state, service, pool, pool.desired - count);
            } else {
                next = next.into_iter().chain([pool.start_after]).min();
            }
        }
    }
    service.pools = pools;
    next
}

fn start_some(state: &mut World, service: &mut Service, pool: &mut Pool, count: u32) {
    let launch = launch_of(state, service, pool);
    let started: Vec<String> = (0..count)
        .filter_map(|_| task_life::launch(state, launch.clone()))
        .collect();
    if started.is_empty() {
        return;
    }
    let text = format!(
        "has started {} tasks: {}.",
        started.len(),
        events::task_list(&started)
    );
    events::push(state, service, &text);
    service.said_steady = false;
    pool.pending = pool
        .pending
        .saturating_add(u32::try_from(started.len()).unwrap_or(u32::MAX));
    pool.tasks.extend(started);
    pool.updated = state.now;
}

fn launch_of(state: &World, service: &Service, pool: &Pool) -> Launch {
    let settings = &pool.settings;
    let mut echo = Map::new();
    if let Some(provider) = settings.capacity_provider() {
        echo.insert("capacityProviderName".to_owned(), json!(provider));
    }
    let fargate = settings.on_fargate();
    let launch_type =
        settings
            .text("launchType")
            .unwrap_or(if fargate { "FARGATE" } else { "EC2" });
    echo.insert("launchType".to_owned(), json!(launch_type));
    if fargate {
        let version = settings
            .text("platformVersion")
            .filter(|version| *version != "LATEST");
        echo.insert(
            "platformVersion".to_owned(),
            json!(version.unwrap_or("1.4.0")),
        );
        echo.insert("platformFamily".to_owned(), json!("Linux"));
    }
    let flag = service
        .settings
        .echo
        .get("enableExecuteCommand")
        .cloned()
        .unwrap_or(Value::Bool(false));
    echo.insert("enableExecuteCommand".to_owned(), flag);
    let source = match service.settings.text("propagateTags") {
        Some("SERVICE") => state.ecs.tags.get(&service.arn),
        Some("TASK_DEFINITION") => state.ecs.tags.get(pool.definition()),
        _ => None,
    };
    let mut tags = source.cloned().unwrap_or_default();
    if service.settings.echo.get("enableECSManagedTags") == Some(&Value::Bool(true)) {
        tags.insert(
            "aws:ecs:clusterName".to_owned(),
            service.cluster_name().to_owned(),
        );
        tags.insert("aws:ecs:serviceName".to_owned(), service.name.clone());
    }
    Launch {
        cluster: service.cluster_arn.clone(),
        definition: pool.definition().to_owned(),
        group: format!("service:{}", service.name),
        started_by: Some(pool.id.clone()),
        token: None,
        owner: Some(TaskOwner {
            service: service.arn.clone(),
            pool: pool.id.clone(),
        }),
        revision: pool.revision.clone(),
        bindings: pool.bindings.clone(),
        subnets: settings.subnets(),
        tags,
        echo,
    }
}

/// Stops tasks: those that are not ready first, then the oldest.
fn stop_some(state: &mut World, service: &mut Service, pool: &mut Pool, count: u32) {
    let seen = &pool.seen_ready;
    let mut order: Vec<String> = pool.tasks.clone();
    order.sort_by_key(|arn| seen.contains(arn));
    order.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    let reason = format!("Scaling activity initiated by (deployment {})", pool.id);
    let mut groups: BTreeSet<String> = BTreeSet::new();
    let mut stays: BTreeSet<String> = BTreeSet::new();
    for arn in &order {
        if let Some(task) = state.ecs.tasks.get(arn) {
            match task.status {
                Status::Running => {
                    pool.running = pool.running.saturating_sub(1);
                    for binding in &task.bindings {
                        match balancer_role::may_deregister(state, binding) {
                            Ok(()) => groups.insert(binding.group.clone()),
                            Err(text) => stays.insert(text),
                        };
                    }
                }
                _ => pool.pending = pool.pending.saturating_sub(1),
            }
        }
        if pool.seen_ready.remove(arn) {
            pool.ready = pool.ready.saturating_sub(1);
        }
        task_life::stop(state, arn, "ServiceSchedulerInitiated", &reason);
    }
    pool.tasks.retain(|arn| !order.contains(arn));
    pool.updated = state.now;
    for text in stays {
        events::push(state, service, &text);
    }
    for group in groups {
        let text = format!(
            "deregistered {} targets in (target-group {group})",
            order.len()
        );
        events::push(state, service, &text);
        events::push(
            state,
            service,
            &format!("has begun draining connections on {} tasks.", order.len()),
        );
    }
    let text = format!(
        "has stopped {} running tasks: {}.",
        order.len(),
        events::task_list(&order)
    );
    events::push(state, service, &text);
    service.said_steady = false;
    service.leaving.extend(order);
}
