//! How Terraform merges prior state and configuration before it asks for a plan.

use std::collections::BTreeMap;

use super::matching::same;
use super::members::{Members, arrangement, elements, nested};
use crate::schema::{Attribute, Nesting, Presence, Schema};
use crate::value::Value;

/// The proposed new state: configured values where the configuration says
/// something; otherwise prior values of computed attributes, and null.
///
/// Nothing becomes unknown here: on update, computed attributes carry their old
/// value. Elements of nested lists are matched by index, of maps by key, of sets
/// by "the prior element is the configured one plus computed values". A null
/// configuration (destroy) proposes null.
#[must_use]
pub fn proposed_new(schema: &Schema, prior: &Value, config: &Value) -> Value {
    object(Members::of_block(&schema.block), prior, config)
}

fn object(members: Members<'_>, prior: &Value, config: &Value) -> Value {
    if config.is_null() {
        return config.clone();
    }
    let unknown = Value::unknown();
    // An unknown element becomes an object whose members are all unknown.
    let configured = |name: &str| {
        if config.is_unknown() {
            &unknown
        } else {
            config.attribute(name)
        }
    };
    let attributes = members.attributes.iter().map(|member| {
        let name = &member.name;
        (
            name.clone(),
            attribute(member, prior.attribute(name), configured(name)),
        )
    });
    let blocks = members.blocks.iter().map(|block| {
        let (name, inside) = (&block.name, Members::of_block(&block.block));
        (
            name.clone(),
            arranged(
                arrangement(block.nesting),
                inside,
                prior.attribute(name),
                config.attribute(name),
            ),
        )
    });
    Value::Object(attributes.chain(blocks).collect())
}

fn attribute(member: &Attribute, prior: &Value, config: &Value) -> Value {
    if member.presence.is_computed() && config.is_null() {
        // A prior value with configured parts shows that the configuration once
        // set it: removing it from the configuration removes the value.
        let was_configured =
            member.presence == Presence::OptionalComputed && holds_configured(member, prior);
        return if was_configured {
            config.clone()
        } else {
            prior.clone()
        };
    }
    match nested(member) {
        Some((nesting, inside)) => arranged(nesting, inside, prior, config),
        None => config.clone(),
    }
}

/// Whether a nested attribute holds a value that only configuration can have set.
fn holds_configured(member: &Attribute, value: &Value) -> bool {
    let Some((nesting, inside)) = nested(member) else {
        return false;
    };
    let in_object = |object: &Value| {
        inside.attributes.iter().any(|attribute| {
            let part = object.attribute(&attribute.name);
            !part.is_null()
                && (!attribute.presence.is_computed() || holds_configured(attribute, part))
        })
    };
    match nesting {
        Nesting::Single => in_object(value),
        Nesting::List | Nesting::Set => elements(value).iter().any(in_object),
        Nesting::Map => value
            .entries()
            .is_some_and(|entries| entries.values().any(in_object)),
    }
}

fn arranged(nesting: Nesting, inside: Members<'_>, prior: &Value, config: &Value) -> Value {
    if nesting == Nesting::Single && !config.is_unknown() {
        return object(inside, prior, config);
    }
    match config {
        Value::List(configured) => Value::List(by_index(inside, prior, configured)),
        Value::Tuple(configured) => Value::Tuple(by_index(inside, prior, configured)),
        Value::Map(configured) => Value::Map(by_key(inside, prior, configured)),
        Value::Object(configured) => Value::Object(by_key(inside, prior, configured)),
        Value::Set(configured) => Value::set(by_likeness(inside, prior, configured)),
        // Blocks with an attribute of any type: merge as long as the type stays.
        Value::Dynamic(typed) => {
            let merged = arranged(nesting, inside, prior, &typed.1);
            let value = if merged.conforms(&typed.0).is_ok() {
                merged
            } else {
                typed.1.clone()
            };
            Value::dynamic(typed.0.clone(), value)
        }
        Value::Null | Value::Unknown(_) | Value::String(_) | Value::Number(_) | Value::Bool(_) => {
            config.clone()
        }
    }
}

fn by_index(inside: Members<'_>, prior: &Value, configured: &[Value]) -> Vec<Value> {
    let prior = elements(prior);
    configured
        .iter()
        .enumerate()
        .map(|(index, config)| {
            prior
                .get(index)
                .map_or_else(|| config.clone(), |prior| object(inside, prior, config))
        })
        .collect()
}

fn by_key(
    inside: Members<'_>,
    prior: &Value,
    configured: &BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    configured
        .iter()
        .map(|(key, config)| {
            let prior = prior.entries().and_then(|entries| entries.get(key));
            (
                key.clone(),
                prior.map_or_else(|| config.clone(), |prior| object(inside, prior, config)),
            )
        })
        .collect()
}

fn by_likeness(inside: Members<'_>, prior: &Value, configured: &[Value]) -> Vec<Value> {
    let mut candidates: Vec<&Value> = elements(prior).iter().collect();
    configured
        .iter()
        .map(|config| {
            let found = candidates
                .iter()
                .position(|prior| may_come_from(inside, prior, config));
            match found.map(|position| candidates.remove(position)) {
                Some(prior) => object(inside, prior, config),
                None => object(inside, &Value::Null, config),
            }
        })
        .collect()
}

/// Whether `prior` is what `config` says plus computed values.
fn may_come_from(inside: Members<'_>, prior: &Value, config: &Value) -> bool {
    if same(prior, config) {
        return true;
    }
    if prior.entries().is_none() || config.entries().is_none() {
        return false;
    }
    let attributes = inside.attributes.iter().all(|member| {
        let (prior, config) = (
            prior.attribute(&member.name),
            config.attribute(&member.name),
        );
        same(prior, config)
            || (member.presence.is_computed() && config.is_null())
            || nested(member)
                .is_some_and(|(nesting, inside)| all_may_come_from(nesting, inside, prior, config))
    });
    let mut blocks = inside.blocks.iter();
    attributes
        && blocks.all(|block| {
            let (prior, config) = (prior.attribute(&block.name), config.attribute(&block.name));
            all_may_come_from(
                arrangement(block.nesting),
                Members::of_block(&block.block),
                prior,
                config,
            )
        })
}

fn all_may_come_from(nesting: Nesting, inside: Members<'_>, prior: &Value, config: &Value) -> bool {
    if same(prior, config) {
        return true;
    }
    match nesting {
        Nesting::Single => may_come_from(inside, prior, config),
        Nesting::List => {
            let (prior, config) = (elements(prior), elements(config));
            prior.len() == config.len()
                && prior
                    .iter()
                    .zip(config)
                    .all(|(prior, config)| may_come_from(inside, prior, config))
        }
        Nesting::Map => match (prior.entries(), config.entries()) {
            (Some(prior), Some(config)) => {
                prior.len() == config.len()
                    && prior.iter().all(|(key, prior)| {
                        config
                            .get(key)
                            .is_some_and(|config| may_come_from(inside, prior, config))
                    })
            }
            _ => false,
        },
        // Elements of nested sets have no address by which to find a counterpart.
        Nesting::Set => false,
    }
}
