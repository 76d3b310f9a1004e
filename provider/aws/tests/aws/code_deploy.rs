//! CodeDeploy: JSON 1.1.

use serde_json::{Value, json};
use switchyard_engine::ports::{
    CodeDeployErrorCode, CodeDeployStatus, DeploymentWait, ErrorKind, NewCodeDeployDeployment,
    TaskSetLabel, TrafficRouting,
};

use crate::fake::{Fake, Reply, json as reply, json_error};

const PREFIX: &str = "CodeDeploy_20141006.";

fn new_deployment() -> NewCodeDeployDeployment {
    NewCodeDeployDeployment {
        application: "app".to_owned(),
        group: "group".to_owned(),
        config: Some("CodeDeployDefault.ECSAllAtOnce".to_owned()),
        app_spec: "abc".to_owned(),
        description: "web:8".to_owned(),
        rollback_events: None,
        alarms: None,
    }
}

#[tokio::test]
async fn creates_a_deployment_from_an_inline_app_spec_with_its_checksum() {
    let fake = Fake::script([reply(json!({"deploymentId": "d-1"}))]).await;
    let id = fake
        .ports()
        .code_deploy
        .create_deployment(&new_deployment())
        .await
        .unwrap();
    assert_eq!(id, "d-1");
    let seen = fake.seen();
    assert_eq!(seen[0].target(), format!("{PREFIX}CreateDeployment"));
    assert_eq!(
        seen[0].json(),
        json!({
            "applicationName": "app", "deploymentGroupName": "group", "description": "web:8",
            "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {
                "content": "abc",
                "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}}
        })
    );
}

#[tokio::test]
async fn a_deployment_may_have_rollback_events_and_alarms_of_its_own() {
    let fake = Fake::script(vec![reply(json!({"deploymentId": "d-1"})); 2]).await;
    let code_deploy = fake.ports().code_deploy;
    for (events, alarms) in [
        (
            vec!["DEPLOYMENT_FAILURE".to_owned()],
            vec!["five-xx".to_owned()],
        ),
        (Vec::new(), Vec::new()),
    ] {
        let new = NewCodeDeployDeployment {
            rollback_events: Some(events),
            alarms: Some(alarms),
            ..new_deployment()
        };
        code_deploy.create_deployment(&new).await.unwrap();
    }
    let seen = fake.seen();
    let sent = |index: usize, member: &str| seen[index].json()[member].clone();
    assert_eq!(
        sent(0, "autoRollbackConfiguration"),
        json!({"enabled": true, "events": ["DEPLOYMENT_FAILURE"]})
    );
    assert_eq!(
        sent(0, "overrideAlarmConfiguration"),
        json!({"enabled": true, "alarms": [{"name": "five-xx"}], "ignorePollAlarmFailure": false})
    );
    assert_eq!(
        sent(1, "autoRollbackConfiguration"),
        json!({"enabled": false})
    );
    assert_eq!(
        sent(1, "overrideAlarmConfiguration"),
        json!({"enabled": false, "ignorePollAlarmFailure": false})
    );
}

#[tokio::test]
async fn a_wait_is_ended_once() {
    let too_early = json_error(400, "DeploymentIsNotInReadyStateException", "not yet");
    let fake = Fake::script([reply(json!({})), too_early, Reply::HangUp, reply(json!({}))]).await;
    let mut config = fake.config();
    config.max_retries = Some(2);
    let ports = switchyard_aws::Aws::connect(config).ports(
        std::sync::Arc::new(crate::fake::RealClock),
        std::sync::Arc::new(crate::fake::NoProbes),
    );
    let waits = [
        (DeploymentWait::Ready, None),
        (DeploymentWait::Termination, Some(ErrorKind::Conflict)),
        (DeploymentWait::Ready, Some(ErrorKind::Timeout)),
    ];
    for (wait, kind) in waits {
        let answer = ports.code_deploy.continue_deployment("d-1", wait).await;
        assert_eq!(answer.err().map(|error| error.kind), kind);
    }
    let seen = fake.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].target(), format!("{PREFIX}ContinueDeployment"));
    assert_eq!(
        seen[0].json(),
        json!({"deploymentId": "d-1", "deploymentWaitType": "READY_WAIT"})
    );
    assert_eq!(seen[1].json()["deploymentWaitType"], "TERMINATION_WAIT");
}

