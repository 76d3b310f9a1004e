//! Target groups that another service has.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::checked::Checked;
use crate::desired::DesiredService;
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::lost_traffic::leaves;
use crate::observe::configured;
use crate::ports::{Ports, Service, ServiceStatus};
use crate::text::{quoted, target_group_name};

/// Looks only where the service takes its target groups: when it is new, and when they change. A group without targets
/// is nobody's, so that other services are listed only where somebody is in a group.
pub(super) async fn of(ports: &Ports, wanted: &DesiredService, live: Option<&Live>) -> Checked {
    let mut checked = Checked::default();
    let Some(balancer) = &wanted.revision.load_balancer else {
        return checked;
    };
    let had = live.map(|live| &live.revision.target_groups);
    let taken: Vec<&String> = balancer
        .target_groups
        .iter()
        .filter(|group| had.is_none_or(|had| !had.contains(*group)))
        .collect();
    // Under CodeDeploy and with task sets a service names its live group alone: the other one is no news.
    if had.is_some_and(|had| !had.is_empty() && had.is_subset(&balancer.target_groups)) {
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
            .find_map(|other| shared(wanted, &balancer.target_groups, other)),
    );
    checked
}

/// Services with one group each and without a pair may share it: nothing moves between groups then.
fn shared(wanted: &DesiredService, groups: &BTreeSet<String>, other: &Service) -> Option<Finding> {
    let theirs = configured(other).target_groups;
    let common = groups.intersection(&theirs).next()?;
    let is_there = match other.status {
        ServiceStatus::Active | ServiceStatus::Draining | ServiceStatus::Unknown(_) => true,
        ServiceStatus::Inactive => false,
    };
    (is_there && (groups.len() > 1 || theirs.len() > 1)).then(|| {
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
