//! The tree of values.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::{Number, Path, PathStep, Refinements, Type};

/// A Terraform value.
///
/// Null, the empty text and the empty list are three different values. Equality
/// is Terraform's: numbers compare by value, sets as multisets (order never
/// matters), everything else part by part.
#[derive(Debug, Clone)]
pub enum Value {
    /// Not set.
    Null,
    /// Known only after apply.
    Unknown(Refinements),
    /// Text.
    String(String),
    /// A number.
    Number(Number),
    /// True or false.
    Bool(bool),
    /// Ordered elements.
    List(Vec<Value>),
    /// Elements whose order means nothing.
    Set(Vec<Value>),
    /// Elements by key.
    Map(BTreeMap<String, Value>),
    /// Attributes by name.
    Object(BTreeMap<String, Value>),
    /// A row of elements of different types.
    Tuple(Vec<Value>),
    /// The value of a [`Type::Dynamic`] attribute, with the type it brought
    /// along. A null or unknown of no particular type is plain
    /// [`Value::Null`] or [`Value::Unknown`].
    Dynamic(Box<(Type, Value)>),
}

static NULL: Value = Value::Null;

impl Value {
    /// An unknown value about which nothing is promised.
    #[must_use]
    pub fn unknown() -> Self {
        Self::Unknown(Refinements::none())
    }

    /// An object with these attributes.
    pub fn object<N: Into<String>, V: Into<Value>>(
        attributes: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self::Object(
            attributes
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// A map with these elements.
    pub fn map<N: Into<String>, V: Into<Value>>(
        elements: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self::Map(
            elements
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }

    /// A list of these elements.
    pub fn list<V: Into<Value>>(elements: impl IntoIterator<Item = V>) -> Self {
        Self::List(elements.into_iter().map(Into::into).collect())
    }

    /// A set of these elements; equal elements collapse into one.
    pub fn set<V: Into<Value>>(elements: impl IntoIterator<Item = V>) -> Self {
        Self::Set(distinct(elements.into_iter().map(Into::into).collect()))
    }

    /// A tuple of these elements.
    pub fn tuple<V: Into<Value>>(elements: impl IntoIterator<Item = V>) -> Self {
        Self::Tuple(elements.into_iter().map(Into::into).collect())
    }

    /// A value for a [`Type::Dynamic`] attribute.
    #[must_use]
    pub fn dynamic(ty: Type, value: Self) -> Self {
        Self::Dynamic(Box::new((ty, value)))
    }

    /// Whether the value is null; a typed null is.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.inner(), Self::Null)
    }

    /// Whether the value itself (not a part of it) is unknown.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.inner(), Self::Unknown(_))
    }

    /// Whether neither the value nor any part of it is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::String(_) | Self::Number(_) | Self::Bool(_) => true,
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => {
                elements.iter().all(Self::is_wholly_known)
            }
            Self::Map(elements) | Self::Object(elements) => {
                elements.values().all(Self::is_wholly_known)
            }
            Self::Dynamic(typed) => typed.1.is_wholly_known(),
        }
    }

    /// The value without the type a dynamic one brings along.
    #[must_use]
    pub fn inner(&self) -> &Self {
        let mut value = self;
        while let Self::Dynamic(typed) = value {
            value = &typed.1;
        }
        value
    }

    /// The text, if this is a known text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self.inner() {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list, set or tuple; `None` for anything else.
    #[must_use]
    pub fn elements(&self) -> Option<&[Self]> {
        match self.inner() {
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => Some(elements),
            _ => None,
        }
    }

    /// The attributes of an object or the elements of a map; `None` for anything
    /// else.
    #[must_use]
    pub fn entries(&self) -> Option<&BTreeMap<String, Self>> {
        match self.inner() {
            Self::Map(entries) | Self::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The attribute `name` of an object; null if this is not an object or has
    /// no such attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &Self {
        match self.inner() {
            Self::Object(attributes) => attributes.get(name).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// The object with `name` set to `value`. Anything but an object becomes an
    /// object with this one attribute.
    #[must_use]
    pub fn with_attribute(self, name: impl Into<String>, value: impl Into<Self>) -> Self {
        let mut attributes = match self {
            Self::Object(attributes) => attributes,
            _ => BTreeMap::new(),
        };
        attributes.insert(name.into(), value.into());
        Self::Object(attributes)
    }

    fn child(&self, step: &PathStep) -> Option<&Self> {
        match (self.inner(), step) {
            (Self::Object(attributes), PathStep::Attribute(name)) => attributes.get(name),
            (Self::Map(elements), PathStep::Key(key)) => elements.get(key),
            (Self::List(elements) | Self::Tuple(elements), PathStep::Index(index)) => {
                elements.get(usize::try_from(*index).ok()?)
            }
            _ => None,
        }
    }

    /// The part at `path`; `None` if there is none (also below null, unknown and
    /// sets).
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<&Self> {
        path.steps()
            .iter()
            .try_fold(self, |value, step| value.child(step))
    }

    /// The part at `path`, to be changed.
    pub fn at_mut(&mut self, path: &Path) -> Option<&mut Self> {
        path.steps().iter().try_fold(self, |mut value, step| {
            while let Self::Dynamic(typed) = value {
                value = &mut typed.1;
            }
            match (value, step) {
                (Self::Object(attributes), PathStep::Attribute(name)) => attributes.get_mut(name),
                (Self::Map(elements), PathStep::Key(key)) => elements.get_mut(key),
                (Self::List(elements) | Self::Tuple(elements), PathStep::Index(index)) => {
                    elements.get_mut(usize::try_from(*index).ok()?)
                }
                _ => None,
            }
        })
    }

    /// Where the value does not have the type `ty`, and what is wrong there.
    ///
    /// # Errors
    /// The first place, in document order, and the reason.
    pub fn conforms(&self, ty: &Type) -> Result<(), (Path, String)> {
        let inside =
            |step: PathStep| move |(path, reason): (Path, String)| (path.within(step), reason);
        match (self, ty) {
            (Self::Null | Self::Unknown(_), _)
            | (Self::String(_), Type::String)
            | (Self::Number(_), Type::Number)
            | (Self::Bool(_), Type::Bool) => Ok(()),
            (Self::Dynamic(typed), Type::Dynamic) => typed.1.conforms(&typed.0),
            (Self::List(elements), Type::List(element))
            | (Self::Set(elements), Type::Set(element)) => {
                (0..).zip(elements).try_for_each(|(index, value)| {
                    value
                        .conforms(element)
                        .map_err(inside(PathStep::Index(index)))
                })
            }
            (Self::Map(elements), Type::Map(element)) => {
                elements.iter().try_for_each(|(key, value)| {
                    value
                        .conforms(element)
                        .map_err(inside(PathStep::Key(key.clone())))
                })
            }
            (Self::Tuple(elements), Type::Tuple(types)) if elements.len() == types.len() => (0..)
                .zip(elements.iter().zip(types))
                .try_for_each(|(index, (value, ty))| {
                    value.conforms(ty).map_err(inside(PathStep::Index(index)))
                }),
            (Self::Object(attributes), Type::Object(types)) => {
                if let Some(name) = types.keys().find(|name| !attributes.contains_key(*name)) {
                    return Err((Path::root(), format!("attribute {name:?} is missing")));
                }
                attributes
                    .iter()
                    .try_for_each(|(name, value)| match types.get(name) {
                        Some(ty) => value
                            .conforms(ty)
                            .map_err(inside(PathStep::Attribute(name.clone()))),
                        None => Err((Path::root(), format!("unsupported attribute {name:?}"))),
                    })
            }
            (value, ty) => Err((
                Path::root(),
                format!("{ty} required, but this is {}", value.kind()),
            )),
        }
    }

    /// What kind of value this is, for messages: `"a list"`, `"null"`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "unknown",
            Self::String(_) => "a string",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a bool",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Object(_) => "an object",
            Self::Tuple(_) => "a tuple",
            Self::Dynamic(typed) => typed.1.kind(),
        }
    }
}

