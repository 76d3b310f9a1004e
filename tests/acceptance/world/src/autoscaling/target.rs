//! Scalable targets: the bounds of a service's desired count.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{activity, errors, policy, scaling};
use crate::cloudwatch::fields::Fields;
use crate::cloudwatch::paging;
use crate::state::State as World;
use crate::{ApiError, Timestamp};

/// What identifies a scalable target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(super) namespace: String,
    pub(super) resource_id: String,
    pub(super) dimension: String,
}

impl Key {
    /// Reads `ServiceNamespace`, `ResourceId` and `ScalableDimension`, all required.
    pub(super) fn read(input: Fields<'_>) -> Result<Self, ApiError> {
        let text = |member: &str| {
            input
                .filled(member)
                .map(str::to_owned)
                .ok_or_else(|| errors::missing(member))
        };
        let key = Self {
            namespace: text("ServiceNamespace")?,
            resource_id: text("ResourceId")?,
            dimension: text("ScalableDimension")?,
        };
        if key.namespace == "ecs"
            && (key.dimension != "ecs:service:DesiredCount" || key.ecs_service().is_none())
        {
            return Err(errors::validation(format!(
                "Unsupported service namespace, resource type or scalable dimension: {}, {}, {}",
                key.namespace, key.resource_id, key.dimension
            )));
        }
        Ok(key)
    }

    /// The key of an ECS service's desired count.
    pub(super) fn of_service(cluster: &str, service: &str) -> Self {
        Self {
            namespace: "ecs".to_owned(),
            resource_id: format!("service/{cluster}/{service}"),
            dimension: "ecs:service:DesiredCount".to_owned(),
        }
    }

    /// Cluster and service name, for an ECS service.
    pub(super) fn ecs_service(&self) -> Option<(&str, &str)> {
        if self.namespace != "ecs" {
            return None;
        }
        self.resource_id.strip_prefix("service/")?.split_once('/')
    }

    /// The three members as they are shown on everything that belongs to a target.
    pub(super) fn json(&self) -> Value {
        json!({
            "ServiceNamespace": self.namespace,
            "ResourceId": self.resource_id,
            "ScalableDimension": self.dimension,
        })
    }
}

/// A scalable target.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(super) arn: String,
    pub(super) min: i64,
    pub(super) max: i64,
    role: String,
    pub(super) suspended: Suspended,
    created: Timestamp,
    pub(super) tags: BTreeMap<String, String>,
    /// The last scale-out by a policy: when, and the capacity before it. A further scale-out inside the cooldown counts
    /// from that capacity.
    pub(super) scaled_out: Option<(Timestamp, i64)>,
    /// The last scale-in by a policy.
    pub(super) scaled_in: Option<Timestamp>,
}

/// Which kinds of scaling are suspended.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Suspended {
    pub(super) scale_in: bool,
    pub(super) scale_out: bool,
    pub(super) scheduled: bool,
}

const SUSPENDED_IN: &str = "DynamicScalingInSuspended";
const SUSPENDED_OUT: &str = "DynamicScalingOutSuspended";
const SUSPENDED_SCHEDULED: &str = "ScheduledScalingSuspended";

impl Target {
    fn json(&self, key: &Key) -> Value {
        let mut shown = key.json();
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("MinCapacity".to_owned(), json!(self.min));
            shown.insert("MaxCapacity".to_owned(), json!(self.max));
            shown.insert("RoleARN".to_owned(), json!(self.role));
            shown.insert("CreationTime".to_owned(), json!(self.created));
            let suspended = json!({
                SUSPENDED_IN: self.suspended.scale_in,
                SUSPENDED_OUT: self.suspended.scale_out,
                SUSPENDED_SCHEDULED: self.suspended.scheduled,
            });
            shown.insert("SuspendedState".to_owned(), suspended);
            shown.insert("ScalableTargetARN".to_owned(), json!(self.arn));
        }
        shown
    }
}

