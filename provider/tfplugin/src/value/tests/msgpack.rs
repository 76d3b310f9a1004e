use super::{bytes, followed_by, number};
use crate::value::{Number, Refinements, Type, Value};

/// What Terraform 1.11.4 writes for each value.
fn recorded() -> Vec<(Value, Type, Vec<u8>)> {
    let sure = || Refinements::none().not_null();
    let string_list = Type::list(Type::String);
    let pair = Type::tuple([Type::String, Type::String]);
    vec![
        (number("5"), Type::Number, bytes("05")),
        (number("200"), Type::Number, bytes("ccc8")),
        (number("-5"), Type::Number, bytes("fb")),
        (number("-200"), Type::Number, bytes("d1ff38")),
        (number("70000"), Type::Number, bytes("ce00011170")),
        (
            number("9223372036854775807"),
            Type::Number,
            bytes("cf7fffffffffffffff"),
        ),
        (
            number("9223372036854775808"),
            Type::Number,
            followed_by("b3", "9223372036854775808"),
        ),
        (
            number("1e20"),
            Type::Number,
            followed_by("b5", "100000000000000000000"),
        ),
        (number("0.5"), Type::Number, bytes("cb3fe0000000000000")),
        (number("0.1"), Type::Number, bytes("a3302e31")),
        (number("-0.0"), Type::Number, bytes("00")),
        (
            number("1e-30"),
            Type::Number,
            followed_by("d920", "0.000000000000000000000000000001"),
        ),
        (Value::List(vec![]), string_list.clone(), bytes("90")),
        (Value::Set(vec![]), Type::set(Type::Bool), bytes("90")),
        (Value::Map([].into()), Type::map(Type::Bool), bytes("80")),
        (Value::Unknown(sure()), Type::String, bytes("c7030c8101c2")),
        (
            Value::Unknown(sure().prefix("pre-")),
            Type::String,
            bytes("c7090c8201c202a47072652d"),
        ),
        (
            Value::Unknown(sure().lower_bound(Number::from(0), true)),
            Type::Number,
            bytes("c7070c8201c2039200c3"),
        ),
        (Value::unknown(), string_list.clone(), bytes("d40000")),
        (
            Value::list([Value::from("a"), Value::Unknown(sure())]),
            string_list,
            bytes("92a161c7030c8101c2"),
        ),
        (
            Value::dynamic(Type::String, Value::from("x")),
            Type::Dynamic,
            bytes("92c40822737472696e6722a178"),
        ),
        (
            Value::dynamic(Type::String, Value::Null),
            Type::Dynamic,
            bytes("92c40822737472696e6722c0"),
        ),
        (
            Value::dynamic(Type::String, Value::unknown()),
            Type::Dynamic,
            bytes("92c40822737472696e6722d40000"),
        ),
        (
            Value::dynamic(pair, Value::tuple([Value::from("a"), Value::unknown()])),
            Type::Dynamic,
            [
                followed_by("92c41d", r#"["tuple",["string","string"]]"#),
                bytes("92a161d40000"),
            ]
            .concat(),
        ),
        (
            Value::tuple([Value::from("t"), Value::from(5)]),
            Type::tuple([Type::String, Type::Number]),
            bytes("92a17405"),
        ),
        (
            Value::object([("a", Value::from("q")), ("b", Value::from(true))]),
            Type::object([("a", Type::String), ("b", Type::Bool)]),
            bytes("82a161a171a162c3"),
        ),
        (
            Value::Null,
            Type::object([("id", Type::String)]),
            bytes("c0"),
        ),
        (
            Value::Object([].into()),
            Type::Object([].into()),
            bytes("80"),
        ),
    ]
}

#[test]
fn recorded_bytes_are_read_and_written() {
    for (value, ty, bytes) in recorded() {
        assert_eq!(
            Value::decode_msgpack(&bytes, &ty),
            Ok(value.clone()),
            "{bytes:02x?}"
        );
        assert_eq!(value.encode_msgpack(&ty), Ok(bytes), "{value:?}");
    }
}

#[test]
fn a_refined_unknown_inside_a_dynamic_value_is_read() {
    let bytes = [
        followed_by("92c41d", r#"["tuple",["string","string"]]"#),
        bytes("92a161c7030c8101c2"),
    ]
    .concat();
    let Ok(Value::Dynamic(typed)) = Value::decode_msgpack(&bytes, &Type::Dynamic) else {
        panic!("not a dynamic value");
    };
    assert_eq!(
        typed.1,
        Value::tuple([
            Value::from("a"),
            Value::Unknown(Refinements::none().not_null())
        ])
    );
}

#[test]
fn every_width_of_a_number_is_read() {
    for hex in [
        "05",
        "cc05",
        "cd0005",
        "ce00000005",
        "cf0000000000000005",
        "d005",
        "d10005",
        "d200000005",
        "d30000000000000005",
        "ca40a00000",
        "cb4014000000000000",
        "a135",
        "a3352e30",
        "a3356530",
    ] {
        assert_eq!(
            Value::decode_msgpack(&bytes(hex), &Type::Number),
            Ok(Value::from(5)),
            "{hex}"
        );
    }
    assert_eq!(
        Value::decode_msgpack(&bytes("d3ffffffffffffffff"), &Type::Number),
        Ok(Value::from(-1))
    );
    assert_eq!(
        Value::decode_msgpack(&bytes("cfffffffffffffffff"), &Type::Number),
        Ok(Value::from(u64::MAX))
    );
}

#[test]
fn nan_and_infinity_are_refused() {
    for hex in [
        "cb7ff8000000000000",
        "cb7ff0000000000000",
        "cbfff0000000000000",
        "ca7fc00000",
        "a34e614e",
    ] {
        assert!(
            Value::decode_msgpack(&bytes(hex), &Type::Number).is_err(),
            "{hex}"
        );
    }
}

#[test]
fn every_width_of_an_extension_is_unknown() {
    let zeros = |header: &str, length: usize| [bytes(header), vec![0; length]].concat();
    for encoded in [
        zeros("d400", 1),
        zeros("d50c", 2),
        zeros("d60d", 4),
        zeros("d77f", 8),
        zeros("d8ff", 16),
        zeros("c70000", 0),
        zeros("c7030d", 3),
        zeros("c800030c", 3),
        zeros("c9000000030c", 3),
    ] {
        for ty in [
            Type::String,
            Type::Bool,
            Type::Dynamic,
            Type::list(Type::String),
            Type::Object([].into()),
        ] {
            assert_eq!(
                Value::decode_msgpack(&encoded, &ty),
                Ok(Value::unknown()),
                "{encoded:02x?}"
            );
        }
    }
}

#[test]
fn unknown_promises_are_skipped_and_broken_ones_ignored() {
    // key 99 with a nested value, then not null
    let skipped = bytes("c7090c 82 63 9181a16101 01c2");
    let sure = Value::Unknown(Refinements::none().not_null());
    assert_eq!(Value::decode_msgpack(&skipped, &Type::String), Ok(sure));
    // a prefix that is a number; a map that is cut off; a length for a string
    for hex in ["c7030c8102 05", "c7030c8f01c2", "c7030c810505"] {
        assert_eq!(
            Value::decode_msgpack(&bytes(hex), &Type::String),
            Ok(Value::unknown()),
            "{hex}"
        );
    }
}

#[test]
fn promises_that_do_not_fit_are_not_sent() {
    let promised = Value::Unknown(Refinements::none().prefix("a").min_length(1));
    assert_eq!(promised.encode_msgpack(&Type::Bool), Ok(bytes("d40000")));
    assert_eq!(promised.encode_msgpack(&Type::Dynamic), Ok(bytes("d40000")));
    let long = Value::Unknown(Refinements::none().prefix("é".repeat(1000)));
    let sent =
        Value::decode_msgpack(&long.encode_msgpack(&Type::String).unwrap(), &Type::String).unwrap();
    assert_eq!(
        sent,
        Value::Unknown(Refinements::none().prefix("é".repeat(128)))
    );
    let digits: Number = "7".repeat(2000).parse().unwrap();
    let huge = Value::Unknown(Refinements::none().lower_bound(digits, true));
    assert_eq!(huge.encode_msgpack(&Type::Number), Ok(bytes("d40000")));
}

#[test]
fn text_and_type_signatures_may_be_binary() {
    assert_eq!(
        Value::decode_msgpack(&bytes("c40161"), &Type::String),
        Ok(Value::from("a"))
    );
    let typed = followed_by("92a8", "\"string\"");
    assert_eq!(
        Value::decode_msgpack(&[typed, bytes("a178")].concat(), &Type::Dynamic),
        Ok(Value::dynamic(Type::String, Value::from("x")))
    );
}

#[test]
fn text_becomes_nfc() {
    let decomposed = "e\u{301}";
    let encoded = Value::from(decomposed)
        .encode_msgpack(&Type::String)
        .unwrap();
    assert_eq!(
        Value::decode_msgpack(&encoded, &Type::String),
        Ok(Value::from("é"))
    );
    let json = serde_json::to_vec(decomposed).unwrap();
    assert_eq!(
        Value::decode_json(&json, &Type::String),
        Ok(Value::from("é"))
    );
}

#[test]
fn equal_elements_of_a_set_collapse() {
    assert_eq!(
        Value::decode_msgpack(&bytes("93010201"), &Type::set(Type::Number)),
        Ok(Value::set([1, 2]))
    );
}

#[test]
fn msgpack_errors_name_the_place_and_the_reason() {
    let rule = Type::object([("port", Type::Number)]);
    let rules = Type::object([("rules", Type::list(rule))]);
    for (hex, message) in [
        (
            "81a572756c65739181a4706f7274a178",
            "rules[0].port: a decimal number is required",
        ),
        (
            "81a572756c65739181a4706f7274c3",
            "rules[0].port: a number is required, but a bool was sent",
        ),
        (
            "81a572756c65739180",
            "rules[0]: an object with 1 attributes is required (0 given)",
        ),
        (
            "81a572756c65739181a178",
            "rules[0]: unsupported attribute \"x\"",
        ),
        ("81a572756c657392", "rules: the msgpack data is cut off"),
        ("81a572756c65739000", "1 more bytes follow the value"),
        ("", "the msgpack data is cut off"),
        ("c1", "the byte c1 begins no msgpack value"),
    ] {
        let bytes = bytes(hex);
        let error = Value::decode_msgpack(&bytes, &rules).unwrap_err();
        assert_eq!(error.to_string(), message, "{hex}");
    }
    let map =
        Value::decode_msgpack(&bytes("82a16101a16102"), &Type::map(Type::Number)).unwrap_err();
    assert_eq!(map.to_string(), "the key \"a\" occurs twice");
    let tuple = Value::decode_msgpack(&bytes("9101"), &Type::tuple([])).unwrap_err();
    assert_eq!(
        tuple.to_string(),
        "a tuple of 0 elements is required (1 given)"
    );
    let text = Value::decode_msgpack(&bytes("a1ff"), &Type::String).unwrap_err();
    assert_eq!(text.to_string(), "the text is not valid UTF-8");
}

#[test]
fn a_header_that_promises_too_much_costs_nothing() {
    for hex in [
        "dd7fffffff",
        "df7fffffff",
        "dbffffffff",
        "c6ffffffff",
        "c9ffffffff00",
    ] {
        for ty in [
            Type::String,
            Type::list(Type::Bool),
            Type::set(Type::Bool),
            Type::map(Type::Bool),
        ] {
            assert!(Value::decode_msgpack(&bytes(hex), &ty).is_err(), "{hex}");
        }
    }
}

#[test]
fn nesting_through_dynamic_values_is_limited() {
    let level = followed_by("92c412", r#"["list","dynamic"]"#);
    let hostile: Vec<u8> = [level, bytes("91")].concat().repeat(10_000);
    let error = Value::decode_msgpack(&hostile, &Type::Dynamic).unwrap_err();
    assert!(error.reason.contains("deeper"), "{}", error.reason);
    let hostile = format!(
        "{}null{}",
        r#"{"type":["list","dynamic"],"value":["#.repeat(1000),
        "]}".repeat(1000)
    );
    let error = Value::decode_json(hostile.as_bytes(), &Type::Dynamic).unwrap_err();
    assert!(error.reason.contains("deeper"), "{}", error.reason);
}

#[test]
fn wide_objects_cannot_multiply_a_short_json_text() {
    let wide = Type::list(Type::Object(
        (0..5000)
            .map(|name| (name.to_string(), Type::Bool))
            .collect(),
    ));
    let text = format!("[{}{{}}]", "{},".repeat(1000));
    let error = Value::decode_json(text.as_bytes(), &wide).unwrap_err();
    assert!(error.reason.contains("more than"), "{}", error.reason);
}

#[test]
fn a_value_of_another_type_is_not_written() {
    let ty = Type::object([("a", Type::String)]);
    for (value, message) in [
        (
            Value::object([("a", 1)]),
            "a: the schema says string, but this is a number",
        ),
        (Value::Object([].into()), "attribute \"a\" is missing"),
        (
            Value::object([("a", "x"), ("b", "y")]),
            "the schema has no attribute \"b\"",
        ),
        (
            Value::List(vec![]),
            "the schema says object, but this is a list",
        ),
    ] {
        assert_eq!(value.encode_msgpack(&ty).unwrap_err().to_string(), message);
        assert_eq!(value.encode_json(&ty).unwrap_err().to_string(), message);
    }
    assert!(Value::from("x").encode_msgpack(&Type::Dynamic).is_err());
}

#[test]
fn large_values_are_handled() {
    let text = Value::from("x".repeat(5_000_000));
    let bytes = text.encode_msgpack(&Type::String).unwrap();
    assert_eq!(Value::decode_msgpack(&bytes, &Type::String), Ok(text));
    let ty = Type::set(Type::object([("port", Type::Number)]));
    let set = Value::set((0..10_000).map(|port| Value::object([("port", port)])));
    let bytes = set.encode_msgpack(&ty).unwrap();
    assert_eq!(Value::decode_msgpack(&bytes, &ty), Ok(set));
}
