//! Changing the controller of a running service in place, under load.

use serde_json::{Value, json};
use switchyard_harness::Project;
use switchyard_harness::load::LoadReport;
use switchyard_lab::{Fault, FaultKind};

use crate::rollout::{APPLY, Controller};
use crate::steps::STEPS;
use crate::{APP, CANARY, Scene};

/// A service under CodeDeploy, with its deployment group.
fn under_code_deploy() -> (Scene, Project) {
    let scene = Scene::new();
    let project = scene.stage.project(&by_code_deploy(&scene, &scene.v1));
    project.apply().ok();
    scene.deployment_group("CodeDeployDefault.ECSAllAtOnce");
    (scene, project)
}

fn by_code_deploy(scene: &Scene, task_definition: &str) -> String {
    scene.code_deploy(task_definition).hcl()
}

fn by_ecs(scene: &Scene, task_definition: &str) -> String {
    scene.native(task_definition).deployment(CANARY).hcl()
}

fn controller(scene: &Scene) -> Value {
    scene.stage.service("main", "web")["deploymentController"]["type"].clone()
}

/// No request failed, and at every moment production forwarded somewhere.
#[track_caller]
fn unnoticed(report: &LoadReport) {
    assert!(report.requests > 40, "{}", report.requests);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    for weights in report.samples.iter().filter_map(|it| it.weights.as_ref()) {
        assert!(weights.values().any(|weight| *weight > 0), "{weights:?}");
    }
}

#[test]
fn from_code_deploy_to_ecs_and_back_nobody_notices() {
    let (scene, project) = under_code_deploy();
    // The sides have swapped once, so that the live one is not the first.
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &by_code_deploy(&scene, &v2));
    project.apply().ok();
    let arn = project.state(APP)["arn"].clone();
    let created = scene.stage.service("main", "web")["createdAt"].clone();
    let load = scene.stage.production_load(&scene.pair, 2);

    project.write("main.tf", &by_ecs(&scene, &v2));
    let plan = project.plan().only(APP, &["update"]);
    assert_eq!(plan.after(APP, "will_deploy"), true);
    let _ = plan
        .run
        .clone()
        .says(&["moves from `codedeploy` to `ecs` in place"]);
    project.apply().ok();
    assert_eq!(controller(&scene), "ECS");
    project.plans_nothing();

    // Native rollouts work from here on.
    let v3 = scene.stage.task_definition("web", "web:v3");
    project.write("main.tf", &by_ecs(&scene, &v3));
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(project.state(APP)["task_definition"], v3);

    project.write("main.tf", &by_code_deploy(&scene, &v3));
    let plan = project.plan().only(APP, &["update"]);
    assert_eq!(plan.after(APP, "will_deploy"), false);
    project.apply().ok();
    assert_eq!(controller(&scene), "CODE_DEPLOY");
    project.plans_nothing();

    // And so do those of CodeDeploy.
    let v4 = scene.stage.task_definition("web", "web:v4");
    project.write("main.tf", &by_code_deploy(&scene, &v4));
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(project.state(APP)["task_definition"], v4);

    unnoticed(&load.stop(1));
    assert_eq!(project.state(APP)["arn"], arn);
    let service = scene.stage.service("main", "web");
    assert_eq!(service["createdAt"], created, "it was never replaced");
}

#[test]
fn to_ecs_with_another_revision_rolls_it_out() {
    let (scene, project) = under_code_deploy();
    let v2 = scene.stage.task_definition("web", "web:v2");
    let load = scene.stage.production_load(&scene.pair, 2);
    project.write("main.tf", &by_ecs(&scene, &v2));
    project.apply().ok();
    unnoticed(&load.stop(1));
    assert_eq!(controller(&scene), "ECS");
    assert_eq!(project.state(APP)["task_definition"], v2);
    project.plans_nothing();
}

#[test]
fn to_code_deploy_with_another_revision_rolls_it_out() {
    let scene = Scene::new();
    let project = scene.stage.project(&by_ecs(&scene, &scene.v1));
    project.apply().ok();
    scene.stage.call(
        "codedeploy",
        "CreateApplication",
        json!({ "applicationName": "shop", "computePlatform": "ECS" }),
    );
    // The group needs a service under CodeDeploy, so the controller goes first.
    let load = scene.stage.production_load(&scene.pair, 2);
    project.write("main.tf", &by_code_deploy(&scene, &scene.v1));
    project.apply().ok();
    let group = crate::group(&scene.pair, "CodeDeployDefault.ECSAllAtOnce");
    scene
        .stage
        .call("codedeploy", "CreateDeploymentGroup", group);
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &by_code_deploy(&scene, &v2));
    project.apply().ok();
    unnoticed(&load.stop(1));
    assert_eq!(controller(&scene), "CODE_DEPLOY");
    assert_eq!(project.state(APP)["task_definition"], v2);
    project.plans_nothing();
}

#[test]
fn a_deployment_of_code_deploy_that_runs_is_awaited() {
    let (scene, project) = under_code_deploy();
    let v2 = scene.stage.task_definition("web", "web:v2");
    let load = scene.stage.production_load(&scene.pair, 2);
    let content = json!({
        "version": 0.0,
        "Resources": [{ "TargetService": { "Type": "AWS::ECS::Service", "Properties": {
            "TaskDefinition": v2, "LoadBalancerInfo": { "ContainerName": "app", "ContainerPort": 8080 },
        } } }],
    });
    let begun = scene.stage.call(
        "codedeploy",
        "CreateDeployment",
        json!({
            "applicationName": "shop", "deploymentGroupName": "web",
            "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": content.to_string() } },
        }),
    );
    project.write("main.tf", &by_ecs(&scene, &v2));
    project.apply().ok();
    unnoticed(&load.stop(1));
    let input = json!({ "deploymentId": begun["deploymentId"] });
    let info = scene.stage.call("codedeploy", "GetDeployment", input);
    assert_eq!(
        info["deploymentInfo"]["status"], "Succeeded",
        "nobody took the service from it"
    );
    assert_eq!(controller(&scene), "ECS");
    project.plans_nothing();
}

