//! Where the listener rule sends production traffic.

use super::deployment::lines;
use super::evidence::{Evidence, Group};
use super::issue::{Issue, IssueKind, IssueSeverity};
use crate::view::Role;
use crate::words::percent;

/// What of the weights is wrong.
pub(super) fn traffic(evidence: &Evidence, groups: &[Group]) -> Vec<Issue> {
    let with_traffic: Vec<&Group> = groups
        .iter()
        .filter(|group| group.percent.is_some_and(|share| share > 0.0))
        .collect();
    if evidence.has_rule && with_traffic.is_empty() {
        return vec![lost(
            evidence,
            groups,
            "The listener rule sends traffic to no target group of the service",
        )];
    }
    let mut issues: Vec<Issue> = with_traffic
        .iter()
        .filter(|group| group.targets.is_empty() && evidence.view.tasks.desired > 0)
        .map(|group| to_nobody(evidence, group))
        .collect();
    let live = evidence
        .view
        .sides
        .iter()
        .find(|side| side.role == Role::Live);
    let is_dark = live
        .and_then(|side| side.traffic_percent)
        .is_some_and(|share| share <= 0.0);
    if is_dark && issues.is_empty() {
        issues.push(lost(
            evidence,
            groups,
            "The live revision gets no production traffic",
        ));
    } else if with_traffic.len() > 1 && !evidence.is_deploying() && issues.is_empty() {
        issues.push(split(evidence, groups));
    }
    issues
}

/// The weights, as one line each.
fn weights(groups: &[Group]) -> Vec<String> {
    let with_share = groups.iter().filter_map(|group| {
        Some(format!(
            "`{}` gets {} and has {} targets.",
            group.group.name,
            percent(group.percent?),
            group.targets.len()
        ))
    });
    with_share.collect()
}

fn steps(evidence: &Evidence) -> Vec<String> {
    lines([
        Some(format!("See both sides: {}.", evidence.command("status", ""))),
        evidence.way_back(),
        Some(
            "Run `terraform plan`: it reports the weights as drift, and `terraform apply` corrects them."
                .to_owned(),
        ),
    ])
}

const PREVENTION: &str = "Let only the controller change the weights; watch for drift with `switchyard gate` on a schedule.";

fn to_nobody(evidence: &Evidence, group: &Group) -> Issue {
    let share = group.percent.unwrap_or_default();
    Issue {
        kind: IssueKind::TrafficToNobody,
        severity: IssueSeverity::Critical,
        title: format!(
            "{} of production traffic goes to `{}`, which has no targets",
            percent(share),
            group.group.name
        ),
        affects: format!("{} of all requests: they end with 503", percent(share)),
        cause: match evidence.view.tasks.running {
            0 => "No task of the service is running.".to_owned(),
            _ => "The weights of the listener rule point at the side without tasks: somebody changed the rule, or a \
                  deployment was interrupted."
                .to_owned(),
        },
        evidence: weights(std::slice::from_ref(group)),
        steps: steps(evidence),
        prevention: PREVENTION.to_owned(),
    }
}

fn lost(evidence: &Evidence, groups: &[Group], title: &str) -> Issue {
    Issue {
        kind: IssueKind::TrafficLost,
        severity: IssueSeverity::Critical,
        title: title.to_owned(),
        affects: "All requests".to_owned(),
        cause: "Somebody changed the weights or the actions of the listener rule.".to_owned(),
        evidence: weights(groups),
        steps: steps(evidence),
        prevention: PREVENTION.to_owned(),
    }
}

fn split(evidence: &Evidence, groups: &[Group]) -> Issue {
    Issue {
        kind: IssueKind::TrafficSplit,
        severity: IssueSeverity::Major,
        title: "Production traffic is split, and no deployment is in progress".to_owned(),
        affects: "The requests that do not go to the live revision".to_owned(),
        cause: "A deployment was stopped on its way, or somebody changed the weights.".to_owned(),
        evidence: weights(groups),
        steps: steps(evidence),
        prevention: PREVENTION.to_owned(),
    }
}
