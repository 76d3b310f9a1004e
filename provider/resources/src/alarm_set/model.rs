//! What the user can write, and what it does: one struct for schema, configuration, plan and state.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::Attributes;
use tfplugin::schema::validators::{
    between, each, float, items_at_least, items_between, keys, length_between, not_empty,
};
use tfplugin::value::{Attr, Number, Set};

use super::rules;
use super::words::{AlarmWord, MissingWord, Tier};
use crate::names;
use crate::region::{self, RegionModel};

/// A set of texts, each of which may be unknown.
pub(super) type Texts = Attr<Set<Attr<String>>>;

/// The CloudWatch alarms of one Amazon ECS service, in two tiers, from a few lines: critical (no healthy task, errors,
/// response time, database connections) and warning (CPU, memory, errors, response time, databases, caches), alarms for
/// events (scaling, failed deployments), and one composite alarm that says that the service is unhealthy, for
/// `deployment.alarms` of a `switchyard_blue_green_service`.
///
/// Errors, response time and healthy tasks are computed over all target groups of the service together, so that the
/// alarms follow production from one side to the other. An alarm on one target group watches the wrong side after every
/// other deployment.
///
/// The names of the alarms are `NAME-ALARM`, for databases and caches `NAME-ALARM-IDENTIFIER`. An alarm that exists with
/// such a name and is not in the state is never overwritten.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Name of the set, with which the names of its alarms begin.
    #[attr(required, requires_replace, validate(rules::set_name()))]
    pub name: Attr<String>,
    /// Cluster name or ARN.
    #[attr(required, validate(not_empty()), with = names::replaced_unless_same_cluster)]
    pub cluster: Attr<String>,
    /// Name of the service.
    #[attr(required, requires_replace, validate(not_empty()))]
    pub service: Attr<String>,
    #[attr(flatten, with = region::replaced_in_another)]
    pub placed: RegionModel,
    /// ARN of the Application Load Balancer in front of the service. Without it there are no alarms on healthy tasks,
    /// errors and response time.
    #[attr(optional, validate(rules::load_balancer()))]
    pub load_balancer: Attr<String>,
    /// ARNs of the target groups of the service, both sides of it.
    #[attr(optional, validate(items_between(1, 4), each(rules::target_group())))]
    pub target_groups: Attr<Vec<Attr<String>>>,
    /// Identifiers of the RDS instances that the service uses.
    #[attr(optional, validate(items_between(1, 20), each(rules::identifier())))]
    pub databases: Texts,
    /// Identifiers of the ElastiCache nodes that the service uses.
    #[attr(optional, validate(items_between(1, 20), each(rules::identifier())))]
    pub caches: Texts,
    /// Name of an EventBridge rule that matches failed deployments of the service, for `deployment-failed-event`: ECS
    /// reports failed deployments as events and not as metrics.
    #[attr(optional, validate(length_between(1, 64)))]
    pub deployment_failure_rule: Attr<String>,
    /// ARNs that critical alarms call when they fire and when they are over, such as SNS topics. At most five.
    #[attr(optional, validate(items_between(1, 5), each(rules::action())))]
    pub critical_topics: Texts,
    /// The same for warnings and events. Alarms for events call them only when they fire.
    #[attr(optional, validate(items_between(1, 5), each(rules::action())))]
    pub warning_topics: Texts,
    /// Thresholds that differ from the defaults, by alarm: `errors-critical` (10 percent), `errors-warning` (5),
    /// `latency-critical` (5 seconds), `latency-warning` (2), `unavailable-critical` (fewer than 1 healthy task),
    /// `load-balancer-errors-critical` (10 percent, with the errors of the load balancer itself),
    /// `load-balancer-errors-warning` (5), `cpu-warning` (80 percent), `memory-warning` (85), `database-cpu-warning` (80
    /// percent), `database-storage-warning` (less than 5 GiB free), `database-replica-lag-warning` (30 seconds),
    /// `cache-cpu-warning` (80 percent), `cache-memory-warning` (85), `deployment-failed-event` (0 events a minute).
    /// These exist only with a threshold: `database-connections-critical` (connections), `tasks-maximum-warning` (as many
    /// tasks or more), `scaling-event` (the number of tasks changes by more within a minute),
    /// `cache-evictions-warning` (evictions a minute), `requests-anomaly-warning` and `latency-anomaly-warning` (the width
    /// of the expected band in standard deviations).
    #[attr(
        optional,
        validate(
            items_at_least(1),
            keys(rules::alarm()),
            each(float()),
            each(rules::threshold())
        )
    )]
    pub thresholds: Attr<BTreeMap<String, Attr<Number>>>,
    /// Alarms that this set does not have.
    #[attr(optional, validate(items_at_least(1), each(rules::alarm())))]
    pub off: Attr<Set<Attr<AlarmWord>>>,
    /// What a minute without data counts as, by alarm: `missing`, `ignore`, `breaching` or `notBreaching`. Defaults to
    /// `breaching` for `unavailable-critical` and to `notBreaching` for all others.
    #[attr(
        optional,
        validate(items_at_least(1), keys(rules::alarm()), each(rules::missing()))
    )]
    pub missing_data: Attr<BTreeMap<String, Attr<MissingWord>>>,
    /// Minutes in a row in which a critical threshold must be exceeded.
    #[attr(default = 1, validate(between(1, 60)))]
    pub critical_minutes: Attr<i64>,
    /// Minutes in a row in which the threshold of a warning must be exceeded.
    #[attr(default = 5, validate(between(1, 60)))]
    pub warning_minutes: Attr<i64>,
    /// Requests a minute from which on a share of errors counts: one error of two requests is 50 percent and says
    /// nothing.
    #[attr(default = 20, validate(between(1, 1_000_000)))]
    pub minimum_requests: Attr<i64>,
    /// Tags of the alarms. A plan does not read the tags that the alarms have.
    #[attr(
        optional,
        validate(
            items_at_least(1),
            keys(rules::tag_key()),
            each(length_between(0, 256))
        )
    )]
    pub tags: Attr<BTreeMap<String, Attr<String>>>,
    /// `CLUSTER/SERVICE/NAME`.
    #[attr(computed)]
    pub id: Attr<String>,
    /// The alarms, by what stands after the name of the set in their names.
    #[attr(computed)]
    pub alarms: Attr<BTreeMap<String, AlarmModel>>,
    /// ARNs of the alarms, by the same keys.
    #[attr(computed)]
    pub arns: Attr<BTreeMap<String, String>>,
    /// Name of the composite alarm that fires while a critical alarm does, for `deployment.alarms`. Null without
    /// critical alarms.
    #[attr(computed)]
    pub unhealthy_alarm: Attr<String>,
    /// All tags, with the provider's `default_tags`.
    #[attr(computed)]
    pub tags_all: Attr<BTreeMap<String, String>>,
}

