//! Automatic scaling of one service as a whole: bounds, policies, their alarms and schedules.
//!
//! What is to be done is worked out by [`steps`], which is pure. [`apply_scaling`] performs it and always tells
//! what is ours afterwards, because a policy nobody remembers scales on for ever.

mod apply;
mod bounds;
mod delete;
mod failed;
mod observe;
mod same;
mod step;
#[cfg(test)]
mod tests;
mod verify;
mod why;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::emergency::EmergencyScaling;
use crate::failure::Failure;
use crate::ports::{
    AlarmDefinition, Bounds, Policy, ScalableTarget, ScalingActivity, ScalingPolicy,
    ScheduledAction, ServiceRef, SuspendedState,
};
use crate::tagging::DesiredTags;

pub use apply::apply_scaling;
pub use bounds::{RightBounds, are_right, bounds_now, next_firing, raises_bounds};
pub use delete::delete_scaling;
pub use observe::{TargetTags, observe_scaling};
pub use same::{same_alarm, same_policy, same_schedule};
pub use step::{ScalingChange, steps};
pub use verify::verify_scaling;
pub use why::why_not_scaled;

/// How a service is to be scaled.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredScaling {
    /// The service.
    pub service: ServiceRef,
    /// Bounds as long as no schedule has set others.
    pub bounds: Bounds,
    /// What of it is suspended.
    pub suspended: SuspendedState,
    /// Policies by name.
    pub policies: BTreeMap<String, Policy>,
    /// Alarms of step policies, by policy name; their actions are filled in when they are put.
    pub alarms: BTreeMap<String, AlarmDefinition>,
    /// Scheduled actions by name; `arn` and `created` say nothing here.
    pub schedules: BTreeMap<String, ScheduledAction>,
    /// What happens to what others have made.
    pub unmanaged: Unmanaged,
    /// All tags of the target.
    pub tags: DesiredTags,
}

/// What happens to policies and schedules that are not ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unmanaged {
    /// They stay and are reported.
    #[default]
    Report,
    /// A target that exists, and what on it has a name of ours, is taken over; the rest stays and is reported.
    Adopt,
    /// They are deleted.
    Remove,
}

/// What we have made or taken over, by name. Nothing else is ever deleted, unless [`Unmanaged::Remove`] says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owned {
    /// The scalable target itself.
    pub target: bool,
    /// The bounds without schedules, as we registered them last.
    pub bounds: Option<Bounds>,
    /// Policies.
    pub policies: BTreeSet<String>,
    /// Scheduled actions.
    pub schedules: BTreeSet<String>,
    /// Alarms of step policies.
    pub alarms: BTreeSet<String>,
}

impl Owned {
    /// What is ours, given what there is: also all of what an unfinished creation has left, of which no state knows.
    fn with_unfinished(&self, live: Option<&LiveScaling>) -> Self {
        let Some(live) = live.filter(|live| live.unfinished && !self.target) else {
            return self.clone();
        };
        Self {
            target: true,
            bounds: None,
            policies: live
                .policies
                .iter()
                .map(|found| found.name.clone())
                .collect(),
            schedules: live
                .schedules
                .iter()
                .map(|found| found.name.clone())
                .collect(),
            alarms: live.alarms.keys().cloned().collect(),
        }
    }
}

/// What there is now.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveScaling {
    /// The target. What a rollout has suspended for its duration does not count as suspended here.
    pub target: ScalableTarget,
    /// What a rollout of the service has suspended for its duration; it resumes it by itself.
    pub held: SuspendedState,
    /// All policies.
    pub policies: Vec<ScalingPolicy>,
    /// All scheduled actions.
    pub schedules: Vec<ScheduledAction>,
    /// Those of the alarms asked for that exist, by name.
    pub alarms: BTreeMap<String, AlarmDefinition>,
    /// Those of the alarms asked for that exist and cannot be expressed as such: composite ones, and those on metric
    /// math or with a band. They are somebody else's work, and never overwritten or deleted.
    pub other_alarms: BTreeSet<String>,
    /// The latest activities, newest first.
    pub activities: Vec<ScalingActivity>,
    /// Tags of the target, without those of AWS and the [`crate::CREATING_TAG`].
    pub tags: BTreeMap<String, String>,
    /// A creation of ours has begun and not finished: the target carries the [`crate::CREATING_TAG`].
    pub unfinished: bool,
    /// Whether the service exists; its target can outlive it.
    pub service_exists: bool,
    /// What a person has raised for a time. Until the time is over, `target` shows the bounds without it.
    pub emergency: Option<EmergencyScaling>,
    /// When this was read.
    pub now: Timestamp,
}

/// What became of an apply or a delete. `owned` and `live` are right even when it failed.
#[derive(Debug)]
pub struct ScalingApplied {
    /// What is ours now.
    pub owned: Owned,
    /// What there is now; absent when there is no target, or when it could not be read after a failure.
    pub live: Option<LiveScaling>,
    /// The end.
    pub result: Result<(), Box<Failure>>,
}

/// The name without what differs between reads of the same thing.
fn by_name(policies: &[ScalingPolicy]) -> BTreeMap<&str, &ScalingPolicy> {
    let named = policies.iter().map(|found| (found.name.as_str(), found));
    named.collect()
}
