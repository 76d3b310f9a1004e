//! Gates that run commands and functions, open connections, make load and look at other services.

use switchyard_engine::ports::{ErrorKind, Ports};
use switchyard_support::intercept::{Fault, Intercept, Selector};
use tfplugin::testing::ApplyResult;
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, answers, canary, configured, error, in_turns, never, object, sound,
    until,
};
use crate::folder::{Folder, last};

/// A command gate; the words after `--` say what the container does in this world.
fn command(words: &[&str]) -> Value {
    object! {
        name: "tests",
        when: Value::set(["before_traffic"]),
        time_limit: "10m",
        command: object! {
            command: Value::list(words.iter().copied()),
            environment: Value::map([("SUITE", "smoke")]),
        },
    }
}

fn gate(name: &str, check: &str, block: Value) -> Value {
    object! { name: name, when: Value::set(["before_traffic"]) }.with_attribute(check, block)
}

fn function(name: &str) -> Value {
    gate("judge", "function", object! { function_name: name })
}

/// An apply of the next revision with these gates, after the first one without any.
async fn deployed(account: &Account, gates: Vec<Value>) -> ApplyResult {
    let (terraform, next) = ready(account.ports.clone(), account, gates).await;
    terraform.apply(WEB, next).await
}

/// A service with its first revision, and the configuration of the next one with these gates.
async fn ready(ports: Ports, account: &Account, gates: Vec<Value>) -> (Terraform, Value) {
    let plain = account.native(canary(), &account.task_definition("v1"));
    let terraform = configured(ports, object! {}).await;
    sound(terraform.apply(WEB, plain.clone()).await);
    let next = plain
        .with_attribute("task_definition", account.task_definition("v2"))
        .with_attribute("gate", Value::list(gates));
    (terraform, next)
}

fn worst(outcome: &ApplyResult, gate: &str) -> Option<String> {
    match last(outcome.state.as_ref().unwrap()).attribute("gates") {
        Value::Map(verdicts) => Some(verdicts.get(gate)?.as_str()?.to_owned()),
        other => panic!("{other:?}"),
    }
}

/// Tasks that gates have started, the oldest first.
fn tasks(account: &Account) -> Vec<serde_json::Value> {
    let mut arns = Vec::new();
    for status in ["RUNNING", "STOPPED"] {
        let input = serde_json::json!({
            "cluster": "main", "desiredStatus": status, "startedBy": "switchyard-gate/web",
        });
        let listed = account.ecs("ListTasks", input);
        arns.extend(listed["taskArns"].as_array().unwrap().clone());
    }
    if arns.is_empty() {
        return Vec::new();
    }
    let input = serde_json::json!({ "cluster": "main", "tasks": arns, "include": ["TAGS"] });
    let described = account.ecs("DescribeTasks", input);
    let mut tasks = described["tasks"].as_array().unwrap().clone();
    tasks.sort_by(|one, other| {
        let created = |task: &serde_json::Value| task["createdAt"].as_f64().unwrap();
        created(one).total_cmp(&created(other))
    });
    tasks
}

#[tokio::test]
async fn a_command_that_exits_with_0_lets_the_deployment_continue() {
    let account = Account::new();
    let outcome = deployed(&account, vec![command(&["test", "--exit-0-after-60s"])]).await;
    let state = sound(outcome.clone());
    assert_eq!(worst(&outcome, "tests").as_deref(), Some("passed"));
    let tasks = tasks(&account);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    let task = &tasks[0];
    assert_eq!(
        task["taskDefinitionArn"].as_str(),
        state.attribute("task_definition").as_str(),
        "it is a task of the new revision"
    );
    let overridden = &task["overrides"]["containerOverrides"][0];
    assert_eq!(
        overridden["command"],
        serde_json::json!(["test", "--exit-0-after-60s"])
    );
    assert_eq!(overridden["environment"][0]["name"], "SUITE");
    assert_eq!(task["lastStatus"], "STOPPED");
}

#[tokio::test]
async fn a_command_that_fails_rolls_back_and_says_how_it_ended() {
    let account = Account::new();
    let outcome = deployed(&account, vec![command(&["test", "--exit-3-after-20s"])]).await;
    let said = error(&outcome);
    assert!(said.contains("Gate `tests` has failed"), "{said}");
    assert!(said.contains("exit code 3"), "{said}");
    let state = outcome.state.unwrap();
    assert_eq!(
        state.attribute("live_target_group").as_str(),
        Some(account.blue.as_str())
    );
    assert_eq!(tasks(&account).len(), 1);
}

#[tokio::test]
async fn a_command_is_tried_as_often_as_it_may_fail() {
    let account = Account::new();
    let gate = command(&["test", "--exit-1"]);
    let block = gate
        .attribute("command")
        .clone()
        .with_attribute("attempts", 2_i64);
    let outcome = deployed(&account, vec![gate.with_attribute("command", block)]).await;
    assert!(
        error(&outcome).contains("failed round 2 of 2"),
        "{}",
        outcome.diagnostics
    );
    assert_eq!(tasks(&account).len(), 2, "two tasks, with a token each");
}