region::regional!(Model, "cluster" = cluster, "load_balancer" = load_balancer);

/// An element of `alarms`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct AlarmModel {
    /// Name.
    #[attr(computed)]
    pub name: Attr<String>,
    /// `critical`, `warning`, `event`, or `deployments` for the composite alarm.
    #[attr(computed)]
    pub tier: Attr<Tier>,
    /// What it measures: metrics and metric math, or the rule of the composite alarm.
    #[attr(computed)]
    pub measures: Attr<String>,
    /// How value and threshold are compared, in CloudWatch's words.
    #[attr(computed)]
    pub comparison: Attr<String>,
    /// Threshold. Null for a band and for the composite alarm.
    #[attr(computed)]
    pub threshold: Attr<Number>,
    /// Minutes in a row that are evaluated.
    #[attr(computed)]
    pub minutes: Attr<i64>,
    /// Of those, how many must exceed the threshold.
    #[attr(computed)]
    pub datapoints: Attr<i64>,
    /// What a minute without data counts as.
    #[attr(computed)]
    pub missing_data: Attr<MissingWord>,
    /// Whether it calls its topics.
    #[attr(computed)]
    pub enabled: Attr<bool>,
    /// ARNs called when it fires.
    #[attr(computed)]
    pub actions: Attr<BTreeSet<String>>,
    /// ARNs called when it is over.
    #[attr(computed)]
    pub ok_actions: Attr<BTreeSet<String>>,
    /// Description.
    #[attr(computed)]
    pub description: Attr<String>,
}
