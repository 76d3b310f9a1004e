//! Tables over the rules that need no server.

mod plans;

use super::fit::{fit, without_unknowns, without_write_only};
use super::{replace, walk};
use crate::schema::{Attribute, Block, NestedBlock, Nesting};
use crate::value::{Path, Type, Value};

fn block(attributes: Vec<Attribute>) -> Block {
    Block {
        attributes,
        ..Block::default()
    }
}

#[test]
fn what_a_model_may_be_free_about_is_made_to_fit() {
    let object = Type::object([("a", Type::String), ("b", Type::Number)]);
    for (given, r#type, expected) in [
        (
            Value::list(["x", "x"]),
            Type::set(Type::String),
            Value::set(["x"]),
        ),
        // A set as nobody should build it.
        (
            Value::Set(vec!["x".into(), "y".into(), "x".into()]),
            Type::set(Type::String),
            Value::set(["x", "y"]),
        ),
        (
            Value::list([Value::object([("a", "x")])]),
            Type::list(object.clone()),
            Value::list([Value::object([("a", Value::from("x")), ("b", Value::Null)])]),
        ),
        (
            Value::set(["x"]),
            Type::list(Type::String),
            Value::list(["x"]),
        ),
        (
            Value::object([("k", "v")]),
            Type::map(Type::String),
            Value::map([("k", "v")]),
        ),
        (
            Value::object([("a", "x")]),
            object.clone(),
            Value::object([("a", Value::from("x")), ("b", Value::Null)]),
        ),
        (
            Value::from("x"),
            Type::Dynamic,
            Value::dynamic(Type::String, "x".into()),
        ),
        (
            Value::list([1, 2]),
            Type::tuple([Type::Number, Type::Number]),
            Value::tuple([1, 2]),
        ),
    ] {
        let fitted = fit(given, &r#type);
        assert_eq!(fitted.problems, []);
        assert_eq!(fitted.value, expected);
        assert_eq!(fitted.value.conforms(&r#type), Ok(()));
        // What fits stays as it is.
        let again = fit(expected.clone(), &r#type);
        assert_eq!((again.value, again.problems), (expected, Vec::new()));
    }
}

#[test]
fn what_does_not_fit_becomes_null_and_is_reported() {
    let object = Type::object([("a", Type::String)]);
    let fitted = fit(
        Value::object([("a", Value::from(5)), ("z", Value::from(1))]),
        &object,
    );
    assert_eq!(fitted.value, Value::object([("a", Value::Null)]));
    let places: Vec<Path> = fitted.problems.into_iter().map(|(path, _)| path).collect();
    assert_eq!(places, [Path::from("a"), Path::from("z")]);
}

#[test]
fn unknown_and_write_only_values_become_null() {
    let (known, places) = without_unknowns(Value::object([
        ("a", Value::list([Value::unknown()])),
        ("b", 1.into()),
    ]));
    assert_eq!(
        known,
        Value::object([("a", Value::list([Value::Null])), ("b", 1.into())])
    );
    assert_eq!(places, [Path::from("a").index(0)]);

    let schema = Block {
        attributes: vec![
            Attribute::string("secret").optional().write_only(),
            Attribute::nested(
                "n",
                Nesting::List,
                vec![Attribute::string("secret").optional().write_only()],
            )
            .optional(),
        ],
        blocks: vec![NestedBlock::single(
            "b",
            vec![Attribute::string("secret").optional().write_only()],
        )],
        ..Block::default()
    };
    let inner = |value: Value| Value::object([("secret", value)]);
    let value = |secret: Value| {
        Value::object([
            ("secret", secret.clone()),
            ("n", Value::list([inner(secret.clone())])),
            ("b", inner(secret)),
        ])
    };
    assert_eq!(
        without_write_only(&schema, value("x".into())),
        value(Value::Null)
    );
}

#[test]
fn set_elements_meet_the_configuration_they_were_made_from() {
    let schema = block(vec![
        Attribute::nested(
            "s",
            Nesting::Set,
            vec![
                Attribute::string("key").required(),
                Attribute::string("made").computed(),
            ],
        )
        .optional(),
    ]);
    let element =
        |key: &str, made: Value| Value::object([("key", Value::from(key)), ("made", made)]);
    let config = Value::object([(
        "s",
        Value::set([element("a", Value::Null), element("b", Value::Null)]),
    )]);
    let prior = Value::object([("s", Value::set([element("b", "old".into())]))]);
    let planned = Value::object([(
        "s",
        Value::set([element("b", "old".into()), element("a", Value::Null)]),
    )]);
    let seen = std::sync::Mutex::new(Vec::new());
    let _same = walk::rewrite(&schema, &config, Some(&prior), planned, &|at, value| {
        if at.attribute.name == "made" {
            seen.lock()
                .unwrap()
                .push((at.config.is_null(), at.prior.cloned(), value.clone()));
        }
        value
    });
    let mut seen = seen.into_inner().unwrap();
    seen.sort();
    assert_eq!(
        seen,
        [
            (true, None, Value::Null),
            (true, Some("old".into()), "old".into())
        ]
    );
}

#[test]
fn replace_rules_point_where_terraform_can_look() {
    let inner = || vec![Attribute::string("k").required().requires_replace()];
    let schema = Block {
        attributes: vec![
            Attribute::string("a").optional().requires_replace(),
            Attribute::string("b")
                .optional()
                .requires_replace_if("when it grows", |change| {
                    change.planned.as_str().map(str::len) > change.prior.as_str().map(str::len)
                }),
            Attribute::string("w")
                .optional()
                .write_only()
                .requires_replace(),
            Attribute::nested("one", Nesting::Single, inner()).optional(),
            Attribute::nested("map", Nesting::Map, inner()).optional(),
            Attribute::nested("set", Nesting::Set, inner()).optional(),
            Attribute::nested("list", Nesting::List, inner()).optional(),
        ],
        ..Block::default()
    };
    let k = |value: &str| Value::object([("k", value)]);
    let base = || {
        Value::object([
            ("a", Value::from("x")),
            ("b", "xx".into()),
            ("w", Value::Null),
            ("one", k("x")),
            ("map", Value::map([("m", k("x"))])),
            ("set", Value::set([k("x"), k("y")])),
            ("list", Value::list([k("x"), k("y")])),
        ])
    };
    let p = |name: &str| Path::from(name);
    for (planned, expected) in [
        (base(), vec![]),
        (base().with_attribute("a", "y"), vec![p("a")]),
        (base().with_attribute("a", Value::unknown()), vec![p("a")]),
        (base().with_attribute("b", "y"), vec![]),
        (base().with_attribute("b", "yyy"), vec![p("b")]),
        (
            base().with_attribute("one", k("y")),
            vec![p("one").attribute("k")],
        ),
        (
            base().with_attribute("one", Value::Null),
            vec![p("one").attribute("k")],
        ),
        (
            base().with_attribute("map", Value::map([("m", k("y"))])),
            vec![p("map").key("m").attribute("k")],
        ),
        (
            base().with_attribute("set", Value::set([k("y"), k("x")])),
            vec![],
        ),
        (
            base().with_attribute("set", Value::set([k("y"), k("z")])),
            vec![p("set")],
        ),
        (
            base().with_attribute("list", Value::list([k("x")])),
            vec![p("list").index(1).attribute("k")],
        ),
        (
            base().with_attribute("list", Value::list([k("x"), k("z")])),
            vec![p("list").index(1).attribute("k")],
        ),
    ] {
        let found = replace::required(&schema, &base(), &planned);
        assert_eq!(
            replace::normalised(found, &base(), &planned),
            expected,
            "{planned:?}"
        );
    }
}

#[test]
fn replace_paths_that_lead_nowhere_are_cut_or_dropped() {
    let value = Value::object([("a", Value::list(["x"]))]);
    let paths = vec![
        Path::from("a").index(7),
        Path::from("nothing"),
        Path::from("a").index(0),
        Path::from("a").index(0),
        Path::root(),
    ];
    assert_eq!(
        replace::normalised(paths, &value, &Value::Null),
        [Path::from("a"), Path::from("a").index(0)]
    );
}
