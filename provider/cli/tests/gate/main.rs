//! The verb `gate`: exit codes and reports for plans of each kind.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod blame;
mod formats;
mod judgement;
mod metrics;
mod money;
mod notices;
mod partial;
mod reading;
mod remembered;
#[cfg(unix)]
mod saved;
mod secrets;
mod several;
mod strays;
mod unmanaged;
mod workflows;

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use proptest::prelude::*;
use serde_json::{Value, json};
use switchyard_cli::{
    Arguments, Outside, SearchTrail, SendMetrics, Streams, Surroundings, read_plan, run,
};

/// All formats there are.
const FORMATS: [&str; 8] = [
    "text", "markdown", "json", "sarif", "junit", "github", "gitlab", "azure",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn plan(name: &str) -> String {
    std::fs::read_to_string(folder().join("plans").join(name)).unwrap()
}

/// Code, standard output, standard error. Whoever asks for metrics here gets none.
fn gate(input: &[u8], arguments: &[&str]) -> (u8, String, String) {
    gate_with(input, arguments, &metrics::Unreachable)
}

fn gate_with(input: &[u8], arguments: &[&str], metrics: &dyn SendMetrics) -> (u8, String, String) {
    let (trail, notices) = (&blame::Silent, &notices::Deaf);
    run_at(
        input,
        arguments,
        &Outside {
            metrics,
            trail,
            notices,
            account: &strays::Closed,
        },
        NOW,
    )
}

/// The same at another time.
fn gate_at(input: &[u8], arguments: &[&str], now: &str) -> (u8, String, String) {
    let (metrics, trail, notices) = (&metrics::Unreachable, &blame::Silent, &notices::Deaf);
    run_at(
        input,
        arguments,
        &Outside {
            metrics,
            trail,
            notices,
            account: &strays::Closed,
        },
        now,
    )
}

/// The same with somebody who knows who did what.
fn gate_asking(input: &[u8], arguments: &[&str], trail: &dyn SearchTrail) -> (u8, String, String) {
    let metrics = &metrics::Unreachable;
    let notices = &notices::Deaf;
    run_at(
        input,
        arguments,
        &Outside {
            metrics,
            trail,
            notices,
            account: &strays::Closed,
        },
        NOW,
    )
}

const NOW: &str = "2026-03-15T12:00:00Z";

fn run_at(
    input: &[u8],
    arguments: &[&str],
    outside: &Outside<'_>,
    now: &str,
) -> (u8, String, String) {
    let all = ["switchyard", "gate"].iter().chain(arguments);
    let arguments = Arguments::try_parse_from(all).unwrap();
    let surroundings = Surroundings {
        now: now.parse().unwrap(),
        color: false,
    };
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let code = run(
        &arguments,
        &surroundings,
        Streams {
            input: &mut &*input,
            out: &mut out,
            errors: &mut errors,
        },
        outside,
    );
    (
        code,
        String::from_utf8(out).unwrap(),
        String::from_utf8(errors).unwrap(),
    )
}

fn with_config(input: &str, config: &Value, arguments: &[&str]) -> (u8, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gate.json");
    std::fs::write(&path, config.to_string()).unwrap();
    let mut all = vec!["--config", path.to_str().unwrap()];
    all.extend(arguments);
    gate(input.as_bytes(), &all)
}

/// A plan in which `before` of one resource became `after` outside, and apply wants `wanted`. Written in Terraform's
/// order: drift before changes.
fn drifted(resource_type: &str, before: Value, after: Value, wanted: Option<Value>) -> String {
    let element = |actions: &str, before: &Value, after: &Value| {
        json!({"address": format!("{resource_type}.it"), "mode": "managed", "type": resource_type,
            "change": {"actions": [actions], "before": before, "after": after}})
    };
    let drift = element("update", &before, &after);
    let changes = wanted.map_or(json!([]), |wanted| {
        let action = if wanted == after { "no-op" } else { "update" };
        json!([element(action, &after, &wanted)])
    });
    format!(
        r#"{{"format_version":"1.2","planned_values":{{}},"resource_drift":[{drift}],"resource_changes":{changes}}}"#
    )
}

fn report(plan: &str) -> (u8, Value) {
    let (code, out, _) = gate(plan.as_bytes(), &["--format", "json"]);
    (code, serde_json::from_str(&out).unwrap())
}

#[test]
fn a_plan_without_drift_is_nothing_whatever_is_pending() {
    let (code, report) = report(&plan("pending_and_moved.json"));
    assert_eq!(code, 0);
    assert_eq!(report["drift"], json!([]));
    assert_eq!(
        report["pending"],
        json!([
            {"address": "terraform_data.renamed", "action": "update", "reverts_drift": false},
            {"address": "terraform_data.secret", "action": "create", "reverts_drift": false},
        ])
    );
    assert_eq!(report["pending_outputs"], json!(["one"]));
}

#[test]
fn a_plan_that_failed_is_an_error_also_with_nothing_in_it() {
    let (code, out, _) = gate(plan("errored.json").as_bytes(), &[]);
    assert_eq!(code, 1);
    assert!(out.starts_with("Terraform failed while planning"), "{out}");
}

#[test]
fn the_threshold_decides_between_below_and_blocked() {
    let plan = drifted(
        "aws_vpc",
        json!({"enable_dns_support": true}),
        json!({"enable_dns_support": false}),
        None,
    );
    for (block_on, expected) in [("critical", 2), ("major", 3), ("minor", 3)] {
        assert_eq!(gate(plan.as_bytes(), &["--block-on", block_on]).0, expected);
    }
}

#[test]
fn what_the_plan_leaves_to_others_is_expected() {
    let (before, after) = (json!({"desired_count": 2}), json!({"desired_count": 5}));
    let left = drifted(
        "aws_ecs_service",
        before.clone(),
        after.clone(),
        Some(after.clone()),
    );
    assert_eq!(report(&left).0, 0);
    let reverted = drifted(
        "aws_ecs_service",
        before.clone(),
        after.clone(),
        Some(before.clone()),
    );
    assert_eq!(report(&reverted).0, 2);
    assert_eq!(report(&reverted).1["pending"][0]["reverts_drift"], true);
    // A plan that only refreshes says nothing of what apply would do.
    assert_eq!(
        report(&drifted("aws_ecs_service", before, after, None)).0,
        2
    );
}

#[test]
fn an_opened_security_group_blocks_even_when_the_plan_leaves_it() {
    let after = json!({"ingress": [{"cidr_blocks": ["0.0.0.0/0"]}]});
    let plan = drifted(
        "aws_security_group",
        json!({"ingress": []}),
        after.clone(),
        Some(after),
    );
    assert_eq!(report(&plan).0, 3);
}

#[test]
fn rules_know_the_common_types() {
    for (resource_type, before, after, rule, severity) in [
        (
            "aws_route",
            json!({"gateway_id": "a"}),
            json!({"gateway_id": "b"}),
            "network.routes",
            "critical",
        ),
        (
            "aws_lb_listener",
            json!({"ssl_policy": "a"}),
            json!({"ssl_policy": "b"}),
            "lb.listener",
            "critical",
        ),
        (
            "aws_lb_listener_rule",
            json!({"action": [{"forward": [{"target_group": [{"arn": "a", "weight": 100}]}]}]}),
            json!({"action": [{"forward": [{"target_group": [{"arn": "a", "weight": 0}]}]}]}),
            "lb.weights",
            "critical",
        ),
        (
            "aws_lambda_function",
            json!({"runtime": "a"}),
            json!({"runtime": "b"}),
            "lambda.runtime",
            "major",
        ),
        (
            "aws_iam_role",
            json!({"assume_role_policy": "a"}),
            json!({"assume_role_policy": "b"}),
            "iam.trust",
            "critical",
        ),
        (
            "aws_s3_bucket",
            json!({"tags": {"a": "1"}}),
            json!({"tags": {}}),
            "any.tags",
            "minor",
        ),
        (
            "aws_autoscaling_group",
            json!({"desired_capacity": 1}),
            json!({"desired_capacity": 2}),
            "scaling.group-size",
            "expected",
        ),
        (
            "switchyard_blue_green_service",
            json!({"live_target_group": "a"}),
            json!({"live_target_group": "b"}),
            "service.live-side",
            "expected",
        ),
        (
            "switchyard_blue_green_service",
            json!({"desired_count": 1}),
            json!({"desired_count": 2}),
            "service.desired-count",
            "major",
        ),
    ] {
        let (_, report) = report(&drifted(resource_type, before, after, None));
        let found = &report["drift"][0];
        assert_eq!(
            (&found["rule"], &found["severity"]),
            (&json!(rule), &json!(severity))
        );
    }
}

/// Whatever the next apply does about it.
#[test]
fn something_unfinished_is_critical() {
    let before = json!({"name": "web", "unfinished": []});
    let after = json!({"name": "web", "unfinished": ["a deployment to web:2 is under way"]});
    for wanted in [None, Some(after.clone()), Some(before.clone())] {
        let (code, report) = report(&drifted(
            "switchyard_blue_green_service",
            before.clone(),
            after.clone(),
            wanted,
        ));
        let found = &report["drift"][0];
        assert_eq!(
            (code, &found["rule"], &found["severity"]),
            (3, &json!("service.unfinished"), &json!("critical")),
            "{found}"
        );
    }
}

#[test]
fn secrets_are_in_no_report() {
    for format in FORMATS {
        let (code, out, errors) = gate(plan("drift.json").as_bytes(), &["--format", format]);
        assert_eq!(code, 3, "{format}: {errors}");
        assert!(!out.contains("hunter"), "{format}: {out}");
        if format != "json" {
            assert!(
                !out.contains('\x1b'),
                "{format} passes control characters: {out}"
            );
        }
    }
}

#[test]
fn reports_are_as_reviewed() {
    // GATE_GOLDEN=write rewrites the files.
    #[expect(clippy::disallowed_methods, reason = "only this test reads it")]
    let write = std::env::var("GATE_GOLDEN").is_ok_and(|value| value == "write");
    for format in FORMATS {
        let config = json!({"allow": [
            {"address": "aws_db_*", "attribute": "instance_class", "reason": "load test", "expires": "2026-03-31"},
            {"address": "aws_security_group.tasks", "attribute": "ingress", "reason": "debugging", "expires": "2026-02-28"},
        ]});
        let (_, out, _) = with_config(&plan("drift.json"), &config, &["--format", format]);
        let path = folder().join("golden").join(format);
        if write {
            std::fs::write(&path, &out).unwrap();
        }
        assert_eq!(out, std::fs::read_to_string(&path).unwrap(), "{format}");
    }
}

#[test]
fn colour_is_used_when_asked_for() {
    let plan = plan("drift.json");
    assert!(
        gate(plan.as_bytes(), &["--color", "always"])
            .1
            .contains("\x1b[31m")
    );
    assert!(!gate(plan.as_bytes(), &[]).1.contains('\x1b'));
}

#[test]
fn an_allowance_takes_a_difference_out_until_it_ends() {
    let plan = drifted(
        "aws_vpc",
        json!({"enable_dns_support": true}),
        json!({"enable_dns_support": false}),
        None,
    );
    let config = |expires: &str| json!({"allow": [{"address": "aws_vpc.*", "attribute": "enable_dns_*", "reason": "migration", "expires": expires}]});
    let (code, out, _) = with_config(&plan, &config("2026-03-15"), &[]);
    assert_eq!(code, 0);
    assert!(out.contains("until 2026-03-15: migration"), "{out}");
    let (code, out, _) = with_config(&plan, &config("2026-03-14"), &[]);
    assert_eq!(code, 2);
    assert!(out.contains("ended on 2026-03-14"), "{out}");
    assert!(out.contains("It was allowed until 2026-03-14."), "{out}");
}

#[test]
fn severities_are_overridden_by_rule_and_before_that_by_attribute() {
    let plan = drifted(
        "aws_vpc",
        json!({"enable_dns_support": true}),
        json!({"enable_dns_support": false}),
        None,
    );
    let by_rule = json!({"rules": {"network.vpc": "critical"}});
    assert_eq!(with_config(&plan, &by_rule, &[]).0, 3);
    let both = json!({
        "rules": {"network.vpc": "critical"},
        "attributes": [{"type": "aws_*", "attribute": "enable_dns_support", "severity": "expected"}],
    });
    assert_eq!(with_config(&plan, &both, &[]).0, 0);
}

#[test]
fn a_file_of_exceptions_that_cannot_be_used_is_an_error() {
    let (code, out, errors) = with_config(&plan("drift.json"), &json!({"alow": []}), &[]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(errors.contains("correct the file"), "{errors}");
}

#[test]
fn what_is_no_plan_is_an_error_of_one_line() {
    for (input, part) in [
        (&b""[..], "the input is empty"),
        (b" \n\t ", "the input is empty"),
        (b"Error: no plan", "not the JSON of a plan"),
        (b"[]", "not the JSON of a plan"),
        (b"null", "not the JSON of a plan"),
        (b"\xff\xfe{\0", "UTF-16"),
        (b"PK\x03\x04rest", "the saved plan itself"),
        (b"{}", "lacks `format_version`"),
        (br#"{"format_version":"1.0"}"#, "lacks `format_version`"),
        (br#"{"planned_values":{}}"#, "lacks `format_version`"),
        (
            br#"{"format_version":"0.1","planned_values":{}}"#,
            "older than 0.2",
        ),
        (
            br#"{"format_version":"2.0","planned_values":{}}"#,
            "its format version is 2.0",
        ),
        (
            br#"{"format_version":"new","planned_values":{}}"#,
            "its format version is new",
        ),
        (
            br#"{"format_version":1,"planned_values":{}}"#,
            "not the JSON of a plan",
        ),
        (
            br#"{"format_version":"1.0","values":{}}"#,
            "the JSON of a state",
        ),
        (br#"{"@level":"info","@message":"x"}"#, "the log of"),
        (
            br#"{"format_version":"1.2","planned_values":{}}{}"#,
            "more text after its JSON",
        ),
        (
            br#"{"format_version":"1.2","planned_values":{}"#,
            "its JSON is truncated",
        ),
        (
            br#"{"format_version":"1.2","planned_values":{},"resource_drift":{}}"#,
            "not the JSON of a plan",
        ),
        (
            br#"{"format_version":"1.2","planned_values":{},"resource_drift":[{}]}"#,
            "missing field",
        ),
    ] {
        let (code, out, errors) = gate(input, &[]);
        assert_eq!((code, out.as_str()), (1, ""), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        assert!(errors.contains(part), "{part}: {errors}");
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.json");
    let (code, _, errors) = gate(b"", &[plan.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(errors.contains("could not be read"), "{errors}");
}

#[test]
fn a_mark_of_utf_8_is_passed_over() {
    let input = [
        &b"\xef\xbb\xbf"[..],
        br#"{"format_version":"1.2","planned_values":{}}"#,
    ]
    .concat();
    assert_eq!(gate(&input, &[]).0, 0);
}

#[test]
fn whose_an_attribute_of_ours_is_decides_what_is_expected() {
    for (owner, count, rule, severity) in [
        ("terraform", 5, "service.desired-count", "major"),
        ("terraform", 0, "service.desired-count-zero", "critical"),
        ("autoscaler", 5, "service.desired-count-scaled", "expected"),
    ] {
        let plan = drifted(
            "switchyard_blue_green_service",
            json!({"desired_count": 2, "desired_count_owner": owner}),
            json!({"desired_count": count, "desired_count_owner": owner}),
            None,
        );
        let found = &report(&plan).1["drift"][0];
        assert_eq!(
            (&found["rule"], &found["severity"]),
            (&json!(rule), &json!(severity))
        );
    }
}

proptest! {
    #[test]
    fn no_part_of_a_plan_passes_for_the_whole(cut in 0.0..1.0_f64) {
        for name in ["drift.json", "pending_and_moved.json"] {
            let plan = plan(name);
            let whole = plan.trim_end().as_bytes();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a small file")]
            let end = (cut * whole.len() as f64) as usize;
            let (code, out, _) = gate(whole.get(..end).unwrap(), &[]);
            prop_assert_eq!((code, out.as_str()), (1, ""));
        }
    }
}

#[test]
fn every_short_cut_at_the_end_is_noticed() {
    let plan = plan("drift.json");
    let whole = plan.trim_end().as_bytes();
    for end in whole.len() - 200..whole.len() {
        assert_eq!(gate(whole.get(..end).unwrap(), &[]).0, 1, "cut at {end}");
    }
}

/// A plan of any size that is never in memory as a whole.
struct Generated {
    part: Vec<u8>,
    at: usize,
    left: usize,
}

const ELEMENT: &str = r#"{"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","change":{"actions":["no-op"],"before":{"policy":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},"after":{"policy":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}},"#;

impl Generated {
    fn new(bytes: usize) -> Self {
        let head = r#"{"format_version":"1.2","planned_values":{},"resource_changes":["#;
        Self {
            part: head.into(),
            at: 0,
            left: bytes / ELEMENT.len(),
        }
    }
}

impl Read for Generated {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.part.len() {
            self.at = 0;
            self.part = match self.left {
                0 => Vec::new(),
                1 => format!("{}]}}", ELEMENT.trim_end_matches(',')).into(),
                _ => ELEMENT.into(),
            };
            self.left = self.left.saturating_sub(1);
        }
        let count = (&self.part[self.at..]).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}

#[test]
fn a_generated_plan_is_read_to_its_end() {
    let reading = read_plan(&mut Generated::new(1_000_000)).unwrap();
    assert_eq!(reading.format_version, "1.2");
}

/// The most memory that reading a plan of this size has taken, in kB.
#[cfg(target_os = "linux")]
fn memory_for(bytes: usize) -> u64 {
    use std::process::{Command, Stdio};

    let mut child = Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .args(["gate", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut plan = Vec::new();
    let mut source = Generated::new(bytes);
    std::io::copy(&mut source, &mut stdin).unwrap();
    std::fs::File::open(format!("/proc/{}/status", child.id()))
        .unwrap()
        .read_to_end(&mut plan)
        .unwrap();
    drop(stdin);
    let status = String::from_utf8(plan).unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    peak
}

/// The program itself is most of it: it has the clients of AWS and more.
#[cfg(target_os = "linux")]
#[test]
fn a_plan_of_fifty_megabytes_is_read_in_little_memory() {
    let (small, large) = (memory_for(1_000_000), memory_for(50_000_000));
    assert!(large < small + 10_000, "{small} kB, then {large} kB");
}

#[test]
fn wrong_usage_is_an_error_and_not_drift() {
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .args(["gate", "--block-on", "nothing"])
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
}
