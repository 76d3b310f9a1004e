//! When each difference was seen first and last, as lines of JSON, so that a nightly run shows what is new.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::finding::{Disposition, DriftFinding, Seen};

/// One line of the file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(flatten)]
    key: Key,
    rule: String,
    first_seen: Timestamp,
    last_seen: Timestamp,
}

/// What tells differences apart.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
struct Key {
    /// The plan's file, when several were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
    address: String,
    attribute: String,
}

impl Key {
    fn of(plan: Option<&str>, finding: &DriftFinding) -> Self {
        Self {
            plan: plan.map(str::to_owned),
            address: finding.address.clone(),
            attribute: finding.what.attribute().to_owned(),
        }
    }
}

/// The file.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    lines: BTreeMap<Key, Line>,
}

impl History {
    /// Reads the file's text.
    ///
    /// # Errors
    ///
    /// One line that says which line is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut lines = BTreeMap::new();
        for (number, text) in text.lines().enumerate() {
            if text.trim().is_empty() {
                continue;
            }
            let line: Line = serde_json::from_str(text)
                .map_err(|error| format!("line {}: {error}", number + 1))?;
            lines.insert(line.key.clone(), line);
        }
        Ok(Self { lines })
    }

    /// Tells each finding since when it is known, and remembers that it was seen now.
    pub(crate) fn meet(&mut self, answer: &mut Answer, now: Timestamp) {
        let is_several = answer.is_several();
        for plan in &mut answer.plans {
            let name = is_several.then_some(plan.name.as_str());
            let Ok(report) = &mut plan.result else {
                continue;
            };
            for finding in &mut report.findings {
                match finding.standing {
                    Disposition::Expected => continue,
                    Disposition::Counts(_)
                    | Disposition::Allowed { .. }
                    | Disposition::Accepted { .. } => {}
                }
                let key = Key::of(name, finding);
                let line = self.lines.entry(key.clone()).or_insert(Line {
                    key,
                    rule: String::new(),
                    first_seen: now,
                    last_seen: now,
                });
                finding.seen = Some(Seen {
                    first: line.first_seen,
                    is_new: line.rule.is_empty(),
                    now,
                });
                finding.rule.id.clone_into(&mut line.rule);
                line.last_seen = now;
            }
        }
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> Result<String, String> {
        let mut text = String::new();
        for line in self.lines.values() {
            text += &serde_json::to_string(line).map_err(|error| error.to_string())?;
            text.push('\n');
        }
        Ok(text)
    }
}
