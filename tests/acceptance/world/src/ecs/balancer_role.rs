//! The role that ECS manages a load balancer with: the one of `advancedConfiguration`, or its own service-linked one.

use super::deployment::Route;
use super::events;
use super::pool::Binding;
use crate::elbv2;
use crate::state::State as World;

/// The role of services that name none.
pub(super) const SERVICE_LINKED: &str = "AWSServiceRoleForECS";
/// As ECS calls its sessions: for targets, and for rules and listeners.
const SCHEDULER: &str = "ecs-service-scheduler";
const NETWORKING: &str = "ECSNetworkingWithELB";

/// Registers a task in a group and looks at its health. Whether ECS may do both; an event of the service says what it may
/// not.
pub(super) fn register(
    state: &mut World,
    binding: &Binding,
    ip: &str,
    zone: String,
    service: Option<&str>,
) -> bool {
    let group = &binding.group;
    let denied = |action, on: &str| state.may(&binding.role, SCHEDULER, action, on).err();
    if let Some(denied) = denied("elasticloadbalancing:RegisterTargets", group) {
        let text =
            format!("failed to register targets in (target-group {group}) with (error {denied})");
        say(state, service, &text);
        return false;
    }
    elbv2::register(state, group, ip, binding.port, Some(zone));
    if let Some(service) = service {
        events::registered(state, service, group);
    }
    let denied = |action, on: &str| state.may(&binding.role, SCHEDULER, action, on).err();
    if let Some(denied) = denied("elasticloadbalancing:DescribeTargetHealth", "*") {
        let text = format!(
            "failed to describe target health on (target-group {group}) with (error {denied})"
        );
        say(state, service, &text);
        return false;
    }
    true
}

/// Whether ECS may take tasks out of a group, or the event of the service that says why not.
pub(super) fn may_deregister(state: &World, binding: &Binding) -> Result<(), String> {
    let action = "elasticloadbalancing:DeregisterTargets";
    let group = &binding.group;
    let judged = state.may(&binding.role, SCHEDULER, action, group);
    judged.map_err(|denied| {
        format!("failed to deregister targets in (target-group {group}) with (error {denied})")
    })
}

/// Takes a task out of a group. What the role may not do stays as it is.
pub(super) fn deregister(state: &mut World, binding: &Binding, ip: &str, service: Option<&str>) {
    match may_deregister(state, binding) {
        Ok(()) => elbv2::deregister(state, &binding.group, ip, binding.port),
        Err(text) => say(state, service, &text),
    }
}

fn say(state: &mut World, service: Option<&str>, text: &str) {
    if let Some(service) = service {
        events::say(state, service, text);
    }
}

/// Whether ECS may read what a deployment needs to know before it begins.
pub(super) fn look(state: &World, route: &Route) -> Result<(), String> {
    let mut reads = ["DescribeListeners", "DescribeRules"].into_iter();
    reads.try_for_each(|read| {
        let action = format!("elasticloadbalancing:{read}");
        state.may(&route.role, NETWORKING, &action, "*")
    })
}

/// Whether the role may read the target group of a load balancer, which ECS does when a service is made or changed.
pub(super) fn validate(state: &World, role: &str) -> Result<(), String> {
    let action = "elasticloadbalancing:DescribeTargetGroups";
    state.may(role, NETWORKING, action, "*")
}

/// Writes weights on a rule.
pub(super) fn set_weights(
    state: &mut World,
    route: &Route,
    rule: &str,
    groups: Vec<(String, u32)>,
) -> Result<(), String> {
    let (action, on) = elbv2::write_of_route(state, rule);
    state.may(&route.role, NETWORKING, action, &on)?;
    elbv2::set_weights(state, rule, groups);
    Ok(())
}
