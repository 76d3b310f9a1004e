//! Visits the attributes of a planned value together with their configuration and their prior value.
//!
//! Elements of lists belong together by position, elements of maps by key. Elements of a set have neither:
//! a planned element belongs to the configured element it could have been made from.

use std::collections::{BTreeMap, VecDeque};
use std::sync::LazyLock;

use crate::schema::{Attribute, AttributeKind, Block, BlockNesting, NestedBlock, Nesting};
use crate::value::Value;

static NULL: Value = Value::Null;

/// What an unknown structure says about each of its members.
static UNKNOWN: LazyLock<Value> = LazyLock::new(Value::unknown);

/// A member of a configured structure. Of a structure that is not known yet no member is known either; it
/// may turn out to be configured.
fn member<'a>(config: &'a Value, name: &str) -> &'a Value {
    if config.is_unknown() {
        &UNKNOWN
    } else {
        config.attribute(name)
    }
}

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
            config: member(config, &attribute.name),
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
        let config = member(config, &nested.name);
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
        Value::List(items) => Value::List(rewrite_row(level, config, prior, items, rule)),
        Value::Tuple(items) => Value::Tuple(rewrite_row(level, config, prior, items, rule)),
        Value::Map(items) => Value::Map(rewrite_entries(level, config, prior, items, rule)),
        Value::Object(items) => Value::Object(rewrite_entries(level, config, prior, items, rule)),
        Value::Set(items) => {
            let configured = config.elements().unwrap_or_default();
            let before = prior.and_then(Value::elements).unwrap_or_default();
            let partners = partners(level, configured, before, &items);
            let rewritten = items.into_iter().zip(partners).map(|(item, partners)| {
                let (config, prior) = partners;
                rewrite_object(level, config, prior, item, rule)
            });
            Value::set(rewritten)
        }
        // Blocks with an attribute of any type bring their type along.
        Value::Dynamic(typed) => {
            let (r#type, inside) = *typed;
            Value::dynamic(r#type, rewrite_elements(level, config, prior, inside, rule))
        }
        leaf @ (Value::Null
        | Value::Unknown(_)
        | Value::String(_)
        | Value::Number(_)
        | Value::Bool(_)) => leaf,
    }
}

fn rewrite_row(
    level: Level<'_>,
    config: &Value,
    prior: Option<&Value>,
    items: Vec<Value>,
    rule: Rule<'_>,
) -> Vec<Value> {
    let configured = config.elements().unwrap_or_default();
    let before = prior.and_then(Value::elements).unwrap_or_default();
    items
        .into_iter()
        .enumerate()
        .map(|(index, item)| {
            let config = configured.get(index).unwrap_or(&NULL);
            rewrite_object(level, config, before.get(index), item, rule)
        })
        .collect()
}

fn rewrite_entries(
    level: Level<'_>,
    config: &Value,
    prior: Option<&Value>,
    items: BTreeMap<String, Value>,
    rule: Rule<'_>,
) -> BTreeMap<String, Value> {
    let configured = config.entries();
    let before = prior.and_then(Value::entries);
    items
        .into_iter()
        .map(|(key, item)| {
            let config = configured
                .and_then(|items| items.get(&key))
                .unwrap_or(&NULL);
            let prior = before.and_then(|items| items.get(&key));
            (key, rewrite_object(level, config, prior, item, rule))
        })
        .collect()
}

/// The configured and the prior element of each planned element of a set.
fn partners<'a>(
    level: Level<'_>,
    configured: &'a [Value],
    before: &'a [Value],
    items: &[Value],
) -> Vec<(&'a Value, Option<&'a Value>)> {
    let mut configured_left = Candidates::of(level, configured);
    let mut before_left = Candidates::of(level, before);
    items
        .iter()
        .map(|item| {
            let given = given(level, item);
            let config = configured_left
                .take(&given, |config| could_become(level, config, item))
                .and_then(|position| configured.get(position))
                .unwrap_or(&NULL);
            let prior = before_left
                .take(&given, |prior| {
                    prior == item || could_become(level, config, prior)
                })
                .and_then(|position| before.get(position));
            (config, prior)
        })
        .collect()
}

/// Set elements that have no partner yet, in their order, by the values the provider cannot fill in: those are
/// the same in configuration, prior and planned value. So a set of ten thousand elements is not compared each
/// with each.
struct Candidates<'a> {
    elements: &'a [Value],
    by_given: BTreeMap<Vec<&'a Value>, VecDeque<usize>>,
}

impl<'a> Candidates<'a> {
    fn of(level: Level<'_>, elements: &'a [Value]) -> Self {
        let mut by_given: BTreeMap<_, VecDeque<_>> = BTreeMap::new();
        for (position, element) in elements.iter().enumerate() {
            by_given
                .entry(given(level, element))
                .or_default()
                .push_back(position);
        }
        Self { elements, by_given }
    }

    /// The position of the first one with these given values that fits. It has a partner from now on.
    fn take(&mut self, given: &[&'a Value], fits: impl Fn(&Value) -> bool) -> Option<usize> {
        let elements = self.elements;
        let alike = self.by_given.get_mut(given)?;
        let found = alike
            .iter()
            .position(|position| elements.get(*position).is_some_and(&fits))?;
        alike.remove(found)
    }
}

/// The values of an element that only a configuration can have set. Whatever is unknown is alike.
fn given<'a>(level: Level<'_>, element: &'a Value) -> Vec<&'a Value> {
    level
        .attributes
        .iter()
        .filter(|attribute| {
            matches!(attribute.kind, AttributeKind::Plain(_)) && !attribute.presence.is_computed()
        })
        .map(|attribute| member(element, &attribute.name))
        .map(|value| if value.is_unknown() { &*UNKNOWN } else { value })
        .collect()
}

/// Whether filling in computed attributes could turn the configured element into the planned one.
fn could_become(level: Level<'_>, config: &Value, planned: &Value) -> bool {
    if config.is_null() || planned.is_null() {
        return config.is_null() && planned.is_null();
    }
    if config.is_unknown() {
        // Terraform proposes an element it does not know as an object without a known member.
        let nothing_known = |planned: &BTreeMap<_, Value>| planned.values().all(Value::is_unknown);
        return planned.is_unknown() || planned.entries().is_some_and(nothing_known);
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
            AttributeKind::Plain(_) => same(config, planned),
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
        (config, planned) => same(config, planned),
    }
}

/// Whether two values are equal; what is promised about unknown ones does not matter.
fn same(config: &Value, planned: &Value) -> bool {
    (config.is_unknown() && planned.is_unknown()) || config == planned
}
