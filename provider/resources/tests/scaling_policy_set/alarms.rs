//! Alarms of step policies: made, kept and taken away with them, and never at the cost of somebody else's.

use serde_json::json;
use switchyard_world::Service;
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, blocks, burst, config, sound};

const ALARM: &str = "switchyard-main-web-burst";

fn stepped() -> Value {
    config().with_attribute("step", blocks! { "burst" => burst() })
}

fn of_alarm(entry: Value, name: &str, value: impl Into<Value>) -> Value {
    let alarm = entry.attribute("alarm").clone().with_attribute(name, value);
    entry.with_attribute("alarm", alarm)
}

/// One member of our alarm.
fn shown(account: &Account, member: &str) -> serde_json::Value {
    let found = account.call(
        Service::CloudWatch,
        "DescribeAlarms",
        json!({ "AlarmNames": [ALARM] }),
    );
    found["MetricAlarms"][0][member].clone()
}

/// Somebody puts an alarm on one metric.
fn put(account: &Account, name: &str, threshold: f64) {
    account.call(
        Service::CloudWatch,
        "PutMetricAlarm",
        json!({
            "AlarmName": name, "Namespace": "App", "MetricName": "Load", "Statistic": "Average", "Period": 60,
            "EvaluationPeriods": 2, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": threshold,
        }),
    );
}

/// Somebody puts an alarm of our name that looks at metric math.
fn put_math(account: &Account) {
    let metric = json!({ "Metric": { "Namespace": "App", "MetricName": "Load" }, "Period": 60, "Stat": "Sum" });
    account.call(
        Service::CloudWatch,
        "PutMetricAlarm",
        json!({
            "AlarmName": ALARM, "EvaluationPeriods": 1, "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Metrics": [
                { "Id": "load", "MetricStat": metric, "ReturnData": false },
                { "Id": "twice", "Expression": "load * 2", "ReturnData": true },
            ],
        }),
    );
}

/// Somebody puts a composite alarm of our name.
fn put_composite(account: &Account) {
    put(account, "one", 1.0);
    account.call(
        Service::CloudWatch,
        "PutCompositeAlarm",
        json!({ "AlarmName": ALARM, "AlarmRule": "ALARM(\"one\")" }),
    );
}

async fn applied(config: &Value) -> (Account, Terraform) {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config.clone()).await);
    (account, terraform)
}

async fn is_settled(terraform: &Terraform, config: &Value) {
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.planned, plan.prior);
}

#[tokio::test]
async fn an_alarm_calls_its_policy_and_changes_in_place() {
    let (account, terraform) = applied(&stepped()).await;
    let Value::Map(arns) = terraform
        .state(WEB)
        .unwrap()
        .attribute("policy_arns")
        .clone()
    else {
        panic!("no map");
    };
    let arn = arns["burst"].as_str().unwrap().to_owned();
    assert_eq!(shown(&account, "AlarmActions"), json!([arn]));
    assert_eq!(shown(&account, "Threshold"), json!(80.0));
    let lower = of_alarm(burst(), "threshold", 60);
    let lower = of_alarm(lower, "datapoints_to_alarm", 1);
    let lower = config().with_attribute("step", blocks! { "burst" => lower });
    sound(terraform.apply(WEB, lower.clone()).await);
    assert_eq!(shown(&account, "Threshold"), json!(60.0));
    assert_eq!(shown(&account, "DatapointsToAlarm"), json!(1));
    is_settled(&terraform, &lower).await;
    let none = config().with_attribute(
        "step",
        blocks! { "burst" => burst().with_attribute("alarm", Value::Null) },
    );
    sound(terraform.apply(WEB, none.clone()).await);
    assert!(account.alarms("switchyard-").is_empty());
    assert_eq!(account.policies(), ["burst", "cpu"]);
    is_settled(&terraform, &none).await;
}

#[tokio::test]
async fn a_percentile_is_a_statistic_of_an_alarm() {
    let metric = burst().attribute("alarm").attribute("metric").clone();
    let entry = of_alarm(burst(), "metric", metric.with_attribute("statistic", "p99"));
    let config = config().with_attribute("step", blocks! { "burst" => entry });
    let (account, terraform) = applied(&config).await;
    assert_eq!(shown(&account, "ExtendedStatistic"), json!("p99"));
    is_settled(&terraform, &config).await;
}

#[tokio::test]
async fn an_alarm_that_does_not_call_its_policy_any_more_is_ours_still() {
    let (account, terraform) = applied(&stepped()).await;
    put(&account, ALARM, 80.0);
    assert_eq!(shown(&account, "AlarmActions"), json!([]));
    let outcome = terraform.apply(WEB, stepped()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(shown(&account, "AlarmActions").as_array().unwrap().len(), 1);
    is_settled(&terraform, &stepped()).await;
    // Nor does it stay behind.
    put(&account, ALARM, 80.0);
    let gone = terraform.destroy(WEB).await;
    assert!(!gone.diagnostics.has_errors(), "{}", gone.diagnostics);
    assert!(account.alarms("switchyard-").is_empty());
}

#[tokio::test]
async fn an_alarm_of_somebody_else_is_taken_over_only_when_asked() {
    let account = Account::new();
    put(&account, ALARM, 5.0);
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config()).await);
    let refused = terraform.apply(WEB, stepped()).await;
    let said = refused.diagnostics.to_string();
    assert!(
        said.contains(&format!("Alarm `{ALARM}` already exists")),
        "{said}"
    );
    assert!(said.contains("SY0142"), "{said}");
    assert_eq!(shown(&account, "Threshold"), json!(5.0));
    let adopted = stepped().with_attribute("unmanaged", "adopt");
    sound(terraform.apply(WEB, adopted.clone()).await);
    assert_eq!(shown(&account, "Threshold"), json!(80.0));
    is_settled(&terraform, &adopted).await;
}

#[tokio::test]
async fn an_alarm_of_another_kind_is_never_overwritten() {
    for make in [put_math, put_composite] {
        for unmanaged in ["report", "adopt", "remove"] {
            let account = Account::new();
            make(&account);
            let terraform = account.terraform().await;
            let base = config().with_attribute("unmanaged", unmanaged);
            sound(terraform.apply(WEB, base).await);
            let wanted = stepped().with_attribute("unmanaged", unmanaged);
            let refused = terraform.apply(WEB, wanted).await;
            let said = refused.diagnostics.to_string();
            assert!(
                said.contains("it does not belong to this resource"),
                "{unmanaged}: {said}"
            );
            assert_eq!(account.policies(), ["cpu"], "{unmanaged}");
        }
    }
}

#[tokio::test]
async fn an_alarm_that_somebody_made_into_another_kind_stays() {
    let (account, terraform) = applied(&stepped()).await;
    put_math(&account);
    let plan = terraform.plan(WEB, stepped()).await;
    let said = plan.diagnostics.to_string();
    assert!(said.contains("Rule SY0142."), "{said}");
    let gone = terraform.destroy(WEB).await;
    assert!(!gone.diagnostics.has_errors(), "{}", gone.diagnostics);
    assert_eq!(account.bounds(), None);
    assert_eq!(account.alarms("switchyard-"), [ALARM]);
}
