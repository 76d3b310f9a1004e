//! Attributes as a whole, before and after. They are kept as text until they are judged: a tree of values takes six times
//! the memory, and thousands of resources may have drifted.

use std::collections::BTreeMap;

use serde_json::Value;

/// Both values by attribute, as JSON.
#[derive(Debug, Default)]
pub(super) struct Kept(BTreeMap<String, [Box<str>; 2]>);

/// The same as values.
pub(super) type Opened = BTreeMap<String, (Value, Value)>;

impl Kept {
    pub(super) fn keep(&mut self, attribute: &str, before: &Value, after: &Value) {
        let both = [before, after].map(|value| value.to_string().into_boxed_str());
        self.0.insert(attribute.to_owned(), both);
    }

    pub(super) fn has(&self, attribute: &str) -> bool {
        self.0.contains_key(attribute)
    }

    pub(super) fn attributes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn open(&self) -> Opened {
        let read = |text: &str| serde_json::from_str(text).unwrap_or_default();
        let opened = |(attribute, [before, after]): (&String, &[Box<str>; 2])| {
            (attribute.clone(), (read(before), read(after)))
        };
        self.0.iter().map(opened).collect()
    }

    /// The value of one attribute before.
    pub(super) fn find_before(&self, attribute: &str) -> Option<Value> {
        let [before, _] = self.0.get(attribute)?;
        serde_json::from_str(before).ok()
    }
}
