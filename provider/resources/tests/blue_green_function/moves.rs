//! What takes a move back, and what a killed or interrupted one leaves.

use serde_json::json;
use switchyard_support::intercept::{Fault, Intercept, Selector};
use switchyard_world::Service;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, LIVE, config, configured, in_turns, leads_to, object, sound, traffic, until,
};

#[tokio::test]
async fn a_version_that_does_not_answer_gets_no_traffic() {
    for (function, says) in [
        (
            "checkout-fails-at-2",
            "`/status` is \"Failed\", expected \"Succeeded\"",
        ),
        (
            "checkout-throws-at-2",
            "the function itself failed (Unhandled): the cart is empty",
        ),
    ] {
        let account = Account::new();
        let terraform = account.terraform().await;
        sound(terraform.apply(LIVE, config(function, "1")).await);
        let failed = terraform.apply(LIVE, config(function, "2")).await;
        let said = failed.diagnostics.to_string();
        assert!(
            said.contains("got no traffic") && said.contains("SY0274"),
            "{said}"
        );
        assert!(said.contains(says), "{said}");
        leads_to(&account, function, "1");
        let state = failed.state.unwrap();
        assert_eq!(state.attribute("function_version").as_str(), Some("1"));
        // The next plan tries again, and another version goes on.
        let plan = terraform.plan(LIVE, config(function, "2")).await;
        assert_eq!(plan.action, PlannedAction::Update);
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        sound(terraform.apply(LIVE, config(function, "3")).await);
        leads_to(&account, function, "3");
    }
}

/// A gate over a metric of the function.
fn measured() -> Value {
    Value::List(vec![object! {
        name: "errors",
        when: Value::set(["step"]),
        metric: object! {
            namespace: "Shop", name: "Failed", statistic: "Sum", failure_when: "> 5", success_when: "<= 5",
            no_data: "pass",
        },
    }])
}

#[tokio::test]
async fn a_metric_takes_the_canary_back() {
    let account = Account::new();
    let gated = |version: &str| config("checkout", version).with_attribute("gate", measured());
    let world = account.world.clone();
    // As soon as version 2 has traffic, requests fail.
    let watching = Intercept::new(account.ports.clone()).after_each(move |_, operation| {
        if operation != "lambda:GetAlias" {
            return;
        }
        let find = json!({ "FunctionName": "checkout", "Name": "live" });
        let found = world.call(Service::Lambda, "eu-west-1", "GetAlias", find);
        if found.is_ok_and(|found| found["RoutingConfig"].is_object()) {
            let datum = json!({ "MetricName": "Failed", "Value": 9.0 });
            let input = json!({ "Namespace": "Shop", "MetricData": [datum] });
            world
                .call(Service::CloudWatch, "eu-west-1", "PutMetricData", input)
                .unwrap();
        }
    });
    let terraform = configured(watching.ports()).await;
    sound(terraform.apply(LIVE, gated("1")).await);
    let failed = terraform.apply(LIVE, gated("2")).await;
    let said = failed.diagnostics.to_string();
    assert!(
        said.contains("was rolled back") && said.contains("a gate failed"),
        "{said}"
    );
    assert!(said.contains("Gate `errors` has failed"), "{said}");
    leads_to(&account, "checkout", "1");
    assert_eq!(watching.count("lambda:UpdateAlias"), 2, "there and back");
}

#[tokio::test]
async fn an_alarm_keeps_a_move_from_beginning_and_takes_it_back() {
    let account = Account::new();
    account.alarm("checkout-errors", "OK");
    let guarded = |version: &str| {
        config("checkout", version).with_attribute("alarms", Value::set(["checkout-errors"]))
    };
    let world = account.world.clone();
    let firing = Intercept::new(account.ports.clone()).after_each(move |_, operation| {
        if operation == "lambda:UpdateAlias" {
            let state = json!({
                "AlarmName": "checkout-errors", "StateValue": "ALARM", "StateReason": "a test",
            });
            world
                .call(Service::CloudWatch, "eu-west-1", "SetAlarmState", state)
                .unwrap();
        }
    });
    let terraform = configured(firing.ports()).await;
    sound(terraform.apply(LIVE, guarded("1")).await);
    let failed = terraform.apply(LIVE, guarded("2")).await;
    let said = failed.diagnostics.to_string();
    assert!(
        said.contains("an alarm fired") && said.contains("Alarm `checkout-errors` is firing"),
        "{said}"
    );
    leads_to(&account, "checkout", "1");
    // It fires still: the plan warns, and the apply moves nothing.
    let plan = terraform.plan(LIVE, guarded("2")).await;
    let said = plan.diagnostics.to_string();
    assert!(
        !plan.diagnostics.has_errors() && said.contains("SY0277"),
        "{said}"
    );
    let failed = terraform.apply(LIVE, guarded("2")).await;
    let said = failed.diagnostics.to_string();
    assert!(said.contains("got no traffic"), "{said}");
    leads_to(&account, "checkout", "1");
}

/// The run is killed after the call of this number; the shares that it leaves.
async fn killed(account: &Account, nth: usize) -> bool {
    let deadly = Intercept::new(account.ports.clone()).with(Selector::Nth(nth), Fault::DiesAfter);
    let terraform = configured(deadly.ports()).await;
    terraform.remember(LIVE, 0, state_of_one());
    deadly
        .until_death(terraform.apply_once(LIVE, config("checkout", "2"), config("checkout", "2")))
        .await
        .is_none()
}

