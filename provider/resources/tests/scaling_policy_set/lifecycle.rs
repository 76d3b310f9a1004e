//! From creation to destruction, and what happens in between behind Terraform's back.

use std::time::Duration;

use serde_json::json;
use switchyard_world::Service;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, blocks, burst, config, map, night, object, sound};

/// Planning the same again changes nothing and says nothing.
async fn is_settled(terraform: &Terraform, config: &Value) {
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.planned, plan.prior);
}

/// Applies after a change of others, which its refresh warns about.
async fn put_right(terraform: &Terraform, config: &Value) {
    let outcome = terraform.apply(WEB, config.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
}

fn tracker(metric: &str, target: i64) -> Value {
    object! { metric: metric, target_value: target }
}

/// Every kind of policy there is.
fn everything() -> Value {
    let queue = object! { queue_backlog: object! { queue_name: "jobs" }, target_value: 10, scale_in_cooldown: "10m" };
    let custom = object! {
        custom_metric: object! {
            namespace: "App", metric_name: "Busy", dimensions: map! { "Pool" => "a" }, statistic: "Maximum", unit: "Percent",
        },
        target_value: 55,
        disable_scale_in: true,
    };
    let metric = |id: &str, name: &str| object! { id: id, namespace: "App", metric_name: name, statistic: "Sum" };
    let math = object! {
        metric_math: object! {
            expression: "m1 / m2", metric: Value::set([metric("m1", "Work"), metric("m2", "Hands")]),
        },
        target_value: 3,
    };
    let requests = of_requests();
    config()
        .with_attribute(
            "target_tracking",
            blocks! {
                "cpu" => tracker("cpu", 70),
                "memory" => tracker("memory", 80),
                "queue" => queue,
                "custom" => custom,
                "math" => math,
                "requests" => requests,
            },
        )
        .with_attribute("step", blocks! { "burst" => burst() })
        .with_attribute("predictive", forecasts())
        .with_attribute(
            "scheduled_action",
            blocks! {
                "night" => night().with_attribute("end_time", "2090-01-01T00:00:00Z"),
                "morning" => object! { schedule: "cron(0 6 * * ? *)", timezone: "Europe/Berlin", min_capacity: 2, max_capacity: 10 },
            },
        )
        .with_attribute("tags", map! { "team" => "shop" })
}

/// Of a metric of the service, and of requests; one within the upper bound, and one beyond it.
fn forecasts() -> Value {
    let ahead = object! {
        mode: "ForecastAndScale", metric: "cpu", target_value: 60, scheduling_buffer: "10m",
        max_capacity_breach_behavior: "IncreaseMaxCapacity", max_capacity_buffer: 10,
    };
    blocks! { "ahead" => ahead, "rush" => of_requests() }
}

fn of_requests() -> Value {
    object! {
        metric: "requests_per_target",
        target_value: 900,
        load_balancer_arn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0123456789abcdef",
        target_group_arn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef",
    }
}

const ALARM: &str = "switchyard-main-web-burst";

#[tokio::test]
async fn everything_is_made_settled_and_taken_away() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let state = sound(terraform.apply(WEB, everything()).await);
    assert_eq!(state.attribute("id").as_str(), Some("main/web"));
    assert_eq!(account.bounds(), Some((2, 10)));
    assert_eq!(
        account.policies(),
        [
            "ahead", "burst", "cpu", "custom", "math", "memory", "queue", "requests", "rush"
        ]
    );
    assert_eq!(account.alarms("switchyard-"), [ALARM]);
    is_settled(&terraform, &everything()).await;
    let gone = terraform.destroy(WEB).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    assert_eq!(account.bounds(), None);
    assert!(account.alarms("switchyard-").is_empty());
}

#[tokio::test]
async fn an_update_changes_what_differs_and_removes_what_is_gone() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, everything()).await);
    let less = config()
        .with_attribute("max_capacity", 12)
        .with_attribute("target_tracking", blocks! { "cpu" => tracker("cpu", 60) });
    let plan = terraform.plan(WEB, less.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    let state = sound(terraform.apply(WEB, less.clone()).await);
    assert_eq!(account.policies(), ["cpu"]);
    assert_eq!(account.bounds(), Some((2, 12)));
    assert!(account.alarms("switchyard-").is_empty());
    assert_eq!(state.attribute("step"), &Value::Set(Vec::new()));
    is_settled(&terraform, &less).await;
}

