//! Application Auto Scaling, as far as a service's desired count is concerned.

use super::{Result, ServiceRef};

/// `SuspendedState` of a scalable target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SuspendedState {
    /// `DynamicScalingInSuspended`.
    pub scale_in: bool,
    /// `DynamicScalingOutSuspended`.
    pub scale_out: bool,
    /// `ScheduledScalingSuspended`.
    pub scheduled: bool,
}

/// A service's registered scalable target (`ecs:service:DesiredCount`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalableTarget {
    /// Lower bound in tasks.
    pub min: u32,
    /// Upper bound in tasks.
    pub max: u32,
    /// What of it is suspended.
    pub suspended: SuspendedState,
}

/// Reads scalable targets.
#[async_trait::async_trait]
pub trait Scaling: Send + Sync + 'static {
    /// The scalable target of the service, if one is registered. Reads are batched (50 a call).
    async fn find_scalable_target(&self, service: &ServiceRef) -> Result<Option<ScalableTarget>>;
    /// Suspends or resumes scaling of a registered target; its bounds stay (RegisterScalableTarget with the
    /// suspended state alone).
    async fn set_suspended(&self, service: &ServiceRef, state: SuspendedState) -> Result<()>;
}
