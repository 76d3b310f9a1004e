//! Actions: what people on call do, from a configuration.

use serde_json::json;
use switchyard_engine::{EMERGENCY_TAG, OPERATED_TAG};
use tfplugin::testing::Invocation;
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, all_at_once, canary, object, sound};

const APPROVE: &str = "switchyard_approve_deployment";
const ROLLBACK: &str = "switchyard_rollback";
const SCALE: &str = "switchyard_emergency_scale";
const MIGRATE: &str = "switchyard_run_migration";

fn web() -> Value {
    object! { cluster: "main", service: "web" }
}

async fn live(deployment: Value) -> (Account, Terraform) {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(deployment, &account.task_definition("v1"));
    sound(terraform.apply(WEB, config).await);
    (account, terraform)
}

/// Somebody deploys v2, with a pause before any traffic moves when asked to.
fn deploy(account: &Account, pauses: bool) {
    let mut input = json!({ "cluster": "main", "service": "web", "taskDefinition": account.task_definition("v2") });
    if pauses {
        input["deploymentConfiguration"] = json!({ "lifecycleHooks": [{
            "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"],
            "timeoutConfiguration": { "timeoutInMinutes": 300, "action": "ROLLBACK" },
        }] });
    }
    account.ecs("UpdateService", input);
    account.pass(5);
}

#[track_caller]
fn done(invocation: &Invocation) -> String {
    assert!(
        invocation.diagnostics.is_empty(),
        "{}",
        invocation.diagnostics
    );
    assert_eq!(invocation.completions, 1);
    invocation.progress.join("\n")
}

async fn tags(account: &Account) -> std::collections::BTreeMap<String, String> {
    account.ports.services.apply_begins();
    account.service().await.unwrap().tags
}

#[tokio::test]
async fn an_approval_continues_what_waits_and_says_when_nothing_does() {
    let (account, terraform) = live(all_at_once()).await;
    let nothing = terraform.invoke(APPROVE, web()).await;
    assert!(!nothing.diagnostics.has_errors(), "{}", nothing.diagnostics);
    let said = nothing.diagnostics.to_string();
    assert!(
        said.contains("had nothing to do") && said.contains("SY0266"),
        "{said}"
    );
    deploy(&account, true);
    assert_eq!(account.stage().as_deref(), Some("POST_SCALE_UP"));
    let config = web().with_attribute("reason", "looked at it");
    let said = done(&terraform.invoke(APPROVE, config).await);
    assert!(said.contains("is approved; it continues."), "{said}");
    assert!(tags(&account).await[OPERATED_TAG].ends_with("looked at it"));
    account.pass(60);
    assert_eq!(account.deployments()[0]["status"], "SUCCESSFUL");
}

#[tokio::test]
async fn a_rollback_ends_when_traffic_is_back() {
    let (account, terraform) = live(canary()).await;
    deploy(&account, false);
    let said = done(&terraform.invoke(ROLLBACK, web()).await);
    assert!(
        said.contains("`web` is rolled back: web:1 is live."),
        "{said}"
    );
    assert_eq!(account.deployments()[0]["status"], "ROLLBACK_SUCCESSFUL");
    // There is nothing left to go back to.
    let nothing = terraform.invoke(ROLLBACK, web()).await;
    let said = nothing.diagnostics.to_string();
    assert!(
        said.contains("SY0266") && !nothing.diagnostics.has_errors(),
        "{said}"
    );
    let missing = web().with_attribute("to", "web:77");
    let said = terraform
        .invoke(ROLLBACK, missing)
        .await
        .diagnostics
        .to_string();
    assert!(
        said.contains("Task definition `web:77` does not exist"),
        "{said}"
    );
    let both = web()
        .with_attribute("to", "web:1")
        .with_attribute("snapshot_id", "2026-03-01T10-00-00.000Z-0000");
    let said = terraform.invoke(ROLLBACK, both).await.diagnostics;
    assert!(said.has_errors(), "{said}");
}

#[tokio::test]
async fn an_emergency_raises_tasks_and_is_refused_by_the_plan_where_it_cannot() {
    let (account, terraform) = live(all_at_once()).await;
    let config = web().with_attribute("reason", "sale");
    let more = config.clone().with_attribute("desired_count", 9);
    let said = done(&terraform.invoke(SCALE, more).await);
    assert!(
        said.contains("`web` is scaled: 2 -> 9 tasks, until "),
        "{said}"
    );
    assert!(tags(&account).await.contains_key(EMERGENCY_TAG));
    assert_eq!(account.service().await.unwrap().desired, 9);
    for (config, part) in [
        (config.clone(), "needs a number"),
        (
            config.clone().with_attribute("desired_count", 1),
            "emergency scaling only raises",
        ),
        (
            config.clone().with_attribute("max_capacity", 50),
            "has no automatic scaling",
        ),
        (
            config
                .clone()
                .with_attribute("desired_count", 20)
                .with_attribute("duration", "later"),
            "must be a duration",
        ),
    ] {
        let refused = terraform.invoke(SCALE, config).await;
        assert!(refused.progress.is_empty(), "{:?}", refused.progress);
        let said = refused.diagnostics.to_string();
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_a_warning_of_the_plan_and_an_error_of_the_run() {
    let account = Account::new();
    let terraform = account.terraform().await;
    for (action, config) in [
        (APPROVE, web()),
        (ROLLBACK, web()),
        (
            SCALE,
            web()
                .with_attribute("desired_count", 3)
                .with_attribute("reason", "sale"),
        ),
    ] {
        let failed = terraform.invoke(action, config).await;
        let said = failed.diagnostics.to_string();
        assert!(said.contains("Service `web` does not exist yet"), "{said}");
        assert!(
            said.contains("There is no service `web` in cluster `main`"),
            "{said}"
        );
        assert!(failed.diagnostics.has_errors(), "{said}");
        assert_eq!(failed.completions, 1);
    }
}

#[tokio::test]
async fn a_migration_runs_each_time_and_is_checked_by_the_plan() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let arn = account.task_definition("v1");
    let config = |definition: &str| {
        object! {
            name: "schema", cluster: "main", task_definition: definition, launch_type: "FARGATE",
            network_configuration: object! { subnets: Value::set(["subnet-1"]) },
        }
    };
    let refused = terraform.invoke(MIGRATE, config("nothing:1")).await;
    assert!(refused.diagnostics.has_errors() && refused.progress.is_empty());
    let listed = || {
        account.ecs(
            "ListTasks",
            json!({ "cluster": "main", "startedBy": "switchyard-migration/schema" }),
        )
    };
    assert_eq!(listed()["taskArns"], json!([]));
    let ran = terraform.invoke(MIGRATE, config(&arn)).await;
    assert_eq!(ran.completions, 1);
    assert!(!ran.progress.is_empty());
    assert!(
        ran.progress[0].contains("Migration `schema` is started."),
        "{:?}",
        ran.progress
    );
}
