//! Which part of a value changed: statements of a policy, rules of a security group, elements of a list, keys of a JSON
//! document. A value in whole hides what matters in what stayed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::{plain, written};
use crate::plan::{Shown, secret};

/// Longest text for one part, in characters.
const LONGEST: usize = 160;
/// What is shown around the place where two long texts differ, in characters.
const AROUND: usize = 20;

/// One part that changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Part {
    /// Where it is in the value; empty for the value itself.
    pub(super) at: String,
    pub(super) how: How,
}

/// How a part changed; texts without control characters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum How {
    Added(String),
    Removed(String),
    Changed(String, String),
    Reordered,
}

impl Part {
    /// The part as words: `statement "Read": Action "s3:GetObject" -> "*"`.
    pub(super) fn text(&self) -> String {
        let at = &self.at;
        let space = if at.is_empty() { "" } else { " " };
        match &self.how {
            How::Added(text) => format!("{at}{space}added {text}"),
            How::Removed(text) => format!("{at}{space}removed {text}"),
            How::Changed(before, after) => format!("{at}{space}{before} -> {after}"),
            How::Reordered => format!("{at}{space}in a different order"),
        }
    }
}

/// What changed between two values.
pub(super) fn parts(before: &Shown, after: &Shown) -> Vec<Part> {
    let mut found = Vec::new();
    let (a, b) = (value(before), value(after));
    if before == after {
        return found;
    }
    compare("", &a, &b, &mut found);
    if found.is_empty() {
        push("", How::Reordered, &mut found);
    }
    found
}

fn value(shown: &Shown) -> Cow<'_, Value> {
    match shown {
        Shown::Nothing => Cow::Owned(Value::Null),
        Shown::Value(value) => Cow::Borrowed(value),
        Shown::Hidden => Cow::Owned(secret::MASK.into()),
    }
}

fn push(at: &str, how: How, found: &mut Vec<Part>) {
    let at = plain(at);
    found.push(Part { at, how });
}

/// A JSON document in a string, opened.
fn opened(value: &Value) -> Cow<'_, Value> {
    match value.as_str().and_then(secret::document) {
        Some(document) => Cow::Owned(document),
        None => Cow::Borrowed(value),
    }
}

fn compare(at: &str, before: &Value, after: &Value, found: &mut Vec<Part>) {
    let (before, after) = (opened(before), opened(after));
    if before == after {
        return;
    }
    let is_policy = |value: &Value| value.get("Statement").is_some();
    match (&*before, &*after) {
        (Value::Object(a), Value::Object(b)) => compare_keys(at, a, b, found),
        (Value::Null, Value::Object(b)) if is_policy(&after) => {
            compare_keys(at, &Map::new(), b, found);
        }
        (Value::Object(a), Value::Null) if is_policy(&before) => {
            compare_keys(at, a, &Map::new(), found);
        }
        (Value::Array(a), Value::Array(b)) => compare_elements(at, a, b, found),
        (Value::Array(a), Value::Null) => compare_elements(at, a, &[], found),
        (Value::Null, Value::Array(b)) => compare_elements(at, &[], b, found),
        // Policies write one action as a string and several as a list.
        (Value::Array(a), b @ (Value::String(_) | Value::Object(_))) => {
            compare_elements(at, a, std::slice::from_ref(b), found);
        }
        (a @ (Value::String(_) | Value::Object(_)), Value::Array(b)) => {
            compare_elements(at, std::slice::from_ref(a), b, found);
        }
        (Value::String(a), Value::String(b)) => {
            let (a, b) = different_parts(a, b);
            push(at, How::Changed(a, b), found);
        }
        (Value::Null, b) if !at.is_empty() => push(at, How::Added(describe_value(b)), found),
        (a, Value::Null) if !at.is_empty() => push(at, How::Removed(describe_value(a)), found),
        (a, b) => push(
            at,
            How::Changed(describe_value(a), describe_value(b)),
            found,
        ),
    }
}

fn compare_keys(
    at: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    found: &mut Vec<Part>,
) {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let side = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
        let (a, b) = (side(before), side(after));
        if key == "Statement" {
            compare_statements(at, &a, &b, found);
        } else {
            compare(&below(at, key), &a, &b, found);
        }
    }
}

