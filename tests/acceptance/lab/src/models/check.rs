//! A value against a shape.

use std::fmt;

use serde_json::{Map, Value};

use super::shape::{Kind, Model, Reference, Shape};
use crate::protocol::names;

/// How scalars are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// With their own type: JSON, CBOR.
    Typed,
    /// As text: forms.
    Form,
}

/// One place where a value is not what its shape says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Violation {
    /// From the outermost member inwards.
    pub(super) path: Vec<PathStep>,
    /// The value as a message repeats it; none where it may not or does not fit into one.
    pub(super) value: Option<String>,
    pub(super) broken: Broken,
}

/// A step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PathStep {
    Member(String),
    /// Position in a list, from 0.
    Item(usize),
    Key(String),
}

/// The rule that is broken.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Broken {
    /// A required member is not there.
    Missing,
    /// No such member.
    Unknown,
    /// Another kind of value.
    Kind {
        wanted: Kind,
        got: &'static str,
    },
    Shorter(f64),
    Longer(f64),
    Below(f64),
    Above(f64),
    Word(Vec<String>),
    Pattern(String),
}

impl Violation {
    /// The member at the top of the input.
    pub(super) fn member(&self) -> Option<&str> {
        self.path.iter().rev().find_map(|step| match step {
            PathStep::Member(name) => Some(name.as_str()),
            PathStep::Item(_) | PathStep::Key(_) => None,
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.path.iter().enumerate() {
            let dot = if number == 0 { "" } else { "." };
            match step {
                PathStep::Member(name) | PathStep::Key(name) => write!(formatter, "{dot}{name}")?,
                PathStep::Item(_) => write!(formatter, "{dot}N")?,
            }
        }
        match &self.broken {
            Broken::Missing => write!(formatter, " is required and missing")?,
            Broken::Unknown => write!(formatter, " is no member")?,
            Broken::Kind { wanted, got } => write!(formatter, " is {got}, not {wanted:?}")?,
            Broken::Shorter(least) => write!(formatter, " is shorter than {least}")?,
            Broken::Longer(most) => write!(formatter, " is longer than {most}")?,
            Broken::Below(least) => write!(formatter, " is below {least}")?,
            Broken::Above(most) => write!(formatter, " is above {most}")?,
            Broken::Word(_) => write!(formatter, " is none of the words")?,
            Broken::Pattern(pattern) => write!(formatter, " does not match {pattern}")?,
        }
        match &self.value {
            Some(value) => write!(formatter, ": {value}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a value.
pub(super) fn violations(
    model: &Model,
    reference: &Reference,
    value: &Value,
    spelling: Spelling,
) -> Vec<Violation> {
    let mut check = Check {
        model,
        spelling,
        path: Vec::new(),
        found: Vec::new(),
    };
    check.value(reference, value);
    check.found
}

struct Check<'a> {
    model: &'a Model,
    spelling: Spelling,
    path: Vec<PathStep>,
    found: Vec<Violation>,
}

impl Check<'_> {
    fn report(&mut self, broken: Broken, value: Option<String>) {
        self.found.push(Violation {
            path: self.path.clone(),
            value,
            broken,
        });
    }

    fn inside(&mut self, step: PathStep, reference: &Reference, value: &Value) {
        self.path.push(step);
        self.value(reference, value);
        self.path.pop();
    }

    fn value(&mut self, reference: &Reference, value: &Value) {
        let Some(shape) = self.model.shape(reference) else {
            return;
        };
        match (shape.kind, value) {
            // Null is absent; whether it may be is known where the member is.
            (_, Value::Null) => {}
            (Kind::Structure, Value::Object(members)) => self.structure(shape, members),
            (Kind::Map, Value::Object(entries)) => {
                self.length(shape, entries.len(), None);
                for (key, value) in entries {
                    if let Some(reference) = &shape.key {
                        let text = Value::String(key.clone());
                        self.inside(PathStep::Key(key.clone()), reference, &text);
                    }
                    if let Some(reference) = &shape.value {
                        self.inside(PathStep::Key(key.clone()), reference, value);
                    }
                }
            }
            (Kind::List, Value::Array(items)) => {
                self.length(shape, items.len(), None);
                for (number, item) in items.iter().enumerate() {
                    if let Some(reference) = &shape.member {
                        self.inside(PathStep::Item(number), reference, item);
                    }
                }
            }
            // A form writes what is empty as an empty text.
            (Kind::Structure, Value::String(text))
                if self.spelling == Spelling::Form && text.is_empty() =>
            {
                self.structure(shape, &Map::new());
            }
            (Kind::List | Kind::Map, Value::String(text))
                if self.spelling == Spelling::Form && text.is_empty() =>
            {
                self.length(shape, 0, None);
            }
            (Kind::String, Value::String(text)) => self.text(shape, text),
            (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, _) => {
                self.number(shape, value);
            }
            (Kind::Boolean, Value::Bool(_))
            | (Kind::Timestamp, Value::Number(_))
            | (Kind::Blob, Value::String(_)) => {}
            (Kind::Boolean, Value::String(text))
                if self.spelling == Spelling::Form
                    && ["true", "false"].contains(&text.to_ascii_lowercase().as_str()) => {}
            (Kind::Timestamp, Value::String(text)) if names::parse_iso(text).is_some() => {}
            (wanted, other) => self.report(
                Broken::Kind {
                    wanted,
                    got: kind_of(other),
                },
                None,
            ),
        }
    }

    fn structure(&mut self, shape: &Shape, members: &Map<String, Value>) {
        for name in &shape.required {
            if members.get(name).is_none_or(Value::is_null) {
                self.path.push(PathStep::Member(name.clone()));
                self.report(Broken::Missing, None);
                self.path.pop();
            }
        }
        for (name, value) in members {
            match shape.members.get(name) {
                Some(reference) => self.inside(PathStep::Member(name.clone()), reference, value),
                None => {
                    self.path.push(PathStep::Member(name.clone()));
                    self.report(Broken::Unknown, None);
                    self.path.pop();
                }
            }
        }
    }

    fn text(&mut self, shape: &Shape, text: &str) {
        let shown = || (!shape.sensitive).then(|| text.to_owned());
        self.length(shape, text.chars().count(), shown());
        if !shape.words.is_empty() && !shape.words.iter().any(|word| word == text) {
            self.report(Broken::Word(shape.words.clone()), shown());
        }
        if let Some(pattern) = shape.unmatched_pattern(text) {
            self.report(Broken::Pattern(pattern.to_owned()), shown());
        }
    }

    fn length(&mut self, shape: &Shape, length: usize, shown: Option<String>) {
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
        let length = length as f64;
        if let Some(least) = shape.min.filter(|least| length < *least) {
            self.report(Broken::Shorter(least), shown);
        } else if let Some(most) = shape.max.filter(|most| length > *most) {
            self.report(Broken::Longer(most), shown);
        }
    }

    fn number(&mut self, shape: &Shape, value: &Value) {
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) if self.spelling == Spelling::Form => text.trim().parse().ok(),
            // JSON has no word for these.
            Value::String(text)
                if matches!(shape.kind, Kind::Float | Kind::Double)
                    && ["NaN", "Infinity", "-Infinity"].contains(&text.as_str()) =>
            {
                return;
            }
            _ => None,
        };
        let whole = !matches!(shape.kind, Kind::Integer | Kind::Long)
            || number.is_some_and(|number| number.fract() == 0.0);
        let Some(number) = number.filter(|_| whole) else {
            return self.report(
                Broken::Kind {
                    wanted: shape.kind,
                    got: kind_of(value),
                },
                None,
            );
        };
        if let Some(least) = shape.min.filter(|least| number < *least) {
            self.report(Broken::Below(least), Some(number.to_string()));
        } else if let Some(most) = shape.max.filter(|most| number > *most) {
            self.report(Broken::Above(most), Some(number.to_string()));
        }
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a structure",
    }
}
