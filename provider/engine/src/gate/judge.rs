//! Whether a number is good.

use std::fmt;

use jiff::Timestamp;

use super::config::{Condition, MetricCheck, MissingData, Operator, Outside};

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
        /// The band of expected values in the same period, when there is to be one.
        band: Option<Edges>,
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

/// What CloudWatch expects of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edges {
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Edges {
    /// Between two edges, whichever comes first.
    pub(super) fn between(one: f64, other: f64) -> Self {
        Self {
            least: one.min(other),
            most: one.max(other),
        }
    }

    fn holds(self, outside: Outside, value: f64) -> bool {
        match outside {
            Outside::Above => value <= self.most,
            Outside::Below => value >= self.least,
            Outside::Either => value <= self.most && value >= self.least,
        }
    }
}

/// Why a value cannot be compared with a band.
pub(super) const NO_BAND: &str = "CloudWatch has no anomaly band for it: it learns one from the values of about two weeks, once an anomaly detector of \
     the metric exists";

/// Judges a number, and says what it was and what was expected.
pub(super) fn judge_value(
    check: &MetricCheck,
    new: f64,
    old: Option<f64>,
    band: Option<Edges>,
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
    let strange = match (&check.anomaly, band) {
        (None, _) => false,
        (Some(_), None) => return missing(check.no_data, NO_BAND),
        (Some(anomaly), Some(band)) => !band.holds(anomaly.outside, new),
    };
    let worse = strange || most.is_some_and(|most| new > most);
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
    (judgement, sentence(check, new, old, band))
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

fn sentence(check: &MetricCheck, new: f64, old: Option<f64>, band: Option<Edges>) -> String {
    format!(
        "the value is {} ({})",
        Number(new),
        expected(check, old, band)
    )
}

/// What is expected of a number, in words.
pub(super) fn expected(check: &MetricCheck, old: Option<f64>, band: Option<Edges>) -> String {
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
    if let (Some(anomaly), Some(band)) = (&check.anomaly, band) {
        let (least, most) = (Number(band.least), Number(band.most));
        expected.push(match anomaly.outside {
            Outside::Above => format!("at most {most}, the upper edge of the anomaly band"),
            Outside::Below => format!("at least {least}, the lower edge of the anomaly band"),
            Outside::Either => format!("within the anomaly band, {least} to {most}"),
        });
    }
    expected.join(", ")
}

/// The number that a value is compared with: where it becomes bad, else where it is good no longer.
pub(super) fn limit(check: &MetricCheck, old: Option<f64>, band: Option<Edges>) -> Option<f64> {
    let written = check.failure.or(check.success);
    let compared = check
        .compare_percent
        .zip(old)
        .map(|(percent, old)| old + old.abs() * percent / 100.0);
    let expected = check.anomaly.as_ref().zip(band);
    let edge = expected.map(|(anomaly, band)| match anomaly.outside {
        Outside::Above | Outside::Either => band.most,
        Outside::Below => band.least,
    });
    let limit = written.map(|condition| condition.value);
    let limit = limit.or(compared).or(edge);
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
