//! What a plan says before AWS would: wrong regions, networks, numbers of tasks; and services that are taken over as they
//! are.

use serde_json::json;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::{Plan, PlannedAction};
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, all_at_once, canary, code_deploy_at_once, code_deploy_deployments,
    object, rolling, sound, steps, web,
};

#[track_caller]
fn one_error(plan: &Plan, code: &str) -> String {
    let said = plan.diagnostics.to_string();
    assert!(plan.diagnostics.has_errors(), "{said}");
    assert_eq!(plan.diagnostics.iter().count(), 1, "{said}");
    assert!(said.contains(code), "{said}");
    said
}

#[track_caller]
fn one_warning(plan: &Plan, code: &str) -> String {
    let said = plan.diagnostics.to_string();
    assert!(!plan.diagnostics.has_errors(), "{said}");
    assert_eq!(plan.diagnostics.iter().count(), 1, "{said}");
    assert!(said.contains(code), "{said}");
    said
}

async fn imported(account: &Account) -> Terraform {
    let terraform = account.terraform().await;
    let id = ImportRequest::Id("main/web".to_owned());
    let imported = terraform.import(WEB, id).await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    terraform
}

fn update(account: &Account, mut input: serde_json::Value) {
    input["cluster"] = "main".into();
    input["service"] = "web".into();
    account.ecs("UpdateService", input);
    account.pass(30);
}

#[tokio::test]
async fn another_region_is_one_error() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let cluster = "arn:aws:ecs:us-west-2:123456789012:cluster/main";
    let elsewhere = config.clone().with_attribute("cluster", cluster);
    let said = one_error(&terraform.plan(WEB, elsewhere).await, "SY0150");
    assert!(
        said.contains("us-west-2") && said.contains("eu-west-1"),
        "{said}"
    );
    let moved = |arn: &str| arn.replace("eu-west-1", "us-west-2");
    let groups = [moved(&account.blue), moved(&account.green)];
    let balancer = config
        .attribute("load_balancer")
        .clone()
        .with_attribute(
            "target_groups",
            Value::set(groups.iter().map(String::as_str)),
        )
        .with_attribute("production_listener_rule", moved(&account.rule));
    let elsewhere = config.with_attribute("load_balancer", balancer);
    let said = one_error(&terraform.plan(WEB, elsewhere).await, "SY0150");
    assert!(said.contains("3 ARNs"), "{said}");
}

#[tokio::test]
async fn a_network_belongs_to_its_mode() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let one = account.task_definition("v1");
    let without = web(rolling(), &one).with_attribute("network_configuration", Value::Null);
    one_error(&terraform.plan(WEB, without).await, "SY0151");
    account.ecs(
        "RegisterTaskDefinition",
        json!({
            "family": "bridged", "networkMode": "bridge",
            "containerDefinitions": [{ "name": "app", "image": "app:v1", "memory": 256 }],
        }),
    );
    let with = web(rolling(), "bridged:1").with_attribute("launch_type", "EC2");
    one_error(&terraform.plan(WEB, with).await, "SY0151");
}

#[tokio::test]
async fn what_is_about_a_load_balancer_is_refused_without_or_at_the_wrong_place() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let one = account.task_definition("v1");
    let patient = web(rolling(), &one).with_attribute("health_check_grace_period", "60s");
    let said = terraform.validate(WEB, patient).await.to_string();
    assert!(said.contains("SY0033"), "{said}");
    let config = account.native(canary(), &one);
    let balancer = config
        .attribute("load_balancer")
        .clone()
        .with_attribute("production_listener_rule", account.listener.as_str());
    let config = config.with_attribute("load_balancer", balancer);
    let said = terraform.validate(WEB, config).await.to_string();
    assert!(said.contains("SY0032"), "{said}");
}

#[tokio::test]
async fn no_tasks_are_told_before_and_after() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(canary(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let none = config.clone().with_attribute("desired_count", 0);
    one_warning(&terraform.plan(WEB, none.clone()).await, "SY0148");
    let stopped = terraform.apply(WEB, none.clone()).await;
    assert!(!stopped.diagnostics.has_errors(), "{}", stopped.diagnostics);
    let plan = terraform.plan(WEB, none.clone()).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
    account.pass(30);
    let next = none.with_attribute("task_definition", account.task_definition("v2").as_str());
    let deployed = terraform.apply(WEB, next).await;
    assert!(
        !deployed.diagnostics.has_errors(),
        "{}",
        deployed.diagnostics
    );
    let said = deployed.diagnostics.to_string();
    assert!(said.contains("SY0149"), "{said}");
    // A new service that has none yet is nobody's loss.
    let account = Account::new();
    let terraform = account.terraform().await;
    let idle = web(rolling(), &account.task_definition("v1")).with_attribute("desired_count", 0);
    sound(terraform.apply(WEB, idle).await);
}

#[tokio::test]
async fn a_number_that_is_left_out_stays() {
    let account = Account::new();
    let config = account.native(canary(), &account.task_definition("v1"));
    let silent = config.clone().with_attribute("desired_count", Value::Null);
    let terraform = account.terraform().await;
    let state = sound(terraform.apply(WEB, silent.clone()).await);
    assert_eq!(*state.attribute("desired_count"), Value::from(1));
    update(&account, json!({ "desiredCount": 4 }));
    // Here, and after an import.
    for terraform in [terraform, imported(&account).await] {
        let plan = terraform.plan(WEB, silent.clone()).await;
        assert!(plan.is_empty(), "{:?}", plan.planned);
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        let tag = format!("v{}", account.deployments().len() + 1);
        let next = account.task_definition(&tag);
        let deployed = silent.clone().with_attribute("task_definition", next);
        let done = terraform.apply(WEB, deployed).await;
        assert!(!done.diagnostics.has_errors(), "{}", done.diagnostics);
        assert_eq!(account.service().await.unwrap().desired, 4);
        let back = terraform.apply(WEB, silent.clone()).await;
        assert!(!back.diagnostics.has_errors(), "{}", back.diagnostics);
    }
}

#[tokio::test]
async fn a_breaker_that_a_service_has_stays_and_is_no_error() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plain = account.native(canary(), &account.task_definition("v1"));
    let guarded = plain.clone().with_attribute(
        "deployment",
        canary().with_attribute("circuit_breaker", object! {}),
    );
    one_error(&terraform.plan(WEB, guarded.clone()).await, "SY0118");
    sound(terraform.apply(WEB, plain.clone()).await);
    let breaker = json!({ "enable": true, "rollback": true });
    update(
        &account,
        json!({ "deploymentConfiguration": { "deploymentCircuitBreaker": breaker } }),
    );
    let terraform = imported(&account).await;
    let plan = terraform.plan(WEB, guarded.clone()).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
    let next = guarded.with_attribute("task_definition", account.task_definition("v2").as_str());
    one_warning(&terraform.plan(WEB, next.clone()).await, "SY0118");
    let done = terraform.apply(WEB, next).await;
    assert!(!done.diagnostics.has_errors(), "{}", done.diagnostics);
    let configuration = account.service().await.unwrap().deployment_configuration;
    assert!(configuration.unwrap().circuit_breaker.unwrap().enable);
}

