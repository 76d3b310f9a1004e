//! A dashboard from creation to destruction.

use serde_json::{Value as Json, json};
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, BOARD, board, is_settled, object, sound};

#[tokio::test]
async fn the_body_is_in_the_plan_and_then_in_cloudwatch() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plan = terraform.plan(BOARD, board()).await;
    let planned: Json = serde_json::from_str(plan.attribute("body").as_str().unwrap()).unwrap();
    assert_eq!(plan.attribute("region"), &Value::from("eu-west-1"));
    let state = sound(terraform.apply(BOARD, board()).await);
    assert_eq!(account.body("shop"), planned);
    assert_eq!(
        state.attribute("arn").as_str(),
        Some("arn:aws:cloudwatch::123456789012:dashboard/shop")
    );
    is_settled(&terraform, BOARD, &board()).await;
    let more = board().with_attribute("databases", Value::set(["orders"]));
    sound(terraform.apply(BOARD, more.clone()).await);
    is_settled(&terraform, BOARD, &more).await;
    assert!(account.body("shop").to_string().contains("Database orders"));
    let outcome = terraform.destroy(BOARD).await;
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    let left = account.call("ListDashboards", json!({}));
    assert_eq!(left["DashboardEntries"], json!([]));
}

fn put(account: &Account, body: &Json) {
    account.call(
        "PutDashboard",
        json!({ "DashboardName": "shop", "DashboardBody": body.to_string() }),
    );
}

#[tokio::test]
async fn what_others_change_is_named_by_widget_and_goes_back() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(BOARD, board()).await);
    let written = account.body("shop");
    // Spaces mean nothing.
    let spaced = serde_json::to_string_pretty(&written).unwrap();
    account.call(
        "PutDashboard",
        json!({ "DashboardName": "shop", "DashboardBody": spaced }),
    );
    is_settled(&terraform, BOARD, &board()).await;
    let mut changed = written.clone();
    let widgets = changed["widgets"].as_array_mut().unwrap();
    let gone = widgets.remove(2);
    assert_eq!(gone["properties"]["title"], "Requests by side");
    widgets[2]["height"] = json!(12);
    widgets.push(json!({ "type": "text", "properties": { "title": "Notes", "markdown": "x" } }));
    put(&account, &changed);
    let plan = terraform.plan(BOARD, board()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    let said = plan.diagnostics.to_string();
    for part in [
        "3 minor differences",
        "widgets[\"Requests by side\"]",
        "dashboard.widget-gone",
        "widgets[\"Healthy tasks by side\"]",
        "widgets[\"Notes\"]",
    ] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    let outcome = terraform.apply(BOARD, board()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(account.body("shop"), written);
    account.call("DeleteDashboards", json!({ "DashboardNames": ["shop"] }));
    let plan = terraform.plan(BOARD, board()).await;
    assert_eq!(plan.action, PlannedAction::Create);
}

#[tokio::test]
async fn a_dashboard_of_somebody_else_is_never_overwritten() {
    let account = Account::new();
    let theirs = json!({ "widgets": [] });
    put(&account, &theirs);
    let terraform = account.terraform().await;
    let plan = terraform.plan(BOARD, board()).await;
    assert!(plan.diagnostics.to_string().contains("SY0297"));
    let outcome = terraform.apply_once(BOARD, board(), board()).await;
    assert!(outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(outcome.state, None);
    assert_eq!(account.body("shop"), theirs);
}

#[tokio::test]
async fn an_import_finds_the_configuration() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = board()
        .with_attribute("caches", Value::set(["sessions-001"]))
        .with_attribute(
            "alarms",
            Value::set(["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop-unhealthy"]),
        )
        .with_attribute("deployment_log_group", "/events")
        .with_attribute("marks", Value::map([("release 7", "2026-11-30T14:05:00Z")]));
    sound(terraform.apply(BOARD, config.clone()).await);
    for request in [
        ImportRequest::Id("shop".to_owned()),
        ImportRequest::Identity(object! { name: "shop" }),
    ] {
        let other = account.terraform().await;
        sound(other.import(BOARD, request).await);
        assert_eq!(other.identity(BOARD), Some(object! { name: "shop" }));
        is_settled(&other, BOARD, &config).await;
    }
}

#[tokio::test]
async fn what_is_known_only_at_apply_is_waited_for() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let unknown = board().with_attribute("target_groups", Value::unknown());
    let plan = terraform.plan(BOARD, unknown.clone()).await;
    assert_eq!(plan.attribute("body"), &Value::unknown());
    sound(terraform.apply_learning(BOARD, unknown, board()).await);
    is_settled(&terraform, BOARD, &board()).await;
}
