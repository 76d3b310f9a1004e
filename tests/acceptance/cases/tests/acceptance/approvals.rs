//! Deployments that wait for a person: at a stage of ECS (`approval`), and at a weight (`hold = "approval"`).

use serde_json::json;

use crate::CANARY;
use crate::rollout::{Controller, Ready, Rollout};

/// Ten percent, then everything; each apply ends the pause in between.
const STEPS: &str =
    "{ strategy = \"steps\", step = [{ percent = 10, hold = \"2m\" }, { percent = 100 }] }";

/// The newest deployment and the pause at which it waits.
fn waiting(ready: &Ready) -> Option<(String, String)> {
    let newest = ready.newest();
    let hooks = newest["lifecycleHookDetails"].as_array()?;
    let open = hooks
        .iter()
        .find(|hook| hook["targetType"] == "PAUSE" && hook["status"] == "AWAITING_ACTION")?;
    Some((
        newest["serviceDeploymentArn"].as_str()?.to_owned(),
        open["hookId"].as_str()?.to_owned(),
    ))
}

/// A person answers.
fn answer(ready: &Ready, action: &str) {
    let (arn, hook) = waiting(ready).expect("it waits");
    ready.scene.stage.call(
        "ecs",
        "ContinueServiceDeployment",
        json!({ "serviceDeploymentArn": arn, "hookId": hook, "action": action }),
    );
}

/// Version 1 is up; the next apply asks a person before production traffic moves.
fn asking() -> Ready {
    let ready = Rollout::new(Controller::Ecs, CANARY).ready();
    let main = ready.main();
    let asks = main.replace(
        "bake_time = \"1m\"\n",
        "bake_time = \"1m\"\napproval {\n  stages     = [\"POST_TEST_TRAFFIC_SHIFT\"]\n  time_limit = \"12h\"\n}\n",
    );
    assert_ne!(main, asks);
    ready.project.write("main.tf", &asks);
    ready
}

#[test]
fn what_a_person_approves_goes_on_and_nobody_notices() {
    let ready = asking();
    let seen = ready
        .play_until(
            |ready| ready.deployments() > 1 && waiting(ready).is_some(),
            |_, ready, held| {
                assert_eq!(ready.newest()["lifecycleStage"], "POST_TEST_TRAFFIC_SHIFT");
                assert_eq!(ready.weight(), 0);
                answer(ready, "CONTINUE");
                drop(held);
            },
        )
        .succeeded()
        .walked(&[0, 10, 100]);
    let service = seen.ready.scene.stage.service("main", "web");
    let hooks = &service["deploymentConfiguration"]["lifecycleHooks"];
    assert_eq!(hooks[0]["targetType"], "PAUSE", "{hooks}");
    assert_eq!(
        hooks[0]["timeoutConfiguration"]["timeoutInMinutes"], 720,
        "{hooks}"
    );
    // Taken out of the configuration it is gone.
    let ready = &seen.ready;
    let (before, after) = {
        let main = ready.main();
        let (before, rest) = main.split_once("approval {").unwrap();
        let (_, after) = rest.split_once("}\n").unwrap();
        (before.to_owned(), after.to_owned())
    };
    ready.project.write("main.tf", &format!("{before}{after}"));
    ready.project.apply().ok();
    ready.project.plans_nothing();
    let service = ready.scene.stage.service("main", "web");
    let hooks = &service["deploymentConfiguration"]["lifecycleHooks"];
    assert!(hooks.as_array().is_none_or(Vec::is_empty), "{hooks}");
}

#[test]
fn what_a_person_refuses_is_rolled_back_before_anybody_notices() {
    asking()
        .play_until(
            |ready| ready.deployments() > 1 && waiting(ready).is_some(),
            |_, ready, held| {
                answer(ready, "ROLLBACK");
                drop(held);
            },
        )
        .rolled_back(&["SY0201"])
        .no_request_failed()
        .nobody_reached_the_new_version();
}

#[test]
fn a_weight_is_held_until_a_person_approves() {
    let ready = Rollout::new(Controller::Ecs, STEPS).ready();
    let main = ready.main();
    let asks = main.replace("hold = \"2m\"", "hold = \"approval\"");
    assert_ne!(main, asks);
    ready.project.write("main.tf", &asks);
    ready
        .play_until(
            |ready| ready.weight() == 10 && waiting(ready).is_some(),
            |_, ready, held| {
                drop(held);
                // It is left alone for twenty minutes, and stays where it is.
                let stage = &ready.scene.stage;
                let since = stage.lab().world().now();
                stage.pass_until(|| stage.lab().world().now().since(since).as_secs() >= 1200);
                assert_eq!(ready.weight(), 10);
                answer(ready, "CONTINUE");
            },
        )
        .succeeded()
        .held(&[0, 10, 100]);
}
