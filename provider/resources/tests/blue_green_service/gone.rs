//! What the traffic of a service goes through, deleted by somebody: every plan names it, and so does the apply.

use serde_json::json;
use tfplugin::testing::{Plan, PlannedAction};
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, all_at_once, code_deploy_at_once, sound, steps, until,
};

/// The plan is no empty one, or refused, and what it found says this.
#[track_caller]
fn names(plan: &Plan, words: &str, rule: &str) {
    let said = plan.diagnostics.to_string();
    assert!(said.contains(&format!("Rule {rule}.")), "{said}");
    if plan.diagnostics.has_errors() {
        assert!(said.contains(words.get(1..).unwrap()), "{said}");
        return;
    }
    assert_eq!(plan.action, PlannedAction::Update);
    let left = format!("{:?}", plan.prior.attribute("unfinished"));
    assert!(left.contains(words), "{left}");
}

async fn is_quiet(terraform: &Terraform, config: &Value) {
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{:?} {}",
        plan.planned,
        plan.diagnostics
    );
}

#[tokio::test]
async fn a_deleted_rule_is_named_by_every_plan_under_ecs_and_with_task_sets() {
    for external in [false, true] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let v1 = account.task_definition("v1");
        let config = if external {
            account.external(steps(), &v1)
        } else {
            account.native(all_at_once(), &v1)
        };
        sound(terraform.apply(WEB, config.clone()).await);
        account.pass(60);
        is_quiet(&terraform, &config).await;
        account.elb("DeleteRule", json!({ "RuleArn": account.rule }));
        for _ in 0..2 {
            let plan = terraform.plan(WEB, config.clone()).await;
            let words = format!("production rule `{}` does not exist", account.rule);
            names(&plan, &words, "SY0108");
        }
        let refused = terraform.apply(WEB, config).await;
        assert!(refused.diagnostics.has_errors());
        assert!(refused.diagnostics.to_string().contains("Create the rule"));
    }
}

#[tokio::test]
async fn a_deleted_target_group_is_named_by_every_plan() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    account.pass(60);
    account.elb("DeleteRule", json!({ "RuleArn": account.rule }));
    account.elb(
        "DeleteTargetGroup",
        json!({ "TargetGroupArn": account.green }),
    );
    let plan = terraform.plan(WEB, config.clone()).await;
    let words = format!("target group `{}` does not exist", account.green);
    names(&plan, &words, "SY0105");
}

#[tokio::test]
async fn a_deleted_listener_of_a_deployment_group_is_named_and_told_by_an_apply_that_has_nothing_to_deploy()
 {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let mut config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    let balancer = config
        .attribute("load_balancer")
        .clone()
        .with_attribute("production_listener_rule", Value::Null);
    sound(terraform.apply(WEB, config.clone()).await);
    account.deployment_group(0);
    account.pass(60);
    // Only the deployment group names the listener.
    config = config.with_attribute("load_balancer", balancer);
    sound(terraform.apply(WEB, config.clone()).await);
    is_quiet(&terraform, &config).await;

    account.elb("DeleteListener", json!({ "ListenerArn": account.listener }));
    let words = format!(
        "production listener `{}` of deployment group `web` does not exist",
        account.listener
    );
    let plan = terraform.plan(WEB, config.clone()).await;
    names(&plan, &words, "SY0147");
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    let outcome = terraform.apply(WEB, config.clone()).await;
    let said = outcome.diagnostics.to_string();
    let errors: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("error:"))
        .collect();
    // The apply has nothing to put right with, and the next plan says so again.
    assert_eq!(
        errors,
        ["error: The plan is not empty after apply"],
        "{said}"
    );
    assert!(said.contains("load_balancer_info"), "{said}");
    names(&terraform.plan(WEB, config.clone()).await, &words, "SY0147");

    // A deployment would fail at it.
    let v2 = account.task_definition("v2");
    let changed = config.with_attribute("task_definition", v2.as_str());
    let plan = terraform.plan(WEB, changed).await;
    assert!(plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    names(&plan, &words, "SY0147");
}

#[tokio::test]
async fn a_listener_deleted_while_code_deploy_deploys_fails_the_apply() {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    account.deployment_group(0);
    account.pass(60);
    let v2 = account.task_definition("v2");
    let changed = config.with_attribute("task_definition", v2.as_str());
    let applying = terraform.apply(WEB, changed.clone());
    let deleting = async {
        until(|| !account.code_deploy_deployments().is_empty()).await;
        account.elb("DeleteListener", json!({ "ListenerArn": account.listener }));
    };
    let (outcome, ()) = tokio::join!(applying, deleting);
    assert!(outcome.diagnostics.has_errors(), "{:?}", outcome.state);
    let words = format!("production listener `{}` does not exist", account.listener);
    let plan = terraform.plan(WEB, changed).await;
    names(&plan, &words, "SY0108");
}
