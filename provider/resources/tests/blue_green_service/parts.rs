//! Placement, Service Connect, service discovery, volumes, VPC Lattice, more target groups: made, changed, found by an
//! import, changed by others, kept by a replacement, taken away.

use serde_json::{Value as Json, json};
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, WEB, all_at_once, code_deploy_at_once, object, rolling, sound, steps, web,
};

const ROLE: &str = "arn:aws:iam::123456789012:role/ecs";

/// One part: two things it can be, and what somebody else makes of it.
struct Part {
    attribute: &'static str,
    member: &'static str,
    first: Value,
    second: Value,
    /// A change starts a deployment.
    deploys: bool,
    by_others: Json,
    rule: &'static str,
}

fn connect(namespace: &str, more: bool) -> Value {
    let mut service = object! {
        port_name: "http",
        client_alias: Value::list([object! { port: 80, dns_name: "web.shop" }]),
    };
    if more {
        service = service
            .with_attribute("discovery_name", "web")
            .with_attribute("ingress_port_override", 9000)
            .with_attribute(
                "timeout",
                object! { idle_timeout_seconds: 60, per_request_timeout_seconds: 10 },
            )
            .with_attribute(
                "tls",
                object! {
                    issuer_cert_authority: object! { aws_pca_authority_arn: "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/a" },
                    role_arn: ROLE,
                },
            );
    }
    let connect = object! { enabled: true, namespace: namespace, service: Value::list([service]) };
    if !more {
        return connect;
    }
    connect
        .with_attribute(
            "log_configuration",
            object! {
                log_driver: "awslogs",
                options: Value::map([("awslogs-group", "/web"), ("awslogs-region", "eu-west-1")]),
                secret_option: Value::list([object! { name: "token", value_from: "arn:aws:ssm:eu-west-1:123456789012:parameter/token" }]),
            },
        )
        .with_attribute(
            "access_log_configuration",
            object! { format: "JSON", include_query_parameters: "DISABLED" },
        )
}

fn volume(size: i64, more: bool) -> Value {
    let mut volume = object! { role_arn: ROLE, size_in_gb: size };
    if more {
        volume = volume
            .with_attribute("volume_type", "gp3")
            .with_attribute("iops", 3000)
            .with_attribute("throughput", 125)
            .with_attribute("encrypted", false)
            .with_attribute(
                "tag_specifications",
                Value::list([object! { resource_type: "volume", propagate_tags: "SERVICE", tags: Value::map([("a", "b")]) }]),
            );
    }
    Value::list([object! { name: "data", managed_ebs_volume: volume }])
}

fn lattice(port: &str) -> Value {
    Value::list([object! {
        role_arn: ROLE,
        target_group_arn: "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-1",
        port_name: port,
    }])
}

fn parts() -> Vec<Part> {
    vec![
        Part {
            attribute: "service_connect_configuration",
            member: "serviceConnectConfiguration",
            first: connect("shop", false),
            second: connect("shop", true),
            deploys: true,
            by_others: json!({ "enabled": true, "namespace": "other" }),
            rule: "service.service-connect",
        },
        Part {
            attribute: "service_registries",
            member: "serviceRegistries",
            first: object! { registry_arn: "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1" },
            second: object! {
                registry_arn: "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-2",
                container_name: "app",
                container_port: 8080,
            },
            deploys: true,
            by_others: json!([{ "registryArn": "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-3", "port": 80 }]),
            rule: "service.registries",
        },
        Part {
            attribute: "volume_configuration",
            member: "volumeConfigurations",
            first: volume(20, false),
            second: volume(30, true),
            deploys: true,
            by_others: json!([{ "name": "data", "managedEBSVolume": { "roleArn": ROLE, "sizeInGiB": 99 } }]),
            rule: "service.volumes",
        },
        Part {
            attribute: "vpc_lattice_configurations",
            member: "vpcLatticeConfigurations",
            first: lattice("http"),
            second: lattice("grpc"),
            deploys: true,
            by_others: json!([]),
            rule: "service.lattice",
        },
        Part {
            attribute: "placement_constraints",
            member: "placementConstraints",
            first: Value::list([object! { type: "distinctInstance" }]),
            second: Value::list([
                object! { type: "memberOf", expression: "attribute:ecs.instance-type =~ m5.*" },
                object! { type: "distinctInstance" },
            ]),
            deploys: false,
            by_others: json!([]),
            rule: "service.placement-constraints",
        },
        Part {
            attribute: "ordered_placement_strategy",
            member: "placementStrategy",
            first: Value::list([
                object! { type: "spread", field: "attribute:ecs.availability-zone" },
            ]),
            second: Value::list([
                object! { type: "spread", field: "host" },
                object! { type: "binpack", field: "memory" },
            ]),
            deploys: false,
            by_others: json!([{ "type": "random" }]),
            rule: "service.placement-strategy",
        },
        Part {
            attribute: "availability_zone_rebalancing",
            member: "availabilityZoneRebalancing",
            first: Value::from("ENABLED"),
            second: Value::from("DISABLED"),
            deploys: false,
            by_others: json!("ENABLED"),
            rule: "service.zone-rebalancing",
        },
    ]
}

