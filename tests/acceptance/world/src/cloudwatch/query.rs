//! `GetMetricData` and `GetMetricStatistics`, and the evaluation of queries that alarms share with them.

use std::cell::RefCell;

use serde_json::{Map, Value, json};

use super::alarm::{Query, QueryKind, seconds};
use super::errors;
use super::fields::Fields;
use super::math::{self, MathResult, Scope, Series};
use super::metrics::{Metric, Store, Window};
use super::statistic::Statistic;
use crate::ApiError;

/// Milliseconds.
const MINUTE: i64 = 60_000;
/// What an anomaly band is learned from: two weeks.
const LEARNING: i64 = 14 * 24 * 60 * MINUTE;
/// The period an expression has when no metric says otherwise, in seconds.
const DEFAULT_PERIOD: i64 = 60;
/// Periods a query may ask for, in seconds: up to thirty days.
const PERIODS: std::ops::RangeInclusive<i64> = 1..=2_592_000;
/// The data points CloudWatch answers at most; a longer grid is cut.
const MOST_POINTS: i64 = 100_800;

/// Queries over one span of time.
pub(crate) struct Request<'a> {
    pub(crate) store: &'a Store,
    pub(crate) queries: &'a [Query],
    /// First moment, epoch milliseconds.
    pub(crate) start: i64,
    /// First moment after the span, epoch milliseconds.
    pub(crate) end: i64,
    /// A moment periods are counted from, epoch milliseconds.
    pub(crate) origin: i64,
}

impl Request<'_> {
    /// Evaluates one query.
    ///
    /// # Errors
    /// A sentence when its expression cannot be evaluated.
    pub(crate) fn run(&self, query: &Query) -> Result<MathResult, String> {
        RequestScope {
            request: self,
            asked: RefCell::new(Vec::new()),
        }
        .resolve(query)
    }

    fn series(
        &self,
        metric: &Metric,
        statistic: Statistic,
        unit: Option<&str>,
        period_seconds: i64,
    ) -> Series {
        let window = Window {
            start: self.start,
            end: self.end,
            origin: self.origin,
            period_seconds,
            statistic,
            unit,
        };
        self.store.aggregate(metric, &window)
    }

    /// The period of the coarsest metric.
    fn coarsest(&self) -> i64 {
        let periods = self.queries.iter().filter_map(|query| match &query.kind {
            QueryKind::Metric { period_seconds, .. } => Some(*period_seconds),
            QueryKind::Expression { period_seconds, .. } => *period_seconds,
        });
        periods.max().unwrap_or(DEFAULT_PERIOD)
    }
}

struct RequestScope<'a> {
    request: &'a Request<'a>,
    /// The ids being evaluated, so that a circle is an error and not an endless walk.
    asked: RefCell<Vec<String>>,
}

impl RequestScope<'_> {
    fn resolve(&self, query: &Query) -> Result<MathResult, String> {
        match &query.kind {
            QueryKind::Metric {
                metric,
                statistic,
                unit,
                period_seconds,
            } => {
                let series =
                    self.request
                        .series(metric, *statistic, unit.as_deref(), *period_seconds);
                Ok(MathResult::Series(series))
            }
            QueryKind::Expression { expression, .. } => {
                if self.asked.borrow().contains(&query.id) {
                    return Err(format!("the expressions form a circle at '{}'", query.id));
                }
                self.asked.borrow_mut().push(query.id.clone());
                let outcome = math::evaluate(expression, self);
                self.asked.borrow_mut().pop();
                outcome
            }
        }
    }
}

impl Scope for RequestScope<'_> {
    fn query(&self, id: &str) -> Result<MathResult, String> {
        let query = self.request.queries.iter().find(|query| query.id == id);
        self.resolve(query.ok_or_else(|| format!("unknown metric id '{id}'"))?)
    }

    fn metrics(&self) -> Vec<(String, Series)> {
        let series = |query: &Query| match &query.kind {
            QueryKind::Metric {
                metric,
                statistic,
                unit,
                period_seconds,
            } => {
                let series =
                    self.request
                        .series(metric, *statistic, unit.as_deref(), *period_seconds);
                Some((query.id.clone(), series))
            }
            QueryKind::Expression { .. } => None,
        };
        self.request.queries.iter().filter_map(series).collect()
    }

    fn grid(&self, period_seconds: i64) -> Vec<i64> {
        let Request {
            start, end, origin, ..
        } = self.request;
        let length = (period_seconds * 1000).max(1000);
        let first = (start - origin).div_euclid(length) * length + origin;
        let first = if first < *start {
            first + length
        } else {
            first
        };
        let count = (end - first + length - 1).div_euclid(length);
        (0..count.clamp(0, MOST_POINTS))
            .map(|step| first + step * length)
            .collect()
    }

    fn before(&self, expression: &math::Expression) -> Result<MathResult, String> {
        let request = Request {
            start: self.request.start - LEARNING,
            end: self.request.start,
            ..*self.request
        };
        let scope = RequestScope {
            request: &request,
            asked: RefCell::new(self.asked.borrow().clone()),
        };
        math::evaluate(expression, &scope)
    }

    fn period_seconds(&self) -> i64 {
        self.request.coarsest()
    }
}

