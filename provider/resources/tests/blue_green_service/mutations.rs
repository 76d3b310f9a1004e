//! A configuration with one thing wrong in it, for each thing the schema has a place for.

use tfplugin::schema::{Attribute, AttributeKind, Block, BlockNesting, Nesting};
use tfplugin::value::{Type, Value};

/// Texts that are wrong in most places.
const TEXTS: [&str; 14] = [
    "",
    " ",
    "a\nb",
    "a\r\n",
    "\0",
    "\u{1b}[31m",
    "wést",
    "../x",
    "http://[::bad",
    "9999999999s",
    "2147483647s",
    "99999999999999h",
    "999999999999d",
    "{",
];

/// Numbers at and beyond what the types of AWS hold.
const NUMBERS: [&str; 10] = [
    "1e30",
    "-1e30",
    "1e400",
    "-1",
    "0",
    "4294967296",
    "2147483648",
    "9223372036854775807",
    "0.12345678901234567890123456789",
    "10.123456789012345678901",
];

/// Each with what was changed.
fn mutations(config: &Value, attributes: &[Attribute]) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for attribute in attributes {
        if !attribute.presence.is_configurable() {
            continue;
        }
        let name = &attribute.name;
        let current = config.attribute(name).clone();
        let mut with = |what: String, value: Value| {
            let changed = config.clone().with_attribute(name, value);
            found.push((format!("{name}{what}"), changed));
        };
        for value in hostile(attribute) {
            let what = format!(" = {value:?}").chars().take(120).collect();
            with(what, value);
        }
        let AttributeKind::Nested {
            nesting,
            attributes,
        } = &attribute.kind
        else {
            continue;
        };
        match (nesting, current) {
            (Nesting::Single, current @ Value::Object(_)) => {
                for (what, value) in mutations(&current, attributes) {
                    with(format!(".{what}"), value);
                }
            }
            (Nesting::List, Value::List(items)) => {
                for (nth, item) in items.iter().enumerate() {
                    let changed = mutations(item, attributes).into_iter();
                    for (what, value) in changed.chain([(" = null".to_owned(), Value::Null)]) {
                        let mut items = items.clone();
                        items[nth] = value;
                        with(format!("[{nth}].{what}"), Value::List(items));
                    }
                }
            }
            (Nesting::Map, Value::Map(items)) => {
                for (key, item) in &items {
                    let changed = mutations(item, attributes).into_iter();
                    for (what, value) in changed.chain([(" = null".to_owned(), Value::Null)]) {
                        let mut items = items.clone();
                        items.insert(key.clone(), value);
                        with(format!("[{key}].{what}"), Value::Map(items));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// The same for the content of a block, with the blocks in it.
pub(crate) fn of_block(config: &Value, block: &Block) -> Vec<(String, Value)> {
    let mut found = mutations(config, &block.attributes);
    for nested in &block.blocks {
        let name = &nested.name;
        let mut with = |what: String, value: Value| {
            let changed = config.clone().with_attribute(name, value);
            found.push((format!("{name}{what}"), changed));
        };
        match config.attribute(name) {
            current @ Value::Object(_) => {
                for (what, value) in of_block(current, &nested.block) {
                    with(format!(".{what}"), value);
                }
            }
            Value::List(items) | Value::Set(items) => {
                for (nth, item) in items.iter().enumerate() {
                    for (what, value) in of_block(item, &nested.block) {
                        let mut items = items.clone();
                        items[nth] = value;
                        let all = match nested.nesting {
                            BlockNesting::Set => Value::set(items),
                            _ => Value::List(items),
                        };
                        with(format!("[{nth}].{what}"), all);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Values of the attribute's type that nobody means.
fn hostile(attribute: &Attribute) -> Vec<Value> {
    match &attribute.kind {
        AttributeKind::Plain(of) => values(of),
        AttributeKind::Nested { nesting, .. } => match nesting {
            Nesting::Single => vec![Value::Object([].into())],
            Nesting::List => vec![Value::List(Vec::new()), Value::List(vec![Value::Null])],
            Nesting::Set => vec![Value::Set(Vec::new()), Value::Set(vec![Value::Null])],
            Nesting::Map => vec![
                Value::Map([].into()),
                Value::Map([("a\nb".to_owned(), Value::Null)].into()),
                Value::Map([("x".to_owned(), Value::Null)].into()),
            ],
        },
    }
}

fn values(of: &Type) -> Vec<Value> {
    let inside = |of: &Type| {
        let mut inside = values(of);
        inside.push(Value::Null);
        inside
    };
    match of {
        Type::String => TEXTS.map(Value::from).to_vec(),
        Type::Number => NUMBERS
            .iter()
            .map(|number| Value::Number(number.parse().unwrap()))
            .collect(),
        Type::List(of) => inside(of)
            .into_iter()
            .map(|value| Value::List(vec![value]))
            .collect(),
        Type::Set(of) => inside(of)
            .into_iter()
            .map(|value| Value::Set(vec![value]))
            .collect(),
        Type::Map(of) => {
            let keys = TEXTS
                .iter()
                .map(|key| Value::Map([((*key).to_owned(), Value::from("x"))].into()));
            let of = inside(of)
                .into_iter()
                .map(|value| Value::Map([("x".to_owned(), value)].into()));
            of.chain(keys).collect()
        }
        Type::Bool | Type::Dynamic | Type::Object(_) | Type::Tuple(_) => Vec::new(),
    }
}
