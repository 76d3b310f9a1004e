//! SARIF 2.1.0, for code scanning. Drift has no line in a file: the place is the folder, and the address is the logical
//! location.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use serde_json::{Value, json};

use super::{explanation_with_money, happened, money};
use crate::finding::Report;
use crate::rules::Severity;

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "error",
        Severity::Major => "warning",
        Severity::Minor => "note",
    }
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> Result<()> {
    let rules: BTreeMap<&str, Value> = report
        .counted()
        .map(|(finding, _)| {
            let rule = finding.rule;
            let entry = json!({
                "id": rule.id,
                "shortDescription": {"text": rule.meaning},
                "help": {"text": rule.advice},
            });
            (rule.id, entry)
        })
        .collect();
    let results: Value = report
        .counted()
        .map(|(finding, severity)| {
            json!({
                "ruleId": finding.rule.id,
                "level": level(severity),
                "message": {"text": format!(
                    "{}: {}. {}", finding.address, happened(finding), explanation_with_money(finding, report)
                )},
                "locations": [{
                    "physicalLocation": {"artifactLocation": {"uri": "."}},
                    "logicalLocations": [{"fullyQualifiedName": finding.address, "kind": "resource"}],
                }],
                "properties": {"monthlyCost": money::finding(&finding.cost)},
                "partialFingerprints": {
                    "drift/v1": format!("{} {} {}", finding.rule.id, finding.address, finding.what.attribute()),
                },
            })
        })
        .collect();
    let failure = report
        .reading
        .errored
        .then(|| json!([{"level": "error", "message": {"text": report.sentence()}}]));
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "switchyard gate",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_values().collect::<Value>(),
            }},
            "invocations": [{
                "executionSuccessful": !report.reading.errored,
                "toolExecutionNotifications": failure.unwrap_or_else(|| json!([])),
            }],
            "results": results,
            "properties": {"monthlyCost": money::total(report)},
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
