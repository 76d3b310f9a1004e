//! Stories about objects, told through the calls Terraform makes.

mod failures;
mod others;

use std::sync::Arc;

use super::scripted::{Remote, Scripted, Trouble, unknown_not_null};
use super::{ApplyResult, PlannedAction, Simulator};
use crate::diagnostic::Diagnostics;
use crate::resource::ImportRequest;
use crate::value::{Path, Value};

const A: &str = "test_thing.a";

async fn terraform() -> (Simulator<Scripted>, Arc<Remote>) {
    let provider = Scripted::default();
    let remote = Arc::clone(&provider.remote);
    let terraform = Simulator::new(provider);
    assert_eq!(terraform.schema_problems(), Diagnostics::none());
    assert_eq!(terraform.configure(nothing()).await, Diagnostics::none());
    (terraform, remote)
}

fn nothing() -> Value {
    Value::object::<&str, Value>([])
}

fn named(name: &str) -> Value {
    Value::object([("name", name)])
}

fn item(key: &str) -> Value {
    Value::object([("key", key)])
}

#[track_caller]
fn fine(outcome: &ApplyResult, action: PlannedAction) {
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert_eq!(outcome.action, Some(action));
    assert!(!outcome.tainted);
}

#[track_caller]
fn says(diagnostics: &Diagnostics, text: &str) {
    let all = diagnostics.to_string();
    assert!(all.contains(text), "{all}");
}

#[tokio::test]
async fn an_identity_is_planned_when_all_of_it_is_known() {
    let (terraform, _) = terraform().await;
    let identity = Value::object([("id", "thing-1")]);
    let new = terraform.plan(A, named("one")).await;
    assert_eq!(
        (new.action, new.identity()),
        (PlannedAction::Create, None),
        "the remote system decides it"
    );
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    let changed = terraform.plan(A, named("two")).await;
    assert_eq!(
        (changed.action, changed.identity()),
        (PlannedAction::Update, Some(&identity)),
        "an object that stays keeps it"
    );
    let replaced = terraform.plan(A, named("volatile")).await;
    assert_eq!(
        (replaced.action, replaced.identity()),
        (PlannedAction::Replace, None),
        "the new object has another one"
    );
}

#[tokio::test]
async fn an_object_lives_from_create_to_destroy() {
    let (terraform, remote) = terraform().await;
    let made = terraform.apply(A, named("one")).await;
    fine(&made, PlannedAction::Create);
    assert_eq!(made.attribute("id"), &Value::from("thing-1"));
    assert_eq!(made.attribute("enabled"), &Value::from(true));
    assert_eq!(made.attribute("note"), &Value::from("made up"));
    assert_eq!(
        terraform.identity(A),
        Some(Value::object([("id", "thing-1")]))
    );

    fine(&terraform.apply(A, named("one")).await, PlannedAction::NoOp);
    let changed = terraform.apply(A, named("two")).await;
    fine(&changed, PlannedAction::Update);
    assert_eq!(changed.attribute("id"), &Value::from("thing-1"));

    let gone = terraform.destroy(A).await;
    fine(&gone, PlannedAction::Destroy);
    assert_eq!(gone.state, None);
    assert!(remote.things().is_empty());
}

#[tokio::test]
async fn planning_marks_only_what_apply_decides() {
    let (terraform, _) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    let plan = terraform.plan(A, named("two")).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.attribute("id"), &Value::from("thing-1"));
    assert!(plan.attribute("size_class").is_unknown());
    assert!(plan.attribute("note").is_unknown());
    assert_eq!(plan.attribute("enabled"), &Value::from(true));
}

#[tokio::test]
async fn a_changed_replace_attribute_replaces_the_object() {
    let (terraform, remote) = terraform().await;
    let small = named("one").with_attribute("size", 1);
    fine(&terraform.apply(A, small).await, PlannedAction::Create);
    let big = named("one").with_attribute("size", 2);
    let plan = terraform.plan(A, big.clone()).await;
    assert_eq!(
        (plan.action, plan.replace),
        (PlannedAction::Replace, vec![Path::from("size")])
    );
    assert!(plan.planned.attribute("id").is_unknown());
    fine(&terraform.apply(A, big).await, PlannedAction::Replace);
    assert!(remote.log().contains(&"deleted thing-1".to_owned()));
}

