//! Gates.

use tfplugin::schema::validators::{
    at_least, between, each, float, items_at_least, keys, length_between, not_empty,
};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::{Attr, Number};

use super::{List, SetOf, TextMap, TextSet};
use crate::blue_green_service::rules;
use crate::blue_green_service::words::{
    AreaWord, GateClassWord, InconclusiveWord, MethodWord, MissingWord, OnFailureWord, OutsideWord,
    Predefined, TargetWord, WhenWord,
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
    /// When it runs: before anything of a deployment is started (then it checks the revision that runs, and nothing is
    /// changed if it fails), before the new revision gets production traffic, at every weight in between, while it has all
    /// of it and the old one still runs, or after the deployment has succeeded.
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
    /// Position among the gates of the same moment, 1 to 10. Gates start when all gates with a lower number are decided;
    /// those with the same number run at the same time. Defaults to 1.
    #[attr(optional, validate(between(1, 10)))]
    pub order: Attr<i64>,
    /// What a failure means: `stop` rolls the deployment back, also with `health_score`; `roll_back` does so after the
    /// deployment, too, when the old tasks are gone: the task definition that was live before is deployed again, all at
    /// once; `warn` lets it continue, and the apply ends with a warning. By default a failure stops the deployment, or, with
    /// `health_score`, counts for the score.
    #[attr(optional)]
    pub on_failure: Attr<OnFailureWord>,
    /// How long the gate is measured at a moment before it counts as passed, such as `10m`.
    #[attr(optional, validate(rules::duration_text(), rules::some_time()))]
    pub watch: Attr<String>,
    /// ARN of a target group of the pair that the gate is about: its new targets, its test listener, its metrics. Either
    /// group of a pair names it. Defaults to the pair of `load_balancer`; name one of an `additional_load_balancer` to
    /// check what that one reaches. Only with `http` and `target`, `metric` and `function`.
    #[attr(optional, validate(rules::target_group()))]
    pub target_group: Attr<String>,
    /// HTTP requests and their expected responses. One of the seven kinds of checks.
    #[attr(block)]
    pub http: Attr<HttpModel>,
    /// A metric of CloudWatch. One of the seven kinds of checks.
    #[attr(block)]
    pub metric: Attr<MetricModel>,
    /// A command that runs in a task of the new revision and must exit with 0. One of the seven kinds of checks.
    #[attr(block)]
    pub command: Attr<CommandModel>,
    /// A Lambda function that judges the new revision. One of the seven kinds of checks.
    #[attr(block)]
    pub function: Attr<FunctionModel>,
    /// A TCP connection that must be accepted. One of the seven kinds of checks.
    #[attr(block)]
    pub tcp: Attr<TcpModel>,
    /// A TLS handshake, with a certificate that is valid for long enough. One of the seven kinds of checks.
    #[attr(block)]
    pub tls: Attr<TlsModel>,
    /// Another service that must be healthy. One of the seven kinds of checks.
    #[attr(block)]
    pub dependency: Attr<DependencyModel>,
}

/// `command` of a gate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct CommandModel {
    /// Command, such as `["npm", "run", "test:integration"]`. It runs with the task definition of the new revision, and with
    /// the launch type and the network of the service.
    #[attr(required, validate(items_at_least(1)))]
    pub command: List<String>,
    /// Container that runs it and whose exit code counts. Defaults to the only container, or to the one behind the load
    /// balancer.
    #[attr(optional, validate(not_empty()))]
    pub container_name: Attr<String>,
    /// Environment variables, in addition to those of the task definition. ECS shows them to everybody who may describe
    /// tasks: for secrets, use `secrets` of the task definition.
    #[attr(optional, any_text, validate(items_at_least(1)))]
    pub environment: TextMap,
    /// Number of tasks that may fail before the gate has failed.
    #[attr(default = 1, validate(between(1, 10)))]
    pub attempts: Attr<i64>,
}

/// `function` of a gate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct FunctionModel {
    /// Name, `name:alias` or ARN of the function. It must return `{"status": "Succeeded"}` or `{"status": "Failed"}`, with a
    /// `reason` if there is one.
    #[attr(required, validate(length_between(1, 170)))]
    pub function_name: Attr<String>,
    /// JSON value that the function gets as `payload` of its event.
    #[attr(optional, any_text, validate(rules::json_text()))]
    pub payload: Attr<String>,
    /// How long the function may take, at most 15 minutes. Defaults to the time of `class`.
    #[attr(optional, validate(rules::function_time()))]
    pub timeout: Attr<String>,
    /// Number of calls that may fail before the gate has failed.
    #[attr(default = 1, validate(between(1, 10)))]
    pub attempts: Attr<i64>,
}

