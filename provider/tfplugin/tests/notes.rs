//! How a provider is tested: through an in-process Terraform.

#![expect(
    clippy::unwrap_used,
    reason = "the set-up of a test fails with the test"
)]

use tfplugin::resource::ImportRequest;
use tfplugin::testing::{PlannedAction, Simulator};
use tfplugin::value::Value;

#[path = "../examples/notes/provider/mod.rs"]
mod provider;

use provider::Notes;

const NOTE: &str = "notes_note.a";

async fn terraform() -> (Simulator<Notes>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let terraform = Simulator::new(Notes);
    assert!(
        terraform.schema_problems().is_empty(),
        "{}",
        terraform.schema_problems()
    );
    let config = Value::object([("folder", folder.path().to_str().unwrap())]);
    assert!(terraform.configure(config).await.is_empty());
    (terraform, folder)
}

fn titled(title: &str) -> Value {
    Value::object([("title", title)])
}

#[tokio::test]
async fn a_note_lives_from_create_to_destroy() {
    let (terraform, folder) = terraform().await;
    let config = titled("Buy Milk").with_attribute("tags", Value::set(["shop", "food"]));
    let made = terraform.apply(NOTE, config.clone()).await;
    assert!(made.diagnostics.is_empty(), "{}", made.diagnostics);
    assert_eq!(made.attribute("id"), &Value::from("buy-milk"));

    let more = config
        .with_attribute("text", "two litres")
        .with_attribute("password", "hunter2");
    let changed = terraform.apply(NOTE, more.clone()).await;
    assert_eq!(
        changed.action,
        Some(PlannedAction::Update),
        "{}",
        changed.diagnostics
    );
    assert_eq!(changed.attribute("words"), &Value::from(2));
    assert!(changed.attribute("password").is_null());

    let renamed = terraform
        .apply(NOTE, more.with_attribute("title", "Buy Bread"))
        .await;
    assert_eq!(
        renamed.action,
        Some(PlannedAction::Replace),
        "{}",
        renamed.diagnostics
    );

    let gone = terraform.destroy(NOTE).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_note_somebody_else_wrote_is_imported() {
    let (terraform, _folder) = terraform().await;
    assert!(
        terraform
            .apply(NOTE, titled("Old"))
            .await
            .diagnostics
            .is_empty()
    );
    terraform.forget(NOTE);
    let taken = terraform.apply(NOTE, titled("Old")).await;
    assert!(
        taken.diagnostics.to_string().contains("exists already"),
        "{}",
        taken.diagnostics
    );
    let found = terraform
        .import(NOTE, ImportRequest::Id("old".to_owned()))
        .await;
    assert!(found.diagnostics.is_empty(), "{}", found.diagnostics);
    assert!(terraform.plan(NOTE, titled("Old")).await.is_empty());
}

#[tokio::test]
async fn everything_else_works_too() {
    let (terraform, _folder) = terraform().await;
    assert!(
        terraform
            .apply(NOTE, titled("First"))
            .await
            .diagnostics
            .is_empty()
    );
    let found = terraform
        .read_data("notes_note", titled("First"))
        .await
        .unwrap();
    assert!(found.attribute("text").is_null());
    let line = terraform
        .call("headline", vec![Value::from("one\ntwo")])
        .await
        .unwrap();
    assert_eq!(line, Value::from("one"));
    let lease = terraform
        .open("notes_draft", titled("Second"))
        .await
        .unwrap();
    assert_eq!(lease.result.attribute("id"), &Value::from("draft-second"));
    let nothing = || Value::object::<&str, Value>([]);
    let listed = terraform
        .list("notes_note", nothing(), true, 10)
        .await
        .unwrap();
    assert_eq!(listed.len(), 2);
    assert!(terraform.close(lease).await.is_empty());
    let tidied = terraform.invoke("notes_tidy", nothing()).await;
    assert_eq!(tidied.progress, ["removing first"]);
    assert_eq!(tidied.completions, 1);
}
