//! Checks on a configured value.
//!
//! A validator sees known values only: null and unknown values are valid by definition, because the
//! configuration is checked before everything in it is known. Every validator can say in words what it
//! demands; messages and documentation are made from those words.

use std::fmt;

use crate::value::{Number, Path, PathStep, Value};

/// A check on one attribute value.
pub trait Validator: Send + Sync + fmt::Debug {
    /// What is demanded, as the end of the sentence "The value …", for example
    /// `must be between 1 and 80 characters long`.
    fn describe(&self) -> String;

    /// Checks a value that is neither null nor unknown. Parts of it may be unknown: those are valid.
    ///
    /// # Errors
    ///
    /// A [`Violation`] that says which part is wrong, and why if [`describe`](Self::describe) does not
    /// already say it.
    fn check(&self, value: &Value) -> Result<(), Violation>;
}

/// What a validator found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violation {
    /// The offending part, seen from the checked value; the root for the value itself.
    pub path: Path,
    /// What is demanded of that part, when it differs from the validator's own words.
    pub rule: Option<String>,
    /// The offending value as configuration text. Not shown for sensitive attributes.
    pub given: Option<String>,
    /// More about the cause, such as a parser's message. Not shown for sensitive attributes.
    pub cause: Option<String>,
}

impl Violation {
    /// `value` breaks the rule.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        Self {
            given: quote(value),
            ..Self::default()
        }
    }

    /// Adds what exactly went wrong.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }
}

/// The value as a user would write it, for short scalars only.
fn quote(value: &Value) -> Option<String> {
    const LONGEST: usize = 120;
    let text = match value {
        Value::String(text) => format!("{text:?}"),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::List(items) | Value::Set(items) | Value::Tuple(items) => {
            format!("{} elements", items.len())
        }
        Value::Map(items) => format!("{} elements", items.len()),
        Value::Object(_) | Value::Dynamic(_) | Value::Null | Value::Unknown(_) => return None,
    };
    (text.chars().count() <= LONGEST).then_some(text)
}

/// A string out of a fixed list.
#[must_use]
pub fn one_of<S: Into<String>>(allowed: impl IntoIterator<Item = S>) -> impl Validator + Clone {
    let allowed: Vec<String> = allowed.into_iter().map(Into::into).collect();
    let words = allowed
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ");
    string(format!("must be one of {words}"), move |text| {
        allowed.iter().any(|word| word == text)
    })
}

/// A string whose length in characters lies in a range, both ends included.
#[must_use]
pub fn length_between(min: usize, max: usize) -> impl Validator + Clone {
    string(
        format!("must be between {min} and {max} characters long"),
        move |text| (min..=max).contains(&text.chars().count()),
    )
}

/// A string that is not empty.
#[must_use]
pub fn not_empty() -> impl Validator + Clone {
    string("must not be empty", |text| !text.is_empty())
}

/// A number in a range, both ends included.
#[must_use]
pub fn between(min: i64, max: i64) -> impl Validator + Clone {
    let (low, high) = (Number::from(min), Number::from(max));
    number(format!("must be between {min} and {max}"), move |value| {
        *value >= low && *value <= high
    })
}

/// A number not below `min`.
#[must_use]
pub fn at_least(min: i64) -> impl Validator + Clone {
    let low = Number::from(min);
    number(format!("must be at least {min}"), move |value| {
        *value >= low
    })
}

/// A number not above `max`.
#[must_use]
pub fn at_most(max: i64) -> impl Validator + Clone {
    let high = Number::from(max);
    number(format!("must be at most {max}"), move |value| {
        *value <= high
    })
}

/// A number without a fraction, and not beyond what 64 bits hold (about nine quintillions): what a model takes as `i64`.
#[must_use]
pub fn whole_number() -> impl Validator + Clone {
    let (low, high) = (Number::from(i64::MIN), Number::from(i64::MAX));
    number("must be a whole number", move |value| {
        value.is_whole() && *value >= low && *value <= high
    })
}

/// A number that a binary floating-point number of 64 bits gives back as it was written: with at most 15 digits it
/// always does. Others would come back from an API as another number.
#[must_use]
pub fn float() -> impl Validator + Clone {
    number(
        "must be a number of at most 15 digits, between -1e300 and 1e300",
        |value| {
            let read: Option<f64> = value.to_string().parse().ok();
            let float = read.filter(|float| float.abs() <= 1e300);
            float.is_some_and(|float| float.to_string().parse().as_ref() == Ok(value))
        },
    )
}

/// A list, set or map with so many elements, both ends included.
#[must_use]
pub fn items_between(min: usize, max: usize) -> impl Validator + Clone {
    rule(
        format!("must have between {min} and {max} elements"),
        move |value| length(value).is_none_or(|length| (min..=max).contains(&length)),
    )
}

