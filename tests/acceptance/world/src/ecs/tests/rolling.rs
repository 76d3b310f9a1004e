//! Rolling updates.

use serde_json::{Value, json};

use super::fixture::Shop;

fn breaker(rollback: bool) -> Value {
    json!({"deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": true, "rollback": rollback}}})
}

fn settled(changes: Value) -> Shop {
    let shop = Shop::new();
    shop.ecs("CreateService", shop.request("v1", changes));
    shop.settle();
    assert_eq!(shop.deployment()["status"], "SUCCESSFUL");
    shop
}

#[test]
fn a_new_service_comes_up_and_says_so() {
    let shop = settled(json!({}));
    let service = shop.service();
    assert_eq!(
        (
            service["runningCount"].as_u64(),
            service["pendingCount"].as_u64()
        ),
        (Some(2), Some(0))
    );
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert!(shop.has_event("has started 2 tasks: (task "));
    assert!(shop.has_event("registered 1 targets in (target-group "));
    assert!(shop.has_event("deployment completed."));
    assert_eq!(
        shop.events()[0],
        "(service shop) has reached a steady state."
    );
    assert_eq!(
        shop.world.next_event().map(|at| at > shop.world.now()),
        None,
        "a service at rest needs no time"
    );
}

#[test]
fn the_new_revision_replaces_the_old_one_without_a_gap() {
    let shop = settled(json!({}));
    shop.deploy("v2");
    assert_eq!(shop.deployment()["status"], "PENDING");
    let deployment = shop.until_status("SUCCESSFUL");
    assert_eq!(deployment["targetServiceRevision"]["runningTaskCount"], 2);
    shop.advance(60);
    assert_eq!(shop.images(), ["app:v2"]);
    assert_eq!(shop.service()["deployments"].as_array().unwrap().len(), 1);
    let digest = shop.revision()["containerImages"][0]["imageDigest"].clone();
    assert!(digest.as_str().unwrap().starts_with("sha256:"), "{digest}");
}

#[test]
fn percent_limits_are_kept() {
    let shop = settled(
        json!({"desiredCount": 4, "deploymentConfiguration": {"maximumPercent": 100, "minimumHealthyPercent": 50}}),
    );
    shop.deploy("v2");
    shop.until(|deployment| {
        let service = shop.service();
        let (running, pending) = (
            service["runningCount"].as_u64().unwrap(),
            service["pendingCount"].as_u64().unwrap(),
        );
        assert!(
            running + pending <= 4 && running >= 2,
            "{running} running, {pending} pending"
        );
        deployment["status"] == "SUCCESSFUL"
    });
}

#[test]
fn the_breaker_goes_back() {
    for tag in [
        "v2--crash",
        "v2--missing",
        "v2--secret-denied",
        "v2--arm64",
        "v2--unready",
    ] {
        let shop = settled(breaker(true));
        let before = shop.service()["taskDefinition"].clone();
        let live = shop.revision()["serviceRevisionArn"].clone();
        shop.deploy(tag);
        let deployment = shop.until_status("ROLLBACK_SUCCESSFUL");
        assert_eq!(deployment["rollback"]["serviceRevisionArn"], live, "{tag}");
        assert_eq!(
            deployment["deploymentCircuitBreaker"]["status"], "TRIGGERED",
            "{tag}"
        );
        assert_eq!(shop.service()["taskDefinition"], before, "{tag}");
        assert!(
            shop.has_event("deployment failed: tasks failed to start."),
            "{tag}"
        );
        shop.advance(60);
        assert_eq!(shop.images(), ["app:v1"], "{tag}");
    }
}

#[test]
fn the_breaker_without_rollback_stops_and_leaves_the_old_tasks() {
    let shop = settled(breaker(false));
    shop.deploy("v2--crash");
    let deployment = shop.until_status("STOPPED");
    assert_eq!(deployment["rollback"], Value::Null);
    assert_eq!(shop.service()["deployments"][0]["rolloutState"], "FAILED");
    shop.advance(600);
    assert_eq!(shop.images(), ["app:v1"]);
}

#[test]
fn a_first_rollout_that_never_gets_healthy_stalls_until_it_is_stopped() {
    for changes in [breaker(true), json!({})] {
        let shop = Shop::new();
        shop.ecs("CreateService", shop.request("v1--crash", changes));
        shop.advance(3600);
        let deployment = shop.deployment();
        assert_eq!(deployment["status"], "IN_PROGRESS");
        shop.ecs(
            "StopServiceDeployment",
            json!({"serviceDeploymentArn": deployment["serviceDeploymentArn"]}),
        );
        shop.advance(30);
        assert_eq!(shop.deployment()["status"], "STOPPED");
        assert!(shop.images().is_empty());
    }
}