#[tokio::test]
async fn a_target_that_differs_leaves_the_computed_values_in_peace() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config()).await);
    let next = config().with_attribute("target_tracking", blocks! { "cpu" => tracker("cpu", 60) });
    let plan = terraform.plan(WEB, next).await;
    for name in ["id", "arn", "policy_arns", "bounds_now", "tags_all"] {
        assert_eq!(plan.attribute(name), plan.prior.attribute(name), "{name}");
    }
}

#[tokio::test]
async fn a_forecast_changes_in_place_and_is_planned_back() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let with = |entry: Value| config().with_attribute("predictive", blocks! { "daily" => entry });
    let daily = object! { metric: "memory", target_value: 60 };
    sound(terraform.apply(WEB, with(daily.clone())).await);
    is_settled(
        &terraform,
        &with(daily.clone().with_attribute("scheduling_buffer", "300s")),
    )
    .await;
    let acting = with(daily.with_attribute("mode", "ForecastAndScale"));
    sound(terraform.apply(WEB, acting.clone()).await);
    let shown = account.scaling("DescribeScalingPolicies", json!({}));
    let found = shown["ScalingPolicies"].as_array().unwrap().iter();
    let modes: Vec<_> = found
        .filter_map(|policy| policy.pointer("/PredictiveScalingPolicyConfiguration/Mode"))
        .collect();
    assert_eq!(modes, ["ForecastAndScale"]);
    account.scaling("DeleteScalingPolicy", json!({ "PolicyName": "daily" }));
    let plan = terraform.plan(WEB, acting.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.prior.attribute("predictive"), &Value::Set(Vec::new()));
    put_right(&terraform, &acting).await;
    is_settled(&terraform, &acting).await;
    sound(terraform.apply(WEB, config()).await);
    assert_eq!(account.policies(), ["cpu"]);
}

#[tokio::test]
async fn a_bound_that_a_forecast_has_raised_stays_until_another_one_is_wanted() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, everything()).await);
    account.scaling("RegisterScalableTarget", json!({ "MaxCapacity": 14 }));
    is_settled(&terraform, &everything()).await;
    let tagged = everything().with_attribute("tags", map! { "team" => "night" });
    sound(terraform.apply(WEB, tagged).await);
    assert_eq!(account.bounds(), Some((2, 14)));
    let lower = everything().with_attribute("max_capacity", 8);
    sound(terraform.apply(WEB, lower.clone()).await);
    assert_eq!(account.bounds(), Some((2, 8)));
    is_settled(&terraform, &lower).await;
    // The lower bound is nothing that a forecast changes.
    account.scaling("RegisterScalableTarget", json!({ "MinCapacity": 3 }));
    let plan = terraform.plan(WEB, lower).await;
    assert_eq!(plan.prior.attribute("min_capacity"), &Value::from(3));
}

#[tokio::test]
async fn what_others_changed_is_planned_back() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, everything()).await);
    account.scaling(
        "RegisterScalableTarget",
        json!({ "MinCapacity": 5, "MaxCapacity": 50 }),
    );
    account.scaling("DeleteScalingPolicy", json!({ "PolicyName": "memory" }));
    account.call(
        Service::CloudWatch,
        "DeleteAlarms",
        json!({ "AlarmNames": [ALARM] }),
    );
    let plan = terraform.plan(WEB, everything()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.prior.attribute("max_capacity"), &Value::from(50));
    put_right(&terraform, &everything()).await;
    assert_eq!(account.bounds(), Some((2, 10)));
    assert_eq!(account.policies().len(), 9);
    assert_eq!(account.alarms("switchyard-"), [ALARM]);
    is_settled(&terraform, &everything()).await;
}

