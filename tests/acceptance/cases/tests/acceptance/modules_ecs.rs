//! `modules/ecs` and `modules/codedeploy`: their own tests, their examples, and their READMEs.

use serde_json::{Value, json};
use switchyard_harness::{Pair, Project, Stage};

use crate::aws_provider::with;
use crate::booking::{ask, first, secret};
use crate::modules::{
    copy, example, folder, is_formatted, passes_its_own_tests,
    readme_says_what_the_module_takes_and_gives, script,
};

const MODULES: [&str; 2] = ["ecs", "codedeploy"];

#[test]
fn ecs_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "ecs");
}

#[test]
fn codedeploy_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "codedeploy");
}

#[test]
fn examples_of_ecs_and_codedeploy_are_valid() {
    let stage = Stage::new();
    for module in MODULES {
        for name in ["minimal", "complete"] {
            example(&stage, module, name).validate().ok();
        }
    }
}

#[test]
fn ecs_and_codedeploy_are_formatted() {
    let stage = Stage::new();
    for module in MODULES {
        is_formatted(&stage, &folder(module));
    }
}

#[test]
fn readmes_of_ecs_and_codedeploy_show_inputs_and_outputs() {
    for module in MODULES {
        readme_says_what_the_module_takes_and_gives(module);
    }
}

#[test]
fn the_complete_cluster_is_made_left_alone_and_destroyed() {
    let stage = Stage::new();
    let project = example(&stage, "ecs", "complete");
    let (web, orders, search) = (
        stage.pair("web"),
        stage.pair("orders"),
        stage.pair("search"),
    );
    // Every account has a default VPC.
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let of_network = |operation: &str, id: &str| {
        let body = format!("Action={operation}&Version=2016-11-15");
        first(&ask(&stage, "ec2", form, &body), id)
    };
    let pair = |pair: &Pair| {
        json!({
            "target_group_arns": [pair.blue, pair.green],
            "target_group_names": [pair.blue_name, pair.green_name],
            "production_rule_arn": pair.rule,
            "test_rule_arn": pair.test_rule,
        })
    };
    let variables = json!({
        "vpc_id": of_network("DescribeSubnets", "vpc-"),
        "subnet_ids": [of_network("DescribeSubnets", "subnet-")],
        "database_secret_arn": secret(&stage, "database"),
        "load_balancer": {
            "security_group_id": of_network("DescribeSecurityGroups", "sg-"),
            "https_listener_arn": orders.listener,
            "test_listener_arn": orders.test_listener,
            "services": { "web": pair(&web), "orders": pair(&orders), "search": pair(&search) },
        },
    });
    project.write("terraform.tfvars.json", &variables.to_string());
    project.apply().ok();
    project.plans_nothing();

    let service = stage.service("shop", "web");
    assert_eq!(service["runningCount"], 3);
    let input = json!({ "taskDefinition": service["taskDefinition"] });
    let answer = stage.call("ecs", "DescribeTaskDefinition", input);
    let containers = answer["taskDefinition"]["containerDefinitions"]
        .as_array()
        .unwrap();
    let names: Vec<_> = containers
        .iter()
        .map(|container| &container["name"])
        .collect();
    assert_eq!(names, ["web", "log-router", "tracing"]);
    assert_eq!(containers[1]["firelensConfiguration"]["type"], "fluentbit");
    let groups = |name: &str| {
        stage.service("shop", name)["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"]
            .clone()
    };
    assert_ne!(groups("web"), groups("orders"), "a network of its own");
    let shares = service["capacityProviderStrategy"].as_array().unwrap();
    let spot = shares
        .iter()
        .find(|share| share["capacityProvider"] == "FARGATE_SPOT");
    assert_eq!(spot.unwrap()["weight"], 70);
    let input = json!({ "ServiceNamespace": "ecs", "ResourceId": "service/shop/web" });
    let answer = stage.call(
        "application-autoscaling",
        "DescribeScheduledActions",
        input.clone(),
    );
    assert_eq!(answer["ScheduledActions"].as_array().unwrap().len(), 2);
    let answer = stage.call("application-autoscaling", "DescribeScalingPolicies", input);
    let policies = answer["ScalingPolicies"].as_array().unwrap();
    let steps = policies
        .iter()
        .find(|policy| policy["PolicyName"] == "carts");
    assert_eq!(
        steps.unwrap()["Alarms"].as_array().unwrap().len(),
        1,
        "its alarm calls it"
    );
    let alarms = stage.call("cloudwatch", "DescribeAlarms", json!({}));
    let alarms = alarms["MetricAlarms"].as_array().unwrap();
    let mut periods: Vec<_> = alarms
        .iter()
        .filter(|alarm| {
            alarm["MetricName"] == "CPUUtilization"
                && alarm["Dimensions"].to_string().contains("orders")
        })
        .filter(|alarm| alarm["Threshold"] == 70.0 || alarm["Threshold"] == 50.0)
        .filter_map(|alarm| alarm["EvaluationPeriods"].as_u64())
        .collect();
    periods.sort_unstable();
    assert_eq!(periods, [2, 5], "out after two periods, in after five");
    let external = stage.service("shop", "search");
    assert_eq!(external["deploymentController"]["type"], "EXTERNAL");
    assert_eq!(external["taskSets"].as_array().unwrap().len(), 1);
    // A new revision goes through the steps of the apply.
    let main = std::fs::read_to_string(project.folder().join("main.tf")).unwrap();
    let (before, after) = ("shop/search:v1", "shop/search:v2");
    assert!(main.contains(before));
    project.write("main.tf", &main.replace(before, after));
    project.apply().ok();
    project.plans_nothing();
    let sets = stage.service("shop", "search")["taskSets"].clone();
    let sets: Vec<_> = sets
        .as_array()
        .unwrap()
        .iter()
        .filter(|set| set["status"] == "PRIMARY")
        .collect();
    let definition = sets[0]["taskDefinition"].as_str().unwrap();
    assert!(definition.ends_with(":2"), "{definition}");
    let group = json!({ "applicationName": "shop", "deploymentGroupName": "shop-orders" });
    stage.call("codedeploy", "GetDeploymentGroup", group);

    project.destroy().ok();
    nothing_is_left(
        &stage,
        &[
            ("ecs", "ListClusters", "clusterArns"),
            ("codedeploy", "ListApplications", "applications"),
            ("cloudwatch", "DescribeAlarms", "MetricAlarms"),
        ],
    );
}

