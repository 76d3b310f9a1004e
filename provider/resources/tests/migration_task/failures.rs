//! Migrations that do not succeed: what is said, and what the next apply does.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use switchyard_support::intercept::Intercept;
use tfplugin::value::Value;

use crate::account::{Account, SCHEMA, config, configured, sound};

/// An apply that failed; what it said.
async fn fails(account: &Account, config: Value) -> String {
    let terraform = account.terraform().await;
    let outcome = terraform.apply(SCHEMA, config).await;
    assert!(outcome.diagnostics.has_errors());
    assert_eq!(
        outcome.state, None,
        "nothing is recorded of a first run that failed"
    );
    outcome.diagnostics.to_string()
}

#[track_caller]
fn says(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "no {word:?} in:\n{said}");
    }
}

#[tokio::test]
async fn an_exit_code_fails_the_apply_and_the_next_one_runs_it_again() {
    let account = Account::new();
    let broken = account.definition(&[("app", "v1--exit-3-after-20s")]);
    let said = fails(&account, config(&broken, "v1")).await;
    says(
        &said,
        &[
            "Migration `shop-schema` failed: exit code 3",
            "Container `app`",
            "SY0280",
        ],
    );

    let works = account.definition(&[("app", "v2--exit-0-after-20s")]);
    let terraform = account.terraform().await;
    sound(terraform.apply(SCHEMA, config(&works, "v1")).await);
    assert_eq!(account.tasks().len(), 2);

    // A run that fails later leaves the triggers of the one that succeeded.
    let outcome = terraform.apply(SCHEMA, config(&broken, "v2")).await;
    says(&outcome.diagnostics.to_string(), &["exit code 3"]);
    let state = outcome.state.unwrap();
    let triggers = state.attribute("triggers").entries().unwrap();
    assert_eq!(triggers["image"].as_str(), Some("v1"));
    sound(terraform.apply(SCHEMA, config(&works, "v2")).await);
    assert_eq!(account.tasks().len(), 4);
}

#[tokio::test]
async fn an_image_that_does_not_exist_is_named() {
    let account = Account::new();
    let missing = account.definition(&[("app", "v1--missing")]);
    let said = fails(&account, config(&missing, "v1")).await;
    says(
        &said,
        &[
            "did not run to its end",
            "CannotPullContainerError",
            "SY0281",
        ],
    );
}

#[tokio::test]
async fn one_that_takes_too_long_is_stopped() {
    let account = Account::new();
    let slow = account.definition(&[("app", "v1")]);
    let config = config(&slow, "v1").with_attribute("timeout", "2m");
    let said = fails(&account, config).await;
    says(&said, &["took longer than 2m", "was stopped", "SY0282"]);
    let tasks = account.tasks();
    assert_eq!(tasks[0]["lastStatus"], "STOPPED");
    let reason = tasks[0]["stoppedReason"].as_str().unwrap();
    assert!(reason.contains("timeout"), "{reason}");
}

#[tokio::test]
async fn the_container_that_counts_must_be_clear() {
    let account = Account::new();
    let two = account.definition(&[("app", "v1--exit-0"), ("proxy", "v1")]);
    let terraform = account.terraform().await;
    let plan = terraform.plan(SCHEMA, config(&two, "v1")).await;
    let said = plan.diagnostics.to_string();
    says(
        &said,
        &["`container_name` must be set", "`app`, `proxy`", "SY0287"],
    );
    let wrong = config(&two, "v1").with_attribute("container_name", "api");
    let plan = terraform.plan(SCHEMA, wrong).await;
    says(
        &plan.diagnostics.to_string(),
        &["no container `api`", "SY0287"],
    );
    let named = config(&two, "v1").with_attribute("container_name", "app");
    sound(terraform.apply(SCHEMA, named).await);

    let gone = config("shop:99", "v1");
    let plan = terraform
        .plan(
            SCHEMA,
            gone.with_attribute("triggers", Value::map([("image", "v9")])),
        )
        .await;
    says(
        &plan.diagnostics.to_string(),
        &["`shop:99` does not exist", "SY0287"],
    );
    assert_eq!(account.tasks().len(), 1);
}

