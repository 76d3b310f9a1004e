//! What a difference means: rules with ids, in tables. The first rule that fits wins; special ones stand before the
//! general ones.

mod aws;
mod general;
mod ours;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::glob;
use crate::plan::Difference;

/// How bad drift is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Nothing that works is at stake.
    Minor,
    /// Behaves differently from what was reviewed.
    Major,
    /// Traffic, data or access is at stake.
    Critical,
}

impl Severity {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

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
    fn fits(&self, resource_type: &str, keys: Option<&[&str]>) -> bool {
        self.types
            .iter()
            .any(|pattern| glob::matches(pattern, resource_type))
            && self.events.iter().any(|event| match (event, keys) {
                (Event::Deleted, None) => true,
                (Event::Changed(pattern), Some(keys)) => {
                    pattern == &"*" || glob::covers(pattern, keys)
                }
                (Event::Deleted, Some(_)) | (Event::Changed(_), None) => false,
            })
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
    ours::all().chain(tables().map(MatchedRule::from))
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
            find(resource_type, keys.as_deref()).into()
        })
}

/// All rules of the tables here, special ones first.
fn tables() -> impl Iterator<Item = &'static Rule> {
    ours::RULES.iter().chain(aws::RULES).chain(general::RULES)
}

/// The rule for a difference at `keys`, or for a deletion.
fn find(resource_type: &str, keys: Option<&[&str]>) -> &'static Rule {
    tables()
        .find(|rule| rule.fits(resource_type, keys))
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
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-')
            );
            assert!(rule.meaning.ends_with('.'), "{}", rule.id);
            assert!(rule.advice.ends_with('.'), "{}", rule.id);
        }
    }

    #[test]
    fn no_rule_is_hidden_by_one_before_it() {
        for rule in tables() {
            for resource_type in rule.types {
                for event in rule.events {
                    let keys: Option<Vec<&str>> = match event {
                        Event::Deleted => None,
                        Event::Changed(pattern) => Some(pattern.split('.').collect()),
                    };
                    let found = find(resource_type, keys.as_deref());
                    assert_eq!(found.id, rule.id, "{resource_type} {event:?}");
                }
            }
        }
    }

    #[test]
    fn whatever_is_deleted_outside_is_critical_unless_a_rule_says_otherwise() {
        assert_eq!(
            find("aws_anything", None).verdict,
            Classification::Counts(Severity::Critical)
        );
    }

    #[test]
    fn every_rule_of_the_tables_is_in_the_guide() {
        let guide = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/guides/drift-gate.md"
        );
        let guide = std::fs::read_to_string(guide).unwrap();
        for rule in tables() {
            let severity = match rule.verdict {
                Classification::Counts(severity) => severity.word().to_owned(),
                Classification::CountsIfPlanned(severity) => format!("{} \\*", severity.word()),
                Classification::Expected => "expected".to_owned(),
            };
            let row = format!("| `{}` | {severity} | {} |", rule.id, rule.meaning);
            assert!(guide.contains(&row), "the guide lacks: {row}");
        }
    }
}
