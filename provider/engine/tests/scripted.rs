//! Whole applies against scripted deployments.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

#[path = "scripted/lacking.rs"]
mod lacking;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use support::fake::{Act, Fake, act, hangs, rolls_back, succeeds};
use support::{BLUE, GREEN, tags, task_definition, under_code_deploy, update_to, wanted};
use switchyard_engine::ports::{
    AlarmState, Bounds, CodeDeployStatus, DeploymentAlarms, EcsStatus as Status, ErrorKind,
    ScalableTarget, StopCode, StoppedTask, SuspendedState,
};
use switchyard_engine::{
    Applied, CREATING_TAG, DesiredController, DesiredCount, DesiredService, DesiredTaskDefinition,
    FailureKind, Field, Finding, FindingLevel, Intent, OnCancel, ReportKind, Rule, apply, delete,
    observe, verify,
};
use switchyard_support::intercept::{Fault, Intercept, Selector};
use tokio_util::sync::CancellationToken;

async fn run(fake: &Fake, wanted: &DesiredService) -> Applied {
    apply(&fake.ports(), wanted, &CancellationToken::new()).await
}

async fn created() -> Fake {
    let fake = Fake::new();
    assert_eq!(
        run(&fake, &wanted()).await.result.unwrap().kind,
        ReportKind::Created
    );
    fake
}

fn live_revision(applied: &Applied) -> String {
    applied
        .live
        .as_ref()
        .unwrap()
        .revision
        .task_definition
        .clone()
        .unwrap()
}

/// Task definition that is live after an apply.
fn live_definition(applied: &Applied) -> Option<&str> {
    let live = applied.live.as_ref()?;
    live.revision.task_definition.as_deref()
}

#[tokio::test]
async fn creates_and_leaves_no_mark() {
    let fake = Fake::new();
    let applied = run(&fake, &wanted()).await;
    assert_eq!(applied.result.unwrap().kind, ReportKind::Created);
    let record = applied.record.unwrap();
    assert_eq!(record.to_task_definition, task_definition(1));
    assert!(record.duration_seconds >= 60, "{record:?}");
    assert!(
        record
            .timeline
            .iter()
            .any(|entry| entry.stage == "BAKE_TIME" && entry.weight == Some(100.0))
    );
    let live = applied.live.unwrap();
    assert_eq!(live.revision.live_target_group.as_deref(), Some(BLUE));
    assert!(!is_marked(&fake));
}

/// Whether the service carries the mark of a creation that has not ended.
fn is_marked(fake: &Fake) -> bool {
    let state = fake.state();
    let tags = state.service.as_ref().map(|service| &service.tags);
    tags.and_then(|tags| tags.get(CREATING_TAG))
        .is_some_and(|value| !value.contains("-ended-"))
}

#[tokio::test]
async fn a_second_apply_changes_nothing() {
    let fake = created().await;
    let mut again = wanted();
    again.intent = Intent::Update;
    let seen = Intercept::new(fake.ports());
    let applied = apply(&seen.ports(), &again, &CancellationToken::new()).await;
    assert_eq!(applied.result.unwrap().kind, ReportKind::Unchanged);
    assert_eq!(fake.deployments(), 1);
    // One of them takes the mark of the creation away, and one reads where production goes.
    assert!(seen.calls().len() <= 8, "{:?}", seen.calls());
}

#[tokio::test]
async fn sides_alternate_over_many_rollouts() {
    let fake = created().await;
    for (revision, side) in [(2, GREEN), (3, BLUE), (4, GREEN), (5, BLUE)] {
        let applied = run(&fake, &update_to(revision)).await;
        assert_eq!(
            applied
                .live
                .as_ref()
                .unwrap()
                .revision
                .live_target_group
                .as_deref(),
            Some(side)
        );
        assert_eq!(applied.result.unwrap().kind, ReportKind::RolledOut);
        assert_eq!(
            applied.record.unwrap().from_task_definition,
            Some(task_definition(revision - 1))
        );
        // An unchanged pair is never sent: ECS knows better which side is live.
        assert_eq!(fake.state().sent.last().unwrap().load_balancers, None);
        assert_eq!(
            run(&fake, &update_to(revision)).await.result.unwrap().kind,
            ReportKind::Unchanged
        );
    }
}

#[tokio::test]
async fn a_changed_load_balancer_is_sent_live_side_first() {
    let fake = created().await;
    run(&fake, &update_to(2)).await.result.unwrap();
    let mut wanted = update_to(2);
    wanted.revision.load_balancer.as_mut().unwrap().port = 9090;
    run(&fake, &wanted).await.result.unwrap();
    let sent = fake
        .state()
        .sent
        .last()
        .unwrap()
        .load_balancers
        .clone()
        .unwrap();
    assert_eq!(sent[0].target_group, GREEN);
    assert_eq!(sent[0].alternate.as_ref().unwrap().target_group, BLUE);
}

#[tokio::test]
async fn settings_alone_start_no_rollout() {
    let fake = created().await;
    let mut wanted = update_to(1);
    wanted.desired = DesiredCount::Fixed(4);
    wanted.settings.tags = tags(&[("cost", "1")]);
    let applied = run(&fake, &wanted).await;
    assert_eq!(applied.result.unwrap().kind, ReportKind::Adjusted);
    assert_eq!(fake.deployments(), 1);
    let service = applied.live.unwrap().service;
    assert_eq!(service.desired, 4);
    assert_eq!(service.tags.keys().collect::<Vec<_>>(), ["cost"]);
}

