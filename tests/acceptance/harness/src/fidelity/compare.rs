//! Where two recordings of one story differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::recording::Recording;
use super::states::{Told, WATCHED, in_common, passes};

/// Seconds by which a time may differ, whatever its length: looks are that far apart.
const SLACK: f64 = 45.0;

/// How much longer a time may be, as a factor.
const FACTOR: f64 = 1.5;

/// One difference of an endpoint from the lab.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// An operation that was asked for at the endpoint alone.
    Operation {
        /// `service:Operation`.
        name: String,
    },
    /// An answer that could not be read.
    Unread {
        /// `service:Operation`.
        name: String,
        /// Why.
        why: String,
    },
    /// A member that the lab never answers with, or one that it always answers with and the endpoint never.
    Member {
        /// `service:Operation`.
        name: String,
        /// From the outside inwards; `[]` is each item of a list.
        path: String,
        /// Whether it was at the endpoint.
        there: bool,
    },
    /// A member of another kind.
    Kind {
        /// `service:Operation`.
        name: String,
        /// From the outside inwards.
        path: String,
        /// What it is there.
        there: String,
        /// What it is in the lab.
        lab: String,
    },
    /// A word that the lab never says.
    Word {
        /// `service:Operation`.
        name: String,
        /// From the outside inwards.
        path: String,
        /// The word.
        word: String,
    },
    /// An object whose states came in another order.
    States {
        /// What it is, and which one.
        object: String,
        /// Its states there.
        there: Vec<String>,
        /// Its states in the lab.
        lab: Vec<String>,
    },
    /// Something that took another time.
    Time {
        /// What it is, and which one.
        object: String,
        /// Seconds there.
        there: f64,
        /// Seconds in the lab.
        lab: f64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation { name } => write!(f, "{name} was asked for at the endpoint alone"),
            Self::Unread { name, why } => write!(f, "{name}: the answer could not be read: {why}"),
            Self::Member { name, path, there } => match there {
                true => write!(f, "{name}: only the endpoint answers with `{path}`"),
                false => write!(
                    f,
                    "{name}: the lab always answers with `{path}`, the endpoint never"
                ),
            },
            Self::Kind {
                name,
                path,
                there,
                lab,
            } => write!(
                f,
                "{name}: `{path}` is {there} at the endpoint and {lab} in the lab"
            ),
            Self::Word { name, path, word } => {
                write!(f, "{name}: only the endpoint says `{word}` in `{path}`")
            }
            Self::States { object, there, lab } => write!(
                f,
                "{object}: at the endpoint {}; in the lab {}",
                there.join(" → "),
                lab.join(" → ")
            ),
            Self::Time { object, there, lab } => {
                write!(
                    f,
                    "{object} took {there:.0} s at the endpoint and {lab:.0} s in the lab"
                )
            }
        }
    }
}

/// What answers to one operation look like, all together.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Kinds of value by member.
    pub(super) kinds: BTreeMap<String, BTreeSet<&'static str>>,
    /// Words by member.
    pub(super) words: BTreeMap<String, BTreeSet<String>>,
    /// How often an object was seen, and how often it had a member.
    objects: BTreeMap<String, usize>,
    members: BTreeMap<String, usize>,
}

