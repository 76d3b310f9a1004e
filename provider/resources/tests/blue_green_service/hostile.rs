//! Whatever is written: a mistake is told as the user's, never as a bug of the provider.

use tfplugin::provider::Provider as _;
use tfplugin::value::Value;

use crate::account::{
    Account, WEB, all_at_once, answers, canary, configured, object, rolling, steps, switchyard,
};
use crate::mutations::of_block;

/// Configurations that reach every part of the schema.
fn whole(account: &Account, revision: &str) -> Vec<Value> {
    let metric = object! {
        name: "errors",
        when: Value::set(["bake"]),
        metric: object! {
            query: Value::list([object! {
                id: "m1", namespace: "Shop", name: "Errors", dimensions: Value::map([("a", "b")]),
            }]),
            success_when: "<= 1",
        },
    };
    let full = account
        .native(canary(), revision)
        .with_attribute("gate", Value::list([answers(&["bake"]), metric]))
        .with_attribute("health_score", object! {})
        .with_attribute("preflight", object! { warn_only: Value::set(["SY0127"]) })
        .with_attribute("timeouts", object! { create: "2h" })
        .with_attribute(
            "snapshots",
            object! { folder: "never-made", retention: object! { count: 3 } },
        );
    let hooked = all_at_once()
        .with_attribute(
            "lifecycle_hook",
            Value::list([object! {
                function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:x",
                role_arn: "arn:aws:iam::123456789012:role/x",
                stages: Value::set(["PRE_SCALE_UP"]),
            }]),
        )
        .with_attribute("alarms", object! { names: Value::set(["a"]) });
    let breaker = object! { threshold: object! { type: "count", value: 3 } };
    let rolls = rolling().with_attribute("circuit_breaker", breaker);
    vec![
        full,
        account.native(hooked, revision),
        account.native(rolls, revision),
        account.external(steps(), revision),
    ]
}

fn is_bug(said: &str) -> bool {
    [
        "Bug in the provider",
        "bug in the provider",
        "bug in Switchyard",
        "panicked",
    ]
    .iter()
    .any(|word| said.contains(word))
}

#[tokio::test]
async fn no_configuration_is_a_bug_of_the_provider() {
    let account = Account::new();
    let revision = account.task_definition("v1");
    let terraform = account.terraform().await;
    let schema = switchyard(account.ports.clone())
        .resources()
        .iter()
        .find(|resource| resource.dyn_type_name() == "switchyard_blue_green_service")
        .unwrap()
        .dyn_schema();
    let mut bugs = Vec::new();
    let mut planned = 0;
    for config in whole(&account, &revision) {
        for (what, changed) in of_block(&config, &schema.block) {
            let mut said = terraform.validate(WEB, changed.clone()).await;
            if !said.has_errors() {
                planned += 1;
                said = terraform.plan(WEB, changed).await.diagnostics;
            }
            let said = said.to_string();
            if is_bug(&said) {
                bugs.push(format!("{what}: {said}"));
            }
        }
    }
    assert!(bugs.is_empty(), "{}: {}", bugs.len(), bugs.join("\n\n"));
    assert!(planned > 50, "{planned} plans were made");
}

#[tokio::test]
async fn no_provider_block_is_a_bug_of_the_provider() {
    let account = Account::new();
    let block = object! {
        region: "eu-west-1",
        assume_role: object! { role_arn: "arn:aws:iam::123456789012:role/x" },
        endpoints: Value::map([("ecs", "http://127.0.0.1:1")]),
    };
    let schema = switchyard(account.ports.clone()).schema();
    for (what, changed) in of_block(&block, &schema.block) {
        let terraform = tfplugin::testing::Simulator::new(switchyard(account.ports.clone()));
        let said = terraform.configure(changed).await.to_string();
        assert!(!is_bug(&said), "{what}: {said}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_where_it_is() {
    let account = Account::new();
    let revision = account.task_definition("v1");
    let terraform = configured(account.ports.clone(), object! {}).await;
    let plain = account.native(all_at_once(), &revision);
    for (attribute, value, says) in [
        (
            "tags",
            Value::map([("a", Value::Null)]),
            "`tags[\"a\"]` must not have null",
        ),
        (
            "health_check_grace_period",
            Value::from("9999999999s"),
            "longer than AWS can express",
        ),
        ("cluster", Value::from("ma\nin"), "no line breaks"),
        (
            "desired_count",
            Value::Number("1e30".parse().unwrap()),
            "must be a whole number",
        ),
    ] {
        let said = terraform
            .validate(WEB, plain.clone().with_attribute(attribute, value))
            .await
            .to_string();
        assert!(said.contains(says), "{attribute}: {said}");
        assert!(said.contains("Code SY0034."), "{attribute}: {said}");
    }
}
