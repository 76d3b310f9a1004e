//! `approve`, `reject` and `stop`.

use switchyard_engine::ports::{ErrorKind, LifecycleStage};
use switchyard_operate::{Decision, Deed, Exit};
use switchyard_support::account::Account;
use switchyard_support::intercept::{Fault, Intercept, Selector};

use crate::operator::{
    CANARY, deploy, is_paused, live_with, newest, operated, pass_until, pause, web,
};

/// v2 waits at a pause.
async fn paused() -> Account {
    let account = live_with(CANARY, vec![pause(LifecycleStage::PostScaleUp)]).await;
    deploy(&account, "v2");
    pass_until(&account, is_paused).await;
    account
}

#[tokio::test]
async fn an_approval_lets_the_deployment_continue_and_is_recorded() {
    let account = paused().await;
    let reason = Some("checked by hand, ticket #7");
    let text = web()
        .answer(&account.ports, Decision::Approve, reason)
        .await
        .ends(Exit::Done);
    assert!(text.contains("is approved; it continues."), "{text}");
    assert!(
        text.contains("switchyard watch web --cluster main"),
        "{text}"
    );
    assert!(!is_paused(&newest(&account).unwrap()));
    let note = operated(&account).await.unwrap();
    assert!(note.contains("approved deployment to web:"), "{note}");
    assert!(note.ends_with("checked by hand ticket 7"), "{note}");
    pass_until(&account, |it| it["status"] == "SUCCESSFUL").await;
    // Nobody is asked twice.
    let text = web()
        .answer(&account.ports, Decision::Approve, None)
        .await
        .ends(Exit::Nothing);
    assert_eq!(
        text,
        "No deployment of `web` is in progress. Nothing was changed.\n"
    );
}

#[tokio::test]
async fn a_rejection_rolls_the_deployment_back() {
    let account = paused().await;
    let ran = web().answer(&account.ports, Decision::Reject, None).await;
    assert_eq!(ran.acted.len(), 1);
    assert_eq!(ran.acted[0].deed, Deed::Rejected);
    let text = ran.ends(Exit::Done);
    assert!(text.contains("is rejected; it is rolled back."), "{text}");
    pass_until(&account, |it| it["status"] == "ROLLBACK_SUCCESSFUL").await;
}

#[tokio::test]
async fn what_does_not_wait_is_left_alone() {
    let account = live_with(CANARY, Vec::new()).await;
    deploy(&account, "v2");
    pass_until(&account, |it| it["status"] == "IN_PROGRESS").await;
    let text = web()
        .answer(&account.ports, Decision::Reject, None)
        .await
        .ends(Exit::Nothing);
    assert!(
        text.contains("does not wait for anybody. Nothing was changed."),
        "{text}"
    );
    assert_eq!(newest(&account).unwrap()["status"], "IN_PROGRESS");
    assert_eq!(operated(&account).await, None);
}

#[tokio::test]
async fn nothing_is_changed_without_a_yes() {
    let account = paused().await;
    let asked = web()
        .asked("n\n")
        .answer(&account.ports, Decision::Approve, None)
        .await;
    assert!(asked.text.contains("Continue it? [y/N]"), "{}", asked.text);
    assert!(asked.text.contains("ECS rolls back at"), "{}", asked.text);
    assert_eq!(
        asked.fails(),
        "Not confirmed: this service was not changed."
    );
    let alone = web()
        .alone()
        .answer(&account.ports, Decision::Approve, None)
        .await
        .fails();
    assert!(alone.contains("`--yes`"), "{alone}");
    assert!(is_paused(&newest(&account).unwrap()));
    let agreed = web()
        .asked("y\n")
        .answer(&account.ports, Decision::Approve, None)
        .await;
    agreed.ends(Exit::Done);
    assert!(!is_paused(&newest(&account).unwrap()));
}

#[tokio::test]
async fn a_pause_that_somebody_else_has_ended_is_told() {
    let account = paused().await;
    let world = account.world.clone();
    // Between the look and the call.
    let ports = Intercept::new(account.ports.clone())
        .before_each(move |_, operation| {
            if operation == "ecs:ContinueServiceDeployment" {
                let listed = world
                    .call(
                        switchyard_world::Service::Ecs,
                        "eu-west-1",
                        "ListServiceDeployments",
                        serde_json::json!({ "cluster": "main", "service": "web" }),
                    )
                    .unwrap();
                let arn = listed["serviceDeployments"][0]["serviceDeploymentArn"].clone();
                let input =
                    serde_json::json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" });
                drop(world.call(
                    switchyard_world::Service::Ecs,
                    "eu-west-1",
                    "StopServiceDeployment",
                    input,
                ));
            }
        })
        .ports();
    let text = web()
        .answer(&ports, Decision::Approve, None)
        .await
        .ends(Exit::Nothing);
    assert!(
        text.contains("no longer waits: somebody else has ended the pause"),
        "{text}"
    );
}

#[tokio::test]
async fn a_refused_call_says_that_it_still_waits() {
    let account = paused().await;
    let fault = Fault::Says(ErrorKind::Denied, "not authorized");
    let ports = Intercept::new(account.ports.clone())
        .with(
            Selector::Operation("ecs:ContinueServiceDeployment", 1),
            fault,
        )
        .ports();
    let message = web().answer(&ports, Decision::Approve, None).await.fails();
    assert!(message.contains("The deployment still waits."), "{message}");
    assert!(
        message.contains("ecs:ContinueServiceDeployment"),
        "{message}"
    );
}

#[tokio::test]
async fn a_note_that_cannot_be_written_does_not_undo_what_was_done() {
    let account = paused().await;
    let fault = Fault::Says(ErrorKind::Denied, "not authorized");
    let ports = Intercept::new(account.ports.clone())
        .with(Selector::Operation("ecs:TagResource", 1), fault)
        .ports();
    let text = web()
        .answer(&ports, Decision::Approve, None)
        .await
        .ends(Exit::Done);
    assert!(
        text.contains("This was not recorded at the service: not authorized"),
        "{text}"
    );
}

#[tokio::test]
async fn a_stopped_deployment_leaves_traffic_where_it_is() {
    let account = live_with(CANARY, Vec::new()).await;
    let to = deploy(&account, "v2");
    pass_until(&account, |it| {
        it["targetServiceRevision"]["requestedProductionTrafficWeight"] == 10.0
    })
    .await;
    let weights = account.weights();
    let text = web().stop(&account.ports).await.ends(Exit::Done);
    assert!(
        text.contains(&format!("The deployment of `web` to {to} is being stopped")),
        "{text}"
    );
    assert!(
        text.contains(&format!("Traffic: 90 % on web:1, 10 % on {to}.")),
        "{text}"
    );
    pass_until(&account, |it| it["status"] == "STOPPED").await;
    assert_eq!(account.weights(), weights);
    let note = operated(&account).await.unwrap();
    assert!(
        note.ends_with(&format!("stopped deployment to {to}: too slow")),
        "{note}"
    );
    let text = web().stop(&account.ports).await.ends(Exit::Nothing);
    assert_eq!(
        text,
        "No deployment of `web` is in progress. Nothing was changed.\n"
    );
}