#[tokio::test]
async fn a_deployment_whose_answer_was_lost_is_not_created_again() {
    for (lost, kind) in [
        (Reply::HangUp, ErrorKind::Timeout),
        (Reply::Silence, ErrorKind::Timeout),
        (
            json_error(500, "InternalFailure", "oops"),
            ErrorKind::Unavailable,
        ),
    ] {
        let is_silent = matches!(lost, Reply::Silence);
        let fake = Fake::script([lost]).await;
        let mut config = fake.config();
        config.max_retries = Some(3);
        if is_silent {
            config.attempt_timeout = std::time::Duration::from_millis(300);
        }
        let ports = switchyard_aws::Aws::connect(config).ports(
            std::sync::Arc::new(crate::fake::RealClock),
            std::sync::Arc::new(crate::fake::NoProbes),
        );
        let error = ports
            .code_deploy
            .create_deployment(&new_deployment())
            .await
            .unwrap_err();
        assert_eq!(error.kind, kind);
        assert_eq!(fake.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_running_deployment_in_the_group_is_a_conflict() {
    let limit = json_error(400, "DeploymentLimitExceededException", "one is running");
    let fake = Fake::script([limit]).await;
    let error = fake
        .ports()
        .code_deploy
        .create_deployment(&new_deployment())
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
}

fn deployment() -> Value {
    json!({
        "deploymentId": "d-1", "status": "Failed", "creator": "codeDeployRollback",
        "deploymentConfigName": "c", "createTime": 1_700_000_000.5, "completeTime": 1_700_000_060.0,
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": "abc"}},
        "errorInformation": {"code": "ALARM_ACTIVE", "message": "an alarm"},
        "rollbackInfo": {"rollbackDeploymentId": "d-2", "rollbackMessage": "rolling back"}
    })
}

#[tokio::test]
async fn a_deployment_names_the_one_that_rolls_it_back() {
    let fake = Fake::script([reply(json!({"deploymentInfo": deployment()}))]).await;
    let found = fake
        .ports()
        .code_deploy
        .find_deployment("d-1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.status, CodeDeployStatus::Failed);
    assert_eq!(found.rollback_deployment.as_deref(), Some("d-2"));
    assert_eq!(found.error.unwrap().code, CodeDeployErrorCode::AlarmActive);
    assert_eq!(found.app_spec.as_deref(), Some("abc"));
    assert_eq!(found.creator, "codeDeployRollback");
}

#[tokio::test]
async fn absent_objects_are_none() {
    let fake = Fake::script([
        json_error(400, "DeploymentDoesNotExistException", "no"),
        json_error(400, "ApplicationDoesNotExistException", "no"),
        json_error(400, "DeploymentConfigDoesNotExistException", "no"),
        json_error(400, "DeploymentNotStartedException", "not yet"),
    ])
    .await;
    let code_deploy = fake.ports().code_deploy;
    assert_eq!(code_deploy.find_deployment("d-1").await.unwrap(), None);
    assert_eq!(code_deploy.find_group("app", "group").await.unwrap(), None);
    assert_eq!(code_deploy.find_config("c").await.unwrap(), None);
    assert_eq!(
        code_deploy.find_target("d-1", "main", "web").await.unwrap(),
        None
    );
}

#[tokio::test]
async fn a_group_shows_its_service_listeners_and_target_groups() {
    let group = json!({
        "applicationName": "app", "deploymentGroupName": "group", "deploymentConfigName": "c",
        "ecsServices": [{"serviceName": "web", "clusterName": "main"}],
        "loadBalancerInfo": {"targetGroupPairInfoList": [{
            "targetGroups": [{"name": "blue"}, {"name": "green"}],
            "prodTrafficRoute": {"listenerArns": ["arn:listener/prod"]},
            "testTrafficRoute": {"listenerArns": ["arn:listener/test"]}}]},
        "blueGreenDeploymentConfiguration": {"terminateBlueInstancesOnDeploymentSuccess": {
            "action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30}},
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]},
        "alarmConfiguration": {"enabled": true, "alarms": [{"name": "five-xx"}]}
    });
    let fake = Fake::script([reply(json!({"deploymentGroupInfo": group}))]).await;
    let found = fake
        .ports()
        .code_deploy
        .find_group("app", "group")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.target_groups, ["blue", "green"]);
    assert_eq!(found.production_listeners, ["arn:listener/prod"]);
    assert_eq!(
        (found.service.as_deref(), found.cluster.as_deref()),
        (Some("web"), Some("main"))
    );
    assert_eq!(found.termination_wait_minutes, Some(5));
    assert_eq!(found.ready_wait_minutes, Some(30));
    assert_eq!((found.rollback_events.len(), found.alarms.len()), (1, 1));
    assert_eq!(
        fake.seen()[0].json(),
        json!({"applicationName": "app", "deploymentGroupName": "group"})
    );
}

#[tokio::test]
async fn a_configuration_shows_its_steps() {
    let config = json!({
        "deploymentConfigName": "c", "computePlatform": "ECS",
        "trafficRoutingConfig": {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 3}}
    });
    let fake = Fake::script([reply(json!({"deploymentConfigInfo": config}))]).await;
    let found = fake
        .ports()
        .code_deploy
        .find_config("c")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        found.routing,
        Some(TrafficRouting::Linear {
            percent: 10,
            interval_minutes: 3
        })
    );
}

#[tokio::test]
async fn the_target_is_named_by_cluster_and_service() {
    let target = json!({
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "status": "InProgress",
            "lifecycleEvents": [{"lifecycleEventName": "BeforeInstall", "status": "Failed",
                "diagnostics": {"errorCode": "ScriptFailed", "message": "hook said no"}}],
            "taskSetsInfo": [{"identifer": "ecs-svc/1", "desiredCount": 3, "pendingCount": 0, "runningCount": 3,
                "status": "PRIMARY", "trafficWeight": 90.0, "targetGroup": {"name": "blue"}, "taskSetLabel": "Blue"}]
        }
    });
    let fake = Fake::script([reply(json!({"deploymentTarget": target}))]).await;
    let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/main";
    let found = fake
        .ports()
        .code_deploy
        .find_target("d-1", cluster, "web")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.task_sets[0].label, TaskSetLabel::Blue);
    assert_eq!(found.task_sets[0].id, "ecs-svc/1");
    assert_eq!(found.events[0].message.as_deref(), Some("hook said no"));
    assert_eq!(
        fake.seen()[0].json(),
        json!({"deploymentId": "d-1", "targetId": "main:web"})
    );
}

