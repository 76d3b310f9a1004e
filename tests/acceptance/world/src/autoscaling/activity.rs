//! Scaling activities: what was done, and why something was not.

use serde_json::{Value, json};

use super::target::Key;
use super::{errors, scaling, target};
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;
use crate::{ApiError, Timestamp};

/// How often activities in progress are looked at, in milliseconds.
const CHECK: i64 = 5_000;
/// How long a capacity may take to be reached before the activity counts as unfulfilled, in milliseconds.
const PATIENCE: i64 = 3_600_000;

/// What became of an activity.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Status {
    InProgress,
    Successful,
    Overridden,
    Unfulfilled,
    Failed(String),
    /// Nothing was done, for this reason.
    NotScaled(Value),
}

/// One scaling activity.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    id: String,
    key: Key,
    description: String,
    cause: String,
    started: Timestamp,
    ended: Option<Timestamp>,
    capacity: i64,
    status: Status,
}

impl Activity {
    fn json(&self) -> Value {
        let (word, message) = match &self.status {
            Status::InProgress => (
                "InProgress",
                format!(
                    "Successfully set desired count to {}. Waiting for change to be fulfilled by ecs.",
                    self.capacity
                ),
            ),
            Status::Successful => (
                "Successful",
                format!(
                    "Successfully set desired count to {}. Change successfully fulfilled by ecs.",
                    self.capacity
                ),
            ),
            Status::Overridden => (
                "Overridden",
                "Another activity changed the desired count before this one was fulfilled."
                    .to_owned(),
            ),
            Status::Unfulfilled => (
                "Unfulfilled",
                format!("Desired count {} was set and not reached.", self.capacity),
            ),
            Status::Failed(reason) => ("Failed", reason.clone()),
            Status::NotScaled(_) => (
                "Failed",
                "The scaling activity did not lead to any change.".to_owned(),
            ),
        };
        let mut shown = self.key.json();
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("ActivityId".to_owned(), json!(self.id));
            shown.insert("Description".to_owned(), json!(self.description));
            shown.insert("Cause".to_owned(), json!(self.cause));
            shown.insert("StartTime".to_owned(), json!(self.started));
            if let Some(ended) = self.ended {
                shown.insert("EndTime".to_owned(), json!(ended));
            }
            shown.insert("StatusCode".to_owned(), json!(word));
            shown.insert("StatusMessage".to_owned(), json!(message));
            if let Status::NotScaled(reason) = &self.status {
                shown.insert("NotScaledReasons".to_owned(), json!([reason]));
            }
        }
        shown
    }
}

/// Notes a change of capacity; it overrides one that is still in progress.
pub(super) fn note_change(
    world: &mut World,
    key: &Key,
    capacity: i64,
    cause: String,
    refused: Option<String>,
) {
    let now = world.now;
    for earlier in &mut world.autoscaling.activities {
        if earlier.key == *key && earlier.status == Status::InProgress {
            (earlier.status, earlier.ended) = (Status::Overridden, Some(now));
        }
    }
    let ended = refused.is_some().then_some(now);
    let activity = Activity {
        id: world.ids.uuid(),
        key: key.clone(),
        description: format!("Setting desired count to {capacity}."),
        cause,
        started: now,
        ended,
        capacity,
        status: refused.map_or(Status::InProgress, Status::Failed),
    };
    world.autoscaling.activities.push(activity);
    world.autoscaling.activity_check = Some(now.millis() + CHECK);
}

/// Notes that nothing was done; the same reason right after itself is noted once.
pub(super) fn note_not_scaled(world: &mut World, key: &Key, cause: String, reason: Value) {
    let status = Status::NotScaled(reason);
    let newest = world
        .autoscaling
        .activities
        .iter()
        .rev()
        .find(|activity| activity.key == *key);
    if newest.is_some_and(|newest| newest.status == status && newest.cause == cause) {
        return;
    }
    let activity = Activity {
        id: world.ids.uuid(),
        key: key.clone(),
        description: "Attempting to scale due to alarm triggered".to_owned(),
        cause,
        started: world.now,
        ended: Some(world.now),
        capacity: 0,
        status,
    };
    world.autoscaling.activities.push(activity);
}

/// Closes activities whose capacity is reached.
pub(super) fn check_due(world: &mut World) {
    let now = world.now;
    if world
        .autoscaling
        .activity_check
        .is_none_or(|due| due > now.millis())
    {
        return;
    }
    let mut open = false;
    for index in 0..world.autoscaling.activities.len() {
        let Some(activity) = world.autoscaling.activities.get(index) else {
            break;
        };
        if activity.status != Status::InProgress {
            continue;
        }
        let (key, capacity, started) = (activity.key.clone(), activity.capacity, activity.started);
        let running = scaling::ecs_service(world, &key).map(|service| service.running);
        let status = match running {
            Some(running) if running == capacity => Status::Successful,
            Some(_) if now.millis() - started.millis() < PATIENCE => {
                open = true;
                continue;
            }
            Some(_) | None => Status::Unfulfilled,
        };
        if let Some(activity) = world.autoscaling.activities.get_mut(index) {
            (activity.status, activity.ended) = (status, Some(now));
        }
    }
    world.autoscaling.activity_check = open.then(|| now.millis() + CHECK);
}

/// Forgets the activities of a target that is no longer registered.
pub(super) fn forget(world: &mut World, key: &Key) {
    world
        .autoscaling
        .activities
        .retain(|activity| activity.key != *key);
}

/// `DescribeScalingActivities`, newest first, 50 a page.
pub(super) fn describe(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let namespace = input
        .filled("ServiceNamespace")
        .ok_or_else(|| errors::missing("ServiceNamespace"))?;
    let (id, dimension) = (
        input.filled("ResourceId"),
        input.filled("ScalableDimension"),
    );
    if id.is_none() && dimension.is_some() {
        return Err(errors::validation(
            "A scalable dimension needs a resource ID.",
        ));
    }
    let with_not_scaled = input.boolean("IncludeNotScaledActivities").unwrap_or(false);
    let fits = |activity: &&Activity| {
        activity.key.namespace == namespace
            && id.is_none_or(|id| id == activity.key.resource_id)
            && dimension.is_none_or(|dimension| dimension == activity.key.dimension)
            && (with_not_scaled || !matches!(activity.status, Status::NotScaled(_)))
    };
    let all = world
        .autoscaling
        .activities
        .iter()
        .rev()
        .filter(fits)
        .map(Activity::json)
        .collect();
    target::answer("ScalingActivities", all, input, 50)
}