#[test]
fn the_complete_application_of_codedeploy_is_made_left_alone_and_destroyed() {
    let stage = Stage::new();
    let project = example(&stage, "codedeploy", "complete");
    stage.cluster("main");
    let services = ["web", "orders"].map(|name| {
        let pair = stage.pair(name);
        let input = json!({
            "cluster": "main", "serviceName": name, "desiredCount": 1, "launchType": "FARGATE",
            "taskDefinition": stage.task_definition(name, "shop:v1"),
            "deploymentController": { "type": "CODE_DEPLOY" },
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-0a"] } },
            "loadBalancers": [{ "targetGroupArn": pair.blue, "containerName": "app", "containerPort": 8080 }],
        });
        stage.call("ecs", "CreateService", input);
        pair
    });
    let [web, orders] = &services;
    let variables = json!({
        "listener_arns": { "production": web.listener, "test": web.test_listener },
        "target_group_names": {
            "web": [web.blue_name, web.green_name],
            "orders": [orders.blue_name, orders.green_name],
        },
        "load_balancer_arn_suffix": "app/web/1",
        "role_arns": ["arn:aws:iam::123456789012:role/web-task"],
        "check_function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:check",
        "topic_arn": "arn:aws:sns:eu-west-1:123456789012:chat",
    });
    project.write("terraform.tfvars.json", &variables.to_string());
    project.apply().ok();
    project.plans_nothing();

    let input = json!({ "applicationName": "shop", "deploymentGroupName": "shop-web" });
    let answer = stage.call("codedeploy", "GetDeploymentGroup", input);
    let group = &answer["deploymentGroupInfo"];
    assert_eq!(group["deploymentConfigName"], "shop-careful-canary-5-30m");
    assert_eq!(
        group["alarmConfiguration"]["alarms"][0]["name"],
        "shop-errors"
    );
    let waits = &group["blueGreenDeploymentConfiguration"];
    assert_eq!(waits["deploymentReadyOption"]["waitTimeInMinutes"], 60);

    project.destroy().ok();
    nothing_is_left(
        &stage,
        &[
            ("codedeploy", "ListApplications", "applications"),
            ("cloudwatch", "DescribeAlarms", "MetricAlarms"),
        ],
    );
    let configs = stage.call("codedeploy", "ListDeploymentConfigs", json!({}));
    assert!(!configs.to_string().contains("shop-careful"), "{configs}");
}

