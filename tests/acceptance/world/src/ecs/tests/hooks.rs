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

#[test]
fn a_pause_holds_at_every_stage_that_allows_one() {
    for (stage, weights) in [
        ("PRE_SCALE_UP", (100, 0)),
        ("POST_SCALE_UP", (100, 0)),
        ("POST_TEST_TRAFFIC_SHIFT", (100, 0)),
        ("PRE_PRODUCTION_TRAFFIC_SHIFT", (100, 0)),
        ("POST_PRODUCTION_TRAFFIC_SHIFT", (0, 100)),
    ] {
        for (action, status) in [
            ("ROLLBACK", "ROLLBACK_SUCCESSFUL"),
            ("CONTINUE", "SUCCESSFUL"),
        ] {
            let shop = shop_with(&[pause(stage, action)], blue_green());
            shop.deploy("v2");
            let deployment = shop.until(|deployment| waiting(deployment).is_some());
            assert_eq!(deployment["lifecycleStage"], stage);
            assert_eq!(shop.weights(), weights, "{stage}");
            shop.advance(29 * 60);
            assert_eq!(shop.deployment()["lifecycleStage"], stage);
            shop.until_status(status);
        }
    }
}

#[test]
fn a_superseded_deployment_is_reconciled_first_and_a_pause_may_hold_that() {
    let shop = shop_with(&[pause("RECONCILE_SERVICE", "ROLLBACK")], blue_green());
    shop.deploy("v2");
    shop.until_stage("SCALE_UP");
    shop.advance(3);
    shop.deploy("v3");
    let deployment = shop.until(|deployment| waiting(deployment).is_some());
    assert_eq!(deployment["lifecycleStage"], "RECONCILE_SERVICE");
    go_on(&shop, &deployment, "CONTINUE");
    shop.until_status("SUCCESSFUL");
    assert_eq!(shop.images(), ["app:v3"]);
}

#[test]
fn a_canary_asks_before_each_of_its_two_shifts() {
    let canary = json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 0}});
    let shop = shop_with(&[pause("PRE_PRODUCTION_TRAFFIC_SHIFT", "ROLLBACK")], canary);
    shop.deploy("v2");
    let mut ids = Vec::new();
    for weights in [(100, 0), (90, 10)] {
        let deployment = shop.until(|deployment| waiting(deployment).is_some());
        let shown = deployment["lifecycleHookDetails"].as_array().unwrap();
        assert_eq!(shown.len(), 1, "earlier firings are history");
        assert_eq!(shop.weights(), weights);
        ids.extend(waiting(&deployment));
        go_on(&shop, &deployment, "CONTINUE");
    }
    shop.until_status("SUCCESSFUL");
    ids.dedup();
    assert_eq!(ids.len(), 2);
}

#[test]
fn details_have_the_members_that_aws_documents() {
    let shop = shop_with(
        &[
            pause("POST_SCALE_UP", "CONTINUE"),
            lambda("smoke-hangs", "POST_SCALE_UP"),
        ],
        blue_green(),
    );
    shop.deploy("v2");
    let deployment = shop.until(|deployment| waiting(deployment).is_some());
    let members = |position: usize| -> Vec<String> {
        let hook = deployment["lifecycleHookDetails"][position].as_object();
        hook.unwrap().keys().cloned().collect()
    };
    let common = [
        "expiresAt",
        "hookId",
        "status",
        "targetType",
        "timeoutAction",
    ];
    assert_eq!(members(0), common);
    let mut of_function = common.to_vec();
    of_function.insert(3, "targetArn");
    assert_eq!(members(1), of_function);
    assert_eq!(
        deployment["lifecycleHookDetails"][0]["timeoutAction"],
        "CONTINUE"
    );
    assert_eq!(
        deployment["lifecycleHookDetails"][1]["status"],
        "IN_PROGRESS"
    );
}

#[test]
fn stopping_during_a_hold_goes_back_and_the_hold_is_over() {
    let linear = json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 0}});
    let shop = shop_with(&[pause("PRE_PRODUCTION_TRAFFIC_SHIFT", "ROLLBACK")], linear);
    shop.deploy("v2");
    let first = shop.until(|deployment| waiting(deployment).is_some());
    go_on(&shop, &first, "CONTINUE");
    let held = shop.until(|deployment| {
        waiting(deployment).is_some() && waiting(deployment) != waiting(&first)
    });
    assert_eq!(shop.weights(), (50, 50));
    let arn = held["serviceDeploymentArn"].clone();
    shop.ecs(
        "StopServiceDeployment",
        json!({"serviceDeploymentArn": arn}),
    );
    let undoing = shop.until_status("ROLLBACK_IN_PROGRESS");
    assert_eq!(waiting(&undoing), None);
    let refused = shop.refused(
        "ContinueServiceDeployment",
        json!({"serviceDeploymentArn": arn, "hookId": waiting(&held)}),
    );
    assert_eq!(refused.code, "ConflictException");
    shop.until_status("ROLLBACK_SUCCESSFUL");
    assert_eq!(shop.weights(), (100, 0));
}

#[test]
fn a_function_at_the_shift_is_asked_again_while_traffic_goes_back() {
    let shop = shop_with(
        &[
            lambda("shift-succeeds-after-90s", "PRODUCTION_TRAFFIC_SHIFT"),
            lambda("last-fails", "POST_PRODUCTION_TRAFFIC_SHIFT"),
        ],
        blue_green(),
    );
    shop.deploy("v2");
    let forth = shop.until(|deployment| {
        deployment["lifecycleStage"] == "PRODUCTION_TRAFFIC_SHIFT"
            && deployment["status"] == "IN_PROGRESS"
    });
    let back = shop.until(|deployment| {
        deployment["lifecycleStage"] == "PRODUCTION_TRAFFIC_SHIFT"
            && deployment["status"] == "ROLLBACK_IN_PROGRESS"
    });
    assert_eq!(shop.weights(), (100, 0), "traffic does not wait for it");
    let hook = |deployment: &Value| deployment["lifecycleHookDetails"][0].clone();
    assert_eq!(hook(&back)["status"], "IN_PROGRESS");
    assert_eq!(hook(&back)["targetArn"], hook(&forth)["targetArn"]);
    assert_ne!(hook(&back)["hookId"], hook(&forth)["hookId"]);
    shop.advance(80);
    assert_eq!(shop.deployment()["status"], "ROLLBACK_IN_PROGRESS");
    shop.until_status("ROLLBACK_SUCCESSFUL");
}
