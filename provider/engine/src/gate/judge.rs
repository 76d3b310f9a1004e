//! Whether a number is good.

use std::fmt;

use jiff::Timestamp;

use super::config::{Condition, MetricCheck, MissingData, Operator};

/// What one look at the metrics brought.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sample {
    /// No number, and why.
    Nothing(String),
    /// AWS did not answer; it may the next time.
    Unread(String),
    /// The newest number.
    Value {
        /// When its period began.
        at: Timestamp,
        /// Of the new side.
        new: f64,
        /// Of the old side in the same period, when the two are compared.
        old: Option<f64>,
        /// Requests that the new side got in the same period, when they count.
        requests: Option<f64>,
    },
}

/// What a number (or its absence) means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measurement {
    /// A bad measurement.
    Bad,
    /// A number that is neither good nor bad.
    Between,
    /// A good measurement.
    Good,
    /// No number that counts, and what that means.
    Missing(MissingData),
}

/// Judges a number, and says what it was and what was expected.
pub(super) fn judge_value(
    check: &MetricCheck,
    new: f64,
    old: Option<f64>,
) -> (Measurement, String) {
    if new.is_nan() {
        return missing(check.not_a_number, "the value is not a number (NaN)");
    }
    let most = match (check.compare_percent, old) {
        (None, _) => None,
        (Some(_), None) => return missing(check.no_data, "the old side has no value"),
        (Some(_), Some(old)) if old.is_nan() => {
            return missing(
                check.not_a_number,
                "the old side's value is not a number (NaN)",
            );
        }
        (Some(percent), Some(old)) => Some(old + old.abs() * percent / 100.0),
    };
    let worse = most.is_some_and(|most| new > most);
    let accepted = check.success.is_none_or(|success| success.holds(new));
    let rejected = match check.failure {
        Some(failure) => failure.holds(new),
        None => !accepted,
    };
    let judgement = if worse || rejected {
        Measurement::Bad
    } else if accepted {
        Measurement::Good
    } else {
        Measurement::Between
    };
    (judgement, sentence(check, new, old))
}

/// What it means that there is no number.
pub(super) fn judge_nothing(check: &MetricCheck, why: &str) -> (Measurement, String) {
    missing(check.no_data, why)
}

fn missing(policy: MissingData, why: &str) -> (Measurement, String) {
    let meaning = match policy {
        MissingData::Fail => ", which counts as bad",
        MissingData::Inconclusive => "",
        MissingData::Pass => ", which counts as good",
    };
    (Measurement::Missing(policy), format!("{why}{meaning}"))
}

/// What it means that so few requests reached the new side; `None` when they are enough, or do not count.
pub(super) fn judge_requests(
    check: &MetricCheck,
    requests: Option<f64>,
) -> Option<(Measurement, String)> {
    let (least, requests) = (check.minimum_requests?, requests?);
    if requests >= f64::from(least) {
        return None;
    }
    let why = if requests > 0.0 {
        format!(
            "the new side got {} requests in the period, fewer than `minimum_requests` ({least})",
            Number(requests)
        )
    } else {
        format!(
            "no traffic: the new side got no request in the period, and `minimum_requests` is {least}"
        )
    };
    Some(missing(check.no_data, &why))
}

fn sentence(check: &MetricCheck, new: f64, old: Option<f64>) -> String {
    format!("the value is {} ({})", Number(new), expected(check, old))
}

/// What is expected of a number, in words.
pub(super) fn expected(check: &MetricCheck, old: Option<f64>) -> String {
    let mut expected = Vec::new();
    if let Some(success) = check.success {
        expected.push(format!("good when {success}"));
    }
    if let Some(failure) = check.failure {
        expected.push(format!("bad when {failure}"));
    }
    if let (Some(percent), Some(old)) = (check.compare_percent, old) {
        expected.push(format!(
            "at most {} % above the old side's {}",
            Number(percent),
            Number(old)
        ));
    }
    expected.join(", ")
}

/// The number that a value is compared with: where it becomes bad, else where it is good no longer.
pub(super) fn limit(check: &MetricCheck, old: Option<f64>) -> Option<f64> {
    let written = check.failure.or(check.success);
    let compared = check
        .compare_percent
        .zip(old)
        .map(|(percent, old)| old + old.abs() * percent / 100.0);
    let limit = written.map(|condition| condition.value).or(compared);
    limit.filter(|limit| limit.is_finite())
}

impl Condition {
    /// Whether it is true of `value`; never of `NaN`.
    pub fn holds(self, value: f64) -> bool {
        match self.operator {
            Operator::Above => value > self.value,
            Operator::AtLeast => value >= self.value,
            Operator::AtMost => value <= self.value,
            Operator::Below => value < self.value,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operator, Number(self.value))
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
            Self::Below => "<",
        })
    }
}

/// A number with at most four decimals, or as it is when that would hide it.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 10_000.0).round() / 10_000.0;
        if rounded.is_finite() && (rounded != 0.0 || self.0 == 0.0) {
            write!(f, "{rounded}")
        } else {
            write!(f, "{}", self.0)
        }
    }
}
