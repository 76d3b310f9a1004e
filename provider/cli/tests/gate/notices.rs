//! Critical drift is told to others: what, to whom, and that the verdict does not depend on it.

use std::cell::RefCell;

use serde_json::json;
use switchyard_cli::{Event, Outside, SendNotices, Target};

use super::{NOW, blame, drifted, metrics, plan, run_at};

/// Hears nothing.
pub(crate) struct Deaf;

impl SendNotices for Deaf {
    fn tell(&self, _: &[Target], _: Event) -> Vec<String> {
        vec!["Slack (`env:URL`): 1 event not delivered; it answered with status 404.".to_owned()]
    }
}

/// Keeps what it is told.
#[derive(Default)]
struct Kept(RefCell<Vec<(usize, Event)>>);

impl SendNotices for Kept {
    fn tell(&self, targets: &[Target], event: Event) -> Vec<String> {
        self.0.borrow_mut().push((targets.len(), event));
        Vec::new()
    }
}

fn told(
    input: &str,
    file: &str,
    arguments: &[&str],
    notices: &dyn SendNotices,
) -> (u8, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify.json");
    std::fs::write(&path, file).unwrap();
    let mut all = vec!["--notify", path.to_str().unwrap()];
    all.extend(arguments);
    let outside = Outside {
        metrics: &metrics::Unreachable,
        trail: &blame::Silent,
        notices,
        account: &super::strays::Closed,
    };
    run_at(input.as_bytes(), &all, &outside, NOW)
}

const FILE: &str = r#"{"notify": [{"to": "slack", "secret": "env:URL"}, {"to": "eventbridge"}]}"#;

#[test]
fn critical_drift_is_told_with_its_addresses_and_without_its_values() {
    let kept = Kept::default();
    let (code, _, errors) = told(&plan("drift.json"), FILE, &[], &kept);
    assert_eq!((code, errors.as_str()), (3, ""));
    let told = kept.0.into_inner();
    let [(targets, event)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(*targets, 2);
    let document = event.document();
    assert_eq!(document["type"], "drift_critical");
    assert_eq!(document["at"], NOW);
    assert_eq!(document["plans"], json!(["-"]));
    let critical = document["drift"]["critical"].as_u64().unwrap();
    assert!(critical > 0);
    assert!(
        !document["drift"]["addresses"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn drift_that_is_not_critical_is_told_to_nobody() {
    let kept = Kept::default();
    let major = drifted(
        "aws_vpc",
        json!({"enable_dns_support": true}),
        json!({"enable_dns_support": false}),
        None,
    );
    assert_eq!(told(&major, FILE, &["--block-on", "major"], &kept).0, 3);
    assert!(kept.0.into_inner().is_empty());
}

#[test]
fn who_does_not_hear_it_changes_no_verdict_and_is_named() {
    let (code, out, errors) = told(&plan("drift.json"), FILE, &["--format", "github"], &Deaf);
    assert_eq!(code, 3);
    let sentence = "it answered with status 404. This does not change the result or the exit code.";
    assert!(errors.contains(sentence), "{errors}");
    assert!(out.contains(sentence), "{out}");
}

#[test]
fn a_file_that_cannot_be_used_is_an_error_before_anything_is_judged() {
    for (file, words) in [
        ("{}", "cannot be used"),
        (r#"{"notify": [{"to": "slack"}]}"#, "`secret` is missing"),
        (
            r#"{"notify": [{"to": "slack", "secret": "hunter2"}]}"#,
            "element 1",
        ),
    ] {
        let (code, out, errors) = told(&plan("drift.json"), file, &[], &Kept::default());
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(
            errors.contains(words) && !errors.contains("hunter2"),
            "{errors}"
        );
    }
    let missing = ["--notify", "/nowhere/notify.json"];
    let (code, _, errors) = super::gate(plan("drift.json").as_bytes(), &missing);
    assert_eq!(code, 1);
    assert!(errors.contains("cannot be read"), "{errors}");
}
