//! Elastic Load Balancing v2.

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ForwardActionConfig, Listener as SdkListener, Rule, TargetGroup as SdkTargetGroup,
    TargetGroupTuple, TargetHealthDescription,
};
use switchyard_engine::ports::{
    Listener, ListenerRule, Protocol, TargetGroup, TargetHealth, TargetState, TargetType,
    WeightedTarget,
};

use super::{Converted, count, required, to_count};

pub(crate) fn target_group(group: &SdkTargetGroup) -> Converted<TargetGroup> {
    Ok(TargetGroup {
        arn: required(group.target_group_arn(), "TargetGroupArn")?.to_owned(),
        name: required(group.target_group_name(), "TargetGroupName")?.to_owned(),
        load_balancers: group.load_balancer_arns().to_vec(),
        target_type: TargetType::parse(group.target_type().map_or("", |word| word.as_str())),
        health_check_path: group.health_check_path().map(str::to_owned),
        health_check_port: group.health_check_port().map(str::to_owned),
        health_check_interval: group.health_check_interval_seconds().map_or(0, count),
        healthy_threshold: group.healthy_threshold_count().map_or(0, count),
    })
}

/// AWS has two words for a target that fails its checks; one of them says that it drains besides.
fn target_state(word: &str) -> TargetState {
    match word {
        "unhealthy.draining" => TargetState::Unhealthy,
        other => TargetState::parse(other),
    }
}

pub(crate) fn target_health(described: &TargetHealthDescription) -> Converted<TargetHealth> {
    let target = required(described.target(), "Target")?;
    let health = required(described.target_health(), "TargetHealth")?;
    Ok(TargetHealth {
        target: required(target.id(), "Target.Id")?.to_owned(),
        port: target.port().map(count),
        state: target_state(required(health.state(), "TargetHealth.State")?.as_str()),
        reason: health.reason().map(|word| word.as_str().to_owned()),
        description: health.description().map(ToOwned::to_owned),
    })
}

/// The weighted target groups of the forward action. An action with a single group may come in the
/// short form without weights; that group then gets everything.
fn forward(actions: &[Action]) -> Vec<WeightedTarget> {
    let Some(action) = actions.iter().find(|action| is_forward(action)) else {
        return Vec::new();
    };
    let weighted: Vec<_> = action
        .forward_config()
        .map(|config| config.target_groups())
        .unwrap_or_default()
        .iter()
        .filter_map(|tuple| {
            Some(WeightedTarget {
                target_group: tuple.target_group_arn()?.to_owned(),
                weight: tuple.weight().map_or(1, count),
            })
        })
        .collect();
    match (weighted.is_empty(), action.target_group_arn()) {
        (true, Some(only)) => vec![WeightedTarget {
            target_group: only.to_owned(),
            weight: 1,
        }],
        _ => weighted,
    }
}

pub(super) fn is_forward(action: &Action) -> bool {
    action
        .r#type()
        .is_some_and(|word| word.as_str() == "forward")
}

/// How long clients stay with one target group, when they do.
fn stickiness(actions: &[Action]) -> Option<u32> {
    let config = actions
        .iter()
        .find(|action| is_forward(action))?
        .forward_config()?
        .target_group_stickiness_config()
        .filter(|config| config.enabled().unwrap_or(false))?;
    Some(config.duration_seconds().map_or(0, count))
}

/// Host names of the conditions, in the present or in the older form.
fn hosts(rule: &Rule) -> Vec<String> {
    let conditions = rule
        .conditions()
        .iter()
        .filter(|condition| condition.field() == Some("host-header"));
    let values = conditions.flat_map(|condition| {
        let present = condition
            .host_header_config()
            .map(|config| config.values())
            .unwrap_or_default();
        match present.is_empty() {
            true => condition.values(),
            false => present,
        }
    });
    values.cloned().collect()
}

/// The actions with other weights; everything else stays as it was read. `None` when none of them forwards.
pub(crate) fn with_forward(actions: &[Action], forward: &[WeightedTarget]) -> Option<Vec<Action>> {
    if !actions.iter().any(is_forward) {
        return None;
    }
    let tuples = forward.iter().map(|target| {
        TargetGroupTuple::builder()
            .target_group_arn(&target.target_group)
            .weight(to_count(target.weight))
            .build()
    });
    let tuples: Vec<_> = tuples.collect();
    let changed = actions.iter().cloned().map(|mut action| {
        if is_forward(&action) {
            let mut config = action
                .forward_config
                .take()
                .unwrap_or_else(|| ForwardActionConfig::builder().build());
            config.target_groups = Some(tuples.clone());
            action.forward_config = Some(config);
            // The short form names one group only.
            action.target_group_arn = None;
        }
        if let Some(oidc) = &mut action.authenticate_oidc_config {
            // The secret is never shown; without this word it would have to be sent again.
            oidc.use_existing_client_secret = Some(true);
        }
        action
    });
    Some(changed.collect())
}

/// `…:listener-rule/app/LB/ID/LISTENER/RULE` belongs to `…:listener/app/LB/ID/LISTENER`.
pub(crate) fn listener_of_rule(rule: &str) -> Option<String> {
    let (listener, _) = rule.rsplit_once('/')?;
    listener
        .contains(":listener-rule/")
        .then(|| listener.replacen(":listener-rule/", ":listener/", 1))
}

pub(crate) fn rule(rule: &Rule) -> Converted<ListenerRule> {
    let arn = required(rule.rule_arn(), "RuleArn")?;
    Ok(ListenerRule {
        arn: arn.to_owned(),
        listener: listener_of_rule(arn).unwrap_or_default(),
        forward: forward(rule.actions()),
        is_default: rule.is_default().unwrap_or(false),
        stickiness_seconds: stickiness(rule.actions()),
        hosts: hosts(rule),
    })
}

/// Whether the listener belongs to a Network Load Balancer. Those have no rules: ECS edits the
/// listener's own action, and names the listener where it would name a rule.
pub(crate) fn is_network(listener: &str) -> bool {
    listener.contains(":listener/net/")
}

/// The listener; without `rules` its default action stands for its only rule.
pub(crate) fn listener(listener: &SdkListener, rules: Vec<ListenerRule>) -> Converted<Listener> {
    let arn = required(listener.listener_arn(), "ListenerArn")?;
    let mut rules = rules;
    if !rules.iter().any(|rule| rule.is_default) {
        rules.push(ListenerRule {
            arn: arn.to_owned(),
            listener: arn.to_owned(),
            forward: forward(listener.default_actions()),
            is_default: true,
            stickiness_seconds: stickiness(listener.default_actions()),
            hosts: Vec::new(),
        });
    }
    Ok(Listener {
        arn: arn.to_owned(),
        load_balancer: required(listener.load_balancer_arn(), "LoadBalancerArn")?.to_owned(),
        port: listener.port().map_or(0, count),
        protocol: Protocol::parse(listener.protocol().map_or("", |word| word.as_str())),
        rules,
    })
}
