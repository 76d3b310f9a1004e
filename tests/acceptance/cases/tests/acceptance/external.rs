//! Controller `external` under real load: task sets and listener weights, moved by the apply itself.

use serde_json::{Value, json};

use crate::rollout::{APPLY, Controller, Rollout, ctrl_c};
use crate::steps::{ERRORS, STEPS};
use crate::{APP, Scene};

/// Asks through the test listener before production traffic.
const TESTED: &str = "{ name = \"tested\", when = [\"before_traffic\"], http = { target = \"test_listener\", path = \"/cart\" } }";

/// A new version that answers its health check, and everything else with 500.
const BROKEN: &str = "web:v2--5xx-rate-100";

fn rollout() -> Rollout {
    Rollout::new(Controller::External, STEPS)
}

/// The task sets of the service that are not on their way out.
fn task_sets(scene: &Scene) -> Vec<Value> {
    let sets = scene.stage.service("main", "web")["taskSets"].clone();
    let sets = sets.as_array().into_iter().flatten();
    sets.filter(|set| set["status"] != "DRAINING")
        .cloned()
        .collect()
}

#[test]
fn steps_succeed_unnoticed() {
    let seen = rollout()
        .gate(TESTED)
        .gate(ERRORS)
        .play()
        .succeeded()
        .walked(&[0, 10, 50, 100]);
    assert_eq!(task_sets(&seen.ready.scene).len(), 1);
    let verdict = ("before_traffic".to_owned(), 0.0, "passed".to_owned());
    assert_eq!(seen.verdicts("tested"), [verdict]);
    let weights: Vec<_> = seen.verdicts("errors").iter().map(|it| it.1).collect();
    assert_eq!(weights, [10.0, 50.0, 100.0]);
    // Four minutes at each weight.
    let took = seen.last("duration_seconds").as_u64().unwrap();
    assert!(took >= 12 * 60, "{took}");
}

#[test]
fn odd_weights_are_walked_as_written() {
    let odd = "{ strategy = \"steps\", step = [{ percent = 1, hold = \"2m\" }, { percent = 7, hold = \"2m\" }, { percent = 100 }] }";
    Rollout::new(Controller::External, odd)
        .play()
        .succeeded()
        .walked(&[0, 1, 7, 100]);
}

#[test]
fn a_crashing_version_is_never_seen() {
    let seen = rollout()
        .image("web:v2--exit-3")
        .play()
        .rolled_back(&["web", "container `app` exited with 3"])
        .no_request_failed()
        .nobody_reached_the_new_version();
    assert_eq!(task_sets(&seen.ready.scene).len(), 1, "nothing is left");
}

#[test]
fn a_broken_version_is_undone_at_ten_percent() {
    let seen = rollout()
        .image(BROKEN)
        .gate(ERRORS)
        .play()
        .rolled_back(&["gate", "errors", "SY0217"])
        .failed_within(10);
    assert!(seen.report.failed() > 0, "it was seen by somebody");
    assert_eq!(task_sets(&seen.ready.scene).len(), 1, "nothing is left");
    let verdict = ("step".to_owned(), 10.0, "failed".to_owned());
    assert_eq!(seen.verdicts("errors"), [verdict], "{}", seen.last("gates"));
}

#[test]
fn a_broken_version_is_kept_away_by_a_gate_at_the_test_listener() {
    let seen = rollout()
        .image(BROKEN)
        .gate(TESTED)
        .play()
        .rolled_back(&["gate", "tested", "500", "SY0217"])
        .no_request_failed()
        .nobody_reached_the_new_version();
    assert_eq!(task_sets(&seen.ready.scene).len(), 1, "nothing is left");
}

fn cancelled_at(weight: u64) {
    let seen = rollout()
        .ready()
        .play_until(
            |ready| ready.weight() == weight && task_sets(&ready.scene).len() == 2,
            ctrl_c,
        )
        .cancelled()
        .no_request_failed();
    assert_eq!(task_sets(&seen.ready.scene).len(), 1, "nothing is left");
    assert_eq!(seen.ready.weight(), 0);
}

#[test]
fn cancelled_before_traffic_it_is_taken_away() {
    cancelled_at(0);
}

#[test]
fn cancelled_at_ten_percent_it_returns_unnoticed() {
    cancelled_at(10);
}

#[test]
fn cancelled_at_fifty_percent_it_returns_unnoticed() {
    cancelled_at(50);
}

#[test]
fn cancelled_at_all_traffic_it_returns_unnoticed() {
    cancelled_at(100);
}

fn left_at(weight: u64) {
    let ready = rollout().set("on_cancel", "\"leave\"").ready();
    let load = ready.load();
    let mut running = ready.project.start(&APPLY);
    running.wait_for("Modifying...");
    let is_there = || ready.weight() == weight && task_sets(&ready.scene).len() == 2;
    let held = ready.scene.stage.hold_when(is_there);
    ctrl_c(&running, &ready, held);
    running.finish().fails_saying(&["web", "cancel"]);
    assert_eq!(ready.weight(), weight, "it was left where it was");
    let ids = |scene: &Scene| -> Vec<Value> {
        let sets = task_sets(scene);
        sets.iter().map(|set| set["id"].clone()).collect()
    };
    let left = ids(&ready.scene);
    ready.project.apply().ok();
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    let live = ids(&ready.scene);
    assert_eq!(live.len(), 1);
    assert!(left.contains(&live[0]), "the new side was adopted");
    assert_eq!(ready.project.state(APP)["task_definition"], ready.v2);
    assert_eq!(ready.weight(), 100);
    ready.project.plans_nothing();
}

