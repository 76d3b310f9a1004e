//! The file of exceptions: severities of one's own, and what is allowed for a while.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::glob;
use crate::plan::Path;
use crate::rules::{self, OBJECT, Severity};

/// The file of exceptions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exceptions {
    /// Rule id → class.
    #[serde(default)]
    rules: BTreeMap<String, Class>,
    /// Classes by type and attribute, or of deletions; the first that fits wins, before `rules`. They do not expire.
    #[serde(default)]
    attributes: Vec<AttributeClass>,
    #[serde(default)]
    allow: Vec<Allowance>,
}

/// A class in words of the file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Class {
    Critical,
    Major,
    Minor,
    Expected,
}

impl Class {
    /// The severity, or none when it is expected.
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::Major => Some(Severity::Major),
            Self::Minor => Some(Severity::Minor),
            Self::Expected => None,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeClass {
    #[serde(rename = "type")]
    resource_type: String,
    #[serde(default)]
    attribute: Option<String>,
    /// Whether it is about objects that are gone.
    #[serde(default)]
    deleted: bool,
    severity: Class,
}

impl AttributeClass {
    fn fits(&self, resource_type: &str, path: Option<&Path>) -> bool {
        glob::matches(&self.resource_type, resource_type)
            && covers(self.attribute.as_deref(), self.deleted, path)
    }
}

/// Whether a pattern of an attribute, or the word of deletions, is about the difference at `path`, or about a deletion
/// when there is none.
fn covers(attribute: Option<&str>, deleted: bool, path: Option<&Path>) -> bool {
    match path {
        None => deleted,
        Some(path) => attribute.is_some_and(|pattern| path.fits(pattern)),
    }
}

/// A class that the file gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Override {
    /// By type and attribute.
    Attribute(Class),
    /// By rule.
    Rule(Class),
}

/// Something that may differ until a date.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Allowance {
    /// Pattern of the address.
    pub(crate) address: String,
    /// Pattern of the attribute; without it only `deleted` counts.
    #[serde(default)]
    pub(crate) attribute: Option<String>,
    /// Whether the object may be gone.
    #[serde(default)]
    pub(crate) deleted: bool,
    pub(crate) reason: String,
    /// Last day on which it is allowed, in UTC.
    pub(crate) expires: Date,
}

impl Allowance {
    pub(crate) fn fits(&self, address: &str, path: Option<&Path>) -> bool {
        glob::matches(&self.address, address)
            && covers(self.attribute.as_deref(), self.deleted, path)
    }

    /// Whether it is about objects that no state has.
    pub(crate) fn is_about_objects(&self) -> bool {
        self.attribute.as_deref() == Some(OBJECT)
    }

    pub(crate) fn is_expired(&self, today: Date) -> bool {
        today > self.expires
    }

    /// The attribute or event in words.
    pub(crate) fn what(&self) -> &str {
        self.attribute.as_deref().unwrap_or("(deleted)")
    }
}

impl Exceptions {
    /// Reads the file's text.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        refuse_lists(&document)?;
        let exceptions: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for id in exceptions.rules.keys() {
            if !rules::all().any(|rule| rule.id == id) {
                return Err(format!("there is no rule {id:?}; the guide lists all"));
            }
        }
        for class in &exceptions.attributes {
            if class.attribute.is_none() && !class.deleted {
                return Err(format!(
                    "the entry of {:?} in \"attributes\" names neither an attribute nor \"deleted\": true",
                    class.resource_type
                ));
            }
        }
        for allowance in &exceptions.allow {
            let address = &allowance.address;
            if allowance.reason.trim().is_empty() {
                return Err(format!("the allowance of {address:?} has no reason"));
            }
            if allowance.attribute.is_none() && !allowance.deleted {
                return Err(format!(
                    "the allowance of {address:?} names neither an attribute nor \"deleted\": true"
                ));
            }
        }
        Ok(exceptions)
    }

    /// The class the file gives, if it gives one. `path` is none for a deletion.
    pub(crate) fn override_of(
        &self,
        resource_type: &str,
        path: Option<&Path>,
        rule: &str,
    ) -> Option<Override> {
        let by_attribute = self
            .attributes
            .iter()
            .find(|class| class.fits(resource_type, path))
            .map(|class| Override::Attribute(class.severity));
        by_attribute.or_else(|| self.rules.get(rule).copied().map(Override::Rule))
    }

    /// The allowance for a difference: one that still holds, otherwise one that has expired.
    pub(crate) fn find_allowance(
        &self,
        address: &str,
        path: Option<&Path>,
        today: Date,
    ) -> Option<&Allowance> {
        let fitting = || self.allow.iter().filter(|a| a.fits(address, path));
        fitting()
            .find(|a| !a.is_expired(today))
            .or_else(|| fitting().next())
    }

    /// Allowances that still hold and fit nothing of what was found: `found` has the address of each finding, and its
    /// path unless it is a deletion.
    pub(crate) fn list_unused<'f>(
        &self,
        found: impl Iterator<Item = (&'f str, Option<&'f Path>)> + Clone,
        today: Date,
    ) -> Vec<Allowance> {
        self.allow
            .iter()
            .filter(|allowance| !allowance.is_expired(today))
            .filter(|allowance| {
                !found
                    .clone()
                    .any(|(address, path)| allowance.fits(address, path))
            })
            .cloned()
            .collect()
    }

    pub(crate) fn list_expired(&self, today: Date) -> Vec<Allowance> {
        self.allow
            .iter()
            .filter(|a| a.is_expired(today))
            .cloned()
            .collect()
    }
}