/// The place of a key.
fn below(at: &str, key: &str) -> String {
    match at {
        "" => key.to_owned(),
        at if at.ends_with(':') => format!("{at} {key}"),
        at => format!("{at}.{key}"),
    }
}

fn compare_statements(at: &str, before: &Value, after: &Value, found: &mut Vec<Part>) {
    let list = |value: &Value| match value {
        Value::Array(list) => list.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let at = match at {
        "" => "statement".to_owned(),
        at => format!("{at} statement"),
    };
    compare_elements(&at, &list(before), &list(after), found);
}

/// Elements are paired by what they are, then by what names them; one that is left on each side is the same one changed.
fn compare_elements(at: &str, before: &[Value], after: &[Value], found: &mut Vec<Part>) {
    let (mut gone, mut come) = unpaired(before, after);
    let (first, second) = (by_name(&gone), by_name(&come));
    let is_shared = |name: &String| first.contains_key(name) && second.contains_key(name);
    for (shared, a) in &first {
        if let Some(b) = second.get(shared) {
            compare(&of_element(at, Some(shared)), a, b, found);
        }
    }
    gone.retain(|element| !name(element).as_ref().is_some_and(is_shared));
    come.retain(|element| !name(element).as_ref().is_some_and(is_shared));
    if let ([a], [b]) = (gone.as_slice(), come.as_slice())
        && a.is_object()
        && b.is_object()
    {
        compare(&of_element(at, None), a, b, found);
        return;
    }
    if let ([a], [b]) = (gone.as_slice(), come.as_slice()) {
        push(
            at,
            How::Changed(describe_value(a), describe_value(b)),
            found,
        );
        return;
    }
    for element in gone {
        push(at, How::Removed(describe_value(element)), found);
    }
    for element in come {
        push(at, How::Added(describe_value(element)), found);
    }
}

/// Elements whose name no other one has.
fn by_name<'v>(elements: &[&'v Value]) -> BTreeMap<String, &'v Value> {
    let mut named: BTreeMap<String, Option<&Value>> = BTreeMap::new();
    for element in elements {
        if let Some(name) = name(element) {
            named
                .entry(name)
                .and_modify(|other| *other = None)
                .or_insert(Some(element));
        }
    }
    named
        .into_iter()
        .filter_map(|(name, element)| Some((name, element?)))
        .collect()
}

/// The place of an element: `statement "Read"`, `ingress["web"]`.
fn of_element(at: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if at.ends_with("statement") => format!("{at} {name:?}:"),
        Some(name) => format!("{at}[{name:?}]"),
        None if at.ends_with("statement") => format!("{at}:"),
        None => at.to_owned(),
    }
}

/// What names an element of a list.
fn name(element: &Value) -> Option<String> {
    const NAMES: &[&str] = &[
        "Sid",
        "name",
        "Name",
        "key",
        "Key",
        "id",
        "Id",
        "rule_no",
        "device_name",
    ];
    NAMES
        .iter()
        .filter_map(|name| element.get(name))
        .find_map(|name| match name {
            Value::String(name) if !name.is_empty() => Some(name.clone()),
            Value::Number(name) => Some(name.to_string()),
            _ => None,
        })
}

/// What each side has more often than the other one.
fn unpaired<'v>(before: &'v [Value], after: &'v [Value]) -> (Vec<&'v Value>, Vec<&'v Value>) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for element in after {
        *counts.entry(element.to_string()).or_default() += 1;
    }
    let mut shared: HashMap<String, usize> = HashMap::new();
    let mut gone = Vec::new();
    for element in before {
        let text = element.to_string();
        match counts.get_mut(&text) {
            Some(count) if *count > 0 => {
                *count -= 1;
                *shared.entry(text).or_default() += 1;
            }
            Some(_) | None => gone.push(element),
        }
    }
    let come = after
        .iter()
        .filter(|element| match shared.get_mut(&element.to_string()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            Some(_) | None => true,
        })
        .collect();
    (gone, come)
}