/// Reads a list of metric queries.
///
/// # Errors
/// `ValidationError` for ids, shapes, statistics or expressions CloudWatch refuses.
pub(crate) fn read(input: Fields<'_>, member: &str) -> Result<Vec<Query>, ApiError> {
    let mut queries: Vec<Query> = Vec::new();
    for item in input.structures(member) {
        let id = item
            .filled("Id")
            .ok_or_else(|| errors::missing(&format!("{member}.member.1.Id")))?;
        let starts_small = id
            .chars()
            .next()
            .is_some_and(|first| first.is_ascii_lowercase());
        if !starts_small || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(errors::validation(format!(
                "The value '{id}' for parameter {member}.member.1.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
            )));
        }
        if queries.iter().any(|query| query.id == id) {
            return Err(errors::validation(format!(
                "The values for parameter id in {member} are not unique: {id}"
            )));
        }
        queries.push(Query {
            id: id.to_owned(),
            label: item.filled("Label").map(str::to_owned),
            returns: item.boolean("ReturnData").unwrap_or(true),
            kind: kind(item)?,
        });
    }
    if queries.is_empty() {
        return Err(errors::missing(member));
    }
    Ok(queries)
}

fn kind(item: Fields<'_>) -> Result<QueryKind, ApiError> {
    match (item.structure("MetricStat"), item.filled("Expression")) {
        (Some(stat), None) => {
            let metric = stat
                .structure("Metric")
                .ok_or_else(|| errors::missing("MetricStat.Metric"))?;
            let word = stat
                .filled("Stat")
                .ok_or_else(|| errors::missing("MetricStat.Stat"))?;
            Ok(QueryKind::Metric {
                metric: Metric::read(metric),
                statistic: Statistic::parse(word).ok_or_else(|| {
                    errors::validation(format!(
                        "The value {word} for parameter MetricStat.Stat is not supported."
                    ))
                })?,
                unit: stat.filled("Unit").map(str::to_owned),
                period_seconds: stat
                    .integer("Period")
                    .filter(|period| PERIODS.contains(period))
                    .ok_or_else(|| errors::missing("MetricStat.Period"))?,
            })
        }
        (None, Some(text)) => Ok(QueryKind::Expression {
            expression: math::parse(text).map_err(|reason| {
                errors::validation(format!(
                    "Error in expression '{}': {reason}",
                    item.text("Id").unwrap_or_default()
                ))
            })?,
            text: text.to_owned(),
            period_seconds: item
                .integer("Period")
                .filter(|period| PERIODS.contains(period)),
        }),
        (Some(_), Some(_)) | (None, None) => Err(errors::validation(
            "Exactly one of MetricStat and Expression must be specified in a metric query.",
        )),
    }
}

/// The wire form of queries, as `DescribeAlarms` shows them.
pub(crate) fn json(queries: &[Query]) -> Value {
    queries.iter().map(one_json).collect()
}

fn one_json(query: &Query) -> Value {
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    set("Id", json!(query.id));
    if let Some(label) = &query.label {
        set("Label", json!(label));
    }
    set("ReturnData", json!(query.returns));
    match &query.kind {
        QueryKind::Metric {
            metric,
            statistic,
            unit,
            period_seconds,
        } => {
            let mut stat = json!({"Metric": metric.json(), "Period": period_seconds, "Stat": statistic.word()});
            if let (Some(stat), Some(unit)) = (stat.as_object_mut(), unit) {
                stat.insert("Unit".to_owned(), json!(unit));
            }
            set("MetricStat", stat);
        }
        QueryKind::Expression {
            text,
            period_seconds,
            ..
        } => {
            set("Expression", json!(text));
            if let Some(period) = period_seconds {
                set("Period", json!(period));
            }
        }
    }
    Value::Object(shown)
}

/// `GetMetricData`, at most `MaxDatapoints` values a page. The span begins at a whole minute, as it does on AWS.
pub(super) fn data(store: &Store, input: Fields<'_>) -> Result<Value, ApiError> {
    let queries = read(input, "MetricDataQueries")?;
    if queries.len() > 500 {
        return Err(errors::validation(
            "The collection MetricDataQueries must not have a size greater than 500.",
        ));
    }
    let (start, end) = span(input)?;
    let start = start.div_euclid(MINUTE) * MINUTE;
    let ascending = input.filled("ScanBy") == Some("TimestampAscending");
    let request = Request {
        store,
        queries: &queries,
        start,
        end,
        origin: 0,
    };
    let mut results = Vec::new();
    for query in queries.iter().filter(|query| query.returns) {
        let outcome = request.run(query).map_err(|reason| {
            errors::validation(format!("Error in expression '{}': {reason}", query.id))
        })?;
        let list = match outcome {
            MathResult::Series(series) => vec![series],
            MathResult::List(list) => list,
            MathResult::Scalar(_) => {
                return Err(errors::validation(format!(
                    "Error in expression '{}': the result is a number, and a time series is needed (TIME_SERIES turns one into the other)",
                    query.id
                )));
            }
        };
        results.extend(list.iter().map(|series| result(query, series, ascending)));
    }
    let size = input
        .integer("MaxDatapoints")
        .unwrap_or(MOST_POINTS)
        .clamp(1, MOST_POINTS);
    let offset = match input.filled("NextToken") {
        None => 0,
        Some(token) => token
            .parse()
            .ok()
            .filter(|offset| *offset > 0)
            .ok_or_else(errors::invalid_token)?,
    };
    let (results, next) = page(results, offset, usize::try_from(size).unwrap_or(usize::MAX));
    let mut answer = json!({"MetricDataResults": results, "Messages": []});
    super::paging::set_next(&mut answer, "NextToken", next.map(|next| next.to_string()));
    Ok(answer)
}

