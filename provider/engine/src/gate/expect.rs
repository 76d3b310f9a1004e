//! Whether a response is as expected.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::config::Expectation;
use crate::ports::ProbeResponse;

/// How much of a JSON value is quoted.
const QUOTED_CHARS: usize = 60;

/// The first thing that is not as expected, in words; `None` when everything is.
pub(super) fn unmet(expectation: &Expectation, response: &ProbeResponse) -> Option<String> {
    status(&expectation.status, response.status)
        .or_else(|| contains(expectation.body_contains.as_deref(), &response.body))
        .or_else(|| json(expectation, &response.body))
        .or_else(|| latency(expectation, response))
}

fn status(expected: &[RangeInclusive<u16>], status: u16) -> Option<String> {
    let usual = [200..=299];
    let expected = if expected.is_empty() {
        &usual
    } else {
        expected
    };
    if expected.iter().any(|range| range.contains(&status)) {
        return None;
    }
    let ranges: Vec<String> = expected.iter().map(words).collect();
    Some(format!("status {status}, expected {}", ranges.join(" or ")))
}

fn words(range: &RangeInclusive<u16>) -> String {
    if range.start() == range.end() {
        range.start().to_string()
    } else {
        format!("{}-{}", range.start(), range.end())
    }
}

fn contains(text: Option<&str>, body: &str) -> Option<String> {
    let text = text.filter(|text| !body.contains(text))?;
    Some(format!("the body does not contain `{}`", quoted(text)))
}

fn json(expectation: &Expectation, body: &str) -> Option<String> {
    if expectation.json.is_empty() {
        return None;
    }
    let Ok(document) = serde_json::from_str::<Value>(body) else {
        return Some("the body is not JSON".to_owned());
    };
    expectation.json.iter().find_map(|(pointer, expected)| {
        let Some(found) = document.pointer(pointer) else {
            return Some(format!(
                "the body has nothing at `{pointer}`, expected {}",
                quoted(&expected.to_string())
            ));
        };
        (!same(found, expected)).then(|| {
            format!(
                "`{pointer}` is {}, expected {}",
                quoted(&found.to_string()),
                quoted(&expected.to_string())
            )
        })
    })
}

/// Equality of JSON: `1` and `1.0` are the same number.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}

fn latency(expectation: &Expectation, response: &ProbeResponse) -> Option<String> {
    let most = expectation
        .latency
        .filter(|most| response.latency > *most)?;
    Some(format!(
        "responded in {} ms, expected at most {} ms",
        // Rounded up: 300.4 ms must not read as 300.
        response.latency.as_micros().div_ceil(1000),
        most.as_millis()
    ))
}

/// The beginning of a text.
fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
