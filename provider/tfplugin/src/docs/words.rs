//! Types, values and demands as a reader of configurations writes them.

use crate::value::{Type, Value};

/// `List of String`, `Map of Number`, …
pub(super) fn type_name(r#type: &Type) -> String {
    match r#type {
        Type::String => "String".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Object(attributes) => {
            let attributes: Vec<String> = attributes
                .iter()
                .map(|(name, r#type)| format!("{name}: {}", type_name(r#type)))
                .collect();
            format!("Object({})", attributes.join(", "))
        }
        Type::Tuple(elements) => {
            let elements: Vec<String> = elements.iter().map(type_name).collect();
            format!("Tuple({})", elements.join(", "))
        }
    }
}

/// A value as configuration text.
pub(super) fn literal(value: &Value) -> String {
    let row = |items: &[Value]| {
        let items: Vec<String> = items.iter().map(literal).collect();
        format!("[{}]", items.join(", "))
    };
    match value {
        Value::Null => "null".to_owned(),
        Value::Unknown(_) => "(known after apply)".to_owned(),
        Value::String(text) => quoted(text),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::List(items) | Value::Set(items) | Value::Tuple(items) => row(items),
        Value::Map(entries) | Value::Object(entries) => {
            if entries.is_empty() {
                return "{}".to_owned();
            }
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{key} = {}", literal(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Dynamic(inner) => literal(&inner.1),
    }
}

/// In double quotes, as both HCL and YAML read it.
pub(super) fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    )
}

/// A validator's demand, which ends the sentence "The value …", as a sentence of its own.
pub(super) fn sentence(demand: &str) -> String {
    let mut letters = demand.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    let end = if demand.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
