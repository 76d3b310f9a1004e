//! An alias of a Lambda function, with the real Terraform: the example of the resource, applied, moved, broken and killed.

use serde_json::{Value, json};

use crate::Scene;
use crate::examples::folder;
use crate::interruption::kill_providers;
use crate::permissions::{self, FUNCTION, each_was_needed};
use crate::rollout::APPLY;

const LIVE: &str = "switchyard_blue_green_function.checkout";
const FUNCTION_NAME: &str = "shop-checkout";

/// The example, for this version of this function.
fn example(function: &str, version: &str) -> String {
    let path = folder().join("resources/switchyard_blue_green_function/resource.tf");
    let text = std::fs::read_to_string(path).unwrap();
    let (resource, _) = text.split_once("variable \"").unwrap();
    format!(
        "terraform {{\n  required_providers {{\n    switchyard = {{ source = \"switchyard/switchyard\" }}\n  }}\n}}\n{resource}\
         variable \"function_name\" {{\n  default = {function:?}\n}}\nvariable \"function_version\" {{\n  default = {version:?}\n}}\n\
         variable \"alarm_names\" {{\n  default = [\"checkout-errors\"]\n}}\n"
    )
}

fn alarm(scene: &Scene, state: &str) {
    let alarm = json!({
        "AlarmName": "checkout-errors", "Namespace": "Shop", "MetricName": "Failed", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "ignore",
    });
    scene.stage.call("cloudwatch", "PutMetricAlarm", alarm);
    let state =
        json!({ "AlarmName": "checkout-errors", "StateValue": state, "StateReason": "a test" });
    scene.stage.call("cloudwatch", "SetAlarmState", state);
}

fn alias(scene: &Scene, function: &str) -> Value {
    let named = json!({ "FunctionName": function, "Name": "live" });
    scene.stage.call("lambda", "GetAlias", named)
}

fn weights(scene: &Scene) -> Value {
    alias(scene, FUNCTION_NAME)["RoutingConfig"]["AdditionalVersionWeights"].clone()
}

#[test]
fn the_example_is_made_moved_put_right_imported_and_destroyed_under_the_policy_of_the_guide() {
    let scene = Scene::new();
    alarm(&scene, "OK");
    permissions::restrict(&scene, &[FUNCTION]);
    let project = scene.stage.project(&example(FUNCTION_NAME, "1"));
    let _ = project.plan().run.says(&["1 to add"]);
    project.apply().ok();
    project.plans_nothing();

    project.write("main.tf", &example(FUNCTION_NAME, "2"));
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(alias(&scene, FUNCTION_NAME)["FunctionVersion"], "2");
    let state = project.state(LIVE);
    assert_eq!(state["previous_version"], "1");
    assert_eq!(state["traffic"], json!({ "2": 100 }));

    // Somebody sends half of the traffic elsewhere.
    let half = json!({
        "FunctionName": FUNCTION_NAME, "Name": "live", "RoutingConfig": { "AdditionalVersionWeights": { "1": 0.5 } },
    });
    scene.stage.call("lambda", "UpdateAlias", half);
    let _ = project
        .try_plan()
        .says(&["traffic[\"1\"]", "critical difference"]);
    project.apply().ok();
    assert_eq!(weights(&scene), Value::Null);
    project.plans_nothing();

    // The state is lost.
    project.run(&["state", "rm", LIVE]).ok();
    let id = format!("{FUNCTION_NAME}:live");
    project.run(&["import", LIVE, &id]).ok();
    project.apply().ok();
    project.plans_nothing();
    project.destroy().ok();
    let gone = scene.stage.try_call(
        "lambda",
        "GetAlias",
        json!({ "FunctionName": FUNCTION_NAME, "Name": "live" }),
    );
    assert!(gone.is_err(), "{gone:?}");
    each_was_needed(&scene, FUNCTION, &[]);
}

#[test]
fn a_version_that_does_not_answer_and_one_that_an_alarm_speaks_against_get_nothing() {
    let scene = Scene::new();
    alarm(&scene, "OK");
    let function = "shop-checkout-fails-at-2";
    let project = scene.stage.project(&example(function, "1"));
    project.apply().ok();
    project.write("main.tf", &example(function, "2"));
    let _ = project
        .apply()
        .fails_saying(&["got no traffic", "expected \"Succeeded\"", "SY0274"]);
    assert_eq!(project.state(LIVE)["function_version"], "1");
    alarm(&scene, "ALARM");
    project.write("main.tf", &example(function, "3"));
    let _ = project.try_plan().says(&["is firing", "SY0277"]);
    let _ = project.apply().fails_saying(&["an alarm fired"]);
    alarm(&scene, "OK");
    project.apply().ok();
    assert_eq!(alias(&scene, function)["FunctionVersion"], "3");
    project.plans_nothing();
}

#[test]
fn what_a_killed_apply_leaves_is_shown_and_taken_back_or_continued() {
    for wanted in ["1", "2"] {
        let scene = Scene::new();
        alarm(&scene, "OK");
        let project = scene.stage.project(&example(FUNCTION_NAME, "1"));
        project.apply().ok();
        project.write("main.tf", &example(FUNCTION_NAME, "2"));
        let mut running = project.start(&APPLY);
        running.wait_for("Modifying...");
        let held = scene
            .stage
            .hold_when(|| weights(&scene) == json!({ "2": 0.1 }));
        kill_providers(running.id());
        held.until_disturbed();
        running.finish().fails_saying(&["ApplyResourceChange"]);
        assert_eq!(weights(&scene), json!({ "2": 0.1 }));
        project.write("main.tf", &example(FUNCTION_NAME, wanted));
        let _ = project
            .try_plan()
            .says(&["different shares", "1 to change"]);
        project.apply().ok();
        assert_eq!(weights(&scene), Value::Null);
        assert_eq!(alias(&scene, FUNCTION_NAME)["FunctionVersion"], wanted);
        project.plans_nothing();
    }
}
