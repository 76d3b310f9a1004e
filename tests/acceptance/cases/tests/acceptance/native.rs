//! Controller `ecs`: every strategy from creation to destruction, and what happens when a rollout fails.

use serde_json::{Value, json};

use crate::{APP, CANARY, Scene};

/// Creates v1, rolls out v2 and v3, and finds the plan empty after each: the sides have swapped twice.
fn life(deployment: &str) {
    let scene = Scene::new();
    let service =
        |task_definition: &str| scene.native(task_definition).deployment(deployment).hcl();
    let project = scene.stage.project(&service(&scene.v1));
    project.apply().ok();
    assert_eq!(project.state(APP)["task_definition"], scene.v1);
    let mut live = vec![project.state(APP)["live_target_group"].clone()];
    project.plans_nothing();

    for image in ["web:v2", "web:v3"] {
        let next = scene.stage.task_definition("web", image);
        project.write("main.tf", &service(&next));
        let plan = project.plan().only(APP, &["update"]);
        assert_eq!(plan.after(APP, "will_deploy"), true);
        project.apply().ok();
        assert_eq!(project.state(APP)["task_definition"], next);
        live.push(project.state(APP)["live_target_group"].clone());
        project.plans_nothing();
    }
    assert_eq!(live[0], live[2], "the sides alternate: {live:?}");
    assert_ne!(live[0], live[1], "the sides alternate: {live:?}");
    assert_eq!(
        scene.stage.deployments("main", "web").len(),
        3,
        "one deployment a change"
    );

    project.destroy().ok();
    let status = scene.stage.service("main", "web")["status"].clone();
    assert!(status == Value::Null || status == "INACTIVE", "{status}");
}

#[test]
fn all_at_once_lives() {
    life("{ strategy = \"all_at_once\", bake_time = \"1m\" }");
}

#[test]
fn canary_lives() {
    life(CANARY);
}

#[test]
fn linear_lives() {
    life("{ strategy = \"linear\", linear = { percent = 25, interval = \"1m\" } }");
}

#[test]
fn rolling_lives() {
    let scene = Scene::new();
    let service = |task_definition: &str| {
        let balancer = format!(
            "{{ container_name = \"app\", container_port = 8080, target_groups = [{:?}] }}",
            scene.pair.blue
        );
        scene
            .native(task_definition)
            .load_balancer(&balancer)
            .deployment("{ strategy = \"rolling\", circuit_breaker = {} }")
            .hcl()
    };
    let project = scene.stage.project(&service(&scene.v1));
    project.apply().ok();
    project.plans_nothing();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &service(&v2));
    project.apply().ok();
    assert_eq!(project.state(APP)["task_definition"], v2);
    project.plans_nothing();
    project.destroy().ok();
}

#[test]
fn a_service_without_load_balancer_lives() {
    let scene = Scene::new();
    let service = |task_definition: &str| {
        switchyard_harness::Service::new("main", "worker", task_definition)
            .deployment("{ strategy = \"rolling\" }")
            .hcl()
    };
    let project = scene.stage.project(&service(&scene.v1));
    project.apply().ok();
    project.plans_nothing();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &service(&v2));
    project.apply().ok();
    project.plans_nothing();
    project.destroy().ok();
}

#[test]
fn a_crashing_version_is_an_error_and_the_state_names_what_is_live() {
    let scene = Scene::new();
    let project = scene
        .stage
        .project(&scene.native(&scene.v1).deployment(CANARY).hcl());
    project.apply().ok();
    let before = project.state(APP);

    let broken = scene.stage.task_definition("web", "web:v2--exit-3");
    project.write("main.tf", &scene.native(&broken).deployment(CANARY).hcl());
    let load = scene.stage.production_load(&scene.pair, 2);
    project.apply().fails_saying(&[
        "web",
        "container `app` exited with 3",
        "Technical details: SY0201",
    ]);
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{report:?}");

    let after = project.state(APP);
    assert_eq!(after["task_definition"], scene.v1);
    assert_eq!(after["live_target_group"], before["live_target_group"]);
    assert!(!project.is_tainted(APP));
    // The configuration still asks for the broken version: the next plan says what became of it.
    let _ = project
        .try_plan()
        .fails_saying(&["web:v2--exit-3", "redeploy_failed", "SY0016"]);
    // Going back needs no deployment.
    let deployments = scene.stage.deployments("main", "web").len();
    project.write("main.tf", &scene.native(&scene.v1).deployment(CANARY).hcl());
    project.plans_nothing();
    assert_eq!(scene.stage.deployments("main", "web").len(), deployments);
}

#[test]
fn a_deployment_stopped_by_someone_is_an_error() {
    let scene = Scene::new();
    let project = scene
        .stage
        .project(&scene.native(&scene.v1).deployment(CANARY).hcl());
    project.apply().ok();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &scene.native(&v2).deployment(CANARY).hcl());
    let mut running = project.start(&["apply", "-auto-approve", "-input=false", "-no-color"]);
    running.wait_for("Modifying...");
    let newest = || scene.stage.deployments("main", "web").remove(0);
    let held = scene
        .stage
        .hold_when(|| newest()["status"] == "IN_PROGRESS");
    let arn = newest()["serviceDeploymentArn"].clone();
    scene.stage.call(
        "ecs",
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" }),
    );
    drop(held);
    running.finish().fails_saying(&["web", "rolled back"]);
    assert_eq!(project.state(APP)["task_definition"], scene.v1);
}

