//! A set of alarms from creation to destruction.

use serde_json::json;
use switchyard_support::intercept::Intercept;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{ALARMS, Account, alarms, configured, is_settled, object, sound, tags};

const ALL: [&str; 10] = [
    "shop-cpu-warning",
    "shop-errors-critical",
    "shop-errors-warning",
    "shop-latency-critical",
    "shop-latency-warning",
    "shop-load-balancer-errors-critical",
    "shop-load-balancer-errors-warning",
    "shop-memory-warning",
    "shop-unavailable-critical",
    "shop-unhealthy",
];

/// An entry of a map.
#[track_caller]
fn entry(map: &Value, key: &str) -> Value {
    let Value::Map(entries) = map.inner() else {
        panic!("{map:?} is no map");
    };
    entries[key].clone()
}

#[tokio::test]
async fn the_alarms_are_in_the_plan_and_then_in_cloudwatch() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plan = terraform.plan(ALARMS, alarms()).await;
    let planned = entry(plan.attribute("alarms"), "errors-critical");
    assert_eq!(planned.attribute("threshold"), &Value::from(10));
    assert_eq!(planned.attribute("tier"), &Value::from("critical"));
    assert_eq!(
        plan.attribute("unhealthy_alarm"),
        &Value::from("shop-unhealthy")
    );
    assert!(account.names().is_empty());
    let state = sound(terraform.apply(ALARMS, alarms()).await);
    assert_eq!(account.names(), ALL);
    let arn = account.alarm("shop-unhealthy")["AlarmArn"].clone();
    assert_eq!(
        entry(state.attribute("arns"), "unhealthy").as_str(),
        arn.as_str()
    );
    assert_eq!(
        account.tags("shop-cpu-warning"),
        [("team".to_owned(), "shop".to_owned())]
    );
    let errors = account.alarm("shop-errors-warning");
    assert_eq!(errors["EvaluationPeriods"], 5);
    assert_eq!(
        errors["AlarmActions"],
        json!(["arn:aws:sns:eu-west-1:123456789012:chat"])
    );
    is_settled(&terraform, ALARMS, &alarms()).await;
    sound_destroy(&account, &terraform).await;
}

async fn sound_destroy(account: &Account, terraform: &crate::account::Terraform) {
    let outcome = terraform.destroy(ALARMS).await;
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert!(account.names().is_empty(), "{:?}", account.names());
}

#[tokio::test]
async fn what_changes_is_written_and_nothing_else() {
    let account = Account::new();
    let seen = Intercept::new(account.ports.clone());
    let terraform = configured(seen.ports()).await;
    sound(terraform.apply(ALARMS, alarms()).await);
    let before = seen.count("cloudwatch:PutMetricAlarm");
    let changed = alarms().with_attribute(
        "thresholds",
        Value::map([("errors-critical", Value::from(8))]),
    );
    sound(terraform.apply(ALARMS, changed.clone()).await);
    assert_eq!(seen.count("cloudwatch:PutMetricAlarm"), before + 1);
    assert_eq!(account.alarm("shop-errors-critical")["Threshold"], 8.0);
    // The composite alarm loses a member before that member is deleted.
    let fewer = changed
        .with_attribute("thresholds", Value::Null)
        .with_attribute("off", Value::set(["errors-critical", "cpu-warning"]))
        .with_attribute("databases", Value::set(["orders"]))
        .with_attribute("tags", tags(&[("cost", "1")]));
    sound(terraform.apply(ALARMS, fewer.clone()).await);
    is_settled(&terraform, ALARMS, &fewer).await;
    let names = account.names();
    assert!(
        !names.contains(&"shop-errors-critical".to_owned()),
        "{names:?}"
    );
    assert!(
        names.contains(&"shop-database-cpu-warning-orders".to_owned()),
        "{names:?}"
    );
    let rule = account.alarm("shop-unhealthy")["AlarmRule"].clone();
    assert!(
        !rule
            .as_str()
            .unwrap()
            .contains("errors-critical\") OR ALARM(\"shop-errors"),
        "{rule}"
    );
    for name in ["shop-memory-warning", "shop-database-cpu-warning-orders"] {
        assert_eq!(
            account.tags(name),
            [("cost".to_owned(), "1".to_owned())],
            "{name}"
        );
    }
    sound_destroy(&account, &terraform).await;
}

