//! Visits the attributes of a planned value together with their configuration and their prior value.
//!
//! Elements of lists belong together by position, elements of maps by key. Elements of a set have neither:
//! a planned element belongs to the configured element it could have been made from.

use std::collections::BTreeMap;

use crate::schema::{Attribute, AttributeKind, Block, BlockNesting, NestedBlock, Nesting};
use crate::value::Value;

static NULL: Value = Value::Null;

/// What a rule sees of one attribute.
pub(super) struct Seen<'a> {
    pub(super) attribute: &'a Attribute,
    /// The configured value; null when it is not configured.
    pub(super) config: &'a Value,
    /// The value before; `None` when there was no object to hold one.
    pub(super) prior: Option<&'a Value>,
}

/// Gives an attribute its next planned value.
pub(super) type Rule<'r> = &'r dyn Fn(&Seen<'_>, Value) -> Value;

/// Attributes and blocks of one object level.
#[derive(Clone, Copy)]
struct Level<'a> {
    attributes: &'a [Attribute],
    blocks: &'a [NestedBlock],
}

/// Applies a rule to every attribute the configuration has a place for.
pub(super) fn rewrite(
    block: &Block,
    config: &Value,
    prior: Option<&Value>,
    planned: Value,
    rule: Rule<'_>,
) -> Value {
    let level = Level {
        attributes: &block.attributes,
        blocks: &block.blocks,
    };
    rewrite_object(level, config, prior, planned, rule)
}

fn rewrite_object(
    level: Level<'_>,
    config: &Value,
    prior: Option<&Value>,
    planned: Value,
    rule: Rule<'_>,
) -> Value {
    let Value::Object(mut members) = planned else {
        return planned;
    };
    let prior = prior.filter(|prior| !prior.is_null());
    for attribute in level.attributes {
        let seen = Seen {
            attribute,
            config: config.attribute(&attribute.name),
            prior: prior.map(|prior| prior.attribute(&attribute.name)),
        };
        replace_member(&mut members, &attribute.name, |value| {
            rewrite_attribute(&seen, rule(&seen, value), rule)
        });
    }
    for nested in level.blocks {
        let inner = Level {
            attributes: &nested.block.attributes,
            blocks: &nested.block.blocks,
        };
        let config = config.attribute(&nested.name);
        let prior = prior.map(|prior| prior.attribute(&nested.name));
        replace_member(&mut members, &nested.name, |value| match nested.nesting {
            BlockNesting::Single | BlockNesting::Group => {
                rewrite_object(inner, config, prior, value, rule)
            }
            BlockNesting::List | BlockNesting::Set | BlockNesting::Map => {
                rewrite_elements(inner, config, prior, value, rule)
            }
        });
    }
    Value::Object(members)
}

fn replace_member(
    members: &mut BTreeMap<String, Value>,
    name: &str,
    change: impl FnOnce(Value) -> Value,
) {
    if let Some(slot) = members.get_mut(name) {
        let value = std::mem::replace(slot, Value::Null);
        *slot = change(value);
    }
}

fn rewrite_attribute(seen: &Seen<'_>, value: Value, rule: Rule<'_>) -> Value {
    let AttributeKind::Nested {
        nesting,
        attributes,
    } = &seen.attribute.kind
    else {
        return value;
    };
    // Without a configured structure the whole value is the provider's; its parts have no rules of their own.
    if seen.config.is_null() || seen.config.is_unknown() {
        return value;
    }
    let level = Level {
        attributes,
        blocks: &[],
    };
    match nesting {
        Nesting::Single => rewrite_object(level, seen.config, seen.prior, value, rule),
        Nesting::List | Nesting::Set | Nesting::Map => {
            rewrite_elements(level, seen.config, seen.prior, value, rule)
        }
    }
}