#[test]
fn a_failed_first_rollout_keeps_the_service_and_explains() {
    let scene = Scene::new();
    let broken = scene.stage.task_definition("web", "web:v0--missing");
    let service = |task_definition: &str| {
        scene
            .native(task_definition)
            .deployment("{ strategy = \"all_at_once\" }")
            .set("timeouts", "{\n    create = \"10m\"\n  }")
            .hcl()
    };
    let project = scene.stage.project(&service(&broken));
    project
        .apply()
        .fails_saying(&["web", "CannotPullContainerError"]);
    assert!(project.is_tainted(APP), "{}", project.state(APP));
    assert_eq!(scene.stage.service("main", "web")["status"], "ACTIVE");
    project.write("main.tf", &service(&scene.v1));
    project.apply().ok();
    project.plans_nothing();
}

#[test]
fn changed_triggers_start_a_deployment_with_nothing_else() {
    let scene = Scene::new();
    let service = |trigger: &str| {
        scene
            .native(&scene.v1)
            .set("redeploy_triggers", &format!("{{ secret = {trigger:?} }}"))
            .hcl()
    };
    let project = scene.stage.project(&service("1"));
    project.apply().ok();
    project.plans_nothing();
    project.write("main.tf", &service("2"));
    assert_eq!(
        project
            .plan()
            .only(APP, &["update"])
            .after(APP, "will_deploy"),
        true
    );
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(scene.stage.deployments("main", "web").len(), 2);
}

#[test]
fn settings_change_without_a_deployment() {
    let scene = Scene::new();
    let v1 = scene.with_task_role(&scene.v1);
    let project = scene.stage.project(&scene.native(&v1).hcl());
    project.apply().ok();
    let changed = scene
        .native(&v1)
        .deployment(CANARY)
        .set("desired_count", "3")
        .set("enable_execute_command", "true")
        .set("health_check_grace_period", "\"90s\"")
        .set("tags", "{ Team = \"web\" }")
        .hcl();
    project.write("main.tf", &changed);
    assert_eq!(
        project
            .plan()
            .only(APP, &["update"])
            .after(APP, "will_deploy"),
        false
    );
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(scene.stage.deployments("main", "web").len(), 1);
    assert_eq!(scene.stage.service("main", "web")["desiredCount"], 3);
}

#[test]
fn an_imported_service_plans_empty() {
    let scene = Scene::new();
    let hcl = scene.native(&scene.v1).deployment(CANARY).hcl();
    let first = scene.stage.project(&hcl);
    first.apply().ok();
    let second = scene.stage.project(&hcl);
    let _ = second
        .run(&["import", "-no-color", "-input=false", APP, "main/web"])
        .ok();
    second.plans_nothing();
    let third = scene.stage.project(&format!(
        "{hcl}\nimport {{\n  to = {APP}\n  id = \"main/web\"\n}}\n"
    ));
    third.apply().ok();
    third.plans_nothing();
    assert_eq!(
        scene.stage.deployments("main", "web").len(),
        1,
        "importing starts nothing"
    );
}

#[test]
fn blocks_over_something_unknown_are_planned_and_applied() {
    let scene = Scene::new();
    let hcl = scene.native(&scene.v1).deployment(CANARY).hcl();
    let (head, end) = hcl.rsplit_once('}').unwrap();
    let hcl = format!(
        r#"resource "terraform_data" "moments" {{
  input = {{ answers = ["before_traffic"], page = ["after"] }}
}}

resource "terraform_data" "score" {{
  input = 80
}}

{head}
  dynamic "gate" {{
    for_each = terraform_data.moments.output
    content {{
      name = gate.key
      when = gate.value
      http {{
        target = "new_targets"
        path   = "/cart"
      }}
    }}
  }}

  dynamic "health_score" {{
    for_each = [for score in [terraform_data.score.output] : score if score > 0]
    content {{
      minimum = health_score.value
    }}
  }}
}}{end}"#
    );
    let project = scene.stage.project(&hcl);
    assert_eq!(project.plan().after(APP, "gate"), Value::Null);
    project.apply().ok();
    let state = project.state(APP);
    let names: Vec<_> = state["gate"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gate| &gate["name"])
        .collect();
    assert_eq!(names, ["answers", "page"]);
    assert_eq!(state["health_score"]["minimum"], 80);
    project.plans_nothing();
}

/// What a reader of a plan sees of a deployment: one line that says what is deployed, and no screen of the last one.
#[test]
fn a_plan_says_in_one_line_what_is_deployed() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &scene.native(&v2).hcl());
    let run = project.try_plan().ok();
    let changed = |name: &str| {
        let lines = run.stdout.lines().map(str::trim_start);
        let lines = lines.filter(|line| line.contains(&format!(" {name} ")));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let [deploys] = changed("deploys").try_into().unwrap();
    assert!(
        deploys.ends_with("-> \"web:2 in place of web:1\""),
        "{deploys}"
    );
    let [last] = changed("last_deployment").try_into().unwrap();
    assert!(last.ends_with("-> (known after apply)"), "{last}");
    let changes = run.stdout.lines().filter(|line| {
        let line = line.trim_start();
        ["~ ", "+ ", "- "].iter().any(|sign| line.starts_with(sign))
    });
    // Two of them are of the head, about the development override.
    assert!(changes.count() <= 12, "{}", run.stdout);
}
