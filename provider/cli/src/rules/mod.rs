//! What a difference means: rules with ids, in tables. The first rule that fits wins; special ones stand before the
//! general ones.

mod aws;
mod clouds;
mod general;
mod ours;
mod turn;
mod unmanaged;
mod width;

use serde_json::Value;

use crate::glob;
use crate::plan::Difference;
use turn::Turn;

pub(crate) use switchyard_drift::Severity;

/// What a rule says of a difference.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Classification {
    /// Drift, whatever the plan does about it.
    Counts(Severity),
    /// Drift, unless the plan leaves it as it is: then the configuration leaves the attribute to others.
    CountsIfPlanned(Severity),
    /// Somebody else's to change.
    Expected,
}

/// What happened to a resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Event {
    /// It is gone.
    Deleted,
    /// An attribute that fits this pattern differs.
    Changed(&'static str),
    /// An attribute that fits this pattern took this turn.
    Turned(&'static str, Turn),
}

/// One rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Stable name, for overrides and reports.
    pub(crate) id: &'static str,
    /// Patterns of resource types.
    pub(crate) types: &'static [&'static str],
    pub(crate) events: &'static [Event],
    pub(crate) verdict: Classification,
    /// What it means, in a sentence.
    pub(crate) meaning: &'static str,
    /// What to look at before repairing it, in a sentence.
    pub(crate) advice: &'static str,
}

impl Rule {
    /// Whether it is about this difference, or about a deletion when there is none. `took` says which turns the value
    /// took.
    fn fits(
        &self,
        resource_type: &str,
        keys: Option<&[&str]>,
        took: &dyn Fn(Turn) -> bool,
    ) -> bool {
        self.events.iter().any(|event| match (event, keys) {
            (Event::Deleted, None) => true,
            (Event::Changed(pattern), Some(keys)) => is_at(pattern, keys),
            (Event::Turned(pattern, turn), Some(keys)) => is_at(pattern, keys) && took(*turn),
            (Event::Deleted, Some(_)) | (Event::Changed(_) | Event::Turned(..), None) => false,
        }) && self
            .types
            .iter()
            .any(|pattern| glob::matches(pattern, resource_type))
    }
}

fn is_at(pattern: &str, keys: &[&str]) -> bool {
    pattern == "*" || glob::covers(pattern, keys)
}

const CRITICAL: Classification = Classification::Counts(Severity::Critical);
const CRITICAL_IF_PLANNED: Classification = Classification::CountsIfPlanned(Severity::Critical);
const MAJOR: Classification = Classification::Counts(Severity::Major);
const MAJOR_IF_PLANNED: Classification = Classification::CountsIfPlanned(Severity::Major);
const MINOR: Classification = Classification::Counts(Severity::Minor);
const MINOR_IF_PLANNED: Classification = Classification::CountsIfPlanned(Severity::Minor);

const fn rule(
    id: &'static str,
    types: &'static [&'static str],
    events: &'static [Event],
    verdict: Classification,
    meaning: &'static str,
    advice: &'static str,
) -> Rule {
    Rule {
        id,
        types,
        events,
        verdict,
        meaning,
        advice,
    }
}

/// What a rule says, without where it applies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MatchedRule {
    pub(crate) id: &'static str,
    pub(crate) verdict: Classification,
    pub(crate) meaning: &'static str,
    pub(crate) advice: &'static str,
}

impl From<&'static Rule> for MatchedRule {
    fn from(rule: &'static Rule) -> Self {
        Self {
            id: rule.id,
            verdict: rule.verdict,
            meaning: rule.meaning,
            advice: rule.advice,
        }
    }
}

/// All judgements there are, the engine's included.
pub(crate) fn all() -> impl Iterator<Item = MatchedRule> {
    ours::all()
        .chain(tables().map(MatchedRule::from))
        .chain(unmanaged::RULES.into_iter().map(MatchedRule::from))
        .chain(unmanaged::OBJECTS.into_iter().map(MatchedRule::from))
}

/// The judgement of what the state holds and no resource gives. `difference` leads from nothing to it.
pub(crate) fn judge_unmanaged(difference: &Difference) -> MatchedRule {
    let turn = Turn::Wider;
    if turn.is_taken(&difference.path, &difference.raw) {
        (&unmanaged::ACCESS).into()
    } else {
        (&unmanaged::DENIAL).into()
    }
}

/// Stands for the attribute of an object that no state has, also in exceptions.
pub(crate) const OBJECT: &str = "(object)";

/// What is at stake with an object that no state has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stray {
    /// It takes requests where a state has something.
    Traffic,
    /// It runs or serves by itself.
    Object,
    /// Nothing depends on it.
    Leftover,
}

/// The judgement of an object that no state has.
pub(crate) fn judge_stray(stray: Stray) -> MatchedRule {
    let rule = match stray {
        Stray::Traffic => &unmanaged::TRAFFIC,
        Stray::Object => &unmanaged::OBJECT,
        Stray::Leftover => &unmanaged::LEFTOVER,
    };
    rule.into()
}

/// Whether both texts are policies that allow and deny the same, however they are written.
pub(crate) fn is_same_policy(a: &str, b: &str) -> bool {
    width::is_same_policy(a, b)
}

