//! CloudWatch metrics.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::config::Builder as Override;
use aws_sdk_cloudwatch::types::ScanBy;
use jiff::Timestamp;
use switchyard_engine::ports::{MetricDatum, MetricQuery, MetricSeries, Metrics, Result};

use crate::call::{Call, Caller};
use crate::convert::{self, to_time};
use crate::patience::once;

const GET: &str = "cloudwatch:GetMetricData";
const PUT: &str = "cloudwatch:PutMetricData";
/// PutMetricData takes no more.
const VALUES_A_CALL: usize = 1000;

/// [`Metrics`] over CloudWatch.
#[derive(Clone, Debug)]
pub(crate) struct CloudWatchMetrics(Caller);

impl CloudWatchMetrics {
    pub(crate) fn new(caller: &Caller) -> Self {
        Self(caller.clone())
    }

    /// The same as [`Metrics::query`], and no call is repeated when AWS does not answer it.
    pub(crate) async fn query_once(
        &self,
        queries: &[MetricQuery],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<String, MetricSeries>> {
        self.pages(queries, from, to, Override::new().retry_config(once()))
            .await
    }

    async fn pages(
        &self,
        queries: &[MetricQuery],
        from: Timestamp,
        to: Timestamp,
        patience: Override,
    ) -> Result<BTreeMap<String, MetricSeries>> {
        let ids: Vec<_> = queries.iter().map(|query| query.id.as_str()).collect();
        let target = ids.join(", ");
        let client = self.0.connection.cloudwatch(GET, &target).await?;
        let mut found = BTreeMap::new();
        let mut next = None;
        loop {
            let call = Call {
                operation: GET,
                target: &target,
                class: None,
            };
            let request = client
                .get_metric_data()
                .set_metric_data_queries(Some(
                    queries.iter().map(convert::metrics::to_query).collect(),
                ))
                .start_time(to_time(from))
                .end_time(to_time(to))
                .scan_by(ScanBy::TimestampAscending)
                .set_next_token(next)
                .customize()
                .config_override(patience.clone());
            let answer = self.0.read(call, request.send()).await?;
            for page in answer.metric_data_results() {
                convert::metrics::add_page(&mut found, page, from, to);
            }
            next = answer.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(found);
            }
        }
    }
}

#[async_trait::async_trait]
impl Metrics for CloudWatchMetrics {
    async fn query(
        &self,
        queries: &[MetricQuery],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<String, MetricSeries>> {
        self.pages(queries, from, to, Override::new()).await
    }

    async fn put(&self, namespace: &str, values: &[MetricDatum]) -> Result<()> {
        let client = self.0.connection.cloudwatch(PUT, namespace).await?;
        for some in values.chunks(VALUES_A_CALL) {
            let call = Call {
                operation: PUT,
                target: namespace,
                class: None,
            };
            let request = client
                .put_metric_data()
                .namespace(namespace)
                .set_metric_data(Some(some.iter().map(convert::metrics::to_datum).collect()));
            self.0.write(call, request.send()).await?;
        }
        Ok(())
    }
}
