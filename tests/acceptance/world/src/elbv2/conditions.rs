//! When rules apply: conditions, echoed the way AWS does and read for the data plane.

use serde_json::{Map, Value, json};

use crate::data_plane::Condition;
use crate::error::ApiError;
use crate::input::Input;

/// Values and regular expressions of one rule, and wildcards in its values.
const VALUES: usize = 5;
const WILDCARDS: usize = 6;

/// Conditions that a rule has once at most.
const ONCE: [&str; 4] = [
    "host-header",
    "http-request-method",
    "path-pattern",
    "source-ip",
];

/// Reads a rule's `Conditions` into AWS's echo: host and path conditions carry their values both ways.
pub(super) fn read(input: &Input) -> Result<Vec<Value>, ApiError> {
    let read: Vec<Value> = input
        .objects("Conditions")?
        .iter()
        .map(read_one)
        .collect::<Result<_, _>>()?;
    for field in ONCE {
        let of_field = |one: &&Value| one.get("Field").and_then(Value::as_str) == Some(field);
        if read.iter().filter(of_field).count() > 1 {
            return Err(input.refuse(format!("A rule can only have one '{field}' condition")));
        }
    }
    let compared: Vec<(String, bool)> = read.iter().flat_map(compared).collect();
    if compared.len() > VALUES {
        let message = format!("A rule can only have '{VALUES}' condition values");
        return Err(input.refuse(message));
    }
    let plain = compared.iter().filter(|(_, is_plain)| *is_plain);
    if plain.map(|(text, _)| wildcards(text)).sum::<usize>() > WILDCARDS {
        let message = format!("A rule can only have '{WILDCARDS}' condition wildcards");
        return Err(input.refuse(message));
    }
    Ok(read)
}

/// What a condition compares with, and whether `*` and `?` in it are wildcards.
fn compared(condition: &Value) -> Vec<(String, bool)> {
    let configs = condition.as_object().into_iter().flatten();
    let configs = configs.filter(|(name, _)| name.ends_with("Config"));
    let mut all = Vec::new();
    for (name, config) in configs {
        let is_plain = !matches!(name.as_str(), "HttpRequestMethodConfig" | "SourceIpConfig");
        for (member, is_plain) in [("Values", is_plain), ("RegexValues", false)] {
            let values = config.get(member).and_then(Value::as_array);
            for value in values.into_iter().flatten() {
                let text = match value {
                    Value::String(text) => text.clone(),
                    pair => ["Key", "Value"]
                        .iter()
                        .filter_map(|name| pair.get(name)?.as_str())
                        .collect(),
                };
                all.push((text, is_plain));
            }
        }
    }
    all
}

/// `*` and `?` that are not escaped.
fn wildcards(text: &str) -> usize {
    let mut escaped = false;
    let counted = text.chars().filter(|character| {
        let is_wildcard = !escaped && matches!(character, '*' | '?');
        escaped = !escaped && *character == '\\';
        is_wildcard
    });
    counted.count()
}

fn read_one(condition: &Input) -> Result<Value, ApiError> {
    let field = match condition.text("Field")? {
        Some(field) => field,
        None => field_of_config(condition)?,
    };
    let mut echo = Map::from_iter([("Field".to_owned(), json!(field))]);
    let both_ways = match field.as_str() {
        "host-header" => Some("HostHeaderConfig"),
        "path-pattern" => Some("PathPatternConfig"),
        _ => None,
    };
    if let Some(config) = both_ways {
        let mut inner = condition
            .object(config)?
            .map(|given| given.members().clone())
            .unwrap_or_default();
        let values = match condition.object(config)? {
            Some(given) => given.texts("Values")?.unwrap_or_default(),
            None => condition.texts("Values")?.unwrap_or_default(),
        };
        if values.is_empty() && !inner.contains_key("RegexValues") {
            return Err(
                condition.refuse(format!("A condition on {field} needs at least one value"))
            );
        }
        inner.insert("Values".to_owned(), json!(values));
        echo.insert("Values".to_owned(), json!(values));
        echo.insert(config.to_owned(), Value::Object(inner));
    } else {
        for (name, value) in condition.members() {
            if name.ends_with("Config") || name == "RegexValues" {
                echo.insert(name.clone(), value.clone());
            }
        }
        if echo.len() == 1 {
            return Err(condition.refuse(format!("A condition on {field} needs its configuration")));
        }
    }
    Ok(Value::Object(echo))
}

fn field_of_config(condition: &Input) -> Result<String, ApiError> {
    [
        ("HostHeaderConfig", "host-header"),
        ("PathPatternConfig", "path-pattern"),
        ("HttpHeaderConfig", "http-header"),
        ("HttpRequestMethodConfig", "http-request-method"),
        ("QueryStringConfig", "query-string"),
        ("SourceIpConfig", "source-ip"),
    ]
    .iter()
    .find(|(config, _)| condition.has(config))
    .map(|(_, field)| (*field).to_owned())
    .ok_or_else(|| condition.refuse("A condition field must be specified"))
}

fn values(condition: &Value, config: &str) -> Vec<String> {
    condition
        .get(config)
        .and_then(|config| config.get("Values"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// A condition as the data plane applies it.
pub(super) fn on_the_wire(condition: &Value) -> Condition {
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    match text(condition, "Field").unwrap_or_default().as_str() {
        "host-header" => Condition::Host(values(condition, "HostHeaderConfig")),
        "path-pattern" => Condition::Path(values(condition, "PathPatternConfig")),
        "http-header" => Condition::Header {
            name: condition
                .get("HttpHeaderConfig")
                .and_then(|config| text(config, "HttpHeaderName"))
                .unwrap_or_default(),
            values: values(condition, "HttpHeaderConfig"),
        },
        "http-request-method" => Condition::Method(values(condition, "HttpRequestMethodConfig")),
        "source-ip" => Condition::SourceIp(values(condition, "SourceIpConfig")),
        "query-string" => Condition::Query(
            condition
                .get("QueryStringConfig")
                .and_then(|config| config.get("Values"))
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(|pair| (text(pair, "Key"), text(pair, "Value").unwrap_or_default()))
                .collect(),
        ),
        other => Condition::Unknown(other.to_owned()),
    }
}
