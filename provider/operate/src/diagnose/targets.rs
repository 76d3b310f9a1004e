//! Targets that are not healthy, by reason code.

use std::collections::BTreeMap;

use switchyard_engine::ports::{TargetGroup, TargetHealth, TargetState};

use super::deployment::lines;
use super::evidence::{Evidence, Group};
use super::issue::{Issue, IssueKind, IssueSeverity};
use crate::words::{count, percent};

/// One issue for each group and reason code.
pub(super) fn unhealthy(evidence: &Evidence, groups: &[Group]) -> Vec<Issue> {
    groups
        .iter()
        .flat_map(|group| of_group(evidence, group))
        .collect()
}

fn is_unhealthy(target: &TargetHealth) -> bool {
    match target.state {
        TargetState::Unhealthy | TargetState::Unavailable => true,
        TargetState::Draining
        | TargetState::Healthy
        | TargetState::Initial
        | TargetState::Unused
        | TargetState::Unknown(_) => false,
    }
}

/// Number of healthy ones.
pub(super) fn healthy(group: &Group) -> usize {
    let targets = group.targets.iter();
    targets
        .filter(|target| target.state == TargetState::Healthy)
        .count()
}

fn of_group(evidence: &Evidence, group: &Group) -> Vec<Issue> {
    let mut reasons: BTreeMap<&str, Vec<&TargetHealth>> = BTreeMap::new();
    for target in group.targets.iter().filter(|target| is_unhealthy(target)) {
        let reason = target.reason.as_deref().unwrap_or("no reason given");
        reasons.entry(reason).or_default().push(target);
    }
    let healthy = healthy(group);
    let of_reason = |(reason, targets): (&str, Vec<&TargetHealth>)| {
        let (cause, step) = explained(reason, &group.group);
        let name = &group.group.name;
        let said = targets.iter().find_map(|target| target.description.clone());
        Issue {
            kind: IssueKind::TargetsUnhealthy,
            severity: severity(evidence, group, healthy),
            title: format!(
                "{} of `{name}` {} unhealthy: {reason}",
                count(targets.len(), "target"),
                if targets.len() == 1 { "is" } else { "are" }
            ),
            affects: affected(group, healthy),
            cause,
            evidence: lines([
                Some(format!(
                    "{healthy} of {} are healthy.",
                    count(group.targets.len(), "target")
                )),
                said.map(|said| format!("{reason}: {said}")),
                Some(asked(&group.group)),
            ]),
            steps: lines([
                Some(step),
                Some(format!("Read the logs: {}.", evidence.command("logs", "--since 30m"))),
                evidence.way_back(),
            ]),
            prevention: "Probe the new revision behind a test listener before it gets traffic, and set an alarm on \
                         `UnHealthyHostCount`."
                .to_owned(),
        }
    };
    reasons.into_iter().map(of_reason).collect()
}

fn severity(evidence: &Evidence, group: &Group, healthy: usize) -> IssueSeverity {
    match (group.percent, healthy) {
        (Some(percent), 0) if percent > 0.0 => IssueSeverity::Critical,
        (None, 0) if !evidence.is_deploying() => IssueSeverity::Critical,
        (Some(percent), _) if percent > 0.0 => IssueSeverity::Major,
        _ if evidence.is_deploying() => IssueSeverity::Major,
        (None, _) => IssueSeverity::Major,
        (Some(_), _) => IssueSeverity::Minor,
    }
}

fn affected(group: &Group, healthy: usize) -> String {
    match (group.percent, healthy) {
        (Some(share), 0) if share > 0.0 => format!(
            "{} of production traffic: the load balancer sends it to unhealthy targets",
            percent(share)
        ),
        (Some(share), _) if share > 0.0 => {
            "The capacity of the service: the load balancer sends traffic to the healthy targets only".to_owned()
        }
        (Some(_), _) => "The side without production traffic".to_owned(),
        (None, 0) => "All requests of this target group".to_owned(),
        (None, _) => "The capacity of the service".to_owned(),
    }
}

/// What the health check asks.
pub(super) fn asked(group: &TargetGroup) -> String {
    let port = match group.health_check_port.as_deref() {
        None | Some("traffic-port") => "the port of the target".to_owned(),
        Some(port) => format!("port {port}"),
    };
    let what = match &group.health_check_path {
        Some(path) => format!("The health check asks `{path}` on {port}"),
        None => format!("The health check connects to {port}"),
    };
    format!(
        "{what}, every {} s; {} passes make a target healthy.",
        group.health_check_interval, group.healthy_threshold
    )
}

/// Likely cause and first step for a reason code.
fn explained(reason: &str, group: &TargetGroup) -> (String, String) {
    let path = group.health_check_path.as_deref().unwrap_or("/");
    let (cause, step) = match reason {
        "Target.Timeout" => (
            "The targets do not answer in time: a security group drops the connection, or the program is too slow."
                .to_owned(),
            "Allow the load balancer's security group on the port of the health check; then measure how long the \
             health check takes."
                .to_owned(),
        ),
        "Target.ResponseCodeMismatch" => (
            format!("`{path}` answers with a code that the target group does not accept."),
            format!("Make `{path}` return an accepted code, or correct path and `matcher` of the target group."),
        ),
        "Target.FailedHealthChecks" => (
            "The connection is refused, or the health check fails for a different reason: nothing listens on the port, or it \
             listens on 127.0.0.1 only."
                .to_owned(),
            "Check that the container listens on its port on all addresses, and that the health check uses that port."
                .to_owned(),
        ),
        "Elb.InternalError" => (
            "The load balancer has an internal error.".to_owned(),
            "Wait some minutes; then ask AWS.".to_owned(),
        ),
        "Target.IpUnusable" => (
            "The address of the target is in use by a load balancer and cannot be a target.".to_owned(),
            "Use subnets for tasks that have free addresses.".to_owned(),
        ),
        _ => (
            "The load balancer names a reason that has no check of its own.".to_owned(),
            "Read the description, and the logs of the tasks.".to_owned(),
        ),
    };
    (cause, step)
}
