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
    before: Box<str>,
    after: Box<str>,
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
            before: text(before),
            after: text(after),
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
            let (before, after) = (value(&attribute.before), value(&attribute.after));
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
        Some(value(&found.before))
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