#[test]
fn stopping_goes_back_even_when_nothing_was_configured() {
    let shop = settled(json!({}));
    shop.deploy("v2--slow-start-5m");
    shop.advance(20);
    let arn = shop.deployment()["serviceDeploymentArn"].clone();
    shop.ecs(
        "StopServiceDeployment",
        json!({"serviceDeploymentArn": arn, "stopType": "ROLLBACK"}),
    );
    assert_eq!(shop.deployment()["status"], "ROLLBACK_REQUESTED");
    shop.until_status("ROLLBACK_SUCCESSFUL");
    shop.advance(60);
    assert_eq!(shop.images(), ["app:v1"]);
    let refused = shop.refused(
        "StopServiceDeployment",
        json!({"serviceDeploymentArn": arn}),
    );
    assert_eq!(refused.code, "ConflictException");
}

#[test]
fn a_newer_deployment_supersedes() {
    let shop = settled(json!({}));
    shop.deploy("v2--slow-start-5m");
    shop.advance(20);
    let old = shop.deployment()["serviceDeploymentArn"]
        .as_str()
        .unwrap()
        .to_owned();
    shop.deploy("v3");
    assert_eq!(shop.deployment_of(&old)["status"], "STOP_REQUESTED");
    shop.until_status("SUCCESSFUL");
    assert_eq!(shop.deployment_of(&old)["status"], "STOPPED");
    shop.advance(60);
    assert_eq!(shop.images(), ["app:v3"]);
}

#[test]
fn an_alarm_goes_back_unless_it_fired_before() {
    let shop = Shop::new();
    shop.set_alarm("errors", "OK");
    shop.set_alarm("old-news", "ALARM");
    let alarms = json!({"deploymentConfiguration": {"alarms": {"alarmNames": ["errors", "old-news"], "enable": true, "rollback": true}}});
    shop.ecs("CreateService", shop.request("v1", alarms));
    shop.settle();
    assert_eq!(shop.deployment()["status"], "SUCCESSFUL");
    shop.deploy("v2--slow-start-5m");
    shop.advance(20);
    shop.set_alarm("errors", "ALARM");
    let deployment = shop.until_status("ROLLBACK_SUCCESSFUL");
    assert_eq!(
        deployment["alarms"]["triggeredAlarmNames"],
        json!(["errors"])
    );
}

#[test]
fn forcing_starts_a_rollout_and_repeating_does_not() {
    let shop = settled(json!({}));
    let definition = shop.service()["taskDefinition"].clone();
    let first = shop.deployment()["serviceDeploymentArn"].clone();
    shop.ecs("UpdateService", json!({"cluster": "main", "service": "shop", "taskDefinition": definition, "desiredCount": 3}));
    shop.advance(60);
    assert_eq!(shop.deployment()["serviceDeploymentArn"], first);
    assert_eq!(shop.service()["runningCount"], 3);
    shop.ecs(
        "UpdateService",
        json!({"cluster": "main", "service": "shop", "forceNewDeployment": true}),
    );
    assert_ne!(shop.deployment()["serviceDeploymentArn"], first);
    shop.until_status("SUCCESSFUL");
}

fn threshold(kind: &str, value: u32, resets: bool) -> Value {
    json!({"desiredCount": 4, "deploymentConfiguration": {"deploymentCircuitBreaker": {
        "enable": true, "rollback": true, "resetOnHealthyTask": resets,
        "thresholdConfiguration": {"type": kind, "value": value},
    }}})
}

#[test]
fn the_breaker_trips_at_the_threshold_it_is_given() {
    for (kind, value, wanted) in [
        ("COUNT", 2, 2),
        ("COUNT", 9, 9),
        ("BOUNDED_PERCENT", 50, 3),
        ("BOUNDED_PERCENT", 100, 4),
        ("UNBOUNDED_PERCENT", 30, 2),
    ] {
        let shop = settled(threshold(kind, value, true));
        shop.deploy("v2--crash");
        let deployment = shop.until_status("ROLLBACK_SUCCESSFUL");
        let breaker = &deployment["deploymentCircuitBreaker"];
        assert_eq!(breaker["threshold"], wanted, "{kind} {value}");
        assert_eq!(breaker["status"], "TRIGGERED");
        assert!(
            breaker["failureCount"].as_u64() >= Some(wanted),
            "{kind} {value}: {breaker}"
        );
    }
}

#[test]
fn a_healthy_task_sets_the_count_back_unless_told_otherwise() {
    for (resets, status) in [(true, "IN_PROGRESS"), (false, "ROLLBACK_SUCCESSFUL")] {
        let mut changes = threshold("COUNT", 5, resets);
        changes["deploymentConfiguration"]["maximumPercent"] = json!(125);
        changes["deploymentConfiguration"]["minimumHealthyPercent"] = json!(100);
        let shop = settled(changes);
        // Each task is healthy for a while, and then ends.
        shop.deploy("v2--crash-after-40s");
        shop.advance(1200);
        assert_eq!(shop.deployment()["status"], status, "resets: {resets}");
    }
}

#[test]
fn thresholds_that_make_no_sense_are_refused() {
    let shop = Shop::new();
    for (kind, value) in [("COUNT", 0), ("BOUNDED_PERCENT", 101), ("SHARE", 5)] {
        let request = shop.request("v1", threshold(kind, value, true));
        assert_eq!(
            shop.refused("CreateService", request).code,
            "InvalidParameterException",
            "{kind} {value}"
        );
    }
}
