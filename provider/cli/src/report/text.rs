//! For people at a terminal or reading a job's log.

use std::io::{Result, Write};

use super::{expired, explanation, happened, money, plain};
use crate::finding::{GateExit, Report};
use crate::rules::Severity;

const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
const GREEN: &str = "\x1b[32m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

fn painted(text: &str, paint: &str, color: bool) -> String {
    if color {
        format!("{paint}{text}{RESET}")
    } else {
        text.to_owned()
    }
}

fn paint(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => RED,
        Severity::Major => YELLOW,
        Severity::Minor => CYAN,
    }
}

pub(super) fn write(report: &Report, color: bool, out: &mut dyn Write) -> Result<()> {
    let verdict = match report.outcome() {
        GateExit::Nothing => GREEN,
        GateExit::Below => YELLOW,
        GateExit::Failed | GateExit::Blocked => RED,
    };
    writeln!(out, "{}", painted(&report.sentence(), verdict, color))?;
    for severity in [Severity::Critical, Severity::Major, Severity::Minor] {
        for (finding, _) in report.counted().filter(|(_, s)| *s == severity) {
            writeln!(
                out,
                "\n{} {}",
                painted(severity.word(), paint(severity), color),
                painted(&plain(&finding.address), BOLD, color)
            )?;
            writeln!(out, "  {} [{}]", happened(finding), finding.rule.id)?;
            writeln!(out, "  {}", explanation(finding))?;
            if let Some(money) = money::of(finding, &report.prices) {
                writeln!(out, "  Money: {money}.")?;
            }
            for remedy in &finding.remedies {
                writeln!(
                    out,
                    "  - {}:\n      {}",
                    remedy.purpose,
                    plain(&remedy.command)
                )?;
            }
        }
    }
    for (number, line) in money::lines(report).iter().enumerate() {
        let space = if number == 0 { "\n" } else { "" };
        writeln!(out, "{space}{line}")?;
    }
    if report.allowed().next().is_some() {
        writeln!(out, "\nAllowed:")?;
    }
    for (finding, reason, until) in report.allowed() {
        writeln!(
            out,
            "  {} {} until {until}: {}{}",
            plain(&finding.address),
            happened(finding),
            plain(reason),
            money::of(finding, &report.prices)
                .map_or_else(String::new, |m| format!(". Money: {m}"))
        )?;
    }
    if report.count_expected() > 0 {
        writeln!(
            out,
            "\n{} expected differences are not shown; --format json lists them.",
            report.count_expected()
        )?;
    }
    for line in expired(report) {
        writeln!(out, "\n{line}")?;
    }
    if report.configured().next().is_some() || !report.outputs.is_empty() {
        writeln!(out, "\nPending changes of the configuration (not drift):")?;
    }
    for pending in report.configured() {
        writeln!(
            out,
            "  {} {}",
            plain(&pending.action),
            plain(&pending.address)
        )?;
    }
    for output in &report.outputs {
        writeln!(out, "  change output {}", plain(output))?;
    }
    Ok(())
}
