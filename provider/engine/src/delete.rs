//! Deletes a service and waits until its name is free.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::failure::{AfterCall, Failure, Remains, Undeleted, What};
use crate::pace::Pace;
use crate::ports::{Controller, Error, ErrorKind, Ports, Service, ServiceRef, ServiceStatus};

/// Deletes the service (its tasks are stopped) and returns when it is `INACTIVE` or unknown, so that
/// its name can be used again.
///
/// # Errors
/// A call that failed for good, the time limit, or cancellation. In every case deleting again goes on
/// where it stopped.
pub async fn delete(
    ports: &Ports,
    service: &ServiceRef,
    time_limit: Duration,
    cancel: &CancellationToken,
) -> Result<(), Box<Failure>> {
    let mut pace = Pace::new(&service.name);
    let limit = SignedDuration::try_from(time_limit).unwrap_or(SignedDuration::MAX);
    let deadline = ports
        .clock
        .now()
        .saturating_add(limit)
        .unwrap_or(Timestamp::MAX);
    let mut asked = false;
    let mut last_error = None;
    loop {
        let mut is_gone = false;
        match step(ports, service, &mut asked).await {
            Ok(found) => is_gone = !found,
            // A cluster that is gone took its services along.
            Err(error) if error.kind == ErrorKind::NotFound => is_gone = true,
            Err(error) if error.kind.is_transient() || error.kind == ErrorKind::Conflict => {
                last_error = Some(error)
            }
            Err(error) => {
                let after = AfterCall::NotDeleted;
                let what = What::Call { error, after };
                return Err(Box::new(Failure::new(service.name.as_str(), what)));
            }
        }
        if is_gone {
            return Ok(());
        }
        let is_over = ports.clock.now() >= deadline;
        if is_over || cancel.is_cancelled() {
            let found = ports.services.find_service(service).await.ok().flatten();
            let what = What::NotDeleted {
                why: match is_over {
                    true => Undeleted::TimedOut(time_limit),
                    false => Undeleted::Canceled,
                },
                remains: remains(found.as_ref()),
                error: last_error,
            };
            return Err(Box::new(Failure::new(service.name.as_str(), what)));
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = ports.clock.sleep(pace.pause()) => {}
        }
    }
}

/// Whether the service is still there; asks for its deletion while it is active.
async fn step(ports: &Ports, service: &ServiceRef, asked: &mut bool) -> Result<bool, Error> {
    let Some(found) = ports.services.find_service(service).await? else {
        return Ok(false);
    };
    match found.status {
        ServiceStatus::Inactive => Ok(false),
        ServiceStatus::Draining | ServiceStatus::Unknown(_) => Ok(true),
        ServiceStatus::Active if *asked => Ok(true),
        ServiceStatus::Active => {
            // AWS keeps a service as long as it has task sets that were not deleted.
            let sets = found.task_sets.iter();
            let ours = found.controller == Controller::External;
            for set in sets.filter(|set| ours && !set.is_leaving()) {
                ports
                    .services
                    .delete_task_set(service, &set.id, true)
                    .await?;
            }
            ports.services.delete_service(service).await?;
            *asked = true;
            Ok(true)
        }
    }
}

/// What there is of the service.
fn remains(found: Option<&Service>) -> Remains {
    match found.map(|found| (&found.status, found.running)) {
        Some((ServiceStatus::Draining, running)) => Remains::Draining { running },
        Some((_, running)) => Remains::Existing { running },
        None => Remains::Nothing,
    }
}
