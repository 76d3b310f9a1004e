use super::number;
use crate::value::{Path, Type, Value};

#[test]
fn json_is_read_as_terraform_reads_it() {
    let ty = Type::object([("a", Type::String), ("b", Type::Bool), ("n", Type::Number)]);
    let read = |text: &str| Value::decode_json(text.as_bytes(), &ty);
    assert_eq!(
        read(" { \"n\" : 0.1000000000000000000000000000001, \"b\":\"true\", \"a\": 1e3 } "),
        Ok(Value::object([
            ("a", Value::from("1000")),
            ("b", Value::from(true)),
            ("n", number("0.1000000000000000000000000000001"))
        ]))
    );
    assert_eq!(
        read(r#"{"a":true,"n":"18446744073709551616"}"#),
        Ok(Value::object([
            ("a", Value::from("true")),
            ("b", Value::Null),
            ("n", number("18446744073709551616"))
        ]))
    );
    assert_eq!(read("null"), Ok(Value::Null));
    assert_eq!(
        read(r#"{"c":1}"#).unwrap_err().to_string(),
        "unsupported attribute \"c\""
    );
    assert_eq!(
        read(r#"{"b":1}"#).unwrap_err().to_string(),
        "b: a bool is required, but a number was sent"
    );
    assert_eq!(
        read(r#"{"n":1e999999999}"#).unwrap_err().path,
        Path::from("n")
    );
    assert!(
        read("{")
            .unwrap_err()
            .to_string()
            .contains("not valid JSON")
    );
    assert!(read("{} {}").is_err());
}

#[test]
fn json_of_a_dynamic_value_carries_the_type() {
    let value = Value::dynamic(Type::list(Type::Number), Value::list([1]));
    let text = br#"{"value":[1],"type":["list","number"]}"#;
    assert_eq!(value.encode_json(&Type::Dynamic), Ok(text.to_vec()));
    assert_eq!(Value::decode_json(text, &Type::Dynamic), Ok(value));
    assert!(Value::decode_json(br#"{"value":1,"type":"number","x":1}"#, &Type::Dynamic).is_err());
    assert!(Value::decode_json(br#"{"value":1,"type":"dynamic"}"#, &Type::Dynamic).is_err());
    assert!(Value::decode_json(b"1", &Type::Dynamic).is_err());
}

#[test]
fn json_has_no_form_for_unknown() {
    let value = Value::object([("a", Value::unknown())]);
    let error = value
        .encode_json(&Type::object([("a", Type::String)]))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "a: an unknown value cannot be written as JSON"
    );
}