fn rewrite_elements(
    level: Level<'_>,
    config: &Value,
    prior: Option<&Value>,
    planned: Value,
    rule: Rule<'_>,
) -> Value {
    match planned {
        Value::List(items) => Value::List(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| {
                    let config = config
                        .elements()
                        .and_then(|items| items.get(index))
                        .unwrap_or(&NULL);
                    let prior = prior
                        .and_then(Value::elements)
                        .and_then(|items| items.get(index));
                    rewrite_object(level, config, prior, item, rule)
                })
                .collect(),
        ),
        Value::Map(items) => Value::Map(
            items
                .into_iter()
                .map(|(key, item)| {
                    let config = config
                        .entries()
                        .and_then(|items| items.get(&key))
                        .unwrap_or(&NULL);
                    let prior = prior
                        .and_then(Value::entries)
                        .and_then(|items| items.get(&key));
                    (key, rewrite_object(level, config, prior, item, rule))
                })
                .collect(),
        ),
        Value::Set(items) => {
            let mut configured: Vec<&Value> =
                config.elements().unwrap_or_default().iter().collect();
            let mut before: Vec<&Value> = prior
                .and_then(Value::elements)
                .unwrap_or_default()
                .iter()
                .collect();
            Value::set(items.into_iter().map(|item| {
                let config = take(&mut configured, |config| could_become(level, config, &item))
                    .unwrap_or(&NULL);
                let prior = take(&mut before, |prior| {
                    *prior == item || could_become(level, config, prior)
                });
                rewrite_object(level, config, prior, item, rule)
            }))
        }
        other => other,
    }
}

fn take<'a>(candidates: &mut Vec<&'a Value>, fits: impl Fn(&Value) -> bool) -> Option<&'a Value> {
    let position = candidates.iter().position(|candidate| fits(candidate))?;
    Some(candidates.swap_remove(position))
}

/// Whether filling in computed attributes could turn the configured element into the planned one.
fn could_become(level: Level<'_>, config: &Value, planned: &Value) -> bool {
    if config.is_null() || planned.is_null() {
        return config.is_null() && planned.is_null();
    }
    let attributes_fit = level.attributes.iter().all(|attribute| {
        let (config, planned) = (
            config.attribute(&attribute.name),
            planned.attribute(&attribute.name),
        );
        if config.is_null() && attribute.presence.is_computed() {
            return true;
        }
        match &attribute.kind {
            AttributeKind::Plain(_) => config == planned,
            AttributeKind::Nested {
                nesting: Nesting::Single,
                attributes,
            } => could_become(
                Level {
                    attributes,
                    blocks: &[],
                },
                config,
                planned,
            ),
            AttributeKind::Nested { attributes, .. } => elements_fit(
                Level {
                    attributes,
                    blocks: &[],
                },
                config,
                planned,
            ),
        }
    });
    attributes_fit
        && level.blocks.iter().all(|nested| {
            let inner = Level {
                attributes: &nested.block.attributes,
                blocks: &nested.block.blocks,
            };
            let (config, planned) = (
                config.attribute(&nested.name),
                planned.attribute(&nested.name),
            );
            match nested.nesting {
                BlockNesting::Single | BlockNesting::Group => could_become(inner, config, planned),
                BlockNesting::List | BlockNesting::Set | BlockNesting::Map => {
                    elements_fit(inner, config, planned)
                }
            }
        })
}

fn elements_fit(level: Level<'_>, config: &Value, planned: &Value) -> bool {
    match (config, planned) {
        (Value::List(config), Value::List(planned)) => {
            config.len() == planned.len()
                && config
                    .iter()
                    .zip(planned)
                    .all(|(config, planned)| could_become(level, config, planned))
        }
        (Value::Set(config), Value::Set(planned)) => {
            config.len() == planned.len()
                && config.iter().all(|config| {
                    planned
                        .iter()
                        .any(|planned| could_become(level, config, planned))
                })
        }
        (Value::Map(config), Value::Map(planned)) => {
            config.len() == planned.len()
                && config.iter().all(|(key, config)| {
                    planned
                        .get(key)
                        .is_some_and(|planned| could_become(level, config, planned))
                })
        }
        (config, planned) => config == planned,
    }
}
