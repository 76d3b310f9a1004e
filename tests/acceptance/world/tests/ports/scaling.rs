//! Scalable targets, policies, scheduled actions and what was scaled, put and read back.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use switchyard_engine::ports::{
    ActivityStatus, AdjustmentType, Bounds, BreachBehavior, CustomMetric, ErrorKind,
    MetricAggregation, MetricMath, MetricQuery, MetricSource, Policy, PredefinedMetric,
    PredictiveMetric, PredictiveMode, PredictiveScaling, ScheduledAction, StepAdjustment,
    StepScaling, SuspendedState, TargetChange, TargetTracking, TrackedMetric,
};

use crate::site::{Site, service};

fn one(key: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(key.to_owned(), value.to_owned())])
}

/// A service with a scalable target of 2 to 4 tasks.
async fn registered() -> Site {
    let site = Site::new();
    site.serve("v1", json!({ "strategy": "ROLLING" }));
    let change = TargetChange {
        bounds: Some(Bounds { min: 2, max: 4 }),
        suspended: None,
        tags: one("team", "shop"),
    };
    let scaling = &site.ports.scaling;
    scaling.register_target(&service(), &change).await.unwrap();
    site
}

fn tracking(metric: TrackedMetric) -> Policy {
    Policy::TargetTracking(TargetTracking {
        metric,
        target: 70.5,
        scale_out_cooldown: Some(60),
        scale_in_cooldown: None,
        disable_scale_in: true,
    })
}

fn predefined(metric: PredefinedMetric) -> TrackedMetric {
    TrackedMetric::Predefined {
        metric,
        resource_label: None,
    }
}

fn step() -> Policy {
    Policy::Step(StepScaling {
        adjustment: AdjustmentType::Percent,
        steps: vec![
            StepAdjustment {
                lower: Some(0.0),
                upper: Some(20.0),
                by: 2,
            },
            StepAdjustment {
                lower: Some(20.0),
                upper: None,
                by: -5,
            },
        ],
        cooldown: Some(90),
        min_magnitude: Some(2),
        aggregation: Some(MetricAggregation::Maximum),
    })
}

fn every_kind() -> BTreeMap<&'static str, Policy> {
    let metric = MetricQuery {
        id: "m1".to_owned(),
        source: MetricSource::Metric {
            namespace: "AWS/SQS".to_owned(),
            name: "ApproximateNumberOfMessagesVisible".to_owned(),
            dimensions: one("QueueName", "jobs"),
            statistic: "Sum".to_owned(),
            period_seconds: 60,
        },
        returned: false,
    };
    let expression = MetricQuery {
        id: "e1".to_owned(),
        source: MetricSource::Expression("m1 / 2".to_owned()),
        returned: true,
    };
    let custom = CustomMetric {
        namespace: "App".to_owned(),
        name: "Busy".to_owned(),
        dimensions: one("Pool", "a"),
        statistic: "Average".to_owned(),
        unit: Some("Percent".to_owned()),
    };
    let predictive = PredictiveScaling {
        mode: PredictiveMode::ForecastAndScale,
        metric: PredictiveMetric::Requests {
            resource_label: "app/lb/1/targetgroup/a/2".to_owned(),
        },
        target: 60.0,
        scheduling_buffer: Some(300),
        on_breach: Some(BreachBehavior::IncreaseMax { buffer: 10 }),
    };
    BTreeMap::from([
        ("cpu", tracking(predefined(PredefinedMetric::Cpu))),
        ("custom", tracking(TrackedMetric::Custom(custom))),
        ("daily", Policy::Predictive(predictive)),
        (
            "math",
            tracking(TrackedMetric::Math(MetricMath {
                queries: vec![metric, expression],
            })),
        ),
        ("step", step()),
    ])
}

#[tokio::test]
async fn every_kind_of_policy_is_read_as_it_was_put() {
    let site = registered().await;
    let scaling = &site.ports.scaling;
    for (name, policy) in every_kind() {
        let put = scaling.put_policy(&service(), name, &policy).await.unwrap();
        assert_eq!((put.name.as_str(), &put.policy), (name, &policy));
        assert!(put.arn.ends_with(&format!(":policyName/{name}")));
        let tracks = matches!(policy, Policy::TargetTracking(_));
        assert_eq!(!put.alarms.is_empty(), tracks, "{name}: {:?}", put.alarms);
    }
    let found = scaling.policies(&service()).await.unwrap();
    let found: BTreeMap<_, _> = found
        .iter()
        .map(|policy| (policy.name.as_str(), policy.policy.clone()))
        .collect();
    assert_eq!(found, every_kind());

    scaling.delete_policy(&service(), "cpu").await.unwrap();
    scaling.delete_policy(&service(), "cpu").await.unwrap();
    assert_eq!(scaling.policies(&service()).await.unwrap().len(), 4);
}

