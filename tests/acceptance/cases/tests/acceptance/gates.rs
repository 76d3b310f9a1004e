//! Gates of controller `ecs`: before traffic, while both sides run, and after; what cannot be decided; the score.

use serde_json::json;

use crate::rollout::{Controller, Rollout, Seen, ctrl_c};
use crate::steps::{ALL_AT_ONCE, ANSWERS, STEPS};
use crate::{APP, CANARY};

/// A metric that nobody publishes.
const SILENT: &str = "metric = { query = [{ id = \"m\", namespace = \"Nobody\", name = \"Nothing\" }], \
    success_when = \"< 1\", interval = \"15s\" }";

/// An HTTP gate on the new tasks that no version satisfies.
fn impossible(name: &str, area: &str, when: &str, more: &str) -> String {
    format!(
        "{{ name = {name:?}, area = {area:?}, when = [{when:?}], {more} http = {{ target = \"new_targets\", \
         path = \"/cart\", body_contains = \"no version says this\", attempts = 2 }} }}"
    )
}

fn possible(name: &str, area: &str, when: &str) -> String {
    format!(
        "{{ name = {name:?}, area = {area:?}, when = [{when:?}], http = {{ target = \"new_targets\", path = \"/cart\" }} }}"
    )
}

fn verdict(moment: &str, weight: f64, verdict: &str) -> (String, f64, String) {
    (moment.to_owned(), weight, verdict.to_owned())
}

#[test]
fn a_gate_on_the_test_listener_keeps_visitors_from_a_broken_version() {
    let seen = Rollout::new(Controller::Ecs, CANARY)
        .image("web:v2--5xx-rate-100")
        .gate("{ name = \"smoke\", when = [\"before_traffic\"], http = { target = \"test_listener\", path = \"/cart\" } }")
        .play()
        .rolled_back(&["Gate `smoke`", "500", "SY0217"])
        .no_request_failed()
        .nobody_reached_the_new_version();
    assert_eq!(
        seen.verdicts("smoke"),
        [verdict("before_traffic", 0.0, "failed")]
    );
}

#[test]
fn a_gate_on_the_new_tasks_keeps_visitors_from_a_broken_version() {
    Rollout::new(Controller::Ecs, STEPS)
        .image("web:v2--5xx-rate-100")
        .gate(ANSWERS)
        .play()
        .rolled_back(&["Gate `answers`", "500", "SY0217"])
        .no_request_failed()
        .nobody_reached_the_new_version();
}

#[test]
fn gates_that_pass_at_every_moment_let_a_good_version_through() {
    let every = "{ name = \"cart\", when = [\"before_traffic\", \"step\", \"bake\", \"after\"], \
                 http = { target = \"new_targets\", path = \"/cart\" } }";
    let seen = Rollout::new(Controller::Ecs, CANARY)
        .gate(every)
        .play()
        .succeeded()
        .walked(&[0, 10, 100]);
    assert_eq!(
        seen.verdicts("cart"),
        [
            verdict("before_traffic", 0.0, "passed"),
            verdict("step", 10.0, "passed"),
            verdict("bake", 100.0, "passed"),
            verdict("after", 100.0, "passed"),
        ]
    );
    assert_eq!(seen.last("score"), 100);
}

#[test]
fn a_gate_that_fails_while_baking_brings_all_traffic_back() {
    let seen = Rollout::new(Controller::Ecs, ALL_AT_ONCE)
        .gate(&impossible("page", "basic", "bake", ""))
        .play()
        .rolled_back(&["Gate `page`", "SY0217"])
        .no_request_failed()
        .walked(&[0, 100, 0]);
    assert_eq!(seen.verdicts("page"), [verdict("bake", 100.0, "failed")]);
}

#[test]
fn a_gate_that_fails_afterwards_is_an_error_and_the_new_version_stays() {
    let seen = Rollout::new(Controller::Ecs, CANARY)
        .gate(&impossible("page", "basic", "after", ""))
        .play();
    let Seen { run, .. } = &seen;
    run.clone().fails_saying(&["Gate `page`", "SY0217"]);
    let seen = seen
        .no_request_failed()
        .live_is_new(true)
        .accounts("unhealthy");
    assert_eq!(seen.verdicts("page"), [verdict("after", 100.0, "failed")]);
    assert!(!seen.ready.project.is_tainted(APP));
}

