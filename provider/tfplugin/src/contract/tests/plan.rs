use super::{rule, schema, texts, with};
use crate::contract::plan_valid;
use crate::value::{Refinements, Type, Value};

/// What is wrong with planning `planned` for one member.
fn reasons(name: &str, prior: Option<Value>, config: Value, planned: Value) -> Vec<String> {
    let prior = prior.map_or(Value::Null, |prior| with(&[(name, prior)]));
    texts(&plan_valid(
        &schema(),
        &prior,
        &with(&[(name, config)]),
        &with(&[(name, planned)]),
    ))
}

fn text(text: &str) -> Value {
    Value::from(text)
}

#[test]
fn plans_that_follow_from_the_configuration_pass() {
    let unknown = Value::unknown;
    let row = |made: Value| Value::list([rule("a", made)]);
    for (name, prior, config, planned) in [
        ("required", None, text("a"), text("a")),
        ("required", None, unknown(), unknown()),
        (
            "required",
            None,
            Value::Unknown(Refinements::none().not_null()),
            unknown(),
        ),
        ("required", Some(text("{ }")), text("{}"), text("{ }")),
        ("optional", None, Value::Null, Value::Null),
        ("both", None, Value::Null, unknown()),
        ("both", None, Value::Null, text("made")),
        ("both", None, text("a"), text("a")),
        ("computed", Some(text("old")), Value::Null, unknown()),
        ("computed", Some(text("old")), Value::Null, Value::Null),
        ("write_only", None, text("secret"), Value::Null),
        (
            "set",
            None,
            Value::set([unknown(), unknown()]),
            Value::set([unknown(), unknown()]),
        ),
        (
            "dynamic",
            None,
            Value::Null,
            Value::dynamic(Type::String, text("x")),
        ),
        ("one", None, rule("a", Value::Null), rule("a", unknown())),
        ("rows", None, row(Value::Null), row(unknown())),
        ("rows", None, unknown(), unknown()),
        ("rows", None, Value::List(vec![]), Value::List(vec![])),
        (
            "keyed",
            None,
            Value::map([("k", rule("a", Value::Null))]),
            Value::map([("k", rule("a", text("x")))]),
        ),
        (
            "bag",
            None,
            Value::set([rule("a", Value::Null)]),
            Value::set([rule("a", unknown())]),
        ),
        ("filled", None, Value::Null, row(text("x"))),
        ("filled", None, Value::Null, unknown()),
        ("block_one", None, Value::Null, Value::Null),
        (
            "block_one",
            None,
            rule("a", Value::Null),
            rule("a", unknown()),
        ),
        ("block_rows", None, row(Value::Null), row(unknown())),
        ("block_rows", None, unknown(), unknown()),
        (
            "block_bag",
            None,
            Value::set([rule("a", Value::Null)]),
            Value::set([rule("a", unknown())]),
        ),
        (
            "block_keyed",
            None,
            Value::map([("k", rule("a", Value::Null))]),
            Value::map([("k", rule("a", unknown()))]),
        ),
    ] {
        assert_eq!(
            reasons(name, prior, config.clone(), planned.clone()),
            [""; 0],
            "{name}: {config:?} {planned:?}"
        );
    }
}

#[test]
fn an_element_of_a_set_may_mix_prior_and_configured_values() {
    for name in ["bag", "block_bag"] {
        let bag = |key: &str, made: Value| Value::set([rule(key, made)]);
        let prior = || Some(bag("{ }", text("m")));
        let config = || bag("{}", Value::Null);
        assert_eq!(
            reasons(name, prior(), config(), bag("{ }", Value::unknown())),
            [""; 0]
        );
        assert_eq!(
            reasons(name, prior(), config(), bag("[]", text("m"))).len(),
            2
        );
    }
}

#[test]
fn an_unknown_element_may_be_planned_by_its_members() {
    let config = Value::list([Value::unknown()]);
    let members =
        |key: Value| Value::list([Value::object([("key", key), ("made", Value::unknown())])]);
    assert_eq!(
        reasons("rows", None, config.clone(), members(Value::unknown())),
        [""; 0]
    );
    assert_eq!(
        reasons("rows", None, config.clone(), config.clone()),
        [""; 0]
    );
    assert_eq!(
        reasons("rows", None, config, members(text("a"))),
        ["rows[0].key: planned value \"a\" does not match config value (known after apply)"]
    );
}

#[test]
fn a_computed_attribute_is_free_even_under_ignore_changes() {
    assert_eq!(
        reasons("computed", Some(text("old")), text("old"), text("new")),
        [""; 0]
    );
}

