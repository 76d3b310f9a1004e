//! Controller `codedeploy` under real load: every strategy with a good version and with broken ones.

use serde_json::{Value, json};

use crate::rollout::{APPLY, Controller, Ready, Rollout, Seen, ctrl_c};
use crate::steps::{ANSWERS, ERRORS};
use crate::{APP, Scene, group};

const ALL_AT_ONCE: &str = "{ strategy = \"all_at_once\" }";
const CANARY: &str = "{ strategy = \"canary\", canary = { percent = 10, interval = \"5m\" } }";
const LINEAR: &str = "{ strategy = \"linear\", linear = { percent = 10, interval = \"1m\" } }";

const AT_ONCE: Controller = Controller::CodeDeploy("CodeDeployDefault.ECSAllAtOnce");

/// Asks every new task while it has some of the traffic.
const SERVES: &str = "{ name = \"serves\", when = [\"step\", \"bake\"], http = { \
    target = \"new_targets\", path = \"/cart\", attempts = 2 } }";
/// Asks every new task while it has all of it.
const SERVES_ALL: &str = "{ name = \"serves\", when = [\"bake\"], http = { \
    target = \"new_targets\", path = \"/cart\", attempts = 2 } }";

/// A new version that answers its health check, and everything else with 500.
const BROKEN: &str = "web:v2--5xx-rate-100";

fn rollout(deployment: &str) -> Rollout {
    Rollout::new(AT_ONCE, deployment)
}

/// Changes the deployment group.
fn regroup(scene: &Scene, changes: &Value) {
    let mut input = group(&scene.pair, "CodeDeployDefault.ECSAllAtOnce");
    let fields = input.as_object_mut().unwrap();
    fields.remove("deploymentGroupName");
    fields.insert("currentDeploymentGroupName".to_owned(), "web".into());
    for (name, value) in changes.as_object().unwrap() {
        fields.insert(name.clone(), value.clone());
    }
    scene
        .stage
        .call("codedeploy", "UpdateDeploymentGroup", input);
}

/// How long the old side stays, and how long a deployment waits before traffic (not at all when 0).
pub(crate) fn waits(ready: &Ready, termination: u32, before_traffic: u32) {
    let action = if before_traffic > 0 {
        "STOP_DEPLOYMENT"
    } else {
        "CONTINUE_DEPLOYMENT"
    };
    let changes = json!({ "blueGreenDeploymentConfiguration": {
        "terminateBlueInstancesOnDeploymentSuccess": { "action": "TERMINATE", "terminationWaitTimeInMinutes": termination },
        "deploymentReadyOption": { "actionOnTimeout": action, "waitTimeInMinutes": before_traffic },
    } });
    regroup(&ready.scene, &changes);
}

/// What CodeDeploy says about a deployment.
fn deployment(scene: &Scene, id: &str) -> Value {
    let answer = scene
        .stage
        .call("codedeploy", "GetDeployment", json!({ "deploymentId": id }));
    answer["deploymentInfo"].clone()
}

/// One deployment, and one more that went back.
#[track_caller]
fn went_back_by_a_second_deployment(seen: &Seen) {
    let scene = &seen.ready.scene;
    let all = scene.group_deployments();
    assert_eq!(all.len(), 2, "{all:?}");
    let (back, first) = (deployment(scene, &all[0]), deployment(scene, &all[1]));
    assert_eq!(back["creator"], "codeDeployRollback");
    assert_eq!(back["status"], "Succeeded", "it was followed to its end");
    assert_eq!(
        first["rollbackInfo"]["rollbackDeploymentId"],
        all[0].as_str()
    );
}

#[test]
fn all_at_once_succeeds_unnoticed() {
    rollout(ALL_AT_ONCE).play().succeeded().walked(&[0, 100]);
}

#[test]
fn canary_succeeds_unnoticed() {
    rollout(CANARY).play().succeeded().walked(&[0, 10, 100]);
}

