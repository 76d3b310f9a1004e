//! A rollout that its apply has left in the middle, and then the version before is wanted again; and a terminal that is
//! closed.

use switchyard_harness::load::Load;

use super::kill_providers;
use super::stages::{CODE_DEPLOY, at, converges, ready, unlock};
use crate::APP;
use crate::rollout::{Controller, Ready, Rollout};

/// The change is reverted: the plan sees what runs, one apply takes it back, and no request fails.
fn taken_back(ready: &Ready, load: Load) {
    let main = ready.main().replace(&ready.v2, &ready.scene.v1);
    ready.project.write("main.tf", &main);
    let _ = ready.project.plan().only(APP, &["update"]);
    ready.project.apply().ok();
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_eq!(ready.weight(), 0);
    assert_eq!(ready.project.state(APP)["task_definition"], ready.scene.v1);
    assert_eq!(
        ready.project.state(APP)["unfinished"],
        serde_json::json!([])
    );
    ready.project.plan().is_empty();
    let tags = ready.scene.stage.service("main", "web")["tags"].to_string();
    assert!(!tags.contains("switchyard:"), "{tags}");
}

fn reverted_after_a_kill(ready: &Ready) {
    let (running, load, held) = at(ready, 10);
    kill_providers(running.id());
    held.until_disturbed();
    running.finish().fails_saying(&["ApplyResourceChange"]);
    taken_back(ready, load);
}

#[test]
fn steps_of_ecs_are_taken_back_after_a_kill() {
    reverted_after_a_kill(&ready(Controller::Ecs));
}

#[test]
fn a_canary_of_ecs_is_taken_back_after_a_kill() {
    let canary = "{ strategy = \"canary\", canary = { percent = 10, interval = \"30m\" } }";
    reverted_after_a_kill(&Rollout::new(Controller::Ecs, canary).ready());
}

#[test]
fn a_deployment_of_code_deploy_is_taken_back_after_a_kill() {
    reverted_after_a_kill(&ready(CODE_DEPLOY));
}

#[test]
fn a_task_set_is_taken_back_after_a_kill() {
    reverted_after_a_kill(&ready(Controller::External));
}

#[test]
fn what_was_left_on_purpose_is_taken_back_when_it_is_reverted() {
    for controller in [Controller::Ecs, Controller::External] {
        let steps = "{ strategy = \"steps\", step = [{ percent = 10, hold = \"30m\" }, { percent = 100 }] }";
        let ready = Rollout::new(controller, steps)
            .set("on_cancel", "\"leave\"")
            .ready();
        let (running, load, held) = at(&ready, 10);
        running.signal_group("INT");
        held.until_disturbed();
        running.finish().fails_saying(&["cancel"]);
        taken_back(&ready, load);
    }
}

/// The terminal tells the whole process group, and Terraform dies of it. Nothing is undone; the next apply goes on.
fn a_closed_terminal(controller: Controller) {
    let ready = ready(controller);
    let (running, load, held) = at(&ready, 10);
    running.signal_group("HUP");
    held.until_disturbed();
    assert_ne!(running.finish().code, 0);
    unlock(&ready);
    converges(&ready, load, 1);
    let calls = ready.scene.stage.lab().calls();
    let undone = |operation: &str| ["StopServiceDeployment", "StopDeployment"].contains(&operation);
    let undone: Vec<_> = calls
        .iter()
        .map(|call| call.operation.as_str())
        .filter(|operation| undone(operation))
        .collect();
    assert!(undone.is_empty(), "{undone:?}");
}

#[test]
fn a_closed_terminal_undoes_nothing_under_ecs() {
    a_closed_terminal(Controller::Ecs);
}

#[test]
fn a_closed_terminal_undoes_nothing_under_code_deploy() {
    a_closed_terminal(CODE_DEPLOY);
}

#[test]
fn a_closed_terminal_undoes_nothing_between_task_sets() {
    a_closed_terminal(Controller::External);
}
