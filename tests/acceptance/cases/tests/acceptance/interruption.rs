//! Ctrl-C, killed processes, throttling, lost answers, an endpoint that is down: afterwards one apply converges.

mod other_wish;
mod stages;

use serde_json::{Value, json};
use switchyard_harness::{Held, Project, Running};
use switchyard_lab::{Fault, FaultKind};

use crate::{APP, CANARY, Scene};

const APPLY: [&str; 4] = ["apply", "-auto-approve", "-input=false", "-no-color"];

/// A canary that waits long enough to be interrupted.
const SLOW: &str = "{ strategy = \"canary\", canary = { percent = 10, interval = \"24h\" } }";

fn fault(operation: &str, kind: FaultKind, count: u64) -> Fault {
    Fault {
        service: "ecs".to_owned(),
        operation: operation.to_owned(),
        nth: None,
        first: None,
        count: Some(count),
        percent: None,
        kind,
        latency_ms: None,
        seconds: None,
    }
}

/// An apply that waits between the shifts of its rollout, with time held.
struct UnderWay {
    scene: Scene,
    project: Project,
    running: Running,
    held: Held,
    v2: String,
}

impl UnderWay {
    /// Sends a signal to the process group, and time passes again once it has arrived.
    fn signalled(self, signal: &str) -> (Scene, Project, Running, String) {
        self.running.signal_group(signal);
        self.held.until_disturbed();
        (self.scene, self.project, self.running, self.v2)
    }
}

/// v1 is up, v2 is being rolled out and waits between its shifts.
fn under_way(on_cancel: &str) -> UnderWay {
    let scene = Scene::new();
    let service = |task_definition: &str| {
        scene
            .native(task_definition)
            .deployment(SLOW)
            .set("on_cancel", &format!("{on_cancel:?}"))
            .hcl()
    };
    let project = scene.stage.project(
        &scene
            .native(&scene.v1)
            .deployment("{ strategy = \"all_at_once\" }")
            .hcl(),
    );
    project.apply().ok();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &service(&v2));
    let mut running = project.start(&APPLY);
    running.wait_for("Modifying...");
    let weight =
        || newest(&scene)["targetServiceRevision"]["requestedProductionTrafficWeight"].as_f64();
    let held = scene.stage.hold_when(|| weight() == Some(10.0));
    UnderWay {
        scene,
        project,
        running,
        held,
        v2,
    }
}

fn newest(scene: &Scene) -> Value {
    let listed = scene.stage.deployments("main", "web").remove(0);
    let answer = scene.stage.call(
        "ecs",
        "DescribeServiceDeployments",
        json!({ "serviceDeploymentArns": [listed["serviceDeploymentArn"]] }),
    );
    answer["serviceDeployments"][0].clone()
}

/// Applies while the rollout of an earlier run still waits between its shifts, and lets it go on.
fn adopted(scene: &Scene, project: &Project) {
    // Half an hour of the day that it waits is left: an apply waits no longer than it may take.
    let most = std::time::Duration::from_secs(23 * 3600 + 1800);
    scene.stage.advance(most);
    assert_eq!(newest(scene)["status"], "IN_PROGRESS");
    project.apply().ok();
}

