//! For people at a terminal or reading a job's log.

use std::io::{Result, Write};

use super::neutral::Neutral;
use super::{accepted, detail, expired, explanation, happened, limits, money, plain};
use crate::answer::{Answer, Judged};
use crate::finding::{DriftFinding, GateExit, Report, What};
use crate::plan::Shown;
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

/// Most parts of one difference in lines of their own.
const PARTS: usize = 30;

pub(super) fn write(answer: &Answer, color: bool, out: &mut dyn Write) -> Result<()> {
    let mut out = Neutral::new(out);
    let out = &mut out;
    match answer.plans.as_slice() {
        // Standard error says why there is no report.
        [plan] => {
            if let Ok(report) = &plan.result {
                write_report(report, color, out)?;
            }
        }
        plans => {
            for plan in plans {
                write_plan(plan, color, out)?;
            }
            let verdict = painted(&answer.sentence(), paint_of(answer.outcome()), color);
            writeln!(out, "{verdict}")?;
        }
    }
    out.flush()
}

fn write_plan(plan: &Judged, color: bool, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{}", painted(&plain(&plan.name), BOLD, color))?;
    match &plan.result {
        Ok(report) => write_report(report, color, out)?,
        Err(message) => writeln!(out, "{}", painted(&plain(message), RED, color))?,
    }
    writeln!(out)
}

fn paint_of(outcome: GateExit) -> &'static str {
    match outcome {
        GateExit::Nothing => GREEN,
        GateExit::Below => YELLOW,
        GateExit::Failed | GateExit::Blocked | GateExit::Incomplete => RED,
    }
}

/// What differs: one line, or one for each part.
fn write_difference(finding: &DriftFinding, out: &mut dyn Write) -> Result<()> {
    let parts = match &finding.what {
        What::Changed { before, after, .. }
            if *before != Shown::Hidden && *after != Shown::Hidden =>
        {
            detail::parts(before, after)
        }
        What::Deleted | What::Found { .. } | What::Changed { .. } => Vec::new(),
    };
    if parts.len() < 2 {
        return writeln!(out, "  {} [{}]", happened(finding), finding.rule.id);
    }
    writeln!(
        out,
        "  {}: [{}]",
        plain(finding.what.attribute()),
        finding.rule.id
    )?;
    for part in parts.iter().take(PARTS) {
        writeln!(out, "      {}", part.text())?;
    }
    if parts.len() > PARTS {
        writeln!(out, "      and {} more", parts.len() - PARTS)?;
    }
    Ok(())
}

fn write_report(report: &Report, color: bool, out: &mut dyn Write) -> Result<()> {
    let verdict = paint_of(report.outcome());
    writeln!(out, "{}", painted(&report.sentence(), verdict, color))?;
    for line in limits::lines(report) {
        writeln!(out, "{line}")?;
    }
    for severity in [Severity::Critical, Severity::Major, Severity::Minor] {
        for (finding, _) in report.counted().filter(|(_, s)| *s == severity) {
            writeln!(
                out,
                "\n{} {}",
                painted(severity.name(), paint(severity), color),
                painted(&plain(&finding.address), BOLD, color)
            )?;
            write_difference(finding, out)?;
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
    if report.accepted().next().is_some() {
        writeln!(out, "\nAccepted:")?;
    }
    for line in accepted(report) {
        writeln!(out, "  {line}")?;
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
