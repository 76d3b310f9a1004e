//! One resource explained by another. AWS repeats in an object what its parts are: a role lists the policies attached
//! to it, a bucket shows the encryption that a resource of its own set. Terraform sees such an attribute change at the
//! refresh after the apply that made the part. Here the parts of the same plan are counted against it, exactly: what
//! they account for is no drift of the whole, everything else still is.

mod form;
mod table;
mod undo;
mod unmanaged;
mod whole;

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use serde_json::{Map, Value};

#[cfg(test)]
use table::guide_rows;
pub(crate) use undo::quoted;
pub(crate) use unmanaged::{Unmanaged, is_watched, is_watched_part, list_arguments, list_watched};
pub(crate) use whole::Whole;

use table::{Pair, PartOf, pairs};

/// The parts in a plan, as they are now, and as they were where they drifted.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    present: Claims,
    lost: Claims,
}

/// Parts by what they are part of, so that every whole finds its own at once.
#[derive(Debug, Default)]
struct Claims {
    parts: Vec<Part>,
    /// Attribute that names the whole, and its value → places in `parts`, and what each is to the whole.
    by_name: HashMap<(&'static str, String), Vec<(usize, &'static PartOf)>>,
    types: HashSet<&'static str>,
    /// Digests of the addresses: a plan holds most resources twice, in its changes and in its state.
    seen: HashSet<u64>,
}

#[derive(Debug)]
struct Part {
    address: String,
    values: Value,
}

impl Parts {
    /// Takes a resource as it is after the refresh; null when it is not there. Types that are no part are left out.
    pub(crate) fn present(&mut self, address: &str, resource_type: &str, values: &Value) {
        self.present.take(address, resource_type, values);
    }

    /// Takes a resource as it was before it drifted or was deleted.
    pub(crate) fn lost(&mut self, address: &str, resource_type: &str, before: &Value) {
        self.lost.take(address, resource_type, before);
    }
}

impl Claims {
    /// Keeps the part under each name it gives to what it is part of.
    fn take(&mut self, address: &str, resource_type: &str, values: &Value) {
        if !values.is_object() || !is_part(resource_type) || !self.seen.insert(digest(address)) {
            return;
        }
        let place = self.parts.len();
        self.parts.push(Part {
            address: address.to_owned(),
            values: values.clone(),
        });
        let mut attributes = HashSet::new();
        for of in pairs().flat_map(|pair| pair.parts) {
            if of.resource_type != resource_type || !attributes.insert(of.refers) {
                continue;
            }
            self.types.insert(of.resource_type);
            for name in form::texts(form::find(values, of.refers)) {
                self.by_name
                    .entry((of.refers, name))
                    .or_default()
                    .push((place, of));
            }
        }
    }

    /// The parts of a whole, and what they are to it.
    fn of<'c>(
        &'c self,
        pair: &'static Pair,
        names: &'c Map<String, Value>,
    ) -> impl Iterator<Item = (&'static PartOf, &'c Part)> {
        pair.parts.iter().flat_map(move |of| {
            let mut seen = HashSet::new();
            of.names
                .iter()
                .map(|name| text(names, name))
                .filter(move |name| !name.is_empty() && seen.insert(*name))
                .flat_map(move |name| self.by_name.get(&(of.refers, name.to_owned())))
                .flatten()
                .filter(move |(_, as_what)| as_what.resource_type == of.resource_type)
                .filter_map(move |(place, _)| Some((of, self.parts.get(*place)?)))
        })
    }

    /// Whether there is a part of any whole.
    fn has_any(&self, pair: &Pair) -> bool {
        pair.parts
            .iter()
            .any(|of| self.types.contains(of.resource_type))
    }

    /// What the parts of a whole give, and who gives it.
    fn given(
        &self,
        pair: &'static Pair,
        names: &Map<String, Value>,
        id: &str,
    ) -> HashMap<String, String> {
        self.of(pair, names)
            .flat_map(|(of, part)| {
                let items = form::items(of.take, "", &part.values, id).into_iter();
                items.map(|item| (item, part.address.clone()))
            })
            .collect()
    }
}

/// Whether the type is a part of another.
pub(crate) fn is_part(resource_type: &str) -> bool {
    PARTS.contains(resource_type)
}

/// Asked about every resource of a plan.
static PARTS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    pairs()
        .flat_map(|pair| pair.parts)
        .map(|part| part.resource_type)
        .collect()
});

