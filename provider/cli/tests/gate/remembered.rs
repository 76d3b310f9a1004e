//! What is accepted, and since when differences are known.

use serde_json::{Value, json};

use super::{FORMATS, drifted, gate, gate_at};

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }
}

fn plan(value: &str) -> String {
    drifted(
        "aws_route",
        json!({"gateway_id": "a", "token": "a"}),
        json!({"gateway_id": value, "token": value}),
        None,
    )
}

#[test]
fn what_was_accepted_does_not_count_until_its_value_changes() {
    let files = Files::new();
    let baseline = files.path("baseline.json");
    let accept = [
        "--baseline",
        &baseline,
        "--accept",
        "moved by the network team",
    ];
    assert_eq!(gate(plan("b").as_bytes(), &[]).0, 3);
    let (code, out, errors) = gate(plan("b").as_bytes(), &accept);
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    let text = std::fs::read_to_string(&baseline).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    let entry = &written["accepted"][0];
    assert_eq!(entry["address"], "aws_route.it");
    assert_eq!(
        (&entry["reason"], &entry["accepted"]),
        (&json!("moved by the network team"), &json!("2026-03-15"))
    );
    assert_eq!(written["accepted"][1]["attribute"], "token");
    assert_eq!(
        written["accepted"][1].get("value"),
        None,
        "a digest of a secret gives it away"
    );
    for format in FORMATS {
        let (code, ..) = gate(
            plan("b").as_bytes(),
            &["--baseline", &baseline, "--format", format],
        );
        assert_eq!(code, 0, "{format}");
    }
    let (_, out, _) = gate(plan("b").as_bytes(), &["--baseline", &baseline]);
    assert!(
        out.contains("accepted on 2026-03-15: moved by the network team"),
        "{out}"
    );
    let (code, out, _) = gate(plan("c").as_bytes(), &["--baseline", &baseline]);
    assert_eq!(code, 3);
    assert!(
        out.contains("It was accepted on 2026-03-15 with another value."),
        "{out}"
    );
}

#[test]
fn accepting_again_keeps_the_first_reason_and_drops_what_is_gone() {
    let files = Files::new();
    let baseline = files.path("baseline.json");
    gate(
        plan("b").as_bytes(),
        &["--baseline", &baseline, "--accept", "first"],
    );
    gate(
        plan("b").as_bytes(),
        &["--baseline", &baseline, "--accept", "second"],
    );
    let read = || std::fs::read_to_string(&baseline).unwrap();
    assert!(read().contains("first") && !read().contains("second"));
    let nothing = r#"{"format_version":"1.2","planned_values":{},"complete":false}"#;
    gate(
        nothing.as_bytes(),
        &["--baseline", &baseline, "--accept", "third"],
    );
    assert!(
        read().contains("first"),
        "a part of a plan does not say what is gone"
    );
    gate(
        nothing.replace("false", "true").as_bytes(),
        &["--baseline", &baseline, "--accept", "third"],
    );
    assert_eq!(
        serde_json::from_str::<Value>(&read()).unwrap(),
        json!({"accepted": []})
    );
}

#[test]
fn a_failed_plan_accepts_nothing() {
    let files = Files::new();
    let baseline = files.path("baseline.json");
    let (code, ..) = gate(
        super::plan("errored.json").as_bytes(),
        &["--baseline", &baseline, "--accept", "x"],
    );
    assert_eq!(code, 1);
    let text = std::fs::read_to_string(&baseline).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        json!({"accepted": []})
    );
}

#[test]
fn a_baseline_that_is_missing_or_unsound_is_an_error() {
    let files = Files::new();
    let baseline = files.path("baseline.json");
    for text in [None, Some("[]"), Some("{\"acepted\": []}")] {
        if let Some(text) = text {
            std::fs::write(&baseline, text).unwrap();
        }
        let (code, _, errors) = gate(plan("b").as_bytes(), &["--baseline", &baseline]);
        assert_eq!(code, 1);
        assert!(errors.contains("baseline.json cannot be used"), "{errors}");
    }
    let missing = files.path("no/baseline.json");
    let (code, _, errors) = gate(
        plan("b").as_bytes(),
        &["--baseline", &missing, "--accept", "x"],
    );
    assert_eq!(code, 1);
    assert!(errors.contains("Nothing was accepted"), "{errors}");
}

#[test]
fn a_history_says_what_is_new_and_how_old_the_rest_is() {
    let files = Files::new();
    let history = files.path("history.jsonl");
    let run = |plan: &str, now: &str| {
        let (code, out, errors) = gate_at(
            plan.as_bytes(),
            &["--history", &history, "--format", "json"],
            now,
        );
        assert_eq!((code, errors.as_str()), (3, ""));
        let report: Value = serde_json::from_str(&out).unwrap();
        report["drift"].as_array().unwrap().clone()
    };
    let first = run(&plan("b"), "2026-03-01T04:00:00Z");
    assert!(
        first
            .iter()
            .all(|finding| finding["new"] == true && finding["age_days"] == 0)
    );
    let second = run(&plan("c"), "2026-03-11T05:00:00Z");
    assert!(
        second
            .iter()
            .all(|finding| finding["new"] == false && finding["age_days"] == 10)
    );
    assert_eq!(second[0]["first_seen"], "2026-03-01T04:00:00Z");
    let other = plan("b").replace("aws_route.it", "aws_route.other");
    assert_eq!(run(&other, "2026-03-12T04:00:00Z")[0]["new"], true);
    let text = std::fs::read_to_string(&history).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["last_seen"], "2026-03-11T05:00:00Z");
    let (_, out, _) = gate_at(
        plan("b").as_bytes(),
        &["--history", &history],
        "2026-03-13T04:00:00Z",
    );
    assert!(out.contains("It was first seen 12 days ago."), "{out}");
}

#[test]
fn a_history_that_cannot_be_written_changes_no_verdict() {
    let files = Files::new();
    let missing = files.path("no/history.jsonl");
    let (code, _, errors) = gate(plan("b").as_bytes(), &["--history", &missing]);
    assert_eq!(code, 3);
    assert!(errors.contains("The history was not written"), "{errors}");
    std::fs::write(files.path("history.jsonl"), "no line\n").unwrap();
    let (code, _, errors) = gate(
        plan("b").as_bytes(),
        &["--history", &files.path("history.jsonl")],
    );
    assert_eq!(code, 1);
    assert!(errors.contains("line 1"), "{errors}");
}
