//! Data sources, functions, ephemeral resources, lists and actions.

use super::super::scripted::{Scripted, Trouble};
use super::super::{PlannedAction, Simulator};
use super::{A, fine, named, nothing, says, terraform};
use crate::diagnostic::Diagnostics;
use crate::value::Value;

#[tokio::test]
async fn data_sources_answer_or_fail() {
    let (terraform, remote) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    let asked = Value::object([("id", "thing-1")]);
    let found = terraform
        .read_data("test_thing", asked.clone())
        .await
        .unwrap();
    assert_eq!(found.attribute("name"), &Value::from("one"));
    let missing = terraform
        .read_data("test_thing", Value::object([("id", "x")]))
        .await
        .unwrap_err();
    says(&missing, "not found");
    remote.set(Trouble::LeavesUnknown);
    says(
        &terraform
            .read_data("test_thing", asked.clone())
            .await
            .unwrap_err(),
        "`name` is unknown",
    );
    remote.set(Trouble::Panics);
    says(
        &terraform.read_data("test_thing", asked).await.unwrap_err(),
        "looking fell over",
    );
}

#[tokio::test]
async fn functions_work_on_a_provider_nobody_configured() {
    let terraform = Simulator::new(Scripted::default());
    let words = ["-", "a", "b"].map(Value::from).to_vec();
    assert_eq!(
        terraform.call("join_words", words).await,
        Ok(Value::from("a-b"))
    );
    assert_eq!(
        terraform.call("join_words", vec![Value::from("-")]).await,
        Ok(Value::from(""))
    );
    let empty = terraform
        .call("join_words", vec![Value::from("")])
        .await
        .unwrap_err();
    assert_eq!(
        (empty.text.as_str(), empty.argument),
        ("must not be empty.", Some(0))
    );
    let null = terraform
        .call("join_words", vec![Value::from("-"), Value::Null])
        .await
        .unwrap_err();
    assert_eq!(null.argument, Some(1));
    let unknown = terraform
        .call("join_words", vec![Value::from("-"), Value::unknown()])
        .await
        .unwrap();
    assert!(unknown.is_unknown());
    let few = terraform.call("join_words", vec![]).await.unwrap_err();
    assert!(few.text.contains("1 arguments are needed"), "{few}");
    let panicked = terraform
        .call("join_words", vec![Value::from("panic")])
        .await
        .unwrap_err();
    assert!(panicked.text.contains("joining fell over"), "{panicked}");
    assert_eq!(
        terraform.call("describe", vec![Value::Null]).await,
        Ok(Value::from("null"))
    );
    assert_eq!(
        terraform.call("describe", vec![Value::unknown()]).await,
        Ok(Value::from("unknown"))
    );
}

#[tokio::test]
async fn ephemeral_resources_close_with_what_they_were_opened_with() {
    let (terraform, remote) = terraform().await;
    let mut lease = terraform
        .open("test_token", Value::object([("scope", "all")]))
        .await
        .unwrap();
    assert_eq!(lease.result.attribute("token"), &Value::from("s3cret"));
    assert!(lease.renew_at.is_some());
    terraform.renew(&mut lease).await.unwrap();
    assert!(lease.renew_at.is_none());
    terraform.renew(&mut lease).await.unwrap();
    assert_eq!(terraform.close(lease).await, Diagnostics::none());
    assert_eq!(
        remote.log(),
        ["opened", "renewed first", "renewed second", "closed first"]
    );
}

#[tokio::test]
async fn lists_stop_at_the_limit_and_carry_objects_on_request() {
    let (terraform, remote) = terraform().await;
    for name in ["a", "b", "c"] {
        fine(
            &terraform
                .apply(&format!("test_thing.{name}"), named(name))
                .await,
            PlannedAction::Create,
        );
    }
    let all = terraform
        .list("test_thing", nothing(), true, 100)
        .await
        .unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(all[0].identity, Some(Value::object([("id", "thing-1")])));
    assert_eq!(
        all[0]
            .object
            .as_ref()
            .map(|object| object.attribute("name").clone()),
        Some(Value::from("a"))
    );
    let two = terraform
        .list("test_thing", nothing(), false, 2)
        .await
        .unwrap();
    assert_eq!(two.len(), 2);
    assert!(two[0].object.is_none());
    let found = remote
        .log()
        .iter()
        .filter(|line| line.starts_with("found"))
        .count();
    assert_eq!(found, 5, "the listing stops by itself at the limit");
    remote.set(Trouble::FailsHalfWay);
    says(
        &terraform
            .list("test_thing", nothing(), false, 100)
            .await
            .unwrap_err(),
        "the list broke off",
    );
    remote.set(Trouble::Panics);
    says(
        &terraform
            .list("test_thing", nothing(), false, 100)
            .await
            .unwrap_err(),
        "listing fell over",
    );
}

#[tokio::test]
async fn actions_report_progress_and_end_exactly_once() {
    let (terraform, remote) = terraform().await;
    let poke = |who: &str| Value::object([("who", who)]);
    let done = terraform.invoke("test_poke", poke("bear")).await;
    assert_eq!(done.progress, ["poking bear", "done"]);
    assert_eq!((done.completions, done.diagnostics.len()), (1, 0));
    let refused = terraform.invoke("test_poke", poke("nobody")).await;
    assert_eq!(refused.completions, 0);
    says(&refused.diagnostics, "nobody to poke");
    remote.set(Trouble::FailsHalfWay);
    let failed = terraform.invoke("test_poke", poke("bear")).await;
    assert_eq!(failed.completions, 1);
    says(&failed.diagnostics, "it hurt");
    let panicked = terraform.invoke("test_poke", poke("bomb")).await;
    assert_eq!(
        (panicked.completions, panicked.progress),
        (1, vec!["poking bomb".to_owned()])
    );
    says(&panicked.diagnostics, "poking fell over");
}

#[tokio::test]
async fn nothing_unknown_is_opened_or_found() {
    let (terraform, remote) = terraform().await;
    fine(
        &terraform.apply(A, named("one")).await,
        PlannedAction::Create,
    );
    remote.set(Trouble::LeavesUnknown);
    let scope = Value::object([("scope", "all")]);
    let opened = terraform.open("test_token", scope).await;
    says(&opened.unwrap_err(), "the value of `token` is unknown");
    let found = terraform.list("test_thing", nothing(), true, 10).await;
    says(&found.unwrap_err(), "what was found is unknown");
}
