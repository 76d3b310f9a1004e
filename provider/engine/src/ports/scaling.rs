//! Application Auto Scaling, as far as a service's desired count is concerned.

use super::{Result, ServiceRef};

/// A service's registered scalable target (`ecs:service:DesiredCount`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalableTarget {
    /// Lower bound in tasks.
    pub min: u32,
    /// Upper bound in tasks.
    pub max: u32,
    /// Scaling in is suspended.
    pub scale_in_suspended: bool,
}

/// Reads scalable targets.
#[async_trait::async_trait]
pub trait Scaling: Send + Sync + 'static {
    /// The scalable target of the service, if one is registered. Reads are batched (50 a call).
    async fn find_scalable_target(&self, service: &ServiceRef) -> Result<Option<ScalableTarget>>;
}
