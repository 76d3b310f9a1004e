//! Sets in typed models.

use super::model::from_elements;
use super::{FromValue, ModelError, ToValue, Value};

/// The elements of a set attribute, sorted.
///
/// Unlike a [`BTreeSet`](std::collections::BTreeSet) it keeps equal elements: two elements that are both
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
