//! CloudWatch metrics.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};
use switchyard_engine::ports::{
    MetricDatum, MetricQuery, MetricSeries, MetricSource, Metrics, Result,
};

use super::Face;
use super::read::{list, seconds, text, word};
use crate::Service::CloudWatch;

/// GetMetricData takes no more in one call.
const QUERIES_A_CALL: usize = 500;
/// PutMetricData takes no more in one call.
const VALUES_A_CALL: usize = 1000;

fn written(query: &MetricQuery) -> Value {
    match &query.source {
        MetricSource::Expression(expression) => json!({
            "Id": query.id,
            "Expression": expression,
            "ReturnData": query.returned,
        }),
        MetricSource::Metric {
            namespace,
            name,
            dimensions,
            statistic,
            period_seconds,
        } => {
            let dimensions: Vec<Value> = dimensions
                .iter()
                .map(|(name, value)| json!({ "Name": name, "Value": value }))
                .collect();
            json!({
                "Id": query.id,
                "ReturnData": query.returned,
                "MetricStat": {
                    "Metric": { "Namespace": namespace, "MetricName": name, "Dimensions": dimensions },
                    "Period": period_seconds,
                    "Stat": statistic,
                },
            })
        }
    }
}

fn datum(value: &MetricDatum) -> Value {
    let dimensions = value.dimensions.iter();
    json!({
        "MetricName": value.name,
        "Dimensions": dimensions
            .map(|(name, value)| json!({ "Name": name, "Value": value }))
            .collect::<Vec<_>>(),
        "Value": value.value,
        "Unit": value.unit,
        "Timestamp": seconds(value.at),
    })
}

/// Adds a result to the series it continues: one query may come in several pages.
fn add(series: &mut MetricSeries, result: &Value) {
    let points = list(result, "Timestamps")
        .iter()
        .zip(list(result, "Values"));
    series.values.extend(points.filter_map(|(at, value)| {
        let at = crate::Timestamp::from_epoch_seconds(at.as_f64()?);
        Some((
            Timestamp::from_millisecond(at.millis()).ok()?,
            value.as_f64()?,
        ))
    }));
    series.values.sort_by_key(|(at, _)| *at);
    let status = word(result, "StatusCode");
    series.problem = (status != "Complete").then_some(status);
}

#[async_trait]
impl Metrics for Face {
    async fn query(
        &self,
        queries: &[MetricQuery],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<String, MetricSeries>> {
        let mut found: BTreeMap<String, MetricSeries> = BTreeMap::new();
        for some in queries.chunks(QUERIES_A_CALL) {
            let target = some.first().map_or("", |query| query.id.as_str());
            let mut input = json!({
                "MetricDataQueries": some.iter().map(written).collect::<Vec<_>>(),
                "StartTime": seconds(from),
                "EndTime": seconds(to),
                "ScanBy": "TimestampAscending",
            });
            loop {
                let operation = "cloudwatch:GetMetricData";
                let answer = self.call(CloudWatch, operation, target, input.clone())?;
                for result in list(&answer, "MetricDataResults") {
                    add(found.entry(word(result, "Id")).or_default(), result);
                }
                let (Some(token), Some(members)) =
                    (text(&answer, "NextToken"), input.as_object_mut())
                else {
                    break;
                };
                members.insert("NextToken".to_owned(), json!(token));
            }
        }
        Ok(found)
    }

    async fn put(&self, namespace: &str, values: &[MetricDatum]) -> Result<()> {
        for some in values.chunks(VALUES_A_CALL) {
            let data: Vec<Value> = some.iter().map(datum).collect();
            let input = json!({ "Namespace": namespace, "MetricData": data });
            self.call(CloudWatch, "cloudwatch:PutMetricData", namespace, input)?;
        }
        Ok(())
    }
}
