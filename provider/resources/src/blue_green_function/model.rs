//! What the user can write, and what it does: one struct for schema, configuration, plan and state.

use std::collections::BTreeMap;

use tfplugin::schema::validators::{
    between, each, items_at_least, items_between, length_between, not_empty,
};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::{Attr, Number};

use super::rules;
use super::words::{Predefined, StrategyWord, WhenWord};
use crate::blue_green_service::rules as common;
use crate::blue_green_service::{
    InconclusiveWord, List, MethodWord, MissingWord, OnCancelWord, SetOf, ShiftModel, TextMap,
    TextSet,
};
use crate::region::{self, RegionModel};

/// An alias of an AWS Lambda function that is moved to a new version as part of the apply: tested before it gets traffic,
/// step by step, and rolled back when a gate fails or an alarm fires.
///
/// The apply moves the alias itself, with the weights of its additional version; CodeDeploy is not needed. It succeeds when
/// the alias leads to the new version alone. Otherwise it fails, and the alias leads to the version that it led to before.
///
/// While a move is in progress, the main version of the alias is the old one, and the new one is its additional version, with up
/// to 100 percent of the traffic. If an apply is killed, the next plan shows the shares that it has left, and the next apply
/// continues the move, or rolls it back if the configuration names another version.
///
/// Only published versions can share an alias: set `publish = true` on `aws_lambda_function`, and leave `aws_lambda_alias` out.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Name or ARN of the function.
    #[attr(required, with = rules::replaced_unless_same_function, validate(rules::function()))]
    pub function_name: Attr<String>,
    /// Name of the alias, such as `live`.
    #[attr(required, requires_replace, validate(rules::alias_name()))]
    pub name: Attr<String>,
    #[attr(flatten, with = region::replaced_in_another)]
    pub placed: RegionModel,
    /// Number of the published version that gets all of the traffic.
    #[attr(required, validate(rules::version()))]
    pub function_version: Attr<String>,
    /// Description of the alias.
    #[attr(optional, validate(length_between(1, 256)))]
    pub description: Attr<String>,
    /// How traffic moves: `all_at_once`, with `canary` in two shifts, with `linear` in equal shifts.
    #[attr(default = StrategyWord::AllAtOnce)]
    pub strategy: Attr<StrategyWord>,
    /// Shift of the `canary` strategy.
    #[attr(block)]
    pub canary: Attr<ShiftModel>,
    /// Shifts of the `linear` strategy.
    #[attr(block)]
    pub linear: Attr<ShiftModel>,
    /// How long the new version is watched once it has all of the traffic, in whole minutes, at most `24h`. Until then the move
    /// can be rolled back as at every other weight.
    #[attr(default = "0s", validate(common::minutes_text()))]
    pub bake_time: Attr<String>,
    /// Names of CloudWatch alarms that roll a move back when they fire. If one fires before, nothing is moved.
    #[attr(optional, validate(items_between(1, 100), each(not_empty())))]
    pub alarms: TextSet,
    /// A condition that the new version has to meet.
    #[attr(block, with = |block: NestedBlock| block.items(0, 50))]
    pub gate: List<GateModel>,
    /// What an interrupted apply does with a move that has begun: roll it back, or leave the shares as they are.
    #[attr(default = OnCancelWord::Rollback)]
    pub on_cancel: Attr<OnCancelWord>,
    /// How long a move may take. Then it is rolled back.
    #[attr(default = "1h", validate(common::duration_text(), common::some_time()))]
    pub timeout: Attr<String>,
    /// Name of the function and name of the alias, separated by `:`.
    #[attr(computed)]
    pub id: Attr<String>,
    /// ARN of the alias.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// ARN with which API Gateway calls the alias (`uri` of an integration).
    #[attr(computed)]
    pub invoke_arn: Attr<String>,
    /// Percentage of the traffic of each version behind the alias.
    #[attr(computed)]
    pub traffic: Attr<BTreeMap<String, Number>>,
    /// Version that the alias led to before its last move, whoever moved it. Null where that is not known, or was `$LATEST`.
    #[attr(computed)]
    pub previous_version: Attr<String>,
}

region::regional!(Model, "function_name" = function_name);

/// One `gate`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct GateModel {
    /// Name, unique in the resource; errors use it.
    #[attr(required, validate(length_between(1, 64)))]
    pub name: Attr<String>,
    /// When it runs: before the new version gets traffic, at every weight in between, or while it has all of it
    /// (`bake_time`).
    #[attr(required, validate(items_at_least(1), common::words(WhenWord::WORDS)))]
    pub when: SetOf<WhenWord>,
    /// Only log the verdict; it does not affect the move.
    #[attr(default = false)]
    pub observe_only: Attr<bool>,
    /// What an inconclusive result means.
    #[attr(default = InconclusiveWord::Fail)]
    pub on_inconclusive: Attr<InconclusiveWord>,
    /// How long it may stay undecided at one moment before it counts as inconclusive.
    #[attr(default = "5m", validate(common::duration_text(), common::some_time()))]
    pub time_limit: Attr<String>,
    /// A call of the new version. One of the three kinds of checks.
    #[attr(block)]
    pub invoke: Attr<InvokeModel>,
    /// A metric of CloudWatch. One of the three kinds of checks.
    #[attr(block)]
    pub metric: Attr<MetricModel>,
    /// HTTP requests to a URL, such as that of an API in front of the alias. One of the three kinds of checks.
    #[attr(block)]
    pub http: Attr<HttpModel>,
}

