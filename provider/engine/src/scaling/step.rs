//! What has to be done, in which order.

use std::collections::BTreeMap;

use super::same::zone_of;
use super::{
    DesiredScaling, LiveScaling, Owned, RightBounds, Unmanaged, are_right, bounds_now, by_name,
    raises_bounds, same_alarm, same_policy, same_schedule,
};
use crate::CREATING_TAG;
use crate::ports::{
    AlarmDefinition, Policy, ScheduledAction, SuspendedState, TargetChange, TrackedMetric,
};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum ScalingChange {
    /// Registers the target or changes it.
    RegisterTarget(TargetChange),
    /// Puts a policy.
    PutPolicy {
        /// Name.
        name: String,
        /// What it does.
        policy: Policy,
    },
    /// AWS takes one tracker per metric: the old one goes and the new one comes at once; the old one is put back
    /// when AWS does not take the new one.
    ReplacePolicy {
        /// Name of the one that goes.
        old: String,
        /// What that one does.
        before: Policy,
        /// Name of the one that comes.
        name: String,
        /// What it does.
        policy: Policy,
    },
    /// Puts the alarm of a step policy; its action is the policy.
    PutAlarm {
        /// Name of the policy.
        policy: String,
        /// The alarm.
        alarm: AlarmDefinition,
    },
    /// Puts a scheduled action.
    PutSchedule(ScheduledAction),
    /// Deletes an alarm.
    DeleteAlarm(String),
    /// Deletes a policy.
    DeletePolicy(String),
    /// Deletes a scheduled action.
    DeleteSchedule(String),
    /// Changes tags of the target.
    Tag {
        /// Set.
        add: BTreeMap<String, String>,
        /// Taken away.
        remove: Vec<String>,
    },
}

impl std::fmt::Display for ScalingChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RegisterTarget(change) => match change.bounds {
                Some(bounds) => write!(f, "set the bounds {} to {}", bounds.min, bounds.max),
                None => f.write_str("change what is suspended"),
            },
            Self::PutPolicy { name, .. } => write!(f, "put policy `{name}`"),
            Self::ReplacePolicy { old, name, .. } => {
                write!(f, "replace policy `{old}` by `{name}`")
            }
            Self::PutAlarm { alarm, .. } => write!(f, "put alarm `{}`", alarm.name),
            Self::PutSchedule(action) => write!(f, "put schedule `{}`", action.name),
            Self::DeleteAlarm(name) => write!(f, "delete alarm `{name}`"),
            Self::DeletePolicy(name) => write!(f, "delete policy `{name}`"),
            Self::DeleteSchedule(name) => write!(f, "delete schedule `{name}`"),
            Self::Tag { .. } => f.write_str("set the tags"),
        }
    }
}

/// What leads from `live` to `wanted`, in order: the target, new and changed policies with their alarms, schedules,
/// and only then what is obsolete. There is no moment without a policy as long as there is one before and after,
/// except for a tracker that takes over the metric of another one.
pub fn steps(
    wanted: &DesiredScaling,
    live: Option<&LiveScaling>,
    owned: &Owned,
) -> Vec<ScalingChange> {
    let mut steps = Vec::new();
    steps.extend(target(wanted, live, owned).map(ScalingChange::RegisterTarget));
    let (puts, obsolete) = policies(wanted, live, owned);
    let replaced = replaced(&puts);
    steps.extend(puts);
    steps.extend(alarms(wanted, live, &replaced));
    steps.extend(schedules(wanted, live));
    let names: Vec<&str> = wanted
        .alarms
        .values()
        .map(|alarm| alarm.name.as_str())
        .collect();
    let is_other = |name: &String| live.is_some_and(|live| live.other_alarms.contains(name));
    let gone = owned
        .alarms
        .iter()
        .filter(|name| !names.contains(&name.as_str()) && !is_other(name));
    steps.extend(gone.cloned().map(ScalingChange::DeleteAlarm));
    steps.extend(obsolete.into_iter().map(ScalingChange::DeletePolicy));
    let schedules = live.into_iter().flat_map(|live| &live.schedules);
    let gone = schedules.filter(|action| is_obsolete_schedule(wanted, owned, &action.name));
    steps.extend(gone.map(|action| ScalingChange::DeleteSchedule(action.name.clone())));
    steps.extend(live.and_then(|live| tags(wanted, live)));
    steps
}