/// Whether another resource may account for the attribute.
pub(crate) fn is_whole(resource_type: &str, attribute: &str) -> bool {
    find(resource_type, attribute).is_some()
}

/// The types that may account for the attribute.
pub(crate) fn list_part_types(
    resource_type: &str,
    attribute: &str,
) -> impl Iterator<Item = &'static str> {
    find(resource_type, attribute)
        .into_iter()
        .flat_map(|pair| pair.parts)
        .map(|part| part.resource_type)
}

fn find(resource_type: &str, attribute: &str) -> Option<&'static Pair> {
    pairs().find(|pair| pair.attribute == attribute && pair.wholes.contains(&resource_type))
}

/// Attributes by which others call a resource, whatever its type.
const CALLED: &[&str] = &["id", "name", "arn"];

/// What a resource is called by others: its id, its name, its ARN.
pub(crate) fn list_called(names: &Map<String, Value>) -> Vec<String> {
    let mut called: Vec<String> = CALLED
        .iter()
        .filter_map(|name| names.get(*name)?.as_str())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    called.dedup();
    called
}

/// The attributes by which parts name the wholes of this type, and others call it.
pub(crate) fn names(resource_type: &str, object: &Value) -> Map<String, Value> {
    let pairs = pairs().filter(|pair| pair.wholes.contains(&resource_type));
    pairs
        .flat_map(|pair| pair.parts)
        .flat_map(|part| part.names)
        .chain(CALLED)
        .filter_map(|name| Some(((*name).to_owned(), object.get(*name)?.clone())))
        .collect()
}

impl Parts {
    /// The addresses of the parts that account for the attribute as it is now; none when something of it is not
    /// accounted for.
    ///
    /// Everything that was added must be given by a part that is there. What went must have been given by a part that is
    /// gone or was changed, too, unless parts account for all that is left: then the last apply removed the part.
    pub(crate) fn explain(&self, whole: &Whole<'_>) -> Option<Vec<String>> {
        let pair = find(whole.resource_type, whole.attribute)?;
        let id = text(whole.names, "id");
        let present = self.present.given(pair, whole.names, id);
        let lost = self.lost.given(pair, whole.names, id);
        let before = form::items(pair.take, whole.attribute, whole.before, id);
        let after = form::items(pair.take, whole.attribute, whole.after, id);
        let added = || after.difference(&before);
        let removed = || before.difference(&after);
        let is_all_given = !after.is_empty() && after.iter().all(|item| present.contains_key(item));
        let adds_up = added().all(|item| present.contains_key(item))
            && removed().all(|item| !present.contains_key(item))
            && (is_all_given || removed().all(|item| lost.contains_key(item)));
        // A difference in what is not compared is not explained by it.
        let is_compared = added().next().is_some() || removed().next().is_some();
        if !adds_up || !is_compared {
            return None;
        }
        let named = |item| present.get(item).or_else(|| lost.get(item)).cloned();
        let mut by: Vec<String> = added().chain(removed()).filter_map(named).collect();
        if by.is_empty() {
            by = after.iter().filter_map(named).collect();
        }
        by.sort();
        by.dedup();
        Some(by)
    }

    /// The command of the AWS command line that takes away what was added to the attribute and no part accounts for;
    /// nothing when the gate does not know one.
    pub(crate) fn undo(&self, whole: &Whole<'_>) -> Option<String> {
        undo::undo(whole, &self.list_strangers(whole), !self.has_parts(whole))
    }

    /// Whether a part of the plan makes a part of the attribute.
    fn has_parts(&self, whole: &Whole<'_>) -> bool {
        let pair = find(whole.resource_type, whole.attribute);
        pair.is_some_and(|pair| self.present.of(pair, whole.names).next().is_some())
    }

    /// What was added to the attribute and no part accounts for, one item each.
    fn list_strangers(&self, whole: &Whole<'_>) -> Vec<Value> {
        let Some(pair) = find(whole.resource_type, whole.attribute) else {
            return Vec::new();
        };
        let id = text(whole.names, "id");
        let present = self.present.given(pair, whole.names, id);
        let before = form::items(pair.take, whole.attribute, whole.before, id);
        let after = form::items(pair.take, whole.attribute, whole.after, id);
        after
            .difference(&before)
            .filter(|item| !present.contains_key(*item))
            .filter_map(|item| serde_json::from_str(item).ok())
            .collect()
    }
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn text<'m>(names: &'m Map<String, Value>, key: &str) -> &'m str {
    names.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
