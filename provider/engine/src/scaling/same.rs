//! Whether what AWS shows is what is wanted: what AWS fills in by itself is no difference.

use crate::ports::{
    AlarmDefinition, BreachBehavior, MetricAggregation, Policy, PredictiveScaling, ScheduledAction,
    StepAdjustment, StepScaling, TargetTracking,
};

/// Cooldown of ECS where none is given.
const COOLDOWN: u32 = 300;
/// How far ahead predictive scaling starts tasks where nothing is given.
const SCHEDULING_BUFFER: u32 = 300;

/// Whether two policies do the same.
pub fn same_policy(a: &Policy, b: &Policy) -> bool {
    match (a, b) {
        (Policy::TargetTracking(a), Policy::TargetTracking(b)) => {
            tracking_filled(a) == tracking_filled(b)
        }
        (Policy::Step(a), Policy::Step(b)) => step_filled(a) == step_filled(b),
        (Policy::Predictive(a), Policy::Predictive(b)) => {
            predictive_filled(a) == predictive_filled(b)
        }
        (
            Policy::TargetTracking(_)
            | Policy::Step(_)
            | Policy::Predictive(_)
            | Policy::Unknown(_),
            _,
        ) => false,
    }
}

fn tracking_filled(policy: &TargetTracking) -> TargetTracking {
    TargetTracking {
        scale_out_cooldown: policy.scale_out_cooldown.or(Some(COOLDOWN)),
        scale_in_cooldown: policy.scale_in_cooldown.or(Some(COOLDOWN)),
        ..policy.clone()
    }
}

/// The order of steps means nothing.
fn step_filled(policy: &StepScaling) -> StepScaling {
    let mut steps = policy.steps.clone();
    let lower = |step: &StepAdjustment| step.lower.unwrap_or(f64::NEG_INFINITY);
    steps.sort_by(|a, b| lower(a).total_cmp(&lower(b)));
    StepScaling {
        steps,
        cooldown: policy.cooldown.or(Some(COOLDOWN)),
        aggregation: policy
            .aggregation
            .clone()
            .or(Some(MetricAggregation::Average)),
        ..policy.clone()
    }
}

fn predictive_filled(policy: &PredictiveScaling) -> PredictiveScaling {
    PredictiveScaling {
        scheduling_buffer: policy.scheduling_buffer.or(Some(SCHEDULING_BUFFER)),
        on_breach: policy.on_breach.clone().or(Some(BreachBehavior::HonorMax)),
        ..policy.clone()
    }
}

/// Whether two scheduled actions do the same.
pub fn same_schedule(a: &ScheduledAction, b: &ScheduledAction) -> bool {
    schedule_filled(a) == schedule_filled(b)
}

fn schedule_filled(action: &ScheduledAction) -> ScheduledAction {
    ScheduledAction {
        arn: None,
        created: None,
        timezone: Some(zone_of(action).to_owned()),
        ..action.clone()
    }
}

/// Time zone of an action, as a name.
pub(super) fn zone_of(action: &ScheduledAction) -> &str {
    action.timezone.as_deref().unwrap_or("UTC")
}

/// Whether two alarms watch the same; who is called and the tags are left out.
pub fn same_alarm(a: &AlarmDefinition, b: &AlarmDefinition) -> bool {
    alarm_filled(a) == alarm_filled(b)
}

fn alarm_filled(alarm: &AlarmDefinition) -> AlarmDefinition {
    AlarmDefinition {
        datapoints_to_alarm: alarm.datapoints_to_alarm.or(Some(alarm.evaluation_periods)),
        actions: Vec::new(),
        tags: std::collections::BTreeMap::new(),
        ..alarm.clone()
    }
}