/// The bounds that are right once `wanted` is applied: those of the schedules that are left then. Schedules that
/// are suspended set nothing.
pub(super) fn right_bounds(
    wanted: &DesiredScaling,
    live: Option<&LiveScaling>,
    owned: &Owned,
) -> RightBounds {
    let Some(live) = live.filter(|_| !wanted.suspended.scheduled) else {
        return RightBounds {
            bounds: wanted.bounds,
            by: None,
            since: None,
        };
    };
    let known = live
        .schedules
        .iter()
        .filter(|action| !is_obsolete_schedule(wanted, owned, &action.name))
        .map(|action| match wanted.schedules.get(&action.name) {
            Some(wanted) => ScheduledAction {
                created: action.created,
                ..wanted.clone()
            },
            None => action.clone(),
        })
        .collect::<Vec<_>>();
    bounds_now(wanted.bounds, &known, live.now)
}

fn target(
    wanted: &DesiredScaling,
    live: Option<&LiveScaling>,
    owned: &Owned,
) -> Option<TargetChange> {
    let Some(live) = live else {
        let mut tags = wanted.tags.values().clone();
        // Without it nobody knew whose it is when this run ends before a state is written.
        tags.insert(CREATING_TAG.to_owned(), "scaling".to_owned());
        return Some(TargetChange {
            bounds: Some(wanted.bounds),
            suspended: Some(wanted.suspended),
            tags,
        });
    };
    let right = right_bounds(wanted, Some(live), owned).bounds;
    // What a forecast has raised stays, as long as nobody wants other bounds.
    let raised = owned.bounds == Some(wanted.bounds) && raises_bounds(wanted.policies.values());
    let bounds = (!are_right(live.target.bounds, right, raised)).then_some(right);
    // What a rollout holds stays held until it lets go.
    let suspended = SuspendedState {
        scale_in: wanted.suspended.scale_in || live.held.scale_in,
        scale_out: wanted.suspended.scale_out || live.held.scale_out,
        scheduled: wanted.suspended.scheduled || live.held.scheduled,
    };
    let suspended = (live.target.suspended != wanted.suspended).then_some(suspended);
    (bounds.is_some() || suspended.is_some()).then(|| TargetChange {
        bounds,
        suspended,
        tags: BTreeMap::new(),
    })
}

/// The metric a tracker holds on its target; other policies hold none.
pub(super) fn tracked(policy: &Policy) -> Option<&TrackedMetric> {
    match policy {
        Policy::TargetTracking(tracking) => Some(&tracking.metric),
        Policy::Step(_) | Policy::Predictive(_) | Policy::Unknown(_) => None,
    }
}

/// Whoever of `current` holds the metric that `policy` under `name` needs.
fn holder<'a>(
    current: &BTreeMap<&'a str, &'a Policy>,
    name: &str,
    policy: &Policy,
) -> Option<(&'a str, &'a Policy)> {
    let metric = tracked(policy)?;
    let mut others = current.iter().filter(|(other, _)| **other != name);
    others
        .find(|(_, held)| tracked(held) == Some(metric))
        .map(|(name, policy)| (*name, *policy))
}

fn is_obsolete_policy(wanted: &DesiredScaling, owned: &Owned, name: &str) -> bool {
    !wanted.policies.contains_key(name)
        && (owned.policies.contains(name) || wanted.unmanaged == Unmanaged::Remove)
}

fn is_obsolete_schedule(wanted: &DesiredScaling, owned: &Owned, name: &str) -> bool {
    !wanted.schedules.contains_key(name)
        && (owned.schedules.contains(name) || wanted.unmanaged == Unmanaged::Remove)
}