#[tokio::test]
async fn a_refresh_is_one_call_for_all_alarms() {
    let account = Account::new();
    let seen = Intercept::new(account.ports.clone());
    let terraform = configured(seen.ports()).await;
    sound(terraform.apply(ALARMS, alarms()).await);
    let before = seen.calls().len();
    is_settled(&terraform, ALARMS, &alarms()).await;
    assert_eq!(seen.calls()[before..], ["cloudwatch:DescribeAlarms"]);
}

#[tokio::test]
async fn what_others_change_is_named_by_alarm_and_goes_back() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(ALARMS, alarms()).await);
    account.change("shop-errors-critical", &json!({ "Threshold": 50.0 }));
    account.change("shop-latency-warning", &json!({ "ActionsEnabled": false }));
    account.call(
        "DeleteAlarms",
        json!({ "AlarmNames": ["shop-cpu-warning"] }),
    );
    let plan = terraform.plan(ALARMS, alarms()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    let said = plan.diagnostics.to_string();
    for part in [
        "3 major differences",
        "alarms[\"errors-critical\"].threshold",
        "50",
        "alarm-set.threshold",
        "alarms[\"latency-warning\"].enabled",
        "alarms[\"cpu-warning\"]",
        "alarm-set.gone",
    ] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    let outcome = terraform.apply(ALARMS, alarms()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    is_settled(&terraform, ALARMS, &alarms()).await;
    assert_eq!(account.names(), ALL);
    assert_eq!(account.alarm("shop-errors-critical")["Threshold"], 10.0);
    assert_eq!(
        account.alarm("shop-latency-warning")["ActionsEnabled"],
        true
    );
}

#[tokio::test]
async fn a_set_that_somebody_deleted_is_made_again() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(ALARMS, alarms()).await);
    account.call("DeleteAlarms", json!({ "AlarmNames": ["shop-unhealthy"] }));
    account.call("DeleteAlarms", json!({ "AlarmNames": &ALL[..9] }));
    let plan = terraform.plan(ALARMS, alarms()).await;
    assert_eq!(plan.action, PlannedAction::Create);
    sound(terraform.apply(ALARMS, alarms()).await);
    assert_eq!(account.names(), ALL);
}

/// Somebody has an alarm of a name that the set needs.
fn stranger(account: &Account) {
    account.call(
        "PutMetricAlarm",
        json!({
            "AlarmName": "shop-cpu-warning", "Namespace": "App", "MetricName": "Load", "Statistic": "Average",
            "Period": 60, "EvaluationPeriods": 2, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0,
        }),
    );
}

#[tokio::test]
async fn an_alarm_of_somebody_else_is_never_overwritten() {
    let account = Account::new();
    stranger(&account);
    let before = account.alarms();
    let terraform = account.terraform().await;
    let plan = terraform.plan(ALARMS, alarms()).await;
    let said = plan.diagnostics.to_string();
    assert!(
        said.contains("SY0293") && said.contains("main/web/shop"),
        "{said}"
    );
    let outcome = terraform.apply_once(ALARMS, alarms(), alarms()).await;
    let said = outcome.diagnostics.to_string();
    assert!(
        outcome.diagnostics.has_errors() && said.contains("Nothing was changed"),
        "{said}"
    );
    assert_eq!(outcome.state, None);
    assert_eq!(account.alarms(), before);
    // A set that lives meets one just the same.
    let without = alarms().with_attribute("off", Value::set(["cpu-warning"]));
    sound(terraform.apply(ALARMS, without).await);
    let outcome = terraform.apply_once(ALARMS, alarms(), alarms()).await;
    assert!(outcome.diagnostics.to_string().contains("SY0293"));
    assert_eq!(account.alarm("shop-cpu-warning"), before[0]);
    let outcome = terraform.destroy(ALARMS).await;
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert_eq!(account.alarms(), before);
}

