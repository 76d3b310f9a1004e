//! From creation to destruction, for every strategy of every controller.

use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, CodeDeployed, Terraform, WEB, all_at_once, code_deploy_deployments, error,
    native_deployments, object, put_right, rolling, sound, web,
};
use crate::folder::last;

/// Applies a revision; a rollout is announced, followed to its end, and recorded.
async fn rolls_out(terraform: &Terraform, config: &Value) -> Value {
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
    assert!(plan.attribute("live_target_group").is_unknown());
    assert!(plan.attribute("last_deployment").is_unknown());
    assert!(plan.attribute("arn") == plan.prior.attribute("arn") || plan.prior.is_null());
    let state = sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(
        state.attribute("task_definition"),
        config.attribute("task_definition")
    );
    state
}

async fn is_destroyed(account: &Account, terraform: &Terraform) {
    let destroyed = terraform.destroy(WEB).await;
    assert!(
        destroyed.diagnostics.is_empty(),
        "{}",
        destroyed.diagnostics
    );
    assert_eq!(destroyed.action, Some(PlannedAction::Destroy));
    assert_eq!(terraform.state(WEB), None);
    assert_eq!(account.service().await, None);
}

#[tokio::test]
async fn every_strategy_of_ecs_lives_through_four_revisions() {
    for deployment in native_deployments() {
        let account = Account::new();
        let terraform = account.terraform().await;
        let strategy = deployment.attribute("strategy").clone();
        let alternates = strategy.as_str() != Some("rolling");
        for (number, tag) in ["v1", "v2", "v3", "v4"].into_iter().enumerate() {
            let config = account.native(deployment.clone(), &account.task_definition(tag));
            let state = rolls_out(&terraform, &config).await;
            let expected = if alternates && number % 2 == 1 {
                &account.green
            } else {
                &account.blue
            };
            assert_eq!(
                state.attribute("live_target_group").as_str(),
                Some(expected.as_str()),
                "{strategy:?} {tag}"
            );
            assert_eq!(
                last(&state).attribute("id").as_str(),
                account.deployments()[0]["serviceDeploymentArn"].as_str(),
                "{strategy:?} {tag}"
            );
            assert_eq!(state.attribute("id").as_str(), Some("main/web"));
            assert_eq!(
                account.deployments().len(),
                number + 1,
                "{strategy:?} {tag}"
            );
            assert!(!account.is_marked().await);
        }
        is_destroyed(&account, &terraform).await;
    }
}

#[tokio::test]
async fn every_strategy_of_code_deploy_lives_through_four_revisions() {
    for deployment in code_deploy_deployments() {
        let account = Account::with_code_deploy();
        account.deployment_config();
        let terraform = account.terraform().await;
        for (number, tag) in ["v1", "v2", "v3", "v4"].into_iter().enumerate() {
            let what = format!("{:?} {tag}", deployment.deployment);
            let config = account.code_deployed(&deployment, &account.task_definition(tag));
            let state = rolls_out(&terraform, &config).await;
            let expected = if number % 2 == 1 {
                &account.green
            } else {
                &account.blue
            };
            assert_eq!(
                state.attribute("live_target_group").as_str(),
                Some(expected.as_str()),
                "{what}"
            );
            assert_eq!(account.code_deploy_deployments().len(), number, "{what}");
            if number == 0 {
                account.deployment_group(1);
            } else {
                let last = last(&state);
                let id = last.attribute("id").as_str();
                assert_eq!(id, account.code_deploy_deployments()[0].as_str(), "{what}");
            }
        }
        is_destroyed(&account, &terraform).await;
    }
}

#[tokio::test]
async fn a_new_code_deploy_service_starts_on_the_side_the_listener_points_at() {
    let mut account = Account::with_code_deploy();
    // Whatever sorts first, the listener decides.
    let (blue, green) = (account.green.clone(), account.blue.clone());
    let action = serde_json::json!({ "Type": "forward", "TargetGroupArn": blue });
    account.elb(
        "ModifyListener",
        serde_json::json!({ "ListenerArn": account.listener, "DefaultActions": [action] }),
    );
    (account.blue, account.green) = (blue, green);
    let terraform = account.terraform().await;
    let deployment = CodeDeployed {
        deployment: object! { strategy: "all_at_once" },
        config: None,
    };
    let config = account.code_deployed(&deployment, &account.task_definition("v1"));
    let state = sound(terraform.apply(WEB, config).await);
    assert_eq!(
        state.attribute("live_target_group").as_str(),
        Some(account.blue.as_str())
    );
    account.deployment_group(1);
    let config = account.code_deployed(&deployment, &account.task_definition("v2"));
    let state = sound(terraform.apply(WEB, config).await);
    assert_eq!(
        state.attribute("live_target_group").as_str(),
        Some(account.green.as_str())
    );
}

#[tokio::test]
async fn a_service_without_a_load_balancer_rolls() {
    let account = Account::new();
    let terraform = account.terraform().await;
    for tag in ["v1", "v2"] {
        let config = web(rolling(), &account.task_definition(tag));
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
        let state = sound(terraform.apply(WEB, config).await);
        assert!(state.attribute("live_target_group").is_null());
    }
    is_destroyed(&account, &terraform).await;
}

#[tokio::test]
async fn short_names_of_task_definitions_are_kept() {
    let account = Account::new();
    let terraform = account.terraform().await;
    for (tag, name) in [("v1", "web:1"), ("v2", "web:2")] {
        account.task_definition(tag);
        let state = rolls_out(&terraform, &account.native(all_at_once(), name)).await;
        assert_eq!(state.attribute("task_definition").as_str(), Some(name));
    }
    // The same revision in its long form is no change.
    let arn = account.service().await.unwrap().task_definition.unwrap();
    let config = account.native(all_at_once(), &arn);
    assert!(terraform.plan(WEB, config).await.is_empty());
    assert_eq!(account.deployments().len(), 2);
}

