//! Rules about listeners and their rules.

use std::collections::BTreeSet;

use super::reads::{Forward, Route};
use crate::desired::{DesiredController, DesiredLoadBalancer, DesiredService};
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::ports::{Strategy, TargetGroup, WeightedTarget};
use crate::text::{quoted, target_group_name};

/// Some listener forwards to at least one of the groups.
pub(super) fn of_attachment(groups: &[TargetGroup]) -> Option<Finding> {
    let detached = !groups.is_empty() && groups.iter().all(|group| group.load_balancers.is_empty());
    detached.then(|| {
        let names: Vec<String> = groups
            .iter()
            .map(|group| target_group_name(&group.arn).to_owned())
            .collect();
        finding(
            Rule::TargetGroupDetached,
            FindingLevel::Warning,
            Field::TargetGroups,
            format!("No listener forwards to {}.", quoted(&names)),
            "AWS refuses a service whose target group belongs to no load balancer.",
            "Make a listener rule forward to the target group before the service is created.",
        )
    })
}

/// Production and test rule of a pair, each as far as it was read.
pub(super) fn of_rules(
    wanted: &DesiredService,
    live: Option<&Live>,
    production: Option<&Forward>,
    test: Option<&Forward>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(balancer) = &wanted.revision.load_balancer else {
        return findings;
    };
    match production {
        None => {}
        Some(None) => findings.push(finding(
            Rule::ProductionRuleMissing,
            FindingLevel::Error,
            Field::ProductionRule,
            format!(
                "Production rule `{}` does not exist.",
                balancer.production_rule.as_deref().unwrap_or_default()
            ),
            "Traffic moves by editing that rule.",
            "Create the rule, or correct its ARN.",
        )),
        Some(Some(route)) => {
            let serving = live.and_then(|live| live.revision.live_target_group.as_deref());
            findings.extend(of_production(wanted, balancer, route, live, serving));
        }
    }
    if let Some(None) = test {
        findings.push(finding(
            Rule::TestRuleMissing,
            FindingLevel::Error,
            Field::TestRule,
            format!(
                "Test rule `{}` does not exist.",
                balancer.test_rule.as_deref().unwrap_or_default()
            ),
            "Test traffic reaches the new revision by editing that rule.",
            "Create the rule, or correct its ARN.",
        ));
    }
    findings
}

/// Whether a pair's rule can be moved, and points at the side that is live.
pub(super) fn of_production(
    wanted: &DesiredService,
    balancer: &DesiredLoadBalancer,
    route: &Route,
    live: Option<&Live>,
    serving: Option<&str>,
) -> Option<Finding> {
    let forward = route.targets.as_slice();
    let listed: BTreeSet<&String> = forward.iter().map(|target| &target.target_group).collect();
    let ours = balancer
        .target_groups
        .iter()
        .filter(|group| listed.contains(group))
        .count();
    // Without a test rule the production rule of an Application Load Balancer has to list both groups.
    // A move to ECS rewrites the rule first, and where we move traffic the rule is ours to write.
    let is_rewritten = wanted.controller == DesiredController::External
        || live.is_some_and(|live| wanted.controller.takes_over(&live.service.controller));
    let is_network = balancer
        .production_rule
        .as_deref()
        .is_some_and(is_of_network);
    let is_enough = if balancer.test_rule.is_some() || is_rewritten || is_network {
        ours >= 1
    } else {
        ours == balancer.target_groups.len()
    };
    if !is_enough {
        let names: Vec<String> = balancer
            .target_groups
            .iter()
            .map(|arn| target_group_name(arn).to_owned())
            .collect();
        return Some(finding(
            Rule::ProductionRuleElsewhere,
            FindingLevel::Error,
            Field::ProductionRule,
            format!(
                "The production rule forwards to {ours} of the target groups {}.",
                quoted(&names)
            ),
            if is_rewritten || is_network {
                "A rule that forwards to neither of them serves something else, and is not taken over."
            } else {
                "Without a test rule the production rule must list both target groups, with weights 1 and 0; with \
                 one, it must list the live group. Otherwise the deployment ends with an invalid-networking reason."
            },
            "Make the rule forward to both target groups: weight 1 for the live one, 0 for the other.",
        ));
    }
    live.filter(|live| live.deployment.is_none())?;
    stray(forward, serving?)
}

