//! Controller `ecs` under real load: every strategy with a good version and with broken ones.

use serde_json::json;

use crate::rollout::{Controller, Rollout, Seen, ctrl_c};
use crate::{APP, CANARY};

/// All at once, behind both sides.
pub(crate) const ALL_AT_ONCE: &str = "{ strategy = \"all_at_once\", bake_time = \"2m\" }";
/// A quarter every two minutes.
pub(crate) const LINEAR: &str =
    "{ strategy = \"linear\", linear = { percent = 25, interval = \"2m\" } }";
/// 10, 50 and 100 percent, each held.
pub(crate) const STEPS: &str = "{ strategy = \"steps\", step = [\
    { percent = 10, hold = \"4m\" }, { percent = 50, hold = \"4m\" }, { percent = 100, hold = \"4m\" }] }";
/// Task by task in one group.
pub(crate) const ROLLING: &str = "{ strategy = \"rolling\", circuit_breaker = {} }";

/// Asks for the error rate of the new side, once there is one.
pub(crate) const ERRORS: &str = "{ name = \"errors\", when = [\"step\", \"bake\"], metric = { \
    predefined = \"target_5xx_percent\", success_when = \"<= 1\", interval = \"15s\" } }";
/// Asks every new task before it gets traffic.
pub(crate) const ANSWERS: &str = "{ name = \"answers\", when = [\"before_traffic\"], http = { target = \"new_targets\", path = \"/cart\" } }";

#[test]
fn all_at_once_succeeds_unnoticed() {
    Rollout::new(Controller::Ecs, ALL_AT_ONCE)
        .play()
        .succeeded()
        .walked(&[0, 100]);
}

#[test]
fn canary_succeeds_unnoticed() {
    Rollout::new(Controller::Ecs, CANARY)
        .play()
        .succeeded()
        .walked(&[0, 10, 100]);
}

#[test]
fn linear_succeeds_unnoticed() {
    Rollout::new(Controller::Ecs, LINEAR)
        .play()
        .succeeded()
        .walked(&[0, 25, 50, 75, 100]);
}

#[test]
fn steps_succeed_unnoticed() {
    Rollout::new(Controller::Ecs, STEPS)
        .play()
        .succeeded()
        .held(&[0, 10, 50, 100]);
}

#[test]
fn rolling_succeeds_unnoticed() {
    let seen = Rollout::new(Controller::Rolling, ROLLING)
        .play()
        .succeeded();
    assert!(seen.report.reached("web:1") > 0 && seen.report.reached("web:2") > 0);
}

/// A version that never comes up, under every strategy: nobody notices, and the apply gives up by itself before
/// ECS does.
fn never_comes_up(controller: Controller, deployment: &str) {
    let ready = Rollout::new(controller, deployment)
        .image("web:v2--exit-3")
        .ready();
    ready.scene.stage.lab().clear_calls();
    let seen = ready
        .play()
        .rolled_back(&["container `app` exited with 3", "SY0201"])
        .no_request_failed()
        .nobody_reached_the_new_version();
    assert_eq!(seen.calls("StopServiceDeployment"), 1, "not left to ECS");
    assert_eq!(
        seen.after["quarantined_images"][0]["image"],
        "web:v2--exit-3"
    );
    assert_ne!(seen.breaker()["status"], "TRIGGERED");
}

#[test]
fn all_at_once_gives_up_a_crashing_version_early() {
    never_comes_up(Controller::Ecs, ALL_AT_ONCE);
}

#[test]
fn canary_gives_up_a_crashing_version_early() {
    never_comes_up(Controller::Ecs, CANARY);
}

#[test]
fn linear_gives_up_a_crashing_version_early() {
    never_comes_up(Controller::Ecs, LINEAR);
}

#[test]
fn steps_give_up_a_crashing_version_early() {
    never_comes_up(Controller::Ecs, STEPS);
}

#[test]
fn rolling_gives_up_a_crashing_version_early() {
    never_comes_up(Controller::Rolling, "{ strategy = \"rolling\" }");
}

#[test]
fn canary_catches_errors_at_ten_percent() {
    Rollout::new(Controller::Ecs, CANARY)
        .image("web:v2--5xx-rate-100")
        .gate(ERRORS)
        .play()
        .rolled_back(&["Gate `errors`", "SY0217"])
        .failed_within(10);
}

#[test]
fn canary_catches_a_fifth_of_errors_at_ten_percent() {
    Rollout::new(Controller::Ecs, CANARY)
        .image("web:v2--5xx-rate-20")
        .gate(ERRORS)
        .play()
        .rolled_back(&["Gate `errors`", "SY0217"])
        .failed_within(10);
}

#[test]
fn linear_catches_errors_at_its_first_shift() {
    Rollout::new(Controller::Ecs, LINEAR)
        .image("web:v2--5xx-rate-100")
        .gate(ERRORS)
        .play()
        .rolled_back(&["Gate `errors`", "SY0217"])
        .failed_within(25);
}

