//! From alarms to the configuration that makes them, for an import.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::ports::{
    AlarmCondition, AlarmLimit, LiveAlarm, MetricCondition, MetricQuery, MetricSource,
};
use tfplugin::value::{Attr, Set};

use super::catalog::{Kind, Subject, kind_of, kinds};
use super::desired::{self, Settings};
use super::measures::{AT_LEAST, VALUE};
use super::model::{Model, Texts};
use super::shown::number;
use super::words::{AlarmWord, MissingWord, Tier};

/// An alarm of the set and what it is.
struct Found<'a> {
    kind: Kind,
    object: Option<String>,
    live: &'a LiveAlarm,
    condition: &'a MetricCondition,
}

/// The model of an import, with everything that the alarms say. What they do not say has its default.
pub(super) fn recovered(imported: Model, alarms: &BTreeMap<String, LiveAlarm>) -> Model {
    let set = imported.name.known().cloned().unwrap_or_default();
    let found: Vec<Found<'_>> = alarms
        .values()
        .filter_map(|live| {
            let key = live.alarm.name.strip_prefix(&set)?.strip_prefix('-')?;
            let (kind, object) = kind_of(key)?;
            match &live.alarm.condition {
                AlarmCondition::Metric(condition) => Some(Found {
                    kind,
                    object,
                    live,
                    condition,
                }),
                AlarmCondition::Composite(_) => None,
            }
        })
        .collect();
    let defaults = Model::defaults();
    let minutes = |tier: Tier, default: &Attr<i64>| {
        let of_tier = found.iter().find(|it| it.kind.tier == tier);
        of_tier.map_or(*default, |it| {
            Attr::Known(it.condition.evaluation_periods.into())
        })
    };
    let model = Model {
        load_balancer: load_balancer(&found),
        target_groups: target_groups(&found),
        databases: identifiers(&found, Subject::Database),
        caches: identifiers(&found, Subject::Cache),
        deployment_failure_rule: Attr::from(dimension(&found, "RuleName")),
        critical_topics: topics(&found, &[Tier::Critical]),
        warning_topics: topics(&found, &[Tier::Warning, Tier::Event]),
        thresholds: thresholds(&found),
        missing_data: missing(&found),
        critical_minutes: minutes(Tier::Critical, &defaults.critical_minutes),
        warning_minutes: minutes(Tier::Warning, &defaults.warning_minutes),
        minimum_requests: found
            .iter()
            .find_map(minimum_requests)
            .map_or(defaults.minimum_requests, Attr::Known),
        ..imported
    };
    let off = desired::settings(&model).map(|settings| off(&settings, &found));
    Model {
        off: set_or_null(off.unwrap_or_default()),
        id: super::plan::id(&model),
        unhealthy_alarm: Attr::from(
            alarms
                .values()
                .find(|live| live.alarm.is_composite())
                .map(|live| live.alarm.name.clone()),
        ),
        ..model
    }
}

