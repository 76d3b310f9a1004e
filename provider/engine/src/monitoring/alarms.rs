//! A set of alarms: found, brought about, deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::ports::{Alarm, Error, LiveAlarm, Ports, Result as PortResult};
use crate::tagging::DesiredTags;

/// Metric alarms that one call deletes (a rule of DeleteAlarms).
const DELETED_A_CALL: usize = 100;

/// How long alarms that were put may stay unseen, and how often they are read in that time.
const SEEN_WITHIN: u32 = 30;
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The alarms that there are to be.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredAlarms {
    /// The alarms; names are unique.
    pub alarms: Vec<Alarm>,
    /// The tags of each of them.
    pub tags: DesiredTags,
}

/// What is recorded as ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedAlarms {
    /// Names.
    pub names: BTreeSet<String>,
    /// The tags that each of them was given last.
    pub tags: BTreeMap<String, String>,
}

/// What was being done when a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmCall {
    /// Reading alarms.
    Read,
    /// Putting an alarm.
    Put,
    /// Deleting alarms.
    Delete,
    /// Changing tags.
    Tag,
}

/// Why the alarms are not what they should be.
#[derive(Debug)]
pub enum AlarmsFailed {
    /// Other alarms have these names.
    Taken(Vec<String>),
    /// A call failed.
    Call {
        /// What was being done.
        doing: AlarmCall,
        /// What AWS said.
        error: Error,
    },
    /// Every alarm was put, and AWS does not show these.
    NotSeen(Vec<String>),
}

/// What an apply has left.
#[derive(Debug)]
pub struct AlarmsApplied {
    /// Alarms that were certainly put, by name.
    pub put: BTreeSet<String>,
    /// The alarms that are ours or as desired, by name, as they are now; `None` when they could not be read.
    pub live: Option<BTreeMap<String, LiveAlarm>>,
    /// Whether everything is as desired.
    pub result: Result<(), AlarmsFailed>,
}

/// The alarms of these names that exist.
///
/// # Errors
/// What DescribeAlarms fails with.
pub async fn find_alarms(
    ports: &Ports,
    names: &BTreeSet<String>,
) -> PortResult<BTreeMap<String, LiveAlarm>> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names: Vec<String> = names.iter().cloned().collect();
    ports.monitoring.alarms(&names).await
}

/// Names of desired alarms that other alarms have: not recorded as ours, and not what is desired.
///
/// # Errors
/// What DescribeAlarms fails with.
pub async fn taken_names(
    ports: &Ports,
    desired: &[Alarm],
    ours: &BTreeSet<String>,
) -> PortResult<Vec<String>> {
    let unknown = desired.iter().map(|alarm| alarm.name.clone());
    let unknown = unknown.filter(|name| !ours.contains(name)).collect();
    let found = find_alarms(ports, &unknown).await?;
    Ok(taken(desired, ours, &found))
}

fn taken(
    desired: &[Alarm],
    ours: &BTreeSet<String>,
    found: &BTreeMap<String, LiveAlarm>,
) -> Vec<String> {
    desired
        .iter()
        .filter(|alarm| !ours.contains(&alarm.name))
        // One that is exactly what is desired was put by an apply that was interrupted.
        .filter(|alarm| found.get(&alarm.name).is_some_and(|it| it.alarm != **alarm))
        .map(|alarm| alarm.name.clone())
        .collect()
}

/// Puts what is missing or differs, deletes what is recorded and no longer desired, and reads what there is then.
pub async fn apply_alarms(
    ports: &Ports,
    desired: &DesiredAlarms,
    recorded: &RecordedAlarms,
) -> AlarmsApplied {
    let mut names: BTreeSet<String> = recorded.names.clone();
    names.extend(desired.alarms.iter().map(|alarm| alarm.name.clone()));
    let mut put = BTreeSet::new();
    let before = match find_alarms(ports, &names).await {
        Ok(before) => before,
        Err(error) => {
            let doing = AlarmCall::Read;
            let result = Err(AlarmsFailed::Call { doing, error });
            return AlarmsApplied {
                put,
                live: None,
                result,
            };
        }
    };
    let strangers = taken(&desired.alarms, &recorded.names, &before);
    let result = if strangers.is_empty() {
        change(ports, desired, recorded, &before, &mut put).await
    } else {
        Err(AlarmsFailed::Taken(strangers))
    };
    match result {
        Ok(()) => seen(ports, desired, put).await,
        Err(failed) => {
            let found = find_alarms(ports, &names).await.ok();
            AlarmsApplied {
                live: found.map(|found| ours(found, desired, &recorded.names)),
                put,
                result: Err(failed),
            }
        }
    }
}