/// Production traffic goes to another group than the live one.
pub(super) fn stray(forward: &[WeightedTarget], live: &str) -> Option<Finding> {
    let stray = forward
        .iter()
        .find(|target| target.weight > 0 && target.target_group != *live)?;
    Some(finding(
        Rule::ProductionRuleStray,
        FindingLevel::Warning,
        Field::ProductionRule,
        format!(
            "Critical: the production rule sends traffic to `{}`, but the live revision is registered in `{}`.",
            target_group_name(&stray.target_group),
            target_group_name(live)
        ),
        "Something other than the deployments has edited the rule. Requests that reach a target group without tasks \
         fail now.",
        "Give the live target group all of the weight, and leave the weights to the deployments.",
    ))
}

/// A target group belongs to one load balancer; a rule forwards only to those of its own.
pub(super) fn of_balancer(wanted: &DesiredService, groups: &[TargetGroup]) -> Vec<Finding> {
    let balancer = wanted.revision.load_balancer.as_ref();
    let Some(rule) = balancer.and_then(|balancer| balancer.production_rule.as_deref()) else {
        return Vec::new();
    };
    let Some(own) = load_balancer_of(rule) else {
        return Vec::new();
    };
    groups
        .iter()
        .filter(|group| !group.load_balancers.is_empty() && !group.load_balancers.contains(&own))
        .map(|group| {
            finding(
                Rule::TargetGroupOtherBalancer,
                FindingLevel::Error,
                Field::TargetGroups,
                format!(
                    "Target group `{}` belongs to load balancer {}, and the production rule to `{}`.",
                    target_group_name(&group.arn),
                    quoted(&names_of(&group.load_balancers)),
                    balancer_name(&own)
                ),
                "A rule forwards only to target groups of its own load balancer, so the new revision would get no traffic.",
                "Name target groups of the load balancer of the production rule, or the rule of their load balancer.",
            )
        })
        .collect()
}

/// Whether it is the listener of a Network Load Balancer. ECS rewrites its action when traffic moves, and takes it with the
/// live group alone: a test listener is optional there.
pub(super) fn is_of_network(route: &str) -> bool {
    route.contains(":listener/net/")
}

/// ARN of the load balancer that a rule or listener belongs to: `…:listener-rule/app/NAME/ID/…` is part of
/// `…:loadbalancer/app/NAME/ID`.
pub(super) fn load_balancer_of(rule: &str) -> Option<String> {
    let (head, tail) = rule
        .split_once(":listener-rule/")
        .or_else(|| rule.split_once(":listener/"))?;
    let mut parts = tail.splitn(4, '/');
    let (kind, name, id) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{head}:loadbalancer/{kind}/{name}/{id}"))
}

/// `NAME` in `…:loadbalancer/app/NAME/ID`.
fn balancer_name(arn: &str) -> &str {
    arn.split('/').nth(2).unwrap_or(arn)
}

fn names_of(arns: &[String]) -> Vec<String> {
    let names = arns.iter().map(|arn| balancer_name(arn).to_owned());
    names.collect()
}

/// Clients that stay with the group they met first do not see a weight change while it is held.
pub(super) fn of_stickiness(
    wanted: &DesiredService,
    production: Option<&Forward>,
) -> Option<Finding> {
    let route = production?.as_ref()?;
    let sticky = u64::from(route.stickiness_seconds?);
    let shortest = shortest_hold(wanted)?;
    (sticky > shortest).then(|| {
        finding(
            Rule::StickinessTooLong,
            FindingLevel::Warning,
            Field::ProductionRule,
            format!(
                "Clients stay with their first target group for {sticky} s; a weight is held for {shortest} s."
            ),
            "While a weight is held, the new revision mostly gets new clients, which is less traffic than the \
             weight says. Gates and alarms see less of it, and clients of the new revision stay with it after a \
             rollback.",
            "Turn the stickiness of the rule off, make it shorter than the shortest hold, or hold weights longer.",
        )
    })
}

/// Seconds of the shortest hold below the whole, where traffic moves in more than one shift.
fn shortest_hold(wanted: &DesiredService) -> Option<u64> {
    let steps = wanted.steps.iter();
    let held = steps
        .filter(|step| !step.share.is_whole())
        .map(|step| step.hold.as_secs());
    if !wanted.steps.is_empty() {
        return held.min();
    }
    match wanted.settings.deployment_configuration.strategy {
        Strategy::Canary { bake_minutes, .. } | Strategy::Linear { bake_minutes, .. } => {
            Some(u64::from(bake_minutes) * 60)
        }
        Strategy::BlueGreen | Strategy::Rolling | Strategy::Unknown(_) => None,
    }
}
