//! Pauses, hooks and the circuit breaker of native rollouts; the change of the controller.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use switchyard_aws::Aws;
use switchyard_engine::ports::{
    BreakerThreshold, CircuitBreaker, ContinueAction, Controller, DeploymentConfiguration,
    ErrorKind, HookStatus, HookTarget, HookTimeoutAction, LifecycleHook, LifecycleStage,
    ServiceChange, ServiceRef, Strategy, ThresholdUnit,
};

use crate::fake::{Fake, NoProbes, RealClock, Reply, json as reply, json_error};

const PREFIX: &str = "AmazonEC2ContainerServiceV20141113.";

fn web() -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    }
}

fn configuration() -> DeploymentConfiguration {
    let stages = |words: &[&str]| {
        words
            .iter()
            .map(|word| LifecycleStage::parse(word))
            .collect::<BTreeSet<_>>()
    };
    DeploymentConfiguration {
        strategy: Strategy::Rolling,
        bake_minutes: None,
        maximum_percent: None,
        minimum_healthy_percent: None,
        circuit_breaker: Some(CircuitBreaker {
            enable: true,
            rollback: true,
            threshold: Some(BreakerThreshold {
                unit: ThresholdUnit::Count,
                value: 5,
            }),
            reset_on_healthy_task: Some(false),
        }),
        hooks: Some(vec![
            LifecycleHook {
                target: HookTarget::Pause,
                stages: stages(&["PRE_PRODUCTION_TRAFFIC_SHIFT"]),
                details: None,
                timeout_minutes: Some(60),
                on_timeout: Some(HookTimeoutAction::Rollback),
                more: String::new(),
            },
            LifecycleHook {
                target: HookTarget::Lambda {
                    function: "arn:function".to_owned(),
                    role: "arn:role".to_owned(),
                },
                stages: stages(&["POST_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT"]),
                details: Some(r#"{"path":"/health","tries":3}"#.to_owned()),
                timeout_minutes: None,
                on_timeout: None,
                more: String::new(),
            },
        ]),
        alarms: None,
    }
}

fn wire() -> Value {
    json!({
        "strategy": "ROLLING",
        "deploymentCircuitBreaker": {"enable": true, "rollback": true, "resetOnHealthyTask": false,
            "thresholdConfiguration": {"type": "COUNT", "value": 5}},
        "lifecycleHooks": [
            {"targetType": "PAUSE", "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
                "timeoutConfiguration": {"timeoutInMinutes": 60, "action": "ROLLBACK"}},
            {"targetType": "AWS_LAMBDA", "hookTargetArn": "arn:function", "roleArn": "arn:role",
                "lifecycleStages": ["POST_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT"],
                "hookDetails": {"path": "/health", "tries": 3}}
        ]
    })
}

fn service(configuration: Value) -> Reply {
    reply(json!({"service": {
        "serviceArn": "arn:service/web", "serviceName": "web", "clusterArn": "arn:cluster/main", "status": "ACTIVE",
        "deploymentConfiguration": configuration}}))
}

#[tokio::test]
async fn hooks_and_the_breaker_go_to_aws_and_come_back_the_same() {
    let fake = Fake::script([service(wire())]).await;
    let change = ServiceChange {
        deployment_configuration: Some(configuration()),
        ..ServiceChange::default()
    };
    let services = fake.ports().services;
    let updated = services.update_service(&web(), &change).await.unwrap();
    assert_eq!(fake.seen()[0].json()["deploymentConfiguration"], wire());
    assert_eq!(updated.deployment_configuration, Some(configuration()));
}

#[tokio::test]
async fn no_hooks_removes_them_and_silence_leaves_them_alone() {
    let fake = Fake::script(vec![service(json!({})); 2]).await;
    let services = fake.ports().services;
    for hooks in [Some(Vec::new()), None] {
        let configuration = DeploymentConfiguration {
            hooks,
            circuit_breaker: None,
            ..configuration()
        };
        let change = ServiceChange {
            deployment_configuration: Some(configuration),
            ..ServiceChange::default()
        };
        services.update_service(&web(), &change).await.unwrap();
    }
    let seen = fake.seen();
    let sent = |index: usize| seen[index].json()["deploymentConfiguration"].clone();
    assert_eq!(
        sent(0),
        json!({"strategy": "ROLLING", "lifecycleHooks": []})
    );
    assert_eq!(sent(1), json!({"strategy": "ROLLING"}));
}

#[tokio::test]
async fn hooks_of_kinds_and_words_of_tomorrow_are_kept() {
    let shown = json!({"lifecycleHooks": [
        {"targetType": "SMOKE_SIGNAL", "lifecycleStages": ["ON_A_HILL"], "colour": {"of": "smoke"},
            "timeoutConfiguration": {"timeoutInMinutes": 5, "action": "SHRUG"}},
        {"hookTargetArn": "arn:function", "roleArn": "arn:role", "lifecycleStages": []}]});
    let fake = Fake::script(vec![service(shown.clone()); 2]).await;
    let services = fake.ports().services;
    let change = ServiceChange {
        desired: Some(1),
        ..ServiceChange::default()
    };
    let updated = services.update_service(&web(), &change).await.unwrap();
    let found = updated.deployment_configuration.unwrap();
    let hooks = found.hooks.clone().unwrap();
    let HookTarget::Unknown { word, .. } = &hooks[0].target else {
        panic!("{:?}", hooks[0].target);
    };
    assert_eq!(word, "SMOKE_SIGNAL");
    assert_eq!(
        hooks[0].stages,
        BTreeSet::from([LifecycleStage::Unknown("ON_A_HILL".to_owned())])
    );
    assert_eq!(
        hooks[0].on_timeout,
        Some(HookTimeoutAction::Unknown("SHRUG".to_owned()))
    );
    // Without a word it is a function: AWS's default.
    assert!(matches!(hooks[1].target, HookTarget::Lambda { .. }));
    // What goes back is what was there, with members that this build does not know.
    let change = ServiceChange {
        deployment_configuration: Some(found),
        ..ServiceChange::default()
    };
    services.update_service(&web(), &change).await.unwrap();
    let sent = fake.seen()[1].json()["deploymentConfiguration"]["lifecycleHooks"].clone();
    let sent = sent.as_array().unwrap();
    assert_eq!(sent.len(), 2);
    assert!(sent.contains(&shown["lifecycleHooks"][0]), "{sent:?}");
}

#[tokio::test]
async fn a_pause_is_seen_and_ended() {
    let shown = json!({
        "serviceDeploymentArn": "arn:deployment/1", "status": "IN_PROGRESS",
        "lifecycleStage": "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "lifecycleHookDetails": [
            {"hookId": "h-1", "targetType": "PAUSE", "status": "AWAITING_ACTION",
                "expiresAt": 1_700_000_000.0, "timeoutAction": "ROLLBACK"},
            {"hookId": "h-2", "targetType": "AWS_LAMBDA", "targetArn": "arn:function", "status": "IN_PROGRESS"}]
    });
    let fake = Fake::script([
        reply(json!({"serviceDeployments": [shown]})),
        reply(json!({"serviceDeploymentArn": "arn:deployment/1"})),
        reply(json!({"serviceDeploymentArn": "arn:deployment/1"})),
    ])
    .await;
    let services = fake.ports().services;
    let deployment = services.find_deployment("arn:deployment/1").await;
    let hooks = deployment.unwrap().unwrap().hooks;
    assert_eq!(
        (hooks[0].id.as_str(), hooks[0].target_type.word()),
        ("h-1", "PAUSE")
    );
    assert_eq!(hooks[0].status, HookStatus::AwaitingAction);
    assert_eq!(hooks[0].expires_at.unwrap().as_second(), 1_700_000_000);
    assert_eq!(hooks[1].target.as_deref(), Some("arn:function"));
    for action in [ContinueAction::Continue, ContinueAction::Rollback] {
        services
            .continue_deployment("arn:deployment/1", "h-1", action)
            .await
            .unwrap();
    }
    let seen = fake.seen();
    assert_eq!(
        seen[1].target(),
        format!("{PREFIX}ContinueServiceDeployment")
    );
    assert_eq!(
        seen[1].json(),
        json!({"serviceDeploymentArn": "arn:deployment/1", "hookId": "h-1", "action": "CONTINUE"})
    );
    assert_eq!(seen[2].json()["action"], "ROLLBACK");
}