#[tokio::test]
async fn a_forced_rollout_happens_once() {
    let fake = created().await;
    let mut wanted = update_to(1);
    wanted.force = true;
    assert_eq!(
        run(&fake, &wanted).await.result.unwrap().kind,
        ReportKind::RolledOut
    );
    assert_eq!(fake.deployments(), 2);
}

#[tokio::test]
async fn a_rollout_that_succeeded_is_told_even_when_a_later_step_fails() {
    let fake = created().await;
    let mut wanted = update_to(1);
    wanted.force = true;
    wanted.settings.tags = tags(&[("cost", "1"), ("team", "shop")]);
    let denied = Intercept::new(fake.ports()).with(
        Selector::Operation("ecs:TagResource", 9),
        Fault::Fails(ErrorKind::Denied),
    );
    let applied = apply(&denied.ports(), &wanted, &CancellationToken::new()).await;
    assert_eq!(applied.result.unwrap_err().kind(), FailureKind::Denied);
    assert!(applied.deployed.is_some());
    fake.script(rolls_back());
    let applied = run(&fake, &update_to(2)).await;
    assert!(applied.result.is_err());
    assert_eq!(applied.deployed, None);
}

#[tokio::test]
async fn an_autoscalers_count_is_left_alone() {
    let fake = created().await;
    fake.state().service.as_mut().unwrap().desired = 7;
    let mut wanted = update_to(1);
    wanted.desired = DesiredCount::Initial(2);
    assert_eq!(
        run(&fake, &wanted).await.result.unwrap().kind,
        ReportKind::Unchanged
    );
}

#[tokio::test]
async fn a_rollback_is_a_failure_that_names_what_is_live_and_why() {
    let fake = created().await;
    fake.script(rolls_back());
    fake.state().alarm_note = Some((
        "Alarm detected: web-5xx".to_owned(),
        vec!["web-5xx".to_owned()],
    ));
    let applied = run(&fake, &update_to(2)).await;
    assert_eq!(live_revision(&applied), task_definition(1));
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::RolledBack);
    assert_eq!(
        failure.summary(),
        "Deployment of service `web` was rolled back; traffic is on revision web:1"
    );
    assert_eq!(failure.why()[0], "Alarm fired: `web-5xx`.");
    assert!(
        failure.next().starts_with("Check the alarm"),
        "{}",
        failure.next()
    );
    assert!(failure.detail().contains("SY0201"), "{}", failure.detail());
}

#[tokio::test]
async fn a_failed_rollout_is_tried_again_by_the_next_apply() {
    let fake = created().await;
    fake.script(rolls_back());
    run(&fake, &update_to(2)).await.result.unwrap_err();
    assert_eq!(
        run(&fake, &update_to(2)).await.result.unwrap().kind,
        ReportKind::RolledOut
    );
}

#[tokio::test]
async fn every_bad_end_is_a_failure_of_its_own_kind() {
    let script = |status| -> Vec<Act> {
        vec![
            act(0, Status::InProgress, "SCALE_UP", 0.0),
            act(30, status, "", 0.0),
        ]
    };
    let table = [
        (script(Status::RollbackSuccessful), FailureKind::RolledBack),
        (script(Status::RollbackFailed), FailureKind::RollbackFailed),
        (script(Status::Stopped), FailureKind::Stopped),
        (
            script(Status::Unknown("FROZEN".to_owned())),
            FailureKind::TimedOut,
        ),
    ];
    for (script, kind) in table {
        let fake = created().await;
        fake.script(script);
        let applied = run(&fake, &update_to(2)).await;
        assert!(applied.live.is_some());
        assert_eq!(applied.result.unwrap_err().kind(), kind);
    }
}

#[tokio::test]
async fn a_rollout_taken_over_by_another_is_superseded() {
    let fake = created().await;
    fake.script(vec![
        act(0, Status::InProgress, "", 0.0),
        act(20, Status::Stopped, "", 0.0),
    ]);
    let ports = fake.ports();
    let wanted = update_to(2);
    let cancel = CancellationToken::new();
    let other = async {
        // After ours has begun.
        while fake.deployments() < 2 {
            tokio::task::yield_now().await;
        }
        fake.deploy_by_someone(&task_definition(3), succeeds());
    };
    let (applied, ()) = tokio::join!(apply(&ports, &wanted, &cancel), other);
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Superseded);
    assert!(
        failure
            .technical()
            .iter()
            .any(|line| line.contains("superseded by")),
        "{:?}",
        failure.technical()
    );
}

#[tokio::test]
async fn a_service_that_does_not_name_its_deployment_is_followed_all_the_same() {
    let fake = created().await;
    fake.state().hides_current = true;
    fake.script(rolls_back());
    let applied = run(&fake, &update_to(2)).await;
    assert_eq!(live_revision(&applied), task_definition(1));
    assert_eq!(applied.result.unwrap_err().kind(), FailureKind::RolledBack);
    let applied = run(&fake, &update_to(2)).await;
    assert_eq!(applied.result.unwrap().kind, ReportKind::RolledOut);
    fake.script(hangs());
    let mut leaving = update_to(3);
    leaving.on_cancel = OnCancel::Leave;
    leaving.time_limit = Duration::from_secs(120);
    let applied = run(&fake, &leaving).await;
    assert_eq!(live_revision(&applied), task_definition(2));
    assert!(applied.live.unwrap().deployment.is_some());
    assert_eq!(applied.result.unwrap_err().kind(), FailureKind::TimedOut);
}

