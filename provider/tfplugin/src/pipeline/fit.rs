//! Makes an answer fit the type of its schema.
//!
//! Typed models are a little freer than Terraform's types: a `Vec` may stand for a set, a model may leave an
//! attribute out. What cannot be made to fit is reported and becomes null, so that a result of an apply can
//! always be recorded: a state with a hole is better than an object nobody knows.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::{Attribute, AttributeKind, Block, BlockNesting, Nesting};
use crate::value::{Path, Type, Value};

/// A value that fits, and what did not.
pub(crate) struct Fitted {
    pub(crate) value: Value,
    pub(crate) problems: Vec<(Path, String)>,
}

impl Fitted {
    /// The value, or a bug that names every problem.
    pub(crate) fn strictly(self, place: &str) -> Result<Value, Diagnostics> {
        if self.problems.is_empty() {
            Ok(self.value)
        } else {
            Err(problems_as_bugs(place, self.problems))
        }
    }
}

pub(crate) fn problems_as_bugs(place: &str, problems: Vec<(Path, String)>) -> Diagnostics {
    problems
        .into_iter()
        .map(|(path, reason)| {
            Diagnostic::bug(
                place,
                format_args!("the answer does not fit the schema at `{path}`: {reason}"),
            )
        })
        .collect()
}

