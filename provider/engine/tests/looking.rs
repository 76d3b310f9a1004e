//! How often AWS is looked at while gates are asked.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use support::fake::{Act, Fake, act, pause};
use support::{update_to, wanted};
use switchyard_engine::gate::{
    Area, Check, Expectation, Flow, Gate, GateClass, HttpCheck, Inconclusive, MomentKind,
    ProbeTarget,
};
use switchyard_engine::ports::{
    Clock, ConnectRequest, Connected, EcsStatus as Status, HookTarget, HookTimeoutAction,
    LifecycleHook, LifecycleStage, Ports, ProbeFailure, ProbeRequest, ProbeResponse, Probes,
    Strategy,
};
use switchyard_engine::{Applied, DesiredService, apply};
use switchyard_support::intercept::Intercept;
use tokio_util::sync::CancellationToken;

/// One request that has to be answered with 200, asked once a second.
fn probe() -> Gate {
    Gate {
        name: "health".to_owned(),
        class: GateClass::Performance,
        area: Area::Basic,
        when: BTreeSet::from([MomentKind::BeforeTraffic]),
        check: Check::Http(HttpCheck {
            target: ProbeTarget::Url("https://shop.example/health".to_owned()),
            path: String::new(),
            method: "GET".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            expect: Expectation::default(),
            timeout: Duration::from_secs(60),
            consecutive_passes: 30,
            attempts: 2,
            retry_delay: None,
            interval: Duration::from_secs(1),
            load: None,
        }),
        observe_only: false,
        on_inconclusive: Inconclusive::Fail,
        time_limit: Duration::from_secs(900),
        flow: Flow::default(),
        pair: None,
    }
}

fn asked_before_traffic() -> DesiredService {
    let mut wanted = update_to(2);
    wanted.settings.deployment_configuration.strategy = Strategy::BlueGreen;
    wanted.settings.deployment_configuration.hooks = Some(vec![LifecycleHook {
        target: HookTarget::Pause,
        stages: [LifecycleStage::PostScaleUp].into(),
        details: None,
        timeout_minutes: Some(120),
        on_timeout: Some(HookTimeoutAction::Rollback),
        more: String::new(),
    }]);
    wanted.gates.list.push(probe());
    wanted
}

fn script() -> Vec<Act> {
    vec![
        act(0, Status::InProgress, "SCALE_UP", 0.0),
        pause(30, "POST_SCALE_UP", 0.0),
        act(40, Status::Successful, "CLEAN_UP", 100.0),
    ]
}

/// When the service was looked at, in one apply.
async fn looks(with: impl FnOnce(&Fake, &mut Ports)) -> (Applied, Vec<Timestamp>) {
    let fake = Fake::new();
    let created = apply(&fake.ports(), &wanted(), &CancellationToken::new()).await;
    created.result.unwrap();
    fake.script(script());
    let mut ports = fake.ports();
    with(&fake, &mut ports);
    let clock = Arc::clone(&ports.clock);
    let looks = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&looks);
    let intercept = Intercept::new(ports).before_each(move |_, operation| {
        if operation == "ecs:DescribeServices" {
            seen.lock().unwrap().push(clock.now());
        }
    });
    let cancel = CancellationToken::new();
    let applied = apply(&intercept.ports(), &asked_before_traffic(), &cancel).await;
    let looks = looks.lock().unwrap().clone();
    (applied, looks)
}

#[tokio::test]
async fn gates_asked_every_second_do_not_look_at_aws_every_second() {
    let (applied, looks) = looks(|fake, _| fake.state().probe_status = Some(200)).await;
    let record = applied.record.unwrap();
    applied.result.unwrap();
    assert!(record.gates[0].measurements >= 30, "{:?}", record.gates);
    // Thirty seconds of requests, about thirty of start: 5 to 15 seconds between looks, and a few at once
    // where something has changed.
    assert!(looks.len() <= 18, "{} looks: {looks:#?}", looks.len());
}

/// Answers each request after 50 seconds of the fake's time.
struct Slow {
    clock: Arc<dyn Clock>,
    sent: Arc<AtomicU32>,
}

#[async_trait]
impl Probes for Slow {
    async fn send(&self, _: &ProbeRequest) -> Result<ProbeResponse, ProbeFailure> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let began = self.clock.now();
        // Time passes by the pauses of others alone.
        for _ in 0..100_000 {
            if self.clock.now().duration_since(began).as_secs() >= 50 {
                let latency = Duration::from_secs(50);
                return Ok(ProbeResponse {
                    status: 200,
                    body: String::new(),
                    latency,
                });
            }
            tokio::task::yield_now().await;
        }
        Err(ProbeFailure("time stands still".to_owned()))
    }

    async fn connect(&self, _: &ConnectRequest) -> Result<Connected, ProbeFailure> {
        Err(ProbeFailure("nobody connects".to_owned()))
    }
}

#[tokio::test]
async fn a_slow_answer_neither_delays_looking_at_aws_nor_is_thrown_away() {
    let sent = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&sent);
    let (applied, looks) = looks(move |_, ports| {
        let clock = Arc::clone(&ports.clock);
        ports.probes = Arc::new(Slow {
            clock,
            sent: counted,
        });
    })
    .await;
    let record = applied.record.unwrap();
    assert!(record.gates[0].measurements > 5, "{:?}", record.gates);
    let sent = sent.load(Ordering::Relaxed);
    assert!(
        sent <= record.gates[0].measurements + 1,
        "{sent} requests for {} measurements",
        record.gates[0].measurements
    );
    let longest = looks
        .windows(2)
        .map(|pair| pair[1].duration_since(pair[0]).as_secs())
        .max()
        .unwrap();
    assert!(longest <= 18, "AWS was not looked at for {longest} s");
}
