//! Rolling back: a new deployment that brings traffic back and removes the replacement.

use std::time::Duration;

use super::configs::Routing;
use super::deployment::{Creator, Deployment, Event, EventStatus, Failure, Phase, Status};
use super::{deployments, ecs_side, service_role, traffic};
use crate::state::State as World;
use crate::time::Timestamp;

/// How long the way back takes.
const DURATION: Duration = Duration::from_secs(5);

/// Makes the rollback deployment of a deployment that ended badly. Its group must still exist.
pub(super) fn start(world: &mut World, failed: &str) {
    let Some(of) = world.codedeploy.deployment(failed).cloned() else {
        return;
    };
    if !world
        .codedeploy
        .groups
        .contains_key(&(of.application.clone(), of.group.clone()))
    {
        return;
    }
    let id = deployments::new_id(world);
    let why = of
        .failure
        .as_ref()
        .map(|failure| failure.message.clone())
        .unwrap_or_default();
    if let Some(failed) = world.codedeploy.deployment_mut(failed) {
        failed.rolled_back_by = Some((
            id.clone(),
            format!("Deployment {} was rolled back: {why}", of.id),
        ));
    }
    let rollback = Deployment {
        id: id.clone(),
        description: Some(format!("Rollback of deployment {}", of.id)),
        revision: of
            .previous_revision
            .clone()
            .unwrap_or_else(|| of.revision.clone()),
        routing: Routing::AllAtOnce,
        creator: Creator::Rollback { of: of.id.clone() },
        status: Status::Created,
        phase: Phase::Created,
        entered: world.now,
        wake: world.now,
        proceed: false,
        created: world.now,
        started: None,
        completed: None,
        failure: None,
        rolled_back_by: None,
        events: deployments::fresh_events(),
        hook_answers: std::collections::BTreeMap::new(),
        updated: world.now,
        ..of
    };
    world.codedeploy.deployments.push(rollback);
    super::lifecycle::advance(world, &id);
}

/// Carries the rollback out; `None` when it is done, else when to look again.
///
/// # Errors
/// When the service role may not do it.
pub(super) fn undo(
    world: &mut World,
    deployment: &Deployment,
) -> Result<Option<Timestamp>, Failure> {
    let until = deployment.entered.plus(DURATION);
    if world.now < until {
        if world.now == deployment.entered {
            bring_back(world, deployment)?;
        }
        return Ok(Some(until));
    }
    let now = world.now;
    if let Some(deployment) = world.codedeploy.deployment_mut(&deployment.id) {
        for (event, record) in &mut deployment.events {
            let moved = *event == Event::AllowTraffic && deployment.green.is_some();
            record.status = if moved {
                EventStatus::Succeeded
            } else {
                EventStatus::Skipped
            };
            if moved {
                (record.started, record.ended) = (Some(deployment.entered), Some(now));
            }
        }
    }
    Ok(None)
}

/// Traffic, the primary mark and the replacement's removal. After a failure before Install there is nothing to undo.
fn bring_back(world: &mut World, deployment: &Deployment) -> Result<(), Failure> {
    let (Some(blue), Some(green)) = (&deployment.blue, &deployment.green) else {
        return Ok(());
    };
    let ecs = &deployment.ecs;
    let listeners = [Some(&ecs.production_listener), ecs.test_listener.as_ref()];
    for listener in listeners.into_iter().flatten() {
        let sides = (blue.target_group.as_str(), green.target_group.as_str());
        traffic::shift(world, deployment, listener, sides, 0)?;
    }
    let service = ecs_side::service(world, &ecs.cluster, &ecs.service);
    let primary = service
        .as_ref()
        .and_then(|service| service.primary())
        .map(|set| set.id.clone());
    // The service may have been deleted meanwhile; then there is nothing left to mark or to remove.
    if primary.as_deref() == Some(green.task_set.as_str()) {
        service_role::make_primary(world, deployment)?;
        drop(ecs_side::make_primary(
            world,
            &ecs.cluster,
            &ecs.service,
            &blue.task_set,
        ));
    }
    service_role::delete_task_set(world, deployment, &green.task_set)?;
    drop(ecs_side::delete_task_set(
        world,
        &ecs.cluster,
        &ecs.service,
        &green.task_set,
    ));
    if let Some(deployment) = world.codedeploy.deployment_mut(&deployment.id) {
        deployment.green_percent = 0;
    }
    Ok(())
}
