//! Ways in and out: whether the load balancer reaches the tasks, and the tasks what they need.

use std::collections::BTreeSet;

use switchyard_engine::ports::{Opening, SubnetFacts, WayOut};

use super::evidence::Evidence;
use super::issue::{Issue, IssueKind, IssueSeverity};
use super::seen::NetworkSeen;
use super::tasks::{Pull, TaskCause, cause};

/// Endpoints that pulling an image from ECR takes, by the end of their service's name.
const PULLS: [&str; 3] = ["ecr.api", "ecr.dkr", "s3"];

/// Whether anything that AWS shows may come from the network: only then is EC2 asked.
pub(super) fn is_suspect(evidence: &Evidence) -> bool {
    let groups = evidence.groups.seen();
    let mut targets = groups
        .into_iter()
        .flatten()
        .flat_map(|group| &group.targets);
    let reasons = ["Target.Timeout", "Target.FailedHealthChecks"];
    let is_cut_off = targets.any(|target| {
        let reason = target.reason.as_deref();
        reason.is_some_and(|reason| reasons.contains(&reason))
    });
    let stopped = evidence.stopped.seen();
    let mut causes = stopped.into_iter().flatten().filter_map(cause);
    let starves = |cause| match cause {
        TaskCause::Image(Pull::Unreachable) | TaskCause::Secret => true,
        TaskCause::Image(Pull::Refused | Pull::Limited)
        | TaskCause::Architecture
        | TaskCause::Memory
        | TaskCause::Port
        | TaskCause::Entry
        | TaskCause::Health
        | TaskCause::Capacity
        | TaskCause::Spot
        | TaskCause::Exit(_)
        | TaskCause::Other => false,
    };
    is_cut_off || causes.any(starves)
}

/// What of it is wrong.
pub(super) fn network(evidence: &Evidence, seen: &NetworkSeen) -> Vec<Issue> {
    no_way_in(evidence, seen)
        .into_iter()
        .chain(no_way_out(seen))
        .collect()
}

/// Whether a connection to this port from one of these groups is let in. Addresses are not compared: what lets some in is
/// taken for letting the load balancer in.
fn lets_in(opening: &Opening, port: u32, from: &BTreeSet<String>) -> bool {
    let is_tcp = matches!(opening.protocol.as_str(), "tcp" | "6" | "-1");
    let has_port = opening
        .ports
        .is_none_or(|(first, last)| (first..=last).contains(&port));
    let has_peer = opening.has_addresses || !opening.groups.is_disjoint(from);
    is_tcp && has_port && has_peer
}

fn no_way_in(evidence: &Evidence, seen: &NetworkSeen) -> Option<Issue> {
    if seen.balancer_groups.is_empty() {
        return None;
    }
    let closed = seen.ports.iter().find(|port| {
        let mut openings = seen.openings.iter();
        !openings.any(|opening| lets_in(opening, **port, &seen.balancer_groups))
    })?;
    let listed = |ids: &BTreeSet<String>| {
        let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        ids.join(", ")
    };
    let from = seen.balancer_groups.first().cloned().unwrap_or_default();
    let to = seen.groups.first().cloned().unwrap_or_default();
    Some(Issue {
        kind: IssueKind::NoWayIn,
        severity: IssueSeverity::Critical,
        title: format!("The load balancer may not reach the tasks on port {closed}"),
        affects: "All requests to these tasks, and their health checks".to_owned(),
        cause: "No rule of the tasks' security groups lets the load balancer in.".to_owned(),
        evidence: vec![
            format!("Security groups of the tasks: {}.", listed(&seen.groups)),
            format!(
                "Security groups of the load balancer: {}.",
                listed(&seen.balancer_groups)
            ),
        ],
        steps: super::deployment::lines([
            Some(format!(
                "Add the rule to the configuration; or now: `aws ec2 authorize-security-group-ingress --group-id {to} \
                 --protocol tcp --port {closed} --source-group {from}`."
            )),
            evidence.way_back(),
        ]),
        prevention: "Create the rule in the same configuration as the service.".to_owned(),
    })
}

fn no_way_out(seen: &NetworkSeen) -> Option<Issue> {
    let has = |name: &str| {
        let mut endpoints = seen.endpoints.iter();
        endpoints.any(|endpoint| endpoint.ends_with(&format!(".{name}")))
    };
    let missing: Vec<&str> = PULLS.into_iter().filter(|name| !has(name)).collect();
    if seen.is_ecr && missing.is_empty() {
        return None;
    }
    let is_closed = |subnet: &&SubnetFacts| match subnet.way_out {
        WayOut::Nowhere => true,
        WayOut::Internet => !seen.public_ip,
        // Another network may lead on.
        WayOut::Nat | WayOut::Elsewhere => false,
    };
    let closed: Vec<&SubnetFacts> = seen.subnets.iter().filter(is_closed).collect();
    let first = closed.first()?;
    let (cause, step) = match first.way_out {
        WayOut::Internet => (
            "The subnets lead to an internet gateway, and the tasks have no public address.",
            "Use subnets with a NAT gateway, or set `assign_public_ip = true`.".to_owned(),
        ),
        WayOut::Nowhere | WayOut::Nat | WayOut::Elsewhere => (
            "The route tables of the subnets have no default route.",
            match seen.is_ecr {
                true => format!(
                    "Add a NAT gateway, or endpoints for {}.",
                    missing.join(", ")
                ),
                false => {
                    "Add a NAT gateway: the images are in a registry outside of AWS.".to_owned()
                }
            },
        ),
    };
    let ids: Vec<String> = closed
        .iter()
        .map(|subnet| format!("`{}`", subnet.id))
        .collect();
    let endpoints = match missing.is_empty() {
        true => "The VPC has the endpoints that ECR needs.".to_owned(),
        false => format!("The VPC has no endpoint for: {}.", missing.join(", ")),
    };
    Some(Issue {
        kind: IssueKind::NoWayOut,
        severity: IssueSeverity::Major,
        title: "Tasks in some subnets do not reach the registry".to_owned(),
        affects: "Tasks that start there: they cannot pull images, read secrets or write logs"
            .to_owned(),
        cause: cause.to_owned(),
        evidence: vec![
            format!("Subnets without a way out: {}.", ids.join(", ")),
            endpoints,
        ],
        steps: vec![step],
        prevention: "Create NAT gateways or endpoints with the network, for every zone.".to_owned(),
    })
}
