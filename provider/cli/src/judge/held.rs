//! What the state holds of access, whether it drifted or not: what no resource of the plan gives is found here, also
//! long after the apply that recorded it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::drifted::Drifted;
use super::judging::{Judging, Subject};
use crate::accounts::{self, Parts, Unmanaged, Whole};
use crate::configuration::{Configuration, Says};
use crate::finding::{DriftFinding, Fate, Remains, What};
use crate::money::Cost;
use crate::plan::secret::marks_any;
use crate::plan::{self, Change, Difference, Path, is_nothing};
use crate::{remedy, rules};

/// The access that a resource of the state shows.
#[derive(Debug)]
pub(super) struct Held {
    resource_type: String,
    /// The names by which its parts call it.
    names: Map<String, Value>,
    attributes: BTreeMap<String, Shows>,
}

/// An attribute as it is after the refresh.
#[derive(Debug)]
struct Shows {
    value: Value,
    is_secret: bool,
}

/// Everything it is judged with.
pub(super) struct Against<'j> {
    pub(super) judging: &'j Judging<'j>,
    pub(super) parts: &'j Parts,
    pub(super) configuration: &'j Configuration,
    /// The same resource, when it drifted.
    pub(super) drifted: Option<&'j Drifted>,
}

/// What no resource gives of one attribute.
pub(super) struct Stranger {
    pub(super) path: Path,
    /// What was there before the drift of this plan, if anything was.
    pub(super) finding: Option<DriftFinding>,
    /// What will be found of it when an apply has recorded the drift.
    pub(super) remains: Remains,
}

impl Held {
    /// Takes what matters of a resource as it is after the refresh; nothing when it shows no access.
    pub(super) fn of(resource_type: &str, values: &Value, marks: &Value) -> Option<Self> {
        let attributes: BTreeMap<String, Shows> = accounts::list_watched(resource_type)
            .filter_map(|attribute| Some((attribute, values.get(attribute)?)))
            .filter(|(_, value)| !is_nothing(value))
            .map(|(attribute, value)| {
                let marks = match marks {
                    Value::Object(marks) => marks.get(attribute).unwrap_or(&Value::Null),
                    marks => marks,
                };
                let shows = Shows {
                    value: value.clone(),
                    // Elements get other numbers below, so one secret hides them all.
                    is_secret: marks_any(marks),
                };
                (attribute.to_owned(), shows)
            })
            .collect();
        if attributes.is_empty() {
            return None;
        }
        Some(Self {
            resource_type: resource_type.to_owned(),
            names: accounts::names(resource_type, values),
            attributes,
        })
    }

    /// Whether there may be something that no part accounts for, as far as parts are known.
    pub(super) fn is_unexplained(
        &self,
        address: &str,
        parts: &Parts,
        configuration: &Configuration,
    ) -> bool {
        self.attributes.iter().any(|(attribute, shows)| {
            let whole = self.whole(attribute, &Value::Null, &shows.value);
            let is_not_dynamic = configuration.has_dynamic(address, attribute) == Some(false);
            !parts.unmanaged(&whole, is_not_dynamic).all.is_empty()
        })
    }

    pub(super) fn list_strangers(&self, address: &str, against: &Against<'_>) -> Vec<Stranger> {
        // What the configuration no longer has is destroyed or forgotten, and nothing of it stays.
        if against.configuration.has(address) != Some(true) {
            return Vec::new();
        }
        self.attributes
            .keys()
            .filter_map(|attribute| self.find_stranger(address, attribute, against))
            .collect()
    }

    fn find_stranger(
        &self,
        address: &str,
        attribute: &str,
        against: &Against<'_>,
    ) -> Option<Stranger> {
        let shows = self.attributes.get(attribute)?;
        let now = &shows.value;
        let is_set = accounts::list_arguments(&self.resource_type, attribute)
            .any(|argument| against.configuration.says(address, &[argument], now) != Says::Nothing);
        let is_dynamic = against.configuration.has_dynamic(address, attribute);
        if is_set || is_dynamic == Some(true) {
            return None;
        }
        let before = against
            .drifted
            .and_then(|drifted| drifted.find_before(attribute));
        let whole = self.whole(attribute, before.as_ref().unwrap_or(&Value::Null), now);
        let Unmanaged { all, known } = against.parts.unmanaged(&whole, is_dynamic == Some(false));
        let all = shows.difference(attribute, all)?;
        let reported = match before {
            Some(_) => shows.difference(attribute, known),
            None => Some(all.clone()),
        };
        let attribute = accounts::list_watched(&self.resource_type).find(|of| *of == attribute)?;
        Some(Stranger {
            finding: reported
                .map(|difference| self.finding(address, attribute, &difference, against)),
            remains: Remains {
                attribute,
                rule: rules::judge_unmanaged(&all).id,
                value: all.after,
            },
            path: all.path,
        })
    }

    fn whole<'w>(&'w self, attribute: &'w str, before: &'w Value, after: &'w Value) -> Whole<'w> {
        Whole {
            resource_type: &self.resource_type,
            attribute,
            names: &self.names,
            before,
            after,
        }
    }

    fn finding(
        &self,
        address: &str,
        attribute: &str,
        difference: &Difference,
        against: &Against<'_>,
    ) -> DriftFinding {
        let (path, rule) = (&difference.path, rules::judge_unmanaged(difference));
        let standing = against.judging.standing(&Subject {
            address,
            resource_type: &self.resource_type,
            path: Some(path),
            rule,
            fate: Fate::Unmanaged,
        });
        let what = What::Changed {
            attribute: path.text(),
            before: difference.before.clone(),
            after: difference.after.clone(),
        };
        let whole = self.whole(attribute, &Value::Null, &difference.raw.to);
        let undo = if what.hides() {
            None
        } else {
            against.parts.undo(&whole)
        };
        let part = accounts::list_part_types(&self.resource_type, attribute).next();
        DriftFinding {
            address: address.to_owned(),
            resource_type: self.resource_type.clone(),
            remedies: remedy::list_remedies_of_unmanaged(address, undo, part.unwrap_or("TYPE")),
            what,
            rule,
            standing: standing.disposition,
            fate: Fate::Unmanaged,
            planned: None,
            explained_by: Vec::new(),
            remains: None,
            cost: Cost::Nothing,
            region: None,
            names: against.judging.names(&self.names),
            culprit: None,
            accepted_before: None,
            seen: None,
            expired: standing.expired,
        }
    }
}

impl Shows {
    /// From nothing to what was found, in the form of the attribute; nothing when nothing was found.
    fn difference(&self, attribute: &str, found: Vec<Value>) -> Option<Difference> {
        if found.is_empty() {
            return None;
        }
        let found = match &self.value {
            Value::Array(_) => Value::Array(found),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => found.into_iter().next()?,
        };
        let side = |value: Value| Value::Object(Map::from_iter([(attribute.to_owned(), value)]));
        let change = Change {
            actions: Vec::new(),
            before: side(Value::Null),
            after: side(found),
            before_sensitive: Value::Null,
            after_sensitive: side(self.is_secret.into()),
            after_unknown: Value::Null,
            importing: false,
        };
        plan::find_differences(&change).into_iter().next()
    }
}
