//! The services, one row each: what was said when they were made, and what has to be said when they are taken over.

mod fargate;
mod native;
mod others;
mod parts;
mod placed;

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
        fargate::on_fargate(),
        placed::placed(),
        native::native_ones(),
        parts::with_parts(),
        others::others(),
    ];
    all.into_iter().flatten().collect()
}

/// The load balancer of a listener.
fn balancer_of(listener: &str) -> String {
    let balancer = listener.replace(":listener/", ":loadbalancer/");
    let (balancer, _) = balancer.rsplit_once('/').unwrap();
    balancer.to_owned()
}