#[tokio::test]
async fn evidence_of_an_earlier_deployment_is_not_told() {
    let fake = created().await;
    fake.script(rolls_back());
    fake.state().alarm_note = Some((
        "Alarm detected: web-5xx".to_owned(),
        vec!["web-5xx".to_owned()],
    ));
    run(&fake, &update_to(2)).await.result.unwrap_err();
    // Somebody else's rollout is not over in time.
    fake.deploy_by_someone(&task_definition(3), hangs());
    let mut wanted = update_to(4);
    wanted.time_limit = Duration::from_secs(60);
    let failure = run(&fake, &wanted).await.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::TimedOut);
    let told = failure.why().join(" ");
    assert!(!told.contains("web-5xx"), "{told}");
    assert!(!told.contains("stage"), "{told}");
}

#[tokio::test]
async fn a_service_that_is_not_shown_for_a_moment_is_not_gone() {
    let fake = created().await;
    let cancel = CancellationToken::new();
    let ports = fake.ports();
    let wanted = update_to(2);
    let flicker = async {
        while fake.deployments() < 2 {
            tokio::task::yield_now().await;
        }
        let service = fake.state().service.take();
        let at = fake.state().now;
        while fake.state().now == at {
            tokio::task::yield_now().await;
        }
        fake.state().service = service;
    };
    let (applied, ()) = tokio::join!(apply(&ports, &wanted, &cancel), flicker);
    assert_eq!(applied.result.unwrap().kind, ReportKind::RolledOut);
}

#[tokio::test]
async fn another_rollout_is_waited_for() {
    let fake = created().await;
    fake.deploy_by_someone(&task_definition(3), succeeds());
    let applied = run(&fake, &update_to(2)).await;
    assert_eq!(live_revision(&applied), task_definition(2));
    assert_eq!(fake.deployments(), 3);
}

#[tokio::test]
async fn the_deadline_rolls_back_or_leaves() {
    for (on_cancel, live) in [
        (OnCancel::Rollback, task_definition(1)),
        (OnCancel::Leave, task_definition(1)),
    ] {
        let fake = created().await;
        fake.script(hangs());
        let mut wanted = update_to(2);
        wanted.time_limit = Duration::from_secs(300);
        wanted.on_cancel = on_cancel;
        let applied = run(&fake, &wanted).await;
        assert_eq!(live_revision(&applied), live);
        assert_eq!(
            applied.live.as_ref().unwrap().deployment.is_some(),
            on_cancel == OnCancel::Leave
        );
        let failure = applied.result.unwrap_err();
        assert_eq!(failure.kind(), FailureKind::TimedOut);
    }
}

#[tokio::test]
async fn cancelling_does_what_was_declared() {
    for on_cancel in [OnCancel::Rollback, OnCancel::Leave] {
        let fake = created().await;
        fake.script(hangs());
        let cancel = CancellationToken::new();
        let ports = fake.ports();
        let mut wanted = update_to(2);
        wanted.on_cancel = on_cancel;
        let stop = async {
            while fake.deployments() < 2 {
                tokio::task::yield_now().await;
            }
            cancel.cancel();
        };
        let (applied, ()) = tokio::join!(apply(&ports, &wanted, &cancel), stop);
        assert_eq!(live_revision(&applied), task_definition(1));
        assert_eq!(
            applied.live.as_ref().unwrap().deployment.is_some(),
            on_cancel == OnCancel::Leave
        );
        assert_eq!(applied.result.unwrap_err().kind(), FailureKind::Cancelled);
    }
}

#[tokio::test]
async fn a_hopeless_first_rollout_is_stopped_and_explained() {
    let fake = Fake::new();
    fake.script(hangs());
    {
        let mut state = fake.state();
        state.crashes = true;
        let at = state.now + jiff::SignedDuration::from_secs(20);
        state.stopped = (0..3)
            .map(|number| StoppedTask {
                arn: format!("task/{number}"),
                task_definition: task_definition(1),
                started_by: None,
                stop_code: Some(StopCode::EssentialContainerExited),
                reason: Some("Essential container in task exited".to_owned()),
                containers: [("app".to_owned(), (Some(3), None))].into(),
                stopped_at: Some(at),
            })
            .collect();
    }
    let applied = run(&fake, &wanted()).await;
    assert!(applied.live.is_some(), "what was created is known");
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::FirstRolloutFailed);
    let why = failure.why().join("\n");
    assert!(
        why.contains(
            "3 tasks stopped: Essential container in task exited; container `app` exited with 3"
        ),
        "{why}"
    );
    assert!(
        why.contains("1 target of `web-green` is unhealthy: Target.ResponseCodeMismatch"),
        "{why}"
    );
    assert!(why.contains("Event "), "{why}");
    assert!(!is_marked(&fake));
    // The corrected configuration updates what is there.
    fake.state().crashes = false;
    fake.state().stopped.clear();
    assert_eq!(
        run(&fake, &update_to(2)).await.result.unwrap().kind,
        ReportKind::RolledOut
    );
    assert_eq!(fake.state().creations, 1);
}

