//! A service behind a Classic Load Balancer: made, changed, exchanged for target groups and back, found by an import,
//! changed by others, taken away.

use serde_json::{Value as Json, json};
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, WEB, all_at_once, object, rolling, sound, web};

/// A revision whose tasks share the network of their instance.
fn definition(account: &Account, tag: &str) -> String {
    let registered = account.ecs(
        "RegisterTaskDefinition",
        json!({
            "family": "web", "requiresCompatibilities": ["EC2"], "networkMode": "bridge",
            "containerDefinitions": [{
                "name": "app", "image": format!("app:{tag}"), "essential": true, "memory": 256,
                "portMappings": [{ "containerPort": 8080, "hostPort": 8080 }, { "containerPort": 9090, "hostPort": 9090 }],
            }],
        }),
    );
    let arn = &registered["taskDefinition"]["taskDefinitionArn"];
    arn.as_str().unwrap().to_owned()
}

fn instances(account: &Account) {
    let size = |name: &str| json!({ "name": name, "type": "INTEGER", "integerValue": 65536 });
    for _ in 0..6 {
        account.ecs(
            "RegisterContainerInstance",
            json!({ "cluster": "main", "totalResources": [size("CPU"), size("MEMORY")] }),
        );
    }
}

fn behind(name: &str, port: i64) -> Value {
    object! { elb_name: name, container_name: "app", container_port: port }
}

fn config(definition: &str, balancer: Value) -> Value {
    web(rolling(), definition)
        .with_attribute("launch_type", "EC2")
        .with_attribute("network_configuration", Value::Null)
        .with_attribute("load_balancer", balancer)
}

fn shown(account: &Account) -> Json {
    let input = json!({ "cluster": "main", "services": ["web"] });
    account.ecs("DescribeServices", input)["services"][0]["loadBalancers"].clone()
}

fn classic(name: &str, port: u16) -> Json {
    json!([{ "loadBalancerName": name, "containerName": "app", "containerPort": port }])
}

/// A target group for instances, behind the listener.
fn target_group(account: &Account) -> String {
    let made = account.elb(
        "CreateTargetGroup",
        json!({
            "Name": "inst", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-0a0a0a0a0a0a0a0a0", "TargetType": "instance",
            "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2,
        }),
    );
    let arn = made["TargetGroups"][0]["TargetGroupArn"].as_str().unwrap();
    account.elb(
        "CreateRule",
        json!({
            "ListenerArn": account.listener, "Priority": 20,
            "Conditions": [{ "Field": "path-pattern", "Values": ["/20/*"] }],
            "Actions": [{ "Type": "forward", "TargetGroupArn": arn }],
        }),
    );
    arn.to_owned()
}

#[tokio::test]
async fn it_is_made_changed_exchanged_found_and_taken_away() {
    let account = Account::new();
    instances(&account);
    let terraform = account.terraform().await;
    let v1 = definition(&account, "v1");
    let group = target_group(&account);
    let behind_group = object! {
        target_groups: Value::set([group.as_str()]), container_name: "app", container_port: 8080,
    };
    let in_group =
        json!([{ "targetGroupArn": group, "containerName": "app", "containerPort": 8080 }]);
    let table = [
        (behind("shop", 8080), classic("shop", 8080)),
        (behind("shop", 9090), classic("shop", 9090)),
        (behind("cart", 9090), classic("cart", 9090)),
        (behind_group, in_group),
        (behind("shop", 8080), classic("shop", 8080)),
        (Value::Null, json!([])),
    ];
    for (index, (balancer, expected)) in table.into_iter().enumerate() {
        let config = config(&v1, balancer);
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(plan.diagnostics.is_empty(), "{index}: {}", plan.diagnostics);
        if index > 0 {
            assert_eq!(plan.action, PlannedAction::Update, "{index}");
            assert_eq!(plan.attribute("will_deploy"), &Value::from(true), "{index}");
        }
        sound(terraform.apply(WEB, config.clone()).await);
        assert_eq!(shown(&account), expected, "{index}");
        let again = terraform.plan(WEB, config.clone()).await;
        assert_eq!(again.planned, again.prior, "{index}");
        let other = account.terraform().await;
        let id = ImportRequest::Id("main/web".to_owned());
        let found = other.import(WEB, id).await;
        assert!(
            found.diagnostics.is_empty(),
            "{index}: {}",
            found.diagnostics
        );
        let plan = other.plan(WEB, config).await;
        assert_eq!(plan.planned, plan.prior, "{index}");
    }
}

