//! A service that is to be created, and the side of the pair it starts on.

use std::collections::{BTreeMap, BTreeSet};

use super::super::compare::{explicit, load_balancers, wanted_configuration};
use crate::CREATING_TAG;
use crate::desired::{DesiredController, DesiredLoadBalancer};
use crate::fingerprint::controller_of;
use crate::goal::Goal;
use crate::ports::{LoadBalancer, NewService, WeightedTarget, is_nothing};

pub(super) fn new_service(goal: &Goal<'_>, load_balancers: Vec<LoadBalancer>) -> NewService {
    let wanted = goal.wanted;
    let mut tags: BTreeMap<String, String> = wanted.settings.tags.values().clone();
    tags.insert(CREATING_TAG.to_owned(), goal.fingerprint.clone());
    // Under EXTERNAL a service is a frame: its task sets say what runs and where.
    let is_frame = wanted.controller == DesiredController::External;
    let revision = &wanted.revision;
    NewService {
        service: wanted.service.clone(),
        client_token: goal.client_token.clone(),
        controller: controller_of(&wanted.controller),
        task_definition: (!is_frame).then(|| goal.task_definition.clone()),
        desired: wanted.desired.at_creation(),
        launch: revision.launch.clone().filter(|_| !is_frame),
        platform_version: revision.platform_version.clone().filter(|_| !is_frame),
        network: revision.network.clone().filter(|_| !is_frame),
        load_balancers,
        deployment_configuration: wanted_configuration(wanted).map(|wanted| explicit(wanted, None)),
        health_check_grace_seconds: wanted.settings.health_check_grace_seconds,
        enable_execute_command: wanted.settings.enable_execute_command,
        enable_managed_tags: wanted.settings.enable_managed_tags,
        propagate_tags: wanted.settings.propagate_tags.clone(),
        tags,
        parts: {
            let of_revision = revision.parts.iter().filter(|_| !is_frame);
            let all = of_revision.chain(&wanted.settings.parts);
            let some = all.filter(|(_, value)| !is_nothing(value));
            some.map(|(part, value)| (*part, value.clone())).collect()
        },
    }
}

/// A new service starts on the side that the production rule already points at. Under CodeDeploy it
/// starts with that side alone.
pub(super) async fn initial_load_balancers(
    goal: &Goal<'_>,
    balancer: &DesiredLoadBalancer,
) -> Vec<LoadBalancer> {
    let live = routed_group(goal, balancer).await;
    let mut found = load_balancers(balancer, live.as_deref());
    if let DesiredController::CodeDeploy { .. } = goal.wanted.controller {
        for balancer in &mut found {
            balancer.alternate = None;
        }
    }
    found
}

/// The load balancers besides, each pair with its live group first: one of `live`, or that to which its rule points.
pub(super) async fn additional_load_balancers(
    goal: &Goal<'_>,
    live: &BTreeSet<String>,
) -> Vec<LoadBalancer> {
    let mut all = Vec::new();
    for balancer in &goal.wanted.revision.additional {
        let known = balancer
            .groups()
            .into_iter()
            .find(|group| live.contains(*group));
        let live = match (known, DesiredLoadBalancer::of_pair(balancer)) {
            (Some(known), _) => Some(known.to_owned()),
            (None, Some(pair)) => routed_group(goal, &pair).await,
            (None, None) => None,
        };
        all.push(match live {
            Some(live) => balancer.led_by(&live),
            None => balancer.clone(),
        });
    }
    all
}

/// The group of the pair that has the most production traffic by the rule or by the deployment group's
/// production listener, or is the only one behind a listener at all. `None` when that cannot be told.
pub(super) async fn routed_group(
    goal: &Goal<'_>,
    balancer: &DesiredLoadBalancer,
) -> Option<String> {
    if balancer.target_groups.len() < 2 {
        return None;
    }
    let mut routes: Vec<String> = balancer.production_rule.iter().cloned().collect();
    if let DesiredController::CodeDeploy {
        application, group, ..
    } = &goal.wanted.controller
    {
        let group = goal.ports.code_deploy.find_group(application, group).await;
        let listeners = group.ok().flatten().map(|found| found.production_listeners);
        routes.extend(listeners.into_iter().flatten());
    }
    for route in &routes {
        let ours = forward_of(goal, route)
            .await
            .into_iter()
            .filter(|target| balancer.target_groups.contains(&target.target_group));
        if let Some(target) = ours.max_by_key(|target| target.weight) {
            return Some(target.target_group);
        }
    }
    let arns: Vec<String> = balancer.target_groups.iter().cloned().collect();
    let groups = goal.ports.routing.find_target_groups(&arns).await.ok()?;
    let mut attached = groups
        .into_iter()
        .filter(|group| !group.load_balancers.is_empty());
    match (attached.next(), attached.next()) {
        (Some(only), None) => Some(only.arn),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

/// Where a rule, or any rule of a listener, forwards; nothing when it cannot be read.
async fn forward_of(goal: &Goal<'_>, route: &str) -> Vec<WeightedTarget> {
    let routing = &goal.ports.routing;
    if let Ok(Some(rule)) = routing.find_rule(route).await {
        return rule.forward;
    }
    match routing.find_listener(route).await {
        Ok(Some(listener)) => listener
            .rules
            .into_iter()
            .flat_map(|rule| rule.forward)
            .collect(),
        Ok(None) | Err(_) => Vec::new(),
    }
}
