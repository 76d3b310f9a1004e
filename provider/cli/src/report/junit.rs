//! JUnit XML: one case per difference that counts; those below the threshold pass and say so.

use std::io::{Error, Result, Write};

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::Value;

use super::{explanation_with_money, happened, money, plain};
use crate::finding::{DriftFinding, Report};
use crate::rules::Severity;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> Result<()> {
    let mut suite = TestSuite::new("drift");
    let total = money::total(report);
    for name in ["difference", "currency", "unknown"] {
        let value = match total.get(name) {
            None | Some(Value::Null) => "unknown".to_owned(),
            Some(value) => value.to_string(),
        };
        suite.add_property((
            format!("monthly_cost_{name}"),
            value.trim_matches('"').to_owned(),
        ));
    }
    suite.add_test_case(of_the_plan(report));
    for (finding, severity) in report.counted() {
        suite.add_test_case(of_finding(finding, severity, report));
    }
    let mut whole = quick_junit::Report::unnamed();
    whole.add_test_suite(suite);
    whole.serialize(out).map_err(Error::other)
}

fn of_the_plan(report: &Report) -> TestCase {
    let status = match report.reading.errored {
        true => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(plain(&report.sentence()));
            status
        }
        false => TestCaseStatus::success(),
    };
    let mut case = TestCase::new("plan", status);
    case.set_classname("terraform");
    case
}

fn of_finding(finding: &DriftFinding, severity: Severity, report: &Report) -> TestCase {
    let text = format!(
        "{}: {}. {}",
        severity.word(),
        happened(finding),
        explanation_with_money(finding, report)
    );
    let name = plain(&format!("{} {}", finding.address, finding.what.attribute()));
    let mut case = match severity >= report.block_on {
        true => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_type(severity.word())
                .set_message(plain(&happened(finding)))
                .set_description(plain(&text));
            TestCase::new(name, status)
        }
        false => {
            let mut case = TestCase::new(name, TestCaseStatus::success());
            case.set_system_out(plain(&text));
            case
        }
    };
    case.set_classname(plain(finding.rule.id));
    case
}
