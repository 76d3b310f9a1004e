//! Credentials that do not allow what is needed: said with the operation and what to do, nothing lost.

use serde_json::{Value, json};
use switchyard_lab::{Fault, FaultKind};

use crate::{APP, CANARY, Scene};

/// From the `first` matching call on, every one is refused.
fn refuse(scene: &Scene, service: &str, operation: &str, first: u64, kind: FaultKind) {
    scene.stage.lab().add_faults(vec![Fault {
        service: service.to_owned(),
        operation: operation.to_owned(),
        nth: None,
        first: Some(first),
        count: None,
        percent: None,
        kind,
        latency_ms: None,
        seconds: None,
    }]);
}

#[track_caller]
fn assert_no_service(scene: &Scene) {
    let services = scene
        .stage
        .call("ecs", "ListServices", json!({ "cluster": "main" }));
    assert_eq!(services["serviceArns"], json!([]));
}

#[test]
fn wrong_credentials_create_nothing_and_are_told_what_to_allow() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    refuse(&scene, "*", "*", 1, FaultKind::Denied);
    let _ = project.try_plan().ok().says(&[
        "SY0124",
        "Not everything could be checked before the apply",
        "Allow `ecs:DescribeClusters`",
        "Allow `ecs:DescribeTaskDefinition`",
    ]);
    project.apply().fails_saying(&[
        "Service `web`: AWS does not allow this",
        "not authorized to perform: ecs:",
        "Allow `ecs:",
        "SY0214",
        "code AccessDeniedException",
    ]);
    scene.stage.lab().clear_faults();
    assert_no_service(&scene);
    assert_eq!(project.state(APP), Value::Null);
    let said = project.apply().ok();
    assert!(!said.words().contains("SY0124"), "{}", said.text());
}

#[test]
fn a_refused_update_keeps_the_state() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    let before = project.state(APP);
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &scene.native(&v2).hcl());
    refuse(&scene, "ecs", "UpdateService", 1, FaultKind::Denied);
    project.apply().fails_saying(&[
        "AWS does not allow this",
        "not authorized to perform: ecs:UpdateService",
        "Allow `ecs:UpdateService`",
        "SY0214",
    ]);
    let after = project.state(APP);
    assert_eq!(after["task_definition"], scene.v1);
    assert_eq!(after["revision"], before["revision"]);
    assert!(!project.is_tainted(APP));
    assert_eq!(scene.stage.deployments("main", "web").len(), 1);
    scene.stage.lab().clear_faults();
    project.apply().ok();
    assert_eq!(project.state(APP)["task_definition"], v2);
    project.plans_nothing();
}

#[test]
fn a_refresh_that_is_refused_says_so_and_keeps_the_state() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    let before = project.state(APP);
    refuse(&scene, "ecs", "DescribeServices", 1, FaultKind::Denied);
    let _ = project.try_plan().fails_saying(&[
        "Service `web` cannot be read",
        "The state did not change",
        "Allow `ecs:DescribeServices`",
    ]);
    assert_eq!(project.state(APP), before);
}

#[test]
fn an_expired_session_says_to_sign_in_again() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    refuse(&scene, "*", "*", 1, FaultKind::ExpiredToken);
    let says = [
        "security token included in the request is expired",
        "sign in again",
    ];
    let run = project.try_plan().ok().says(&says);
    assert!(!run.words().contains("Allow `"), "{}", run.text());
    project.apply().fails_saying(&says);
    scene.stage.lab().clear_faults();
    assert_no_service(&scene);
    project.apply().ok();
    let before = project.state(APP);
    refuse(&scene, "*", "*", 1, FaultKind::ExpiredToken);
    let _ = project.try_plan().fails_saying(&says);
    assert_eq!(project.state(APP), before);
}

#[test]
fn a_session_that_ends_during_a_rollout_loses_nothing() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &scene.native(&v2).deployment(CANARY).hcl());
    refuse(
        &scene,
        "ecs",
        "DescribeServiceDeployments",
        3,
        FaultKind::ExpiredToken,
    );
    project
        .apply()
        .fails_saying(&["sign in again", "code ExpiredTokenException", "SY0214"]);
    assert_eq!(project.state(APP)["name"], "web");
    assert!(!project.is_tainted(APP));
    scene.stage.lab().clear_faults();
    project.apply().ok();
    assert_eq!(project.state(APP)["task_definition"], v2);
    project.plans_nothing();
    assert_eq!(
        scene.stage.deployments("main", "web").len(),
        2,
        "the rollout was taken up, not started again"
    );
}

#[test]
fn a_plan_against_an_endpoint_that_is_down_asks_one_round_of_questions() {
    let scene = Scene::new();
    let mut project = scene
        .stage
        .project(&scene.native(&scene.v1).provider("max_retries = 0").hcl());
    project.set("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let _ = project.try_plan().ok().says(&[
        "AWS could not be reached to check what the apply needs",
        "The endpoint cannot be reached",
        "SY0124",
    ]);
}
