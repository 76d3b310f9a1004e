//! moto with rolling service deployments beside it: services, task definitions, task sets and load balancers in code that
//! this project did not write.

use serde_json::{Value, json};
use switchyard_harness::{Capability, Emulator, Endpoint, Kind, Program, Service, Stage};

use crate::{APP, Scene, emulator};

/// Waits of an apply pass sixty times as fast; moto itself waits for nothing.
const PACE: &str = "60";

/// moto, and a scene there.
struct Place {
    // Dropped before what it runs against.
    scene: Scene,
    moto: Emulator,
}

/// `None` when this machine has no moto; that was said.
fn place(case: &str) -> Option<Place> {
    let moto = emulator(Program::Moto, &format!("moto::{case}"))?;
    let pace = [("SWITCHYARD_TIME_SCALE".to_owned(), PACE.to_owned())];
    let endpoint = Endpoint::at(moto.endpoint(), &pace);
    assert_eq!(*endpoint.kind(), Kind::Moto);
    let mut scene = Scene::on(Stage::on(endpoint));
    scene.v1 = revision(&scene, "web:v1");
    Some(Place { scene, moto })
}

/// A task definition whose container says how much memory it has: moto runs no other.
fn revision(scene: &Scene, image: &str) -> String {
    let container = json!({
        "name": "app", "image": image, "essential": true, "memory": 512,
        "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
    });
    let input = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512", "containerDefinitions": [container],
    });
    let made = scene.stage.call("ecs", "RegisterTaskDefinition", input);
    let arn = made["taskDefinition"]["taskDefinitionArn"].as_str();
    arn.expect("ECS names what it registered").to_owned()
}

/// A rolling service behind the first group of the pair.
fn rolling(scene: &Scene, task_definition: &str) -> String {
    let balancer = format!(
        "{{ container_name = \"app\", container_port = 8080, target_groups = [{:?}] }}",
        scene.pair.blue
    );
    Service::new("main", "web", task_definition)
        .load_balancer(&balancer)
        .deployment("{ strategy = \"rolling\", circuit_breaker = {} }")
        .hcl()
}

#[test]
fn a_rolling_service_lives() {
    let Some(place) = place("a_rolling_service_lives") else {
        return;
    };
    let scene = &place.scene;
    let project = scene.stage.project(&rolling(scene, &scene.v1));
    project.apply().ok();
    assert_eq!(project.state(APP)["task_definition"], scene.v1);
    assert_eq!(project.state(APP)["live_target_group"], scene.pair.blue);
    project.plans_nothing();
    assert_eq!(scene.stage.deployments("main", "web").len(), 1);

    let v2 = revision(scene, "web:v2");
    project.write("main.tf", &rolling(scene, &v2));
    let plan = project.plan().only(APP, &["update"]);
    assert_eq!(plan.after(APP, "will_deploy"), true);
    project.apply().ok();
    assert_eq!(project.state(APP)["task_definition"], v2);
    project.plans_nothing();
    let deployments = scene.stage.deployments("main", "web");
    assert_eq!(deployments.len(), 2, "{deployments:?}");
    assert_eq!(deployments[0]["status"], "SUCCESSFUL");

    project.destroy().ok();
    let status = scene.stage.service("main", "web")["status"].clone();
    assert!(status == Value::Null || status == "INACTIVE", "{status}");
}

/// Percent of production on each group of the pair.
fn shares(scene: &Scene) -> [u64; 2] {
    let input = json!({ "RuleArns": [scene.pair.rule] });
    let found = scene.stage.call("elbv2", "DescribeRules", input);
    let groups = found["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"].clone();
    let weight = |arn: &str| -> u64 {
        let groups = groups.as_array().into_iter().flatten();
        let its = groups.filter(|group| group["TargetGroupArn"] == arn);
        its.filter_map(|group| group["Weight"].as_u64()).sum()
    };
    let (blue, green) = (weight(&scene.pair.blue), weight(&scene.pair.green));
    let percent = |weight: u64| (weight * 100).checked_div(blue + green).unwrap_or(0);
    [percent(blue), percent(green)]
}

