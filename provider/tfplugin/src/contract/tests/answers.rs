use super::texts;
use crate::contract::{identity_known, replace_paths, wholly_known, write_only_null};
use crate::schema::{Attribute, NestedBlock, Nesting, Schema};
use crate::value::{Path, Value};

#[test]
fn unknown_parts_are_found_anywhere() {
    let value = Value::object([
        ("a", Value::list([Value::from(1), Value::unknown()])),
        ("b", Value::set([Value::unknown()])),
    ]);
    assert_eq!(
        texts(&wholly_known(&value)),
        [
            "a[1]: the value is still unknown",
            "b: the value is still unknown"
        ]
    );
    assert_eq!(wholly_known(&Value::Null), []);
}

#[test]
fn an_identity_has_no_unknown_part() {
    let identity = |name: Value| Value::object([("cluster", Value::from("main")), ("name", name)]);
    assert_eq!(identity_known(None), []);
    assert_eq!(identity_known(Some(&identity(Value::Null))), []);
    assert_eq!(
        texts(&identity_known(Some(&identity(Value::unknown())))),
        ["name: the identity has an unknown part: the value is still unknown"]
    );
    assert_eq!(
        texts(&identity_known(Some(&Value::unknown()))),
        ["the identity has an unknown part: the value is still unknown"]
    );
}

#[test]
fn write_only_values_are_found_anywhere() {
    let token = || vec![Attribute::string("token").optional().write_only()];
    let schema = Schema::new(0)
        .attribute(Attribute::string("token").optional().write_only())
        .attribute(Attribute::nested("one", Nesting::Single, token()).optional())
        .attribute(Attribute::nested("keyed", Nesting::Map, token()).optional())
        .block(NestedBlock::list("rows", token()));
    let holder = |token: Value| Value::object([("token", token)]);
    let set = || holder(Value::from("t"));
    let value = schema.stub([
        ("token", Value::from("t")),
        ("one", set()),
        ("keyed", Value::map([("k", set())])),
        ("rows", Value::list([holder(Value::Null), set()])),
    ]);
    assert_eq!(
        texts(&write_only_null(&schema, &value)),
        ["token", "one.token", "keyed[\"k\"].token", "rows[1].token"]
            .map(|path| format!("{path}: write-only attribute is not null"))
    );
    assert_eq!(write_only_null(&schema, &schema.stub::<&str>([])), []);
    assert_eq!(write_only_null(&schema, &Value::Null), []);
}

#[test]
fn replace_paths_must_exist_before_or_after() {
    let prior = Value::object([("rules", Value::list([1])), ("names", Value::set(["a"]))]);
    let planned = Value::object([("rules", Value::list([1, 2])), ("names", Value::set(["a"]))]);
    let paths = [
        Path::from("rules").index(1),
        Path::from("names"),
        Path::from("names").index(0),
        Path::from("absent"),
    ];
    assert_eq!(
        texts(&replace_paths(&prior, &planned, &paths)),
        [
            "names[0]: requires replacement for a non-existent attribute path",
            "absent: requires replacement for a non-existent attribute path"
        ]
    );
}