/// The first value of a dimension.
fn dimension(found: &[Found<'_>], name: &str) -> Option<String> {
    let queries = found.iter().flat_map(|it| &it.condition.queries);
    queries
        .filter_map(dimensions)
        .find_map(|it| it.get(name).cloned())
}

fn dimensions(query: &MetricQuery) -> Option<&BTreeMap<String, String>> {
    match &query.source {
        MetricSource::Metric { dimensions, .. } => Some(dimensions),
        MetricSource::Expression(_) => None,
    }
}

/// `arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:`, from the ARN of an alarm: dimensions have the rest only.
fn load_balancing(found: &[Found<'_>]) -> Option<String> {
    let mut parts = found.first()?.live.arn.split(':');
    let (arn, partition, _, region, account) = (
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
    );
    Some(format!(
        "{arn}:{partition}:elasticloadbalancing:{region}:{account}:"
    ))
}

fn load_balancer(found: &[Found<'_>]) -> Attr<String> {
    let arn = dimension(found, "LoadBalancer")
        .zip(load_balancing(found))
        .map(|(balancer, begin)| format!("{begin}loadbalancer/{balancer}"));
    Attr::from(arn)
}

/// In the order of the queries, which is that of the configuration.
fn target_groups(found: &[Found<'_>]) -> Attr<Vec<Attr<String>>> {
    let sides = found.iter().find(|it| it.kind.subject == Subject::Sides);
    let Some((sides, begin)) = sides.zip(load_balancing(found)) else {
        return Attr::Null;
    };
    let mut groups: Vec<String> = Vec::new();
    for query in &sides.condition.queries {
        let group = dimensions(query).and_then(|it| it.get("TargetGroup"));
        let arn = group.map(|group| format!("{begin}{group}"));
        groups.extend(arn.filter(|arn| !groups.contains(arn)));
    }
    if groups.is_empty() {
        return Attr::Null;
    }
    Attr::Known(groups.into_iter().map(Attr::Known).collect())
}

fn set_or_null<T: Ord>(elements: BTreeSet<T>) -> Attr<Set<Attr<T>>> {
    if elements.is_empty() {
        return Attr::Null;
    }
    Attr::Known(elements.into_iter().map(Attr::Known).collect())
}

fn identifiers(found: &[Found<'_>], subject: Subject) -> Texts {
    let of_subject = found.iter().filter(|it| it.kind.subject == subject);
    set_or_null(of_subject.filter_map(|it| it.object.clone()).collect())
}

fn topics(found: &[Found<'_>], tiers: &[Tier]) -> Texts {
    let of_tier = found.iter().filter(|it| tiers.contains(&it.kind.tier));
    let actions = of_tier.flat_map(|it| &it.live.alarm.actions);
    set_or_null(actions.cloned().collect())
}

/// Those that are not the default, of the first alarm of a kind.
fn thresholds(found: &[Found<'_>]) -> Attr<BTreeMap<String, Attr<tfplugin::value::Number>>> {
    let mut all = BTreeMap::new();
    for it in found {
        let value = threshold(it).filter(|value| it.kind.threshold != Some(*value));
        if let Some(value) = value.and_then(number) {
            all.insert(it.kind.word.word().to_owned(), Attr::Known(value));
        }
    }
    if all.is_empty() {
        Attr::Null
    } else {
        Attr::Known(all)
    }
}

fn threshold(found: &Found<'_>) -> Option<f64> {
    match &found.condition.limit {
        AlarmLimit::Threshold(threshold) => Some(*threshold),
        AlarmLimit::Band(id) => {
            let text = expression(found, id)?;
            let width = text.rsplit_once(',')?.1.trim().strip_suffix(')')?;
            width.parse().ok()
        }
    }
}

fn expression<'a>(found: &'a Found<'_>, id: &str) -> Option<&'a str> {
    let query = found.condition.queries.iter().find(|it| it.id == id)?;
    match &query.source {
        MetricSource::Expression(text) => Some(text),
        MetricSource::Metric { .. } => None,
    }
}

fn minimum_requests(found: &Found<'_>) -> Option<i64> {
    match found.kind.word {
        AlarmWord::ErrorsCritical
        | AlarmWord::ErrorsWarning
        | AlarmWord::LoadBalancerErrorsCritical
        | AlarmWord::LoadBalancerErrorsWarning => {
            let (_, after) = expression(found, VALUE)?.split_once(AT_LEAST)?;
            after.split(',').next()?.trim().parse().ok()
        }
        AlarmWord::Unavailable
        | AlarmWord::LatencyCritical
        | AlarmWord::LatencyWarning
        | AlarmWord::Cpu
        | AlarmWord::Memory
        | AlarmWord::TasksMaximum
        | AlarmWord::Scaling
        | AlarmWord::DeploymentFailed
        | AlarmWord::RequestsAnomaly
        | AlarmWord::LatencyAnomaly
        | AlarmWord::DatabaseConnections
        | AlarmWord::DatabaseCpu
        | AlarmWord::DatabaseStorage
        | AlarmWord::DatabaseReplicaLag
        | AlarmWord::CacheCpu
        | AlarmWord::CacheMemory
        | AlarmWord::CacheEvictions
        | AlarmWord::Unknown(_) => None,
    }
}

fn missing(found: &[Found<'_>]) -> Attr<BTreeMap<String, Attr<MissingWord>>> {
    let others = found
        .iter()
        .filter(|it| it.condition.missing != it.kind.missing);
    let others = others.map(|it| {
        let word = MissingWord::of(&it.condition.missing);
        (it.kind.word.word().to_owned(), Attr::Known(word))
    });
    let others: BTreeMap<_, _> = others.collect();
    if others.is_empty() {
        Attr::Null
    } else {
        Attr::Known(others)
    }
}

/// Alarms that a configuration without `off` would have, and that are not there.
fn off(settings: &Settings, found: &[Found<'_>]) -> BTreeSet<AlarmWord> {
    kinds()
        .into_iter()
        .filter(|kind| {
            desired::threshold(kind, settings).is_some()
                && !desired::objects(kind.subject, settings).is_empty()
                && !found.iter().any(|it| it.kind.word == kind.word)
        })
        .map(|kind| kind.word)
        .collect()
}
