//! Scheduled actions: they rewrite a target's bounds at their time.

use super::firing::{Schedule, Times, zone};
use super::target::{self, Key};
use super::{errors, scaling};
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;
use crate::{ApiError, Timestamp};
use serde_json::{Map, Value, json};

/// A scheduled action.
#[derive(Debug, Clone)]
pub(crate) struct ScheduledAction {
    arn: String,
    schedule: Schedule,
    /// The expression as sent.
    text: String,
    timezone: Option<String>,
    start: Option<i64>,
    end: Option<i64>,
    min: Option<i64>,
    max: Option<i64>,
    created: Timestamp,
    /// When it runs next (epoch milliseconds).
    next: Option<i64>,
}

impl ScheduledAction {
    /// When it runs next (epoch milliseconds).
    pub(super) fn due(&self) -> Option<i64> {
        self.next
    }

    fn plan(&mut self, after: i64) {
        self.next = self.first_after(after);
    }

    /// The first run after a moment, in epoch milliseconds.
    fn first_after(&self, after: i64) -> Option<i64> {
        let created = self.created.millis();
        let times = Times {
            schedule: &self.schedule,
            zone: &zone(self.timezone.as_deref())?,
            origin: self.start.unwrap_or(created),
            starts: self.start.is_some(),
            created,
            end: self.end,
        };
        times.first_after(after)
    }

    fn json(&self, key: &Key, name: &str) -> Value {
        let mut shown = key.json().as_object().cloned().unwrap_or_else(Map::new);
        let mut set = |member: &str, value: Value| shown.insert(member.to_owned(), value);
        set("ScheduledActionName", json!(name));
        set("ScheduledActionARN", json!(self.arn));
        set("Schedule", json!(self.text));
        set("CreationTime", json!(self.created));
        if let Some(timezone) = &self.timezone {
            set("Timezone", json!(timezone));
        }
        for (member, moment) in [("StartTime", self.start), ("EndTime", self.end)] {
            if let Some(moment) = moment {
                set(member, json!(Timestamp::from_millis(moment)));
            }
        }
        let mut action = Map::new();
        for (member, bound) in [("MinCapacity", self.min), ("MaxCapacity", self.max)] {
            if let Some(bound) = bound {
                action.insert(member.to_owned(), json!(bound));
            }
        }
        set("ScalableTargetAction", Value::Object(action));
        Value::Object(shown)
    }
}

/// `PutScheduledAction`: an upsert by name; members that are not sent keep their value, except start and end, which are
/// deleted.
pub(super) fn put(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = input
        .filled("ScheduledActionName")
        .ok_or_else(|| errors::missing("ScheduledActionName"))?
        .to_owned();
    let key = Key::read(input)?;
    if !world.autoscaling.targets.contains_key(&key) {
        return Err(errors::no_target(&key));
    }
    let before = world
        .autoscaling
        .schedules
        .get(&(key.clone(), name.clone()))
        .cloned();
    if before.is_none()
        && world
            .autoscaling
            .schedules
            .keys()
            .filter(|(of, _)| *of == key)
            .count()
            >= 200
    {
        return Err(errors::limit(
            "At most 200 scheduled actions can be registered for a scalable target.",
        ));
    }
    let text = input
        .filled("Schedule")
        .map(str::to_owned)
        .or_else(|| before.as_ref().map(|action| action.text.clone()));
    let text = text.ok_or_else(|| errors::validation("A scheduled action needs a schedule."))?;
    let schedule = Schedule::parse(&text)
        .ok_or_else(|| errors::validation(format!("Invalid schedule {text}")))?;
    let timezone = input
        .filled("Timezone")
        .map(str::to_owned)
        .or_else(|| before.as_ref().and_then(|action| action.timezone.clone()));
    if let Some(name) = &timezone
        && zone(Some(name)).is_none()
    {
        return Err(errors::validation(format!("Invalid timezone {name}")));
    }
    let (min, max) = match input.structure("ScalableTargetAction") {
        Some(action) => (action.integer("MinCapacity"), action.integer("MaxCapacity")),
        None => before
            .as_ref()
            .map_or((None, None), |action| (action.min, action.max)),
    };
    check_bounds(min, max)?;
    let (start, end) = (input.moment("StartTime"), input.moment("EndTime"));
    if start.zip(end).is_some_and(|(start, end)| end <= start) {
        return Err(errors::validation("End time must be after start time"));
    }
    let (arn, created) = match before {
        Some(action) => (action.arn, action.created),
        None => (new_arn(world, &key, &name), world.now),
    };
    let mut action = ScheduledAction {
        arn,
        schedule,
        text,
        timezone,
        start,
        end,
        min,
        max,
        created,
        next: None,
    };
    action.plan(world.now.millis());
    world.autoscaling.schedules.insert((key, name), action);
    Ok(json!({}))
}

