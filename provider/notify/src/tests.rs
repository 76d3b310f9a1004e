//! The form of each receiver, and what becomes of events that are not taken at once.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use switchyard_engine::RecordOutcome;
use switchyard_engine::ports::{
    BusEvent, Clock, ConnectRequest, Connected, Error, ErrorKind, Notices, ProbeFailure,
    ProbeRequest, ProbeResponse, Probes, Result, Secret, SecretSource, TopicNotice,
};

use crate::message::{Message, message};
use crate::{Drift, Event, Given, Kind, Notifier, Outlets, Subject, Target, Variables, tell};

/// Time that passes for whoever sleeps.
#[derive(Default)]
struct Hands(Mutex<SignedDuration>);

#[async_trait]
impl Clock for Hands {
    fn now(&self) -> Timestamp {
        at() + *self.0.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += SignedDuration::try_from(duration).unwrap();
        tokio::task::yield_now().await;
    }
}

fn at() -> Timestamp {
    "2026-11-30T14:03:12Z".parse().unwrap()
}

/// What a receiver does with the next request: a status, or no answer.
type Script = VecDeque<std::result::Result<u16, &'static str>>;

/// A receiver that follows a script, and takes everything after it. Each request passes this much time.
#[derive(Default)]
struct Receiver {
    script: Mutex<Script>,
    seen: Mutex<Vec<ProbeRequest>>,
    clock: Arc<Hands>,
    takes: Duration,
}

#[async_trait]
impl Probes for Receiver {
    async fn send(
        &self,
        request: &ProbeRequest,
    ) -> std::result::Result<ProbeResponse, ProbeFailure> {
        self.clock.sleep(self.takes).await;
        self.seen.lock().unwrap().push(request.clone());
        match self.script.lock().unwrap().pop_front().unwrap_or(Ok(200)) {
            Ok(status) => Ok(ProbeResponse {
                status,
                body: "you sent hunter2".to_owned(),
                latency: Duration::ZERO,
            }),
            Err(why) => Err(ProbeFailure(why.to_owned())),
        }
    }

    async fn connect(&self, _: &ConnectRequest) -> std::result::Result<Connected, ProbeFailure> {
        Err(ProbeFailure("a receiver is sent requests".to_owned()))
    }
}

/// AWS: what was published, and a secret.
#[derive(Default)]
struct Cloud {
    refusals: Mutex<VecDeque<ErrorKind>>,
    published: Mutex<usize>,
    revealed: Mutex<usize>,
}

impl Cloud {
    fn answer(&self, operation: &'static str) -> Result<()> {
        *self.published.lock().unwrap() += 1;
        match self.refusals.lock().unwrap().pop_front() {
            None => Ok(()),
            Some(kind) => Err(Error {
                operation,
                target: "deployments".to_owned(),
                kind,
                code: "Code".to_owned(),
                message: "not now".to_owned(),
                request_id: None,
            }),
        }
    }
}

#[async_trait]
impl Notices for Cloud {
    async fn publish(&self, _: &TopicNotice) -> Result<()> {
        self.answer("sns:Publish")
    }

    async fn put_event(&self, _: &BusEvent) -> Result<()> {
        self.answer("events:PutEvents")
    }

    async fn reveal(&self, _: &SecretSource) -> Result<Secret> {
        *self.revealed.lock().unwrap() += 1;
        Ok(Secret::new("https://chat.example/services/hunter2"))
    }
}

struct Bench {
    clock: Arc<Hands>,
    receiver: Arc<Receiver>,
    cloud: Arc<Cloud>,
}

