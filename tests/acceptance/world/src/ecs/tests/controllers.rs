//! CODE_DEPLOY and EXTERNAL: task sets, and what UpdateService may not touch.

use serde_json::{Value, json};

use super::fixture::Shop;

fn external() -> Shop {
    let shop = Shop::new();
    shop.ecs("CreateService", json!({
        "cluster": "main", "serviceName": "shop", "desiredCount": 5, "deploymentController": {"type": "EXTERNAL"},
    }));
    shop
}

fn task_set(shop: &Shop, tag: &str, group: &str, percent: f64) -> String {
    let definition = shop.definition(tag);
    let created = shop.ecs("CreateTaskSet", json!({
        "cluster": "main", "service": "shop", "taskDefinition": definition, "launchType": "FARGATE", "externalId": tag,
        "networkConfiguration": Shop::network(), "scale": {"value": percent, "unit": "PERCENT"},
        "loadBalancers": [{"targetGroupArn": group, "containerName": "app", "containerPort": 8080}],
    }));
    created["taskSet"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn code_deploy_lets_update_service_change_numbers_only() {
    let shop = Shop::new();
    shop.ecs(
        "CreateService",
        shop.request(
            "v1",
            json!({"deploymentController": {"type": "CODE_DEPLOY"}}),
        ),
    );
    shop.advance(60);
    let definition = shop.definition("v2");
    for (change, message) in [
        (
            json!({"taskDefinition": definition}),
            "Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.",
        ),
        (
            json!({"networkConfiguration": Shop::network()}),
            "Unable to update network parameters on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.",
        ),
        (
            json!({"loadBalancers": []}),
            "Unable to update load balancers on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.",
        ),
    ] {
        let mut request = json!({"cluster": "main", "service": "shop"});
        request
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let refused = shop.refused("UpdateService", request);
        assert_eq!(
            (refused.code.as_str(), refused.message.as_str()),
            ("InvalidParameterException", message)
        );
    }
    shop.ecs("UpdateService", json!({"cluster": "main", "service": "shop", "desiredCount": 3, "healthCheckGracePeriodSeconds": 30}));
    shop.advance(60);
    let service = shop.service();
    assert_eq!(
        (&service["runningCount"], &service["deployments"]),
        (&json!(3), &json!([]))
    );
    let set = &service["taskSets"][0];
    assert_eq!(
        (
            &set["status"],
            &set["stabilityStatus"],
            &set["scale"]["value"]
        ),
        (&json!("PRIMARY"), &json!("STEADY_STATE"), &json!(100.0))
    );
}

#[test]
fn code_deploy_refuses_what_it_cannot_be_combined_with() {
    let shop = Shop::new();
    for configuration in [
        json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}}),
        json!({"alarms": {"alarmNames": ["errors"], "enable": true, "rollback": true}}),
        json!({"strategy": "BLUE_GREEN"}),
    ] {
        let changes = json!({"deploymentController": {"type": "CODE_DEPLOY"}, "deploymentConfiguration": configuration});
        assert_eq!(
            shop.refused("CreateService", shop.request("v1", changes))
                .code,
            "InvalidParameterException"
        );
    }
}

#[test]
fn task_sets_scale_rounding_up_and_serve_their_group() {
    let shop = external();
    let blue = task_set(&shop, "v1", &shop.blue, 100.0);
    shop.ecs(
        "UpdateServicePrimaryTaskSet",
        json!({"cluster": "main", "service": "shop", "primaryTaskSet": blue}),
    );
    shop.advance(60);
    let green = task_set(&shop, "v2", &shop.green, 30.0);
    let set = |id: &str| {
        shop.ecs(
            "DescribeTaskSets",
            json!({"cluster": "main", "service": "shop", "taskSets": [id]}),
        )["taskSets"][0]
            .clone()
    };
    assert_eq!(
        (
            &set(&green)["computedDesiredCount"],
            &set(&green)["stabilityStatus"]
        ),
        (&json!(2), &json!("STABILIZING"))
    );
    shop.advance(60);
    assert_eq!(
        (
            &set(&green)["runningCount"],
            &set(&green)["stabilityStatus"]
        ),
        (&json!(2), &json!("STEADY_STATE"))
    );
    let healthy = shop.elb(
        "DescribeTargetHealth",
        json!({"TargetGroupArn": shop.green}),
    );
    assert_eq!(
        healthy["TargetHealthDescriptions"][1]["TargetHealth"]["State"],
        "healthy"
    );

    shop.ecs("UpdateTaskSet", json!({"cluster": "main", "service": "shop", "taskSet": green, "scale": {"value": 100.0, "unit": "PERCENT"}}));
    shop.ecs(
        "UpdateServicePrimaryTaskSet",
        json!({"cluster": "main", "service": "shop", "primaryTaskSet": green}),
    );
    assert!(
        shop.service()["taskDefinition"]
            .as_str()
            .unwrap()
            .ends_with("app:2")
    );
    let refused = shop.refused(
        "DeleteTaskSet",
        json!({"cluster": "main", "service": "shop", "taskSet": blue}),
    );
    assert_eq!(refused.code, "InvalidParameterException");
    shop.ecs(
        "DeleteTaskSet",
        json!({"cluster": "main", "service": "shop", "taskSet": blue, "force": true}),
    );
    assert_eq!(set(&blue)["status"], "DRAINING");
    shop.advance(60);
    assert_eq!(shop.service()["taskSets"].as_array().unwrap().len(), 1);
    assert_eq!(shop.images(), ["app:v2"]);
}

