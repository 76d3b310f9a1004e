//! Gates.

use tfplugin::value::{Attr, Number};

use super::{List, TextMap, TextSet};

tfplugin::object! {
    /// One `gate`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct GateModel {
        /// Unique name.
        pub name: Attr<String>,
        /// `smoke`, `api`, `integration` or `performance`.
        pub class: Attr<String>,
        /// `basic`, `performance` or `business`.
        pub area: Attr<String>,
        /// Moments.
        pub when: TextSet,
        /// It stops nothing.
        pub observe_only: Attr<bool>,
        /// `fail` or `pass`.
        pub on_inconclusive: Attr<String>,
        /// Duration text.
        pub time_limit: Attr<String>,
        /// HTTP requests.
        pub http: Attr<HttpModel>,
        /// CloudWatch metrics.
        pub metric: Attr<MetricModel>,
    }
}

tfplugin::object! {
    /// `http` of a gate.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct HttpModel {
        /// Absolute URL.
        pub url: Attr<String>,
        /// `test_listener` or `new_targets`.
        pub target: Attr<String>,
        /// Path with query.
        pub path: Attr<String>,
        /// Method.
        pub method: Attr<String>,
        /// Headers.
        pub headers: TextMap,
        /// Body.
        pub body: Attr<String>,
        /// Status codes and ranges.
        pub status: TextSet,
        /// Text of the body.
        pub body_contains: Attr<String>,
        /// JSON pointer → JSON text.
        pub json: TextMap,
        /// Duration text with milliseconds.
        pub latency: Attr<String>,
        /// Duration text.
        pub timeout: Attr<String>,
        /// Rounds in a row.
        pub consecutive_passes: Attr<i64>,
        /// Rounds that may fail.
        pub attempts: Attr<i64>,
        /// Duration text.
        pub interval: Attr<String>,
    }
}

tfplugin::object! {
    /// `metric` of a gate.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct MetricModel {
        /// Name of ready-made queries.
        pub predefined: Attr<String>,
        /// Own queries.
        pub queries: List<QueryModel>,
        /// Id of the query that is judged.
        pub result: Attr<String>,
        /// Comparison.
        pub success_when: Attr<String>,
        /// Comparison.
        pub failure_when: Attr<String>,
        /// Percent above the old side.
        pub compare_percent: Attr<Number>,
        /// Duration text.
        pub interval: Attr<String>,
        /// Duration text.
        pub initial_delay: Attr<String>,
        /// Bad measurements that are forgiven.
        pub failure_limit: Attr<i64>,
        /// Good measurements in a row.
        pub consecutive_successes: Attr<i64>,
        /// `fail`, `pass` or `inconclusive`.
        pub no_data: Attr<String>,
        /// `fail`, `pass` or `inconclusive`.
        pub not_a_number: Attr<String>,
        /// Requests.
        pub minimum_requests: Attr<i64>,
    }
}

tfplugin::object! {
    /// One of `queries`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct QueryModel {
        /// Id.
        pub id: Attr<String>,
        /// Metric math.
        pub expression: Attr<String>,
        /// Namespace.
        pub namespace: Attr<String>,
        /// Metric name.
        pub name: Attr<String>,
        /// Dimensions, with placeholders.
        pub dimensions: TextMap,
        /// Statistic.
        pub statistic: Attr<String>,
        /// Duration text.
        pub period: Attr<String>,
    }
}

tfplugin::object! {
    /// `health_score`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct HealthScoreModel {
        /// Least score.
        pub minimum: Attr<i64>,
        /// Least percent of gates that pass.
        pub pass_rate: Attr<i64>,
    }
}
