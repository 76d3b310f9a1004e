//! Gates through Terraform's calls.

use tfplugin::value::Value;

use crate::account::{
    Account, WEB, all_at_once, answers, canary, code_deploy_at_once, error, never, object, rolling,
    sound, steps,
};
use crate::folder::{Folder, last};

fn gated(config: &Value, gates: impl IntoIterator<Item = Value>) -> Value {
    config.clone().with_attribute("gate", Value::list(gates))
}

/// `GATE MOMENT VERDICT` of the last deployment.
fn verdicts(folder: &Folder) -> Vec<String> {
    let last = folder.last();
    let gates = last["gates"].as_array().unwrap().iter().map(|gate| {
        let text = |name: &str| gate[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", text("gate"), text("moment"), text("verdict"))
    });
    gates.collect()
}

/// What the state keeps of it: the worst of each gate.
fn worst(state: &Value, gate: &str) -> Option<String> {
    match last(state).attribute("gates") {
        Value::Map(verdicts) => Some(verdicts.get(gate)?.as_str()?.to_owned()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn gates_that_pass_let_the_deployment_go_on() {
    let folder = Folder::new("gates-pass");
    for deployment in [all_at_once(), canary(), steps()] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let what = format!("{:?}", deployment.attribute("strategy"));
        let moments: &[&str] = if deployment.attribute("strategy").as_str() == Some("all_at_once") {
            &["before_traffic", "bake", "after"]
        } else {
            &["before_traffic", "step", "bake", "after"]
        };
        let config = |tag: &str| {
            let plain = account.native(deployment.clone(), &account.task_definition(tag));
            folder.told(&gated(&plain, [answers(moments)]))
        };
        sound(terraform.apply(WEB, config("v1")).await);
        let state = sound(terraform.apply(WEB, config("v2")).await);
        assert_eq!(
            worst(&state, "answers").as_deref(),
            Some("passed"),
            "{what}"
        );
        assert_eq!(worst(&state, "never"), None, "{what}");
        let said = verdicts(&folder);
        for moment in moments {
            let line = format!("answers {moment} passed");
            assert!(said.contains(&line), "{what}: {line} in {said:?}");
        }
        assert!(
            !said.iter().any(|line| line.ends_with("failed")),
            "{what}: {said:?}"
        );
    }
}

#[tokio::test]
async fn a_gate_that_fails_undoes_the_deployment() {
    let folder = Folder::new("gate-fails");
    for moment in ["before_traffic", "step", "bake"] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let plain = account.native(canary(), &account.task_definition("v1"));
        let plain = folder.told(&plain);
        sound(terraform.apply(WEB, plain.clone()).await);
        let next = plain
            .clone()
            .with_attribute("task_definition", account.task_definition("v2"));
        let outcome = terraform.apply(WEB, gated(&next, [never(&[moment])])).await;
        let said = error(&outcome);
        assert!(said.contains("never"), "{moment}: {said}");
        let state = outcome.state.clone().unwrap();
        assert_eq!(
            state.attribute("task_definition"),
            plain.attribute("task_definition"),
            "{moment}"
        );
        assert_eq!(
            state.attribute("live_target_group").as_str(),
            Some(account.blue.as_str()),
            "{moment}"
        );
        let record = last(&state);
        assert_eq!(
            record.attribute("outcome").as_str(),
            Some("rolled_back"),
            "{moment}"
        );
        assert!(!record.attribute("recovery_seconds").is_null(), "{moment}");
        assert_eq!(
            worst(&state, "never").as_deref(),
            Some("failed"),
            "{moment}"
        );
        let said = verdicts(&folder);
        assert!(said.contains(&format!("never {moment} failed")), "{said:?}");
        // What is live is as it was; only the gate goes.
        let plan = terraform.plan(WEB, plain).await;
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    }
}

#[tokio::test]
async fn a_gate_that_only_observes_stops_nothing() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let folder = Folder::new("gate-observes");
    let watching = never(&["bake"]).with_attribute("observe_only", true);
    let config = |tag: &str| {
        let plain = account.native(all_at_once(), &account.task_definition(tag));
        folder.told(&gated(&plain, [watching.clone()]))
    };
    sound(terraform.apply(WEB, config("v1")).await);
    let state = sound(terraform.apply(WEB, config("v2")).await);
    assert_eq!(worst(&state, "never").as_deref(), Some("failed"));
    let said = verdicts(&folder);
    assert!(said.contains(&"never bake failed".to_owned()), "{said:?}");
}

#[tokio::test]
async fn gates_with_task_sets_undo_what_fails() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plain = account.external(steps(), &account.task_definition("v1"));
    sound(
        terraform
            .apply(WEB, gated(&plain, [answers(&["before_traffic", "step"])]))
            .await,
    );
    let next = plain.with_attribute("task_definition", account.task_definition("v2"));
    let outcome = terraform.apply(WEB, gated(&next, [never(&["step"])])).await;
    let said = error(&outcome);
    assert!(said.contains("never"), "{said}");
    assert_eq!(
        outcome.attribute("live_target_group").as_str(),
        Some(account.blue.as_str())
    );
    assert_eq!(account.task_sets().await.len(), 1);
}

