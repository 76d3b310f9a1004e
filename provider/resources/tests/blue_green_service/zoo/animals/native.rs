//! Moved by ECS between two sides.

use serde_json::json;

use super::{Animal, alarms, animal, balancer_of, connect, function, hooked, native, unmanaged};

pub(super) fn native_ones() -> Vec<Animal> {
    vec![
        animal("blue/green", |account| {
            native(
                account,
                json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5 }),
            )
        }),
        animal("blue/green of two pairs", |account| {
            let groups = ["inner-blue", "inner-green"].map(|name| account.target_group(name));
            let rule = account.elb(
                "CreateRule",
                json!({
                    "ListenerArn": account.listener, "Priority": 5,
                    "Conditions": [{ "Field": "path-pattern", "Values": ["/inner/*"] }],
                    "Actions": [{ "Type": "forward", "ForwardConfig": { "TargetGroups": [
                        { "TargetGroupArn": groups[0], "Weight": 1 }, { "TargetGroupArn": groups[1], "Weight": 0 },
                    ] } }],
                }),
            );
            let mut input = native(
                account,
                json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5 }),
            );
            let mut inner = input["loadBalancers"][0].clone();
            inner["targetGroupArn"] = json!(groups[0]);
            inner["advancedConfiguration"]["alternateTargetGroupArn"] = json!(groups[1]);
            inner["advancedConfiguration"]["productionListenerRule"] =
                rule["Rules"][0]["RuleArn"].clone();
            let balancers = input["loadBalancers"].as_array_mut().unwrap();
            balancers.push(inner);
            input
        }),
        animal("blue/green with a breaker", |account| {
            native(
                account,
                json!({
                    "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5,
                    "deploymentCircuitBreaker": { "enable": true, "rollback": true },
                }),
            )
        }),
        animal("blue/green with a test rule", |account| {
            let listener = account.elb(
                "CreateListener",
                json!({
                    "LoadBalancerArn": balancer_of(&account.listener),
                    "Protocol": "HTTP", "Port": 8443,
                    "DefaultActions": [{ "Type": "forward", "TargetGroupArn": account.blue }],
                }),
            );
            let rules = account.elb(
                "DescribeRules",
                json!({ "ListenerArn": listener["Listeners"][0]["ListenerArn"] }),
            );
            let mut input = native(
                account,
                json!({
                    "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5,
                    "lifecycleHooks": [function(json!({ "hookDetails": { "depth": 3 }, "lifecycleStages": ["POST_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT"] }))],
                }),
            );
            input["loadBalancers"][0]["advancedConfiguration"]["testListenerRule"] =
                rules["Rules"][0]["RuleArn"].clone();
            input
        }),
        animal("canary", |account| {
            native(
                account,
                json!({
                    "strategy": "CANARY", "bakeTimeInMinutes": 3,
                    "canaryConfiguration": { "canaryPercent": 15.5, "canaryBakeTimeInMinutes": 7 },
                }),
            )
        }),
        animal("canary with AWS's shift", |account| {
            native(account, json!({ "strategy": "CANARY" }))
        }),
        animal("linear", |account| {
            native(
                account,
                json!({
                    "strategy": "LINEAR", "bakeTimeInMinutes": 3,
                    "linearConfiguration": { "stepPercent": 12.5, "stepBakeTimeInMinutes": 2 },
                }),
            )
        }),
        animal("linear with AWS's shift", |account| {
            native(account, json!({ "strategy": "LINEAR" }))
        }),
        Animal {
            before: alarms,
            ..animal("canary with alarms", |account| {
                native(
                    account,
                    json!({
                        "strategy": "CANARY", "bakeTimeInMinutes": 1,
                        "alarms": { "alarmNames": ["errors"], "enable": true, "rollback": true },
                    }),
                )
            })
        },
        animal("a hook with a time limit", |account| {
            let timeout = json!({ "timeoutInMinutes": 30, "action": "CONTINUE" });
            hooked(
                account,
                function(json!({ "timeoutConfiguration": timeout })),
            )
        }),
        unmanaged(animal("a hook of an unknown kind", |account| {
            hooked(
                account,
                function(json!({ "targetType": "STATE_MACHINE", "retry": { "times": 3 } })),
            )
        })),
        animal("by the mesh alone", |_| {
            json!({
                "serviceConnectConfiguration": { "enabled": true, "namespace": "zoo.local", "services": [{
                    "portName": "http", "clientAliases": [{ "port": 80, "dnsName": "hare.zoo",
                        "testTrafficRules": { "header": { "name": "x-try", "value": { "exact": "1" } } } }],
                }] },
                "deploymentConfiguration": {
                    "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 2,
                    "deploymentCircuitBreaker": { "enable": true, "rollback": true },
                },
            })
        }),
        animal("linear with a mesh", |account| {
            let mut input = native(
                account,
                json!({
                    "strategy": "LINEAR", "bakeTimeInMinutes": 3,
                    "linearConfiguration": { "stepPercent": 25.0, "stepBakeTimeInMinutes": 2 },
                }),
            );
            crate::zoo::merge(
                &mut input,
                &connect(
                    json!({ "portName": "http", "clientAliases": [{ "port": 80, "dnsName": "kiwi.zoo" }] }),
                ),
            );
            input
        }),
    ]
}
