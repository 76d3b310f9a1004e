//! Reads what there is.

use std::collections::{BTreeMap, BTreeSet};

use super::LiveScaling;
use crate::emergency::EmergencyScaling;
use crate::notes::{noted, without};
use crate::ports::{
    AlarmDefinition, ErrorKind, Ports, Result, Service, ServiceRef, ServiceStatus, SuspendedState,
};
use crate::{CREATING_TAG, SCALING_TAG};

/// Whether the tags of the target are read: that is a call for each target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetTags {
    /// They are.
    Read,
    /// They are not, and are shown as none; nor is it seen whether a creation of ours is unfinished. For who knows
    /// that nothing of ours is in them.
    Leave,
}

/// What there is for a service, and those of the alarms that exist. Absent when no target is registered.
///
/// # Errors
/// A read that failed. Reading the activities, which only explain, may be forbidden.
pub async fn observe_scaling(
    ports: &Ports,
    service: &ServiceRef,
    alarms: &[String],
    tags: TargetTags,
) -> Result<Option<LiveScaling>> {
    let Some(mut target) = ports.scaling.find_scalable_target(service).await? else {
        return Ok(None);
    };
    let tags = async {
        match (&target.arn, tags) {
            (Some(arn), TargetTags::Read) => ports.scaling.target_tags(arn).await,
            (None, _) | (_, TargetTags::Leave) => Ok(Default::default()),
        }
    };
    let alarms = alarms_named(ports, alarms);
    let activities = async {
        match ports.scaling.activities(service).await {
            Err(error) if error.kind == ErrorKind::Denied => Ok(Vec::new()),
            read => read,
        }
    };
    let (policies, schedules, activities, mut tags, (alarms, other_alarms), found) = futures::try_join!(
        ports.scaling.policies(service),
        ports.scaling.scheduled_actions(service),
        activities,
        tags,
        alarms,
        find_service(ports, service),
    )?;
    tags.retain(|key, _| !key.starts_with("aws:"));
    let unfinished = tags.remove(CREATING_TAG).is_some();
    let note = found.as_ref().and_then(|found| found.tags.get(SCALING_TAG));
    let noted = note.map(|note| noted(note)).unwrap_or_default();
    let now = ports.clock.now();
    let emergency = found
        .as_ref()
        .and_then(|found| EmergencyScaling::of(&found.tags));
    if let Some(emergency) = &emergency {
        target.bounds = emergency.bounds_without(target.bounds, now);
    }
    let shown = target.suspended;
    target.suspended = without(shown, noted);
    Ok(Some(LiveScaling {
        held: SuspendedState {
            scale_in: shown.scale_in && noted.scale_in,
            scale_out: shown.scale_out && noted.scale_out,
            scheduled: shown.scheduled && noted.scheduled,
        },
        target,
        policies,
        schedules,
        alarms,
        other_alarms,
        activities,
        tags,
        unfinished,
        service_exists: found.is_some(),
        emergency,
        now,
    }))
}

/// The alarms of these names that can be expressed, and the names of those that exist besides.
async fn alarms_named(
    ports: &Ports,
    names: &[String],
) -> Result<(BTreeMap<String, AlarmDefinition>, BTreeSet<String>)> {
    if names.is_empty() {
        return Ok(Default::default());
    }
    let found = ports.alarms.alarm_definitions(names).await?;
    let missing: Vec<String> = names
        .iter()
        .filter(|name| !found.contains_key(*name))
        .cloned()
        .collect();
    if missing.is_empty() {
        return Ok((found, BTreeSet::new()));
    }
    let others = ports.alarms.alarm_states(&missing).await?;
    Ok((found, others.into_keys().collect()))
}

/// The service, as long as it can be scaled. A cluster that is gone took its services along.
pub(super) async fn find_service(ports: &Ports, service: &ServiceRef) -> Result<Option<Service>> {
    match ports.services.find_service(service).await {
        Ok(found) => Ok(found.filter(|found| match found.status {
            ServiceStatus::Active | ServiceStatus::Unknown(_) => true,
            ServiceStatus::Draining | ServiceStatus::Inactive => false,
        })),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
