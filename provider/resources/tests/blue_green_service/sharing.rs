//! Two services on one pair of target groups or one rule, and services that wait for one another.

use serde_json::json;
use switchyard_engine::ports::{ErrorKind, Ports};
use tfplugin::value::Value;

use crate::account::{Account, WEB, all_at_once, object, sound};
use switchyard_support::intercept::{Fault, Intercept, Selector};

const API: &str = "switchyard_blue_green_service.api";

fn api(config: &Value) -> Value {
    config.clone().with_attribute("name", "api")
}

#[tokio::test]
async fn a_second_service_of_the_configuration_is_refused_with_both_names() {
    let account = Account::new();
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let terraform = account.terraform().await;
    let first = terraform.plan(WEB, config.clone()).await;
    assert!(!first.diagnostics.has_errors(), "{}", first.diagnostics);
    let second = terraform.plan(API, api(&config)).await;
    let said = second.diagnostics.to_string();
    assert!(second.diagnostics.has_errors(), "{said}");
    assert!(
        said.contains("Services `api` and `web` share the rule"),
        "{said}"
    );
    assert!(said.contains("Rule SY0153."), "{said}");
    // The user may know better.
    let warned =
        api(&config).with_attribute("preflight", object! { warn_only: Value::set(["SY0153"]) });
    let warned = terraform.plan(API, warned).await;
    assert!(!warned.diagnostics.has_errors(), "{}", warned.diagnostics);
    assert!(warned.diagnostics.to_string().contains("SY0153"));
}

#[tokio::test]
async fn a_second_service_of_the_cluster_is_refused_with_both_names() {
    let account = Account::new();
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(account.terraform().await.apply(WEB, config.clone()).await);
    account.pass(60);
    // Another configuration, in another process.
    let other = account.terraform().await;
    let plan = other.plan(API, api(&config)).await;
    let said = plan.diagnostics.to_string();
    assert!(plan.diagnostics.has_errors(), "{said}");
    assert!(
        said.contains("Services `api` and `web` share the target group"),
        "{said}"
    );
    assert!(said.contains("Rule SY0153."), "{said}");
}

#[tokio::test]
async fn what_takes_the_place_of_a_service_is_not_refused() {
    let account = Account::new();
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config.clone()).await);
    account.pass(60);
    let again = terraform.plan(WEB, config.clone()).await;
    assert!(again.is_empty(), "{}", again.diagnostics);
    let destroyed = terraform.destroy(WEB).await;
    assert!(
        !destroyed.diagnostics.has_errors(),
        "{}",
        destroyed.diagnostics
    );
    account.pass(60);
    let plan = terraform.plan(API, api(&config)).await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
}

#[tokio::test]
async fn the_services_of_a_cluster_are_listed_only_where_somebody_is_in_a_group() {
    let account = Account::new();
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let seen = Intercept::new(account.ports.clone());
    let ports: Ports = seen.ports();
    let terraform = crate::account::configured(ports, object! {}).await;
    sound(terraform.apply(WEB, config.clone()).await);
    account.pass(60);
    let next = config.with_attribute("task_definition", account.task_definition("v2").as_str());
    sound(terraform.apply(WEB, next.clone()).await);
    assert!(
        !seen.calls().contains(&"ecs:ListServices"),
        "{:?}",
        seen.calls()
    );

    // Not being allowed to is no reason to refuse a plan.
    account.pass(60);
    let denied = Intercept::new(account.ports.clone()).with(
        Selector::Operation("ecs:ListServices", usize::MAX),
        Fault::Fails(ErrorKind::Denied),
    );
    let terraform = crate::account::configured(denied.ports(), object! {}).await;
    let plan = terraform.plan(API, api(&next)).await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    let listed = account.ecs("ListServices", json!({ "cluster": "main" }));
    assert_eq!(listed["serviceArns"].as_array().map(Vec::len), Some(1));
}

fn needing(config: &Value, name: &str, other: &str) -> Value {
    let gate = object! {
        name: "other", when: Value::set(["before_traffic"]), dependency: object! { service: other },
    };
    config
        .clone()
        .with_attribute("name", name)
        .with_attribute("gate", Value::list(vec![gate]))
}

#[tokio::test]
async fn new_services_that_wait_for_one_another_are_refused_with_their_names() {
    let account = Account::new();
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    // The revision is made by the same apply: names are enough.
    let unknown = config
        .clone()
        .with_attribute("task_definition", Value::unknown());
    let terraform = account.terraform().await;
    let first = terraform.plan(WEB, needing(&config, "web", "api")).await;
    assert!(!first.diagnostics.has_errors(), "{}", first.diagnostics);
    // They would share a rule, too.
    let only = |rules: &[&str]| {
        let rules = Value::set(rules.iter().copied());
        needing(&unknown, "api", "web").with_attribute("preflight", object! { warn_only: rules })
    };
    let second = terraform.plan(API, only(&["SY0153"])).await;
    let said = second.diagnostics.to_string();
    assert!(second.diagnostics.has_errors(), "{said}");
    assert!(said.contains("`api` -> `web` -> `api`"), "{said}");
    assert!(said.contains("Rule SY0166."), "{said}");
    let warned = terraform.plan(API, only(&["SY0153", "SY0166"])).await;
    assert!(!warned.diagnostics.has_errors(), "{}", warned.diagnostics);
    assert!(warned.diagnostics.to_string().contains("SY0166"));
}
