//! The file of exceptions: severities of one's own, and what is allowed for a while.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::glob;
use crate::rules::{self, Severity};

/// The file of exceptions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exceptions {
    /// Rule id → class.
    #[serde(default)]
    rules: BTreeMap<String, Class>,
    /// Classes by type and attribute; the first that fits wins, before `rules`.
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
    attribute: String,
    severity: Class,
}

/// Something that may differ until a date.
#[derive(Clone, Debug, Deserialize)]
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
    fn fits(&self, address: &str, keys: Option<&[&str]>) -> bool {
        glob::matches(&self.address, address)
            && match keys {
                None => self.deleted,
                Some(keys) => self
                    .attribute
                    .as_ref()
                    .is_some_and(|pattern| pattern == "*" || glob::covers(pattern, keys)),
            }
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
        let exceptions: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for id in exceptions.rules.keys() {
            if !rules::all().any(|rule| rule.id == id) {
                return Err(format!("there is no rule {id:?}; the guide lists all"));
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

    /// The class the file gives, if it gives one.
    pub(crate) fn class(
        &self,
        resource_type: &str,
        keys: Option<&[&str]>,
        rule: &str,
    ) -> Option<Class> {
        let by_attribute = keys.and_then(|keys| {
            self.attributes.iter().find(|class| {
                glob::matches(&class.resource_type, resource_type)
                    && (class.attribute == "*" || glob::covers(&class.attribute, keys))
            })
        });
        by_attribute
            .map(|class| class.severity)
            .or_else(|| self.rules.get(rule).copied())
    }

    /// The allowance for a difference: one that still holds, otherwise one that has expired.
    pub(crate) fn find_allowance(
        &self,
        address: &str,
        keys: Option<&[&str]>,
        today: Date,
    ) -> Option<&Allowance> {
        let fitting = || self.allow.iter().filter(|a| a.fits(address, keys));
        fitting()
            .find(|a| !a.is_expired(today))
            .or_else(|| fitting().next())
    }

    pub(crate) fn list_expired(&self, today: Date) -> Vec<Allowance> {
        self.allow
            .iter()
            .filter(|a| a.is_expired(today))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_holds_through_its_last_day() {
        let text = r#"{"allow": [{"address": "a.*", "attribute": "tags", "reason": "x", "expires": "2026-03-31"}]}"#;
        let exceptions = Exceptions::parse(text).unwrap();
        let found = |day| {
            exceptions
                .find_allowance("a.b", Some(&["tags", "x"]), day)
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
