//! What guards a rollout of controller `ecs` besides gates: Lambda hooks, circuit breaker, alarms, quarantine,
//! suspended scaling; and what its log says.

use serde_json::json;

use crate::interruption::kill_providers;
use crate::rollout::{APPLY, Controller, Ready, Rollout};
use crate::{APP, CANARY, Scene};

/// A canary that asks a function before it shifts.
fn hooked(function: &str) -> String {
    format!(
        "{{ strategy = \"canary\", canary = {{ percent = 10, interval = \"2m\" }}, lifecycle_hook = [{{ \
         stages = [\"POST_TEST_TRAFFIC_SHIFT\"], \
         function_arn = \"arn:aws:lambda:eu-west-1:123456789012:function:{function}\", \
         role_arn = \"arn:aws:iam::123456789012:role/hooks\", timeout = \"10m\" }}] }}"
    )
}

#[test]
fn a_function_that_agrees_lets_the_rollout_go_on() {
    let seen = Rollout::new(Controller::Ecs, &hooked("check-succeeds-after-30s"))
        .play()
        .succeeded()
        .walked(&[0, 10, 100]);
    let hooks =
        &seen.ready.scene.stage.service("main", "web")["deploymentConfiguration"]["lifecycleHooks"];
    assert_eq!(hooks.as_array().map(Vec::len), Some(1), "{hooks}");
}

#[test]
fn a_function_that_refuses_undoes_the_rollout_before_anybody_notices() {
    let agrees = hooked("check-succeeds");
    let ready = Rollout::new(Controller::Ecs, &agrees).ready();
    let refusing = ready.main().replace("check-succeeds", "check-fails");
    ready.project.write("main.tf", &refusing);
    ready
        .play()
        .rolled_back(&["SY0201"])
        .no_request_failed()
        .nobody_reached_the_new_version();
}

#[test]
fn the_code_of_a_hook_asks_and_answers() {
    let ready = Rollout::new(Controller::Ecs, &hooked("check-succeeds")).ready();
    let stage = &ready.scene.stage;
    let listeners = stage.lab().listeners().unwrap();
    let mut listeners = listeners.iter();
    let production = listeners.find(|it| it.listener_arn == ready.scene.pair.listener);
    let production = production.unwrap().url.trim_end_matches('/');
    let nobody = "http://127.0.0.1:1";
    let code = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../examples/functions/ecs_hook.py"
    );
    for (url, status) in [(production, "SUCCEEDED"), (nobody, "FAILED")] {
        let settings = [("CHECK_URL".to_owned(), format!("{url}/cart"))];
        let event = json!({ "executionId": "1", "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT" });
        let answer = switchyard_harness::call_handler(code.as_ref(), &event, &settings);
        assert_eq!(answer, json!({ "hookStatus": status }), "{url}");
    }
}

#[test]
fn a_lower_threshold_trips_the_circuit_breaker_earlier() {
    let breaker = "{ strategy = \"rolling\", circuit_breaker = { threshold = { type = \"count\", value = 1 } } }";
    let seen = Rollout::new(Controller::Rolling, breaker)
        .image("web:v2--exit-3")
        .play()
        .rolled_back(&["container `app` exited with 3", "SY0201"])
        .no_request_failed()
        .nobody_reached_the_new_version();
    let breaker = seen.breaker();
    assert_eq!(breaker["status"], "TRIGGERED", "{breaker}");
    assert_eq!(breaker["threshold"], 1, "{breaker}");
}

#[test]
fn an_alarm_that_fires_undoes_the_rollout() {
    let scene = Scene::new();
    scene.stage.call(
        "cloudwatch",
        "PutMetricAlarm",
        json!({
            "AlarmName": "checkout", "Namespace": "Shop", "MetricName": "Failed", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "ignore",
        }),
    );
    let alarm = |state: &str| json!({ "AlarmName": "checkout", "StateValue": state, "StateReason": "a test" });
    scene.stage.call("cloudwatch", "SetAlarmState", alarm("OK"));
    let guarded = "{ strategy = \"canary\", canary = { percent = 10, interval = \"10m\" }, \
                   alarms = { names = [\"checkout\"] } }";
    let seen = Rollout::new(Controller::Ecs, guarded)
        .ready_in(scene)
        .play_until(
            |ready| ready.weight() == 10,
            |_, ready, _held| {
                ready
                    .scene
                    .stage
                    .call("cloudwatch", "SetAlarmState", alarm("ALARM"));
            },
        )
        .rolled_back(&["checkout", "SY0201"])
        .no_request_failed()
        .walked(&[0, 10, 0]);
    assert_eq!(seen.after["quarantined_images"][0]["image"], "web:v2");
}

#[test]
fn an_image_that_failed_is_refused_until_it_is_allowed() {
    let seen = Rollout::new(Controller::Ecs, CANARY)
        .image("web:v2--crash")
        .play()
        .rolled_back(&["SY0201"]);
    let ready = &seen.ready;
    let refused = &["web:v2--crash", "SY0016"];
    let _ = ready.project.try_plan().fails_saying(refused);
    assert_eq!(ready.deployments(), 2, "nothing was tried");
    let main = ready.main();
    ready.project.write("main.tf", &allowed(&main));
    let _ = ready.project.apply().fails_saying(&["SY0201"]);
    assert_eq!(ready.deployments(), 3, "it was tried again");
    // Another image needs no permission, and does not make the first one good.
    let good = ready.scene.stage.task_definition("web", "web:v3");
    ready
        .project
        .write("main.tf", &main.replace(&ready.v2, &good));
    ready.project.apply().ok();
    ready.project.plans_nothing();
    ready.project.write("main.tf", &main);
    let _ = ready.project.try_plan().fails_saying(refused);
}