#[tokio::test]
async fn the_next_revision_and_its_grace_period_keep_it() {
    let account = Account::new();
    instances(&account);
    let terraform = account.terraform().await;
    let first = config(&definition(&account, "v1"), behind("shop", 8080));
    sound(terraform.apply(WEB, first).await);
    let next = config(&definition(&account, "v2"), behind("shop", 8080))
        .with_attribute("health_check_grace_period", "90s");
    sound(terraform.apply(WEB, next.clone()).await);
    assert_eq!(shown(&account), classic("shop", 8080));
    let service = account.service().await.unwrap();
    assert_eq!(service.health_check_grace_seconds, Some(90));
    let plan = terraform.plan(WEB, next).await;
    assert_eq!(plan.planned, plan.prior);
}

#[tokio::test]
async fn another_one_set_by_others_is_told_and_put_right() {
    let account = Account::new();
    instances(&account);
    let terraform = account.terraform().await;
    let config = config(&definition(&account, "v1"), behind("shop", 8080));
    sound(terraform.apply(WEB, config.clone()).await);
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "loadBalancers": classic("other", 8080) }),
    );
    account.pass(30);
    let plan = terraform.plan(WEB, config.clone()).await;
    let said = plan.diagnostics.to_string();
    assert!(said.contains("service.classic-load-balancer"), "{said}");
    assert_eq!(plan.action, PlannedAction::Update);
    let applied = terraform.apply(WEB, config).await;
    assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
    assert_eq!(shown(&account), classic("shop", 8080));
}

#[tokio::test]
async fn where_there_can_be_none_the_plan_says_what_would_work() {
    let account = Account::new();
    instances(&account);
    let terraform = account.terraform().await;
    let v1 = definition(&account, "v1");
    let own_network = account.task_definition("v2");
    let fine = || config(&v1, behind("shop", 8080));
    let both =
        behind("shop", 8080).with_attribute("target_groups", Value::set([account.blue.as_str()]));
    let neither = object! { container_name: "app", container_port: 8080 };
    let subnets = object! { subnets: Value::set(["subnet-1"]) };
    let group = object! { target_group_arn: account.blue.as_str(), container_name: "app", container_port: 8080 };
    let metric = object! { predefined: "target_response_time_p95", success_when: "<= 1" };
    let gate = object! { name: "slow", when: Value::set(["after"]), metric: metric };
    let table = [
        (
            fine().with_attribute("load_balancer", both),
            "`target_groups` and `elb_name` conflict",
        ),
        (
            fine().with_attribute("load_balancer", neither),
            "`target_groups` is missing",
        ),
        (
            fine().with_attribute("deployment", all_at_once()),
            "`strategy = \"rolling\"`",
        ),
        (
            fine().with_attribute("controller", "external"),
            "`controller = \"external\"`",
        ),
        (
            fine().with_attribute("launch_type", "FARGATE"),
            "not possible with Fargate",
        ),
        (
            fine().with_attribute("network_configuration", subnets),
            "not possible with `network_configuration`",
        ),
        (
            fine().with_attribute("additional_load_balancer", Value::list([group])),
            "`additional_load_balancer` and `elb_name` conflict",
        ),
        (
            fine().with_attribute("gate", Value::list([gate])),
            "`target_groups` is missing",
        ),
        (
            fine().with_attribute("task_definition", own_network.as_str()),
            "SY0151",
        ),
        (
            fine().with_attribute("load_balancer", behind("shop", 7070)),
            "SY0104",
        ),
        (
            fine().with_attribute(
                "load_balancer",
                behind("shop", 8080).with_attribute("container_name", "web"),
            ),
            "SY0103",
        ),
    ];
    for (config, says) in table {
        let plan = terraform.plan(WEB, config).await;
        let said = plan.diagnostics.to_string();
        assert!(plan.diagnostics.has_errors(), "{says}");
        assert!(said.contains(says), "`{says}` is not in: {said}");
    }
}
