//! What our provider looks for outside of the lab's own services, without moto.

#![allow(clippy::unwrap_used, reason = "a broken set-up ends the test")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{Reply, json_call, lab, query};
use switchyard_lab::Lab;

async fn ask(lab: &Lab, service: &str, target: &str, input: Value) -> Reply {
    json_call(lab.address(), service, target, input)
        .await
        .unwrap()
}

#[tokio::test]
async fn images_are_what_their_tags_say() {
    let lab = lab().await;
    let target = "AmazonEC2ContainerRegistry_V20150921.BatchGetImage";
    let find = async |tag: &str| {
        let input = json!({"registryId": "111122223333", "repositoryName": "shop", "imageIds": [{"imageTag": tag}]});
        ask(&lab, "ecr", target, input).await.json()
    };
    let found = find("v1").await;
    let manifest = found["images"][0]["imageManifest"].as_str().unwrap();
    let manifest: Value = serde_json::from_str(manifest).unwrap();
    let architectures: Vec<&Value> = manifest["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["platform"]["architecture"])
        .collect();
    assert_eq!(architectures, ["amd64", "arm64"]);
    let digest = &found["images"][0]["imageId"]["imageDigest"];
    assert_eq!(
        digest,
        &json!(
            switchyard_world::outside::image(
                "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop:v1"
            )
            .unwrap()
            .digest
        )
    );
    let missing = find("v2--missing").await;
    assert_eq!(missing["images"], json!([]));
    assert_eq!(missing["failures"][0]["failureCode"], "ImageNotFound");
    lab.stop().await;
}

#[tokio::test]
async fn secrets_parameters_groups_subnets_and_quotas_need_no_moto() {
    let lab = lab().await;
    let secret = async |id: &str| {
        let input = json!({"SecretId": id});
        ask(
            &lab,
            "secretsmanager",
            "secretsmanager.DescribeSecret",
            input,
        )
        .await
    };
    assert_eq!(secret("db").await.json()["Name"], "db");
    let absent = secret("db-missing").await;
    assert_eq!(absent.status, 400);
    assert!(absent.text().contains("ResourceNotFoundException"));

    let filter =
        json!([{"Key": "Name", "Option": "Equals", "Values": ["/shop/db", "/shop/key-missing"]}]);
    let found = ask(
        &lab,
        "ssm",
        "AmazonSSM.DescribeParameters",
        json!({"ParameterFilters": filter}),
    )
    .await
    .json();
    assert_eq!(found["Parameters"].as_array().unwrap().len(), 1);
    assert_eq!(found["Parameters"][0]["Name"], "/shop/db");

    for (name, count) in [("/shop", 1), ("/shop-missing", 0)] {
        let input = json!({"logGroupNamePrefix": name});
        let found = ask(&lab, "logs", "Logs_20140328.DescribeLogGroups", input).await;
        assert_eq!(found.json()["logGroups"].as_array().unwrap().len(), count);
    }

    let form = "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=subnet-id&Filter.1.Value.1=subnet-1\
                &Filter.1.Value.2=subnet-2-full&Filter.1.Value.3=subnet-3-missing";
    let found = query(lab.address(), "ec2", form).await.unwrap();
    let found = found.text();
    assert!(found.contains("<availableIpAddressCount>251<"), "{found}");
    assert!(found.contains("<subnetId>subnet-2-full<"), "{found}");
    assert!(!found.contains("subnet-3-missing"), "{found}");

    let input = json!({"ServiceCode": "fargate", "QuotaCode": "L-3032A538"});
    let quota = ask(
        &lab,
        "servicequotas",
        "ServiceQuotasV20190624.GetServiceQuota",
        input,
    )
    .await;
    assert_eq!(quota.status, 400);
    assert!(quota.text().contains("NoSuchResourceException"));
    lab.stop().await;
}

#[tokio::test]
async fn a_crashed_task_has_left_its_log() {
    let lab = lab().await;
    let call = |operation, input| lab.call("ecs", operation, input).unwrap();
    call("CreateCluster", json!({"clusterName": "main"}));
    call(
        "RegisterTaskDefinition",
        json!({
            "family": "app", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
            "containerDefinitions": [{"name": "app", "image": "app:v1--crash", "essential": true}],
        }),
    );
    let run = call(
        "RunTask",
        json!({
            "cluster": "main", "taskDefinition": "app", "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-a"]}},
        }),
    );
    lab.advance(Duration::from_secs(60));
    let arn = run["tasks"][0]["taskArn"].as_str().unwrap();
    let id = arn.rsplit('/').next().unwrap();
    let read = async |stream: String| {
        let input = json!({"logGroupName": "/app", "logStreamName": stream, "startFromHead": false, "limit": 1});
        ask(&lab, "logs", "Logs_20140328.GetLogEvents", input).await
    };
    let last = read(format!("web/app/{id}")).await.json();
    assert_eq!(last["events"].as_array().unwrap().len(), 1);
    let message = last["events"][0]["message"].as_str().unwrap();
    assert!(message.contains("exit code 1"), "{message}");
    let absent = read("web/app/0123".to_owned()).await;
    assert!(absent.text().contains("ResourceNotFoundException"));
    lab.stop().await;
}
