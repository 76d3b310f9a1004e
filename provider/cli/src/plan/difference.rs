//! What differs between two values of a resource, without the noise of their form and without secrets.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// One attribute that differs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) path: Path,
    pub(crate) before: Shown,
    pub(crate) after: Shown,
}

/// A value as it may be shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shown {
    /// Not there.
    Nothing,
    Value(Value),
    /// A secret, or something that may hold one.
    Hidden,
}

/// Where an attribute is: `ingress[0].cidr_blocks`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Path(Vec<Segment>);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Segment {
    Key(String),
    Index(usize),
    /// An element by its `name`.
    Name(String),
}

impl Path {
    fn key(&self, key: &str) -> Self {
        self.with(Segment::Key(key.to_owned()))
    }

    fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    fn name(&self, name: &str) -> Self {
        self.with(Segment::Name(name.to_owned()))
    }

    fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The names of attributes on the way, without what tells elements apart.
    pub(crate) fn keys(&self) -> Vec<&str> {
        self.0
            .iter()
            .filter_map(|segment| match segment {
                Segment::Key(key) => Some(key.as_str()),
                Segment::Index(_) | Segment::Name(_) => None,
            })
            .collect()
    }

    /// Whether one lies in the other. Numbers of elements are not compared: those of a set move.
    pub(crate) fn touches(&self, other: &Self) -> bool {
        self.keys().iter().zip(other.keys()).all(|(a, b)| *a == b)
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for segment in &self.0 {
            match segment {
                Segment::Key(key) if text.is_empty() => text.push_str(key),
                Segment::Key(key) => {
                    let plain = key
                        .chars()
                        .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
                    text.push_str(&if plain {
                        format!(".{key}")
                    } else {
                        format!("[{key:?}]")
                    });
                }
                Segment::Index(index) => text.push_str(&format!("[{index}]")),
                Segment::Name(name) => text.push_str(&format!("[{name:?}]")),
            }
        }
        text
    }
}

/// Attributes whose values are never shown, whether the plan marks them or not: providers do not mark all of them, and
/// documents of containers and functions carry what people put into their environment.
const NEVER_SHOWN: &[&str] = &[
    "auth_token",
    "connection_string",
    "container_definitions",
    "environment",
    "password",
    "private_key",
    "secret",
    "secret_key",
    "secret_string",
    "token",
    "user_data",
    "user_data_base64",
];

/// One side of a comparison: a value and the marks of what is secret in it.
#[derive(Clone, Copy)]
struct Side<'v> {
    value: &'v Value,
    marks: &'v Value,
}

const NULL: &Value = &Value::Null;

impl<'v> Side<'v> {
    const NOTHING: Self = Self {
        value: NULL,
        marks: NULL,
    };

    fn key(self, key: &str) -> Self {
        Self {
            value: self.value.get(key).unwrap_or(NULL),
            marks: self.marks.get(key).unwrap_or(NULL),
        }
    }

    fn elements(self) -> Vec<(usize, Self)> {
        let list = self.value.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .enumerate()
            .map(|(index, value)| {
                let marks = self.marks.get(index).unwrap_or(NULL);
                (index, Self { value, marks })
            })
            .collect()
    }

    /// The elements by their names; none when there are no elements, or when not each has a name of its own.
    fn named(self) -> Option<BTreeMap<&'v str, Self>> {
        let elements = self.elements();
        let named = elements.iter().map(|(_, element)| {
            let name = element.value.get("name")?.as_str()?;
            Some((name, *element))
        });
        let named: BTreeMap<_, _> = named.collect::<Option<_>>()?;
        (!named.is_empty() && named.len() == elements.len()).then_some(named)
    }

    fn is_secret(self) -> bool {
        *self.marks == Value::Bool(true)
    }

    fn shown(self) -> Shown {
        match masked(self.value, self.marks) {
            _ if self.is_secret() => Shown::Hidden,
            Value::Null => Shown::Nothing,
            value => Shown::Value(value),
        }
    }
}

/// What a part of a shown value says instead of a secret.
const MASK: &str = "(sensitive)";

