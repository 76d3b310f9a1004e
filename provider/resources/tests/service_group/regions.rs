//! A group whose members are in two regions.

use serde_json::{Value as Json, json};
use switchyard_world::Service;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, GROUP, member, object, sound};

const WEST: &str = "us-west-2";

fn west(account: &Account, operation: &str, input: Json) -> Json {
    account
        .world
        .call(Service::Ecs, WEST, operation, input)
        .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
}

fn register(account: &Account, tag: &str) -> String {
    let answer = west(
        account,
        "RegisterTaskDefinition",
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "containerDefinitions": [{ "name": "app", "image": format!("shop:{tag}"), "essential": true }],
        }),
    );
    answer["taskDefinition"]["taskDefinitionArn"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// `users` here and `web` there, each with a second revision.
fn two_regions(tag: &str) -> Account {
    let account = Account::with(&["users"]);
    west(&account, "CreateCluster", json!({ "clusterName": "main" }));
    let first = register(&account, "v1");
    west(
        &account,
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "web", "taskDefinition": first, "desiredCount": 2, "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"], "securityGroups": ["sg-1"] } },
            "deploymentConfiguration": { "deploymentCircuitBreaker": { "enable": true, "rollback": true } },
        }),
    );
    account.world.advance(std::time::Duration::from_secs(600));
    account.definition("users", "v2");
    register(&account, tag);
    account
}

fn service(account: &Account) -> Json {
    let input = json!({ "cluster": "main", "services": ["web"], "include": ["TAGS"] });
    west(account, "DescribeServices", input)["services"][0].clone()
}

fn live(account: &Account) -> String {
    let service = service(account);
    let definition = service["taskDefinition"].as_str().unwrap();
    definition.rsplit('/').next().unwrap().to_owned()
}

fn group(revision: u32) -> Value {
    let there = member("web", &format!("web:{revision}"), &[]).with_attribute(
        "service",
        format!("arn:aws:ecs:{WEST}:123456789012:service/main/web"),
    );
    let here = member("users", &format!("users:{revision}"), &[]);
    object! {
        name: "shop", member: Value::list([there, here]), pause_between_waves: "1m", pause_between_regions: "20m",
        region_order: Value::list(["eu-west-1", WEST]),
    }
}

#[tokio::test]
async fn one_region_follows_the_other_after_the_pause() {
    let account = two_regions("v2");
    let terraform = account.terraform().await;
    let state = sound(terraform.apply(GROUP, group(1)).await);
    assert_eq!(state.attribute("region").as_str(), Some("eu-west-1"));
    assert_eq!(
        terraform.identity(GROUP),
        Some(object! { name: "shop", region: "eu-west-1" })
    );
    let began = account.world.now();
    let state = sound(terraform.apply(GROUP, group(2)).await);
    assert_eq!(
        (account.live("users").as_str(), live(&account).as_str()),
        ("users:2", "web:2")
    );
    let waves = state.attribute("waves");
    let waves = waves.elements().unwrap();
    assert_eq!(waves[0].elements().unwrap()[0].as_str(), Some("users"));
    assert_eq!(waves[1].elements().unwrap()[0].as_str(), Some("web"));
    assert!(account.world.now().millis() - began.millis() >= 1_200_000);
    let plan = terraform.plan(GROUP, group(2)).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );

    // Who knows one region finds all members.
    let regions = account.tag("users", "switchyard:group-regions");
    assert_eq!(regions.as_deref(), Some("eu-west-1 us-west-2"));
    let other = account.terraform().await;
    let imported = other
        .import(GROUP, ImportRequest::Id("shop@us-west-2".to_owned()))
        .await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    let there = group(2).with_attribute("region", WEST);
    let plan = other.plan(GROUP, there).await;
    assert_ne!(plan.action, PlannedAction::Create);
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);

    let destroyed = terraform.destroy(GROUP).await;
    assert!(
        !destroyed.diagnostics.has_errors(),
        "{}",
        destroyed.diagnostics
    );
    assert_eq!(service(&account)["tags"].as_array().map_or(0, Vec::len), 0);
    assert_eq!(account.tag("users", "switchyard:group-regions"), None);
}

#[tokio::test]
async fn a_failure_in_the_second_region_takes_back_the_first() {
    let account = two_regions("v2--crash");
    let terraform = account.terraform().await;
    sound(terraform.apply(GROUP, group(1)).await);
    let failed = terraform.apply(GROUP, group(2)).await;
    let said = failed.diagnostics.to_string();
    for words in [
        "failed at member `web`",
        "`users` went back to users:1.",
        "SY0310",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(
        (account.live("users").as_str(), live(&account).as_str()),
        ("users:1", "web:1")
    );
}

#[tokio::test]
async fn a_group_of_another_region_says_so() {
    let account = two_regions("v2");
    let terraform = account.terraform().await;
    let elsewhere = group(1).with_attribute("region", "eu-north-1");
    let plan = terraform.plan(GROUP, elsewhere).await;
    let said = plan.diagnostics.to_string();
    for words in [
        "No member of the group is in region eu-north-1",
        "region = \"eu-west-1\"",
        "SY0306",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
