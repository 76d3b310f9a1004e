//! For other programs. `format_version` rises with every change that is not an addition.

use std::io::{Result, Write};

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value, json};

use super::{Each, detail, limits, money};
use crate::allow::Allowance;
use crate::answer::{Answer, Judged};
use crate::finding::{Disposition, DriftFinding, Fate, GateExit, Report, What};
use crate::plan::Shown;
use crate::rules::Severity;

pub(super) fn write(answer: &Answer, out: &mut dyn Write) -> Result<()> {
    match answer.plans.as_slice() {
        [plan] => serde_json::to_writer_pretty(&mut *out, &Plan { plan, named: false })?,
        _ => serde_json::to_writer_pretty(&mut *out, &Plans(answer))?,
    }
    writeln!(out)
}

const VERSION: &str = "1.0";

/// Several plans and the verdict over all of them.
struct Plans<'a>(&'a Answer);

impl Serialize for Plans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let answer = self.0;
        let plan = |plan| Plan { plan, named: true };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(
            "counts",
            &json!({
                "critical": answer.count(Severity::Critical),
                "major": answer.count(Severity::Major),
                "minor": answer.count(Severity::Minor),
            }),
        )?;
        map.serialize_entry("exit_code", &answer.outcome().code())?;
        map.serialize_entry("format_version", VERSION)?;
        map.serialize_entry("outcome", answer.outcome().word())?;
        map.serialize_entry("plans", &Each(|| answer.plans.iter().map(plan)))?;
        map.serialize_entry("summary", &answer.sentence())?;
        map.end()
    }
}

/// One plan; its keys in the order of the alphabet.
struct Plan<'a> {
    plan: &'a Judged,
    named: bool,
}

impl Serialize for Plan<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let report = match &self.plan.result {
            Ok(report) => report,
            Err(message) => return self.failure(message).serialize(serializer),
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("block_on", report.block_on.name())?;
        map.serialize_entry("counts", &counts(report))?;
        map.serialize_entry("drift", &Each(|| report.findings.iter().map(finding)))?;
        map.serialize_entry("errored", &report.reading.errored)?;
        map.serialize_entry("exit_code", &report.outcome().code())?;
        map.serialize_entry(
            "expired_allowances",
            &Each(|| report.expired.iter().map(allowance)),
        )?;
        map.serialize_entry("format_version", VERSION)?;
        map.serialize_entry("limits", &limits::document(report))?;
        map.serialize_entry("monthly_cost", &money::total(report))?;
        map.serialize_entry("outcome", report.outcome().word())?;
        map.serialize_entry(
            "pending",
            &Each(|| {
                report.pending.iter().map(|pending| {
                    json!({
                        "address": pending.address,
                        "action": pending.action,
                        "reverts_drift": pending.reverts_drift,
                    })
                })
            }),
        )?;
        map.serialize_entry("pending_outputs", &report.outputs)?;
        if self.named {
            map.serialize_entry("plan", &self.plan.name)?;
        }
        map.serialize_entry("summary", &report.sentence())?;
        map.serialize_entry("terraform_version", &report.reading.terraform_version)?;
        map.serialize_entry(
            "unused_allowances",
            &Each(|| report.unused.iter().map(allowance)),
        )?;
        map.end()
    }
}

impl Plan<'_> {
    /// What programs find in place of a report.
    fn failure(&self, message: &str) -> Value {
        let mut document = json!({
            "format_version": VERSION,
            "outcome": GateExit::Failed.word(),
            "exit_code": GateExit::Failed.code(),
            "error": message,
            "summary": message,
        });
        if self.named {
            document["plan"] = self.plan.name.as_str().into();
        }
        document
    }
}

fn counts(report: &Report) -> Value {
    json!({
        "critical": report.count(Severity::Critical),
        "major": report.count(Severity::Major),
        "minor": report.count(Severity::Minor),
        "expected": report.count_expected(),
        "allowed": report.allowed().count(),
        "accepted": report.accepted().count(),
        "pending": report.configured().count() + report.outputs.len(),
    })
}