/// All differences of what an endpoint answered from what the lab answered.
///
/// Looks are seconds apart, so that one play of a story does not show every moment of it. `kept` are answers of the lab to
/// earlier plays: what the lab has ever shown is no news.
#[must_use]
pub fn compare(there: &Recording, lab: &Recording, kept: &Recording) -> Vec<Finding> {
    let mut findings = Vec::new();
    for exchange in there.0.iter().chain(&lab.0) {
        if let Some(why) = &exchange.unread {
            let finding = Finding::Unread {
                name: exchange.name(),
                why: why.clone(),
            };
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    let lab_shapes = shapes(&[lab, kept]);
    for (name, there) in shapes(&[there]) {
        match lab_shapes.get(&name) {
            Some(lab) => differences(&name, &there, lab, &mut findings),
            None => findings.push(Finding::Operation { name }),
        }
    }
    for watched in &WATCHED {
        let (there, lab) = (watched.told(there), watched.told(lab));
        for number in 0..there.len().max(lab.len()) {
            let object = format!("{} {}", watched.kind, number + 1);
            of_object(object, there.get(number), lab.get(number), &mut findings);
        }
    }
    findings
}

/// The order of its states, and how long it took.
fn of_object(
    object: String,
    there: Option<&Told>,
    lab: Option<&Told>,
    findings: &mut Vec<Finding>,
) {
    let states = |told: Option<&Told>| {
        told.map_or_else(|| vec!["not there".to_owned()], |told| told.states.clone())
    };
    let seconds = (
        there.and_then(|told| told.seconds),
        lab.and_then(|told| told.seconds),
    );
    let (there, lab) = (states(there), states(lab));
    let (shared, also) = in_common(&there, &lab);
    if shared != also {
        findings.push(Finding::States {
            object: object.clone(),
            there: there.clone(),
            lab: lab.clone(),
        });
    }
    if let (Some(there), Some(lab)) = seconds
        && (there - lab).abs() > SLACK
        && there.max(lab) > there.min(lab) * FACTOR
    {
        findings.push(Finding::Time { object, there, lab });
    }
}

fn shapes(recordings: &[&Recording]) -> BTreeMap<String, Shape> {
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    for exchange in recordings.iter().flat_map(|recording| &recording.0) {
        // A refusal has members of its own.
        let name = match exchange.status {
            0..400 => exchange.name(),
            _ => format!("{} (refused)", exchange.name()),
        };
        shapes.entry(name).or_default().see("", &exchange.answer);
    }
    shapes
}

impl Shape {
    pub(super) fn see(&mut self, path: &str, value: &Value) {
        let kind = match value {
            // Absent, in another spelling.
            Value::Null => return,
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(text) => {
                if is_word(text) {
                    let words = self.words.entry(path.to_owned()).or_default();
                    words.insert(text.clone());
                }
                "a text"
            }
            Value::Array(items) => {
                let path = format!("{path}[]");
                items.iter().for_each(|item| self.see(&path, item));
                "a list"
            }
            Value::Object(members) => {
                *self.objects.entry(path.to_owned()).or_default() += 1;
                for (name, member) in members.iter().filter(|(_, member)| !member.is_null()) {
                    let path = inside(path, name);
                    *self.members.entry(path.clone()).or_default() += 1;
                    self.see(&path, member);
                }
                "an object"
            }
        };
        if !path.is_empty() {
            let kinds = self.kinds.entry(path.to_owned()).or_default();
            kinds.insert(kind);
        }
    }

    /// Whether every object that may have the member has it.
    fn always(&self, path: &str) -> bool {
        let seen = self.objects.get(outside(path)).copied();
        seen.is_some() && seen == self.members.get(path).copied()
    }
}

fn inside(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// The object that has a member.
fn outside(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(outer, _)| outer)
}

/// A word of AWS's: a state, a kind, a code. Names that the story gives have a hyphen.
fn is_word(text: &str) -> bool {
    let is_letters = text
        .chars()
        .all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '.' | '#'));
    (2..=60).contains(&text.len()) && is_letters && text.chars().any(|c| c.is_ascii_uppercase())
}

fn differences(name: &str, there: &Shape, lab: &Shape, findings: &mut Vec<Finding>) {
    let member = |path: &String, there: bool| Finding::Member {
        name: name.to_owned(),
        path: path.clone(),
        there,
    };
    for (path, kinds) in &there.kinds {
        match lab.kinds.get(path) {
            Some(known) if kinds.is_subset(known) => {}
            Some(known) => {
                let words =
                    |kinds: &BTreeSet<&str>| kinds.iter().copied().collect::<Vec<_>>().join(" or ");
                findings.push(Finding::Kind {
                    name: name.to_owned(),
                    path: path.clone(),
                    there: words(kinds),
                    lab: words(known),
                });
            }
            // What is in a member that is new is new as well.
            None if has_outer(findings, name, path) => {}
            None => findings.push(member(path, true)),
        }
    }
    for path in lab.members.keys().filter(|path| lab.always(path)) {
        let has_object = there.objects.contains_key(outside(path));
        if has_object && !there.members.contains_key(path) {
            findings.push(member(path, false));
        }
    }
    let none = BTreeSet::new();
    for (path, words) in &there.words {
        let known = lab.words.get(path).unwrap_or(&none);
        let news = words.difference(known);
        let news = news.filter(|word| lab.kinds.contains_key(path) && !passes(path, word));
        findings.extend(news.map(|word| Finding::Word {
            name: name.to_owned(),
            path: path.clone(),
            word: word.clone(),
        }));
    }
}

