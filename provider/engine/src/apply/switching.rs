//! Changing the controller of a service in place: what is seen of it, and the two effects.
//!
//! Production has a target at every moment: to ECS, the rule forwards to both groups of the pair, all
//! traffic on the live one, before the controller moves.

use switchyard_rollout as rollout;
use switchyard_rollout::{BegunBy, ControllerSeen, Deployment, Heading};

use super::compare::{
    load_balancers, parts_to_send, settings_change, wanted_configuration, with_one_kind_of_balancer,
};
use super::health::healthy;
use super::sides::forward_of;
use crate::desired::{DesiredController, DesiredLoadBalancer};
use crate::fingerprint::controller_of;
use crate::goal::Goal;
use crate::observe::configured;
use crate::ports::{
    Controller, DeploymentConfiguration, Error, ErrorKind, LoadBalancer, Ports, Result, Service,
    ServiceChange, Strategy, TaskSet, WeightedTarget,
};

/// What the service's controller is to what is wanted.
pub(crate) fn controller_seen(wanted: &DesiredController, found: &Controller) -> ControllerSeen {
    if *found == controller_of(wanted) {
        return ControllerSeen::Wanted;
    }
    match (wanted, found) {
        (DesiredController::Ecs, Controller::CodeDeploy) => {
            ControllerSeen::Switchable(rollout::Engine::CodeDeploy)
        }
        (DesiredController::CodeDeploy { .. }, Controller::Ecs) => {
            ControllerSeen::Switchable(rollout::Engine::Ecs)
        }
        (_, Controller::Unknown(_))
        | (DesiredController::External, _)
        | (_, Controller::External)
        | (DesiredController::Ecs, Controller::Ecs)
        | (DesiredController::CodeDeploy { .. }, Controller::CodeDeploy) => ControllerSeen::Other,
    }
}

/// A task set beside the primary one: CodeDeploy has a deployment under way.
pub(crate) fn replacement_task_set(service: &Service) -> Option<&TaskSet> {
    let mut sets = service.task_sets.iter();
    sets.find(|set| set.is_beside())
}

/// A deployment of CodeDeploy of which only the task set is known: it can be waited for.
pub(crate) fn unnamed(set: &TaskSet) -> Deployment {
    Deployment {
        id: set.id.clone(),
        status: rollout::Status::CodeDeploy(rollout::CodeDeployStatus::InProgress),
        heading: Heading::Elsewhere,
        begun_by: BegunBy::Other,
        can_roll_back: true,
        stage: None,
        weight: None,
        paused: None,
        tasks: None,
        healthy_new: None,
        healthy_old: None,
        breaker_triggered: false,
        rollback: None,
        rollback_expected: false,
        finished_at: None,
    }
}

/// Live and other group of the pair, with the routes between which ECS will move traffic.
struct Pair<'a> {
    live: String,
    other: &'a str,
    production: &'a str,
    test: Option<&'a str>,
}

/// The pair that ECS is to take over; `None` where it takes over one group, so that nothing has to be prepared.
fn pair<'a>(balancer: Option<&'a DesiredLoadBalancer>, service: &Service) -> Option<Pair<'a>> {
    let balancer = balancer?;
    let live = configured(service).live_target_group?;
    let other = balancer.target_groups.iter().find(|group| **group != live);
    Some(Pair {
        other: other?.as_str(),
        production: balancer.production_rule.as_deref()?,
        test: balancer.test_rule.as_deref(),
        live,
    })
}

/// Whether the production rule forwards to both groups of the pair, all traffic on the live one, which has
/// healthy targets; and the test rule, if there is one, to the other group.
pub(crate) async fn routes_prepared(goal: &Goal<'_>, service: &Service) -> Result<bool> {
    let Some(pair) = pair(goal.wanted.revision.load_balancer.as_ref(), service) else {
        return Ok(true);
    };
    let production = forward_of(goal.ports, pair.production)
        .await?
        .unwrap_or_default();
    let is_listed = |group: &str| production.iter().any(|it| it.target_group == group);
    let on_live = production
        .iter()
        .all(|it| (it.target_group == pair.live) == (it.weight > 0));
    if !is_listed(&pair.live) || !is_listed(pair.other) || !on_live {
        return Ok(false);
    }
    if let Some(test) = pair.test {
        let test = forward_of(goal.ports, test).await?.unwrap_or_default();
        let on_other = test
            .iter()
            .any(|it| it.target_group == pair.other && it.weight > 0);
        if !on_other {
            return Ok(false);
        }
    }
    Ok(is_live_healthy(goal.ports, service, &pair.live).await)
}