#[tokio::test]
async fn a_foreign_service_is_left_alone() {
    let fake = created().await;
    // Nobody repeats a creation after that long.
    fake.state().now += jiff::SignedDuration::from_hours(24);
    let applied = run(&fake, &wanted()).await;
    assert_eq!(
        applied.result.unwrap_err().kind(),
        FailureKind::AlreadyExists
    );
    assert!(fake.state().sent.is_empty());
}

#[tokio::test]
async fn a_draining_name_is_waited_for() {
    let fake = created().await;
    fake.ports()
        .services
        .delete_service(&wanted().service)
        .await
        .unwrap();
    let applied = run(&fake, &wanted()).await;
    assert_eq!(applied.result.unwrap().kind, ReportKind::Created);
    assert_eq!(fake.state().creations, 2);
}

#[tokio::test]
async fn a_target_group_that_is_not_attached_yet_is_retried() {
    let fake = Fake::new();
    fake.state().detached = 2;
    assert_eq!(
        run(&fake, &wanted()).await.result.unwrap().kind,
        ReportKind::Created
    );
    let fake = Fake::new();
    fake.state().detached = u32::MAX;
    let failure = run(&fake, &wanted()).await.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Rejected);
}

#[tokio::test]
async fn a_missing_task_definition_is_said_before_anything_happens() {
    let fake = Fake::new();
    let mut wanted = wanted();
    wanted.revision.task_definition = DesiredTaskDefinition::Named("api".to_owned());
    let failure = run(&fake, &wanted).await.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::NotFound);
    assert!(fake.state().service.is_none());
}

#[tokio::test]
async fn delete_waits_until_the_name_is_free() {
    let fake = created().await;
    let cancel = CancellationToken::new();
    delete(
        &fake.ports(),
        &wanted().service,
        Duration::from_secs(600),
        &cancel,
    )
    .await
    .unwrap();
    assert!(
        observe(&fake.ports(), &wanted().service)
            .await
            .unwrap()
            .is_none()
    );
    delete(
        &fake.ports(),
        &wanted().service,
        Duration::from_secs(600),
        &cancel,
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn delete_says_what_still_drains() {
    let fake = created().await;
    let short = Duration::from_secs(20);
    let failure = delete(
        &fake.ports(),
        &wanted().service,
        short,
        &CancellationToken::new(),
    )
    .await
    .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::TimedOut);
    assert!(failure.now().contains("draining"), "{}", failure.now());
}

// CodeDeploy.

async fn created_under_code_deploy() -> Fake {
    let fake = Fake::new();
    assert_eq!(
        run(&fake, &under_code_deploy(wanted()))
            .await
            .result
            .unwrap()
            .kind,
        ReportKind::Created
    );
    fake
}

#[tokio::test]
async fn code_deploy_splits_settings_from_the_revision() {
    let fake = created_under_code_deploy().await;
    let mut wanted = under_code_deploy(update_to(2));
    wanted.desired = DesiredCount::Fixed(4);
    wanted.settings.enable_execute_command = true;
    let applied = run(&fake, &wanted).await;
    assert_eq!(live_revision(&applied), task_definition(2));
    let report = applied.result.unwrap();
    assert_eq!(report.kind, ReportKind::RolledOut);
    assert_eq!(report.deployment_id.as_deref(), Some("d-1"));
    assert_eq!(fake.state().sent.len(), 1);
    assert_eq!(
        run(&fake, &wanted).await.result.unwrap().kind,
        ReportKind::Unchanged
    );
    assert_eq!(fake.deployments(), 1);
}

/// Settings and the revision differ; between the two requests somebody else deploys `theirs`.
async fn deployed_while_settings_change(theirs: &DesiredService) -> (Fake, Applied) {
    let app_spec = {
        let fake = created_under_code_deploy().await;
        run(&fake, theirs).await.result.unwrap();
        fake.state().asked[0].app_spec.clone()
    };
    let fake = created_under_code_deploy().await;
    let somebody = fake.clone();
    let begun = AtomicBool::new(false);
    let intercept = Intercept::new(fake.ports()).after_each(move |_, operation| {
        if operation == "ecs:UpdateService" && !begun.swap(true, Ordering::Relaxed) {
            somebody.code_deploy_by_someone(&app_spec);
        }
    });
    let mut wanted = under_code_deploy(update_to(2));
    wanted.settings.enable_execute_command = true;
    let applied = apply(&intercept.ports(), &wanted, &CancellationToken::new()).await;
    (fake, applied)
}

#[tokio::test]
async fn a_deployment_that_begins_while_settings_change_is_waited_for() {
    let (fake, applied) = deployed_while_settings_change(&under_code_deploy(update_to(3))).await;
    assert_eq!(live_revision(&applied), task_definition(2));
    assert_eq!(applied.result.unwrap().kind, ReportKind::RolledOut);
    assert_eq!(fake.state().asked.len(), 1, "nothing is asked in vain");
}

#[tokio::test]
async fn the_same_deployment_that_begins_while_settings_change_is_adopted() {
    let (fake, applied) = deployed_while_settings_change(&under_code_deploy(update_to(2))).await;
    assert_eq!(live_revision(&applied), task_definition(2));
    let report = applied.result.unwrap();
    assert_eq!(report.deployment_id.as_deref(), Some("d-1"));
    assert_eq!(fake.deployments(), 1);
}

#[tokio::test]
async fn a_code_deploy_failure_waits_for_its_rollback() {
    let fake = created_under_code_deploy().await;
    fake.state().code_deploy_scripts.push(vec![
        (0, CodeDeployStatus::InProgress),
        (60, CodeDeployStatus::Failed),
    ]);
    let applied = run(&fake, &under_code_deploy(update_to(2))).await;
    assert_eq!(live_revision(&applied), task_definition(1));
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::RolledBack);
    assert!(
        failure
            .why()
            .iter()
            .any(|line| line.contains("ALARM_ACTIVE")),
        "{:?}",
        failure.why()
    );
    assert!(
        failure
            .why()
            .iter()
            .any(|line| line.contains("The hook said no.")),
        "{:?}",
        failure.why()
    );
    assert!(
        fake.ports()
            .code_deploy
            .running_deployments("shop", "web")
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_code_deploy_failure_without_rollback_says_so() {
    let fake = created_under_code_deploy().await;
    fake.state().code_deploy_rolls_back = false;
    fake.state().code_deploy_scripts.push(vec![
        (0, CodeDeployStatus::InProgress),
        (60, CodeDeployStatus::Failed),
    ]);
    let failure = run(&fake, &under_code_deploy(update_to(2)))
        .await
        .result
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::DeploymentFailed);
}

#[tokio::test]
async fn a_missing_deployment_group_is_a_clear_failure() {
    let fake = created_under_code_deploy().await;
    fake.state().has_group = false;
    let failure = run(&fake, &under_code_deploy(update_to(2)))
        .await
        .result
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::NotFound);
    assert!(
        failure.summary().contains("deployment group `web`"),
        "{failure}"
    );
}

