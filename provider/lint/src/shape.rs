//! Types, as far as keys of objects depend on them.

use std::collections::BTreeMap;

use serde_json::Value;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Not known, or without keys.
    Any,
    /// A list or a set.
    Each(Box<Shape>),
    /// Keys are the user's.
    Map(Box<Shape>),
    /// Keys are these, and no others.
    Object(BTreeMap<String, Shape>),
    /// So many elements.
    Tuple(Vec<Shape>),
}

impl Shape {
    /// Whether an object anywhere in it has keys of its own: only then is there anything to compare.
    pub(crate) fn has_keys(&self) -> bool {
        match self {
            Self::Any => false,
            Self::Each(inner) | Self::Map(inner) => inner.has_keys(),
            Self::Object(_) => true,
            Self::Tuple(each) => each.iter().any(Self::has_keys),
        }
    }

    /// A type as Terraform writes it in JSON: `"string"`, `["list", …]`, `["object", {…}]`.
    pub(crate) fn of_json(value: &Value) -> Self {
        let Some((kind, rest)) = value.as_array().and_then(|parts| parts.split_first()) else {
            return Self::Any;
        };
        let of = rest.first();
        match (kind.as_str(), of) {
            (Some("list" | "set"), Some(of)) => Self::Each(Box::new(Self::of_json(of))),
            (Some("map"), Some(of)) => Self::Map(Box::new(Self::of_json(of))),
            (Some("object"), Some(Value::Object(members))) => {
                let members = members.iter();
                Self::Object(
                    members
                        .map(|(name, of)| (name.clone(), Self::of_json(of)))
                        .collect(),
                )
            }
            (Some("tuple"), Some(Value::Array(each))) => {
                Self::Tuple(each.iter().map(Self::of_json).collect())
            }
            (Some(_) | None, _) => Self::Any,
        }
    }
}
