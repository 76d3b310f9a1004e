//! Task sets: the controller `EXTERNAL`.

use serde_json::{Value, json};
use switchyard_engine::ports::{
    ErrorKind, Launch, LaunchType, LoadBalancer, Network, NewTaskSet, ServiceRef,
};

use crate::fake::{Fake, json as reply, json_error};

const PREFIX: &str = "AmazonEC2ContainerServiceV20141113.";

fn web() -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    }
}

fn task_set() -> Value {
    json!({
        "id": "ecs-svc/1", "status": "ACTIVE", "taskDefinition": "arn:definition/8",
        "computedDesiredCount": 2, "pendingCount": 1, "runningCount": 1, "launchType": "FARGATE",
        "scale": {"value": 50.0, "unit": "PERCENT"}, "stabilityStatus": "STABILIZING",
        "createdAt": 1_700_000_000.0,
        "loadBalancers": [{"targetGroupArn": "arn:tg/green", "containerName": "web", "containerPort": 8080}]
    })
}

fn new_task_set() -> NewTaskSet {
    NewTaskSet {
        service: web(),
        client_token: "token-1".to_owned(),
        task_definition: "arn:definition/8".to_owned(),
        launch: Some(Launch::Type(LaunchType::Fargate)),
        platform_version: Some("LATEST".to_owned()),
        network: Some(Network {
            subnets: ["subnet-1".to_owned()].into(),
            security_groups: ["sg-1".to_owned()].into(),
            assign_public_ip: false,
        }),
        load_balancers: vec![LoadBalancer {
            target_group: "arn:tg/green".to_owned(),
            container: "web".to_owned(),
            port: 8080,
            alternate: None,
        }],
        scale_percent: 50.0,
        tags: [("team".to_owned(), "shop".to_owned())].into(),
        external_id: None,
        parts: [].into(),
    }
}

#[tokio::test]
async fn a_task_set_is_created_with_exactly_what_was_asked() {
    let fake = Fake::script([reply(json!({"taskSet": task_set()}))]).await;
    let services = fake.ports().services;
    let set = services.create_task_set(&new_task_set()).await.unwrap();
    assert_eq!((set.id.as_str(), set.is_stable()), ("ecs-svc/1", false));
    assert_eq!((set.computed_desired, set.running, set.pending), (2, 1, 1));
    assert!((set.scale_percent - 50.0).abs() < f64::EPSILON);
    assert_eq!(set.created_at.unwrap().as_second(), 1_700_000_000);
    let seen = fake.seen();
    assert_eq!(seen[0].target(), format!("{PREFIX}CreateTaskSet"));
    assert_eq!(
        seen[0].json(),
        json!({
            "cluster": "main", "service": "web", "clientToken": "token-1",
            "taskDefinition": "arn:definition/8", "launchType": "FARGATE", "platformVersion": "LATEST",
            "networkConfiguration": {"awsvpcConfiguration": {
                "subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}},
            "loadBalancers": [{"targetGroupArn": "arn:tg/green", "containerName": "web", "containerPort": 8080}],
            "scale": {"value": 50.0, "unit": "PERCENT"},
            "tags": [{"key": "team", "value": "shop"}]
        })
    );
}

#[tokio::test]
async fn a_task_set_is_promoted() {
    let gone = json_error(
        400,
        "TaskSetNotFoundException",
        "The task set does not exist.",
    );
    let fake = Fake::script([reply(json!({"taskSet": task_set()})), gone]).await;
    let services = fake.ports().services;
    services
        .promote_task_set(&web(), "ecs-svc/1")
        .await
        .unwrap();
    let seen = fake.seen();
    assert_eq!(
        seen[0].target(),
        format!("{PREFIX}UpdateServicePrimaryTaskSet")
    );
    assert_eq!(
        seen[0].json(),
        json!({"cluster": "main", "service": "web", "primaryTaskSet": "ecs-svc/1"})
    );
    let error = services.promote_task_set(&web(), "ecs-svc/1").await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn deleting_a_task_set_that_is_gone_is_done() {
    let gone = json_error(
        400,
        "TaskSetNotFoundException",
        "The task set does not exist.",
    );
    let busy = json_error(400, "InvalidParameterException", "The task set has tasks.");
    let fake = Fake::script([reply(json!({"taskSet": task_set()})), gone, busy]).await;
    let services = fake.ports().services;
    services
        .delete_task_set(&web(), "ecs-svc/1", true)
        .await
        .unwrap();
    services
        .delete_task_set(&web(), "ecs-svc/1", true)
        .await
        .unwrap();
    let error = services.delete_task_set(&web(), "ecs-svc/1", false).await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::Rejected);
    let seen = fake.seen();
    assert_eq!(seen[0].target(), format!("{PREFIX}DeleteTaskSet"));
    assert_eq!(
        seen[0].json(),
        json!({"cluster": "main", "service": "web", "taskSet": "ecs-svc/1", "force": true})
    );
    assert_eq!(seen[2].json()["force"], false);
}