#[tokio::test]
async fn under_code_deploy_no_strategy_is_named() {
    let fake = created_under_code_deploy().await;
    let mut wanted = under_code_deploy(update_to(1));
    wanted.settings.deployment_configuration.maximum_percent = Some(150);
    run(&fake, &wanted).await.result.unwrap();
    assert!(fake.state().sent[0].percentages_only);
}

#[tokio::test]
async fn a_deployment_group_of_another_service_is_never_used() {
    let fake = created_under_code_deploy().await;
    fake.state().group_deploys = "billing";
    let failure = run(&fake, &under_code_deploy(update_to(2)))
        .await
        .result
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Rejected);
    assert!(failure.why()[0].contains("`billing`"), "{failure:?}");
    assert_eq!(fake.deployments(), 0);
}

#[tokio::test]
async fn another_controller_is_refused() {
    let fake = created_under_code_deploy().await;
    let mut wanted = update_to(2);
    wanted.controller = DesiredController::External;
    let failure = run(&fake, &wanted).await.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::ControllerDiffers);
}

// Death, lost answers, throttling, refusals.

/// The process dies at every call it makes, before and after the call took effect; the next apply converges.
async fn survives_death(create: DesiredService, update: Option<DesiredService>) {
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        for nth in 0.. {
            let fake = Fake::new();
            let target = match &update {
                None => create.clone(),
                Some(update) => {
                    run(&fake, &create).await.result.unwrap();
                    update.clone()
                }
            };
            let before = fake.deployments();
            let dying = Intercept::new(fake.ports()).with(Selector::Nth(nth), fault);
            let ports = dying.ports();
            let cancel = CancellationToken::new();
            if dying
                .until_death(apply(&ports, &target, &cancel))
                .await
                .is_some()
            {
                assert!(nth > 5, "the apply made only {nth} calls");
                break;
            }
            // Also a create that was over, and of which nobody has heard.
            let again = target.clone();
            let applied = run(&fake, &again).await;
            if let Err(failure) = &applied.result {
                panic!("{fault:?} at {nth}: {}", failure.detail());
            }
            assert_eq!(
                live_definition(&applied),
                Some(target.revision.task_definition.name().unwrap()),
                "{fault:?} at {nth}"
            );
            let expected = before + usize::from(fake.deployments() > 0 || update.is_some());
            assert_eq!(
                fake.deployments(),
                expected,
                "{fault:?} at {nth}: {:?}",
                dying.calls()
            );
            assert_eq!(fake.state().creations, 1, "{fault:?} at {nth}");
            assert!(!is_marked(&fake), "{fault:?} at {nth}");
        }
    }
}

#[tokio::test]
async fn a_killed_create_is_finished_by_the_next_apply() {
    Box::pin(survives_death(wanted(), None)).await;
}

#[tokio::test]
async fn a_killed_update_is_finished_by_the_next_apply() {
    Box::pin(survives_death(wanted(), Some(update_to(2)))).await;
}

#[tokio::test]
async fn a_killed_code_deploy_create_is_finished_by_the_next_apply() {
    Box::pin(survives_death(under_code_deploy(wanted()), None)).await;
}

#[tokio::test]
async fn a_killed_code_deploy_update_is_finished_by_the_next_apply() {
    Box::pin(survives_death(
        under_code_deploy(wanted()),
        Some(under_code_deploy(update_to(2))),
    ))
    .await;
}

