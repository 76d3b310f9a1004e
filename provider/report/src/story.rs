//! What happened, in one paragraph.

use jiff::tz::TimeZone;
use switchyard_engine::{GateResult, GateVerdict};

use crate::read::Deployment;
use crate::text::{counted, duration};
use crate::traffic;
use crate::words;

/// Most weights and gates that are named.
const NAMED: usize = 8;

/// A part of the paragraph.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// A name, which is set as code.
    Name(String),
    /// Text of others: sentences of gates, alarms and failures.
    Quote(String),
    /// Our own words.
    Words(String),
}

/// Parts, one behind the other.
#[derive(Debug, Default)]
struct Story(Vec<Part>);

impl Story {
    fn say(&mut self, words: impl Into<String>) -> &mut Self {
        self.0.push(Part::Words(words.into()));
        self
    }

    fn name(&mut self, name: impl Into<String>) -> &mut Self {
        self.0.push(Part::Name(name.into()));
        self
    }

    fn quote(&mut self, text: impl Into<String>) -> &mut Self {
        self.0.push(Part::Quote(text.into()));
        self
    }
}

/// The paragraph.
pub(crate) fn tell(deployment: &Deployment) -> Vec<Part> {
    let record = &deployment.record;
    let mut story = Story::default();
    story.say("The deployment of ").name(&deployment.service);
    story.say(" in cluster ").name(&deployment.cluster);
    if let Some(from) = &record.from_task_definition {
        story.say(" from ").name(words::revision(from));
    }
    story
        .say(" to ")
        .name(words::revision(&record.to_task_definition))
        .say(format!(" {}. ", words::ended(record.outcome)));
    let (from, _) = traffic::span(record);
    let began = from.to_zoned(TimeZone::UTC);
    story.say(format!(
        "It began on {} UTC and took {}. ",
        began.strftime("%Y-%m-%d at %H:%M:%S"),
        duration(record.duration_seconds)
    ));
    shares(&mut story, deployment);
    gates(&mut story, &record.gates);
    if !record.alarms.is_empty() {
        story.say("ECS names the alarms that were in alarm: ");
        names(&mut story, record.alarms.iter().map(String::as_str));
        story.say(". ");
    }
    if let (Some(seconds), Some(from)) = (record.recovery_seconds, &record.from_task_definition) {
        story
            .say("After it was given up, all traffic was back on ")
            .name(words::revision(from))
            .say(format!(" within {}. ", duration(seconds)));
    }
    if let Some(failure) = &record.failure {
        story
            .say("The apply failed with ")
            .name(&failure.code)
            .say(": ")
            .quote(&failure.summary)
            .say(". ");
    }
    if let Some(freeze) = &deployment.freeze {
        story
            .say("A freeze held until ")
            .quote(&freeze.until)
            .say(" (")
            .quote(&freeze.freeze)
            .say("); it was overridden: ")
            .quote(&freeze.reason)
            .say(". ");
    }
    if record.quarantine {
        story.say(
            "Its images are in quarantine: they are not deployed again until you ask for it. ",
        );
    }
    story.0
}

fn names<'a>(story: &mut Story, names: impl Iterator<Item = &'a str>) {
    for (nth, name) in names.enumerate() {
        if nth == NAMED {
            story.say(", …");
            return;
        }
        if nth > 0 {
            story.say(", ");
        }
        story.name(name);
    }
}

fn shares(story: &mut Story, deployment: &Deployment) {
    let record = &deployment.record;
    let shares = traffic::shares(record);
    if shares.is_empty() {
        match traffic::stretches(record).is_empty() {
            true => story.say("AWS showed no weights while it ran. "),
            false => story.say("The new revision was given no traffic. "),
        };
        return;
    }
    if let Some(controller) = record.controller {
        story.say(format!(
            "{} gave the new revision ",
            words::controller(controller)
        ));
    } else {
        story.say("The new revision was given ");
    }
    for (nth, share) in shares.iter().take(NAMED).enumerate() {
        if nth > 0 {
            story.say(", then ");
        }
        story.say(format!(
            "{} % of the traffic for {}",
            share.share,
            duration(share.seconds())
        ));
    }
    let more = shares.len().saturating_sub(NAMED);
    if more > 0 {
        story.say(format!(", and {} more", counted(more, "weight", "weights")));
    }
    story.say(". ");
}

fn gates(story: &mut Story, gates: &[GateResult]) {
    let passed = gates
        .iter()
        .filter(|gate| gate.verdict == GateVerdict::Passed)
        .count();
    if passed > 0 {
        story.say(format!(
            "{} passed. ",
            counted(passed, "check of a gate", "checks of gates")
        ));
    }
    let spoke_against = |gate: &&GateResult| match gate.verdict {
        GateVerdict::Failed | GateVerdict::Inconclusive => true,
        GateVerdict::NoData | GateVerdict::Passed => false,
    };
    let against: Vec<_> = gates.iter().filter(spoke_against).collect();
    for gate in against.iter().take(NAMED) {
        story
            .say("Gate ")
            .name(&gate.gate)
            .say(format!(
                " {} {}: ",
                match gate.verdict {
                    GateVerdict::Failed => "failed",
                    GateVerdict::Inconclusive | GateVerdict::NoData | GateVerdict::Passed =>
                        "could not be decided",
                },
                words::moment(&gate.moment, gate.weight)
            ))
            .quote(&gate.message)
            .say(match gate.observe_only {
                true => "; it only observes. ",
                false => ". ",
            });
    }
    let more = against.len().saturating_sub(NAMED);
    if more > 0 {
        story.say(format!(
            "{} more spoke against it. ",
            counted(more, "check", "checks")
        ));
    }
}
