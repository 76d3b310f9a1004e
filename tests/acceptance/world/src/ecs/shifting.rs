//! Deployments that shift traffic: blue/green, canary, linear. One stage after the other, hooks in each.

use std::time::Duration;

use super::balancer_role;
use super::deployment::{Route, ServiceDeployment};
use super::hooks::{self, HookResult, HookRun};
use super::reconcile::{earlier, succeed};
use super::rollback;
use super::service::Service;
use super::stage::Stage;
use crate::elbv2;
use crate::state::State as World;
use crate::time::Timestamp;

/// How long a changed rule takes to reach every load balancer node.
const PROPAGATION: Duration = Duration::from_secs(2);
/// How long ECS waits after a shift behind a Network Load Balancer, until its targets follow.
const NETWORK_PROPAGATION: Duration = Duration::from_secs(600);
/// How long a stage without a hook may last.
const STAGE_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// What is wrong with the rules a deployment would shift: both groups must be reachable before anything starts. A Network
/// Load Balancer without a test listener needs the group that has the traffic alone.
pub(super) fn network_fault(state: &World, deployment: &ServiceDeployment) -> Option<String> {
    deployment.routes.iter().find_map(|route| {
        if let Err(denied) = balancer_role::look(state, route) {
            let reason = "Service deployment rolled back because of invalid networking configuration.";
            return Some(format!("{reason} {denied}"));
        }
        let mut reachable = elbv2::groups_on_route(state, &route.production);
        if let Some(test) = &route.test {
            reachable.extend(elbv2::groups_on_route(state, test));
        }
        let listed = |group: &str| reachable.iter().any(|(arn, _)| arn == group);
        let is_one_enough = is_of_network(route) && route.test.is_none();
        if is_one_enough && (listed(&route.primary) || listed(&route.alternate)) {
            return None;
        }
        if listed(&route.primary) && listed(&route.alternate) {
            return None;
        }
        Some(
            "Service deployment rolled back because of invalid networking configuration. Both targetGroup and \
             alternateTargetGroup must be associated with the productionListenerRule or testListenerRule."
                .to_owned(),
        )
    })
}

/// A rule that traffic would be moved on and that somebody deleted.
fn lost_route(state: &World, deployment: &ServiceDeployment, stage: Stage) -> Option<String> {
    if stage >= Stage::PostProductionTrafficShift {
        return None;
    }
    deployment
        .routes
        .iter()
        .flat_map(|route| std::iter::once(&route.production).chain(&route.test))
        .find(|rule| !elbv2::route_exists(state, rule))
        .map(|rule| format!("The listener rule {rule} does not exist."))
}

/// Takes every step that can be taken now; returns when something changes by itself.
pub(super) fn advance(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
    steps: &[f64],
    step_bake_minutes: u32,
) -> Option<Timestamp> {
    if deployment.stage.is_none() {
        let first = if deployment.sources.len() > 1 {
            Stage::ReconcileService
        } else {
            Stage::PreScaleUp
        };
        let entered = enter(state, service, deployment, first, steps, step_bake_minutes);
        if let Err(denied) = entered {
            return Some(cannot_move_traffic(state, service, deployment, &denied));
        }
    }
    keep_sizes(service, deployment);
    while let Some(stage) = deployment.stage {
        match hooks::judge(&mut deployment.hooks, deployment.entry, state.now) {
            HookResult::Failed(reason) => {
                rollback::fail(
                    state,
                    service,
                    deployment,
                    "lifecycle hook failed",
                    true,
                    &|verb| {
                        format!(
                            "Service deployment {verb} because a lifecycle hook failed: {reason}"
                        )
                    },
                );
                return Some(state.now);
            }
            HookResult::Waiting(at) => return at,
            HookResult::Passed => {}
        }
        if let Some(until) = deployment.hold_until.filter(|until| state.now < *until) {
            return Some(until);
        }
        if let Some(reason) = lost_route(state, deployment, stage) {
            return Some(cannot_move_traffic(state, service, deployment, &reason));
        }
        if !fulfilled(service, deployment, stage) {
            let limit = deployment.stage_since.plus(STAGE_LIMIT);
            if state.now < limit {
                return Some(limit);
            }
            rollback::fail(
                state,
                service,
                deployment,
                "a lifecycle stage timed out",
                true,
                &|verb| {
                    format!(
                        "Service deployment {verb} because stage {} did not end within 24 hours.",
                        stage.word()
                    )
                },
            );
            return Some(state.now);
        }
        match following(deployment, stage, steps) {
            Some(next) => {
                let entered = enter(state, service, deployment, next, steps, step_bake_minutes);
                if let Err(denied) = entered {
                    return Some(cannot_move_traffic(state, service, deployment, &denied));
                }
            }
            None => {
                succeed(state, service, deployment);
                return None;
            }
        }
    }
    None
}

