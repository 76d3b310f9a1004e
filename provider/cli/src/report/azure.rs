//! Commands of Azure Pipelines that show errors and warnings beside a job: the verdict first, then the worst.

use std::io::{Result, Write};

use super::{expired_in, explanation_with_money, happened, limits, money, neutral, place};
use crate::answer::Answer;
use crate::finding::GateExit;

/// Something to know that changes no verdict.
pub(super) fn warning(message: &str) -> String {
    issue("warning", None, message)
}

/// Azure Pipelines knows errors and warnings.
fn issue(kind: &str, rule: Option<&str>, message: &str) -> String {
    let code = rule.map_or_else(String::new, |rule| format!("code={};", property(rule)));
    format!("##vso[task.logissue type={kind};{code}]{}", data(message))
}

fn data(text: &str) -> String {
    neutral(text)
        .replace('%', "%AZP25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}

pub(super) fn write(answer: &Answer, out: &mut dyn Write) -> Result<()> {
    let verdict = match answer.plans.as_slice() {
        [plan] => plan.sentence().into_owned(),
        _ => answer.sentence(),
    };
    match answer.outcome() {
        GateExit::Nothing => writeln!(out, "{}", data(&verdict))?,
        GateExit::Below => writeln!(out, "{}", warning(&verdict))?,
        GateExit::Incomplete | GateExit::Blocked | GateExit::Failed => {
            writeln!(out, "{}", issue("error", None, &verdict))?;
        }
    }
    if answer.is_several() {
        for message in answer.failures() {
            writeln!(out, "{}", issue("error", None, message))?;
        }
    }
    for (_, report) in answer.reports() {
        for line in limits::lines(report) {
            writeln!(out, "{}", warning(&line))?;
        }
    }
    for found in answer.worst_first() {
        let kind = match found.severity >= found.report.block_on {
            true => "error",
            false => "warning",
        };
        let message = format!(
            "{} drift: {}: {}. {}",
            found.severity.name(),
            place(&found, answer),
            happened(found.finding),
            explanation_with_money(found.finding, found.report)
        );
        let line = issue(kind, Some(found.finding.rule.id), &message);
        writeln!(out, "{line}")?;
    }
    for line in expired_in(answer) {
        writeln!(out, "{}", warning(&line))?;
    }
    for (_, report) in answer.reports() {
        for line in money::lines(report) {
            writeln!(out, "{}", data(&line))?;
        }
    }
    Ok(())
}