/// The state of an alias that leads to version 1.
fn state_of_one() -> Vec<u8> {
    json!({
        "function_name": "checkout", "name": "live", "region": null, "function_version": "1",
        "description": null, "strategy": "canary",
        "canary": { "percent": 10, "interval": "5m" }, "linear": null, "bake_time": "5m",
        "alarms": null, "gate": [], "on_cancel": "rollback", "timeout": "1h", "id": "checkout:live",
        "arn": "arn:aws:lambda:eu-west-1:123456789012:function:checkout:live",
        "invoke_arn": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:\
                       123456789012:function:checkout:live/invocations",
        "traffic": { "1": 100 }, "previous_version": null,
    })
    .to_string()
    .into_bytes()
}

#[tokio::test]
async fn what_a_killed_apply_leaves_is_continued_or_taken_back() {
    for wanted in ["1", "2", "3"] {
        let mut shared = 0;
        for nth in 0..200 {
            let account = Account::new();
            account.call(
                Service::Lambda,
                "CreateAlias",
                json!({ "FunctionName": "checkout", "Name": "live", "FunctionVersion": "1" }),
            );
            let has_died = killed(&account, nth).await;
            let left = account.alias("checkout").unwrap();
            let is_shared = left.1.is_some();
            shared += usize::from(is_shared);
            let terraform = account.terraform().await;
            terraform.remember(LIVE, 0, state_of_one());
            let plan = terraform.plan(LIVE, config("checkout", wanted)).await;
            assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
            if is_shared {
                assert_eq!(plan.action, PlannedAction::Update, "{left:?}");
                let said = plan.diagnostics.to_string();
                assert!(said.contains("different shares"), "{left:?}: {said}");
            }
            let outcome = terraform.apply(LIVE, config("checkout", wanted)).await;
            assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
            leads_to(&account, "checkout", wanted);
            let plan = terraform.plan(LIVE, config("checkout", wanted)).await;
            assert!(plan.is_empty() && plan.diagnostics.is_empty(), "{nth}");
            if !has_died {
                break;
            }
        }
        assert!(shared > 5, "{shared} kills left two versions");
    }
}

#[test]
fn an_interrupted_apply_takes_the_version_back_or_leaves_it() {
    in_turns(async {
        Box::pin(interrupted("rollback", None)).await;
        Box::pin(interrupted("leave", Some(("2".to_owned(), 0.1)))).await;
    });
}

/// What an apply with this `on_cancel` leaves, and that the next one gets there.
async fn interrupted(on_cancel: &str, expected: Option<(String, f64)>) {
    let account = Account::new();
    let wanted = |version: &str| config("checkout", version).with_attribute("on_cancel", on_cancel);
    let terraform = account.terraform().await;
    sound(terraform.apply(LIVE, wanted("1")).await);
    let is_shared = || account.alias("checkout").is_some_and(|it| it.1.is_some());
    let interrupts = async {
        until(is_shared).await;
        terraform.stop().await
    };
    let (outcome, _) = tokio::join!(terraform.apply(LIVE, wanted("2")), interrupts);
    let said = outcome.diagnostics.to_string();
    assert!(
        outcome.diagnostics.has_errors() && said.contains("interrupted"),
        "{said}"
    );
    assert_eq!(account.alias("checkout"), Some(("1".to_owned(), expected)));
    let state = outcome.state.unwrap();
    let shares: &[(&str, &str)] = match on_cancel {
        "leave" => &[("1", "90"), ("2", "10")],
        _ => &[("1", "100")],
    };
    assert_eq!(*state.attribute("traffic"), traffic(shares));
    let terraform_again = account.terraform().await;
    terraform_again.remember(LIVE, 0, state_of_one());
    let again = terraform_again.apply(LIVE, wanted("2")).await;
    assert!(!again.diagnostics.has_errors(), "{}", again.diagnostics);
    leads_to(&account, "checkout", "2");
}

#[tokio::test]
async fn what_somebody_else_does_meanwhile_ends_the_apply_and_stays() {
    let account = Account::new();
    let world = account.world.clone();
    let meddled = std::sync::atomic::AtomicUsize::new(0);
    let meddling = Intercept::new(account.ports.clone()).after_each(move |_, operation| {
        if operation == "lambda:UpdateAlias"
            && meddled.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0
        {
            let input = json!({
                "FunctionName": "checkout", "Name": "live", "FunctionVersion": "7",
                "RoutingConfig": { "AdditionalVersionWeights": {} },
            });
            world
                .call(Service::Lambda, "eu-west-1", "UpdateAlias", input)
                .unwrap();
        }
    });
    let terraform = configured(meddling.ports()).await;
    sound(terraform.apply(LIVE, config("checkout", "1")).await);
    let failed = terraform.apply(LIVE, config("checkout", "2")).await;
    let said = failed.diagnostics.to_string();
    assert!(
        said.contains("SY0275") && said.contains("leads to version 7 alone"),
        "{said}"
    );
    leads_to(&account, "checkout", "7");
    let state = failed.state.unwrap();
    assert_eq!(state.attribute("function_version").as_str(), Some("7"));
}

#[tokio::test]
async fn a_gate_that_is_never_decided_is_over_with_the_time() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(LIVE, config("checkout", "1")).await);
    let gate = Value::List(vec![object! {
        name: "errors",
        when: Value::set(["step"]),
        metric: object! { predefined: "error_percent", failure_when: "> 5" },
    }]);
    let undecided = config("checkout", "2").with_attribute("gate", gate);
    let failed = terraform.apply(LIVE, undecided).await;
    let said = failed.diagnostics.to_string();
    assert!(said.contains("could not be decided"), "{said}");
    leads_to(&account, "checkout", "1");
}
