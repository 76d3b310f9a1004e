//! Reading a call's input member by member, with the service's own error code for what does not fit.

use serde_json::{Map, Value};

use crate::error::ApiError;

/// The members of a call's input or of a structure inside it.
///
/// Scalars may come as text (the query protocol) or typed (JSON); an absent member, null and the query protocol's
/// empty list are told apart where AWS tells them apart.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    members: Map<String, Value>,
    invalid: &'static str,
}

impl Input {
    /// Wraps the input of a call; `invalid` is the error code for members that do not fit.
    pub(crate) fn new(value: Value, invalid: &'static str) -> Result<Self, ApiError> {
        match value {
            Value::Object(members) => Ok(Self { members, invalid }),
            Value::Null => Ok(Self {
                members: Map::new(),
                invalid,
            }),
            Value::String(text) if text.is_empty() => Ok(Self {
                members: Map::new(),
                invalid,
            }),
            other => Err(ApiError::new(
                invalid,
                format!("Expected a structure, got {other}"),
            )),
        }
    }

    /// A refusal under this service's code for bad input.
    pub(crate) fn refuse(&self, message: impl Into<String>) -> ApiError {
        ApiError::new(self.invalid, message)
    }

    /// The raw member; null counts as absent.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// Whether the member was sent.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// All members.
    pub(crate) fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// A text; numbers and booleans are taken as written.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(flag)) => Ok(Some(flag.to_string())),
            Some(other) => Err(self.refuse(format!("{name}: expected text, got {other}"))),
        }
    }

    /// A text that must be there and not empty.
    pub(crate) fn required(&self, name: &str) -> Result<String, ApiError> {
        match self.text(name)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) | None => Err(self.refuse(format!("{name} must be specified"))),
        }
    }

    /// A whole number; `""` is absent.
    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name)?.filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        text.trim()
            .parse()
            .map(Some)
            .map_err(|_| self.refuse(format!("{name}: '{text}' is not a whole number")))
    }

    /// A whole number within bounds.
    pub(crate) fn number_in(
        &self,
        name: &str,
        low: u32,
        high: u32,
    ) -> Result<Option<u32>, ApiError> {
        let Some(number) = self.number(name)? else {
            return Ok(None);
        };
        u32::try_from(number)
            .ok()
            .filter(|number| (low..=high).contains(number))
            .map(Some)
            .ok_or_else(|| {
                self.refuse(format!(
                    "{name} '{number}' must be between '{low}' and '{high}'"
                ))
            })
    }

    /// A boolean; `""` is absent.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self
            .text(name)?
            .map(|text| text.to_ascii_lowercase())
            .as_deref()
        {
            None | Some("") => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(other) => Err(self.refuse(format!("{name}: '{other}' is not a boolean"))),
        }
    }

    /// A list; `""` is the empty list.
    pub(crate) fn list(&self, name: &str) -> Result<Option<&[Value]>, ApiError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(Value::String(text)) if text.is_empty() => Ok(Some(&[])),
            Some(other) => Err(self.refuse(format!("{name}: expected a list, got {other}"))),
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        items
            .iter()
            .map(|item| match item {
                Value::String(text) => Ok(text.clone()),
                Value::Number(number) => Ok(number.to_string()),
                other => Err(self.refuse(format!("{name}: expected a list of texts, got {other}"))),
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// A structure.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, ApiError> {
        self.value(name)
            .map(|value| Self::new(value.clone(), self.invalid))
            .transpose()
    }

    /// A list of structures; absent is empty.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Self>, ApiError> {
        self.list(name)?
            .unwrap_or_default()
            .iter()
            .map(|item| Self::new(item.clone(), self.invalid))
            .collect()
    }
}

/// One page of `items`: the page and the token of the next one. Tokens are offsets written as text; `None` when `token`
/// was never given.
pub(crate) fn page<T: Clone>(
    items: &[T],
    token: Option<&str>,
    size: usize,
) -> Option<(Vec<T>, Option<String>)> {
    let start = match token {
        None => 0,
        Some(token) => token.parse::<usize>().ok().filter(|start| *start > 0)?,
    };
    let end = start.saturating_add(size).min(items.len());
    let next = (end < items.len()).then(|| end.to_string());
    Some((items.get(start..end).unwrap_or_default().to_vec(), next))
}