#[tokio::test]
async fn running_deployments_are_listed_over_all_pages() {
    let fake = Fake::script([
        reply(json!({"deployments": ["d-1"], "nextToken": "more"})),
        reply(json!({"deployments": ["d-2"]})),
    ])
    .await;
    let ids = fake
        .ports()
        .code_deploy
        .running_deployments("app", "group")
        .await
        .unwrap();
    assert_eq!(ids, ["d-1", "d-2"]);
    assert_eq!(fake.seen()[1].json()["nextToken"], "more");
    assert_eq!(
        fake.seen()[0].json()["includeOnlyStatuses"],
        json!(["Created", "Queued", "InProgress", "Baking", "Ready"])
    );
}

#[tokio::test]
async fn the_newest_deployments_are_listed_and_no_page_more() {
    let fake = Fake::script([
        reply(json!({"deployments": ["d-3"], "nextToken": "more"})),
        reply(json!({"deployments": ["d-2", "d-1"], "nextToken": "more still"})),
    ])
    .await;
    let code_deploy = fake.ports().code_deploy;
    let ids = code_deploy.list_deployments("app", "group", 2).await;
    assert_eq!(ids.unwrap(), ["d-3", "d-2"]);
    assert_eq!(fake.seen().len(), 2);
    assert_eq!(
        fake.seen()[0].json(),
        json!({"applicationName": "app", "deploymentGroupName": "group"})
    );
}

#[tokio::test]
async fn stopping_says_whether_to_roll_back() {
    let fake = Fake::script([reply(json!({"status": "Pending"}))]).await;
    fake.ports()
        .code_deploy
        .stop_deployment("d-1", true)
        .await
        .unwrap();
    assert_eq!(
        fake.seen()[0].json(),
        json!({"deploymentId": "d-1", "autoRollbackEnabled": true})
    );
}
