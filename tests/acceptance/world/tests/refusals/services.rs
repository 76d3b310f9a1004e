//! CreateService, UpdateService, CreateTaskSet and RunTask.

use serde_json::{Value, json};
use switchyard_world::Service::{Ecs, Elbv2};

use super::{Site, with};

const INVALID: &str = "InvalidParameterException";

impl Site {
    /// A cluster, definitions for Fargate with and without a task role, one for container instances.
    fn of_services() -> Self {
        let site = Self::new();
        site.taken(Ecs, "CreateCluster", json!({"clusterName": "main"}));
        let fargate = json!({
            "family": "app", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512",
            "containerDefinitions": [{"name": "app", "image": "app:v1", "portMappings": [{"containerPort": 80}]}],
        });
        let role = json!({"family": "role", "taskRoleArn": "arn:aws:iam::123456789012:role/task"});
        let ec2 = json!({
            "family": "ec2", "networkMode": "awsvpc",
            "containerDefinitions": [{"name": "app", "image": "app:v1", "memory": 64}],
        });
        for definition in [fargate.clone(), with(fargate, &role), ec2] {
            site.taken(Ecs, "RegisterTaskDefinition", definition);
        }
        site
    }

    #[track_caller]
    fn refuses_service(&self, over: &Value, words: &str) {
        self.refused(
            Ecs,
            "CreateService",
            with(service(), over),
            (INVALID, words),
        );
    }

    #[track_caller]
    fn takes_service(&self, over: &Value) {
        self.taken(Ecs, "CreateService", with(service(), over));
    }
}

fn service() -> Value {
    json!({
        "cluster": "main", "serviceName": "shop", "taskDefinition": "app", "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-a"]}},
    })
}

fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{prefix}{number}"))
        .collect()
}

fn tags(count: usize) -> Value {
    let tags = numbered("k", count);
    let tags = tags.iter().map(|key| json!({"key": key, "value": "v"}));
    Value::Array(tags.collect())
}

#[test]
fn a_service_is_within_its_limits() {
    let site = Site::of_services();
    let awsvpc = |members: Value| json!({"networkConfiguration": {"awsvpcConfiguration": members}});
    for (over, words) in [
        (json!({"tags": tags(51)}), "at most 50 tags"),
        (
            json!({"tags": [{"key": "aws:x", "value": "v"}]}),
            "reserved",
        ),
        (
            json!({"tags": [{"key": "a", "value": "v"}, {"key": "a", "value": "w"}]}),
            "Duplicate tag key a",
        ),
        (
            json!({"serviceName": "n".repeat(256)}),
            "Invalid service name",
        ),
        (json!({"serviceName": "a shop"}), "Invalid service name"),
        (
            awsvpc(json!({"securityGroups": numbered("sg-", 6)})),
            "at most 5",
        ),
        (
            awsvpc(json!({"subnets": numbered("subnet-", 17)})),
            "at most 16",
        ),
        (awsvpc(json!({"subnets": []})), "subnets"),
        (json!({"clientToken": "t".repeat(37)}), "clientToken"),
        (json!({"clientToken": "a b"}), "clientToken"),
    ] {
        site.refuses_service(&over, words);
    }
    site.takes_service(&with(
        awsvpc(json!({"securityGroups": numbered("sg-", 5), "subnets": numbered("subnet-", 16)})),
        &json!({"tags": tags(50), "serviceName": "n".repeat(255), "clientToken": "t".repeat(36)}),
    ));
    let arn = format!(
        "arn:aws:ecs:eu-west-1:123456789012:service/main/{}",
        "n".repeat(255)
    );
    let one_more = json!({"resourceArn": arn, "tags": [{"key": "more", "value": "v"}]});
    site.refused(Ecs, "TagResource", one_more, (INVALID, "at most 50 tags"));
    let name = json!({"clusterName": "a cluster"});
    site.refused(
        Ecs,
        "CreateCluster",
        name,
        (INVALID, "Invalid cluster name"),
    );
}

