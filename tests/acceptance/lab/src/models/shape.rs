//! The part of a service model that says what inputs and answers look like.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;
use std::sync::OnceLock;

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

/// One service.
#[derive(Debug, Deserialize)]
pub(super) struct Model {
    pub(super) operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

/// One operation.
#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    pub(super) input: Option<Reference>,
    pub(super) output: Option<Reference>,
    #[serde(default)]
    pub(super) errors: Vec<Reference>,
}

/// The name of a shape.
#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    pub(super) shape: String,
}

/// What a value may be.
#[derive(Debug, Deserialize)]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    /// A structure's members.
    #[serde(default)]
    pub(super) members: BTreeMap<String, Reference>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    /// A text's words.
    #[serde(rename = "enum", default)]
    pub(super) words: Vec<String>,
    /// Least and greatest number, or length of a text, a list or a map.
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pattern: Option<String>,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
    /// What a list holds.
    pub(super) member: Option<Reference>,
    /// What a map holds.
    pub(super) key: Option<Reference>,
    pub(super) value: Option<Reference>,
    /// The value may not be repeated in messages.
    #[serde(default)]
    pub(super) sensitive: bool,
    /// Anything goes.
    #[serde(default)]
    document: bool,
    error: Option<ErrorCode>,
}

/// An error's code in the query protocol, where it is not its name.
#[derive(Debug, Deserialize)]
struct ErrorCode {
    code: Option<String>,
}

/// The kinds of values.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Structure,
    List,
    Map,
    String,
    Boolean,
    Integer,
    Long,
    Float,
    Double,
    Timestamp,
    Blob,
}

impl Model {
    /// Reads a model, packed or not.
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
        let text = if file.extension().is_some_and(|ending| ending == "gz") {
            let mut text = Vec::new();
            flate2::read::GzDecoder::new(bytes.as_slice())
                .read_to_end(&mut text)
                .map_err(|error| error.to_string())?;
            text
        } else {
            bytes
        };
        serde_json::from_slice(&text).map_err(|error| error.to_string())
    }

    pub(super) fn shape(&self, reference: &Reference) -> Option<&Shape> {
        self.shapes
            .get(&reference.shape)
            .filter(|shape| !shape.document)
    }

    /// The codes an operation may refuse with, as shapes and as the query protocol spells them.
    pub(super) fn error_codes<'a>(&'a self, operation: &'a Operation) -> BTreeSet<&'a str> {
        let mut codes = BTreeSet::new();
        for reference in &operation.errors {
            codes.insert(reference.shape.as_str());
            let named = self.shapes.get(&reference.shape);
            let code = named.and_then(|shape| shape.error.as_ref()?.code.as_deref());
            codes.extend(code);
        }
        codes
    }

    /// Numbers of an answer whose member is called like a timestamp and is none, or the other way round.
    pub(super) fn misnamed(
        &self,
        reference: &Reference,
        answer: &Value,
        is_timestamp: fn(&str) -> bool,
    ) -> Vec<String> {
        let mut found = Vec::new();
        self.collect_misnamed(reference, answer, "", is_timestamp, &mut found);
        found
    }

    fn collect_misnamed(
        &self,
        reference: &Reference,
        answer: &Value,
        name: &str,
        is_timestamp: fn(&str) -> bool,
        found: &mut Vec<String>,
    ) {
        let Some(shape) = self.shape(reference) else {
            return;
        };
        match (shape.kind, answer) {
            (Kind::Structure, Value::Object(members)) => {
                for (member, value) in members {
                    if let Some(reference) = shape.members.get(member) {
                        self.collect_misnamed(reference, value, member, is_timestamp, found);
                    }
                }
            }
            (Kind::List, Value::Array(items)) => {
                for item in items {
                    if let Some(reference) = &shape.member {
                        self.collect_misnamed(reference, item, name, is_timestamp, found);
                    }
                }
            }
            (kind, Value::Number(_)) if (kind == Kind::Timestamp) != is_timestamp(name) => {
                found.push(name.to_owned());
            }
            _ => {}
        }
    }
}

impl Shape {
    /// The pattern as the model has it, if the text does not match it. A pattern that is not regular (it looks ahead)
    /// is passed over.
    pub(super) fn unmatched_pattern(&self, text: &str) -> Option<&str> {
        let pattern = self.pattern.as_deref()?;
        let compiled = self
            .compiled
            .get_or_init(|| Regex::new(&format!(r"\A(?:{})\z", translated(pattern))).ok());
        match compiled {
            Some(compiled) if !compiled.is_match(text) => Some(pattern),
            Some(_) | None => None,
        }
    }
}

/// Models write patterns as Java does: characters beyond the first plane are pairs, and `\p{Print}` is ASCII.
fn translated(pattern: &str) -> String {
    pattern
        .replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\u{10000}-\u{10FFFF}")
        .replace(r"\p{Print}", r"[\x20-\x7E]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javas_patterns_match_whole_texts() {
        let shape = |pattern: &str| Shape {
            pattern: Some(pattern.to_owned()),
            ..serde_json::from_str(r#"{"type": "string"}"#).unwrap()
        };
        let any = shape(r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*");
        assert_eq!(any.unmatched_pattern("a\u{1F600}\n"), None);
        assert!(any.unmatched_pattern("a\u{7}").is_some());
        let print = shape(r"\p{Print}+");
        assert_eq!(print.unmatched_pattern("a b"), None);
        assert!(print.unmatched_pattern("é").is_some());
        let word = shape("[a-z]+");
        assert_eq!(word.unmatched_pattern("a b"), Some("[a-z]+"));
    }
}
