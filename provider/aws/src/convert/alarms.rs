//! CloudWatch alarms.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types as sdk;
use switchyard_engine::ports::{AlarmDefinition, AlarmState, Comparison, CustomMetric};

use super::metrics::to_dimensions;
use super::{count, to_count};

/// Name and state of every alarm in the answer, metric and composite ones alike.
pub(crate) fn states(
    answer: &DescribeAlarmsOutput,
) -> impl Iterator<Item = (String, AlarmState)> + '_ {
    let metric = answer
        .metric_alarms()
        .iter()
        .map(|alarm| (alarm.alarm_name(), alarm.state_value()));
    let composite = answer
        .composite_alarms()
        .iter()
        .map(|alarm| (alarm.alarm_name(), alarm.state_value()));
    metric
        .chain(composite)
        .filter_map(|(name, value)| Some((name?.to_owned(), AlarmState::parse(value?.as_str()))))
}

/// `None` for an alarm that cannot be expressed: metric math, or a comparison with a band.
pub(crate) fn definition(alarm: &sdk::MetricAlarm) -> Option<AlarmDefinition> {
    let plain = alarm.statistic().map(sdk::Statistic::as_str);
    Some(AlarmDefinition {
        name: alarm.alarm_name()?.to_owned(),
        description: alarm.alarm_description().unwrap_or_default().to_owned(),
        metric: CustomMetric {
            namespace: alarm.namespace()?.to_owned(),
            name: alarm.metric_name()?.to_owned(),
            dimensions: alarm
                .dimensions()
                .iter()
                .filter_map(|each| Some((each.name()?.to_owned(), each.value()?.to_owned())))
                .collect(),
            statistic: plain.or(alarm.extended_statistic())?.to_owned(),
            unit: alarm.unit().map(|unit| unit.as_str().to_owned()),
        },
        period_seconds: count(alarm.period()?),
        evaluation_periods: count(alarm.evaluation_periods()?),
        datapoints_to_alarm: alarm.datapoints_to_alarm().map(count),
        comparison: Comparison::parse(alarm.comparison_operator()?.as_str())?,
        threshold: alarm.threshold()?,
        actions: alarm.alarm_actions().to_vec(),
        tags: BTreeMap::new(),
    })
}

/// PutMetricAlarm. AWS takes tags for a new alarm and passes over them otherwise.
pub(crate) fn to_put(
    alarm: &AlarmDefinition,
    request: PutMetricAlarmFluentBuilder,
) -> PutMetricAlarmFluentBuilder {
    let statistic = alarm.metric.statistic.as_str();
    let request = if alarm.has_extended_statistic() {
        request.extended_statistic(statistic)
    } else {
        request.statistic(statistic.into())
    };
    let tags = alarm
        .tags
        .iter()
        .map(|(key, value)| sdk::Tag::builder().key(key).value(value).build());
    let tags: Vec<_> = tags.collect();
    request
        .alarm_name(&alarm.name)
        .alarm_description(&alarm.description)
        .namespace(&alarm.metric.namespace)
        .metric_name(&alarm.metric.name)
        .set_dimensions(Some(to_dimensions(&alarm.metric.dimensions)))
        .set_unit(alarm.metric.unit.as_deref().map(Into::into))
        .period(to_count(alarm.period_seconds))
        .evaluation_periods(to_count(alarm.evaluation_periods))
        .set_datapoints_to_alarm(alarm.datapoints_to_alarm.map(to_count))
        .comparison_operator(alarm.comparison.word().into())
        .threshold(alarm.threshold)
        .treat_missing_data("missing")
        .set_alarm_actions(Some(alarm.actions.clone()))
        .set_tags((!tags.is_empty()).then_some(tags))
}