fn check_bounds(min: Option<i64>, max: Option<i64>) -> Result<(), ApiError> {
    match (min, max) {
        (None, None) => Err(errors::validation(
            "At least one of minimum capacity and maximum capacity must be given.",
        )),
        (Some(min), Some(max)) if max < min => Err(errors::validation(
            "Maximum capacity cannot be less than minimum capacity",
        )),
        (Some(_), _) | (None, Some(_)) => Ok(()),
    }
}

fn new_arn(world: &mut World, key: &Key, name: &str) -> String {
    let id = world.ids.uuid();
    let resource = format!(
        "scheduledAction:{id}:resource/{}/{}:scheduledActionName/{name}",
        key.namespace, key.resource_id
    );
    world.arn("autoscaling", &resource)
}

/// Runs every action that is due.
pub(super) fn run_due(world: &mut World) {
    let now = world.now.millis();
    let due = |action: &ScheduledAction| action.next.is_some_and(|next| next <= now);
    let names: Vec<(Key, String)> = world
        .autoscaling
        .schedules
        .iter()
        .filter(|(_, action)| due(action))
        .map(|(id, _)| id.clone())
        .collect();
    for id in names {
        let Some(action) = world.autoscaling.schedules.get_mut(&id) else {
            continue;
        };
        action.plan(now);
        let (min, max) = (action.min, action.max);
        let (key, name) = id;
        let Some(target) = world
            .autoscaling
            .targets
            .get_mut(&key)
            .filter(|target| !target.suspended.scheduled)
        else {
            continue;
        };
        // A single bound that crosses the other one pulls it along, so that the bounds stay in order.
        target.min = min.unwrap_or(target.min.min(max.unwrap_or(i64::MAX)));
        target.max = max.unwrap_or(target.max.max(target.min));
        scaling::enforce_bounds(world, &key, scaling::Because::Schedule(&name));
    }
}

/// `DescribeScheduledActions`, 50 a page.
pub(super) fn describe(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let namespace = input
        .filled("ServiceNamespace")
        .ok_or_else(|| errors::missing("ServiceNamespace"))?;
    let (id, dimension) = (
        input.filled("ResourceId"),
        input.filled("ScalableDimension"),
    );
    let names = input.texts("ScheduledActionNames");
    let fits = |key: &Key, name: &String| {
        key.namespace == namespace
            && id.is_none_or(|id| id == key.resource_id)
            && dimension.is_none_or(|dimension| dimension == key.dimension)
            && (names.is_empty() || names.contains(name))
    };
    let all = world
        .autoscaling
        .schedules
        .iter()
        .filter(|((key, name), _)| fits(key, name));
    let all: Vec<Value> = all
        .map(|((key, name), action)| action.json(key, name))
        .collect();
    target::answer("ScheduledActions", all, input, 50)
}

/// `DeleteScheduledAction`.
pub(super) fn delete(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = input
        .filled("ScheduledActionName")
        .ok_or_else(|| errors::missing("ScheduledActionName"))?
        .to_owned();
    let key = Key::read(input)?;
    match world.autoscaling.schedules.remove(&(key, name.clone())) {
        Some(_) => Ok(json!({})),
        None => Err(errors::not_found(format!(
            "No scheduled action found for name: {name}"
        ))),
    }
}