#[test]
fn auto_shop_from_first_apply_through_a_broken_version_to_destroy() {
    let stage = Stage::new();
    let scenario = crate::examples::folder().join("scenarios/auto-shop");
    let project = copy(&stage, &scenario, "auto-shop");
    let live = || {
        let run = project.run(&["output", "-json"]).ok();
        let outputs: Value = serde_json::from_str(&run.stdout).unwrap();
        let field = |name: &str| outputs[name]["value"].as_str().unwrap().to_owned();
        (field("live_task_definition"), field("live_target_group"))
    };

    let mut sides = Vec::new();
    for (number, image) in [(1, "image=shop:v1"), (2, "image=shop:v2")] {
        with(&project, "apply", image).ok();
        with(&project, "plan", image).ok();
        let (task_definition, side) = live();
        let revision = format!("task-definition/auto-shop-backend:{number}");
        assert!(task_definition.ends_with(&revision), "{task_definition}");
        sides.push(side);
    }
    assert_ne!(sides[0], sides[1], "the sides have swapped");
    assert_eq!(alarm_actions(&stage), [json!([]), json!([]), json!([])]);

    with(&project, "apply", "image=shop:v3--crash").fails_saying(&[
        "was rolled back; traffic is on revision auto-shop-backend:2",
        "exited with 1",
    ]);

    // What is optional: somebody is told, and a function decides before the traffic moves.
    project.write(
        "optional.auto.tfvars",
        r#"
alert_email = "devops@example.com"
hooks       = { BeforeAllowTraffic = "arn:aws:lambda:eu-west-1:123456789012:function:shop-check-succeeds" }
"#,
    );
    with(&project, "apply", "image=shop:v2").ok();
    assert_eq!(
        live().1,
        sides[0],
        "the broken version left no trace: the next one takes the side that was idle before it"
    );
    assert_eq!(newest_answer(&stage, "BeforeAllowTraffic"), "Succeeded");
    let topic = json!(["arn:aws:sns:eu-west-1:123456789012:auto-shop-alerts"]);
    assert_eq!(alarm_actions(&stage), [topic.clone(), topic.clone(), topic]);

    with(&project, "destroy", "image=shop:v2").ok();
    leaves_nothing(&stage);
}

