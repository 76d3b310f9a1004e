//! Rules of the schema: presence, implied types, validators.

use super::{
    Attribute, Block, BlockNesting, NestedBlock, Nesting, Presence, Schema, Validator, validators,
};
use crate::diagnostic::Diagnostics;
use crate::provider::ClientCapabilities;
use crate::value::{Path, Type, Value};

fn check(attribute: Attribute, value: impl Into<Value>) -> Diagnostics {
    let name = attribute.name.clone();
    let schema = Schema::new(0).attribute(attribute);
    schema.check(
        &Value::object([(name, value.into())]),
        ClientCapabilities {
            write_only_attributes: true,
        },
    )
}

#[test]
fn optional_and_computed_add_up_in_any_order() {
    assert_eq!(
        Attribute::string("a").optional().computed().presence,
        Presence::OptionalComputed
    );
    assert_eq!(
        Attribute::string("a").computed().optional().presence,
        Presence::OptionalComputed
    );
    assert_eq!(
        Attribute::string("a").default(Value::from("x")).presence,
        Presence::OptionalComputed
    );
    assert_eq!(
        Attribute::string("a").required().presence,
        Presence::Required
    );
}

#[test]
fn types_are_implied_by_structure() {
    let inner = || vec![Attribute::number("port").required()];
    let object = Type::object([("port", Type::Number)]);
    for (nesting, expected) in [
        (Nesting::Single, object.clone()),
        (Nesting::List, Type::list(object.clone())),
        (Nesting::Set, Type::set(object.clone())),
        (Nesting::Map, Type::map(object.clone())),
    ] {
        assert_eq!(
            Attribute::nested("x", nesting, inner()).value_type(),
            expected
        );
    }
    let block = |nesting, attributes| {
        NestedBlock::new(
            "b",
            nesting,
            Block {
                attributes,
                ..Block::default()
            },
        )
        .value_type()
    };
    assert_eq!(block(BlockNesting::Group, inner()), object);
    assert_eq!(block(BlockNesting::List, inner()), Type::list(object));
    assert_eq!(
        block(
            BlockNesting::List,
            vec![Attribute::dynamic("any").optional()]
        ),
        Type::Dynamic
    );
}

#[test]
fn a_stub_has_empty_blocks_and_null_attributes() {
    let schema = Schema::new(0)
        .attribute(Attribute::string("id").computed())
        .attribute(Attribute::string("name").optional())
        .block(NestedBlock::list(
            "rule",
            vec![Attribute::number("port").required()],
        ))
        .block(NestedBlock::single(
            "timeouts",
            vec![Attribute::string("create").optional()],
        ));
    let stub = schema.stub([("id", Value::from("x")), ("stranger", Value::from("y"))]);
    let expected = Value::object([
        ("id", Value::from("x")),
        ("name", Value::Null),
        ("rule", Value::List(vec![])),
        ("timeouts", Value::Null),
    ]);
    assert_eq!(stub, expected);
    assert_eq!(stub.conforms(&schema.value_type()), Ok(()));
}

#[test]
fn validators_say_what_they_demand() {
    for (validator, good, bad, demand) in [
        (
            boxed(validators::one_of(["a", "b"])),
            Value::from("a"),
            Value::from("c"),
            "must be one of `a`, `b`",
        ),
        (
            boxed(validators::length_between(1, 2)),
            "äö".into(),
            "abc".into(),
            "must be between 1 and 2 characters long",
        ),
        (
            boxed(validators::not_empty()),
            "x".into(),
            "".into(),
            "must not be empty",
        ),
        (
            boxed(validators::between(1, 3)),
            3.into(),
            4.into(),
            "must be between 1 and 3",
        ),
        (
            boxed(validators::at_least(0)),
            0.into(),
            (-1).into(),
            "must be at least 0",
        ),
        (
            boxed(validators::at_most(9)),
            9.into(),
            10.into(),
            "must be at most 9",
        ),
        (
            boxed(validators::whole_number()),
            7.into(),
            Value::Number("0.5".parse().unwrap()),
            "must be a whole number",
        ),
        (
            boxed(validators::items_between(1, 2)),
            Value::list(["a"]),
            Value::List(vec![]),
            "must have between 1 and 2 elements",
        ),
        (
            boxed(validators::items_at_least(1)),
            Value::set(["a"]),
            Value::Set(vec![]),
            "must have at least 1 element",
        ),
        (
            boxed(validators::each(validators::not_empty())),
            Value::list(["a"]),
            Value::list([""]),
            "every element must not be empty",
        ),
        (
            boxed(validators::keys(validators::not_empty())),
            Value::map([("a", "")]),
            Value::map([("", "a")]),
            "every key must not be empty",
        ),
    ] {
        assert_eq!(validator.describe(), demand);
        assert_eq!(validator.check(&good), Ok(()), "{demand}");
        assert!(validator.check(&bad).is_err(), "{demand}");
    }
}

fn boxed(validator: impl Validator + 'static) -> Box<dyn Validator> {
    Box::new(validator)
}

#[test]
fn null_and_unknown_values_are_valid() {
    let attribute = || {
        Attribute::string("a")
            .optional()
            .validator(validators::one_of(["x"]))
    };
    assert!(check(attribute(), Value::Null).is_empty());
    assert!(check(attribute(), Value::unknown()).is_empty());
    let each = Attribute::list("a", Type::String)
        .optional()
        .validator(validators::each(validators::not_empty()));
    assert!(check(each, Value::list([Value::unknown(), "x".into()])).is_empty());
}

#[test]
fn a_violation_inside_a_collection_is_blamed_on_the_element() {
    let list = Attribute::list("a", Type::String)
        .optional()
        .validator(validators::each(validators::not_empty()));
    let found = check(list, Value::list(["x", ""]));
    assert_eq!(
        found.iter().next().unwrap().attribute,
        Some(Path::from("a").index(1))
    );
    let map = Attribute::map("a", Type::String)
        .optional()
        .validator(validators::each(validators::not_empty()));
    let found = check(map, Value::map([("k", "")]));
    assert_eq!(
        found.iter().next().unwrap().attribute,
        Some(Path::from("a").key("k"))
    );
    let set = Attribute::set("a", Type::String)
        .optional()
        .validator(validators::each(validators::not_empty()));
    let found = check(set, Value::set([""]));
    assert_eq!(
        found.iter().next().unwrap().attribute,
        Some(Path::from("a")),
        "sets have no addresses"
    );
}

#[test]
fn a_parser_tells_its_reason_unless_the_value_is_secret() {
    let address = || validators::parses("must be an IP address", str::parse::<std::net::IpAddr>);
    let open = check(
        Attribute::string("a").required().validator(address()),
        "hunter2",
    )
    .to_string();
    assert!(
        open.contains("must be an IP address, but it is \"hunter2\". Invalid IP"),
        "{open}"
    );
    for attribute in [
        Attribute::string("a").required().sensitive(),
        Attribute::string("a").required().write_only(),
    ] {
        let hidden = check(attribute.validator(address()), "hunter2").to_string();
        assert!(
            hidden.contains("must be an IP address.") && !hidden.contains("hunter2"),
            "{hidden}"
        );
    }
}

#[test]
fn replace_rules_describe_themselves() {
    let always = Attribute::string("a").required().requires_replace();
    assert_eq!(
        always.plan.replace.unwrap().describe(),
        "Changing this replaces the object."
    );
    let sometimes = Attribute::string("a")
        .required()
        .requires_replace_if("when it shrinks", |_| true);
    assert_eq!(
        sometimes.plan.replace.unwrap().describe(),
        "Changing this replaces the object when it shrinks."
    );
}
