//! Application Auto Scaling (JSON 1.1).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use switchyard_engine::ports::{
    ActivityStatus, AdjustmentType, Bounds, BreachBehavior, CustomMetric, ErrorKind,
    MetricAggregation, MetricMath, MetricQuery, MetricSource, NotScaledReason, Policy,
    PredefinedMetric, PredictiveMetric, PredictiveMode, PredictiveScaling, ScheduledAction,
    ServiceRef, StepAdjustment, StepScaling, SuspendedState, TargetChange, TargetTracking,
    TrackedMetric,
};

use crate::fake::{Fake, json as reply, json_error};

fn service(name: &str) -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: name.to_owned(),
    }
}

/// The members that name a service's target.
fn target(name: &str) -> Value {
    json!({"ServiceNamespace": "ecs", "ResourceId": format!("service/main/{name}"),
        "ScalableDimension": "ecs:service:DesiredCount"})
}

/// `one` with the members of `other`.
fn with(mut one: Value, other: Value) -> Value {
    let members = other.as_object().unwrap().clone();
    one.as_object_mut().unwrap().extend(members);
    one
}

/// Operation and input of each call.
fn calls(fake: &Fake) -> Vec<(String, Value)> {
    let seen = fake.seen();
    let call = |seen: &crate::fake::Seen| {
        let (_, operation) = seen.target().split_once('.').unwrap();
        (operation.to_owned(), seen.json())
    };
    seen.iter().map(call).collect()
}

#[tokio::test]
async fn scalable_targets_of_several_services_are_one_call() {
    let target = |service: &str, min: u32| {
        json!({"ServiceNamespace": "ecs", "ResourceId": format!("service/main/{service}"),
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": min, "MaxCapacity": 9,
            "RoleARN": "arn:role", "CreationTime": 1.0,
            "SuspendedState": {"DynamicScalingInSuspended": true}})
    };
    let fake = Fake::script([reply(
        json!({"ScalableTargets": [target("a", 1), target("b", 2)]}),
    )])
    .await;
    let scaling = fake.ports().scaling;
    let (a, b, c) = (service("a"), service("b"), service("c"));
    let (a, b, c) = futures::join!(
        scaling.find_scalable_target(&a),
        scaling.find_scalable_target(&b),
        scaling.find_scalable_target(&c)
    );
    assert_eq!(
        (
            a.unwrap().unwrap().bounds.min,
            b.unwrap().unwrap().bounds.min
        ),
        (1, 2)
    );
    assert_eq!(c.unwrap(), None);
    let seen = fake.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0].target(),
        "AnyScaleFrontendService.DescribeScalableTargets"
    );
    assert_eq!(
        seen[0].json(),
        json!({"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount",
            "ResourceIds": ["service/main/a", "service/main/b", "service/main/c"]})
    );
}

