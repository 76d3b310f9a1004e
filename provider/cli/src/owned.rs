//! What the states have.

use std::collections::HashSet;

use serde_json::Value;
use switchyard_engine::ports::{LiveObject, ObjectKind};

/// Types of resources, and their attributes with the ARNs of the objects that they are: texts, or maps of texts.
const OWNERS: &[(&str, &[&str])] = &[
    ("aws_alb", &["arn"]),
    ("aws_alb_listener", &["arn"]),
    ("aws_alb_listener_rule", &["arn"]),
    ("aws_alb_target_group", &["arn"]),
    ("aws_appautoscaling_policy", &["arn"]),
    ("aws_appautoscaling_target", &["arn", "resource_id"]),
    ("aws_cloudwatch_composite_alarm", &["arn"]),
    ("aws_cloudwatch_log_group", &["arn"]),
    ("aws_cloudwatch_metric_alarm", &["arn"]),
    ("aws_codedeploy_app", &["arn"]),
    ("aws_codedeploy_deployment_group", &["arn"]),
    ("aws_ecs_cluster", &["arn"]),
    // Before version 6 of the provider, only `id` has the ARN.
    ("aws_ecs_service", &["arn", "id"]),
    ("aws_ecs_task_set", &["arn"]),
    ("aws_lb", &["arn"]),
    ("aws_lb_listener", &["arn"]),
    ("aws_lb_listener_rule", &["arn"]),
    ("aws_lb_target_group", &["arn"]),
    ("switchyard_alarm_set", &["arns"]),
    (OURS, &["arn"]),
    ("switchyard_listener_rule", &["arn"]),
    ("switchyard_scaling_policy_set", &["arn", "policy_arns"]),
];

/// Its task sets are part of it.
const OURS: &str = "switchyard_blue_green_service";

/// Whether resources of a type are objects that may be looked for.
pub(crate) fn is_owner(resource_type: &str) -> bool {
    OWNERS.iter().any(|(owner, _)| *owner == resource_type)
}

/// What the states have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owned {
    ids: HashSet<String>,
    /// Services whose task sets come and go with their deployments.
    with_task_sets: HashSet<String>,
}

impl Owned {
    /// Takes a resource of a state.
    pub(crate) fn take(&mut self, resource_type: &str, values: &Value) {
        let attributes = OWNERS.iter().find(|(owner, _)| *owner == resource_type);
        let attributes = attributes.map(|(_, attributes)| *attributes);
        for attribute in attributes.unwrap_or_default() {
            let texts: Vec<&str> = match values.get(*attribute) {
                Some(Value::String(text)) => vec![text],
                Some(Value::Object(texts)) => texts.values().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            for text in texts {
                // One of the two ARNs of a log group names its streams.
                self.ids.insert(text.trim_end_matches(":*").to_owned());
                if resource_type == OURS {
                    self.with_task_sets.insert(text.to_owned());
                }
            }
        }
    }

    /// Takes what another plan's state has.
    pub(crate) fn extend(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.with_task_sets.extend(other.with_task_sets);
    }

    pub(crate) fn has_arn(&self, arn: &str) -> bool {
        self.ids.contains(arn)
    }

    /// Whether an object is in a state, or is made and removed by what is: task sets by our services, alarms by scaling
    /// policies.
    pub(crate) fn has(&self, object: &LiveObject, all: &[LiveObject]) -> bool {
        if self.has_arn(&object.arn) {
            return true;
        }
        match object.kind {
            ObjectKind::ScalableTarget => self.ids.contains(&format!("service/{}", object.name)),
            ObjectKind::TaskSet => object
                .uses
                .iter()
                .any(|arn| self.with_task_sets.contains(arn)),
            ObjectKind::Alarm => all.iter().any(|policy| {
                policy.kind == ObjectKind::ScalingPolicy
                    && policy.uses.contains(&object.arn)
                    && object.name.starts_with("TargetTracking-")
            }),
            ObjectKind::Cluster
            | ObjectKind::Service
            | ObjectKind::LoadBalancer
            | ObjectKind::Listener
            | ObjectKind::Rule
            | ObjectKind::TargetGroup
            | ObjectKind::ScalingPolicy
            | ObjectKind::Application
            | ObjectKind::DeploymentGroup
            | ObjectKind::CompositeAlarm
            | ObjectKind::LogGroup => false,
        }
    }
}
