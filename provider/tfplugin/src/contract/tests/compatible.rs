use super::{rule, schema, texts, with};
use crate::contract::compatible;
use crate::value::{Refinements, Type, Value};

fn reasons(name: &str, planned: Value, actual: Value) -> Vec<String> {
    texts(&compatible(
        &schema(),
        &with(&[(name, planned)]),
        &with(&[(name, actual)]),
    ))
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn texts_set(elements: &[&str]) -> Value {
    Value::set(elements.iter().copied())
}

#[test]
fn results_that_keep_the_plan_pass() {
    let unknown = Value::unknown;
    for (name, planned, actual) in [
        ("required", text("a"), text("a")),
        ("required", text("é"), text("e\u{301}")),
        ("computed", unknown(), text("a")),
        ("computed", unknown(), Value::Null),
        (
            "computed",
            Value::Unknown(Refinements::none().not_null().prefix("a")),
            text("abc"),
        ),
        ("list", unknown(), Value::list([1, 2])),
        (
            "list",
            Value::list([Value::from(1), unknown()]),
            Value::list([1, 2]),
        ),
        (
            "map",
            Value::map([("k", unknown())]),
            Value::map([("k", "v")]),
        ),
        (
            "dynamic",
            unknown(),
            Value::dynamic(Type::Bool, Value::from(true)),
        ),
        (
            "dynamic",
            Value::dynamic(Type::String, unknown()),
            Value::dynamic(Type::String, text("x")),
        ),
        (
            "set",
            Value::set([unknown(), unknown(), text("a")]),
            texts_set(&["a", "b"]),
        ),
        ("set", Value::set([unknown(), unknown()]), texts_set(&["b"])),
        ("one", unknown(), rule("a", Value::Null)),
        ("one", rule("a", unknown()), rule("a", text("m"))),
        (
            "bag",
            Value::set([rule("a", unknown())]),
            Value::set([rule("a", text("m"))]),
        ),
        (
            "block_rows",
            unknown(),
            Value::list([rule("a", Value::Null)]),
        ),
        (
            "block_bag",
            Value::set([rule("a", unknown())]),
            Value::set([rule("a", text("m"))]),
        ),
        ("block_one", unknown(), Value::Null),
    ] {
        assert_eq!(
            reasons(name, planned.clone(), actual.clone()),
            [""; 0],
            "{name}: {planned:?} {actual:?}"
        );
    }
}

#[test]
fn each_broken_promise_has_its_reason() {
    let row = |keys: &[&str]| Value::list(keys.iter().map(|key| rule(key, Value::Null)));
    let keyed = |key: &str| Value::map([(key, rule("a", Value::Null))]);
    for (name, planned, actual, expected) in [
        (
            "required",
            text("a"),
            text("b"),
            "required: was \"a\", but now \"b\"",
        ),
        (
            "optional",
            Value::Null,
            text("b"),
            "optional: was null, but now \"b\"",
        ),
        (
            "optional",
            text("a"),
            Value::Null,
            "optional: was \"a\", but now null",
        ),
        (
            "optional",
            text("a"),
            Value::unknown(),
            "optional: was known, but now unknown",
        ),
        (
            "secret",
            text("a"),
            text("b"),
            "secret: inconsistent values for sensitive attribute",
        ),
        (
            "list",
            Value::list([1]),
            Value::list([2]),
            "list[0]: was 1, but now 2",
        ),
        (
            "list",
            Value::list([1, 2]),
            Value::list([1]),
            "list: element 1 has vanished",
        ),
        (
            "list",
            Value::list([1]),
            Value::list([1, 2]),
            "list: new element 1 has appeared",
        ),
        (
            "map",
            Value::map([("k", "v")]),
            Value::Map([].into()),
            "map: element \"k\" has vanished",
        ),
        (
            "map",
            Value::Map([].into()),
            Value::map([("k", "v")]),
            "map: new element \"k\" has appeared",
        ),
        (
            "dynamic",
            Value::dynamic(Type::String, text("x")),
            Value::dynamic(Type::Number, Value::from(1)),
            "dynamic: wrong final value type: string required, but this is number",
        ),
        (
            "required",
            text("a"),
            Value::from(1),
            "required: wrong final value type: string required, but this is a number",
        ),
        (
            "one",
            Value::Null,
            rule("a", Value::Null),
            "one: was null, but now {\"key\": \"a\", \"made\": null}",
        ),
        (
            "one",
            rule("a", Value::Null),
            rule("b", Value::Null),
            "one.key: was \"a\", but now \"b\"",
        ),
        (
            "block_one",
            Value::Null,
            rule("a", Value::Null),
            "block_one: was absent, but now present",
        ),
        (
            "block_one",
            rule("a", Value::Null),
            Value::Null,
            "block_one: was present, but now absent",
        ),
        (
            "block_rows",
            row(&["a"]),
            row(&["b"]),
            "block_rows[0].key: was \"a\", but now \"b\"",
        ),
        (
            "block_rows",
            row(&["a"]),
            row(&["a", "b"]),
            "block_rows: block count changed from 1 to 2",
        ),
        (
            "computed",
            Value::Unknown(Refinements::none().not_null()),
            Value::Null,
            "computed: final value null does not conform to planning placeholder (known after apply, not null)",
        ),
        (
            "computed",
            Value::Unknown(Refinements::none().prefix("arn:")),
            text("x"),
            "computed: final value \"x\" does not conform to planning placeholder (known after apply, beginning with \"arn:\")",
        ),
        (
            "list",
            Value::Unknown(Refinements::none().min_length(2).max_length(3)),
            Value::list([1]),
            "list: final value [1] does not conform to planning placeholder (known after apply, of at least 2 elements, of at most 3 elements)",
        ),
    ] {
        assert_eq!(reasons(name, planned, actual), [expected]);
    }
    assert_eq!(
        reasons("set", texts_set(&["a"]), texts_set(&["a", "b"])),
        [
            "set: actual set element \"b\" does not correlate with any element in plan",
            "set: length changed from 1 to 2"
        ]
    );
    assert_eq!(
        reasons("set", texts_set(&["a"]), texts_set(&["b"])),
        [
            "set: planned set element \"a\" does not correlate with any element in actual",
            "set: actual set element \"b\" does not correlate with any element in plan"
        ]
    );
    assert_eq!(
        reasons(
            "block_bag",
            Value::set([rule("a", Value::unknown())]),
            Value::set([rule("a", text("x")), rule("a", text("y"))])
        ),
        ["block_bag: block set length changed from 1 to 2"]
    );
    assert_eq!(
        reasons("block_keyed", keyed("k"), Value::Map([].into())),
        ["block_keyed: block count changed from 1 to 0"]
    );
    assert_eq!(
        reasons("block_keyed", keyed("k"), keyed("l")),
        [
            "block_keyed: block key \"k\" has vanished",
            "block_keyed: new block key \"l\" has appeared"
        ]
    );
}

#[test]
fn the_whole_object_may_neither_come_nor_go() {
    let some = with(&[("required", text("a"))]);
    assert_eq!(
        texts(&compatible(&schema(), &some, &Value::Null)),
        ["Root object was present, but now absent"]
    );
    assert_eq!(
        texts(&compatible(&schema(), &Value::Null, &some)),
        ["Root object was absent, but now present"]
    );
}

#[test]
fn large_sets_are_compared_quickly() {
    let elements: Vec<Value> = (0..10_000).map(|index| text(&index.to_string())).collect();
    let mut planned = elements.clone();
    planned.push(Value::unknown());
    let mut actual = elements;
    actual.reverse();
    actual.push(text("new"));
    assert_eq!(
        reasons("set", Value::set(planned), Value::set(actual)),
        [""; 0]
    );
}
