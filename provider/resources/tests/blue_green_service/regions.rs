//! One provider block, services in several regions.

use serde_json::{Value as Json, json};
use tfplugin::resource::{ImportRequest, MoveRequest, RawState};
use tfplugin::testing::PlannedAction;
use tfplugin::value::{Path, Value};

use crate::account::{Account, WEB, all_at_once, object, sound};

/// The same service in the other region.
const THERE: &str = "switchyard_blue_green_service.there";
const WEST: &str = "us-west-2";

fn in_west(config: Value) -> Value {
    config.with_attribute("region", WEST)
}

#[tokio::test]
async fn one_provider_block_holds_services_of_one_name_in_two_regions() {
    let account = Account::new();
    let west = account.elsewhere(WEST);
    let terraform = account.terraform().await;
    let here = account.native(all_at_once(), &account.task_definition("v1"));
    let there = in_west(west.native(all_at_once(), &west.task_definition("v1")));
    let state = sound(terraform.apply(WEB, here.clone()).await);
    assert_eq!(state.attribute("region").as_str(), Some("eu-west-1"));
    let state = sound(terraform.apply(THERE, there.clone()).await);
    assert_eq!(state.attribute("region").as_str(), Some(WEST));
    let arn = state.attribute("arn").as_str().unwrap();
    assert!(arn.contains(":us-west-2:"), "{arn}");
    assert_eq!(
        terraform.identity(THERE),
        Some(object! { cluster: "main", name: "web", region: WEST })
    );

    // A deployment there is none here.
    let before = account.deployments();
    let next = there.with_attribute("task_definition", west.task_definition("v2"));
    let state = sound(terraform.apply(THERE, next.clone()).await);
    let live = state.attribute("live_task_definition").as_str().unwrap();
    assert!(live.contains(":us-west-2:"), "{live}");
    assert_eq!(account.deployments(), before);
    for (address, config) in [(WEB, here.clone()), (THERE, next)] {
        let plan = terraform.plan(address, config).await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        assert_eq!(plan.action, PlannedAction::NoOp, "{address}");
    }

    // Nor is a destruction.
    let destroyed = terraform.destroy(THERE).await;
    assert!(
        !destroyed.diagnostics.has_errors(),
        "{}",
        destroyed.diagnostics
    );
    assert!(west.service().await.is_none());
    assert!(account.service().await.is_some());
}

#[tokio::test]
async fn a_service_of_another_region_is_imported_with_its_region() {
    let account = Account::new();
    let west = account.elsewhere(WEST);
    let config = in_west(west.native(all_at_once(), &west.task_definition("v1")));
    sound(account.terraform().await.apply(WEB, config.clone()).await);
    for request in [
        ImportRequest::Id(format!("main/web@{WEST}")),
        ImportRequest::Identity(object! { cluster: "main", name: "web", region: WEST }),
    ] {
        let terraform = account.terraform().await;
        let imported = terraform.import(WEB, request).await;
        assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        assert_eq!(plan.action, PlannedAction::NoOp);
    }
    // Without a region it is one of the provider's, where there is none of this name.
    let terraform = account.terraform().await;
    let imported = terraform.import(WEB, ImportRequest::Id("main/web".to_owned()));
    assert!(imported.await.diagnostics.has_errors());
}

#[tokio::test]
async fn another_region_is_another_service() {
    let account = Account::new();
    let west = account.elsewhere(WEST);
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let there = in_west(west.native(all_at_once(), &west.task_definition("v1")));
    let plan = terraform.plan(WEB, there.clone()).await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    assert_eq!(plan.replace, [Path::root().attribute("region")]);
    // And back, by leaving the attribute out.
    let moved = terraform.apply(WEB, there).await;
    assert!(!moved.diagnostics.has_errors(), "{}", moved.diagnostics);
    assert!(account.service().await.is_none());
    assert!(west.service().await.is_some());
    let plan = terraform.plan(WEB, config).await;
    assert_eq!(plan.replace, [Path::root().attribute("region")]);
    assert_eq!(plan.planned.attribute("region").as_str(), Some("eu-west-1"));
}

#[tokio::test]
async fn arns_of_another_region_are_one_error_which_the_attribute_solves() {
    let account = Account::new();
    let west = account.elsewhere(WEST);
    let terraform = account.terraform().await;
    let config = west.native(all_at_once(), &west.task_definition("v1"));
    let plan = terraform.plan(WEB, config.clone()).await;
    let errors: Vec<_> = plan.diagnostics.iter().collect();
    assert_eq!(errors.len(), 1, "{}", plan.diagnostics);
    let said = plan.diagnostics.to_string();
    for part in [
        "this service, eu-west-1:",
        "`region = \"us-west-2\"`",
        "SY0150",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    sound(terraform.apply(WEB, in_west(config)).await);
}

#[tokio::test]
async fn a_state_without_a_region_is_one_of_the_providers_region() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let state = sound(terraform.apply(WEB, config.clone()).await);
    let Json::Object(mut old) = crate::stored::stored(&state) else {
        panic!("{state:?}");
    };
    old.remove("region");
    terraform.remember(WEB, 3, Json::Object(old).to_string());
    for config in [
        config.clone(),
        config.clone().with_attribute("region", "eu-west-1"),
    ] {
        let plan = terraform.plan(WEB, config).await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        assert_eq!(plan.action, PlannedAction::NoOp);
        assert_eq!(plan.prior, state);
    }
}

#[tokio::test]
async fn a_service_of_hashicorp_aws_brings_its_region() {
    let account = Account::new();
    let west = account.elsewhere(WEST);
    let config = in_west(west.native(all_at_once(), &west.task_definition("v1")));
    let state = sound(account.terraform().await.apply(WEB, config.clone()).await);
    let arn = state.attribute("arn").as_str().unwrap();
    // Version 6 has the attribute, and before there was only the ARN.
    for region in [json!(WEST), Json::Null] {
        let source =
            json!({ "name": "web", "cluster": "main", "arn": arn, "id": arn, "region": region });
        let terraform = account.terraform().await;
        let moved = terraform.moved(
            WEB,
            MoveRequest {
                source_provider: "registry.terraform.io/hashicorp/aws".to_owned(),
                source_type: "aws_ecs_service".to_owned(),
                source_version: 1,
                source_state: RawState::from_json(source.to_string()),
                source_private: Vec::new(),
                source_identity: None,
            },
        );
        let moved = moved.await;
        assert!(moved.diagnostics.is_empty(), "{}", moved.diagnostics);
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
        assert_eq!(plan.replace, []);
        assert_eq!(plan.prior.attribute("region").as_str(), Some(WEST));
    }
}
