//! Application Auto Scaling.

use serde_json::{Value, json};
use switchyard_world::Service::{AutoScaling, Ecs};

use super::{Site, with};

const INVALID: &str = "ValidationException";

fn target(over: &Value) -> Value {
    with(
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/shop",
            "ScalableDimension": "ecs:service:DesiredCount",
        }),
        over,
    )
}

fn site() -> Site {
    let site = Site::new();
    site.taken(Ecs, "CreateCluster", json!({"clusterName": "main"}));
    let definition = json!({
        "family": "app", "containerDefinitions": [{"name": "app", "image": "app:v1", "memory": 64}],
    });
    site.taken(Ecs, "RegisterTaskDefinition", definition);
    let service = json!({"cluster": "main", "serviceName": "shop", "taskDefinition": "app", "desiredCount": 1});
    site.taken(Ecs, "CreateService", service);
    let bounds = target(&json!({"MinCapacity": 1, "MaxCapacity": 4}));
    site.taken(AutoScaling, "RegisterScalableTarget", bounds);
    site
}

fn steps(bounds: &[(Option<f64>, Option<f64>)]) -> Value {
    let step = |(lower, upper): &(Option<f64>, Option<f64>)| {
        let mut step = json!({"ScalingAdjustment": 1});
        for (member, bound) in [
            ("MetricIntervalLowerBound", lower),
            ("MetricIntervalUpperBound", upper),
        ] {
            if let Some(bound) = bound {
                step[member] = json!(bound);
            }
        }
        step
    };
    let steps: Vec<Value> = bounds.iter().map(step).collect();
    target(&json!({
        "PolicyName": "p", "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps},
    }))
}

#[test]
fn steps_follow_one_another() {
    let site = site();
    for (bounds, words) in [
        (vec![(None, None)], "both be null"),
        (vec![(Some(0.0), Some(10.0)), (Some(20.0), None)], "gap"),
        (vec![(Some(0.0), Some(20.0)), (Some(10.0), None)], "overlap"),
        (vec![(Some(0.0), None), (Some(10.0), None)], "overlap"),
        (vec![(None, Some(0.0)), (None, Some(-10.0))], "overlap"),
        (vec![(Some(10.0), Some(0.0))], "greater than the lower"),
        (vec![(Some(-10.0), Some(0.0))], "null lower bound"),
        (vec![(Some(0.0), Some(10.0))], "null upper bound"),
    ] {
        site.refused(
            AutoScaling,
            "PutScalingPolicy",
            steps(&bounds),
            (INVALID, words),
        );
    }
    for bounds in [
        vec![(Some(0.0), None)],
        vec![(None, Some(0.0))],
        vec![(Some(10.0), None), (Some(0.0), Some(10.0))],
        vec![
            (None, Some(-10.0)),
            (Some(-10.0), Some(0.0)),
            (Some(0.0), None),
        ],
    ] {
        site.taken(AutoScaling, "PutScalingPolicy", steps(&bounds));
    }
    let magnitude = json!({"StepScalingPolicyConfiguration": {"MinAdjustmentMagnitude": 2}});
    let input = with(steps(&[(Some(0.0), None)]), &magnitude);
    site.refused(
        AutoScaling,
        "PutScalingPolicy",
        input,
        (INVALID, "MinAdjustmentMagnitude"),
    );
}

#[test]
fn a_metric_has_one_tracking_policy() {
    let site = site();
    let policy = |name: &str, metric: &str| {
        target(&json!({
            "PolicyName": name, "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 50.0,
                "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
            },
        }))
    };
    site.taken(
        AutoScaling,
        "PutScalingPolicy",
        policy("a", "ECSServiceAverageCPUUtilization"),
    );
    let twin = policy("b", "ECSServiceAverageCPUUtilization");
    site.refused(
        AutoScaling,
        "PutScalingPolicy",
        twin,
        (INVALID, "Only one TargetTrackingScaling"),
    );
    site.taken(
        AutoScaling,
        "PutScalingPolicy",
        policy("b", "ECSServiceAverageMemoryUtilization"),
    );
}

#[test]
fn a_schedule_says_when_and_what() {
    let site = site();
    let action = |over: &Value| {
        let action = json!({
            "ScheduledActionName": "night", "Schedule": "rate(2 minutes)",
            "ScalableTargetAction": {"MinCapacity": 1},
        });
        target(&with(action, over))
    };
    for (over, words) in [
        (json!({"ScalableTargetAction": null}), "capacity"),
        (
            json!({"ScalableTargetAction": {"MinCapacity": null}}),
            "capacity",
        ),
        (json!({"Schedule": "rate(1 minutes)"}), "rate(1 minutes)"),
        (json!({"Schedule": "rate(5 minute)"}), "rate(5 minute)"),
        (json!({"Schedule": "rate(1 days)"}), "rate(1 days)"),
    ] {
        site.refused(
            AutoScaling,
            "PutScheduledAction",
            action(&over),
            (INVALID, words),
        );
    }
    for schedule in ["rate(1 minute)", "rate(2 hours)", "rate(1 day)"] {
        site.taken(
            AutoScaling,
            "PutScheduledAction",
            action(&json!({"Schedule": schedule})),
        );
    }
}
