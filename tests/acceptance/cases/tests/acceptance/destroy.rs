//! `terraform destroy` plans the configuration first, as for an apply. Whatever that plan would be refused for, the
//! destruction goes on, on the oldest, the installed and the newest core.

use switchyard_harness::Core;

use crate::cores::play;
use crate::rollout::{Controller, Rollout};
use crate::{CANARY, Scene};

/// The image of the failed deployment is still asked for: SY0016.
fn after_a_failed_deployment(scene: Scene) {
    let seen = Rollout::new(Controller::Ecs, CANARY)
        .image("web:v2--crash")
        .ready_in(scene)
        .play()
        .rolled_back(&["SY0201"]);
    let project = &seen.ready.project;
    let _ = project.try_plan().fails_saying(&["SY0016"]);
    project.destroy().ok();
    assert_gone(&seen.ready.scene);
}

/// The service is there, tainted.
fn after_a_failed_creation(scene: &Scene) {
    let crash = scene.stage.task_definition("web", "web:v1--crash");
    let project = scene.stage.project(&scene.native(&crash).hcl());
    let _ = project.apply().fails_saying(&["SY0207"]);
    project.destroy().ok();
    assert_gone(scene);
}

/// Task definition, alarm, schedule, metric and a value that only an apply knows: all wrong by now.
fn with_a_configuration_that_no_plan_takes(scene: &Scene) {
    let main = |task_definition: &str, alarms: &str, set: &str| {
        let deployment = format!(
            "{{ strategy = \"canary\", canary = {{ percent = 10, interval = \"2m\" }}{alarms} }}"
        );
        let service = scene.native(task_definition).deployment(&deployment).hcl();
        format!(
            "{service}\nresource \"terraform_data\" \"least\" {{\n  input = 9\n}}\n\nresource \
             \"switchyard_scaling_policy_set\" \"app\" {{\n  cluster = switchyard_blue_green_service.app.cluster\n  \
             service = switchyard_blue_green_service.app.name\n  max_capacity = 6\n  {set}\n}}\n"
        )
    };
    let good = "min_capacity = 1\n  target_tracking {\n    name = \"cpu\"\n    metric = \"cpu\"\n    target_value = 70\n  }";
    let project = scene.stage.project(&main(&scene.v1, "", good));
    project.apply().ok();
    let missing = scene.v1.replace("web:1", "web:99");
    let pair = &scene.pair;
    let balancer = pair
        .listener
        .replace(":listener/", ":loadbalancer/")
        .rsplit_once('/')
        .map(|(balancer, _)| balancer.to_owned())
        .unwrap();
    let blind = format!(
        "min_capacity = 1
  target_tracking {{
    name              = \"requests\"
    metric            = \"requests_per_target\"
    target_value      = 100
    load_balancer_arn = {balancer:?}
    target_group_arn  = {:?}
  }}
  scheduled_action {{
    name         = \"past\"
    schedule     = \"at(2020-01-01T00:00:00)\"
    min_capacity = 2
  }}",
        pair.blue
    );
    project.write(
        "main.tf",
        &main(&missing, ", alarms = { names = [\"gone\"] }", good),
    );
    let _ = project.try_plan().fails_saying(&["SY0102", "SY0112"]);
    project.write("main.tf", &main(&scene.v1, "", &blind));
    let _ = project.try_plan().fails_saying(&["SY0144", "SY0146"]);
    // Known since the first apply, and more than the most: a rule of the attributes alone.
    let wrong = good.replace("= 1\n", "= terraform_data.least.output\n");
    project.write("main.tf", &main(&scene.v1, "", &wrong));
    let _ = project.try_plan().fails_saying(&["SY0020"]);
    project.destroy().ok();
    assert_gone(scene);
}

fn assert_gone(scene: &Scene) {
    let services = serde_json::json!({ "cluster": "main" });
    let listed = scene.stage.call("ecs", "ListServices", services);
    assert_eq!(listed["serviceArns"], serde_json::json!([]));
}

fn all(stage: fn() -> Scene) {
    after_a_failed_deployment(stage());
    after_a_failed_creation(&stage());
    with_a_configuration_that_no_plan_takes(&stage());
}

#[test]
fn nothing_stops_it_on_the_installed_core() {
    all(Scene::new);
}

#[test]
fn nothing_stops_it_on_the_oldest_core() {
    let oldest = Core::of(1, 6);
    play("destroy after a failed creation", oldest, |scene, _| {
        after_a_failed_creation(scene);
    });
    play("destroy what no plan takes", oldest, |scene, _| {
        with_a_configuration_that_no_plan_takes(scene);
    });
}

#[test]
fn nothing_stops_it_on_the_newest_core() {
    let newest = Core::of(1, 15);
    play("destroy after a failed creation", newest, |scene, _| {
        after_a_failed_creation(scene);
    });
    play("destroy what no plan takes", newest, |scene, _| {
        with_a_configuration_that_no_plan_takes(scene);
    });
}
