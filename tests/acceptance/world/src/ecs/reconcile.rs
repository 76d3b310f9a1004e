//! A service's look at itself: tasks are counted, the deployment takes its next steps, pools are filled.

use std::time::Duration;

use super::deployment::{DeploymentStatus, ServiceDeployment, Watch};
use super::pool::{self, RolloutState, SCHEDULER};
use super::service::{Service, ServiceStatus};
use super::strategy::Strategy;
use super::{events, instances, rollback, rolling, shifting, task_sets};
use crate::cloudwatch::{self, AlarmState};
use crate::state::State as World;
use crate::time::Timestamp;

/// How often a deployment asks for its alarms.
const ALARM_POLL: Duration = Duration::from_secs(10);

/// The earlier of two moments, as far as there are any.
pub(super) fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

/// Looks at one service and schedules the next look.
pub(super) fn reconcile(state: &mut World, arn: &str) {
    let Some(mut service) = state.ecs.services.remove(arn) else {
        return;
    };
    let next = if service.is_gone() {
        None
    } else {
        look(state, &mut service)
    };
    state.ecs.services.insert(arn.to_owned(), service);
    if let Some(next) = next {
        // A look that asks for another one at the same moment would never end.
        let at = next.max(state.now.plus(Duration::from_millis(1)));
        state.ecs.wake_service(at, arn);
    }
}

fn look(state: &mut World, service: &mut Service) -> Option<Timestamp> {
    let mut next = pool::observe(state, service);
    match service.status {
        ServiceStatus::Active => {
            next = earlier(next, settle_superseded(state, service));
            next = earlier(next, advance(state, service));
        }
        ServiceStatus::Draining => {
            for pool in &mut service.pools {
                pool.desired = 0;
            }
        }
        ServiceStatus::Inactive => {}
    }
    next = earlier(next, pool::act(state, service));
    prune(state, service);
    if service.status == ServiceStatus::Draining {
        drained(state, service);
    } else {
        say_steady(state, service);
    }
    next
}

/// Older deployments that were asked to stop are over now.
fn settle_superseded(state: &World, service: &mut Service) -> Option<Timestamp> {
    let older = service.deployments.len().saturating_sub(1);
    for deployment in service.deployments.iter_mut().take(older) {
        if !deployment.status.is_final() {
            deployment.end(DeploymentStatus::Stopped, state.now);
        }
    }
    None
}

/// Lets the newest deployment take its steps; without one under way the primary pool keeps the wanted size.
fn advance(state: &mut World, service: &mut Service) -> Option<Timestamp> {
    if service.settings.is_daemon() {
        service.desired = instances::for_daemon(state, &service.cluster_arn);
    }
    task_sets::size(service);
    let mut deployment = service.deployments.pop()?;
    let next = if deployment.status.is_final() {
        let desired = service.desired;
        if let Some(primary) = service
            .pools
            .first_mut()
            .filter(|pool| !pool.frozen && pool.task_set.is_none())
        {
            primary.desired = desired;
        }
        None
    } else {
        step(state, service, &mut deployment)
    };
    service.deployments.push(deployment);
    next
}

fn step(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
) -> Option<Timestamp> {
    if deployment.status == DeploymentStatus::Pending {
        let due = deployment.created.plus(SCHEDULER);
        if state.now < due {
            return Some(due);
        }
        begin(state, service, deployment);
    }
    match deployment.status {
        DeploymentStatus::InProgress => in_progress(state, service, deployment),
        DeploymentStatus::StopRequested => {
            deployment.end(DeploymentStatus::Stopped, state.now);
            None
        }
        DeploymentStatus::RollbackRequested => {
            let reason = "Service deployment rolled back because a user requested it.";
            if deployment.sources.is_empty() {
                rollback::stop_first(state, service, deployment);
                return None;
            }
            rollback::begin(state, service, deployment, reason);
            rollback::advance(state, service, deployment)
        }
        DeploymentStatus::RollbackInProgress => rollback::advance(state, service, deployment),
        DeploymentStatus::Pending
        | DeploymentStatus::Successful
        | DeploymentStatus::Stopped
        | DeploymentStatus::RollbackSuccessful
        | DeploymentStatus::RollbackFailed => None,
    }
}

fn begin(state: &mut World, service: &mut Service, deployment: &mut ServiceDeployment) {
    deployment.status = DeploymentStatus::InProgress;
    deployment.started = Some(state.now);
    deployment.updated = state.now;
    deployment.alarms_ignored = firing(state, deployment);
    if let Some(reason) = shifting::network_fault(state, deployment) {
        if deployment.sources.is_empty() {
            deployment.reason = Some(reason);
            if let Some(pool) = service.pool_mut(&deployment.target_pool.clone()) {
                pool.frozen = true;
                pool.rollout = RolloutState::Failed;
            }
            deployment.end(DeploymentStatus::RollbackFailed, state.now);
        } else {
            rollback::begin(state, service, deployment, &reason);
        }
    }
}