/// A service on instances, so that everything is possible.
fn config(account: &Account) -> Value {
    instances(account, 4);
    let definition = account.task_definition("v1");
    web(rolling(), &definition).with_attribute("launch_type", "EC2")
}

/// Instances with room for many tasks.
fn instances(account: &Account, count: usize) {
    let size = |name: &str| json!({ "name": name, "type": "INTEGER", "integerValue": 65536 });
    for _ in 0..count {
        account.ecs(
            "RegisterContainerInstance",
            json!({ "cluster": "main", "totalResources": [size("CPU"), size("MEMORY")] }),
        );
    }
}

fn shown(account: &Account, service: &str, member: &str) -> Json {
    let input = json!({ "cluster": "main", "services": [service] });
    let service = account.ecs("DescribeServices", input)["services"][0].clone();
    match &service[member] {
        Json::Null => service["deployments"][0][member].clone(),
        found => found.clone(),
    }
}

#[tokio::test]
async fn a_part_is_made_changed_found_and_taken_away() {
    for part in parts() {
        let account = Account::new();
        let terraform = account.terraform().await;
        let plain = config(&account);
        let first = plain
            .clone()
            .with_attribute(part.attribute, part.first.clone());
        let second = plain
            .clone()
            .with_attribute(part.attribute, part.second.clone());
        sound(terraform.apply(WEB, first.clone()).await);
        let made = shown(&account, "web", part.member);
        assert!(!made.is_null(), "{}", part.attribute);
        for config in [&second, &first, &second] {
            let plan = terraform.plan(WEB, config.clone()).await;
            assert_eq!(plan.action, PlannedAction::Update, "{}", part.attribute);
            let deploys = plan.attribute("will_deploy");
            assert_eq!(deploys, &Value::from(part.deploys), "{}", part.attribute);
            let deployments = account.deployments().len();
            sound(terraform.apply(WEB, config.clone()).await);
            let after = account.deployments().len();
            assert_eq!(
                after - deployments,
                usize::from(part.deploys),
                "{}",
                part.attribute
            );
            let plan = terraform.plan(WEB, config.clone()).await;
            assert_eq!(plan.planned, plan.prior, "{}", part.attribute);
            let imported = account.terraform().await;
            let found = imported
                .import(WEB, ImportRequest::Id("main/web".to_owned()))
                .await;
            assert!(found.diagnostics.is_empty(), "{}", found.diagnostics);
            let plan = imported.plan(WEB, config.clone()).await;
            assert_eq!(plan.planned, plan.prior, "{}", part.attribute);
        }
        assert_ne!(
            shown(&account, "web", part.member),
            made,
            "{}",
            part.attribute
        );
        if part.attribute == "availability_zone_rebalancing" {
            continue;
        }
        sound(terraform.apply(WEB, plain.clone()).await);
        let gone = shown(&account, "web", part.member);
        let is_off = gone.is_null() || gone == json!([]) || gone["enabled"] == json!(false);
        assert!(is_off, "{gone}");
        let plan = terraform.plan(WEB, plain).await;
        assert_eq!(plan.planned, plan.prior, "{}", part.attribute);
    }
}

