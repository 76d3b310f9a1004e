//! The AWS query protocol: form fields in, XML out.
//!
//! A form field `Tags.member.2.Key=a` addresses a place in a tree; lists are spelled
//! `X.member.N`, maps `X.entry.N.key` / `.value`. Leaves stay strings, because the form does not
//! say what they are; only timestamps, known by name, become epoch seconds.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::names;

/// Deepest path a form field may have; AWS inputs stay far below it.
const MAX_DEPTH: usize = 32;

/// The fields of an `application/x-www-form-urlencoded` body, in order, percent-decoded.
pub(crate) fn form(body: &[u8]) -> Vec<(String, String)> {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = halves.next().unwrap_or_default();
            let value = halves.next().unwrap_or_default();
            (percent_decode(name, true), percent_decode(value, true))
        })
        .collect()
}

/// The value of the first field called `name`.
pub(crate) fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// Turns form fields into the tree the operation's input has in AWS's model.
///
/// `Action` and `Version` select the operation and are no part of the input.
pub(crate) fn tree(form: &[(String, String)]) -> Value {
    let mut root = Node::default();
    for (path, value) in form {
        if path == "Action" || path == "Version" {
            continue;
        }
        let steps: Vec<&str> = path.split('.').take(MAX_DEPTH).collect();
        root.insert(&steps, value);
    }
    root.into_value("")
}

/// Decodes `%XX` (and `+` as a space when `plus_is_space`); broken escapes stay as they are.
pub(crate) fn percent_decode(text: &[u8], plus_is_space: bool) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' if plus_is_space => decoded.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                match (ahead.next().and_then(hex), ahead.next().and_then(hex)) {
                    (Some(high), Some(low)) => {
                        decoded.push(high << 4 | low);
                        rest = ahead;
                    }
                    _ => decoded.push(b'%'),
                }
            }
            other => decoded.push(other),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[derive(Default)]
struct Node {
    leaf: Option<String>,
    branches: BTreeMap<String, Node>,
}

impl Node {
    fn insert(&mut self, steps: &[&str], value: &str) {
        match steps.split_first() {
            None => self.leaf = Some(value.to_owned()),
            Some((first, rest)) => self
                .branches
                .entry((*first).to_owned())
                .or_default()
                .insert(rest, value),
        }
    }

    /// `name` is the nearest member name above: a list's items are named like the list.
    fn into_value(mut self, name: &str) -> Value {
        if self.branches.is_empty() {
            return leaf(name, self.leaf.unwrap_or_default());
        }
        if self.branches.len() == 1 {
            if let Some(items) = self.branches.remove("member") {
                return Value::Array(
                    items
                        .numbered()
                        .into_iter()
                        .map(|item| item.into_value(name))
                        .collect(),
                );
            }
            if let Some(entries) = self.branches.remove("entry") {
                return Value::Object(
                    entries
                        .numbered()
                        .into_iter()
                        .filter_map(Node::into_entry)
                        .collect(),
                );
            }
        }
        Value::Object(
            self.branches
                .into_iter()
                .map(|(key, node)| {
                    let value = node.into_value(&key);
                    (key, value)
                })
                .collect::<Map<_, _>>(),
        )
    }

    /// The children in the order of their numbers ("10" after "9").
    fn numbered(self) -> Vec<Node> {
        let mut items: Vec<(u64, Node)> = self
            .branches
            .into_iter()
            .filter_map(|(key, node)| Some((key.parse().ok()?, node)))
            .collect();
        items.sort_by_key(|(number, _)| *number);
        items.into_iter().map(|(_, node)| node).collect()
    }

    fn into_entry(mut self) -> Option<(String, Value)> {
        let key = self.branches.remove("key")?.leaf?;
        let value = self
            .branches
            .remove("value")
            .unwrap_or_default()
            .into_value("");
        Some((key, value))
    }
}

fn leaf(name: &str, text: String) -> Value {
    if names::is_timestamp(name)
        && let Some(seconds) = names::parse_iso(&text)
    {
        return Value::from(seconds);
    }
    Value::String(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_lists_and_maps_become_a_tree() {
        let form = form(
            b"Action=CreateRule&Version=2015-12-01&Conditions.member.1.Field=path-pattern\
              &Conditions.member.1.Values.member.1=%2Fapi%2F*&Actions.member.2.Type=forward\
              &Actions.member.10.Type=last&Actions.member.1.Type=first&M.entry.1.key=a&M.entry.1.value=b+c",
        );
        assert_eq!(
            tree(&form),
            json!({
                "Conditions": [{"Field": "path-pattern", "Values": ["/api/*"]}],
                "Actions": [{"Type": "first"}, {"Type": "forward"}, {"Type": "last"}],
                "M": {"a": "b c"},
            })
        );
    }

    #[test]
    fn timestamps_become_epoch_seconds_and_empty_lists_stay_empty_strings() {
        let form =
            form(b"StartTime=2025-11-21T00:00:00Z&SecurityGroups=&Note=2025-11-21T00:00:00Z");
        assert_eq!(
            tree(&form),
            json!({"StartTime": 1_763_683_200.0, "SecurityGroups": "", "Note": "2025-11-21T00:00:00Z"})
        );
    }

    #[test]
    fn broken_escapes_are_kept() {
        assert_eq!(percent_decode(b"100%+%4", false), "100%+%4");
        assert_eq!(percent_decode(b"%C3%A9+", true), "é ");
    }
}