/// A value in words as people use them, in one line.
fn describe_value(value: &Value) -> String {
    let text = match value {
        Value::Object(object) => statement(object)
            .or_else(|| rule(object))
            .or_else(|| route(object))
            .unwrap_or_else(|| without_nothing(value).to_string()),
        Value::Array(_) => without_nothing(value).to_string(),
        value => written(value),
    };
    cut(&plain(&text))
}

fn cut(text: &str) -> String {
    let mut line: String = text.chars().take(LONGEST).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    line
}

/// The value without what providers write for nothing.
fn without_nothing(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(_, part)| !is_nothing(part))
            .map(|(key, part)| (key.clone(), without_nothing(part)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(without_nothing).collect(),
        value => value.clone(),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Strings without quotation marks, lists with commas between.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(", "),
        value => value.to_string(),
    }
}

/// A statement of a policy: `"Read": Allow s3:GetObject on arn:… to {"Service":…} if {…}`.
fn statement(object: &Map<String, Value>) -> Option<String> {
    let effect = object.get("Effect")?.as_str()?;
    let part = |key: &str| object.get(key).map(words);
    let mut text = String::new();
    if let Some(sid) = part("Sid").filter(|sid| !sid.is_empty()) {
        text.push_str(&format!("{sid:?}: "));
    }
    text.push_str(effect);
    for (word, key) in [
        ("", "Action"),
        (" all but", "NotAction"),
        (" on", "Resource"),
        (" on all but", "NotResource"),
        (" to", "Principal"),
        (" to all but", "NotPrincipal"),
        (" if", "Condition"),
    ] {
        if let Some(part) = part(key) {
            text.push_str(&format!("{word} {part}"));
        }
    }
    Some(text)
}

/// A rule of a security group or a network ACL: `tcp 22: 0.0.0.0/0`.
fn rule(object: &Map<String, Value>) -> Option<String> {
    let (from, to) = (object.get("from_port")?, object.get("to_port")?);
    let protocol = match object.get("protocol")? {
        Value::String(all) if all == "-1" || all == "all" => "all traffic".to_owned(),
        protocol => {
            let ports = if from == to {
                from.to_string()
            } else {
                format!("{from}-{to}")
            };
            format!("{} {ports}", words(protocol))
        }
    };
    let mut peers: Vec<String> = [
        "cidr_blocks",
        "ipv6_cidr_blocks",
        "cidr_block",
        "ipv6_cidr_block",
        "security_groups",
        "prefix_list_ids",
    ]
    .iter()
    .filter_map(|key| object.get(*key))
    .filter(|peer| !is_nothing(peer))
    .map(words)
    .collect();
    if object.get("self") == Some(&Value::Bool(true)) {
        peers.push("itself".to_owned());
    }
    let action = object
        .get("action")
        .and_then(Value::as_str)
        .map_or_else(String::new, |action| format!("{action} "));
    let about = object
        .get("description")
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .map_or_else(String::new, |text| format!(" ({text:?})"));
    Some(format!("{action}{protocol}: {}{about}", peers.join(", ")))
}

/// A route: `0.0.0.0/0 to igw-1`.
fn route(object: &Map<String, Value>) -> Option<String> {
    const DESTINATIONS: &[&str] = &[
        "cidr_block",
        "ipv6_cidr_block",
        "destination_prefix_list_id",
    ];
    object.get("gateway_id")?;
    let filled = |keys: &[&str]| -> Vec<String> {
        keys.iter()
            .filter_map(|key| object.get(*key))
            .filter(|part| !is_nothing(part))
            .map(words)
            .collect()
    };
    let targets: Vec<&str> = object
        .keys()
        .map(String::as_str)
        .filter(|key| !DESTINATIONS.contains(key))
        .collect();
    let (from, to) = (filled(DESTINATIONS), filled(&targets));
    (!from.is_empty()).then(|| format!("{} to {}", from.join(", "), to.join(", ")))
}

