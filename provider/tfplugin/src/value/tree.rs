//! The tree of values.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::{Number, Path, Refinements, Step, Type};

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

    fn child(&self, step: &Step) -> Option<&Self> {
        match (self.inner(), step) {
            (Self::Object(attributes), Step::Attribute(name)) => attributes.get(name),
            (Self::Map(elements), Step::Key(key)) => elements.get(key),
            (Self::List(elements) | Self::Tuple(elements), Step::Index(index)) => {
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
                (Self::Object(attributes), Step::Attribute(name)) => attributes.get_mut(name),
                (Self::Map(elements), Step::Key(key)) => elements.get_mut(key),
                (Self::List(elements) | Self::Tuple(elements), Step::Index(index)) => {
                    elements.get_mut(usize::try_from(*index).ok()?)
                }
                _ => None,
            }
        })
    }

    /// Shows every part to `visit`, each before its own parts. Elements of sets
    /// are shown under the path of the set.
    pub fn walk(&self, visit: &mut dyn FnMut(&Path, &Self)) {
        self.walk_from(&mut Path::root(), visit);
    }

    fn walk_from(&self, path: &mut Path, visit: &mut dyn FnMut(&Path, &Self)) {
        visit(path, self);
        match self.inner() {
            Self::List(elements) | Self::Tuple(elements) => {
                for (index, element) in (0..).zip(elements) {
                    path.push(Step::Index(index));
                    element.walk_from(path, visit);
                    path.pop();
                }
            }
            Self::Set(elements) => elements
                .iter()
                .for_each(|element| element.walk_from(path, visit)),
            Self::Map(elements) => {
                for (key, element) in elements {
                    path.push(Step::Key(key.clone()));
                    element.walk_from(path, visit);
                    path.pop();
                }
            }
            Self::Object(attributes) => {
                for (name, value) in attributes {
                    path.push(Step::Attribute(name.clone()));
                    value.walk_from(path, visit);
                    path.pop();
                }
            }
            Self::Null
            | Self::Unknown(_)
            | Self::String(_)
            | Self::Number(_)
            | Self::Bool(_)
            | Self::Dynamic(_) => {}
        }
    }

    /// The value with every part replaced by what `change` makes of it, parts
    /// before the whole. Elements of sets come under the path of the set; equal
    /// ones collapse afterwards.
    #[must_use]
    pub fn transform(self, change: &mut dyn FnMut(&Path, Self) -> Self) -> Self {
        self.transform_from(&mut Path::root(), change)
    }

    fn transform_from(self, path: &mut Path, change: &mut dyn FnMut(&Path, Self) -> Self) -> Self {
        let changed = match self {
            Self::List(elements) => Self::List(transform_row(elements, path, change)),
            Self::Tuple(elements) => Self::Tuple(transform_row(elements, path, change)),
            Self::Set(elements) => Self::Set(distinct(
                elements
                    .into_iter()
                    .map(|element| element.transform_from(path, change))
                    .collect(),
            )),
            Self::Map(elements) => Self::Map(transform_entries(elements, Step::Key, path, change)),
            Self::Object(attributes) => {
                Self::Object(transform_entries(attributes, Step::Attribute, path, change))
            }
            Self::Dynamic(typed) => {
                let (ty, value) = *typed;
                return Self::dynamic(ty, value.transform_from(path, change));
            }
            leaf @ (Self::Null
            | Self::Unknown(_)
            | Self::String(_)
            | Self::Number(_)
            | Self::Bool(_)) => leaf,
        };
        change(path, changed)
    }

    /// Where the value does not have the type `ty`, and what is wrong there.
    ///
    /// # Errors
    /// The first place, in document order, and the reason.
    pub fn conforms(&self, ty: &Type) -> Result<(), (Path, String)> {
        let inside = |step: Step| move |(path, reason): (Path, String)| (path.within(step), reason);
        match (self, ty) {
            (Self::Null | Self::Unknown(_), _)
            | (Self::String(_), Type::String)
            | (Self::Number(_), Type::Number)
            | (Self::Bool(_), Type::Bool) => Ok(()),
            (Self::Dynamic(typed), Type::Dynamic) => typed.1.conforms(&typed.0),
            (Self::List(elements), Type::List(element))
            | (Self::Set(elements), Type::Set(element)) => {
                (0..).zip(elements).try_for_each(|(index, value)| {
                    value.conforms(element).map_err(inside(Step::Index(index)))
                })
            }
            (Self::Map(elements), Type::Map(element)) => {
                elements.iter().try_for_each(|(key, value)| {
                    value
                        .conforms(element)
                        .map_err(inside(Step::Key(key.clone())))
                })
            }
            (Self::Tuple(elements), Type::Tuple(types)) if elements.len() == types.len() => (0..)
                .zip(elements.iter().zip(types))
                .try_for_each(|(index, (value, ty))| {
                    value.conforms(ty).map_err(inside(Step::Index(index)))
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
                            .map_err(inside(Step::Attribute(name.clone()))),
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

fn transform_row(
    elements: Vec<Value>,
    path: &mut Path,
    change: &mut dyn FnMut(&Path, Value) -> Value,
) -> Vec<Value> {
    (0..)
        .zip(elements)
        .map(|(index, element)| {
            path.push(Step::Index(index));
            let changed = element.transform_from(path, change);
            path.pop();
            changed
        })
        .collect()
}

fn transform_entries(
    entries: BTreeMap<String, Value>,
    step: fn(String) -> Step,
    path: &mut Path,
    change: &mut dyn FnMut(&Path, Value) -> Value,
) -> BTreeMap<String, Value> {
    entries
        .into_iter()
        .map(|(name, value)| {
            path.push(step(name.clone()));
            let changed = value.transform_from(path, change);
            path.pop();
            (name, changed)
        })
        .collect()
}

/// The elements of a set with equal ones collapsed, in their first order.
/// Unknown elements stay apart: they may turn out to be different.
pub(super) fn distinct(elements: Vec<Value>) -> Vec<Value> {
    let keep: Vec<bool> = {
        let mut seen = std::collections::BTreeSet::new();
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

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    /// An order without meaning, for sorting and for ordered collections.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Unknown(left), Self::Unknown(right)) => left.cmp(right),
            (Self::String(left), Self::String(right)) => left.cmp(right),
            (Self::Number(left), Self::Number(right)) => left.cmp(right),
            (Self::Bool(left), Self::Bool(right)) => left.cmp(right),
            (Self::List(left), Self::List(right)) | (Self::Tuple(left), Self::Tuple(right)) => {
                left.cmp(right)
            }
            (Self::Set(left), Self::Set(right)) => left
                .len()
                .cmp(&right.len())
                .then_with(|| sorted(left).cmp(&sorted(right))),
            (Self::Map(left), Self::Map(right)) | (Self::Object(left), Self::Object(right)) => {
                left.cmp(right)
            }
            (Self::Dynamic(left), Self::Dynamic(right)) => left.cmp(right),
            (left, right) => left.rank().cmp(&right.rank()),
        }
    }
}

fn sorted(elements: &[Value]) -> Vec<&Value> {
    let mut elements: Vec<&Value> = elements.iter().collect();
    elements.sort_unstable();
    elements
}

impl Value {
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Unknown(_) => 1,
            Self::String(_) => 2,
            Self::Number(_) => 3,
            Self::Bool(_) => 4,
            Self::List(_) => 5,
            Self::Set(_) => 6,
            Self::Map(_) => 7,
            Self::Object(_) => 8,
            Self::Tuple(_) => 9,
            Self::Dynamic(_) => 10,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_equal_as_multisets() {
        let set =
            |elements: &[i32]| Value::Set(elements.iter().copied().map(Value::from).collect());
        assert_eq!(set(&[1, 2, 2]), set(&[2, 1, 2]));
        assert_ne!(set(&[1, 2, 2]), set(&[1, 1, 2]));
        assert_ne!(set(&[1]), set(&[1, 1]));
        assert_eq!(Value::set([1, 2, 2]), set(&[2, 1]));
    }

    #[test]
    fn nested_sets_ignore_order_too() {
        let one = Value::list([Value::set([1, 2]), Value::set([3])]);
        let two = Value::list([Value::set([2, 1]), Value::set([3])]);
        assert_eq!(one, two);
    }

    #[test]
    fn unknown_elements_of_a_set_stay_apart() {
        let set = Value::set([
            Value::unknown(),
            Value::unknown(),
            Value::from("a"),
            Value::from("a"),
        ]);
        assert_eq!(set.elements().map(<[Value]>::len), Some(3));
    }

    #[test]
    fn null_empty_text_and_empty_list_differ() {
        let values = [
            Value::Null,
            Value::from(""),
            Value::List(vec![]),
            Value::Set(vec![]),
        ];
        for (left, one) in values.iter().enumerate() {
            for (right, other) in values.iter().enumerate() {
                assert_eq!(one == other, left == right);
            }
        }
    }

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
    fn walking_shows_every_part_once() {
        let value = Value::object([("a", Value::list([1, 2])), ("b", Value::set(["x"]))]);
        let mut seen = Vec::new();
        value.walk(&mut |path, _| seen.push(path.to_string()));
        assert_eq!(seen, ["", "a", "a[0]", "a[1]", "b", "b"]);
    }

    #[test]
    fn transforming_replaces_parts_first() {
        let value = Value::object([("a", Value::list([1, 2]))]);
        let unknown_a = value.transform(&mut |path, part| {
            if path == &Path::from("a").index(1) {
                Value::unknown()
            } else {
                part
            }
        });
        assert_eq!(
            unknown_a,
            Value::object([("a", Value::list([Value::from(1), Value::unknown()]))])
        );
        assert!(!unknown_a.is_wholly_known());
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