#[tokio::test]
async fn gates_after_the_end_are_for_every_strategy() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plain = account.native(rolling(), &account.task_definition("v1"));
    let config = gated(&plain, [answers(&["after"])]);
    sound(terraform.apply(WEB, config.clone()).await);
    let next = config.with_attribute("task_definition", account.task_definition("v2"));
    let outcome = terraform
        .apply(WEB, gated(&next, [never(&["after"])]))
        .await;
    let said = error(&outcome);
    assert!(said.contains("never"), "{said}");
    let state = outcome.state.unwrap();
    assert_eq!(
        state.attribute("task_definition"),
        next.attribute("task_definition"),
        "it is live all the same"
    );
    assert_eq!(
        last(&state).attribute("outcome").as_str(),
        Some("unhealthy")
    );
}

#[tokio::test]
async fn gates_are_settings() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plain = account.native(canary(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, plain.clone()).await);
    let metric = object! {
        name: "errors",
        when: Value::set(["step", "bake"]),
        metric: object! { predefined: "target_5xx_percent", success_when: "<= 1", failure_when: "> 5" },
    };
    let all = gated(&plain, [answers(&["before_traffic"]), metric])
        .with_attribute("health_score", object! {});
    for config in [all, plain] {
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
        sound(terraform.apply(WEB, config).await);
    }
    assert_eq!(account.deployments().len(), 1);
}

#[tokio::test]
async fn gates_take_some_time() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plain = account.native(canary(), &account.task_definition("v1"));
    let asking = |name: &str| {
        let http = object! { target: "new_targets" };
        answers(&["bake"]).with_attribute("http", http.with_attribute(name, "0s"))
    };
    let metric = object! { predefined: "target_requests", success_when: "> 1", interval: "0s" };
    let gates = [
        asking("timeout"),
        asking("latency"),
        asking("interval"),
        answers(&["bake"]).with_attribute("time_limit", "0s"),
        object! { name: "requests", when: Value::set(["bake"]), metric: metric },
    ];
    for gate in gates {
        let plan = terraform.plan(WEB, gated(&plain, [gate.clone()])).await;
        let said = plan.diagnostics.to_string();
        assert!(said.contains("longer than zero"), "{gate:?}: {said}");
    }
}

#[tokio::test]
async fn gates_of_code_deploy_are_asked_after_the_end() {
    let folder = Folder::new("gates-after");
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let config = |tag: &str| {
        let plain = account.code_deployed(&code_deploy_at_once(), &account.task_definition(tag));
        folder.told(&gated(&plain, [answers(&["after"])]))
    };
    sound(terraform.apply(WEB, config("v1")).await);
    account.deployment_group(1);
    sound(terraform.apply(WEB, config("v2")).await);
    assert_eq!(verdicts(&folder), ["answers after passed"]);
}
