use proptest::prelude::*;

use super::schema;
use crate::contract::members::{Members, arrangement, nested};
use crate::contract::{compatible, plan_valid, proposed_new, write_only_null};
use crate::schema::{Nesting, Presence};
use crate::value::{Path, Type, Value, arbitrary};

/// What an object of the schema can look like in a configuration, made from any
/// object of its type: nothing computed, blocks never null and never unknown.
fn configured(members: Members<'_>, value: &Value) -> Value {
    let attributes = members.attributes.iter().map(|attribute| {
        let part = value.attribute(&attribute.name);
        let part = match nested(attribute) {
            _ if attribute.presence == Presence::Computed => Value::Null,
            Some((nesting, inside)) => elementwise(nesting, inside, part),
            None => part.clone(),
        };
        (attribute.name.clone(), part)
    });
    let blocks = members.blocks.iter().map(|block| {
        let inside = Members::of_block(&block.block);
        let part = value.attribute(&block.name);
        let part = if part.is_null() || part.is_unknown() {
            block.absent_value()
        } else {
            part.clone()
        };
        (
            block.name.clone(),
            elementwise(arrangement(block.nesting), inside, &part),
        )
    });
    Value::Object(attributes.chain(blocks).collect())
}

fn elementwise(nesting: Nesting, inside: Members<'_>, value: &Value) -> Value {
    let element = |element: &Value| configured(inside, element);
    match value {
        Value::List(elements) => Value::List(elements.iter().map(element).collect()),
        Value::Set(elements) => Value::set(elements.iter().map(element)),
        Value::Map(entries) => Value::map(
            entries
                .iter()
                .map(|(key, entry)| (key.as_str(), element(entry))),
        ),
        Value::Object(_) if nesting == Nesting::Single => element(value),
        other => other.clone(),
    }
}

fn objects(unknowns: bool) -> impl Strategy<Value = Value> {
    arbitrary::value(&schema().value_type(), unknowns)
        .prop_filter("an object", |value| value.entries().is_some())
        .prop_map(|value| configured(Members::of_block(&schema().block), &value))
}

/// Write-only attributes cleared, as every provider must do.
fn cleared(value: Value) -> Value {
    value.transform(&mut |path, part| {
        if *path == Path::from("write_only") {
            Value::Null
        } else {
            part
        }
    })
}

/// Everything unknown replaced by null, which nothing here promises not to be.
fn settled(value: Value) -> Value {
    value.transform(&mut |_, part| match part {
        Value::Unknown(promised) if !promised.is_not_null() => Value::Null,
        other => other,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_terraform_proposes_can_be_planned(prior in objects(false), config in objects(true), create in any::<bool>()) {
        let prior = if create { Value::Null } else { cleared(prior) };
        let planned = cleared(proposed_new(&schema(), &prior, &config));
        prop_assert_eq!(plan_valid(&schema(), &prior, &config, &planned), []);
        prop_assert_eq!(write_only_null(&schema(), &planned), []);
    }

    #[test]
    fn a_plan_is_compatible_with_itself(planned in objects(true)) {
        prop_assert_eq!(compatible(&schema(), &planned, &planned), []);
    }

    #[test]
    fn unknown_values_may_become_null_unless_promised(planned in objects(true)) {
        prop_assert_eq!(compatible(&schema(), &planned, &settled(planned.clone())), []);
    }

    #[test]
    fn any_two_objects_can_be_compared(
        one in arbitrary::value(&schema().value_type(), true),
        two in arbitrary::value(&schema().value_type(), true),
        three in arbitrary::value(&Type::Object([].into()), true),
    ) {
        drop(compatible(&schema(), &one, &two));
        drop(plan_valid(&schema(), &one, &two, &one));
        drop(plan_valid(&schema(), &one, &one, &two));
        drop(proposed_new(&schema(), &one, &two));
        drop(proposed_new(&schema(), &three, &one));
        drop(compatible(&schema(), &three, &one));
    }
}
