//! What differs between two values of a resource, without the noise of their form and without secrets.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};

use super::secret::{self, Veil};
use crate::glob;

/// One attribute that differs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) path: Path,
    pub(crate) before: Shown,
    pub(crate) after: Shown,
    /// Both values as they are, to judge by; never shown.
    pub(crate) raw: Raw,
}

/// Both values of a difference, secrets included. Its `Debug` says nothing, so that no log can.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Raw {
    pub(crate) from: Value,
    pub(crate) to: Value,
}

impl Raw {
    fn of(before: Side<'_>, after: Side<'_>) -> Self {
        Self {
            from: before.value.clone(),
            to: after.value.clone(),
        }
    }
}

impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Raw")
    }
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

impl Shown {
    /// Whether anything of it is hidden.
    pub(crate) fn hides(&self) -> bool {
        match self {
            Self::Hidden => true,
            Self::Nothing => false,
            Self::Value(value) => secret::is_masked(value),
        }
    }
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
    pub(crate) fn key(&self, key: &str) -> Self {
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

    /// The name of the attribute of the resource; nothing for the resource itself.
    pub(crate) fn attribute(&self) -> Option<&str> {
        self.keys().first().copied()
    }

    /// Whether the marks of a plan (`after_unknown`) mark what is at this path, or what it lies in.
    pub(crate) fn is_marked(&self, marks: &Value) -> bool {
        let mut marks = marks;
        for segment in &self.0 {
            if *marks == Value::Bool(true) {
                return true;
            }
            let part = match segment {
                Segment::Key(key) => marks.get(key),
                Segment::Index(index) => marks.get(index),
                Segment::Name(_) => None,
            };
            match part {
                Some(part) => marks = part,
                None => return false,
            }
        }
        *marks == Value::Bool(true)
    }

    /// Whether this path, or one that it lies in, is what `pattern` names: with or without the numbers and names of
    /// elements, such as `ingress.cidr_blocks`, `versioning[0].enabled` and `tags["a.b"]`.
    pub(crate) fn fits(&self, pattern: &str) -> bool {
        pattern == "*"
            || pattern == self.text()
            || glob::segments(pattern).is_some_and(|pattern| self.fits_segments(&pattern))
    }

    fn fits_segments(&self, pattern: &[glob::Segment]) -> bool {
        let mut segments = self.0.iter();
        pattern.iter().all(|wanted| match wanted {
            glob::Segment::Key(pattern) => segments
                // Patterns may leave out what tells elements apart.
                .find_map(|segment| match segment {
                    Segment::Key(key) => Some(glob::matches(pattern, key)),
                    Segment::Index(_) | Segment::Name(_) => None,
                })
                .unwrap_or(false),
            glob::Segment::Element(pattern) => match segments.next() {
                Some(Segment::Key(key) | Segment::Name(key)) => glob::matches(pattern, key),
                Some(Segment::Index(index)) => glob::matches(pattern, &index.to_string()),
                None => false,
            },
        })
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

/// One side of a comparison: a value, the marks of what is secret in it, and what its name says of secrets.
#[derive(Clone, Copy)]
struct Side<'v> {
    value: &'v Value,
    marks: &'v Value,
    veil: Veil,
    key: &'v str,
}

const NULL: &Value = &Value::Null;

impl<'v> Side<'v> {
    const NOTHING: Self = Self {
        value: NULL,
        marks: NULL,
        veil: Veil::Open,
        key: "",
    };

    fn whole(value: &'v Value, marks: &'v Value) -> Self {
        Self {
            value,
            marks,
            ..Self::NOTHING
        }
    }

    fn key(self, key: &'v str) -> Self {
        Self {
            value: self.value.get(key).unwrap_or(NULL),
            marks: self.marks.get(key).unwrap_or(NULL),
            veil: self.veil.over(self.value, key),
            key,
        }
    }

    fn elements(self) -> Vec<(usize, Self)> {
        let list = self.value.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .enumerate()
            .map(|(index, value)| {
                let marks = self.marks.get(index).unwrap_or(NULL);
                (
                    index,
                    Self {
                        value,
                        marks,
                        ..self
                    },
                )
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
        *self.marks == Value::Bool(true) || self.veil.hides(self.key, self.value)
    }

    /// The value without its secrets.
    fn masked(self) -> Value {
        secret::masked(self.veil, self.key, self.value, self.marks)
    }

    fn shown(self) -> Shown {
        match self.value {
            _ if self.is_secret() => Shown::Hidden,
            Value::Null => Shown::Nothing,
            _ => Shown::Value(self.masked()),
        }
    }
}

/// All differences of a change, in the order of their names.
pub(crate) fn find_differences(change: &super::element::Change) -> Vec<Difference> {
    let before = Side::whole(&change.before, &change.before_sensitive);
    let after = Side::whole(&change.after, &change.after_sensitive);
    let mut found = Vec::new();
    compare(&Path::default(), before, after, &mut found);
    found
}

fn compare<'v>(path: &Path, before: Side<'v>, after: Side<'v>, found: &mut Vec<Difference>) {
    if is_same(before.value, after.value) {
        return;
    }
    if before.is_secret() || after.is_secret() {
        found.push(Difference {
            path: path.clone(),
            before: Shown::Hidden,
            after: Shown::Hidden,
            raw: Raw::of(before, after),
        });
        return;
    }
    match (before.value, after.value) {
        (Value::Object(_), Value::Object(_)) => compare_keys(path, before, after, found),
        // A map such as `tags` that comes or goes: each of its keys. Anything else that does is one difference: a
        // scaling policy that was deleted is one fact, not one for each of its settings.
        (Value::Object(a), Value::Null) if is_map(path, a) => {
            compare_keys(path, before, after, found);
        }
        (Value::Null, Value::Object(b)) if is_map(path, b) => {
            compare_keys(path, before, after, found);
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

fn compare_keys<'v>(path: &Path, before: Side<'v>, after: Side<'v>, found: &mut Vec<Difference>) {
    let part = |side: Side<'v>, key: &str| side.value.get(key).unwrap_or(NULL);
    let differs = |key: &&String| !is_same(part(before, key), part(after, key));
    let keys = |side: Side<'v>| side.value.as_object().into_iter().flat_map(Map::keys);
    let keys: BTreeSet<&String> = keys(before)
        .chain(keys(after).filter(|key| part(before, key).is_null()))
        .filter(differs)
        .collect();
    for key in keys {
        compare(&path.key(key), before.key(key), after.key(key), found);
    }
}

/// Elements of lists are paired by what they are, not by their number: one more at the start of a set moves all others.
fn compare_elements<'v>(
    path: &Path,
    before: Side<'v>,
    after: Side<'v>,
    found: &mut Vec<Difference>,
) {
    if let Some((a, b)) = before.named().zip(after.named()) {
        let names: BTreeSet<&str> = a.keys().chain(b.keys()).copied().collect();
        for name in names {
            let side = |all: &BTreeMap<&str, _>| all.get(name).copied().unwrap_or(Side::NOTHING);
            compare(&path.name(name), side(&a), side(&b), found);
        }
        return;
    }
    let (gone, come) = unpaired(before.elements(), after.elements());
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
        raw: Raw::of(before, after),
    });
}

type Elements<'v> = Vec<(usize, Side<'v>)>;

/// The elements that the other side lacks, each as often as it lacks it.
fn unpaired<'v>(before: Elements<'v>, after: Elements<'v>) -> (Elements<'v>, Elements<'v>) {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, (_, element)) in after.iter().enumerate().rev() {
        places
            .entry(canonical(element.value))
            .or_default()
            .push(place);
    }
    let mut paired = HashSet::new();
    let mut gone = before;
    gone.retain(|(_, element)| {
        let place = places.get_mut(&canonical(element.value)).and_then(Vec::pop);
        match place {
            Some(place) => !paired.insert(place),
            None => true,
        }
    });
    let come = after
        .into_iter()
        .enumerate()
        .filter(|(place, _)| !paired.contains(place))
        .map(|(_, element)| element)
        .collect();
    (gone, come)
}

