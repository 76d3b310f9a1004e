//! Visiting and changing every part of a value.

use std::collections::BTreeMap;

use super::tree::distinct;
use super::{Path, PathStep, Value};

impl Value {
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
                    path.push(PathStep::Index(index));
                    element.walk_from(path, visit);
                    path.pop();
                }
            }
            Self::Set(elements) => elements
                .iter()
                .for_each(|element| element.walk_from(path, visit)),
            Self::Map(elements) => {
                for (key, element) in elements {
                    path.push(PathStep::Key(key.clone()));
                    element.walk_from(path, visit);
                    path.pop();
                }
            }
            Self::Object(attributes) => {
                for (name, value) in attributes {
                    path.push(PathStep::Attribute(name.clone()));
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
            Self::Map(elements) => {
                Self::Map(transform_entries(elements, PathStep::Key, path, change))
            }
            Self::Object(attributes) => Self::Object(transform_entries(
                attributes,
                PathStep::Attribute,
                path,
                change,
            )),
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
}

fn transform_row(
    elements: Vec<Value>,
    path: &mut Path,
    change: &mut dyn FnMut(&Path, Value) -> Value,
) -> Vec<Value> {
    (0..)
        .zip(elements)
        .map(|(index, element)| {
            path.push(PathStep::Index(index));
            let changed = element.transform_from(path, change);
            path.pop();
            changed
        })
        .collect()
}

fn transform_entries(
    entries: BTreeMap<String, Value>,
    step: fn(String) -> PathStep,
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
