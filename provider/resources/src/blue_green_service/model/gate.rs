//! Gates.

use tfplugin::schema::validators::{
    at_least, between, each, float, items_at_least, keys, length_between, not_empty,
};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::{Attr, Number};

use super::{List, SetOf, TextMap, TextSet};
use crate::blue_green_service::rules;
use crate::blue_green_service::words::{
    AreaWord, GateClassWord, InconclusiveWord, MethodWord, MissingWord, Predefined, TargetWord,
    WhenWord,
};

/// One `gate`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct GateModel {
    /// Name, unique in the service; reports and errors use it.
    #[attr(required, validate(length_between(1, 64)))]
    pub name: Attr<String>,
    /// Class of the check. It decides how long a request may take if `timeout` is not set: `smoke` 10, `api` 15,
    /// `integration` 30, `performance` 60 seconds.
    #[attr(default = GateClassWord::Smoke)]
    pub class: Attr<GateClassWord>,
    /// Part of the health score it counts for: `basic` 40, `performance` 35, `business` 25 points.
    #[attr(default = AreaWord::Basic)]
    pub area: Attr<AreaWord>,
    /// When it runs: before the new revision gets production traffic, at every weight in between, while it has all of
    /// it and the old one still runs, or after the deployment has succeeded.
    #[attr(required, validate(items_at_least(1), rules::words(WhenWord::WORDS)))]
    pub when: SetOf<WhenWord>,
    /// Only record the verdict; it does not affect the deployment.
    #[attr(default = false)]
    pub observe_only: Attr<bool>,
    /// What an inconclusive result means.
    #[attr(default = InconclusiveWord::Fail)]
    pub on_inconclusive: Attr<InconclusiveWord>,
    /// How long it may stay undecided at one moment before it counts as inconclusive.
    #[attr(default = "5m", validate(rules::duration_text(), rules::some_time()))]
    pub time_limit: Attr<String>,
    /// HTTP requests and their expected responses. Either this or `metric`.
    #[attr(block)]
    pub http: Attr<HttpModel>,
    /// A metric of CloudWatch. Either this or `http`.
    #[attr(block)]
    pub metric: Attr<MetricModel>,
}

/// `http` of a gate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct HttpModel {
    /// URL to which requests are sent. Either this or `target`.
    #[attr(optional, validate(rules::http_url()))]
    pub url: Attr<String>,
    /// Where requests are sent: to the load balancer at the port of the test listener, or to every registered target
    /// of the new revision at its address. Either this or `url`.
    #[attr(optional)]
    pub target: Attr<TargetWord>,
    /// Path with query. Defaults to `/`. Only with `target`.
    #[attr(optional, validate(rules::url_path()))]
    pub path: Attr<String>,
    /// Method.
    #[attr(default = MethodWord::Get)]
    pub method: Attr<MethodWord>,
    /// Headers; `host` replaces that of the URL. They are stored in the state.
    #[attr(
        optional,
        sensitive,
        validate(keys(rules::header_name()), each(rules::header_value()))
    )]
    pub headers: TextMap,
    /// Body.
    #[attr(optional, any_text)]
    pub body: Attr<String>,
    /// Accepted status codes and ranges. Defaults to `200-299`.
    #[attr(optional, validate(items_at_least(1), each(rules::status())))]
    pub status: TextSet,
    /// Text that the body must contain.
    #[attr(optional, any_text, validate(not_empty()))]
    pub body_contains: Attr<String>,
    /// Values that the body must have, by JSON pointer, such as `{ "/status" = jsonencode("ok") }`.
    #[attr(
        optional,
        any_text,
        validate(keys(rules::json_pointer()), each(rules::json_text()))
    )]
    pub json: TextMap,
    /// Maximum time until the end of the body, such as `300ms`.
    #[attr(optional, validate(rules::precise_text(), rules::some_time()))]
    pub latency: Attr<String>,
    /// How long one request may take. Defaults to the time of `class`.
    #[attr(optional, validate(rules::precise_text(), rules::some_time()))]
    pub timeout: Attr<String>,
    /// Number of rounds in a row in which every target must respond as expected.
    #[attr(default = 3, validate(between(1, 1000)))]
    pub consecutive_passes: Attr<i64>,
    /// Number of failed rounds after which the gate has failed; the pause between them doubles from one second up to
    /// thirty.
    #[attr(default = 5, validate(between(1, 100)))]
    pub attempts: Attr<i64>,
    /// Pause between rounds that pass.
    #[attr(default = "5s", validate(rules::duration_text(), rules::some_time()))]
    pub interval: Attr<String>,
}

