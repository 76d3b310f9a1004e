//! Blue/green, canary and linear deployments.

use serde_json::{Value, json};

use super::fixture::Shop;

fn settled(configuration: Value) -> Shop {
    let shop = Shop::new();
    shop.shifting(configuration);
    shop
}

#[test]
fn the_first_deployment_goes_to_the_primary_group_and_writes_both_groups() {
    let shop = settled(json!({"strategy": "BLUE_GREEN"}));
    assert_eq!(shop.weights(), (100, 0));
    let resolved = shop.revision()["resolvedConfiguration"]["loadBalancers"][0].clone();
    assert_eq!(resolved["targetGroupArn"], shop.blue);
    assert_eq!(resolved["productionListenerRule"], shop.rule);
}

#[test]
fn the_live_side_alternates() {
    let shop = settled(json!({"strategy": "BLUE_GREEN"}));
    for (tag, weights) in [("v2", (0, 100)), ("v3", (100, 0)), ("v4", (0, 100))] {
        shop.deploy(tag);
        shop.until_status("SUCCESSFUL");
        assert_eq!(shop.weights(), weights, "{tag}");
        shop.advance(60);
        assert_eq!(shop.images(), [format!("app:{tag}")]);
    }
    assert_eq!(
        shop.service()["loadBalancers"][0]["targetGroupArn"],
        shop.blue,
        "the settings stay as given"
    );
    assert_eq!(
        shop.revision()["resolvedConfiguration"]["loadBalancers"][0]["targetGroupArn"],
        shop.green
    );
}

#[test]
fn both_sides_are_whole_while_it_bakes() {
    let shop = settled(json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10}));
    shop.deploy("v2");
    let deployment = shop.until_stage("BAKE_TIME");
    assert_eq!(
        deployment["sourceServiceRevisions"][0]["runningTaskCount"],
        2
    );
    assert_eq!(deployment["targetServiceRevision"]["runningTaskCount"], 2);
    assert_eq!(
        deployment["targetServiceRevision"]["requestedProductionTrafficWeight"],
        100.0
    );
    assert_eq!(shop.service()["deployments"].as_array().unwrap().len(), 2);
    shop.advance(595);
    assert_eq!(shop.deployment()["lifecycleStage"], "BAKE_TIME");
    shop.until_status("SUCCESSFUL");
}

#[test]
fn canary_shifts_twice() {
    let shop = settled(
        json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 5}}),
    );
    shop.deploy("v2");
    let shifted = shop.until(|_| shop.weights() == (90, 10));
    assert_eq!(shifted["lifecycleStage"], "PRODUCTION_TRAFFIC_SHIFT");
    shop.advance(290);
    assert_eq!(shop.weights(), (90, 10));
    shop.until_status("SUCCESSFUL");
    assert_eq!(shop.weights(), (0, 100));
}

#[test]
fn linear_takes_every_step() {
    let shop = settled(
        json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 25.0, "stepBakeTimeInMinutes": 1}}),
    );
    shop.deploy("v2");
    let mut seen = vec![shop.weights()];
    shop.until(|deployment| {
        if seen.last() != Some(&shop.weights()) {
            seen.push(shop.weights());
        }
        deployment["status"] == "SUCCESSFUL"
    });
    assert_eq!(seen, [(100, 0), (75, 25), (50, 50), (25, 75), (0, 100)]);
}

#[test]
fn a_default_rule_may_be_the_production_rule_and_test_traffic_goes_first() {
    let mut shop = Shop::new();
    let mut pair = shop.pair(true);
    pair[0]["advancedConfiguration"]["productionListenerRule"] = json!(shop.default_rule);
    let changes =
        json!({"deploymentConfiguration": {"strategy": "BLUE_GREEN"}, "loadBalancers": pair});
    shop.rule = shop.default_rule.clone();
    shop.ecs("CreateService", shop.request("v1", changes));
    shop.settle();
    shop.deploy("v2");
    let deployment = shop.until(|deployment| {
        deployment["targetServiceRevision"]["requestedTestTrafficWeight"] == 100.0
    });
    assert_eq!(
        deployment["targetServiceRevision"]["requestedProductionTrafficWeight"],
        0.0
    );
    assert_eq!(shop.weights(), (100, 0));
    shop.until_status("SUCCESSFUL");
    assert_eq!(shop.weights(), (0, 100));
}