#[test]
fn the_ecs_controller_has_no_task_sets() {
    let shop = Shop::new();
    shop.ecs("CreateService", shop.request("v1", json!({})));
    let refused = shop.refused(
        "CreateTaskSet",
        json!({"cluster": "main", "service": "shop", "taskDefinition": "app:1"}),
    );
    assert_eq!(refused.code, "InvalidParameterException");
    let refused = external().refused(
        "UpdateService",
        json!({"cluster": "main", "service": "shop", "taskDefinition": "app:1"}),
    );
    assert!(refused.message.contains("EXTERNAL"), "{refused}");
}

#[test]
fn a_code_deploy_service_moves_to_native_blue_green_without_a_gap() {
    let shop = Shop::new();
    shop.ecs(
        "CreateService",
        shop.request(
            "v1",
            json!({"deploymentController": {"type": "CODE_DEPLOY"}}),
        ),
    );
    shop.advance(60);
    let definition = shop.definition("v2");
    shop.ecs("UpdateService", json!({
        "cluster": "main", "service": "shop", "deploymentController": {"type": "ECS"}, "taskDefinition": definition,
        "deploymentConfiguration": {"strategy": "BLUE_GREEN"}, "loadBalancers": shop.pair(false),
    }));
    let deployment = shop.until_status("SUCCESSFUL");
    assert_eq!(
        deployment["sourceServiceRevisions"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(shop.weights(), (0, 100));
    assert_eq!(shop.service()["taskSets"], Value::Null);
}

fn update(change: &Value) -> Value {
    let mut request = json!({"cluster": "main", "service": "shop"});
    request
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    request
}

#[test]
fn going_native_needs_a_rule_that_knows_both_groups() {
    let shop = Shop::new();
    shop.ecs(
        "CreateService",
        shop.request(
            "v1",
            json!({"deploymentController": {"type": "CODE_DEPLOY"}}),
        ),
    );
    shop.advance(60);
    shop.elb(
        "ModifyRule",
        json!({"RuleArn": shop.rule, "Actions": [{"Type": "forward", "TargetGroupArn": shop.blue}]}),
    );
    let native = json!({
        "deploymentController": {"type": "ECS"}, "deploymentConfiguration": {"strategy": "BLUE_GREEN"},
        "loadBalancers": shop.pair(false),
    });
    shop.ecs("UpdateService", update(&native));
    shop.advance(120);
    let deployment = shop.deployment();
    assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL");
    let reason = deployment["statusReason"].as_str().unwrap();
    assert!(
        reason.contains("invalid networking configuration"),
        "{reason}"
    );
    assert_eq!(shop.images(), ["app:v1"], "the old tasks were left alone");
}

#[test]
fn a_native_service_moves_to_code_deploy_when_nothing_rolls_out() {
    let shop = Shop::new();
    shop.shifting(json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5}));
    shop.deploy("v2");
    let to_code_deploy = json!({"deploymentController": {"type": "CODE_DEPLOY"}});
    shop.until_stage("BAKE_TIME");
    let refused = shop.refused("UpdateService", update(&to_code_deploy));
    assert!(refused.message.contains("in progress"), "{refused}");
    shop.settle();
    assert_eq!(shop.weights(), (0, 100));
    let other = json!({"deploymentController": {"type": "CODE_DEPLOY"}, "taskDefinition": shop.definition("v3")});
    assert!(
        shop.refused("UpdateService", update(&other))
            .message
            .contains("task definition")
    );

    shop.ecs("UpdateService", update(&to_code_deploy));
    shop.advance(60);
    let service = shop.service();
    assert_eq!(service["deploymentController"]["type"], "CODE_DEPLOY");
    assert_eq!(service["deploymentConfiguration"]["strategy"], "ROLLING");
    assert_eq!(service["deployments"], json!([]));
    let sets = service["taskSets"].as_array().unwrap();
    assert_eq!(sets.len(), 1);
    assert_eq!(
        (&sets[0]["status"], &sets[0]["loadBalancers"]),
        (
            &json!("PRIMARY"),
            &json!([{"targetGroupArn": shop.green, "containerName": "app", "containerPort": 8080}])
        )
    );
    assert_eq!(
        (shop.weights(), shop.images()),
        ((0, 100), vec!["app:v2".to_owned()])
    );
}

