//! Application Auto Scaling: scalable targets, policies that follow CloudWatch alarms, schedules that really run.
//!
//! Namespace `ecs` moves the desired count of a service. Targets of other namespaces are stored and shown, and nothing
//! scales them, because their services are not part of this world.

mod activity;
mod errors;
mod firing;
mod policy;
mod scaling;
mod schedule;
mod tags;
mod target;
#[cfg(test)]
mod tests;
mod tracking_alarms;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cloudwatch::fields::Fields;
use crate::state::State as World;
use crate::{ApiError, Timestamp};

use activity::Activity;
use policy::Policy;
use schedule::ScheduledAction;
use target::{Key, Target};

pub(crate) use scaling::alarm_fired;

/// What Application Auto Scaling holds in one region.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    targets: BTreeMap<Key, Target>,
    /// By target and name.
    policies: BTreeMap<(Key, String), Policy>,
    /// By target and name.
    schedules: BTreeMap<(Key, String), ScheduledAction>,
    /// Oldest first.
    activities: Vec<Activity>,
    /// When the activities in progress are looked at next (epoch milliseconds).
    activity_check: Option<i64>,
}

/// Answers one call.
///
/// # Errors
/// The error Application Auto Scaling gives; `UnknownOperationException` for an operation it does not know.
pub(crate) fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    let fields = Fields(&input);
    match operation {
        "RegisterScalableTarget" => target::register(world, fields),
        "DescribeScalableTargets" => target::describe(world, fields),
        "DeregisterScalableTarget" => target::deregister(world, fields),
        "PutScalingPolicy" => policy::put(world, fields),
        "DescribeScalingPolicies" => policy::describe(world, fields),
        "DeleteScalingPolicy" => policy::delete(world, fields),
        "PutScheduledAction" => schedule::put(world, fields),
        "DescribeScheduledActions" => schedule::describe(world, fields),
        "DeleteScheduledAction" => schedule::delete(world, fields),
        "DescribeScalingActivities" => activity::describe(world, fields),
        "ListTagsForResource" => tags::list(world, fields),
        "TagResource" => tags::add(world, fields),
        "UntagResource" => tags::remove(world, fields),
        _ => Err(ApiError::new(
            "UnknownOperationException",
            format!("The operation {operation} is not known."),
        )),
    }
}

/// Runs due schedules and closes activities that reached their end.
pub(crate) fn tick(world: &mut World) {
    schedule::run_due(world);
    activity::check_due(world);
}

/// When the next schedule runs or the activities in progress are looked at.
pub(crate) fn next_event(world: &World) -> Option<Timestamp> {
    let schedules = world
        .autoscaling
        .schedules
        .values()
        .filter_map(ScheduledAction::due);
    schedules
        .chain(world.autoscaling.activity_check)
        .min()
        .map(Timestamp::from_millis)
}

/// Whether a service has a scalable target.
pub(crate) fn is_scalable_service(world: &World, cluster: &str, service: &str) -> bool {
    let key = Key::of_service(cluster, service);
    world.autoscaling.targets.contains_key(&key)
}

/// Whether an alarm action is a scaling policy of this service.
pub(crate) fn is_policy(arn: &str) -> bool {
    arn.starts_with("arn:aws:autoscaling:") && arn.contains(":scalingPolicy:")
}
