//! Creating, describing and deleting: echoes, defaults and refusals.

use serde_json::{Value, json};

use super::fixture::Shop;

#[test]
fn a_service_is_echoed_with_aws_defaults() {
    let shop = Shop::new();
    let request = shop.request("v1", json!({
        "tags": [{"key": "team", "value": "shop"}], "propagateTags": "SERVICE", "enableExecuteCommand": true,
        "healthCheckGracePeriodSeconds": 30,
    }));
    shop.ecs("CreateService", request);
    let described = shop.ecs(
        "DescribeServices",
        json!({"cluster": "main", "services": ["shop", "ghost"], "include": ["TAGS"]}),
    );
    assert_eq!(described["failures"][0]["reason"], "MISSING");
    let service = &described["services"][0];
    for (member, expected) in [
        ("status", json!("ACTIVE")),
        ("launchType", json!("FARGATE")),
        ("platformVersion", json!("LATEST")),
        ("schedulingStrategy", json!("REPLICA")),
        ("deploymentController", json!({"type": "ECS"})),
        ("enableExecuteCommand", json!(true)),
        ("propagateTags", json!("SERVICE")),
        ("healthCheckGracePeriodSeconds", json!(30)),
        ("tags", json!([{"key": "team", "value": "shop"}])),
        ("placementStrategy", json!([])),
    ] {
        assert_eq!(service[member], expected, "{member}");
    }
    assert_eq!(
        service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"],
        "DISABLED"
    );
    let configuration = &service["deploymentConfiguration"];
    assert_eq!(
        (
            &configuration["maximumPercent"],
            &configuration["minimumHealthyPercent"],
            &configuration["strategy"]
        ),
        (&json!(200), &json!(100), &json!("ROLLING"))
    );
    shop.advance(60);
    let tasks = shop.ecs(
        "ListTasks",
        json!({"cluster": "main", "serviceName": "shop"}),
    );
    let task = shop.ecs(
        "DescribeTasks",
        json!({"cluster": "main", "tasks": tasks["taskArns"], "include": ["TAGS"]}),
    )["tasks"][0]
        .clone();
    assert_eq!(task["tags"], json!([{"key": "team", "value": "shop"}]));
    assert_eq!(task["group"], "service:shop");
    assert_eq!(task["startedBy"], shop.service()["deployments"][0]["id"]);
}

