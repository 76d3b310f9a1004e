//! Typed models: Rust structs read from and written to values.

use std::collections::{BTreeMap, BTreeSet};

use super::path::Prefix;
use super::{Attr, Number, Path, PathStep, Value};

/// The value does not fit the model. As Terraform checks values against the
/// schema first, this means that schema and model disagree: a bug of the
/// provider, unless the model reads a JSON text from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", Prefix(path))]
pub struct ModelError {
    /// Where in the value.
    pub path: Path,
    /// What is wrong there.
    pub reason: String,
}

impl ModelError {
    /// An error about the value itself.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            path: Path::root(),
            reason: reason.into(),
        }
    }

    /// The error as seen from the value one step further out.
    #[must_use]
    pub fn within(self, step: PathStep) -> Self {
        Self {
            path: self.path.within(step),
            reason: self.reason,
        }
    }

    pub(super) fn mismatch(wanted: &str, found: &Value) -> Self {
        Self::new(format!(
            "{wanted} is required, but this is {}",
            found.kind()
        ))
    }
}

/// Checks that a value is an object with no attribute but those a model `has`. Missing attributes are null.
#[doc(hidden)]
pub fn model_object(value: &Value, has: impl Fn(&str) -> bool) -> Result<&Value, ModelError> {
    let Value::Object(attributes) = value.inner() else {
        return Err(ModelError::mismatch("an object", value));
    };
    // A silently ignored attribute would be lost when the model is written back.
    match attributes.keys().find(|name| !has(name)) {
        Some(name) => Err(ModelError::new(format!(
            "the model has no attribute {name:?}"
        ))),
        None => Ok(value),
    }
}

/// Reads one attribute of a model.
#[doc(hidden)]
pub fn model_field<T: FromValue>(object: &Value, name: &str) -> Result<T, ModelError> {
    T::from_value(object.attribute(name))
        .map_err(|error| error.within(PathStep::Attribute(name.to_owned())))
}

/// Read from a [`Value`].
pub trait FromValue: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// When the value has another shape, or is null or unknown where the model
    /// has no place for that (see [`Attr`]).
    fn from_value(value: &Value) -> Result<Self, ModelError>;
}

/// Written to a [`Value`].
pub trait ToValue {
    /// The value.
    fn to_value(&self) -> Value;
}

impl FromValue for Value {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        Ok(value.clone())
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: FromValue> FromValue for Box<T> {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        T::from_value(value).map(Self::new)
    }
}

impl<T: ToValue + ?Sized> ToValue for Box<T> {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        match value.inner() {
            Value::String(text) => Ok(text.clone()),
            other => Err(ModelError::mismatch("a string", other)),
        }
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::String(self.clone())
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::String(self.to_owned())
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        match value.inner() {
            Value::Bool(truth) => Ok(*truth),
            other => Err(ModelError::mismatch("a bool", other)),
        }
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl FromValue for Number {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        match value.inner() {
            Value::Number(number) => Ok(number.clone()),
            other => Err(ModelError::mismatch("a number", other)),
        }
    }
}

impl ToValue for Number {
    fn to_value(&self) -> Value {
        Value::Number(self.clone())
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        Self::try_from(Number::from_value(value)?)
            .map_err(|error| ModelError::new(error.to_string()))
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Value {
        Value::from(*self)
    }
}

impl FromValue for u64 {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        Self::try_from(Number::from_value(value)?)
            .map_err(|error| ModelError::new(error.to_string()))
    }
}

impl ToValue for u64 {
    fn to_value(&self) -> Value {
        Value::from(*self)
    }
}

/// Null is `None`.
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        if value.is_null() {
            Ok(None)
        } else {
            T::from_value(value).map(Some)
        }
    }
}

/// `None` is null.
impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: FromValue> FromValue for Attr<T> {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        match value.inner() {
            Value::Null => Ok(Self::Null),
            Value::Unknown(_) => Ok(Self::Unknown),
            _ => T::from_value(value).map(Self::Known),
        }
    }
}

impl<T: ToValue> ToValue for Attr<T> {
    fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown => Value::unknown(),
            Self::Known(value) => value.to_value(),
        }
    }
}

pub(super) fn from_elements<T: FromValue, C: FromIterator<T>>(
    value: &Value,
    wanted: &str,
) -> Result<C, ModelError> {
    let elements = value
        .elements()
        .ok_or_else(|| ModelError::mismatch(wanted, value))?;
    (0..)
        .zip(elements)
        .map(|(index, element)| {
            T::from_value(element).map_err(|error| error.within(PathStep::Index(index)))
        })
        .collect()
}

/// A list; reading also takes sets and tuples.
impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        from_elements(value, "a list")
    }
}

impl<T: ToValue> ToValue for Vec<T> {
    fn to_value(&self) -> Value {
        Value::List(self.iter().map(ToValue::to_value).collect())
    }
}

/// A set that is wholly known; see [`super::Set`].
impl<T: FromValue + Ord> FromValue for BTreeSet<T> {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        from_elements(value, "a set")
    }
}

impl<T: ToValue> ToValue for BTreeSet<T> {
    fn to_value(&self) -> Value {
        Value::Set(self.iter().map(ToValue::to_value).collect())
    }
}

/// A map.
impl<T: FromValue> FromValue for BTreeMap<String, T> {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        let entries = value
            .entries()
            .ok_or_else(|| ModelError::mismatch("a map", value))?;
        entries
            .iter()
            .map(|(key, element)| match T::from_value(element) {
                Ok(element) => Ok((key.clone(), element)),
                Err(error) => Err(error.within(PathStep::Key(key.clone()))),
            })
            .collect()
    }
}

impl<T: ToValue> ToValue for BTreeMap<String, T> {
    fn to_value(&self) -> Value {
        Value::Map(
            self.iter()
                .map(|(key, element)| (key.clone(), element.to_value()))
                .collect(),
        )
    }
}