/// Every call fails once, in every way that passes: the apply itself gets through.
async fn rides_out(create: DesiredService, update: Option<DesiredService>) {
    let faults = [
        Fault::Fails(ErrorKind::Throttled),
        Fault::Fails(ErrorKind::Unavailable),
        Fault::Fails(ErrorKind::Timeout),
        Fault::AnswerLost,
    ];
    for fault in faults {
        for nth in 0.. {
            let fake = Fake::new();
            let target = match &update {
                None => create.clone(),
                Some(update) => {
                    run(&fake, &create).await.result.unwrap();
                    update.clone()
                }
            };
            let before = fake.deployments();
            let failing = Intercept::new(fake.ports()).with(Selector::Nth(nth), fault);
            let applied = apply(&failing.ports(), &target, &CancellationToken::new()).await;
            if failing.calls().len() <= nth {
                break;
            }
            if let Err(failure) = &applied.result {
                panic!("{fault:?} at {nth}: {}", failure.detail());
            }
            assert_eq!(
                live_definition(&applied),
                Some(target.revision.task_definition.name().unwrap())
            );
            assert!(
                fake.deployments() <= before + 1,
                "{fault:?} at {nth}: {:?}",
                failing.calls()
            );
            assert_eq!(fake.state().creations, 1, "{fault:?} at {nth}");
        }
    }
}

#[tokio::test]
async fn a_create_rides_out_every_passing_error() {
    rides_out(wanted(), None).await;
}

#[tokio::test]
async fn an_update_rides_out_every_passing_error() {
    rides_out(wanted(), Some(update_to(2))).await;
}

#[tokio::test]
async fn a_code_deploy_update_rides_out_every_passing_error() {
    rides_out(
        under_code_deploy(wanted()),
        Some(under_code_deploy(update_to(2))),
    )
    .await;
}

/// Every operation is refused for good: nothing is lost, and the next apply converges.
async fn survives_refusal(update: DesiredService, create: DesiredService, kind: ErrorKind) {
    let fake = Fake::new();
    run(&fake, &create).await.result.unwrap();
    let all = Intercept::new(fake.ports());
    apply(&all.ports(), &update, &CancellationToken::new())
        .await
        .result
        .unwrap();
    let mut operations = all.calls();
    operations.sort_unstable();
    operations.dedup();
    for operation in operations {
        let fake = Fake::new();
        run(&fake, &create).await.result.unwrap();
        let refusing = Intercept::new(fake.ports()).with(
            Selector::Operation(operation, usize::MAX),
            Fault::Fails(kind),
        );
        let mut limited = update.clone();
        limited.time_limit = Duration::from_secs(600);
        let applied = apply(&refusing.ports(), &limited, &CancellationToken::new()).await;
        if let Err(failure) = applied.result {
            for text in [&failure.summary(), &failure.now(), &failure.next()] {
                assert!(!text.is_empty(), "{operation} {kind:?}");
            }
        }
        let again = run(&fake, &update).await;
        if let Err(failure) = &again.result {
            panic!("{operation} {kind:?}: {}", failure.detail());
        }
        assert_eq!(
            live_definition(&again),
            Some(update.revision.task_definition.name().unwrap()),
            "{operation} {kind:?}"
        );
        assert_eq!(fake.state().creations, 1, "{operation} {kind:?}");
    }
}

#[tokio::test]
async fn every_operation_may_be_refused_and_nothing_is_lost() {
    let kinds = [
        ErrorKind::Denied,
        ErrorKind::Rejected,
        ErrorKind::NotFound,
        ErrorKind::Conflict,
        ErrorKind::Unexpected,
        ErrorKind::Throttled,
        ErrorKind::Timeout,
    ];
    for kind in kinds {
        survives_refusal(update_to(2), wanted(), kind).await;
        survives_refusal(
            under_code_deploy(update_to(2)),
            under_code_deploy(wanted()),
            kind,
        )
        .await;
    }
}

#[tokio::test]
async fn denied_names_the_operation_to_allow() {
    let fake = created().await;
    let denied = Fault::Fails(ErrorKind::Denied);
    let ports = Intercept::new(fake.ports())
        .with(Selector::Operation("ecs:UpdateService", 1), denied)
        .ports();
    let applied = apply(&ports, &update_to(2), &CancellationToken::new()).await;
    assert_eq!(live_revision(&applied), task_definition(1));
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Denied);
    assert!(
        failure.next().contains("ecs:UpdateService"),
        "{}",
        failure.next()
    );
    assert!(
        failure.detail().contains("request id req-1"),
        "{}",
        failure.detail()
    );
}

// Verify.

fn rules(findings: &[Finding]) -> Vec<Rule> {
    findings.iter().map(|finding| finding.rule).collect()
}

#[tokio::test]
async fn a_sound_configuration_has_no_findings() {
    let fake = created().await;
    let live = observe(&fake.ports(), &wanted().service).await.unwrap();
    assert_eq!(
        verify(&fake.ports(), &update_to(2), live.as_ref()).await,
        []
    );
    let fake = created_under_code_deploy().await;
    let live = observe(&fake.ports(), &wanted().service).await.unwrap();
    assert_eq!(
        verify(
            &fake.ports(),
            &under_code_deploy(update_to(2)),
            live.as_ref()
        )
        .await,
        []
    );
}

