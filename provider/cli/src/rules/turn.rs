//! Which way a value went.

use serde_json::Value;

use super::width;
use crate::plan::{Path, Raw, is_nothing};

/// Which way a value went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Turn {
    /// It is false now.
    Off,
    /// It is true now.
    On,
    /// There is nothing now.
    Gone,
    /// It is zero now.
    Zero,
    /// It is a smaller number.
    Lower,
    /// It allows more than before, or cannot be compared.
    Wider,
    /// It is one of these words now, in any case.
    To(&'static [&'static str]),
    /// It was not known before, and is known to be off.
    Filled,
}

impl Turn {
    pub(super) fn is_taken(self, path: &Path, raw: &Raw) -> bool {
        let Raw { from, to } = raw;
        match self {
            Self::Off => is_word(to, &["false"]),
            Self::On => is_word(to, &["true"]),
            Self::Gone => is_nothing(to),
            Self::Zero => number(to) == Some(0.0),
            Self::Lower => number(to) < number(from) && number(to).is_some(),
            Self::Wider => {
                width::is_wider(path.keys().last().copied().unwrap_or_default(), from, to)
            }
            Self::To(words) => is_word(to, words),
            Self::Filled => from.is_null() && *to == Value::Bool(false),
        }
    }
}

/// Providers write some numbers and truths as text.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_word(value: &Value, words: &[&str]) -> bool {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => return false,
    };
    words.iter().any(|word| word.eq_ignore_ascii_case(&text))
}
