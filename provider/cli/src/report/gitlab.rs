//! GitLab's code quality report. Drift has no line in a file: the place is the plan.

use std::io::{Result, Write};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{explanation_with_money, happened, limits, place, plain};
use crate::answer::Answer;
use crate::rules::Severity;

pub(super) fn write(answer: &Answer, out: &mut dyn Write) -> Result<()> {
    let mut issues = Vec::new();
    for plan in &answer.plans {
        match &plan.result {
            Ok(report) if report.reading.errored => {
                issues.push(of_the_plan("plan", "blocker", &plan.name, &plan.sentence()));
            }
            Ok(report) => issues.extend(
                limits::lines(report)
                    .iter()
                    .map(|line| of_the_plan("plan", "major", &plan.name, line)),
            ),
            Err(message) => issues.push(of_the_plan("plan", "blocker", &plan.name, message)),
        }
    }
    for found in answer.worst_first() {
        let finding = found.finding;
        let severity = match found.severity {
            severity if severity >= found.report.block_on => "blocker",
            Severity::Critical => "critical",
            Severity::Major => "major",
            Severity::Minor => "minor",
        };
        let text = format!(
            "{}: {}. {}",
            place(&found, answer),
            happened(finding),
            explanation_with_money(finding, found.report)
        );
        let identity = [
            finding.rule.id,
            found.plan,
            &finding.address,
            finding.what.attribute(),
        ];
        issues.push(issue(
            finding.rule.id,
            severity,
            found.plan,
            &text,
            &identity,
        ));
    }
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn of_the_plan(check: &str, severity: &str, plan: &str, text: &str) -> Value {
    issue(check, severity, plan, text, &[check, plan, text])
}

/// `identity` tells an issue from all others and stays the same from run to run.
fn issue(check: &str, severity: &str, plan: &str, text: &str, identity: &[&str]) -> Value {
    let identity = Sha256::digest(json!(identity).to_string());
    let fingerprint: String = identity.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "description": plain(text),
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": super::sarif::file(plan), "lines": {"begin": 1}},
    })
}