/// Whether a member that holds this one was told already.
fn has_outer(findings: &[Finding], name: &str, path: &str) -> bool {
    findings.iter().any(|found| {
        let Finding::Member {
            name: known,
            path: outer,
            ..
        } = found
        else {
            return false;
        };
        let rest = path.strip_prefix(outer.as_str());
        known == name && rest.is_some_and(|rest| rest.starts_with(['.', '[']))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::recording::Exchange;
    use super::*;

    fn recording(answers: &[(&str, Value)]) -> Recording {
        let exchanges = answers.iter().map(|(operation, answer)| Exchange {
            service: "ecs".to_owned(),
            operation: (*operation).to_owned(),
            at: 0.0,
            status: 200,
            input: Value::Null,
            answer: answer.clone(),
            text: None,
            unread: None,
        });
        Recording(exchanges.collect())
    }

    fn deployment(status: &str, finished: Option<f64>) -> (&'static str, Value) {
        let one = json!({
            "serviceDeploymentArn": "a", "status": status, "createdAt": 100.0, "finishedAt": finished,
        });
        (
            "DescribeServiceDeployments",
            json!({ "serviceDeployments": [one] }),
        )
    }

    fn told(there: &[(&str, Value)], lab: &[(&str, Value)]) -> Vec<String> {
        let findings = compare(&recording(there), &recording(lab), &Recording::default());
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_same_story_with_more_looks_is_the_same() {
        let (pending, done) = (
            deployment("PENDING", None),
            deployment("SUCCESSFUL", Some(160.0)),
        );
        let few = [pending.clone(), done.clone()];
        let many = [pending.clone(), pending, done.clone(), done];
        assert_eq!(told(&few, &many), Vec::<String>::new());
    }

    #[test]
    fn members_kinds_and_words_that_differ_are_named_with_who_has_them() {
        let there = json!({ "service": { "status": "ACTIVE", "count": 2, "new": { "inner": 1 } } });
        let lab = json!({ "service": { "status": "GONE", "count": "2", "old": true } });
        assert_eq!(
            told(
                &[("X", there), ("Y", json!({}))],
                &[("X", lab), ("Z", json!({}))]
            ),
            [
                "ecs:X: `service.count` is a number at the endpoint and a text in the lab",
                "ecs:X: only the endpoint answers with `service.new`",
                "ecs:X: the lab always answers with `service.old`, the endpoint never",
                "ecs:X: only the endpoint says `ACTIVE` in `service.status`",
                "ecs:Y was asked for at the endpoint alone",
            ]
        );
    }

    #[test]
    fn what_the_lab_shows_now_and_then_is_no_news_either_way() {
        let service = |more: Value| ("X", json!({ "services": [more] }));
        let (plain, more) = (
            service(json!({ "name": "a" })),
            service(json!({ "name": "a", "stopped": 1.0 })),
        );
        let both = [plain.clone(), more.clone()];
        assert_eq!(
            told(std::slice::from_ref(&plain), &both),
            Vec::<String>::new()
        );
        let (there, lab) = (recording(std::slice::from_ref(&more)), recording(&[plain]));
        assert_eq!(compare(&there, &lab, &Recording::default()).len(), 1);
        assert_eq!(compare(&there, &lab, &recording(&[more])), []);
    }

    #[test]
    fn a_state_that_no_look_met_is_no_difference_and_an_unknown_one_is() {
        let story = |statuses: &[&str]| -> Vec<(&'static str, Value)> {
            let shown = statuses.iter().map(|status| deployment(status, None));
            shown.collect()
        };
        let (whole, missed) = (
            story(&["PENDING", "IN_PROGRESS", "SUCCESSFUL"]),
            story(&["IN_PROGRESS", "SUCCESSFUL"]),
        );
        assert_eq!(told(&whole, &missed), Vec::<String>::new());
        assert_eq!(told(&missed, &whole), Vec::<String>::new());
        assert_eq!(
            told(&story(&["IN_PROGRESS", "VERIFYING", "SUCCESSFUL"]), &missed),
            [
                "ecs:DescribeServiceDeployments: only the endpoint says `VERIFYING` in `serviceDeployments[].status`"
            ]
        );
        assert_eq!(
            told(&story(&["IN_PROGRESS", "STOPPED"]), &missed)
                .pop()
                .as_deref(),
            Some(
                "service deployment 1: at the endpoint IN_PROGRESS → STOPPED; in the lab IN_PROGRESS → SUCCESSFUL"
            )
        );
    }

    #[test]
    fn another_order_of_states_and_another_time_are_told() {
        let words = ["PENDING", "IN_PROGRESS", "SUCCESSFUL"];
        let in_order = |order: [usize; 3], finished: f64| -> Vec<(&'static str, Value)> {
            let shown = order.map(|it| deployment(words[it], Some(finished)));
            shown.into()
        };
        assert_eq!(
            told(&in_order([1, 0, 2], 1000.0), &in_order([0, 1, 2], 200.0)),
            [
                "service deployment 1: at the endpoint IN_PROGRESS → PENDING → SUCCESSFUL; in the lab PENDING → \
                 IN_PROGRESS → SUCCESSFUL",
                "service deployment 1 took 900 s at the endpoint and 100 s in the lab",
            ]
        );
        // Half a minute more is how far looks are apart.
        assert_eq!(
            told(&in_order([0, 1, 2], 130.0), &in_order([0, 1, 2], 160.0)),
            Vec::<String>::new()
        );
    }
}
