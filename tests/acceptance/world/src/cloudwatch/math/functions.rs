//! The functions of metric math.

use std::collections::BTreeMap;

use super::{Expression, MathResult, Scope, Series, evaluate, unary};

/// Calls a function by its upper-case name.
///
/// # Errors
/// A sentence naming the function and what is wrong with its arguments.
pub(super) fn call(
    name: &str,
    arguments: &[Expression],
    scope: &dyn Scope,
) -> Result<MathResult, String> {
    match (name, arguments) {
        ("METRICS", []) => Ok(MathResult::List(
            scope
                .metrics()
                .into_iter()
                .map(|(_, series)| series)
                .collect(),
        )),
        ("METRICS", [Expression::Text(part)]) => {
            let matching = scope
                .metrics()
                .into_iter()
                .filter(|(id, _)| id.contains(part.as_str()));
            Ok(MathResult::List(
                matching.map(|(_, series)| series).collect(),
            ))
        }
        ("SEARCH", _) => Ok(MathResult::List(Vec::new())),
        ("ANOMALY_DETECTION_BAND", [value]) => band(value, 2.0, scope),
        ("ANOMALY_DETECTION_BAND", [value, Expression::Number(width)]) => {
            band(value, *width, scope)
        }
        ("FIRST" | "LAST", [list]) => end(name, evaluate(list, scope)?),
        ("FILL", [series, filler]) => fill(&evaluate(series, scope)?, filler, scope),
        ("IF", [condition, then]) => choose(condition, then, None, scope),
        ("IF", [condition, then, otherwise]) => choose(condition, then, Some(otherwise), scope),
        ("TIME_SERIES", [value]) => time_series(&evaluate(value, scope)?, scope),
        (_, [argument]) => one(name, evaluate(argument, scope)?),
        _ => Err(format!(
            "{name} is not a known function for {} arguments",
            arguments.len()
        )),
    }
}

/// Data points that a model is made of, at least.
const LEARNED: usize = 10;

/// The band of values that are expected: its upper edge, then its lower one. Nothing while too little is known.
fn band(value: &Expression, width: f64, scope: &dyn Scope) -> Result<MathResult, String> {
    let MathResult::Series(before) = scope.before(value)? else {
        return Err("ANOMALY_DETECTION_BAND needs a time series".to_owned());
    };
    if before.points.len() < LEARNED {
        return Ok(MathResult::List(Vec::new()));
    }
    let period_seconds = before.period_seconds;
    let values: Vec<f64> = before.points.into_values().collect();
    let (middle, spread) = (mean(&values), width * deviation(&values));
    let edge = |value: f64| Series {
        points: scope
            .grid(period_seconds)
            .into_iter()
            .map(|at| (at, value))
            .collect(),
        period_seconds,
    };
    Ok(MathResult::List(vec![
        edge(middle + spread),
        edge(middle - spread),
    ]))
}

/// One end of an array; a series without values where it is empty.
fn end(name: &str, value: MathResult) -> Result<MathResult, String> {
    let MathResult::List(mut list) = value else {
        return Err(format!("{name} needs an array of time series"));
    };
    let found = match name {
        "FIRST" => list.into_iter().next(),
        _ => list.pop(),
    };
    Ok(MathResult::Series(found.unwrap_or_default()))
}

fn one(name: &str, value: MathResult) -> Result<MathResult, String> {
    match name {
        "ABS" => unary(value, f64::abs),
        "CEIL" => unary(value, f64::ceil),
        "FLOOR" => unary(value, f64::floor),
        "LOG" => unary(value, f64::ln),
        "LOG10" => unary(value, f64::log10),
        "SUM" => reduce(value, |values| values.iter().sum()),
        "AVG" => reduce(value, mean),
        "MIN" => reduce(value, |values| {
            values.iter().copied().fold(f64::INFINITY, f64::min)
        }),
        "MAX" => reduce(value, |values| {
            values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        }),
        "STDDEV" => reduce(value, deviation),
        "PERIOD" => each(value, &|series| {
            let seconds = period(series);
            series.map(|_| seconds)
        }),
        "DIFF" => each(value, &|series| changes(series, |_, change| change)),
        "RATE" => each(value, &|series| {
            changes(series, |seconds, change| change / seconds)
        }),
        "RUNNING_SUM" => each(value, &running_sum),
        _ => Err(format!("{name} is not a known function for 1 argument")),
    }
}

/// A series becomes one number; a list becomes one series, moment by moment.
fn reduce(value: MathResult, operation: impl Fn(&[f64]) -> f64) -> Result<MathResult, String> {
    match value {
        MathResult::Scalar(number) => Ok(MathResult::Scalar(number)),
        MathResult::Series(series) => {
            let values: Vec<f64> = series.points.into_values().collect();
            Ok(MathResult::Scalar(if values.is_empty() {
                0.0
            } else {
                operation(&values)
            }))
        }
        MathResult::List(list) => {
            let period_seconds = list
                .iter()
                .map(|series| series.period_seconds)
                .max()
                .unwrap_or_default();
            let mut moments: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
            for series in list {
                for (at, value) in series.points {
                    moments.entry(at).or_default().push(value);
                }
            }
            let points = moments
                .into_iter()
                .map(|(at, values)| (at, operation(&values)))
                .collect();
            Ok(MathResult::Series(Series {
                points,
                period_seconds,
            }))
        }
    }
}

