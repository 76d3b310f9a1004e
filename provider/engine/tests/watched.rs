//! Rollouts that are held, watched and accounted for, against scripted deployments.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use support::fake::{Act, Fake, act, hangs, pause, rolls_back, succeeds};
use support::{BLUE, GREEN, external, tags, task_definition, under_code_deploy, update_to, wanted};
use switchyard_engine::gate::{
    Area, Check, Expectation, Flow, Gate, GateClass, HttpCheck, Inconclusive, MomentKind,
    ProbeTarget,
};
use switchyard_engine::ports::{
    Bounds, CodeDeployStatus, CodeDeployTaskSet, ConnectRequest, Connected, ContinueAction,
    EcsStatus as Status, ErrorKind, HookTarget, HookTimeoutAction, LifecycleHook, LifecycleStage,
    ProbeFailure, ProbeRequest, ProbeResponse, Probes, ScalableTarget, StopCode, StoppedTask,
    Strategy, SuspendedState, TaskSetLabel, TaskSetStatus,
};
use switchyard_engine::{
    Applied, CodeDeployHook, DeploymentRecord, DesiredController, DesiredService, DesiredStep,
    DesiredTaskDefinition, FailureKind, GateVerdict, Intent, OnCancel, REGISTERED_TAG,
    RecordOutcome, ReportKind, SCALING_TAG, ScalingDuring, Share, Unfinished, apply, observe,
};
use switchyard_support::intercept::{Fault, Intercept, Selector};
use tokio_util::sync::CancellationToken;

async fn run(fake: &Fake, wanted: &DesiredService) -> Applied {
    apply(&fake.ports(), wanted, &CancellationToken::new()).await
}

async fn created() -> Fake {
    let fake = Fake::new();
    run(&fake, &wanted()).await.result.unwrap();
    fake
}

async fn succeeded(fake: &Fake, wanted: &DesiredService) -> DeploymentRecord {
    let applied = run(fake, wanted).await;
    let record = &applied.record;
    applied
        .result
        .unwrap_or_else(|failure| panic!("{failure}\n{}\n{record:#?}", failure.detail()));
    applied.record.unwrap()
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

fn pauses(mut wanted: DesiredService, stages: &[&str]) -> DesiredService {
    wanted.settings.deployment_configuration.hooks = Some(vec![LifecycleHook {
        target: HookTarget::Pause,
        stages: stages
            .iter()
            .map(|word| LifecycleStage::parse(word))
            .collect(),
        details: None,
        timeout_minutes: Some(120),
        on_timeout: Some(HookTimeoutAction::Rollback),
        more: String::new(),
    }]);
    wanted
}

/// Held for five minutes at 10 percent and for one at 100.
fn in_steps(revision: u32) -> DesiredService {
    let mut wanted = pauses(
        update_to(revision),
        &[
            "PRE_PRODUCTION_TRAFFIC_SHIFT",
            "POST_PRODUCTION_TRAFFIC_SHIFT",
        ],
    );
    wanted.settings.deployment_configuration.strategy = Strategy::Linear {
        percent: 10.0,
        bake_minutes: 0,
    };
    wanted.steps = vec![
        DesiredStep {
            share: Share::of_tenths(100),
            hold: minutes(5),
            approval: false,
        },
        DesiredStep {
            share: Share::WHOLE,
            hold: minutes(1),
            approval: false,
        },
    ];
    wanted
}

fn shifts_in_steps() -> Vec<Act> {
    let before = "PRE_PRODUCTION_TRAFFIC_SHIFT";
    vec![
        act(0, Status::InProgress, "SCALE_UP", 0.0),
        pause(30, before, 0.0),
        pause(40, before, 10.0),
        pause(50, before, 20.0),
        act(60, Status::InProgress, "PRODUCTION_TRAFFIC_SHIFT", 100.0),
        pause(70, "POST_PRODUCTION_TRAFFIC_SHIFT", 100.0),
        act(80, Status::Successful, "CLEAN_UP", 100.0),
    ]
}

/// One request that has to be answered with 200.
fn probe(when: MomentKind) -> Gate {
    Gate {
        name: "health".to_owned(),
        class: GateClass::Smoke,
        area: Area::Basic,
        when: BTreeSet::from([when]),
        check: Check::Http(HttpCheck {
            target: ProbeTarget::Url("https://shop.example/health".to_owned()),
            path: String::new(),
            method: "GET".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            expect: Expectation::default(),
            timeout: Duration::from_secs(10),
            consecutive_passes: 2,
            attempts: 2,
            retry_delay: None,
            interval: Duration::from_secs(5),
            load: None,
        }),
        observe_only: false,
        on_inconclusive: Inconclusive::Fail,
        time_limit: minutes(5),
        flow: Flow::default(),
        pair: None,
    }
}

fn gated(mut wanted: DesiredService, when: MomentKind) -> DesiredService {
    wanted.gates.list.push(probe(when));
    wanted
}

#[tokio::test]
async fn weights_are_held_as_long_as_was_asked_and_others_go_on_at_once() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    let record = succeeded(&fake, &in_steps(2)).await;
    assert_eq!(record.outcome, RecordOutcome::Succeeded);
    let continued: Vec<String> = fake
        .state()
        .continued
        .iter()
        .map(|(id, _)| id.clone())
        .collect();
    assert_eq!(
        continued,
        [
            "hook-PRE_PRODUCTION_TRAFFIC_SHIFT-30",
            "hook-PRE_PRODUCTION_TRAFFIC_SHIFT-40",
            "hook-PRE_PRODUCTION_TRAFFIC_SHIFT-50",
            "hook-POST_PRODUCTION_TRAFFIC_SHIFT-70",
        ]
    );
    let at = |stage: &str| {
        let mut entries = record.timeline.iter();
        entries
            .find(|entry| entry.stage.contains(stage))
            .unwrap_or_else(|| panic!("{stage}: {:?}", record.timeline))
            .at
    };
    let held = at("continuing from 0 %").duration_since(at("10 % is held for 300 s"));
    assert!(held.is_negative(), "the hold at 0 % ends first: {held}");
    let entries = &record.timeline;
    let ten = entries
        .iter()
        .position(|entry| entry.stage == "10 % is held for 300 s")
        .unwrap();
    let over = &entries[ten + 1];
    assert_eq!(
        (over.stage.as_str(), over.weight),
        ("continuing from 10 %", Some(10.0))
    );
    let seconds = over.at.duration_since(entries[ten].at).as_secs();
    assert!((300..=302).contains(&seconds), "held for {seconds} s");
    // 300 + 60 s of holds, and not much more than the script takes itself.
    assert!((440..=560).contains(&record.duration_seconds), "{record:?}");
}