#[test]
fn linear_succeeds_unnoticed() {
    rollout(LINEAR)
        .play()
        .succeeded()
        .walked(&[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
}

/// It never gets ready, so it never gets traffic.
fn a_crashing_version_is_never_seen(strategy: &str) {
    rollout(strategy)
        .image("web:v2--exit-3")
        .play()
        .rolled_back(&["web", "container `app` exited with 3"])
        .no_request_failed()
        .nobody_reached_the_new_version();
}

#[test]
fn all_at_once_a_crashing_version_is_never_seen() {
    a_crashing_version_is_never_seen(ALL_AT_ONCE);
}

#[test]
fn canary_a_crashing_version_is_never_seen() {
    a_crashing_version_is_never_seen(CANARY);
}

#[test]
fn linear_a_crashing_version_is_never_seen() {
    a_crashing_version_is_never_seen(LINEAR);
}

/// The gate that watches ends it while it has at most `bound` percent.
fn a_gate_that_watches_stops_it(strategy: &str, gate: &str, bound: u32) {
    let ready = rollout(strategy).image(BROKEN).gate(gate).ready();
    waits(&ready, 5, 0);
    let seen = ready
        .play()
        .rolled_back(&["gate", "serves", "500", "SY0217"])
        .failed_within(bound);
    assert!(seen.report.failed() > 0, "it was seen by somebody");
    let last = seen.verdicts("serves").pop().unwrap();
    assert_eq!(last.2, "failed");
    went_back_by_a_second_deployment(&seen);
}

#[test]
fn all_at_once_a_broken_version_is_stopped_while_the_old_one_still_runs() {
    a_gate_that_watches_stops_it(ALL_AT_ONCE, SERVES_ALL, 100);
}

#[test]
fn canary_a_broken_version_is_stopped_at_ten_percent() {
    a_gate_that_watches_stops_it(CANARY, SERVES, 10);
}

#[test]
fn canary_the_error_rate_of_the_new_side_stops_it_at_ten_percent() {
    let seen = rollout(CANARY)
        .image(BROKEN)
        .gate(ERRORS)
        .play()
        .rolled_back(&["gate", "errors", "SY0217"])
        .failed_within(10);
    let verdict = ("step".to_owned(), 10.0, "failed".to_owned());
    assert_eq!(seen.verdicts("errors"), [verdict], "{}", seen.last("gates"));
}

#[test]
fn linear_a_broken_version_is_stopped_within_the_first_two_shifts() {
    a_gate_that_watches_stops_it(LINEAR, SERVES, 20);
}

/// The group waits for the gate, which says no.
fn a_gate_before_traffic_keeps_it_away(strategy: &str) {
    let ready = rollout(strategy).image(BROKEN).gate(ANSWERS).ready();
    waits(&ready, 1, 30);
    let seen = ready
        .play()
        .rolled_back(&["gate", "answers", "500", "SY0217"])
        .no_request_failed()
        .nobody_reached_the_new_version();
    assert_eq!(seen.verdicts("answers").len(), 1);
}

#[test]
fn all_at_once_a_gate_before_traffic_keeps_it_away() {
    a_gate_before_traffic_keeps_it_away(ALL_AT_ONCE);
}

#[test]
fn canary_a_gate_before_traffic_keeps_it_away() {
    a_gate_before_traffic_keeps_it_away(CANARY);
}

#[test]
fn linear_a_gate_before_traffic_keeps_it_away() {
    a_gate_before_traffic_keeps_it_away(LINEAR);
}

#[test]
fn a_good_version_is_let_through_the_gate_before_traffic() {
    let ready = rollout(CANARY).gate(ANSWERS).gate(SERVES).ready();
    waits(&ready, 1, 30);
    let seen = ready.play().succeeded().walked(&[0, 10, 100]);
    let verdict = ("before_traffic".to_owned(), 0.0, "passed".to_owned());
    assert_eq!(seen.verdicts("answers"), [verdict]);
}

/// The group names the test listener; the service does not know it.
fn a_gate_at_the_test_listener(image: &str) -> Seen {
    let gate = "{ name = \"smoke\", when = [\"before_traffic\"], http = { target = \"test_listener\", path = \"/cart\" } }";
    let ready = rollout(ALL_AT_ONCE).image(image).gate(gate).ready();
    let mut info = group(&ready.scene.pair, "")["loadBalancerInfo"].clone();
    info["targetGroupPairInfoList"][0]["testTrafficRoute"] =
        json!({ "listenerArns": [ready.scene.pair.test_listener] });
    let wait = json!({
        "terminateBlueInstancesOnDeploymentSuccess": { "action": "TERMINATE", "terminationWaitTimeInMinutes": 1 },
        "deploymentReadyOption": { "actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30 },
    });
    regroup(
        &ready.scene,
        &json!({ "loadBalancerInfo": info, "blueGreenDeploymentConfiguration": wait }),
    );
    ready.play()
}

#[test]
fn a_gate_at_the_test_listener_lets_a_good_version_through() {
    let seen = a_gate_at_the_test_listener("web:v2").succeeded();
    let verdict = ("before_traffic".to_owned(), 0.0, "passed".to_owned());
    assert_eq!(seen.verdicts("smoke"), [verdict]);
}

#[test]
fn a_gate_at_the_test_listener_keeps_a_broken_version_away() {
    let _ = a_gate_at_the_test_listener(BROKEN)
        .rolled_back(&["gate", "smoke", "500", "SY0217"])
        .no_request_failed()
        .nobody_reached_the_new_version();
}

#[test]
fn a_gate_before_traffic_needs_a_group_that_waits() {
    let ready = rollout(CANARY).gate(ANSWERS).ready();
    let _ = ready.project.try_plan().fails_saying(&["SY0137"]);
}

fn cancelled_at(strategy: &str, weight: u64) {
    let ready = rollout(strategy).ready();
    // All traffic is only seen when the old side stays for a while.
    waits(&ready, 10, 0);
    let seen = ready
        .play_until(|ready| ready.weight() == weight, ctrl_c)
        .cancelled()
        .no_request_failed();
    went_back_by_a_second_deployment(&seen);
}

#[test]
fn all_at_once_cancelled_returns_unnoticed() {
    cancelled_at(ALL_AT_ONCE, 100);
}

#[test]
fn canary_cancelled_returns_unnoticed() {
    cancelled_at(CANARY, 10);
}

#[test]
fn linear_cancelled_returns_unnoticed() {
    cancelled_at(LINEAR, 50);
}

fn left_at(strategy: &str, weight: u64) {
    let ready = rollout(strategy).set("on_cancel", "\"leave\"").ready();
    waits(&ready, 10, 0);
    let load = ready.load();
    let mut running = ready.project.start(&APPLY);
    running.wait_for("Modifying...");
    let held = ready.scene.stage.hold_when(|| ready.weight() == weight);
    ctrl_c(&running, &ready, held);
    running.finish().fails_saying(&["web", "cancel"]);
    let left = ready.scene.group_deployments();
    let status = deployment(&ready.scene, &left[0])["status"].clone();
    assert!(status == "InProgress" || status == "Baking", "{status}");
    ready.project.apply().ok();
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_eq!(ready.scene.group_deployments(), left, "it was adopted");
    let state = ready.project.state(APP);
    assert_eq!(state["task_definition"], ready.v2);
    // With all traffic it is live, and CodeDeploy ends it alone.
    if weight < 100 {
        assert_eq!(crate::last_deployment(&state)["id"], left[0].as_str());
    }
    ready.project.plans_nothing();
}

#[test]
fn all_at_once_left_running_is_adopted_by_the_next_apply() {
    left_at(ALL_AT_ONCE, 100);
}

#[test]
fn canary_left_running_is_adopted_by_the_next_apply() {
    left_at(CANARY, 10);
}

#[test]
fn linear_left_running_is_adopted_by_the_next_apply() {
    left_at(LINEAR, 50);
}

/// `codedeploy` with more in it.
fn code_deploy(more: &str) -> String {
    format!("{{ application = \"shop\", deployment_group = \"web\", {more} }}")
}

/// A life-cycle hook each.
fn hooks(event: &str, verdict: &str) -> String {
    let events = [
        "before_install",
        "after_install",
        "after_allow_test_traffic",
        "before_allow_traffic",
        "after_allow_traffic",
    ];
    let hooks = events.map(|each| {
        let ends = if each == event { verdict } else { "succeeds" };
        let name = each.replace('_', "-");
        format!("{each} = \"arn:aws:lambda:eu-west-1:123456789012:function:{name}-{ends}\"")
    });
    code_deploy(&format!("hooks = {{ {} }}", hooks.join(", ")))
}

/// The group has a test listener, without which CodeDeploy calls no hook after test traffic.
fn with_test_listener(scene: &Scene) {
    let mut info = group(&scene.pair, "")["loadBalancerInfo"].clone();
    info["targetGroupPairInfoList"][0]["testTrafficRoute"] =
        json!({ "listenerArns": [scene.pair.test_listener] });
    regroup(scene, &json!({ "loadBalancerInfo": info }));
}

#[test]
fn life_cycle_hooks_that_succeed_are_called_in_their_order() {
    let ready = rollout(ALL_AT_ONCE)
        .set("codedeploy", &hooks("none", ""))
        .ready();
    with_test_listener(&ready.scene);
    let seen = ready.play().succeeded();
    let id = seen.last("id");
    let input = json!({ "deploymentId": id, "targetId": "main:web" });
    let target = seen
        .ready
        .scene
        .stage
        .call("codedeploy", "GetDeploymentTarget", input);
    let events = &target["deploymentTarget"]["ecsTarget"]["lifecycleEvents"];
    let names: Vec<_> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            assert_eq!(event["status"], "Succeeded", "{event}");
            event["lifecycleEventName"].as_str().unwrap()
        })
        .collect();
    assert_eq!(
        names,
        [
            "BeforeInstall",
            "Install",
            "AfterInstall",
            "AllowTestTraffic",
            "AfterAllowTestTraffic",
            "BeforeAllowTraffic",
            "AllowTraffic",
            "AfterAllowTraffic"
        ]
    );
}

/// A deployment whose hook before traffic is the example's code, which asks the test listener.
fn checked_by_the_example(image: &str, says: &str) -> Seen {
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:check-hangs";
    let hook = format!("hooks = {{ before_allow_traffic = {function:?} }}");
    let ready = rollout(ALL_AT_ONCE)
        .image(image)
        .set("codedeploy", &code_deploy(&hook))
        .ready();
    with_test_listener(&ready.scene);
    ready.play_until(is_checked, |_, ready, held| {
        let stage = &ready.scene.stage;
        let listeners = stage.lab().listeners().unwrap();
        let mut listeners = listeners.iter();
        let test = listeners.find(|it| it.listener_arn == ready.scene.pair.test_listener);
        let url = format!("{}/cart", test.unwrap().url.trim_end_matches('/'));
        let mut environment = stage.environment();
        environment.push(("CHECK_URL".to_owned(), url));
        let code = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../examples/functions/codedeploy_hook.py"
        );
        let id = &ready.scene.group_deployments()[0];
        let event = json!({
            "DeploymentId": id, "LifecycleEventHookExecutionId": format!("{id}/BeforeAllowTraffic"),
        });
        let said = switchyard_harness::call_handler(code.as_ref(), &event, &environment);
        assert_eq!(said, says);
        drop(held);
    })
}

