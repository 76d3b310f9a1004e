//! RegisterTaskDefinition.

use serde_json::{Value, json};
use switchyard_world::Service::Ecs;

use super::{Site, with};

/// A definition for Fargate whose one container has `over`.
fn fargate(container: &Value, over: &Value) -> Value {
    let app = with(json!({"name": "app", "image": "app:v1"}), container);
    with(
        json!({
            "family": "app", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512", "containerDefinitions": [app],
        }),
        over,
    )
}

/// A definition for container instances.
fn ec2(container: &Value, over: &Value) -> Value {
    let app = with(
        json!({"name": "app", "image": "app:v1", "memory": 128}),
        container,
    );
    with(
        json!({"family": "app", "containerDefinitions": [app]}),
        over,
    )
}

fn pair(first: &Value, second: &Value) -> Value {
    let app = with(json!({"name": "app", "image": "app:v1"}), first);
    let side = with(
        json!({"name": "side", "image": "side:v1", "essential": false}),
        second,
    );
    fargate(&json!({}), &json!({"containerDefinitions": [app, side]}))
}

#[track_caller]
fn refused(input: Value, words: &str) {
    Site::new().refused(
        Ecs,
        "RegisterTaskDefinition",
        input,
        ("ClientException", words),
    );
}

#[track_caller]
fn taken(input: Value) {
    Site::new().taken(Ecs, "RegisterTaskDefinition", input);
}

#[test]
fn fargate_has_its_own_limits() {
    let none = json!({});
    let role = json!({"executionRoleArn": "arn:aws:iam::123456789012:role/x"});
    for (container, words) in [
        (json!({"privileged": true}), "privileged"),
        (json!({"stopTimeout": 121}), "stop timeout"),
        (json!({"links": ["side"]}), "links"),
        (json!({"dnsServers": ["10.0.0.2"]}), "dnsServers"),
        (json!({"disableNetworking": true}), "disableNetworking"),
        (json!({"linuxParameters": {"maxSwap": 1}}), "maxSwap"),
        (
            json!({"resourceRequirements": [{"type": "GPU", "value": "1"}]}),
            "GPU",
        ),
        (
            json!({"logConfiguration": {"logDriver": "json-file"}}),
            "json-file",
        ),
        (
            json!({"logConfiguration": {"logDriver": "awslogs"}}),
            "execution role ARN to support log driver awslogs",
        ),
    ] {
        refused(fargate(&container, &none), words);
    }
    taken(fargate(
        &json!({"stopTimeout": 120, "privileged": false, "links": []}),
        &none,
    ));
    taken(fargate(
        &json!({"logConfiguration": {"logDriver": "awslogs"}}),
        &role,
    ));
    taken(fargate(
        &json!({"logConfiguration": {"logDriver": "splunk"}}),
        &none,
    ));
    taken(ec2(
        &json!({"logConfiguration": {"logDriver": "json-file"}, "privileged": true}),
        &none,
    ));

    for (over, words) in [
        (json!({"cpu": "300"}), "No Fargate configuration exists"),
        (json!({"memory": "4096"}), "No Fargate configuration exists"),
        (json!({"pidMode": "host"}), "pid mode"),
        (json!({"ipcMode": "task"}), "ipc modes"),
        (
            json!({"ephemeralStorage": {"sizeInGiB": 20}}),
            "between 21 and 200",
        ),
        (
            json!({"ephemeralStorage": {"sizeInGiB": 201}}),
            "between 21 and 200",
        ),
        (
            json!({"placementConstraints": [{"type": "memberOf", "expression": "x"}]}),
            "placement constraints",
        ),
        (
            json!({"volumes": [{"name": "a", "host": {"sourcePath": "/"}}]}),
            "host.sourcePath",
        ),
    ] {
        refused(fargate(&none, &over), words);
    }
    taken(fargate(
        &none,
        &json!({"pidMode": "task", "ephemeralStorage": {"sizeInGiB": 21}}),
    ));
    taken(fargate(&none, &json!({"cpu": "1 vCPU", "memory": "2 GB"})));
}