/// Without alarms of others that have one of the names.
fn ours(
    mut found: BTreeMap<String, LiveAlarm>,
    desired: &DesiredAlarms,
    recorded: &BTreeSet<String>,
) -> BTreeMap<String, LiveAlarm> {
    found.retain(|name, live| recorded.contains(name) || desired.alarms.contains(&live.alarm));
    found
}

async fn change(
    ports: &Ports,
    desired: &DesiredAlarms,
    recorded: &RecordedAlarms,
    before: &BTreeMap<String, LiveAlarm>,
    put: &mut BTreeSet<String>,
) -> Result<(), AlarmsFailed> {
    let failing = |doing| move |error| AlarmsFailed::Call { doing, error };
    let tags = desired.tags.values();
    let (composite, metric): (Vec<&Alarm>, Vec<&Alarm>) = desired
        .alarms
        .iter()
        .partition(|alarm| alarm.is_composite());
    for alarm in metric.into_iter().chain(composite) {
        let found = before.get(&alarm.name);
        if found.is_some_and(|found| found.alarm == *alarm) {
            continue;
        }
        let written = ports.monitoring.put(alarm, tags).await;
        written.map_err(failing(AlarmCall::Put))?;
        let _ = put.insert(alarm.name.clone());
    }
    let is_desired = |name: &String| desired.alarms.iter().any(|alarm| alarm.name == *name);
    let old = before.values().filter(|it| !is_desired(&it.alarm.name));
    remove(ports, old)
        .await
        .map_err(failing(AlarmCall::Delete))?;
    // AWS takes tags with new alarms only.
    let change = desired.tags.change(&recorded.tags);
    if change.is_empty() {
        return Ok(());
    }
    let kept = before.iter().filter(|(name, _)| is_desired(name));
    for (_, live) in kept.filter(|(name, _)| recorded.names.contains(*name)) {
        let tagged = ports
            .monitoring
            .change_tags(&live.arn, &change.set, &change.remove);
        tagged.await.map_err(failing(AlarmCall::Tag))?;
    }
    Ok(())
}

/// Reads the alarms until AWS shows all of them as they were put. What it shows late is no failure.
async fn seen(ports: &Ports, desired: &DesiredAlarms, put: BTreeSet<String>) -> AlarmsApplied {
    let names: BTreeSet<String> = desired
        .alarms
        .iter()
        .map(|alarm| alarm.name.clone())
        .collect();
    let mut looks = 0;
    loop {
        let live = match find_alarms(ports, &names).await {
            Ok(live) => live,
            Err(error) => {
                let doing = AlarmCall::Read;
                let result = Err(AlarmsFailed::Call { doing, error });
                return AlarmsApplied {
                    put,
                    live: None,
                    result,
                };
            }
        };
        let is_shown = |alarm: &&Alarm| live.get(&alarm.name).is_some_and(|it| it.alarm == **alarm);
        let late = desired.alarms.iter().filter(|alarm| !is_shown(alarm));
        let late: Vec<String> = late.map(|alarm| alarm.name.clone()).collect();
        if late.is_empty() {
            return AlarmsApplied {
                put,
                live: Some(live),
                result: Ok(()),
            };
        }
        looks += 1;
        if looks > SEEN_WITHIN {
            return AlarmsApplied {
                put,
                live: Some(live),
                result: Err(AlarmsFailed::NotSeen(late)),
            };
        }
        ports.clock.sleep(LOOK_EVERY).await;
    }
}

/// Composite alarms first, one at a time, then the metric alarms.
async fn remove<'a>(ports: &Ports, alarms: impl Iterator<Item = &'a LiveAlarm>) -> PortResult<()> {
    let (composite, metric): (Vec<_>, Vec<_>) = alarms.partition(|live| live.alarm.is_composite());
    for live in composite {
        let name = live.alarm.name.clone();
        ports.monitoring.delete(&[name]).await?;
    }
    let metric: Vec<String> = metric
        .into_iter()
        .map(|live| live.alarm.name.clone())
        .collect();
    for some in metric.chunks(DELETED_A_CALL) {
        ports.monitoring.delete(some).await?;
    }
    Ok(())
}

/// Deletes the alarms of these names that exist.
///
/// # Errors
/// The call that failed; alarms that were deleted before it stay deleted.
pub async fn delete_alarms(ports: &Ports, names: &BTreeSet<String>) -> Result<(), AlarmsFailed> {
    let found = find_alarms(ports, names).await;
    let found = found.map_err(|error| AlarmsFailed::Call {
        doing: AlarmCall::Read,
        error,
    })?;
    let removed = remove(ports, found.values()).await;
    removed.map_err(|error| AlarmsFailed::Call {
        doing: AlarmCall::Delete,
        error,
    })
}
