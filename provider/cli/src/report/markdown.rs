//! For a comment on a pull request.

use std::io::{Result, Write};

use super::{expired, explanation, happened, money, plain};
use crate::finding::{GateExit, Report};
use crate::rules::Severity;

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    let mut escaped = String::new();
    for c in plain(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // Mentions would call people.
            '@' => escaped.push_str("&#64;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> Result<()> {
    let sign = match report.outcome() {
        GateExit::Nothing => "✅",
        GateExit::Below => "⚠️",
        GateExit::Failed | GateExit::Blocked => "⛔",
    };
    writeln!(out, "### {sign} Drift gate\n\n{}", report.sentence())?;
    if report.counted().next().is_some() {
        writeln!(
            out,
            "\n| | resource | difference | rule | meaning | money |\n|---|---|---|---|---|---|"
        )?;
    }
    for severity in [Severity::Critical, Severity::Major, Severity::Minor] {
        for (finding, _) in report.counted().filter(|(_, s)| *s == severity) {
            writeln!(
                out,
                "| {} | {} | {} | `{}` | {} | {} |",
                severity.word(),
                cell(&finding.address),
                cell(&happened(finding)),
                finding.rule.id,
                cell(&explanation(finding)),
                cell(&money::of(finding, &report.prices).unwrap_or_default())
            )?;
        }
    }
    for line in money::lines(report) {
        writeln!(out, "\n{}", cell(&line))?;
    }
    write_remedies(report, out)?;
    for (finding, reason, until) in report.allowed() {
        writeln!(
            out,
            "\nAllowed until {until}: {} {} ({}){}",
            cell(&finding.address),
            cell(&happened(finding)),
            cell(reason),
            money::of(finding, &report.prices)
                .map_or_else(String::new, |m| format!(". Money: {}", cell(&m)))
        )?;
    }
    for line in expired(report) {
        writeln!(out, "\n{}", cell(&line))?;
    }
    if report.count_expected() > 0 {
        writeln!(out, "\n{} expected differences.", report.count_expected())?;
    }
    if report.configured().next().is_some() || !report.outputs.is_empty() {
        writeln!(out, "\nPending changes of the configuration (not drift):\n")?;
    }
    for pending in report.configured() {
        writeln!(
            out,
            "- {} {}",
            cell(&pending.action),
            cell(&pending.address)
        )?;
    }
    for output in &report.outputs {
        writeln!(out, "- change output {}", cell(output))?;
    }
    Ok(())
}

fn write_remedies(report: &Report, out: &mut dyn Write) -> Result<()> {
    if report.counted().next().is_none() {
        return Ok(());
    }
    writeln!(out, "\n<details><summary>Commands</summary>\n\n```sh")?;
    let mut written = Vec::new();
    for (finding, _) in report.counted() {
        for remedy in &finding.remedies {
            // Several attributes of one resource are put right by the same command.
            if written.contains(&remedy) {
                continue;
            }
            written.push(remedy);
            writeln!(
                out,
                "# {}\n{}",
                remedy.purpose,
                plain(&remedy.command).replace("```", "")
            )?;
        }
    }
    writeln!(out, "```\n\n</details>")
}
