//! `switchyard gate`, from the plan to the report in every format.

use std::collections::BTreeMap;

use clap::Parser as _;
use jiff::Timestamp;
use switchyard_cli::{
    Arguments, Event, ListAccount, Listed, Outside, SearchTrail, SendMetrics, SendNotices, Streams,
    Surroundings, Target, run,
};
use switchyard_engine::ports::{MetricDatum, ObjectFamily};

/// Nobody asks for metrics here, or who did what.
struct Nowhere;

impl SendMetrics for Nowhere {
    fn send(&self, _: &str, _: &[MetricDatum]) -> Result<(), String> {
        Err("not asked for".to_owned())
    }
}

impl SearchTrail for Nowhere {
    fn search(&self, _: &str, _: Option<&str>) -> Result<Vec<u8>, String> {
        Err("not asked for".to_owned())
    }
}

impl SendNotices for Nowhere {
    fn tell(&self, _: &[Target], _: Event) -> Vec<String> {
        Vec::new()
    }
}

impl ListAccount for Nowhere {
    fn list(&self) -> Listed {
        Listed::new()
    }

    fn tags(
        &self,
        _: ObjectFamily,
        _: &[String],
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
        Err("not asked for".to_owned())
    }
}

/// Every plan gets an exit code that the documentation names, and a report in the format that was asked for: another one
/// for each length, because the plan is read the same way whatever the format.
pub fn plan(input: &[u8]) {
    const FORMATS: [&str; 8] = [
        "text", "json", "junit", "sarif", "markdown", "github", "gitlab", "azure",
    ];
    let format = FORMATS
        .get(input.len() % FORMATS.len())
        .copied()
        .unwrap_or_default();
    let line = ["switchyard", "gate", "--format", format];
    let arguments = Arguments::try_parse_from(line).unwrap_or_else(|error| panic!("{error}"));
    let surroundings = Surroundings {
        now: Timestamp::UNIX_EPOCH,
        color: false,
    };
    let (mut plan, mut out, mut errors) = (input, Vec::new(), Vec::new());
    let streams = Streams {
        input: &mut plan,
        out: &mut out,
        errors: &mut errors,
    };
    let outside = Outside {
        metrics: &Nowhere,
        trail: &Nowhere,
        notices: &Nowhere,
        account: &Nowhere,
    };
    let code = run(&arguments, &surroundings, streams, &outside);
    assert!(code <= 4, "{format}: exit code {code}");
    if !out.is_empty() {
        is_well_formed(format, &out);
    }
    assert!(
        code != 1 || !errors.is_empty() || !out.is_empty(),
        "{format}: failed without a word"
    );
}

/// Whoever reads a report in a format made for machines can read it.
fn is_well_formed(format: &str, out: &[u8]) {
    match format {
        "json" | "sarif" | "gitlab" => {
            let report: Result<serde_json::Value, _> = serde_json::from_slice(out);
            assert!(report.is_ok(), "{format}: {report:?}");
        }
        "junit" => {
            let report = quick_junit::Report::deserialize(out);
            assert!(report.is_ok(), "{format}: {report:?}");
        }
        _ => assert!(std::str::from_utf8(out).is_ok(), "{format} is not UTF-8"),
    }
}