#[tokio::test]
async fn a_pause_whose_end_was_lost_is_not_ended_twice() {
    let gone = json_error(
        400,
        "ServiceDeploymentNotFoundException",
        "It does not exist.",
    );
    for (answer, kind) in [
        (Reply::HangUp, ErrorKind::Timeout),
        (gone, ErrorKind::NotFound),
    ] {
        let fake = Fake::script([answer, reply(json!({}))]).await;
        let mut config = fake.config();
        config.max_retries = Some(2);
        let ports = Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes));
        let error = ports
            .services
            .continue_deployment("arn:deployment/1", "h-1", ContinueAction::Continue)
            .await
            .unwrap_err();
        assert_eq!((error.kind, fake.seen().len()), (kind, 1));
    }
}

#[tokio::test]
async fn the_controller_is_changed_once() {
    let fake = Fake::script([service(json!({})), Reply::HangUp, service(json!({}))]).await;
    let mut config = fake.config();
    config.max_retries = Some(2);
    let ports = Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes));
    let change = ServiceChange {
        controller: Some(Controller::Ecs),
        ..ServiceChange::default()
    };
    let services = ports.services;
    services.update_service(&web(), &change).await.unwrap();
    assert_eq!(
        fake.seen()[0].json(),
        json!({"cluster": "main", "service": "web", "deploymentController": {"type": "ECS"}})
    );
    let lost = services.update_service(&web(), &change).await.unwrap_err();
    assert_eq!((lost.kind, fake.seen().len()), (ErrorKind::Timeout, 2));
}

#[tokio::test]
async fn a_stopped_task_says_who_started_it() {
    let task = json!({"taskArn": "arn:task/1", "startedBy": "ecs-svc/1"});
    let fake = Fake::script([
        reply(json!({"taskArns": ["arn:task/1"]})),
        reply(json!({"tasks": [task]})),
    ])
    .await;
    let tasks = fake.ports().services.stopped_tasks(&web()).await.unwrap();
    assert_eq!(tasks[0].started_by.as_deref(), Some("ecs-svc/1"));
}