#[tokio::test]
async fn a_pause_that_does_not_show_the_new_weight_shows_it_by_the_old_one() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    fake.state().hides_target_weight = true;
    let record = succeeded(&fake, &in_steps(2)).await;
    assert!(record.duration_seconds >= 360, "{record:#?}");
}

#[tokio::test]
async fn a_refusal_at_a_pause_tells_that_the_rollout_waits_there() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    let denied = Intercept::new(fake.ports()).with(
        Selector::Operation("ecs:ContinueServiceDeployment", usize::MAX),
        Fault::Fails(ErrorKind::Denied),
    );
    let applied = apply(&denied.ports(), &in_steps(2), &CancellationToken::new()).await;
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Denied);
    assert!(
        failure.now().contains("waits at a pause"),
        "{}",
        failure.now()
    );
    assert!(
        failure.next().contains("continues from there"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn gates_that_pass_let_every_hold_go_and_are_in_the_record() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    let mut wanted = in_steps(2);
    for when in [
        MomentKind::BeforeTraffic,
        MomentKind::Step,
        MomentKind::Bake,
        MomentKind::After,
    ] {
        wanted = gated(wanted, when);
        let name = format!("{when:?}");
        wanted.gates.list.last_mut().unwrap().name = name;
    }
    let record = succeeded(&fake, &wanted).await;
    let verdicts: Vec<(&str, GateVerdict)> = record
        .gates
        .iter()
        .map(|gate| (gate.moment.as_str(), gate.verdict))
        .collect();
    for moment in ["before_traffic", "step", "bake", "after"] {
        assert!(
            verdicts.contains(&(moment, GateVerdict::Passed)),
            "{verdicts:?}"
        );
    }
    assert_eq!(record.score, Some(100));
    assert!(!record.quarantine);
    assert!(fake.state().probes.len() >= 8);
}

#[tokio::test]
async fn a_gate_that_fails_at_a_step_rolls_back_and_is_told() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    fake.state().probe_status = Some(503);
    let applied = run(&fake, &gated(in_steps(2), MomentKind::Step)).await;
    let live = applied.live.unwrap();
    assert_eq!(live.revision.task_definition, Some(task_definition(1)));
    let failure = applied.result.unwrap_err();
    assert_eq!(
        failure.kind(),
        FailureKind::GateFailed,
        "{}",
        failure.detail()
    );
    assert!(failure.why()[0].contains("503"), "{:?}", failure.why());
    let record = applied.record.unwrap();
    assert_eq!(record.outcome, RecordOutcome::RolledBack);
    assert!(!record.quarantine, "the gate asks another URL");
    let recovery = record.recovery_seconds.unwrap();
    // Traffic is back long before the rollback has ended.
    assert!((1..=20).contains(&recovery), "{recovery}");
    assert_eq!(record.gates[0].verdict, GateVerdict::Failed);
    assert_eq!(record.images[0].image, "app:v2");
    assert!(record.reason.contains("503"), "{}", record.reason);
    // Nothing after 10 percent was let go.
    assert_eq!(fake.state().continued.len(), 1);
}

