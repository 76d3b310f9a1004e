//! Alarms and a dashboard of a service, with the real Terraform: the examples of both resources, applied.

use serde_json::{Value, json};

use crate::examples::folder;
use crate::permissions::{self, ALARMS, DASHBOARD, each_was_needed};
use crate::{APP, Scene};

const SET: &str = "switchyard_alarm_set.checkout";
const BOARD: &str = "switchyard_dashboard.checkout";

/// The resource of an example, without the variables that both examples have.
fn example(name: &str) -> String {
    let path = folder().join("resources").join(name).join("resource.tf");
    let text = std::fs::read_to_string(path).unwrap();
    let (resource, _) = text.split_once("variable \"").unwrap();
    resource.to_owned()
}

/// Both examples, in a configuration that gives them what they refer to.
fn both(change: impl Fn(String) -> String) -> String {
    let header = "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n";
    let names = [
        "load_balancer_arn",
        "blue_target_group_arn",
        "green_target_group_arn",
        "page_topic_arn",
        "chat_topic_arn",
    ];
    let arns = [
        "elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1",
        "elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/1",
        "elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/2",
        "sns:eu-west-1:123456789012:page",
        "sns:eu-west-1:123456789012:chat",
    ];
    let variables: String = names
        .iter()
        .zip(arns)
        .map(|(name, arn)| format!("variable {name:?} {{\n  default = \"arn:aws:{arn}\"\n}}\n"))
        .collect();
    let board =
        example("switchyard_dashboard").replace("var.alarm_arns", &format!("values({SET}.arns)"));
    change(format!(
        "{header}{}{board}{variables}",
        example("switchyard_alarm_set")
    ))
}

/// The dashboard as CloudWatch has it.
fn body(scene: &Scene) -> Value {
    let named = json!({ "DashboardName": "shop-checkout" });
    let found = scene.stage.call("cloudwatch", "GetDashboard", named);
    serde_json::from_str(found["DashboardBody"].as_str().unwrap()).unwrap()
}

#[test]
fn the_examples_are_made_changed_adopted_and_destroyed_under_the_policies_of_the_guide() {
    let scene = Scene::new();
    permissions::restrict(&scene, &[ALARMS, DASHBOARD]);
    let project = scene.stage.project(&both(|text| text));
    let plan = project.plan();
    let _ = plan.run.says(&["2 to add"]);
    project.apply().ok();
    project.plans_nothing();
    let state = project.state(SET);
    assert_eq!(state["unhealthy_alarm"], "shop-checkout-unhealthy");
    let written: Value =
        serde_json::from_str(project.state(BOARD)["body"].as_str().unwrap()).unwrap();
    assert_eq!(body(&scene), written);

    // Somebody silences an alarm.
    let names = json!({ "AlarmNames": ["shop-checkout-errors-critical"] });
    scene.stage.call("cloudwatch", "DisableAlarmActions", names);
    let _ = project
        .try_plan()
        .says(&["alarms[\"errors-critical\"].enabled", "1 major difference"]);

    // Other thresholds and tags, one alarm fewer.
    let changed = both(|text| {
        let text = text.replace(
            "latency-critical              = 3",
            "latency-critical              = 4",
        );
        text.replace(
            "[\"memory-warning\"]",
            "[\"memory-warning\", \"cpu-warning\"]",
        )
        .replace("team = \"shop\"", "cost = \"1\"")
    });
    project.write("main.tf", &changed);
    project.apply().ok();
    project.plans_nothing();

    // The state is lost: both are adopted as they are.
    project.run(&["state", "rm", SET, BOARD]).ok();
    project
        .run(&["import", SET, "main/checkout/shop-checkout"])
        .ok();
    project.run(&["import", BOARD, "shop-checkout"]).ok();
    project.plans_nothing();
    project.destroy().ok();
    let left = scene.stage.call(
        "cloudwatch",
        "DescribeAlarms",
        json!({ "AlarmNamePrefix": "shop-checkout", "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] }),
    );
    assert_eq!(left["MetricAlarms"], json!([]));
    assert_eq!(left["CompositeAlarms"], json!([]));
    each_was_needed(&scene, ALARMS, &[]);
    each_was_needed(&scene, DASHBOARD, &[]);
}

#[test]
fn a_cost_range_is_read_of_a_service() {
    let scene = Scene::new();
    let path = folder().join("data-sources/switchyard_cost_range/data-source.tf");
    let example = std::fs::read_to_string(path).unwrap();
    let (example, _) = example.split_once("# Fails no apply").unwrap();
    let service = scene.native(&scene.v1);
    let hcl = format!(
        "{}\n{}",
        service.hcl(),
        example
            .replace("\"main\"", &format!("{APP}.cluster"))
            .replace("\"checkout\"\n", &format!("{APP}.name\n"))
    );
    let project = scene.stage.project(&hcl);
    project.apply().ok();
    let found = project.state("data.switchyard_cost_range.checkout");
    // One task has a quarter of a vCPU and half a GB.
    let task = 0.25 * 0.04048 + 0.5 * 0.004445;
    let tasks = found["min_tasks"].as_f64().unwrap();
    let month = found["monthly_min"].as_f64().unwrap();
    assert!((month - tasks * task * 730.0).abs() < 0.01, "{found}");
    assert_eq!(found["may_exceed_budget"], false, "{found}");
    project.destroy().ok();
}
