//! One resource scales a service: bounds, policies, their alarms and schedules.

use serde_json::{Value, json};
use switchyard_harness::Service;

use crate::{APP, Scene};

const SET: &str = "switchyard_scaling_policy_set.app";

/// The service, its number of tasks left to the autoscaler, and a set that scales it.
fn scaled(service: &Service) -> String {
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
  target_tracking = {{
    cpu   = {{ metric = "cpu", target = 70, scale_out_cooldown = "1m" }}
    queue = {{ queue_backlog = {{ queue_name = "jobs" }}, target = 10 }}
  }}
  step = {{
    burst = {{
      steps = [{{ lower = 0, adjustment = 2 }}]
      alarm = {{
        metric             = {{ namespace = "Shop", name = "WaitingCarts" }}
        evaluation_periods = 2
        comparison         = ">="
        threshold          = 80
      }}
    }}
  }}
  schedules = {{
    sale = {{ schedule = "at(2099-11-25T20:00:00)", timezone = "Europe/Berlin", min_capacity = 4 }}
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

fn targets(scene: &Scene) -> usize {
    let answer = call(scene, "DescribeScalableTargets", json!({}));
    answer["ScalableTargets"].as_array().unwrap().len()
}

#[test]
fn a_set_scales_a_service_tells_what_others_changed_and_leaves_nothing() {
    let scene = Scene::new();
    let hcl = scaled(&scene.native(&scene.v1));
    let project = scene.stage.project(&hcl);
    project.apply().ok();
    project.plan().is_empty();

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
    let plan = project.plan().only(SET, &["update"]);
    assert_eq!(plan.after(SET, "max_capacity"), 6);
    project.apply().ok();
    project.plan().is_empty();

    let imported = scene.stage.project(&hcl);
    for (address, id) in [(APP, "main/web"), (SET, "main/web")] {
        let _ = imported
            .run(&["import", "-no-color", "-input=false", address, id])
            .ok();
    }
    // An import of the service cannot know its owners; that of the set knows everything.
    let _ = imported.plan().only(APP, &["update"]);

    project.destroy().ok();
    assert_eq!(targets(&scene), 0);
}