#[test]
fn a_gate_that_fails_afterwards_takes_the_new_version_back_unnoticed() {
    let back = "on_failure = \"roll_back\",";
    let seen = Rollout::new(Controller::Ecs, CANARY)
        .gate(&impossible("page", "basic", "after", back))
        .play();
    let Seen { run, .. } = &seen;
    run.clone()
        .fails_saying(&["was rolled back to", "Gate `page`", "SY0201"]);
    let seen = seen
        .no_request_failed()
        .live_is_new(false)
        .accounts("rolled_back");
    assert_eq!(seen.verdicts("page"), [verdict("after", 100.0, "failed")]);
    assert!(!seen.ready.project.is_tainted(APP));
}

#[test]
fn a_gate_before_the_start_changes_nothing_when_it_fails() {
    let seen = Rollout::new(Controller::Ecs, CANARY)
        .gate(&impossible("page", "basic", "before_start", ""))
        .play();
    let Seen { run, .. } = &seen;
    run.clone()
        .fails_saying(&["Gate `page`", "SY0176", "Nothing was changed"]);
    seen.no_request_failed()
        .nobody_reached_the_new_version()
        .live_is_new(false);
}

/// A metric without data, with what that means.
fn undecided(on_inconclusive: &str) -> Seen {
    Rollout::new(Controller::Ecs, CANARY)
        .gate(&format!(
            "{{ name = \"silent\", when = [\"step\"], time_limit = \"3m\", on_inconclusive = {on_inconclusive:?}, {SILENT} }}"
        ))
        .play()
}

#[test]
fn a_gate_that_cannot_be_decided_undoes_the_rollout() {
    let seen = undecided("fail")
        .rolled_back(&["Gate `silent` could not be decided", "SY0217"])
        .no_request_failed();
    assert_eq!(
        seen.verdicts("silent"),
        [verdict("step", 10.0, "inconclusive")]
    );
}

#[test]
fn a_gate_that_cannot_be_decided_may_count_as_passed() {
    let seen = undecided("pass").succeeded();
    assert_eq!(
        seen.verdicts("silent"),
        [verdict("step", 10.0, "inconclusive")]
    );
}

#[test]
fn a_gate_that_only_observes_stops_nothing() {
    let seen = Rollout::new(Controller::Ecs, CANARY)
        .gate(&impossible(
            "trial",
            "basic",
            "step",
            "observe_only = true,",
        ))
        .gate(&possible("cart", "basic", "step"))
        .play()
        .succeeded();
    assert_eq!(seen.verdicts("trial"), [verdict("step", 10.0, "failed")]);
    assert_eq!(seen.last("score"), 100, "it counts for no score");
}

/// The basic gate passes (40 points), the business gate fails (25): 61 of 100.
fn scored(minimum: u32) -> Seen {
    Rollout::new(Controller::Ecs, CANARY)
        .health_score(&format!("{{ minimum = {minimum}, pass_rate = 0 }}"))
        .gate(&possible("cart", "basic", "step"))
        .gate(&impossible("orders", "business", "step", ""))
        .play()
}

#[test]
fn a_score_that_is_high_enough_goes_on() {
    let seen = scored(60).succeeded();
    assert_eq!(seen.last("score"), 61);
}

#[test]
fn a_score_that_is_too_low_undoes_the_rollout() {
    let seen = scored(70)
        .rolled_back(&["score", "SY0217"])
        .no_request_failed();
    assert_eq!(seen.last("outcome"), json!("rolled_back"));
    assert_eq!(seen.verdicts("orders"), [verdict("step", 10.0, "failed")]);
}

#[test]
fn a_rollout_left_while_its_gates_are_asked_is_finished_by_the_next_apply() {
    let slow = format!("{{ name = \"slow\", when = [\"bake\"], time_limit = \"5h\", {SILENT} }}");
    let seen = Rollout::new(Controller::Ecs, ALL_AT_ONCE)
        .set("on_cancel", "\"leave\"")
        .gate(&slow)
        .ready()
        .play_until(
            |ready| ready.newest()["lifecycleStage"] == "POST_PRODUCTION_TRAFFIC_SHIFT",
            ctrl_c,
        )
        .no_request_failed();
    let Seen { ready, run, .. } = seen;
    run.fails_saying(&["cancel", "SY0206"]);
    // All traffic is on the new version, and only a next apply can let the rollout end.
    assert_eq!(ready.project.state(APP)["task_definition"], ready.v2);
    ready.project.plan().only(APP, &["update"]);
    let decided = ready.main().replace("\"5h\"", "\"1m\"");
    let passes = decided.replace("metric {", "on_inconclusive = \"pass\"\nmetric {");
    ready.project.write("main.tf", &passes);
    let seen = ready.play().no_request_failed().live_is_new(true);
    let _ = seen.run.clone().ok();
    assert_eq!(seen.last("outcome"), "succeeded");
    assert_eq!(seen.ready.deployments(), 2, "no second deployment");
    seen.ready.project.plans_nothing();
}
