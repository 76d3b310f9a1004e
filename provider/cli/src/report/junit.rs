//! JUnit XML: one case per difference that counts; those below the threshold pass and say so.

use std::io::{Error, Result, Write};

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::Value;

use super::{explanation_with_money, happened, limits, money, plain};
use crate::answer::{Answer, Judged};
use crate::finding::{DriftFinding, GateExit, Report};
use crate::rules::Severity;

pub(super) fn write(answer: &Answer, out: &mut dyn Write) -> Result<()> {
    let mut whole = quick_junit::Report::unnamed();
    for plan in &answer.plans {
        whole.add_test_suite(suite(plan, answer.is_several()));
    }
    whole.serialize(out).map_err(Error::other)
}

fn suite(plan: &Judged, named: bool) -> TestSuite {
    let mut suite = TestSuite::new(match named {
        true => plain(&format!("drift in {}", plan.name)),
        false => "drift".to_owned(),
    });
    suite.add_test_case(of_the_plan(plan));
    let Ok(report) = &plan.result else {
        return suite;
    };
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
    for (finding, severity) in report.counted() {
        suite.add_test_case(of_finding(finding, severity, report));
    }
    suite
}

/// Whether there is a whole plan, and what it says of its limits.
fn of_the_plan(plan: &Judged) -> TestCase {
    let is_whole = match plan.outcome() {
        GateExit::Failed | GateExit::Incomplete => false,
        GateExit::Nothing | GateExit::Below | GateExit::Blocked => true,
    };
    let status = match is_whole {
        false => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(plain(&plan.sentence()));
            status
        }
        true => TestCaseStatus::success(),
    };
    let mut case = TestCase::new("plan", status);
    case.set_classname("terraform");
    let limits = plan.result.as_ref().map(limits::lines).unwrap_or_default();
    if !limits.is_empty() {
        case.set_system_out(limits.join("\n"));
    }
    case
}

fn of_finding(finding: &DriftFinding, severity: Severity, report: &Report) -> TestCase {
    let text = format!(
        "{}: {}. {}",
        severity.name(),
        happened(finding),
        explanation_with_money(finding, report)
    );
    let name = plain(&format!("{} {}", finding.address, finding.what.attribute()));
    let mut case = match severity >= report.block_on {
        true => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_type(severity.name())
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
