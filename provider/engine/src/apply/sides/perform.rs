//! The effects on sides. Each of them can be repeated without harm.

use switchyard_rollout::weights::Share;

use super::observe::{group_of, whole_scale};
use super::routes::weights;
use crate::desired::DesiredLoadBalancer;
use crate::fingerprint::fnv1a;
use crate::goal::Goal;
use crate::notes::is_creating;
use crate::ports::{
    Error, ErrorKind, LoadBalancer, NewTaskSet, Parts, Result, Service, TaskSet, WeightedTarget,
    is_nothing, share_of,
};

/// Creates the task set of the wanted revision, in the group of the pair that no other side uses. Answers
/// with its id.
pub(crate) async fn create(goal: &Goal<'_>, service: &Service) -> Result<String> {
    let revision = &goal.wanted.revision;
    let live = service.primary();
    let load_balancers = match &revision.load_balancer {
        None => Vec::new(),
        Some(balancer) => vec![LoadBalancer {
            target_group: free_group(goal, balancer, service).await?,
            container: balancer.container.clone(),
            port: balancer.port,
            alternate: None,
        }],
    };
    let new = NewTaskSet {
        service: goal.wanted.service.clone(),
        client_token: client_token(goal, service),
        task_definition: goal.task_definition.clone(),
        launch: revision.launch.clone(),
        platform_version: revision.platform_version.clone(),
        network: revision.network.clone(),
        load_balancers,
        // What the configuration cannot say is what the live set has.
        scale_percent: whole_scale(service),
        tags: live.map(|set| set.tags.clone()).unwrap_or_default(),
        external_id: live.and_then(|set| set.external_id.clone()),
        parts: wanted_parts(&revision.parts, live),
    };
    let made = goal.ports.services.create_task_set(&new).await?;
    Ok(made.id)
}

/// The parts of the next set: those that are wanted, and of those that nobody decides on, the live set's.
fn wanted_parts(wanted: &Parts, live: Option<&TaskSet>) -> Parts {
    let mut parts = live.map(|set| set.parts.clone()).unwrap_or_default();
    parts.extend(wanted.iter().map(|(part, value)| (*part, value.clone())));
    parts.retain(|_, value| !is_nothing(value));
    parts
}

/// The same for a repeated attempt at the same task set, another one for the next task set: a token that
/// was used before would return the task set that it made then, even a deleted one. The first task set of a service
/// that is being created is made once, however many applies create it at the same time.
fn client_token(goal: &Goal<'_>, service: &Service) -> String {
    if is_creating(&service.tags) && service.task_sets.is_empty() {
        let created = service.created_at.map(|at| at.to_string());
        let created = created.unwrap_or_default();
        let parts = [service.arn.as_str(), &created, &goal.task_definition];
        return format!("side-{:016x}", fnv1a(parts));
    }
    let mut parts = vec![goal.client_token.as_str(), &goal.task_definition];
    parts.extend(service.task_sets.iter().map(|set| set.id.as_str()));
    format!("side-{:016x}", fnv1a(parts))
}

/// A group of the pair without a side and without traffic; the first task set of a service takes the one
/// that has the traffic, so that nothing has to move.
async fn free_group(
    goal: &Goal<'_>,
    balancer: &DesiredLoadBalancer,
    service: &Service,
) -> Result<String> {
    let forward = production(goal, balancer).await?;
    let taken = |group: &String| is_used(service, group);
    let free = balancer.target_groups.iter().filter(|group| !taken(group));
    let is_first = !balancer.target_groups.iter().any(taken);
    let chosen = if is_first {
        free.max_by_key(|group| share_of(&forward, group))
    } else {
        free.min_by_key(|group| share_of(&forward, group))
    };
    chosen.cloned().ok_or_else(|| Error {
        operation: "ecs:CreateTaskSet",
        target: service.name.clone(),
        kind: ErrorKind::Conflict,
        code: "TargetGroupsTaken".to_owned(),
        message: "both target groups of the pair are used by task sets of the service".to_owned(),
        request_id: None,
    })
}

async fn production(
    goal: &Goal<'_>,
    balancer: &DesiredLoadBalancer,
) -> Result<Vec<WeightedTarget>> {
    match &balancer.production_rule {
        Some(route) => Ok(super::forward_of(goal.ports, route)
            .await?
            .unwrap_or_default()),
        None => Ok(Vec::new()),
    }
}