/// Every kind of policy, and how AWS spells it.
fn policies() -> Vec<(Policy, Value)> {
    let tracking = |metric| TargetTracking {
        metric,
        target: 70.0,
        scale_out_cooldown: None,
        scale_in_cooldown: None,
        disable_scale_in: false,
    };
    let custom = CustomMetric {
        namespace: "App".to_owned(),
        name: "Busy".to_owned(),
        dimensions: BTreeMap::from([("Service".to_owned(), "web".to_owned())]),
        statistic: "Average".to_owned(),
        unit: Some("Percent".to_owned()),
    };
    let math = MetricMath {
        queries: vec![
            MetricQuery {
                id: "m1".to_owned(),
                source: MetricSource::Metric {
                    namespace: "AWS/SQS".to_owned(),
                    name: "ApproximateNumberOfMessagesVisible".to_owned(),
                    dimensions: BTreeMap::from([("QueueName".to_owned(), "jobs".to_owned())]),
                    statistic: "Sum".to_owned(),
                    period_seconds: 60,
                },
                returned: false,
            },
            MetricQuery {
                id: "e1".to_owned(),
                source: MetricSource::Expression("m1 / 2".to_owned()),
                returned: true,
            },
        ],
    };
    let predictive = |metric, on_breach| {
        Policy::Predictive(PredictiveScaling {
            mode: PredictiveMode::ForecastAndScale,
            metric,
            target: 60.0,
            scheduling_buffer: Some(300),
            on_breach,
        })
    };
    vec![
        (
            Policy::TargetTracking(TargetTracking {
                scale_out_cooldown: Some(60),
                scale_in_cooldown: Some(0),
                disable_scale_in: true,
                ..tracking(TrackedMetric::Predefined {
                    metric: PredefinedMetric::RequestsPerTarget,
                    resource_label: Some("app/lb/1/targetgroup/blue/2".to_owned()),
                })
            }),
            json!({"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 70.0, "ScaleOutCooldown": 60, "ScaleInCooldown": 0, "DisableScaleIn": true,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ALBRequestCountPerTarget",
                    "ResourceLabel": "app/lb/1/targetgroup/blue/2"}}}),
        ),
        (
            Policy::TargetTracking(tracking(TrackedMetric::Predefined {
                metric: PredefinedMetric::Unknown("NewMetric".to_owned()),
                resource_label: None,
            })),
            json!({"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 70.0, "DisableScaleIn": false,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "NewMetric"}}}),
        ),
        (
            Policy::TargetTracking(tracking(TrackedMetric::Custom(custom))),
            json!({"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 70.0, "DisableScaleIn": false,
                "CustomizedMetricSpecification": {"Namespace": "App", "MetricName": "Busy", "Statistic": "Average",
                    "Unit": "Percent", "Dimensions": [{"Name": "Service", "Value": "web"}]}}}),
        ),
        (
            Policy::TargetTracking(tracking(TrackedMetric::Math(math))),
            json!({"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 70.0, "DisableScaleIn": false,
                "CustomizedMetricSpecification": {"Metrics": [
                    {"Id": "m1", "ReturnData": false, "MetricStat": {"Stat": "Sum", "Metric": {
                        "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
                        "Dimensions": [{"Name": "QueueName", "Value": "jobs"}]}}},
                    {"Id": "e1", "ReturnData": true, "Expression": "m1 / 2"}]}}}),
        ),
        (
            Policy::Step(StepScaling {
                adjustment: AdjustmentType::Percent,
                steps: vec![
                    StepAdjustment {
                        lower: Some(0.0),
                        upper: Some(20.0),
                        by: 10,
                    },
                    StepAdjustment {
                        lower: Some(20.0),
                        upper: None,
                        by: -5,
                    },
                ],
                cooldown: Some(60),
                min_magnitude: Some(2),
                aggregation: Some(MetricAggregation::Maximum),
            }),
            json!({"PolicyType": "StepScaling", "StepScalingPolicyConfiguration": {
                "AdjustmentType": "PercentChangeInCapacity", "Cooldown": 60, "MinAdjustmentMagnitude": 2,
                "MetricAggregationType": "Maximum", "StepAdjustments": [
                    {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 20.0, "ScalingAdjustment": 10},
                    {"MetricIntervalLowerBound": 20.0, "ScalingAdjustment": -5}]}}),
        ),
        (
            predictive(
                PredictiveMetric::Cpu,
                Some(BreachBehavior::IncreaseMax { buffer: 10 }),
            ),
            json!({"PolicyType": "PredictiveScaling", "PredictiveScalingPolicyConfiguration": {
                "Mode": "ForecastAndScale", "SchedulingBufferTime": 300,
                "MaxCapacityBreachBehavior": "IncreaseMaxCapacity", "MaxCapacityBuffer": 10,
                "MetricSpecifications": [{"TargetValue": 60.0, "PredefinedMetricPairSpecification": {
                    "PredefinedMetricType": "ECSServiceCPUUtilization"}}]}}),
        ),
        (
            predictive(
                PredictiveMetric::Requests {
                    resource_label: "app/lb/1/targetgroup/blue/2".to_owned(),
                },
                Some(BreachBehavior::HonorMax),
            ),
            json!({"PolicyType": "PredictiveScaling", "PredictiveScalingPolicyConfiguration": {
                "Mode": "ForecastAndScale", "SchedulingBufferTime": 300,
                "MaxCapacityBreachBehavior": "HonorMaxCapacity",
                "MetricSpecifications": [{"TargetValue": 60.0, "PredefinedMetricPairSpecification": {
                    "PredefinedMetricType": "ALBRequestCount", "ResourceLabel": "app/lb/1/targetgroup/blue/2"}}]}}),
        ),
    ]
}