/// Whether the hook before traffic is called.
fn is_checked(ready: &Ready) -> bool {
    let Some(id) = ready.scene.group_deployments().first().cloned() else {
        return false;
    };
    if deployment(&ready.scene, &id)["status"] != "InProgress" {
        return false;
    }
    let input = json!({ "deploymentId": id, "targetId": "main:web" });
    let stage = &ready.scene.stage;
    let target = stage.call("codedeploy", "GetDeploymentTarget", input);
    let events = &target["deploymentTarget"]["ecsTarget"]["lifecycleEvents"];
    let mut events = events.as_array().into_iter().flatten();
    events
        .any(|it| it["lifecycleEventName"] == "BeforeAllowTraffic" && it["status"] == "InProgress")
}

#[test]
fn the_code_of_a_hook_lets_a_good_version_through() {
    let _ = checked_by_the_example("web:v2", "Succeeded")
        .succeeded()
        .no_request_failed();
}

#[test]
fn the_code_of_a_hook_keeps_a_broken_version_away() {
    checked_by_the_example(BROKEN, "Failed")
        .rolled_back(&["web", "BeforeAllowTraffic", "reported Failed"])
        .no_request_failed()
        .nobody_reached_the_new_version();
}

/// Before traffic nobody notices; after it, the version is good and only goes back.
fn a_hook_that_fails_goes_back(event: &str, name: &str) {
    let ready = rollout(ALL_AT_ONCE)
        .set("codedeploy", &hooks(event, "fails"))
        .ready();
    with_test_listener(&ready.scene);
    let seen = ready
        .play()
        .rolled_back(&["web", name, "reported Failed"])
        .no_request_failed();
    if event != "after_allow_traffic" {
        seen.nobody_reached_the_new_version();
    }
}