#[tokio::test]
async fn what_others_make_of_a_part_is_told_and_put_right() {
    for part in parts() {
        let account = Account::new();
        let terraform = account.terraform().await;
        let config = config(&account).with_attribute(part.attribute, part.second.clone());
        sound(terraform.apply(WEB, config.clone()).await);
        let left = shown(&account, "web", part.member);
        account.ecs(
            "UpdateService",
            json!({ "cluster": "main", "service": "web", part.member: part.by_others }),
        );
        account.pass(30);
        let plan = terraform.plan(WEB, config.clone()).await;
        let said = plan.diagnostics.to_string();
        assert!(said.contains(part.rule), "{}: {said}", part.attribute);
        assert_eq!(plan.action, PlannedAction::Update, "{}", part.attribute);
        let applied = terraform.apply(WEB, config.clone()).await;
        assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
        assert_eq!(
            shown(&account, "web", part.member),
            left,
            "{}",
            part.attribute
        );
        let plan = terraform.plan(WEB, config).await;
        assert_eq!(plan.planned, plan.prior, "{}", part.attribute);
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    }
}

#[tokio::test]
async fn a_replacement_has_everything_again_and_says_what_it_has_not() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let whole = parts().into_iter().fold(config(&account), |config, part| {
        config.with_attribute(part.attribute, part.second)
    });
    sound(terraform.apply(WEB, whole.clone()).await);
    let before: Vec<Json> = parts()
        .iter()
        .map(|part| shown(&account, "web", part.member))
        .collect();
    let renamed = whole.with_attribute("name", "web-2");
    let plan = terraform.plan(WEB, renamed.clone()).await;
    assert!(matches!(plan.action, PlannedAction::Replace));
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    let less = renamed
        .clone()
        .with_attribute("service_connect_configuration", Value::Null)
        .with_attribute("volume_configuration", Value::List(Vec::new()));
    let plan = terraform.plan(WEB, less).await;
    let said = plan.diagnostics.to_string();
    for part in [
        "will not have everything it has now",
        "`service_connect_configuration` and `volume_configuration`",
        "SY0157",
    ] {
        assert!(said.contains(part), "{said}");
    }
    sound(terraform.apply(WEB, renamed).await);
    let after: Vec<Json> = parts()
        .iter()
        .map(|part| shown(&account, "web-2", part.member))
        .collect();
    assert_eq!(before, after);
}

#[tokio::test]
async fn parts_go_with_a_deployment_that_moves_traffic() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let definition = account.task_definition("v1");
    let config = |more: bool| {
        account
            .native(all_at_once(), &definition)
            .with_attribute("service_connect_configuration", connect("shop", more))
            .with_attribute("volume_configuration", volume(20, more))
    };
    sound(terraform.apply(WEB, config(false)).await);
    let plan = terraform.plan(WEB, config(true)).await;
    assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
    sound(terraform.apply(WEB, config(true)).await);
    let plan = terraform.plan(WEB, config(true)).await;
    assert_eq!(plan.planned, plan.prior);
    // What is left out inside of a part is gone, too.
    sound(terraform.apply(WEB, config(false)).await);
    let connect = shown(&account, "web", "serviceConnectConfiguration");
    assert_eq!(connect["services"][0].get("timeout"), None, "{connect}");
    assert_eq!(account.deployments().len(), 3);
}

#[tokio::test]
async fn every_task_is_in_all_target_groups() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let definition = account.task_definition("v1");
    let more = |groups: &[&str]| {
        let groups = groups.iter().map(|group| {
            object! { target_group_arn: *group, container_name: "app", container_port: 8080 }
        });
        account.native(rolling(), &definition).with_attribute(
            "additional_load_balancer",
            Value::list(groups.collect::<Vec<_>>()),
        )
    };
    let (none, one) = (more(&[]), more(&[account.green.as_str()]));
    for (config, groups) in [(&one, 2), (&none, 1), (&one, 2)] {
        sound(terraform.apply(WEB, config.clone()).await);
        let balancers = shown(&account, "web", "loadBalancers");
        assert_eq!(balancers.as_array().unwrap().len(), groups);
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(plan.planned, plan.prior);
        let imported = account.terraform().await;
        let taken = imported
            .import(WEB, ImportRequest::Id("main/web".to_owned()))
            .await;
        assert!(taken.state.is_some(), "{}", taken.diagnostics);
        let plan = imported.plan(WEB, config.clone()).await;
        assert_eq!(plan.planned, plan.prior);
    }
    let health = account.elb(
        "DescribeTargetHealth",
        json!({ "TargetGroupArn": account.green }),
    );
    let targets = health["TargetHealthDescriptions"].as_array().unwrap();
    assert_eq!(targets.len(), 2, "{health}");
    // Somebody takes the second group away.
    let first = shown(&account, "web", "loadBalancers")[0].clone();
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "loadBalancers": [first] }),
    );
    account.pass(30);
    let plan = terraform.plan(WEB, one).await;
    let said = plan.diagnostics.to_string();
    assert!(said.contains("service.additional-target-groups"), "{said}");
    assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
}