#[test]
fn each_broken_plan_has_its_reason() {
    let row = |made: Value| Value::list([rule("a", made)]);
    let keyed = |key: &str| Value::map([(key, rule("a", Value::Null))]);
    let no_rows = || Value::List(vec![]);
    for (name, prior, config, planned, expected) in [
        (
            "required",
            None,
            text("a"),
            text("b"),
            "required: planned value \"b\" does not match config value \"a\"",
        ),
        (
            "required",
            Some(text("c")),
            text("a"),
            text("b"),
            "required: planned value \"b\" does not match config value \"a\" nor prior value \"c\"",
        ),
        (
            "required",
            None,
            text("a"),
            Value::unknown(),
            "required: planned value (known after apply) does not match config value \"a\"",
        ),
        (
            "optional",
            None,
            Value::Null,
            text("b"),
            "optional: planned value \"b\" for a non-computed attribute",
        ),
        (
            "optional",
            Some(text("b")),
            Value::Null,
            text("b"),
            "optional: planned value \"b\" for a non-computed attribute",
        ),
        (
            "both",
            None,
            text("a"),
            Value::Null,
            "both: planned value null does not match config value \"a\"",
        ),
        (
            "secret",
            None,
            text("a"),
            text("b"),
            "secret: sensitive planned value does not match config value",
        ),
        (
            "secret",
            Some(text("c")),
            text("a"),
            text("b"),
            "secret: sensitive planned value does not match config value nor prior value",
        ),
        (
            "secret",
            None,
            Value::Null,
            text("b"),
            "secret: sensitive planned value for a non-computed attribute",
        ),
        (
            "write_only",
            None,
            text("a"),
            text("a"),
            "write_only: planned value for write-only attribute is not null",
        ),
        (
            "set",
            None,
            Value::set([Value::unknown(), Value::unknown()]),
            Value::set([Value::unknown()]),
            "set: planned value [(known after apply)] does not match config value [(known after apply), (known after apply)]",
        ),
        (
            "one",
            None,
            rule("a", Value::Null),
            Value::Null,
            "one: planned for absence but config wants existence",
        ),
        (
            "one",
            None,
            Value::Null,
            rule("a", Value::Null),
            "one: planned for existence but config wants absence",
        ),
        (
            "one",
            None,
            rule("a", Value::Null),
            Value::unknown(),
            "one: planned unknown for configured value",
        ),
        (
            "one",
            None,
            rule("a", Value::Null),
            rule("b", Value::Null),
            "one.key: planned value \"b\" does not match config value \"a\"",
        ),
        (
            "rows",
            None,
            row(Value::Null),
            no_rows(),
            "rows: count in plan (0) disagrees with count in config (1)",
        ),
        (
            "rows",
            None,
            row(Value::Null),
            Value::Null,
            "rows: planned for absence but config wants existence",
        ),
        (
            "rows",
            None,
            row(Value::Null),
            Value::list([rule("b", Value::Null)]),
            "rows[0].key: planned value \"b\" does not match config value \"a\"",
        ),
        (
            "bag",
            None,
            Value::set([rule("a", Value::Null)]),
            Value::Set(vec![]),
            "bag: count in plan (0) disagrees with count in config (1)",
        ),
        (
            "block_one",
            None,
            rule("a", Value::Null),
            Value::Null,
            "block_one: planned for absence but config wants existence",
        ),
        (
            "block_rows",
            None,
            row(Value::Null),
            no_rows(),
            "block_rows: block count in plan (0) disagrees with count in config (1)",
        ),
        (
            "block_rows",
            None,
            no_rows(),
            Value::Null,
            "block_rows: attribute representing a list of nested blocks must be empty to indicate no blocks, not null",
        ),
        (
            "block_rows",
            None,
            row(Value::Null),
            Value::unknown(),
            "block_rows: attribute representing nested block must not be unknown itself; set nested attribute values to unknown instead",
        ),
        (
            "block_rows",
            None,
            row(Value::Null),
            Value::list([Value::unknown()]),
            "block_rows[0]: element representing nested block must not be unknown itself; set nested attribute values to unknown instead",
        ),
        (
            "block_rows",
            None,
            Value::unknown(),
            no_rows(),
            "block_rows: planned value [] for unknown dynamic block",
        ),
        (
            "block_bag",
            None,
            Value::Set(vec![]),
            Value::Null,
            "block_bag: attribute representing a set of nested blocks must be empty to indicate no blocks, not null",
        ),
    ] {
        assert_eq!(reasons(name, prior, config, planned), [expected]);
    }
    assert_eq!(
        reasons("keyed", None, keyed("k"), keyed("l")),
        [
            "keyed: map key \"l\" from plan is not present in config",
            "keyed: map key \"k\" from config is not present in plan"
        ]
    );
    assert_eq!(
        reasons("block_keyed", None, keyed("k"), keyed("l")),
        [
            "block_keyed: block key \"l\" from plan is not present in config",
            "block_keyed: block key \"k\" from config is not present in plan"
        ]
    );
    assert_eq!(
        reasons(
            "bag",
            None,
            Value::set([rule("a", Value::Null)]),
            Value::set([rule("b", Value::Null)])
        ),
        [
            "bag: planned set element {\"key\": \"b\", \"made\": null} does not correlate with any element in config",
            "bag: config set element {\"key\": \"a\", \"made\": null} does not correlate with any element in plan"
        ]
    );
}

#[test]
fn whole_objects_come_and_go_with_the_configuration() {
    let some = with(&[("required", text("a"))]);
    assert_eq!(
        texts(&plan_valid(&schema(), &Value::Null, &some, &Value::Null)),
        ["planned for absence but config wants existence"]
    );
    assert_eq!(
        texts(&plan_valid(&schema(), &some, &Value::Null, &some)),
        ["planned for existence but config wants absence"]
    );
    assert_eq!(plan_valid(&schema(), &some, &Value::Null, &Value::Null), []);
}

#[test]
fn a_plan_of_another_type_is_refused() {
    let planned = with(&[("required", Value::from(5))]);
    let found = plan_valid(&schema(), &Value::Null, &with(&[]), &planned);
    assert_eq!(
        texts(&found),
        ["required: wrong planned value type: string required, but this is a number"]
    );
}

#[test]
fn decomposed_text_equals_composed_text() {
    assert_eq!(
        reasons("required", None, text("é"), text("e\u{301}")),
        [""; 0]
    );
}

#[test]
fn long_values_are_cut_in_messages() {
    let found = reasons("required", None, text("a"), text(&"x".repeat(5000)));
    assert!(found[0].len() < 400, "{}", found[0].len());
    assert!(found[0].contains("xxx..."));
}
