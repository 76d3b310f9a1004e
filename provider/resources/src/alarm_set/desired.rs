//! From the model to the alarms that there are to be, once everything is known.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::monitoring::{DesiredAlarms, RecordedAlarms};
use switchyard_engine::ports::{
    Alarm, AlarmCondition, AlarmLimit, MetricCondition, MissingData, cluster_name,
};
use tfplugin::value::{Attr, Set};

use super::catalog::{Kind, Subject, UNHEALTHY, kinds};
use super::measures::{self, BAND};
use super::model::{Model, Texts};
use super::words::{AlarmWord, Tier};
use crate::tags::Tagging;

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

/// One alarm of a set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// What stands after the name of the set in its name.
    pub(super) key: String,
    /// Whom it is for.
    pub(super) tier: Tier,
    /// The alarm.
    pub(super) alarm: Alarm,
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

/// Every alarm of the set, by key; the composite one is the last.
pub(super) fn entries(settings: &Settings) -> Vec<Entry> {
    let mut entries: Vec<Entry> = kinds()
        .iter()
        .filter(|kind| !settings.off.contains(&kind.word))
        .filter_map(|kind| Some((kind, threshold(kind, settings)?)))
        .flat_map(|(kind, threshold)| {
            let objects = objects(kind.subject, settings).into_iter();
            objects.map(move |object| entry(kind, settings, threshold, object))
        })
        .collect();
    entries.sort_by(|one, other| one.key.cmp(&other.key));
    entries.extend(composite(settings, &entries));
    entries
}

/// The threshold that the configuration or the default gives; `None` when there is no alarm.
pub(super) fn threshold(kind: &Kind, settings: &Settings) -> Option<f64> {
    let written = settings.thresholds.get(kind.word.word()).copied();
    written.or(kind.threshold)
}

/// Which objects of a subject the set has; a service is one without a name.
pub(super) fn objects(subject: Subject, settings: &Settings) -> Vec<Option<&str>> {
    let once = |is: bool| if is { vec![None] } else { Vec::new() };
    match subject {
        Subject::Service => once(true),
        Subject::Sides | Subject::LoadBalancer => {
            once(settings.load_balancer.is_some() && !settings.target_groups.is_empty())
        }
        Subject::Deployments => once(settings.deployment_failure_rule.is_some()),
        Subject::Database => each_of(&settings.databases),
        Subject::Cache => each_of(&settings.caches),
    }
}

fn each_of(names: &BTreeSet<String>) -> Vec<Option<&str>> {
    names.iter().map(|name| Some(name.as_str())).collect()
}

fn entry(kind: &Kind, settings: &Settings, threshold: f64, object: Option<&str>) -> Entry {
    let key = object.map_or_else(
        || kind.word.word().to_owned(),
        |object| format!("{}-{object}", kind.word.word()),
    );
    let (minutes, topics, ok_topics) = match kind.tier {
        Tier::Critical => {
            let topics = &settings.critical_topics;
            (settings.critical_minutes, topics, Some(topics))
        }
        Tier::Warning => {
            let topics = &settings.warning_topics;
            (settings.warning_minutes, topics, Some(topics))
        }
        // An event is over when it is reported.
        Tier::Event | Tier::Deployments | Tier::Unknown(_) => (1, &settings.warning_topics, None),
    };
    let missing = settings.missing.get(kind.word.word());
    let limit = if kind.has_band() {
        AlarmLimit::Band(BAND.to_owned())
    } else {
        AlarmLimit::Threshold(threshold)
    };
    let condition = MetricCondition {
        queries: measures::queries(kind, settings, threshold, object.unwrap_or_default()),
        comparison: kind.comparison.clone(),
        limit,
        evaluation_periods: minutes,
        datapoints_to_alarm: minutes,
        missing: missing.unwrap_or(&kind.missing).clone(),
    };
    let alarm = Alarm {
        name: format!("{}-{key}", settings.name),
        description: description(kind, settings, threshold, object),
        condition: AlarmCondition::Metric(condition),
        calls: true,
        actions: topics.iter().cloned().collect(),
        ok_actions: ok_topics.into_iter().flatten().cloned().collect(),
    };
    Entry {
        key,
        tier: kind.tier.clone(),
        alarm,
    }
}

