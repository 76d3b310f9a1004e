//! The metric store: what was put, by metric and moment.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::errors;
use super::fields::Fields;
use super::math::Series;
use super::statistic::{Observation, Statistic};
use crate::ApiError;

/// What a measurement is rounded to in time: services publish once a minute.
const MINUTE: i64 = 60_000;

/// How long data points are kept, in milliseconds: two weeks is beyond every alarm and query of a test.
const KEPT: i64 = 15 * 24 * 3_600_000;
/// How long measurements are kept, in milliseconds: they come by themselves, a day of them is enough.
const KEPT_MEASUREMENTS: i64 = 24 * 3_600_000;

/// A metric: namespace, name and dimensions (sorted by name, as CloudWatch compares them without order).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Metric {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: Vec<(String, String)>,
}

impl Metric {
    /// A metric from its parts.
    pub(crate) fn new(namespace: &str, name: &str, mut dimensions: Vec<(String, String)>) -> Self {
        dimensions.sort();
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions,
        }
    }

    /// Reads `Namespace`, `MetricName` and `Dimensions`.
    pub(crate) fn read(fields: Fields<'_>) -> Self {
        let dimensions = dimensions(fields);
        let text = |name| fields.text(name).unwrap_or_default();
        Self::new(text("Namespace"), text("MetricName"), dimensions)
    }

    /// The wire form.
    pub(crate) fn json(&self) -> Value {
        json!({
            "Namespace": self.namespace,
            "MetricName": self.name,
            "Dimensions": dimensions_json(&self.dimensions),
        })
    }
}

/// The `Dimensions` of a structure as pairs.
pub(crate) fn dimensions(fields: Fields<'_>) -> Vec<(String, String)> {
    let pair = |item: Fields<'_>| {
        Some((
            item.text("Name")?.to_owned(),
            item.text("Value")?.to_owned(),
        ))
    };
    fields.structures("Dimensions").filter_map(pair).collect()
}

/// The wire form of dimensions.
pub(crate) fn dimensions_json(dimensions: &[(String, String)]) -> Value {
    dimensions
        .iter()
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect()
}

#[derive(Debug, Clone)]
struct Datum {
    at: i64,
    unit: String,
    observation: Observation,
}

/// Every data point, by metric.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    series: BTreeMap<Metric, Vec<Datum>>,
    /// Metrics of AWS's own that a caller puts: what the caller says stands for what would be measured.
    claimed: BTreeSet<Metric>,
}

/// A window of one metric: what to aggregate and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window<'a> {
    /// First moment, epoch milliseconds.
    pub(crate) start: i64,
    /// First moment after the window, epoch milliseconds.
    pub(crate) end: i64,
    /// A moment periods are counted from, epoch milliseconds.
    pub(crate) origin: i64,
    pub(crate) period_seconds: i64,
    pub(crate) statistic: Statistic,
    /// Only data of this unit; all when `None`.
    pub(crate) unit: Option<&'a str>,
}

impl Store {
    /// Records one observation at a moment (epoch milliseconds).
    pub(crate) fn record(&mut self, metric: Metric, at: i64, unit: &str, observation: Observation) {
        self.keep(metric, at, unit, observation, KEPT);
    }

    fn keep(&mut self, metric: Metric, at: i64, unit: &str, observation: Observation, kept: i64) {
        let data = self.series.entry(metric).or_default();
        let outdated = data.partition_point(|datum| datum.at <= at - kept);
        data.drain(..outdated);
        let place = data.partition_point(|datum| datum.at <= at);
        data.insert(
            place,
            Datum {
                at,
                unit: unit.to_owned(),
                observation,
            },
        );
    }

    /// Adds one measurement to the minute that `at` (epoch milliseconds) lies in, unless a caller plays this metric.
    pub(crate) fn measure(&mut self, metric: Metric, at: i64, unit: &str, value: f64) {
        if self.claimed.contains(&metric) {
            return;
        }
        let minute = at.div_euclid(MINUTE) * MINUTE;
        let newest = self
            .series
            .get_mut(&metric)
            .and_then(|data| data.last_mut());
        match newest {
            Some(newest) if newest.at == minute => newest.observation.add(value),
            Some(_) | None => {
                let first = Observation::single(value);
                self.keep(metric, minute, unit, first, KEPT_MEASUREMENTS);
            }
        }
    }

    /// From now on a caller plays this metric; what was measured is forgotten.
    fn claim(&mut self, metric: &Metric) {
        if metric.namespace.starts_with("AWS/") && self.claimed.insert(metric.clone()) {
            self.series.remove(metric);
        }
    }

    /// One value per period that has data, keyed by the period's start.
    pub(crate) fn aggregate(&self, metric: &Metric, window: &Window<'_>) -> Series {
        let length = (window.period_seconds * 1000).max(1000);
        let mut periods: BTreeMap<i64, Vec<&Observation>> = BTreeMap::new();
        let data = self.series.get(metric).map_or(&[][..], Vec::as_slice);
        let first = data.partition_point(|datum| datum.at < window.start);
        let recent = data
            .iter()
            .skip(first)
            .take_while(|datum| datum.at < window.end);
        for datum in recent.filter(|datum| window.unit.is_none_or(|unit| unit == datum.unit)) {
            let start = (datum.at - window.origin).div_euclid(length) * length + window.origin;
            periods.entry(start).or_default().push(&datum.observation);
        }
        let points = periods
            .into_iter()
            .filter_map(|(at, seen)| Some((at, window.statistic.over(&seen)?)));
        Series {
            points: points.collect(),
            period_seconds: window.period_seconds,
        }
    }

