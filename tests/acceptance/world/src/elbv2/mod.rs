//! Elastic Load Balancing v2: load balancers, listeners, rules, target groups and the health of targets.
//!
//! Answers are built in AWS's own member names. Target health is never stored: it is computed from when a target was
//! registered, what its task does and the group's health check settings ([`health`]), so it costs nothing while nobody
//! looks.

mod actions;
mod attribute_rules;
mod attributes;
mod conditions;
mod health;
mod listeners;
mod load_balancers;
mod metering;
mod rules;
mod tags;
mod target_groups;
mod targets;
#[cfg(test)]
mod tests;
mod usage;
mod wire;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;
use crate::time::Timestamp;

pub(crate) use health::Answering;
pub(crate) use metering::{has_targets, publish_health, record_request};
pub(crate) use rules::{groups_on_route, route_exists, set_weights, write_of_route};
pub(crate) use target_groups::TargetGroup;
pub(crate) use targets::{deregister, deregistration_delay, register, target_health};
pub(crate) use wire::{groups_on_the_wire, listeners_on_the_wire};

/// The code for input that does not fit.
const INVALID: &str = "ValidationError";

/// What Elastic Load Balancing holds in one region, each kind by ARN.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    load_balancers: BTreeMap<String, load_balancers::LoadBalancer>,
    target_groups: BTreeMap<String, TargetGroup>,
    listeners: BTreeMap<String, listeners::Listener>,
    rules: BTreeMap<String, rules::Rule>,
    tags: BTreeMap<String, BTreeMap<String, String>>,
}

impl State {
    /// A target group by ARN.
    pub(crate) fn target_group(&self, arn: &str) -> Option<&TargetGroup> {
        self.target_groups.get(arn)
    }

    /// A target group's ARN by its name.
    pub(crate) fn target_group_named(&self, name: &str) -> Option<&str> {
        self.target_groups
            .values()
            .find(|group| group.name == name)
            .map(|group| group.arn.as_str())
    }
}

/// Answers one call.
pub(crate) fn call(state: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    let input = Input::new(input, INVALID)?;
    match operation {
        "CreateLoadBalancer" => load_balancers::create(state, &input),
        "DescribeLoadBalancers" => load_balancers::describe(state, &input),
        "DeleteLoadBalancer" => load_balancers::delete(state, &input),
        "SetSubnets" => load_balancers::set_subnets(state, &input),
        "SetSecurityGroups" => load_balancers::set_security_groups(state, &input),
        "SetIpAddressType" => load_balancers::set_ip_address_type(state, &input),
        "ModifyIpPools" => load_balancers::modify_ip_pools(state, &input),
        "DescribeLoadBalancerAttributes" => load_balancers::describe_attributes(state, &input),
        "ModifyLoadBalancerAttributes" => load_balancers::modify_attributes(state, &input),
        "DescribeCapacityReservation" => load_balancers::describe_capacity(state, &input),
        "ModifyCapacityReservation" => load_balancers::modify_capacity(state, &input),
        "CreateTargetGroup" => target_groups::create(state, &input),
        "DescribeTargetGroups" => target_groups::describe(state, &input),
        "ModifyTargetGroup" => target_groups::modify(state, &input),
        "DeleteTargetGroup" => target_groups::delete(state, &input),
        "DescribeTargetGroupAttributes" => target_groups::describe_attributes(state, &input),
        "ModifyTargetGroupAttributes" => target_groups::modify_attributes(state, &input),
        "RegisterTargets" => targets::register_targets(state, &input),
        "DeregisterTargets" => targets::deregister_targets(state, &input),
        "DescribeTargetHealth" => targets::describe_health(state, &input),
        "CreateListener" => listeners::create(state, &input),
        "DescribeListeners" => listeners::describe(state, &input),
        "ModifyListener" => listeners::modify(state, &input),
        "DeleteListener" => listeners::delete(state, &input),
        "DescribeListenerAttributes" => listeners::describe_attributes(state, &input),
        "ModifyListenerAttributes" => listeners::modify_attributes(state, &input),
        "AddListenerCertificates" => listeners::add_certificates(state, &input),
        "RemoveListenerCertificates" => listeners::remove_certificates(state, &input),
        "DescribeListenerCertificates" => listeners::describe_certificates(state, &input),
        "CreateRule" => rules::create(state, &input),
        "DescribeRules" => rules::describe(state, &input),
        "ModifyRule" => rules::modify(state, &input),
        "DeleteRule" => rules::delete(state, &input),
        "SetRulePriorities" => rules::set_priorities(state, &input),
        "AddTags" => tags::add(state, &input),
        "RemoveTags" => tags::remove(state, &input),
        "DescribeTags" => tags::describe(state, &input),
        "DescribeSSLPolicies" => Ok(attributes::ssl_policies()),
        "DescribeAccountLimits" => Ok(json!({ "Limits": [
            { "Name": "application-load-balancers", "Max": "50" },
            { "Name": "target-groups", "Max": "3000" },
            { "Name": "targets-per-application-load-balancer", "Max": "1000" },
            { "Name": "rules-per-application-load-balancer", "Max": "100" },
            { "Name": "network-load-balancers", "Max": "50" },
        ] })),
        "DescribeTrustStores" => Ok(json!({ "TrustStores": [] })),
        _ => Err(ApiError::new(
            "InvalidAction",
            format!("The action {operation} is not valid for this web service."),
        )),
    }
}

/// Nothing here changes by itself: health is computed when asked for.
pub(crate) fn next_event(_state: &World) -> Option<Timestamp> {
    None
}

/// Nothing is ever due here.
pub(crate) fn tick(_state: &mut World) {}

/// The answer of calls that return nothing.
fn done() -> Result<Value, ApiError> {
    Ok(Value::Object(Map::new()))
}

/// Answers a Describe call: one page of `items` under `member`, `NextMarker` when there is more.
fn described(input: &Input, member: &str, items: &[Value]) -> Result<Value, ApiError> {
    let size = input.number_in("PageSize", 1, 400)?.unwrap_or(400);
    let marker = input.text("Marker")?.filter(|marker| !marker.is_empty());
    let (items, next) = crate::input::page(
        items,
        marker.as_deref(),
        usize::try_from(size).unwrap_or(400),
    )
    .ok_or_else(|| input.refuse("The marker is not valid"))?;
    let mut answer = Map::new();
    answer.insert(member.to_owned(), Value::Array(items));
    if let Some(next) = next {
        answer.insert("NextMarker".to_owned(), Value::String(next));
    }
    Ok(Value::Object(answer))
}

fn load_balancer_not_found(which: &str) -> ApiError {
    ApiError::new(
        "LoadBalancerNotFound",
        format!("Load balancers '[{which}]' not found"),
    )
}

fn target_group_not_found() -> ApiError {
    ApiError::new("TargetGroupNotFound", "One or more target groups not found")
}

fn listener_not_found() -> ApiError {
    ApiError::new("ListenerNotFound", "One or more listeners not found")
}

fn rule_not_found() -> ApiError {
    ApiError::new("RuleNotFound", "One or more rules not found")
}