#[test]
fn a_green_side_that_never_gets_healthy_leaves_production_alone_until_it_is_stopped() {
    for tag in ["v2--crash", "v2--missing", "v2--unready"] {
        let shop = settled(json!({"strategy": "BLUE_GREEN"}));
        shop.deploy(tag);
        shop.advance(1800);
        let deployment = shop.deployment();
        assert_eq!(
            (&deployment["status"], &deployment["lifecycleStage"]),
            (&json!("IN_PROGRESS"), &json!("SCALE_UP")),
            "{tag}"
        );
        assert_eq!(shop.weights(), (100, 0), "{tag}");
        let stopped = shop.ecs(
            "ListTasks",
            json!({"cluster": "main", "serviceName": "shop", "desiredStatus": "STOPPED"}),
        );
        assert!(!stopped["taskArns"].as_array().unwrap().is_empty(), "{tag}");
        shop.ecs(
            "StopServiceDeployment",
            json!({"serviceDeploymentArn": deployment["serviceDeploymentArn"]}),
        );
        shop.until_status("ROLLBACK_SUCCESSFUL");
        shop.advance(60);
        assert_eq!(shop.images(), ["app:v1"], "{tag}");
    }
}

#[test]
fn a_stage_ends_after_a_day() {
    let shop = settled(json!({"strategy": "BLUE_GREEN"}));
    shop.deploy("v2--crash");
    shop.advance(24 * 3600 + 60);
    assert_eq!(shop.deployment()["status"], "ROLLBACK_SUCCESSFUL");
}

#[test]
fn an_alarm_in_the_bake_brings_traffic_back_at_once() {
    let shop = Shop::new();
    shop.set_alarm("errors", "OK");
    shop.shifting(json!({
        "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 30,
        "alarms": {"alarmNames": ["errors"], "enable": true, "rollback": true},
    }));
    shop.deploy("v2");
    shop.until_stage("BAKE_TIME");
    shop.set_alarm("errors", "ALARM");
    shop.advance(11);
    assert_eq!(shop.weights(), (100, 0));
    let deployment = shop.until_status("ROLLBACK_SUCCESSFUL");
    assert!(
        deployment["statusReason"]
            .as_str()
            .unwrap()
            .contains("errors"),
        "{deployment}"
    );
    let live = shop.service()["taskDefinition"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(live.ends_with("app:1"), "{live}");
    shop.deploy("v3");
    shop.until_status("SUCCESSFUL");
    assert_eq!(shop.weights(), (0, 100));
}

#[test]
fn a_newer_deployment_first_reconciles() {
    let shop = settled(
        json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 60}}),
    );
    shop.deploy("v2");
    shop.until(|_| shop.weights() == (80, 20));
    shop.deploy("v3");
    let deployment = shop.until_stage("RECONCILE_SERVICE");
    assert_eq!(
        deployment["sourceServiceRevisions"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    shop.until_status("SUCCESSFUL");
    shop.advance(60);
    assert_eq!(
        (shop.weights(), shop.images()),
        ((0, 100), vec!["app:v3".to_owned()])
    );
}

#[test]
fn rules_without_both_groups_end_the_rollout_with_a_reason() {
    let shop = settled(json!({"strategy": "BLUE_GREEN"}));
    shop.elb("ModifyRule", json!({"RuleArn": shop.rule, "Actions": [{"Type": "forward", "TargetGroupArn": shop.blue}]}));
    shop.deploy("v2");
    let deployment = shop.until_status("ROLLBACK_SUCCESSFUL");
    assert!(
        deployment["statusReason"]
            .as_str()
            .unwrap()
            .contains("invalid networking configuration")
    );
    assert_eq!(shop.images(), ["app:v1"]);
}

#[test]
fn aborting_leaves_everything_where_it_is() {
    let shop = settled(json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 30}));
    shop.deploy("v2");
    let deployment = shop.until_stage("BAKE_TIME");
    shop.ecs(
        "StopServiceDeployment",
        json!({"serviceDeploymentArn": deployment["serviceDeploymentArn"], "stopType": "ABORT"}),
    );
    shop.until_status("STOPPED");
    shop.advance(120);
    assert_eq!(shop.weights(), (0, 100));
    assert_eq!(shop.images(), ["app:v1", "app:v2"]);
}

#[test]
fn scaling_during_a_rollout_reaches_both_sides() {
    let shop = settled(json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 30}));
    shop.deploy("v2");
    shop.until_stage("BAKE_TIME");
    shop.ecs(
        "UpdateService",
        json!({"cluster": "main", "service": "shop", "desiredCount": 4}),
    );
    shop.advance(60);
    assert_eq!(shop.service()["runningCount"], 8);
    shop.until_status("SUCCESSFUL");
}