#[tokio::test]
async fn an_import_finds_the_configuration() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = alarms()
        .with_attribute("databases", Value::set(["orders"]))
        .with_attribute(
            "thresholds",
            Value::map([
                ("errors-critical", Value::from(8)),
                ("requests-anomaly-warning", Value::from(3)),
            ]),
        )
        .with_attribute("off", Value::set(["memory-warning"]))
        .with_attribute("critical_minutes", 2);
    sound(terraform.apply(ALARMS, config.clone()).await);
    // A set whose name begins like that of this one.
    let longer = config.clone().with_attribute("name", "shop-eu");
    sound(terraform.apply("switchyard_alarm_set.eu", longer).await);
    let identity = object! { cluster: "main", service: "web", name: "shop", region: "eu-west-1" };
    for request in [
        ImportRequest::Id("main/web/shop".to_owned()),
        ImportRequest::Identity(identity.clone()),
    ] {
        let other = account.terraform().await;
        sound(other.import(ALARMS, request).await);
        assert_eq!(other.identity(ALARMS), Some(identity.clone()));
        is_settled(&other, ALARMS, &config).await;
    }
    let other = account.terraform().await;
    let missing = other
        .import(ALARMS, ImportRequest::Id("main/web/none".to_owned()))
        .await;
    assert!(missing.diagnostics.has_errors());
    let malformed = other
        .import(ALARMS, ImportRequest::Id("none".to_owned()))
        .await;
    assert!(
        malformed
            .diagnostics
            .to_string()
            .contains("CLUSTER/SERVICE/NAME")
    );
}

#[tokio::test]
async fn what_is_known_only_at_apply_is_waited_for() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let unknown = alarms()
        .with_attribute("load_balancer", Value::unknown())
        .with_attribute("target_groups", Value::unknown())
        .with_attribute("critical_topics", Value::unknown())
        .with_attribute("tags", Value::unknown());
    sound(terraform.apply_learning(ALARMS, unknown, alarms()).await);
    assert_eq!(account.names(), ALL);
}

#[tokio::test]
async fn a_set_without_an_alarm_and_an_early_rollback_are_reported() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let none = object! {
        name: "shop", cluster: "main", service: "web", off: Value::set(["cpu-warning", "memory-warning"]),
    };
    let plan = terraform.plan(ALARMS, none).await;
    assert!(plan.diagnostics.has_errors());
    assert!(
        plan.diagnostics
            .to_string()
            .contains("The set has no alarm")
    );
    let early = alarms().with_attribute(
        "thresholds",
        Value::map([("latency-critical", Value::from(1))]),
    );
    let plan = terraform.plan(ALARMS, early).await;
    let said = plan.diagnostics.to_string();
    assert!(
        !plan.diagnostics.has_errors() && said.contains("SY0295"),
        "{said}"
    );
}

#[tokio::test]
async fn one_provider_block_has_alarms_in_two_regions() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let there = object! { name: "shop", cluster: "main", service: "web", region: "us-west-2" };
    let address = "switchyard_alarm_set.there";
    let state = sound(terraform.apply(address, there.clone()).await);
    assert!(account.names().is_empty(), "none of them is here");
    let arn = entry(state.attribute("arns"), "cpu-warning");
    assert!(arn.as_str().unwrap().contains(":us-west-2:"), "{arn:?}");
    is_settled(&terraform, address, &there).await;
    sound(terraform.apply(ALARMS, alarms()).await);
    assert_eq!(account.names(), ALL);
    let other = account.terraform().await;
    let request = ImportRequest::Id("main/web/shop@us-west-2".to_owned());
    sound(other.import(address, request).await);
    is_settled(&other, address, &there).await;
    // What belongs together is in one region.
    let apart = alarms().with_attribute("region", "us-west-2");
    let plan = terraform.plan("switchyard_alarm_set.apart", apart).await;
    assert!(
        plan.diagnostics.to_string().contains("SY0150"),
        "{}",
        plan.diagnostics
    );
    let gone = terraform.destroy(address).await;
    assert!(!gone.diagnostics.has_errors(), "{}", gone.diagnostics);
    assert_eq!(account.names(), ALL);
}
