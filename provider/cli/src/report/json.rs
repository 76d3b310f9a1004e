//! For other programs. `format_version` rises with every change that is not an addition.

use std::io::{Result, Write};

use serde_json::{Value, json};

use super::{fate_word, money};
use crate::finding::{Disposition, DriftFinding, Report, What};
use crate::plan::Shown;
use crate::rules::Severity;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> Result<()> {
    let document = json!({
        "format_version": "1.0",
        "outcome": report.outcome().word(),
        "exit_code": report.outcome().code(),
        "summary": report.sentence(),
        "block_on": report.block_on.word(),
        "errored": report.reading.errored,
        "terraform_version": report.reading.terraform_version,
        "counts": {
            "critical": report.count(Severity::Critical),
            "major": report.count(Severity::Major),
            "minor": report.count(Severity::Minor),
            "expected": report.count_expected(),
            "allowed": report.allowed().count(),
            "pending": report.configured().count() + report.outputs.len(),
        },
        "monthly_cost": money::total(report),
        "drift": report.findings.iter().map(finding).collect::<Value>(),
        "pending": report.pending.iter().map(|pending| json!({
            "address": pending.address,
            "action": pending.action,
            "reverts_drift": pending.reverts_drift,
        })).collect::<Value>(),
        "pending_outputs": report.outputs,
        "expired_allowances": report.expired.iter().map(|allowance| json!({
            "address": allowance.address,
            "attribute": allowance.attribute,
            "deleted": allowance.deleted,
            "reason": allowance.reason,
            "expires": allowance.expires.to_string(),
        })).collect::<Value>(),
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn finding(finding: &DriftFinding) -> Value {
    let mut value = json!({
        "address": finding.address,
        "type": finding.resource_type,
        "rule": finding.rule.id,
        "meaning": finding.rule.meaning,
        "advice": finding.rule.advice,
        "apply": fate_word(finding.fate),
        "monthly_cost": money::finding(&finding.cost),
        "remedies": finding.remedies.iter().map(|remedy| json!({
            "purpose": remedy.purpose, "command": remedy.command,
        })).collect::<Value>(),
    });
    let mut put = |key: &str, part: Value| value[key] = part;
    match &finding.what {
        What::Deleted => put("event", "deleted".into()),
        What::Changed {
            attribute,
            before,
            after,
        } => {
            put("event", "changed".into());
            put("attribute", attribute.as_str().into());
            put(
                "sensitive",
                (*before == Shown::Hidden || *after == Shown::Hidden).into(),
            );
            put("before", shown(before));
            put("after", shown(after));
        }
    }
    match &finding.standing {
        Disposition::Counts(severity) => put("severity", severity.word().into()),
        Disposition::Expected => put("severity", "expected".into()),
        Disposition::Allowed { reason, until } => {
            put("severity", "allowed".into());
            put("reason", reason.as_str().into());
            put("allowed_until", until.to_string().into());
        }
    }
    if let Some(day) = finding.expired {
        put("was_allowed_until", day.to_string().into());
    }
    value
}

/// Secrets are null and marked by `sensitive`.
fn shown(shown: &Shown) -> Value {
    match shown {
        Shown::Nothing | Shown::Hidden => Value::Null,
        Shown::Value(value) => value.clone(),
    }
}