/// `RegisterScalableTarget`: an upsert; members that are not sent keep their value. A capacity outside the new bounds is
/// moved inside at once.
pub(super) fn register(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let key = Key::read(input)?;
    if key.namespace == "ecs" && scaling::ecs_service(world, &key).is_none() {
        return Err(errors::validation(format!(
            "ECS service doesn't exist: {}",
            key.resource_id
        )));
    }
    let known = world.autoscaling.targets.get(&key);
    let bound = |member: &str, before: Option<i64>| {
        input
            .integer(member)
            .or(before)
            .ok_or_else(|| errors::missing(member))
    };
    let min = bound("MinCapacity", known.map(|target| target.min))?;
    let max = bound("MaxCapacity", known.map(|target| target.max))?;
    if min < 0 || max < min {
        return Err(errors::validation(
            "Maximum capacity cannot be less than minimum capacity",
        ));
    }
    let mut suspended = known.map(|target| target.suspended).unwrap_or_default();
    if let Some(sent) = input.structure("SuspendedState") {
        suspended.scale_in = sent.boolean(SUSPENDED_IN).unwrap_or(suspended.scale_in);
        suspended.scale_out = sent.boolean(SUSPENDED_OUT).unwrap_or(suspended.scale_out);
        suspended.scheduled = sent
            .boolean(SUSPENDED_SCHEDULED)
            .unwrap_or(suspended.scheduled);
    }
    let tags = super::tags::read(input);
    if known.is_some() && !tags.is_empty() {
        return Err(errors::validation(
            "Tags can only be set when a scalable target is registered first; use TagResource.",
        ));
    }
    let arn = match world.autoscaling.targets.get_mut(&key) {
        Some(target) => {
            (target.min, target.max, target.suspended) = (min, max, suspended);
            target.arn.clone()
        }
        None => create(world, &key, input, min, max, suspended, tags),
    };
    scaling::enforce_bounds(world, &key, scaling::Because::Registered);
    Ok(json!({"ScalableTargetARN": arn}))
}

fn create(
    world: &mut World,
    key: &Key,
    input: Fields<'_>,
    min: i64,
    max: i64,
    suspended: Suspended,
    tags: BTreeMap<String, String>,
) -> String {
    let id = format!("0ec5{}", world.ids.hex(28));
    let arn = world.arn("application-autoscaling", &format!("scalable-target/{id}"));
    // For ECS the service-linked role is used whatever role is sent.
    let role = match (key.namespace.as_str(), input.filled("RoleARN")) {
        ("ecs", _) | (_, None) => service_linked_role(&world.account, &key.namespace),
        (_, Some(role)) => role.to_owned(),
    };
    let target = Target {
        arn: arn.clone(),
        min,
        max,
        role,
        suspended,
        created: world.now,
        tags,
        scaled_out: None,
        scaled_in: None,
    };
    world.autoscaling.targets.insert(key.clone(), target);
    arn
}

fn service_linked_role(account: &str, namespace: &str) -> String {
    let suffix = if namespace == "ecs" {
        "ECSService"
    } else {
        namespace
    };
    format!(
        "arn:aws:iam::{account}:role/aws-service-role/{namespace}.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_{suffix}"
    )
}

/// `DescribeScalableTargets`, 50 a page.
pub(super) fn describe(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let namespace = input
        .filled("ServiceNamespace")
        .ok_or_else(|| errors::missing("ServiceNamespace"))?;
    let ids = input.texts("ResourceIds");
    if ids.len() > 50 {
        return Err(errors::validation(
            "1 validation error detected: Value at 'resourceIds' failed to satisfy constraint: Member must have length less than or equal to 50",
        ));
    }
    let dimension = input.filled("ScalableDimension");
    let fits = |key: &Key| {
        key.namespace == namespace
            && (ids.is_empty() || ids.contains(&key.resource_id))
            && dimension.is_none_or(|dimension| dimension == key.dimension)
    };
    let all = world
        .autoscaling
        .targets
        .iter()
        .filter(|(key, _)| fits(key));
    let all: Vec<Value> = all.map(|(key, target)| target.json(key)).collect();
    answer("ScalableTargets", all, input, 50)
}

/// One page of a list under its member name; `largest` is what is on it if the caller does not say.
pub(super) fn answer(
    member: &str,
    all: Vec<Value>,
    input: Fields<'_>,
    largest: usize,
) -> Result<Value, ApiError> {
    let asked = input.integer("MaxResults");
    let fits = |size: i64| usize::try_from(size).is_ok_and(|size| (1..=largest).contains(&size));
    if asked.is_some_and(|size| !fits(size)) {
        return Err(errors::validation(format!(
            "MaxResults must be between 1 and {largest}."
        )));
    }
    let size = paging::size(asked, largest);
    let (page, next) =
        paging::page(all, input.filled("NextToken"), size).map_err(|_| errors::invalid_token())?;
    let mut answer = json!({member: page});
    paging::set_next(&mut answer, "NextToken", next);
    Ok(answer)
}

/// `DeregisterScalableTarget`: policies (with their alarms) and schedules go with it.
pub(super) fn deregister(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let key = Key::read(input)?;
    if world.autoscaling.targets.remove(&key).is_none() {
        return Err(errors::no_target(&key));
    }
    policy::remove_all(world, &key);
    world.autoscaling.schedules.retain(|(of, _), _| *of != key);
    activity::forget(world, &key);
    Ok(json!({}))
}
