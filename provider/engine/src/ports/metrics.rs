//! CloudWatch metrics.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Result;

/// One query of GetMetricData.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricQuery {
    /// Id, unique in a call: a lower-case letter, then letters, digits and underscores.
    pub id: String,
    /// What is asked.
    pub source: MetricSource,
    /// Whether its values are wanted; otherwise it only feeds expressions.
    pub returned: bool,
}

/// What a query asks.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricSource {
    /// Metric math over other queries' ids.
    Expression(String),
    /// A metric.
    Metric {
        /// Namespace, such as `AWS/ApplicationELB`.
        namespace: String,
        /// Metric name.
        name: String,
        /// Dimensions.
        dimensions: BTreeMap<String, String>,
        /// Statistic, such as `Sum`, `Average` or `p99`.
        statistic: String,
        /// Seconds: 1, 5, 10, 20, 30 or a multiple of 60.
        period_seconds: u32,
    },
}

/// Values of one query, oldest first. Gaps are simply absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricSeries {
    /// When each period begins, and its value. May hold `NaN`.
    pub values: Vec<(Timestamp, f64)>,
    /// CloudWatch has not read everything (`PartialData`), or says there was a problem (`InternalError`,
    /// `Forbidden`).
    pub problem: Option<String>,
}

/// One value to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDatum {
    /// Metric name.
    pub name: String,
    /// Dimensions.
    pub dimensions: BTreeMap<String, String>,
    /// Value.
    pub value: f64,
    /// Unit, such as `Count`.
    pub unit: String,
    /// When.
    pub at: Timestamp,
}

/// Reads and writes metrics.
#[async_trait::async_trait]
pub trait Metrics: Send + Sync + 'static {
    /// Values of all returned queries by id, for periods that begin in `[from, to)`. At most 500 queries a call;
    /// the adapter pages.
    async fn query(
        &self,
        queries: &[MetricQuery],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<String, MetricSeries>>;
    /// Stores values in a namespace (PutMetricData).
    async fn put(&self, namespace: &str, values: &[MetricDatum]) -> Result<()>;
}
