//! Counts of drift in CloudWatch: what is sent, and that the verdict does not depend on it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use clap::Parser as _;
use serde_json::json;
use switchyard_cli::{Arguments, SendMetrics};
use switchyard_engine::ports::MetricDatum;

use super::{drifted, gate, gate_with, plan};

/// Answers nobody.
pub(crate) struct Unreachable;

impl SendMetrics for Unreachable {
    fn send(&self, _: &str, _: &[MetricDatum]) -> Result<(), String> {
        Err("nobody answers".to_owned())
    }
}

/// Keeps what it is sent.
#[derive(Default)]
pub(crate) struct Kept(RefCell<Vec<(String, Vec<MetricDatum>)>>);

impl Kept {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

impl SendMetrics for Kept {
    fn send(&self, namespace: &str, values: &[MetricDatum]) -> Result<(), String> {
        self.0
            .borrow_mut()
            .push((namespace.to_owned(), values.to_vec()));
        Ok(())
    }
}

#[test]
fn counts_are_sent_once_with_the_time_and_the_dimensions() {
    let kept = Kept::default();
    let arguments = [
        "--metrics",
        "--metrics-dimension",
        "Stack=shop",
        "--metrics-dimension",
        "Stage=prod",
    ];
    let (code, _, errors) = gate_with(plan("drift.json").as_bytes(), &arguments, &kept);
    assert_eq!((code, errors.as_str()), (3, ""));
    let sent = kept.0.into_inner();
    let [(namespace, values)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert_eq!(namespace, "Custom/AdvancedInfrastructureDrift");
    let counts: Vec<(&str, f64)> = values.iter().map(|v| (v.name.as_str(), v.value)).collect();
    // Without an allow-list the class of the database counts too.
    let severities = [
        ("CriticalDrift", 3.0),
        ("MajorDrift", 1.0),
        ("MinorDrift", 1.0),
    ];
    assert_eq!(counts[0], ("TotalDrift", 5.0));
    assert_eq!(counts[1..], severities);
    let dimensions = [("Stack", "shop"), ("Stage", "prod")];
    let dimensions: BTreeMap<String, String> = dimensions.map(|(n, v)| (n.into(), v.into())).into();
    for value in values {
        assert_eq!(value.dimensions, dimensions);
        assert_eq!(value.unit, "Count");
        assert_eq!(value.at.to_string(), "2026-03-15T12:00:00Z");
    }
}

#[test]
fn nothing_is_a_value_too_and_zero_is_sent() {
    let kept = Kept::default();
    let arguments = ["--metrics", "--metrics-namespace", "Shop/Drift"];
    let (code, ..) = gate_with(plan("pending_and_moved.json").as_bytes(), &arguments, &kept);
    assert_eq!(code, 0);
    let sent = kept.0.into_inner();
    assert_eq!(sent[0].0, "Shop/Drift");
    assert!(sent[0].1.iter().all(|value| value.value == 0.0));
}

#[test]
fn without_being_asked_nothing_is_sent() {
    let kept = Kept::default();
    gate_with(plan("drift.json").as_bytes(), &[], &kept);
    assert!(kept.0.into_inner().is_empty());
}

#[test]
fn what_cannot_be_sent_is_told_and_the_verdict_stands() {
    let below = drifted(
        "aws_vpc",
        json!({"enable_dns_support": true}),
        json!({"enable_dns_support": false}),
        None,
    );
    for (plan, code) in [
        (plan("pending_and_moved.json"), 0),
        (below, 2),
        (plan("drift.json"), 3),
    ] {
        let without = gate(plan.as_bytes(), &[]);
        let (with, out, errors) = gate(plan.as_bytes(), &["--metrics"]);
        assert_eq!((without.0, with), (code, code));
        assert_eq!(out, without.1);
        assert_eq!(errors.lines().count(), 1, "{errors}");
        assert!(
            errors.starts_with("The metrics were not sent: nobody answers."),
            "{errors}"
        );
        let (_, out, _) = gate(plan.as_bytes(), &["--metrics", "--format", "github"]);
        assert!(
            out.contains("::warning title=Drift gate::The metrics were not sent"),
            "{out}"
        );
    }
}

#[test]
fn a_part_of_a_plan_sends_no_counts() {
    let kept = Kept::default();
    let (code, _, errors) = gate_with(plan("errored.json").as_bytes(), &["--metrics"], &kept);
    assert_eq!(code, 1);
    assert!(errors.contains("the plan is incomplete"), "{errors}");
    let (code, ..) = gate_with(b"", &["--metrics"], &kept);
    assert_eq!(code, 1);
    assert!(kept.0.into_inner().is_empty());
}

#[test]
fn options_of_metrics_need_metrics_and_sound_values() {
    for arguments in [
        &["--metrics-namespace", "A"][..],
        &["--metrics-dimension", "a=b"],
        &["--metrics", "--metrics-namespace", "AWS/ECS"],
        &["--metrics", "--metrics-dimension", "nothing"],
    ] {
        let all = ["switchyard", "gate"].iter().chain(arguments);
        assert!(Arguments::try_parse_from(all).is_err(), "{arguments:?}");
    }
}

/// The program itself, with nothing in its environment but this.
fn program(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .arg("gate")
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(plan("drift.json").as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Answers one request with a status and an empty document; returns the request's head and body.
fn answer_once(listener: &TcpListener, status: &str) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    let head = loop {
        let count = stream.read(&mut buffer).unwrap();
        request.extend_from_slice(&buffer[..count]);
        if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8(request[..head].to_vec())
        .unwrap()
        .to_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.unwrap().parse().unwrap();
    while request.len() < head + length {
        let count = stream.read(&mut buffer).unwrap();
        request.extend_from_slice(&buffer[..count]);
    }
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/cbor\r\nsmithy-protocol: rpc-v2-cbor\r\ncontent-length: 1\r\nconnection: close\r\n\r\n\u{a0}"
    );
    // An empty CBOR map is the byte a0, which the text above holds as two.
    let mut answer = answer.into_bytes();
    let last = answer.len() - 2;
    answer.remove(last);
    stream.write_all(&answer).unwrap();
    (text, request.split_off(head))
}

#[test]
fn the_program_sends_to_the_endpoint_of_its_environment() {
    for (status, lines) in [("200 OK", 0), ("403 Forbidden", 1)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let seen = std::thread::spawn(move || answer_once(&listener, status));
        let output = program(
            &["--metrics", "--metrics-dimension", "Stack=shop"],
            &[
                ("AWS_ENDPOINT_URL_CLOUDWATCH", endpoint.as_str()),
                ("AWS_REGION", "eu-west-1"),
                ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
                ("AWS_SECRET_ACCESS_KEY", "example"),
            ],
        );
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{errors}");
        assert_eq!(errors.lines().count(), lines, "{errors}");
        let (head, body) = seen.join().unwrap();
        assert!(head.contains("operation/putmetricdata"), "{head}");
        assert!(head.contains("/eu-west-1/monitoring/"), "{head}");
        let body = String::from_utf8_lossy(&body);
        for word in [
            "Custom/AdvancedInfrastructureDrift",
            "TotalDrift",
            "MinorDrift",
            "Stack",
        ] {
            assert!(body.contains(word), "{word}: {body}");
        }
    }
}

#[test]
fn without_a_region_the_program_says_what_to_set() {
    let output = program(&["--metrics"], &[]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(
        errors.contains("no AWS region is set; set AWS_REGION"),
        "{errors}"
    );
    assert!(!errors.contains("provider block"), "{errors}");
}

#[test]
fn without_being_asked_the_program_calls_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let output = program(
        &[],
        &[("AWS_ENDPOINT_URL", &endpoint), ("AWS_REGION", "eu-west-1")],
    );
    assert_eq!(output.status.code(), Some(3));
    listener.set_nonblocking(true).unwrap();
    assert_eq!(
        listener.accept().unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
}
