//! From creation to destruction; weights that deployments move stay where they are.

use serde_json::json;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, WEB, is_settled, object, paths, sound, weights};

/// Every kind of condition there is, within the five values of a rule.
fn conditions() -> [Value; 2] {
    let pair = object! { key: "beta", value: "1" };
    let any_key = object! { value: "*x" };
    let team = |values: Value, regex: Value| {
        object! {
            http_header: object! { http_header_name: "X-Team", values: values, regex_values: regex },
        }
    };
    let values = |value: &str| object! { values: Value::set([value]) };
    let regex = |value: &str| object! { regex_values: Value::set([value]) };
    [
        Value::set([
            object! { host_header: values("shop.example.com") },
            team(Value::set(["shop-*"]), Value::Null),
            object! { http_request_method: values("GET") },
            object! { path_pattern: values("/checkout/*") },
            object! { source_ip: values("10.0.0.0/8") },
        ]),
        Value::set([
            object! { host_header: regex("^shop") },
            team(Value::Null, Value::set(["^a$"])),
            object! { path_pattern: regex("^/checkout") },
            object! { query_string: Value::set([pair, any_key]) },
        ]),
    ]
}

#[tokio::test]
async fn a_rule_is_made_settled_and_taken_away() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let state = sound(terraform.apply(WEB, account.config()).await);
    let rule = account.rule();
    assert_eq!(state.attribute("arn").as_str(), rule["RuleArn"].as_str());
    assert_eq!(state.attribute("id"), state.attribute("arn"));
    assert_eq!(rule["Priority"], "10");
    assert_eq!(account.weights(), weights(100, 0));
    is_settled(&terraform, &account.config()).await;
    let gone = terraform.destroy(WEB).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    assert!(account.rules().is_empty());
}

#[tokio::test]
async fn every_kind_of_condition_is_made_changed_and_imported() {
    let account = Account::new();
    let terraform = account.terraform().await;
    for conditions in conditions() {
        let config = account.config().with_attribute("condition", conditions);
        let state = sound(terraform.apply(WEB, config.clone()).await);
        is_settled(&terraform, &config).await;
        let other = account.terraform().await;
        let arn = state.attribute("arn").as_str().unwrap().to_owned();
        sound(other.import(WEB, ImportRequest::Id(arn)).await);
        is_settled(&other, &config).await;
    }
    assert_eq!(account.rule()["Conditions"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_change_in_place_leaves_the_weights_of_a_canary() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, account.config()).await);
    let arn = account.rule()["RuleArn"].clone();
    account.forwards(&[(&account.blue, 90), (&account.green, 10)]);
    is_settled(&terraform, &account.config()).await;
    let changed = account
        .config()
        .with_attribute("priority", 20)
        .with_attribute("condition", conditions()[0].clone())
        .with_attribute("stickiness", "600s")
        .with_attribute("tags", tags(&[("team", "shop")]));
    let plan = terraform.plan(WEB, changed.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    sound(terraform.apply(WEB, changed.clone()).await);
    is_settled(&terraform, &changed).await;
    let rule = account.rule();
    assert_eq!(rule["RuleArn"], arn);
    assert_eq!(rule["Priority"], "20");
    assert_eq!(account.weights(), weights(90, 10));
    let config = &rule["Actions"][0]["ForwardConfig"];
    let expected = json!({ "Enabled": true, "DurationSeconds": 600 });
    assert_eq!(config["TargetGroupStickinessConfig"], expected);
    // The note of the creation goes with the first change.
    assert_eq!(account.tags(), [("team".to_owned(), "shop".to_owned())]);

    sound(terraform.apply(WEB, account.config()).await);
    is_settled(&terraform, &account.config()).await;
    assert_eq!(account.weights(), weights(90, 10));
    let config = &account.rule()["Actions"][0]["ForwardConfig"];
    assert_eq!(config["TargetGroupStickinessConfig"]["Enabled"], false);
    assert!(account.tags().is_empty());
}

pub(crate) fn tags(entries: &[(&str, &str)]) -> Value {
    let entries = entries
        .iter()
        .map(|(key, value)| ((*key).to_owned(), Value::from(*value)));
    Value::Map(entries.collect())
}

#[tokio::test]
async fn conditions_alone_are_written_without_the_action() {
    let account = Account::new();
    let calls = switchyard_support::intercept::Intercept::new(account.ports.clone());
    let terraform = crate::account::configured(calls.ports()).await;
    sound(terraform.apply(WEB, account.config()).await);
    let writes = calls.count("elbv2:ModifyRule");
    let changed = account
        .config()
        .with_attribute("condition", conditions()[0].clone());
    sound(terraform.apply(WEB, changed).await);
    assert_eq!(calls.count("elbv2:ModifyRule"), writes + 1);
}

#[tokio::test]
async fn without_a_priority_the_next_one_is_taken_and_kept() {
    let account = Account::new();
    let other = account.terraform().await;
    sound(other.apply(WEB, account.config()).await);
    let terraform = account.terraform().await;
    let config = account
        .config()
        .with_attribute("priority", Value::Null)
        .with_attribute("condition", paths("/b"));
    let state = sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(state.attribute("priority"), &Value::from(11));
    is_settled(&terraform, &config).await;
    // Written once and then left out: it stays.
    let numbered = config.clone().with_attribute("priority", 7);
    sound(terraform.apply(WEB, numbered).await);
    is_settled(&terraform, &config).await;
}

#[tokio::test]
async fn the_lowest_free_priority_is_taken_when_the_last_one_is() {
    let account = Account::new();
    let other = account.terraform().await;
    for (address, priority) in [("a", 50_000), ("b", 1), ("c", 3)] {
        let config = account.config().with_attribute("priority", priority);
        let address = format!("switchyard_listener_rule.{address}");
        let outcome = other.apply(&address, config).await;
        assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    }
    let config = account.config().with_attribute("priority", Value::Null);
    let state = sound(other.apply(WEB, config).await);
    assert_eq!(state.attribute("priority"), &Value::from(2));
}

#[tokio::test]
async fn a_rule_that_is_gone_is_made_anew_and_another_listener_replaces_it() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let state = sound(terraform.apply(WEB, account.config()).await);
    account.elb(
        "DeleteRule",
        json!({ "RuleArn": state.attribute("arn").as_str() }),
    );
    let plan = terraform.plan(WEB, account.config()).await;
    assert_eq!(plan.action, PlannedAction::Create);
    sound(terraform.apply(WEB, account.config()).await);
    let arn = account.rule()["RuleArn"].clone();
    // Deleted between the refresh and the destruction: gone is gone.
    let listeners = account.elb(
        "DescribeListeners",
        json!({ "ListenerArns": [account.listener] }),
    );
    let balancer = listeners["Listeners"][0]["LoadBalancerArn"].clone();
    let other = account.elb(
        "CreateListener",
        json!({
            "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 81,
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": account.blue }],
        }),
    );
    let other = other["Listeners"][0]["ListenerArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let elsewhere = account.config().with_attribute("listener_arn", other);
    let plan = terraform.plan(WEB, elsewhere.clone()).await;
    assert_eq!(plan.action, PlannedAction::Replace);
    sound(terraform.apply(WEB, elsewhere.clone()).await);
    assert!(account.rules().is_empty(), "{arn} is replaced");
    is_settled(&terraform, &elsewhere).await;
}

#[tokio::test]
async fn the_order_of_the_pair_says_nothing_once_the_rule_is_made() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let turned = account.config().with_attribute(
        "target_groups",
        Value::list([account.green.as_str(), account.blue.as_str()]),
    );
    sound(terraform.apply(WEB, turned.clone()).await);
    assert_eq!(account.weights(), weights(0, 100));
    is_settled(&terraform, &account.config()).await;
    sound(terraform.apply(WEB, account.config()).await);
    assert_eq!(account.weights(), weights(0, 100));
}

