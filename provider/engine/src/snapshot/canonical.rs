//! The one spelling of a document, and its checksum.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Members by name, two spaces a level, one trailing newline: the same content is the same bytes, and versions of a
/// file can be compared line by line.
pub(super) fn spelled(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text.push('\n');
    text
}

/// SHA-256 of the spelling, in hexadecimal digits.
pub(super) fn checksum(value: &Value) -> String {
    let digest = Sha256::digest(spelled(value).as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(value: &Value, level: usize, text: &mut String) {
    match value {
        Value::Array(items) if items.is_empty() => text.push_str("[]"),
        Value::Array(items) => {
            let items = items.iter().map(|item| (None, item));
            bracketed(('[', ']'), items, level, text);
        }
        Value::Object(members) if members.is_empty() => text.push_str("{}"),
        Value::Object(members) => {
            // Sorted here: whether the map itself sorts is up to a feature any crate can switch.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let members = members.into_iter().map(|(name, value)| (Some(name), value));
            bracketed(('{', '}'), members, level, text);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string());
        }
    }
}

fn bracketed<'a>(
    (open, close): (char, char),
    items: impl Iterator<Item = (Option<&'a String>, &'a Value)>,
    level: usize,
    text: &mut String,
) {
    text.push(open);
    for (nth, (name, value)) in items.enumerate() {
        text.push_str(if nth == 0 { "\n" } else { ",\n" });
        indent(level + 1, text);
        if let Some(name) = name {
            text.push_str(&Value::String(name.clone()).to_string());
            text.push_str(": ");
        }
        write(value, level + 1, text);
    }
    text.push('\n');
    indent(level, text);
    text.push(close);
}

fn indent(level: usize, text: &mut String) {
    for _ in 0..level {
        text.push_str("  ");
    }
}
