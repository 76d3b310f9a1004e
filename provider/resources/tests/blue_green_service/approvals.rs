//! Pauses: those that a person ends, as the configuration says, and those that somebody else has set.

use serde_json::json;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, WEB, all_at_once, answers, canary, error, in_turns, object, put_right, rolling, sound,
    told, until,
};

fn approval(stages: &[&str]) -> Value {
    object! { stages: Value::set(stages.iter().copied()) }
}

fn with_approval(deployment: Value, stages: &[&str]) -> Value {
    deployment.with_attribute("approval", Value::list([approval(stages)]))
}

/// A pause as anybody can set it.
fn pause(stage: &str) -> serde_json::Value {
    json!({
        "targetType": "PAUSE", "lifecycleStages": [stage],
        "timeoutConfiguration": { "timeoutInMinutes": 300, "action": "ROLLBACK" },
    })
}

fn update(account: &Account, mut input: serde_json::Value) {
    input["cluster"] = "main".into();
    input["service"] = "web".into();
    account.ecs("UpdateService", input);
}

/// The newest deployment, and the pause at which it waits.
fn waiting(account: &Account) -> Option<(String, String)> {
    let arn = account.deployments().first()?["serviceDeploymentArn"].clone();
    let input = json!({ "serviceDeploymentArns": [arn] });
    let found = account.ecs("DescribeServiceDeployments", input);
    let hooks = found["serviceDeployments"][0]["lifecycleHookDetails"].as_array()?;
    let open = hooks
        .iter()
        .find(|hook| hook["targetType"] == "PAUSE" && hook["status"] == "AWAITING_ACTION")?;
    Some((
        arn.as_str()?.to_owned(),
        open["hookId"].as_str()?.to_owned(),
    ))
}

/// A person ends the pause.
fn answer(account: &Account, action: &str) {
    let (arn, hook) = waiting(account).unwrap();
    account.ecs(
        "ContinueServiceDeployment",
        json!({ "serviceDeploymentArn": arn, "hookId": hook, "action": action }),
    );
}

/// Waits for a pause and ends it; the stage and the traffic at that moment.
async fn approves(account: &Account, from: usize) -> String {
    until(|| account.deployments().len() > from && waiting(account).is_some()).await;
    // It is left alone for an hour.
    let since = account.world.now();
    until(|| account.world.now().since(since).as_secs() >= 3600).await;
    let stage = account.stage().unwrap();
    answer(account, "CONTINUE");
    stage
}

#[test]
fn a_person_approves_at_the_stages_that_are_written() {
    in_turns(async {
        let account = Account::new();
        let terraform = account.terraform().await;
        let gates = Value::list([answers(&["before_traffic"])]);
        let first = account.native(canary(), &account.task_definition("v1"));
        sound(terraform.apply(WEB, first).await);
        let deployment = with_approval(canary(), &["POST_PRODUCTION_TRAFFIC_SHIFT"]);
        let next = account
            .native(deployment, &account.task_definition("v2"))
            .with_attribute("gate", gates);
        let (outcome, stage) =
            tokio::join!(terraform.apply(WEB, next.clone()), approves(&account, 1));
        sound(outcome);
        assert_eq!(stage, "POST_PRODUCTION_TRAFFIC_SHIFT");
        let plan = terraform.plan(WEB, next).await;
        assert!(plan.is_empty(), "{:?}", plan.planned);
    });
}

