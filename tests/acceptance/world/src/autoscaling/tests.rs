//! Stories through the door, with time moved by hand.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{Service, World, WorldConfig};

const ID: &str = "service/main/shop";

fn on(world: &World, service: Service, operation: &str, input: Value) -> Value {
    world
        .call(service, "eu-west-1", operation, input)
        .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
}

/// Adds the three members that name the target.
fn of_target(mut input: Value) -> Value {
    for (name, value) in [
        ("ServiceNamespace", "ecs"),
        ("ResourceId", ID),
        ("ScalableDimension", "ecs:service:DesiredCount"),
    ] {
        input[name] = json!(value);
    }
    input
}

fn call(world: &World, operation: &str, input: Value) -> Value {
    on(world, Service::AutoScaling, operation, of_target(input))
}

fn refused(world: &World, operation: &str, input: Value) -> String {
    world
        .call(
            Service::AutoScaling,
            "eu-west-1",
            operation,
            of_target(input),
        )
        .unwrap_err()
        .code
}

fn ecs_list(world: &World, operation: &str, input: Value) -> Value {
    on(world, Service::AutoScaling, operation, input)
}

/// A running service with two tasks.
fn world() -> World {
    let world = World::new(WorldConfig::default());
    let ecs = |operation: &str, input: Value| on(&world, Service::Ecs, operation, input);
    ecs("CreateCluster", json!({"clusterName": "main"}));
    let container = json!({"name": "app", "image": "app:v1", "essential": true});
    ecs(
        "RegisterTaskDefinition",
        json!({
            "family": "app", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "containerDefinitions": [container],
        }),
    );
    ecs(
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "shop", "taskDefinition": "app:1", "desiredCount": 2, "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
        }),
    );
    world.advance(Duration::from_secs(120));
    world
}

fn registered(min: i64, max: i64) -> World {
    let world = world();
    call(
        &world,
        "RegisterScalableTarget",
        json!({"MinCapacity": min, "MaxCapacity": max}),
    );
    world
}

fn desired(world: &World) -> i64 {
    let found = on(
        world,
        Service::Ecs,
        "DescribeServices",
        json!({"cluster": "main", "services": ["shop"]}),
    );
    found["services"][0]["desiredCount"].as_i64().unwrap()
}

fn target(world: &World) -> Value {
    ecs_list(
        world,
        "DescribeScalableTargets",
        json!({"ServiceNamespace": "ecs"}),
    )["ScalableTargets"][0]
        .clone()
}

fn cpu(world: &World, value: f64, minutes: u64) {
    for _ in 0..minutes {
        let dimensions = json!([{"Name": "ClusterName", "Value": "main"}, {"Name": "ServiceName", "Value": "shop"}]);
        let datum =
            json!({"MetricName": "CPUUtilization", "Value": value, "Dimensions": dimensions});
        on(
            world,
            Service::CloudWatch,
            "PutMetricData",
            json!({"Namespace": "AWS/ECS", "MetricData": [datum]}),
        );
        world.advance(Duration::from_secs(60));
    }
}

fn tracking(target: f64) -> Value {
    json!({
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": target, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "ScaleInCooldown": 60, "ScaleOutCooldown": 60, "DisableScaleIn": false,
        },
    })
}

