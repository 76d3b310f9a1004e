//! Delivery over real connections: a receiver that hangs, one that breaks off, and one that recovers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use switchyard_engine::ports::{
    BusEvent, Clock, Notices, Result, Secret, SecretSource, TopicNotice,
};
use switchyard_notify::{Event, Given, Kind, Outlets, Subject, tell};
use switchyard_probe::HttpProbes;

/// Time that is over as soon as somebody waits for it.
struct Impatient;

#[async_trait]
impl Clock for Impatient {
    fn now(&self) -> Timestamp {
        "2026-11-30T14:00:00Z".parse().unwrap()
    }

    async fn sleep(&self, _: Duration) {}
}

struct Keeper(&'static str);

#[async_trait]
impl Notices for Keeper {
    async fn publish(&self, _: &TopicNotice) -> Result<()> {
        Ok(())
    }

    async fn put_event(&self, _: &BusEvent) -> Result<()> {
        Ok(())
    }

    async fn reveal(&self, _: &SecretSource) -> Result<Secret> {
        Ok(Secret::new(self.0))
    }
}

/// What the server does with its next connection.
#[derive(Clone, Copy)]
enum Act {
    Answer(u16),
    BreakOff,
    Hang,
}

/// A server that does one thing for each connection, and keeps what it read.
fn server(acts: Vec<Act>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/in?sig=hunter2", listener.local_addr().unwrap());
    let read = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&read);
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for act in acts {
            let (mut stream, _) = listener.accept().unwrap();
            let text = whole(&mut stream);
            seen.lock().unwrap().push(text);
            match act {
                Act::Answer(status) => {
                    let head = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
                    stream.write_all(head.as_bytes()).unwrap();
                }
                Act::BreakOff => {}
                // Neither answered nor closed.
                Act::Hang => open.push(stream),
            }
        }
    });
    (url, read)
}

/// One request, to the end of its body.
fn whole(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece).unwrap();
        bytes.extend(piece.iter().take(count));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower
                .lines()
                .find_map(|it| it.strip_prefix("content-length: "));
            if body.len() >= length.unwrap_or("0").trim().parse().unwrap() {
                return text;
            }
        }
        assert!(count > 0, "{text}");
    }
}

async fn told(acts: Vec<Act>) -> (Vec<String>, Vec<String>) {
    let (url, seen) = server(acts);
    let given = Given {
        to: "webhook".to_owned(),
        url: Some(url),
        secret: Some("env:KEY".to_owned()),
        ..Given::default()
    };
    let outlets = Outlets {
        notices: Arc::new(Keeper("the-signing-key")),
        posts: Arc::new(HttpProbes::new(None).unwrap()),
        clock: Arc::new(Impatient),
        timeout: Duration::from_millis(300),
    };
    let subject = Subject::Service {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    let event = Event::new(Kind::Failed, outlets.clock.now(), subject);
    let lost = tell(&[given.target().unwrap()], &outlets, vec![event]).await;
    let seen = seen.lock().unwrap().clone();
    (lost.iter().map(ToString::to_string).collect(), seen)
}

#[tokio::test]
async fn a_receiver_that_recovers_gets_the_event() {
    let (lost, seen) = told(vec![Act::Answer(500), Act::BreakOff, Act::Answer(200)]).await;
    assert_eq!(lost, Vec::<String>::new());
    assert_eq!(seen.len(), 3);
    for request in seen {
        assert!(
            request.starts_with("POST /in?sig=hunter2 HTTP/1.1\r\n"),
            "{request}"
        );
        let lower = request.to_lowercase();
        assert!(lower.contains("x-switchyard-signature: v1="), "{request}");
        assert!(request.contains("\"type\":\"failed\""), "{request}");
        assert!(!request.contains("the-signing-key"), "{request}");
    }
}

#[tokio::test]
async fn one_that_hangs_is_given_up_and_named_without_its_secrets() {
    let (lost, seen) = told(vec![Act::Hang, Act::Hang, Act::Hang]).await;
    assert_eq!(seen.len(), 3);
    let [sentence] = lost.as_slice() else {
        panic!("{lost:?}");
    };
    assert!(
        sentence.starts_with("webhook `http://127.0.0.1:"),
        "{sentence}"
    );
    assert!(sentence.contains("1 event not delivered"), "{sentence}");
    assert!(!sentence.contains("hunter2"), "{sentence}");
}

#[tokio::test]
async fn a_redirect_is_a_refusal() {
    let (lost, seen) = told(vec![Act::Answer(302)]).await;
    assert_eq!((lost.len(), seen.len()), (1, 1));
}
