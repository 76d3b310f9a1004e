//! Changes of the controller, in place.

use tfplugin::testing::{ApplyResult, PlannedAction};
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, all_at_once, code_deploy_at_once, object, sound};

/// The state of an apply that worked and said where the service moved.
#[track_caller]
fn moved(outcome: ApplyResult) -> Value {
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let said = outcome.diagnostics.to_string();
    assert!(said.contains("in place"), "{said}");
    outcome.state.unwrap()
}

async fn announces(terraform: &Terraform, config: &Value, deploys: bool) {
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.replace, []);
    assert_eq!(plan.attribute("will_deploy"), &Value::from(deploys));
    assert_eq!(plan.diagnostics.iter().count(), 1, "{}", plan.diagnostics);
}

#[tokio::test]
async fn a_code_deploy_service_becomes_native_and_goes_back() {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let one = account.task_definition("v1");
    let code_deployed = account.code_deployed(&code_deploy_at_once(), &one);
    sound(terraform.apply(WEB, code_deployed.clone()).await);
    account.deployment_group(1);
    let arn = account.service().await.unwrap().arn;

    let mut native = account.native(all_at_once(), &one);
    let balancer = native.attribute("load_balancer").clone();
    native = native.with_attribute(
        "load_balancer",
        balancer.with_attribute("production_listener_rule", account.default_rule()),
    );
    announces(&terraform, &native, true).await;
    let state = moved(terraform.apply(WEB, native.clone()).await);
    assert_eq!(state.attribute("controller").as_str(), Some("ecs"));
    assert_eq!(state.attribute("arn").as_str(), Some(arn.as_str()));
    assert_eq!(account.deployments().len(), 1);

    // The next revision is ECS's.
    let next = native.with_attribute("task_definition", account.task_definition("v2"));
    sound(terraform.apply(WEB, next.clone()).await);
    assert_eq!(account.deployments().len(), 2);

    // And back, which deploys nothing.
    let back =
        code_deployed.with_attribute("task_definition", next.attribute("task_definition").clone());
    announces(&terraform, &back, false).await;
    let state = moved(terraform.apply(WEB, back).await);
    assert_eq!(state.attribute("controller").as_str(), Some("codedeploy"));
    assert_eq!(state.attribute("arn").as_str(), Some(arn.as_str()));
    assert_eq!(account.code_deploy_deployments().len(), 0);
}

#[tokio::test]
async fn task_sets_are_for_the_life_of_a_service() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let native = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, native.clone()).await);
    let balancer = native
        .attribute("load_balancer")
        .clone()
        .with_attribute("role_arn", Value::Null);
    let external = native
        .with_attribute("controller", "external")
        .with_attribute("load_balancer", balancer)
        .with_attribute(
            "deployment",
            object! { strategy: "steps", step: Value::list([object! { percent: 100 }]) },
        );
    let plan = terraform.plan(WEB, external).await;
    let said = plan.diagnostics.to_string();
    assert!(plan.diagnostics.has_errors());
    assert!(
        said.contains("from `ecs` to `external`") && said.contains("second service"),
        "{said}"
    );
}
