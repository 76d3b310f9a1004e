//! One resource scales a service: bounds, policies, their alarms and schedules.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_harness::{Project, Service};

use crate::examples::version;
use crate::{APP, Scene};

const SET: &str = "switchyard_scaling_policy_set.app";

/// The service, its number of tasks left to the autoscaler, and a set that scales it; from `sale` on it has four tasks
/// at least.
fn scaled(service: &Service, sale: &str) -> String {
    let service = service
        .clone()
        .set("desired_count_owner", "\"autoscaler\"")
        .hcl();
    format!(
        r#"{service}
resource "switchyard_scaling_policy_set" "app" {{
  cluster      = {APP}.cluster
  service      = {APP}.name
  min_capacity = 2
  max_capacity = 6
  target_tracking {{
    name               = "cpu"
    metric             = "cpu"
    target_value       = 70
    scale_out_cooldown = "1m"
  }}
  target_tracking {{
    name         = "queue"
    target_value = 10
    queue_backlog {{
      queue_name = "jobs"
    }}
  }}
  step {{
    name = "burst"
    step_adjustment {{
      metric_interval_lower_bound = 0
      scaling_adjustment          = 2
    }}
    alarm {{
      evaluation_periods = 2
      comparison         = ">="
      threshold          = 80
      metric {{
        namespace   = "Shop"
        metric_name = "WaitingCarts"
      }}
    }}
  }}
  predictive {{
    name              = "daily"
    mode              = "ForecastAndScale"
    metric            = "cpu"
    target_value      = 60
    scheduling_buffer = "10m"
  }}
  scheduled_action {{
    name         = "sale"
    schedule     = "{sale}"
    min_capacity = 4
  }}
}}
"#
    )
}

fn call(scene: &Scene, operation: &str, mut input: Value) -> Value {
    input["ServiceNamespace"] = "ecs".into();
    scene
        .stage
        .call("application-autoscaling", operation, input)
}

/// As `call`, about the one target.
fn on_target(scene: &Scene, operation: &str, mut input: Value) {
    input["ResourceId"] = "service/main/web".into();
    input["ScalableDimension"] = "ecs:service:DesiredCount".into();
    call(scene, operation, input);
}

fn policies(scene: &Scene) -> Vec<String> {
    let answer = call(scene, "DescribeScalingPolicies", json!({}));
    let found = answer["ScalingPolicies"].as_array().unwrap().iter();
    let mut names: Vec<String> = found
        .map(|policy| policy["PolicyName"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// Every day an hour before now, by the clock of the account: for the first time in 23 hours.
fn an_hour_ago(scene: &Scene) -> String {
    let found = scene.stage.call(
        "ecs",
        "DescribeTaskDefinition",
        json!({ "taskDefinition": scene.v1 }),
    );
    let now = found["taskDefinition"]["registeredAt"].as_f64().unwrap();
    let minute = (now / 60.0).floor() % 60.0;
    let hour = ((now / 3600.0).floor() + 23.0) % 24.0;
    format!("cron({minute} {hour} * * ? *)")
}

/// By identity where Terraform knows that, which is since 1.12.
fn import_of_the_set(project: &Project) -> String {
    let what = if version(project) < (1, 12) {
        "id = \"main/web\""
    } else {
        "identity = { cluster = \"main\", service = \"web\" }"
    };
    format!("import {{\n  to = {SET}\n  {what}\n}}\n")
}

fn targets(scene: &Scene) -> usize {
    let answer = call(scene, "DescribeScalableTargets", json!({}));
    answer["ScalableTargets"].as_array().unwrap().len()
}

#[test]
fn a_set_scales_a_service_tells_what_others_changed_and_leaves_nothing() {
    let scene = Scene::new();
    let hcl = scaled(&scene.native(&scene.v1), &an_hour_ago(&scene));
    let mut project = scene.stage.project(&hcl);
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(policies(&scene), ["burst", "cpu", "daily", "queue"]);

    scene.stage.advance(Duration::from_secs(25 * 3600));
    for (name, value) in scene.stage.environment() {
        project.set(&name, &value);
    }
    project.plans_nothing();
    project.apply().ok();
    let bounds = &project.state(SET)["bounds_now"];
    assert_eq!(bounds, &json!({ "min": 4, "max": 6, "set_by": "sale" }));

    on_target(
        &scene,
        "DeleteScalingPolicy",
        json!({ "PolicyName": "cpu" }),
    );
    on_target(
        &scene,
        "RegisterScalableTarget",
        json!({ "MaxCapacity": 9 }),
    );
    let _ = project.try_plan().ok().says(&[
        "The scaling of service `web` has drifted: 1 critical and 2 major differences",
        "Critical: `target_tracking[\"cpu\"]` was present and is absent.",
        "Major: `max_capacity` was 6 and is 9.",
        "scaling.target-tracking-gone",
    ]);
    let plan = project.plan().only(SET, &["update"]);
    assert_eq!(plan.after(SET, "max_capacity"), 6);
    project.apply().ok();
    project.plans_nothing();

    let imported = scene.stage.project(&hcl);
    let _ = imported
        .run(&["import", "-no-color", "-input=false", APP, "main/web"])
        .ok();
    imported.write("import.tf", &import_of_the_set(&imported));
    // An import of the service cannot know its owners; that of the set knows everything.
    imported.apply().ok();
    imported.plans_nothing();

    project.destroy().ok();
    assert_eq!(targets(&scene), 0);
}
