//! What a user reads when an apply fails: one golden text per kind. `UPDATE_FAILURES=1` rewrites them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::path::Path;
use std::time::Duration;

use support::fake::{Act, Fake, act, hangs, rolls_back, succeeds};
use support::{task_definition, under_code_deploy, update_to, wanted};
use switchyard_engine::ports::{
    CodeDeployStatus, EcsStatus as Status, ErrorKind, StopCode, StoppedTask,
};
use switchyard_engine::{DesiredService, Failure, OnCancel, apply, delete};
use switchyard_support::intercept::{Fault, Intercept, Selector};
use tokio_util::sync::CancellationToken;

/// Compares with (or rewrites) `tests/failures/NAME.txt`.
fn golden(name: &str, failure: &Failure) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/failures/{name}.txt"));
    let text = format!("{failure}\n\n{}\n", failure.detail());
    #[expect(clippy::disallowed_methods, reason = "how golden files are rewritten")]
    let rewrites = std::env::var("UPDATE_FAILURES").is_ok();
    if rewrites {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        text,
        "{name}"
    );
}

async fn fails(fake: &Fake, wanted: &DesiredService) -> Failure {
    *apply(&fake.ports(), wanted, &CancellationToken::new())
        .await
        .result
        .unwrap_err()
}

async fn created() -> Fake {
    let fake = Fake::new();
    apply(&fake.ports(), &wanted(), &CancellationToken::new())
        .await
        .result
        .unwrap();
    fake
}

async fn created_under_code_deploy() -> Fake {
    let fake = Fake::new();
    let wanted = under_code_deploy(wanted());
    apply(&fake.ports(), &wanted, &CancellationToken::new())
        .await
        .result
        .unwrap();
    fake
}

async fn after(script: Vec<Act>) -> Failure {
    let fake = created().await;
    fake.script(script);
    fails(&fake, &update_to(2)).await
}

fn ends(status: Status) -> Vec<Act> {
    vec![
        act(0, Status::InProgress, "SCALE_UP", 0.0),
        act(30, status, "", 0.0),
    ]
}

