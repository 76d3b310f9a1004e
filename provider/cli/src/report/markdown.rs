//! For a comment on a pull request, which GitHub cuts off at 65,536 characters and GitLab at a million.

use std::collections::HashSet;
use std::io::{Result, Write};

use switchyard_report::{code, plain, words};

use super::{accepted, counted, expired, explanation, happened, limits, money, place};
use crate::answer::{Answer, Counted, Judged};
use crate::finding::{DriftFinding, GateExit, Report};

/// Longest report, in bytes. What a workflow writes around it has to fit as well.
const LONGEST: usize = 60_000;
/// What is kept for what follows the table, in bytes.
const BEHIND_THE_TABLE: usize = 24_000;
/// What is kept for what follows the commands, in bytes.
const BEHIND_THE_COMMANDS: usize = 12_000;
/// What is kept for the words about what is missing.
const LAST_WORDS: usize = 1_000;

/// Text that stops before it is too long.
struct Page {
    text: String,
    /// Things left out, in words.
    missing: Vec<String>,
}

impl Page {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds text if it leaves room for `reserve` bytes.
    fn fits(&mut self, text: &str, reserve: usize) -> bool {
        let fits = self.text.len() + text.len() + reserve <= LONGEST;
        if fits {
            self.text.push_str(text);
        }
        fits
    }

    /// Adds lines as long as they fit; says how many do not.
    fn lines(
        &mut self,
        lines: impl Iterator<Item = String>,
        reserve: usize,
        (one, several): (&str, &str),
    ) {
        let mut lines = lines.peekable();
        while let Some(line) =
            lines.next_if(|line| self.text.len() + line.len() + reserve <= LONGEST)
        {
            self.text.push_str(&line);
        }
        let left = lines.count();
        if left > 0 {
            self.missing.push(counted(left, one, several));
        }
    }
}

pub(super) fn write(answer: &Answer, out: &mut dyn Write) -> Result<()> {
    let mut page = Page {
        text: String::new(),
        missing: Vec::new(),
    };
    write_verdict(answer, &mut page);
    let found = answer.worst_first();
    write_table(answer, &found, &mut page);
    write_commands(&found, &mut page);
    write_rest(answer, &mut page);
    if !page.missing.is_empty() {
        page.text.push_str(&format!(
            "\nNot shown, because comments end at 65,536 characters: {}. `--format text` lists all.\n",
            page.missing.join(", ")
        ));
    }
    out.write_all(page.text.as_bytes())
}

fn sign(outcome: GateExit) -> &'static str {
    match outcome {
        GateExit::Nothing => "✅",
        GateExit::Below => "⚠️",
        GateExit::Failed | GateExit::Blocked | GateExit::Incomplete => "⛔",
    }
}

/// The sentence of a plan; a message holds text of others.
fn sentence(plan: &Judged) -> String {
    match &plan.result {
        Ok(report) => report.sentence(),
        Err(message) => code(message),
    }
}

fn write_verdict(answer: &Answer, page: &mut Page) {
    page.push(&format!("### {} Drift gate\n", sign(answer.outcome())));
    if let [plan] = answer.plans.as_slice() {
        page.push(&format!("\n{}\n", sentence(plan)));
    } else {
        page.push(&format!("\n{}\n\n", answer.sentence()));
        let lines = answer.plans.iter().map(|plan| {
            format!(
                "- {} {}: {}\n",
                sign(plan.outcome()),
                code(&plan.name),
                sentence(plan)
            )
        });
        page.lines(lines, LONGEST / 2, ("plan", "plans"));
    }
    for (plan, report) in answer.reports() {
        for line in limits::lines(report) {
            let line = match answer.is_several() {
                true => format!("\n{}: {}\n", code(plan), code(&line)),
                false => format!("\n{}\n", code(&line)),
            };
            page.fits(&line, LONGEST / 2);
        }
    }
}

