//! Services that something scales.

use switchyard_engine::ports::{Ports, Result, ScalableTarget, ServiceRef};

/// The scalable target of a service that has a policy or a scheduled action. A target alone scales nothing.
///
/// # Errors
/// A call's error.
pub async fn find_scaled(ports: &Ports, service: &ServiceRef) -> Result<Option<ScalableTarget>> {
    let scaling = &ports.scaling;
    let Some(target) = scaling.find_scalable_target(service).await? else {
        return Ok(None);
    };
    if scaling.policies(service).await?.is_empty()
        && scaling.scheduled_actions(service).await?.is_empty()
    {
        return Ok(None);
    }
    Ok(Some(target))
}
