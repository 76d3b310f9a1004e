//! From the model to the alarms that there are to be, once everything is known.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::monitoring::{DesiredAlarms, RecordedAlarms};
use switchyard_engine::ports::{Alarm, AlarmCondition, AlarmLimit, MetricCondition};

use super::catalog::{Kind, Subject, UNHEALTHY, kinds};
use super::measures::{self, BAND};
use super::model::Model;
pub(super) use super::settings::{Settings, settings};
use super::words::{AlarmWord, Tier};
use crate::tags::Tagging;

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
