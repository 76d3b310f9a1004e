//! Values inside messages.

use std::fmt::{self, Write};

use crate::value::Value;

/// Longer values are cut: a message is read by a person.
const MOST: usize = 200;

/// A value as a message quotes it; nothing of a secret one.
pub(super) fn shown(value: &Value, secret: bool) -> String {
    if secret {
        return "(sensitive value)".to_owned();
    }
    let mut text = Cut {
        text: String::new(),
        left: MOST,
    };
    // Stops with an error when full, which is the purpose.
    if write_value(value, &mut text).is_err() {
        text.text.push_str("...");
    }
    text.text
}

struct Cut {
    text: String,
    left: usize,
}

impl Write for Cut {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for letter in part.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(letter);
        }
        Ok(())
    }
}

fn write_value(value: &Value, into: &mut Cut) -> fmt::Result {
    match value {
        Value::Null => into.write_str("null"),
        Value::Unknown(_) => into.write_str("(known after apply)"),
        Value::String(text) => write!(into, "{text:?}"),
        Value::Number(number) => write!(into, "{number}"),
        Value::Bool(truth) => write!(into, "{truth}"),
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            into.write_str("[")?;
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    into.write_str(", ")?;
                }
                write_value(element, into)?;
            }
            into.write_str("]")
        }
        Value::Map(entries) | Value::Object(entries) => {
            into.write_str("{")?;
            for (index, (name, entry)) in entries.iter().enumerate() {
                if index > 0 {
                    into.write_str(", ")?;
                }
                write!(into, "{name:?}: ")?;
                write_value(entry, into)?;
            }
            into.write_str("}")
        }
        Value::Dynamic(typed) => write_value(&typed.1, into),
    }
}