/// A task of this migration that somebody else has started.
fn other(account: &Account, definition: &str) -> String {
    let network = json!({ "awsvpcConfiguration": { "subnets": ["subnet-0a0a0a0a0a0a0a0a0"] } });
    let started = account.ecs(
        "RunTask",
        json!({
            "cluster": "main", "taskDefinition": definition, "launchType": "FARGATE",
            "networkConfiguration": network, "startedBy": "switchyard-migration/shop-schema",
        }),
    );
    started["tasks"][0]["taskArn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_runs_after_the_other() {
    let account = Account::new();
    let slow = account.definition(&[("app", "v1--exit-0-after-300s")]);
    let quick = account.definition(&[("app", "v2--exit-0")]);
    let first = other(&account, &slow);
    let terraform = account.terraform().await;
    sound(terraform.apply(SCHEMA, config(&quick, "v2")).await);
    let tasks = account.tasks();
    assert_eq!(tasks[0]["taskArn"], first.as_str());
    let ended = tasks[0]["stoppedAt"].as_f64().unwrap();
    assert!(
        ended <= tasks[1]["createdAt"].as_f64().unwrap(),
        "{tasks:?}"
    );

    // One that never ends is waited for as long as the migration may take.
    let endless = account.definition(&[("app", "v3")]);
    let stays = other(&account, &endless);
    let outcome = terraform
        .apply(SCHEMA, config(&quick, "v3").with_attribute("timeout", "5m"))
        .await;
    says(
        &outcome.diagnostics.to_string(),
        &["still running", &stays, "SY0283"],
    );
    assert_eq!(account.tasks().len(), 3, "nothing was started");
}

/// Two applies look at the same moment, and both see that nothing runs.
#[tokio::test]
async fn of_two_that_start_at_once_the_later_one_gives_way() {
    let account = Arc::new(Account::new());
    let quick = account.definition(&[("app", "v1--exit-0")]);
    let slow = account.definition(&[("app", "v2--exit-0-after-120s")]);
    let between = Arc::clone(&account);
    let late = Intercept::new(account.ports.clone()).after_each(move |_, call| {
        if call == "ecs:ListTasks" && between.tasks().is_empty() {
            other(&between, &slow);
            between.world.advance(Duration::from_secs(1));
        }
    });
    let terraform = configured(late.ports()).await;
    let outcome = terraform.apply(SCHEMA, config(&quick, "v1")).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let tasks = account.tasks();
    assert_eq!(tasks.len(), 3, "{tasks:?}");
    let reason = tasks[1]["stoppedReason"].as_str().unwrap();
    assert!(reason.contains("started first"), "{reason}");
    let first_ended = tasks[0]["stoppedAt"].as_f64().unwrap();
    assert!(first_ended <= tasks[2]["createdAt"].as_f64().unwrap());
}

#[test]
fn an_interrupted_apply_leaves_the_task_and_the_next_one_waits_for_it() {
    // Time moves only while everybody waits, one after the other.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .event_interval(1)
        .build();
    runtime.unwrap().block_on(async {
        let account = Account::new();
        let slow = account.definition(&[("app", "v1--exit-0-after-300s")]);
        let config = || config(&slow, "v1");
        let terraform = account.terraform().await;
        let interrupts = async {
            while account.tasks().is_empty() {
                tokio::task::yield_now().await;
            }
            terraform.stop().await
        };
        let (outcome, _) = tokio::join!(terraform.apply(SCHEMA, config()), interrupts);
        says(
            &outcome.diagnostics.to_string(),
            &["is still running", "SY0284"],
        );
        assert_eq!(outcome.state, None);
        let again = account.terraform().await;
        let outcome = again.apply(SCHEMA, config()).await;
        says(
            &outcome.diagnostics.to_string(),
            &["an earlier apply had started"],
        );
        assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
        assert_eq!(account.tasks().len(), 1);
        assert!(again.plan(SCHEMA, config()).await.is_empty());
    });
}