/// `metric` of a gate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct MetricModel {
    /// A metric of the new revision's target group (Application Load Balancer), per minute. Either this or `query`
    /// blocks.
    #[attr(optional)]
    pub predefined: Attr<Predefined>,
    /// A custom query. Either `query` blocks or `predefined`.
    #[attr(block, with = |block: NestedBlock| block.items(0, 20))]
    pub query: List<QueryModel>,
    /// Id of the query whose newest value is judged. Required with more than one query.
    #[attr(optional, validate(not_empty()))]
    pub result: Attr<String>,
    /// When a value is good, such as `<= 1`.
    #[attr(optional, validate(rules::comparison()))]
    pub success_when: Attr<String>,
    /// When a value is bad, such as `> 5`; a value that is neither good nor bad decides nothing. By default every
    /// value that is not good is bad.
    #[attr(optional, validate(rules::comparison()))]
    pub failure_when: Attr<String>,
    /// Maximum percentage by which the value of the new side may be above that of the old side.
    #[attr(optional, validate(at_least(0), float()))]
    pub compare_percent: Attr<Number>,
    /// Time between measurements.
    #[attr(default = "60s", validate(rules::duration_text(), rules::some_time()))]
    pub interval: Attr<String>,
    /// Time before the first measurement of a moment.
    #[attr(default = "0s", validate(rules::duration_text()))]
    pub initial_delay: Attr<String>,
    /// Number of bad measurements in one moment that are tolerated.
    #[attr(default = 0, validate(between(0, 1000)))]
    pub failure_limit: Attr<i64>,
    /// Number of good measurements in a row after which it passes.
    #[attr(default = 1, validate(between(1, 1000)))]
    pub consecutive_successes: Attr<i64>,
    /// What a measurement without data means. With `pass` a gate that measured nothing does not stop the deployment;
    /// its verdict is `no_data`, and it earns no points of the health score.
    #[attr(default = MissingWord::Inconclusive)]
    pub no_data: Attr<MissingWord>,
    /// What `NaN` means, such as zero errors divided by zero requests.
    #[attr(default = MissingWord::Inconclusive)]
    pub not_a_number: Attr<MissingWord>,
    /// Minimum number of requests to the new revision in a period (Application Load Balancer). With fewer, the
    /// measurement counts as no data.
    #[attr(optional, validate(between(1, 1_000_000_000)))]
    pub minimum_requests: Attr<i64>,
}

/// One `query`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct QueryModel {
    /// Id, as in metric math.
    #[attr(required, validate(rules::query_id()))]
    pub id: Attr<String>,
    /// Metric math over other queries' ids. Either this, or a metric with `namespace` and `name`.
    #[attr(optional, any_text, validate(not_empty()))]
    pub expression: Attr<String>,
    /// Namespace, such as `AWS/ApplicationELB`.
    #[attr(optional, validate(not_empty()))]
    pub namespace: Attr<String>,
    /// Metric name.
    #[attr(optional, validate(not_empty()))]
    pub name: Attr<String>,
    /// Dimensions. Values may contain `{new_target_group}`, `{old_target_group}`, `{load_balancer}` (as CloudWatch
    /// writes them), `{cluster}` and `{service}`.
    #[attr(optional)]
    pub dimensions: TextMap,
    /// Statistic, such as `Sum`, `Average` or `p99`. Defaults to `Average`.
    #[attr(optional, validate(not_empty()))]
    pub statistic: Attr<String>,
    /// Length of one period: `1s`, `5s`, `10s`, `20s`, `30s` or whole minutes. Defaults to `60s`.
    #[attr(optional, validate(rules::period()))]
    pub period: Attr<String>,
}

/// `health_score`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct HealthScoreModel {
    /// Minimum score for the deployment to continue.
    #[attr(default = 70, validate(between(0, 100)))]
    pub minimum: Attr<i64>,
    /// Minimum percentage of gates that must pass.
    #[attr(default = 90, validate(between(0, 100)))]
    pub pass_rate: Attr<i64>,
}