#[test]
fn a_step_is_held_until_a_person_approves() {
    in_turns(async {
        let account = Account::new();
        let terraform = account.terraform().await;
        let config = |tag: &str| {
            let steps = Value::list([
                object! { percent: 20, hold: "approval" },
                object! { percent: 60, hold: "1m" },
                object! { percent: 100, hold: "approval" },
            ]);
            let deployment = object! { strategy: "steps", step: steps };
            account.native(deployment, &account.task_definition(tag))
        };
        let first = account.native(canary(), &account.task_definition("v1"));
        sound(terraform.apply(WEB, first).await);
        let next = config("v2");
        let person = async {
            // The first pause is before any traffic, and the apply's.
            let weight = |account: &Account| {
                let arn = account.deployments()[0]["serviceDeploymentArn"].clone();
                let input = json!({ "serviceDeploymentArns": [arn] });
                let found = account.ecs("DescribeServiceDeployments", input);
                found["serviceDeployments"][0]["targetServiceRevision"]["requestedProductionTrafficWeight"]
                    .as_f64()
                    .unwrap_or_default()
            };
            let mut held = Vec::new();
            for _ in 0..2 {
                let since = std::cell::Cell::new(account.world.now());
                // What an apply ends, it ends within a few minutes.
                until(|| {
                    if account.deployments().len() < 2 || waiting(&account).is_none() {
                        since.set(account.world.now());
                    }
                    account.world.now().since(since.get()).as_secs() >= 1800
                })
                .await;
                held.push(weight(&account));
                answer(&account, "CONTINUE");
            }
            held
        };
        let (outcome, held) = tokio::join!(terraform.apply(WEB, next.clone()), person);
        sound(outcome);
        assert_eq!(held, [20.0, 100.0]);
        let plan = terraform.plan(WEB, next).await;
        assert!(plan.is_empty(), "{:?}", plan.planned);
    });
}

#[test]
fn who_is_not_asked_in_time_finds_the_deployment_rolled_back() {
    in_turns(async {
        let account = Account::new();
        let terraform = account.terraform().await;
        let config = |tag: &str| {
            let block = approval(&["POST_SCALE_UP"]).with_attribute("time_limit", "30m");
            let deployment = all_at_once().with_attribute("approval", Value::list([block]));
            account.native(deployment, &account.task_definition(tag))
        };
        let first = account.native(all_at_once(), &account.task_definition("v1"));
        sound(terraform.apply(WEB, first).await);
        let outcome = terraform.apply(WEB, config("v2")).await;
        let said = error(&outcome);
        assert!(said.contains("SY0201"), "{said}");
        assert_eq!(account.deployments().len(), 2);
    });
}

