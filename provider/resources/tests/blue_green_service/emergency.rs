//! A number of tasks that a person has raised for a time: no drift until it is over, kept by deployments, put back after.

use std::time::Duration;

use jiff::SignedDuration;
use switchyard_engine::EMERGENCY_TAG;
use switchyard_engine::emergency::{EmergencyWish, begin_emergency};
use switchyard_engine::ports::{Service, ServiceRef};
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, WEB, all_at_once, sound};

async fn service(account: &Account) -> Service {
    let name = ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    account.ports.services.apply_begins();
    let found = account.ports.services.find_service(&name).await;
    found.unwrap().unwrap()
}

/// Nine tasks for two hours.
async fn raise(account: &Account) {
    let service = service(account).await;
    let wish = EmergencyWish {
        count: Some(9),
        min: None,
        max: None,
        until: account.ports.clock.now() + SignedDuration::from_hours(2),
        reason: "sale".to_owned(),
    };
    let note = wish.note(&service, None).unwrap();
    let begun = begin_emergency(&account.ports, &service, None, &note, String::new()).await;
    begun.unwrap();
    account.pass(10);
}

#[tokio::test]
async fn a_raised_number_of_tasks_survives_plans_and_deployments_and_ends_with_its_time() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = |definition: &str| account.native(all_at_once(), definition);
    let first = account.task_definition("v1");
    sound(terraform.apply(WEB, config(&first)).await);
    raise(&account).await;

    let plan = terraform.plan(WEB, config(&first)).await;
    assert!(plan.is_empty(), "{}", plan.diagnostics);
    let said = plan.diagnostics.to_string();
    for part in [
        "Service `web` has emergency scaling until",
        "9 tasks instead of 2",
        "switchyard scale web --cluster main --restore",
        "Rule SY0185.",
    ] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }

    let second = account.task_definition("v2");
    let outcome = terraform.apply(WEB, config(&second)).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let found = service(&account).await;
    assert_eq!(found.desired, 9);
    assert!(found.tags.contains_key(EMERGENCY_TAG));
    let plan = terraform.plan(WEB, config(&second)).await;
    assert!(plan.is_empty(), "{}", plan.diagnostics);

    account.world.advance(Duration::from_secs(2 * 3600));
    let plan = terraform.plan(WEB, config(&second)).await;
    assert_eq!(plan.action, PlannedAction::Update);
    let said = plan.diagnostics.to_string();
    assert!(said.contains("Rule SY0186."), "{said}");
    assert!(!said.contains("has drifted"), "{said}");
    let outcome = terraform.apply(WEB, config(&second)).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let found = service(&account).await;
    assert_eq!(found.desired, 2);
    assert!(!found.tags.contains_key(EMERGENCY_TAG));
    let plan = terraform.plan(WEB, config(&second)).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
}

#[tokio::test]
async fn a_configuration_that_is_changed_meanwhile_counts() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    raise(&account).await;
    let more = config.with_attribute("desired_count", Value::from(5));
    let outcome = terraform.apply(WEB, more.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(service(&account).await.desired, 5);
    let plan = terraform.plan(WEB, more).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
}
