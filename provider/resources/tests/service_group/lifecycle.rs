//! The order in which members move, what is remembered, and what drift looks like.

use serde_json::json;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, GROUP, SHOP, group, member, shop, shop_at, sound};

/// An account whose services have a second revision that works.
fn two_revisions() -> Account {
    let account = Account::new();
    for (name, _) in SHOP {
        account.definition(name, "v2");
    }
    account
}

#[tokio::test]
async fn members_move_in_waves_and_remember_what_was_before() {
    let account = two_revisions();
    let terraform = account.terraform().await;
    // What runs already is not deployed again.
    let state = sound(terraform.apply(GROUP, shop_at(1)).await);
    assert_eq!(account.deployments("users").len(), 1);
    assert_eq!(
        account.tag("users", "switchyard:group").as_deref(),
        Some("shop")
    );
    assert_eq!(account.tag("users", "team").as_deref(), Some("shop"));
    assert_eq!(state.attribute("id").as_str(), Some("shop"));

    let plan = terraform.plan(GROUP, shop_at(2)).await;
    assert_eq!(plan.action, PlannedAction::Update);
    let waves = Value::list([
        Value::list(["payments", "users"]),
        Value::list(["events"]),
        Value::list(["gateway"]),
    ]);
    assert_eq!(plan.attribute("waves"), &waves, "the plan shows the order");

    let state = sound(terraform.apply(GROUP, shop_at(2)).await);
    assert_eq!(state.attribute("waves"), &waves);
    assert_eq!(
        account.all_live(),
        SHOP.map(|(name, _)| format!("{name}:2"))
    );
    let before = SHOP.map(|(name, _)| (name, format!("{name}:1")));
    assert_eq!(state.attribute("before"), &Value::map(before));
    // Each at once with its wave, and after everything it waits for.
    let at = |name: &str| {
        let (began, ended, to) = account.deployments(name).last().unwrap().clone();
        assert_eq!(to, format!("{name}:2"));
        (began, ended)
    };
    assert!(at("users").0 < at("payments").1 && at("payments").0 < at("users").1);
    assert!(at("events").0 >= at("users").1.max(at("payments").1));
    assert!(at("gateway").0 >= at("events").1);
    assert_eq!(account.tag("users", "team").as_deref(), Some("shop"));

    let plan = terraform.plan(GROUP, shop_at(2)).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
    sound(terraform.apply(GROUP, shop_at(2)).await);
    assert_eq!(
        account.deployments("gateway").len(),
        2,
        "nothing has changed"
    );
}

#[tokio::test]
async fn only_what_differs_is_deployed_and_the_others_keep_their_wave() {
    let account = two_revisions();
    let terraform = account.terraform().await;
    sound(terraform.apply(GROUP, shop_at(1)).await);
    let mixed = shop(["gateway:2", "events:1", "users:2", "payments:1"]);
    let state = sound(terraform.apply(GROUP, mixed).await);
    assert_eq!(account.deployments("events").len(), 1);
    assert_eq!(account.deployments("gateway").len(), 2);
    let before = state.attribute("before");
    assert_eq!(before.entries().unwrap()["users"].as_str(), Some("users:1"));
    assert_eq!(
        before.entries().unwrap()["events"].as_str(),
        Some("events:1")
    );
    let note = account.tag("gateway", "switchyard:group-change").unwrap();
    assert_eq!(
        note,
        "member=gateway wave=3 from=gateway:1 to=gateway:2 change=ended"
    );
}

#[tokio::test]
async fn the_next_wave_begins_after_the_pause() {
    let account = two_revisions();
    let terraform = account.terraform().await;
    let paused = |revision| shop_at(revision).with_attribute("pause_between_waves", "20m");
    sound(terraform.apply(GROUP, paused(1)).await);
    sound(terraform.apply(GROUP, paused(2)).await);
    let last = |name: &str| account.deployments(name).last().unwrap().clone();
    let (users, events) = (last("users"), last("events"));
    assert!(events.0 - users.1 >= 1200.0, "{users:?} {events:?}");
}

