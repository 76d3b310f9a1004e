//! The services, one row each: what was said when they were made, and what has to be said when they are taken over.

use serde_json::{Value as Json, json};
use tfplugin::value::Value;

use crate::account::{Account, object};

/// One existing service.
pub(super) struct Animal {
    pub(super) name: &'static str,
    /// The account has a listener that CodeDeploy can move.
    pub(super) by_code_deploy: bool,
    /// What is there before the service.
    pub(super) before: fn(&Account),
    /// What CreateService is told beyond two tasks on Fargate in two subnets; null takes a member away.
    pub(super) service: fn(&Account) -> Json,
    /// What RegisterTaskDefinition is told beyond one container on Fargate.
    pub(super) definition: Json,
    /// What comes after it.
    pub(super) after: fn(&Account),
    /// What the plan of the generated configuration is refused with, where AWS does not show all that is needed.
    pub(super) refused: &'static [&'static str],
    /// The generated configuration with what the refusal asks for.
    pub(super) completed: fn(&Account, Value) -> Value,
    /// Codes of what an import says.
    pub(super) on_import: &'static [&'static str],
    /// Codes of what the plan of the generated configuration says.
    pub(super) on_plan: &'static [&'static str],
}

const ROLE: &str = "arn:aws:iam::123456789012:role/ecs";
const REGISTRY: &str = "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1";
const NAMESPACE: &str = "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1";
const UNMANAGED: &[&str] = &["SY0156"];

fn nothing(_: &Account) {}

fn animal(name: &'static str, service: fn(&Account) -> Json) -> Animal {
    Animal {
        name,
        by_code_deploy: false,
        before: nothing,
        service,
        definition: json!({}),
        after: nothing,
        refused: &[],
        completed: |_, config| config,
        on_import: &[],
        on_plan: &[],
    }
}

/// On container instances; `network` is the tasks' network mode.
fn on_instances(animal: Animal, network: &str) -> Animal {
    Animal {
        before: instances,
        definition: json!({ "requiresCompatibilities": ["EC2"], "networkMode": network }),
        ..animal
    }
}

fn instances(account: &Account) {
    let size = |name: &str| json!({ "name": name, "type": "INTEGER", "integerValue": 65536 });
    for _ in 0..4 {
        account.ecs(
            "RegisterContainerInstance",
            json!({ "cluster": "main", "totalResources": [size("CPU"), size("MEMORY")] }),
        );
    }
}

fn unmanaged(animal: Animal) -> Animal {
    Animal {
        on_import: UNMANAGED,
        ..animal
    }
}

/// A target group as a load balancer of a service.
fn group(arn: &str) -> Json {
    json!({ "targetGroupArn": arn, "containerName": "app", "containerPort": 8080 })
}

/// A rule that forwards to a target group.
fn route(account: &Account, priority: usize, arn: &str) {
    account.elb(
        "CreateRule",
        json!({
            "ListenerArn": account.listener, "Priority": priority,
            "Conditions": [{ "Field": "path-pattern", "Values": [format!("/{priority}/*")] }],
            "Actions": [{ "Type": "forward", "TargetGroupArn": arn }],
        }),
    );
}

/// A pair between which ECS moves traffic.
fn pair(account: &Account) -> Json {
    let mut balancer = group(&account.blue);
    balancer["advancedConfiguration"] = json!({
        "alternateTargetGroupArn": account.green, "productionListenerRule": account.rule, "roleArn": ROLE,
    });
    json!([balancer])
}

fn native(account: &Account, configuration: Json) -> Json {
    json!({ "loadBalancers": pair(account), "deploymentConfiguration": configuration })
}

/// Rolling, without a load balancer.
fn rolling(configuration: Json) -> Json {
    json!({ "deploymentConfiguration": configuration })
}

fn function(more: Json) -> Json {
    let mut hook = json!({
        "hookTargetArn": "arn:aws:lambda:eu-west-1:123456789012:function:check", "roleArn": ROLE,
        "lifecycleStages": ["POST_SCALE_UP"],
    });
    super::merge(&mut hook, &more);
    hook
}