/// moto's task sets register no targets: somebody else has to.
fn register(scene: &Scene, group: &str) {
    let targets = json!([{ "Id": "10.0.0.10", "Port": 8080 }, { "Id": "10.0.0.11", "Port": 8080 }]);
    let input = json!({ "TargetGroupArn": group, "Targets": targets });
    scene.stage.call("elbv2", "RegisterTargets", input);
}

#[test]
fn task_sets_without_counts_get_traffic_by_their_targets_alone() {
    let Some(place) = place("task_sets_without_counts_get_traffic_by_their_targets_alone") else {
        return;
    };
    let scene = &place.scene;
    // An hour of an apply is a minute here: long enough for a busy machine, where it is to succeed.
    let service = |task_definition: &str, patience: &str| {
        let timeouts = format!("{{\n    create = {patience:?}\n    update = {patience:?}\n  }}");
        Service::new("main", "web", task_definition)
            .behind_external(&scene.pair)
            .deployment(
                "{ strategy = \"steps\", step = [{ percent = 10, hold = \"1m\" }, { percent = 50, hold = \"1m\" }, { percent = 100 }] }",
            )
            .set("timeouts", &timeouts)
            .hcl()
    };
    let project = scene.stage.project(&service(&scene.v1, "5m"));
    let sets = || {
        let sets = scene.stage.service("main", "web")["taskSets"].clone();
        sets.as_array().cloned().unwrap_or_default()
    };
    // There is a task set, steady and without a count. No group has a target.
    project
        .apply()
        .fails_saying(&["nothing is live", "0 of its tasks are running", "SY0207"]);
    assert_eq!(shares(scene), [100, 0]);
    let set = sets().remove(0);
    assert_eq!(set["stabilityStatus"], "STEADY_STATE");
    assert_eq!(
        set["computedDesiredCount"],
        Value::Null,
        "moto counts: {set}"
    );

    register(scene, &scene.pair.blue);
    project.run(&["untaint", APP]).ok();
    project.write("main.tf", &service(&scene.v1, "4h"));
    project.apply().ok();
    project.plans_nothing();

    // The next one has no targets: it gets nothing, and is taken away again.
    let v2 = revision(scene, "web:v2");
    project.write("main.tf", &service(&v2, "10m"));
    project
        .apply()
        .fails_saying(&["traffic is on revision web:2"]);
    assert_eq!(shares(scene), [100, 0]);
    register(scene, &scene.pair.green);
    project.write("main.tf", &service(&v2, "4h"));
    project.apply().ok();
    assert_eq!(shares(scene), [0, 100]);
    assert_eq!(project.state(APP)["task_definition"], v2);
    project.destroy().ok();
}

#[test]
fn what_moto_lacks_is_found_and_named() {
    let Some(place) = place("what_moto_lacks_is_found_and_named") else {
        return;
    };
    let scene = &place.scene;
    let lacking = Endpoint::at(place.moto.endpoint(), &[]).lacking();
    let lacks = [
        Capability::NativeBlueGreen,
        Capability::RunningTasks,
        Capability::CodeDeploy,
        Capability::AutoScaling,
        Capability::CloudWatch,
        Capability::LabImages,
        Capability::LabControls,
        Capability::OwnEndpoint,
    ];
    let found: Vec<_> = lacking.keys().copied().collect();
    assert_eq!(found, lacks, "{lacking:?}");
    let project = scene.stage.project(&scene.code_deploy(&scene.v1).hcl());
    // moto says no more than that.
    let _ = project.try_plan().ok().says(&[
        "is not CodeDeploy: it returned HTTP 500",
        "500 Internal Server Error",
        "SY0124",
    ]);
}

#[test]
fn a_rule_of_ours_lives() {
    let Some(place) = place("a_rule_of_ours_lives") else {
        return;
    };
    let scene = &place.scene;
    crate::listener_rule::lives(scene);
}
