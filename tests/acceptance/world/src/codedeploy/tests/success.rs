//! Deployments that end well.

use serde_json::json;

use super::fixture::Shop;

#[test]
fn all_at_once_moves_every_rule_and_ends_the_old_task_set_after_its_wait() {
    let shop = Shop::new();
    let id = shop.start("v2");
    assert!(id.starts_with("d-") && id.len() == 11, "{id}");
    assert_eq!(shop.status(&id), "Created");
    assert_eq!(
        shop.refused(
            "GetDeploymentTarget",
            json!({"deploymentId": id, "targetId": "main:shop"})
        ),
        "DeploymentNotStartedException"
    );
    shop.advance(1);
    assert_eq!(shop.status(&id), "Queued");
    shop.advance(3);
    assert_eq!(shop.status(&id), "InProgress");
    assert_eq!(shop.event(&id, "Install"), "InProgress");
    assert_eq!(shop.weights(&shop.production), [(100, 0), (100, 0)]);
    assert_eq!(shop.service()["taskSets"].as_array().unwrap().len(), 2);
    shop.until(&id, "Baking");
    assert_eq!(shop.weights(&shop.production), [(0, 100), (0, 100)]);
    assert_eq!(shop.weights(&shop.test), [(0, 100)]);
    assert_eq!(shop.event(&id, "AfterAllowTraffic"), "Succeeded");
    assert!(
        shop.service()["taskDefinition"]
            .as_str()
            .unwrap()
            .ends_with("app:2")
    );
    let sets = shop.target(&id)["taskSetsInfo"].clone();
    assert_eq!(
        (&sets[0]["taskSetLabel"], &sets[0]["trafficWeight"]),
        (&json!("Blue"), &json!(0.0))
    );
    assert_eq!(
        (&sets[1]["taskSetLabel"], &sets[1]["trafficWeight"]),
        (&json!("Green"), &json!(100.0))
    );
    assert_eq!(
        (&sets[1]["status"], &sets[1]["runningCount"]),
        (&json!("PRIMARY"), &json!(2))
    );
    assert!(
        sets[1]["identifer"]
            .as_str()
            .unwrap()
            .starts_with("ecs-svc/")
    );
    shop.advance(290);
    assert_eq!(shop.status(&id), "Baking");
    shop.advance(20);
    assert_eq!(shop.status(&id), "Succeeded");
    let shown = shop.deployment(&id);
    assert_eq!(shown["creator"], "user");
    assert_eq!(shown["deploymentOverview"]["Succeeded"], 1);
    assert!(shown["createTime"].is_number() && shown["completeTime"].is_number());
    let group = shop.deploy(
        "GetDeploymentGroup",
        json!({"applicationName": "shop", "deploymentGroupName": "shop"}),
    )["deploymentGroupInfo"]
        .clone();
    assert_eq!(group["lastSuccessfulDeployment"]["deploymentId"], json!(id));
    shop.advance(600);
    assert_eq!(shop.service()["taskSets"].as_array().unwrap().len(), 1);
}

#[test]
fn the_next_deployment_goes_back_to_the_first_group() {
    let shop = Shop::new();
    for (tag, expected) in [("v2", (0, 100)), ("v3", (100, 0))] {
        let id = shop.start(tag);
        shop.until(&id, "Succeeded");
        assert_eq!(shop.weights(&shop.production), [expected, expected]);
    }
}

#[test]
fn canary_holds_its_share_for_its_interval() {
    let shop = Shop::new();
    let config = json!({"deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes"});
    let id = shop.start_with("v2", "", config);
    while shop.weights(&shop.production) != [(90, 10), (90, 10)] {
        shop.advance(5);
    }
    assert_eq!(shop.event(&id, "AllowTraffic"), "InProgress");
    shop.advance(290);
    assert_eq!(shop.weights(&shop.production), [(90, 10), (90, 10)]);
    shop.advance(11);
    assert_eq!(shop.weights(&shop.production), [(0, 100), (0, 100)]);
    shop.until(&id, "Succeeded");
}