/// Takes out what fits something else that was found.
pub(crate) fn retain_unused<'f>(
    unused: &mut Vec<Allowance>,
    found: impl Iterator<Item = (&'f str, Option<&'f Path>)> + Clone,
) {
    unused.retain(|allowance| {
        !found
            .clone()
            .any(|(address, path)| allowance.fits(address, path))
    });
}

/// Where the file has objects, a list of their values in order is a slip that must not pass.
fn refuse_lists(document: &Value) -> Result<(), String> {
    let refuse = |value: &Value, what: &str| {
        if value.is_object() {
            Ok(())
        } else {
            Err(format!("{what} has to be an object"))
        }
    };
    refuse(document, "the file")?;
    for key in ["attributes", "allow"] {
        let entries = document.get(key).and_then(Value::as_array);
        for entry in entries.into_iter().flatten() {
            refuse(entry, &format!("each entry of {key:?}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        let segments = text.split('.');
        segments.fold(Path::default(), |path, key| path.key(key))
    }

    #[test]
    fn an_allowance_holds_through_its_last_day() {
        let text = r#"{"allow": [{"address": "a.*", "attribute": "tags", "reason": "x", "expires": "2026-03-31"}]}"#;
        let exceptions = Exceptions::parse(text).unwrap();
        let found = |day| {
            exceptions
                .find_allowance("a.b", Some(&path("tags.x")), day)
                .unwrap()
                .is_expired(day)
        };
        assert!(!found(jiff::civil::date(2026, 3, 31)));
        assert!(found(jiff::civil::date(2026, 4, 1)));
    }

    #[test]
    fn an_attribute_pattern_never_allows_a_deletion() {
        let text = r#"{"allow": [{"address": "*", "attribute": "*", "reason": "x", "expires": "2026-03-31"}]}"#;
        let exceptions = Exceptions::parse(text).unwrap();
        let day = jiff::civil::date(2026, 1, 1);
        assert!(exceptions.find_allowance("a.b", None, day).is_none());
    }

    #[test]
    fn a_file_with_a_slip_is_refused() {
        for (text, part) in [
            (r#"{"allowed": []}"#, "unknown field"),
            ("[]", "the file has to be an object"),
            (
                r#"{"allow": [["a", "b", false, "x", "2026-01-01"]]}"#,
                "each entry of \"allow\" has to be an object",
            ),
            (
                r#"{"attributes": [{"type": "aws_sns_topic", "severity": "expected"}]}"#,
                "neither an attribute nor",
            ),
            (r#"{"rules": {"ecs.nothing": "minor"}}"#, "there is no rule"),
            (r#"{"rules": {"any.tags": "small"}}"#, "unknown variant"),
            (
                r#"{"allow": [{"address": "a", "attribute": "b", "reason": "x"}]}"#,
                "expires",
            ),
            (
                r#"{"allow": [{"address": "a", "attribute": "b", "reason": " ", "expires": "2026-01-01"}]}"#,
                "has no reason",
            ),
            (
                r#"{"allow": [{"address": "a", "reason": "x", "expires": "2026-01-01"}]}"#,
                "neither an attribute nor",
            ),
            (
                r#"{"allow": [{"address": "a", "deleted": true, "reason": "x", "expires": "soon"}]}"#,
                "line 1",
            ),
        ] {
            let error = Exceptions::parse(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