#[test]
fn an_image_that_was_not_to_blame_leaves_quarantine_with_its_success() {
    let gate = "{ name = \"page\", when = [\"before_traffic\"], http = { target = \"new_targets\", \
                path = \"/cart\", body_contains = \"no version says this\", attempts = 2 } }";
    let seen = Rollout::new(Controller::Ecs, CANARY)
        .gate(gate)
        .play()
        .rolled_back(&["SY0217"])
        .no_request_failed()
        .nobody_reached_the_new_version();
    assert_eq!(seen.after["quarantined_images"][0]["image"], "web:v2");
    let ready = seen.ready;
    let main = ready.main().replace("no version says this", "web:v2");
    ready.project.write("main.tf", &main);
    let _ = ready.project.try_plan().fails_saying(&["web:v2", "SY0016"]);
    ready.project.write("main.tf", &allowed(&main));
    ready.play().succeeded();
}

/// The configuration, with the permission to deploy an image that failed.
fn allowed(main: &str) -> String {
    main.replace("deployment {", "redeploy_failed = true\ndeployment {")
}

/// A canary during which nothing may scale in.
const SUSPENDING: &str = "{ strategy = \"canary\", canary = { percent = 10, interval = \"10m\" }, \
    autoscaling = \"suspend_scale_in\" }";

/// A service whose count belongs to an autoscaler.
fn scaled(image: &str) -> Ready {
    let ready = Rollout::new(Controller::Ecs, SUSPENDING)
        .image(image)
        .set("desired_count_owner", "\"autoscaler\"")
        .ready();
    ready.scene.stage.call(
        "application-autoscaling",
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 6,
        }),
    );
    ready
}

/// Whether scaling in is suspended, whether scaling out is.
fn suspended(ready: &Ready) -> (bool, bool) {
    let answer = ready.scene.stage.call(
        "application-autoscaling",
        "DescribeScalableTargets",
        json!({ "ServiceNamespace": "ecs", "ResourceIds": ["service/main/web"] }),
    );
    let state = &answer["ScalableTargets"][0]["SuspendedState"];
    let is = |name: &str| state[name].as_bool().unwrap_or_default();
    (
        is("DynamicScalingInSuspended"),
        is("DynamicScalingOutSuspended"),
    )
}

#[test]
fn scaling_in_is_suspended_during_a_rollout_and_resumed_after_it() {
    let seen = scaled("web:v2")
        .play_until(
            |ready| ready.weight() == 10,
            |_, ready, _held| assert_eq!(suspended(ready), (true, false)),
        )
        .succeeded();
    assert_eq!(suspended(&seen.ready), (false, false));
}

#[test]
fn scaling_in_is_resumed_after_a_rollout_that_failed() {
    let seen = scaled("web:v2--crash").play().rolled_back(&["SY0201"]);
    assert_eq!(suspended(&seen.ready), (false, false));
}

#[test]
fn scaling_in_is_resumed_by_the_next_apply_after_a_kill() {
    let ready = scaled("web:v2");
    let load = ready.load();
    let mut running = ready.project.start(&APPLY);
    running.wait_for("Modifying...");
    let held = ready.scene.stage.hold_when(|| ready.weight() == 10);
    kill_providers(running.id());
    held.until_disturbed();
    let _ = running.finish().fails_saying(&["ApplyResourceChange"]);
    assert_eq!(suspended(&ready), (true, false));
    ready.project.apply().ok();
    assert_eq!(load.stop(1).failed(), 0);
    assert_eq!(suspended(&ready), (false, false));
    assert_eq!(ready.project.state(APP)["task_definition"], ready.v2);
    assert_eq!(ready.deployments(), 2, "the running one was followed");
    ready.project.plans_nothing();
}

/// The progress lines of a log.
fn progress(log: &str) -> Vec<&str> {
    let lines = log.lines();
    lines
        .filter(|line| line.contains("rollout progress"))
        .collect()
}

#[test]
fn the_log_has_one_line_per_change() {
    let mut ready = Rollout::new(Controller::Ecs, CANARY).ready();
    ready.project.set("TF_LOG_PROVIDER", "INFO");
    let seen = ready.play().succeeded();
    let lines = progress(&seen.run.stderr);
    assert!((5..=30).contains(&lines.len()), "{lines:#?}");
    // Everything after the time is what a reader sees change.
    let told: Vec<_> = lines
        .iter()
        .map(|line| line.split_once("rollout progress").unwrap_or_default().1)
        .map(|line| line.split("timestamp=").next().unwrap_or_default())
        .collect();
    for pair in told.windows(2) {
        assert_ne!(pair[0], pair[1], "a line per change, not per look");
    }
    let at_ten: Vec<_> = told
        .iter()
        .filter(|line| line.contains("weight=10"))
        .collect();
    assert!(!at_ten.is_empty(), "{told:#?}");
    for line in at_ten {
        for part in ["stage=", "running=", "desired=", "reason="] {
            assert!(line.contains(part), "no {part} in {line}");
        }
    }
}
