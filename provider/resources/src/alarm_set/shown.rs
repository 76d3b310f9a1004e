//! From alarms to what the state shows of them: planned ones and those of AWS alike.

use std::collections::BTreeMap;

use switchyard_engine::ports::{Alarm, AlarmCondition, AlarmLimit, LiveAlarm};
use tfplugin::value::{Attr, Number};

use super::catalog::{UNHEALTHY, kind_of};
use super::desired::{Entry, Settings};
use super::measures;
use super::model::{AlarmModel, Model};
use super::words::{MissingWord, Tier};

/// A threshold as a number of Terraform, with the digits that people write.
pub(super) fn number(value: f64) -> Option<Number> {
    value.to_string().parse().ok()
}

/// One alarm.
pub(super) fn alarm(alarm: &Alarm, tier: Tier) -> AlarmModel {
    let shown = AlarmModel {
        name: Attr::Known(alarm.name.clone()),
        tier: Attr::Known(tier),
        enabled: Attr::Known(alarm.calls),
        actions: Attr::Known(alarm.actions.iter().cloned().collect()),
        ok_actions: Attr::Known(alarm.ok_actions.iter().cloned().collect()),
        description: Attr::Known(alarm.description.clone()),
        ..AlarmModel::default()
    };
    match &alarm.condition {
        AlarmCondition::Composite(rule) => AlarmModel {
            measures: Attr::Known(rule.clone()),
            ..shown
        },
        AlarmCondition::Metric(condition) => AlarmModel {
            measures: Attr::Known(measures::in_words(&condition.queries)),
            comparison: Attr::Known(condition.comparison.word().to_owned()),
            threshold: match &condition.limit {
                AlarmLimit::Threshold(threshold) => Attr::from(number(*threshold)),
                AlarmLimit::Band(_) => Attr::Null,
            },
            minutes: Attr::Known(condition.evaluation_periods.into()),
            datapoints: Attr::Known(condition.datapoints_to_alarm.into()),
            missing_data: Attr::Known(MissingWord::of(&condition.missing)),
            ..shown
        },
    }
}

/// All alarms of a configuration.
pub(super) fn planned(entries: &[Entry]) -> BTreeMap<String, AlarmModel> {
    let entries = entries.iter();
    entries
        .map(|entry| (entry.key.clone(), alarm(&entry.alarm, entry.tier.clone())))
        .collect()
}

/// The name of the composite alarm.
pub(super) fn unhealthy(settings: &Settings, entries: &[Entry]) -> Attr<String> {
    let has_one = entries.iter().any(|entry| entry.key == UNHEALTHY);
    Attr::from(has_one.then(|| format!("{}-{UNHEALTHY}", settings.name)))
}

/// The key of an alarm of this set and whom the alarm is for; `None` for one that no set would make.
pub(super) fn key_of(set: &str, alarm: &Alarm) -> Option<(String, Tier)> {
    let key = alarm.name.strip_prefix(set)?.strip_prefix('-')?;
    let tier = if key == UNHEALTHY && alarm.is_composite() {
        Tier::Deployments
    } else {
        kind_of(key)?.0.tier
    };
    Some((key.to_owned(), tier))
}

/// The model with what AWS has of its alarms.
pub(super) fn with_live(model: Model, live: &BTreeMap<String, LiveAlarm>) -> Model {
    let set = model.name.known().map_or("", String::as_str);
    let found: Vec<(String, Tier, &LiveAlarm)> = live
        .values()
        .filter_map(|live| {
            let (key, tier) = key_of(set, &live.alarm)?;
            Some((key, tier, live))
        })
        .collect();
    let arns = found.iter();
    let arns = arns.map(|(key, _, live)| (key.clone(), live.arn.clone()));
    let arns = Attr::Known(arns.collect());
    let alarms = found
        .into_iter()
        .map(|(key, tier, live)| (key, alarm(&live.alarm, tier)));
    Model {
        alarms: Attr::Known(alarms.collect()),
        arns,
        ..model
    }
}
