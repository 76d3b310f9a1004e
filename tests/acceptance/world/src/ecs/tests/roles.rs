//! What happens when a role may not do what ECS does in its name.

use std::sync::Arc;

use serde_json::{Value, json};

use super::fixture::Shop;
use crate::roles::EverythingBut;

const ROLE: &str = "arn:aws:iam::123456789012:role/ecs";

/// A settled service whose roles may do everything but this from now on.
fn without(action: &'static str) -> Shop {
    let shop = Shop::new();
    let pair = shop.pair(true);
    let changes =
        json!({ "deploymentConfiguration": { "strategy": "BLUE_GREEN" }, "loadBalancers": pair });
    shop.ecs("CreateService", shop.request("v1", changes));
    shop.settle();
    shop.world.judge_roles(Arc::new(EverythingBut(action)));
    shop
}

fn reason(deployment: &Value) -> &str {
    deployment["statusReason"].as_str().unwrap()
}

#[test]
fn rules_that_cannot_be_read_or_written_take_the_deployment_back() {
    for action in [
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:ModifyRule",
        // The test rule is the default one of its listener.
        "elasticloadbalancing:ModifyListener",
    ] {
        let shop = without(action);
        shop.deploy("v2");
        let ended = shop.until(|it| it["status"] != "PENDING" && it["status"] != "IN_PROGRESS");
        let said = reason(&ended);
        assert!(said.contains("invalid networking configuration"), "{said}");
        let denied = format!(
            "assumed-role/ecs/ECSNetworkingWithELB is not authorized to perform: {action} on resource: "
        );
        assert!(said.contains(&denied), "{said}");
        shop.settle();
        assert_eq!(shop.weights(), (100, 0), "{action}");
    }
}

#[test]
fn traffic_that_cannot_be_brought_back_fails_the_rollback() {
    let shop = Shop::new();
    shop.shifting(json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10 }));
    shop.deploy("v2");
    let baking = shop.until_stage("BAKE_TIME");
    let denied = "elasticloadbalancing:ModifyRule";
    shop.world.judge_roles(Arc::new(EverythingBut(denied)));
    let arn = baking["serviceDeploymentArn"].clone();
    shop.ecs(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" }),
    );
    let failed = shop.until_status("ROLLBACK_FAILED");
    assert!(reason(&failed).contains(denied), "{failed:#}");
    assert_eq!(shop.weights(), (0, 100));
}

#[test]
fn new_tasks_never_count_when_nobody_may_register_them_or_look() {
    for (action, event) in [
        (
            "elasticloadbalancing:RegisterTargets",
            "failed to register targets in (target-group arn:",
        ),
        (
            "elasticloadbalancing:DescribeTargetHealth",
            "failed to describe target health on (target-group arn:",
        ),
    ] {
        let shop = without(action);
        shop.deploy("v2");
        shop.until_stage("SCALE_UP");
        shop.advance(3600);
        assert_eq!(shop.deployment()["lifecycleStage"], "SCALE_UP", "{action}");
        assert!(shop.has_event(event), "{:?}", shop.events());
        assert!(shop.has_event(action), "{:?}", shop.events());
        assert_eq!(shop.weights(), (100, 0));
    }
}

#[test]
fn tasks_that_cannot_be_deregistered_stay_targets() {
    let shop = without("elasticloadbalancing:DeregisterTargets");
    shop.deploy("v2");
    shop.until_status("SUCCESSFUL");
    shop.advance(60);
    assert!(shop.has_event("failed to deregister targets in (target-group arn:"));
    let plane = shop.world.data_plane();
    let blue = plane
        .target_groups
        .iter()
        .find(|group| group.arn == shop.blue);
    assert_eq!(blue.unwrap().targets.len(), 2);
}

#[test]
fn ecs_refuses_a_role_that_may_not_read_target_groups() {
    let shop = without("elasticloadbalancing:DescribeTargetGroups");
    let definition = shop.definition("v2");
    let update = json!({ "cluster": "main", "service": "shop", "taskDefinition": definition });
    let refused = shop.refused("UpdateService", update);
    assert_eq!(refused.code, "InvalidParameterException");
    assert!(
        refused
            .message
            .starts_with("Unable to assume role and validate the specified targetGroupArn.")
    );
}

