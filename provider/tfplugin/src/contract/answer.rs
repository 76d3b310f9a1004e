//! What no answer may contain.

use super::members::{Members, arrangement, elements, nested};
use super::violation::Violation;
use crate::schema::{Attribute, Nesting, Schema};
use crate::value::{Path, PathStep, Value};

/// Where a value is unknown. Results of read, apply, import, upgrade and move,
/// and identities, must have no such place.
#[must_use]
pub fn wholly_known(value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    value.walk(&mut |path, part| {
        if part.is_unknown() {
            found.push(Violation::new(path, "the value is still unknown"));
        }
    });
    found
}

/// Where an identity is unknown, in a plan or in what is recorded. Terraform refuses such a plan of an update; of
/// a new object it accepts the plan and then fails to show it ("value is not known").
#[must_use]
pub fn identity_known(identity: Option<&Value>) -> Vec<Violation> {
    let named = |violation: Violation| Violation {
        reason: format!("the identity has an unknown part: {}", violation.reason),
        ..violation
    };
    let unknown = identity.into_iter().flat_map(wholly_known);
    unknown.map(named).collect()
}

/// Where a write-only attribute is not null. It must be null in every answer;
/// before Terraform 1.14.2, breaking this on apply loses the object.
#[must_use]
pub fn write_only_null(schema: &Schema, value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    in_object(
        Members::of_block(&schema.block),
        value,
        &mut Path::root(),
        &mut found,
    );
    found
        .into_iter()
        .map(|path| Violation {
            path,
            reason: "write-only attribute is not null".to_owned(),
        })
        .collect()
}

/// Which of `paths` exist neither in `prior` nor in `planned`. Terraform refuses
/// to replace an object because of them. Elements of sets have no path: name the
/// attribute that holds the set.
#[must_use]
pub fn replace_paths(prior: &Value, planned: &Value, paths: &[Path]) -> Vec<Violation> {
    let missing = paths
        .iter()
        .filter(|path| prior.at(path).is_none() && planned.at(path).is_none());
    missing
        .map(|path| {
            Violation::new(
                path,
                "requires replacement for a non-existent attribute path",
            )
        })
        .collect()
}

/// The write-only attributes inside `attribute` that are set in `value`, which
/// lies at `path`.
pub(super) fn write_only_inside(attribute: &Attribute, value: &Value, path: &Path) -> Vec<Path> {
    let mut found = Vec::new();
    if let Some((nesting, inside)) = nested(attribute) {
        arranged(nesting, inside, value, &mut path.clone(), &mut found);
    }
    found
}

fn in_object(members: Members<'_>, value: &Value, path: &mut Path, found: &mut Vec<Path>) {
    for attribute in members.attributes {
        let part = value.attribute(&attribute.name);
        path.push(PathStep::Attribute(attribute.name.clone()));
        if attribute.write_only && !part.is_null() {
            found.push(path.clone());
        } else if let Some((nesting, inside)) = nested(attribute) {
            arranged(nesting, inside, part, path, found);
        }
        path.pop();
    }
    for block in members.blocks {
        path.push(PathStep::Attribute(block.name.clone()));
        let inside = Members::of_block(&block.block);
        arranged(
            arrangement(block.nesting),
            inside,
            value.attribute(&block.name),
            path,
            found,
        );
        path.pop();
    }
}

fn arranged(
    nesting: Nesting,
    inside: Members<'_>,
    value: &Value,
    path: &mut Path,
    found: &mut Vec<Path>,
) {
    match nesting {
        Nesting::Single => in_object(inside, value, path, found),
        Nesting::Set => elements(value)
            .iter()
            .for_each(|element| in_object(inside, element, path, found)),
        Nesting::List => {
            for (index, element) in (0..).zip(elements(value)) {
                path.push(PathStep::Index(index));
                in_object(inside, element, path, found);
                path.pop();
            }
        }
        Nesting::Map => {
            for (key, element) in value.entries().into_iter().flatten() {
                path.push(PathStep::Key(key.clone()));
                in_object(inside, element, path, found);
                path.pop();
            }
        }
    }
}