#[tokio::test]
async fn a_resource_can_ask_for_replacement() {
    let (terraform, _) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    let plan = terraform.plan(A, named("volatile")).await;
    assert_eq!(
        (plan.action, plan.replace),
        (PlannedAction::Replace, vec![Path::from("name")])
    );
    // Named, but not changed: Terraform does not replace.
    fine(
        &terraform.apply(A, named("volatile")).await,
        PlannedAction::Replace,
    );
    assert!(terraform.plan(A, named("volatile")).await.is_empty());
}

#[tokio::test]
async fn nested_lists_keep_elements_by_position() {
    let (terraform, _) = terraform().await;
    let config = named("one").with_attribute("items", Value::list([item("a"), item("b")]));
    let made = terraform.apply(A, config).await;
    fine(&made, PlannedAction::Create);
    let first = Path::from("items").index(0);
    let state = made.state.unwrap();
    assert_eq!(
        state.at(&first.clone().attribute("weight")),
        Some(&Value::from(1))
    );
    assert_eq!(
        state.at(&first.attribute("origin")),
        Some(&Value::from("remote"))
    );

    let longer = named("one").with_attribute(
        "items",
        Value::list([item("a").with_attribute("weight", 5), item("b")]),
    );
    let plan = terraform.plan(A, longer.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(
        plan.planned
            .at(&Path::from("items").index(0).attribute("origin")),
        Some(&Value::from("remote"))
    );
    fine(&terraform.apply(A, longer).await, PlannedAction::Update);

    let renamed = named("one").with_attribute("items", Value::list([item("a"), item("c")]));
    let plan = terraform.plan(A, renamed).await;
    assert_eq!(
        plan.replace,
        [Path::from("items").index(1).attribute("key")]
    );
}

#[tokio::test]
async fn nested_sets_and_blocks_survive_a_whole_life() {
    let (terraform, _) = terraform().await;
    let config = named("one")
        .with_attribute("labels", Value::set([item("x"), item("y")]))
        .with_attribute("rule", Value::list([Value::object([("port", 80)])]));
    let made = terraform.apply(A, config.clone()).await;
    fine(&made, PlannedAction::Create);
    assert_eq!(
        made.attribute("labels"),
        &Value::set(["y", "x"].map(|key| item(key).with_attribute("origin", "remote")))
    );
    let rule = Path::from("rule").index(0).attribute("origin");
    assert_eq!(
        made.state.as_ref().unwrap().at(&rule),
        Some(&Value::from("remote"))
    );
    let more = config.with_attribute("labels", Value::set([item("y"), item("z")]));
    fine(&terraform.apply(A, more).await, PlannedAction::Update);
    fine(&terraform.destroy(A).await, PlannedAction::Destroy);
}

#[tokio::test]
async fn unknown_configuration_is_planned_and_learned() {
    let (terraform, _) = terraform().await;
    let unknown = named("x")
        .with_attribute("name", unknown_not_null())
        .with_attribute("size", Value::unknown())
        .with_attribute("items", Value::unknown())
        .with_attribute(
            "labels",
            Value::set([item("l").with_attribute("key", Value::unknown())]),
        )
        .with_attribute(
            "rule",
            Value::list([Value::object([("port", Value::unknown())])]),
        );
    let known = named("learned")
        .with_attribute("size", 3)
        .with_attribute("items", Value::list([item("k")]))
        .with_attribute("labels", Value::set([item("l")]))
        .with_attribute("rule", Value::list([Value::object([("port", 443)])]));
    let made = terraform.apply_learning(A, unknown, known).await;
    fine(&made, PlannedAction::Create);
    assert_eq!(made.attribute("name"), &Value::from("learned"));
}

#[tokio::test]
async fn blocks_of_unknown_number_stay_unknown() {
    let (terraform, _) = terraform().await;
    let unknown = named("one").with_attribute("rule", Value::unknown());
    let plan = terraform.plan(A, unknown.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert!(plan.attribute("rule").is_unknown());
    let known = named("one").with_attribute("rule", Value::list([Value::object([("port", 443)])]));
    fine(
        &terraform.apply_learning(A, unknown, known).await,
        PlannedAction::Create,
    );
}

#[tokio::test]
async fn a_second_plan_that_breaks_the_first_ones_word_is_found() {
    let (terraform, _) = terraform().await;
    let made = terraform
        .apply_learning(A, named("one"), named("two"))
        .await;
    says(
        &made.diagnostics,
        "Provider produced inconsistent final plan",
    );
    assert_eq!(made.state, None);
}

#[tokio::test]
async fn an_unknown_replace_attribute_plans_a_replacement() {
    let (terraform, _) = terraform().await;
    fine(
        &terraform
            .apply(A, named("one").with_attribute("size", 1))
            .await,
        PlannedAction::Create,
    );
    let plan = terraform
        .plan(A, named("one").with_attribute("size", Value::unknown()))
        .await;
    assert_eq!(plan.action, PlannedAction::Replace);
}

#[tokio::test]
async fn write_only_values_reach_apply_and_nothing_else() {
    let (terraform, remote) = terraform().await;
    let config = named("one").with_attribute("secret", "hunter2");
    let made = terraform.apply(A, config).await;
    fine(&made, PlannedAction::Create);
    assert_eq!(made.attribute("secret"), &Value::Null);
    assert_eq!(remote.log(), ["secret=hunter2"]);
}

#[tokio::test]
async fn write_only_values_are_refused_where_they_would_be_stored() {
    let (terraform, _) = terraform().await;
    let terraform = terraform.without_write_only();
    let refused = terraform
        .validate(A, named("one").with_attribute("secret", "hunter2"))
        .await;
    says(&refused, "`secret` needs a newer Terraform");
    assert_eq!(
        terraform.validate(A, named("one")).await,
        Diagnostics::none()
    );
}

#[tokio::test]
async fn an_object_that_vanished_is_created_again() {
    let (terraform, remote) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    remote.things().clear();
    assert_eq!(
        terraform.plan(A, named("one")).await.action,
        PlannedAction::Create
    );
    let gone = terraform.destroy(A).await;
    fine(&gone, PlannedAction::NoOp);
    assert_eq!(gone.state, None);
}

#[tokio::test]
async fn drift_is_seen_and_repaired() {
    let (terraform, remote) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    remote.set(Trouble::Drifts);
    let plan = terraform.plan(A, named("one")).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.prior.attribute("name"), &Value::from("drifted"));
    assert_eq!(
        terraform.refresh(A).await.attribute("name"),
        &Value::from("drifted")
    );
}

#[tokio::test]
async fn a_read_that_fails_keeps_the_state() {
    let (terraform, remote) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    remote.set(Trouble::ReadForbidden);
    let seen = terraform.refresh(A).await;
    says(&seen.diagnostics, "forbidden");
    assert_eq!(seen.attribute("name"), &Value::from("one"));
}

#[tokio::test]
async fn a_tainted_object_is_replaced() {
    let (terraform, _) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    assert!(terraform.taint(A));
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Replace,
    );
}

