//! What the user can write, and what it does: one struct for schema, configuration, plan and state.

use std::collections::BTreeMap;

use tfplugin::schema::validators::{
    each, items_at_least, items_between, keys, length_between, not_empty,
};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::{Attr, Set};

use super::rules;
use crate::alarm_set::rules as alarm_rules;
use crate::names;

/// A set of texts, each of which may be unknown.
pub(super) type Texts = Attr<Set<Attr<String>>>;

/// The CloudWatch dashboard of one Amazon ECS service: an overview, the load balancer and the errors by side, response
/// times (p50, p90, p99), CPU, memory, tasks, network and storage, databases, caches, deployments, and custom metrics.
///
/// The plan shows the whole body as soon as everything it is made of is known.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Name of the dashboard, unique in the account.
    #[attr(required, requires_replace, validate(rules::dashboard_name()))]
    pub name: Attr<String>,
    /// Cluster name or ARN.
    #[attr(required, validate(not_empty()))]
    pub cluster: Attr<String>,
    /// Name of the service.
    #[attr(required, validate(not_empty()))]
    pub service: Attr<String>,
    /// Region of the metrics. Defaults to the region of the provider. The dashboard itself belongs to the account and is
    /// shown in every region, so that a change is made in place.
    #[attr(optional, computed, validate(names::region()))]
    pub region: Attr<String>,
    /// ARN of the Application Load Balancer in front of the service.
    #[attr(optional, validate(alarm_rules::load_balancer()))]
    pub load_balancer: Attr<String>,
    /// ARNs of the target groups of the service: each is a side in the graphs. They are shown with `load_balancer` only.
    #[attr(
        optional,
        validate(items_between(1, 4), each(alarm_rules::target_group()))
    )]
    pub target_groups: Attr<Vec<Attr<String>>>,
    /// Identifiers of the RDS instances that the service uses.
    #[attr(
        optional,
        validate(items_between(1, 20), each(alarm_rules::identifier()))
    )]
    pub databases: Texts,
    /// Identifiers of the ElastiCache nodes that the service uses.
    #[attr(
        optional,
        validate(items_between(1, 20), each(alarm_rules::identifier()))
    )]
    pub caches: Texts,
    /// Whether the cluster has Container Insights, which measures tasks, network and storage. Without it the dashboard
    /// has no graphs of network and storage.
    #[attr(default = true)]
    pub container_insights: Attr<bool>,
    /// ARNs of alarms whose states are shown on top, such as `values(switchyard_alarm_set.web.arns)`. At most 100.
    #[attr(optional, validate(items_between(1, 100), each(rules::alarm())))]
    pub alarms: Texts,
    /// Name of a log group to which an EventBridge rule sends the events `ECS Deployment State Change`: the dashboard
    /// lists the deployments of the service.
    #[attr(optional, validate(rules::log_group()))]
    pub deployment_log_group: Attr<String>,
    /// Times that are marked in every graph, by what the mark says, such as `{ "release 7" = "2026-11-30T14:05:00Z" }`.
    #[attr(
        optional,
        validate(
            items_between(1, 50),
            keys(length_between(1, 200)),
            each(rules::moment())
        )
    )]
    pub marks: Attr<BTreeMap<String, Attr<String>>>,
    /// Name of the dashboard.
    #[attr(computed)]
    pub id: Attr<String>,
    /// ARN of the dashboard.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// The dashboard as a JSON document.
    #[attr(computed)]
    pub body: Attr<String>,
    /// A custom metric, such as a business metric. Metrics with the same `graph` share one, in the order of the blocks.
    #[attr(block, with = |block: NestedBlock| block.items(0, 100))]
    pub metric: Attr<Vec<Attr<MetricModel>>>,
}

/// `metric`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct MetricModel {
    /// Title of the graph.
    #[attr(required, validate(length_between(1, 255)))]
    pub graph: Attr<String>,
    /// Namespace of the metric.
    #[attr(required, validate(length_between(1, 255)))]
    pub namespace: Attr<String>,
    /// Name of the metric.
    #[attr(required, validate(length_between(1, 255)))]
    pub name: Attr<String>,
    /// Dimensions of the metric. Defaults to none.
    #[attr(optional, validate(items_at_least(1), each(not_empty())))]
    pub dimensions: Attr<BTreeMap<String, Attr<String>>>,
    /// Statistic, such as `Sum`, `Average` or `p99`.
    #[attr(
        default = "Sum",
        validate(crate::blue_green_service::rules::statistic())
    )]
    pub statistic: Attr<String>,
    /// What the legend says. Defaults to the name of the metric.
    #[attr(optional, validate(not_empty()))]
    pub label: Attr<String>,
}
