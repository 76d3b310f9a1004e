//! The way back to what was live before: how long until all production traffic is there, in the world's time. The whole
//! apply may take longer: the side that is left drains and stops.

use std::time::Duration;

use crate::APP;
use crate::rollout::{APPLY, Controller, Ready, Rollout};

/// What `recovery_objective` promises by default.
const OBJECTIVE: Duration = Duration::from_secs(300);

/// A careful strategy, which alone takes far longer than that.
const CAREFUL: &str = "{ strategy = \"canary\", canary = { percent = 10, interval = \"15m\" } }";
const CAREFUL_STEPS: &str =
    "{ strategy = \"steps\", step = [{ percent = 10, hold = \"15m\" }, { percent = 100 }] }";
const CODE_DEPLOY: Controller =
    Controller::CodeDeploy("CodeDeployDefault.ECSCanary10Percent15Minutes");

/// Version 2 is live; `back` writes down what goes back to version 1.
fn goes_back(ready: &Ready, back: impl FnOnce(&Ready)) {
    ready.project.apply().ok();
    assert_eq!(ready.weight(), 100);
    back(ready);
    let load = ready.load();
    let mut running = ready.project.start(&APPLY);
    running.wait_for("Modifying...");
    let lab = ready.scene.stage.lab();
    let begun = lab.world().now();
    let held = ready.scene.stage.hold_when(|| ready.weight() == 0);
    let took = lab.world().now().since(begun);
    drop(held);
    running.finish().ok();
    assert!(took < OBJECTIVE, "{took:?} until all traffic was back");
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    let live = &ready.project.state(APP)["live_task_definition"];
    assert_eq!(*live, ready.scene.v1);
    ready.project.plans_nothing();
}

fn by_revision(ready: &Ready) {
    let main = ready.main().replace(&ready.v2, &ready.scene.v1);
    ready.project.write("main.tf", &main);
}

fn by_snapshot(ready: &Ready) {
    let taken = ready.project.state(APP)["last_snapshots"].clone();
    let id = taken["before"].as_str().unwrap().to_owned();
    let service = "resource \"switchyard_blue_green_service\" \"app\" {";
    let main = ready
        .main()
        .replace(service, &format!("{service}\n  restore_snapshot = {id:?}"));
    assert!(main.contains(&id));
    ready.project.write("main.tf", &main);
}

fn kept(rollout: Rollout) -> Ready {
    rollout
        .set("snapshots", "{ folder = \"snapshots\" }")
        .ready()
}

#[test]
fn the_revision_before_is_back_in_time_under_ecs() {
    goes_back(&Rollout::new(Controller::Ecs, CAREFUL).ready(), by_revision);
}

#[test]
fn the_revision_before_is_back_in_time_under_code_deploy() {
    goes_back(&Rollout::new(CODE_DEPLOY, CAREFUL).ready(), by_revision);
}

#[test]
fn the_revision_before_is_back_in_time_between_task_sets() {
    let rollout = Rollout::new(Controller::External, CAREFUL_STEPS);
    goes_back(&rollout.ready(), by_revision);
}

#[test]
fn a_snapshot_is_back_in_time_under_ecs() {
    goes_back(&kept(Rollout::new(Controller::Ecs, CAREFUL)), by_snapshot);
}

#[test]
fn a_snapshot_is_back_in_time_under_code_deploy() {
    goes_back(&kept(Rollout::new(CODE_DEPLOY, CAREFUL)), by_snapshot);
}

#[test]
fn a_snapshot_is_back_in_time_between_task_sets() {
    goes_back(
        &kept(Rollout::new(Controller::External, CAREFUL_STEPS)),
        by_snapshot,
    );
}
