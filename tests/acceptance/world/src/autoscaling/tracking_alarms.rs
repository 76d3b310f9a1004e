//! The CloudWatch alarms of target tracking: one above the target (3 of 3 minutes), one under 90 % of it (15 of 15).

use serde_json::{Map, Value, json};

use super::errors;
use super::policy::{Kind, Policy, Tracking};
use super::target::Key;
use crate::ApiError;
use crate::cloudwatch;
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;

/// Scale-in begins under this share of the target.
const LOW_SHARE: f64 = 0.9;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    High,
    Low,
}

/// Whether an alarm name is the low side of a target tracking policy.
pub(super) fn is_low(name: &str) -> bool {
    name.starts_with("TargetTracking-") && name.contains("-AlarmLow-")
}

/// Makes, rewrites or removes a policy's alarms so that they fit its configuration.
pub(super) fn align(world: &mut World, key: &Key, policy: &mut Policy) -> Result<(), ApiError> {
    let Kind::TargetTracking(tracking) = &policy.kind else {
        remove(world, policy);
        policy.alarms.clear();
        return Ok(());
    };
    let metric = metric(key, Fields(policy.sent()))?;
    let sides: &[Side] = if tracking.scales_in {
        &[Side::High, Side::Low]
    } else {
        &[Side::High]
    };
    let mut names = Vec::new();
    for side in sides {
        let (word, marker) = match side {
            Side::High => ("High", "-AlarmHigh-"),
            Side::Low => ("Low", "-AlarmLow-"),
        };
        let known = policy
            .alarms
            .iter()
            .find(|name| name.contains(marker))
            .cloned();
        let name = known.unwrap_or_else(|| {
            format!(
                "TargetTracking-{}-Alarm{word}-{}",
                key.resource_id,
                world.ids.uuid()
            )
        });
        let mut alarm = metric.clone();
        describe_side(&mut alarm, *side, &name, policy, tracking);
        cloudwatch::call(world, "PutMetricAlarm", Value::Object(alarm))
            .map_err(|refused| errors::validation(refused.message))?;
        names.push(name);
    }
    let stale: Vec<String> = policy
        .alarms
        .iter()
        .filter(|name| !names.contains(name))
        .cloned()
        .collect();
    for name in stale {
        cloudwatch::delete_alarm(world, &name);
    }
    policy.alarms = names;
    Ok(())
}

fn describe_side(
    alarm: &mut Map<String, Value>,
    side: Side,
    name: &str,
    policy: &Policy,
    tracking: &Tracking,
) {
    let (operator, threshold, periods) = match side {
        Side::High => ("GreaterThanThreshold", tracking.target, 3),
        Side::Low => ("LessThanThreshold", tracking.target * LOW_SHARE, 15),
    };
    let mut set = |member: &str, value: Value| alarm.insert(member.to_owned(), value);
    set("AlarmName", json!(name));
    let note = format!(
        "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {}.",
        policy.arn
    );
    set("AlarmDescription", json!(note));
    set("AlarmActions", json!([policy.arn]));
    set("ComparisonOperator", json!(operator));
    set("Threshold", json!(threshold));
    set("EvaluationPeriods", json!(periods));
}

/// Removes the alarms made for a policy.
pub(super) fn remove(world: &mut World, policy: &Policy) {
    for name in &policy.alarms {
        cloudwatch::delete_alarm(world, name);
    }
}

/// The members of `PutMetricAlarm` that say what is measured.
fn metric(key: &Key, configuration: Fields<'_>) -> Result<Map<String, Value>, ApiError> {
    let value = match (
        configuration.structure("PredefinedMetricSpecification"),
        configuration.structure("CustomizedMetricSpecification"),
    ) {
        (Some(predefined), _) => predefined_metric(key, predefined)?,
        (None, Some(customized)) => customized_metric(customized)?,
        (None, None) => {
            return Err(errors::validation(
                "A target tracking policy needs a metric.",
            ));
        }
    };
    Ok(value.as_object().cloned().unwrap_or_default())
}

fn predefined_metric(key: &Key, specification: Fields<'_>) -> Result<Value, ApiError> {
    let word = specification
        .filled("PredefinedMetricType")
        .ok_or_else(|| errors::missing("PredefinedMetricType"))?;
    let (cluster, service) = key.ecs_service().unwrap_or_default();
    let of_service = |name: &str, period: u32| {
        json!({
            "Namespace": "AWS/ECS",
            "MetricName": name,
            "Dimensions": [{"Name": "ClusterName", "Value": cluster}, {"Name": "ServiceName", "Value": service}],
            "Statistic": "Average",
            "Period": period,
            "Unit": Value::Null,
        })
    };
    match word {
        "ECSServiceAverageCPUUtilization" => Ok(of_service("CPUUtilization", 60)),
        "ECSServiceAverageMemoryUtilization" => Ok(of_service("MemoryUtilization", 60)),
        "ECSServiceAverageCPUUtilizationHighResolution" => Ok(of_service("CPUUtilization", 20)),
        "ECSServiceAverageMemoryUtilizationHighResolution" => {
            Ok(of_service("MemoryUtilization", 20))
        }
        "ALBRequestCountPerTarget" => {
            let label = specification.filled("ResourceLabel").ok_or_else(|| {
                errors::validation(
                    "Resource label is required for PredefinedMetricType ALBRequestCountPerTarget",
                )
            })?;
            let (balancer, group) = label.split_once("/targetgroup/").ok_or_else(|| {
                errors::validation(format!("Invalid resource label: {label}. It is the end of the load balancer's ARN, a slash and the end of the target group's ARN."))
            })?;
            Ok(json!({
                "Namespace": "AWS/ApplicationELB",
                "MetricName": "RequestCountPerTarget",
                "Dimensions": [
                    {"Name": "LoadBalancer", "Value": balancer},
                    {"Name": "TargetGroup", "Value": format!("targetgroup/{group}")},
                ],
                "Statistic": "Sum",
                "Period": 60,
            }))
        }
        other if key.namespace == "ecs" => Err(errors::validation(format!(
            "Predefined metric type {other} is not supported for service namespace ecs."
        ))),
        other => Ok(json!({
            "Namespace": format!("AWS/{}", key.namespace),
            "MetricName": other,
            "Dimensions": [{"Name": "ResourceId", "Value": key.resource_id}],
            "Statistic": "Average",
            "Period": 60,
        })),
    }
}

fn customized_metric(specification: Fields<'_>) -> Result<Value, ApiError> {
    if !specification.list("Metrics").is_empty() {
        let queries = specification.structures("Metrics").map(|query| {
            let mut query = query.0.clone();
            if let Some(stat) = query.get_mut("MetricStat").and_then(Value::as_object_mut) {
                stat.entry("Period").or_insert_with(|| json!(60));
            }
            query
        });
        return Ok(json!({"Metrics": queries.collect::<Vec<_>>()}));
    }
    let text = |member: &str| {
        specification
            .filled(member)
            .ok_or_else(|| errors::missing(member))
    };
    Ok(json!({
        "Namespace": text("Namespace")?,
        "MetricName": text("MetricName")?,
        "Dimensions": specification.list("Dimensions"),
        "Statistic": text("Statistic")?,
        "Unit": specification.filled("Unit"),
        "Period": 60,
    }))
}