#[tokio::test]
async fn each_rule_has_a_negative_example() {
    type Spoil = fn(&mut DesiredService);
    let table: [(Rule, Spoil); 11] = [
        (Rule::ClusterMissing, |wanted| {
            wanted.service.cluster = "other".to_owned()
        }),
        (Rule::TaskDefinitionMissing, |wanted| {
            wanted.revision.task_definition = DesiredTaskDefinition::Named("api:1".to_owned())
        }),
        (Rule::ContainerMissing, |wanted| {
            wanted.revision.load_balancer.as_mut().unwrap().container = "sidecar".to_owned();
        }),
        (Rule::PortNotExposed, |wanted| {
            wanted.revision.load_balancer.as_mut().unwrap().port = 1
        }),
        (Rule::TargetGroupMissing, |wanted| {
            let groups = &mut wanted
                .revision
                .load_balancer
                .as_mut()
                .unwrap()
                .target_groups;
            groups.remove(GREEN);
            groups.insert("arn:other".to_owned());
        }),
        (Rule::ProductionRuleMissing, |wanted| {
            wanted
                .revision
                .load_balancer
                .as_mut()
                .unwrap()
                .production_rule = Some("arn:rule".to_owned());
        }),
        (Rule::TestRuleMissing, |wanted| {
            wanted.revision.load_balancer.as_mut().unwrap().test_rule = Some("arn:rule".to_owned());
        }),
        (Rule::PairIncomplete, |wanted| {
            wanted.revision.load_balancer.as_mut().unwrap().role = None
        }),
        (Rule::TimeLimitTooSmall, |wanted| {
            wanted.settings.deployment_configuration.bake_minutes = Some(60)
        }),
        (Rule::AlarmMissing, |wanted| {
            let names = ["gone".to_owned()].into();
            wanted.settings.deployment_configuration.alarms = Some(DeploymentAlarms {
                names,
                enable: true,
                rollback: true,
            });
        }),
        (Rule::AlarmFiring, |wanted| {
            let names = ["firing".to_owned()].into();
            wanted.settings.deployment_configuration.alarms = Some(DeploymentAlarms {
                names,
                enable: true,
                rollback: true,
            });
        }),
    ];
    let fake = created().await;
    fake.state()
        .alarm_states
        .insert("firing".to_owned(), AlarmState::Firing);
    for (rule, spoil) in table {
        let mut wanted = update_to(2);
        spoil(&mut wanted);
        let findings = verify(&fake.ports(), &wanted, None).await;
        assert!(rules(&findings).contains(&rule), "{rule:?}: {findings:?}");
    }
}

#[tokio::test]
async fn an_autoscaler_beside_a_fixed_count_is_pointed_out() {
    let fake = created().await;
    fake.state().scalable = Some(ScalableTarget {
        arn: None,
        bounds: Bounds { min: 1, max: 4 },
        suspended: SuspendedState::default(),
    });
    assert_eq!(
        rules(&verify(&fake.ports(), &update_to(1), None).await),
        [Rule::DesiredContested]
    );
}

/// An update that raises every question the ECS controller knows.
fn inquisitive() -> DesiredService {
    let mut wanted = update_to(2);
    wanted.settings.deployment_configuration.alarms = Some(DeploymentAlarms {
        names: ["quiet".to_owned()].into(),
        enable: true,
        rollback: true,
    });
    wanted
}

#[tokio::test]
async fn everything_is_asked_before_the_first_answer_is_there() {
    let fake = created().await;
    let asked = Intercept::new(fake.ports()).with(
        Selector::Operation("ecs:DescribeClusters", 1),
        Fault::DiesBefore,
    );
    let ended = asked
        .until_death(verify(&asked.ports(), &inquisitive(), None))
        .await;
    assert_eq!(ended, None, "the first call is never answered");
    assert_eq!(
        asked.calls(),
        [
            "ecs:DescribeClusters",
            "ecs:DescribeTaskDefinition",
            "elbv2:DescribeTargetGroups",
            "application-autoscaling:DescribeScalableTargets",
            "elbv2:DescribeRules",
            "cloudwatch:DescribeAlarms",
        ]
    );
}

#[tokio::test]
async fn an_endpoint_out_of_reach_is_asked_no_further() {
    let fake = created().await;
    for kind in [
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::Throttled,
    ] {
        let dead = Intercept::new(fake.ports()).with(
            Selector::Operation("ecs:DescribeClusters", usize::MAX),
            Fault::Fails(kind),
        );
        let mut wanted = inquisitive();
        wanted.settings.deployment_configuration.bake_minutes = Some(60);
        let findings = verify(&dead.ports(), &wanted, None).await;
        assert_eq!(
            rules(&findings),
            [Rule::TimeLimitTooSmall, Rule::ChecksIncomplete],
            "what needs no call is still said"
        );
        let incomplete = findings.last().unwrap();
        assert_eq!(incomplete.severity, FindingLevel::Warning);
        assert!(
            incomplete.why.contains("ecs:DescribeClusters"),
            "{incomplete:?}"
        );
        assert_eq!(dead.calls(), ["ecs:DescribeClusters"]);
    }
    let fake = created_under_code_deploy().await;
    let dead = Intercept::new(fake.ports()).with(
        Selector::Operation("codedeploy:GetDeploymentGroup", usize::MAX),
        Fault::Fails(ErrorKind::Unavailable),
    );
    let findings = verify(&dead.ports(), &under_code_deploy(update_to(2)), None).await;
    assert_eq!(rules(&findings), [Rule::ChecksIncomplete]);
    assert_eq!(dead.count("codedeploy:GetDeploymentConfig"), 0);
}

