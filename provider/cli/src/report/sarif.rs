//! SARIF 2.1.0, for code scanning. Drift has no line in a file: the place is the plan, and the address is the logical
//! location.

use std::collections::BTreeMap;
use std::io::{Result, Write};
use std::path::Path;

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value, json};

use super::{Each, explanation_with_money, happened, limits, money};
use crate::answer::{Answer, Judged};
use crate::finding::{DriftFinding, GateExit, Report};
use crate::rules::{MatchedRule, Severity};

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "error",
        Severity::Major => "warning",
        Severity::Minor => "note",
    }
}

/// A plan as a path in a repository, which is what viewers take: relative and without a scheme.
pub(super) fn file(plan: &str) -> String {
    let path = Path::new(plan);
    let is_inside = path
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    let inside = match path.file_name().and_then(|name| name.to_str()) {
        _ if plan == "-" => "tfplan.json",
        Some(_) if is_inside => plan,
        Some(name) => name,
        None => "tfplan.json",
    };
    encoded(inside)
}

/// A path as a part of a URI.
pub(crate) fn encoded(path: &str) -> String {
    path.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'/' => {
                char::from(b).to_string()
            }
            b => format!("%{b:02X}"),
        })
        .collect()
}

/// The name of a rule as programs write names: `s3.bucket-access` is `S3BucketAccess`.
fn name(id: &str) -> String {
    id.split(['.', '-'])
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

fn rule(rule: &MatchedRule, severity: Severity) -> Value {
    let full = format!("{} {}", rule.meaning, rule.advice);
    json!({
        "id": rule.id,
        "name": name(rule.id),
        "shortDescription": {"text": rule.meaning},
        "fullDescription": {"text": full},
        "help": {"text": rule.advice, "markdown": rule.advice},
        "defaultConfiguration": {"level": level(severity)},
        "properties": {"tags": ["drift", "terraform"]},
    })
}

fn result(plan: &str, finding: &DriftFinding, severity: Severity, report: &Report) -> Value {
    json!({
        "ruleId": finding.rule.id,
        "level": level(severity),
        "message": {"text": format!(
            "{}: {}. {}", finding.address, happened(finding), explanation_with_money(finding, report)
        )},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": file(plan)},
                "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
            },
            "logicalLocations": [{"fullyQualifiedName": finding.address, "kind": "resource"}],
        }],
        "properties": {"monthlyCost": money::finding(&finding.cost)},
        "partialFingerprints": {
            "drift/v1": format!("{} {} {}", finding.rule.id, finding.address, finding.what.attribute()),
        },
    })
}

/// One plan; its keys in the order of the alphabet.
struct Run<'a>(&'a Judged);

impl Serialize for Run<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let plan = self.0;
        let report = plan.result.as_ref().ok();
        let results = || {
            report.into_iter().flat_map(|report| {
                report
                    .counted()
                    .map(|(finding, severity)| result(&plan.name, finding, severity, report))
            })
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(
            "automationDetails",
            &json!({"id": format!("switchyard gate/{}/", file(&plan.name))}),
        )?;
        map.serialize_entry("invocations", &[invocation(plan)])?;
        map.serialize_entry(
            "properties",
            &json!({"monthlyCost": report.map_or(Value::Null, money::total)}),
        )?;
        map.serialize_entry("results", &Each(results))?;
        map.serialize_entry(
            "tool",
            &json!({"driver": {
                "name": "switchyard gate",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules(report),
            }}),
        )?;
        map.end()
    }
}

/// Each rule once.
fn rules(report: Option<&Report>) -> Value {
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    for (finding, severity) in report.into_iter().flat_map(Report::counted) {
        rules
            .entry(finding.rule.id)
            .or_insert_with(|| rule(&finding.rule, severity));
    }
    rules.into_values().collect()
}

/// Whether there is a whole plan, and what it says of its limits.
fn invocation(plan: &Judged) -> Value {
    let is_whole = match plan.outcome() {
        GateExit::Failed | GateExit::Incomplete => false,
        GateExit::Nothing | GateExit::Below | GateExit::Blocked => true,
    };
    let mut notifications = Vec::new();
    if !is_whole {
        notifications.push(json!({"level": "error", "message": {"text": plan.sentence()}}));
    }
    let limits = plan.result.as_ref().map(limits::lines).unwrap_or_default();
    notifications.extend(
        limits
            .iter()
            .map(|line| json!({"level": "warning", "message": {"text": line}})),
    );
    json!({
        "executionSuccessful": is_whole,
        "exitCode": plan.outcome().code(),
        "toolExecutionNotifications": notifications,
    })
}

/// The whole document.
struct Document<'a>(&'a Answer);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("$schema", "https://json.schemastore.org/sarif-2.1.0.json")?;
        map.serialize_entry("runs", &Each(|| self.0.plans.iter().map(Run)))?;
        map.serialize_entry("version", "2.1.0")?;
        map.end()
    }
}

pub(super) fn write(answer: &Answer, out: &mut dyn Write) -> Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Document(answer))?;
    writeln!(out)
}