/// The puts, and the names that are obsolete after them.
fn policies(
    wanted: &DesiredScaling,
    live: Option<&LiveScaling>,
    owned: &Owned,
) -> (Vec<ScalingChange>, Vec<String>) {
    let found = live.map(|live| by_name(&live.policies)).unwrap_or_default();
    let mut current: BTreeMap<&str, &Policy> = found
        .iter()
        .map(|(name, found)| (*name, &found.policy))
        .collect();
    let mut pending: BTreeMap<&str, &Policy> = wanted
        .policies
        .iter()
        .filter(|(name, policy)| {
            current
                .get(name.as_str())
                .is_none_or(|found| !same_policy(found, policy))
        })
        .map(|(name, policy)| (name.as_str(), policy))
        .collect();
    let mut puts = Vec::new();
    loop {
        // Whatever needs nobody's metric comes first: it may set free what another one needs.
        let free = pending
            .iter()
            .find(|(name, policy)| holder(&current, name, policy).is_none());
        let Some((name, policy)) = free
            .or_else(|| pending.iter().next())
            .map(|(name, policy)| (*name, *policy))
        else {
            break;
        };
        let held = holder(&current, name, policy)
            .filter(|(old, _)| pending.contains_key(old) || is_obsolete_policy(wanted, owned, old));
        puts.push(match held {
            Some((old, before)) => {
                current.remove(old);
                ScalingChange::ReplacePolicy {
                    old: old.to_owned(),
                    before: before.clone(),
                    name: name.to_owned(),
                    policy: policy.clone(),
                }
            }
            None => ScalingChange::PutPolicy {
                name: name.to_owned(),
                policy: policy.clone(),
            },
        });
        current.insert(name, policy);
        pending.remove(name);
    }
    let obsolete = current
        .keys()
        .filter(|name| is_obsolete_policy(wanted, owned, name))
        .map(|name| (*name).to_owned())
        .collect();
    (puts, obsolete)
}

/// Names of policies that are deleted on the way: what comes back under such a name has another ARN.
fn replaced(puts: &[ScalingChange]) -> Vec<String> {
    puts.iter()
        .filter_map(|step| match step {
            ScalingChange::ReplacePolicy { old, .. } => Some(old.clone()),
            ScalingChange::RegisterTarget(_)
            | ScalingChange::PutPolicy { .. }
            | ScalingChange::PutAlarm { .. }
            | ScalingChange::PutSchedule(_)
            | ScalingChange::DeleteAlarm(_)
            | ScalingChange::DeletePolicy(_)
            | ScalingChange::DeleteSchedule(_)
            | ScalingChange::Tag { .. } => None,
        })
        .collect()
}

fn alarms(
    wanted: &DesiredScaling,
    live: Option<&LiveScaling>,
    replaced: &[String],
) -> Vec<ScalingChange> {
    let found = live.map(|live| by_name(&live.policies)).unwrap_or_default();
    let is_right = |policy: &String, alarm: &AlarmDefinition| {
        let arn = found
            .get(policy.as_str())
            .filter(|_| !replaced.contains(policy))
            .map(|found| &found.arn);
        let there = live.and_then(|live| live.alarms.get(&alarm.name));
        there.zip(arn).is_some_and(|(there, arn)| {
            same_alarm(there, alarm) && there.actions.as_slice() == std::slice::from_ref(arn)
        })
    };
    wanted
        .alarms
        .iter()
        .filter(|(policy, alarm)| !is_right(policy, alarm))
        .map(|(policy, alarm)| ScalingChange::PutAlarm {
            policy: policy.clone(),
            alarm: alarm.clone(),
        })
        .collect()
}

fn schedules(wanted: &DesiredScaling, live: Option<&LiveScaling>) -> Vec<ScalingChange> {
    let mut steps = Vec::new();
    for (name, action) in &wanted.schedules {
        let found = live
            .into_iter()
            .flat_map(|live| &live.schedules)
            .find(|found| found.name == *name);
        let mut put = ScheduledAction {
            name: name.clone(),
            arn: None,
            created: None,
            ..action.clone()
        };
        if let Some(found) = found {
            if same_schedule(found, &put) {
                continue;
            }
            if found.timezone.is_some() {
                // A put without a time zone leaves the old one.
                put.timezone = Some(zone_of(action).to_owned());
            }
        }
        steps.push(ScalingChange::PutSchedule(put));
    }
    steps
}

fn tags(wanted: &DesiredScaling, live: &LiveScaling) -> Option<ScalingChange> {
    let change = wanted.tags.change(&live.tags);
    let is_needed = live.target.arn.is_some() && !change.is_empty();
    is_needed.then(|| ScalingChange::Tag {
        add: change.set,
        remove: change.remove.into_iter().collect(),
    })
}