fn write_table(answer: &Answer, found: &[Counted<'_>], page: &mut Page) {
    if found.is_empty() {
        return;
    }
    page.push(
        "\n| | resource | difference | rule | meaning | money |\n|---|---|---|---|---|---|\n",
    );
    let rows = found.iter().map(|counted| {
        let finding = counted.finding;
        format!(
            "| {} | {} | {} | `{}` | {} | {} |\n",
            counted.severity.name(),
            code(&place(counted, answer)),
            code(&happened(finding)),
            finding.rule.id,
            meaning(finding),
            money::of(finding, &counted.report.prices)
                .map_or_else(String::new, |money| words(&money))
        )
    });
    page.lines(rows, BEHIND_THE_TABLE, ("difference", "differences"));
    for (_, report) in answer.reports() {
        for line in money::lines(report) {
            page.fits(&format!("\n{}\n", words(&line)), BEHIND_THE_TABLE);
        }
    }
}

/// Our own words, or code when values or addresses of others are in them.
fn meaning(finding: &DriftFinding) -> String {
    let text = explanation(finding);
    if finding.planned.is_some() || !finding.explained_by.is_empty() {
        code(&text)
    } else {
        words(&text)
    }
}

fn write_commands(found: &[Counted<'_>], page: &mut Page) {
    if found.is_empty() {
        return;
    }
    page.push("\n<details><summary>Commands</summary>\n\n```sh\n");
    let mut written = HashSet::new();
    // Several attributes of one resource are put right by the same command.
    let commands: Vec<String> = found
        .iter()
        .flat_map(|counted| &counted.finding.remedies)
        .filter(|remedy| written.insert((&remedy.purpose, remedy.command.as_str())))
        .map(|remedy| {
            format!(
                "# {}\n{}\n",
                remedy.purpose,
                plain(&remedy.command).replace("```", "")
            )
        })
        .collect();
    page.lines(
        commands.into_iter(),
        BEHIND_THE_COMMANDS,
        ("command", "commands"),
    );
    page.push("```\n\n</details>\n");
}

fn write_rest(answer: &Answer, page: &mut Page) {
    for (plan, report) in answer.reports() {
        if answer.is_several() && has_rest(report) {
            page.fits(&format!("\n#### {}\n", code(plan)), LAST_WORDS);
        }
        let allowed = report.allowed().map(|(finding, reason, until)| {
            format!(
                "\nAllowed until {until}: {} {} ({}){}\n",
                code(&finding.address),
                code(&happened(finding)),
                code(reason),
                money::of(finding, &report.prices)
                    .map_or_else(String::new, |m| format!(". Money: {}", words(&m)))
            )
        });
        page.lines(
            allowed,
            LAST_WORDS,
            ("allowed difference", "allowed differences"),
        );
        page.lines(
            accepted(report).map(|line| format!("\n{}\n", code(&line))),
            LAST_WORDS,
            ("accepted difference", "accepted differences"),
        );
        for line in expired(report) {
            page.fits(&format!("\n{}\n", code(&line)), LAST_WORDS);
        }
        if report.count_expected() > 0 {
            let line = counted(
                report.count_expected(),
                "expected difference",
                "expected differences",
            );
            page.fits(&format!("\n{line}.\n"), LAST_WORDS);
        }
        if report.configured().next().is_none() && report.outputs.is_empty() {
            continue;
        }
        page.fits(
            "\nPending changes of the configuration (not drift):\n\n",
            LAST_WORDS,
        );
        let changes = report
            .configured()
            .map(|pending| format!("- {} {}\n", words(&pending.action), code(&pending.address)));
        let outputs = report
            .outputs
            .iter()
            .map(|output| format!("- change output {}\n", code(output)));
        page.lines(
            changes.chain(outputs),
            LAST_WORDS,
            ("pending change", "pending changes"),
        );
    }
}

/// Whether anything is written below the table for this plan.
fn has_rest(report: &Report) -> bool {
    report.allowed().next().is_some()
        || report.accepted().next().is_some()
        || !report.expired.is_empty()
        || !report.unused.is_empty()
        || report.count_expected() > 0
        || report.configured().next().is_some()
        || !report.outputs.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_whatever_stands_in_it() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(code("```\n<script>"), "```` ```\u{fffd}<script> ````");
        assert_eq!(code("@team #1 $x$"), "`@team #1 $x$`");
    }
}