#[tokio::test]
async fn policies_are_read_over_pages_by_name() {
    let site = registered().await;
    let scaling = &site.ports.scaling;
    for number in (0..23).rev() {
        let name = format!("step-{number:02}");
        let put = scaling.put_policy(&service(), &name, &step()).await;
        put.unwrap();
    }
    let found = scaling.policies(&service()).await.unwrap();
    let names: Vec<_> = found.iter().map(|policy| policy.name.clone()).collect();
    let all: Vec<_> = (0..23).map(|number| format!("step-{number:02}")).collect();
    assert_eq!(names, all);
}

#[tokio::test]
async fn an_unknown_policy_is_never_sent() {
    let site = registered().await;
    let policy = Policy::Unknown("QuantumScaling".to_owned());
    let put = site
        .ports
        .scaling
        .put_policy(&service(), "q", &policy)
        .await;
    let error = put.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unexpected);
    assert!(error.message.contains("QuantumScaling"), "{error}");
    let found = site.ports.scaling.policies(&service()).await.unwrap();
    assert_eq!(found, []);
}

#[tokio::test]
async fn scheduled_actions_are_read_as_they_were_put() {
    let site = registered().await;
    let scaling = &site.ports.scaling;
    let now = site.ports.clock.now();
    let moment = |seconds: i64| Timestamp::from_second(now.as_second() + seconds).unwrap();
    let night = ScheduledAction {
        name: "night".to_owned(),
        arn: None,
        schedule: "cron(0 20 * * ? *)".to_owned(),
        timezone: Some("Europe/Berlin".to_owned()),
        start: Some(moment(60)),
        end: Some(moment(86_400)),
        min: Some(1),
        max: None,
        created: None,
    };
    let day = ScheduledAction {
        name: "day".to_owned(),
        timezone: None,
        start: None,
        end: None,
        max: Some(9),
        ..night.clone()
    };
    for action in [&night, &day] {
        let put = scaling.put_scheduled_action(&service(), action).await;
        put.unwrap();
    }
    let found = scaling.scheduled_actions(&service()).await.unwrap();
    for (found, put) in found.iter().zip([&day, &night]) {
        assert!(found.arn.is_some() && found.created.is_some());
        let bare = ScheduledAction {
            arn: None,
            created: None,
            ..found.clone()
        };
        assert_eq!(&bare, put);
    }
    for _ in 0..2 {
        let deleted = scaling.delete_scheduled_action(&service(), "night").await;
        deleted.unwrap();
    }
    assert_eq!(
        scaling.scheduled_actions(&service()).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_target_is_registered_tagged_changed_and_deregistered() {
    let site = registered().await;
    let scaling = &site.ports.scaling;
    let target = scaling.find_scalable_target(&service()).await.unwrap();
    let target = target.unwrap();
    let arn = target.arn.unwrap();
    assert_eq!(target.bounds, Bounds { min: 2, max: 4 });
    assert_eq!(
        scaling.target_tags(&arn).await.unwrap(),
        one("team", "shop")
    );
    let remove = ["team".to_owned()];
    let changed = scaling
        .tag_target(&arn, &one("stage", "live"), &remove)
        .await;
    changed.unwrap();
    assert_eq!(
        scaling.target_tags(&arn).await.unwrap(),
        one("stage", "live")
    );

    let suspended = SuspendedState {
        scale_in: true,
        scale_out: false,
        scheduled: true,
    };
    let change = TargetChange {
        bounds: None,
        suspended: Some(suspended),
        tags: BTreeMap::new(),
    };
    scaling.register_target(&service(), &change).await.unwrap();
    let target = scaling.find_scalable_target(&service()).await.unwrap();
    let target = target.unwrap();
    assert_eq!(
        (target.bounds, target.suspended),
        (Bounds { min: 2, max: 4 }, suspended)
    );

    scaling.deregister_target(&service()).await.unwrap();
    scaling.deregister_target(&service()).await.unwrap();
    assert_eq!(
        scaling.find_scalable_target(&service()).await.unwrap(),
        None
    );
    let error = scaling.target_tags(&arn).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn the_latest_activity_comes_first() {
    let site = registered().await;
    let scaling = &site.ports.scaling;
    for min in [3, 4] {
        site.ports.clock.sleep(Duration::from_secs(600)).await;
        let change = TargetChange {
            bounds: Some(Bounds { min, max: 4 }),
            ..TargetChange::default()
        };
        scaling.register_target(&service(), &change).await.unwrap();
    }
    let found = scaling.activities(&service()).await.unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].description, "Setting desired count to 4.");
    assert_eq!(found[0].status, ActivityStatus::InProgress);
    assert_eq!(found[1].status, ActivityStatus::Successful);
    assert!(found[1].ended.unwrap() > found[1].started);
    assert!(found[0].started > found[1].started);
}
