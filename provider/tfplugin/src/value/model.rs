//! Typed models: Rust structs read from and written to values.

use std::collections::{BTreeMap, BTreeSet};

use super::path::Prefix;
use super::{Attr, Number, Path, Step, Value};

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
    pub fn within(self, step: Step) -> Self {
        Self {
            path: self.path.within(step),
            reason: self.reason,
        }
    }

    fn mismatch(wanted: &str, found: &Value) -> Self {
        Self::new(format!(
            "{wanted} is required, but this is {}",
            found.kind()
        ))
    }
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

fn from_elements<T: FromValue, C: FromIterator<T>>(
    value: &Value,
    wanted: &str,
) -> Result<C, ModelError> {
    let elements = value
        .elements()
        .ok_or_else(|| ModelError::mismatch(wanted, value))?;
    (0..)
        .zip(elements)
        .map(|(index, element)| {
            T::from_value(element).map_err(|error| error.within(Step::Index(index)))
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

/// The elements of a set attribute, sorted.
///
/// Unlike a [`BTreeSet`] it keeps equal elements: two elements that are both
/// unknown (`[a.id, b.id]` before `a` and `b` exist) are two elements, and a plan
/// that merges them is refused by Terraform. So `Set<Attr<T>>` is the type for
/// set attributes that a configuration fills; `BTreeSet<T>` is for sets that are
/// wholly known.
///
/// ```
/// use tfplugin::value::{Attr, FromValue, Set, Value};
///
/// let value = Value::set([Value::from("sg-1"), Value::unknown(), Value::unknown()]);
/// let groups = Set::<Attr<String>>::from_value(&value)?;
/// assert_eq!(groups.len(), 3);
/// # Ok::<(), tfplugin::value::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set<T>(Vec<T>);

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut elements: Vec<T> = elements.into_iter().collect();
        elements.sort_unstable();
        Self(elements)
    }
}

impl<T> std::ops::Deref for Set<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Set<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: FromValue + Ord> FromValue for Set<T> {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        from_elements(value, "a set")
    }
}

impl<T: ToValue> ToValue for Set<T> {
    fn to_value(&self) -> Value {
        Value::Set(self.0.iter().map(ToValue::to_value).collect())
    }
}

/// A set that is wholly known; see [`Set`].
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
                Err(error) => Err(error.within(Step::Key(key.clone()))),
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

/// The attribute name of a Rust field name: `r#type` is `type`.
#[doc(hidden)]
#[must_use]
pub const fn attribute_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// Checks that a value is an object with no attribute outside `names`. Missing
/// attributes are null.
#[doc(hidden)]
pub fn model_object<'a>(value: &'a Value, names: &[&str]) -> Result<&'a Value, ModelError> {
    let Value::Object(attributes) = value.inner() else {
        return Err(ModelError::mismatch("an object", value));
    };
    // A silently ignored attribute would be lost when the model is written back.
    match attributes
        .keys()
        .find(|name| !names.contains(&name.as_str()))
    {
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
        .map_err(|error| error.within(Step::Attribute(name.to_owned())))
}

