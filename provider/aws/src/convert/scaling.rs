//! Scalable targets, scheduled actions and activities.

mod policy;

use aws_sdk_applicationautoscaling::types as sdk;
use switchyard_engine::ports::{
    ActivityStatus, Bounds, NotScaledReason, ScalableTarget, ScalingActivity, ScheduledAction,
    ServiceRef, SuspendedState,
};

pub(crate) use self::policy::{alarm_names, policy, to_policy};
use super::{count, time, to_count};

/// `service/CLUSTER/SERVICE`: how Application Auto Scaling names an ECS service.
pub(crate) fn resource_id(service: &ServiceRef) -> String {
    format!("service/{}/{}", service.cluster_name(), service.name)
}

pub(crate) fn scalable_target(target: &sdk::ScalableTarget) -> ScalableTarget {
    ScalableTarget {
        arn: target.scalable_target_arn().map(str::to_owned),
        bounds: Bounds {
            min: count(target.min_capacity()),
            max: count(target.max_capacity()),
        },
        suspended: target.suspended_state().map(suspended).unwrap_or_default(),
    }
}

fn suspended(state: &sdk::SuspendedState) -> SuspendedState {
    SuspendedState {
        scale_in: state.dynamic_scaling_in_suspended().unwrap_or(false),
        scale_out: state.dynamic_scaling_out_suspended().unwrap_or(false),
        scheduled: state.scheduled_scaling_suspended().unwrap_or(false),
    }
}

/// All three words are sent: an absent one would be left as it is.
pub(crate) fn to_suspended(state: SuspendedState) -> sdk::SuspendedState {
    sdk::SuspendedState::builder()
        .dynamic_scaling_in_suspended(state.scale_in)
        .dynamic_scaling_out_suspended(state.scale_out)
        .scheduled_scaling_suspended(state.scheduled)
        .build()
}

/// Lower and upper bound, both or none.
pub(crate) fn to_bounds(bounds: Option<Bounds>) -> (Option<i32>, Option<i32>) {
    bounds
        .map(|bounds| (to_count(bounds.min), to_count(bounds.max)))
        .unzip()
}

pub(crate) fn scheduled_action(action: &sdk::ScheduledAction) -> ScheduledAction {
    let bounds = action.scalable_target_action();
    ScheduledAction {
        name: action.scheduled_action_name().to_owned(),
        arn: Some(action.scheduled_action_arn().to_owned()).filter(|arn| !arn.is_empty()),
        schedule: action.schedule().to_owned(),
        timezone: action.timezone().map(str::to_owned),
        start: time(action.start_time().copied()),
        end: time(action.end_time().copied()),
        min: bounds.and_then(|bounds| bounds.min_capacity()).map(count),
        max: bounds.and_then(|bounds| bounds.max_capacity()).map(count),
        created: time(Some(*action.creation_time())),
    }
}

pub(crate) fn to_target_action(action: &ScheduledAction) -> sdk::ScalableTargetAction {
    sdk::ScalableTargetAction::builder()
        .set_min_capacity(action.min.map(to_count))
        .set_max_capacity(action.max.map(to_count))
        .build()
}

/// `None` for a time outside of jiff's years.
pub(crate) fn activity(activity: &sdk::ScalingActivity) -> Option<ScalingActivity> {
    let reasons = activity.not_scaled_reasons().iter();
    Some(ScalingActivity {
        status: ActivityStatus::parse(activity.status_code().as_str()),
        description: activity.description().to_owned(),
        cause: activity.cause().to_owned(),
        message: activity.status_message().map(str::to_owned),
        started: time(Some(*activity.start_time()))?,
        ended: time(activity.end_time().copied()),
        not_scaled: reasons
            .map(|reason| NotScaledReason {
                code: reason.code().to_owned(),
                max: reason.max_capacity().map(count),
                min: reason.min_capacity().map(count),
                current: reason.current_capacity().map(count),
            })
            .collect(),
    })
}