#[tokio::test]
async fn what_somebody_else_deploys_is_drift() {
    let account = two_revisions();
    let terraform = account.terraform().await;
    sound(terraform.apply(GROUP, shop_at(2)).await);
    account.deploy("users", "users:1");
    let plan = terraform.plan(GROUP, shop_at(2)).await;
    assert_eq!(plan.action, PlannedAction::Update);
    sound(terraform.apply(GROUP, shop_at(2)).await);
    assert_eq!(account.live("users"), "users:2");

    // Who removes the tag takes the service out of the group; an apply puts it in again.
    let arn = account.service("events")["serviceArn"].clone();
    let keys = ["switchyard:group"];
    account.ecs(
        "UntagResource",
        json!({ "resourceArn": arn, "tagKeys": keys }),
    );
    let refreshed = sound(terraform.refresh(GROUP).await);
    assert_eq!(refreshed.attribute("member").elements().unwrap().len(), 3);
    let plan = terraform.plan(GROUP, shop_at(2)).await;
    assert_eq!(plan.action, PlannedAction::Update);
    sound(terraform.apply(GROUP, shop_at(2)).await);
    assert_eq!(
        account.tag("events", "switchyard:group").as_deref(),
        Some("shop")
    );
    assert_eq!(
        account.deployments("events").len(),
        2,
        "nothing is deployed for a tag"
    );
}

#[tokio::test]
async fn a_group_is_imported_by_its_name() {
    let account = two_revisions();
    let terraform = account.terraform().await;
    sound(terraform.apply(GROUP, shop_at(2)).await);
    let again = account.terraform().await;
    let request = ImportRequest::Id("shop".to_owned());
    let state = sound(again.import(GROUP, request).await);
    assert_eq!(state.attribute("member").elements().unwrap().len(), 4);
    let before = state.attribute("before");
    assert_eq!(before.entries().unwrap()["users"].as_str(), Some("users:1"));
    sound(again.apply(GROUP, shop_at(2)).await);
    assert_eq!(
        account.deployments("users").len(),
        2,
        "an import deploys nothing"
    );
    let plan = again.plan(GROUP, shop_at(2)).await;
    assert!(plan.is_empty());

    for wrong in ["", "main/shop", "arn:aws:x"] {
        let terraform = account.terraform().await;
        let request = ImportRequest::Id(wrong.to_owned());
        assert!(
            terraform
                .import(GROUP, request)
                .await
                .diagnostics
                .has_errors(),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn members_come_and_go_and_a_destroy_leaves_the_services() {
    let account = two_revisions();
    let terraform = account.terraform().await;
    sound(terraform.apply(GROUP, shop_at(2)).await);
    let fewer = group(vec![member("users", "users:2", &[])]);
    sound(terraform.apply(GROUP, fewer).await);
    for key in ["switchyard:group", "switchyard:group-change"] {
        assert_eq!(account.tag("gateway", key), None);
        assert!(account.tag("users", key).is_some());
    }
    let destroyed = terraform.destroy(GROUP).await;
    assert!(
        destroyed.diagnostics.is_empty(),
        "{}",
        destroyed.diagnostics
    );
    assert_eq!(account.tag("users", "switchyard:group"), None);
    assert_eq!(
        account.all_live(),
        SHOP.map(|(name, _)| format!("{name}:2"))
    );
}

#[tokio::test]
async fn what_cannot_be_a_member_is_said_by_the_plan() {
    let account = two_revisions();
    let terraform = account.terraform().await;
    sound(terraform.apply(GROUP, shop_at(1)).await);
    let other = account.terraform().await;
    let said = async |config: Value, code: &str, words: &str| {
        let plan = other.plan("switchyard_service_group.other", config).await;
        let said = plan.diagnostics.to_string();
        assert!(said.contains(code) && said.contains(words), "{said}");
    };
    let other_group = |members| group(members).with_attribute("name", "other");
    let taken = other_group(vec![member("users", "users:1", &[])]);
    said(taken, "SY0308", "belongs to group `shop`").await;
    let missing = other_group(vec![member("nobody", "users:1", &[])]);
    said(missing, "SY0308", "does not exist").await;
    account.ecs(
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "old", "desiredCount": 0,
            "deploymentController": { "type": "EXTERNAL" },
        }),
    );
    let external = other_group(vec![member("old", "users:1", &[])]);
    said(external, "SY0308", "`old`").await;
    account.ecs(
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": "users:2" }),
    );
    let plan = terraform.plan(GROUP, shop_at(2)).await;
    let text = plan.diagnostics.to_string();
    assert!(
        text.contains("SY0309") && text.contains("member `users`"),
        "{text}"
    );
    // What would have to be remembered fits into no tag.
    let account = Account::with(&["spare"]);
    let long = "f".repeat(240);
    account.definition(&long, "v1");
    let config = group(vec![member("spare", &format!("{long}:1"), &[])]);
    let plan = account.terraform().await.plan(GROUP, config).await;
    let text = plan.diagnostics.to_string();
    assert!(
        text.contains("SY0308") && text.contains("too long for a tag"),
        "{text}"
    );
}
