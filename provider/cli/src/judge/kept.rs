//! What is kept of a resource that drifted until it is judged: its names, and attributes as a whole, before and after. They
//! are kept as text, because a tree of values takes six times the memory, and thousands of resources may have drifted.

use serde_json::{Map, Value};

/// Names and attributes as JSON.
#[derive(Debug)]
pub(super) struct Kept {
    names: Box<str>,
    attributes: Vec<Attribute>,
}

#[derive(Debug)]
struct Attribute {
    name: Box<str>,
    texts: Texts,
}

/// Two texts that are mostly the same: of the second only what stands between its beginning and its end that are those of
/// the first.
#[derive(Debug)]
struct Texts {
    before: Box<str>,
    /// How much of the beginning they share, and of the end, in bytes.
    shared: (usize, usize),
    between: Box<str>,
}

/// The same as values.
pub(super) struct Opened {
    pub(super) names: Map<String, Value>,
    attributes: Vec<(Box<str>, Value, Value)>,
}

impl Kept {
    pub(super) fn of(names: Map<String, Value>) -> Self {
        Self {
            names: text(&Value::Object(names)),
            attributes: Vec::new(),
        }
    }

    pub(super) fn keep(&mut self, attribute: &str, before: &Value, after: &Value) {
        self.attributes.push(Attribute {
            name: attribute.into(),
            texts: Texts::of(text(before), &text(after)),
        });
        // Most resources have one, and there are thousands.
        self.attributes.shrink_to_fit();
    }

    pub(super) fn has(&self, attribute: &str) -> bool {
        self.list_attributes().any(|name| name == attribute)
    }

    pub(super) fn list_attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|attribute| &*attribute.name)
    }

    pub(super) fn open(&self) -> Opened {
        let opened = self.attributes.iter().map(|attribute| {
            let texts = &attribute.texts;
            let (before, after) = (value(&texts.before), value(&texts.after()));
            (attribute.name.clone(), before, after)
        });
        Opened {
            names: match value(&self.names) {
                Value::Object(names) => names,
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_) => Map::new(),
            },
            attributes: opened.collect(),
        }
    }

    /// The value of one attribute before.
    pub(super) fn find_before(&self, attribute: &str) -> Option<Value> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|one| &*one.name == attribute)?;
        Some(value(&found.texts.before))
    }
}

impl Texts {
    fn of(before: Box<str>, after: &str) -> Self {
        let same = |pair: &(u8, u8)| pair.0 == pair.1;
        let is_boundary = |at: &usize| before.is_char_boundary(*at) && after.is_char_boundary(*at);
        let start = before.bytes().zip(after.bytes()).take_while(same).count();
        let start = (0..=start).rev().find(is_boundary).unwrap_or_default();
        // What the beginning has is not shared once more.
        let most = before.len().min(after.len()) - start;
        let backwards = before.bytes().rev().zip(after.bytes().rev());
        let end = backwards.take(most).take_while(same).count();
        let ends_well = |end: &usize| {
            before.is_char_boundary(before.len() - end) && after.is_char_boundary(after.len() - end)
        };
        let end = (0..=end).rev().find(ends_well).unwrap_or_default();
        let between = after.get(start..after.len() - end).unwrap_or_default();
        Self {
            between: between.into(),
            shared: (start, end),
            before,
        }
    }

    fn after(&self) -> String {
        let (start, end) = self.shared;
        let end = self.before.len().saturating_sub(end);
        let part = |range| self.before.get(range).unwrap_or_default();
        [part(0..start), &self.between, part(end..self.before.len())].concat()
    }
}

impl Opened {
    /// The value of an attribute before, and after.
    pub(super) fn find(&self, attribute: &str) -> Option<(&Value, &Value)> {
        let mut attributes = self.attributes.iter();
        let (_, before, after) = attributes.find(|(name, ..)| &**name == attribute)?;
        Some((before, after))
    }
}

fn text(value: &Value) -> Box<str> {
    value.to_string().into_boxed_str()
}

/// What [`text`] wrote.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_differs_is_kept_of_the_second() {
        let texts = Texts::of("[1,2,3]".into(), "[1,5,3]");
        assert_eq!((&*texts.between, texts.shared), ("5", (3, 3)));
        assert_eq!(texts.after(), "[1,5,3]");
    }

    proptest! {
        #[test]
        fn both_texts_come_back(before in "[aäö€]{0,6}", after in "[aäö€]{0,6}") {
            let texts = Texts::of(before.clone().into(), &after);
            prop_assert_eq!(texts.after(), after);
            prop_assert_eq!(&*texts.before, before.as_str());
        }
    }
}