fn description(kind: &Kind, settings: &Settings, threshold: f64, object: Option<&str>) -> String {
    let whose = match (kind.subject, object) {
        (Subject::Database, Some(object)) => format!("database {object}"),
        (Subject::Cache, Some(object)) => format!("cache node {object}"),
        (
            Subject::Service
            | Subject::Sides
            | Subject::LoadBalancer
            | Subject::Deployments
            | Subject::Database
            | Subject::Cache,
            _,
        ) => format!("service {}", settings.service),
    };
    let what = match kind.word {
        AlarmWord::Unavailable => format!("fewer than {threshold} tasks are healthy"),
        AlarmWord::ErrorsCritical | AlarmWord::ErrorsWarning => {
            format!("more than {threshold} percent of the responses are errors")
        }
        AlarmWord::LatencyCritical | AlarmWord::LatencyWarning => {
            format!("responses take more than {threshold} seconds")
        }
        AlarmWord::LoadBalancerErrorsCritical | AlarmWord::LoadBalancerErrorsWarning => format!(
            "more than {threshold} percent of all responses are errors, including those of the load balancer itself"
        ),
        AlarmWord::Cpu | AlarmWord::DatabaseCpu | AlarmWord::CacheCpu => {
            format!("CPU is above {threshold} percent")
        }
        AlarmWord::Memory | AlarmWord::CacheMemory => {
            format!("memory is above {threshold} percent")
        }
        AlarmWord::TasksMaximum => format!("{threshold} tasks or more are running"),
        AlarmWord::Scaling => {
            format!("the number of tasks changed by more than {threshold} within a minute")
        }
        AlarmWord::DeploymentFailed => "a deployment failed".to_owned(),
        AlarmWord::RequestsAnomaly => {
            format!("requests are outside of the expected band of {threshold} standard deviations")
        }
        AlarmWord::LatencyAnomaly => format!(
            "responses take longer than the expected band of {threshold} standard deviations"
        ),
        AlarmWord::DatabaseConnections => format!("more than {threshold} connections are open"),
        AlarmWord::DatabaseStorage => format!("less than {threshold} GiB of storage are free"),
        AlarmWord::DatabaseReplicaLag => format!("it is more than {threshold} seconds behind"),
        AlarmWord::CacheEvictions => format!("more than {threshold} evictions a minute"),
        AlarmWord::Unknown(ref word) => word.clone(),
    };
    format!("{}: {whose}: {what}.", kind.tier.word())
}

/// The alarm that fires while one of the critical alarms does; AWS takes no rule without members.
fn composite(settings: &Settings, entries: &[Entry]) -> Option<Entry> {
    let critical = entries.iter().filter(|it| it.tier == Tier::Critical);
    let members: Vec<String> = critical
        .map(|it| format!("ALARM(\"{}\")", it.alarm.name))
        .collect();
    (!members.is_empty()).then(|| Entry {
        key: UNHEALTHY.to_owned(),
        tier: Tier::Deployments,
        alarm: Alarm {
            name: format!("{}-{UNHEALTHY}", settings.name),
            description: format!(
                "Service {} is unhealthy: one of its critical alarms fires. It calls nothing, because those alarms do.",
                settings.service
            ),
            condition: AlarmCondition::Composite(members.join(" OR ")),
            calls: true,
            actions: Vec::new(),
            ok_actions: Vec::new(),
        },
    })
}

/// The tags of the configuration; `None` while part of them is unknown.
pub(super) fn own_tags(model: &Model) -> Option<BTreeMap<String, String>> {
    model
        .tags
        .settled(|tags| {
            tags.iter()
                .map(|(key, value)| Some((key.clone(), value.known()?.clone())))
                .collect()
        })
        .map(Option::unwrap_or_default)
}

/// What the engine is asked for.
pub(super) fn wanted(model: &Model, tagging: &Tagging) -> Option<DesiredAlarms> {
    let entries = entries(&settings(model)?).into_iter();
    Some(DesiredAlarms {
        alarms: entries.map(|entry| entry.alarm).collect(),
        tags: tagging.wanted(&own_tags(model)?),
    })
}

/// What the state says is ours.
pub(super) fn recorded(state: &Model) -> RecordedAlarms {
    let alarms = state.alarms.known().into_iter().flatten();
    RecordedAlarms {
        names: alarms
            .filter_map(|(_, alarm)| alarm.name.known().cloned())
            .collect(),
        tags: state.tags_all.known().cloned().unwrap_or_default(),
    }
}
