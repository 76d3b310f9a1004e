//! Scalable targets.

use aws_sdk_applicationautoscaling::types::ScalableTarget as SdkScalableTarget;
use switchyard_engine::ports::{ScalableTarget, ServiceRef};

use super::count;

/// `service/CLUSTER/SERVICE`: how Application Auto Scaling names an ECS service.
pub(crate) fn resource_id(service: &ServiceRef) -> String {
    format!("service/{}/{}", service.cluster_name(), service.name)
}

pub(crate) fn scalable_target(target: &SdkScalableTarget) -> ScalableTarget {
    ScalableTarget {
        min: count(target.min_capacity()),
        max: count(target.max_capacity()),
        scale_in_suspended: target
            .suspended_state()
            .and_then(|state| state.dynamic_scaling_in_suspended())
            .unwrap_or(false),
    }
}
