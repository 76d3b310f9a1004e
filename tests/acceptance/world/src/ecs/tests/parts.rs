//! Service Connect and volumes.

use serde_json::{Value, json};

use super::fixture::Shop;
use crate::data_plane::ConnectName;

/// A revision whose port and volume have names.
fn definition(shop: &Shop, tag: &str) -> Value {
    let registered = shop.ecs(
        "RegisterTaskDefinition",
        json!({
            "family": "orders", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "volumes": [{ "name": "data", "configuredAtLaunch": true }],
            "containerDefinitions": [{
                "name": "app", "image": format!("orders:{tag}"), "portMappings": [{ "containerPort": 9000, "name": "http" }],
            }],
        }),
    );
    registered["taskDefinition"]["taskDefinitionArn"].clone()
}

/// A service that others reach as `orders`, with a volume for each task.
fn connected(shop: &Shop, deployment: &Value) {
    let members = json!({
        "taskDefinition": definition(shop, "v1"), "loadBalancers": [], "deploymentConfiguration": deployment,
        "serviceConnectConfiguration": { "enabled": true, "namespace": "shop.internal", "services": [{
            "portName": "http", "clientAliases": [{ "port": 80, "dnsName": "orders" }, { "port": 81 }],
        }] },
        "volumeConfigurations": [{ "name": "data", "managedEBSVolume": { "roleArn": "arn:aws:iam::123456789012:role/ecs", "sizeInGiB": 20 } }],
    });
    shop.ecs("CreateService", shop.request("v1", members));
    shop.settle();
}

/// Lets time pass until a member of the newest deployment says so; no load balancer is there to be watched.
fn until(shop: &Shop, member: &str, word: &str) {
    for _ in 0..1_000 {
        if shop.deployment()[member] == word {
            return;
        }
        shop.advance(5);
    }
    panic!("{member} never was {word}");
}

fn name(shop: &Shop) -> ConnectName {
    shop.world.data_plane().names.remove(0)
}

/// Weights of the tasks behind a name.
fn weights(name: &ConnectName) -> Vec<u32> {
    let mut weights: Vec<u32> = name.targets.iter().map(|(_, weight)| *weight).collect();
    weights.sort_unstable();
    weights
}

#[test]
fn a_name_leads_to_the_running_tasks_at_the_port_of_that_name() {
    let shop = Shop::new();
    connected(&shop, &json!({}));
    let names = shop.world.data_plane().names;
    let said: Vec<_> = names
        .iter()
        .map(|name| (name.dns_name.as_str(), name.port))
        .collect();
    assert_eq!(said, [("orders", 80), ("http.shop.internal", 81)]);
    let name = name(&shop);
    assert_eq!(name.targets.len(), 2);
    assert!(name.targets.iter().all(|(target, _)| target.port == 9000));
    assert_eq!(name.test, None, "nothing is deployed");
}

#[test]
fn each_side_of_a_deployment_has_its_share_of_a_name() {
    let shop = Shop::new();
    let canary = json!({ "canaryPercent": 10.0, "canaryBakeTimeInMinutes": 5 });
    connected(
        &shop,
        &json!({ "strategy": "CANARY", "canaryConfiguration": canary }),
    );
    let before = name(&shop);
    shop.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "shop", "taskDefinition": definition(&shop, "v2") }),
    );
    until(&shop, "lifecycleStage", "PRODUCTION_TRAFFIC_SHIFT");
    let during = name(&shop);
    assert_eq!(
        weights(&during),
        [5_000, 5_000, 45_000, 45_000],
        "10 percent of two tasks, 90 of two"
    );
    let (header, tested) = during.test.clone().unwrap();
    assert_eq!(header.name, "x-amzn-ecs-blue-green-test");
    assert_eq!(tested.len(), 2);
    assert!(
        before
            .targets
            .iter()
            .all(|(target, _)| !tested.contains(target)),
        "test traffic reaches the new revision alone"
    );
    until(&shop, "status", "SUCCESSFUL");
    shop.advance(60);
    let after = name(&shop);
    assert_eq!(after.targets.len(), 2);
    assert!(
        after
            .targets
            .iter()
            .all(|(target, _)| tested.contains(target))
    );
}

#[test]
fn each_task_has_a_volume_of_its_own() {
    let shop = Shop::new();
    connected(&shop, &json!({}));
    let listed = shop.ecs("ListTasks", json!({ "cluster": "main" }));
    let tasks = shop.ecs(
        "DescribeTasks",
        json!({ "cluster": "main", "tasks": listed["taskArns"] }),
    );
    let tasks = tasks["tasks"].as_array().unwrap();
    let volume = |task: &Value| task["attachments"][1]["details"][1]["value"].clone();
    for task in tasks {
        assert_eq!(task["attachments"][0]["type"], "ElasticNetworkInterface");
        assert_eq!(task["attachments"][1]["type"], "AmazonElasticBlockStorage");
        assert_eq!(task["attachments"][1]["status"], "ATTACHED");
    }
    assert_eq!(tasks.len(), 2);
    assert_ne!(volume(&tasks[0]), volume(&tasks[1]));
}
