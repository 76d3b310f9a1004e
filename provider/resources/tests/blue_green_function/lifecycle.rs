//! From creation to destruction, and imports.

use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, LIVE, config, leads_to, object, sound, traffic};

#[tokio::test]
async fn an_alias_is_made_moved_and_taken_away() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let first = config("checkout", "1");
    let plan = terraform.plan(LIVE, first.clone()).await;
    assert_eq!(plan.action, PlannedAction::Create);
    assert_eq!(account.alias("checkout"), None, "a plan changes nothing");
    let state = sound(terraform.apply(LIVE, first.clone()).await);
    leads_to(&account, "checkout", "1");
    assert_eq!(state.attribute("id").as_str(), Some("checkout:live"));
    assert_eq!(*state.attribute("traffic"), traffic(&[("1", "100")]));
    assert!(state.attribute("previous_version").is_null());
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:checkout:live";
    assert_eq!(state.attribute("arn").as_str(), Some(arn));
    assert_eq!(
        terraform.plan(LIVE, first).await.action,
        PlannedAction::NoOp
    );

    let second = config("checkout", "2").with_attribute("description", "Checkout");
    let plan = terraform.plan(LIVE, second.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(*plan.planned.attribute("traffic"), traffic(&[("2", "100")]));
    let before = account.world.now();
    let state = sound(terraform.apply(LIVE, second.clone()).await);
    leads_to(&account, "checkout", "2");
    assert_eq!(state.attribute("previous_version").as_str(), Some("1"));
    let seconds = account.world.now().epoch_seconds() - before.epoch_seconds();
    assert!((600.0..700.0).contains(&seconds), "{seconds} s");
    let plan = terraform.plan(LIVE, second.clone()).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );

    // Settings alone move nothing.
    let settings = second
        .with_attribute("bake_time", "1m")
        .with_attribute("description", Value::Null);
    let before = account.world.now();
    sound(terraform.apply(LIVE, settings).await);
    assert!(account.world.now().epoch_seconds() - before.epoch_seconds() < 30.0);
    let gone = terraform.destroy(LIVE).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    assert_eq!(account.alias("checkout"), None);
}

#[tokio::test]
async fn another_function_or_name_is_another_alias() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(LIVE, config("checkout", "1")).await);
    for (attribute, value) in [("function_name", "payment"), ("name", "beta")] {
        let changed = config("checkout", "1").with_attribute(attribute, value);
        let plan = terraform.plan(LIVE, changed).await;
        assert_eq!(plan.action, PlannedAction::Replace, "{attribute}");
    }
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:checkout";
    let spelled = config(arn, "1");
    let plan = terraform.plan(LIVE, spelled.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update, "only the spelling");
    sound(terraform.apply(LIVE, spelled).await);
}

#[tokio::test]
async fn an_alias_is_imported_by_id_and_by_identity() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plain = object! { function_name: "checkout", name: "live", function_version: "3" };
    sound(terraform.apply(LIVE, plain.clone()).await);
    let identity = terraform.identity(LIVE).unwrap();
    for request in [
        ImportRequest::Id("checkout:live".to_owned()),
        ImportRequest::Identity(identity),
    ] {
        let other = account.terraform().await;
        let state = sound(other.import(LIVE, request).await);
        assert_eq!(state.attribute("function_version").as_str(), Some("3"));
        let plan = other.plan(LIVE, plain.clone()).await;
        assert!(
            plan.is_empty() && plan.diagnostics.is_empty(),
            "{}",
            plan.diagnostics
        );
    }
    let missing = account.terraform().await;
    for id in ["checkout", "checkout:beta", ":live"] {
        let refused = missing.import(LIVE, ImportRequest::Id(id.to_owned())).await;
        assert!(refused.diagnostics.has_errors(), "{id}");
    }
}

#[tokio::test]
async fn an_alias_of_somebody_else_is_not_taken_over() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(LIVE, config("checkout", "1")).await);
    let other = account.terraform().await;
    let plan = other.plan(LIVE, config("checkout", "2")).await;
    let said = plan.diagnostics.to_string();
    assert!(
        said.contains("SY0273") && said.contains("terraform import"),
        "{said}"
    );
    leads_to(&account, "checkout", "1");
    // As it is wanted: what a killed creation leaves.
    let outcome = other.apply(LIVE, config("checkout", "1")).await;
    let said = outcome.diagnostics.to_string();
    assert!(
        !outcome.diagnostics.has_errors() && said.contains("existed already"),
        "{said}"
    );
    assert!(said.contains("nothing was changed"), "{said}");
}

#[tokio::test]
async fn what_is_changed_when_an_alias_is_taken_over_is_said() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let mine = config("checkout", "1").with_attribute("description", "Mine");
    sound(terraform.apply(LIVE, mine).await);
    let other = account.terraform().await;
    let outcome = other.apply(LIVE, config("checkout", "1")).await;
    let said = outcome.diagnostics.to_string();
    assert!(
        said.contains("only its description was changed; it was `Mine`"),
        "{said}"
    );
}

#[tokio::test]
async fn what_aws_would_refuse_is_found_at_plan() {
    let account = Account::new();
    let terraform = account.terraform().await;
    for (function, version, part) in [
        ("checkout", "404", "has no version 404"),
        ("checkout-missing", "1", "has no version 1"),
        ("checkout", "99", "cannot be called"),
    ] {
        let plan = terraform.plan(LIVE, config(function, version)).await;
        let said = plan.diagnostics.to_string();
        assert!(said.contains(part) && said.contains("SY0272"), "{said}");
    }
    let guarded = config("checkout", "1").with_attribute("alarms", Value::set(["gone"]));
    let said = terraform.plan(LIVE, guarded).await.diagnostics.to_string();
    assert!(said.contains("Alarm `gone` does not exist"), "{said}");
}

#[tokio::test]
async fn what_is_not_known_yet_waits_for_the_apply() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(LIVE, config("checkout", "1")).await);
    let unknown = || config("checkout", "1").with_attribute("function_version", Value::unknown());
    let plan = terraform.plan(LIVE, unknown()).await;
    assert!(plan.planned.attribute("traffic").is_unknown());
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    let outcome = terraform
        .apply_once(LIVE, unknown(), config("checkout", "2"))
        .await;
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    leads_to(&account, "checkout", "2");
    let same = terraform
        .apply_once(LIVE, unknown(), config("checkout", "2"))
        .await;
    assert!(same.diagnostics.is_empty(), "{}", same.diagnostics);
}
