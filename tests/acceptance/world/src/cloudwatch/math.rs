//! Metric math: the expressions of `GetMetricData` and of alarms.
//!
//! Covered: `+ - * / ^`, comparisons, `AND`/`OR`, arrays, and the functions ABS, AVG, CEIL, DIFF, FILL, FLOOR, IF, LOG,
//! LOG10, MAX, METRICS, MIN, PERIOD, RATE, RUNNING_SUM, STDDEV, SUM, TIME_SERIES, and FIRST and LAST of an array. SEARCH is
//! accepted and yields no series, because nothing here indexes. ANOMALY_DETECTION_BAND has a simple model: mean and
//! standard deviation of the two weeks before; it knows no days and no hours.

mod functions;
mod parser;

use std::collections::BTreeMap;

pub(crate) use parser::{Expression, parse};

/// One time series: period start (epoch milliseconds) → value, with its period in seconds.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Series {
    pub(crate) points: BTreeMap<i64, f64>,
    pub(crate) period_seconds: i64,
}

impl Series {
    fn map(&self, operation: impl Fn(f64) -> f64) -> Self {
        let points = self
            .points
            .iter()
            .map(|(at, value)| (*at, operation(*value)));
        Self {
            points: points.filter(|(_, value)| value.is_finite()).collect(),
            period_seconds: self.period_seconds,
        }
    }
}

/// What an expression yields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MathResult {
    Scalar(f64),
    Series(Series),
    List(Vec<Series>),
}

/// Where an expression finds the series it names.
pub(crate) trait Scope {
    /// The result of the query with that id, evaluated on demand.
    fn query(&self, id: &str) -> Result<MathResult, String>;
    /// Every plain metric of the request, in request order, as `(id, series)`.
    fn metrics(&self) -> Vec<(String, Series)>;
    /// The period starts the request covers for a period, oldest first.
    fn grid(&self, period_seconds: i64) -> Vec<i64>;
    /// The same expression over the two weeks before the request's span.
    fn before(&self, expression: &Expression) -> Result<MathResult, String>;
    /// The period of the expression itself, in seconds.
    fn period_seconds(&self) -> i64;
}

/// Evaluates a parsed expression.
///
/// # Errors
/// A sentence naming the unknown id, function or impossible combination.
pub(crate) fn evaluate(expression: &Expression, scope: &dyn Scope) -> Result<MathResult, String> {
    match expression {
        Expression::Number(value) => Ok(MathResult::Scalar(*value)),
        Expression::Text(text) => Err(format!(
            "the text '{text}' is not a number or a time series"
        )),
        Expression::Id(id) => scope.query(id),
        Expression::Negate(inner) => unary(evaluate(inner, scope)?, |value| -value),
        Expression::Array(items) => array(items, scope),
        Expression::Binary(operator, left, right) => {
            let (left, right) = (evaluate(left, scope)?, evaluate(right, scope)?);
            binary(&left, &right, |a, b| operator.apply(a, b))
        }
        Expression::Call(name, arguments) => functions::call(name, arguments, scope),
    }
}

fn array(items: &[Expression], scope: &dyn Scope) -> Result<MathResult, String> {
    let mut list = Vec::new();
    for item in items {
        match evaluate(item, scope)? {
            MathResult::Series(series) => list.push(series),
            MathResult::List(series) => list.extend(series),
            MathResult::Scalar(_) => {
                return Err("an array holds time series, not numbers".to_owned());
            }
        }
    }
    Ok(MathResult::List(list))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every operation of the evaluator has one result type"
)]
fn unary(value: MathResult, operation: impl Fn(f64) -> f64) -> Result<MathResult, String> {
    Ok(match value {
        MathResult::Scalar(number) => MathResult::Scalar(operation(number)),
        MathResult::Series(series) => MathResult::Series(series.map(operation)),
        MathResult::List(list) => {
            MathResult::List(list.iter().map(|series| series.map(&operation)).collect())
        }
    })
}

/// Applies an operation; two series meet only where both have data, as CloudWatch does.
fn binary(
    left: &MathResult,
    right: &MathResult,
    operation: impl Fn(f64, f64) -> f64 + Copy,
) -> Result<MathResult, String> {
    Ok(match (left, right) {
        (MathResult::Scalar(a), MathResult::Scalar(b)) => MathResult::Scalar(operation(*a, *b)),
        (MathResult::Series(series), MathResult::Scalar(b)) => {
            MathResult::Series(series.map(|a| operation(a, *b)))
        }
        (MathResult::Scalar(a), MathResult::Series(series)) => {
            MathResult::Series(series.map(|b| operation(*a, b)))
        }
        (MathResult::Series(a), MathResult::Series(b)) => MathResult::Series(join(a, b, operation)),
        (MathResult::List(list), MathResult::Scalar(b)) => MathResult::List(
            list.iter()
                .map(|series| series.map(|a| operation(a, *b)))
                .collect(),
        ),
        (MathResult::Scalar(a), MathResult::List(list)) => MathResult::List(
            list.iter()
                .map(|series| series.map(|b| operation(*a, b)))
                .collect(),
        ),
        (MathResult::List(list), MathResult::Series(b)) => {
            MathResult::List(list.iter().map(|a| join(a, b, operation)).collect())
        }
        (MathResult::Series(a), MathResult::List(list)) => {
            MathResult::List(list.iter().map(|b| join(a, b, operation)).collect())
        }
        (MathResult::List(_), MathResult::List(_)) => {
            return Err("two arrays cannot be combined".to_owned());
        }
    })
}

fn join(left: &Series, right: &Series, operation: impl Fn(f64, f64) -> f64) -> Series {
    let points = left.points.iter().filter_map(|(at, a)| {
        let value = operation(*a, *right.points.get(at)?);
        value.is_finite().then_some((*at, value))
    });
    Series {
        points: points.collect(),
        period_seconds: left.period_seconds.max(right.period_seconds),
    }
}

#[cfg(test)]
mod tests;
