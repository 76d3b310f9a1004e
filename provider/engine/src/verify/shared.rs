//! Target groups that another service has.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::checked::Checked;
use crate::desired::DesiredService;
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::lost_traffic::leaves;
use crate::observe::configured;
use crate::ports::{LoadBalancer, Ports, Service, ServiceStatus};
use crate::text::{quoted, target_group_name};

/// Looks only where the service takes its target groups: when it is new, and when they change. A group without targets
/// is nobody's, so that other services are listed only where somebody is in a group.
pub(super) async fn of(ports: &Ports, wanted: &DesiredService, live: Option<&Live>) -> Checked {
    let mut checked = Checked::default();
    let Some(balancer) = &wanted.revision.load_balancer else {
        return checked;
    };
    let had = live.map(|live| all_groups(&live.revision.target_groups, &live.revision.additional));
    let had = had.as_ref();
    let groups = all_groups(&balancer.target_groups, &wanted.revision.additional);
    let taken: Vec<&String> = groups
        .iter()
        .filter(|group| had.is_none_or(|had| !had.contains(*group)))
        .collect();
    // Under CodeDeploy and with task sets a service names its live group alone: the other one is no news.
    let is_no_news =
        |had: &BTreeSet<String>| !had.is_empty() && had.is_subset(&balancer.target_groups);
    if wanted.revision.additional.is_empty() && had.is_some_and(is_no_news) {
        return checked;
    }
    let calls = taken.iter().map(|group| ports.routing.target_health(group));
    let mut is_held = false;
    for answer in join_all(calls).await {
        let targets = checked.take(Field::TargetGroups, false, answer);
        is_held |= targets.is_some_and(|targets| targets.iter().any(|target| !leaves(target)));
    }
    if !is_held {
        return checked;
    }
    let services = ports.services.list_services(&wanted.service.cluster);
    let services = checked.ask(Field::TargetGroups, false, services).await;
    let others = services.unwrap_or_default();
    checked.findings.extend(
        others
            .iter()
            .filter(|other| other.name != wanted.service.name)
            .find_map(|other| shared(wanted, &groups, other)),
    );
    checked
}

/// The groups of the first load balancer and of those besides.
fn all_groups(first: &BTreeSet<String>, besides: &[LoadBalancer]) -> BTreeSet<String> {
    let besides = besides.iter().flat_map(LoadBalancer::groups);
    first
        .iter()
        .cloned()
        .chain(besides.map(str::to_owned))
        .collect()
}

/// Whether deployments move traffic between groups.
fn has_pair(first: &BTreeSet<String>, besides: &[LoadBalancer]) -> bool {
    first.len() > 1 || besides.iter().any(|besides| besides.alternate.is_some())
}

/// Services with one group each and without a pair may share it: nothing moves between groups then.
fn shared(wanted: &DesiredService, groups: &BTreeSet<String>, other: &Service) -> Option<Finding> {
    let revision = configured(other);
    let theirs = all_groups(&revision.target_groups, &revision.additional);
    let common = groups.intersection(&theirs).next()?;
    let is_there = match other.status {
        ServiceStatus::Active | ServiceStatus::Draining | ServiceStatus::Unknown(_) => true,
        ServiceStatus::Inactive => false,
    };
    let ours = &wanted.revision;
    let first = ours
        .load_balancer
        .as_ref()
        .map(|first| &first.target_groups);
    let is_moved = first.is_some_and(|first| has_pair(first, &ours.additional))
        || has_pair(&revision.target_groups, &revision.additional);
    (is_there && is_moved).then(|| {
        finding(
            Rule::TrafficShared,
            FindingLevel::Error,
            Field::TargetGroups,
            format!(
                "Services `{}` and `{}` share the target group {}.",
                wanted.service.name,
                other.name,
                quoted(&[target_group_name(common).to_owned()])
            ),
            "A deployment moves all traffic of its rule between its two target groups. Two services on one pair or one \
             rule take each other's traffic away.",
            &format!(
                "Give `{}` its own target groups and rule. If it replaces `{}`, delete that service first.",
                wanted.service.name, other.name
            ),
        )
    })
}