#[tokio::test]
async fn a_command_that_does_not_end_is_stopped_after_the_time_limit() {
    let account = Account::new();
    let endless = command(&["test", "--latency-1ms"]).with_attribute("time_limit", "3m");
    let outcome = deployed(&account, vec![endless]).await;
    assert!(
        error(&outcome).contains("Gate `tests` could not be decided"),
        "{}",
        outcome.diagnostics
    );
    let tasks = tasks(&account);
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0]["desiredStatus"], "STOPPED", "{tasks:?}");
    let reason = tasks[0]["stoppedReason"].as_str().unwrap();
    assert!(reason.contains("switchyard"), "{reason}");
}

#[tokio::test]
async fn a_command_is_stopped_when_another_gate_fails() {
    let account = Account::new();
    let endless = command(&["test", "--latency-1ms"]);
    let outcome = deployed(&account, vec![endless, never(&["before_traffic"])]).await;
    assert!(
        error(&outcome).contains("Gate `never` has failed"),
        "{}",
        outcome.diagnostics
    );
    let tasks = tasks(&account);
    assert_eq!(tasks[0]["desiredStatus"], "STOPPED", "{tasks:?}");
}

#[test]
fn an_interrupted_apply_leaves_its_task_to_the_next_one() {
    in_turns(async {
        let account = Account::new();
        let gates = vec![command(&["test", "--exit-0-after-300s"])];
        let (terraform, next) = ready(account.ports.clone(), &account, gates).await;
        let next = next.with_attribute("on_cancel", "leave");
        let interrupts = async {
            until(|| !tasks(&account).is_empty()).await;
            terraform.stop().await
        };
        let (outcome, _) = tokio::join!(terraform.apply(WEB, next.clone()), interrupts);
        assert!(
            error(&outcome).contains("SY0206"),
            "{}",
            outcome.diagnostics
        );
        let again = terraform.apply(WEB, next).await;
        assert!(!again.diagnostics.has_errors(), "{}", again.diagnostics);
        assert_eq!(tasks(&account).len(), 1, "one task, whoever started it");
        assert_eq!(account.deployments().len(), 2);
        assert_eq!(worst(&again, "tests").as_deref(), Some("passed"));
    });
}

/// Whatever one of the new calls says: the deployment ends one way or the other, and the apply that follows gets there.
#[tokio::test]
async fn every_call_of_a_gate_may_fail() {
    let faults = [
        Fault::Fails(ErrorKind::Unavailable),
        Fault::Fails(ErrorKind::Throttled),
        Fault::Fails(ErrorKind::Denied),
        Fault::Fails(ErrorKind::Rejected),
        Fault::AnswerLost,
    ];
    for operation in ["ecs:RunTask", "ecs:ListTasks", "lambda:Invoke"] {
        for fault in faults {
            let account = Account::new();
            let failing = Intercept::new(account.ports.clone());
            let gates = vec![command(&["test", "--exit-0-after-30s"]), function("judge")];
            let (terraform, next) = ready(failing.ports(), &account, gates).await;
            let before = failing.count(operation);
            let failing = failing.with(Selector::Operation(operation, before + 1), fault);
            let what = format!("{operation} {fault:?}");
            let outcome = terraform.apply(WEB, next.clone()).await;
            assert!(failing.count(operation) > before, "{what}: it is called");
            let state = outcome.state.clone().unwrap();
            let live = state.attribute("live_task_definition");
            let is_new = live == next.attribute("task_definition");
            assert_eq!(is_new, !outcome.diagnostics.has_errors(), "{what}");
            // What AWS refuses says nothing about the image.
            let again = terraform.apply(WEB, next.clone()).await;
            assert!(
                !again.diagnostics.has_errors(),
                "{what}: {}",
                again.diagnostics
            );
            assert!(tasks(&account).len() <= 2, "{what}");
        }
    }
}