/// `tcp` of a gate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct TcpModel {
    /// Name or IP address. The machine that runs Terraform must reach it.
    #[attr(required, validate(rules::host()))]
    pub host: Attr<String>,
    /// Port.
    #[attr(required, validate(between(1, 65_535)))]
    pub port: Attr<i64>,
    /// How long the connection may take. Defaults to the time of `class`.
    #[attr(optional, validate(rules::precise_text(), rules::some_time()))]
    pub timeout: Attr<String>,
    /// Number of connections that may fail before the gate has failed; the pause between them doubles from one second up to
    /// thirty.
    #[attr(default = 5, validate(between(1, 100)))]
    pub attempts: Attr<i64>,
}

/// `tls` of a gate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct TlsModel {
    /// Name or IP address. The machine that runs Terraform must reach it.
    #[attr(required, validate(rules::host()))]
    pub host: Attr<String>,
    /// Port.
    #[attr(default = 443, validate(between(1, 65_535)))]
    pub port: Attr<i64>,
    /// Name for which the certificate must be valid. Defaults to `host`.
    #[attr(optional, validate(rules::host()))]
    pub server_name: Attr<String>,
    /// Minimum number of days for which the certificate must remain valid.
    #[attr(default = 14, validate(between(0, 800)))]
    pub minimum_days: Attr<i64>,
    /// How long the handshake may take. Defaults to the time of `class`.
    #[attr(optional, validate(rules::precise_text(), rules::some_time()))]
    pub timeout: Attr<String>,
    /// Number of handshakes that may fail before the gate has failed; the pause between them doubles from one second up to
    /// thirty.
    #[attr(default = 5, validate(between(1, 100)))]
    pub attempts: Attr<i64>,
}

/// `dependency` of a gate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct DependencyModel {
    /// Name or ARN of the cluster. Defaults to that of the service.
    #[attr(optional, validate(not_empty()))]
    pub cluster: Attr<String>,
    /// Name of the other service.
    #[attr(required, validate(not_empty()))]
    pub service: Attr<String>,
    /// Minimum score of the other service: the percentage of its desired tasks that are running and, with a load balancer,
    /// healthy.
    #[attr(default = 70, validate(between(1, 100)))]
    pub minimum_score: Attr<i64>,
    /// Number of looks that may fail before the gate has failed; the pause between them doubles from one second up to thirty.
    #[attr(default = 5, validate(between(1, 100)))]
    pub attempts: Attr<i64>,
}

/// `load` of a gate's requests.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct LoadModel {
    /// Number of requests.
    #[attr(required, validate(between(1, 10_000)))]
    pub requests: Attr<i64>,
    /// Number of requests at a time.
    #[attr(default = 10, validate(between(1, 100)))]
    pub concurrency: Attr<i64>,
    /// Maximum time that 95 of 100 requests may take, such as `300ms`.
    #[attr(optional, validate(rules::precise_text(), rules::some_time()))]
    pub p95: Attr<String>,
    /// Maximum percentage of requests that may fail. Defaults to 0.
    #[attr(optional, validate(between(0, 100), float()))]
    pub max_errors: Attr<Number>,
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
    /// Number of failed rounds after which the gate has failed.
    #[attr(default = 5, validate(between(1, 100)))]
    pub attempts: Attr<i64>,
    /// Pause after a failed round. By default it doubles from one second up to thirty.
    #[attr(optional, validate(rules::duration_text(), rules::some_time()))]
    pub retry_delay: Attr<String>,
    /// Pause between rounds that pass.
    #[attr(default = "5s", validate(rules::duration_text(), rules::some_time()))]
    pub interval: Attr<String>,
    /// Sends many requests at once instead of rounds, one time at each moment.
    #[attr(block)]
    pub load: Attr<LoadModel>,
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
    /// Band of expected values that CloudWatch has learned (anomaly detection), in which the value must be.
    #[attr(block)]
    pub anomaly: Attr<AnomalyModel>,
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

/// `anomaly` of a metric.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct AnomalyModel {
    /// Distance of the edges of the band from the expected value, in standard deviations. Defaults to 2.
    #[attr(optional, validate(rules::band_width(), float()))]
    pub width: Attr<Number>,
    /// Where a value is bad: `above` the band, `below` it, or `outside` of it on either side.
    #[attr(default = OutsideWord::Above)]
    pub bad: Attr<OutsideWord>,
    /// Id of the `query` whose band it is, such as one for the whole service. Defaults to the query that is judged.
    #[attr(optional, validate(not_empty()))]
    pub of: Attr<String>,
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
    #[attr(optional, validate(rules::statistic()))]
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