#[test]
fn left_before_traffic_it_is_adopted_by_the_next_apply() {
    left_at(0);
}

#[test]
fn left_at_ten_percent_it_is_adopted_by_the_next_apply() {
    left_at(10);
}

#[test]
fn left_at_fifty_percent_it_is_adopted_by_the_next_apply() {
    left_at(50);
}

#[test]
fn left_at_all_traffic_it_is_adopted_by_the_next_apply() {
    left_at(100);
}

#[test]
fn the_old_side_keeps_answering_while_its_requests_drain() {
    let scene = Scene::new();
    for group in [&scene.pair.blue, &scene.pair.green] {
        let delay = json!([{ "Key": "deregistration_delay.timeout_seconds", "Value": "180" }]);
        scene.stage.call(
            "elbv2",
            "ModifyTargetGroupAttributes",
            json!({ "TargetGroupArn": group, "Attributes": delay }),
        );
    }
    // A request of 600 ms takes two minutes of the lab's time.
    scene.stage.task_definition("web", "web:v1--latency-600ms");
    let slow = scene.stage.task_definition("slow", "web:v1--latency-600ms");
    let scene = Scene { v1: slow, ..scene };
    let quick = "{ strategy = \"steps\", step = [{ percent = 100 }] }";
    let ready = Rollout::new(Controller::External, quick).ready_in(scene);
    let load = ready.load();
    ready.project.apply().ok();
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert!(report.reached("slow:1") > 0, "{:?}", report.revisions);
    let took = crate::last_deployment(&ready.project.state(APP))["duration_seconds"].clone();
    assert!(took.as_u64().unwrap() >= 180, "{took}");
}

#[test]
fn clients_that_stick_to_the_old_side_are_warned_about_at_plan() {
    let ready = rollout().ready();
    let pair = &ready.scene.pair;
    for group in [&pair.blue, &pair.green] {
        let sticky = json!([
            { "Key": "stickiness.enabled", "Value": "true" },
            { "Key": "stickiness.type", "Value": "lb_cookie" },
            { "Key": "stickiness.lb_cookie.duration_seconds", "Value": "86400" },
        ]);
        ready.scene.stage.call(
            "elbv2",
            "ModifyTargetGroupAttributes",
            json!({ "TargetGroupArn": group, "Attributes": sticky }),
        );
    }
    let forward = json!([{ "Type": "forward", "ForwardConfig": {
        "TargetGroups": [{ "TargetGroupArn": pair.blue, "Weight": 1 }, { "TargetGroupArn": pair.green, "Weight": 0 }],
        "TargetGroupStickinessConfig": { "Enabled": true, "DurationSeconds": 86400 },
    } }]);
    ready.scene.stage.call(
        "elbv2",
        "ModifyListener",
        json!({ "ListenerArn": pair.listener, "DefaultActions": forward }),
    );
    let _ = ready.project.try_plan().ok().says(&["Warning", "SY0138"]);
}

#[test]
fn without_a_load_balancer_there_is_nothing_to_move_and_that_is_said() {
    let scene = Scene::new();
    let service = switchyard_harness::Service::new("main", "web", &scene.v1)
        .set("controller", "\"external\"")
        .deployment(STEPS);
    let project = scene.stage.project(&service.hcl());
    project
        .validate()
        .fails_saying(&["load_balancer", "weights of a listener rule", "SY0002"]);
}

#[test]
fn rollouts_alternate_the_sides_and_leave_nothing_to_plan_until_it_is_destroyed() {
    let scene = Scene::new();
    let quick =
        "{ strategy = \"steps\", step = [{ percent = 50, hold = \"1m\" }, { percent = 100 }] }";
    let hcl = |task_definition: &str| {
        Controller::External
            .service(&scene, task_definition)
            .deployment(quick)
            .hcl()
    };
    let project = scene.stage.project(&hcl(&scene.v1));
    project.apply().ok();
    project.plans_nothing();
    let mut live = vec![project.state(APP)["live_target_group"].clone()];
    let load = scene.stage.production_load(&scene.pair, 2);
    for image in ["web:v2", "web:v3", "web:v4"] {
        let next = scene.stage.task_definition("web", image);
        project.write("main.tf", &hcl(&next));
        let plan = project.plan().only(APP, &["update"]);
        assert_eq!(plan.after(APP, "will_deploy"), true);
        project.apply().ok();
        assert_eq!(project.state(APP)["task_definition"], next);
        live.push(project.state(APP)["live_target_group"].clone());
        project.plans_nothing();
        assert_eq!(task_sets(&scene).len(), 1);
    }
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_ne!(live[0], live[1]);
    assert_eq!([&live[0], &live[1]], [&live[2], &live[3]], "{live:?}");

    project.destroy().ok();
    let status = scene.stage.service("main", "web")["status"].clone();
    assert!(status == Value::Null || status == "INACTIVE", "{status}");
}

#[test]
fn settings_change_without_a_new_task_set() {
    let scene = Scene::new();
    let service = Controller::External.service(&scene, &scene.v1);
    let project = scene
        .stage
        .project(&service.clone().deployment(STEPS).hcl());
    project.apply().ok();
    let before = task_sets(&scene)[0]["id"].clone();
    let changed = service
        .deployment(STEPS)
        .set("desired_count", "3")
        .set("tags", "{ Team = \"web\" }");
    project.write("main.tf", &changed.hcl());
    let plan = project.plan().only(APP, &["update"]);
    assert_eq!(plan.after(APP, "will_deploy"), false);
    project.apply().ok();
    assert_eq!(scene.stage.service("main", "web")["desiredCount"], 3);
    assert_eq!(task_sets(&scene)[0]["id"], before);
    project.plans_nothing();
}