/// ECS cannot write its rules.
fn cannot_move_traffic(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
    reason: &str,
) -> Timestamp {
    let what = "invalid networking configuration";
    rollback::fail(state, service, deployment, what, true, &|verb| {
        format!("Service deployment {verb} because of {what}. {reason}")
    });
    state.now
}

/// Both sides follow the service's wanted number from scale-up to clean-up.
fn keep_sizes(service: &mut Service, deployment: &ServiceDeployment) {
    let Some(stage) = deployment.stage else {
        return;
    };
    let desired = service.desired;
    if stage >= Stage::ScaleUp
        && let Some(pool) = service.pool_mut(&deployment.target_pool)
    {
        pool.desired = desired;
    }
    if stage < Stage::CleanUp
        && let Some(pool) = deployment.source_pool().and_then(|id| service.pool_mut(id))
    {
        pool.desired = desired;
    }
}

/// Enters a stage: its own work is done, its hooks fire.
///
/// # Errors
/// What the role of a load balancer may not do.
fn enter(
    state: &mut World,
    service: &mut Service,
    deployment: &mut ServiceDeployment,
    stage: Stage,
    steps: &[f64],
    step_bake_minutes: u32,
) -> Result<(), String> {
    deployment.stage = Some(stage);
    deployment.stage_since = state.now;
    deployment.updated = state.now;
    deployment.entry = deployment.entry.saturating_add(1);
    deployment.hold_until = None;
    let minutes = |count: u32| Duration::from_secs(u64::from(count).saturating_mul(60));
    match stage {
        Stage::ReconcileService => reconcile_sources(state, service, deployment)?,
        Stage::ScaleUp => keep_sizes(service, deployment),
        Stage::TestTrafficShift => {
            for route in deployment.routes.clone() {
                if let Some(test) = &route.test {
                    balancer_role::set_weights(state, &route, test, route.weights(100.0))?;
                    deployment.hold_until = Some(state.now.plus(propagation(deployment)));
                }
            }
            deployment.test_weight = 100.0;
        }
        Stage::ProductionTrafficShift => {
            let (share, last) = next_share(deployment, steps);
            deployment.step = deployment.step.saturating_add(1);
            set_production(state, deployment, share)?;
            let bake = if last {
                Duration::ZERO
            } else {
                minutes(step_bake_minutes)
            };
            deployment.hold_until = Some(state.now.plus(propagation(deployment)).plus(bake));
        }
        Stage::BakeTime => {
            deployment.hold_until = Some(
                state
                    .now
                    .plus(minutes(deployment.configuration.bake_time_in_minutes)),
            );
        }
        Stage::CleanUp => {
            for (pool, _) in &deployment.sources {
                if let Some(pool) = service.pool_mut(pool) {
                    pool.desired = 0;
                }
            }
        }
        Stage::PreScaleUp
        | Stage::PostScaleUp
        | Stage::PostTestTrafficShift
        | Stage::PreProductionTrafficShift
        | Stage::PostProductionTrafficShift => {}
    }
    fire(state, deployment, stage);
    Ok(())
}

