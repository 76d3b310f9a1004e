//! For a comment on a pull request or the summary of a job: GitHub cuts a comment off at 65,536 characters.

use switchyard_engine::GateVerdict;

use crate::read::Deployment;
use crate::spark;
use crate::story::{self, Part};
use crate::text::{code, counted, cut, duration};
use crate::traffic;
use crate::words;

/// Longest text, in bytes. What a workflow writes around it has to fit as well.
const LONGEST: usize = 60_000;
/// What is kept for the words about what is missing.
const LAST_WORDS: usize = 500;
/// Slices of time in the line of traffic.
const SLICES: u32 = 40;
/// Longest sentence of others.
const LONGEST_SENTENCE: usize = 400;
/// Most events that are listed: the last ones.
const MOST_EVENTS: usize = 20;

/// Text that stops before it is too long.
#[derive(Debug, Default)]
struct Page {
    text: String,
    missing: usize,
}

impl Page {
    /// Adds a part if all of it fits.
    fn push(&mut self, part: &str) -> bool {
        let fits = self.text.len() + part.len() + LAST_WORDS <= LONGEST;
        match fits {
            true => self.text.push_str(part),
            false => self.missing += 1,
        }
        fits
    }
}

/// All deployments: first how each ended, then each by itself.
pub fn markdown(deployments: &[Deployment]) -> String {
    let mut page = Page::default();
    if deployments.len() > 1 {
        page.push(&format!(
            "### {}\n\n",
            counted(deployments.len(), "deployment", "deployments")
        ));
        page.push("| | Service | To | Ended | Took | Traffic of the new revision |\n|---|---|---|---|---|---|\n");
        for deployment in deployments {
            page.push(&row(deployment));
        }
        page.push("\n");
    }
    for deployment in deployments {
        one(&mut page, deployment);
    }
    if page.missing > 0 {
        page.text.push_str(&format!(
            "\nNot shown, because comments end at 65,536 characters: {}. `switchyard report` without `--format` makes a \
             page with all.\n",
            counted(page.missing, "part", "parts")
        ));
    }
    page.text
}

fn row(deployment: &Deployment) -> String {
    let record = &deployment.record;
    let line = spark::line(record, SLICES / 2);
    let line = match line.is_empty() {
        true => String::new(),
        false => code(&line),
    };
    format!(
        "| {} | {} | {} | {} | {} | {line} |\n",
        words::mood(record.outcome).sign(),
        code(&cut(
            &format!("{}/{}", deployment.cluster, deployment.service),
            120
        )),
        code(&cut(words::revision(&record.to_task_definition), 120)),
        words::label(record.outcome),
        duration(record.duration_seconds),
    )
}

fn one(page: &mut Page, deployment: &Deployment) {
    let record = &deployment.record;
    let heading = format!(
        "### {} {} {}\n\n{}\n\n",
        words::mood(record.outcome).sign(),
        code(&cut(
            &format!("{}/{}", deployment.cluster, deployment.service),
            120
        )),
        words::ended(record.outcome),
        paragraph(deployment)
    );
    // Without its heading, nothing of it would be understood.
    if !page.push(&heading) {
        return;
    }
    page.push(&picture(deployment));
    gates(page, deployment);
    failure(page, deployment);
    events(page, deployment);
}

fn paragraph(deployment: &Deployment) -> String {
    let parts = story::tell(deployment).into_iter();
    parts
        .map(|part| match part {
            Part::Name(name) => code(&cut(&name, 200)),
            Part::Quote(text) => code(&cut(&text, LONGEST_SENTENCE)),
            Part::Words(text) => text,
        })
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// The traffic as a line of blocks, with its weights.
fn picture(deployment: &Deployment) -> String {
    let line = spark::line(&deployment.record, SLICES);
    if line.is_empty() {
        return String::new();
    }
    let shares = traffic::shares(&deployment.record);
    let weights: Vec<String> = shares
        .iter()
        .take(8)
        .map(|share| format!("{} %", share.share))
        .collect();
    let weights = match weights.is_empty() {
        true => "no traffic".to_owned(),
        false => weights.join(", "),
    };
    format!("Traffic of the new revision: {} {weights}\n\n", code(&line))
}

fn gates(page: &mut Page, deployment: &Deployment) {
    let gates = &deployment.record.gates;
    if gates.is_empty() {
        return;
    }
    if !page.push("| Gate | When | Verdict | What decided it |\n|---|---|---|---|\n") {
        return;
    }
    for gate in gates {
        let sign = match gate.verdict {
            GateVerdict::Failed => "❌",
            GateVerdict::Inconclusive => "⚠️",
            GateVerdict::NoData => "➖",
            GateVerdict::Passed => "✅",
        };
        let observes = match gate.observe_only {
            true => ", observes only",
            false => "",
        };
        page.push(&format!(
            "| {} | {} | {sign} {}{observes} | {} |\n",
            code(&cut(&gate.gate, 120)),
            words::moment(&gate.moment, gate.weight),
            words::verdict(gate.verdict),
            code(&cut(&gate.message, LONGEST_SENTENCE)),
        ));
    }
    page.push("\n");
}

fn failure(page: &mut Page, deployment: &Deployment) {
    let Some(failure) = &deployment.record.failure else {
        return;
    };
    let mut text = format!(
        "**{}** {}\n\n",
        code(&cut(&failure.code, 20)),
        code(&cut(&failure.summary, LONGEST_SENTENCE))
    );
    let sentences = std::iter::once(&failure.now)
        .chain(&failure.why)
        .chain(std::iter::once(&failure.next));
    for line in sentences.flat_map(|text| text.lines()) {
        if !line.trim().is_empty() {
            text.push_str(&format!("> {}\n>\n", code(&cut(line, LONGEST_SENTENCE))));
        }
    }
    page.push(&format!("{}\n\n", text.trim_end_matches(['>', '\n'])));
}

fn events(page: &mut Page, deployment: &Deployment) {
    let events = &deployment.record.events;
    if events.is_empty() {
        return;
    }
    let left = events.len().saturating_sub(MOST_EVENTS);
    let title = match left {
        0 => counted(events.len(), "event of ECS", "events of ECS"),
        _ => format!("the last {MOST_EVENTS} of {} events of ECS", events.len()),
    };
    let mut text = format!("<details><summary>{title}</summary>\n\n");
    for event in events.iter().skip(left) {
        let at = event.at.to_zoned(jiff::tz::TimeZone::UTC);
        text.push_str(&format!(
            "- {} {}\n",
            at.strftime("%H:%M:%S"),
            code(&cut(&event.message, LONGEST_SENTENCE))
        ));
    }
    text.push_str("\n</details>\n\n");
    page.push(&text);
}
