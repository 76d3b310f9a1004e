//! What load balancers publish: requests as they come, the health of targets every minute.

use std::time::Duration;

use super::targets;
use crate::cloudwatch;
use crate::state::State as World;
use crate::time::Timestamp;
use crate::traffic::Outcome;

const NAMESPACE: &str = "AWS/ApplicationELB";

/// `app/NAME/ID` of a load balancer's ARN; network load balancers publish other metrics, which are not modelled.
fn balancer_dimension(arn: &str) -> Option<&str> {
    let (_, suffix) = arn.split_once(":loadbalancer/")?;
    suffix.starts_with("app/").then_some(suffix)
}

/// `targetgroup/NAME/ID` of a group's ARN.
fn group_dimension(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

fn count(state: &mut World, name: &str, dimensions: &[(&str, &str)]) {
    let now = state.now;
    cloudwatch::measure(state, now, (NAMESPACE, name, "Count"), dimensions, 1.0);
}

/// Counts a request into the metrics of the load balancer that took it.
pub(crate) fn record_request(state: &mut World, load_balancer: &str, outcome: &Outcome) {
    let Some(balancer) = balancer_dimension(load_balancer) else {
        return;
    };
    let alone = [("LoadBalancer", balancer)];
    match outcome {
        Outcome::Answered {
            target_group,
            status,
            latency,
        } => {
            let group = group_dimension(target_group);
            chosen(state, balancer, target_group);
            let family = format!("HTTPCode_Target_{}XX_Count", status / 100);
            let seconds = milliseconds(*latency);
            for dimensions in [&alone[..], &[alone[0], ("TargetGroup", group)]] {
                count(state, &family, dimensions);
                let now = state.now;
                let metric = (NAMESPACE, "TargetResponseTime", "Seconds");
                cloudwatch::measure(state, now, metric, dimensions, seconds);
            }
        }
        Outcome::Failed { target_group } => {
            chosen(state, balancer, target_group);
            let group = group_dimension(target_group);
            for dimensions in [&alone[..], &[alone[0], ("TargetGroup", group)]] {
                count(state, "TargetConnectionErrorCount", dimensions);
            }
            count(state, "HTTPCode_ELB_5XX_Count", &alone);
            count(state, "HTTPCode_ELB_502_Count", &alone);
        }
        Outcome::NoTarget => {
            count(state, "HTTPCode_ELB_5XX_Count", &alone);
            count(state, "HTTPCode_ELB_503_Count", &alone);
        }
    }
}

/// A time in seconds, to the millisecond, so that equal ones stay equal.
fn milliseconds(latency: Duration) -> f64 {
    f64::from(u32::try_from(latency.as_millis()).unwrap_or(u32::MAX)) / 1000.0
}

/// A target was chosen: only such requests count as requests.
fn chosen(state: &mut World, balancer: &str, target_group: &str) {
    let alone = ("LoadBalancer", balancer);
    let group = ("TargetGroup", group_dimension(target_group));
    count(state, "RequestCount", &[alone]);
    count(state, "RequestCount", &[alone, group]);
    let targets = state
        .elbv2
        .target_groups
        .get(target_group)
        .map_or(0, |group| group.targets.len());
    let share = 1.0 / f64::from(u32::try_from(targets.max(1)).unwrap_or(u32::MAX));
    let metric = (NAMESPACE, "RequestCountPerTarget", "Count");
    let now = state.now;
    for dimensions in [&[group][..], &[alone, group]] {
        cloudwatch::measure(state, now, metric, dimensions, share);
    }
}

/// Publishes how many targets are healthy, for the minute of `at`.
pub(crate) fn publish_health(state: &mut World, at: Timestamp) {
    let mut seen = Vec::new();
    for group in state.elbv2.target_groups.values() {
        let Some(balancer) = group.load_balancer.as_deref().and_then(balancer_dimension) else {
            continue;
        };
        let (mut healthy, mut unhealthy) = (0.0, 0.0);
        for target in &group.targets {
            let health = targets::health(state, group, target);
            if health.is_healthy() {
                healthy += 1.0;
            } else if health.is_unhealthy() {
                unhealthy += 1.0;
            }
        }
        if !group.targets.is_empty() {
            seen.push((
                balancer.to_owned(),
                group_dimension(&group.arn).to_owned(),
                healthy,
                unhealthy,
            ));
        }
    }
    for (balancer, group, healthy, unhealthy) in seen {
        let dimensions = [
            ("LoadBalancer", balancer.as_str()),
            ("TargetGroup", group.as_str()),
        ];
        for (name, value) in [
            ("HealthyHostCount", healthy),
            ("UnHealthyHostCount", unhealthy),
        ] {
            cloudwatch::measure(state, at, (NAMESPACE, name, "Count"), &dimensions, value);
        }
    }
}

/// Whether there is a target whose health would be published.
pub(crate) fn has_targets(state: &World) -> bool {
    state
        .elbv2
        .target_groups
        .values()
        .any(|group| group.load_balancer.is_some() && !group.targets.is_empty())
}
