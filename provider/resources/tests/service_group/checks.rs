//! Gates and freezes of the services of a group.

use serde_json::{Value as Json, json};
use switchyard_engine::ports::Ports;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, GROUP, group, member, sound};

/// The group of two, whose first member has these checks.
fn config(revision: u32, checks: &Json) -> Value {
    let users = member("users", &format!("users:{revision}"), &[])
        .with_attribute("checks", checks.to_string());
    let events = member("events", &format!("events:{revision}"), &["users"]);
    group(vec![users, events])
}

/// Another service must be healthy.
fn gate(service: &str, when: &str) -> Json {
    json!({
        "name": "other", "when": [when], "dependency": { "service": service, "minimum_score": 70, "attempts": 1 },
    })
}

fn two() -> Account {
    let account = Account::with(&["users", "events", "idle"]);
    account.definition("users", "v2");
    account.definition("events", "v2");
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "idle", "desiredCount": 0 }),
    );
    account.world.advance(std::time::Duration::from_secs(600));
    account
}

fn both(account: &Account) -> [String; 2] {
    ["users", "events"].map(|name| account.live(name))
}

#[tokio::test]
async fn a_gate_of_a_member_decides_about_the_group() {
    for when in ["before_start", "after"] {
        let account = two();
        let terraform = account.terraform().await;
        let good = json!({ "gate": [gate("events", when)], "health_score": null, "deployment": { "strategy": "rolling" } });
        sound(terraform.apply(GROUP, config(1, &good)).await);
        let bad = json!({ "gate": [gate("idle", when)] });
        let failed = terraform.apply(GROUP, config(2, &bad)).await;
        let said = failed.diagnostics.to_string();
        for words in [
            "failed at member `users`",
            "Gate `other`",
            "SY0310",
            "Not deployed: `events`.",
        ] {
            assert!(said.contains(words), "{when}: {words}: {said}");
        }
        assert_eq!(both(&account), ["users:1", "events:1"], "{when}");
        sound(terraform.apply(GROUP, config(2, &good)).await);
        assert_eq!(both(&account), ["users:2", "events:2"], "{when}");
        let plan = terraform.plan(GROUP, config(2, &good)).await;
        assert!(plan.is_empty(), "{when}");
    }
}

#[tokio::test]
async fn a_freeze_of_a_member_holds_for_the_group() {
    let account = two();
    let terraform = account.terraform().await;
    let now: &Ports = &account.ports;
    let today = now.clock.now().to_string();
    let (today, _) = today.split_once('T').unwrap();
    let freeze = |days: &str| {
        let freeze = json!({ "reason": "Black Friday", "dates": [days], "timezone": "UTC" });
        json!({ "deployment": { "strategy": "rolling", "freeze": [freeze] } })
    };
    let other = freeze("1999-12-31");
    sound(terraform.apply(GROUP, config(1, &other)).await);
    let frozen = freeze(today);
    let plan = terraform.plan(GROUP, config(2, &frozen)).await;
    let said = plan.diagnostics.to_string();
    for words in [
        "SY0177",
        "member `users` is frozen (Black Friday)",
        "SWITCHYARD_OVERRIDE_FREEZE",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(both(&account), ["users:1", "events:1"]);
    // What deploys nothing may be changed.
    let plan = terraform.plan(GROUP, config(1, &frozen)).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Update);
    sound(terraform.apply(GROUP, config(1, &frozen)).await);
    let refused = terraform
        .plan(GROUP, config(2, &json!({ "gates": [] })))
        .await;
    // Checks are sensitive: what is wrong in them is not shown.
    let said = refused.diagnostics.to_string();
    for words in ["`member[0].checks`", "`jsonencode({ gate = ", "SY0034"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