#[tokio::test]
async fn objects_are_imported_by_id_and_by_identity() {
    let (terraform, _) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    for request in [
        ImportRequest::Id("thing-1".to_owned()),
        ImportRequest::Identity(Value::object([("id", "thing-1")])),
    ] {
        terraform.forget("test_thing.b");
        let found = terraform.import("test_thing.b", request).await;
        fine(&found, PlannedAction::NoOp);
        assert_eq!(found.attribute("name"), &Value::from("one"));
        assert_eq!(
            terraform.identity("test_thing.b"),
            Some(Value::object([("id", "thing-1")]))
        );
        // Private data of the import went through the read.
        let private = String::from_utf8(terraform.private("test_thing.b").unwrap()).unwrap();
        assert!(private.contains("imported"), "{private}");
        assert!(
            terraform
                .plan("test_thing.b", named("one"))
                .await
                .is_empty()
        );
    }
    terraform.forget("test_thing.b");
    let missing = terraform
        .import("test_thing.b", ImportRequest::Id("nothing".to_owned()))
        .await;
    says(
        &missing.diagnostics,
        "Cannot import non-existent remote object",
    );
}

#[tokio::test]
async fn private_data_goes_through_plan_apply_and_read() {
    let (terraform, _) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    let count = |private: Vec<u8>| {
        crate::private::Private::decode(&private)
            .unwrap()
            .read::<i64>("plans")
            .unwrap()
    };
    assert_eq!(count(terraform.private(A).unwrap()), Some(1));
    fine(&terraform.refresh(A).await, PlannedAction::NoOp);
    assert_eq!(count(terraform.private(A).unwrap()), Some(1));
    fine(
        &terraform.apply(A, named("two")).await,
        PlannedAction::Update,
    );
    assert_eq!(count(terraform.private(A).unwrap()), Some(2));
}