impl Bench {
    fn new(script: &[std::result::Result<u16, &'static str>], takes: Duration) -> Self {
        let clock = Arc::new(Hands::default());
        let receiver = Receiver {
            script: Mutex::new(script.iter().copied().collect()),
            clock: Arc::clone(&clock),
            takes,
            ..Receiver::default()
        };
        Self {
            clock,
            receiver: Arc::new(receiver),
            cloud: Arc::new(Cloud::default()),
        }
    }

    fn outlets(&self) -> Outlets {
        let variable = |name: &str| match name {
            "KEY" => Some("the-signing-key".to_owned()),
            "URL" => Some("https://chat.example/services/hunter2".to_owned()),
            _ => None,
        };
        Outlets {
            notices: Arc::new(Variables::before(Arc::clone(&self.cloud) as _, variable)),
            posts: Arc::clone(&self.receiver) as _,
            clock: Arc::clone(&self.clock) as _,
            timeout: Duration::from_secs(5),
        }
    }

    fn requests(&self) -> usize {
        self.receiver.seen.lock().unwrap().len()
    }

    fn passed(&self) -> SignedDuration {
        self.clock.now().duration_since(at())
    }
}

fn target(given: Value) -> Target {
    let given: Given = serde_json::from_value(given).unwrap();
    given.target().unwrap()
}

fn slack() -> Target {
    target(json!({ "to": "slack", "secret": "env:URL" }))
}

fn subject() -> Subject {
    Subject::Service {
        cluster: "main".to_owned(),
        name: "checkout".to_owned(),
    }
}

fn started() -> Event {
    Event {
        to: Some("checkout:43".to_owned()),
        ..Event::new(Kind::Started, at(), subject())
    }
}

fn rolled_back() -> Event {
    Event {
        from: Some("checkout:42".to_owned()),
        outcome: Some(RecordOutcome::RolledBack),
        reason: Some(
            "Gate `errors` has failed at 10 %: 7.3 is > 5 & <!channel> [x](http://y) with password: hunter2".to_owned(),
        ),
        seconds: Some(192),
        ..Event {
            kind: Kind::RolledBack,
            ..started()
        }
    }
}

fn events() -> Vec<Event> {
    vec![
        started(),
        Event {
            kind: Kind::WaitingForApproval,
            traffic_percent: Some(10.0),
            ..started()
        },
        Event {
            kind: Kind::Step,
            traffic_percent: Some(12.5),
            ..started()
        },
        Event {
            kind: Kind::Succeeded,
            seconds: Some(42),
            outcome: Some(RecordOutcome::Succeeded),
            ..started()
        },
        rolled_back(),
        Event {
            kind: Kind::Failed,
            outcome: Some(RecordOutcome::LeftRunning),
            ..started()
        },
        Event {
            reason: Some("Because of the sale.".to_owned()),
            ..Event::new(Kind::EmergencyScaling, at(), subject())
        },
        Event {
            drift: Some(Drift {
                critical: 12,
                major: 1,
                minor: 0,
                addresses: (1..=12)
                    .map(|nth| format!("aws_iam_role.r[{nth}]"))
                    .collect(),
            }),
            ..Event::new(
                Kind::DriftCritical,
                at(),
                Subject::Plans(vec!["plan.json".to_owned()]),
            )
        },
    ]
}

/// What goes out, as it goes out.
fn sent(target: &Target, event: &Event) -> Value {
    let secret = Secret::new(match target.receiver.to_string().as_str() {
        name if name.starts_with("Slack") || name.starts_with("Teams") => "https://chat.example/in",
        _ => "the-signing-key",
    });
    match message(&target.receiver, event, Some(&secret), at()).unwrap() {
        Message::Post(request) => json!({
            "url": request.url,
            "headers": request.headers,
            "body": serde_json::from_str::<Value>(request.body.as_deref().unwrap()).unwrap(),
        }),
        Message::Topic(notice) => json!({
            "topic": notice.topic,
            "subject": notice.subject,
            "type": notice.kind,
            "message": serde_json::from_str::<Value>(&notice.message).unwrap(),
        }),
        Message::Bus(event) => json!({
            "bus": event.bus,
            "source": event.source,
            "detail-type": event.detail_type,
            "time": event.at,
            "detail": serde_json::from_str::<Value>(&event.detail).unwrap(),
        }),
    }
}

/// `UPDATE_NOTIFICATIONS=1` writes them.
#[test]
fn every_receiver_gets_its_form() {
    for given in [
        json!({ "to": "sns", "arn": "arn:aws:sns:eu-west-1:123456789012:deployments" }),
        json!({ "to": "eventbridge" }),
        json!({ "to": "webhook", "url": "https://hooks.example/in", "secret": "env:KEY" }),
        json!({ "to": "slack", "secret": "env:URL" }),
        json!({ "to": "teams", "secret": "env:URL" }),
        json!({ "to": "pagerduty", "secret": "env:KEY" }),
    ] {
        let name = given["to"].as_str().unwrap().to_owned();
        let target = target(given);
        let all: Vec<Value> = events().iter().map(|event| sent(&target, event)).collect();
        let text = format!("{}\n", serde_json::to_string_pretty(&all).unwrap());
        assert!(!text.contains("hunter2"), "{text}");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.json"));
        #[expect(
            clippy::disallowed_methods,
            reason = "a test that writes its golden files"
        )]
        let updates = std::env::var("UPDATE_NOTIFICATIONS").is_ok();
        if updates {
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, golden, "{}", path.display());
    }
}

#[tokio::test]
async fn a_server_error_passes_and_the_event_comes_again_with_the_same_id() {
    let bench = Bench::new(&[Ok(500), Err("connection refused")], Duration::ZERO);
    let hook = target(json!({ "to": "webhook", "url": "https://h/x", "secret": "env:KEY" }));
    assert_eq!(tell(&[hook], &bench.outlets(), vec![started()]).await, []);
    let seen = bench.receiver.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 3);
    let header = |name: &str| -> Vec<&String> { seen.iter().map(|it| &it.headers[name]).collect() };
    let ids = header("x-switchyard-delivery");
    assert!(ids.iter().all(|id| *id == ids[0]));
    // Each attempt is signed with its own time, so that a receiver may refuse old ones.
    let signatures = header("x-switchyard-signature");
    assert_ne!(signatures[0], signatures[2]);
    assert_eq!(bench.passed(), SignedDuration::from_secs(5));
}