#[tokio::test]
async fn inside_and_outside_a_window_plans_are_empty_and_applies_keep_the_window() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, everything()).await);
    let mut seen = Vec::new();
    for _ in 0..24 {
        account.world.advance(Duration::from_secs(3600));
        is_settled(&terraform, &everything()).await;
        seen.extend(account.bounds());
    }
    assert!(
        seen.contains(&(1, 2)) && seen.contains(&(2, 10)),
        "{seen:?}"
    );
    while account.bounds() != Some((1, 2)) {
        account.world.advance(Duration::from_secs(3600));
    }
    let more = everything().with_attribute("tags", map! { "team" => "night" });
    let state = sound(terraform.apply(WEB, more.clone()).await);
    assert_eq!(state.attribute("min_capacity"), &Value::from(2));
    assert_eq!(
        account.bounds(),
        Some((1, 2)),
        "the apply has ended the window"
    );
    is_settled(&terraform, &more).await;
}

#[tokio::test]
async fn an_import_plans_empty_inside_a_window_too() {
    let account = Account::new();
    sound(account.terraform().await.apply(WEB, everything()).await);
    let requests = [
        ImportRequest::Id("main/web".to_owned()),
        ImportRequest::Identity(object! { cluster: "main", service: "web" }),
    ];
    for is_night in [false, true] {
        while is_night && account.bounds() != Some((1, 2)) {
            account.world.advance(Duration::from_secs(3600));
        }
        for request in requests.clone() {
            let terraform = account.terraform().await;
            let imported = terraform.import(WEB, request).await;
            assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
            is_settled(&terraform, &everything()).await;
        }
    }
}

#[tokio::test]
async fn other_spellings_of_one_time_are_no_change() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config()).await);
    let cpu = tracker("cpu", 70).with_attribute("scale_in_cooldown", "300s");
    let spelled = config().with_attribute("target_tracking", blocks! { "cpu" => cpu });
    is_settled(&terraform, &spelled).await;
}

#[tokio::test]
async fn scaling_of_others_is_reported_refused_adopted_or_removed() {
    let account = Account::new();
    account.scaling(
        "RegisterScalableTarget",
        json!({ "MinCapacity": 1, "MaxCapacity": 3 }),
    );
    account.foreign_policy("theirs");
    let terraform = account.terraform().await;
    let refused = terraform.apply(WEB, config()).await;
    assert!(
        refused.diagnostics.to_string().contains("SY0141"),
        "{}",
        refused.diagnostics
    );
    assert_eq!(account.bounds(), Some((1, 3)));

    let adopted = config().with_attribute("unmanaged", "adopt");
    let outcome = terraform.apply(WEB, adopted.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(account.policies(), ["cpu", "theirs"]);
    let plan = terraform.plan(WEB, adopted).await;
    assert_eq!(plan.planned, plan.prior);
    assert!(
        plan.diagnostics.to_string().contains("theirs"),
        "{}",
        plan.diagnostics
    );

    let removed = config().with_attribute("unmanaged", "remove");
    let outcome = terraform.apply(WEB, removed.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(account.policies(), ["cpu"]);
    is_settled(&terraform, &removed).await;
}

#[tokio::test]
async fn schedules_of_others_are_adopted_by_name_and_removed_when_asked() {
    let account = Account::new();
    let theirs = |name: &str| {
        json!({
            "ScheduledActionName": name, "Schedule": "cron(0 3 * * ? *)",
            "ScalableTargetAction": { "MinCapacity": 9 },
        })
    };
    account.scaling(
        "RegisterScalableTarget",
        json!({ "MinCapacity": 1, "MaxCapacity": 9 }),
    );
    account.scaling("PutScheduledAction", theirs("night"));
    account.scaling("PutScheduledAction", theirs("theirs"));
    let names = || -> Vec<String> {
        let found = account.scaling("DescribeScheduledActions", json!({}));
        let found = found["ScheduledActions"].as_array().unwrap().clone();
        let mut names: Vec<String> = found
            .iter()
            .map(|action| action["ScheduledActionName"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let terraform = account.terraform().await;
    let adopted = config()
        .with_attribute("scheduled_action", blocks! { "night" => night() })
        .with_attribute("unmanaged", "adopt");
    let outcome = terraform.apply(WEB, adopted.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let said = outcome.diagnostics.to_string();
    assert!(said.contains("schedules `theirs`"), "{said}");
    assert_eq!(names(), ["night", "theirs"]);
    let shown = account.scaling("DescribeScheduledActions", json!({}));
    assert!(shown.to_string().contains("cron(0 20 * * ? *)"), "{shown}");
    let removed = adopted.with_attribute("unmanaged", "remove");
    let outcome = terraform.apply(WEB, removed.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(names(), ["night"]);
    is_settled(&terraform, &removed).await;
}

#[tokio::test]
async fn a_destroy_leaves_what_others_made_and_says_so() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config()).await);
    account.foreign_policy("theirs");
    let gone = terraform.destroy(WEB).await;
    let said = gone.diagnostics.to_string();
    assert!(!gone.diagnostics.has_errors(), "{said}");
    assert!(said.contains("still scaled by others"), "{said}");
    assert_eq!(account.policies(), ["theirs"]);
    assert_eq!(account.bounds(), Some((2, 10)));
}

#[tokio::test]
async fn requests_of_one_target_group_are_refused_where_the_service_moves_between_two() {
    let account = Account::new();
    account.call(
        Service::Ecs,
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "moving", "desiredCount": 2,
            "deploymentController": { "type": "EXTERNAL" },
        }),
    );
    let terraform = account.terraform().await;
    let moving = config().with_attribute("service", "moving");
    let requests = of_requests();
    let tracked = requests.clone();
    for (wanted, policy) in [
        (
            moving
                .clone()
                .with_attribute("target_tracking", blocks! { "busy" => tracked }),
            "busy",
        ),
        (
            moving
                .clone()
                .with_attribute("predictive", blocks! { "rush" => requests }),
            "rush",
        ),
    ] {
        let refused = terraform.plan(WEB, wanted.clone()).await;
        let said = refused.diagnostics.to_string();
        let expected = format!("Policy `{policy}` counts the requests of one target group");
        assert!(
            said.contains(&expected) && said.contains("Rule SY0144."),
            "{said}"
        );
        // The same is fine for a service that stays where it is.
        let plan = terraform
            .plan(WEB, wanted.with_attribute("service", "web"))
            .await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    }
    let plan = terraform.plan(WEB, moving).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
}

#[tokio::test]
async fn a_target_deleted_elsewhere_is_made_again() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config()).await);
    account.scaling("DeregisterScalableTarget", json!({}));
    let plan = terraform.plan(WEB, config()).await;
    assert_eq!(plan.action, PlannedAction::Create);
    sound(terraform.apply(WEB, config()).await);
    is_settled(&terraform, &config()).await;
}