/// Parts of AWS learn of a new revision or role one after the other. The words are AWS's.
#[tokio::test]
async fn what_aws_has_not_heard_of_yet_is_waited_for() {
    let update = "ecs:UpdateService";
    for (kind, words) in [
        (ErrorKind::NotFound, "Unable to describe task definition."),
        (
            ErrorKind::Rejected,
            "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
        ),
    ] {
        let fake = created().await;
        let late = Intercept::new(fake.ports())
            .with(Selector::Operation(update, 3), Fault::Says(kind, words));
        let applied = apply(&late.ports(), &update_to(2), &CancellationToken::new()).await;
        assert_eq!(applied.result.as_ref().unwrap().kind, ReportKind::RolledOut);
        assert_eq!(live_revision(&applied), task_definition(2));
        assert_eq!(late.count(update), 4);

        let fake = created().await;
        let never = Intercept::new(fake.ports()).with(
            Selector::Operation(update, usize::MAX),
            Fault::Says(kind, words),
        );
        let applied = apply(&never.ports(), &update_to(2), &CancellationToken::new()).await;
        let failure = applied.result.unwrap_err();
        assert!(failure.detail().contains(words), "{}", failure.detail());
        assert_eq!(live_definition_of(&fake), task_definition(1));
    }
}

/// Task definition of the service as it is.
fn live_definition_of(fake: &Fake) -> String {
    let state = fake.state();
    let service = state.service.as_ref().unwrap();
    service.task_definition.clone().unwrap()
}

/// Other services are not those an apply needs: the other checks are made, and nothing is told of it.
#[tokio::test]
async fn an_extra_that_does_not_answer_ends_no_other_check() {
    let fake = created().await;
    for kind in [
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::Throttled,
    ] {
        let busy = Intercept::new(fake.ports()).with(
            Selector::Operation(
                "application-autoscaling:DescribeScalableTargets",
                usize::MAX,
            ),
            Fault::Fails(kind),
        );
        let mut wanted = inquisitive();
        wanted
            .revision
            .load_balancer
            .as_mut()
            .unwrap()
            .target_groups
            .insert("arn:other".to_owned());
        let found = rules(&verify(&busy.ports(), &wanted, None).await);
        assert!(found.contains(&Rule::TargetGroupMissing), "{found:?}");
        assert!(!found.contains(&Rule::ChecksIncomplete), "{found:?}");
        assert_eq!(
            busy.count("application-autoscaling:DescribeScalableTargets"),
            1
        );
    }
}

#[tokio::test]
async fn refused_checks_are_one_warning_that_names_every_call() {
    let fake = created().await;
    let refuse = |operations: &[&'static str]| {
        operations
            .iter()
            .fold(Intercept::new(fake.ports()), |ports, operation| {
                ports.with(
                    Selector::Operation(operation, usize::MAX),
                    Fault::Fails(ErrorKind::Denied),
                )
            })
    };
    let refused = refuse(&[
        "ecs:DescribeTaskDefinition",
        "elbv2:DescribeRules",
        "cloudwatch:DescribeAlarms",
    ]);
    let findings = verify(&refused.ports(), &inquisitive(), None).await;
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}")
    };
    assert_eq!(finding.rule, Rule::ChecksIncomplete);
    assert_eq!(finding.severity, FindingLevel::Warning);
    assert_eq!(finding.field, Field::TaskDefinition);
    assert_eq!(
        finding.next,
        "An apply makes its calls in any case and reports errors. To find mistakes at plan:\n- Allow \
         `cloudwatch:DescribeAlarms` for the credentials of this run, then run the command again.\n- Allow \
         `ecs:DescribeTaskDefinition` for the credentials of this run, then run the command again.\n- Allow \
         `elbv2:DescribeRules` for the credentials of this run, then run the command again."
    );
    let extras = refuse(&[
        "elbv2:DescribeRules",
        "application-autoscaling:DescribeScalableTargets",
    ]);
    assert_eq!(
        verify(&extras.ports(), &update_to(2), None).await,
        [],
        "least privilege is not nagged about"
    );
    let mut elsewhere = inquisitive();
    elsewhere
        .revision
        .load_balancer
        .as_mut()
        .unwrap()
        .target_groups
        .insert("arn:other".to_owned());
    let refused = refuse(&["ecs:DescribeClusters"]);
    let found = rules(&verify(&refused.ports(), &elsewhere, None).await);
    assert!(
        found.contains(&Rule::TargetGroupMissing) && found.contains(&Rule::ChecksIncomplete),
        "{found:?}"
    );
}

#[tokio::test]
async fn code_deploy_rules_have_negative_examples() {
    let fake = created_under_code_deploy().await;
    let live = observe(&fake.ports(), &wanted().service).await.unwrap();
    let ports = fake.ports();
    let mut elsewhere = under_code_deploy(update_to(2));
    elsewhere.service.name = "api".to_owned();
    assert!(
        rules(&verify(&ports, &elsewhere, None).await).contains(&Rule::CodeDeployGroupElsewhere)
    );
    let mut config = under_code_deploy(update_to(2));
    if let DesiredController::CodeDeploy { config, .. } = &mut config.controller {
        *config = Some("CodeDeployDefault.AllAtOnce".to_owned());
    }
    assert!(rules(&verify(&ports, &config, None).await).contains(&Rule::CodeDeployConfigMissing));
    let mut external = update_to(2);
    external.controller = DesiredController::External;
    assert!(
        rules(&verify(&ports, &external, live.as_ref()).await).contains(&Rule::ControllerDiffers)
    );
    fake.state().has_group = false;
    let found = verify(&ports, &under_code_deploy(update_to(2)), live.as_ref()).await;
    assert_eq!(rules(&found), [Rule::CodeDeployGroupMissing]);
    assert_eq!(
        verify(&ports, &under_code_deploy(wanted()), None).await,
        [],
        "a new service comes before its group"
    );
}