#[tokio::test]
async fn what_is_not_taken_is_one_sentence_for_each_receiver_and_keeps_no_other_waiting() {
    // At the end nobody waits for a receiver that has failed already.
    let bench = Bench::new(&[Ok(404)], Duration::ZERO);
    let topic = target(json!({ "to": "sns", "arn": "arn:aws:sns:eu-west-1:123456789012:d" }));
    let lost = tell(
        &[slack(), topic],
        &bench.outlets(),
        vec![started(), rolled_back()],
    )
    .await;
    let lost: Vec<String> = lost.iter().map(ToString::to_string).collect();
    assert_eq!(
        lost,
        ["Slack (`env:URL`): 2 events not delivered; it answered with status 404."]
    );
    assert_eq!(*bench.cloud.published.lock().unwrap(), 2);
}

#[tokio::test]
async fn a_receiver_that_never_answers_costs_a_bounded_time() {
    let bench = Bench::new(&[Err("no answer after 5 s"); 200], Duration::from_secs(5));
    let events = (0..40).map(|_| started()).collect();
    let lost = tell(&[slack()], &bench.outlets(), events).await;
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].events, 40);
    assert_eq!(lost[0].why, "no answer after 5 s");
    // Three attempts with their pauses; nobody waits for the others.
    assert!(bench.requests() <= 4, "{}", bench.requests());
    assert!(
        bench.passed() <= SignedDuration::from_secs(30),
        "{}",
        bench.passed()
    );
}

#[tokio::test]
async fn a_receiver_that_is_slow_is_not_waited_for_without_end() {
    let bench = Bench::new(&[], Duration::from_secs(4));
    let events = (0..40).map(|_| started()).collect();
    let lost = tell(&[slack()], &bench.outlets(), events).await;
    assert!(
        bench.passed() <= SignedDuration::from_secs(40),
        "{}",
        bench.passed()
    );
    assert_eq!(lost[0].events + bench.requests(), 40);
}

#[tokio::test]
async fn telling_waits_for_nobody_and_counts_what_there_was_no_room_for() {
    let bench = Bench::new(&[], Duration::ZERO);
    let notifier = Notifier::start(&[slack()], &bench.outlets());
    // Nobody else runs until this test waits.
    for _ in 0..100 {
        notifier.send(started());
    }
    assert_eq!(bench.requests(), 0);
    let lost = notifier.finish().await;
    assert_eq!(bench.requests(), 64);
    assert_eq!(
        (lost[0].events, lost[0].why.as_str()),
        (36, "too many were waiting")
    );
    notifier.send(started());
    assert_eq!(notifier.finish().await, []);
    assert_eq!(bench.requests(), 64);
}

#[tokio::test]
async fn aws_is_asked_again_only_where_that_may_help() {
    for (kind, calls, lost) in [
        (ErrorKind::Unavailable, 2, 0),
        (ErrorKind::Denied, 1, 1),
        (ErrorKind::NotFound, 1, 1),
    ] {
        let bench = Bench::new(&[], Duration::ZERO);
        bench.cloud.refusals.lock().unwrap().push_back(kind);
        let bus = target(json!({ "to": "eventbridge" }));
        let told = tell(&[bus], &bench.outlets(), vec![started()]).await;
        assert_eq!(told.len(), lost, "{kind:?}");
        assert_eq!(*bench.cloud.published.lock().unwrap(), calls, "{kind:?}");
    }
}

#[tokio::test]
async fn a_secret_is_read_once_and_only_when_there_is_something_to_tell() {
    let bench = Bench::new(&[], Duration::ZERO);
    let secret = json!({ "to": "slack", "secret": "/chat/url" });
    let silent = tell(&[target(secret.clone())], &bench.outlets(), Vec::new()).await;
    assert_eq!(
        (silent, *bench.cloud.revealed.lock().unwrap()),
        (Vec::new(), 0)
    );
    let told = tell(
        &[target(secret)],
        &bench.outlets(),
        vec![started(), rolled_back()],
    )
    .await;
    assert_eq!(
        (told, *bench.cloud.revealed.lock().unwrap()),
        (Vec::new(), 1)
    );
    let unset = target(json!({ "to": "teams", "secret": "env:NOT_SET" }));
    let lost = tell(&[unset], &bench.outlets(), vec![started()]).await;
    assert_eq!(lost[0].why, "the environment variable NOT_SET is not set");
}

#[tokio::test]
async fn a_receiver_gets_only_what_it_wants() {
    let bench = Bench::new(&[], Duration::ZERO);
    let only = target(json!({ "to": "slack", "secret": "env:URL", "events": ["rolled_back"] }));
    assert!(only.wants(Kind::RolledBack) && !only.wants(Kind::Started));
    assert_eq!(tell(&[only], &bench.outlets(), events()).await, []);
    assert_eq!(bench.requests(), 1);
}