/// Whether the attribute allows something now that it did not before.
pub(crate) fn allows_more(attribute: &str, from: &Value, to: &Value) -> bool {
    width::is_wider(attribute, from, to)
}

/// The judgement of a difference, or of a deletion. `object` is the resource as it is now.
pub(crate) fn judge(
    resource_type: &str,
    difference: Option<&Difference>,
    object: &Value,
) -> MatchedRule {
    difference
        .and_then(|difference| ours::find(resource_type, difference, object))
        .unwrap_or_else(|| {
            let keys = difference.map(|difference| difference.path.keys());
            let took = |turn: Turn| {
                difference
                    .is_some_and(|difference| turn.is_taken(&difference.path, &difference.raw))
            };
            find(resource_type, keys.as_deref(), &took).into()
        })
}

/// All rules of the tables here, special ones first.
fn tables() -> impl Iterator<Item = &'static Rule> {
    ours::RULES
        .iter()
        .chain(general::FIRST)
        .chain(aws::tables())
        .chain(clouds::RULES)
        .chain(general::RULES)
}

/// The rule for a difference at `keys`, or for a deletion.
fn find(resource_type: &str, keys: Option<&[&str]>, took: &dyn Fn(Turn) -> bool) -> &'static Rule {
    tables()
        .find(|rule| rule.fits(resource_type, keys, took))
        .unwrap_or(match keys {
            Some(_) => &general::CHANGED,
            None => &general::DELETED,
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_words_and_texts_are_sentences() {
        let mut ids = BTreeSet::new();
        for rule in all() {
            assert!(ids.insert(rule.id), "{} twice", rule.id);
            assert!(
                rule.id
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-'),
                "{}",
                rule.id
            );
            assert!(rule.meaning.ends_with('.'), "{}", rule.id);
            assert!(rule.advice.ends_with('.'), "{}", rule.id);
        }
    }

    /// Whether the rule is the one for this type and event.
    fn is_found(rule: &Rule, resource_type: &str, event: &Event) -> bool {
        let (keys, taken): (Option<Vec<&str>>, _) = match event {
            Event::Deleted => (None, None),
            Event::Changed(pattern) => (Some(pattern.split('.').collect()), None),
            Event::Turned(pattern, turn) => (Some(pattern.split('.').collect()), Some(*turn)),
        };
        let took = |turn| Some(turn) == taken;
        find(resource_type, keys.as_deref(), &took).id == rule.id
    }

    /// Rules name types of which not each has every attribute, so one of them has to be found for each event.
    #[test]
    fn no_rule_is_hidden_by_one_before_it() {
        for rule in tables() {
            for event in rule.events {
                let found = rule.types.iter().any(|of| is_found(rule, of, event));
                assert!(found, "{} {event:?}", rule.id);
            }
            for resource_type in rule.types {
                let found = rule
                    .events
                    .iter()
                    .any(|event| is_found(rule, resource_type, event));
                assert!(found, "{} {resource_type}", rule.id);
            }
        }
    }

    #[test]
    fn whatever_is_deleted_outside_is_critical_unless_a_rule_says_otherwise() {
        assert_eq!(
            find("aws_anything", None, &|_| false).verdict,
            Classification::Counts(Severity::Critical)
        );
    }

    /// The tables of the guide, one for each heading.
    fn guide() -> String {
        let row = |rule: &Rule| {
            let severity = match rule.verdict {
                Classification::Counts(severity) => severity.name().to_owned(),
                Classification::CountsIfPlanned(severity) => format!("{} \\*", severity.name()),
                Classification::Expected => "expected".to_owned(),
            };
            format!("| `{}` | {severity} | {} |\n", rule.id, rule.meaning)
        };
        let table = |heading: &str, rules: &mut dyn Iterator<Item = &'static Rule>| {
            let rows: String = rules.map(row).collect();
            format!("\n### {heading}\n\n| rule | severity | meaning |\n|---|---|---|\n{rows}")
        };
        [
            table("hashicorp/aws", &mut aws::tables()),
            table("Other clouds and Kubernetes", &mut clouds::RULES.iter()),
            table(
                "Everything else",
                &mut general::FIRST.iter().chain(general::RULES),
            ),
            table("Unmanaged access", &mut unmanaged::RULES.into_iter()),
            table("Unmanaged objects", &mut unmanaged::OBJECTS.into_iter()),
        ]
        .concat()
    }

    #[test]
    fn every_rule_of_the_tables_is_in_the_guide() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/guides/drift-gate.md"
        );
        let text = std::fs::read_to_string(path).unwrap();
        for rule in ours::RULES {
            assert!(text.contains(&format!("| `{}` |", rule.id)), "{}", rule.id);
        }
        let (start, end) = text.split_once("\n### hashicorp/aws\n").unwrap();
        // Whatever follows the tables is kept.
        let after = end
            .split_once("\n## ")
            .map_or(String::new(), |(_, after)| format!("\n## {after}"));
        let wanted = format!("{start}{}{after}", guide());
        // GATE_GOLDEN=write rewrites the tables.
        #[expect(clippy::disallowed_methods, reason = "only this test reads it")]
        let write = std::env::var("GATE_GOLDEN").is_ok_and(|value| value == "write");
        if write {
            std::fs::write(path, &wanted).unwrap();
        } else {
            assert_eq!(text, wanted, "GATE_GOLDEN=write writes the tables again");
        }
    }
}