#[test]
fn five_hundred_services_are_cheap() {
    let shop = Shop::new();
    for number in 0..500 {
        let request = shop.request(
            "v1",
            json!({"serviceName": format!("s{number}"), "desiredCount": 1, "loadBalancers": []}),
        );
        shop.ecs("CreateService", request);
    }
    shop.advance(3600);
    assert_eq!(
        shop.ecs("DescribeClusters", json!({"clusters": ["main"]}))["clusters"][0]["runningTasksCount"],
        500
    );
    assert_eq!(shop.world.next_event(), None);
}

fn stray(shop: &Shop, weights: (u32, u32)) {
    let groups = json!([
        {"TargetGroupArn": shop.blue, "Weight": weights.0}, {"TargetGroupArn": shop.green, "Weight": weights.1},
    ]);
    shop.elb(
        "ModifyRule",
        json!({"RuleArn": shop.rule, "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]}),
    );
}

fn status(shop: &Shop) -> String {
    shop.deployment()["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_rule_that_somebody_moved_is_set_right_by_the_next_shift_only() {
    let shop = settled(
        json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 5}}),
    );
    stray(&shop, (0, 1));
    shop.deploy("v2");
    let mut seen = vec![shop.weights()];
    for _ in 0..1200 {
        shop.advance(1);
        if seen.last() != Some(&shop.weights()) {
            seen.push(shop.weights());
        }
        if shop.weights() == (50, 50) && seen.len() == 2 {
            // Once more, in the middle of the deployment.
            stray(&shop, (1, 0));
        }
    }
    assert_eq!(seen, [(0, 1), (50, 50), (1, 0), (0, 100)]);
    assert_eq!(status(&shop), "SUCCESSFUL");
}

#[test]
fn a_rule_that_lost_a_group_ends_the_deployment_before_anything_starts() {
    let shop = settled(json!({"strategy": "BLUE_GREEN"}));
    shop.elb(
        "ModifyRule",
        json!({"RuleArn": shop.rule, "Actions": [{"Type": "forward", "TargetGroupArn": shop.blue}]}),
    );
    shop.deploy("v2");
    shop.advance(120);
    let deployment = shop.deployment();
    assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL");
    let reason = deployment["statusReason"].as_str().unwrap();
    assert!(
        reason.contains("invalid networking configuration"),
        "{reason}"
    );
    assert_eq!(shop.images(), ["app:v1"]);
}

/// AWS asks for a test listener or both groups behind Application Load Balancers only.
#[test]
fn a_listener_of_a_network_load_balancer_may_start_with_one_group() {
    let shop = Shop::new();
    let balancer = json!({"Name": "net", "Type": "network", "Subnets": ["subnet-1"]});
    let balancer = shop.elb("CreateLoadBalancer", balancer)["LoadBalancers"][0].clone();
    let group = |name: &str| {
        let group = json!({
            "Name": name, "Protocol": "TCP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip",
            "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2,
        });
        shop.elb("CreateTargetGroup", group)["TargetGroups"][0]["TargetGroupArn"].clone()
    };
    let (blue, green) = (group("net-blue"), group("net-green"));
    let listener = shop.elb(
        "CreateListener",
        json!({
            "LoadBalancerArn": balancer["LoadBalancerArn"], "Protocol": "TCP", "Port": 80,
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": blue}],
        }),
    );
    let mut pair = shop.pair(false);
    pair[0]["targetGroupArn"] = blue.clone();
    pair[0]["advancedConfiguration"]["alternateTargetGroupArn"] = green.clone();
    let arn = &listener["Listeners"][0]["ListenerArn"];
    pair[0]["advancedConfiguration"]["productionListenerRule"] = arn.clone();
    let changes =
        json!({"deploymentConfiguration": {"strategy": "BLUE_GREEN"}, "loadBalancers": pair});
    shop.ecs("CreateService", shop.request("v1", changes));
    for (tag, group) in [("v1", &blue), ("v2", &green)] {
        if tag != "v1" {
            shop.deploy(tag);
        }
        shop.settle();
        assert_eq!(shop.deployment()["status"], "SUCCESSFUL", "{tag}");
        let live = shop.revision()["resolvedConfiguration"]["loadBalancers"][0].clone();
        assert_eq!(live["targetGroupArn"], *group, "{tag}");
    }
}

#[test]
fn a_rule_that_is_deleted_in_the_middle_ends_the_deployment() {
    let shop = settled(
        json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 10}}),
    );
    shop.deploy("v2");
    shop.until(|_| shop.weights() == (90, 10));
    shop.elb("DeleteRule", json!({"RuleArn": shop.rule}));
    shop.advance(15 * 60);
    let deployment = shop.deployment();
    assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL");
    let reason = deployment["statusReason"].as_str().unwrap();
    assert!(reason.contains(&shop.rule), "{reason}");
}