#[tokio::test]
async fn a_held_rollout_that_cannot_be_stopped_goes_back_through_its_hook() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    {
        let mut state = fake.state();
        state.probe_status = None;
        state.stop_refused = true;
    }
    let applied = run(&fake, &gated(in_steps(2), MomentKind::Step)).await;
    assert_eq!(applied.record.unwrap().outcome, RecordOutcome::RolledBack);
    let last = fake.state().continued.last().cloned().unwrap();
    assert_eq!(last.1, ContinueAction::Rollback);
}

#[tokio::test]
async fn a_recovery_longer_than_the_objective_is_told() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    fake.state().probe_status = Some(503);
    let mut wanted = gated(in_steps(2), MomentKind::Step);
    wanted.recovery_objective = Duration::from_secs(2);
    let failure = run(&fake, &wanted).await.result.unwrap_err();
    let detail = failure.detail();
    assert!(detail.contains("longer than the objective"), "{detail}");
}

#[tokio::test]
async fn a_gate_that_fails_afterwards_leaves_the_new_revision_and_says_so() {
    let fake = created().await;
    fake.state().probe_status = Some(500);
    let applied = run(&fake, &gated(update_to(2), MomentKind::After)).await;
    let live = applied.live.unwrap();
    assert_eq!(live.revision.task_definition, Some(task_definition(2)));
    assert!(applied.deployed.is_some());
    assert_eq!(applied.result.unwrap_err().kind(), FailureKind::GateFailed);
    let record = applied.record.unwrap();
    assert_eq!(record.outcome, RecordOutcome::Unhealthy);
    assert!(!record.quarantine, "the gate asks another URL");
    assert_eq!(record.recovery_seconds, None);
}

#[tokio::test]
async fn only_observed_gates_stop_nothing() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    fake.state().probe_status = Some(503);
    let mut wanted = gated(in_steps(2), MomentKind::Step);
    wanted.gates.list[0].observe_only = true;
    let record = succeeded(&fake, &wanted).await;
    assert!(
        record
            .gates
            .iter()
            .any(|gate| gate.verdict == GateVerdict::Failed)
    );
    assert!(!record.quarantine);
}

/// Requests that are never answered.
#[derive(Default)]
struct Silence {
    is_asked: std::sync::atomic::AtomicBool,
}

#[async_trait::async_trait]
impl Probes for Silence {
    async fn send(&self, _request: &ProbeRequest) -> Result<ProbeResponse, ProbeFailure> {
        self.is_asked
            .store(true, std::sync::atomic::Ordering::Relaxed);
        std::future::pending().await
    }