#[tokio::test]
async fn the_answer_of_a_function_decides() {
    for (name, expected) in [
        ("judge", None),
        (
            "judge-fails",
            Some("the function returned `Failed`: the cart is empty"),
        ),
        (
            "judge-throws",
            Some("the function itself failed (Unhandled): the cart is empty"),
        ),
        ("judge-missing", Some("ResourceNotFoundException")),
    ] {
        let account = Account::new();
        let outcome = deployed(&account, vec![function(name)]).await;
        match expected {
            None => {
                sound(outcome.clone());
                assert_eq!(worst(&outcome, "judge").as_deref(), Some("passed"));
            }
            Some(words) => {
                let said = error(&outcome);
                assert!(said.contains(words), "{name}: {said}");
                assert_eq!(
                    worst(&outcome, "judge").as_deref(),
                    Some("failed"),
                    "{name}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_function_that_aws_does_not_answer_for_is_asked_again() {
    let account = Account::new();
    let failing = Intercept::new(account.ports.clone()).with(
        Selector::Operation("lambda:Invoke", 2),
        Fault::Fails(ErrorKind::Unavailable),
    );
    let (terraform, next) = ready(failing.ports(), &account, vec![function("judge")]).await;
    sound(terraform.apply(WEB, next).await);
    assert_eq!(failing.count("lambda:Invoke"), 3);
}

#[tokio::test]
async fn connections_and_certificates_are_checked() {
    for (block, kind, expected) in [
        (
            object! { host: "db.example.com", port: 5432_i64 },
            "tcp",
            None,
        ),
        (
            object! { host: "db-missing.example.com", port: 5432_i64, attempts: 2_i64 },
            "tcp",
            Some("db-missing.example.com:5432"),
        ),
        (object! { host: "shop.example.com" }, "tls", None),
        (
            object! { host: "expires-in-5d.example.com", attempts: 1_i64 },
            "tls",
            Some("valid for 5 days"),
        ),
        (
            object! { host: "expires-in-5d.example.com", minimum_days: 3_i64 },
            "tls",
            None,
        ),
    ] {
        let account = Account::new();
        let outcome = deployed(&account, vec![gate("reach", kind, block.clone())]).await;
        match expected {
            None => drop(sound(outcome)),
            Some(words) => {
                let said = error(&outcome);
                assert!(said.contains(words), "{block:?}: {said}");
            }
        }
    }
}

#[tokio::test]
async fn another_service_must_be_healthy() {
    let other = |service: &str| {
        let block = object! { service: service, attempts: 2_i64 };
        gate("payments", "dependency", block)
    };
    let account = Account::new();
    // Itself, with all of its tasks.
    sound(deployed(&account, vec![other("web")]).await);
    let account = Account::new();
    let outcome = deployed(&account, vec![other("payments")]).await;
    let said = error(&outcome);
    assert!(
        said.contains("service `payments` does not exist in cluster `main`"),
        "{said}"
    );
}

#[tokio::test]
async fn load_is_judged_by_its_errors_and_percentiles() {
    let load = |p95: &str| {
        let load = object! { requests: 50_i64, concurrency: 5_i64, p95: p95 };
        gate(
            "load",
            "http",
            object! { target: "new_targets", path: "/", attempts: 1_i64, load: load },
        )
    };
    let folder = Folder::new("gate-load");
    let account = Account::new();
    let (terraform, next) = ready(account.ports.clone(), &account, vec![load("10s")]).await;
    sound(terraform.apply(WEB, folder.told(&next)).await);
    let message = folder.last()["gates"][0]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        message.contains("50 requests, 5 at a time: 0 failed, p50 "),
        "{message}"
    );

    let account = Account::new();
    let slow = account.native(canary(), &account.task_definition("v1"));
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, slow.clone()).await);
    let next = slow
        .with_attribute(
            "task_definition",
            account.task_definition("v2--latency-200ms"),
        )
        .with_attribute("gate", Value::list([load("100ms")]));
    let said = error(&terraform.apply(WEB, next).await);
    assert!(said.contains("p95 200 ms"), "{said}");
    assert!(said.contains("p95 may be at most 100 ms"), "{said}");
}

#[tokio::test]
async fn a_gate_that_only_warns_ends_the_apply_with_a_warning() {
    let account = Account::new();
    let warns = never(&["before_traffic"]).with_attribute("on_failure", "warn");
    let outcome = deployed(&account, vec![warns, answers(&["before_traffic"])]).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let said = outcome.diagnostics.to_string();
    assert!(said.contains("a gate that only warns has failed"), "{said}");
    assert!(said.contains("Gate `never` (before_traffic)"), "{said}");
    assert!(said.contains("SY0270"), "{said}");
    assert_eq!(worst(&outcome, "never").as_deref(), Some("failed"));
}

#[tokio::test]
async fn smoke_stops_before_anything_else_is_asked() {
    let account = Account::new();
    let smoke = never(&["before_traffic"]);
    let later = command(&["test", "--exit-0"]).with_attribute("order", 2_i64);
    let outcome = deployed(&account, vec![later, smoke]).await;
    assert!(
        error(&outcome).contains("Gate `never` has failed"),
        "{}",
        outcome.diagnostics
    );
    assert!(tasks(&account).is_empty(), "the second group never began");
}

#[tokio::test]
async fn a_gate_that_watches_after_the_end_is_measured_for_its_time() {
    let account = Account::new();
    let began = account.world.now();
    let watches = answers(&["after"]).with_attribute("watch", "20m");
    sound(deployed(&account, vec![watches]).await);
    let minutes = (account.world.now().millis() - began.millis()) / 60_000;
    assert!(minutes >= 20, "{minutes} minutes");
}