fn together(elements: &[(usize, Side<'_>)]) -> Shown {
    if elements.is_empty() {
        return Shown::Nothing;
    }
    Shown::Value(elements.iter().map(|(_, side)| side.masked()).collect())
}

fn push(path: &Path, before: Side<'_>, after: Side<'_>, found: &mut Vec<Difference>) {
    found.push(Difference {
        path: path.clone(),
        before: before.shown(),
        after: after.shown(),
        raw: Raw::of(before, after),
    });
}

/// Equal, or different in form only: providers write nothing in several ways, and AWS orders the keys of JSON documents
/// as it likes.
pub(crate) fn is_same(a: &Value, b: &Value) -> bool {
    if a == b || (is_nothing(a) && is_nothing(b)) {
        return true;
    }
    let (Value::String(a), Value::String(b)) = (a, b) else {
        return false;
    };
    let documents = (secret::document(a), secret::document(b));
    matches!(documents, (Some(a), Some(b)) if a == b)
}

/// A text that two values share when, and only when, they are the same but for their form.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        value if is_nothing(value) => String::new(),
        Value::String(text) => match secret::document(text) {
            Some(document) => format!("={document}"),
            None => value.to_string(),
        },
        value => value.to_string(),
    }
}

pub(crate) fn is_nothing(value: &Value) -> bool {
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
        let paths: Vec<_> = found.iter().map(|(path, ..)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "container_definitions",
                "environment[0].variables.KEY",
                "master_password",
                "new"
            ]
        );
    }
}