#[test]
fn linear_takes_every_step() {
    for (config, minutes) in [
        ("CodeDeployDefault.ECSLinear10PercentEvery1Minutes", 1),
        ("CodeDeployDefault.ECSLinear10PercentEvery3Minutes", 3),
    ] {
        let shop = Shop::new();
        let id = shop.start_with("v2", "", json!({"deploymentConfigName": config}));
        while shop.weights(&shop.production) != [(90, 10), (90, 10)] {
            shop.advance(1);
        }
        for step in 2..=10 {
            shop.advance(60 * minutes);
            assert_eq!(
                shop.weights(&shop.production)[0],
                (100 - 10 * step, 10 * step),
                "{config} step {step}"
            );
        }
        shop.until(&id, "Succeeded");
    }
}

#[test]
fn a_custom_config_with_uneven_steps_ends_at_a_hundred() {
    let shop = Shop::new();
    let routing = json!({"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 40, "linearInterval": 2}});
    shop.deploy("CreateDeploymentConfig", json!({"deploymentConfigName": "forty", "computePlatform": "ECS", "trafficRoutingConfig": routing}));
    let id = shop.start_with("v2", "", json!({"deploymentConfigName": "forty"}));
    let mut seen = Vec::new();
    while shop.status(&id) != "Succeeded" {
        let green = shop.weights(&shop.production)[0].1;
        if seen.last() != Some(&green) {
            seen.push(green);
        }
        shop.advance(5);
    }
    assert_eq!(seen, [0, 40, 80, 100]);
    assert_eq!(
        shop.deploy(
            "GetDeploymentConfig",
            json!({"deploymentConfigName": "forty"})
        )["deploymentConfigInfo"]["trafficRoutingConfig"],
        routing
    );
}

#[test]
fn hooks_that_pass_delay_their_event() {
    let shop = Shop::new();
    let id = shop.start_with("v2", "Hooks:\n  - BeforeInstall: check-succeeds-after-90s\n  - AfterAllowTraffic: smoke-succeeds\n", json!({}));
    shop.advance(80);
    assert_eq!(shop.event(&id, "BeforeInstall"), "InProgress");
    shop.advance(20);
    assert_eq!(shop.event(&id, "BeforeInstall"), "Succeeded");
    shop.until(&id, "Succeeded");
}

#[test]
fn a_hook_may_be_answered_from_outside() {
    let shop = Shop::new();
    let id = shop.start_with("v2", "Hooks:\n  - BeforeInstall: check-hangs\n", json!({}));
    shop.advance(60);
    let answer = |status: &str| json!({"deploymentId": id, "lifecycleEventHookExecutionId": format!("{id}/BeforeInstall"), "status": status});
    assert_eq!(
        shop.refused("PutLifecycleEventHookExecutionStatus", answer("Maybe")),
        "InvalidLifecycleEventHookExecutionStatusException"
    );
    shop.deploy("PutLifecycleEventHookExecutionStatus", answer("Succeeded"));
    assert_eq!(shop.event(&id, "BeforeInstall"), "Succeeded");
    assert_eq!(
        shop.refused("PutLifecycleEventHookExecutionStatus", answer("Succeeded")),
        "LifecycleEventAlreadyCompletedException"
    );
    shop.until(&id, "Succeeded");
}

#[test]
fn a_waiting_deployment_goes_on_when_it_is_continued() {
    let waits = json!({
        "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30},
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60},
    });
    let shop = Shop::with(json!({"blueGreenDeploymentConfiguration": waits}));
    let id = shop.start("v2");
    let go = |kind: &str| json!({"deploymentId": id, "deploymentWaitType": kind});
    assert_eq!(
        shop.refused("ContinueDeployment", go("READY_WAIT")),
        "DeploymentIsNotInReadyStateException"
    );
    shop.until(&id, "Ready");
    assert_eq!(shop.weights(&shop.test), [(0, 100)]);
    assert_eq!(shop.weights(&shop.production), [(100, 0), (100, 0)]);
    assert_eq!(
        shop.refused("ContinueDeployment", go("SOME_WAIT")),
        "InvalidDeploymentWaitTypeException"
    );
    shop.deploy("ContinueDeployment", go("READY_WAIT"));
    assert_eq!(shop.status(&id), "Baking");
    assert_eq!(shop.weights(&shop.production), [(0, 100), (0, 100)]);
    shop.deploy("ContinueDeployment", go("TERMINATION_WAIT"));
    shop.advance(10);
    assert_eq!(shop.status(&id), "Succeeded");
    assert_eq!(
        shop.refused("ContinueDeployment", go("READY_WAIT")),
        "DeploymentAlreadyCompletedException"
    );
}