async fn is_live_healthy(ports: &Ports, service: &Service, live: &str) -> bool {
    service.desired == 0 || healthy(ports, Some(live)).await.is_some_and(|it| it > 0)
}

/// Writes the routes. Nothing is written while the live group has no healthy target: production would go
/// where nobody answers.
pub(crate) async fn prepare_routes(goal: &Goal<'_>, service: &Service) -> Result<()> {
    let Some(pair) = pair(goal.wanted.revision.load_balancer.as_ref(), service) else {
        return Ok(());
    };
    if !is_live_healthy(goal.ports, service, &pair.live).await {
        return Err(Error {
            operation: "elbv2:ModifyRule",
            target: pair.production.to_owned(),
            kind: ErrorKind::Conflict,
            code: "LiveTargetGroupUnhealthy".to_owned(),
            message:
                "the live target group has no healthy target, so production traffic is not sent to it"
                    .to_owned(),
            request_id: None,
        });
    }
    let weighted = |group: &str, weight| WeightedTarget {
        target_group: group.to_owned(),
        weight,
    };
    let routing = &goal.ports.routing;
    let forward = [weighted(&pair.live, 1), weighted(pair.other, 0)];
    routing.set_forward(pair.production, &forward).await?;
    if let Some(test) = pair.test {
        routing
            .set_forward(test, &[weighted(pair.other, 1)])
            .await?;
    }
    Ok(())
}

/// The UpdateService that hands the service to the wanted controller. ECS gets the strategy, the pair and the
/// wanted revision at once, for it begins with a rollout; CodeDeploy gets the live group alone.
pub(crate) fn change(
    goal: &Goal<'_>,
    service: &Service,
    live: Option<&str>,
    additional: Vec<LoadBalancer>,
) -> ServiceChange {
    let wanted = goal.wanted;
    let revision = &wanted.revision;
    let controller = Some(controller_of(&wanted.controller));
    let balancer = revision.load_balancer.as_ref();
    let settings = settings_change(wanted, service, goal.started_at).unwrap_or_default();
    match wanted.controller {
        DesiredController::Ecs => with_one_kind_of_balancer(ServiceChange {
            controller,
            parts: {
                let mut parts = parts_to_send(&revision.parts, |_| true, &service.parts);
                parts.extend(settings.parts.clone());
                parts
            },
            task_definition: Some(goal.task_definition.clone()),
            launch: revision.launch.clone(),
            platform_version: revision.platform_version.clone(),
            network: revision.network.clone(),
            load_balancers: Some({
                let mut all = balancer
                    .map(|balancer| load_balancers(balancer, live))
                    .unwrap_or_default();
                all.extend(additional);
                all
            }),
            deployment_configuration: wanted_configuration(wanted).map(|wanted| {
                super::compare::explicit(wanted, service.deployment_configuration.as_ref())
            }),
            percentages_only: false,
            ..settings
        }),
        DesiredController::CodeDeploy { .. } | DesiredController::External => {
            let mut alone = service.load_balancers.clone();
            for balancer in &mut alone {
                balancer.alternate = None;
                if let Some(live) = live {
                    live.clone_into(&mut balancer.target_group);
                }
            }
            ServiceChange {
                controller,
                load_balancers: Some(alone),
                deployment_configuration: Some(without_strategy(goal, service)),
                percentages_only: false,
                ..settings
            }
        }
    }
}

/// What only ECS knows is taken away in words: absence would leave it in force, and CodeDeploy refuses it.
fn without_strategy(goal: &Goal<'_>, service: &Service) -> DeploymentConfiguration {
    let plain = DeploymentConfiguration {
        strategy: Strategy::Rolling,
        bake_minutes: None,
        maximum_percent: None,
        minimum_healthy_percent: None,
        circuit_breaker: None,
        hooks: None,
        alarms: None,
    };
    let wanted = wanted_configuration(goal.wanted).unwrap_or(plain);
    let live = service.deployment_configuration.as_ref();
    let has_hooks = live
        .and_then(|live| live.hooks.as_ref())
        .is_some_and(|hooks| !hooks.is_empty());
    DeploymentConfiguration {
        hooks: has_hooks.then(Vec::new),
        ..super::compare::explicit(wanted, live)
    }
}
