//! The report in its forms.

mod github;
mod json;
mod junit;
mod markdown;
mod money;
mod sarif;
mod text;

use std::io::{Result, Write};

use crate::arguments::Format;
use crate::finding::{DriftFinding, Fate, Report, What};
use crate::plan::Shown;

pub(crate) use github::{annotation, warning};

pub(crate) fn write(
    report: &Report,
    format: Format,
    color: bool,
    out: &mut dyn Write,
) -> Result<()> {
    match format {
        Format::Text => text::write(report, color, out),
        Format::Markdown => markdown::write(report, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Github => github::write(report, out),
    }
}

/// Longest value in a report for people, in characters; JSON has it whole.
const LONGEST: usize = 160;

/// A value in one line, without control characters, which could write anything to a terminal.
fn value(shown: &Shown) -> String {
    let text = match shown {
        Shown::Nothing => "(nothing)".to_owned(),
        Shown::Hidden => "(sensitive)".to_owned(),
        Shown::Value(value) => value.to_string(),
    };
    let mut line: String = text.chars().take(LONGEST).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    plain(&line)
}

/// Text without control characters.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// What happened, in one line.
fn happened(finding: &DriftFinding) -> String {
    match &finding.what {
        What::Deleted => "deleted".to_owned(),
        What::Changed { before, after, .. }
            if *before == Shown::Hidden && *after == Shown::Hidden =>
        {
            format!("{} changed (sensitive)", plain(finding.what.attribute()))
        }
        What::Changed { before, after, .. } => format!(
            "{} = {} -> {}",
            plain(finding.what.attribute()),
            value(before),
            value(after)
        ),
    }
}

fn fate(finding: &DriftFinding) -> &'static str {
    match (finding.fate, &finding.what) {
        (Fate::Changed, What::Changed { .. }) => "Apply changes it again.",
        (Fate::Changed, What::Deleted) => "Apply creates it again.",
        (Fate::Left, _) => "Apply leaves it as it is.",
        (Fate::Untold, _) => "This plan does not say what an apply does with it.",
    }
}

fn fate_word(fate: Fate) -> &'static str {
    match fate {
        Fate::Changed => "changed",
        Fate::Left => "left",
        Fate::Untold => "unknown",
    }
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
    text
}

/// Lines about entries of the allow-list that ended.
fn expired(report: &Report) -> impl Iterator<Item = String> {
    report.expired.iter().map(|allowance| {
        format!(
            "The allowance of {} {} ended on {} and no longer counts ({}).",
            plain(&allowance.address),
            plain(allowance.what()),
            allowance.expires,
            plain(&allowance.reason)
        )
    })
}
