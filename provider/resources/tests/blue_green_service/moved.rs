//! Services that `aws_ecs_service` managed before: taken over without a change in AWS.

use serde_json::{Value as Json, json};
use tfplugin::resource::{MoveRequest, RawState};
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, code_deploy_deployments, native_deployments, object, sound, steps,
};

fn source(state: &Json) -> MoveRequest {
    MoveRequest {
        source_provider: "registry.terraform.io/hashicorp/aws".to_owned(),
        source_type: "aws_ecs_service".to_owned(),
        source_version: 1,
        source_state: RawState::from_json(state.to_string()),
        source_private: b"{\"schema_version\":\"1\"}".to_vec(),
        source_identity: None,
    }
}

/// The state hashicorp/aws has of the service `web`.
async fn recorded(account: &Account) -> Json {
    let service = account.service().await.unwrap();
    let described = account.ecs(
        "DescribeServices",
        json!({ "cluster": "main", "services": ["web"], "include": ["TAGS"] }),
    );
    let aws = &described["services"][0];
    let configuration = &aws["deploymentConfiguration"];
    let balancers: Vec<Json> = service
        .load_balancers
        .iter()
        .map(|balancer| {
            let advanced = balancer.alternate.iter().map(|alternate| {
                json!({
                    "alternate_target_group_arn": alternate.target_group,
                    "production_listener_rule": alternate.production_rule,
                    "role_arn": alternate.role, "test_listener_rule": "",
                })
            });
            json!({
                "container_name": balancer.container, "container_port": balancer.port, "elb_name": "",
                "target_group_arn": balancer.target_group, "advanced_configuration": advanced.collect::<Vec<_>>(),
            })
        })
        .collect();
    let network = &aws["networkConfiguration"]["awsvpcConfiguration"];
    json!({
        "id": service.arn, "arn": service.arn, "name": "web", "cluster": service.cluster_arn,
        "task_definition": service.task_definition, "desired_count": service.desired, "launch_type": "FARGATE",
        "platform_version": aws["platformVersion"], "propagate_tags": "NONE", "capacity_provider_strategy": [],
        "deployment_controller": [{ "type": aws["deploymentController"]["type"] }],
        "deployment_configuration": [{
            "strategy": configuration["strategy"],
            "bake_time_in_minutes": configuration["bakeTimeInMinutes"].to_string(),
            "canary_configuration": [{
                "canary_percent": configuration["canaryConfiguration"]["canaryPercent"],
                "canary_bake_time_in_minutes": configuration["canaryConfiguration"]["canaryBakeTimeInMinutes"].to_string(),
            }],
            "linear_configuration": [{
                "step_percent": configuration["linearConfiguration"]["stepPercent"],
                "step_bake_time_in_minutes": configuration["linearConfiguration"]["stepBakeTimeInMinutes"].to_string(),
            }],
            "lifecycle_hook": [],
        }],
        "deployment_circuit_breaker": [], "deployment_maximum_percent": 200, "deployment_minimum_healthy_percent": 100,
        "health_check_grace_period_seconds": 0, "enable_ecs_managed_tags": false, "enable_execute_command": false,
        "load_balancer": balancers,
        "network_configuration": [{
            "assign_public_ip": false, "security_groups": network["securityGroups"], "subnets": network["subnets"],
        }],
        "tags": { "team": "shop" }, "tags_all": { "team": "shop" },
        "force_new_deployment": null, "wait_for_steady_state": false, "timeouts": null,
    })
}

/// Moves the service and lets the next command see it; its plan.
async fn takes_over(
    account: &Account,
    state: &Json,
    config: &Value,
) -> (Terraform, tfplugin::testing::Plan) {
    let terraform = account.terraform().await;
    let outcome = terraform.moved(WEB, source(state)).await;
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    // The ARN says where it is; without it, the refresh does.
    let region = state["arn"].as_str().map(|_| "eu-west-1");
    assert_eq!(
        terraform.identity(WEB),
        Some(object! {
            cluster: "main",
            name: "web",
            region: region.map_or(Value::Null, Value::from),
        })
    );
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.replace, []);
    (terraform, plan)
}

#[tokio::test]
async fn native_services_are_taken_over_with_an_empty_plan() {
    for deployment in native_deployments() {
        let account = Account::new();
        let what = format!("{:?}", deployment.attribute("strategy"));
        let config = account.native(deployment, &account.task_definition("v1"));
        sound(account.terraform().await.apply(WEB, config.clone()).await);
        let whole = recorded(&account).await;
        // What an old version recorded, or hardly anything.
        let sparse = json!({ "name": "web", "cluster": "main", "surprise": [1] });
        for state in [&whole, &sparse] {
            let (terraform, plan) = takes_over(&account, state, &config).await;
            assert!(
                plan.is_empty(),
                "{what}: {:?}\n{:?}",
                plan.prior,
                plan.planned
            );
            // And it is managed from here on.
            let next = config
                .clone()
                .with_attribute("task_definition", account.task_definition("v2"));
            sound(terraform.apply(WEB, next).await);
            // What was live before may come back on a shorter way, and the plan says so.
            let back = terraform.apply(WEB, config.clone()).await;
            assert!(!back.diagnostics.has_errors(), "{}", back.diagnostics);
        }
    }
}

#[tokio::test]
async fn other_controllers_are_taken_over_in_place() {
    for deployment in code_deploy_deployments() {
        let account = Account::with_code_deploy();
        account.deployment_config();
        let config = account.code_deployed(&deployment, &account.task_definition("v1"));
        sound(account.terraform().await.apply(WEB, config.clone()).await);
        account.deployment_group(1);
        is_in_place(&account, &config).await;
        assert_eq!(account.code_deploy_deployments().len(), 0);
    }
    let account = Account::new();
    let config = account.external(steps(), &account.task_definition("v1"));
    sound(account.terraform().await.apply(WEB, config.clone()).await);
    is_in_place(&account, &config).await;
}

async fn is_in_place(account: &Account, config: &Value) {
    let before = account.task_sets().await;
    let state = recorded(account).await;
    let (terraform, plan) = takes_over(account, &state, config).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(account.task_sets().await, before);
}

#[tokio::test]
async fn nothing_else_can_be_taken_over() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let service = source(&json!({ "name": "web", "cluster": "main" }));
    let strangers = [
        MoveRequest {
            source_type: "aws_ecs_task_set".to_owned(),
            ..service.clone()
        },
        MoveRequest {
            source_provider: "registry.terraform.io/somebody/aws-like".to_owned(),
            ..service.clone()
        },
    ];
    for stranger in strangers {
        let outcome = terraform.moved(WEB, stranger).await;
        let said = outcome.diagnostics.to_string();
        assert!(
            said.contains("only an `aws_ecs_service` of hashicorp/aws"),
            "{said}"
        );
        assert_eq!(terraform.state(WEB), None);
    }
    let nameless = source(&json!({ "cluster": "main" }));
    let outcome = terraform.moved(WEB, nameless).await;
    let said = outcome.diagnostics.to_string();
    assert!(said.contains("no cluster or no name"), "{said}");
}