    async fn connect(&self, _: &ConnectRequest) -> Result<Connected, ProbeFailure> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_cancel_does_not_wait_for_a_request_under_way() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    let mut ports = fake.ports();
    let silence = Arc::new(Silence::default());
    ports.probes = silence.clone();
    let cancel = CancellationToken::new();
    let wanted = gated(in_steps(2), MomentKind::BeforeTraffic);
    let stop = async {
        while !silence.is_asked.load(std::sync::atomic::Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (applied, ()) = tokio::join!(apply(&ports, &wanted, &cancel), stop);
    assert_eq!(applied.result.unwrap_err().kind(), FailureKind::Cancelled);
    let record = applied.record.unwrap();
    assert_eq!(record.outcome, RecordOutcome::Cancelled);
    assert!(!record.quarantine);
}

#[tokio::test]
async fn a_rollout_killed_while_it_is_held_is_held_anew_and_finished() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    for times in [0, 1, 2] {
        let dying = Intercept::new(fake.ports()).with(
            Selector::Operation("ecs:ContinueServiceDeployment", 1),
            if times == 1 {
                Fault::DiesAfter
            } else {
                Fault::DiesBefore
            },
        );
        let ports = dying.ports();
        let wanted = in_steps(2);
        let cancel = CancellationToken::new();
        dying.until_death(apply(&ports, &wanted, &cancel)).await;
    }
    let record = succeeded(&fake, &in_steps(2)).await;
    assert_eq!(record.outcome, RecordOutcome::Succeeded);
    assert_eq!(fake.deployments(), 2);
}

#[tokio::test]
async fn lost_answers_to_continue_are_asked_again() {
    for fault in [
        Fault::AnswerLost,
        Fault::Fails(ErrorKind::Timeout),
        Fault::Fails(ErrorKind::Throttled),
    ] {
        let fake = created().await;
        fake.script(shifts_in_steps());
        let lossy = Intercept::new(fake.ports()).with(
            Selector::Operation("ecs:ContinueServiceDeployment", 2),
            fault,
        );
        let applied = apply(&lossy.ports(), &in_steps(2), &CancellationToken::new()).await;
        assert_eq!(
            applied.result.unwrap().kind,
            ReportKind::RolledOut,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn tasks_that_can_never_start_end_the_rollout_at_once() {
    let fake = created().await;
    fake.script(hangs());
    {
        let mut state = fake.state();
        state.crashes = true;
        let at = state.now + jiff::SignedDuration::from_secs(20);
        state.stopped = (0..2)
            .map(|number| StoppedTask {
                arn: format!("task/{number}"),
                task_definition: task_definition(2),
                started_by: None,
                stop_code: Some(StopCode::TaskFailedToStart),
                reason: Some("CannotPullContainerError: app:v2: not found".to_owned()),
                containers: BTreeMap::new(),
                stopped_at: Some(at),
            })
            .collect();
    }
    fake.state().missing = 2;
    let applied = run(&fake, &update_to(2)).await;
    let failure = applied.result.unwrap_err();
    assert_eq!(
        failure.kind(),
        FailureKind::RolledBack,
        "{}",
        failure.detail()
    );
    let record = applied.record.unwrap();
    // The image may well be there the next time.
    assert!(!record.quarantine);
    assert!(record.duration_seconds < 120, "{}", record.duration_seconds);
}

#[tokio::test]
async fn a_task_set_whose_tasks_can_never_start_is_given_up_at_once() {
    let fake = Fake::new();
    run(&fake, &external(wanted())).await.result.unwrap();
    {
        let mut state = fake.state();
        let at = state.now + jiff::SignedDuration::from_secs(20);
        state.missing = 2;
        state.stopped = (0..2)
            .map(|number| StoppedTask {
                arn: format!("task/{number}"),
                task_definition: task_definition(2),
                started_by: Some("ecs-svc/2".to_owned()),
                stop_code: Some(StopCode::TaskFailedToStart),
                reason: Some("CannotPullContainerError: app:v2: not found".to_owned()),
                containers: BTreeMap::new(),
                stopped_at: Some(at),
            })
            .collect();
    }
    let applied = run(&fake, &external(update_to(2))).await;
    let failure = applied.result.unwrap_err();
    assert_eq!(
        failure.kind(),
        FailureKind::RolledBack,
        "{}",
        failure.detail()
    );
    assert!(
        failure.summary().contains("cannot start its tasks"),
        "{failure}"
    );
    let record = applied.record.unwrap();
    assert!(!record.quarantine);
    assert!(record.duration_seconds < 120, "{}", record.duration_seconds);
}

#[tokio::test]
async fn alarms_of_aws_quarantine_and_deadlines_do_not() {
    let fake = created().await;
    fake.script(rolls_back());
    fake.state().alarm_note = Some((
        "Alarm detected: web-5xx".to_owned(),
        vec!["web-5xx".to_owned()],
    ));
    let record = run(&fake, &update_to(2)).await.record.unwrap();
    assert!(record.quarantine);
    assert_eq!(record.outcome, RecordOutcome::RolledBack);
    assert_eq!(record.from_task_definition, Some(task_definition(1)));
    assert_eq!(record.to_task_definition, task_definition(2));
    fake.state().alarm_note = None;
    for (on_cancel, outcome) in [
        (OnCancel::Leave, RecordOutcome::LeftRunning),
        (OnCancel::Rollback, RecordOutcome::RolledBack),
    ] {
        fake.script(hangs());
        let mut wanted = update_to(3);
        wanted.time_limit = Duration::from_secs(120);
        wanted.on_cancel = on_cancel;
        let record = run(&fake, &wanted).await.record.unwrap();
        assert!(!record.quarantine);
        assert_eq!(record.outcome, outcome);
    }
}

#[tokio::test]
async fn a_record_knows_whole_seconds() {
    let fake = created().await;
    fake.state().now += jiff::SignedDuration::from_micros(123_456);
    fake.script(shifts_in_steps());
    let record = succeeded(&fake, &gated(in_steps(2), MomentKind::Step)).await;
    assert!(!record.gates.is_empty());
    let times = [record.started_at, record.finished_at].into_iter();
    let times = times.chain(record.timeline.iter().map(|entry| entry.at));
    for at in times.chain(record.gates.iter().map(|gate| gate.at)) {
        assert_eq!(at.subsec_nanosecond(), 0, "{at}");
    }
    let took = record.finished_at.duration_since(record.started_at);
    assert_eq!(
        u64::try_from(took.as_secs()).unwrap(),
        record.duration_seconds
    );
}

#[tokio::test]
async fn nothing_to_do_is_no_rollout_and_has_no_record() {
    let fake = created().await;
    assert_eq!(run(&fake, &update_to(1)).await.record, None);
    let mut wanted = update_to(1);
    wanted.settings.tags = tags(&[("cost", "1"), ("team", "shop")]);
    assert_eq!(run(&fake, &wanted).await.record, None);
}

// CodeDeploy.

async fn created_under_code_deploy() -> Fake {
    let fake = Fake::new();
    let applied = run(&fake, &under_code_deploy(wanted())).await;
    assert_eq!(applied.record.unwrap().id, None);
    applied.result.unwrap();
    fake
}

fn waits_ready() -> Vec<(i64, CodeDeployStatus)> {
    vec![
        (0, CodeDeployStatus::Created),
        (5, CodeDeployStatus::InProgress),
        (30, CodeDeployStatus::Ready),
        (60, CodeDeployStatus::Succeeded),
    ]
}

#[tokio::test]
async fn a_code_deploy_deployment_goes_on_when_its_gates_have_passed() {
    let fake = created_under_code_deploy().await;
    fake.state().code_deploy_scripts.push(waits_ready());
    let mut wanted = gated(under_code_deploy(update_to(2)), MomentKind::BeforeTraffic);
    if let DesiredController::CodeDeploy {
        hooks,
        rollback_events,
        alarms,
        ..
    } = &mut wanted.controller
    {
        hooks.insert(CodeDeployHook::AfterAllowTestTraffic, "smoke".to_owned());
        *rollback_events = Some(vec!["DEPLOYMENT_FAILURE".to_owned()]);
        *alarms = Some(vec!["web-5xx".to_owned()]);
    }
    let record = succeeded(&fake, &wanted).await;
    assert_eq!(record.id.as_deref(), Some("d-1"));
    assert_eq!(record.gates[0].verdict, GateVerdict::Passed);
    let state = fake.state();
    assert_eq!(
        state.continued,
        [("d-1".to_owned(), ContinueAction::Continue)]
    );
    let asked = &state.asked[0];
    assert!(
        asked
            .app_spec
            .contains("\"Hooks\":[{\"AfterAllowTestTraffic\":\"smoke\"}]")
    );
    assert_eq!(
        asked.alarms.as_deref(),
        Some(["web-5xx".to_owned()].as_slice())
    );
    assert!(asked.rollback_events.is_some());
}

#[tokio::test]
async fn a_cancel_sends_nothing_back_once_the_old_side_runs_no_tasks() {
    let fake = created_under_code_deploy().await;
    fake.state().code_deploy_scripts.push(vec![
        (0, CodeDeployStatus::InProgress),
        (120, CodeDeployStatus::Succeeded),
    ]);
    let set = |label, group: &str, status: &str, traffic_weight, running| CodeDeployTaskSet {
        id: format!("ecs-svc/{group}"),
        label,
        status: TaskSetStatus::parse(status),
        traffic_weight,
        target_group: Some(group.to_owned()),
        desired: running,
        pending: 0,
        running,
    };
    fake.state().target_sets = vec![
        set(TaskSetLabel::Blue, "web-blue", "DRAINING", 0.0, 0),
        set(TaskSetLabel::Green, "web-green", "PRIMARY", 100.0, 2),
    ];
    let (cancel, ports) = (CancellationToken::new(), fake.ports());
    let wanted = under_code_deploy(update_to(2));
    let stop = async {
        while fake.deployments() < 1 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (applied, ()) = tokio::join!(apply(&ports, &wanted, &cancel), stop);
    let record = applied.record.unwrap();
    // Nothing was stopped: it goes on to its end.
    assert_eq!(record.outcome, RecordOutcome::LeftRunning, "{record:#?}");
}

#[tokio::test]
async fn a_code_deploy_deployment_whose_gate_fails_never_gets_traffic() {
    let fake = created_under_code_deploy().await;
    fake.state().code_deploy_scripts.push(waits_ready());
    fake.state().probe_status = Some(500);
    let wanted = gated(under_code_deploy(update_to(2)), MomentKind::BeforeTraffic);
    let applied = run(&fake, &wanted).await;
    let live = applied.live.unwrap();
    assert_eq!(live.revision.task_definition, Some(task_definition(1)));
    assert_eq!(applied.result.unwrap_err().kind(), FailureKind::GateFailed);
    assert!(!applied.record.unwrap().quarantine);
    assert!(fake.state().continued.is_empty());
}

#[tokio::test]
async fn while_it_is_unknown_which_side_is_new_the_old_one_is_not_asked_instead() {
    let fake = created_under_code_deploy().await;
    fake.state().code_deploy_scripts.push(waits_ready());
    fake.state().healthy = BTreeMap::from([(BLUE.to_owned(), 2), (GREEN.to_owned(), 2)]);
    let mut wanted = gated(under_code_deploy(update_to(2)), MomentKind::BeforeTraffic);
    wanted.time_limit = Duration::from_secs(600);
    if let Check::Http(check) = &mut wanted.gates.list[0].check {
        check.target = ProbeTarget::NewTargets;
        check.path = "/health".to_owned();
    }
    let blind = Intercept::new(fake.ports()).with(
        Selector::Operation("codedeploy:GetDeploymentTarget", 999),
        Fault::Fails(ErrorKind::Throttled),
    );
    let applied = apply(&blind.ports(), &wanted, &CancellationToken::new()).await;
    let failure = applied.result.unwrap_err();
    assert_eq!(
        failure.kind(),
        FailureKind::GateFailed,
        "{}",
        failure.detail()
    );
    let record = applied.record.unwrap();
    assert_eq!(record.gates[0].verdict, GateVerdict::Inconclusive);
    assert!(fake.state().probes.is_empty());
    assert!(fake.state().continued.is_empty());
}

// Automatic scaling.

const BEFORE: SuspendedState = SuspendedState {
    scale_in: false,
    scale_out: false,
    scheduled: true,
};

fn scaled(fake: &Fake) {
    fake.state().scalable = Some(ScalableTarget {
        arn: None,
        bounds: Bounds { min: 2, max: 8 },
        suspended: BEFORE,
    });
}

fn suspending(revision: u32) -> DesiredService {
    let mut wanted = update_to(revision);
    wanted.scaling = ScalingDuring::SuspendAll;
    wanted
}

/// As it was before, and no note is left.
fn assert_free(fake: &Fake, context: &str) {
    let state = fake.state();
    assert_eq!(
        state.scalable.as_ref().unwrap().suspended,
        BEFORE,
        "{context}"
    );
    let service = state.service.as_ref().unwrap();
    assert!(!service.tags.contains_key(SCALING_TAG), "{context}");
}

#[tokio::test]
async fn scaling_is_suspended_for_the_rollout_and_put_back_as_it_was() {
    let fake = created().await;
    scaled(&fake);
    let applied = run(&fake, &suspending(2)).await;
    assert_eq!(applied.live.unwrap().unfinished, []);
    applied.result.unwrap();
    let all = SuspendedState {
        scale_in: true,
        scale_out: true,
        scheduled: true,
    };
    assert_eq!(fake.state().suspended, [all, BEFORE]);
    assert_free(&fake, "after success");
    // Nothing to roll out, nothing to suspend.
    run(&fake, &suspending(2)).await.result.unwrap();
    assert_eq!(fake.state().suspended.len(), 2);
}

#[tokio::test]
async fn scaling_is_put_back_after_every_bad_end() {
    for script in [
        rolls_back(),
        hangs(),
        vec![act(0, Status::Stopped, "", 0.0)],
    ] {
        let fake = created().await;
        scaled(&fake);
        fake.script(script.clone());
        let mut wanted = suspending(2);
        wanted.time_limit = Duration::from_secs(300);
        run(&fake, &wanted).await.result.unwrap_err();
        assert_free(&fake, &format!("{script:?}"));
    }
    // AWS refuses the rollout itself.
    let fake = created().await;
    scaled(&fake);
    let denied = Intercept::new(fake.ports()).with(
        Selector::Operation("ecs:UpdateService", 9),
        Fault::Fails(ErrorKind::Denied),
    );
    let applied = apply(&denied.ports(), &suspending(2), &CancellationToken::new()).await;
    applied.result.unwrap_err();
    assert_free(&fake, "refused");
}

#[tokio::test]
async fn what_somebody_else_suspends_or_resumes_during_a_rollout_stays_so() {
    let fake = created().await;
    scaled(&fake);
    let mut wanted = update_to(2);
    wanted.scaling = ScalingDuring::SuspendIn;
    let somebody = fake.clone();
    let ports = Intercept::new(fake.ports())
        .after_each(move |_, operation| {
            if operation == "ecs:UpdateService" {
                // Scaling out is suspended, and schedules are resumed.
                somebody.state().scalable.as_mut().unwrap().suspended = SuspendedState {
                    scale_in: true,
                    scale_out: true,
                    scheduled: false,
                };
            }
        })
        .ports();
    let applied = apply(&ports, &wanted, &CancellationToken::new()).await;
    applied.result.unwrap();
    let theirs = SuspendedState {
        scale_in: false,
        scale_out: true,
        scheduled: false,
    };
    assert_eq!(fake.state().scalable.as_ref().unwrap().suspended, theirs);
}

#[tokio::test]
async fn without_a_scalable_target_nothing_is_suspended() {
    let fake = created().await;
    run(&fake, &suspending(2)).await.result.unwrap();
    assert!(fake.state().suspended.is_empty());
}

#[tokio::test]
async fn a_refused_suspension_does_not_stop_the_rollout_and_is_told() {
    let fake = created().await;
    scaled(&fake);
    let denied = Intercept::new(fake.ports()).with(
        Selector::Operation("application-autoscaling:RegisterScalableTarget", 99),
        Fault::Fails(ErrorKind::Denied),
    );
    let applied = apply(&denied.ports(), &suspending(2), &CancellationToken::new()).await;
    applied.result.unwrap();
    let told = applied.record.unwrap().timeline;
    assert!(
        told.iter()
            .any(|entry| entry.stage.contains("could not be suspended")),
        "{told:?}"
    );
}

#[tokio::test]
async fn scaling_is_resumed_by_the_next_apply_wherever_a_run_was_killed() {
    let mut ends = 0;
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        for nth in 0.. {
            let fake = created().await;
            scaled(&fake);
            let dying = Intercept::new(fake.ports()).with(Selector::Nth(nth), fault);
            let ports = dying.ports();
            let wanted = suspending(2);
            let cancel = CancellationToken::new();
            let ended = dying.until_death(apply(&ports, &wanted, &cancel)).await;
            if ended.is_some() {
                ends += 1;
                break;
            }
            let left = observe(&fake.ports(), &wanted.service)
                .await
                .unwrap()
                .unwrap();
            let is_noted = fake
                .state()
                .service
                .as_ref()
                .unwrap()
                .tags
                .contains_key(SCALING_TAG);
            assert_eq!(
                left.unfinished.contains(&Unfinished::ScalingSuspended),
                is_noted
            );
            run(&fake, &suspending(2)).await.result.unwrap();
            let context = format!("{fault:?} at {nth}");
            assert_free(&fake, &context);
            assert_eq!(fake.deployments(), 2, "{context}");
        }
    }
    assert_eq!(ends, 2);
}

#[tokio::test]
async fn scaling_is_off_during_the_rollout_even_when_a_run_died_right_after_its_note() {
    let fake = created().await;
    scaled(&fake);
    let dying = Intercept::new(fake.ports()).with(
        Selector::Operation("application-autoscaling:RegisterScalableTarget", 1),
        Fault::DiesBefore,
    );
    let ports = dying.ports();
    let wanted = suspending(2);
    let cancel = CancellationToken::new();
    dying.until_death(apply(&ports, &wanted, &cancel)).await;
    assert_eq!(fake.state().scalable.as_ref().unwrap().suspended, BEFORE);
    run(&fake, &wanted).await.result.unwrap();
    assert!(fake.state().suspended[0].scale_in);
    assert_free(&fake, "after the second run");
}

#[tokio::test]
async fn scaling_survives_every_lost_answer_and_passing_error() {
    for fault in [
        Fault::AnswerLost,
        Fault::Fails(ErrorKind::Timeout),
        Fault::Fails(ErrorKind::Throttled),
        Fault::Fails(ErrorKind::Unavailable),
    ] {
        for nth in 0.. {
            let fake = created().await;
            scaled(&fake);
            let lossy = Intercept::new(fake.ports()).with(Selector::Nth(nth), fault);
            let applied = apply(&lossy.ports(), &suspending(2), &CancellationToken::new()).await;
            let context = format!("{fault:?} at {nth}");
            applied
                .result
                .unwrap_or_else(|failure| panic!("{context}: {}", failure.detail()));
            assert_free(&fake, &context);
            assert_eq!(fake.deployments(), 2, "{context}");
            if lossy.calls().len() <= nth {
                break;
            }
        }
    }
}

#[tokio::test]
async fn the_mark_of_a_creation_is_removed_when_the_endpoint_is_back() {
    let fake = Fake::new();
    let flaky = Intercept::new(fake.ports()).with(
        Selector::Operation("ecs:TagResource", 5),
        Fault::Fails(ErrorKind::Unavailable),
    );
    let applied = apply(&flaky.ports(), &wanted(), &CancellationToken::new()).await;
    applied.result.unwrap();
    assert_eq!(applied.live.unwrap().unfinished, []);
    let live = observe(&fake.ports(), &wanted().service)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(live.unfinished, []);
}

// Owners of the task definition.

fn with_image(image: &str) -> DesiredService {
    let mut wanted = update_to(1);
    wanted.revision.task_definition = DesiredTaskDefinition::Images {
        base: None,
        images: BTreeMap::from([("app".to_owned(), image.to_owned())]),
    };
    wanted
}

#[tokio::test]
async fn images_are_put_into_the_live_definition_and_registered_once() {
    let fake = created().await;
    let record = succeeded(&fake, &with_image("app:new")).await;
    let registered = fake.state().definitions.clone();
    assert_eq!(registered.len(), 1);
    assert_eq!(record.to_task_definition, registered[0].arn);
    assert_eq!(registered[0].tags[REGISTERED_TAG], "main/web");
    assert_eq!(registered[0].containers[0].image, "app:new");
    assert!(registered[0].document.get("cpu").is_some());
    let again = run(&fake, &with_image("app:new")).await;
    assert_eq!(again.result.unwrap().kind, ReportKind::Unchanged);
    assert_eq!(fake.state().definitions.len(), 1);
    // Handing the definition back to its file is another matter than handing it over.
    let applied = run(&fake, &with_image("app:v1")).await;
    applied.result.unwrap();
    assert_eq!(fake.state().definitions.len(), 2);
}

#[tokio::test]
async fn a_live_definition_that_has_the_images_is_left_alone() {
    let fake = created().await;
    let applied = run(&fake, &with_image("app:v1")).await;
    assert_eq!(applied.result.unwrap().kind, ReportKind::Unchanged);
    assert!(fake.state().definitions.is_empty());
}

#[tokio::test]
async fn a_killed_run_registers_no_second_revision() {
    for fault in [Fault::DiesBefore, Fault::DiesAfter, Fault::AnswerLost] {
        for nth in 0.. {
            let fake = created().await;
            let dying = Intercept::new(fake.ports()).with(Selector::Nth(nth), fault);
            let ports = dying.ports();
            let wanted = with_image("app:new");
            let cancel = CancellationToken::new();
            dying.until_death(apply(&ports, &wanted, &cancel)).await;
            run(&fake, &wanted).await.result.unwrap();
            let context = format!("{fault:?} at {nth}");
            assert_eq!(fake.state().definitions.len(), 1, "{context}");
            assert_eq!(fake.deployments(), 2, "{context}");
            if dying.calls().len() <= nth {
                break;
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_container_is_refused_before_anything_happens() {
    let fake = created().await;
    let mut wanted = with_image("app:new");
    if let DesiredTaskDefinition::Images { images, .. } = &mut wanted.revision.task_definition {
        images.insert("api".to_owned(), "api:1".to_owned());
    }
    let failure = run(&fake, &wanted).await.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Rejected);
    assert!(failure.why()[0].contains("`api`"), "{:?}", failure.why());
    assert!(fake.state().definitions.is_empty());
    let mut new = with_image("app:new");
    new.intent = Intent::Create;
    let failure = run(&Fake::new(), &new).await.result.unwrap_err();
    assert!(
        failure.next().contains("`task_definition`"),
        "{}",
        failure.next()
    );
}

#[tokio::test]
async fn what_somebody_else_deploys_is_right_when_it_is_theirs() {
    let mut wanted = wanted();
    wanted.revision.task_definition = DesiredTaskDefinition::Live {
        initial: Some("web:1".to_owned()),
    };
    let fake = Fake::new();
    run(&fake, &wanted).await.result.unwrap();
    wanted.intent = Intent::Update;
    fake.deploy_by_someone(&task_definition(3), succeeds());
    // While theirs still runs: it is waited for (and followed, once it is what is live), and left alone.
    let applied = run(&fake, &wanted).await;
    applied.result.unwrap();
    let live = applied.live.unwrap().revision.task_definition;
    assert_eq!(live, Some(task_definition(3)));
    assert_eq!(fake.deployments(), 2);
    // A rollout for another reason takes theirs along.
    wanted.revision.network.as_mut().unwrap().assign_public_ip = true;
    let record = succeeded(&fake, &wanted).await;
    assert_eq!(record.to_task_definition, task_definition(3));
}

#[tokio::test]
async fn images_go_into_what_is_live_when_their_turn_comes() {
    let fake = created().await;
    fake.deploy_by_someone(&task_definition(5), succeeds());
    let record = succeeded(&fake, &with_image("app:new")).await;
    assert_eq!(record.from_task_definition, Some(task_definition(5)));
}

#[tokio::test]
async fn only_our_own_old_revisions_are_deregistered() {
    let fake = created().await;
    for number in 0..5 {
        let mut wanted = with_image(&format!("app:{number}"));
        wanted.revision_retention = Some(2);
        run(&fake, &wanted).await.result.unwrap();
    }
    let state = fake.state();
    let active: Vec<&str> = state
        .definitions
        .iter()
        .filter(|found| found.is_active())
        .map(|found| found.containers[0].image.as_str())
        .collect();
    assert_eq!(active, ["app:3", "app:4"]);
    assert!(state.deregistered.iter().all(|arn| !arn.ends_with(":1")));
}

#[tokio::test]
async fn the_live_and_the_previous_revision_are_never_deregistered() {
    let fake = created().await;
    for number in 0..3 {
        let mut wanted = with_image(&format!("app:{number}"));
        wanted.revision_retention = Some(0);
        run(&fake, &wanted).await.result.unwrap();
    }
    let state = fake.state();
    let images: Vec<&str> = state
        .definitions
        .iter()
        .filter(|found| found.is_active())
        .map(|found| found.containers[0].image.as_str())
        .collect();
    assert_eq!(images, ["app:1", "app:2"]);
}

#[tokio::test]
async fn gates_are_told_which_side_is_new() {
    let fake = created().await;
    fake.script(shifts_in_steps());
    fake.state().healthy = BTreeMap::from([(BLUE.to_owned(), 2), (GREEN.to_owned(), 2)]);
    let mut wanted = gated(in_steps(2), MomentKind::Step);
    if let Check::Http(check) = &mut wanted.gates.list[0].check {
        check.target = ProbeTarget::NewTargets;
        check.path = "/health".to_owned();
    }
    succeeded(&fake, &wanted).await;
    let sent = fake.state().probes.clone();
    assert!(!sent.is_empty());
    assert!(
        sent.iter().all(|request| request.url.contains("10.0.0.1")),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_new_side_that_loses_its_targets_under_traffic_is_undone() {
    let fake = created().await;
    fake.script(vec![
        act(0, Status::InProgress, "SCALE_UP", 0.0),
        act(30, Status::InProgress, "BAKE_TIME", 100.0),
    ]);
    fake.state().healthy = BTreeMap::from([(BLUE.to_owned(), 2), (GREEN.to_owned(), 0)]);
    let applied = run(&fake, &update_to(2)).await;
    applied.result.unwrap_err();
    let record = applied.record.unwrap();
    assert_eq!(record.outcome, RecordOutcome::RolledBack);
    assert!(record.quarantine);
    assert!(record.duration_seconds < 300, "{}", record.duration_seconds);
}