#[tokio::test]
async fn every_kind_of_policy_is_put_as_aws_spells_it() {
    for (policy, spelled) in policies() {
        let answer = json!({"PolicyARN": "arn:policy", "Alarms": [{"AlarmName": "high", "AlarmARN": "arn:high"}]});
        let fake = Fake::script([reply(answer)]).await;
        let put = fake
            .ports()
            .scaling
            .put_policy(&service("web"), "p", &policy)
            .await;
        let put = put.unwrap();
        assert_eq!((put.name.as_str(), put.arn.as_str()), ("p", "arn:policy"));
        assert_eq!(put.alarms, ["high"]);
        assert_eq!(put.policy, policy);
        let sent = with(with(target("web"), json!({"PolicyName": "p"})), spelled);
        assert_eq!(calls(&fake), [("PutScalingPolicy".to_owned(), sent)]);
    }
}

fn described(name: &str, of: &str, spelled: &Value) -> Value {
    let members = json!({"PolicyName": name, "PolicyARN": format!("arn:{name}"), "CreationTime": 1.0,
        "Alarms": [{"AlarmName": format!("{name}-high"), "AlarmARN": "arn:high"}]});
    with(with(target(of), members), spelled.clone())
}

#[tokio::test]
async fn every_kind_of_policy_is_read_as_it_was_put() {
    let policies = policies();
    let page: Vec<_> = policies
        .iter()
        .enumerate()
        .map(|(number, (_, spelled))| described(&format!("p{number}"), "web", spelled))
        .collect();
    let fake = Fake::script([reply(json!({"ScalingPolicies": page}))]).await;
    let found = fake
        .ports()
        .scaling
        .policies(&service("web"))
        .await
        .unwrap();
    assert_eq!(found.len(), policies.len());
    for (found, (policy, _)) in found.iter().zip(policies) {
        assert_eq!(found.policy, policy);
        assert_eq!(found.alarms, [format!("{}-high", found.name)]);
        assert_eq!(found.arn, format!("arn:{}", found.name));
    }
    assert_eq!(
        calls(&fake),
        [("DescribeScalingPolicies".to_owned(), target("web"))]
    );
}

#[tokio::test]
async fn what_this_build_does_not_know_of_a_policy_is_shown_and_never_sent() {
    let own_metric = json!({"PolicyType": "PredictiveScaling", "PredictiveScalingPolicyConfiguration": {
        "MetricSpecifications": [{"TargetValue": 1.0, "CustomizedLoadMetricSpecification": {"MetricDataQueries": []}}]}});
    let with_unit = json!({"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 1.0, "CustomizedMetricSpecification": {"Metrics": [{"Id": "m", "MetricStat": {
            "Stat": "Sum", "Unit": "Count", "Metric": {"Namespace": "A", "MetricName": "B"}}}]}}});
    let page = [
        described("a", "web", &json!({"PolicyType": "DreamScaling"})),
        described("b", "web", &own_metric),
        described("c", "web", &with_unit),
    ];
    let fake = Fake::script([reply(json!({"ScalingPolicies": page}))]).await;
    let scaling = fake.ports().scaling;
    let found = scaling.policies(&service("web")).await.unwrap();
    assert_eq!(found[0].policy, Policy::Unknown("DreamScaling".to_owned()));
    assert!(found[1].policy.unwritable().is_some());
    assert_eq!(
        found[2].policy,
        Policy::Unknown("TargetTrackingScaling".to_owned())
    );
    for found in found {
        let error = scaling
            .put_policy(&service("web"), "p", &found.policy)
            .await;
        assert_eq!(error.unwrap_err().kind, ErrorKind::Unexpected);
    }
    assert_eq!(fake.seen().len(), 1);
}

