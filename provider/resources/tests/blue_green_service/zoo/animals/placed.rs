//! On container instances.

use serde_json::{Value as Json, json};

use super::{Animal, animal, group, instances, native, on_instances, route, unmanaged};

pub(super) fn placed() -> Vec<Animal> {
    vec![
        unmanaged(on_instances(
            animal("bridge with a role", |account| {
                let made = account.elb(
                    "CreateTargetGroup",
                    json!({
                        "Name": "inst", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-0a0a0a0a0a0a0a0a0",
                        "TargetType": "instance",
                    }),
                );
                let arn = made["TargetGroups"][0]["TargetGroupArn"].as_str().unwrap();
                route(account, 20, arn);
                json!({
                    "launchType": "EC2", "networkConfiguration": null, "loadBalancers": [group(arn)],
                    "role": "arn:aws:iam::123456789012:role/old",
                    "placementStrategy": [
                        { "type": "spread", "field": "attribute:ecs.availability-zone" },
                        { "type": "binpack", "field": "memory" },
                    ],
                    "placementConstraints": [
                        { "type": "memberOf", "expression": "attribute:ecs.instance-type =~ m5.*" },
                    ],
                })
            }),
            "bridge",
        )),
        on_instances(
            animal("behind a Classic Load Balancer", |_| {
                json!({
                    "launchType": "EC2", "networkConfiguration": null, "healthCheckGracePeriodSeconds": 60,
                    "loadBalancers": [{ "loadBalancerName": "old", "containerName": "app", "containerPort": 8080 }],
                })
            }),
            "bridge",
        ),
        on_instances(animal("daemon", |_| daemon()), "host"),
        on_instances(
            animal("daemon on some", |_| {
                let mut input = daemon();
                input["placementConstraints"] = json!([{ "type": "memberOf", "expression": "attribute:ecs.instance-type =~ m5.*" }]);
                input
            }),
            "bridge",
        ),
        on_instances(
            animal("one on each instance", |_| {
                json!({
                    "launchType": "EC2", "networkConfiguration": null,
                    "placementConstraints": [{ "type": "distinctInstance" }],
                    "placementStrategy": [{ "type": "spread", "field": "instanceId" }],
                    "deploymentConfiguration": { "maximumPercent": 150, "minimumHealthyPercent": 50 },
                })
            }),
            "host",
        ),
        on_instances(
            animal(
                "anywhere",
                |_| json!({ "launchType": "EC2", "placementStrategy": [{ "type": "random" }] }),
            ),
            "awsvpc",
        ),
        on_instances(
            animal("blue/green on instances", |account| {
                let mut input = native(account, json!({ "strategy": "BLUE_GREEN" }));
                input["launchType"] = "EC2".into();
                input
            }),
            "awsvpc",
        ),
        Animal {
            definition: json!({ "requiresCompatibilities": ["EC2"] }),
            before: |account| {
                instances(account);
                account.ecs(
                    "CreateCapacityProvider",
                    json!({ "name": "barn", "autoScalingGroupProvider": {
                        "autoScalingGroupArn": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:0a:autoScalingGroupName/barn",
                        "managedScaling": { "status": "ENABLED", "targetCapacity": 100 },
                    } }),
                );
                account.ecs(
                    "PutClusterCapacityProviders",
                    json!({ "cluster": "main", "capacityProviders": ["barn"], "defaultCapacityProviderStrategy": [] }),
                );
            },
            ..animal("auto scaling group", |_| {
                json!({
                    "launchType": null, "placementConstraints": [{ "type": "distinctInstance" }],
                    "capacityProviderStrategy": [{ "capacityProvider": "barn", "weight": 1, "base": 0 }],
                })
            })
        },
    ]
}

fn daemon() -> Json {
    json!({
        "launchType": "EC2", "networkConfiguration": null, "schedulingStrategy": "DAEMON", "desiredCount": null,
        "deploymentConfiguration": { "maximumPercent": 100, "minimumHealthyPercent": 0 },
    })
}