#[tokio::test]
async fn without_a_service_nothing_is_recorded() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let absent = config().with_attribute("service", "absent");
    // The same apply may make it first.
    let plan = terraform.plan(WEB, absent.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    let outcome = terraform.apply(WEB, absent).await;
    assert!(outcome.diagnostics.has_errors());
    assert_eq!(outcome.state, None);
}

/// A `dynamic` block whose `for_each` is known after apply only.
#[tokio::test]
async fn blocks_of_which_nobody_knows_yet_how_many_there_are_wait_for_the_apply() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let whole = everything();
    for kind in ["target_tracking", "step", "predictive", "scheduled_action"] {
        let during_plan = whole.clone().with_attribute(kind, Value::unknown());
        let plan = terraform.plan(WEB, during_plan.clone()).await;
        assert!(plan.diagnostics.is_empty(), "{kind}: {}", plan.diagnostics);
        assert!(plan.attribute(kind).is_unknown(), "{kind}");
        sound(
            terraform
                .apply_learning(WEB, during_plan, whole.clone())
                .await,
        );
        is_settled(&terraform, &whole).await;
    }
}

#[tokio::test]
async fn an_identity_is_planned_when_the_cluster_and_the_service_are_known() {
    let terraform = Account::new().terraform().await;
    for name in ["cluster", "service"] {
        let during_plan = config().with_attribute(name, Value::unknown());
        let plan = terraform.plan(WEB, during_plan).await;
        assert!(plan.diagnostics.is_empty(), "{name}: {}", plan.diagnostics);
        assert_eq!(plan.identity(), None, "{name}");
    }
    let plan = terraform.plan(WEB, config()).await;
    assert_eq!(
        plan.identity(),
        Some(&object! { cluster: "main", service: "web", region: "eu-west-1" })
    );
}
