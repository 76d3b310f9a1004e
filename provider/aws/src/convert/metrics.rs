//! Metric queries and their series.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types as sdk;
use jiff::Timestamp;
use switchyard_engine::ports::{MetricDatum, MetricQuery, MetricSeries, MetricSource};

use super::{time, to_count, to_time};

pub(crate) fn to_dimensions(dimensions: &BTreeMap<String, String>) -> Vec<sdk::Dimension> {
    let dimensions = dimensions.iter();
    dimensions
        .map(|(name, value)| sdk::Dimension::builder().name(name).value(value).build())
        .collect()
}

pub(crate) fn to_datum(value: &MetricDatum) -> sdk::MetricDatum {
    sdk::MetricDatum::builder()
        .metric_name(&value.name)
        .set_dimensions(Some(to_dimensions(&value.dimensions)))
        .value(value.value)
        .unit(value.unit.as_str().into())
        .timestamp(to_time(value.at))
        .build()
}

pub(crate) fn to_query(query: &MetricQuery) -> sdk::MetricDataQuery {
    let builder = sdk::MetricDataQuery::builder()
        .id(&query.id)
        .return_data(query.returned);
    match &query.source {
        MetricSource::Expression(expression) => builder.expression(expression),
        MetricSource::Metric {
            namespace,
            name,
            dimensions,
            statistic,
            period_seconds,
        } => {
            let metric = sdk::Metric::builder()
                .namespace(namespace)
                .metric_name(name)
                .set_dimensions(Some(to_dimensions(dimensions)))
                .build();
            let stat = sdk::MetricStat::builder()
                .metric(metric)
                .stat(statistic)
                .period(to_count(*period_seconds));
            builder.metric_stat(stat.build())
        }
    }
    .build()
}

/// Adds one page of a query's answer to what came before. Every page but the last says `PartialData`, so the
/// last word counts.
pub(crate) fn add_page(
    found: &mut BTreeMap<String, MetricSeries>,
    page: &sdk::MetricDataResult,
    from: Timestamp,
    to: Timestamp,
) {
    let Some(id) = page.id() else { return };
    let series = found.entry(id.to_owned()).or_default();
    let values = page
        .timestamps()
        .iter()
        .zip(page.values())
        .filter_map(|(at, value)| Some((time(Some(*at))?, *value)))
        // CloudWatch rounds the start down to a whole period.
        .filter(|(at, _)| (from..to).contains(at));
    series.values.extend(values);
    series.values.sort_by_key(|(at, _)| *at);
    let status = page.status_code().map_or("Complete", |word| word.as_str());
    let said = page
        .messages()
        .iter()
        .filter_map(|message| message.value())
        .collect::<Vec<_>>()
        .join(" ");
    series.problem = match (status, said.as_str()) {
        ("Complete", "") => None,
        ("Complete", said) => Some(said.to_owned()),
        (status, "") => Some(status.to_owned()),
        (status, said) => Some(format!("{status}: {said}")),
    };
}