fn firing(state: &World, deployment: &ServiceDeployment) -> Vec<String> {
    if deployment.alarms == Watch::Disabled {
        return Vec::new();
    }
    deployment
        .configuration
        .alarms
        .alarm_names
        .iter()
        .filter(|name| cloudwatch::alarm_state(state, name) == Some(AlarmState::Alarm))
        .cloned()
        .collect()
}

fn in_progress(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
) -> Option<Timestamp> {
    if alarmed(state, service, deployment) {
        return after_failure(state, service, deployment);
    }
    let mut next = match deployment.configuration.shifts() {
        Strategy::Rolling => rolling::advance(state, service, deployment),
        Strategy::Shifting {
            steps,
            step_bake_minutes,
        } => shifting::advance(state, service, deployment, &steps, step_bake_minutes),
    };
    if deployment.status == DeploymentStatus::InProgress && deployment.alarms == Watch::Monitoring {
        next = earlier(next, Some(state.now.plus(ALARM_POLL)));
    }
    next
}

fn after_failure(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
) -> Option<Timestamp> {
    if deployment.status == DeploymentStatus::RollbackInProgress {
        rollback::advance(state, service, deployment)
    } else {
        None
    }
}

fn alarmed(state: &mut World, service: &mut Service, deployment: &mut ServiceDeployment) -> bool {
    if deployment.alarms != Watch::Monitoring {
        return false;
    }
    let fired: Vec<String> = firing(state, deployment)
        .into_iter()
        .filter(|name| !deployment.alarms_ignored.contains(name))
        .collect();
    if fired.is_empty() {
        return false;
    }
    deployment.alarms = Watch::Triggered;
    deployment.alarms_triggered.clone_from(&fired);
    let goes_back = deployment.configuration.alarms.rollback;
    rollback::fail(
        state,
        service,
        deployment,
        "alarm detected",
        goes_back,
        &|verb| {
            format!(
                "Service deployment {verb} because CloudWatch alarm(s) {} were triggered.",
                fired.join(", ")
            )
        },
    );
    true
}

/// Empty pools that nobody needs any more are forgotten.
fn prune(state: &mut World, service: &mut Service) {
    if service.is_rolling_out() {
        return;
    }
    let primary = service.pools.first().map(|pool| pool.id.clone());
    let gone: Vec<String> = service
        .pools
        .iter()
        .filter(|pool| pool.desired == 0 && pool.tasks.is_empty())
        .filter(|pool| match &pool.task_set {
            // A task set is there for as long as a task of it is.
            Some(set) => set.is_draining() && !has_leaving(state, service, &pool.id),
            None => Some(&pool.id) != primary.as_ref() || service.status == ServiceStatus::Draining,
        })
        .map(|pool| pool.id.clone())
        .collect();
    for id in gone {
        task_sets::forget(state, service, &id);
        service.pools.retain(|pool| pool.id != id);
    }
}

/// Whether a task of the pool was told to stop and still does.
fn has_leaving(state: &World, service: &Service, pool: &str) -> bool {
    service.leaving.iter().any(|arn| {
        let task = state.ecs.tasks.get(arn);
        task.and_then(|task| task.owner.as_ref())
            .is_some_and(|owner| owner.pool == pool)
    })
}

fn drained(state: &mut World, service: &mut Service) {
    if service.pools.iter().all(|pool| pool.tasks.is_empty()) && service.leaving.is_empty() {
        service.status = ServiceStatus::Inactive;
        service.pools.clear();
        for users in state.ecs.users_of_group.values_mut() {
            users.remove(&service.arn);
        }
        state
            .ecs
            .users_of_group
            .retain(|_, users| !users.is_empty());
    }
}

fn say_steady(state: &mut World, service: &mut Service) {
    if service.said_steady || service.is_rolling_out() {
        return;
    }
    let full = !service.pools.is_empty()
        && service
            .pools
            .iter()
            .all(|pool| pool.is_full(pool.desired) && !pool.frozen);
    if full {
        service.said_steady = true;
        events::push(state, service, "has reached a steady state.");
    }
}

/// The deployment reached its goal.
pub(super) fn succeed(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
) {
    deployment.end(DeploymentStatus::Successful, state.now);
    let id = deployment.target_pool.clone();
    if let Some(pool) = service.pool_mut(&id) {
        pool.rollout = RolloutState::Completed;
        pool.rollout_reason = format!("ECS deployment {id} completed.");
    }
    events::push(
        state,
        service,
        &format!("(deployment {id}) deployment completed."),
    );
}