#[tokio::test]
async fn pauses_and_functions_of_others_are_drift() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(canary(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let function = json!({
        "hookTargetArn": "arn:aws:lambda:eu-west-1:123456789012:function:theirs",
        "roleArn": "arn:aws:iam::123456789012:role/theirs", "lifecycleStages": ["POST_SCALE_UP"],
    });
    for (hook, attribute) in [
        (pause("POST_SCALE_UP"), "approval"),
        (function, "lifecycle_hook"),
    ] {
        update(
            &account,
            json!({ "deploymentConfiguration": { "lifecycleHooks": [hook] } }),
        );
        let plan = terraform.plan(WEB, config.clone()).await;
        let rule = match attribute {
            "approval" => "service.approvals",
            _ => "service.lifecycle-hooks",
        };
        told(&plan.diagnostics, rule);
        assert_eq!(plan.action, PlannedAction::Update);
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
        let found = plan.prior.attribute("deployment").attribute(attribute);
        assert!(!found.is_null(), "what goes is in the plan");
        put_right(terraform.apply(WEB, config.clone()).await, rule);
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(plan.is_empty() && plan.diagnostics.is_empty());
    }
}

#[tokio::test]
async fn a_pause_that_is_imported_is_an_approval() {
    let account = Account::new();
    let config = account.native(canary(), &account.task_definition("v1"));
    sound(account.terraform().await.apply(WEB, config.clone()).await);
    let hook = pause("POST_TEST_TRAFFIC_SHIFT");
    update(
        &account,
        json!({ "deploymentConfiguration": { "lifecycleHooks": [hook] } }),
    );
    let terraform = account.terraform().await;
    let id = ImportRequest::Id("main/web".to_owned());
    let imported = terraform.import(WEB, id).await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    let block = approval(&["POST_TEST_TRAFFIC_SHIFT"]).with_attribute("time_limit", "5h");
    let deployment = canary().with_attribute("approval", Value::list([block]));
    let kept = config.with_attribute("deployment", deployment);
    let plan = terraform.plan(WEB, kept).await;
    assert!(plan.is_empty(), "{:?} {:?}", plan.prior, plan.planned);
}

#[tokio::test]
async fn a_deployment_that_somebody_else_paused_is_named_at_once() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(canary(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let next = account.task_definition("v2");
    for gated in [false, true] {
        let hook = pause("POST_TEST_TRAFFIC_SHIFT");
        update(
            &account,
            json!({ "taskDefinition": next, "deploymentConfiguration": { "lifecycleHooks": [hook] } }),
        );
        account.pass(5);
        let (arn, hook) = waiting(&account).unwrap();
        let mut wanted = config
            .clone()
            .with_attribute("task_definition", next.as_str());
        if gated {
            // The apply pauses deployments as well, but not there.
            let gates = Value::list([answers(&["before_traffic"])]);
            wanted = wanted.with_attribute("gate", gates);
        }
        let since = account.world.now();
        let outcome = terraform.apply(WEB, wanted).await;
        assert!(outcome.diagnostics.has_errors());
        let said = outcome.diagnostics.to_string();
        assert!(account.world.now().since(since).as_secs() < 120, "{said}");
        for part in [
            "SY0218",
            "a pause that is not in this configuration",
            &format!(
                "--region eu-west-1 --service-deployment-arn {arn} --hook-id {hook} --action CONTINUE"
            ),
            "--action ROLLBACK",
        ] {
            assert!(said.contains(part), "`{part}` in {said}");
        }
        assert!(waiting(&account).is_some(), "it is left to its owner");
        answer(&account, "ROLLBACK");
        account.pass(30);
    }
}

#[tokio::test]
async fn a_first_deployment_that_somebody_else_paused_is_not_stopped() {
    let account = Account::new();
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(account.terraform().await.apply(WEB, config.clone()).await);
    let input = json!({ "cluster": "main", "services": ["web"] });
    let found = account.ecs("DescribeServices", input)["services"][0].clone();
    let mut deployment = found["deploymentConfiguration"].clone();
    deployment["lifecycleHooks"] = json!([pause("POST_PRODUCTION_TRAFFIC_SHIFT")]);
    account.ecs(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    account.pass(30);
    let mut again = json!({
        "cluster": "main", "serviceName": "web", "desiredCount": 2, "launchType": "FARGATE",
        "deploymentConfiguration": deployment,
    });
    for member in ["taskDefinition", "networkConfiguration", "loadBalancers"] {
        again[member] = found[member].clone();
    }
    account.ecs("CreateService", again);
    account.pass(10);
    let (arn, _) = waiting(&account).expect("the first deployment pauses, too");
    let terraform = account.terraform().await;
    let imported = terraform
        .import(WEB, ImportRequest::Id("main/web".to_owned()))
        .await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    let next = config.with_attribute("task_definition", account.task_definition("v2").as_str());
    let plan = terraform.plan(WEB, next.clone()).await;
    let said = plan.diagnostics.to_string();
    assert!(said.contains("SY0136") && said.contains("paused"), "{said}");
    let said = terraform.apply(WEB, next).await.diagnostics.to_string();
    assert!(said.contains("SY0218") && said.contains(&arn), "{said}");
    assert_eq!(account.deployments().len(), 1, "nothing took its place");
}

#[tokio::test]
async fn where_nobody_can_be_asked_the_plan_says_so() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let one = account.task_definition("v1");
    let gates = Value::list([answers(&["bake"])]);
    let bake = "POST_PRODUCTION_TRAFFIC_SHIFT";
    for (deployment, gate, part) in [
        (with_approval(rolling(), &["POST_SCALE_UP"]), None, "SY0001"),
        (
            with_approval(canary(), &["PRODUCTION_TRAFFIC_SHIFT"]),
            None,
            "SY0008",
        ),
        (with_approval(canary(), &[bake]), Some(gates), "SY0031"),
        (
            canary().with_attribute(
                "approval",
                Value::list([approval(&[bake]), approval(&[bake])]),
            ),
            None,
            "SY0031",
        ),
    ] {
        let mut config = account.native(deployment, &one);
        if let Some(gate) = gate {
            config = config.with_attribute("gate", gate);
        }
        let said = terraform.validate(WEB, config).await.to_string();
        assert!(said.contains(part), "{part} in {said}");
    }
}