#[tokio::test]
async fn older_state_is_upgraded_and_unreadable_state_explained() {
    let (terraform, remote) = terraform().await;
    fine(
        &terraform.apply("test_thing.b", named("one")).await,
        PlannedAction::Create,
    );
    terraform.remember(A, 1, r#"{"id":"thing-1","title":"one"}"#);
    assert!(terraform.plan(A, named("one")).await.is_empty());
    terraform.remember(A, 0, "{}");
    says(
        &terraform.plan(A, named("one")).await.diagnostics,
        "too old",
    );
    terraform.remember(A, 2, r#"{"id":5,"name":{}}"#);
    says(
        &terraform.plan(A, named("one")).await.diagnostics,
        "Stored state cannot be read",
    );
    assert_eq!(remote.things().len(), 1);
}

#[tokio::test]
async fn a_later_configuration_replaces_the_earlier() {
    let (terraform, _) = terraform().await;
    let broken = terraform
        .configure(Value::object([("region", "broken")]))
        .await;
    says(&broken, "The region is broken");
    says(
        &terraform.apply(A, named("one")).await.diagnostics,
        "The region is broken",
    );
    let warned = terraform
        .configure(Value::object([("region", "old")]))
        .await;
    assert!(!warned.has_errors() && warned.len() == 1);
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
}

#[tokio::test]
async fn an_unknown_provider_configuration_fails_only_who_needs_it() {
    let (terraform, _) = terraform().await;
    let unknown = Value::object([("region", Value::unknown())]);
    assert_eq!(terraform.configure(unknown).await, Diagnostics::none());
    // Planning a new object does not ask anyone.
    let plan = terraform.plan(A, named("one")).await;
    assert_eq!(plan.action, PlannedAction::Create);
    says(
        &terraform.apply(A, named("one")).await.diagnostics,
        "`region` depends on values",
    );
}

#[tokio::test]
async fn configuration_is_checked_with_paths() {
    let (terraform, _) = terraform().await;
    let rule = |port: i64| Value::object([("port", port)]);
    for (config, path, words) in [
        (
            named(""),
            Path::from("name"),
            "must be between 1 and 20 characters long, but it is \"\"",
        ),
        (nothing(), Path::from("name"), "`name` is required"),
        (
            named("a").with_attribute("old", "a"),
            Path::from("old"),
            "`old` repeats `name`",
        ),
        (
            named("a").with_attribute("rule", Value::list([rule(1), rule(0)])),
            Path::from("rule").index(1).attribute("port"),
            "must be between 1 and 65535, but it is 0",
        ),
        (
            named("a").with_attribute("items", Value::list([nothing()])),
            Path::from("items").index(0).attribute("key"),
            "is required",
        ),
    ] {
        let found = terraform.validate(A, config).await;
        let error = found.errors().next().unwrap();
        assert_eq!(error.attribute.as_ref(), Some(&path), "{found}");
        says(&found, words);
    }
    let found = terraform
        .validate(A, named("a").with_attribute("id", "mine"))
        .await;
    says(&found, "Value for unconfigurable attribute");
    let warned = terraform
        .validate(A, named("a").with_attribute("old", "b"))
        .await;
    assert!(!warned.has_errors());
    says(&warned, "`old` is deprecated");
}

#[tokio::test]
async fn provider_configuration_is_checked() {
    let (terraform, _) = terraform().await;
    says(
        &terraform.configure(Value::object([("region", "")])).await,
        "must not be empty",
    );
    says(
        &terraform
            .configure(Value::object([("region", "nowhere")]))
            .await,
        "There is no such region",
    );
}