/// A list, set or map with at least so many elements.
#[must_use]
pub fn items_at_least(min: usize) -> impl Validator + Clone {
    let elements = if min == 1 { "element" } else { "elements" };
    rule(
        format!("must have at least {min} {elements}"),
        move |value| length(value).is_none_or(|length| length >= min),
    )
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::List(items) | Value::Set(items) | Value::Tuple(items) => Some(items.len()),
        Value::Map(items) => Some(items.len()),
        Value::Dynamic(inner) => length(&inner.1),
        Value::Null
        | Value::Unknown(_)
        | Value::String(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Object(_) => None,
    }
}

/// A string that `parse` accepts; its error is shown as the cause.
///
/// ```
/// use tfplugin::schema::{Validator, validators};
/// use tfplugin::value::Value;
///
/// let address = validators::parses("must be an IP address", |text| text.parse::<std::net::IpAddr>());
/// assert!(address.check(&Value::String("10.0.0.1".to_owned())).is_ok());
/// assert!(address.check(&Value::String("here".to_owned())).is_err());
/// ```
#[must_use]
pub fn parses<T, E: fmt::Display>(
    demand: impl Into<String>,
    parse: impl Fn(&str) -> Result<T, E> + Clone + Send + Sync,
) -> impl Validator + Clone {
    Check {
        demand: demand.into(),
        check: move |value: &Value| match value {
            Value::String(text) => match parse(text) {
                Ok(_) => Ok(()),
                Err(cause) => Err(Violation::of(value).because(cause)),
            },
            _ => Ok(()),
        },
    }
}

/// A string for which `accepts` is true.
#[must_use]
pub fn string(
    demand: impl Into<String>,
    accepts: impl Fn(&str) -> bool + Clone + Send + Sync,
) -> impl Validator + Clone {
    rule(demand, move |value| match value {
        Value::String(text) => accepts(text),
        _ => true,
    })
}

/// A number for which `accepts` is true.
#[must_use]
pub fn number(
    demand: impl Into<String>,
    accepts: impl Fn(&Number) -> bool + Clone + Send + Sync,
) -> impl Validator + Clone {
    rule(demand, move |value| match value {
        Value::Number(number) => accepts(number),
        _ => true,
    })
}

/// A value for which `accepts` is true; `demand` ends the sentence "The value …".
#[must_use]
pub fn rule(
    demand: impl Into<String>,
    accepts: impl Fn(&Value) -> bool + Clone + Send + Sync,
) -> impl Validator + Clone {
    Check {
        demand: demand.into(),
        check: move |value: &Value| {
            if accepts(value) {
                Ok(())
            } else {
                Err(Violation::of(value))
            }
        },
    }
}

/// Every element of a list, set or map passes `inner`.
#[must_use]
pub fn each(inner: impl Validator + Clone) -> impl Validator + Clone {
    let demand = format!("every element {}", inner.describe());
    Check {
        demand,
        check: move |value: &Value| match value {
            Value::List(items) | Value::Tuple(items) => items
                .iter()
                .zip(0_i64..)
                .try_for_each(|(item, index)| within(&inner, item, Some(PathStep::Index(index)))),
            // An element of a set has no address; the set itself is blamed.
            Value::Set(items) => items.iter().try_for_each(|item| within(&inner, item, None)),
            Value::Map(items) => items
                .iter()
                .try_for_each(|(key, item)| within(&inner, item, Some(PathStep::Key(key.clone())))),
            _ => Ok(()),
        },
    }
}

/// Every key of a map passes `inner`.
#[must_use]
pub fn keys(inner: impl Validator + Clone) -> impl Validator + Clone {
    let demand = format!("every key {}", inner.describe());
    Check {
        demand,
        check: move |value: &Value| match value {
            Value::Map(items) => items.keys().try_for_each(|key| {
                within(
                    &inner,
                    &Value::String(key.clone()),
                    Some(PathStep::Key(key.clone())),
                )
            }),
            _ => Ok(()),
        },
    }
}

fn within(inner: &impl Validator, item: &Value, step: Option<PathStep>) -> Result<(), Violation> {
    if matches!(item, Value::Null | Value::Unknown(_)) {
        return Ok(());
    }
    inner.check(item).map_err(|mut violation| {
        if let Some(step) = step {
            violation.path = violation.path.within(step);
        }
        violation.rule = violation.rule.or_else(|| Some(inner.describe()));
        violation
    })
}

/// A demand in words and the function behind it.
#[derive(Clone)]
struct Check<F> {
    demand: String,
    check: F,
}

impl<F> fmt::Debug for Check<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.demand)
    }
}

impl<F: Fn(&Value) -> Result<(), Violation> + Send + Sync> Validator for Check<F> {
    fn describe(&self) -> String {
        self.demand.clone()
    }

    fn check(&self, value: &Value) -> Result<(), Violation> {
        (self.check)(value)
    }
}
