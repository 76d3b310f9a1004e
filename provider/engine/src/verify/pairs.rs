//! Target groups and pairs besides the first one: the same rules as for that.

use super::checked::Checked;
use super::reads::Route;
use super::routing::of_production;
use crate::desired::{DesiredLoadBalancer, DesiredService};
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::ports::Ports;
use crate::route::find_route;

/// Every pair of a service moves at once. One whose rule or group is missing, or that points elsewhere, fails the
/// deployment of all of them.
pub(super) async fn of(ports: &Ports, wanted: &DesiredService, live: Option<&Live>) -> Checked {
    let mut checked = Checked::default();
    let all = &wanted.revision.additional;
    if all.is_empty() {
        return checked;
    }
    let arns = all.iter().flat_map(|balancer| balancer.groups());
    let arns: Vec<String> = arns.map(str::to_owned).collect();
    let groups = ports.routing.find_target_groups(&arns);
    if let Some(groups) = checked.ask(Field::Additional, true, groups).await {
        let is_there = |arn: &String| groups.iter().any(|group| group.arn == *arn);
        let missing = arns.iter().filter(|arn| !is_there(arn));
        checked
            .findings
            .extend(missing.map(|arn| super::missing_group(arn)));
    }
    for pair in all.iter().filter_map(DesiredLoadBalancer::of_pair) {
        of_pair(&mut checked, ports, wanted, live, &pair).await;
    }
    for finding in &mut checked.findings {
        finding.field = Field::Additional;
    }
    checked
}

async fn of_pair(
    checked: &mut Checked,
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    pair: &DesiredLoadBalancer,
) {
    let serving = live.and_then(|live| {
        let mut serving = live.revision.live_target_groups.iter();
        serving.find(|group| pair.target_groups.contains(*group))
    });
    let rules = [
        (pair.production_rule.as_deref(), Rule::ProductionRuleMissing),
        (pair.test_rule.as_deref(), Rule::TestRuleMissing),
    ];
    for (arn, rule) in rules {
        let Some(arn) = arn else { continue };
        let found = checked
            .ask(Field::Additional, false, find_route(ports, arn))
            .await;
        match found {
            None => {}
            Some(None) => checked.findings.push(missing(rule, arn)),
            Some(Some(_)) if rule == Rule::TestRuleMissing => {}
            Some(Some(route)) => {
                let route = Route::from(route);
                let serving = serving.map(String::as_str);
                let found = of_production(wanted, pair, &route, live, serving);
                checked.findings.extend(found);
            }
        }
    }
}

fn missing(rule: Rule, arn: &str) -> Finding {
    finding(
        rule,
        FindingLevel::Error,
        Field::Additional,
        format!("Listener rule `{arn}` does not exist."),
        "A deployment moves the traffic of every pair by editing its rules.",
        "Create the rule, or correct its ARN.",
    )
}