fn hooked(account: &Account, hook: Json) -> Json {
    native(
        account,
        json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5, "lifecycleHooks": [hook] }),
    )
}

fn connect(service: Json) -> Json {
    json!({ "serviceConnectConfiguration": { "enabled": true, "namespace": NAMESPACE, "services": [service] } })
}

fn volume(more: Json) -> Json {
    let mut ebs = json!({ "roleArn": ROLE, "sizeInGiB": 20 });
    super::merge(&mut ebs, &more);
    json!({ "volumeConfigurations": [{ "name": "data", "managedEBSVolume": ebs }] })
}

fn providers(account: &Account, default: Json) {
    account.ecs(
        "PutClusterCapacityProviders",
        json!({
            "cluster": "main", "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategy": default,
        }),
    );
}

fn spot(account: &Account) {
    providers(account, json!([]));
}

fn alarms(account: &Account) {
    account.alarm("errors");
}

fn scaled(account: &Account) {
    account.call(
        switchyard_world::Service::AutoScaling,
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 8,
        }),
    );
}

/// The first task set of a service whose controller is `EXTERNAL`, with these members besides.
fn task_set(account: &Account, more: Json) {
    let mut input = json!({
        "cluster": "main", "service": "web", "taskDefinition": "web:1", "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"] } },
        "scale": { "value": 100, "unit": "PERCENT" },
    });
    super::merge(&mut input, &more);
    let set = account.ecs("CreateTaskSet", input);
    account.ecs(
        "UpdateServicePrimaryTaskSet",
        json!({ "cluster": "main", "service": "web", "primaryTaskSet": set["taskSet"]["id"] }),
    );
}

fn external(name: &'static str, after: fn(&Account)) -> Animal {
    let frame = |_: &Account| {
        json!({
            "deploymentController": { "type": "EXTERNAL" }, "taskDefinition": null, "launchType": null,
            "networkConfiguration": null, "tags": [{ "key": "team", "value": "pack" }],
        })
    };
    Animal {
        after,
        // The weights of a rule are no part of a service.
        refused: &[
            "`external` needs two target groups",
            "`production_listener_rule` is missing",
        ],
        completed: |account, config| {
            let groups = Value::set([account.blue.as_str(), account.green.as_str()]);
            let balancer = config.attribute("load_balancer").clone();
            let balancer = balancer
                .with_attribute("target_groups", groups)
                .with_attribute("production_listener_rule", account.rule.as_str());
            config.with_attribute("load_balancer", balancer)
        },
        ..animal(name, frame)
    }
}

fn code_deployed(name: &'static str, service: fn(&Account) -> Json) -> Animal {
    Animal {
        by_code_deploy: true,
        after: |account| account.deployment_group(1),
        // It has not deployed yet, so nothing leads to its deployment group.
        refused: &[
            "`codedeploy` is missing",
            "CodeDeploy needs two target groups",
        ],
        completed: |account, config| {
            let groups = Value::set([account.blue.as_str(), account.green.as_str()]);
            let balancer = config.attribute("load_balancer").clone();
            let code_deploy = object! { application: "shop", deployment_group: "web" };
            config
                .with_attribute(
                    "load_balancer",
                    balancer.with_attribute("target_groups", groups),
                )
                .with_attribute("codedeploy", code_deploy)
        },
        ..animal(name, service)
    }
}

/// All of them.
pub(super) fn all() -> Vec<Animal> {
    let all = [
        on_fargate(),
        placed(),
        native_ones(),
        with_parts(),
        others(),
    ];
    all.into_iter().flatten().collect()
}

fn on_fargate() -> Vec<Animal> {
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

fn placed() -> Vec<Animal> {
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

fn native_ones() -> Vec<Animal> {
    vec![
        animal("blue/green", |account| {
            native(
                account,
                json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5 }),
            )
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
            super::merge(
                &mut input,
                &connect(
                    json!({ "portName": "http", "clientAliases": [{ "port": 80, "dnsName": "kiwi.zoo" }] }),
                ),
            );
            input
        }),
    ]
}