/// Two texts, or when they are long, only where they differ.
fn different_parts(before: &str, after: &str) -> (String, String) {
    let quoted = |text: &str| describe_value(&Value::from(text));
    let is_short = |text: &str| text.chars().count() <= LONGEST;
    if is_short(before) && is_short(after) {
        return (quoted(before), quoted(after));
    }
    let (a, b): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let end = a
        .iter()
        .skip(start)
        .rev()
        .zip(b.iter().skip(start).rev())
        .take_while(|(a, b)| a == b)
        .count();
    let part = |text: &[char]| {
        let from = start.saturating_sub(AROUND);
        let to = (text.len() - end + AROUND).min(text.len());
        let middle: String = text.get(from..to).unwrap_or_default().iter().collect();
        let middle = quoted(&middle);
        let before = if from > 0 { "…" } else { "" };
        let after = if to < text.len() { "…" } else { "" };
        format!("{before}{middle}{after}")
    };
    (part(&a), part(&b))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn texts(before: Value, after: Value) -> Vec<String> {
        let shown = |value| match value {
            Value::Null => Shown::Nothing,
            value => Shown::Value(value),
        };
        parts(&shown(before), &shown(after))
            .iter()
            .map(Part::text)
            .collect()
    }

    fn policy(statements: Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": statements})
            .to_string()
            .into()
    }

    #[test]
    fn a_policy_is_told_by_its_statements() {
        let read =
            json!({"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"});
        let logs = |action: &str| json!({"Sid": "Logs", "Effect": "Allow", "Action": action, "Resource": "*"});
        assert_eq!(
            texts(
                policy(json!([read, logs("logs:PutLogEvents")])),
                policy(json!([read, logs("*")]))
            ),
            ["statement \"Logs\": Action \"logs:PutLogEvents\" -> \"*\""]
        );
        assert_eq!(
            texts(policy(json!([read])), policy(json!([logs("*"), read]))),
            ["statement added \"Logs\": Allow * on *"]
        );
        assert_eq!(
            texts(policy(json!(read)), Value::Null),
            [
                "statement removed \"Read\": Allow s3:GetObject on *",
                "Version removed \"2012-10-17\""
            ]
        );
    }

    #[test]
    fn one_action_and_several_are_compared_as_lists() {
        let with =
            |action: Value| policy(json!({"Effect": "Allow", "Action": action, "Resource": "*"}));
        assert_eq!(
            texts(
                with(json!("s3:Get*")),
                with(json!(["s3:Get*", "s3:Put*", "s3:Del*"]))
            ),
            [
                "statement: Action added \"s3:Put*\"",
                "statement: Action added \"s3:Del*\""
            ]
        );
    }

    #[test]
    fn rules_and_routes_are_told_as_rules_and_routes() {
        let rule = |port: u16, peer: &str| {
            json!({"from_port": port, "to_port": port, "protocol": "tcp",
            "cidr_blocks": [peer], "ipv6_cidr_blocks": [], "self": false, "description": ""})
        };
        assert_eq!(
            texts(
                Value::Null,
                json!([rule(22, "0.0.0.0/0"), rule(80, "10.0.0.0/8")])
            ),
            ["added tcp 22: 0.0.0.0/0", "added tcp 80: 10.0.0.0/8"]
        );
        let route = json!({"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "nat_gateway_id": ""});
        assert_eq!(
            texts(json!([route, 1]), json!([1])),
            ["removed 0.0.0.0/0 to igw-1"]
        );
    }

    #[test]
    fn long_texts_are_shown_where_they_differ() {
        let long = |middle: &str| json!(format!("{}{middle}{}", "a".repeat(300), "b".repeat(300)));
        assert_eq!(
            texts(long("OLD"), long("NEW")),
            [
                "…\"aaaaaaaaaaaaaaaaaaaaOLDbbbbbbbbbbbbbbbbbbbb\"… -> …\"aaaaaaaaaaaaaaaaaaaaNEWbbbbbbbbbbbbbbbbbbbb\"…"
            ]
        );
    }

    #[test]
    fn documents_are_told_by_their_paths() {
        assert_eq!(
            texts(
                json!(r#"{"a": {"b": [1, 2]}, "c": 1}"#),
                json!(r#"{"a": {"b": [1, 2, 3]}, "c": 2}"#)
            ),
            ["a.b added 3", "c 1 -> 2"]
        );
        assert_eq!(
            texts(json!(["a", "b"]), json!(["b", "a"])),
            ["in a different order"]
        );
        assert_eq!(texts(json!(1), json!(2)), ["1 -> 2"]);
        assert_eq!(texts(Value::Null, json!("x")), ["(nothing) -> \"x\""]);
    }
}
