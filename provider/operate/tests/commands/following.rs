//! `watch`.

use switchyard_engine::ports::{ErrorKind, LifecycleStage};
use switchyard_operate::Exit;
use switchyard_support::account::Account;
use switchyard_support::intercept::{Fault, Intercept, Selector};

use crate::operator::{CANARY, create_code_deployed, deploy, live, live_with, newest, pause, web};

#[tokio::test]
async fn without_a_terminal_each_change_is_a_line() {
    let account = live_with(CANARY, Vec::new()).await;
    let to = deploy(&account, "v2");
    let text = web().watch(&account.ports).await.ends(Exit::Done);
    assert!(
        text.contains(&format!(
            "web: 10 % on {to} · 2/2 healthy · IN_PROGRESS PRODUCTION_TRAFFIC_SHIFT\n"
        )),
        "{text}"
    );
    assert!(text.contains(&format!("web: 100 % on {to}")), "{text}");
    assert!(text.contains("BAKE_TIME · "), "{text}");
    assert!(text.contains(" left\n"), "{text}");
    let last = text.lines().last().unwrap();
    assert!(
        last.contains(&format!("web: {to} SUCCESSFUL at ")),
        "{text}"
    );
    // A line is news, not a poll.
    let plain: Vec<&str> = text.lines().filter(|line| line.contains("web: ")).collect();
    let phrases: Vec<&str> = plain
        .iter()
        .filter_map(|line| line.split_once(' ').map(|it| it.1))
        .collect();
    assert!(phrases.windows(2).all(|pair| pair[0] != pair[1]), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn on_a_terminal_the_view_is_drawn_over() {
    let account = live_with(CANARY, Vec::new()).await;
    let to = deploy(&account, "v2");
    let text = web()
        .terminal(60)
        .watch(&account.ports)
        .await
        .ends(Exit::Done);
    let frames: Vec<&str> = text.split("\u{1b}[J").collect();
    assert!(frames.len() > 3, "{text}");
    let shifting = frames.iter().find(|frame| frame.contains("10 %")).unwrap();
    assert!(
        shifting.contains(&format!("  new   {to}  ███░░░")),
        "{shifting}"
    );
    // As many lines up as were drawn.
    for pair in frames.windows(2) {
        let drawn = pair[0].trim_end_matches('\r');
        let (body, up) = drawn.rsplit_once("\u{1b}[").unwrap();
        let up: usize = up.trim_end_matches('A').parse().unwrap();
        assert_eq!(body.matches('\n').count(), up, "{drawn}");
    }
    for line in text.lines() {
        assert!(
            line.chars().filter(|letter| *letter != '\u{1b}').count() < 70,
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_deployment_that_is_rolled_back_ends_with_its_own_code() {
    let account = live_with(CANARY, vec![pause(LifecycleStage::PostScaleUp)]).await;
    let to = deploy(&account, "v2");
    // Nobody answers: the pause ends in an hour.
    let text = web().watch(&account.ports).await.ends(Exit::NotSucceeded);
    assert!(text.contains("waits until somebody continues it"), "{text}");
    assert!(
        text.contains(&format!("web: {to} ROLLBACK_SUCCESSFUL at ")),
        "{text}"
    );
}

#[tokio::test]
async fn nothing_to_watch_is_told_at_once() {
    let account = live().await;
    let before = account.world.now();
    let text = web().watch(&account.ports).await.ends(Exit::Nothing);
    assert!(
        text.ends_with("web: no deployment is in progress\n"),
        "{text}"
    );
    assert_eq!(account.world.now(), before);
}

#[tokio::test]
async fn each_change_is_a_document_for_programs() {
    let account = live_with(CANARY, Vec::new()).await;
    let to = deploy(&account, "v2");
    let text = web().json().watch(&account.ports).await.ends(Exit::Done);
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() > 3);
    assert!(
        lines
            .iter()
            .all(|line| line["format"] == "switchyard.watch")
    );
    let (last, others) = lines.split_last().unwrap();
    assert_eq!(last["ended"]["succeeded"], true);
    assert_eq!(last["ended"]["to"], to);
    assert!(others.iter().all(|line| line["ended"].is_null()));
}

#[tokio::test]
async fn some_minutes_without_an_answer_are_waited_out() {
    let account = live_with(CANARY, Vec::new()).await;
    deploy(&account, "v2");
    let ports = Intercept::new(account.ports.clone())
        .with(Selector::Minute(20), Fault::Fails(ErrorKind::Unavailable))
        .ports();
    web().watch(&ports).await.ends(Exit::Done);
    assert_eq!(newest(&account).unwrap()["status"], "SUCCESSFUL");
}

#[tokio::test]
async fn a_deployment_of_codedeploy_is_followed() {
    let account = Account::with_code_deploy();
    create_code_deployed(&account).await;
    let arn = account.task_definition("v2");
    let spec = serde_json::json!({ "version": 0.0, "Resources": [{ "TargetService": {
        "Type": "AWS::ECS::Service",
        "Properties": { "TaskDefinition": arn, "LoadBalancerInfo": { "ContainerName": "app", "ContainerPort": 8080 } },
    } }] });
    // The first deployment of a service that CodeDeploy has deployed before is found by its task set.
    let applied = account
        .done(&switchyard_support::account::update(
            account.code_deployed("v2"),
        ))
        .await;
    assert!(applied.deployment_id.is_some());
    account.code_deploy(
        "CreateDeployment",
        serde_json::json!({
            "applicationName": "shop", "deploymentGroupName": "web",
            "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
            "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": spec.to_string() } },
        }),
    );
    let text = web().watch(&account.ports).await.ends(Exit::Done);
    assert!(text.contains("Succeeded at "), "{text}");
}
