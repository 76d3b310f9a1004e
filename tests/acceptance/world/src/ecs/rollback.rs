//! Going back, and giving up.

use super::balancer_role;
use super::deployment::{DeploymentStatus, Rollback, ServiceDeployment};
use super::events;
use super::hooks::{self, HookResult};
use super::pool::RolloutState;
use super::rolling::roll;
use super::service::Service;
use super::shifting;
use super::stage::Stage;
use super::strategy::Strategy;
use crate::state::State as World;
use crate::time::Timestamp;

/// A deployment failed: it goes back when it may and there is something to go back to, else it stops where it is.
///
/// `what` ends the service event; `reason` makes the status reason from the verb (`rolled back`, `stopped`).
pub(super) fn fail(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
    what: &str,
    goes_back: bool,
    reason: &dyn Fn(&str) -> String,
) {
    let id = deployment.target_pool.clone();
    events::push(
        state,
        service,
        &format!("(deployment {id}) deployment failed: {what}."),
    );
    if goes_back && !deployment.sources.is_empty() {
        begin(state, service, deployment, &reason("rolled back"));
        return;
    }
    if let Some(pool) = service.pool_mut(&id) {
        pool.frozen = true;
        pool.rollout = RolloutState::Failed;
        pool.rollout_reason = format!("ECS deployment {id} failed: {what}.");
    }
    deployment.reason = Some(reason("stopped"));
    deployment.end(DeploymentStatus::Stopped, state.now);
}

/// Stops a first deployment: there is nothing to go back to, so its tasks stop.
pub(super) fn stop_first(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
) {
    if let Some(pool) = service.pool_mut(&deployment.target_pool) {
        pool.frozen = true;
        pool.desired = 0;
        pool.rollout = RolloutState::Failed;
        pool.rollout_reason = format!("ECS deployment {} was stopped.", pool.id);
    }
    deployment.reason = Some(
        "Service deployment stopped because there is no service revision to roll back to."
            .to_owned(),
    );
    deployment.end(DeploymentStatus::Stopped, state.now);
}

/// Starts going back to the revision that was live. Production traffic returns as soon as that side can take it.
pub(super) fn begin(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
    reason: &str,
) {
    let Some((source, revision)) = deployment.sources.first().cloned() else {
        return;
    };
    deployment.status = DeploymentStatus::RollbackInProgress;
    deployment.reason = Some(reason.to_owned());
    deployment.updated = state.now;
    deployment.hold_until = None;
    // Nobody needs to answer them any more.
    deployment.hooks.retain(|run| !run.is_open());
    deployment.rollback = Some(Rollback {
        reason: reason.to_owned(),
        started: state.now,
        revision: revision.clone(),
    });
    let target = deployment.target_pool.clone();
    if let Some(pool) = service.pool_mut(&target) {
        pool.rollout = RolloutState::Failed;
        pool.rollout_reason = format!("ECS deployment {target} failed: rolling back to {source}.");
    }
    let desired = service.desired;
    if let Some(pool) = service.pool_mut(&source) {
        pool.desired = desired;
        pool.rollout = RolloutState::InProgress;
        pool.rollout_reason =
            format!("ECS deployment circuit breaker: rolling back to deploymentId {source}.");
    }
    if let Some(members) = service
        .revision(&revision)
        .map(|revision| revision.members.clone())
    {
        service.settings.restore(&members);
    }
    service.promote(&source);
    events::push(
        state,
        service,
        &format!("rolling back to deployment {source}."),
    );
}

/// Takes the next steps back; returns when something changes by itself.
pub(super) fn advance(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
) -> Option<Timestamp> {
    let Some(source) = deployment.source_pool().map(str::to_owned) else {
        deployment.end(DeploymentStatus::RollbackFailed, state.now);
        return None;
    };
    let done = match deployment.configuration.shifts() {
        Strategy::Rolling => roll(service, &source, deployment),
        Strategy::Shifting { .. } => {
            if let Some(until) = shifting::held(state, deployment) {
                return Some(until);
            }
            // A function that is asked while traffic goes back may delay the end, not prevent it.
            let entry = deployment.entry;
            if let HookResult::Waiting(at) = hooks::judge(&mut deployment.hooks, entry, state.now) {
                return at;
            }
            match shift_back(state, service, deployment, &source) {
                Ok(true) => {}
                Ok(false) => return shifting::held(state, deployment),
                Err(denied) => {
                    let reason = deployment.reason.take().unwrap_or_default();
                    let reason = format!("{reason} Service deployment rollback failed: {denied}");
                    deployment.reason = Some(reason);
                    deployment.end(DeploymentStatus::RollbackFailed, state.now);
                    return None;
                }
            }
            service
                .pool(&deployment.target_pool)
                .is_none_or(|pool| pool.tasks.is_empty())
        }
    };
    if done {
        deployment.end(DeploymentStatus::RollbackSuccessful, state.now);
        if let Some(pool) = service.pool_mut(&source) {
            pool.rollout = RolloutState::Completed;
            pool.rollout_reason = format!("ECS deployment {source} completed.");
        }
        events::push(
            state,
            service,
            &format!("(deployment {source}) deployment completed."),
        );
    }
    None
}

/// Brings traffic back once the old side is whole, then lets the new one go. True when the new side is being stopped.
///
/// # Errors
/// What the role of a load balancer may not do.
fn shift_back(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
    source: &str,
) -> Result<bool, String> {
    let desired = service.desired;
    let Some(pool) = service.pool_mut(source) else {
        return Ok(true);
    };
    pool.desired = desired;
    if deployment.production_weight > 0.0 {
        if pool.ready == 0 && desired > 0 {
            deployment.stage = Some(Stage::ScaleUp);
            return Ok(false);
        }
        deployment.stage = Some(Stage::ProductionTrafficShift);
        deployment.entry = deployment.entry.saturating_add(1);
        shifting::set_production(state, deployment, 0.0)?;
        shifting::fire(state, deployment, Stage::ProductionTrafficShift);
        deployment.hold_until = Some(state.now.plus(shifting::propagation(deployment)));
        return Ok(false);
    }
    if deployment.test_weight > 0.0 {
        for route in &deployment.routes {
            if let Some(test) = route
                .test
                .as_ref()
                .filter(|_| !route.test_before.is_empty())
            {
                balancer_role::set_weights(state, route, test, route.test_before.clone())?;
            }
        }
        deployment.test_weight = 0.0;
    }
    deployment.stage = Some(Stage::CleanUp);
    if let Some(pool) = service.pool_mut(&deployment.target_pool) {
        pool.desired = 0;
    }
    Ok(true)
}