/// All services called `s0`, `s1`, … ask at once.
async fn ask_together(fake: &Fake, services: usize) -> Vec<Vec<String>> {
    let scaling = fake.ports().scaling;
    let names = (0..services).map(|number| format!("s{number}"));
    let reads = names.map(|name| {
        let scaling = scaling.clone();
        async move { scaling.policies(&service(&name)).await.unwrap() }
    });
    let found = futures::future::join_all(reads).await;
    let names = |found: Vec<switchyard_engine::ports::ScalingPolicy>| {
        found.into_iter().map(|policy| policy.name).collect()
    };
    found.into_iter().map(names).collect()
}

#[tokio::test]
async fn ten_services_are_asked_for_one_by_one() {
    let (_, spelled) = policies().remove(0);
    let fake = Fake::start(move |seen| {
        let input = seen.json();
        let id = input["ResourceId"].as_str().unwrap();
        let name = id.strip_prefix("service/main/").unwrap();
        reply(json!({"ScalingPolicies": [described(&format!("of-{name}"), name, &spelled)]}))
    })
    .await;
    let found = ask_together(&fake, 10).await;
    assert_eq!(fake.seen().len(), 10);
    for (number, found) in found.iter().enumerate() {
        assert_eq!(*found, [format!("of-s{number}")]);
    }
}

#[tokio::test]
async fn eleven_services_are_found_in_one_scan_over_pages() {
    let (_, spelled) = policies().remove(0);
    let page = |policies: &[(&str, &str)], next: Option<&str>| {
        let policies = policies
            .iter()
            .map(|(name, of)| described(name, of, &spelled));
        let policies: Vec<_> = policies.collect();
        reply(json!({"ScalingPolicies": policies, "NextToken": next}))
    };
    let fake = Fake::script([
        page(
            &[("z", "s3"), ("of-another", "unasked"), ("b", "s0")],
            Some("more"),
        ),
        page(&[("a", "s3")], Some("rest")),
        // AWS's last page may be empty.
        page(&[], None),
    ])
    .await;
    let found = ask_together(&fake, 11).await;
    assert_eq!(found[3], ["a", "z"]);
    assert_eq!(found[0], ["b"]);
    assert!(found.iter().skip(4).all(Vec::is_empty), "{found:?}");
    let scan = |token: Option<&str>| {
        let input = token.map_or(json!({}), |token| json!({"NextToken": token}));
        (
            "DescribeScalingPolicies".to_owned(),
            with(json!({"ServiceNamespace": "ecs"}), input),
        )
    };
    assert_eq!(
        calls(&fake),
        [scan(None), scan(Some("more")), scan(Some("rest"))]
    );
}

fn night() -> ScheduledAction {
    ScheduledAction {
        name: "night".to_owned(),
        arn: None,
        schedule: "cron(0 20 * * ? *)".to_owned(),
        timezone: Some("Europe/Berlin".to_owned()),
        start: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        end: None,
        min: Some(0),
        max: None,
        created: None,
    }
}

#[tokio::test]
async fn schedules_are_put_and_read() {
    let shown = with(
        target("web"),
        json!({"ScheduledActionName": "night", "ScheduledActionARN": "arn:night", "Schedule": "cron(0 20 * * ? *)",
            "Timezone": "Europe/Berlin", "StartTime": 1_767_225_600.0, "CreationTime": 1_767_139_200.123_f64,
            "ScalableTargetAction": {"MinCapacity": 0}}),
    );
    let fake = Fake::script([
        reply(json!({})),
        reply(json!({"ScheduledActions": [shown]})),
    ])
    .await;
    let scaling = fake.ports().scaling;
    scaling
        .put_scheduled_action(&service("web"), &night())
        .await
        .unwrap();
    let found = scaling.scheduled_actions(&service("web")).await.unwrap();
    let expected = ScheduledAction {
        arn: Some("arn:night".to_owned()),
        created: Some("2025-12-31T00:00:00.123Z".parse().unwrap()),
        ..night()
    };
    assert_eq!(found, [expected]);
    let sent = json!({"ScheduledActionName": "night", "Schedule": "cron(0 20 * * ? *)", "Timezone": "Europe/Berlin",
        "StartTime": 1_767_225_600, "ScalableTargetAction": {"MinCapacity": 0}});
    assert_eq!(
        calls(&fake),
        [
            ("PutScheduledAction".to_owned(), with(target("web"), sent)),
            ("DescribeScheduledActions".to_owned(), target("web")),
        ]
    );
}

