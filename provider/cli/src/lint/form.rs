//! The findings in their forms.

use std::collections::BTreeSet;
use std::io::{Result, Write};

use serde_json::{Value, json};
use switchyard_lint::{Finding, Outcome};
use switchyard_report::plain;

use crate::arguments::LintFormat;
use crate::report::{github, neutral, sarif};

/// Rises with every change that is not an addition.
const VERSION: &str = "1.0";

/// What SARIF and annotations call the finding.
const RULE: &str = "dropped-key";

pub(super) fn write(outcome: &Outcome, format: LintFormat, out: &mut dyn Write) -> Result<()> {
    match format {
        LintFormat::Text => text(outcome, out),
        LintFormat::Json => document(&json_of(outcome), out),
        LintFormat::Sarif => document(&sarif_of(outcome), out),
        LintFormat::Github => annotations(outcome, out),
    }
}

fn document(value: &Value, out: &mut dyn Write) -> Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

/// One sentence: what was found and looked at.
fn summary(outcome: &Outcome) -> String {
    let looked = format!(
        "{} in {} compared with their types",
        counted(outcome.objects, "object", "objects"),
        counted(outcome.files, "file", "files")
    );
    match outcome.findings.len() {
        0 => format!("No key is dropped: {looked}."),
        found => {
            let files: BTreeSet<&str> = outcome
                .findings
                .iter()
                .map(|finding| finding.file.as_str())
                .collect();
            format!(
                "Terraform drops {} in {}: {looked}.",
                counted(found, "key", "keys"),
                counted(files.len(), "file", "files")
            )
        }
    }
}

fn counted(count: usize, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    }
}

fn text(outcome: &Outcome, out: &mut dyn Write) -> Result<()> {
    for finding in &outcome.findings {
        let Finding {
            file, line, column, ..
        } = finding;
        let line = format!("{file}:{line}:{column}: {}", finding.sentence());
        writeln!(out, "{}", neutral(&plain(&line)))?;
    }
    writeln!(out, "{}", summary(outcome))
}

fn annotations(outcome: &Outcome, out: &mut dyn Write) -> Result<()> {
    for finding in &outcome.findings {
        writeln!(
            out,
            "::error file={},line={},col={},title=Dropped key::{}",
            github::property(&finding.file),
            finding.line,
            finding.column,
            github::data(&plain(&finding.sentence()))
        )?;
    }
    writeln!(out, "{}", summary(outcome))
}

fn json_of(outcome: &Outcome) -> Value {
    let findings = outcome.findings.iter().map(|finding| {
        json!({
            "file": finding.file,
            "line": finding.line,
            "column": finding.column,
            "place": finding.place,
            "key": finding.key,
            "nearest": finding.nearest,
            "known": finding.known,
            "message": finding.sentence(),
        })
    });
    json!({
        "format_version": VERSION,
        "dropped_keys": findings.collect::<Value>(),
        "notes": outcome.notes,
        "files": outcome.files,
        "objects": outcome.objects,
    })
}

fn sarif_of(outcome: &Outcome) -> Value {
    let results = outcome.findings.iter().map(|finding| {
        json!({
            "ruleId": RULE,
            "level": "error",
            "message": { "text": plain(&finding.sentence()) },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": sarif::encoded(&finding.file) },
                "region": { "startLine": finding.line, "startColumn": finding.column },
            } }],
        })
    });
    let notes = outcome
        .notes
        .iter()
        .map(|note| json!({ "level": "warning", "message": { "text": plain(note) } }));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "switchyard lint",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": [{
                    "id": RULE,
                    "name": "DroppedKey",
                    "shortDescription": { "text": "A key of an object that its type does not know" },
                    "fullDescription": { "text":
                        "Terraform converts an object to the type of an attribute or of a module's variable, and drops keys that \
                         the type does not know without an error." },
                    "defaultConfiguration": { "level": "error" },
                }],
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notes.collect::<Value>(),
            }],
            "results": results.collect::<Value>(),
        }],
    })
}
