//! Deployments that fail, stop and roll back.

use serde_json::{Value, json};

use super::fixture::{Shop, call};
use crate::Service;

fn rolls_back() -> Value {
    json!({"autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]}})
}

fn alarm(shop: &Shop, state: &str) {
    let set = json!({"AlarmName": "errors", "StateValue": state, "StateReason": "test"});
    call(&shop.world, Service::CloudWatch, "SetAlarmState", set);
}

fn make_alarm(shop: &Shop) {
    let alarm = json!({"AlarmName": "errors", "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"});
    call(&shop.world, Service::CloudWatch, "PutMetricAlarm", alarm);
}

/// Follows the rollback of a deployment to its end; answers its id.
fn follow_rollback(shop: &Shop, id: &str) -> String {
    let rollback = shop.deployment(id)["rollbackInfo"]["rollbackDeploymentId"]
        .as_str()
        .unwrap()
        .to_owned();
    shop.until(&rollback, "Succeeded");
    let shown = shop.deployment(&rollback);
    assert_eq!(shown["creator"], "codeDeployRollback");
    assert_eq!(
        shown["rollbackInfo"]["rollbackTriggeringDeploymentId"],
        json!(id)
    );
    rollback
}

fn assert_on_blue(shop: &Shop) {
    for (blue, green) in shop.weights(&shop.production) {
        assert!(blue > 0 && green == 0, "blue {blue}, green {green}");
    }
    shop.advance(900);
    let service = shop.service();
    assert!(
        service["taskDefinition"]
            .as_str()
            .unwrap()
            .ends_with("app:1")
    );
    assert_eq!(service["taskSets"].as_array().unwrap().len(), 1);
}

#[test]
fn a_replacement_that_never_gets_healthy_times_out_after_an_hour() {
    let shop = Shop::new();
    let id = shop.start("v2--crash");
    shop.advance(3500);
    assert_eq!(shop.status(&id), "InProgress");
    shop.advance(200);
    assert_eq!(
        (shop.status(&id), shop.error(&id)),
        ("Failed".to_owned(), "TIMEOUT".to_owned())
    );
    assert_eq!(shop.event(&id, "Install"), "Failed");
    assert_eq!(shop.event(&id, "AllowTraffic"), "Skipped");
    assert!(shop.deployment(&id).get("rollbackInfo").is_none());
}

#[test]
fn a_failure_rolls_back_with_a_deployment_of_its_own() {
    let shop = Shop::with(rolls_back());
    let id = shop.start("v2--unready");
    shop.until(&id, "Failed");
    follow_rollback(&shop, &id);
    assert_on_blue(&shop);
    let next = shop.start("v3");
    shop.until(&next, "Succeeded");
}

#[test]
fn a_task_definition_ecs_refuses_fails_the_install() {
    let shop = Shop::new();
    let definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:99";
    let id = shop.deploy("CreateDeployment", shop.request(definition, ""))["deploymentId"]
        .as_str()
        .unwrap()
        .to_owned();
    shop.until(&id, "Failed");
    assert_eq!(shop.error(&id), "ECS_UPDATE_ERROR");
}

#[test]
fn every_hook_that_fails_fails_its_event() {
    for event in [
        "BeforeInstall",
        "AfterInstall",
        "AfterAllowTestTraffic",
        "BeforeAllowTraffic",
        "AfterAllowTraffic",
    ] {
        let shop = Shop::with(rolls_back());
        let id = shop.start_with(
            "v2",
            &format!("Hooks:\n  - {event}: check-fails\n"),
            json!({}),
        );
        shop.until(&id, "Failed");
        assert_eq!(shop.error(&id), "HOOK_EXECUTION_FAILURE", "{event}");
        assert_eq!(shop.event(&id, event), "Failed");
        let events = shop.target(&id)["lifecycleEvents"].clone();
        let failed = events
            .as_array()
            .unwrap()
            .iter()
            .find(|record| record["status"] == "Failed")
            .unwrap();
        assert_eq!(failed["diagnostics"]["scriptName"], "check-fails");
        follow_rollback(&shop, &id);
        assert_on_blue(&shop);
    }
}

#[test]
fn a_hook_that_hangs_fails_after_an_hour() {
    let shop = Shop::new();
    let id = shop.start_with("v2", "Hooks:\n  - BeforeInstall: check-hangs\n", json!({}));
    shop.advance(3590);
    assert_eq!(shop.status(&id), "InProgress");
    shop.advance(30);
    assert_eq!(shop.error(&id), "HOOK_EXECUTION_FAILURE");
}

#[test]
fn an_alarm_stops_the_shift_and_rolls_back() {
    let mut settings = rolls_back();
    settings["alarmConfiguration"] = json!({"enabled": true, "alarms": [{"name": "errors"}]});
    let shop = Shop::with(settings);
    make_alarm(&shop);
    let id = shop.start_with(
        "v2",
        "",
        json!({"deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes"}),
    );
    while shop.weights(&shop.production)[0] != (90, 10) {
        shop.advance(5);
    }
    alarm(&shop, "ALARM");
    shop.advance(5);
    assert_eq!(
        (shop.status(&id), shop.error(&id)),
        ("Stopped".to_owned(), "ALARM_ACTIVE".to_owned())
    );
    follow_rollback(&shop, &id);
    assert_on_blue(&shop);
}

#[test]
fn an_alarm_after_the_shift_still_brings_traffic_back() {
    let mut settings = rolls_back();
    settings["alarmConfiguration"] = json!({"enabled": true, "alarms": [{"name": "errors"}]});
    let shop = Shop::with(settings);
    make_alarm(&shop);
    let id = shop.start("v2");
    shop.until(&id, "Baking");
    alarm(&shop, "ALARM");
    shop.advance(5);
    assert_eq!(shop.error(&id), "ALARM_ACTIVE");
    follow_rollback(&shop, &id);
    assert_on_blue(&shop);
}

#[test]
fn an_unknown_alarm_stops_unless_the_group_ignores_it() {
    for (ignore, expected) in [(true, "Succeeded"), (false, "Stopped")] {
        let alarms = json!({"enabled": true, "ignorePollAlarmFailure": ignore, "alarms": [{"name": "nope"}]});
        let shop = Shop::with(json!({"alarmConfiguration": alarms}));
        let id = shop.start("v2");
        shop.until(&id, expected);
    }
}

#[test]
fn stopping_leaves_things_or_rolls_back_as_asked() {
    for (sent, rolled_back) in [
        (json!({}), true),
        (json!({"autoRollbackEnabled": false}), false),
        (json!({"autoRollbackEnabled": true}), true),
    ] {
        let shop = Shop::with(rolls_back());
        let id = shop.start("v2");
        shop.until(&id, "Baking");
        let mut request = sent;
        request["deploymentId"] = json!(id);
        assert_eq!(
            shop.deploy("StopDeployment", request.clone())["status"],
            "Succeeded"
        );
        assert_eq!(
            (shop.status(&id), shop.error(&id)),
            ("Stopped".to_owned(), "MANUAL_STOP".to_owned())
        );
        assert_eq!(
            shop.refused("StopDeployment", request),
            "DeploymentAlreadyCompletedException"
        );
        if rolled_back {
            follow_rollback(&shop, &id);
            assert_on_blue(&shop);
        } else {
            assert_eq!(shop.weights(&shop.production)[0], (0, 100));
        }
    }
}

#[test]
fn nobody_continues_and_the_deployment_stops() {
    let waits = json!({
        "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 10},
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE"},
    });
    let shop = Shop::with(json!({"blueGreenDeploymentConfiguration": waits}));
    let id = shop.start("v2");
    shop.until(&id, "Ready");
    shop.advance(610);
    assert_eq!(
        (shop.status(&id), shop.error(&id)),
        ("Stopped".to_owned(), "TIMEOUT".to_owned())
    );
}

#[test]
fn a_listener_reset_to_the_other_group_is_told() {
    let shop = Shop::new();
    let id = shop.start("v2");
    shop.until(&id, "Succeeded");
    let action = json!({"Type": "forward", "TargetGroupArn": shop.blue});
    call(
        &shop.world,
        Service::Elbv2,
        "ModifyListener",
        json!({"ListenerArn": shop.production, "DefaultActions": [action]}),
    );
    let rules = call(
        &shop.world,
        Service::Elbv2,
        "DescribeRules",
        json!({"ListenerArn": shop.production}),
    );
    for rule in rules["Rules"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["IsDefault"] != true && rule["IsDefault"] != "true")
    {
        call(
            &shop.world,
            Service::Elbv2,
            "ModifyRule",
            json!({"RuleArn": rule["RuleArn"], "Actions": [action]}),
        );
    }
    let id = shop.start("v3");
    shop.until(&id, "Failed");
    assert_eq!(shop.error(&id), "ELASTIC_LOAD_BALANCING_INVALID");
}

#[test]
fn one_deployment_runs_per_group_and_a_deleted_group_ends_it() {
    let shop = Shop::new();
    let id = shop.start("v2");
    let second = shop.request("app:2", "");
    assert_eq!(
        shop.refused("CreateDeployment", second),
        "DeploymentLimitExceededException"
    );
    shop.advance(10);
    shop.deploy(
        "DeleteDeploymentGroup",
        json!({"applicationName": "shop", "deploymentGroupName": "shop"}),
    );
    shop.advance(10);
    assert_eq!(shop.error(&id), "DEPLOYMENT_GROUP_MISSING");
}

#[test]
fn a_deployment_has_alarms_and_rollback_events_of_its_own() {
    let quiet = Shop::new();
    make_alarm(&quiet);
    let own = json!({
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_STOP_ON_ALARM"]},
        "overrideAlarmConfiguration": {"enabled": true, "alarms": [{"name": "errors"}]},
        "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
    });
    let id = quiet.start_with("v2", "", own);
    while quiet.weights(&quiet.production)[0] != (90, 10) {
        quiet.advance(5);
    }
    alarm(&quiet, "ALARM");
    quiet.advance(5);
    assert_eq!(quiet.error(&id), "ALARM_ACTIVE");
    follow_rollback(&quiet, &id);

    let mut settings = rolls_back();
    settings["alarmConfiguration"] = json!({"enabled": true, "alarms": [{"name": "errors"}]});
    let loud = Shop::with(settings);
    make_alarm(&loud);
    let id = loud.start_with(
        "v2",
        "",
        json!({
            "autoRollbackConfiguration": {"enabled": false, "events": []},
            "overrideAlarmConfiguration": {"enabled": false, "alarms": []},
        }),
    );
    alarm(&loud, "ALARM");
    loud.until(&id, "Succeeded");
}

#[test]
fn the_controller_stays_while_a_deployment_runs() {
    let shop = Shop::new();
    let id = shop.start("v2");
    shop.advance(10);
    let native =
        json!({"cluster": "main", "service": "shop", "deploymentController": {"type": "ECS"}});
    let refused = shop
        .world
        .call(Service::Ecs, "eu-west-1", "UpdateService", native.clone())
        .unwrap_err();
    assert!(refused.message.contains("in progress"), "{refused}");
    shop.until(&id, "Succeeded");
    shop.ecs("UpdateService", native);
    assert_eq!(shop.service()["deploymentController"]["type"], "ECS");
}