fn allowance(allowance: &Allowance) -> Value {
    json!({
        "address": allowance.address,
        "attribute": allowance.attribute,
        "deleted": allowance.deleted,
        "reason": allowance.reason,
        "expires": allowance.expires.to_string(),
    })
}

/// The parts that changed, each with its place, its texts and a sentence for people.
fn changes(before: &Shown, after: &Shown) -> Value {
    if *before == Shown::Hidden || *after == Shown::Hidden {
        return json!([]);
    }
    detail::parts(before, after)
        .into_iter()
        .map(|part| {
            let text = part.text();
            let mut change = match part.how {
                detail::How::Added(after) => json!({"change": "added", "after": after}),
                detail::How::Removed(before) => json!({"change": "removed", "before": before}),
                detail::How::Changed(before, after) => {
                    json!({"change": "changed", "before": before, "after": after})
                }
                detail::How::Reordered => json!({"change": "reordered"}),
            };
            change["at"] = part.at.into();
            change["text"] = text.into();
            change
        })
        .collect()
}

fn finding(finding: &DriftFinding) -> Value {
    let mut value = json!({
        "address": finding.address,
        "type": finding.resource_type,
        "rule": finding.rule.id,
        "meaning": finding.rule.meaning,
        "advice": finding.rule.advice,
        "apply": finding.fate.word(),
        "explained_by": finding.explained_by,
        "monthly_cost": money::finding(&finding.cost),
        "remedies": finding.remedies.iter().map(|remedy| json!({
            "purpose": remedy.purpose, "command": remedy.command,
        })).collect::<Value>(),
    });
    let mut put = |key: &str, part: Value| value[key] = part;
    match &finding.what {
        What::Deleted => put("event", "deleted".into()),
        What::Found { name } => {
            put("event", "unmanaged".into());
            put("attribute", finding.what.attribute().into());
            put("object", name.as_str().into());
        }
        What::Changed {
            attribute,
            before,
            after,
        } => {
            let event = match finding.fate {
                Fate::Unmanaged => "unmanaged",
                Fate::Reverted
                | Fate::Third
                | Fate::Computed
                | Fate::Left
                | Fate::Ignored
                | Fate::Unclear
                | Fate::Adopted
                | Fate::Explained
                | Fate::Cleared
                | Fate::Dropped
                | Fate::Untold => "changed",
            };
            put("event", event.into());
            put("attribute", attribute.as_str().into());
            let planned = finding.planned.as_ref();
            let sensitive = finding.what.hides() || planned.is_some_and(Shown::hides);
            put("sensitive", sensitive.into());
            put("changes", changes(before, after));
            if let Some(planned) = &finding.planned {
                put("planned", write_shown(planned));
            }
            put("before", write_shown(before));
            put("after", write_shown(after));
        }
    }
    match &finding.standing {
        Disposition::Counts(severity) => put("severity", severity.name().into()),
        Disposition::Expected => put("severity", "expected".into()),
        Disposition::Allowed { reason, until } => {
            put("severity", "allowed".into());
            put("reason", reason.as_str().into());
            put("allowed_until", until.to_string().into());
        }
        Disposition::Accepted { reason, on } => {
            put("severity", "accepted".into());
            put("reason", reason.as_str().into());
            put("accepted_on", on.to_string().into());
        }
    }
    if let Some(culprit) = &finding.culprit {
        put("changed_by", culprit.document());
    }
    if let Some(seen) = &finding.seen {
        put("first_seen", seen.first.to_string().into());
        put("age_days", seen.days().into());
        put("new", seen.is_new.into());
    }
    if let Some(day) = finding.accepted_before {
        put("was_accepted_on", day.to_string().into());
    }
    if let Some(day) = finding.expired {
        put("was_allowed_until", day.to_string().into());
    }
    value
}

/// Secrets are null and marked by `sensitive`.
fn write_shown(shown: &Shown) -> Value {
    match shown {
        Shown::Nothing | Shown::Hidden => Value::Null,
        Shown::Value(value) => value.clone(),
    }
}