#[test]
fn ctrl_c_rolls_back_and_saves_the_state() {
    let (scene, project, running, _) = under_way("rollback").signalled("INT");
    running.finish().fails_saying(&["web", "cancel"]);
    assert_eq!(newest(&scene)["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(project.state(APP)["task_definition"], scene.v1);
    assert!(!project.is_tainted(APP));
}

#[test]
fn ctrl_c_leaves_the_rollout_when_told_so_and_the_next_apply_adopts_it() {
    let (scene, project, running, v2) = under_way("leave").signalled("INT");
    running.finish().fails_saying(&["web", "cancel"]);
    assert_eq!(newest(&scene)["status"], "IN_PROGRESS");
    adopted(&scene, &project);
    assert_eq!(project.state(APP)["task_definition"], v2);
    assert_eq!(
        scene.stage.deployments("main", "web").len(),
        2,
        "the running deployment was adopted"
    );
    project.plans_nothing();
}

#[test]
fn a_killed_provider_loses_nothing_and_the_next_apply_adopts_the_rollout() {
    let UnderWay {
        scene,
        project,
        running,
        held,
        v2,
    } = under_way("rollback");
    kill_providers(running.id());
    held.until_disturbed();
    running.finish().fails_saying(&["ApplyResourceChange"]);
    assert_eq!(newest(&scene)["status"], "IN_PROGRESS");
    adopted(&scene, &project);
    assert_eq!(project.state(APP)["task_definition"], v2);
    assert_eq!(
        scene.stage.deployments("main", "web").len(),
        2,
        "the running deployment was adopted"
    );
    project.plans_nothing();
}

#[test]
fn a_provider_killed_while_creating_leaves_a_service_the_next_apply_takes_up() {
    let scene = Scene::new();
    let slow = scene
        .stage
        .task_definition("web", "web:v1--slow-start-1200s");
    let service = scene
        .native(&slow)
        .set("health_check_grace_period", "\"1h\"")
        .set("timeouts", "{\n    create = \"2h\"\n  }")
        .hcl();
    let project = scene.stage.project(&service);
    let mut running = project.start(&APPLY);
    running.wait_for("Creating...");
    let held = scene
        .stage
        .hold_when(|| scene.stage.service("main", "web")["status"] == "ACTIVE");
    kill_providers(running.id());
    held.until_disturbed();
    running.finish().fails_saying(&["ApplyResourceChange"]);
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(scene.stage.deployments("main", "web").len(), 1);
    let tags = scene.stage.service("main", "web")["tags"].clone();
    let mark = tags[0]["value"].as_str().unwrap_or_default();
    assert!(
        tags[1].is_null() && mark.contains("-ended-"),
        "the mark says that the creation has ended: {tags}"
    );
}

#[test]
fn throttled_and_failing_calls_are_tried_again() {
    let scene = Scene::new();
    scene.stage.lab().add_faults(vec![
        fault("DescribeServices", FaultKind::Throttle, 3),
        fault("CreateService", FaultKind::Unavailable, 2),
        fault("DescribeServiceDeployments", FaultKind::Reset, 2),
    ]);
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    scene.stage.lab().clear_faults();
    project.plans_nothing();
}

#[test]
fn an_answer_lost_after_the_call_took_effect_starts_nothing_twice() {
    let scene = Scene::new();
    scene
        .stage
        .lab()
        .add_faults(vec![fault("CreateService", FaultKind::LostAnswer, 1)]);
    let project = scene
        .stage
        .project(&scene.native(&scene.v1).deployment(CANARY).hcl());
    project.apply().ok();
    scene.stage.lab().clear_faults();
    scene
        .stage
        .lab()
        .add_faults(vec![fault("UpdateService", FaultKind::LostAnswer, 1)]);
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &scene.native(&v2).deployment(CANARY).hcl());
    project.apply().ok();
    scene.stage.lab().clear_faults();
    project.plans_nothing();
    assert_eq!(scene.stage.deployments("main", "web").len(), 2);
}

#[test]
fn an_endpoint_that_is_down_keeps_the_state() {
    let scene = Scene::new();
    let mut project = scene
        .stage
        .project(&scene.native(&scene.v1).provider("max_retries = 0").hcl());
    project.apply().ok();
    let before = project.state(APP);
    project.set("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let _ = project
        .try_plan()
        .fails_saying(&["web", "endpoint cannot be reached"]);
    assert_eq!(project.state(APP), before);
}

/// Kills every provider process a terraform process started.
pub(crate) fn kill_providers(terraform: u32) {
    let output = std::process::Command::new("pgrep")
        .args(["-P", &terraform.to_string()])
        .output()
        .expect("`pgrep` runs");
    let children = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        !children.trim().is_empty(),
        "terraform has started a provider"
    );
    for child in children.split_whitespace() {
        kill(child);
    }
}

fn kill(process: &str) {
    let status = std::process::Command::new("kill")
        .args(["-s", "KILL", process])
        .status()
        .expect("`kill` runs");
    assert!(status.success(), "kill {process}");
}

#[test]
fn sigterm_to_the_process_group_rolls_back_and_saves_the_state() {
    let interrupted = under_way("rollback");
    // A rollback that takes longer than a process has that is asked to end.
    interrupted.scene.stage.lab().add_faults(vec![Fault {
        latency_ms: Some(2_500),
        seconds: None,
        ..fault("StopServiceDeployment", FaultKind::Latency, 1)
    }]);
    let (scene, project, running, _) = interrupted.signalled("TERM");
    running.finish().fails_saying(&["web", "cancel"]);
    assert_eq!(newest(&scene)["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(project.state(APP)["task_definition"], scene.v1);
    assert!(!project.is_tainted(APP));
}