/// Applies revision 2 and cancels once its rollout has begun.
async fn cancelled(on_cancel: OnCancel) -> Failure {
    let fake = created().await;
    fake.script(hangs());
    let (cancel, ports) = (CancellationToken::new(), fake.ports());
    let mut wanted = update_to(2);
    wanted.on_cancel = on_cancel;
    let stop = async {
        while fake.deployments() < 2 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (applied, ()) = tokio::join!(apply(&ports, &wanted, &cancel), stop);
    *applied.result.unwrap_err()
}

async fn timed_out(on_cancel: OnCancel) -> Failure {
    let fake = created().await;
    fake.script(hangs());
    let mut wanted = update_to(2);
    wanted.time_limit = Duration::from_secs(300);
    wanted.on_cancel = on_cancel;
    fails(&fake, &wanted).await
}

#[tokio::test]
async fn rollouts_that_end_badly_read_well() {
    let fake = created().await;
    fake.script(rolls_back());
    fake.state().alarm_note = Some((
        "Alarm detected during the bake.".to_owned(),
        vec!["web-5xx".to_owned()],
    ));
    golden(
        "rolled_back_by_an_alarm",
        &fails(&fake, &update_to(2)).await,
    );
    golden(
        "rollback_failed",
        &after(ends(Status::RollbackFailed)).await,
    );
    golden("stopped_by_someone", &after(ends(Status::Stopped)).await);
    golden(
        "unknown_status_until_the_time_limit",
        &after(ends(Status::Unknown("FROZEN".to_owned()))).await,
    );
    golden(
        "timed_out_and_rolled_back",
        &timed_out(OnCancel::Rollback).await,
    );
    golden("timed_out_and_left", &timed_out(OnCancel::Leave).await);
    golden(
        "cancelled_and_rolled_back",
        &cancelled(OnCancel::Rollback).await,
    );
    golden("cancelled_and_left", &cancelled(OnCancel::Leave).await);
}

#[tokio::test]
async fn a_superseded_rollout_reads_well() {
    let fake = created().await;
    fake.script(hangs());
    let ports = fake.ports();
    let (wanted, cancel) = (update_to(2), CancellationToken::new());
    let other = async {
        while fake.deployments() < 2 {
            tokio::task::yield_now().await;
        }
        fake.deploy_by_someone(&task_definition(3), succeeds());
    };
    let (applied, ()) = tokio::join!(apply(&ports, &wanted, &cancel), other);
    golden("superseded", &applied.result.unwrap_err());
}

#[tokio::test]
async fn a_crashing_first_rollout_reads_well() {
    let fake = Fake::new();
    fake.script(hangs());
    {
        let mut state = fake.state();
        state.crashes = true;
        let at = state.now + jiff::SignedDuration::from_secs(20);
        let task = |number: u32, code: i64| StoppedTask {
            arn: format!("task/{number}"),
            task_definition: task_definition(1),
            started_by: None,
            stop_code: Some(StopCode::EssentialContainerExited),
            reason: Some("Essential container in task exited".to_owned()),
            containers: [("app".to_owned(), (Some(code), None))].into(),
            stopped_at: Some(at),
        };
        state.stopped = vec![task(1, 137), task(2, 137), task(3, 1)];
    }
    golden("first_rollout_crashes", &fails(&fake, &wanted()).await);
}

#[tokio::test]
async fn refusals_read_well() {
    let fake = created().await;
    // The note of its creation would let the same create finish it.
    fake.state().service.as_mut().unwrap().tags.clear();
    golden("already_exists", &fails(&fake, &wanted()).await);
    let fake = created_under_code_deploy().await;
    let mut external = update_to(2);
    external.controller = switchyard_engine::DesiredController::External;
    golden("controller_differs", &fails(&fake, &external).await);
    let mut missing = wanted();
    missing.revision.task_definition =
        switchyard_engine::DesiredTaskDefinition::Named("api".to_owned());
    golden(
        "task_definition_missing",
        &fails(&Fake::new(), &missing).await,
    );
    let fake = Fake::new();
    fake.state().detached = u32::MAX;
    golden(
        "target_group_without_load_balancer",
        &fails(&fake, &wanted()).await,
    );
    for (name, kind) in [
        ("denied", ErrorKind::Denied),
        ("not_found", ErrorKind::NotFound),
        ("rejected", ErrorKind::Rejected),
        ("unexpected", ErrorKind::Unexpected),
    ] {
        let fake = created().await;
        let refusing = Intercept::new(fake.ports()).with(
            Selector::Operation("ecs:UpdateService", usize::MAX),
            Fault::Fails(kind),
        );
        let applied = apply(&refusing.ports(), &update_to(2), &CancellationToken::new()).await;
        golden(name, &applied.result.unwrap_err());
    }
    let fake = created().await;
    let silent = Intercept::new(fake.ports()).with(
        Selector::Operation("ecs:DescribeServices", usize::MAX),
        Fault::Fails(ErrorKind::Unavailable),
    );
    let applied = apply(&silent.ports(), &update_to(2), &CancellationToken::new()).await;
    golden("unavailable", &applied.result.unwrap_err());
}

#[tokio::test]
async fn code_deploy_failures_read_well() {
    let script = || {
        vec![
            (0, CodeDeployStatus::InProgress),
            (60, CodeDeployStatus::Failed),
        ]
    };
    let fake = created_under_code_deploy().await;
    fake.state().code_deploy_scripts.push(script());
    golden(
        "codedeploy_rolled_back",
        &fails(&fake, &under_code_deploy(update_to(2))).await,
    );
    let fake = created_under_code_deploy().await;
    fake.state().code_deploy_rolls_back = false;
    fake.state().code_deploy_scripts.push(script());
    golden(
        "codedeploy_failed_without_rollback",
        &fails(&fake, &under_code_deploy(update_to(2))).await,
    );
    let fake = created_under_code_deploy().await;
    fake.state().has_group = false;
    golden(
        "codedeploy_group_missing",
        &fails(&fake, &under_code_deploy(update_to(2))).await,
    );
}

#[tokio::test]
async fn an_unfinished_delete_reads_well() {
    let fake = created().await;
    let (limit, cancel) = (Duration::from_secs(30), CancellationToken::new());
    golden(
        "delete_still_draining",
        &delete(&fake.ports(), &wanted().service, limit, &cancel)
            .await
            .unwrap_err(),
    );
}