/// The results that hold the values `offset..offset + size` of all; where the next page begins. A result without values
/// is on the first page.
fn page(results: Vec<Value>, offset: usize, size: usize) -> (Vec<Value>, Option<usize>) {
    let last = offset.saturating_add(size);
    let mut shown = Vec::new();
    let mut before: usize = 0;
    for mut result in results {
        let count = result
            .get("Values")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let (from, to) = (
            offset.saturating_sub(before).min(count),
            last.saturating_sub(before).min(count),
        );
        before = before.saturating_add(count);
        if from == to && !(count == 0 && offset == 0) {
            continue;
        }
        for member in ["Timestamps", "Values"] {
            if let Some(list) = result.get_mut(member).and_then(Value::as_array_mut) {
                *list = list.drain(from..to).collect();
            }
        }
        if let (true, Some(members)) = (to < count, result.as_object_mut()) {
            members.insert("StatusCode".to_owned(), json!("PartialData"));
        }
        shown.push(result);
    }
    (shown, (last < before).then_some(last))
}

fn result(query: &Query, series: &Series, ascending: bool) -> Value {
    let label = query.label.clone().unwrap_or_else(|| match &query.kind {
        QueryKind::Metric { metric, .. } => metric.name.clone(),
        QueryKind::Expression { .. } => query.id.clone(),
    });
    let mut points: Vec<(i64, f64)> = series
        .points
        .iter()
        .map(|(at, value)| (*at, *value))
        .collect();
    if !ascending {
        points.reverse();
    }
    json!({
        "Id": query.id,
        "Label": label,
        "Timestamps": points.iter().map(|(at, _)| seconds(*at)).collect::<Vec<_>>(),
        "Values": points.iter().map(|(_, value)| *value).collect::<Vec<_>>(),
        "StatusCode": "Complete",
    })
}

fn span(input: Fields<'_>) -> Result<(i64, i64), ApiError> {
    let start = input
        .moment("StartTime")
        .ok_or_else(|| errors::missing("StartTime"))?;
    let end = input
        .moment("EndTime")
        .ok_or_else(|| errors::missing("EndTime"))?;
    if start >= end {
        return Err(errors::validation(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    Ok((start, end))
}

/// `GetMetricStatistics`.
pub(super) fn statistics(store: &Store, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = input
        .filled("MetricName")
        .ok_or_else(|| errors::missing("MetricName"))?;
    input
        .filled("Namespace")
        .ok_or_else(|| errors::missing("Namespace"))?;
    let (start, end) = span(input)?;
    let period_seconds = input
        .integer("Period")
        .filter(|period| PERIODS.contains(period))
        .ok_or_else(|| errors::missing("Period"))?;
    let (simple, extended) = (input.texts("Statistics"), input.texts("ExtendedStatistics"));
    if simple.is_empty() && extended.is_empty() {
        return Err(errors::combination(
            "At least one of Statistics and ExtendedStatistics must be specified.",
        ));
    }
    let metric = Metric::read(input);
    let unit = input.filled("Unit");
    let mut points: std::collections::BTreeMap<i64, Map<String, Value>> =
        std::collections::BTreeMap::new();
    for word in simple.iter().chain(&extended) {
        let statistic = Statistic::parse(word).ok_or_else(|| {
            errors::invalid(format!("The value {word} is not a valid statistic."))
        })?;
        let window = Window {
            start,
            end,
            origin: 0,
            period_seconds,
            statistic,
            unit,
        };
        for (at, value) in store.aggregate(&metric, &window).points {
            let point = points.entry(at).or_default();
            if statistic.is_extended() {
                let extended = point
                    .entry("ExtendedStatistics")
                    .or_insert_with(|| json!({}));
                if let Some(extended) = extended.as_object_mut() {
                    extended.insert(word.clone(), json!(value));
                }
            } else {
                point.insert(word.clone(), json!(value));
            }
        }
    }
    let unit = unit.unwrap_or_else(|| store.unit(&metric));
    let points = points.into_iter().map(|(at, mut point)| {
        point.insert("Timestamp".to_owned(), seconds(at));
        point.insert("Unit".to_owned(), json!(unit));
        Value::Object(point)
    });
    Ok(json!({"Label": name, "Datapoints": points.collect::<Vec<_>>()}))
}