#[tokio::test]
async fn an_import_says_that_an_autoscaler_has_the_number() {
    let account = Account::new();
    let config = account.native(canary(), &account.task_definition("v1"));
    sound(account.terraform().await.apply(WEB, config.clone()).await);
    account.call(
        switchyard_world::Service::AutoScaling,
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount",
            "ResourceId": "service/main/web", "MinCapacity": 1, "MaxCapacity": 9,
        }),
    );
    let terraform = imported(&account).await;
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.is_empty(), "{:?}", plan.planned);
    one_warning(&plan, "SY0122");
    // Whoever says so is not told.
    let terraform = imported(&account).await;
    let owned = config.with_attribute("desired_count_owner", "autoscaler");
    let plan = terraform.plan(WEB, owned).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
}

#[tokio::test]
async fn a_service_of_task_sets_without_any_is_not_replaced() {
    let account = Account::new();
    account.ecs(
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "web", "desiredCount": 2,
            "deploymentController": { "type": "EXTERNAL" },
        }),
    );
    let terraform = imported(&account).await;
    let config = account.external(steps(), &account.task_definition("v1"));
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Update, "{:?}", plan.replace);
    let done = terraform.apply(WEB, config.clone()).await;
    assert!(!done.diagnostics.has_errors(), "{}", done.diagnostics);
    assert_eq!(account.task_sets().await.len(), 1);
    let plan = terraform.plan(WEB, config).await;
    assert!(plan.is_empty(), "{:?} {:?}", plan.prior, plan.planned);
}

#[tokio::test]
async fn an_import_finds_the_deployment_group_of_the_last_deployment() {
    for deployed in code_deploy_deployments() {
        let account = Account::with_code_deploy();
        account.deployment_config();
        let terraform = account.terraform().await;
        let first = account.code_deployed(&deployed, &account.task_definition("v1"));
        sound(terraform.apply(WEB, first.clone()).await);
        account.deployment_group(1);
        let config = deployed
            .config
            .or(match deployed.deployment.attribute("strategy").as_str() {
                Some("canary") => Some("CodeDeployDefault.ECSCanary10Percent5Minutes"),
                Some("linear") => Some("CodeDeployDefault.ECSLinear10PercentEvery1Minutes"),
                _ => None,
            });
        if let Some(config) = config {
            let named = json!({
                "applicationName": "shop", "currentDeploymentGroupName": "web", "deploymentConfigName": config,
            });
            account.code_deploy("UpdateDeploymentGroup", named);
        }
        let two = account.task_definition("v2");
        let next = first.with_attribute("task_definition", two.as_str());
        sound(terraform.apply(WEB, next.clone()).await);
        account.pass(90);
        let terraform = imported(&account).await;
        // The listener only says where first tasks start, and is in no answer of AWS.
        let balancer = next
            .attribute("load_balancer")
            .clone()
            .with_attribute("production_listener_rule", Value::Null);
        let known = next.with_attribute("load_balancer", balancer);
        let plan = terraform.plan(WEB, known).await;
        assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
        assert!(plan.is_empty(), "{:?}\n{:?}", plan.prior, plan.planned);
    }
}

#[tokio::test]
async fn a_gate_through_the_test_listener_needs_one_under_code_deploy() {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    let made = terraform.apply(WEB, config.clone()).await;
    assert!(!made.diagnostics.has_errors(), "{}", made.diagnostics);
    account.deployment_group(1);
    let gate = |target: &str| {
        let http = object! { target: target, path: "/" };
        let gate = object! { name: "front", when: Value::set(["after"]), http: http };
        config
            .clone()
            .with_attribute("task_definition", account.task_definition("v2"))
            .with_attribute("gate", Value::list([gate]))
    };
    let said = one_error(&terraform.plan(WEB, gate("test_listener")).await, "SY0152");
    for part in [
        "Gate `front`",
        "deployment group `web` has none",
        "new_targets",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let plan = terraform.plan(WEB, gate("new_targets")).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
}
