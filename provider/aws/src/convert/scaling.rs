//! Scalable targets.

use aws_sdk_applicationautoscaling::types as sdk;
use switchyard_engine::ports::{Bounds, ScalableTarget, ServiceRef, SuspendedState};

use super::count;

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
