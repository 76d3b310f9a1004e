//! What Terraform has since 1.14: queries and actions, on the cores that have them.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_harness::{Core, Project};

use crate::aws_provider::module;
use crate::cores::play;
use crate::examples::folder;
use crate::{APP, Scene};

const OURS: &str = "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n";

fn act(project: &Project, action: &str) -> switchyard_harness::Run {
    let invoke = format!("-invoke=action.{action}");
    project.run(&[
        "apply",
        "-auto-approve",
        "-input=false",
        "-no-color",
        &invoke,
    ])
}

fn action(kind: &str, more: &str) -> String {
    format!(
        "\naction \"switchyard_{kind}\" \"web\" {{\n  config {{\n    cluster = \"main\"\n    service = \"web\"\n{more}  }}\n}}\n"
    )
}

/// Every example of a list and of an action is valid.
fn examples_are_valid(scene: &Scene) {
    let (mut lists, mut actions) = (0, 0);
    for kind in ["list-resources", "actions"] {
        for entry in std::fs::read_dir(folder().join(kind)).unwrap() {
            let path = entry.unwrap().path();
            let project = scene.stage.project(OURS);
            if kind == "actions" {
                for (name, text) in module(&path) {
                    project.write(&name, &text);
                }
                project.validate().ok();
                actions += 1;
                continue;
            }
            let file = path.join("list-resource.tfquery.hcl");
            let text = std::fs::read_to_string(file).unwrap();
            project.write("list.tfquery.hcl", &text);
            project.run(&["validate", "-query", "-no-color"]).ok();
            lists += 1;
        }
    }
    assert_eq!((lists, actions), (4, 4));
}

/// A service that somebody else has made is found, and what Terraform writes for it changes nothing.
fn found(scene: &Scene) {
    let project = scene.stage.project(OURS);
    project.write(
        "find.tfquery.hcl",
        "list \"switchyard_blue_green_service\" \"all\" {\n  provider = switchyard\n\n  config {\n    clusters    = \
         [\"main\"]\n    name_prefix = \"w\"\n  }\n}\n\nlist \"switchyard_scaling_policy_set\" \"all\" {\n  provider         = \
         switchyard\n  include_resource = true\n  limit            = 1\n\n  config {\n    clusters = [\"main\"]\n  }\n}\n",
    );
    let run = project.run(&["query", "-no-color"]).ok();
    let _ = run.says(&["main/web", "cluster=main,name=web"]);
    let wrong = scene.stage.project(OURS);
    wrong.write(
        "find.tfquery.hcl",
        "list \"switchyard_blue_green_service\" \"all\" {\n  provider = switchyard\n\n  config {\n    clusters = \
         [\"mian\"]\n  }\n}\n",
    );
    let _ = wrong
        .run(&["query", "-no-color"])
        .fails_saying(&["Cluster `mian` does not exist"]);
    project
        .run(&["query", "-no-color", "-generate-config-out=generated.tf"])
        .ok();
    let plan = project.plan();
    assert!(plan.changes().is_empty(), "{}", plan.run.text());
    let _ = plan
        .run
        .says(&["1 to import, 0 to add, 0 to change, 0 to destroy."]);
}

fn newest(scene: &Scene) -> Value {
    let newest = scene.stage.deployments("main", "web").remove(0);
    let input = json!({ "serviceDeploymentArns": [newest["serviceDeploymentArn"]] });
    scene.stage.call("ecs", "DescribeServiceDeployments", input)["serviceDeployments"][0].clone()
}

fn is_paused(scene: &Scene) -> bool {
    let hooks = newest(scene)["lifecycleHookDetails"].clone();
    let mut hooks = hooks.as_array().into_iter().flatten();
    hooks.any(|hook| hook["status"] == "AWAITING_ACTION")
}

/// Each action, with its progress, and what plans say afterwards.
fn acted(scene: &Scene, project: &Project, service: &str) {
    let scaling = "    desired_count = 5\n    reason        = \"sale\"\n";
    let actions = [
        action("approve_deployment", ""),
        action("rollback", ""),
        action("emergency_scale", scaling),
    ];
    project.write("main.tf", &format!("{service}{}", actions.concat()));
    let raised = act(project, "switchyard_emergency_scale.web").ok();
    let _ = raised.says(&["`web` is scaled: 2 -> 5 tasks"]);
    let plan = project.plan().is_empty();
    let _ = plan
        .run
        .says(&["Service `web` has emergency scaling until", "SY0185"]);
    assert_eq!(scene.stage.service("main", "web")["desiredCount"], 5);

    let pause = json!([{ "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"] }]);
    let next = scene.stage.task_definition("web", "web:v2");
    scene.stage.call(
        "ecs",
        "UpdateService",
        json!({
            "cluster": "main", "service": "web", "taskDefinition": next,
            "deploymentConfiguration": { "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 600, "lifecycleHooks": pause },
        }),
    );
    scene.stage.pass_until(|| is_paused(scene));
    let approved = act(project, "switchyard_approve_deployment.web").ok();
    let _ = approved.says(&["is approved; it continues."]);
    let back = act(project, "switchyard_rollback.web").ok();
    let _ = back.says(&["`web` is rolled back: web:1 is live."]);

    let refused = scaling.replace('5', "1");
    project.write(
        "main.tf",
        &format!("{service}{}", action("emergency_scale", &refused)),
    );
    let _ = act(project, "switchyard_emergency_scale.web")
        .fails_saying(&["emergency scaling only raises", "SY0267"]);
}

fn story(scene: &Scene, _: Core) {
    examples_are_valid(scene);
    let service = scene.native(&scene.v1).hcl();
    let project = scene.stage.project(&service);
    project.apply().ok();
    assert_eq!(project.state(APP)["name"], "web");
    found(scene);
    acted(scene, &project, &service);
    scene.stage.advance(Duration::from_secs(60));
}

#[test]
fn queries_and_actions_work_on_the_first_core_that_has_them() {
    play("queries and actions", Core::of(1, 14), story);
}

#[test]
fn queries_and_actions_work_on_the_newest_core() {
    play("queries and actions", Core::of(1, 15), story);
}
