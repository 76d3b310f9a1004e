//! `terraform query`: what it finds, by what, and with which objects.

use serde_json::json;
use switchyard_world::Service;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::Listed;
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, all_at_once, object, sound};

const SERVICES: &str = "switchyard_blue_green_service";
const SCALING: &str = "switchyard_scaling_policy_set";
const SNAPSHOTS: &str = "switchyard_deployment_snapshot";
const RULES: &str = "switchyard_listener_rule";

/// `web` in `main`, and two of others in a cluster of their own, one of which is tagged.
async fn account() -> (Account, Terraform) {
    let account = Account::new();
    let terraform = account.terraform().await;
    let definition = account.task_definition("v1");
    sound(
        terraform
            .apply(WEB, account.native(all_at_once(), &definition))
            .await,
    );
    account.ecs("CreateCluster", json!({ "clusterName": "other" }));
    for (name, tags) in [
        ("api", json!([{ "key": "team", "value": "api" }])),
        ("worker", json!([])),
    ] {
        account.ecs(
            "CreateService",
            json!({
                "cluster": "other", "serviceName": name, "taskDefinition": definition, "desiredCount": 1,
                "launchType": "FARGATE", "tags": tags,
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
            }),
        );
    }
    account.pass(10);
    (account, terraform)
}

fn names(found: &[Listed]) -> Vec<&str> {
    found.iter().map(|it| it.display_name.as_str()).collect()
}

#[tokio::test]
async fn services_are_found_by_cluster_prefix_and_tag_up_to_a_limit() {
    let (_, terraform) = account().await;
    let clusters = |names: &[&str]| Value::set(names.iter().copied());
    for (config, limit, expected) in [
        (
            object! {},
            100,
            vec!["main/web", "other/api", "other/worker"],
        ),
        (object! {}, 2, vec!["main/web", "other/api"]),
        (
            object! { clusters: clusters(&["other"]) },
            100,
            vec!["other/api", "other/worker"],
        ),
        (
            object! { clusters: clusters(&["main", "other"]), name_prefix: "w" },
            100,
            vec!["main/web", "other/worker"],
        ),
        (
            object! { tags: Value::map([("team", "api")]) },
            100,
            vec!["other/api"],
        ),
        (object! { name_prefix: "nothing" }, 100, vec![]),
    ] {
        let found = terraform
            .list(SERVICES, config, false, limit)
            .await
            .unwrap();
        assert_eq!(names(&found), expected);
        assert!(found.iter().all(|it| it.object.is_none()));
    }
    let config = object! { clusters: clusters(&["mian"]) };
    let said = terraform
        .list(SERVICES, config, false, 10)
        .await
        .unwrap_err();
    assert!(
        said.to_string().contains("Cluster `mian` does not exist"),
        "{said}"
    );
}

#[tokio::test]
async fn an_object_is_what_its_import_reads() {
    let (account, terraform) = account().await;
    let found = terraform
        .list(SERVICES, object! {}, true, 100)
        .await
        .unwrap();
    assert_eq!(found.len(), 3);
    for listed in found {
        let fresh = account.terraform().await;
        let identity = listed.identity.clone().unwrap();
        let imported = fresh.import(WEB, ImportRequest::Identity(identity)).await;
        assert_eq!(listed.object, imported.state, "{}", listed.display_name);
    }
}

#[tokio::test]
async fn scaling_is_found_where_a_target_is_registered() {
    let (account, terraform) = account().await;
    account.call(
        Service::AutoScaling,
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/other/api",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 9,
        }),
    );
    // A target alone scales nothing.
    let none = terraform.list(SCALING, object! {}, true, 100).await;
    assert!(none.unwrap().is_empty());
    let policy = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/other/api", "ScalableDimension": "ecs:service:DesiredCount",
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
        },
    });
    account.call(Service::AutoScaling, "PutScalingPolicy", policy);
    let found = terraform
        .list(SCALING, object! {}, true, 100)
        .await
        .unwrap();
    assert_eq!(names(&found), ["other/api (2 to 9 tasks)"]);
    let identity = object! { cluster: "other", service: "api", region: "eu-west-1" };
    assert_eq!(found[0].identity, Some(identity));
    let object = found[0].object.clone().unwrap();
    assert_eq!(object.attribute("min_capacity"), &Value::from(2));
}

#[tokio::test]
async fn the_newest_snapshot_of_each_service_is_found() {
    let (_, terraform) = account().await;
    let place = object! { folder: "kept" };
    let none = terraform.list(SNAPSHOTS, place.clone(), false, 100).await;
    assert!(none.unwrap().is_empty());
    let config = object! { cluster: "main", service: "web", folder: "kept" };
    let taken = terraform
        .apply("switchyard_deployment_snapshot.web", config)
        .await;
    let state = sound(taken);
    let id = state.attribute("snapshot_id").as_str().unwrap();
    let found = terraform.list(SNAPSHOTS, place, true, 100).await.unwrap();
    assert_eq!(names(&found), [format!("main/web ({id})")]);
    let object = found[0].object.clone().unwrap();
    assert_eq!(object.attribute("snapshot_id").as_str(), Some(id));
}

#[tokio::test]
async fn rules_of_a_listener_are_found_in_their_order() {
    let (account, terraform) = account().await;
    let config = object! { listener_arns: Value::set([account.listener.as_str()]) };
    let found = terraform.list(RULES, config, true, 100).await.unwrap();
    assert_eq!(names(&found), ["priority 10"]);
    let identity = object! { arn: account.rule.as_str(), region: "eu-west-1" };
    assert_eq!(found[0].identity, Some(identity));
    assert!(found[0].object.is_some());
    let gone = account.listener.replace("app/shop", "app/shap");
    let config = object! { listener_arns: Value::set([gone.as_str()]) };
    let said = terraform.list(RULES, config, false, 100).await.unwrap_err();
    assert!(said.to_string().contains("does not exist"), "{said}");
}