#[tokio::test]
async fn schedules_of_many_services_are_one_scan() {
    let action = |of: &str| {
        with(
            target(of),
            json!({"ScheduledActionName": "night", "ScheduledActionARN": "arn", "Schedule": "rate(1 day)",
                "CreationTime": 1.0}),
        )
    };
    let fake = Fake::script([
        reply(json!({"ScheduledActions": [action("s1")], "NextToken": "more"})),
        reply(json!({"ScheduledActions": [action("s2")], "NextToken": ""})),
    ])
    .await;
    let scaling = fake.ports().scaling;
    let reads = (0..11).map(|number| {
        let scaling = scaling.clone();
        async move {
            scaling
                .scheduled_actions(&service(&format!("s{number}")))
                .await
        }
    });
    let found = futures::future::join_all(reads).await;
    let counts: Vec<_> = found
        .into_iter()
        .map(|found| found.unwrap().len())
        .collect();
    assert_eq!(counts, [0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn activities_come_newest_first_with_the_reasons_for_not_scaling() {
    let activity = |started: f64, members| {
        with(
            with(
                target("web"),
                json!({"ActivityId": "a", "Description": "Setting desired count to 4.",
                "Cause": "monitor alarm", "StartTime": started}),
            ),
            members,
        )
    };
    let fake = Fake::script([reply(json!({"ScalingActivities": [
        activity(60.0, json!({"StatusCode": "Successful", "EndTime": 90.0})),
        activity(120.0, json!({"StatusCode": "Dreaming", "StatusMessage": "Failed to set.", "NotScaledReasons": [
            {"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 4, "CurrentCapacity": 4}]})),
    ]}))])
    .await;
    let found = fake
        .ports()
        .scaling
        .activities(&service("web"))
        .await
        .unwrap();
    assert_eq!(
        found[0].status,
        ActivityStatus::Unknown("Dreaming".to_owned())
    );
    assert_eq!(found[0].message.as_deref(), Some("Failed to set."));
    assert_eq!(
        found[0].not_scaled,
        [NotScaledReason {
            code: "AlreadyAtMaxCapacity".to_owned(),
            max: Some(4),
            min: None,
            current: Some(4)
        }]
    );
    assert_eq!(found[1].status, ActivityStatus::Successful);
    assert_eq!(
        found[1].ended,
        Some("1970-01-01T00:01:30Z".parse().unwrap())
    );
    let asked = with(
        target("web"),
        json!({"IncludeNotScaledActivities": true, "MaxResults": 50}),
    );
    assert_eq!(
        calls(&fake),
        [("DescribeScalingActivities".to_owned(), asked)]
    );
}

#[tokio::test]
async fn a_target_is_registered_with_what_is_said_and_nothing_else() {
    let fake = Fake::start(|_| reply(json!({}))).await;
    let scaling = fake.ports().scaling;
    let change = TargetChange {
        bounds: Some(Bounds { min: 2, max: 10 }),
        suspended: None,
        tags: BTreeMap::from([("team".to_owned(), "shop".to_owned())]),
    };
    scaling
        .register_target(&service("web"), &change)
        .await
        .unwrap();
    let scheduled = SuspendedState {
        scheduled: true,
        ..SuspendedState::default()
    };
    scaling
        .set_suspended(&service("web"), scheduled)
        .await
        .unwrap();
    let register = |input| {
        (
            "RegisterScalableTarget".to_owned(),
            with(target("web"), input),
        )
    };
    assert_eq!(
        calls(&fake),
        [
            register(json!({"MinCapacity": 2, "MaxCapacity": 10, "Tags": {"team": "shop"}})),
            register(
                json!({"SuspendedState": {"DynamicScalingInSuspended": false,
                "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": true}})
            ),
        ]
    );
}

#[tokio::test]
async fn tags_are_removed_before_they_are_added() {
    let fake = Fake::start(
        |seen| match seen.target().ends_with("ListTagsForResource") {
            true => reply(json!({"Tags": {"team": "shop"}})),
            false => reply(json!({})),
        },
    )
    .await;
    let scaling = fake.ports().scaling;
    let team = BTreeMap::from([("team".to_owned(), "shop".to_owned())]);
    assert_eq!(scaling.target_tags("arn:target").await.unwrap(), team);
    scaling
        .tag_target("arn:target", &team, &["old".to_owned()])
        .await
        .unwrap();
    scaling
        .tag_target("arn:target", &BTreeMap::new(), &[])
        .await
        .unwrap();
    let call = |operation: &str, input| {
        (
            operation.to_owned(),
            with(json!({"ResourceARN": "arn:target"}), input),
        )
    };
    assert_eq!(
        calls(&fake),
        [
            call("ListTagsForResource", json!({})),
            call("UntagResource", json!({"TagKeys": ["old"]})),
            call("TagResource", json!({"Tags": {"team": "shop"}})),
        ]
    );
}

#[tokio::test]
async fn deleting_what_is_absent_is_fine_and_being_refused_is_not() {
    for (answer, kind) in [
        (reply(json!({})), None),
        (
            json_error(400, "ObjectNotFoundException", "No scaling policy found."),
            None,
        ),
        (
            json_error(400, "AccessDeniedException", "no"),
            Some(ErrorKind::Denied),
        ),
    ] {
        let fake = Fake::start(move |_| answer.clone()).await;
        let scaling = fake.ports().scaling;
        let web = service("web");
        let kinds = [
            scaling
                .delete_policy(&web, "p")
                .await
                .err()
                .map(|error| error.kind),
            scaling
                .delete_scheduled_action(&web, "n")
                .await
                .err()
                .map(|error| error.kind),
            scaling
                .deregister_target(&web)
                .await
                .err()
                .map(|error| error.kind),
        ];
        assert_eq!(kinds, [kind; 3]);
        assert_eq!(
            calls(&fake),
            [
                (
                    "DeleteScalingPolicy".to_owned(),
                    with(target("web"), json!({"PolicyName": "p"}))
                ),
                (
                    "DeleteScheduledAction".to_owned(),
                    with(target("web"), json!({"ScheduledActionName": "n"}))
                ),
                ("DeregisterScalableTarget".to_owned(), target("web")),
            ]
        );
    }
}

#[tokio::test]
async fn a_write_refused_because_of_another_one_is_sent_again() {
    for code in [
        "ConcurrentUpdateException",
        "com.amazonaws#ConcurrentUpdateException",
    ] {
        let crossed = move || json_error(400, code, "There is already a pending update.");
        let fake = Fake::script([crossed(), reply(json!({})), crossed(), crossed()]).await;
        let mut config = fake.config();
        config.max_retries = Some(1);
        let scaling = crate::fake::ports(config).scaling;
        let web = service("web");
        scaling.deregister_target(&web).await.unwrap();
        assert_eq!(fake.seen().len(), 2);
        let error = scaling
            .put_scheduled_action(&web, &night())
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert_eq!(fake.seen().len(), 4);
    }
    // The words alone, in somebody's message, are no reason.
    let fake = Fake::start(|_| {
        json_error(
            400,
            "ValidationException",
            "not a ConcurrentUpdateException",
        )
    })
    .await;
    let mut config = fake.config();
    config.max_retries = Some(1);
    let scaling = crate::fake::ports(config).scaling;
    scaling
        .delete_policy(&service("web"), "p")
        .await
        .unwrap_err();
    assert_eq!(fake.seen().len(), 1);
}

/// What a plan can do without does not hold it up.
#[tokio::test]
async fn a_glance_at_a_target_is_one_call() {
    for (status, code) in [
        (500, "InternalServiceException"),
        (400, "ThrottlingException"),
    ] {
        let fake = Fake::start(move |_| json_error(status, code, "not now")).await;
        let scaling = fake.patient_ports().scaling;
        let error = scaling.glance_at_scalable_target(&service("a")).await;
        assert!(error.unwrap_err().kind.is_transient(), "{code}");
        assert_eq!(fake.seen().len(), 1, "{code}");
    }
}