/// Declares a model: a struct whose fields are the attributes of an object, with
/// [`FromValue`] and [`ToValue`], and the names in `ATTRIBUTES` (sorted as
/// written), so that a test can compare model and schema.
///
/// A field must be able to hold what can arrive: [`Attr<T>`] for null, unknown
/// or known, `Option<T>` where nothing is ever unknown, `T` for attributes that
/// are always set and known. A Rust keyword is written `r#type`.
///
/// ```
/// use tfplugin::value::{Attr, FromValue, ToValue, Value};
///
/// tfplugin::object! {
///     /// How long to watch the new version.
///     #[derive(Debug, Clone, PartialEq)]
///     pub struct Bake {
///         /// Share of traffic, in percent.
///         pub percent: Attr<i64>,
///         pub r#type: Attr<String>,
///     }
/// }
///
/// let value = Value::object([("percent", Value::from(10)), ("type", Value::unknown())]);
/// let bake = Bake::from_value(&value)?;
/// assert_eq!(bake, Bake { percent: Attr::Known(10), r#type: Attr::Unknown });
/// assert_eq!(bake.to_value(), value);
/// assert_eq!(Bake::ATTRIBUTES, ["percent", "type"]);
///
/// let error = Bake::from_value(&Value::object([("percent", "ten")])).unwrap_err();
/// assert_eq!(error.to_string(), "percent: a number is required, but this is a string");
/// # Ok::<(), tfplugin::value::ModelError>(())
/// ```
#[macro_export]
macro_rules! object {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $(
                $(#[$field_attribute:meta])*
                $field_visibility:vis $field:ident : $type:ty
            ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $name {
            $(
                $(#[$field_attribute])*
                $field_visibility $field : $type,
            )*
        }

        impl $name {
            /// The attribute names, in the order of the fields.
            $visibility const ATTRIBUTES: &'static [&'static str] =
                &[$($crate::value::attribute_name(::core::stringify!($field))),*];
        }

        impl $crate::value::FromValue for $name {
            fn from_value(value: &$crate::value::Value) -> ::core::result::Result<Self, $crate::value::ModelError> {
                let object = $crate::value::model_object(value, Self::ATTRIBUTES)?;
                // A model without fields would leave it unused.
                let _ = object;
                ::core::result::Result::Ok(Self {
                    $(
                        $field: $crate::value::model_field(
                            object,
                            $crate::value::attribute_name(::core::stringify!($field)),
                        )?,
                    )*
                })
            }
        }

        impl $crate::value::ToValue for $name {
            fn to_value(&self) -> $crate::value::Value {
                $crate::value::Value::object::<&str, $crate::value::Value>([
                    $(
                        (
                            $crate::value::attribute_name(::core::stringify!($field)),
                            $crate::value::ToValue::to_value(&self.$field),
                        ),
                    )*
                ])
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    object! {
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        struct Rule {
            port: i64,
            tags: Attr<BTreeMap<String, String>>,
        }
    }

    object! {
        #[derive(Debug, PartialEq)]
        struct Service {
            rules: Vec<Rule>,
            names: BTreeSet<String>,
            main: Attr<Rule>,
            note: Option<String>,
            anything: Value,
        }
    }

    object! {
        #[derive(Debug, PartialEq)]
        struct Empty {}
    }

    fn service() -> Service {
        Service {
            rules: vec![Rule {
                port: 80,
                tags: Attr::Known(BTreeMap::from([("a".to_owned(), "b".to_owned())])),
            }],
            names: BTreeSet::from(["x".to_owned()]),
            main: Attr::Unknown,
            note: None,
            anything: Value::dynamic(super::super::Type::Bool, Value::from(true)),
        }
    }

    #[test]
    fn models_are_written_and_read_back() {
        assert_eq!(Service::from_value(&service().to_value()), Ok(service()));
        assert_eq!(Empty::from_value(&Empty {}.to_value()), Ok(Empty {}));
    }

    #[test]
    fn errors_carry_the_path() {
        let value = service().to_value().with_attribute(
            "rules",
            Value::list([Value::object([(
                "port",
                Value::Number("0.5".parse().unwrap()),
            )])]),
        );
        let error = Service::from_value(&value).unwrap_err();
        assert_eq!(error.path, Path::from("rules").index(0).attribute("port"));
        assert_eq!(error.reason, "a whole number is required");
    }

    #[test]
    fn null_and_unknown_need_a_place() {
        assert!(String::from_value(&Value::Null).is_err());
        assert!(Option::<String>::from_value(&Value::unknown()).is_err());
        assert_eq!(
            Attr::<String>::from_value(&Value::unknown()),
            Ok(Attr::Unknown)
        );
        assert!(Rule::from_value(&Value::Null).is_err());
    }

    #[test]
    fn an_attribute_the_model_does_not_know_is_an_error() {
        let error = Empty::from_value(&Value::object([("new", 1)])).unwrap_err();
        assert_eq!(error.reason, "the model has no attribute \"new\"");
    }

    #[test]
    fn a_missing_attribute_is_null() {
        assert_eq!(
            Attr::<Rule>::from_value(&Value::object([("port", 1)])),
            Ok(Attr::Known(Rule {
                port: 1,
                tags: Attr::Null
            }))
        );
    }
}
