//! What somebody else has changed since the state was written, and what that means: one warning for each object, in
//! the same words for every resource.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use switchyard_drift::{Change, DriftRule, Severity};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path, PathStep, Value};

/// More differences than this are counted, not told: the warning has to stay readable.
const TOLD: usize = 10;

/// Who decides about what differs, where nothing else is said.
pub(crate) const CONFIGURATION: &str = "this configuration";

/// Tags that somebody else has changed, with their values before; `None` where there was none.
pub(crate) type TagsBefore = BTreeMap<String, Option<String>>;

/// What somebody else has changed in all tags of an object. Only a plan knows whether an apply puts it back: what
/// `ignore_changes` names stays, and nobody needs to hear of it.
pub(crate) fn tags_before(
    prior: &Attr<BTreeMap<String, String>>,
    found: &Attr<BTreeMap<String, String>>,
) -> TagsBefore {
    let (Attr::Known(prior), Attr::Known(found)) = (prior, found) else {
        return TagsBefore::new();
    };
    let keys = prior.keys().chain(found.keys());
    keys.filter(|key| prior.get(*key) != found.get(*key))
        .map(|key| (key.clone(), prior.get(key).cloned()))
        .collect()
}

/// Of the tags that somebody else has changed, those that a plan changes, as differences. `prior` is the object as it
/// was read.
pub(crate) fn tags_put_back(
    resource_type: &str,
    before: &TagsBefore,
    prior: &Value,
    planned: &Attr<BTreeMap<String, String>>,
) -> Vec<Difference> {
    let found = prior.attribute("tags_all");
    let Value::Map(found) = found.inner() else {
        return Vec::new();
    };
    let mut was = found.clone();
    for (key, value) in before {
        let stays = planned.known().is_some_and(|planned| {
            planned.get(key).map(String::as_str) == found.get(key).and_then(Value::as_str)
        });
        match value {
            _ if stays => {}
            Some(value) => drop(was.insert(key.clone(), Value::from(value.as_str()))),
            None => drop(was.remove(key)),
        }
    }
    let was = prior.clone().with_attribute("tags_all", Value::Map(was));
    differences(resource_type, &[], &was, prior)
}

/// One difference that somebody should know about.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) severity: Severity,
    pub(crate) rule: &'static DriftRule,
    pub(crate) path: Path,
    from: Value,
    to: Value,
}

/// What a warning says besides the differences.
pub(crate) struct Frame<'a> {
    /// What differs, as the beginning of a sentence.
    pub(crate) subject: String,
    /// Who decides about a difference.
    pub(crate) owner: &'a dyn Fn(&Difference) -> String,
    /// Since when it is so: a sentence, if that is known.
    pub(crate) since: &'a dyn Fn(&Difference) -> Option<String>,
    /// What to think about at the end.
    pub(crate) advice: Option<&'static str>,
}

/// The differences between state and what was read that are not expected, worst first. Attributes in `repeated` say
/// what another one says, or nothing that AWS has.
pub(crate) fn differences(
    resource_type: &str,
    repeated: &[&str],
    prior: &Value,
    found: &Value,
) -> Vec<Difference> {
    if prior == found {
        return Vec::new();
    }
    let mut parts = Vec::new();
    compare(Path::root(), prior, found, &mut parts);
    parts.retain(|(path, _, _)| first(path).is_some_and(|name| !repeated.contains(&name)));
    if parts.is_empty() {
        return Vec::new();
    }
    let object = json(found);
    let mut differences: Vec<Difference> = parts
        .into_iter()
        .filter_map(|(path, from, to)| {
            let judged = Change {
                resource_type,
                path: &path.to_string(),
                from: &json(&from),
                to: &json(&to),
                object: &object,
            }
            .classified();
            // What no rule names is not read from AWS.
            Some(Difference {
                severity: judged.class.severity()?,
                rule: judged.rule?,
                path,
                from,
                to,
            })
        })
        .collect();
    differences.sort_by_key(|difference| std::cmp::Reverse(difference.severity));
    differences
}

/// The smallest parts that differ: attributes, elements of maps, and blocks with names. Other lists and sets count as a
/// whole.
fn compare(path: Path, prior: &Value, found: &Value, into: &mut Vec<(Path, Value, Value)>) {
    let named = by_name(prior).zip(by_name(found));
    let (step, prior_parts, found_parts): (fn(String) -> PathStep, _, _) =
        match (prior.inner(), found.inner(), &named) {
            (Value::Object(prior), Value::Object(found), _) => (PathStep::Attribute, prior, found),
            (Value::Map(prior), Value::Map(found), _) => (PathStep::Key, prior, found),
            (_, _, Some((prior, found))) => (PathStep::Key, prior, found),
            (prior, found, None) => {
                if prior != found {
                    into.push((path, prior.clone(), found.clone()));
                }
                return;
            }
        };
    let added = found_parts
        .keys()
        .filter(|name| !prior_parts.contains_key(*name));
    for name in prior_parts.keys().chain(added) {
        compare(
            path.clone().step(step(name.clone())),
            prior_parts.get(name).unwrap_or(&Value::Null),
            found_parts.get(name).unwrap_or(&Value::Null),
            into,
        );
    }
}