    /// The unit of the newest data point; `None` (the unit of that name) without data.
    pub(crate) fn unit(&self, metric: &Metric) -> &str {
        self.series
            .get(metric)
            .and_then(|data| data.last())
            .map_or("None", |datum| &datum.unit)
    }
}

/// `PutMetricData`. Namespaces that begin with `AWS/` are accepted: what a caller puts there replaces what this world
/// measures itself.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue`, `InvalidParameterCombination` as CloudWatch words them.
pub(super) fn put(store: &mut Store, now: i64, input: Fields<'_>) -> Result<Value, ApiError> {
    let namespace = input
        .filled("Namespace")
        .ok_or_else(|| errors::missing("Namespace"))?;
    if input.list("MetricData").len() > MOST_DATA {
        return Err(errors::invalid(format!(
            "The collection MetricData must not have a size greater than {MOST_DATA}."
        )));
    }
    let mut accepted = Vec::new();
    for datum in input.structures("MetricData") {
        let name = datum
            .filled("MetricName")
            .ok_or_else(|| errors::missing("MetricData.member.1.MetricName"))?;
        let metric = Metric::new(namespace, name, dimensions(datum));
        let at = datum.moment("Timestamp").unwrap_or(now);
        accepted.push((
            metric,
            at,
            datum.filled("Unit").unwrap_or("None"),
            observation(datum)?,
        ));
    }
    for (metric, at, unit, observation) in accepted {
        store.claim(&metric);
        store.record(metric, at, unit, observation);
    }
    Ok(json!({}))
}

/// Most data in one call.
const MOST_DATA: usize = 1_000;

/// Most values in one datum.
const MOST_VALUES: usize = 150;

fn observation(datum: Fields<'_>) -> Result<Observation, ApiError> {
    let given: Vec<&str> = ["Value", "Values", "StatisticValues"]
        .into_iter()
        .filter(|name| datum.has(name))
        .collect();
    if let [one, other, ..] = given.as_slice() {
        return Err(errors::combination(format!(
            "The parameters MetricData.member.1.{one} and MetricData.member.1.{other} are mutually exclusive and you have specified both."
        )));
    }
    if datum.list("Values").len() > MOST_VALUES {
        return Err(errors::invalid(format!(
            "The collection MetricData.member.1.Values must not have a size greater than {MOST_VALUES}."
        )));
    }
    if let Some(set) = datum.structure("StatisticValues") {
        let part = |name: &str| set.float(name).ok_or_else(|| errors::missing(name));
        return Ok(Observation {
            sum: part("Sum")?,
            minimum: part("Minimum")?,
            maximum: part("Maximum")?,
            count: part("SampleCount")?,
            values: Vec::new(),
        });
    }
    if let Some(value) = datum.float("Value") {
        return Ok(Observation::single(value));
    }
    let numbers = |name: &str| -> Vec<f64> {
        let texts = datum.list(name).iter();
        texts
            .filter_map(|value| value.as_f64().or_else(|| value.as_str()?.parse().ok()))
            .collect()
    };
    let (values, counts) = (numbers("Values"), numbers("Counts"));
    let counts = if counts.is_empty() {
        vec![1.0; values.len()]
    } else {
        counts
    };
    if counts.len() != values.len() {
        return Err(errors::combination(
            "The parameters MetricData.member.1.Values and Counts must be of the same size.",
        ));
    }
    Observation::weighted(values.into_iter().zip(counts).collect()).ok_or_else(|| {
        errors::combination(
            "At least one of the parameters Value, Values or StatisticValues must be specified.",
        )
    })
}

/// `ListMetrics`, 500 a page.
pub(super) fn list(store: &Store, input: Fields<'_>) -> Result<Value, ApiError> {
    let wanted: Vec<(Option<&str>, Option<&str>)> = input
        .structures("Dimensions")
        .map(|item| (item.text("Name"), item.text("Value")))
        .collect();
    let fits = |metric: &&Metric| {
        input
            .filled("Namespace")
            .is_none_or(|namespace| namespace == metric.namespace)
            && input
                .filled("MetricName")
                .is_none_or(|name| name == metric.name)
            && wanted.iter().all(|(name, value)| {
                metric.dimensions.iter().any(|(have, is)| {
                    name.is_none_or(|name| name == have) && value.is_none_or(|value| value == is)
                })
            })
    };
    let all: Vec<Value> = store.series.keys().filter(fits).map(Metric::json).collect();
    let (page, next) = super::paging::page(all, input.filled("NextToken"), 500)
        .map_err(|_| errors::undeclared_token())?;
    let mut answer = json!({"Metrics": page, "OwningAccounts": []});
    super::paging::set_next(&mut answer, "NextToken", next);
    Ok(answer)
}
