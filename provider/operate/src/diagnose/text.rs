//! A diagnosis for people.

use super::issue::{Check, HealthArea, Issue, IssueSeverity, Outcome};
use super::rightsize::Rightsizing;
use super::{Diagnosis, Sizing};
use crate::console::{Tone, neutral, painted};

fn tone(severity: IssueSeverity) -> Tone {
    match severity {
        IssueSeverity::Critical | IssueSeverity::Major => Tone::Bad,
        IssueSeverity::Minor => Tone::Busy,
    }
}

/// Everything about one service.
pub(super) fn block(diagnosis: &Diagnosis, color: bool) -> String {
    let score = &diagnosis.score;
    let good = match score.total {
        80.. => Tone::Good,
        60..=79 => Tone::Busy,
        0..=59 => Tone::Bad,
    };
    let areas: Vec<String> = HealthArea::ALL
        .iter()
        .map(|area| match score.of_area(*area) {
            Some(number) => format!("{} {number}", area.word()),
            None => format!("{} not checked", area.word()),
        })
        .collect();
    let mut text = format!(
        "{} in cluster {}: {} ({})\n",
        neutral(&diagnosis.service),
        neutral(&diagnosis.cluster),
        painted(
            &format!("{} of 100, {}", score.total, score.band.word()),
            good,
            color
        ),
        areas.join(", ")
    );
    if diagnosis.issues.is_empty() {
        text.push_str("  No issues were found.\n");
    }
    for issue in &diagnosis.issues {
        text.push_str(&of_issue(issue, color));
    }
    for check in &diagnosis.checks {
        if let Some(line) = not_checked(check) {
            text.push_str(&format!("\n  not checked  {line}\n"));
        }
    }
    match &diagnosis.sizing {
        Sizing::NotAsked => {}
        Sizing::Unknown { why } => {
            text.push_str(&format!(
                "\n  size         Nothing can be advised. {}\n",
                neutral(why)
            ));
        }
        Sizing::Judged(found) => text.push_str(&of_size(found)),
    }
    text
}

fn of_issue(issue: &Issue, color: bool) -> String {
    let word = painted(issue.severity.word(), tone(issue.severity), color);
    let pad = " ".repeat(11_usize.saturating_sub(issue.severity.word().len()));
    let mut text = format!("\n  {word}{pad}  {}\n", neutral(&issue.title));
    let mut add = |name: &str, line: &str| {
        text.push_str(&format!("    {name:<9}  {}\n", neutral(line)));
    };
    add("affects", &issue.affects);
    add("cause", &issue.cause);
    for (index, line) in issue.evidence.iter().enumerate() {
        add(if index == 0 { "seen" } else { "" }, line);
    }
    for (index, step) in issue.steps.iter().enumerate() {
        add(
            if index == 0 { "do" } else { "" },
            &format!("{}. {step}", index + 1),
        );
    }
    add("prevent", &issue.prevention);
    text
}

fn not_checked(check: &Check) -> Option<String> {
    match &check.outcome {
        Outcome::NotChecked { why } => Some(format!("{}: {}", check.name, neutral(why))),
        Outcome::Checked { .. } | Outcome::NotApplicable => None,
    }
}

fn of_size(found: &Rightsizing) -> String {
    let mut text = format!(
        "\n  size         {} (confidence {})\n",
        found.advice.word(),
        found.confidence.word()
    );
    let mut add = |name: &str, line: &str| {
        text.push_str(&format!("    {name:<9}  {}\n", neutral(line)));
    };
    add(
        "now",
        &format!(
            "{} CPU units, {} MiB, {} tasks",
            found.now.cpu, found.now.memory, found.tasks
        ),
    );
    if found.then != found.now {
        add(
            "then",
            &format!("{} CPU units, {} MiB", found.then.cpu, found.then.memory),
        );
    }
    for (index, reason) in found.reasons.iter().enumerate() {
        add(if index == 0 { "seen" } else { "" }, reason);
    }
    match (&found.money, &found.money_unknown) {
        (Some(money), _) if found.then == found.now => add(
            "money",
            &format!(
                "{:.2} {} a month ({})",
                money.now, money.currency, money.source
            ),
        ),
        (Some(money), _) => add(
            "money",
            &format!(
                "{:.2} {} a month now, {:.2} then: {:+.2} ({})",
                money.now,
                money.currency,
                money.then,
                money.then - money.now,
                money.source
            ),
        ),
        (None, Some(why)) => add("money", &format!("unknown: {why}")),
        (None, None) => {}
    }
    add("effect", &found.performance);
    if let Some(hcl) = &found.hcl {
        text.push('\n');
        for line in hcl.lines() {
            text.push_str(format!("    {line}").trim_end());
            text.push('\n');
        }
    }
    text
}
