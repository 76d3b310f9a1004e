//! CloudWatch: metrics, alarms that are really evaluated, dashboards.
//!
//! Alarms start in `INSUFFICIENT_DATA` and are evaluated every minute (every ten seconds for periods under a minute) of
//! the world's time. Load balancers and services publish what they see; a metric that a caller puts is the caller's
//! from then on, in AWS's own namespaces too.
//! Metric streams, anomaly detectors and insight rules can be listed (none exist); making one is refused.

mod alarm;
mod composite;
mod dashboard;
pub(crate) mod errors;
mod evaluation;
pub(crate) mod fields;
mod history;
mod math;
mod metrics;
pub(crate) mod paging;
mod put_alarm;
mod query;
mod statistic;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::state::State as World;
use crate::{ApiError, Timestamp};

use alarm::Alarm;
pub(crate) use alarm::AlarmState;
use dashboard::Dashboard;
use fields::Fields;
use history::Entry;
use metrics::{Metric, Store};

/// What CloudWatch holds in one region.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    metrics: Store,
    alarms: BTreeMap<String, Alarm>,
    dashboards: BTreeMap<String, Dashboard>,
    history: Vec<Entry>,
}

/// Answers one call.
///
/// # Errors
/// The error CloudWatch gives; `InvalidAction` for an operation it does not know.
pub(crate) fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    let now = world.now.millis();
    let fields = Fields(&input);
    match operation {
        "PutMetricData" => metrics::put(&mut world.cloudwatch.metrics, now, fields),
        "ListMetrics" => metrics::list(&world.cloudwatch.metrics, fields),
        "GetMetricData" => query::data(&world.cloudwatch.metrics, fields),
        "GetMetricStatistics" => query::statistics(&world.cloudwatch.metrics, fields),
        "PutMetricAlarm" => put_alarm::metric(world, fields),
        "PutCompositeAlarm" => put_alarm::composite(world, fields),
        "DescribeAlarms" => alarm::describe(&world.cloudwatch, fields),
        "DescribeAlarmsForMetric" => alarm::describe_for_metric(&world.cloudwatch, fields),
        "DeleteAlarms" => alarm::delete(world, fields),
        "EnableAlarmActions" => Ok(alarm::enable_actions(world, fields, true)),
        "DisableAlarmActions" => Ok(alarm::enable_actions(world, fields, false)),
        "SetAlarmState" => alarm::set_state(world, fields),
        "DescribeAlarmHistory" => history::describe(&world.cloudwatch, fields),
        "PutDashboard" => dashboard::put(world, fields),
        "GetDashboard" => dashboard::read(world, fields),
        "ListDashboards" => dashboard::list(world, fields),
        "DeleteDashboards" => dashboard::delete(world, fields),
        "ListTagsForResource" => tags::list(world, fields),
        "TagResource" => tags::add(world, fields),
        "UntagResource" => tags::remove(world, fields),
        "DescribeAnomalyDetectors" => Ok(json!({"AnomalyDetectors": []})),
        "DescribeInsightRules" => Ok(json!({"InsightRules": []})),
        "ListMetricStreams" => Ok(json!({"Entries": []})),
        "ListManagedInsightRules" => Ok(json!({"ManagedRules": []})),
        "GetMetricStream" => Err(errors::no_resource("MetricStream does not exist")),
        "DeleteMetricStream" => Ok(json!({})),
        "DeleteAnomalyDetector" => Err(errors::no_resource("AnomalyDetector does not exist")),
        _ => Err(ApiError::new(
            "InvalidAction",
            format!("The action {operation} is not valid for this web service."),
        )),
    }
}

/// Evaluates every alarm that is due.
pub(crate) fn tick(world: &mut World) {
    evaluation::run_due(world);
}

/// When the next alarm is due.
pub(crate) fn next_event(world: &World) -> Option<Timestamp> {
    world
        .cloudwatch
        .alarms
        .values()
        .filter_map(Alarm::due)
        .min()
        .map(Timestamp::from_millis)
}

/// Adds one measurement to a metric, in the minute of `at`: how the other services of this world publish what they see.
pub(crate) fn measure(
    world: &mut World,
    at: Timestamp,
    (namespace, name, unit): (&str, &str, &str),
    dimensions: &[(&str, &str)],
    value: f64,
) {
    let dimensions = dimensions
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let metric = Metric::new(namespace, name, dimensions);
    world
        .cloudwatch
        .metrics
        .measure(metric, at.millis(), unit, value);
}

/// The threshold of a metric alarm.
pub(crate) fn alarm_threshold(world: &World, name: &str) -> Option<f64> {
    match &world.cloudwatch.alarms.get(name)?.condition {
        alarm::Condition::Metric(condition) => Some(condition.threshold),
        alarm::Condition::Composite(_) => None,
    }
}

/// Deletes an alarm on behalf of the service that made it.
pub(crate) fn delete_alarm(world: &mut World, name: &str) {
    alarm::remove(world, name);
}

/// A moment as ISO 8601 text, for the JSON inside state reasons.
fn seconds_text(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis)
        .map(|moment| moment.to_string())
        .unwrap_or_default()
}

/// The state of the alarm with that name, metric or composite; `None` when there is none.
pub(crate) fn alarm_state(world: &World, name: &str) -> Option<AlarmState> {
    world.cloudwatch.alarms.get(name).map(Alarm::state)
}

/// Name and ARN of every alarm that calls `action` when it is in ALARM.
pub(crate) fn alarms_calling(world: &World, action: &str) -> Vec<(String, String)> {
    let calls = |alarm: &&Alarm| {
        alarm
            .actions(AlarmState::Alarm)
            .iter()
            .any(|arn| arn == action)
    };
    let calling = world.cloudwatch.alarms.values().filter(calls);
    calling
        .map(|alarm| (alarm.name.clone(), alarm.arn.clone()))
        .collect()
}
