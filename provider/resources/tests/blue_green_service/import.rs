//! What was there before Terraform knew of it, and what is gone behind its back.

use serde_json::json;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, WEB, all_at_once, canary, code_deploy_at_once, native_deployments, object, rolling,
    sound, web,
};

fn imports() -> [ImportRequest; 3] {
    [
        ImportRequest::Id("main/web".to_owned()),
        ImportRequest::Id("arn:aws:ecs:eu-west-1:123456789012:service/main/web".to_owned()),
        ImportRequest::Identity(object! { cluster: "main", name: "web" }),
    ]
}

#[tokio::test]
async fn an_imported_service_plans_empty_for_every_strategy() {
    for deployment in native_deployments() {
        let account = Account::new();
        let config = account
            .native(deployment, &account.task_definition("v1"))
            .with_attribute("health_check_grace_period", "30s");
        sound(account.terraform().await.apply(WEB, config.clone()).await);
        for request in imports() {
            let terraform = account.terraform().await;
            let imported = terraform.import(WEB, request.clone()).await;
            assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
            let identity = terraform.identity(WEB).unwrap();
            assert_eq!(
                identity,
                object! { cluster: "main", name: "web", region: "eu-west-1" }
            );
            let plan = terraform.plan(WEB, config.clone()).await;
            assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
            assert_eq!(plan.planned, plan.prior, "{request:?}");
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
async fn defaults_of_aws_are_no_difference_after_an_import() {
    let account = Account::new();
    let plain = [
        web(
            object! { strategy: "rolling" },
            &account.task_definition("v1"),
        )
        .with_attribute("tags", Value::Null),
        account
            .native(object! { strategy: "rolling" }, "web:1")
            .with_attribute("tags", Value::Null),
        account.native(object! { strategy: "all_at_once" }, "web:1"),
        account.native(object! { strategy: "canary" }, "web:1"),
        account.native(object! { strategy: "linear" }, "web:1"),
    ];
    for config in plain {
        let maker = account.terraform().await;
        sound(maker.apply(WEB, config.clone()).await);
        let terraform = account.terraform().await;
        let imported = terraform
            .import(WEB, ImportRequest::Id("main/web".to_owned()))
            .await;
        assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
        let plan = terraform.plan(WEB, config.clone()).await;
        let differing: Vec<_> = plan
            .planned
            .entries()
            .unwrap()
            .iter()
            .filter(|(name, value)| plan.prior.attribute(name) != *value)
            .collect();
        // The configuration's `family:revision` is a spelling of the ARN that an import finds.
        assert!(
            differing
                .iter()
                .all(|(name, _)| matches!(name.as_str(), "task_definition" | "will_deploy")),
            "{differing:?}"
        );
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
        let gone = maker.destroy(WEB).await;
        assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    }
}

#[tokio::test]
async fn percentages_that_are_left_out_are_those_of_aws() {
    let account = Account::new();
    let task_definition = account.task_definition("v1");
    let config = |deployment: Value| account.native(deployment, &task_definition);
    let plain = config(object! { strategy: "rolling" });
    let of = |max: i64, min: i64| {
        config(object! { strategy: "rolling", maximum_percent: max, minimum_healthy_percent: min })
    };
    let maker = account.terraform().await;
    sound(maker.apply(WEB, of(200, 100)).await);
    let terraform = account.terraform().await;
    let id = ImportRequest::Id("main/web".to_owned());
    let imported = terraform.import(WEB, id).await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    let settings = || {
        let service = &account.ecs(
            "DescribeServices",
            json!({ "cluster": "main", "services": ["web"] }),
        )["services"][0]["deploymentConfiguration"];
        (
            service["maximumPercent"].as_i64(),
            service["minimumHealthyPercent"].as_i64(),
        )
    };

    // Whether the defaults are written or not.
    for config in [&plain, &of(200, 100)] {
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(plan.planned, plan.prior, "{}", plan.diagnostics);
    }
    // A strategy that is not known yet decides whether they stay.
    let strategy = object! { strategy: Value::unknown() };
    let unknown = plain.clone().with_attribute("deployment", strategy);
    let learned = terraform.apply_learning(WEB, unknown, plain.clone()).await;
    assert!(learned.diagnostics.is_empty(), "{}", learned.diagnostics);
    // Others are set, and set back when they are not written any more.
    sound(terraform.apply(WEB, of(150, 50)).await);
    assert_eq!(settings(), (Some(150), Some(50)));
    sound(terraform.apply(WEB, plain.clone()).await);
    assert_eq!(settings(), (Some(200), Some(100)));
    let plan = terraform.plan(WEB, plain.clone()).await;
    assert_eq!(plan.planned, plan.prior, "{}", plan.diagnostics);
    // Another strategy takes them along.
    let state = sound(terraform.apply(WEB, config(all_at_once())).await);
    assert!(
        state
            .attribute("deployment")
            .attribute("maximum_percent")
            .is_null()
    );
}

#[tokio::test]
async fn an_imported_code_deploy_service_needs_no_deployment() {
    let account = Account::with_code_deploy();
    let config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    sound(account.terraform().await.apply(WEB, config.clone()).await);
    account.deployment_group(1);
    for request in imports() {
        let terraform = account.terraform().await;
        let imported = terraform.import(WEB, request).await;
        assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
        // ECS knows neither the pair nor the group: they are taken from the configuration, and that is all.
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
        let state = sound(terraform.apply(WEB, config.clone()).await);
        assert_eq!(
            state.attribute("live_target_group").as_str(),
            Some(account.blue.as_str())
        );
        assert_eq!(account.code_deploy_deployments().len(), 0);
    }
}

#[tokio::test]
async fn an_import_in_the_middle_of_a_rollout_shows_what_serves() {
    let account = Account::new();
    let first = account.task_definition("v1");
    let config = account.native(canary(), &first);
    sound(account.terraform().await.apply(WEB, config.clone()).await);
    let next = account.task_definition("v2");
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": next }),
    );
    account.pass(1);
    let terraform = account.terraform().await;
    let imported = terraform
        .import(WEB, ImportRequest::Id("main/web".to_owned()))
        .await;
    assert_eq!(
        imported.attribute("task_definition").as_str(),
        Some(first.as_str())
    );
    assert_eq!(
        imported.attribute("live_target_group").as_str(),
        Some(account.blue.as_str())
    );
    // The rollout is joined by an apply that wants the same.
    let joined = config.with_attribute("task_definition", next);
    sound(terraform.apply(WEB, joined).await);
    assert_eq!(account.deployments().len(), 2);
}

#[tokio::test]
async fn importing_what_does_not_exist_fails() {
    let account = Account::new();
    for id in ["main/web", "other/web"] {
        let terraform = account.terraform().await;
        let outcome = terraform
            .import(WEB, ImportRequest::Id(id.to_owned()))
            .await;
        let said = outcome.diagnostics.to_string();
        assert!(said.contains("non-existent"), "{said}");
    }
    let terraform = account.terraform().await;
    let outcome = terraform
        .import(WEB, ImportRequest::Id("web".to_owned()))
        .await;
    let said = outcome.diagnostics.to_string();
    assert!(said.contains("CLUSTER/SERVICE"), "{said}");
}

#[tokio::test]
async fn what_was_deleted_elsewhere_is_created_again() {
    for is_drained in [false, true] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let config = account.native(all_at_once(), &account.task_definition("v1"));
        sound(terraform.apply(WEB, config.clone()).await);
        account.ecs(
            "DeleteService",
            json!({ "cluster": "main", "service": "web", "force": true }),
        );
        if is_drained {
            account.pass(30);
        }
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(plan.action, PlannedAction::Create);
        sound(terraform.apply(WEB, config).await);
        let gone = terraform.destroy(WEB).await;
        assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
        assert_eq!(account.service().await, None);
    }
}

#[tokio::test]
async fn destroying_what_is_gone_does_nothing() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(rolling(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config).await);
    account.ecs(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    account.pass(30);
    let gone = terraform.destroy(WEB).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    assert_eq!(gone.action, Some(PlannedAction::NoOp));
    assert_eq!(terraform.state(WEB), None);
}

#[tokio::test]
async fn a_cluster_that_is_gone_took_its_services_along() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(rolling(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config).await);
    account.ecs(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    account.pass(30);
    account.ecs("DeleteCluster", json!({ "cluster": "main" }));
    let refreshed = terraform.refresh(WEB).await;
    assert!(
        refreshed.diagnostics.is_empty(),
        "{}",
        refreshed.diagnostics
    );
    assert_eq!(terraform.state(WEB), None);
}
