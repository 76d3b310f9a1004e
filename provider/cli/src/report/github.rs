//! Annotations of GitHub Actions, one line each.

use std::io::{Result, Write};

use super::{expired, explanation_with_money, happened, money};
use crate::finding::{GateExit, Report};
use crate::rules::Severity;

/// An error that stands for the whole run.
pub(crate) fn annotation(message: &str) -> String {
    format!("::error title=Drift gate::{}", data(message))
}

/// Something to know that changes no verdict.
pub(crate) fn warning(message: &str) -> String {
    format!("::warning title=Drift gate::{}", data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> Result<()> {
    for (finding, severity) in report.counted() {
        let command = match severity {
            _ if severity >= report.block_on => "error",
            Severity::Critical | Severity::Major => "warning",
            Severity::Minor => "notice",
        };
        writeln!(
            out,
            "::{command} title={}::{}",
            property(&format!("{} drift: {}", severity.word(), finding.address)),
            data(&format!(
                "{} [{}]. {}",
                happened(finding),
                finding.rule.id,
                explanation_with_money(finding, report)
            ))
        )?;
    }
    for line in expired(report) {
        writeln!(out, "{}", warning(&line))?;
    }
    for line in money::lines(report) {
        writeln!(out, "::notice title=Drift gate::{}", data(&line))?;
    }
    match report.outcome() {
        GateExit::Failed => writeln!(out, "{}", annotation(&report.sentence())),
        GateExit::Nothing | GateExit::Below | GateExit::Blocked => {
            writeln!(
                out,
                "::notice title=Drift gate::{}",
                data(&report.sentence())
            )
        }
    }
}
