//! Tasks on their own.

use serde_json::{Value, json};

use super::fixture::Shop;

fn run(shop: &Shop, tag: &str) -> String {
    let definition = shop.definition(tag);
    let answer = shop.ecs("RunTask", json!({
        "cluster": "main", "taskDefinition": definition, "launchType": "FARGATE", "networkConfiguration": Shop::network(),
        "startedBy": "migrations",
    }));
    answer["tasks"][0]["taskArn"].as_str().unwrap().to_owned()
}

fn describe(shop: &Shop, arn: &str) -> Value {
    shop.ecs("DescribeTasks", json!({"cluster": "main", "tasks": [arn]}))["tasks"][0].clone()
}

#[test]
fn a_task_ends_with_the_code_its_image_says() {
    let shop = Shop::new();
    let arn = run(&shop, "v1--exit-3-after-20s");
    assert_eq!(describe(&shop, &arn)["lastStatus"], "PROVISIONING");
    shop.advance(6);
    assert_eq!(describe(&shop, &arn)["lastStatus"], "RUNNING");
    let listed = shop.ecs(
        "ListTasks",
        json!({"cluster": "main", "startedBy": "migrations"}),
    );
    assert_eq!(listed["taskArns"], json!([arn]));
    shop.advance(30);
    let task = describe(&shop, &arn);
    assert_eq!(
        (&task["lastStatus"], &task["stopCode"]),
        (&json!("STOPPED"), &json!("EssentialContainerExited"))
    );
    assert_eq!(task["containers"][0]["exitCode"], 3);
    shop.advance(3700);
    assert_eq!(
        describe(&shop, &arn),
        Value::Null,
        "stopped tasks are forgotten after an hour"
    );
}

#[test]
fn what_cannot_start_says_why() {
    let shop = Shop::new();
    for (tag, code, reason) in [
        (
            "v1--missing",
            "TaskFailedToStart",
            "CannotPullContainerError",
        ),
        (
            "v1--secret-denied",
            "TaskFailedToStart",
            "ResourceInitializationError",
        ),
        (
            "v1--arm64",
            "EssentialContainerExited",
            "Essential container in task exited",
        ),
    ] {
        let arn = run(&shop, tag);
        shop.advance(30);
        let task = describe(&shop, &arn);
        assert_eq!(task["stopCode"], code, "{tag}");
        assert!(
            task["stoppedReason"].as_str().unwrap().starts_with(reason),
            "{tag}"
        );
        let exit = task["containers"][0]["exitCode"].as_i64();
        assert_eq!(exit, (tag == "v1--arm64").then_some(255), "{tag}");
    }
}

#[test]
fn a_user_stops_a_task() {
    let shop = Shop::new();
    let arn = run(&shop, "v1");
    shop.advance(10);
    shop.ecs(
        "StopTask",
        json!({"cluster": "main", "task": arn, "reason": "enough"}),
    );
    shop.advance(10);
    let task = describe(&shop, &arn);
    assert_eq!(
        (
            &task["stopCode"],
            &task["stoppedReason"],
            &task["containers"][0]["exitCode"]
        ),
        (&json!("UserInitiated"), &json!("enough"), &json!(0))
    );
    let missing = shop.refused("StopTask", json!({"cluster": "main", "task": "ghost"}));
    assert_eq!(missing.code, "InvalidParameterException");
}

#[test]
fn a_stopped_task_drains_before_its_container_ends() {
    let shop = Shop::new();
    shop.ecs(
        "CreateService",
        shop.request("v1", json!({"desiredCount": 1})),
    );
    shop.settle();
    let arn = shop.ecs("ListTasks", json!({"cluster": "main"}))["taskArns"][0]
        .as_str()
        .unwrap()
        .to_owned();
    shop.ecs("StopTask", json!({"cluster": "main", "task": arn}));
    assert_eq!(describe(&shop, &arn)["lastStatus"], "DEACTIVATING");
    let target = shop.elb("DescribeTargetHealth", json!({"TargetGroupArn": shop.blue}))["TargetHealthDescriptions"][0].clone();
    assert_eq!(target["TargetHealth"]["State"], "draining");
    assert!(
        shop.world
            .data_plane()
            .tasks
            .iter()
            .any(|task| task.arn == arn),
        "it still serves what it holds"
    );
    shop.advance(60);
    assert_eq!(describe(&shop, &arn)["lastStatus"], "STOPPED");
    assert_eq!(
        shop.service()["runningCount"],
        1,
        "the scheduler replaced it"
    );
}

#[test]
fn a_container_health_check_decides() {
    let shop = Shop::new();
    let register = |image: &str| {
        shop.ecs("RegisterTaskDefinition", json!({
            "family": "checked", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "containerDefinitions": [{"name": "app", "image": image, "healthCheck": {"command": ["CMD", "true"], "interval": 10}}],
        }))["taskDefinition"]["taskDefinitionArn"].clone()
    };
    let request = |definition: Value| {
        shop.request(
            "v1",
            json!({"taskDefinition": definition, "loadBalancers": [], "desiredCount": 1}),
        )
    };
    shop.ecs("CreateService", request(register("app:v1--unready")));
    shop.advance(60);
    assert!(
        shop.has_event("failed container health checks"),
        "{:?}",
        shop.events()
    );
    shop.ecs(
        "UpdateService",
        json!({"cluster": "main", "service": "shop", "taskDefinition": register("app:v2")}),
    );
    shop.settle();
    assert_eq!(shop.deployment()["status"], "SUCCESSFUL");
    let tasks = shop.ecs("ListTasks", json!({"cluster": "main"}))["taskArns"].clone();
    assert_eq!(
        describe(&shop, tasks[0].as_str().unwrap())["healthStatus"],
        "HEALTHY"
    );
}
