//! A plan whose task definition is created by the same apply: what is known is checked all the same.

use tfplugin::testing::Plan;
use tfplugin::value::Value;

use crate::account::{Account, WEB, all_at_once, object, sound};

fn unknown(config: Value) -> Value {
    config.with_attribute("task_definition", Value::unknown())
}

fn ported(account: &Account, container: &str, port: i64) -> Value {
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let balancer = config.attribute("load_balancer").clone();
    let balancer = balancer
        .with_attribute("container_name", container)
        .with_attribute("container_port", port);
    config.with_attribute("load_balancer", balancer)
}

#[track_caller]
fn says(plan: &Plan, parts: &[&str]) {
    let said = plan.diagnostics.to_string();
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
}

#[tokio::test]
async fn container_and_port_are_checked_with_the_live_definition_and_the_plan_says_so() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let quiet = terraform.plan(WEB, unknown(config)).await;
    assert!(quiet.diagnostics.is_empty(), "{}", quiet.diagnostics);

    for (container, port, rule) in [("web", 8080, "SY0103"), ("app", 80, "SY0104")] {
        let plan = terraform
            .plan(WEB, unknown(ported(&account, container, port)))
            .await;
        assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
        assert_eq!(plan.diagnostics.iter().count(), 1, "{}", plan.diagnostics);
        says(
            &plan,
            &[
                rule,
                "is known only during the apply, so the live one, web:1, was checked",
                "provider::switchyard::check_task",
            ],
        );
    }
}

#[tokio::test]
async fn what_the_definition_does_not_decide_is_an_error_although_it_is_unknown() {
    let alarms = all_at_once().with_attribute("alarms", object! { names: Value::set(["gone"]) });
    let table = [
        (
            "deployment",
            alarms,
            "Alarm `gone` does not exist",
            "SY0112",
        ),
        (
            "cluster",
            Value::from("elsewhere"),
            "Cluster `elsewhere` does not exist",
            "SY0101",
        ),
    ];
    for (attribute, value, part, rule) in table {
        for created in [false, true] {
            let account = Account::new();
            let terraform = account.terraform().await;
            let config = account.native(all_at_once(), &account.task_definition("v1"));
            if created {
                sound(terraform.apply(WEB, config.clone()).await);
            }
            let config = unknown(config.with_attribute(attribute, value.clone()));
            let plan = terraform.plan(WEB, config).await;
            assert!(plan.diagnostics.has_errors(), "{}", plan.diagnostics);
            says(&plan, &[part, rule]);
        }
    }
}

#[tokio::test]
async fn images_of_the_configuration_are_checked_without_their_base() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let one = account.task_definition("v1");
    let config = account.native(all_at_once(), &one);
    sound(terraform.apply(WEB, config.clone()).await);
    let images = config
        .with_attribute("task_definition_owner", "images")
        .with_attribute("images", Value::map([("web", "app:v2")]));
    let plan = terraform.plan(WEB, unknown(images)).await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    says(
        &plan,
        &["no container `web`", "the live one, web:1, was checked"],
    );
}

#[tokio::test]
async fn a_live_definition_that_was_deregistered_is_no_matter() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let one = account.task_definition("v1");
    let config = account.native(all_at_once(), &one);
    sound(terraform.apply(WEB, config.clone()).await);
    account.ecs(
        "DeregisterTaskDefinition",
        serde_json::json!({ "taskDefinition": one }),
    );
    let plan = terraform.plan(WEB, unknown(config)).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
}
