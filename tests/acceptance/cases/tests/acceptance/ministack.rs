//! MiniStack: it knows services and says of each that it has no deployments, and has errors of a shape of its own.

use serde_json::Value;
use switchyard_harness::{Capability, Emulator, Endpoint, Kind, Program, Service, Stage};

use crate::{APP, Scene, emulator};

/// MiniStack, and a scene there.
struct Place {
    // Dropped before what it runs against.
    scene: Scene,
    ministack: Emulator,
}

/// `None` when this machine has no MiniStack; that was said. Waits of an apply pass sixty times as fast.
fn place(case: &str) -> Option<Place> {
    let ministack = emulator(Program::MiniStack, &format!("ministack::{case}"))?;
    let pace = [("SWITCHYARD_TIME_SCALE".to_owned(), "60".to_owned())];
    let endpoint = Endpoint::at(ministack.endpoint(), &pace);
    assert_eq!(*endpoint.kind(), Kind::MiniStack);
    Some(Place {
        scene: Scene::on(Stage::on(endpoint)),
        ministack,
    })
}

#[test]
fn a_service_whose_deployments_are_not_listed_is_made_once_and_explained() {
    let case = "a_service_whose_deployments_are_not_listed_is_made_once_and_explained";
    let Some(place) = place(case) else {
        return;
    };
    let scene = &place.scene;
    let service = Service::new("main", "web", &scene.v1)
        .deployment("{ strategy = \"rolling\" }")
        .set("timeouts", "{\n    create = \"20m\"\n  }");
    let project = scene.stage.project(&service.hcl());
    let failed = project.apply();
    failed.fails_saying(&[
        "Service `web` exists, and no deployment of it is listed",
        "ListServiceDeployments",
        "SY0219",
    ]);
    // The first one, and the one that was asked for once.
    let found = scene.stage.service("main", "web");
    let begun = found["deployments"].as_array().map_or(0, Vec::len);
    assert!((1..=2).contains(&begun), "{found}");
    assert_eq!(project.state(APP)["name"], "web");
    project.destroy().ok();
    let status = scene.stage.service("main", "web")["status"].clone();
    assert!(status == Value::Null || status == "INACTIVE", "{status}");
}

#[test]
fn what_ministack_lacks_is_found_and_named() {
    let Some(place) = place("what_ministack_lacks_is_found_and_named") else {
        return;
    };
    let scene = &place.scene;
    let lacking = Endpoint::at(place.ministack.endpoint(), &[]).lacking();
    let lacks = [
        Capability::NativeBlueGreen,
        Capability::TaskSets,
        Capability::RunningTasks,
        Capability::CodeDeploy,
        Capability::AutoScaling,
        Capability::LabImages,
        Capability::LabControls,
        Capability::OwnEndpoint,
    ];
    let found: Vec<_> = lacking.keys().copied().collect();
    assert_eq!(found, lacks, "{lacking:?}");
    let project = scene.stage.project(&scene.code_deploy(&scene.v1).hcl());
    let _ = project.try_plan().ok().says(&[
        "does not offer CodeDeploy",
        "HTTP 400: \"Unsupported service: codedeploy\"",
        "SY0124",
    ]);
}
