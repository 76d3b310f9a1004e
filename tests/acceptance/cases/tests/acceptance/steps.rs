//! Controller `ecs` under real load: every strategy with a good version and with broken ones.

use crate::CANARY;
use crate::rollout::{Controller, Rollout};

/// All at once, behind both sides.
pub(crate) const ALL_AT_ONCE: &str = "{ strategy = \"all_at_once\", bake_time = \"2m\" }";
/// A quarter every two minutes.
pub(crate) const LINEAR: &str =
    "{ strategy = \"linear\", linear = { percent = 25, interval = \"2m\" } }";
/// 10, 50 and 100 percent, each held.
pub(crate) const STEPS: &str = "{ strategy = \"steps\", steps = [\
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
