//! Each rule with an answer that keeps it and one that breaks it.

mod answers;
mod compatible;
mod plan;
mod properties;
mod proposed;
mod schemas;

use super::Violation;
use crate::schema::{Attribute, Block, BlockNesting, NestedBlock, Nesting, Schema};
use crate::value::{Type, Value};

/// A schema with every kind of member.
fn schema() -> Schema {
    let rule = || {
        vec![
            Attribute::string("key").required(),
            Attribute::string("made").computed(),
        ]
    };
    Schema::new(0)
        .attribute(Attribute::string("required").required())
        .attribute(Attribute::string("optional").optional())
        .attribute(Attribute::string("both").optional_computed())
        .attribute(Attribute::string("computed").computed())
        .attribute(Attribute::string("secret").optional().sensitive())
        .attribute(Attribute::string("write_only").optional().write_only())
        .attribute(Attribute::set("set", Type::String).optional())
        .attribute(Attribute::list("list", Type::Number).optional_computed())
        .attribute(Attribute::map("map", Type::String).optional_computed())
        .attribute(Attribute::dynamic("dynamic").optional_computed())
        .attribute(Attribute::nested("one", Nesting::Single, rule()).optional())
        .attribute(Attribute::nested("rows", Nesting::List, rule()).optional())
        .attribute(Attribute::nested("keyed", Nesting::Map, rule()).optional())
        .attribute(Attribute::nested("bag", Nesting::Set, rule()).optional())
        .attribute(Attribute::nested("filled", Nesting::List, rule()).optional_computed())
        .block(NestedBlock::single("block_one", rule()))
        .block(NestedBlock::new(
            "block_group",
            BlockNesting::Group,
            Block {
                attributes: rule(),
                ..Block::default()
            },
        ))
        .block(NestedBlock::list("block_rows", rule()))
        .block(NestedBlock::set("block_bag", rule()))
        .block(NestedBlock::new(
            "block_keyed",
            BlockNesting::Map,
            Block {
                attributes: rule(),
                ..Block::default()
            },
        ))
}

/// An object of [`schema`] with these members; the others are absent.
fn with(members: &[(&str, Value)]) -> Value {
    schema().stub(members.iter().map(|(name, value)| (*name, value.clone())))
}

fn rule(key: &str, made: Value) -> Value {
    Value::object([("key", Value::from(key)), ("made", made)])
}

fn texts(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(ToString::to_string).collect()
}
