//! Deciding and setting the desired count.

use std::time::Duration;

use serde_json::{Value, json};

use super::activity;
use super::policy::{Adjustment, Kind, Policy, StepInterval, Tracking};
use super::target::Key;
use super::tracking_alarms;
use crate::cloudwatch::fields::whole;
use crate::cloudwatch::{self, AlarmState};
use crate::ecs;
use crate::state::State as World;

/// The service-linked role that scales services, and what its sessions are called.
const ROLE: &str = "AWSServiceRoleForApplicationAutoScaling_ECSService";
const SESSION: &str = "AutoScaling-ManageService";

/// What scaling needs to know of an ECS service.
#[derive(Debug, Clone, Copy)]
pub(super) struct EcsService {
    pub(super) desired: i64,
    pub(super) running: i64,
    /// A deployment is under way: scale-in waits for its end.
    deploying: bool,
}

/// Why bounds are enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because<'a> {
    /// The target was registered or changed.
    Registered,
    /// The scheduled action of this name ran.
    Schedule(&'a str),
}

/// The ECS service behind a target; `None` when it is another namespace or no active service.
pub(super) fn ecs_service(world: &mut World, key: &Key) -> Option<EcsService> {
    let (cluster, service) = key.ecs_service()?;
    let question = json!({"cluster": cluster, "services": [service]});
    let answer = ecs::call(world, "DescribeServices", question).ok()?;
    let service = answer.get("services")?.get(0)?;
    if service.get("status").and_then(Value::as_str) == Some("INACTIVE") {
        return None;
    }
    let number = |member: &str| service.get(member).and_then(Value::as_i64);
    let entries = |member: &str| {
        service
            .get(member)
            .and_then(Value::as_array)
            .map_or(0, Vec::len)
    };
    Some(EcsService {
        desired: number("desiredCount")?,
        running: number("runningCount").unwrap_or(0),
        deploying: entries("deployments") > 1 || entries("taskSets") > 1,
    })
}

fn set_desired(world: &mut World, key: &Key, capacity: i64, cause: String) {
    let Some((cluster, service)) = key.ecs_service() else {
        return;
    };
    let change = json!({"cluster": cluster, "service": service, "desiredCount": capacity});
    let on = world.arn("ecs", &format!("service/{cluster}/{service}"));
    let mut needs = ["ecs:DescribeServices", "ecs:UpdateService"].into_iter();
    let may = needs.try_for_each(|action| world.may(ROLE, SESSION, action, &on));
    let refused = may.and_then(|()| {
        let changed = ecs::call(world, "UpdateService", change);
        changed.map(|_| ()).map_err(|refused| refused.message)
    });
    let refused = refused
        .err()
        .map(|reason| format!("Failed to set desired count to {capacity}. Reason: {reason}"));
    activity::note_change(world, key, capacity, cause, refused);
}

/// Moves the desired count inside the bounds, when it is outside.
pub(super) fn enforce_bounds(world: &mut World, key: &Key, because: Because<'_>) {
    let Some((min, max)) = world
        .autoscaling
        .targets
        .get(key)
        .map(|target| (target.min, target.max))
    else {
        return;
    };
    let Some(service) = ecs_service(world, key) else {
        return;
    };
    let (capacity, what) = if service.desired < min {
        (min, format!("minimum capacity was set to {min}"))
    } else if service.desired > max {
        (max, format!("maximum capacity was set to {max}"))
    } else {
        return;
    };
    let cause = match because {
        Because::Registered => what,
        Because::Schedule(name) => format!("{what} while setting scheduled action {name}"),
    };
    set_desired(world, key, capacity, cause);
}

/// An alarm calls a policy. `value` is the newest value of the alarm's metric, when there is one.
pub(crate) fn alarm_fired(world: &mut World, policy_arn: &str, alarm: &str, value: Option<f64>) {
    let found = world
        .autoscaling
        .policies
        .iter()
        .find(|(_, policy)| policy.arn == policy_arn);
    let Some(((key, name), policy)) = found.map(|(id, policy)| (id.clone(), policy.clone())) else {
        return;
    };
    let cause = format!("monitor alarm {alarm} in state ALARM triggered policy {name}");
    match &policy.kind {
        Kind::TargetTracking(tracking) => {
            track(world, &key, &policy, tracking, alarm, value, cause)
        }
        Kind::Step(step) => take_step(world, &key, step, alarm, value, cause),
        Kind::Predictive | Kind::Other(_) => {}
    }
}

fn track(
    world: &mut World,
    key: &Key,
    policy: &Policy,
    tracking: &Tracking,
    alarm: &str,
    value: Option<f64>,
    cause: String,
) {
    let (Some(value), Some(service)) = (value, ecs_service(world, key)) else {
        return;
    };
    if tracking_alarms::is_low(alarm) {
        if others_object(world, key, &policy.arn) {
            return;
        }
        let wanted = proportional(service.desired, value / tracking.target).min(service.desired);
        scale_in(world, key, service, wanted, tracking.in_cooldown, cause);
    } else {
        let base = base_of(world, key, tracking.out_cooldown, service.desired);
        let wanted = proportional(base, value / tracking.target).max(base.saturating_add(1));
        scale_out(world, key, service, wanted, cause);
    }
}