/// `invoke` of a gate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct InvokeModel {
    /// JSON value that the new version gets as its event. It should change nothing. Defaults to `{}`.
    #[attr(optional, any_text, validate(common::json_text()))]
    pub payload: Attr<String>,
    /// Text that the response must contain.
    #[attr(optional, any_text, validate(not_empty()))]
    pub body_contains: Attr<String>,
    /// Values that the response must have, by JSON pointer, such as `{ "/statusCode" = 200 }`.
    #[attr(
        optional,
        any_text,
        validate(
            tfplugin::schema::validators::keys(common::json_pointer()),
            each(common::json_text())
        )
    )]
    pub json: TextMap,
    /// How long a call may take, at most 15 minutes.
    #[attr(default = "30s", validate(common::function_time()))]
    pub timeout: Attr<String>,
    /// Number of calls that may fail before the gate has failed; the pause between them doubles from one second up to thirty.
    #[attr(default = 1, validate(between(1, 10)))]
    pub attempts: Attr<i64>,
}

/// `metric` of a gate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct MetricModel {
    /// A metric of the new version behind the alias, per minute. Either this, or `namespace` and `name`.
    #[attr(optional)]
    pub predefined: Attr<Predefined>,
    /// Namespace of a custom metric, such as `Shop`.
    #[attr(optional, validate(not_empty()))]
    pub namespace: Attr<String>,
    /// Name of a custom metric.
    #[attr(optional, validate(not_empty()))]
    pub name: Attr<String>,
    /// Dimensions of a custom metric.
    #[attr(optional)]
    pub dimensions: TextMap,
    /// Statistic of a custom metric, such as `Sum` or `p99`. Defaults to `Average`.
    #[attr(optional, validate(common::statistic()))]
    pub statistic: Attr<String>,
    /// When a value is good, such as `<= 1`.
    #[attr(optional, validate(common::comparison()))]
    pub success_when: Attr<String>,
    /// When a value is bad, such as `> 5`; a value that is neither good nor bad decides nothing. By default every value that is
    /// not good is bad.
    #[attr(optional, validate(common::comparison()))]
    pub failure_when: Attr<String>,
    /// Time between measurements.
    #[attr(
        default = "60s",
        validate(common::duration_text(), common::some_time())
    )]
    pub interval: Attr<String>,
    /// Number of bad measurements in one moment that are tolerated.
    #[attr(default = 0, validate(between(0, 1000)))]
    pub failure_limit: Attr<i64>,
    /// Number of good measurements in a row after which it passes.
    #[attr(default = 1, validate(between(1, 1000)))]
    pub consecutive_successes: Attr<i64>,
    /// What a measurement without data means, such as when nobody has called the new version.
    #[attr(default = MissingWord::Inconclusive)]
    pub no_data: Attr<MissingWord>,
}

/// `http` of a gate.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct HttpModel {
    /// URL to which requests are sent.
    #[attr(required, validate(common::http_url()))]
    pub url: Attr<String>,
    /// Method.
    #[attr(default = MethodWord::Get)]
    pub method: Attr<MethodWord>,
    /// Body.
    #[attr(optional, any_text)]
    pub body: Attr<String>,
    /// Accepted status codes and ranges. Defaults to `200-299`.
    #[attr(optional, validate(items_at_least(1), each(common::status())))]
    pub status: TextSet,
    /// Text that the body must contain.
    #[attr(optional, any_text, validate(not_empty()))]
    pub body_contains: Attr<String>,
    /// Values that the body must have, by JSON pointer.
    #[attr(
        optional,
        any_text,
        validate(
            tfplugin::schema::validators::keys(common::json_pointer()),
            each(common::json_text())
        )
    )]
    pub json: TextMap,
    /// Maximum time until the end of the body, such as `300ms`.
    #[attr(optional, validate(common::precise_text(), common::some_time()))]
    pub latency: Attr<String>,
    /// How long one request may take.
    #[attr(default = "10s", validate(common::precise_text(), common::some_time()))]
    pub timeout: Attr<String>,
    /// Number of responses in a row that must be as expected.
    #[attr(default = 3, validate(between(1, 1000)))]
    pub consecutive_passes: Attr<i64>,
    /// Number of failed requests after which the gate has failed.
    #[attr(default = 5, validate(between(1, 100)))]
    pub attempts: Attr<i64>,
    /// Pause after a failed request. By default it doubles from one second up to thirty.
    #[attr(optional, validate(common::duration_text(), common::some_time()))]
    pub retry_delay: Attr<String>,
    /// Pause between requests that pass.
    #[attr(default = "5s", validate(common::duration_text(), common::some_time()))]
    pub interval: Attr<String>,
}
