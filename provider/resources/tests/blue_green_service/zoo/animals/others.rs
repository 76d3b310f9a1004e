//! Behind network load balancers, and under other controllers.

use serde_json::{Value as Json, json};

use super::{
    Animal, REGISTRY, ROLE, animal, balancer_of, code_deployed, external, group, scaled, spot,
    task_set,
};
use crate::account::Account;

/// A listener of a network load balancer, and two groups of which it forwards to the first.
fn network(account: &Account) -> [String; 3] {
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let groups = ["tcp-a", "tcp-b"].map(|name| {
        let made = account.elb(
            "CreateTargetGroup",
            json!({
                "Name": name, "Protocol": "TCP", "Port": 9090, "VpcId": "vpc-0a0a0a0a0a0a0a0a0", "TargetType": "ip",
                "HealthCheckIntervalSeconds": 5, "HealthyThresholdCount": 2,
            }),
        );
        text(&made["TargetGroups"][0]["TargetGroupArn"])
    });
    let balancer = account.elb(
        "CreateLoadBalancer",
        json!({ "Name": "net", "Subnets": ["subnet-1", "subnet-2"], "Type": "network" }),
    );
    let [blue, green] = groups;
    let listener = account.elb(
        "CreateListener",
        json!({
            "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"], "Protocol": "TCP", "Port": 9090,
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": blue }],
        }),
    );
    [text(&listener["Listeners"][0]["ListenerArn"]), blue, green]
}

pub(super) fn others() -> Vec<Animal> {
    vec![
        animal("behind a network load balancer", |account| {
            let [_, blue, _] = network(account);
            json!({ "loadBalancers": [group(&blue)] })
        }),
        animal("blue/green behind a network load balancer", |account| {
            let [listener, blue, green] = network(account);
            let test = account.elb(
                "CreateListener",
                json!({
                    "LoadBalancerArn": balancer_of(&listener), "Protocol": "TCP", "Port": 9091,
                    "DefaultActions": [{ "Type": "forward", "TargetGroupArn": green }],
                }),
            );
            let mut balancer = group(&blue);
            balancer["advancedConfiguration"] = json!({
                "alternateTargetGroupArn": green, "productionListenerRule": listener, "roleArn": ROLE,
                "testListenerRule": test["Listeners"][0]["ListenerArn"],
            });
            json!({
                "loadBalancers": [balancer],
                "deploymentConfiguration": { "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 2 },
            })
        }),
        code_deployed(
            "CodeDeploy",
            |account| json!({ "deploymentController": { "type": "CODE_DEPLOY" }, "loadBalancers": [group(&account.blue)] }),
        ),
        Animal {
            after: |account| {
                account.deployment_group(1);
                scaled(account);
            },
            on_plan: &["SY0122"],
            ..code_deployed("CodeDeploy, autoscaled", |account| {
                json!({
                    "deploymentController": { "type": "CODE_DEPLOY" }, "loadBalancers": [group(&account.blue)],
                    "healthCheckGracePeriodSeconds": 90, "propagateTags": "SERVICE",
                    "tags": [{ "key": "team", "value": "pod" }], "serviceRegistries": [{ "registryArn": REGISTRY }],
                })
            })
        },
        external("task sets", |account| {
            task_set(account, json!({ "loadBalancers": [group(&account.blue)] }));
        }),
        Animal {
            before: spot,
            ..external("task sets with everything", |account| {
                task_set(
                    account,
                    json!({
                        "externalId": "old", "launchType": null,
                        "capacityProviderStrategy": [{ "capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0 }],
                        "loadBalancers": [group(&account.blue)], "serviceRegistries": [{ "registryArn": REGISTRY }],
                        "tags": [{ "key": "set", "value": "old" }],
                    }),
                );
            })
        },
        external("half a task set", |account| {
            task_set(
                account,
                json!({
                    "loadBalancers": [group(&account.blue)], "scale": { "value": 50, "unit": "PERCENT" },
                }),
            );
        }),
    ]
}