fn masked(value: &Value, marks: &Value) -> Value {
    if *marks == Value::Bool(true) {
        return Value::from(MASK);
    }
    match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .map(|(key, value)| {
                    let marks = marks.get(key).unwrap_or(NULL);
                    let value = if is_never_shown(key) && !is_nothing(value) {
                        Value::from(MASK)
                    } else {
                        masked(value, marks)
                    };
                    (key.clone(), value)
                })
                .collect(),
        ),
        Value::Array(list) => Value::Array(
            list.iter()
                .enumerate()
                .map(|(index, value)| masked(value, marks.get(index).unwrap_or(NULL)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn is_never_shown(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    NEVER_SHOWN.contains(&key.as_str()) || key.ends_with("_password") || key.ends_with("_token")
}

/// All differences of a change, in the order of their names.
pub(crate) fn find_differences(change: &super::element::Change) -> Vec<Difference> {
    let before = Side {
        value: &change.before,
        marks: &change.before_sensitive,
    };
    let after = Side {
        value: &change.after,
        marks: &change.after_sensitive,
    };
    let mut found = Vec::new();
    compare(&Path::default(), before, after, &mut found);
    found
}

fn compare(path: &Path, before: Side<'_>, after: Side<'_>, found: &mut Vec<Difference>) {
    if is_same(before.value, after.value) {
        return;
    }
    let hidden = before.is_secret()
        || after.is_secret()
        || path.keys().last().is_some_and(|key| is_never_shown(key));
    if hidden {
        found.push(Difference {
            path: path.clone(),
            before: Shown::Hidden,
            after: Shown::Hidden,
        });
        return;
    }
    let empty = Map::new();
    match (before.value, after.value) {
        (Value::Object(a), Value::Object(b)) => compare_keys(path, a, b, before, after, found),
        // A map such as `tags` that comes or goes: each of its keys. Anything else that does is one difference: a
        // scaling policy that was deleted is one fact, not one for each of its settings.
        (Value::Object(a), Value::Null) if is_map(path, a) => {
            compare_keys(path, a, &empty, before, after, found);
        }
        (Value::Null, Value::Object(b)) if is_map(path, b) => {
            compare_keys(path, &empty, b, before, after, found);
        }
        (Value::Array(_), Value::Array(_)) => compare_elements(path, before, after, found),
        _ => push(path, before, after, found),
    }
}

/// The resource itself, or an attribute that holds nothing but plain values.
fn is_map(path: &Path, object: &Map<String, Value>) -> bool {
    let is_plain = |value: &Value| !value.is_object() && !value.is_array();
    match path.0.as_slice() {
        [] => true,
        [_] => object.values().all(is_plain),
        _ => false,
    }
}

fn compare_keys(
    path: &Path,
    a: &Map<String, Value>,
    b: &Map<String, Value>,
    before: Side<'_>,
    after: Side<'_>,
    found: &mut Vec<Difference>,
) {
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    for key in keys {
        compare(&path.key(key), before.key(key), after.key(key), found);
    }
}

/// Elements of lists are paired by what they are, not by their number: one more at the start of a set moves all others.
fn compare_elements(path: &Path, before: Side<'_>, after: Side<'_>, found: &mut Vec<Difference>) {
    if let Some((a, b)) = before.named().zip(after.named()) {
        let names: BTreeSet<&str> = a.keys().chain(b.keys()).copied().collect();
        for name in names {
            let side = |all: &BTreeMap<&str, _>| all.get(name).copied().unwrap_or(Side::NOTHING);
            compare(&path.name(name), side(&a), side(&b), found);
        }
        return;
    }
    let mut gone = Vec::new();
    let mut come = after.elements();
    for (index, element) in before.elements() {
        match come
            .iter()
            .position(|(_, b)| is_same(element.value, b.value))
        {
            Some(at) => {
                come.remove(at);
            }
            None => gone.push((index, element)),
        }
    }
    if let ([(_, a)], [(index, b)]) = (gone.as_slice(), come.as_slice())
        && a.value.is_object()
        && b.value.is_object()
    {
        compare(&path.index(*index), *a, *b, found);
        return;
    }
    if gone.is_empty() && come.is_empty() {
        // Only the order differs. Terraform sorts sets, so this is a list, where order means something.
        push(path, before, after, found);
        return;
    }
    found.push(Difference {
        path: path.clone(),
        before: together(&gone),
        after: together(&come),
    });
}

fn together(elements: &[(usize, Side<'_>)]) -> Shown {
    if elements.is_empty() {
        return Shown::Nothing;
    }
    Shown::Value(
        elements
            .iter()
            .map(|(_, side)| masked(side.value, side.marks))
            .collect(),
    )
}

fn push(path: &Path, before: Side<'_>, after: Side<'_>, found: &mut Vec<Difference>) {
    found.push(Difference {
        path: path.clone(),
        before: before.shown(),
        after: after.shown(),
    });
}

/// Equal, or different in form only: providers write nothing in several ways, and AWS orders the keys of JSON documents
/// as it likes.
fn is_same(a: &Value, b: &Value) -> bool {
    if a == b || (is_nothing(a) && is_nothing(b)) {
        return true;
    }
    let (Value::String(a), Value::String(b)) = (a, b) else {
        return false;
    };
    let document = |text: &str| {
        let start = text.trim_start();
        (start.starts_with('{') || start.starts_with('['))
            .then(|| serde_json::from_str::<Value>(text).ok())
            .flatten()
    };
    matches!((document(a), document(b)), (Some(a), Some(b)) if a == b)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::Element;

    fn differences(change: Value) -> Vec<(String, Shown, Shown)> {
        let mut change = change;
        change["actions"] = json!(["update"]);
        let element: Element =
            serde_json::from_value(json!({"address": "a.b", "change": change})).unwrap();
        find_differences(&element.change)
            .into_iter()
            .map(|d| (d.path.text(), d.before, d.after))
            .collect()
    }

    #[test]
    fn nothing_written_in_several_ways_is_no_difference() {
        assert_eq!(
            differences(json!({
                "before": {"a": null, "b": [], "c": "", "d": null, "policy": "{\"a\":1,\"b\":[2]}"},
                "after": {"a": [], "b": null, "c": null, "d": {}, "policy": "{ \"b\": [2], \"a\": 1 }"},
            })),
            []
        );
    }

    #[test]
    fn false_and_zero_are_not_nothing() {
        let found = differences(json!({
            "before": {"a": null, "b": 0}, "after": {"a": false, "b": null},
        }));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn elements_of_a_set_are_paired_by_what_they_are() {
        assert_eq!(
            differences(json!({
                "before": {"ingress": [{"port": 80, "cidr": "a"}, {"port": 443, "cidr": "a"}]},
                "after": {"ingress": [{"port": 22, "cidr": "b"}, {"port": 80, "cidr": "a"}, {"port": 443, "cidr": "a"}]},
            })),
            [(
                "ingress".to_owned(),
                Shown::Nothing,
                Shown::Value(json!([{"port": 22, "cidr": "b"}]))
            )]
        );
    }

    #[test]
    fn elements_with_names_are_paired_by_them() {
        let found = differences(json!({
            "before": {"step": [{"name": "a", "cooldown": "1m"}, {"name": "b", "cooldown": "1m"}, {"name": "c"}]},
            "after": {"step": [{"name": "b", "cooldown": "2m"}, {"name": "a", "cooldown": "3m"}]},
        }));
        let paths: Vec<_> = found.iter().map(|(path, ..)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "step[\"a\"].cooldown",
                "step[\"b\"].cooldown",
                "step[\"c\"]"
            ]
        );
        let all = differences(json!({
            "before": {"step": [{"name": "a"}]}, "after": {"step": []},
        }));
        assert_eq!(all[0].0, "step");
    }

    #[test]
    fn one_changed_element_is_told_by_its_attribute() {
        assert_eq!(
            differences(json!({
                "before": {"tg": [{"arn": "a", "weight": 100}, {"arn": "b", "weight": 0}]},
                "after": {"tg": [{"arn": "a", "weight": 50}, {"arn": "b", "weight": 0}]},
            })),
            [(
                "tg[0].weight".to_owned(),
                Shown::Value(json!(100)),
                Shown::Value(json!(50))
            )]
        );
    }

    #[test]
    fn an_element_that_went_is_one_difference_and_a_map_is_told_key_by_key() {
        let found = differences(json!({
            "actions": ["update"],
            "before": { "policies": { "cpu": { "target": 70, "metric": "cpu" } }, "tags": { "a": "1", "b": "2" } },
            "after": { "policies": {}, "tags": null },
        }));
        let paths: Vec<_> = found.iter().map(|(path, ..)| path.as_str()).collect();
        assert_eq!(paths, ["policies.cpu", "tags.a", "tags.b"]);
        let whole = json!({ "target": 70, "metric": "cpu" });
        assert_eq!(found[0].1, Shown::Value(whole));
    }

    #[test]
    fn an_order_that_changed_is_a_difference() {
        let found = differences(json!({"before": {"l": ["a", "b"]}, "after": {"l": ["b", "a"]}}));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn a_secret_that_changed_is_told_without_its_value() {
        let found = differences(json!({
            "before": {"x": "hunter2", "list": [{"k": "hunter2", "n": 1}], "tags": {"a.b": "1"}},
            "after": {"x": "hunter3", "list": [{"k": "hunter3", "n": 1}, {"k": "hunter4", "n": 2}], "tags": {"a.b": "2"}},
            "before_sensitive": {"x": true, "list": [{"k": true}]},
            "after_sensitive": {"list": [{"k": true}, {"k": true}]},
        }));
        assert!(!format!("{found:?}").contains("hunter"), "{found:?}");
        let paths: Vec<&str> = found.iter().map(|(path, _, _)| path.as_str()).collect();
        assert_eq!(paths, ["list", "tags[\"a.b\"]", "x"]);
    }

    #[test]
    fn a_mark_on_a_whole_resource_hides_all_of_it() {
        let found = differences(json!({
            "before": {"x": "hunter2"}, "after": {"x": "hunter3"}, "after_sensitive": true,
        }));
        assert_eq!(found, [(String::new(), Shown::Hidden, Shown::Hidden)]);
    }

    #[test]
    fn environments_and_passwords_are_hidden_without_a_mark() {
        let found = differences(json!({
            "before": {"environment": [{"variables": {"KEY": "hunter2"}}], "master_password": "hunter2",
                       "new": null, "container_definitions": "[{\"a\":\"hunter2\"}]"},
            "after": {"environment": [{"variables": {"KEY": "hunter3"}}], "master_password": "hunter3",
                      "new": [{"environment": {"A": "hunter4"}}], "container_definitions": "[{\"a\":\"hunter3\"}]"},
        }));
        assert_eq!(found.len(), 4);
        assert!(!format!("{found:?}").contains("hunter"), "{found:?}");
    }
}
