//! The report in its forms.

mod azure;
mod detail;
mod each;
pub(crate) mod github;
mod gitlab;
mod json;
mod junit;
mod limits;
mod markdown;
mod money;
mod neutral;
pub(crate) mod sarif;
mod text;

use std::collections::BTreeSet;
use std::io::{Result, Write};

use serde_json::Value;
use switchyard_report::plain;

use crate::answer::{Answer, Counted};
use crate::arguments::Format;
use crate::finding::{DriftFinding, Report, What};
use crate::plan::{Shown, is_exact_number};

use each::Each;

pub(crate) use neutral::line as neutral;

/// Writes the report, also when nothing could be judged: then it says why.
pub(crate) fn write(
    answer: &Answer,
    format: Format,
    color: bool,
    out: &mut dyn Write,
) -> Result<()> {
    match format {
        Format::Text => text::write(answer, color, out),
        Format::Markdown => markdown::write(answer, out),
        Format::Json => json::write(answer, out),
        Format::Sarif => sarif::write(answer, out),
        Format::Junit => junit::write(answer, out),
        Format::Github => github::write(answer, out),
        Format::Gitlab => gitlab::write(answer, out),
        Format::Azure => azure::write(answer, out),
    }
}

/// Writes something to know that changes no verdict, where the format has a place for it.
pub(crate) fn warn(message: &str, format: Format, out: &mut dyn Write) -> Result<()> {
    match format {
        Format::Github => writeln!(out, "{}", github::warning(message)),
        Format::Azure => writeln!(out, "{}", azure::warning(message)),
        Format::Text
        | Format::Markdown
        | Format::Json
        | Format::Sarif
        | Format::Junit
        | Format::Gitlab => Ok(()),
    }
}

/// Most parts of one difference in a line.
const PARTS_IN_A_LINE: usize = 6;

/// A value as it is written in words: numbers of any size without quotation marks.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "(nothing)".to_owned(),
        Value::String(text) if is_exact_number(text) => text.clone(),
        value => value.to_string(),
    }
}

/// A number of things with its word.
fn counted(count: usize, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    }
}

fn counted_days(days: i64) -> String {
    match days {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// Lines about what was accepted.
fn accepted(report: &Report) -> impl Iterator<Item = String> {
    report.accepted().map(|(finding, reason, on)| {
        format!(
            "{} {} accepted on {on}: {}",
            plain(&finding.address),
            happened(finding),
            plain(reason)
        )
    })
}

/// What happened, in one line.
fn happened(finding: &DriftFinding) -> String {
    let (before, after) = match &finding.what {
        What::Deleted => return "deleted".to_owned(),
        What::Found { name } => return format!("{}, which no state has", plain(name)),
        What::Changed { before, after, .. } => (before, after),
    };
    let attribute = plain(finding.what.attribute());
    if *before == Shown::Hidden || *after == Shown::Hidden {
        return format!("{attribute} changed (sensitive)");
    }
    let parts = detail::parts(before, after);
    match parts.as_slice() {
        [] => format!("{attribute} changed (sensitive)"),
        [
            detail::Part {
                at,
                how: detail::How::Changed(before, after),
            },
        ] if at.is_empty() => format!("{attribute} = {before} -> {after}"),
        parts => {
            let mut texts: Vec<String> = parts
                .iter()
                .take(PARTS_IN_A_LINE)
                .map(detail::Part::text)
                .collect();
            let more = parts.len().saturating_sub(PARTS_IN_A_LINE);
            if more > 0 {
                texts.push(format!("and {more} more"));
            }
            format!("{attribute}: {}", texts.join("; "))
        }
    }
}

fn fate(finding: &DriftFinding) -> String {
    plain(&finding.becomes())
}

/// Meaning, advice, an allowance that ended and money, as sentences.
fn explanation_with_money(finding: &DriftFinding, report: &Report) -> String {
    let mut text = explanation(finding);
    if let Some(money) = money::of(finding, &report.prices) {
        text.push_str(&format!(" Money: {money}."));
    }
    text
}

/// Meaning, advice and an allowance that ended, as sentences.
fn explanation(finding: &DriftFinding) -> String {
    let mut text = format!(
        "{} {} {}",
        finding.rule.meaning,
        finding.rule.advice,
        fate(finding)
    );
    if let Some(day) = finding.expired {
        text.push_str(&format!(" It was allowed until {day}."));
    }
    if let Some(day) = finding.accepted_before {
        text.push_str(&format!(" It was accepted on {day} with another value."));
    }
    if let Some(culprit) = &finding.culprit {
        text.push_str(&format!(" {}", plain(&culprit.sentence())));
    }
    match finding.seen {
        Some(seen) if seen.is_new => text.push_str(" It is new."),
        Some(seen) => text.push_str(&format!(
            " It was first seen {} ago.",
            counted_days(seen.days())
        )),
        None => {}
    }
    text
}

/// Lines about entries of the allow-list that ended, or that nothing needs.
fn expired(report: &Report) -> impl Iterator<Item = String> {
    let unused = report.unused.iter().map(|allowance| {
        format!(
            "The allowance of {} {} fits no drift; remove it if it is no longer needed ({}).",
            plain(&allowance.address),
            plain(allowance.what()),
            plain(&allowance.reason)
        )
    });
    let ended = report.expired.iter().map(|allowance| {
        format!(
            "The allowance of {} {} ended on {} and no longer counts ({}).",
            plain(&allowance.address),
            plain(allowance.what()),
            allowance.expires,
            plain(&allowance.reason)
        )
    });
    ended.chain(unused)
}

/// The same lines for all plans, each once: they share the list.
fn expired_in(answer: &Answer) -> BTreeSet<String> {
    answer
        .reports()
        .flat_map(|(_, report)| expired(report))
        .collect()
}

/// The address, with the plan when there are several.
fn place(counted: &Counted<'_>, answer: &Answer) -> String {
    if answer.is_several() {
        format!("{} in {}", counted.finding.address, counted.plan)
    } else {
        counted.finding.address.clone()
    }
}
