//! Rolling on Fargate.

use serde_json::{Value as Json, json};

use super::{Animal, alarms, animal, group, providers, rolling, route, scaled, spot, unmanaged};

pub(super) fn on_fargate() -> Vec<Animal> {
    vec![
        animal("plain", |_| json!({})),
        animal("web with everything", |account| {
            json!({
                "loadBalancers": [group(&account.blue)],
                "deploymentConfiguration": {
                    "deploymentCircuitBreaker": { "enable": true, "rollback": true }, "maximumPercent": 200,
                    "minimumHealthyPercent": 100,
                },
                "enableExecuteCommand": true, "healthCheckGracePeriodSeconds": 45, "propagateTags": "SERVICE",
                "enableECSManagedTags": true, "platformVersion": "1.4.0",
                "tags": [{ "key": "team", "value": "comb" }, { "key": "empty", "value": "" }],
            })
        }),
        Animal {
            before: spot,
            ..animal("spot mix", |_| {
                json!({
                    "launchType": null,
                    "capacityProviderStrategy": [
                        { "capacityProvider": "FARGATE", "base": 1, "weight": 1 },
                        { "capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 3 },
                    ],
                    "networkConfiguration": { "awsvpcConfiguration": {
                        "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED",
                    } },
                    "deploymentConfiguration": { "maximumPercent": 150, "minimumHealthyPercent": 50 },
                })
            })
        },
        Animal {
            before: spot,
            ..animal("spot only", |_| {
                json!({
                    "launchType": null, "platformVersion": "LATEST",
                    "capacityProviderStrategy": [{ "capacityProvider": "FARGATE_SPOT", "weight": 1 }],
                })
            })
        },
        Animal {
            before: |account| {
                providers(
                    account,
                    json!([{ "capacityProvider": "FARGATE_SPOT", "weight": 2 }]),
                );
            },
            ..animal("cluster default", |_| json!({ "launchType": null }))
        },
        animal("two balancers", |account| {
            json!({
                "loadBalancers": [group(&account.blue), group(&account.green)], "healthCheckGracePeriodSeconds": 30,
            })
        }),
        animal("five groups", |account| {
            let more = ["one", "two", "three"].map(|name| account.target_group(name));
            for (priority, arn) in more.iter().enumerate() {
                route(account, priority + 20, arn);
            }
            let first = [&account.blue, &account.green];
            let all: Vec<Json> = first
                .into_iter()
                .chain(&more)
                .map(|arn| group(arn))
                .collect();
            json!({ "loadBalancers": all })
        }),
        animal(
            "no grace",
            |account| json!({ "loadBalancers": [group(&account.blue)], "healthCheckGracePeriodSeconds": 0 }),
        ),
        animal(
            "no security group",
            |_| json!({ "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } } }),
        ),
        animal(
            "asleep",
            |_| json!({ "desiredCount": 0, "deploymentConfiguration": { "maximumPercent": 100, "minimumHealthyPercent": 0 } }),
        ),
        animal(
            "recreated",
            |_| json!({ "desiredCount": 1, "deploymentConfiguration": { "maximumPercent": 100, "minimumHealthyPercent": 0 } }),
        ),
        animal(
            "tags of the task definition",
            |_| json!({ "propagateTags": "TASK_DEFINITION", "enableECSManagedTags": true }),
        ),
        Animal {
            after: scaled,
            on_plan: &["SY0122"],
            ..animal(
                "autoscaled",
                |account| json!({ "loadBalancers": [group(&account.blue)], "desiredCount": 6 }),
            )
        },
        Animal {
            before: alarms,
            ..animal("alarmed without rollback", |account| {
                json!({
                    "loadBalancers": [group(&account.blue)], "availabilityZoneRebalancing": "ENABLED",
                    "deploymentConfiguration": {
                        "deploymentCircuitBreaker": { "enable": true, "rollback": false },
                        "alarms": { "alarmNames": ["errors"], "enable": true, "rollback": false },
                    },
                })
            })
        },
        animal("breaker with a threshold", |_| {
            rolling(json!({ "deploymentCircuitBreaker": {
                "enable": true, "rollback": true, "resetOnHealthyTask": false,
                "thresholdConfiguration": { "type": "COUNT", "value": 5 },
            } }))
        }),
        animal("breaker with AWS's threshold", |_| {
            rolling(json!({ "deploymentCircuitBreaker": {
                "enable": true, "rollback": true, "resetOnHealthyTask": true,
                "thresholdConfiguration": { "type": "BOUNDED_PERCENT", "value": 50 },
            } }))
        }),
        animal(
            "zones left alone",
            |_| json!({ "availabilityZoneRebalancing": "DISABLED" }),
        ),
        unmanaged(animal("idle alarms", |_| {
            rolling(
                json!({ "alarms": { "alarmNames": ["errors"], "enable": false, "rollback": false } }),
            )
        })),
        unmanaged(animal("early success", |_| {
            rolling(json!({ "earlySuccessCriteria": { "enable": true, "healthyPercent": 100 } }))
        })),
        unmanaged(animal(
            "gateway",
            |_| json!({ "gatewayConnectors": [{ "portName": "http" }] }),
        )),
    ]
}