fn alarms(world: &World) -> Vec<Value> {
    on(
        world,
        Service::CloudWatch,
        "DescribeAlarms",
        json!({"AlarmNamePrefix": "TargetTracking-"}),
    )["MetricAlarms"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn registering_moves_the_desired_count_inside_the_bounds_at_once() {
    let world = registered(3, 10);
    assert_eq!(desired(&world), 3);
    call(&world, "RegisterScalableTarget", json!({"MinCapacity": 5}));
    assert_eq!(
        (desired(&world), target(&world)["MaxCapacity"].clone()),
        (5, json!(10))
    );
    world.advance(Duration::from_secs(300));
    let activities =
        call(&world, "DescribeScalingActivities", json!({}))["ScalingActivities"].clone();
    assert_eq!(activities[0]["StatusCode"], "Successful");
    assert_eq!(activities[0]["Cause"], "minimum capacity was set to 5");
    assert_eq!(activities[1]["StatusCode"], "Overridden");
}

#[test]
fn a_target_is_shown_with_role_suspension_and_tags() {
    let world = world();
    let registered = call(
        &world,
        "RegisterScalableTarget",
        json!({"MinCapacity": 1, "MaxCapacity": 4, "Tags": {"a": "b"}}),
    );
    let arn = registered["ScalableTargetARN"].clone();
    let shown = target(&world);
    assert_eq!(shown["ScalableTargetARN"], arn);
    assert!(
        shown["RoleARN"]
            .as_str()
            .unwrap()
            .ends_with("AWSServiceRoleForApplicationAutoScaling_ECSService")
    );
    assert_eq!(shown["SuspendedState"]["DynamicScalingInSuspended"], false);
    call(
        &world,
        "RegisterScalableTarget",
        json!({"SuspendedState": {"DynamicScalingInSuspended": true}}),
    );
    assert_eq!(
        target(&world)["SuspendedState"]["DynamicScalingInSuspended"],
        true
    );
    assert_eq!(target(&world)["MinCapacity"], 1);
    let tags =
        || ecs_list(&world, "ListTagsForResource", json!({"ResourceARN": arn}))["Tags"].clone();
    assert_eq!(tags(), json!({"a": "b"}));
    ecs_list(
        &world,
        "TagResource",
        json!({"ResourceARN": arn, "Tags": {"c": "d"}}),
    );
    ecs_list(
        &world,
        "UntagResource",
        json!({"ResourceARN": arn, "TagKeys": ["a"]}),
    );
    assert_eq!(tags(), json!({"c": "d"}));
}

#[test]
fn wrong_requests_are_refused() {
    let world = world();
    assert_eq!(
        refused(&world, "PutScalingPolicy", tracking(60.0)),
        "ObjectNotFoundException"
    );
    assert_eq!(
        refused(
            &world,
            "RegisterScalableTarget",
            json!({"MinCapacity": 5, "MaxCapacity": 4})
        ),
        "ValidationException"
    );
    assert_eq!(
        refused(&world, "RegisterScalableTarget", json!({"MaxCapacity": 4})),
        "ValidationException"
    );
    assert_eq!(
        refused(&world, "DeregisterScalableTarget", json!({})),
        "ObjectNotFoundException"
    );
    let other = json!({"ServiceNamespace": "ecs", "ResourceId": "service/main/nope", "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 2});
    let no_service = world
        .call(
            Service::AutoScaling,
            "eu-west-1",
            "RegisterScalableTarget",
            other,
        )
        .unwrap_err();
    assert!(
        no_service.message.starts_with("ECS service doesn't exist"),
        "{no_service}"
    );
    let no_arn = world
        .call(
            Service::AutoScaling,
            "eu-west-1",
            "ListTagsForResource",
            json!({"ResourceARN": "arn:x"}),
        )
        .unwrap_err();
    assert_eq!(no_arn.code, "ResourceNotFoundException");
}

#[test]
fn target_tracking_owns_two_alarms_that_follow_its_target() {
    let world = registered(1, 10);
    let put = call(&world, "PutScalingPolicy", tracking(60.0));
    assert_eq!(put["Alarms"].as_array().unwrap().len(), 2);
    let thresholds = |all: Vec<Value>| {
        all.iter()
            .map(|alarm| alarm["Threshold"].as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(thresholds(alarms(&world)), [60.0, 54.0]);
    let again = call(&world, "PutScalingPolicy", tracking(50.0));
    assert_eq!(
        (&again["PolicyARN"], &again["Alarms"]),
        (&put["PolicyARN"], &put["Alarms"])
    );
    assert_eq!(thresholds(alarms(&world)), [50.0, 45.0]);
    let shown = call(
        &world,
        "DescribeScalingPolicies",
        json!({"PolicyNames": ["cpu"]}),
    )["ScalingPolicies"][0]
        .clone();
    assert_eq!(
        shown["TargetTrackingScalingPolicyConfiguration"]["TargetValue"],
        50.0
    );
    assert_eq!(shown["Alarms"], put["Alarms"]);
    let mut out_only = tracking(50.0);
    out_only["TargetTrackingScalingPolicyConfiguration"]["DisableScaleIn"] = json!(true);
    call(&world, "PutScalingPolicy", out_only);
    assert_eq!(thresholds(alarms(&world)), [50.0]);
    call(&world, "DeleteScalingPolicy", json!({"PolicyName": "cpu"}));
    assert_eq!(alarms(&world).len(), 0);
    assert_eq!(
        refused(&world, "DeleteScalingPolicy", json!({"PolicyName": "cpu"})),
        "ObjectNotFoundException"
    );
}

#[test]
fn target_tracking_scales_out_and_in_with_the_load() {
    let world = registered(1, 10);
    call(&world, "PutScalingPolicy", tracking(50.0));
    cpu(&world, 100.0, 3);
    assert_eq!(desired(&world), 4);
    cpu(&world, 50.0, 5);
    assert_eq!(desired(&world), 4);
    cpu(&world, 20.0, 20);
    assert!(desired(&world) < 4, "{}", desired(&world));
    cpu(&world, 1.0, 30);
    assert_eq!(desired(&world), 1);
}

#[test]
fn scaling_stops_at_the_bounds_and_says_why() {
    let world = registered(1, 3);
    call(&world, "PutScalingPolicy", tracking(50.0));
    cpu(&world, 100.0, 8);
    assert_eq!(desired(&world), 3);
    let activities = call(
        &world,
        "DescribeScalingActivities",
        json!({"IncludeNotScaledActivities": true}),
    )["ScalingActivities"]
        .clone();
    assert_eq!(
        activities[0]["NotScaledReasons"][0]["Code"],
        "AlreadyAtMaxCapacity"
    );
    assert_eq!(activities[0]["NotScaledReasons"][0]["MaxCapacity"], 3);
    let plain = call(&world, "DescribeScalingActivities", json!({}))["ScalingActivities"].clone();
    assert!(
        plain
            .as_array()
            .unwrap()
            .iter()
            .all(|activity| activity.get("NotScaledReasons").is_none())
    );
}

#[test]
fn suspended_scaling_does_nothing() {
    let world = registered(1, 10);
    call(&world, "PutScalingPolicy", tracking(50.0));
    call(
        &world,
        "RegisterScalableTarget",
        json!({"SuspendedState": {"DynamicScalingOutSuspended": true}}),
    );
    cpu(&world, 100.0, 6);
    assert_eq!(desired(&world), 2);
    call(
        &world,
        "RegisterScalableTarget",
        json!({"SuspendedState": {"DynamicScalingOutSuspended": false}}),
    );
    cpu(&world, 100.0, 1);
    assert_eq!(desired(&world), 4);
}

#[test]
fn a_step_policy_takes_the_step_of_the_breach() {
    let world = registered(1, 20);
    let steps = json!([
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 3},
    ]);
    let step = json!({"PolicyName": "steps", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "Cooldown": 60, "StepAdjustments": steps}});
    let policy = call(&world, "PutScalingPolicy", step);
    assert_eq!(policy["Alarms"], json!([]));
    let dimensions =
        json!([{"Name": "ClusterName", "Value": "main"}, {"Name": "ServiceName", "Value": "shop"}]);
    on(
        &world,
        Service::CloudWatch,
        "PutMetricAlarm",
        json!({
            "AlarmName": "busy", "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": dimensions, "Statistic": "Average", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 50, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "AlarmActions": [policy["PolicyARN"]],
        }),
    );
    cpu(&world, 60.0, 1);
    assert_eq!(desired(&world), 3);
    world.advance(Duration::from_secs(300));
    cpu(&world, 90.0, 1);
    assert_eq!(desired(&world), 6);
    let shown = call(&world, "DescribeScalingPolicies", json!({}))["ScalingPolicies"][0].clone();
    assert_eq!(shown["Alarms"][0]["AlarmName"], "busy");
}

#[test]
fn a_schedule_put_over_another_one_keeps_the_time_of_its_creation() {
    let world = registered(1, 10);
    let put = |schedule: &str| {
        call(
            &world,
            "PutScheduledAction",
            json!({
                "ScheduledActionName": "night", "Schedule": schedule, "ScalableTargetAction": {"MinCapacity": 2},
            }),
        );
        let shown = call(&world, "DescribeScheduledActions", json!({}));
        let action = &shown["ScheduledActions"][0];
        (action["CreationTime"].clone(), action["Schedule"].clone())
    };
    let (created, _) = put("cron(0 20 * * ? *)");
    world.advance(Duration::from_secs(3600));
    let expected = (created, json!("cron(0 22 * * ? *)"));
    assert_eq!(put("cron(0 22 * * ? *)"), expected);
}

#[test]
fn a_schedule_that_recurs_fires_at_its_start_and_then_at_its_times() {
    let world = registered(1, 10);
    let start = world.now().millis() / 1000 + 600;
    call(
        &world,
        "PutScheduledAction",
        json!({
            "ScheduledActionName": "yearly", "Schedule": "cron(0 0 1 1 ? *)", "StartTime": start,
            "ScalableTargetAction": {"MinCapacity": 4},
        }),
    );
    world.advance(Duration::from_secs(540));
    assert_eq!(target(&world)["MinCapacity"], json!(1));
    world.advance(Duration::from_secs(120));
    assert_eq!(target(&world)["MinCapacity"], json!(4));
}

#[test]
fn predictive_policies_are_kept_as_sent() {
    let world = registered(1, 20);
    let configuration = json!({"Mode": "ForecastOnly", "MetricSpecifications": [{"TargetValue": 40.0, "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ECSServiceCPUUtilization"}}]});
    call(
        &world,
        "PutScalingPolicy",
        json!({"PolicyName": "ahead", "PolicyType": "PredictiveScaling", "PredictiveScalingPolicyConfiguration": configuration}),
    );
    let shown = call(&world, "DescribeScalingPolicies", json!({}))["ScalingPolicies"][0].clone();
    assert_eq!(
        (
            &shown["PolicyType"],
            &shown["PredictiveScalingPolicyConfiguration"]
        ),
        (&json!("PredictiveScaling"), &configuration)
    );
}

#[test]
fn schedules_rewrite_the_bounds_at_their_time() {
    // The world begins at 2025-11-21T00:00:00Z, a Friday.
    let world = registered(1, 10);
    let action = |name: &str, schedule: &str, bounds: Value| json!({"ScheduledActionName": name, "Schedule": schedule, "Timezone": "Europe/Berlin", "ScalableTargetAction": bounds});
    call(
        &world,
        "PutScheduledAction",
        action(
            "morning",
            "cron(0 9 * * ? *)",
            json!({"MinCapacity": 6, "MaxCapacity": 12}),
        ),
    );
    call(
        &world,
        "PutScheduledAction",
        action(
            "night",
            "cron(0 20 * * ? *)",
            json!({"MinCapacity": 1, "MaxCapacity": 2}),
        ),
    );
    world.advance(Duration::from_secs(7 * 3600 + 3500));
    assert_eq!(
        (target(&world)["MinCapacity"].clone(), desired(&world)),
        (json!(6), 6)
    );
    world.advance(Duration::from_secs(11 * 3600));
    let shown = target(&world);
    assert_eq!(
        (
            shown["MinCapacity"].clone(),
            shown["MaxCapacity"].clone(),
            desired(&world)
        ),
        (json!(1), json!(2), 2)
    );
    let listed = call(
        &world,
        "DescribeScheduledActions",
        json!({"ScheduledActionNames": ["night"]}),
    )["ScheduledActions"]
        .clone();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(
        (&listed[0]["Timezone"], &listed[0]["Schedule"]),
        (&json!("Europe/Berlin"), &json!("cron(0 20 * * ? *)"))
    );
    call(
        &world,
        "RegisterScalableTarget",
        json!({"SuspendedState": {"ScheduledScalingSuspended": true}}),
    );
    world.advance(Duration::from_secs(24 * 3600));
    assert_eq!(target(&world)["MinCapacity"], 1);
    call(
        &world,
        "DeleteScheduledAction",
        json!({"ScheduledActionName": "night"}),
    );
    assert_eq!(
        refused(
            &world,
            "DeleteScheduledAction",
            json!({"ScheduledActionName": "night"})
        ),
        "ObjectNotFoundException"
    );
}

#[test]
fn an_update_of_a_schedule_keeps_what_is_not_sent_except_its_times() {
    let world = registered(1, 10);
    let start = world.now().plus(Duration::from_secs(3600));
    call(
        &world,
        "PutScheduledAction",
        json!({"ScheduledActionName": "a", "Schedule": "rate(1 hour)", "Timezone": "UTC", "StartTime": start, "ScalableTargetAction": {"MaxCapacity": 5}}),
    );
    call(
        &world,
        "PutScheduledAction",
        json!({"ScheduledActionName": "a", "Schedule": "rate(2 hours)"}),
    );
    let shown = call(&world, "DescribeScheduledActions", json!({}))["ScheduledActions"][0].clone();
    assert_eq!(
        (&shown["Schedule"], &shown["ScalableTargetAction"]),
        (&json!("rate(2 hours)"), &json!({"MaxCapacity": 5}))
    );
    assert_eq!(shown["StartTime"], Value::Null, "AWS deletes old times");
    assert_eq!(shown["Timezone"], json!("UTC"));
    assert_eq!(
        refused(
            &world,
            "PutScheduledAction",
            json!({"ScheduledActionName": "b", "Schedule": "sometimes", "ScalableTargetAction": {"MaxCapacity": 5}})
        ),
        "ValidationException"
    );
    world.advance(Duration::from_secs(7300));
    assert_eq!(target(&world)["MaxCapacity"], 5);
}

#[test]
fn deregistering_removes_policies_alarms_and_schedules() {
    let world = registered(1, 10);
    call(&world, "PutScalingPolicy", tracking(50.0));
    call(
        &world,
        "PutScheduledAction",
        json!({"ScheduledActionName": "a", "Schedule": "rate(1 hour)", "ScalableTargetAction": {"MaxCapacity": 5}}),
    );
    call(&world, "DeregisterScalableTarget", json!({}));
    assert_eq!(alarms(&world).len(), 0);
    assert_eq!(
        call(&world, "DescribeScalingPolicies", json!({}))["ScalingPolicies"],
        json!([])
    );
    assert_eq!(
        call(&world, "DescribeScheduledActions", json!({}))["ScheduledActions"],
        json!([])
    );
    assert_eq!(
        ecs_list(
            &world,
            "DescribeScalableTargets",
            json!({"ServiceNamespace": "ecs"})
        )["ScalableTargets"],
        json!([])
    );
}

#[test]
fn policies_come_in_pages_of_ten() {
    let world = registered(1, 10);
    for number in 0..12 {
        let steps = json!([{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]);
        call(
            &world,
            "PutScalingPolicy",
            json!({"PolicyName": format!("p{number:02}"), "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps}}),
        );
    }
    let first = call(&world, "DescribeScalingPolicies", json!({}));
    assert_eq!(first["ScalingPolicies"].as_array().unwrap().len(), 10);
    let second = call(
        &world,
        "DescribeScalingPolicies",
        json!({"NextToken": first["NextToken"]}),
    );
    assert_eq!(second["ScalingPolicies"].as_array().unwrap().len(), 2);
    assert_eq!(
        refused(&world, "DescribeScalingPolicies", json!({"NextToken": "x"})),
        "InvalidNextTokenException"
    );
}

#[test]
fn suspending_alone_leaves_the_bounds_and_stops_scaling_in_and_schedules() {
    let world = registered(1, 10);
    call(&world, "PutScalingPolicy", tracking(50.0));
    let suspend = |on: bool| {
        let state = json!({
            "DynamicScalingInSuspended": on, "DynamicScalingOutSuspended": on, "ScheduledScalingSuspended": on,
        });
        call(
            &world,
            "RegisterScalableTarget",
            json!({"SuspendedState": state}),
        );
        let shown = target(&world);
        assert_eq!(
            (&shown["MinCapacity"], &shown["MaxCapacity"]),
            (&json!(1), &json!(10))
        );
        assert_eq!(shown["SuspendedState"], state);
    };
    suspend(true);
    let mut schedule = json!({"ScheduledActionName": "night", "Schedule": "rate(5 minutes)"});
    schedule["ScalableTargetAction"] = json!({"MinCapacity": 7, "MaxCapacity": 9});
    call(&world, "PutScheduledAction", schedule);
    cpu(&world, 1.0, 20);
    assert_eq!(desired(&world), 2);
    suspend(false);
    cpu(&world, 1.0, 8);
    assert_eq!(desired(&world), 7, "the schedule runs again");
}