#[tokio::test]
async fn an_import_shows_the_serving_side_first() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, account.config()).await);
    account.forwards(&[(&account.blue, 0), (&account.green, 1)]);
    let arn = account.rule()["RuleArn"].as_str().unwrap().to_owned();
    for request in [
        ImportRequest::Id(arn.clone()),
        ImportRequest::Identity(object! { arn: arn.as_str() }),
    ] {
        let other = account.terraform().await;
        let state = sound(other.import(WEB, request).await);
        let pair = Value::list([account.green.as_str(), account.blue.as_str()]);
        assert_eq!(state.attribute("target_groups"), &pair);
        assert_eq!(state.attribute("priority"), &Value::from(10));
        assert_eq!(
            other.identity(WEB),
            Some(object! { arn: arn.as_str(), region: "eu-west-1" })
        );
        is_settled(&other, &account.config()).await;
    }
}

#[tokio::test]
async fn what_is_known_only_at_apply_is_waited_for() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let unknown = account
        .config()
        .with_attribute("listener_arn", Value::unknown())
        .with_attribute("priority", Value::unknown())
        .with_attribute("target_groups", Value::unknown())
        .with_attribute("tags", Value::unknown());
    sound(
        terraform
            .apply_learning(WEB, unknown, account.config())
            .await,
    );
    account.forwards(&[(&account.blue, 90), (&account.green, 10)]);
    let changed = account
        .config()
        .with_attribute("tags", tags(&[("team", "shop")]))
        .with_attribute("condition", conditions()[1].clone());
    let unknown = changed
        .clone()
        .with_attribute("priority", Value::unknown())
        .with_attribute("condition", Value::unknown())
        .with_attribute("target_groups", Value::unknown())
        .with_attribute("tags", Value::unknown());
    let state = sound(terraform.apply_learning(WEB, unknown, changed).await);
    assert_eq!(state.attribute("priority"), &Value::from(10));
    assert_eq!(account.weights(), weights(90, 10));
}

#[tokio::test]
async fn two_rules_exchange_their_priorities_in_one_apply() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let (one, other) = (WEB, "switchyard_listener_rule.other");
    let at = |priority: i64, path: &str| {
        account
            .config()
            .with_attribute("priority", priority)
            .with_attribute("condition", paths(path))
    };
    for (address, priority, path) in [(one, 20, "/one/*"), (other, 21, "/other/*")] {
        let made = terraform.apply(address, at(priority, path)).await;
        assert!(made.diagnostics.is_empty(), "{}", made.diagnostics);
    }
    let (first, second) = tokio::join!(
        terraform.apply(one, at(21, "/one/*")),
        terraform.apply(other, at(20, "/other/*")),
    );
    for (applied, priority) in [(first, 21), (second, 20)] {
        assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
        let state = applied.state.unwrap();
        assert_eq!(state.attribute("priority"), &Value::from(priority));
    }
    // One that nobody moves stays in the way.
    let refused = terraform.apply(one, at(20, "/one/*")).await;
    let said = refused.diagnostics.to_string();
    assert!(said.contains("SY0052"), "{said}");
}