fn with_parts() -> Vec<Animal> {
    let with_volume = json!({
        "volumes": [{ "name": "data", "configuredAtLaunch": true }],
    });
    let volumed = |name, service: fn(&Account) -> Json| Animal {
        definition: with_volume.clone(),
        ..animal(name, service)
    };
    vec![
        animal("mesh server", |account| {
            let mut input = connect(json!({
                "portName": "http", "discoveryName": "ant", "ingressPortOverride": 9001,
                "clientAliases": [{ "port": 80, "dnsName": "ant.zoo" }],
                "timeout": { "idleTimeoutSeconds": 60, "perRequestTimeoutSeconds": 10 },
            }));
            input["loadBalancers"] = json!([group(&account.blue)]);
            input["serviceConnectConfiguration"]["logConfiguration"] = json!({
                "logDriver": "awslogs", "options": { "awslogs-group": "/zoo", "awslogs-region": "eu-west-1" },
            });
            input
        }),
        animal(
            "mesh client",
            |_| json!({ "serviceConnectConfiguration": { "enabled": true, "namespace": NAMESPACE } }),
        ),
        animal("mesh with TLS", |_| {
            let mut input = connect(json!({
                "portName": "http", "clientAliases": [{ "port": 443 }],
                "tls": {
                    "issuerCertificateAuthority": { "awsPcaAuthorityArn": "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/a" },
                    "roleArn": ROLE, "kmsKey": "arn:aws:kms:eu-west-1:123456789012:key/a",
                },
            }));
            let connect = &mut input["serviceConnectConfiguration"];
            connect["accessLogConfiguration"] =
                json!({ "format": "JSON", "includeQueryParameters": "ENABLED" });
            connect["logConfiguration"] = json!({
                "logDriver": "splunk", "options": { "splunk-url": "https://splunk.zoo" },
                "secretOptions": [{ "name": "splunk-token", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/token" }],
            });
            input
        }),
        unmanaged(animal("mesh with a sized proxy", |_| {
            json!({ "serviceConnectConfiguration": {
                "enabled": true, "namespace": NAMESPACE, "containerConfigurations": [{ "cpu": 256 }],
            } })
        })),
        animal(
            "mesh switched off",
            |_| json!({ "serviceConnectConfiguration": { "enabled": false } }),
        ),
        animal(
            "registry",
            |_| json!({ "serviceRegistries": [{ "registryArn": REGISTRY }] }),
        ),
        animal(
            "registry with a port",
            |_| json!({ "serviceRegistries": [{ "registryArn": REGISTRY, "containerName": "app", "containerPort": 8080 }] }),
        ),
        volumed("volume", |_| {
            volume(json!({ "volumeType": "gp3", "filesystemType": "xfs", "encrypted": true }))
        }),
        volumed("volume with everything", |_| {
            volume(json!({
                "volumeType": "gp3", "iops": 3000, "throughput": 125, "kmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/a",
                "snapshotId": "snap-1", "volumeInitializationRate": 200, "encrypted": true,
                "tagSpecifications": [{ "resourceType": "volume", "propagateTags": "SERVICE", "tags": [{ "key": "a", "value": "b" }] }],
            }))
        }),
        animal("lattice", |_| {
            json!({ "vpcLatticeConfigurations": [{
                "roleArn": ROLE, "portName": "http",
                "targetGroupArn": "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-00000000000000001",
            }] })
        }),
    ]
}

/// The load balancer of a listener.
fn balancer_of(listener: &str) -> String {
    let balancer = listener.replace(":listener/", ":loadbalancer/");
    let (balancer, _) = balancer.rsplit_once('/').unwrap();
    balancer.to_owned()
}

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

fn others() -> Vec<Animal> {
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