/// Scale-in needs every target tracking policy of the target to agree.
fn others_object(world: &World, key: &Key, arn: &str) -> bool {
    world.autoscaling.policies.iter().any(|((of, _), policy)| {
        let low = policy
            .alarms
            .iter()
            .find(|name| tracking_alarms::is_low(name));
        of == key
            && policy.arn != arn
            && low.is_some_and(|low| cloudwatch::alarm_state(world, low) != Some(AlarmState::Alarm))
    })
}

/// Inside the cooldown a scale-out counts from the capacity before the last one, so that what was just added is not
/// added again.
fn base_of(world: &World, key: &Key, cooldown: i64, desired: i64) -> i64 {
    let last = world
        .autoscaling
        .targets
        .get(key)
        .and_then(|target| target.scaled_out);
    match last {
        Some((at, base)) if world.now < at.plus(seconds(cooldown)) => base,
        Some(_) | None => desired,
    }
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or_default())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "desired counts are a few thousand at most"
)]
fn proportional(capacity: i64, share: f64) -> i64 {
    whole((capacity as f64 * share - 1e-9).ceil()).unwrap_or(capacity)
}

fn take_step(
    world: &mut World,
    key: &Key,
    step: &StepInterval,
    alarm: &str,
    value: Option<f64>,
    cause: String,
) {
    let Some(service) = ecs_service(world, key) else {
        return;
    };
    let threshold = cloudwatch::alarm_threshold(world, alarm).unwrap_or_default();
    let breach = value.map_or(0.0, |value| value - threshold);
    let fits = |lower: Option<f64>, upper: Option<f64>| {
        if breach >= 0.0 {
            lower.is_none_or(|lower| breach >= lower) && upper.is_none_or(|upper| breach < upper)
        } else {
            lower.is_none_or(|lower| breach > lower) && upper.is_none_or(|upper| breach <= upper)
        }
    };
    let Some(taken) = step
        .steps
        .iter()
        .find(|candidate| fits(candidate.lower, candidate.upper))
    else {
        return;
    };
    let base = base_of(world, key, step.cooldown, service.desired);
    let wanted = match step.adjustment {
        Adjustment::Exact => taken.by,
        Adjustment::Change if taken.by > 0 => base.saturating_add(taken.by),
        Adjustment::Change => service.desired.saturating_add(taken.by),
        Adjustment::Percent if taken.by > 0 => {
            base.saturating_add(percent_of(base, taken.by, step.least))
        }
        Adjustment::Percent => {
            service
                .desired
                .saturating_add(percent_of(service.desired, taken.by, step.least))
        }
    };
    if wanted > service.desired {
        scale_out(world, key, service, wanted, cause);
    } else if wanted < service.desired {
        scale_in(world, key, service, wanted, step.cooldown, cause);
    }
}

/// A percentage of a capacity: towards zero above one task, and one task (or `least`) at the least.
fn percent_of(capacity: i64, percent: i64, least: i64) -> i64 {
    let change = capacity.saturating_mul(percent) / 100;
    let least = least.max(1);
    if percent >= 0 {
        change.max(least)
    } else {
        change.min(least.saturating_neg())
    }
}

fn scale_out(world: &mut World, key: &Key, service: EcsService, wanted: i64, cause: String) {
    let Some(target) = world
        .autoscaling
        .targets
        .get_mut(key)
        .filter(|target| !target.suspended.scale_out)
    else {
        return;
    };
    let capacity = wanted.min(target.max);
    if capacity <= service.desired {
        if service.desired >= target.max {
            let max = target.max;
            activity::note_not_scaled(
                world,
                key,
                cause,
                json!({"Code": "AlreadyAtMaxCapacity", "MaxCapacity": max, "CurrentCapacity": service.desired}),
            );
        }
        return;
    }
    target.scaled_out = Some((world.now, service.desired));
    set_desired(world, key, capacity, cause);
}

fn scale_in(
    world: &mut World,
    key: &Key,
    service: EcsService,
    wanted: i64,
    cooldown: i64,
    cause: String,
) {
    let now = world.now;
    let Some(target) = world
        .autoscaling
        .targets
        .get_mut(key)
        .filter(|target| !target.suspended.scale_in)
    else {
        return;
    };
    let cooling = target
        .scaled_in
        .is_some_and(|at| now < at.plus(seconds(cooldown)));
    let capacity = wanted.max(target.min);
    if capacity >= service.desired {
        let reason = if service.desired <= target.min {
            json!({"Code": "AlreadyAtMinCapacity", "MinCapacity": target.min, "CurrentCapacity": service.desired})
        } else {
            json!({"Code": "AlreadyAtDesiredCapacity", "CurrentCapacity": service.desired})
        };
        activity::note_not_scaled(world, key, cause, reason);
        return;
    }
    if cooling {
        return;
    }
    if service.deploying {
        let reason = json!({"Code": "TargetServicePutResourceAsUnscalable", "CurrentCapacity": service.desired});
        activity::note_not_scaled(world, key, cause, reason);
        return;
    }
    target.scaled_in = Some(now);
    set_desired(world, key, capacity, cause);
}
