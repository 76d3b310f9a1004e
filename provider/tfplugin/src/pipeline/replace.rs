//! Which changed attributes replace the object.

use std::collections::BTreeSet;

use crate::schema::{Attribute, AttributeKind, Block, BlockNesting, Nesting, ReplaceContext};
use crate::value::{Path, PathStep, Value};

/// The paths of all changed attributes whose rule asks for replacement.
pub(super) fn required(block: &Block, prior: &Value, planned: &Value) -> Vec<Path> {
    let mut search = Search {
        prior_object: prior,
        planned_object: planned,
        found: Vec::new(),
    };
    search.block(block, prior, planned, &Path::root());
    search.found
}

/// Paths Terraform can follow in one of the two values: it refuses others. Nothing inside a set can be
/// addressed, so such a path ends at the set.
pub(super) fn normalised(paths: Vec<Path>, prior: &Value, planned: &Value) -> Vec<Path> {
    let mut kept: Vec<Path> = Vec::new();
    for mut path in paths {
        while prior.at(&path).is_none() && planned.at(&path).is_none() {
            match path.parent() {
                Some(parent) => path = parent,
                None => break,
            }
        }
        if !path.is_root() && !kept.contains(&path) {
            kept.push(path);
        }
    }
    kept.sort();
    kept
}

struct Search<'a> {
    prior_object: &'a Value,
    planned_object: &'a Value,
    found: Vec<Path>,
}

impl Search<'_> {
    fn block(&mut self, block: &Block, prior: &Value, planned: &Value, path: &Path) {
        for attribute in &block.attributes {
            self.attribute(attribute, prior, planned, path);
        }
        for nested in &block.blocks {
            let (prior, planned) = (
                prior.attribute(&nested.name),
                planned.attribute(&nested.name),
            );
            let path = path.clone().attribute(&nested.name);
            match nested.nesting {
                BlockNesting::Single | BlockNesting::Group => {
                    self.block(&nested.block, prior, planned, &path)
                }
                BlockNesting::List | BlockNesting::Set | BlockNesting::Map => {
                    for (prior, planned, at) in pairs(prior, planned, &path) {
                        self.block(&nested.block, prior, planned, &at);
                    }
                }
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute, prior: &Value, planned: &Value, path: &Path) {
        let (prior, planned) = (
            prior.attribute(&attribute.name),
            planned.attribute(&attribute.name),
        );
        if prior == planned {
            return;
        }
        let path = path.clone().attribute(&attribute.name);
        let context = ReplaceContext {
            prior,
            planned,
            prior_object: self.prior_object,
            planned_object: self.planned_object,
        };
        if attribute
            .plan
            .replace
            .as_ref()
            .is_some_and(|rule| rule.applies(&context))
        {
            self.found.push(path.clone());
        }
        let AttributeKind::Nested {
            nesting,
            attributes,
        } = &attribute.kind
        else {
            return;
        };
        match nesting {
            Nesting::Single => self.nested(attributes, prior, planned, &path),
            Nesting::List | Nesting::Set | Nesting::Map => {
                for (prior, planned, at) in pairs(prior, planned, &path) {
                    self.nested(attributes, prior, planned, &at);
                }
            }
        }
    }

    fn nested(&mut self, attributes: &[Attribute], prior: &Value, planned: &Value, path: &Path) {
        for attribute in attributes {
            self.attribute(attribute, prior, planned, path);
        }
    }
}

static NULL: Value = Value::Null;

/// Elements that belong together, with null for a missing partner. Set elements that exist on both sides did
/// not change; the others are paired in order, and blamed on the set.
fn pairs<'a>(
    prior: &'a Value,
    planned: &'a Value,
    path: &Path,
) -> Vec<(&'a Value, &'a Value, Path)> {
    let is_map = matches!(prior, Value::Map(_)) || matches!(planned, Value::Map(_));
    if is_map && let (Some(prior), Some(planned)) = (entries(prior), entries(planned)) {
        let mut keys: Vec<&String> = prior.keys().chain(planned.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        return keys
            .into_iter()
            .map(|key| {
                (
                    prior.get(key).unwrap_or(&NULL),
                    planned.get(key).unwrap_or(&NULL),
                    path.clone().key(key),
                )
            })
            .collect();
    }
    let is_set = matches!(prior, Value::Set(_)) || matches!(planned, Value::Set(_));
    let (prior, planned) = (
        prior.elements().unwrap_or_default(),
        planned.elements().unwrap_or_default(),
    );
    if is_set {
        let (only_prior, left) = (missing_from(planned, prior), missing_from(prior, planned));
        let longest = only_prior.len().max(left.len());
        return (0..longest)
            .map(|position| {
                let before = only_prior.get(position).copied().unwrap_or(&NULL);
                let after = left.get(position).copied().unwrap_or(&NULL);
                // One step below the set that cannot be followed; `normalised` cuts it off again.
                (before, after, path.clone().step(PathStep::Index(-1)))
            })
            .collect();
    }
    (0_i64..)
        .zip(0..prior.len().max(planned.len()))
        .map(|(index, position)| {
            let before = prior.get(position).unwrap_or(&NULL);
            let after = planned.get(position).unwrap_or(&NULL);
            (before, after, path.clone().index(index))
        })
        .collect()
}

/// The elements of a set that the other one does not have. Sorted out by order, because comparing each with
/// each would take minutes on sets of ten thousand.
fn missing_from<'a>(other: &[Value], elements: &'a [Value]) -> Vec<&'a Value> {
    let other: BTreeSet<&Value> = other.iter().collect();
    elements
        .iter()
        .filter(|element| !other.contains(element))
        .collect()
}

/// The entries of a map, or none where the other side has some.
fn entries(value: &Value) -> Option<&std::collections::BTreeMap<String, Value>> {
    static EMPTY: std::collections::BTreeMap<String, Value> = std::collections::BTreeMap::new();
    match value {
        Value::Map(items) => Some(items),
        Value::Null => Some(&EMPTY),
        _ => None,
    }
}
