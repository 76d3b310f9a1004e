//! The alarms fire: CloudWatch evaluates what the resource wrote.

use std::time::Duration;

use serde_json::json;
use tfplugin::value::Value;

use crate::account::{ALARMS, Account, alarms, sound};

/// A minute in which a side has so many requests and errors.
fn minute(account: &Account, group: &str, requests: f64, errors: f64) {
    let dimensions = json!([
        { "Name": "LoadBalancer", "Value": "app/web/1" },
        { "Name": "TargetGroup", "Value": group },
    ]);
    let datum = |name: &str, value: f64| json!({ "MetricName": name, "Dimensions": dimensions, "Value": value });
    account.call(
        "PutMetricData",
        json!({ "Namespace": "AWS/ApplicationELB", "MetricData": [
            datum("RequestCount", requests), datum("HTTPCode_Target_5XX_Count", errors),
            datum("HealthyHostCount", 2.0), datum("TargetResponseTime", 0.2),
        ] }),
    );
}

fn state(account: &Account, name: &str) -> String {
    account.alarm(name)["StateValue"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Production is on blue, then on green: the same alarm watches it, and both sides count together.
#[tokio::test]
async fn alarms_follow_production_to_the_other_side() {
    let (blue, green) = ("targetgroup/web-blue/1", "targetgroup/web-green/2");
    for serving in [blue, green] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let config = alarms().with_attribute("warning_minutes", 2);
        sound(terraform.apply(ALARMS, config).await);
        let pass = |errors: f64| {
            for _ in 0..4 {
                minute(&account, serving, 200.0, errors);
                account.world.advance(Duration::from_secs(60));
            }
        };
        pass(2.0);
        for name in [
            "shop-errors-critical",
            "shop-errors-warning",
            "shop-unavailable-critical",
            "shop-unhealthy",
        ] {
            assert_eq!(state(&account, name), "OK", "{serving}: {name}");
        }
        pass(14.0);
        assert_eq!(state(&account, "shop-errors-warning"), "ALARM", "{serving}");
        assert_eq!(state(&account, "shop-errors-critical"), "OK", "{serving}");
        pass(60.0);
        assert_eq!(
            state(&account, "shop-errors-critical"),
            "ALARM",
            "{serving}"
        );
        assert_eq!(state(&account, "shop-unhealthy"), "ALARM", "{serving}");
    }
}

/// Few requests prove nothing, and a service without healthy tasks has no metric at all.
#[tokio::test]
async fn few_requests_are_no_error_rate_and_no_data_is_an_outage() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = alarms().with_attribute("missing_data", Value::Null);
    sound(terraform.apply(ALARMS, config).await);
    for _ in 0..4 {
        minute(&account, "targetgroup/web-blue/1", 4.0, 2.0);
        account.world.advance(Duration::from_secs(60));
    }
    assert_eq!(state(&account, "shop-errors-critical"), "OK");
    account.world.advance(Duration::from_secs(600));
    assert_eq!(state(&account, "shop-unavailable-critical"), "ALARM");
    assert_eq!(state(&account, "shop-unhealthy"), "ALARM");
    assert_eq!(state(&account, "shop-errors-critical"), "OK");
}
