//! Tags that something is to have, and those that belong to somebody else.

use std::collections::{BTreeMap, BTreeSet};

use crate::notes::is_note;

/// Tags to values.
type Tags = BTreeMap<String, String>;

/// Tags that belong to somebody else: never compared, set or removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoredTags {
    keys: BTreeSet<String>,
    prefixes: BTreeSet<String>,
}

impl IgnoredTags {
    /// Tags with these keys, and those whose keys begin like this.
    pub fn new(keys: BTreeSet<String>, prefixes: BTreeSet<String>) -> Self {
        Self { keys, prefixes }
    }

    /// Whether the tag of this key is one of them.
    pub fn contains(&self, key: &str) -> bool {
        self.keys.contains(key)
            || self
                .prefixes
                .iter()
                .any(|prefix| key.starts_with(prefix.as_str()))
    }
}

/// The tags that something is to have. What is found besides is removed, except for AWS's own tags (`aws:`), our notes,
/// and those that are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DesiredTags {
    values: Tags,
    ignored: IgnoredTags,
}

impl DesiredTags {
    /// Of `values` those that are not ignored.
    pub fn new(mut values: Tags, ignored: IgnoredTags) -> Self {
        values.retain(|key, _| !ignored.contains(key));
        Self { values, ignored }
    }

    /// The tags to have.
    pub fn values(&self) -> &Tags {
        &self.values
    }

    /// What turns the tags that were found into these.
    pub(crate) fn change(&self, found: &Tags) -> TagChange {
        let set = self
            .values
            .iter()
            .filter(|(key, value)| found.get(*key) != Some(value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let is_removed = |key: &&String| {
            !key.starts_with("aws:")
                && !is_note(key)
                && !self.ignored.contains(key)
                && !self.values.contains_key(*key)
        };
        TagChange {
            set,
            remove: found.keys().filter(is_removed).cloned().collect(),
        }
    }
}

impl From<Tags> for DesiredTags {
    /// Exactly these.
    fn from(values: Tags) -> Self {
        Self::new(values, IgnoredTags::default())
    }
}

/// Tags to set and keys to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TagChange {
    pub(crate) set: Tags,
    pub(crate) remove: BTreeSet<String>,
}

impl TagChange {
    /// Nothing differs.
    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn set(keys: &[&str]) -> BTreeSet<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn what_belongs_to_somebody_else_is_neither_set_nor_removed() {
        let ignored = IgnoredTags::new(set(&["Cost"]), set(&["org:"]));
        let wanted = DesiredTags::new(
            tags(&[("team", "web"), ("Cost", "1"), ("org:unit", "shop")]),
            ignored,
        );
        assert_eq!(wanted.values(), &tags(&[("team", "web")]));
        let found = tags(&[
            ("team", "ops"),
            ("old", "1"),
            ("Cost", "2"),
            ("org:owner", "x"),
            ("aws:cloudformation:stack-name", "s"),
            (crate::notes::DEPLOYING_TAG, "web:2"),
        ]);
        let change = wanted.change(&found);
        assert_eq!(change.set, tags(&[("team", "web")]));
        assert_eq!(change.remove, set(&["old"]));
        // Keys are compared as they are written, as AWS does.
        assert_eq!(
            wanted
                .change(&tags(&[("team", "web"), ("cost", "1")]))
                .remove,
            set(&["cost"])
        );
        assert!(
            wanted
                .change(&tags(&[("team", "web"), ("Cost", "9")]))
                .is_empty()
        );
    }
}