#[tokio::test]
async fn the_next_task_set_has_what_the_live_one_has() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let registry = "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1";
    account.ecs(
        "CreateService",
        json!({ "cluster": "main", "serviceName": "web", "desiredCount": 4, "deploymentController": { "type": "EXTERNAL" } }),
    );
    let first = account.task_definition("v1");
    let set = account.ecs(
        "CreateTaskSet",
        json!({
            "cluster": "main", "service": "web", "taskDefinition": first, "launchType": "FARGATE", "externalId": "old",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"] } },
            "loadBalancers": [{ "targetGroupArn": account.blue, "containerName": "app", "containerPort": 8080 }],
            "serviceRegistries": [{ "registryArn": registry }],
            "scale": { "value": 50, "unit": "PERCENT" }, "tags": [{ "key": "set", "value": "old" }],
        }),
    );
    account.ecs(
        "UpdateServicePrimaryTaskSet",
        json!({ "cluster": "main", "service": "web", "primaryTaskSet": set["taskSet"]["id"] }),
    );
    account.pass(10);
    let config = |definition: &str| {
        account
            .external(steps(), definition)
            .with_attribute("desired_count", 4)
            .with_attribute("service_registries", object! { registry_arn: registry })
            .with_attribute("tags", Value::Null)
    };
    let found = terraform
        .import(WEB, ImportRequest::Id("main/web".to_owned()))
        .await;
    assert!(found.diagnostics.is_empty(), "{}", found.diagnostics);
    let second = account.task_definition("v2");
    let applied = terraform.apply(WEB, config(&second)).await;
    assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
    let input = json!({ "cluster": "main", "services": ["web"], "include": ["TAGS"] });
    let service = account.ecs("DescribeServices", input)["services"][0].clone();
    let sets = service["taskSets"].as_array().unwrap();
    let next = sets.iter().find(|set| set["status"] == "PRIMARY").unwrap();
    assert_eq!(next["taskDefinition"], second.as_str());
    assert_eq!(
        next["serviceRegistries"],
        json!([{ "registryArn": registry }])
    );
    assert_eq!(next["externalId"], "old");
    assert_eq!(next["tags"], json!([{ "key": "set", "value": "old" }]));
    assert_eq!(next["scale"]["value"], json!(50.0));
    let plan = terraform.plan(WEB, config(&second)).await;
    assert_eq!(plan.planned, plan.prior);
}

#[tokio::test]
async fn a_daemon_has_one_task_on_each_instance_and_no_number() {
    let account = Account::new();
    let terraform = account.terraform().await;
    instances(&account, 3);
    let config = |tag: &str| {
        let deployment =
            object! { strategy: "rolling", maximum_percent: 100, minimum_healthy_percent: 0 };
        web(deployment, &account.task_definition(tag))
            .with_attribute("launch_type", "EC2")
            .with_attribute("desired_count", Value::Null)
            .with_attribute("scheduling_strategy", "DAEMON")
    };
    let first = config("v1");
    sound(terraform.apply(WEB, first.clone()).await);
    let count = |account: &Account| shown(account, "web", "runningCount");
    assert_eq!(count(&account), 3);
    let plan = terraform.plan(WEB, first.clone()).await;
    assert_eq!(plan.planned, plan.prior);
    instances(&account, 1);
    account.pass(5);
    let plan = terraform.plan(WEB, first.clone()).await;
    assert_eq!(plan.planned, plan.prior, "{}", plan.diagnostics);
    let imported = account.terraform().await;
    let taken = imported
        .import(WEB, ImportRequest::Id("main/web".to_owned()))
        .await;
    assert!(taken.state.is_some(), "{}", taken.diagnostics);
    let plan = imported.plan(WEB, first).await;
    assert_eq!(plan.planned, plan.prior);
    let next = config("v2");
    sound(terraform.apply(WEB, next.clone()).await);
    assert_eq!(count(&account), 4);
    // Another scheduling strategy is another service.
    let replica = next
        .clone()
        .with_attribute("scheduling_strategy", "REPLICA")
        .with_attribute("desired_count", 2);
    let plan = terraform.plan(WEB, replica).await;
    assert!(matches!(plan.action, PlannedAction::Replace));
}