fn each(value: MathResult, operation: &dyn Fn(&Series) -> Series) -> Result<MathResult, String> {
    match value {
        MathResult::Scalar(_) => Err("this function needs a time series".to_owned()),
        MathResult::Series(series) => Ok(MathResult::Series(operation(&series))),
        MathResult::List(list) => Ok(MathResult::List(list.iter().map(operation).collect())),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of data points are far below 2^52"
)]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    let middle = mean(values);
    let squares: Vec<f64> = values
        .iter()
        .map(|value| (value - middle).powi(2))
        .collect();
    mean(&squares).sqrt()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "periods are at most a day of seconds"
)]
fn period(series: &Series) -> f64 {
    series.period_seconds as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "distances between data points are far below 2^52 ms"
)]
fn changes(series: &Series, operation: impl Fn(f64, f64) -> f64) -> Series {
    let pairs = series.points.iter().zip(series.points.iter().skip(1));
    let points = pairs.map(|((from, before), (at, after))| {
        (*at, operation((at - from) as f64 / 1000.0, after - before))
    });
    Series {
        points: points.collect(),
        period_seconds: series.period_seconds,
    }
}

fn running_sum(series: &Series) -> Series {
    let mut total = 0.0;
    let points = series.points.iter().map(|(at, value)| {
        total += value;
        (*at, total)
    });
    Series {
        points: points.collect(),
        period_seconds: series.period_seconds,
    }
}

fn fill(value: &MathResult, filler: &Expression, scope: &dyn Scope) -> Result<MathResult, String> {
    if let MathResult::List(list) = value {
        let mut filled = Vec::new();
        for series in list {
            match fill(&MathResult::Series(series.clone()), filler, scope)? {
                MathResult::Series(series) => filled.push(series),
                MathResult::Scalar(_) | MathResult::List(_) => {}
            }
        }
        return Ok(MathResult::List(filled));
    }
    let MathResult::Series(series) = value else {
        return Err("FILL needs a time series".to_owned());
    };
    let mut points = BTreeMap::new();
    let mut previous = None;
    for at in scope.grid(series.period_seconds) {
        let known = series.points.get(&at).copied();
        let value = match (known, filler) {
            (Some(value), _) => Some(value),
            (None, Expression::Id(word)) if word == "REPEAT" => previous,
            (None, Expression::Id(word)) if word == "LINEAR" => between(series, at),
            (None, filler) => match evaluate(filler, scope)? {
                MathResult::Scalar(number) => Some(number),
                MathResult::Series(other) => other.points.get(&at).copied(),
                MathResult::List(_) => return Err("FILL cannot fill from an array".to_owned()),
            },
        };
        if let Some(value) = value {
            points.insert(at, value);
            previous = Some(value);
        }
    }
    Ok(MathResult::Series(Series {
        points,
        period_seconds: series.period_seconds,
    }))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "distances between data points are far below 2^52 ms"
)]
fn between(series: &Series, at: i64) -> Option<f64> {
    let (left, low) = series.points.range(..at).next_back()?;
    let (right, high) = series.points.range(at..).next()?;
    let share = (at - left) as f64 / (right - left) as f64;
    Some(low + (high - low) * share)
}

fn choose(
    condition: &Expression,
    then: &Expression,
    otherwise: Option<&Expression>,
    scope: &dyn Scope,
) -> Result<MathResult, String> {
    let condition = evaluate(condition, scope)?;
    let then = evaluate(then, scope)?;
    let otherwise = otherwise
        .map(|branch| evaluate(branch, scope))
        .transpose()?;
    match condition {
        MathResult::Scalar(number) if number != 0.0 => Ok(then),
        MathResult::Scalar(_) => Ok(otherwise.unwrap_or(MathResult::Series(Series::default()))),
        MathResult::Series(truth) => {
            let points = truth.points.iter().filter_map(|(at, holds)| {
                let branch = if *holds == 0.0 {
                    otherwise.as_ref()?
                } else {
                    &then
                };
                Some((*at, sample(branch, *at)?))
            });
            Ok(MathResult::Series(Series {
                points: points.collect(),
                period_seconds: truth.period_seconds,
            }))
        }
        MathResult::List(_) => Err("IF cannot test an array".to_owned()),
    }
}

fn sample(value: &MathResult, at: i64) -> Option<f64> {
    match value {
        MathResult::Scalar(number) => Some(*number),
        MathResult::Series(series) => series.points.get(&at).copied(),
        MathResult::List(_) => None,
    }
}

fn time_series(value: &MathResult, scope: &dyn Scope) -> Result<MathResult, String> {
    match value {
        MathResult::Scalar(number) => {
            let period_seconds = scope.period_seconds();
            let points = scope
                .grid(period_seconds)
                .into_iter()
                .map(|at| (at, *number))
                .collect();
            Ok(MathResult::Series(Series {
                points,
                period_seconds,
            }))
        }
        MathResult::Series(_) | MathResult::List(_) => Err("TIME_SERIES needs a number".to_owned()),
    }
}