#[test]
fn a_pipeline_supplies_images_and_waits_for_the_end_of_a_freeze() {
    let stage = Stage::new();
    let scenario = crate::examples::folder().join("scenarios/image-pipeline");
    let mut project = copy(&stage, &scenario, "image-pipeline");
    let deployed = || stage.deployments("catalogue", "catalogue").len();
    let report = |project: &Project| -> Value {
        let text = std::fs::read_to_string(project.folder().join("deployment.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let text = std::fs::read_to_string(scenario.join("deploy.sh")).unwrap();
    project.write("deploy.sh", &text);
    for (number, image) in [(1, "shop:v1"), (2, "shop:v2")] {
        let (code, words) = script(&stage, &project, "deploy.sh", &[image]);
        assert_eq!(code, 0, "{words}");
        assert_eq!(deployed(), number);
        // Whoever names no image means the one that serves.
        project.plans_nothing();
    }
    let (code, words) = script(&stage, &project, "deploy.sh", &["shop:v3--crash"]);
    assert_ne!(code, 0, "{words}");
    assert!(words.contains("was rolled back"), "{words}");
    assert_eq!(report(&project)["deployment"]["outcome"], "rolled_back");
    project.plans_nothing();
    with(&project, "apply", "image=shop:v2").ok();
    assert_eq!(deployed(), 3);
    let (code, words) = script(&stage, &project, "deploy.sh", &["shop:v4"]);
    assert_eq!(code, 0, "{words}");
    assert_eq!(report(&project)["deployment"]["outcome"], "succeeded");

    // Only the image is new: the base stays.
    let bases = stage.call(
        "ecs",
        "ListTaskDefinitions",
        json!({ "familyPrefix": "catalogue-catalogue" }),
    );
    let bases = bases["taskDefinitionArns"].as_array().unwrap().len();
    assert_eq!(bases, 5, "the base, and one revision for each image");

    let days = "freeze_dates = [\"2000-01-01/2999-12-31\"]\n";
    project.write("freeze.auto.tfvars", days);
    project.apply().ok();
    with(&project, "apply", "image=shop:v5").fails_saying(&["Peak season", "SY0244"]);
    assert_eq!(deployed(), 4);
    project.set("SWITCHYARD_OVERRIDE_FREEZE", "INC-123");
    with(&project, "apply", "image=shop:v5")
        .ok()
        .says(&["in spite of a freeze", "SY0247"]);
    assert_eq!(deployed(), 5);
    assert_eq!(report(&project)["freeze"]["reason"], "INC-123");

    project.destroy().ok();
    leaves_nothing(&stage);
}

/// What the function said that the newest deployment called at an event.
fn newest_answer(stage: &Stage, event: &str) -> Value {
    let group =
        json!({ "applicationName": "auto-shop", "deploymentGroupName": "auto-shop-backend" });
    let deployments = stage.call("codedeploy", "ListDeployments", group);
    let input =
        json!({ "deploymentId": deployments["deployments"][0], "targetId": "auto-shop:backend" });
    let target = stage.call("codedeploy", "GetDeploymentTarget", input);
    let events = &target["deploymentTarget"]["ecsTarget"]["lifecycleEvents"];
    let mut events = events.as_array().unwrap().iter();
    let found = events.find(|found| found["lifecycleEventName"] == event);
    found.unwrap_or_else(|| panic!("{target}"))["status"].clone()
}

/// Whom each alarm tells.
fn alarm_actions(stage: &Stage) -> Vec<Value> {
    let input = json!({ "AlarmNamePrefix": "auto-shop-" });
    let answer = stage.call("cloudwatch", "DescribeAlarms", input);
    let alarms = answer["MetricAlarms"].as_array().unwrap().iter();
    alarms.map(|alarm| alarm["AlarmActions"].clone()).collect()
}

/// Nothing of a scenario is left.
pub(crate) fn leaves_nothing(stage: &Stage) {
    nothing_is_left(
        stage,
        &[
            ("ecs", "ListClusters", "clusterArns"),
            ("codedeploy", "ListApplications", "applications"),
            ("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
            ("elbv2", "DescribeTargetGroups", "TargetGroups"),
            ("cloudwatch", "DescribeAlarms", "MetricAlarms"),
        ],
    );
}

/// The lists that these operations answer are empty.
fn nothing_is_left(stage: &Stage, lists: &[(&str, &str, &str)]) {
    for (service, operation, list) in lists {
        let left = stage.call(service, operation, json!({}));
        assert_eq!(left[list], json!([]), "{operation}");
    }
}