/// Gives a side this share of production traffic, and the other group of the pair the rest.
pub(crate) async fn shift(
    goal: &Goal<'_>,
    service: &Service,
    side: &str,
    share: Share,
) -> Result<()> {
    let balancer = goal.wanted.revision.load_balancer.as_ref();
    let route = balancer.and_then(|balancer| balancer.production_rule.as_ref());
    move_route(goal, service, side, route, share).await
}

/// Gives a side all test traffic.
pub(crate) async fn shift_test(goal: &Goal<'_>, service: &Service, side: &str) -> Result<()> {
    let balancer = goal.wanted.revision.load_balancer.as_ref();
    let route = balancer.and_then(|balancer| balancer.test_rule.as_ref());
    move_route(goal, service, side, route, Share::WHOLE).await
}

async fn move_route(
    goal: &Goal<'_>,
    service: &Service,
    side: &str,
    route: Option<&String>,
    share: Share,
) -> Result<()> {
    let set = found(service, side);
    let (Some(balancer), Some(route), Some(group)) = (
        goal.wanted.revision.load_balancer.as_ref(),
        route,
        set.and_then(group_of),
    ) else {
        // Without a load balancer (or the side) there is no traffic to move.
        return Ok(());
    };
    let mut others = balancer.target_groups.iter();
    let other = others.find(|other| other.as_str() != group);
    let is_served = other.is_some_and(|other| is_used(service, other));
    if !share.is_whole() && !is_served {
        return Err(no_other_side(route));
    }
    let forward = weights(group, other.map(String::as_str), share);
    goal.ports.routing.set_forward(route, &forward).await
}

/// Whether a side that is not on its way out is in the group.
fn is_used(service: &Service, group: &str) -> bool {
    let mut sets = service.task_sets.iter();
    sets.any(|set| !set.is_leaving() && group_of(set) == Some(group))
}

fn no_other_side(route: &str) -> Error {
    Error {
        operation: "elasticloadbalancing:ModifyRule",
        target: route.to_owned(),
        kind: ErrorKind::Conflict,
        code: "NoOtherTaskSet".to_owned(),
        message: "no task set is in the other target group of the pair, so it cannot get traffic"
            .to_owned(),
        request_id: None,
    }
}

fn found<'a>(service: &'a Service, side: &str) -> Option<&'a TaskSet> {
    service.task_sets.iter().find(|set| set.id == side)
}

/// Makes a side the primary one.
pub(crate) async fn promote(goal: &Goal<'_>, side: &str) -> Result<()> {
    let services = &goal.ports.services;
    services.promote_task_set(&goal.wanted.service, side).await
}

/// Deletes a side with its tasks. Whoever edits the rule meanwhile must not lose requests: the rule is
/// looked at once more.
pub(crate) async fn remove(goal: &Goal<'_>, service: &Service, side: &str) -> Result<()> {
    let balancer = goal.wanted.revision.load_balancer.as_ref();
    if let (Some(balancer), Some(group)) = (balancer, found(service, side).and_then(group_of))
        && !share_of(&production(goal, balancer).await?, group).is_none()
    {
        return Err(Error {
            operation: "ecs:DeleteTaskSet",
            target: side.to_owned(),
            kind: ErrorKind::Conflict,
            code: "TaskSetHasTraffic".to_owned(),
            message: "the production rule sends traffic to the task set".to_owned(),
            request_id: None,
        });
    }
    let services = &goal.ports.services;
    services
        .delete_task_set(&goal.wanted.service, side, true)
        .await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ports::{Controller, StabilityStatus, TaskSetStatus};
    use crate::verify::tests::{BLUE, GREEN, live};

    #[test]
    fn a_group_whose_only_task_set_is_leaving_gets_no_traffic() {
        let set = |group: &str, status: &str| TaskSet {
            id: format!("ecs-svc/{status}"),
            status: TaskSetStatus::parse(status),
            external_id: None,
            task_definition: "web:1".to_owned(),
            load_balancers: vec![LoadBalancer {
                target_group: group.to_owned(),
                container: "app".to_owned(),
                port: 8080,
                alternate: None,
            }],
            network: None,
            launch: None,
            platform_version: None,
            running: 2,
            computed_desired: 2,
            stability: Some(StabilityStatus::SteadyState),
            pending: 0,
            scale_percent: 100.0,
            created_at: None,
            parts: Parts::new(),
            tags: BTreeMap::new(),
        };
        let mut service = live(Controller::External).service;
        service.task_sets = vec![set(BLUE, "DRAINING"), set(GREEN, "ACTIVE")];
        assert!(!is_used(&service, BLUE));
        assert!(is_used(&service, GREEN));
    }
}