#[test]
fn a_deployment_of_ecs_that_runs_is_awaited() {
    let scene = Scene::new();
    let project = scene.stage.project(&by_ecs(&scene, &scene.v1));
    project.apply().ok();
    let load = scene.stage.production_load(&scene.pair, 2);
    let change = json!({ "cluster": "main", "service": "web", "forceNewDeployment": true });
    scene.stage.call("ecs", "UpdateService", change);
    project.write("main.tf", &by_code_deploy(&scene, &scene.v1));
    scene
        .stage
        .lab()
        .add_faults(vec![slow("ecs", "UpdateService")]);
    let running = project.start(&APPLY);
    let mut last = Vec::new();
    while controller(&scene) == "ECS" {
        let now = scene.stage.deployments("main", "web");
        // The history goes with the controller.
        if !now.is_empty() {
            last = now;
        }
        std::thread::yield_now();
    }
    running.finish().ok();
    unnoticed(&load.stop(1));
    let statuses: Vec<_> = last.iter().map(|it| it["status"].clone()).collect();
    assert_eq!(
        statuses,
        ["SUCCESSFUL", "SUCCESSFUL"],
        "nobody took the service from it"
    );
    assert_eq!(controller(&scene), "CODE_DEPLOY");
    project.plans_nothing();
}

/// A call that takes two seconds, in which others can look, or kill the process.
fn slow(service: &str, operation: &str) -> Fault {
    Fault {
        service: service.to_owned(),
        operation: operation.to_owned(),
        nth: None,
        first: None,
        count: Some(1),
        percent: None,
        kind: FaultKind::Latency,
        latency_ms: Some(2_000),
        seconds: None,
    }
}

/// Kills the provider once the rule has been written and before the service changes hands.
#[test]
fn killed_between_the_rule_and_the_controller_it_converges() {
    let (scene, project) = under_code_deploy();
    // The rule does not list the other group yet.
    let alone = json!([{ "Type": "forward", "TargetGroupArn": scene.pair.blue }]);
    scene.stage.call(
        "elbv2",
        "ModifyListener",
        json!({ "ListenerArn": scene.pair.listener, "DefaultActions": alone }),
    );
    let load = scene.stage.production_load(&scene.pair, 2);
    project.write("main.tf", &by_ecs(&scene, &scene.v1));
    scene.stage.lab().clear_calls();
    scene
        .stage
        .lab()
        .add_faults(vec![slow("ecs", "UpdateService")]);
    let running = project.start(&APPLY);
    let routed = || {
        let counts = scene.stage.lab().call_counts();
        let balancing = counts.get("elbv2").cloned().unwrap_or_default();
        ["ModifyRule", "ModifyListener"]
            .iter()
            .any(|name| balancing.contains_key(*name))
    };
    while !routed() {
        std::thread::yield_now();
    }
    crate::interruption::kill_providers(running.id());
    running.finish().fails_saying(&["ApplyResourceChange"]);
    scene.stage.lab().clear_faults();
    project.apply().ok();
    unnoticed(&load.stop(1));
    assert_eq!(controller(&scene), "ECS");
    project.plans_nothing();
}

/// Kills the provider once ECS has the service and before its first deployment has ended.
#[test]
fn killed_after_the_controller_has_changed_it_converges() {
    let (scene, project) = under_code_deploy();
    let load = scene.stage.production_load(&scene.pair, 2);
    project.write("main.tf", &by_ecs(&scene, &scene.v1));
    let running = project.start(&APPLY);
    let held = scene.stage.hold_when(|| controller(&scene) == "ECS");
    crate::interruption::kill_providers(running.id());
    held.until_disturbed();
    running.finish().fails_saying(&["ApplyResourceChange"]);
    project.apply().ok();
    unnoticed(&load.stop(1));
    assert_eq!(scene.stage.deployments("main", "web").len(), 1);
    project.plans_nothing();
}

/// What stands in the way is said at plan, and so is the way round it.
#[test]
fn external_is_neither_left_nor_entered_in_place() {
    let scene = Scene::new();
    let hcl = |controller: Controller| {
        let service = controller.service(&scene, &scene.v1);
        match controller {
            Controller::External => service.deployment(STEPS).hcl(),
            Controller::Ecs | Controller::Rolling | Controller::CodeDeploy(_) => service.hcl(),
        }
    };
    let at_once = Controller::CodeDeploy("CodeDeployDefault.ECSAllAtOnce");
    for (from, to, words) in [
        (Controller::Ecs, Controller::External, ("ecs", "external")),
        (Controller::External, Controller::Ecs, ("external", "ecs")),
        (Controller::External, at_once, ("external", "codedeploy")),
    ] {
        let project = scene.stage.project(&hcl(from));
        project.apply().ok();
        let before = project.state(APP);
        project.write("main.tf", &hcl(to));
        let refused = format!("from `{}` to `{}` in place", words.0, words.1);
        project.try_plan().fails_saying(&[
            &refused,
            "Nothing was changed",
            "create a second service with a different name",
        ]);
        assert_eq!(project.state(APP), before);
        project.write("main.tf", &hcl(from));
        project.plans_nothing();
        project.destroy().ok();
    }
}