/// `text` in Unicode normalisation form C, the only form Terraform keeps.
///
/// ```
/// use tfplugin::value::nfc;
///
/// assert_eq!(nfc("e\u{301}"), "é");
/// ```
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i32> for Value {
    fn from(integer: i32) -> Self {
        Self::Number(Number::from(integer))
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Number(Number::from(integer))
    }
}

impl From<u64> for Value {
    fn from(integer: u64) -> Self {
        Self::Number(Number::from(integer))
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<Refinements> for Value {
    fn from(refinements: Refinements) -> Self {
        Self::Unknown(refinements)
    }
}

/// The elements of a set with equal ones collapsed, in their first order.
/// Unknown elements stay apart: they may turn out to be different.
pub(super) fn distinct(elements: Vec<Value>) -> Vec<Value> {
    let keep: Vec<bool> = {
        let mut seen = BTreeSet::new();
        elements
            .iter()
            .map(|element| !element.is_wholly_known() || seen.insert(element))
            .collect()
    };
    elements
        .into_iter()
        .zip(keep)
        .filter_map(|(element, keep)| keep.then_some(element))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_changed_by_path() {
        let mut value = Value::object([("rules", Value::list([Value::object([("port", 80)])]))]);
        let path = Path::from("rules").index(0).attribute("port");
        assert_eq!(value.at(&path), Some(&Value::from(80)));
        *value.at_mut(&path).unwrap() = Value::from(81);
        assert_eq!(value.at(&path), Some(&Value::from(81)));
        assert_eq!(value.at(&Path::from("rules").index(-1)), None);
        assert_eq!(value.at(&Path::from("rules").index(1)), None);
        assert_eq!(value.at(&Path::from("rules").key("0")), None);
        assert_eq!(value.attribute("absent"), &Value::Null);
    }

    #[test]
    fn conformity_names_the_place() {
        let ty = Type::object([("a", Type::list(Type::Number))]);
        assert_eq!(
            Value::object([("a", Value::list([1]))]).conforms(&ty),
            Ok(())
        );
        let (path, reason) = Value::object([("a", Value::list(["x"]))])
            .conforms(&ty)
            .unwrap_err();
        assert_eq!(path, Path::from("a").index(0));
        assert_eq!(reason, "number required, but this is a string");
        assert!(Value::object([("b", 1)]).conforms(&ty).is_err());
    }
}