/// The elements of a set by their names; none when there are no elements, or when not each has a name of its own.
fn by_name(set: &Value) -> Option<BTreeMap<String, Value>> {
    let Value::Set(elements) = set.inner() else {
        return None;
    };
    let named = elements.iter().map(|element| {
        let name = element.attribute("name").as_str()?;
        Some((name.to_owned(), element.clone()))
    });
    let named: BTreeMap<_, _> = named.collect::<Option<_>>()?;
    (!named.is_empty() && named.len() == elements.len()).then_some(named)
}

/// The attribute a path begins with.
pub(crate) fn first(path: &Path) -> Option<&str> {
    match path.steps().first()? {
        PathStep::Attribute(name) => Some(name),
        PathStep::Key(_) | PathStep::Index(_) => None,
    }
}

impl Difference {
    /// The attribute it is in.
    pub(crate) fn attribute(&self) -> &str {
        first(&self.path).unwrap_or_default()
    }

    fn text(&self, frame: &Frame<'_>) -> String {
        let since = (frame.since)(self)
            .map(|since| format!(" {since}"))
            .unwrap_or_default();
        format!(
            "{}: `{}` was {} and is {}.{since} It belongs to {}. {} {} (Rule {}.)",
            self.severity.word(),
            self.path,
            show(&self.from),
            show(&self.to),
            (frame.owner)(self),
            self.rule.meaning,
            self.rule.remedy,
            self.rule.id,
        )
    }
}

/// The warning; nothing when there are no differences.
pub(crate) fn warning(frame: &Frame<'_>, differences: &[Difference]) -> Option<Diagnostic> {
    if differences.is_empty() {
        return None;
    }
    let counted = counts(differences);
    let mut paragraphs = vec![
        "Something other than this configuration has changed it since the state was written: a person, another \
         tool, or an apply that was killed."
            .to_owned(),
    ];
    let mut rest = differences.iter();
    paragraphs.extend(
        rest.by_ref()
            .take(TOLD)
            .map(|difference| difference.text(frame)),
    );
    match rest.count() {
        0 => {}
        more => paragraphs.push(format!(
            "{more} more are not listed here. They are no more severe than the last one; the plan shows them."
        )),
    }
    paragraphs.extend(frame.advice.map(str::to_owned));
    Some(Diagnostic::warning(
        format!("{} has drifted: {counted}", frame.subject),
        paragraphs.join("\n\n"),
    ))
}

/// How many there are of each severity, worst first: `1 critical and 2 minor differences`.
fn counts(differences: &[Difference]) -> String {
    let counts: Vec<(usize, &str)> = [Severity::Critical, Severity::Major, Severity::Minor]
        .into_iter()
        .map(|severity| {
            let of_it = |difference: &&Difference| difference.severity == severity;
            (differences.iter().filter(of_it).count(), severity.word())
        })
        .filter(|(count, _)| *count > 0)
        .collect();
    // The noun agrees with the number before it.
    let noun = match counts.last() {
        Some((1, _)) => "difference",
        Some(_) | None => "differences",
    };
    let words: Vec<String> = counts
        .iter()
        .map(|(count, word)| format!("{count} {}", word.to_lowercase()))
        .collect();
    match words.split_last() {
        Some((last, [])) => format!("{last} {noun}"),
        Some((last, before)) => format!("{} and {last} {noun}", before.join(", ")),
        None => format!("0 {noun}"),
    }
}

/// A value as a reader wants it. Structures are not shown: their parts may be long, and are in the plan.
fn show(value: &Value) -> String {
    match value.inner() {
        Value::Null | Value::Unknown(_) => "absent".to_owned(),
        Value::String(text) => format!("`{text}`"),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            let words: Option<Vec<&str>> = elements.iter().map(Value::as_str).collect();
            match words {
                Some(words) => format!("[{}]", words.join(", ")),
                None => format!("a list of {}", elements.len()),
            }
        }
        Value::Map(_) | Value::Object(_) | Value::Dynamic(_) => "present".to_owned(),
    }
}

fn json(value: &Value) -> Json {
    match value.inner() {
        Value::Null | Value::Unknown(_) | Value::Dynamic(_) => Json::Null,
        Value::String(text) => Json::String(text.clone()),
        Value::Number(number) => number.to_string().parse().map_or(Json::Null, Json::Number),
        Value::Bool(flag) => Json::Bool(*flag),
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            elements.iter().map(json).collect()
        }
        Value::Map(entries) | Value::Object(entries) => entries
            .iter()
            .map(|(name, value)| (name.clone(), json(value)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_are_named_and_not_shown() {
        let hook = Value::object([("details", "a secret")]);
        assert_eq!(show(&Value::list([hook.clone()])), "a list of 1");
        assert_eq!(show(&hook), "present");
        assert_eq!(show(&Value::set(["a", "b"])), "[a, b]");
        assert_eq!(show(&Value::Null), "absent");
    }
}
