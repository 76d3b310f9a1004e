//! Reading inputs of the query protocol, where every scalar arrives as text and `""` means an empty list.
//!
//! Each function is a `#[serde(deserialize_with = "…")]`; pair it with `#[serde(default)]` so that an absent member
//! stays absent. JSON callers (numbers, booleans, arrays) are accepted as well.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::ApiError;

/// Parses a call's input into `T`; a misfit becomes `ValidationError`, as the query services answer.
///
/// # Errors
/// `ValidationError` with the reason when a member has the wrong shape.
pub(crate) fn parse<T: DeserializeOwned>(input: Value) -> Result<T, ApiError> {
    let input = if input.is_null() {
        Value::Object(serde_json::Map::new())
    } else {
        input
    };
    serde_json::from_value(input)
        .map_err(|reason| ApiError::new("ValidationError", reason.to_string()))
}

/// A number that may be written as text; absent, null and `""` are `None`.
pub(crate) fn number<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: Display,
{
    let text = match Value::deserialize(deserializer)? {
        Value::Null => return Ok(None),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        other => return Err(D::Error::custom(format!("expected a number, got {other}"))),
    };
    text.trim()
        .parse()
        .map(Some)
        .map_err(|reason| D::Error::custom(format!("'{text}' is not a valid number: {reason}")))
}

/// A boolean that may be written as text; absent, null and `""` are `None`.
pub(crate) fn boolean<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            _ => Err(D::Error::custom(format!("'{text}' is not a boolean"))),
        },
        other => Err(D::Error::custom(format!("expected a boolean, got {other}"))),
    }
}

/// Text; numbers and booleans are taken as written. Absent and null are `None`, `""` stays the empty text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(flag) => Ok(Some(flag.to_string())),
        other => Err(D::Error::custom(format!("expected text, got {other}"))),
    }
}

/// A list; absent and null are `None`, `""` is the empty list.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(Some(Vec::new())),
        Value::Array(items) => items
            .into_iter()
            .map(|item| serde_json::from_value(item).map_err(D::Error::custom))
            .collect::<Result<_, _>>()
            .map(Some),
        other => Err(D::Error::custom(format!("expected a list, got {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Deserialize, Debug, PartialEq)]
    struct Input {
        #[serde(default, deserialize_with = "number")]
        port: Option<u16>,
        #[serde(default, deserialize_with = "boolean")]
        enabled: Option<bool>,
        #[serde(default, deserialize_with = "list")]
        names: Option<Vec<String>>,
    }

    #[test]
    fn texts_and_typed_values_read_alike() {
        let typed: Input = parse(json!({"port": 80, "enabled": true, "names": []})).unwrap();
        let texts: Input = parse(json!({"port": "80", "enabled": "true", "names": ""})).unwrap();
        assert_eq!(typed, texts);
        assert_eq!(
            parse::<Input>(json!({})).unwrap(),
            Input {
                port: None,
                enabled: None,
                names: None
            }
        );
    }

    #[test]
    fn a_misfit_is_a_validation_error() {
        let refused = parse::<Input>(json!({"port": "eighty"})).unwrap_err();
        assert_eq!(refused.code, "ValidationError");
        assert!(refused.message.contains("eighty"), "{}", refused.message);
    }
}
