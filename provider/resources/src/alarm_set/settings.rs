//! From the model to a configuration in which everything is known.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::ports::{MissingData, cluster_name};
use tfplugin::value::{Attr, Set};

use super::model::{Model, Texts};
use super::words::AlarmWord;

/// A configuration in which everything is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settings {
    /// Name of the set.
    pub(super) name: String,
    /// Cluster name.
    pub(super) cluster: String,
    /// Service name.
    pub(super) service: String,
    /// The dimension `LoadBalancer`.
    pub(super) load_balancer: Option<String>,
    /// The dimensions `TargetGroup`, in the order of the configuration.
    pub(super) target_groups: Vec<String>,
    /// Identifiers of databases.
    pub(super) databases: BTreeSet<String>,
    /// Identifiers of cache nodes.
    pub(super) caches: BTreeSet<String>,
    /// The rule for failed deployments.
    pub(super) deployment_failure_rule: Option<String>,
    /// What critical alarms call.
    pub(super) critical_topics: BTreeSet<String>,
    /// What warnings call.
    pub(super) warning_topics: BTreeSet<String>,
    /// Thresholds of the configuration, by the alarm's word.
    pub(super) thresholds: BTreeMap<String, f64>,
    /// Alarms that there are not.
    pub(super) off: BTreeSet<AlarmWord>,
    /// What missing data counts as, by the alarm's word.
    pub(super) missing: BTreeMap<String, MissingData>,
    /// Periods that critical alarms look at.
    pub(super) critical_minutes: u32,
    /// Periods that warnings look at.
    pub(super) warning_minutes: u32,
    /// Requests a minute from which on errors count.
    pub(super) minimum_requests: u32,
}

/// The configuration; `None` while part of it is unknown.
pub(super) fn settings(model: &Model) -> Option<Settings> {
    let balancer = model.load_balancer.settled(|arn| Some(dimension(arn)))?;
    let groups = model.target_groups.settled(|groups| {
        let arns = groups.iter().map(|arn| Some(dimension(arn.known()?)));
        arns.collect::<Option<Vec<String>>>()
    })?;
    let thresholds = model.thresholds.settled(|all| {
        let pairs = all.iter();
        pairs
            .map(|(word, number)| Some((word.clone(), number.known()?.nearest_f64()?)))
            .collect::<Option<BTreeMap<String, f64>>>()
    })?;
    let missing = model.missing_data.settled(|all| {
        let pairs = all.iter();
        pairs
            .map(|(word, missing)| Some((word.clone(), missing.known()?.engine())))
            .collect::<Option<BTreeMap<String, MissingData>>>()
    })?;
    let count = |value: &Attr<i64>| u32::try_from(*value.known()?).ok();
    Some(Settings {
        name: model.name.known()?.clone(),
        cluster: cluster_name(model.cluster.known()?).to_owned(),
        service: model.service.known()?.clone(),
        load_balancer: balancer,
        target_groups: groups.unwrap_or_default(),
        databases: texts(&model.databases)?,
        caches: texts(&model.caches)?,
        deployment_failure_rule: model
            .deployment_failure_rule
            .settled(|rule| Some(rule.clone()))?,
        critical_topics: texts(&model.critical_topics)?,
        warning_topics: texts(&model.warning_topics)?,
        thresholds: thresholds.unwrap_or_default(),
        off: whole(&model.off)?,
        missing: missing.unwrap_or_default(),
        critical_minutes: count(&model.critical_minutes)?,
        warning_minutes: count(&model.warning_minutes)?,
        minimum_requests: count(&model.minimum_requests)?,
    })
}

fn texts(set: &Texts) -> Option<BTreeSet<String>> {
    whole(set)
}

/// The elements, if all of them are known; none for null.
fn whole<T: Clone + Ord>(set: &Attr<Set<Attr<T>>>) -> Option<BTreeSet<T>> {
    match set {
        Attr::Unknown => None,
        Attr::Null => Some(BTreeSet::new()),
        Attr::Known(elements) => elements.iter().map(|it| it.known().cloned()).collect(),
    }
}

/// What CloudWatch calls a load balancer or a target group: the end of its ARN.
fn dimension(arn: &str) -> String {
    let resource = arn.rsplit(':').next().unwrap_or(arn);
    let short = resource.strip_prefix("loadbalancer/").unwrap_or(resource);
    short.to_owned()
}