#[test]
fn wrong_requests_are_refused_in_aws_words() {
    let shop = Shop::new();
    let alone = shop.elb("CreateTargetGroup", json!({"Name": "alone", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip"}));
    let alone = alone["TargetGroups"][0]["TargetGroupArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let balancer = |group: &str, container: &str, port: u16| json!({"loadBalancers": [{"targetGroupArn": group, "containerName": container, "containerPort": port}]});
    for (changes, code, message) in [
        (
            json!({"cluster": "ghost"}),
            "ClusterNotFoundException",
            "Cluster not found.".to_owned(),
        ),
        (
            json!({"taskDefinition": "ghost:1"}),
            "ClientException",
            "TaskDefinition not found.".to_owned(),
        ),
        (
            balancer(&alone, "app", 8080),
            "InvalidParameterException",
            format!(
                "The target group with targetGroupArn {alone} does not have an associated load balancer."
            ),
        ),
        (
            balancer(&shop.blue, "web", 8080),
            "InvalidParameterException",
            "The container web does not exist in the task definition.".to_owned(),
        ),
        (
            balancer(&shop.blue, "app", 81),
            "InvalidParameterException",
            "The container app did not have a container port 81 defined.".to_owned(),
        ),
        (
            json!({"networkConfiguration": null}),
            "InvalidParameterException",
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
                .to_owned(),
        ),
        (
            json!({"deploymentConfiguration": {"strategy": "BLUE_GREEN"}}),
            "InvalidParameterException",
            "advancedConfiguration is required on load balancers with this deployment strategy."
                .to_owned(),
        ),
    ] {
        let refused = shop.refused("CreateService", shop.request("v1", changes));
        assert_eq!((refused.code.as_str(), refused.message), (code, message));
    }
    let refused = shop.refused(
        "UpdateService",
        json!({"cluster": "main", "service": "ghost"}),
    );
    assert_eq!(refused.code, "ServiceNotFoundException");
    assert_eq!(
        shop.refused("MakeCoffee", json!({})).code,
        "UnknownOperationException"
    );
}

#[test]
fn a_service_drains_before_its_name_is_free() {
    let shop = Shop::new();
    shop.ecs("CreateService", shop.request("v1", json!({})));
    shop.settle();
    let again = shop.refused("CreateService", shop.request("v1", json!({})));
    assert_eq!(again.message, "Creation of service was not idempotent.");
    let name = json!({"cluster": "main", "service": "shop"});
    assert_eq!(
        shop.refused("DeleteService", name.clone()).message,
        "The service cannot be stopped while it is scaled above 0."
    );
    assert_eq!(
        shop.refused("DeleteCluster", json!({"cluster": "main"}))
            .code,
        "ClusterContainsServicesException"
    );
    let deleted = shop.ecs(
        "DeleteService",
        json!({"cluster": "main", "service": "shop", "force": true}),
    );
    assert_eq!(deleted["service"]["status"], "DRAINING");
    let draining = shop.refused("CreateService", shop.request("v1", json!({})));
    assert_eq!(
        draining.message,
        "Unable to Start a service that is still Draining."
    );
    assert_eq!(
        shop.refused("UpdateService", name).code,
        "ServiceNotActiveException"
    );
    shop.advance(60);
    assert_eq!(shop.service()["status"], "INACTIVE");
    shop.ecs("CreateService", shop.request("v2", json!({})));
    shop.settle();
    assert_eq!(
        (shop.deployment()["status"].as_str(), shop.images()),
        (Some("SUCCESSFUL"), vec!["app:v2".to_owned()])
    );
}

#[test]
fn task_definitions_are_echoed_with_defaults_and_numbers_are_not_reused() {
    let shop = Shop::new();
    shop.definition("v1");
    let described = shop.ecs("DescribeTaskDefinition", json!({"taskDefinition": "app"}));
    let container = &described["taskDefinition"]["containerDefinitions"][0];
    for member in ["environment", "mountPoints", "volumesFrom"] {
        assert_eq!(container[member], json!([]), "{member}");
    }
    assert_eq!(
        (&container["cpu"], &container["essential"]),
        (&json!(0), &json!(true))
    );
    assert_eq!(
        container["portMappings"],
        json!([{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}])
    );
    let gone = shop.ecs(
        "DeregisterTaskDefinition",
        json!({"taskDefinition": "app:1"}),
    );
    assert_eq!(gone["taskDefinition"]["status"], "INACTIVE");
    assert_eq!(
        shop.refused("DescribeTaskDefinition", json!({"taskDefinition": "app"}))
            .code,
        "ClientException"
    );
    shop.ecs(
        "DeleteTaskDefinitions",
        json!({"taskDefinitions": ["app:1"]}),
    );
    assert!(shop.definition("v2").ends_with("app:2"));
    assert_eq!(
        shop.ecs("ListTaskDefinitionFamilies", json!({}))["families"],
        json!(["app"])
    );
}

#[test]
fn clusters_show_what_is_asked_for() {
    let shop = Shop::new();
    shop.ecs(
        "PutClusterCapacityProviders",
        json!({
            "cluster": "main", "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
        }),
    );
    let plain = shop.ecs("DescribeClusters", json!({"clusters": ["main"]}))["clusters"][0].clone();
    assert_eq!(
        (&plain["settings"], &plain["status"]),
        (&json!([]), &json!("ACTIVE"))
    );
    assert_eq!(
        plain["defaultCapacityProviderStrategy"],
        json!([{"capacityProvider": "FARGATE", "weight": 1, "base": 0}])
    );
    let settings = shop.ecs(
        "DescribeClusters",
        json!({"clusters": ["main"], "include": ["SETTINGS"]}),
    )["clusters"][0]["settings"]
        .clone();
    assert_eq!(
        settings,
        json!([{"name": "containerInsights", "value": "disabled"}])
    );
    shop.ecs(
        "CreateService",
        shop.request("v1", json!({"launchType": null})),
    );
    let service = shop.service();
    assert_eq!(
        (
            &service["launchType"],
            &service["capacityProviderStrategy"][0]["capacityProvider"]
        ),
        (&Value::Null, &json!("FARGATE"))
    );
}

#[test]
fn updating_a_capacity_provider_keeps_what_is_not_named_and_says_that_it_is_done() {
    let shop = Shop::new();
    shop.ecs(
        "CreateCapacityProvider",
        json!({"name": "machines", "autoScalingGroupProvider": {
            "autoScalingGroupArn": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:1:autoScalingGroupName/machines",
            "managedDraining": "DISABLED",
            "managedScaling": {"status": "ENABLED", "targetCapacity": 80},
        }}),
    );
    let updated = shop.ecs(
        "UpdateCapacityProvider",
        json!({"name": "machines", "autoScalingGroupProvider": {"managedScaling": {"targetCapacity": 90}}}),
    )["capacityProvider"]
        .clone();
    let group = &updated["autoScalingGroupProvider"];
    assert_eq!(updated["updateStatus"], "UPDATE_COMPLETE");
    assert_eq!(group["managedDraining"], "DISABLED");
    assert_eq!(
        (
            &group["managedScaling"]["status"],
            &group["managedScaling"]["targetCapacity"]
        ),
        (&json!("ENABLED"), &json!(90))
    );
    let deleted = shop.ecs(
        "DeleteCapacityProvider",
        json!({"capacityProvider": "machines"}),
    );
    assert_eq!(
        deleted["capacityProvider"]["updateStatus"],
        "DELETE_COMPLETE"
    );
}