#[test]
fn a_function_that_cannot_be_invoked_is_a_failed_hook() {
    let shop = Shop::new();
    let hook = json!({
        "hookTargetArn": "arn:aws:lambda:eu-west-1:123456789012:function:check-succeeds", "roleArn": ROLE,
        "lifecycleStages": ["POST_SCALE_UP"],
    });
    shop.shifting(json!({ "strategy": "BLUE_GREEN", "lifecycleHooks": [hook] }));
    let action = "lambda:InvokeFunction";
    shop.world.judge_roles(Arc::new(EverythingBut(action)));
    shop.deploy("v2");
    let ended = shop.until_status("ROLLBACK_SUCCESSFUL");
    assert!(
        reason(&ended).contains("is not authorized to perform: lambda:InvokeFunction"),
        "{ended:#}"
    );
}

/// A task with everything that an execution role is for.
fn run(shop: &Shop) -> Value {
    let registered = shop.ecs("RegisterTaskDefinition", json!({
        "family": "job", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution", "taskRoleArn": "arn:aws:iam::123456789012:role/app",
        "containerDefinitions": [{
            "name": "job", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/job:v1",
            "secrets": [
                { "name": "PASSWORD", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::" },
                { "name": "TOKEN", "valueFrom": "/shop/token" },
            ],
            "logConfiguration": { "logDriver": "awslogs", "options": {
                "awslogs-group": "/shop/new-missing", "awslogs-create-group": "true", "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "job",
            } },
        }],
    }));
    let definition = registered["taskDefinition"]["taskDefinitionArn"].clone();
    let started = shop.ecs("RunTask", json!({
        "cluster": "main", "taskDefinition": definition, "launchType": "FARGATE", "networkConfiguration": Shop::network(),
        "enableExecuteCommand": true,
    }));
    let arn = started["tasks"][0]["taskArn"].clone();
    shop.advance(20);
    shop.ecs(
        "DescribeTasks",
        json!({ "cluster": "main", "tasks": [arn] }),
    )["tasks"][0]
        .clone()
}

#[test]
fn a_task_does_not_start_without_what_its_execution_role_is_for() {
    for (action, reason) in [
        (
            "ecr:GetAuthorizationToken",
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth",
        ),
        (
            "ecr:BatchGetImage",
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 123456789012.dkr.ecr.eu-west-1.amazonaws.com/job:v1",
        ),
        (
            "ecr:GetDownloadUrlForLayer",
            "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy",
        ),
        (
            "secretsmanager:GetSecretValue",
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf from secrets manager: AccessDeniedException",
        ),
        (
            "ssm:GetParameters",
            "unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException",
        ),
        (
            "logs:CreateLogStream",
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream",
        ),
        (
            "logs:CreateLogGroup",
            "failed to create Cloudwatch log group",
        ),
    ] {
        let shop = Shop::new();
        shop.world.judge_roles(Arc::new(EverythingBut(action)));
        let task = run(&shop);
        assert_eq!(task["lastStatus"], "STOPPED", "{action}");
        assert_eq!(task["stopCode"], "TaskFailedToStart", "{action}");
        let said = task["stoppedReason"].as_str().unwrap();
        assert!(said.contains(reason), "{action}: {said}");
    }
}

#[test]
fn lines_that_may_not_be_written_are_lost() {
    for (action, lines) in [("logs:PutLogEvents", 0), ("sts:AssumeRole", 1)] {
        let shop = Shop::new();
        shop.world.judge_roles(Arc::new(EverythingBut(action)));
        let task = run(&shop);
        assert_eq!(task["lastStatus"], "RUNNING", "{action}");
        let found = shop.world.log_events("eu-west-1", "/shop/new-missing");
        assert_eq!(found.len(), lines, "{action}");
    }
}

#[test]
fn a_session_needs_the_task_role() {
    for action in [
        "CreateControlChannel",
        "CreateDataChannel",
        "OpenControlChannel",
        "OpenDataChannel",
    ] {
        let shop = Shop::new();
        let action: &'static str = Box::leak(format!("ssmmessages:{action}").into_boxed_str());
        shop.world.judge_roles(Arc::new(EverythingBut(action)));
        let task = run(&shop);
        let command = json!({ "cluster": "main", "task": task["taskArn"], "command": "sh", "interactive": true });
        let refused = shop.refused("ExecuteCommand", command);
        assert_eq!(refused.code, "TargetNotConnectedException", "{action}");
    }
}