#[test]
fn a_hook_that_fails_before_installation_goes_back() {
    a_hook_that_fails_goes_back("before_install", "BeforeInstall");
}

#[test]
fn a_hook_that_fails_after_installation_goes_back() {
    a_hook_that_fails_goes_back("after_install", "AfterInstall");
}

#[test]
fn a_hook_that_fails_after_test_traffic_goes_back() {
    a_hook_that_fails_goes_back("after_allow_test_traffic", "AfterAllowTestTraffic");
}

#[test]
fn a_hook_that_fails_before_traffic_goes_back() {
    a_hook_that_fails_goes_back("before_allow_traffic", "BeforeAllowTraffic");
}

#[test]
fn a_hook_that_fails_after_traffic_goes_back() {
    a_hook_that_fails_goes_back("after_allow_traffic", "AfterAllowTraffic");
}

#[test]
fn a_group_without_rollback_leaves_traffic_where_it_is_and_that_is_said() {
    let ready = rollout(ALL_AT_ONCE)
        .set("codedeploy", &hooks("before_allow_traffic", "fails"))
        .ready();
    regroup(
        &ready.scene,
        &json!({ "autoRollbackConfiguration": { "enabled": false } }),
    );
    let load = ready.load();
    ready
        .project
        .apply()
        .fails_saying(&["web", "SY0211", "BeforeAllowTraffic"]);
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_eq!(report.reached("web:2"), 0);
    assert_eq!(ready.project.state(APP)["task_definition"], ready.scene.v1);
    assert_eq!(ready.scene.group_deployments().len(), 1);
}

