//! What was accepted: differences that someone looked at and wants to keep, with the reason and the day. A difference is
//! accepted as it is; when its value changes once more, it counts again.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::answer::{ACCOUNT, Answer};
use crate::finding::{Disposition, DriftFinding, Fate, What};
use crate::plan::Shown;
use crate::rules::OBJECT;

/// The file.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Baseline {
    accepted: Vec<Accepted>,
}

/// One difference.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    /// Name of the plan's file, when several were given: addresses repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
    address: String,
    /// None for a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attribute: Option<String>,
    rule: String,
    /// Digest of the value that was accepted; none for a secret, of which nothing is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    reason: String,
    accepted: Date,
}

impl Accepted {
    fn of(plan: Option<&str>, finding: &DriftFinding, reason: &str, today: Date) -> Self {
        let (attribute, value) = match &finding.what {
            What::Deleted => (None, None),
            What::Found { .. } => (Some(finding.what.attribute().to_owned()), None),
            What::Changed {
                attribute, after, ..
            } => (Some(attribute.clone()), digest(after)),
        };
        Self {
            plan: plan.map(str::to_owned),
            address: finding.address.clone(),
            attribute,
            rule: finding.rule.id.to_owned(),
            value,
            reason: reason.to_owned(),
            accepted: today,
        }
    }

    /// What the check of the state finds of a difference from the next apply on.
    fn of_what_remains(
        plan: Option<&str>,
        finding: &DriftFinding,
        reason: &str,
        today: Date,
    ) -> Option<Self> {
        let remains = finding.remains.as_ref()?;
        Some(Self {
            attribute: Some(remains.attribute.to_owned()),
            rule: remains.rule.to_owned(),
            value: digest(&remains.value),
            ..Self::of(plan, finding, reason, today)
        })
    }

    /// Whether this is about the finding, whatever its value is now.
    fn is_about(&self, plan: Option<&str>, finding: &DriftFinding) -> bool {
        let attribute = match &finding.what {
            What::Deleted => None,
            What::Found { .. } => Some(OBJECT),
            What::Changed { attribute, .. } => Some(attribute.as_str()),
        };
        self.address == finding.address
            && self.attribute.as_deref() == attribute
            && is_unmanaged(&self.rule) == (finding.fate == Fate::Unmanaged)
            && (self.plan.is_none() || self.plan.as_deref() == plan)
    }

    fn has_value_of(&self, finding: &DriftFinding) -> bool {
        match &finding.what {
            What::Deleted | What::Found { .. } => true,
            What::Changed { after, .. } => self.value == digest(after),
        }
    }
}

/// Whether the rule is about what a state holds: an attribute can have drifted beside.
fn is_unmanaged(rule: &str) -> bool {
    rule.starts_with("unmanaged.")
}

/// A digest of what a report shows of a value.
fn digest(shown: &Shown) -> Option<String> {
    let text = match shown {
        Shown::Hidden => return None,
        Shown::Nothing => "null".to_owned(),
        Shown::Value(value) => value.to_string(),
    };
    let digest = Sha256::digest(text);
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The name of a plan in the file.
fn plan_name(answer: &Answer, plan: &str) -> Option<String> {
    // ARNs do not repeat.
    if plan == ACCOUNT {
        return None;
    }
    let name = Path::new(plan).file_name()?.to_string_lossy().into_owned();
    answer.is_several().then_some(name)
}

impl Baseline {
    /// Reads the file's text.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Takes what is accepted out of what counts.
    pub(crate) fn apply(&self, answer: &mut Answer) {
        let names: Vec<Option<String>> = answer
            .plans
            .iter()
            .map(|plan| plan_name(answer, &plan.name))
            .collect();
        let mut by_address: HashMap<&str, Vec<&Accepted>> = HashMap::new();
        for entry in &self.accepted {
            by_address.entry(&entry.address).or_default().push(entry);
        }
        for (plan, name) in answer.plans.iter_mut().zip(names) {
            let Ok(report) = &mut plan.result else {
                continue;
            };
            for finding in &mut report.findings {
                if !matches!(finding.standing, Disposition::Counts(_)) {
                    continue;
                }
                let entries = by_address.get(finding.address.as_str());
                let about = || {
                    entries
                        .into_iter()
                        .flatten()
                        .filter(|entry| entry.is_about(name.as_deref(), finding))
                };
                if let Some(entry) = about().find(|entry| entry.has_value_of(finding)) {
                    finding.standing = Disposition::Accepted {
                        reason: entry.reason.clone(),
                        on: entry.accepted,
                    };
                } else if let Some(entry) = about().next() {
                    finding.accepted_before = Some(entry.accepted);
                }
            }
        }
    }

    /// The file after everything that counts in whole plans has been accepted: what was accepted before and is still
    /// there stays as it is, and what is no longer there is left out.
    pub(crate) fn accept(&self, answer: &Answer, reason: &str, today: Date) -> Self {
        let mut accepted = Vec::new();
        let mut is_whole = answer.failures().next().is_none();
        for (plan, report) in answer.reports() {
            if report.reading.errored {
                is_whole = false;
                continue;
            }
            is_whole &= !report.is_partial();
            let name = plan_name(answer, plan);
            for finding in &report.findings {
                let (reason, on) = match &finding.standing {
                    Disposition::Counts(_) => (reason, today),
                    Disposition::Accepted { reason, on } => (reason.as_str(), *on),
                    Disposition::Expected | Disposition::Allowed { .. } => continue,
                };
                let plan = name.as_deref();
                accepted.push(Accepted::of(plan, finding, reason, on));
                accepted.extend(Accepted::of_what_remains(plan, finding, reason, on));
            }
        }
        // Without a look at the whole account nobody knows whether an object is gone.
        let is_known = |old: &&Accepted| {
            is_whole && (answer.knows_account || old.attribute.as_deref() != Some(OBJECT))
        };
        if !self.accepted.iter().all(|old| is_known(&old)) {
            let key = |entry: &Accepted| {
                (
                    entry.plan.clone(),
                    entry.address.clone(),
                    entry.attribute.clone(),
                    is_unmanaged(&entry.rule),
                )
            };
            let seen: HashSet<_> = accepted.iter().map(key).collect();
            let is_unseen = |old: &&Accepted| !is_known(old) && !seen.contains(&key(old));
            accepted.extend(self.accepted.iter().filter(is_unseen).cloned());
        }
        let key = |entry: &Accepted| {
            let of = (entry.plan.clone(), entry.address.clone());
            (of, entry.attribute.clone(), entry.rule.clone())
        };
        accepted.sort_by_key(key);
        // Several differences in one attribute leave the same.
        accepted.dedup_by(|a, b| is_unmanaged(&a.rule) && key(a) == key(b));
        Self { accepted }
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> Result<String, String> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|error| error.to_string())
    }
}
