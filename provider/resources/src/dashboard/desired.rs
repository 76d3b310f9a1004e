//! From the model to what the dashboard shows, once everything is known.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::ports::cluster_name;
use tfplugin::value::{Attr, Set};

use super::model::{MetricModel, Model};

/// A configuration in which everything is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settings {
    /// Name of the dashboard.
    pub(super) name: String,
    /// Cluster name.
    pub(super) cluster: String,
    /// Service name.
    pub(super) service: String,
    /// Region of the metrics.
    pub(super) region: String,
    /// The dimension `LoadBalancer`.
    pub(super) load_balancer: Option<String>,
    /// The dimensions `TargetGroup`.
    pub(super) target_groups: Vec<String>,
    /// Identifiers of databases.
    pub(super) databases: BTreeSet<String>,
    /// Identifiers of cache nodes.
    pub(super) caches: BTreeSet<String>,
    /// Whether there are metrics of Container Insights.
    pub(super) container_insights: bool,
    /// ARNs of alarms.
    pub(super) alarms: BTreeSet<String>,
    /// Log group with events of deployments.
    pub(super) deployment_log_group: Option<String>,
    /// Marks by what they say.
    pub(super) marks: BTreeMap<String, String>,
    /// Custom metrics.
    pub(super) metrics: Vec<Custom>,
}

/// A custom metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Custom {
    /// Title of the graph.
    pub(super) graph: String,
    /// Namespace.
    pub(super) namespace: String,
    /// Name.
    pub(super) name: String,
    /// Dimensions.
    pub(super) dimensions: BTreeMap<String, String>,
    /// Statistic.
    pub(super) statistic: String,
    /// What the legend says.
    pub(super) label: Option<String>,
}

/// The configuration; `None` while part of it is unknown.
pub(super) fn settings(model: &Model) -> Option<Settings> {
    let groups = model.target_groups.settled(|groups| {
        let arns = groups.iter().map(|arn| Some(dimension(arn.known()?)));
        arns.collect::<Option<Vec<String>>>()
    })?;
    let metrics = model.metric.settled(|metrics| {
        let metrics = metrics.iter().map(|metric| custom(metric.known()?));
        metrics.collect::<Option<Vec<Custom>>>()
    })?;
    Some(Settings {
        name: model.name.known()?.clone(),
        cluster: cluster_name(model.cluster.known()?).to_owned(),
        service: model.service.known()?.clone(),
        region: model.region.known()?.clone(),
        load_balancer: model.load_balancer.settled(|arn| Some(dimension(arn)))?,
        target_groups: groups.unwrap_or_default(),
        databases: whole(&model.databases)?,
        caches: whole(&model.caches)?,
        container_insights: *model.container_insights.known()?,
        alarms: whole(&model.alarms)?,
        deployment_log_group: model.deployment_log_group.settled(|it| Some(it.clone()))?,
        marks: map(&model.marks)?,
        metrics: metrics.unwrap_or_default(),
    })
}

fn custom(metric: &MetricModel) -> Option<Custom> {
    Some(Custom {
        graph: metric.graph.known()?.clone(),
        namespace: metric.namespace.known()?.clone(),
        name: metric.name.known()?.clone(),
        dimensions: map(&metric.dimensions)?,
        statistic: metric.statistic.known()?.clone(),
        label: metric.label.settled(|label| Some(label.clone()))?,
    })
}

fn map(map: &Attr<BTreeMap<String, Attr<String>>>) -> Option<BTreeMap<String, String>> {
    let map = map.settled(|map| {
        let pairs = map.iter();
        pairs
            .map(|(key, value)| Some((key.clone(), value.known()?.clone())))
            .collect()
    })?;
    Some(map.unwrap_or_default())
}

/// The elements, if all of them are known; none for null.
fn whole(set: &Attr<Set<Attr<String>>>) -> Option<BTreeSet<String>> {
    let set = set.settled(|set| set.iter().map(|it| it.known().cloned()).collect())?;
    Some(set.unwrap_or_default())
}

/// What CloudWatch calls a load balancer or a target group: the end of its ARN.
fn dimension(arn: &str) -> String {
    let resource = arn.rsplit(':').next().unwrap_or(arn);
    let short = resource.strip_prefix("loadbalancer/").unwrap_or(resource);
    short.to_owned()
}