#[test]
fn rollback_events_of_the_configuration_win_over_the_groups() {
    let own = hooks("before_allow_traffic", "fails").replacen(
        "hooks =",
        "rollback_on = [\"DEPLOYMENT_FAILURE\"], hooks =",
        1,
    );
    let ready = rollout(ALL_AT_ONCE).set("codedeploy", &own).ready();
    regroup(
        &ready.scene,
        &json!({ "autoRollbackConfiguration": { "enabled": false } }),
    );
    let seen = ready
        .play()
        .rolled_back(&["BeforeAllowTraffic"])
        .no_request_failed()
        .nobody_reached_the_new_version();
    went_back_by_a_second_deployment(&seen);
}

#[test]
fn an_alarm_of_the_configuration_stops_the_deployment() {
    let scene = Scene::new();
    let balancer = scene.pair.listener.split("listener/").nth(1).unwrap();
    let balancer = balancer.rsplit_once('/').unwrap().0;
    scene.stage.call(
        "cloudwatch",
        "PutMetricAlarm",
        json!({
            "AlarmName": "errors", "Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count",
            "Dimensions": [{ "Name": "LoadBalancer", "Value": balancer }], "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
        }),
    );
    let own = code_deploy("alarms = [\"errors\"], rollback_on = [\"DEPLOYMENT_STOP_ON_ALARM\"]");
    let seen = rollout(CANARY)
        .image(BROKEN)
        .set("codedeploy", &own)
        .ready_in(scene)
        .play()
        .rolled_back(&["alarm", "errors"])
        .failed_within(10);
    went_back_by_a_second_deployment(&seen);
}

#[test]
fn the_old_side_stays_for_as_long_as_the_group_says() {
    let ready = rollout(ALL_AT_ONCE).ready();
    waits(&ready, 7, 0);
    let seen = ready.play().succeeded();
    let took = seen.last("duration_seconds").as_u64().unwrap();
    assert!(took >= 7 * 60, "{took}");
    let sets = seen.ready.scene.stage.service("main", "web")["taskSets"].clone();
    assert_eq!(
        sets.as_array().map(Vec::len),
        Some(1),
        "the old side is gone"
    );
}