#[tokio::test]
async fn what_a_service_cannot_have_is_refused_at_plan() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let definition = account.task_definition("v1");
    let on_fargate = || web(rolling(), &definition);
    let on_instances = || on_fargate().with_attribute("launch_type", "EC2");
    let external = || account.external(steps(), &definition);
    let daemon = || {
        on_instances()
            .with_attribute("desired_count", Value::Null)
            .with_attribute("scheduling_strategy", "DAEMON")
    };
    let group = || {
        Value::list([
            object! { target_group_arn: account.green.as_str(), container_name: "app", container_port: 8080 },
        ])
    };
    let spread = || Value::list([object! { type: "spread", field: "host" }]);
    let table = [
        (external().with_attribute("service_connect_configuration", connect("n", false)), "SY0038"),
        (external().with_attribute("volume_configuration", volume(1, false)), "SY0038"),
        (external().with_attribute("vpc_lattice_configurations", lattice("a")), "SY0038"),
        (external().with_attribute("availability_zone_rebalancing", "DISABLED"), "SY0038"),
        (external().with_attribute("additional_load_balancer", group()), "SY0038"),
        (on_fargate().with_attribute("ordered_placement_strategy", spread()), "SY0038"),
        (
            on_fargate().with_attribute("placement_constraints", Value::list([object! { type: "distinctInstance" }])),
            "SY0038",
        ),
        (
            on_instances().with_attribute("placement_constraints", Value::list([object! { type: "memberOf" }])),
            "SY0002",
        ),
        (
            on_instances()
                .with_attribute("availability_zone_rebalancing", "ENABLED")
                .with_attribute("deployment", object! { strategy: "rolling", maximum_percent: 100, minimum_healthy_percent: 0 }),
            "SY0038",
        ),
        (daemon().with_attribute("desired_count", 3), "SY0039"),
        (daemon().with_attribute("launch_type", "FARGATE"), "SY0039"),
        (daemon().with_attribute("ordered_placement_strategy", spread()), "SY0039"),
        (daemon().with_attribute("controller", "external"), "SY0039"),
        (daemon().with_attribute("deployment", all_at_once()), "SY0039"),
        (on_fargate().with_attribute("additional_load_balancer", group()), "SY0044"),
        (
            account.native(all_at_once(), &definition).with_attribute("additional_load_balancer", group()),
            "SY0044",
        ),
        (
            account.native(rolling(), &definition).with_attribute(
                "additional_load_balancer",
                Value::list([
                    object! { target_group_arn: account.blue.as_str(), container_name: "app", container_port: 8080 },
                ]),
            ),
            "SY0044",
        ),
    ];
    for (config, code) in table {
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(plan.diagnostics.has_errors(), "{code}: {config:?}");
        let said = plan.diagnostics.to_string();
        assert!(said.contains(code), "{code}: {said}");
    }
}

#[tokio::test]
async fn under_code_deploy_a_service_keeps_the_registries_it_was_created_with() {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let registry = |name: &str| {
        let arn = format!("arn:aws:servicediscovery:eu-west-1:123456789012:service/{name}");
        object! { registry_arn: arn }
    };
    let config = account
        .code_deployed(&code_deploy_at_once(), &account.task_definition("v1"))
        .with_attribute("service_registries", registry("srv-1"));
    let made = terraform.apply(WEB, config.clone()).await;
    assert!(!made.diagnostics.has_errors(), "{}", made.diagnostics);
    account.deployment_group(1);
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(plan.planned, plan.prior);
    let other = config.with_attribute("service_registries", registry("srv-2"));
    let plan = terraform.plan(WEB, other).await;
    let said = plan.diagnostics.to_string();
    assert!(plan.diagnostics.has_errors(), "{said}");
    assert!(said.contains("SY0158"), "{said}");
}
