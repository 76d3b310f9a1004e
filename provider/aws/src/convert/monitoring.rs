//! Alarms of CloudWatch as a whole.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::operation::put_composite_alarm::builders::PutCompositeAlarmFluentBuilder;
use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types as sdk;
use switchyard_engine::ports::{
    Alarm, AlarmComparison, AlarmCondition, AlarmLimit, LiveAlarm, MetricCondition, MetricQuery,
    MetricSource, MissingData,
};

use super::metrics::to_query;
use super::{count, to_count};

fn dimensions(found: &[sdk::Dimension]) -> BTreeMap<String, String> {
    found
        .iter()
        .filter_map(|each| Some((each.name()?.to_owned(), each.value()?.to_owned())))
        .collect()
}

fn query(found: &sdk::MetricDataQuery) -> Option<MetricQuery> {
    let source = match (found.expression(), found.metric_stat()) {
        (Some(expression), _) => MetricSource::Expression(expression.to_owned()),
        (None, Some(stat)) => {
            let metric = stat.metric()?;
            MetricSource::Metric {
                namespace: metric.namespace()?.to_owned(),
                name: metric.metric_name()?.to_owned(),
                dimensions: dimensions(metric.dimensions()),
                statistic: stat.stat()?.to_owned(),
                period_seconds: count(stat.period()?),
            }
        }
        (None, None) => return None,
    };
    Some(MetricQuery {
        id: found.id()?.to_owned(),
        source,
        // AWS's default.
        returned: found.return_data().unwrap_or(true),
    })
}

/// An alarm on one metric, which names it outside of `Metrics`, as a query without an id.
fn plain(alarm: &sdk::MetricAlarm) -> Option<MetricQuery> {
    let statistic = alarm.statistic().map(sdk::Statistic::as_str);
    Some(MetricQuery {
        id: String::new(),
        source: MetricSource::Metric {
            namespace: alarm.namespace()?.to_owned(),
            name: alarm.metric_name()?.to_owned(),
            dimensions: dimensions(alarm.dimensions()),
            statistic: statistic.or(alarm.extended_statistic())?.to_owned(),
            period_seconds: count(alarm.period()?),
        },
        returned: true,
    })
}

/// `None` for an alarm without a name or an ARN, which AWS does not have.
pub(crate) fn metric_alarm(found: &sdk::MetricAlarm) -> Option<LiveAlarm> {
    let mut queries: Vec<MetricQuery> = found.metrics().iter().filter_map(query).collect();
    queries.extend(plain(found));
    let evaluation_periods = found.evaluation_periods().map_or(0, count);
    let comparison = found.comparison_operator().map_or("", |it| it.as_str());
    let missing = found.treat_missing_data().unwrap_or("missing");
    let limit = found.threshold_metric_id().map_or_else(
        || AlarmLimit::Threshold(found.threshold().unwrap_or_default()),
        |id| AlarmLimit::Band(id.to_owned()),
    );
    let condition = MetricCondition {
        queries,
        comparison: AlarmComparison::parse(comparison),
        limit,
        evaluation_periods,
        datapoints_to_alarm: found
            .datapoints_to_alarm()
            .map_or(evaluation_periods, count),
        missing: MissingData::parse(missing),
    };
    Some(LiveAlarm {
        arn: found.alarm_arn()?.to_owned(),
        alarm: Alarm {
            name: found.alarm_name()?.to_owned(),
            description: found.alarm_description().unwrap_or_default().to_owned(),
            condition: AlarmCondition::Metric(condition),
            calls: found.actions_enabled().unwrap_or(true),
            actions: found.alarm_actions().to_vec(),
            ok_actions: found.ok_actions().to_vec(),
        },
    })
}

/// The same of a composite alarm.
pub(crate) fn composite_alarm(found: &sdk::CompositeAlarm) -> Option<LiveAlarm> {
    let rule = found.alarm_rule().unwrap_or_default().to_owned();
    Some(LiveAlarm {
        arn: found.alarm_arn()?.to_owned(),
        alarm: Alarm {
            name: found.alarm_name()?.to_owned(),
            description: found.alarm_description().unwrap_or_default().to_owned(),
            condition: AlarmCondition::Composite(rule),
            calls: found.actions_enabled().unwrap_or(true),
            actions: found.alarm_actions().to_vec(),
            ok_actions: found.ok_actions().to_vec(),
        },
    })
}

/// Tags, if there are any: a request with tags needs a permission of its own.
pub(crate) fn to_tags(tags: &BTreeMap<String, String>) -> Option<Vec<sdk::Tag>> {
    let tags: Vec<sdk::Tag> = tags
        .iter()
        .map(|(key, value)| sdk::Tag::builder().key(key).value(value).build())
        .collect();
    (!tags.is_empty()).then_some(tags)
}

/// PutMetricAlarm.
pub(crate) fn to_metric(
    alarm: &Alarm,
    condition: &MetricCondition,
    tags: &BTreeMap<String, String>,
    request: PutMetricAlarmFluentBuilder,
) -> PutMetricAlarmFluentBuilder {
    let request = match &condition.limit {
        AlarmLimit::Threshold(threshold) => request.threshold(*threshold),
        AlarmLimit::Band(id) => request.threshold_metric_id(id),
    };
    let queries = condition.queries.iter().map(to_query).collect();
    request
        .alarm_name(&alarm.name)
        .alarm_description(&alarm.description)
        .actions_enabled(alarm.calls)
        .set_alarm_actions(Some(alarm.actions.clone()))
        .set_ok_actions(Some(alarm.ok_actions.clone()))
        .set_metrics(Some(queries))
        .comparison_operator(condition.comparison.word().into())
        .evaluation_periods(to_count(condition.evaluation_periods))
        .datapoints_to_alarm(to_count(condition.datapoints_to_alarm))
        .treat_missing_data(condition.missing.word())
        .set_tags(to_tags(tags))
}

/// PutCompositeAlarm.
pub(crate) fn to_composite(
    alarm: &Alarm,
    rule: &str,
    tags: &BTreeMap<String, String>,
    request: PutCompositeAlarmFluentBuilder,
) -> PutCompositeAlarmFluentBuilder {
    request
        .alarm_name(&alarm.name)
        .alarm_description(&alarm.description)
        .actions_enabled(alarm.calls)
        .set_alarm_actions(Some(alarm.actions.clone()))
        .set_ok_actions(Some(alarm.ok_actions.clone()))
        .alarm_rule(rule)
        .set_tags(to_tags(tags))
}
