//! Moving traffic: the weights of every rule of a listener that forwards to the pair.

use serde_json::{Value, json};

use super::deployment::{Deployment, Failure};
use super::service_role;
use crate::elbv2;
use crate::state::State as World;

/// The rules of a listener, its default rule included; a listener whose rules cannot be listed stands for its default.
fn rules(world: &mut World, listener: &str) -> Vec<String> {
    let answer = elbv2::call(world, "DescribeRules", json!({"ListenerArn": listener}));
    let listed = answer.ok().and_then(|answer| {
        let rules = answer.get("Rules")?.as_array()?.iter();
        Some(
            rules
                .filter_map(|rule| rule.get("RuleArn")?.as_str().map(str::to_owned))
                .collect::<Vec<_>>(),
        )
    });
    listed
        .filter(|rules| !rules.is_empty())
        .unwrap_or_else(|| vec![listener.to_owned()])
}

/// Whether a rule of the listener forwards to the group, whatever the weight.
pub(super) fn is_behind(world: &mut World, listener: &str, group: &str) -> bool {
    let rules = rules(world, listener);
    rules.iter().any(|rule| {
        elbv2::groups_on_route(world, rule)
            .iter()
            .any(|(arn, _)| arn == group)
    })
}

/// Gives `green` so many percent and `blue` the rest, on every rule of the listener that forwards to either. The side
/// without traffic stays on the rule with weight 0.
///
/// # Errors
/// When the service role may not write a rule.
pub(super) fn shift(
    world: &mut World,
    deployment: &Deployment,
    listener: &str,
    (blue, green): (&str, &str),
    percent: u32,
) -> Result<(), Failure> {
    let percent = percent.min(100);
    for rule in rules(world, listener) {
        let groups = elbv2::groups_on_route(world, &rule);
        if groups.iter().any(|(arn, _)| arn == blue || arn == green) {
            service_role::write_rule(world, deployment, &rule)?;
            let weights = vec![
                (blue.to_owned(), 100 - percent),
                (green.to_owned(), percent),
            ];
            elbv2::set_weights(world, &rule, weights);
        }
    }
    Ok(())
}

/// Whether a target of the group is still being checked or fails its checks. A group that no rule forwards to is not
/// checked at all, and its targets count as ready, as they do for ECS.
pub(super) fn has_unready_targets(world: &mut World, group: &str) -> bool {
    let answer = elbv2::call(
        world,
        "DescribeTargetHealth",
        json!({"TargetGroupArn": group}),
    );
    let described = answer
        .ok()
        .and_then(|answer| answer.get("TargetHealthDescriptions").cloned());
    let states = described
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|one| one.get("TargetHealth")?.get("State")?.as_str());
    states
        .into_iter()
        .any(|state| state == "initial" || state == "unhealthy")
}

/// The ARN of a target group by its name.
pub(super) fn group_arn(world: &World, name: &str) -> Option<String> {
    world.elbv2.target_group_named(name).map(str::to_owned)
}
