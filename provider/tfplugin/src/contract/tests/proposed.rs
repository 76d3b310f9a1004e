use super::{rule, schema, with};
use crate::contract::{plan_valid, proposed_new};
use crate::value::Value;

fn proposed(name: &str, prior: Option<Value>, config: Value) -> Value {
    let prior = prior.map_or(Value::Null, |prior| with(&[(name, prior)]));
    proposed_new(&schema(), &prior, &with(&[(name, config)]))
        .attribute(name)
        .clone()
}

fn text(text: &str) -> Value {
    Value::from(text)
}

#[test]
fn configured_values_win_and_computed_ones_stay() {
    let old = || Some(text("old"));
    for (name, prior, config, expected) in [
        ("required", old(), text("new"), text("new")),
        ("optional", old(), Value::Null, Value::Null),
        ("both", old(), Value::Null, text("old")),
        ("both", old(), text("new"), text("new")),
        ("both", old(), Value::unknown(), Value::unknown()),
        ("computed", old(), Value::Null, text("old")),
        ("computed", None, Value::Null, Value::Null),
        // The provider has to clear it; the proposal still holds the secret.
        ("write_only", None, text("secret"), text("secret")),
    ] {
        assert_eq!(proposed(name, prior, config), expected, "{name}");
    }
}

#[test]
fn lists_are_merged_by_index_and_maps_by_key() {
    let prior = Value::list([rule("a", text("1")), rule("b", text("2"))]);
    let config = Value::list([
        rule("x", Value::Null),
        rule("b", Value::Null),
        rule("c", Value::Null),
    ]);
    let merged = Value::list([
        rule("x", text("1")),
        rule("b", text("2")),
        rule("c", Value::Null),
    ]);
    assert_eq!(
        proposed("rows", Some(prior.clone()), config.clone()),
        merged
    );
    assert_eq!(proposed("block_rows", Some(prior), config), merged);

    let prior = Value::map([("k", rule("a", text("1")))]);
    let config = Value::map([("k", rule("b", Value::Null)), ("l", rule("c", Value::Null))]);
    let merged = Value::map([("k", rule("b", text("1"))), ("l", rule("c", Value::Null))]);
    assert_eq!(
        proposed("keyed", Some(prior.clone()), config.clone()),
        merged
    );
    assert_eq!(proposed("block_keyed", Some(prior), config), merged);
}

#[test]
fn an_unknown_element_is_proposed_by_its_members() {
    let config = Value::list([Value::unknown(), Value::unknown()]);
    let members = Value::object([("key", Value::unknown()), ("made", Value::unknown())]);
    let prior = Value::list([rule("a", text("1"))]);
    assert_eq!(
        proposed("rows", Some(prior), config),
        Value::list([members, Value::unknown()])
    );
    assert_eq!(
        proposed("one", Some(rule("a", text("1"))), Value::unknown()),
        Value::unknown()
    );
}

#[test]
fn sets_are_merged_by_likeness() {
    let prior = Value::set([rule("a", text("1")), rule("b", text("2"))]);
    let config = Value::set([rule("b", Value::Null), rule("c", Value::Null)]);
    let merged = Value::set([rule("b", text("2")), rule("c", Value::Null)]);
    assert_eq!(proposed("bag", Some(prior.clone()), config.clone()), merged);
    assert_eq!(proposed("block_bag", Some(prior), config), merged);
}

#[test]
fn a_removed_nested_value_that_was_configured_becomes_null() {
    let configured = Value::list([rule("a", text("1"))]);
    assert_eq!(
        proposed("filled", Some(configured), Value::Null),
        Value::Null
    );
    let computed_only = Value::list([Value::object([("key", Value::Null), ("made", text("1"))])]);
    assert_eq!(
        proposed("filled", Some(computed_only.clone()), Value::Null),
        computed_only
    );
}

#[test]
fn single_blocks_and_groups_are_merged() {
    for name in ["one", "block_one", "block_group"] {
        assert_eq!(
            proposed(name, Some(rule("a", text("1"))), rule("b", Value::Null)),
            rule("b", text("1")),
            "{name}"
        );
    }
    assert_eq!(
        proposed("block_one", Some(rule("a", text("1"))), Value::Null),
        Value::Null
    );
    assert_eq!(
        proposed("block_rows", None, Value::unknown()),
        Value::unknown()
    );
}

#[test]
fn a_destroy_proposes_null() {
    assert_eq!(
        proposed_new(&schema(), &with(&[]), &Value::Null),
        Value::Null
    );
}

#[test]
fn what_terraform_proposes_is_a_valid_plan() {
    let prior = with(&[
        ("required", text("a")),
        ("both", text("b")),
        ("computed", text("c")),
        ("rows", Value::list([rule("a", text("1"))])),
        ("bag", Value::set([rule("a", text("1"))])),
        ("block_bag", Value::set([rule("a", text("1"))])),
    ]);
    let config = with(&[
        ("required", Value::unknown()),
        (
            "rows",
            Value::list([rule("b", Value::Null), rule("c", Value::Null)]),
        ),
        (
            "bag",
            Value::set([rule("a", Value::Null), rule("b", Value::Null)]),
        ),
        ("block_bag", Value::set([rule("a", Value::Null)])),
    ]);
    let proposed = proposed_new(&schema(), &prior, &config);
    assert_eq!(plan_valid(&schema(), &prior, &config, &proposed), []);
}