#[test]
fn task_sets_move_between_external_and_native() {
    let shop = Shop::new();
    shop.shifting(json!({"strategy": "BLUE_GREEN"}));
    shop.ecs(
        "UpdateService",
        update(&json!({"deploymentController": {"type": "EXTERNAL"}})),
    );
    let service = shop.service();
    assert_eq!(service["taskSets"][0]["status"], "PRIMARY");
    assert_eq!(
        service["taskDefinition"], service["taskSets"][0]["taskDefinition"],
        "the service shows what its primary task set has"
    );
    let second = task_set(&shop, "v2", &shop.green, 100.0);
    shop.advance(60);
    shop.ecs(
        "UpdateServicePrimaryTaskSet",
        json!({"cluster": "main", "service": "shop", "primaryTaskSet": second}),
    );
    let native = json!({
        "deploymentController": {"type": "ECS"}, "deploymentConfiguration": {"strategy": "BLUE_GREEN"},
        "loadBalancers": shop.pair(false),
    });
    shop.ecs("UpdateService", update(&native));
    shop.settle();
    assert_eq!(shop.deployment()["status"], "SUCCESSFUL");
    assert_eq!(shop.service()["taskSets"], Value::Null);
    assert_eq!(shop.images(), ["app:v2"]);
}

#[test]
fn an_external_service_is_a_frame_for_its_task_sets() {
    let shop = Shop::new();
    let frame = json!({"cluster": "main", "serviceName": "shop", "desiredCount": 2, "deploymentController": {"type": "EXTERNAL"}});
    for (member, value) in [
        ("taskDefinition", json!(shop.definition("v1"))),
        ("launchType", json!("FARGATE")),
        ("networkConfiguration", Shop::network()),
        ("deploymentConfiguration", json!({"strategy": "BLUE_GREEN"})),
        (
            "deploymentConfiguration",
            json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}}),
        ),
    ] {
        let mut request = frame.clone();
        request[member] = value;
        let refused = shop.refused("CreateService", request);
        assert_eq!(refused.code, "InvalidParameterException", "{member}");
    }
    shop.ecs("CreateService", frame);
    let of_task_sets = ["taskDefinition", "launchType", "networkConfiguration"];
    for member in of_task_sets {
        assert_eq!(shop.service()[member], Value::Null, "{member}");
    }
    let first = task_set(&shop, "v1", &shop.blue, 100.0);
    for member in of_task_sets {
        assert_eq!(shop.service()[member], Value::Null, "{member}");
    }
    let named = |member: &str| json!({"cluster": "main", "service": "shop", member: first});
    shop.ecs("UpdateServicePrimaryTaskSet", named("primaryTaskSet"));
    for member in of_task_sets {
        assert_ne!(shop.service()[member], Value::Null, "{member}");
    }
    let mut delete = named("taskSet");
    assert_eq!(
        shop.refused("DeleteTaskSet", delete.clone()).code,
        "InvalidParameterException"
    );
    delete["force"] = json!(true);
    shop.ecs("DeleteTaskSet", delete);
    for member in of_task_sets {
        assert_eq!(shop.service()[member], Value::Null, "{member}");
    }
}

#[test]
fn tasks_of_a_deleted_task_set_drain_for_as_long_as_their_group_says() {
    let shop = external();
    shop.elb(
        "ModifyTargetGroupAttributes",
        json!({"TargetGroupArn": shop.green, "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "90"}]}),
    );
    let set = task_set(&shop, "v1", &shop.green, 40.0);
    shop.advance(60);
    shop.ecs(
        "DeleteTaskSet",
        json!({"cluster": "main", "service": "shop", "taskSet": set, "force": true}),
    );
    let states = || -> Vec<String> {
        let health = shop.elb(
            "DescribeTargetHealth",
            json!({"TargetGroupArn": shop.green}),
        );
        let targets = health["TargetHealthDescriptions"].as_array().unwrap();
        let state = |target: &Value| target["TargetHealth"]["State"].as_str().unwrap().to_owned();
        targets.iter().map(state).collect()
    };
    shop.advance(80);
    assert_eq!(states(), ["draining", "draining"]);
    assert_eq!(shop.images(), ["app:v1"], "they still answer");
    assert_eq!(shop.service()["taskSets"][0]["status"], "DRAINING");
    shop.advance(20);
    assert!(states().is_empty());
    assert!(shop.images().is_empty());
    assert_eq!(shop.service()["taskSets"], json!([]));
}
