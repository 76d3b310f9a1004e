//! Typed models: written, read back, and what does not fit.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::Attributes;
use crate::value::{Attr, FromValue, ModelError, Path, Set, ToValue, Type, Value};

#[derive(Attributes, Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rule {
    #[attr(required)]
    port: i64,
    #[attr(optional)]
    tags: Attr<BTreeMap<String, String>>,
}

#[derive(Attributes, Debug, Default, PartialEq)]
struct Service {
    #[attr(computed)]
    rules: Vec<Rule>,
    #[attr(computed)]
    names: BTreeSet<String>,
    #[attr(optional)]
    main: Attr<Rule>,
    #[attr(computed)]
    note: Option<String>,
    #[attr(computed)]
    anything: Attr<Value>,
}

#[derive(Attributes, Debug, Default, PartialEq)]
struct Empty {}

fn service() -> Service {
    Service {
        rules: vec![Rule {
            port: 80,
            tags: Attr::Known(BTreeMap::from([("a".to_owned(), "b".to_owned())])),
        }],
        names: BTreeSet::from(["x".to_owned()]),
        main: Attr::Unknown,
        note: None,
        anything: Attr::Known(Value::dynamic(Type::Bool, Value::from(true))),
    }
}

#[test]
fn models_are_written_and_read_back() {
    assert_eq!(Service::from_value(&service().to_value()), Ok(service()));
    assert_eq!(Empty::from_value(&Empty {}.to_value()), Ok(Empty {}));
}

#[test]
fn errors_carry_the_path() {
    let value = service().to_value().with_attribute(
        "rules",
        Value::list([Value::object([(
            "port",
            Value::Number("0.5".parse().unwrap()),
        )])]),
    );
    let error = Service::from_value(&value).unwrap_err();
    assert_eq!(error.path, Path::from("rules").index(0).attribute("port"));
    assert_eq!(error.reason, "a whole number is required");
}

#[test]
fn null_and_unknown_need_a_place() {
    assert!(String::from_value(&Value::Null).is_err());
    assert!(Option::<String>::from_value(&Value::unknown()).is_err());
    assert_eq!(
        Attr::<String>::from_value(&Value::unknown()),
        Ok(Attr::Unknown)
    );
    assert!(Rule::from_value(&Value::Null).is_err());
}

#[test]
fn an_attribute_the_model_does_not_know_is_an_error() {
    let error = Empty::from_value(&Value::object([("new", 1)])).unwrap_err();
    assert_eq!(error.reason, "the model has no attribute \"new\"");
}

#[test]
fn a_missing_attribute_is_null() {
    assert_eq!(
        Attr::<Rule>::from_value(&Value::object([("port", 1)])),
        Ok(Attr::Known(Rule {
            port: 1,
            tags: Attr::Null
        }))
    );
}

#[test]
fn a_set_keeps_unknown_elements_apart() {
    let value = Value::set([
        Value::unknown(),
        Value::from("b"),
        Value::unknown(),
        Value::from("a"),
    ]);
    let set = Set::<Attr<String>>::from_value(&value).unwrap();
    assert_eq!(set.len(), 4);
    assert_eq!(set.to_value(), value);
    assert_eq!(
        BTreeSet::<Attr<String>>::from_value(&value).map(|set| set.len()),
        Ok(3)
    );
}

#[test]
fn errors_name_the_wanted_kind() {
    let error: ModelError = BTreeMap::<String, bool>::from_value(&Value::from(1)).unwrap_err();
    assert_eq!(error.to_string(), "a map is required, but this is a number");
}
