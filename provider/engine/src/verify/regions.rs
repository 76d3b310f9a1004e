//! ARNs of another region than the one all calls go to.

use crate::desired::DesiredService;
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::ports::{HookTarget, Ports, region_of};

/// One finding for all of them: nothing else can be said about what is looked for in the wrong place.
pub(super) async fn of(ports: &Ports, wanted: &DesiredService) -> Option<Finding> {
    let arns: Vec<_> = named(wanted)
        .into_iter()
        .filter_map(|(field, arn)| Some((field, arn, region_of(arn)?)))
        .collect();
    if arns.is_empty() {
        return None;
    }
    let region = ports.services.region().await?;
    let strangers: Vec<_> = arns
        .into_iter()
        .filter(|(_, _, other)| *other != region)
        .collect();
    let (field, arn, other) = strangers.first()?;
    let now = match strangers.len() {
        1 => format!("`{arn}` is in region {other}, and this service is in {region}."),
        count => {
            let all: Vec<_> = strangers
                .iter()
                .map(|(_, arn, _)| format!("`{arn}`"))
                .collect();
            format!(
                "{count} ARNs are not in the region of this service, {region}: {}.",
                all.join(", ")
            )
        }
    };
    Some(finding(
        Rule::OtherRegion,
        FindingLevel::Error,
        *field,
        now,
        "A service, its cluster, its task definition and its load balancer are in one region. Nothing else was checked.",
        &format!("Correct the ARN, or set `region = \"{other}\"` in this block."),
    ))
}

/// Everything regional that is named by its ARN.
fn named(wanted: &DesiredService) -> Vec<(Field, &str)> {
    let mut found = vec![(Field::Cluster, wanted.service.cluster.as_str())];
    if let Some(name) = wanted.revision.task_definition.name() {
        found.push((Field::TaskDefinition, name));
    }
    for balancer in &wanted.revision.additional {
        let alternate = balancer.alternate.iter();
        let rules = alternate.flat_map(|alternate| {
            let rules = [
                Some(&alternate.production_rule),
                alternate.test_rule.as_ref(),
            ];
            rules.into_iter().flatten().map(String::as_str)
        });
        let arns = balancer.groups().into_iter().chain(rules);
        found.extend(arns.map(|arn| (Field::Additional, arn)));
    }
    if let Some(balancer) = &wanted.revision.load_balancer {
        let groups = balancer.target_groups.iter();
        found.extend(groups.map(|group| (Field::TargetGroups, group.as_str())));
        let production = balancer.production_rule.as_deref();
        found.extend(production.map(|rule| (Field::ProductionRule, rule)));
        let test = balancer.test_rule.as_deref();
        found.extend(test.map(|rule| (Field::TestRule, rule)));
    }
    let hooks = wanted.rollout_configuration().hooks.iter().flatten();
    found.extend(hooks.filter_map(|hook| match &hook.target {
        HookTarget::Lambda { function, .. } => Some((Field::Hooks, function.as_str())),
        HookTarget::Pause | HookTarget::Unknown { .. } => None,
    }));
    found
}

#[cfg(test)]
mod tests {
    use crate::ports::region_of;

    #[test]
    fn only_arns_have_a_region() {
        let cluster = "arn:aws:ecs:us-west-2:123456789012:cluster/main";
        assert_eq!(region_of(cluster), Some("us-west-2"));
        for text in ["main", "web:7", "arn:aws:iam::123456789012:role/x", ""] {
            assert_eq!(region_of(text), None, "{text}");
        }
    }
}