#[test]
fn containers_fit_into_their_task() {
    let none = json!({});
    refused(fargate(&json!({"memory": 513}), &none), "must not exceed");
    refused(fargate(&json!({"cpu": 257}), &none), "CPU reserved");
    refused(
        fargate(&json!({"memory": 256, "memoryReservation": 257}), &none),
        "memoryReservation",
    );
    refused(
        pair(&json!({"memory": 300}), &json!({"memory": 300})),
        "reserved for all",
    );
    taken(pair(&json!({"memory": 256}), &json!({"memory": 256})));
    refused(
        ec2(&json!({"memory": null}), &none),
        "At least one of 'memory'",
    );
    taken(ec2(
        &json!({"memory": null, "memoryReservation": 64}),
        &none,
    ));
}

#[test]
fn containers_name_what_is_there() {
    let none = json!({});
    refused(
        fargate(&json!({"name": "the app"}), &none),
        "Container name 'the app'",
    );
    refused(pair(&none, &json!({"name": "app"})), "unique");
    refused(
        fargate(
            &json!({"mountPoints": [{"sourceVolume": "a", "containerPath": "/a"}]}),
            &none,
        ),
        "Unknown volume 'a'",
    );
    refused(
        fargate(&none, &json!({"volumes": [{"name": "a"}, {"name": "a"}]})),
        "Duplicate volume",
    );
    refused(
        fargate(&json!({"volumesFrom": [{"sourceContainer": "b"}]}), &none),
        "volumesFrom",
    );
    let on = |container: &str, condition: &str| json!({"dependsOn": [{"containerName": container, "condition": condition}]});
    refused(pair(&on("other", "START"), &none), "not another container");
    refused(pair(&on("app", "START"), &none), "not another container");
    refused(
        pair(&none, &on("app", "COMPLETE")),
        "essential container 'app'",
    );
    refused(
        pair(&on("side", "HEALTHY"), &none),
        "health check on the container 'side'",
    );
    taken(pair(&on("side", "SUCCESS"), &none));
    let checked = json!({"healthCheck": {"command": ["CMD-SHELL", "true"]}});
    taken(pair(&on("side", "HEALTHY"), &checked));
    taken(fargate(
        &json!({"mountPoints": [{"sourceVolume": "a", "containerPath": "/a"}]}),
        &json!({"volumes": [{"name": "a"}]}),
    ));
}

#[test]
fn ports_secrets_and_health_checks_are_whole() {
    let none = json!({});
    refused(
        fargate(
            &json!({"portMappings": [{"containerPort": 80, "hostPort": 81}]}),
            &none,
        ),
        "must match",
    );
    taken(fargate(
        &json!({"portMappings": [{"containerPort": 80, "hostPort": 80}]}),
        &none,
    ));
    taken(ec2(
        &json!({"portMappings": [{"containerPort": 80, "hostPort": 81}]}),
        &none,
    ));
    let secret =
        json!({"secrets": [{"name": "A", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/a"}]});
    refused(ec2(&secret, &none), "'executionRoleArn'");
    taken(ec2(
        &secret,
        &json!({"executionRoleArn": "arn:aws:iam::123456789012:role/x"}),
    ));
    for (check, words) in [
        (json!({"interval": 30}), "needs a command"),
        (
            json!({"command": ["CMD", "true"], "timeout": 61}),
            "between 2 and 60",
        ),
        (
            json!({"command": ["CMD", "true"], "timeout": 1}),
            "between 2 and 60",
        ),
    ] {
        refused(fargate(&json!({"healthCheck": check}), &none), words);
    }
    taken(fargate(
        &json!({"healthCheck": {"command": ["CMD", "true"], "timeout": 60}}),
        &none,
    ));
}