/// Fits `value` to a type.
pub(crate) fn fit(value: Value, r#type: &Type) -> Fitted {
    let mut problems = Vec::new();
    // Nearly every answer: nothing of it is built again.
    if is_fit(&value, r#type) {
        return Fitted { value, problems };
    }
    let value = fit_at(value, r#type, &Path::root(), &mut problems);
    Fitted { value, problems }
}

/// Whether the value is what [`fit_at`] makes of it.
fn is_fit(value: &Value, r#type: &Type) -> bool {
    match (value, r#type) {
        (Value::Null | Value::Unknown(_), _)
        | (Value::String(_), Type::String)
        | (Value::Number(_), Type::Number)
        | (Value::Bool(_), Type::Bool)
        | (Value::Dynamic(_), Type::Dynamic) => true,
        (Value::List(items), Type::List(element)) => items.iter().all(|item| is_fit(item, element)),
        (Value::Set(items), Type::Set(element)) => {
            let mut before = items.iter().enumerate();
            let is_distinct = before.all(|(at, item)| !items.iter().take(at).any(|it| it == item));
            is_distinct && items.iter().all(|item| is_fit(item, element))
        }
        (Value::Map(items), Type::Map(element)) => items.values().all(|item| is_fit(item, element)),
        (Value::Object(members), Type::Object(types)) => {
            members.len() == types.len()
                && members
                    .iter()
                    .zip(types)
                    .all(|((name, member), (known, r#type))| {
                        name == known && is_fit(member, r#type)
                    })
        }
        (Value::Tuple(items), Type::Tuple(types)) => {
            items.len() == types.len()
                && items
                    .iter()
                    .zip(types)
                    .all(|(item, r#type)| is_fit(item, r#type))
        }
        _ => false,
    }
}

fn fit_at(value: Value, r#type: &Type, path: &Path, problems: &mut Vec<(Path, String)>) -> Value {
    match (value, r#type) {
        (value @ (Value::Null | Value::Unknown(_)), _) => value,
        (value @ Value::String(_), Type::String)
        | (value @ Value::Number(_), Type::Number)
        | (value @ Value::Bool(_), Type::Bool)
        | (value @ Value::Dynamic(_), Type::Dynamic) => value,
        (value @ Value::String(_), Type::Dynamic) => Value::dynamic(Type::String, value),
        (value @ Value::Number(_), Type::Dynamic) => Value::dynamic(Type::Number, value),
        (value @ Value::Bool(_), Type::Dynamic) => Value::dynamic(Type::Bool, value),
        (Value::Dynamic(typed), r#type) => fit_at(typed.1, r#type, path, problems),
        (Value::List(items) | Value::Set(items) | Value::Tuple(items), Type::List(element)) => {
            Value::List(fit_items(items, element, path, problems))
        }
        (Value::List(items) | Value::Set(items) | Value::Tuple(items), Type::Set(element)) => {
            Value::set(fit_items(items, element, path, problems))
        }
        (Value::Map(items) | Value::Object(items), Type::Map(element)) => Value::Map(
            items
                .into_iter()
                .map(|(key, item)| {
                    let at = path.clone().key(&key);
                    (key, fit_at(item, element, &at, problems))
                })
                .collect(),
        ),
        (Value::Object(members) | Value::Map(members), Type::Object(types)) => {
            Value::Object(fit_members(members, types, path, problems))
        }
        (Value::Tuple(items) | Value::List(items), Type::Tuple(types))
            if items.len() == types.len() =>
        {
            Value::Tuple(
                items
                    .into_iter()
                    .zip(types)
                    .zip(0_i64..)
                    .map(|((item, r#type), index)| {
                        fit_at(item, r#type, &path.clone().index(index), problems)
                    })
                    .collect(),
            )
        }
        (value, r#type) => {
            problems.push((
                path.clone(),
                format!("{type} required, but this is {}", value.kind()),
            ));
            Value::Null
        }
    }
}

fn fit_items(
    items: Vec<Value>,
    element: &Type,
    path: &Path,
    problems: &mut Vec<(Path, String)>,
) -> Vec<Value> {
    items
        .into_iter()
        .zip(0_i64..)
        .map(|(item, index)| fit_at(item, element, &path.clone().index(index), problems))
        .collect()
}

fn fit_members(
    mut members: BTreeMap<String, Value>,
    types: &BTreeMap<String, Type>,
    path: &Path,
    problems: &mut Vec<(Path, String)>,
) -> BTreeMap<String, Value> {
    let fitted = types
        .iter()
        .map(|(name, r#type)| {
            let member = members.remove(name).unwrap_or(Value::Null);
            (
                name.clone(),
                fit_at(member, r#type, &path.clone().attribute(name), problems),
            )
        })
        .collect();
    for name in members.into_keys() {
        problems.push((
            path.clone().attribute(name),
            "the schema has no such attribute".to_owned(),
        ));
    }
    fitted
}

/// The value with null in place of everything unknown, and where that was.
pub(crate) fn without_unknowns(value: Value) -> (Value, Vec<Path>) {
    let mut found = Vec::new();
    if value.is_wholly_known() {
        return (value, found);
    }
    let known = value.transform(&mut |path, part| {
        if part.is_unknown() {
            found.push(path.clone());
            Value::Null
        } else {
            part
        }
    });
    (known, found)
}

/// The value with null for every write-only attribute.
pub(crate) fn without_write_only(block: &Block, value: Value) -> Value {
    if !has_write_only(block) {
        return value;
    }
    let Value::Object(mut members) = value else {
        return value;
    };
    for attribute in &block.attributes {
        clear(&mut members, attribute);
    }
    for nested in &block.blocks {
        if let Some(member) = members.get_mut(&nested.name) {
            let inside = std::mem::replace(member, Value::Null);
            *member = match nested.nesting {
                BlockNesting::Single | BlockNesting::Group => {
                    without_write_only(&nested.block, inside)
                }
                BlockNesting::List | BlockNesting::Set | BlockNesting::Map => {
                    each(inside, &|element| {
                        without_write_only(&nested.block, element)
                    })
                }
            };
        }
    }
    Value::Object(members)
}

/// The value with the blocks nobody wrote as they are when there are none: empty, where null is not allowed.
pub(crate) fn with_absent_blocks(block: &Block, value: Value) -> Value {
    let Value::Object(mut members) = value else {
        return value;
    };
    for nested in &block.blocks {
        let written = members.remove(&nested.name).unwrap_or(Value::Null);
        let inside = if written.is_null() {
            nested.absent_value()
        } else {
            match nested.nesting {
                BlockNesting::Single | BlockNesting::Group => {
                    with_absent_blocks(&nested.block, written)
                }
                BlockNesting::List | BlockNesting::Set | BlockNesting::Map => {
                    each(written, &|element| {
                        with_absent_blocks(&nested.block, element)
                    })
                }
            }
        };
        members.insert(nested.name.clone(), inside);
    }
    Value::Object(members)
}

fn has_write_only(block: &Block) -> bool {
    let mut blocks = block.blocks.iter();
    any_write_only(&block.attributes) || blocks.any(|nested| has_write_only(&nested.block))
}

fn any_write_only(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| match (&attribute.kind, attribute.write_only) {
            (_, true) => true,
            (AttributeKind::Plain(_), false) => false,
            (AttributeKind::Nested { attributes, .. }, false) => any_write_only(attributes),
        })
}

fn clear(members: &mut BTreeMap<String, Value>, attribute: &Attribute) {
    let Some(member) = members.get_mut(&attribute.name) else {
        return;
    };
    let inside = std::mem::replace(member, Value::Null);
    if attribute.write_only {
        return;
    }
    *member = match &attribute.kind {
        AttributeKind::Plain(_) => inside,
        AttributeKind::Nested {
            nesting: Nesting::Single,
            attributes,
        } => clear_all(attributes, inside),
        AttributeKind::Nested { attributes, .. } => {
            each(inside, &|element| clear_all(attributes, element))
        }
    };
}

fn clear_all(attributes: &[Attribute], value: Value) -> Value {
    let Value::Object(mut members) = value else {
        return value;
    };
    for attribute in attributes {
        clear(&mut members, attribute);
    }
    Value::Object(members)
}

/// Changes every element of a collection.
pub(super) fn each(value: Value, change: &dyn Fn(Value) -> Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.into_iter().map(change).collect()),
        Value::Set(items) => Value::set(items.into_iter().map(change)),
        Value::Tuple(items) => Value::Tuple(items.into_iter().map(change).collect()),
        Value::Map(items) => Value::Map(
            items
                .into_iter()
                .map(|(key, item)| (key, change(item)))
                .collect(),
        ),
        Value::Object(items) => Value::Object(
            items
                .into_iter()
                .map(|(key, item)| (key, change(item)))
                .collect(),
        ),
        Value::Dynamic(typed) => {
            let (r#type, inside) = *typed;
            Value::dynamic(r#type, each(inside, change))
        }
        leaf @ (Value::Null
        | Value::Unknown(_)
        | Value::String(_)
        | Value::Number(_)
        | Value::Bool(_)) => leaf,
    }
}