/// How long the changed routes of a deployment take to be followed.
pub(super) fn propagation(deployment: &ServiceDeployment) -> Duration {
    let mut routes = deployment.routes.iter();
    if routes.any(is_of_network) {
        NETWORK_PROPAGATION
    } else {
        PROPAGATION
    }
}

/// Whether traffic is moved on the listener of a Network Load Balancer.
fn is_of_network(route: &Route) -> bool {
    route.production.contains(":listener/net/")
}

/// Fires the hooks of a stage.
pub(super) fn fire(state: &mut World, deployment: &mut ServiceDeployment, stage: Stage) {
    for hook in deployment.configuration.lifecycle_hooks.clone() {
        if hook
            .lifecycle_stages
            .iter()
            .any(|name| Stage::parse(name) == Some(stage))
        {
            let run = HookRun::fire(state, &hook, stage, deployment.entry);
            deployment.hooks.push(run);
        }
    }
}

/// The share of the next shift and whether it is the last. A first deployment has nobody to share with.
fn next_share(deployment: &ServiceDeployment, steps: &[f64]) -> (f64, bool) {
    if deployment.sources.is_empty() {
        return (100.0, true);
    }
    let share = steps.get(deployment.step).copied().unwrap_or(100.0);
    (share, deployment.step.saturating_add(1) >= steps.len())
}

/// Gives the new revision `share` percent of production traffic, in one write per rule.
///
/// # Errors
/// What the role of a load balancer may not do.
pub(super) fn set_production(
    state: &mut World,
    deployment: &mut ServiceDeployment,
    share: f64,
) -> Result<(), String> {
    for route in &deployment.routes {
        balancer_role::set_weights(state, route, &route.production, route.weights(share))?;
    }
    deployment.production_weight = share;
    deployment.updated = state.now;
    Ok(())
}

/// Traffic goes to the live side alone, and what an earlier deployment left behind is stopped.
fn reconcile_sources(
    state: &mut World,
    service: &mut Service,
    deployment: &ServiceDeployment,
) -> Result<(), String> {
    for route in &deployment.routes {
        balancer_role::set_weights(state, route, &route.production, route.weights(0.0))?;
    }
    for (pool, _) in deployment.sources.iter().skip(1) {
        if let Some(pool) = service.pool_mut(pool) {
            pool.desired = 0;
        }
    }
    Ok(())
}

fn fulfilled(service: &Service, deployment: &ServiceDeployment, stage: Stage) -> bool {
    let target_full = || {
        service
            .pool(&deployment.target_pool)
            .is_some_and(|pool| pool.is_full(service.desired))
    };
    let empty = |id: &str| service.pool(id).is_none_or(|pool| pool.tasks.is_empty());
    match stage {
        Stage::ReconcileService => deployment
            .sources
            .iter()
            .skip(1)
            .all(|(pool, _)| empty(pool)),
        Stage::ScaleUp => target_full(),
        Stage::CleanUp => deployment.sources.iter().all(|(pool, _)| empty(pool)),
        Stage::PreScaleUp
        | Stage::PostScaleUp
        | Stage::TestTrafficShift
        | Stage::PostTestTrafficShift
        | Stage::PreProductionTrafficShift
        | Stage::ProductionTrafficShift
        | Stage::PostProductionTrafficShift
        | Stage::BakeTime => true,
    }
}

/// The stage after this one; the shift repeats until all traffic has moved.
fn following(deployment: &ServiceDeployment, stage: Stage, steps: &[f64]) -> Option<Stage> {
    let more = !deployment.sources.is_empty() && deployment.step < steps.len();
    if stage == Stage::ProductionTrafficShift && more {
        return Some(Stage::PreProductionTrafficShift);
    }
    Stage::ALL.into_iter().find(|next| *next > stage)
}

/// The moment a rollback may go on, given the hold it set.
pub(super) fn held(state: &World, deployment: &ServiceDeployment) -> Option<Timestamp> {
    earlier(
        deployment.hold_until.filter(|until| state.now < *until),
        None,
    )
}
