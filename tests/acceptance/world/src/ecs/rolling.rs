//! Rolling updates: tasks of the old revisions make room for those of the new one, within the percent limits.

use std::cmp::Reverse;
use std::time::Duration;

use super::deployment::{ServiceDeployment, Watch};
use super::pool::{Pool, RolloutState};
use super::reconcile::succeed;
use super::rollback;
use super::service::Service;
use super::stage::Stage;
use crate::state::State as World;
use crate::time::Timestamp;

/// Takes the next steps of a rolling update; returns when something changes by itself.
pub(super) fn advance(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
) -> Option<Timestamp> {
    let id = deployment.target_pool.clone();
    if tripped(state, service, deployment) {
        return None;
    }
    if !roll(service, &id, deployment) {
        deployment.hold_until = None;
        return None;
    }
    let bake = Duration::from_secs(
        u64::from(deployment.configuration.bake_time_in_minutes).saturating_mul(60),
    );
    let until = *deployment.hold_until.get_or_insert(state.now.plus(bake));
    if state.now < until {
        deployment.stage = Some(Stage::BakeTime);
        return Some(until);
    }
    succeed(state, service, deployment);
    None
}

/// Counts failures; the breaker that trips goes back, stops, or (with nothing to go back to) stalls the rollout.
fn tripped(state: &mut World, service: &mut Service, deployment: &mut ServiceDeployment) -> bool {
    let failed = service
        .pool(&deployment.target_pool)
        .map_or(0, |pool| pool.failed);
    if deployment.breaker == Watch::Triggered {
        return true;
    }
    deployment.breaker_failures = failed;
    if deployment.breaker != Watch::Monitoring || failed < deployment.breaker_threshold {
        return false;
    }
    deployment.breaker = Watch::Triggered;
    let goes_back = deployment.configuration.deployment_circuit_breaker.rollback;
    if goes_back && deployment.sources.is_empty() {
        if let Some(pool) = service.pool_mut(&deployment.target_pool) {
            pool.frozen = true;
            pool.rollout = RolloutState::Failed;
            pool.rollout_reason =
                "ECS deployment circuit breaker: tasks failed to start.".to_owned();
        }
        return true;
    }
    rollback::fail(
        state,
        service,
        deployment,
        "tasks failed to start",
        goes_back,
        &|verb| {
            format!("Service deployment {verb} because the circuit breaker threshold was exceeded.")
        },
    );
    true
}

/// Sets the wanted sizes while the pool `id` replaces all others; true when it has.
pub(super) fn roll(service: &mut Service, id: &str, deployment: &ServiceDeployment) -> bool {
    let wanted = service.desired;
    let configuration = &deployment.configuration;
    let most = wanted.saturating_mul(configuration.maximum_percent) / 100;
    let least = wanted
        .saturating_mul(configuration.minimum_healthy_percent)
        .div_ceil(100);
    let ready = service.pool(id).map_or(0, |pool| pool.ready.min(wanted));
    let mut keep = least.saturating_sub(ready);
    let mut old_tasks: u32 = 0;
    let mut old_left = false;
    // Of several old revisions those that serve stay longest.
    let mut old: Vec<&mut Pool> = service
        .pools
        .iter_mut()
        .filter(|pool| pool.id != id && pool.task_set.is_none())
        .collect();
    old.sort_by_key(|pool| Reverse(pool.ready));
    for pool in old {
        pool.desired = pool.desired.min(keep);
        keep -= pool.desired;
        // Tasks over the wanted number stop in this very look.
        old_tasks = old_tasks.saturating_add(pool.count().min(pool.desired));
        old_left |= !pool.tasks.is_empty();
    }
    let Some(new) = service.pool_mut(id) else {
        return false;
    };
    let room = most.saturating_sub(old_tasks).max(new.count().min(wanted));
    new.desired = wanted.min(room);
    new.desired == wanted && new.is_full(wanted) && !old_left
}