#[test]
fn steps_catch_errors_at_their_first_weight() {
    Rollout::new(Controller::Ecs, STEPS)
        .image("web:v2--5xx-rate-100")
        .gate(ERRORS)
        .play()
        .rolled_back(&["Gate `errors`", "SY0217"])
        .failed_within(10);
}

#[test]
fn all_at_once_catches_errors_while_the_old_side_still_runs() {
    Rollout::new(Controller::Ecs, ALL_AT_ONCE)
        .image("web:v2--5xx-rate-100")
        .gate(ERRORS.replace("\"step\", ", "").as_str())
        .play()
        .rolled_back(&["Gate `errors`", "SY0217"])
        .failed_within(100);
}

#[test]
fn requests_to_the_new_tasks_catch_errors_that_begin_late() {
    // Healthy when it comes up; whoever asks it a minute and a half later gets errors.
    Rollout::new(Controller::Ecs, STEPS)
        .image("web:v2--5xx-after-90s")
        .gate(
            "{ name = \"cart\", when = [\"step\"], http = { target = \"new_targets\", path = \"/cart\", attempts = 2 } }",
        )
        .play()
        .rolled_back(&["Gate `cart`", "SY0217"])
        .failed_within(10);
}

/// Long enough at each weight to be interrupted there.
const SLOW: [(Controller, &str, u64); 5] = [
    (
        Controller::Ecs,
        "{ strategy = \"all_at_once\", bake_time = \"10m\" }",
        100,
    ),
    (
        Controller::Ecs,
        "{ strategy = \"canary\", canary = { percent = 10, interval = \"10m\" } }",
        10,
    ),
    (
        Controller::Ecs,
        "{ strategy = \"linear\", linear = { percent = 50, interval = \"10m\" } }",
        50,
    ),
    (
        Controller::Ecs,
        "{ strategy = \"steps\", step = [{ percent = 10, hold = \"10m\" }, { percent = 100 }] }",
        10,
    ),
    (Controller::Rolling, "{ strategy = \"rolling\" }", 0),
];

/// Ctrl-C at the weight of [`SLOW`].
fn interrupted(row: usize, on_cancel: &str) -> Seen {
    let (controller, deployment, weight) = SLOW[row];
    let mut rollout =
        Rollout::new(controller, deployment).set("on_cancel", &format!("{on_cancel:?}"));
    if controller == Controller::Rolling {
        rollout = rollout
            .image(if on_cancel == "leave" {
                "web:v2--slow-start-900s"
            } else {
                "web:v2--slow-start-400s"
            })
            .set("health_check_grace_period", "\"1h\"");
    }
    rollout.ready().play_until(
        |ready| ready.is_under_way() && ready.weight() == weight,
        ctrl_c,
    )
}

/// Ctrl-C takes the rollout back unnoticed; the next apply does it anew.
fn is_cancelled(row: usize) {
    let seen = interrupted(row, "rollback").cancelled().no_request_failed();
    assert_eq!(seen.after["quarantined_images"], json!([]));
    let load = seen.ready.load();
    seen.ready.project.apply().ok();
    assert_eq!(load.stop(1).failed(), 0);
    seen.ready.project.plans_nothing();
    assert_eq!(seen.ready.deployments(), 3);
}

#[test]
fn all_at_once_is_cancelled_unnoticed() {
    is_cancelled(0);
}

#[test]
fn canary_is_cancelled_unnoticed() {
    is_cancelled(1);
}

#[test]
fn linear_is_cancelled_unnoticed() {
    is_cancelled(2);
}

#[test]
fn steps_are_cancelled_unnoticed() {
    is_cancelled(3);
}

#[test]
fn rolling_is_cancelled_unnoticed() {
    is_cancelled(4);
}

/// Ctrl-C leaves the rollout to itself; the next apply follows the same one.
fn is_left(row: usize) {
    let seen = interrupted(row, "leave").no_request_failed();
    let Seen { ready, run, .. } = seen;
    run.fails_saying(&["cancel", "SY0206"]);
    let id = crate::last_deployment(&ready.project.state(APP))["id"].clone();
    let seen = ready.play().succeeded();
    assert_eq!(seen.last("id"), id, "the same deployment");
    assert_eq!(seen.ready.deployments(), 2, "no second deployment");
}

#[test]
fn all_at_once_is_left_with_the_new_version_live() {
    let seen = interrupted(0, "leave").no_request_failed();
    let Seen { ready, run, .. } = seen;
    run.fails_saying(&["cancel", "SY0206"]);
    assert_eq!(ready.project.state(APP)["task_definition"], ready.v2);
    let load = ready.load();
    ready.project.apply().ok();
    ready.project.plans_nothing();
    assert_eq!(load.stop(1).failed(), 0);
    assert_eq!(ready.deployments(), 2, "no second deployment");
}

#[test]
fn canary_is_left_and_adopted() {
    is_left(1);
}

#[test]
fn linear_is_left_and_adopted() {
    is_left(2);
}

#[test]
fn steps_are_left_and_adopted() {
    is_left(3);
}

#[test]
fn rolling_is_left_and_adopted() {
    is_left(4);
}
