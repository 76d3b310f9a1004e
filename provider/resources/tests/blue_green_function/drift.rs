//! What others change is told once and put right.

use serde_json::json;
use switchyard_world::Service;
use tfplugin::testing::PlannedAction;

use crate::account::{Account, LIVE, config, leads_to, sound};

#[tokio::test]
async fn versions_and_weights_of_others_are_told_and_put_right() {
    for (main, weights, rule) in [
        ("5", json!({}), "runs other code"),
        ("1", json!({ "5": 0.25 }), "different shares"),
        ("5", json!({ "1": 0.5 }), "runs other code"),
    ] {
        let account = Account::new();
        let terraform = account.terraform().await;
        sound(terraform.apply(LIVE, config("checkout", "1")).await);
        account.routes(main, weights.clone());
        let plan = terraform.plan(LIVE, config("checkout", "1")).await;
        assert_eq!(plan.action, PlannedAction::Update, "{main} {weights}");
        assert_eq!(plan.diagnostics.iter().count(), 1, "{}", plan.diagnostics);
        let said = plan.diagnostics.to_string();
        assert!(said.contains(rule) && said.contains("Critical"), "{said}");
        let outcome = terraform.apply(LIVE, config("checkout", "1")).await;
        assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
        leads_to(&account, "checkout", "1");
        let plan = terraform.plan(LIVE, config("checkout", "1")).await;
        assert!(
            plan.is_empty() && plan.diagnostics.is_empty(),
            "{}",
            plan.diagnostics
        );
    }
}

#[tokio::test]
async fn an_alias_that_is_gone_is_made_again() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(LIVE, config("checkout", "1")).await);
    let alias = json!({ "FunctionName": "checkout", "Name": "live" });
    account.call(Service::Lambda, "DeleteAlias", alias);
    let plan = terraform.plan(LIVE, config("checkout", "1")).await;
    assert_eq!(plan.action, PlannedAction::Create);
    sound(terraform.apply(LIVE, config("checkout", "1")).await);
    leads_to(&account, "checkout", "1");
}

#[tokio::test]
async fn a_description_goes_back_without_a_move() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let described = config("checkout", "1").with_attribute("description", "Checkout");
    sound(terraform.apply(LIVE, described.clone()).await);
    let input = json!({ "FunctionName": "checkout", "Name": "live", "Description": "Mine" });
    account.call(Service::Lambda, "UpdateAlias", input);
    let plan = terraform.plan(LIVE, described.clone()).await;
    let said = plan.diagnostics.to_string();
    assert!(said.contains("Minor"), "{said}");
    let outcome = terraform.apply(LIVE, described.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let plan = terraform.plan(LIVE, described).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
}

#[tokio::test]
async fn the_version_before_is_known_whoever_moved_the_alias() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(LIVE, config("checkout", "1")).await);
    account.routes("2", json!({}));
    let again = || terraform.apply(LIVE, config("checkout", "2"));
    let state = again().await.state.unwrap();
    assert_eq!(state.attribute("previous_version").as_str(), Some("1"));
    // What the code is today is no version to go back to.
    account.routes("$LATEST", json!({}));
    let state = again().await.state.unwrap();
    assert_eq!(state.attribute("function_version").as_str(), Some("2"));
    assert_eq!(state.attribute("previous_version").as_str(), None);
}
