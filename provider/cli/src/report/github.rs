//! Annotations of GitHub Actions, one line each: the verdict first, then the worst. A step shows ten of each kind.

use std::io::{Result, Write};

use super::{counted, expired_in, explanation_with_money, happened, limits, money, place};
use crate::answer::{Answer, Counted};
use crate::finding::GateExit;
use crate::rules::Severity;

/// Annotations of one kind that GitHub shows for one step.
const SHOWN: usize = 10;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Error,
    Warning,
    Notice,
}

impl Kind {
    fn command(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }

    fn of(counted: &Counted<'_>) -> Self {
        match counted.severity {
            severity if severity >= counted.report.block_on => Self::Error,
            Severity::Critical | Severity::Major => Self::Warning,
            Severity::Minor => Self::Notice,
        }
    }
}

/// Something to know that changes no verdict.
pub(super) fn warning(message: &str) -> String {
    annotation(Kind::Warning, "Drift gate", message)
}

fn annotation(kind: Kind, title: &str, message: &str) -> String {
    format!(
        "::{} title={}::{}",
        kind.command(),
        property(title),
        data(message)
    )
}

/// Text behind a command.
pub(crate) fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A value in a command.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Lines of one kind, of which the first ten are shown.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    /// As many as are shown beside `other` lines of the same kind, and how many are not.
    fn fitting(&self, other: usize) -> (&[String], usize) {
        let count = self.0.len().min(SHOWN.saturating_sub(other));
        (
            self.0.get(..count).unwrap_or_default(),
            self.0.len() - count,
        )
    }
}

pub(super) fn write(answer: &Answer, out: &mut dyn Write) -> Result<()> {
    let kind = match answer.outcome() {
        GateExit::Nothing => Kind::Notice,
        GateExit::Below => Kind::Warning,
        GateExit::Incomplete | GateExit::Blocked | GateExit::Failed => Kind::Error,
    };
    let verdict = match answer.plans.as_slice() {
        [plan] => plan.sentence().into_owned(),
        _ => answer.sentence(),
    };
    let (mut errors, mut warnings, mut notices) =
        (Lines::default(), Lines::default(), Lines::default());
    collect(answer, &mut errors, &mut warnings, &mut notices);
    let mut missing = 0;
    let mut lines = Vec::new();
    for (of, all) in [
        (Kind::Error, &errors),
        (Kind::Warning, &warnings),
        (Kind::Notice, &notices),
    ] {
        let (fitting, rest) = all.fitting(usize::from(of == kind));
        lines.extend(fitting);
        missing += rest;
    }
    let verdict = match missing {
        0 => verdict,
        missing => format!(
            "{verdict} GitHub shows ten annotations of each kind for a step: {} not shown; --format markdown or text \
             lists all.",
            counted(missing, "more is", "more are")
        ),
    };
    writeln!(out, "{}", annotation(kind, "Drift gate", &verdict))?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn collect(answer: &Answer, errors: &mut Lines, warnings: &mut Lines, notices: &mut Lines) {
    if answer.is_several() {
        for plan in &answer.plans {
            if let Err(message) = &plan.result {
                let title = format!("Drift gate: {}", plan.name);
                errors.0.push(annotation(Kind::Error, &title, message));
            }
        }
    }
    for (_, report) in answer.reports() {
        let partial = limits::lines(report);
        warnings.0.extend(partial.iter().map(|line| warning(line)));
    }
    for found in answer.worst_first() {
        let (kind, finding) = (Kind::of(&found), found.finding);
        let line = annotation(
            kind,
            &format!("{} drift: {}", found.severity.name(), place(&found, answer)),
            &format!(
                "{} [{}]. {}",
                happened(finding),
                finding.rule.id,
                explanation_with_money(finding, found.report)
            ),
        );
        match kind {
            Kind::Error => errors.0.push(line),
            Kind::Warning => warnings.0.push(line),
            Kind::Notice => notices.0.push(line),
        }
    }
    let lines = expired_in(answer);
    warnings.0.extend(lines.iter().map(|line| warning(line)));
    for (_, report) in answer.reports() {
        let lines = money::lines(report);
        notices.0.extend(
            lines
                .iter()
                .map(|line| annotation(Kind::Notice, "Drift gate", line)),
        );
    }
}