#[test]
fn members_of_a_service_go_together() {
    let site = Site::of_services();
    let deployment = |members: Value| json!({"deploymentConfiguration": members});
    let on_ec2 = json!({"launchType": "EC2", "taskDefinition": "ec2"});
    let public =
        json!({"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "ENABLED"}}});
    for (over, words) in [
        (
            json!({"schedulingStrategy": "DAEMON", "desiredCount": null}),
            "DAEMON",
        ),
        (
            with(
                on_ec2.clone(),
                &json!({"schedulingStrategy": "DAEMON", "deploymentController": {"type": "CODE_DEPLOY"}}),
            ),
            "DAEMON",
        ),
        (
            json!({"deploymentController": {"type": "CODE_DEPLOY"}}),
            "load balancer",
        ),
        (json!({"enableExecuteCommand": true}), "taskRoleArn"),
        (json!({"taskDefinition": "ec2"}), "launch_type FARGATE"),
        (with(on_ec2.clone(), &public), "Assign public IP"),
        (
            with(on_ec2.clone(), &json!({"platformVersion": "1.4.0"})),
            "must be null",
        ),
        (
            deployment(json!({"alarms": {"alarmNames": [], "enable": true, "rollback": true}})),
            "alarmNames",
        ),
        (deployment(json!({"maximumPercent": 50})), "maximumPercent"),
        (
            deployment(json!({"maximumPercent": 100, "minimumHealthyPercent": 100})),
            "block deployments",
        ),
        (
            deployment(json!({"strategy": "CANARY", "linearConfiguration": {"stepPercent": 10.0}})),
            "linearConfiguration",
        ),
        (
            deployment(
                json!({"strategy": "LINEAR", "canaryConfiguration": {"canaryPercent": 10.0}}),
            ),
            "canaryConfiguration",
        ),
    ] {
        site.refuses_service(&over, words);
    }
    site.refused(
        Ecs,
        "CreateService",
        with(service(), &json!({"platformVersion": "9.9.9"})),
        ("PlatformUnknownException", "does not exist"),
    );
    site.takes_service(&json!({
        "taskDefinition": "role", "enableExecuteCommand": true, "platformVersion": "1.4.0",
        "deploymentConfiguration": {"maximumPercent": 100, "minimumHealthyPercent": 0},
    }));
    let update = |over: Value| with(json!({"cluster": "main", "service": "shop"}), &over);
    for (over, words) in [
        (json!({"taskDefinition": "app"}), "taskRoleArn"),
        (
            json!({"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"], "securityGroups": numbered("sg-", 6)}}}),
            "at most 5",
        ),
        (
            json!({"deploymentConfiguration": {"minimumHealthyPercent": 100}}),
            "block deployments",
        ),
        (
            json!({"deploymentConfiguration": {"canaryConfiguration": {"canaryPercent": 5.0}}}),
            "canaryConfiguration",
        ),
    ] {
        site.refused(Ecs, "UpdateService", update(over), (INVALID, words));
    }
    site.taken(
        Ecs,
        "UpdateService",
        update(json!({"taskDefinition": "app", "enableExecuteCommand": false})),
    );
}

#[test]
fn a_client_token_stands_for_one_request() {
    let site = Site::of_services();
    let token = json!({"clientToken": "t-1"});
    site.takes_service(&token);
    site.takes_service(&token);
    let other = json!({"clientToken": "t-1", "desiredCount": 2});
    site.refuses_service(&other, "not idempotent");
    site.refuses_service(&json!({"clientToken": "t-2"}), "not idempotent");

    let frame = json!({
        "cluster": "main", "serviceName": "sides", "desiredCount": 1,
        "deploymentController": {"type": "EXTERNAL"},
    });
    site.taken(Ecs, "CreateService", frame);
    let set = json!({
        "cluster": "main", "service": "sides", "taskDefinition": "app", "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-a"]}}, "clientToken": "t-3",
    });
    let first = site.taken(Ecs, "CreateTaskSet", set.clone());
    let again = site.taken(Ecs, "CreateTaskSet", set.clone());
    assert_eq!(first["taskSet"]["id"], again["taskSet"]["id"]);
    for (over, words) in [
        (json!({"externalId": "e"}), "not idempotent"),
        (json!({"clientToken": "t".repeat(37)}), "clientToken"),
    ] {
        site.refused(
            Ecs,
            "CreateTaskSet",
            with(set.clone(), &over),
            (INVALID, words),
        );
    }
}

#[test]
fn a_task_is_within_its_limits() {
    let site = Site::of_services();
    let run = json!({
        "cluster": "main", "taskDefinition": "app", "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-a"]}},
    });
    for (over, words) in [
        (json!({"clientToken": "t".repeat(65)}), "clientToken"),
        (json!({"enableExecuteCommand": true}), "taskRoleArn"),
        (json!({"taskDefinition": "ec2"}), "launch_type FARGATE"),
        (
            json!({"networkConfiguration": {"awsvpcConfiguration": {"securityGroups": numbered("sg-", 6)}}}),
            "at most 5",
        ),
    ] {
        site.refused(Ecs, "RunTask", with(run.clone(), &over), (INVALID, words));
    }
    site.taken(
        Ecs,
        "RunTask",
        with(run, &json!({"clientToken": "t".repeat(64)})),
    );
    let balancers = site.taken(Elbv2, "DescribeLoadBalancers", json!({}));
    assert_eq!(balancers["LoadBalancers"], json!([]));
}
