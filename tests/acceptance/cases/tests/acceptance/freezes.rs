//! Times at which nothing is deployed.

use serde_json::Value;
use switchyard_harness::Project;

use crate::{APP, Scene};

/// It always holds: a window of a day begins every day.
const FROZEN: &str = "{ strategy = \"rolling\", freeze = { reason = \"stocktaking\", \
                      schedule = \"cron(0 0 * * ? *)\", duration = \"24h\", timezone = \"Europe/Berlin\" } }";

/// A service at its first revision, with a freeze that was not deployed.
fn frozen(scene: &Scene) -> Project {
    let service = scene.native(&scene.v1).without_load_balancer();
    let project = scene.stage.project(
        &service
            .clone()
            .deployment("{ strategy = \"rolling\" }")
            .hcl(),
    );
    project.apply().ok();
    project.write("main.tf", &service.deployment(FROZEN).hcl());
    project.apply().ok();
    project.plans_nothing();
    project
}

fn write(scene: &Scene, project: &Project, task_definition: &str, count: &str) {
    let service = scene.native(task_definition).without_load_balancer();
    let service = service.deployment(FROZEN).set("desired_count", count);
    project.write(
        "main.tf",
        &service.set("report_path", "\"report.json\"").hcl(),
    );
}

#[test]
fn a_freeze_holds_deployments_and_nothing_else() {
    let scene = Scene::new();
    let mut project = frozen(&scene);
    // Settings are none.
    write(&scene, &project, &scene.v1, "3");
    project.apply().ok();
    let v2 = scene.stage.task_definition("web", "web:v2");
    write(&scene, &project, &v2, "3");
    let parts = [
        "Service `web` is not deployed before",
        "stocktaking",
        "This plan deploys web:2 in place of web:1.",
        "SWITCHYARD_OVERRIDE_FREEZE",
        "SY0244",
    ];
    let _ = project.try_plan().fails_saying(&parts);
    let _ = project.apply().fails_saying(&parts);
    assert_eq!(scene.stage.deployments("main", "web").len(), 1);
    assert_eq!(project.state(APP)["task_definition"], scene.v1);
    // Whoever says why deploys all the same, and the report says so.
    project.set("SWITCHYARD_OVERRIDE_FREEZE", "INC-123: fixes the outage");
    let _ = project.apply().ok().says(&[
        "in spite of a freeze",
        "INC-123: fixes the outage",
        "SY0247",
    ]);
    assert_eq!(project.state(APP)["task_definition"], v2);
    let report = std::fs::read_to_string(project.folder().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["freeze"]["reason"], "INC-123: fixes the outage");
    assert_eq!(report["freeze"]["freeze"], "stocktaking");
    project.plans_nothing();
}

#[test]
fn a_freeze_does_not_hold_a_destruction() {
    let scene = Scene::new();
    let project = frozen(&scene);
    let v2 = scene.stage.task_definition("web", "web:v2");
    write(&scene, &project, &v2, "2");
    let _ = project.try_plan().fails_saying(&["SY0244"]);
    let plan = project.run(&["plan", "-destroy", "-input=false", "-no-color"]);
    let plan = plan.ok();
    assert!(!plan.words().contains("SY0244"), "{}", plan.text());
    project.destroy().ok();
    let listed = scene.stage.call(
        "ecs",
        "ListServices",
        serde_json::json!({ "cluster": "main" }),
    );
    assert_eq!(listed["serviceArns"], serde_json::json!([]));
}