#[tokio::test]
async fn capacity_providers_are_kept_in_the_order_they_are_written() {
    let account = Account::new();
    account.ecs(
        "PutClusterCapacityProviders",
        serde_json::json!({
            "cluster": "main", "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategy": [],
        }),
    );
    let terraform = account.terraform().await;
    let item = |name: &str, weight: i64| object! { capacity_provider: name, weight: weight };
    let config = |tag: &str, items: [Value; 2]| {
        account
            .native(all_at_once(), &account.task_definition(tag))
            .with_attribute("launch_type", Value::Null)
            .with_attribute("capacity_provider_strategy", Value::list(items))
    };
    let one = config("v1", [item("FARGATE_SPOT", 3), item("FARGATE", 1)]);
    let state = sound(terraform.apply(WEB, one.clone()).await);
    assert!(state.attribute("launch_type").is_null());
    let two = config("v2", [item("FARGATE_SPOT", 3), item("FARGATE", 1)]);
    sound(terraform.apply(WEB, two.clone()).await);
    let three = two.with_attribute(
        "capacity_provider_strategy",
        Value::list([item("FARGATE_SPOT", 1), item("FARGATE", 1)]),
    );
    rolls_out(&terraform, &three).await;
    assert_eq!(account.deployments().len(), 3);
}

#[tokio::test]
async fn what_aws_fills_in_stays_filled_in() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let bare = |tag: &str| {
        account
            .native(all_at_once(), &account.task_definition(tag))
            .with_attribute(
                "network_configuration",
                object! { subnets: Value::set(["subnet-1", "subnet-2"]) },
            )
            .with_attribute("tags", Value::Null)
    };
    sound(terraform.apply(WEB, bare("v1")).await);
    let config = bare("v2");
    rolls_out(&terraform, &config).await;
    let more = config.with_attribute("desired_count", 3);
    let plan = terraform.plan(WEB, more.clone()).await;
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    sound(terraform.apply(WEB, more).await);
    assert_eq!(account.deployments().len(), 2);
}

#[tokio::test]
async fn the_platform_version_is_the_one_that_was_asked_for() {
    for version in ["LATEST", "1.4.0"] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let config = |tag: &str| {
            account
                .native(all_at_once(), &account.task_definition(tag))
                .with_attribute("platform_version", version)
        };
        sound(terraform.apply(WEB, config("v1")).await);
        let next = config("v2");
        let state = sound(terraform.apply(WEB, next.clone()).await);
        assert_eq!(state.attribute("platform_version").as_str(), Some(version));
        sound(
            terraform
                .apply(WEB, next.with_attribute("desired_count", 3))
                .await,
        );
        assert_eq!(account.deployments().len(), 2, "{version}");
    }
}

#[tokio::test]
async fn another_name_is_another_service() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let renamed = config.with_attribute("name", "shop");
    let plan = terraform.plan(WEB, renamed.clone()).await;
    assert_eq!(plan.action, PlannedAction::Replace);
    let state = sound(terraform.apply(WEB, renamed).await);
    assert_eq!(state.attribute("id").as_str(), Some("main/shop"));
    assert_eq!(account.service().await, None);
}

#[tokio::test]
async fn the_cluster_may_be_spelt_either_way() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let state = sound(terraform.apply(WEB, config.clone()).await);
    let arn = account.service().await.unwrap().cluster_arn;
    let spelt = config.with_attribute("cluster", arn.as_str());
    assert!(terraform.plan(WEB, spelt).await.is_empty());
    assert_eq!(state.attribute("cluster").as_str(), Some("main"));
}

#[tokio::test]
async fn a_service_that_someone_else_made_is_not_taken() {
    let account = Account::new();
    let theirs = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(theirs.apply(WEB, config.clone()).await);
    // A create of just this is recognised for a day: its end may never have been recorded.
    account.pass(24 * 60);
    let ours = account.terraform().await;
    let outcome = ours.apply(WEB, config).await;
    let said = error(&outcome);
    assert!(said.contains("SY0208") && said.contains("mport"), "{said}");
    assert_eq!(outcome.state, None);
    assert_eq!(account.deployments().len(), 1);
}

#[tokio::test]
async fn a_rollout_of_someone_else_is_seen_and_undone() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let ours = account.task_definition("v1");
    let config = account.native(all_at_once(), &ours);
    sound(terraform.apply(WEB, config.clone()).await);
    let theirs = account.task_definition("v2");
    account.ecs(
        "UpdateService",
        serde_json::json!({ "cluster": "main", "service": "web", "taskDefinition": theirs }),
    );
    account.pass(30);
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(
        plan.prior.attribute("task_definition").as_str(),
        Some(theirs.as_str())
    );
    assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
    let state = put_right(
        terraform.apply(WEB, config).await,
        "service.task-definition",
    );
    assert_eq!(
        state.attribute("live_target_group").as_str(),
        Some(account.blue.as_str())
    );
    assert_eq!(account.deployments().len(), 3);
}

#[tokio::test]
async fn a_rollout_under_way_towards_the_same_revision_is_joined() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(
        terraform
            .apply(
                WEB,
                account.native(all_at_once(), &account.task_definition("v1")),
            )
            .await,
    );
    let next = account.task_definition("v2");
    account.ecs(
        "UpdateService",
        serde_json::json!({ "cluster": "main", "service": "web", "taskDefinition": next }),
    );
    sound(
        terraform
            .apply(WEB, account.native(all_at_once(), &next))
            .await,
    );
    assert_eq!(account.deployments().len(), 2);
}
