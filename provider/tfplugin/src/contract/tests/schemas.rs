use super::texts;
use crate::contract::{check_functions, check_identity, check_schema};
use crate::function::{Parameter, Signature};
use crate::schema::{Attribute, Block, BlockNesting, IdentitySchema, NestedBlock, Nesting, Schema};
use crate::value::{Type, Value};

fn attribute(attribute: Attribute) -> Vec<String> {
    texts(&check_schema(&Schema::new(0).attribute(attribute)))
}

fn block(block: NestedBlock) -> Vec<String> {
    texts(&check_schema(&Schema::new(0).block(block)))
}

fn sized(nesting: BlockNesting, min: u32, max: u32) -> NestedBlock {
    NestedBlock::new("b", nesting, Block::default()).items(min, max)
}

#[test]
fn a_schema_with_every_kind_of_member_passes() {
    assert_eq!(check_schema(&super::schema()), []);
    assert_eq!(block(NestedBlock::single("b", vec![]).required()), [""; 0]);
    assert_eq!(block(sized(BlockNesting::List, 1, 0)), [""; 0]);
}

#[test]
fn each_broken_attribute_has_its_reason() {
    let secret = || vec![Attribute::string("w").optional().write_only()];
    for (broken, expected) in [
        (
            Attribute::string("a"),
            "a: must set Optional, Required or Computed",
        ),
        (
            Attribute::string("Upper").optional(),
            "Upper: name may contain only lowercase letters, digits and underscores",
        ),
        (
            Attribute::string("").optional(),
            ": name may contain only lowercase letters, digits and underscores",
        ),
        (
            Attribute::string("count").optional(),
            "count: the name is taken by a meta-argument of Terraform",
        ),
        (
            Attribute::string("a").optional_computed().write_only(),
            "a: a write-only attribute cannot be Computed: nothing but the configuration can set it",
        ),
        (
            Attribute::number("a").default(Value::from("five")),
            "a: the default does not have the type of the attribute: number required, but this is a string",
        ),
        (
            Attribute::list("a", Type::Dynamic).optional(),
            "a: a list, set or map must have elements of one particular type, not of any type",
        ),
        (
            Attribute::nested("a", Nesting::Set, vec![Attribute::dynamic("d").optional()])
                .optional(),
            "a: NestingSet attributes may not contain attributes of cty.DynamicPseudoType",
        ),
        (
            Attribute::nested("a", Nesting::Set, secret()).optional(),
            "a: NestingSet attributes may not contain WriteOnly attributes",
        ),
        (
            Attribute::nested(
                "a",
                Nesting::Set,
                vec![Attribute::nested("n", Nesting::Single, secret()).optional()],
            )
            .optional(),
            "a: NestingSet attributes may not contain WriteOnly attributes",
        ),
        (
            Attribute::nested("a", Nesting::List, vec![Attribute::string("x")]).optional(),
            "a.x: must set Optional, Required or Computed",
        ),
    ] {
        assert_eq!(attribute(broken), [expected]);
    }
}

#[test]
fn each_broken_block_has_its_reason() {
    for (broken, expected) in [
        (
            sized(BlockNesting::Single, 0, 1),
            "b: MinItems and MaxItems must match in NestingSingle mode",
        ),
        (
            sized(BlockNesting::Single, 2, 2),
            "b: MinItems and MaxItems must be set to either 0 or 1 in NestingSingle mode",
        ),
        (
            sized(BlockNesting::Group, 1, 1),
            "b: MinItems and MaxItems cannot be used in NestingGroup mode",
        ),
        (
            sized(BlockNesting::Map, 0, 1),
            "b: MinItems and MaxItems must both be 0 in NestingMap mode",
        ),
        (
            sized(BlockNesting::List, 2, 1),
            "b: MinItems must be less than or equal to MaxItems",
        ),
        (
            NestedBlock::set("b", vec![Attribute::dynamic("d").optional()]),
            "b: NestingSet blocks may not contain attributes of cty.DynamicPseudoType",
        ),
        (
            NestedBlock::set("b", vec![]).block(NestedBlock::list(
                "c",
                vec![Attribute::string("w").optional().write_only()],
            )),
            "b: NestingSet blocks may not contain WriteOnly attributes",
        ),
        (
            NestedBlock::list("B", vec![]),
            "B: name may contain only lowercase letters, digits and underscores",
        ),
    ] {
        assert_eq!(block(broken), [expected]);
    }
}

#[test]
fn names_are_used_once() {
    let twice = Schema::new(-1).attributes([
        Attribute::string("a").optional(),
        Attribute::string("a").optional(),
    ]);
    assert_eq!(
        texts(&check_schema(&twice)),
        ["invalid negative schema version", "a: name defined twice"]
    );
    let both = Schema::new(0)
        .attribute(Attribute::string("a").optional())
        .block(NestedBlock::list("a", vec![]));
    assert_eq!(
        texts(&check_schema(&both)),
        ["a: name defined as both attribute and child block type"]
    );
}

#[test]
fn identities_hold_primitives_and_lists_of_them() {
    let fine = IdentitySchema::new(0)
        .required("id", Type::String, "")
        .optional("zones", Type::list(Type::String), "");
    assert_eq!(check_identity(&fine), []);
    let broken = IdentitySchema::new(0)
        .required("m", Type::map(Type::String), "")
        .required("s", Type::set(Type::String), "")
        .required("o", Type::Object([].into()), "");
    assert_eq!(
        texts(&check_identity(&broken)),
        [("m", "a map"), ("s", "a set"), ("o", "an object")].map(|(name, kind)| format!(
            "attribute {name:?} is {kind}, which is not allowed in identity schemas"
        ))
    );
}

#[test]
fn functions_and_parameters_have_identifiers() {
    let parameter = |name: &str| Parameter::new(name, Type::String);
    let fine = Signature::new(Type::String)
        .parameter(parameter("a"))
        .variadic(parameter("rest"));
    assert_eq!(check_functions([("join", &fine)]), []);
    let broken = Signature::new(Type::String)
        .parameter(parameter("a"))
        .parameter(parameter("1"))
        .variadic(parameter("a"));
    assert_eq!(
        texts(&check_functions([
            ("2join", &broken),
            ("join", &fine),
            ("join", &fine)
        ])),
        [
            "declares function with invalid name \"2join\"",
            "function \"2join\" has invalid name for parameter \"1\"",
            "function \"2join\" reuses name \"a\" for several parameters",
            "declares function \"join\" twice",
        ]
    );
}
