//! What Application Auto Scaling checks: rights of its own, and those on what is scaled and on its alarms, which it asks
//! for in the caller's name before it takes anything.

use serde_json::{Value, json};
use switchyard_world::Service;

use super::needs::{Called, Need};

/// The role that Application Auto Scaling works with.
const ROLE: &str = "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService";

pub(super) fn of(called: &Called<'_>, action: &str) -> Vec<Need> {
    // Targets are told apart by ids that nobody can know beforehand.
    let targets = called.arn("application-autoscaling", "scalable-target/*");
    let on_targets = || vec![Need::new(action, &*targets)];
    match called.operation {
        "RegisterScalableTarget" => {
            let mut needs = on_targets();
            if called.has("Tags") {
                let tags = "application-autoscaling:TagResource";
                needs.push(Need::new(tags, &*targets));
            }
            if !has_targets(called) {
                let account = &called.front.account;
                let role = format!("arn:aws:iam::{account}:{ROLE}");
                let create = Need::new("iam:CreateServiceLinkedRole", role);
                let principal = "ecs.application-autoscaling.amazonaws.com";
                needs.push(create.with("iam:AWSServiceName", principal));
            }
            let service = called.arn("ecs", called.text("ResourceId"));
            for action in ["ecs:DescribeServices", "ecs:UpdateService"] {
                needs.push(of_target(action, &service));
            }
            needs
        }
        "PutScalingPolicy" => {
            let mut needs = on_targets();
            if called.text("PolicyType") == "TargetTrackingScaling" {
                needs.extend(on_alarms(called, &["DescribeAlarms", "PutMetricAlarm"]));
            }
            needs
        }
        "DeleteScalingPolicy" => {
            let mut needs = on_targets();
            if is_tracker(called) {
                needs.extend(on_alarms(called, &["DeleteAlarms"]));
            }
            needs
        }
        "DeleteScheduledAction" | "DeregisterScalableTarget" | "PutScheduledAction" => on_targets(),
        "ListTagsForResource" | "TagResource" | "UntagResource" => {
            vec![Need::new(action, called.text("ResourceARN"))]
        }
        _ => vec![Need::new(action, "*")],
    }
}

fn of_target(action: &str, resource: &str) -> Need {
    Need {
        is_of_target: true,
        ..Need::new(action, resource)
    }
}

/// The alarms that target tracking makes have names of its own.
fn on_alarms(called: &Called<'_>, operations: &[&str]) -> Vec<Need> {
    let tracked = format!("alarm:TargetTracking-{}-*", called.text("ResourceId"));
    let alarms = called.arn("cloudwatch", &tracked);
    let all = operations.iter();
    all.map(|operation| of_target(&format!("cloudwatch:{operation}"), &alarms))
        .collect()
}

/// Whether the account has a target already, and so the role.
fn has_targets(called: &Called<'_>) -> bool {
    let found = look(called, "DescribeScalableTargets", json!({}));
    let targets = found.get("ScalableTargets").and_then(Value::as_array);
    targets.is_some_and(|targets| !targets.is_empty())
}

fn is_tracker(called: &Called<'_>) -> bool {
    let input = json!({
        "ResourceId": called.text("ResourceId"), "PolicyNames": [called.text("PolicyName")],
    });
    let found = look(called, "DescribeScalingPolicies", input);
    let kind = found.pointer("/ScalingPolicies/0/PolicyType");
    kind.and_then(Value::as_str) == Some("TargetTrackingScaling")
}

fn look(called: &Called<'_>, operation: &str, mut input: Value) -> Value {
    if let Some(input) = input.as_object_mut() {
        input.insert("ServiceNamespace".to_owned(), json!("ecs"));
    }
    let world = &called.front.world;
    let found = world.call(Service::AutoScaling, called.region, operation, input);
    found.unwrap_or_default()
}
