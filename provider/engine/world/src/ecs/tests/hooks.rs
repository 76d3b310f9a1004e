//! Life-cycle hooks: pauses and Lambda functions.

use serde_json::{Value, json};

use super::fixture::Shop;

const STAGES: [&str; 6] = [
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
];

fn lambda(name: &str, stage: &str) -> Value {
    json!({
        "targetType": "AWS_LAMBDA", "hookTargetArn": format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}"),
        "roleArn": "arn:aws:iam::123456789012:role/hooks", "lifecycleStages": [stage],
        "timeoutConfiguration": {"timeoutInMinutes": 10},
    })
}

fn pause(stage: &str, action: &str) -> Value {
    json!({"targetType": "PAUSE", "lifecycleStages": [stage], "timeoutConfiguration": {"timeoutInMinutes": 30, "action": action}})
}

/// A settled blue/green service that gets these hooks with its next deployment.
fn shop_with(hooks: &[Value], strategy: Value) -> Shop {
    let shop = Shop::new();
    shop.shifting(strategy);
    let configuration = json!({"lifecycleHooks": hooks});
    shop.ecs(
        "UpdateService",
        json!({"cluster": "main", "service": "shop", "deploymentConfiguration": configuration}),
    );
    shop
}

fn blue_green() -> Value {
    json!({"strategy": "BLUE_GREEN"})
}

fn waiting(deployment: &Value) -> Option<String> {
    let hooks = deployment["lifecycleHookDetails"].as_array()?;
    let hook = hooks
        .iter()
        .find(|hook| hook["status"] == "AWAITING_ACTION")?;
    Some(hook["hookId"].as_str()?.to_owned())
}

fn go_on(shop: &Shop, deployment: &Value, action: &str) {
    let hook = waiting(deployment).unwrap();
    let arn = &deployment["serviceDeploymentArn"];
    shop.ecs(
        "ContinueServiceDeployment",
        json!({"serviceDeploymentArn": arn, "hookId": hook, "action": action}),
    );
}

#[test]
fn functions_that_pass_delay_their_stage() {
    for stage in STAGES {
        let shop = shop_with(&[lambda("smoke-succeeds-after-90s", stage)], blue_green());
        shop.deploy("v2");
        let deployment = shop.until_stage(stage);
        assert_eq!(
            deployment["lifecycleHookDetails"][0]["status"], "IN_PROGRESS",
            "{stage}"
        );
        shop.advance(80);
        assert_eq!(shop.deployment()["lifecycleStage"], stage);
        let done = shop.until_status("SUCCESSFUL");
        assert_eq!(
            done["lifecycleHookDetails"][0]["status"], "SUCCEEDED",
            "{stage}"
        );
    }
}

#[test]
fn a_function_that_fails_or_hangs_goes_back() {
    for stage in STAGES {
        for name in ["smoke-fails", "smoke-hangs"] {
            let shop = shop_with(&[lambda(name, stage)], blue_green());
            shop.deploy("v2");
            let deployment = shop.until_status("ROLLBACK_SUCCESSFUL");
            assert!(
                deployment["statusReason"].as_str().unwrap().contains(name),
                "{stage} {deployment}"
            );
            assert_eq!(shop.weights(), (100, 0), "{stage}");
            shop.advance(60);
            assert_eq!(shop.images(), ["app:v1"], "{stage}");
        }
    }
}

#[test]
fn a_pause_waits_for_its_answer() {
    let shop = shop_with(&[pause("POST_SCALE_UP", "ROLLBACK")], blue_green());
    shop.deploy("v2");
    let deployment = shop.until(|deployment| waiting(deployment).is_some());
    shop.advance(600);
    assert_eq!(shop.deployment()["lifecycleStage"], "POST_SCALE_UP");
    assert_eq!(shop.weights(), (100, 0));
    go_on(&shop, &deployment, "CONTINUE");
    let refused = shop.refused(
        "ContinueServiceDeployment",
        json!({"serviceDeploymentArn": deployment["serviceDeploymentArn"], "hookId": deployment["lifecycleHookDetails"][0]["hookId"]}),
    );
    assert_eq!(refused.code, "ConflictException");
    shop.until_status("SUCCESSFUL");
}

#[test]
fn a_pause_may_be_answered_with_going_back() {
    let shop = shop_with(
        &[pause("POST_PRODUCTION_TRAFFIC_SHIFT", "ROLLBACK")],
        blue_green(),
    );
    shop.deploy("v2");
    let deployment = shop.until(|deployment| waiting(deployment).is_some());
    assert_eq!(shop.weights(), (0, 100));
    go_on(&shop, &deployment, "ROLLBACK");
    shop.until_status("ROLLBACK_SUCCESSFUL");
    assert_eq!(shop.weights(), (100, 0));
}

#[test]
fn nobody_answers_and_the_time_out_decides() {
    for (action, status, weights) in [
        ("ROLLBACK", "ROLLBACK_SUCCESSFUL", (100, 0)),
        ("CONTINUE", "SUCCESSFUL", (0, 100)),
    ] {
        let shop = shop_with(
            &[pause("PRE_PRODUCTION_TRAFFIC_SHIFT", action)],
            blue_green(),
        );
        shop.deploy("v2");
        let deployment = shop.until_status(status);
        assert_eq!(deployment["lifecycleHookDetails"][0]["status"], "TIMED_OUT");
        assert_eq!(shop.weights(), weights);
    }
}

#[test]
fn every_linear_step_asks_again() {
    let linear = json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 0}});
    let shop = shop_with(&[pause("PRE_PRODUCTION_TRAFFIC_SHIFT", "ROLLBACK")], linear);
    shop.deploy("v2");
    let mut ids = Vec::new();
    for weights in [(100, 0), (50, 50)] {
        let deployment = shop.until(|deployment| waiting(deployment).is_some());
        assert_eq!(shop.weights(), weights);
        ids.extend(waiting(&deployment));
        go_on(&shop, &deployment, "CONTINUE");
    }
    shop.until_status("SUCCESSFUL");
    assert_ne!(ids[0], ids[1], "each firing has an id of its own");
}

#[test]
fn hooks_where_they_may_not_be_are_refused() {
    let shop = Shop::new();
    for hook in [
        pause("TEST_TRAFFIC_SHIFT", "ROLLBACK"),
        pause("SCALE_UP", "ROLLBACK"),
        lambda("smoke", "BAKE_TIME"),
        json!({"targetType": "AWS_LAMBDA", "lifecycleStages": ["PRE_SCALE_UP"]}),
        lambda("smoke", "LUNCH_BREAK"),
    ] {
        let configuration = json!({"strategy": "BLUE_GREEN", "lifecycleHooks": [hook]});
        let request = shop.request(
            "v1",
            json!({"deploymentConfiguration": configuration, "loadBalancers": shop.pair(false)}),
        );
        assert_eq!(
            shop.refused("CreateService", request).code,
            "InvalidParameterException"
        );
    }
}
