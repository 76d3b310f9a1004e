//! The verb `report`: what it takes, what it writes, and what it says when it cannot.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use clap::Parser as _;
use switchyard_cli::{
    Arguments, Event, ListAccount, Listed, Outside, SearchTrail, SendMetrics, SendNotices, Streams,
    Surroundings, Target, run,
};
use switchyard_engine::ports::{MetricDatum, ObjectFamily};

/// Nobody is called.
struct Nobody;

impl SendMetrics for Nobody {
    fn send(&self, _: &str, _: &[MetricDatum]) -> Result<(), String> {
        Err("nobody is called".to_owned())
    }
}

impl SearchTrail for Nobody {
    fn search(&self, _: &str, _: Option<&str>) -> Result<Vec<u8>, String> {
        Err("nobody is called".to_owned())
    }
}

impl SendNotices for Nobody {
    fn tell(&self, _: &[Target], _: Event) -> Vec<String> {
        Vec::new()
    }
}

impl ListAccount for Nobody {
    fn list(&self) -> Listed {
        Listed::new()
    }

    fn tags(
        &self,
        _: ObjectFamily,
        _: &[String],
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
        Err("nobody is called".to_owned())
    }
}

/// Code, standard output, standard error.
fn report(input: &str, arguments: &[&str]) -> (u8, String, String) {
    let all = ["switchyard", "report"].iter().chain(arguments);
    let arguments = Arguments::try_parse_from(all).unwrap();
    let surroundings = Surroundings {
        now: "2026-03-15T12:00:00Z".parse().unwrap(),
        color: false,
    };
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let streams = Streams {
        input: &mut input.as_bytes(),
        out: &mut out,
        errors: &mut errors,
    };
    let outside = Outside {
        metrics: &Nobody,
        trail: &Nobody,
        notices: &Nobody,
        account: &Nobody,
    };
    let code = run(&arguments, &surroundings, streams, &outside);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (code, text(out), text(errors))
}

fn reports() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../report/tests/reports");
    folder.to_str().unwrap().to_owned()
}

#[test]
fn a_folder_is_one_page() {
    let (code, page, errors) = report("", &[&reports()]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<h1>3 deployments</h1>"));
}

#[test]
fn one_report_may_come_from_standard_input() {
    let text = std::fs::read_to_string(Path::new(&reports()).join("canary.json")).unwrap();
    let (code, made, _) = report(&text, &["-", "--format", "svg"]);
    assert_eq!(code, 0);
    assert!(made.starts_with("<svg xmlns="));
    let (code, made, _) = report(&text, &["-", "--format", "markdown"]);
    assert_eq!(code, 0);
    assert!(made.starts_with("### ✅ `main/web` succeeded"), "{made}");
}

#[test]
fn what_is_no_report_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("::error::plan.json");
    std::fs::write(&file, "{\"format_version\": \"1.2\"}").unwrap();
    for (argument, says) in [
        (file.to_str().unwrap(), "is not a report of a deployment"),
        (
            folder.path().to_str().unwrap(),
            "is not a report of a deployment",
        ),
        (
            "missing.json",
            "there is no such file; a service that was not deployed has no report",
        ),
    ] {
        let (code, out, errors) = report("", &[&reports(), argument]);
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(errors.contains(says), "{errors}");
    }
    let empty = tempfile::tempdir().unwrap();
    let (code, _, errors) = report("", &[empty.path().to_str().unwrap()]);
    assert!(
        code == 1 && errors.contains("no file that ends with"),
        "{errors}"
    );
}
