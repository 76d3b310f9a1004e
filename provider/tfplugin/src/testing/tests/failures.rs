//! What goes wrong, and what is recorded then.

use super::super::PlannedAction;
use super::super::scripted::Trouble;
use super::{A, fine, named, says, terraform};
use crate::diagnostic::Diagnostics;
use crate::value::Value;

#[tokio::test]
async fn a_create_that_fails_before_anything_records_nothing() {
    let (terraform, remote) = terraform().await;
    remote.set(Trouble::RefusedBeforeAnything);
    let made = terraform.apply(A, named("one")).await;
    says(&made.diagnostics, "refused");
    assert_eq!((made.state, made.tainted), (None, false));
}

#[tokio::test]
async fn a_create_that_fails_half_way_is_tainted_and_replaced() {
    let (terraform, remote) = terraform().await;
    remote.set(Trouble::FailsHalfWay);
    let made = terraform.apply(A, named("one")).await;
    says(&made.diagnostics, "half-way");
    assert!(made.tainted);
    assert_eq!(made.attribute("id"), &Value::from("thing-1"));
    assert_eq!(made.attribute("size_class"), &Value::Null);

    remote.set(Trouble::None);
    let repaired = terraform.apply(A, named("one")).await;
    fine(&repaired, PlannedAction::Replace);
    assert!(remote.log().contains(&"deleted thing-1".to_owned()));
}

#[tokio::test]
async fn an_update_that_fails_half_way_records_what_is_there() {
    let (terraform, remote) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    remote.set(Trouble::FailsHalfWay);
    let changed = terraform.apply(A, named("two")).await;
    says(&changed.diagnostics, "half-way");
    assert!(!changed.tainted);
    assert_eq!(changed.attribute("name"), &Value::from("two"));
}

#[tokio::test]
async fn an_update_that_changes_nothing_keeps_the_old_state() {
    let (terraform, remote) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    let private = terraform.private(A);
    remote.set(Trouble::RefusedBeforeAnything);
    let changed = terraform.apply(A, named("two")).await;
    says(&changed.diagnostics, "refused");
    assert_eq!(changed.attribute("name"), &Value::from("one"));
    assert_eq!(terraform.private(A), private);
}

#[tokio::test]
async fn a_delete_that_fails_keeps_the_object() {
    let (terraform, remote) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    remote.set(Trouble::FailsHalfWay);
    let kept = terraform.destroy(A).await;
    says(&kept.diagnostics, "still there");
    assert_eq!(kept.attribute("name"), &Value::from("one"));
    remote.set(Trouble::RefusesDestruction);
    let kept = terraform.destroy(A).await;
    says(&kept.diagnostics, "protected");
    assert!(kept.state.is_some());
}

#[tokio::test]
async fn panics_become_bugs_and_the_server_goes_on() {
    let (terraform, remote) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    remote.set(Trouble::Panics);
    let changed = terraform.apply(A, named("two")).await;
    says(&changed.diagnostics, "Bug in the provider");
    says(&changed.diagnostics, "the thing fell over");
    assert_eq!(changed.attribute("name"), &Value::from("one"));
    says(
        &terraform.destroy(A).await.diagnostics,
        "deleting fell over",
    );
    remote.set(Trouble::PanicsWhilePlanning);
    says(
        &terraform.plan(A, named("two")).await.diagnostics,
        "planning fell over",
    );
    remote.set(Trouble::None);
    fine(
        &terraform.apply(A, named("two")).await,
        PlannedAction::Update,
    );
}

#[tokio::test]
async fn broken_answers_are_found_before_they_are_sent() {
    for (trouble, words) in [
        (
            Trouble::LeavesUnknown,
            "the value of `size_class` is still unknown afterwards",
        ),
        (
            Trouble::ChangesPlannedValue,
            "name: was \"one\", but now \"another\"",
        ),
        (
            Trouble::AnswersAnotherType,
            "the answer does not fit the schema at `enabled`",
        ),
        (Trouble::AnswersNull, "there is no object afterwards"),
        (
            Trouble::FailsSilentlyHalfWay,
            "it failed without saying why",
        ),
    ] {
        let (terraform, remote) = terraform().await;
        remote.set(trouble);
        let made = terraform.apply(A, named("one")).await;
        says(&made.diagnostics, "Bug in the provider");
        says(&made.diagnostics, words);
        // What was created is known all the same, unless the answer says nothing about it.
        assert_eq!(
            made.state.is_some(),
            trouble != Trouble::AnswersNull,
            "{trouble:?}"
        );
    }
}

#[tokio::test]
async fn a_plan_that_ignores_the_configuration_is_a_bug() {
    let (terraform, remote) = terraform().await;
    remote.set(Trouble::PlansOtherThanConfigured);
    let plan = terraform.plan(A, named("one")).await;
    says(&plan.diagnostics, "Bug in the provider");
    says(&plan.diagnostics, "does not match config value");
}

#[tokio::test]
async fn stopping_ends_the_operation_and_saves_what_exists() {
    let (terraform, remote) = terraform().await;
    remote.set(Trouble::WaitsForStop);
    let apply = tokio::spawn({
        let terraform = terraform.clone();
        async move { terraform.apply(A, named("one")).await }
    });
    remote.started.notified().await;
    assert_eq!(terraform.stop().await, Diagnostics::none());
    let made = apply.await.unwrap();
    says(&made.diagnostics, "interrupted");
    assert!(made.tainted);
    remote.set(Trouble::None);
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Replace,
    );
}
