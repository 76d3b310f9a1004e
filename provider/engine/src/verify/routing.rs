//! Rules about listeners and their rules.

use std::collections::BTreeSet;

use super::finding;
use super::reads::Forward;
use crate::failure::{quoted, target_group_name};
use crate::finding::{Field, Finding, Rule, Severity};
use crate::live::Live;
use crate::ports::{TargetGroup, WeightedTarget};
use crate::wanted::{Wanted, WantedLoadBalancer};

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
            Severity::Warning,
            Field::TargetGroups,
            format!("No listener forwards to {}.", quoted(&names)),
            "AWS refuses a service whose target group belongs to no load balancer.",
            "Let a listener rule forward to the target group before the service is created.",
        )
    })
}

/// Production and test rule of a pair, each as far as it was read.
pub(super) fn of_rules(
    wanted: &Wanted,
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
            Severity::Error,
            Field::ProductionRule,
            format!(
                "Production rule `{}` does not exist.",
                balancer.production_rule.as_deref().unwrap_or_default()
            ),
            "ECS moves traffic by editing that rule.",
            "Create the rule, or correct its ARN.",
        )),
        Some(Some(forward)) => findings.extend(of_production(balancer, forward, live)),
    }
    if let Some(None) = test {
        findings.push(finding(
            Rule::TestRuleMissing,
            Severity::Error,
            Field::TestRule,
            format!(
                "Test rule `{}` does not exist.",
                balancer.test_rule.as_deref().unwrap_or_default()
            ),
            "ECS sends test traffic to the new revision by editing that rule.",
            "Create the rule, or correct its ARN.",
        ));
    }
    findings
}

fn of_production(
    balancer: &WantedLoadBalancer,
    forward: &[WeightedTarget],
    live: Option<&Live>,
) -> Option<Finding> {
    let listed: BTreeSet<&String> = forward.iter().map(|target| &target.target_group).collect();
    let ours = balancer
        .target_groups
        .iter()
        .filter(|group| listed.contains(group))
        .count();
    // Without a test rule the production rule has to list both groups.
    let is_enough = if balancer.test_rule.is_some() {
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
            Severity::Error,
            Field::ProductionRule,
            format!(
                "The production rule forwards to {ours} of the target groups {}.",
                quoted(&names)
            ),
            "Without a test rule the production rule must list both target groups, with weights 1 and 0; with one, it \
             must list the live group. Otherwise the rollout ends with an invalid-networking reason.",
            "Let the rule forward to both target groups: weight 1 for the live one, 0 for the other.",
        ));
    }
    let live = live
        .filter(|live| live.deployment.is_none())?
        .revision
        .live_target_group
        .as_ref()?;
    let stray = forward
        .iter()
        .find(|target| target.weight > 0 && target.target_group != *live)?;
    Some(finding(
        Rule::ProductionRuleStray,
        Severity::Warning,
        Field::ProductionRule,
        format!(
            "The production rule sends traffic to `{}`, but the live revision is registered in `{}`.",
            target_group_name(&stray.target_group),
            target_group_name(live)
        ),
        "Something besides ECS has edited the rule; requests may reach a target group without tasks.",
        "Give the live target group all of the weight, and leave the weights to ECS.",
    ))
}
