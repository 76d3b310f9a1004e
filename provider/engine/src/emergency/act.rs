//! Raises, and puts back.

use std::collections::{BTreeMap, BTreeSet};

use super::note::{EmergencyScaling, Raised};
use crate::notes::{EMERGENCY_TAG, OPERATED_TAG};
use crate::ports::{
    Bounds, ErrorKind, Ports, Result, ScalableTarget, Service, ServiceChange, ServiceRef,
    TargetChange,
};

/// What became of a number that was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate<T> {
    /// It is what it was before.
    Back(T),
    /// It is not what the emergency had raised it to: somebody has changed it since, and it stays.
    Kept(T),
    /// There is nothing that could have it.
    Gone,
}

/// How an emergency ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Number of tasks, where it was raised. Where a service has automatic scaling, that lowers it.
    pub count: Option<Fate<u32>>,
    /// Bounds, where they were raised.
    pub bounds: Option<Fate<Bounds>>,
}

/// Writes the note, then raises the bounds, then the number of tasks. Each call repeats without harm. `operated` is what
/// the service's tag says was done by hand.
///
/// # Errors
/// The call's error. Once the note is there, the same again finishes it, and [`end_emergency`] takes it back.
pub async fn begin_emergency(
    ports: &Ports,
    service: &Service,
    target: Option<&ScalableTarget>,
    note: &EmergencyScaling,
    operated: String,
) -> Result<()> {
    let set = BTreeMap::from([
        (EMERGENCY_TAG.to_owned(), note.to_string()),
        (OPERATED_TAG.to_owned(), operated),
    ]);
    ports
        .services
        .change_tags(&service.arn, &set, &BTreeSet::new())
        .await?;
    let name = name_of(service);
    if let (Some(Raised { to, .. }), Some(target)) = (note.bounds, target)
        && to != target.bounds
    {
        ports.scaling.register_target(&name, &bounds(to)).await?;
    }
    match note.count {
        Some(Raised { to, .. }) if to != service.desired => count(ports, &name, to).await,
        Some(_) | None => Ok(()),
    }
}

/// Puts back what is still as it was raised, and then takes the note away.
///
/// # Errors
/// The call's error: the note is still there, and the same again finishes it.
pub async fn end_emergency(
    ports: &Ports,
    service: &Service,
    note: &EmergencyScaling,
    operated: Option<String>,
) -> Result<Ended> {
    let name = name_of(service);
    let target = ports.scaling.find_scalable_target(&name).await?;
    let mut ended = Ended::default();
    if let Some(raised) = note.bounds {
        ended.bounds = Some(match &target {
            None => Fate::Gone,
            Some(target) if target.bounds == raised.to => {
                ports
                    .scaling
                    .register_target(&name, &bounds(raised.from))
                    .await?;
                Fate::Back(raised.from)
            }
            Some(target) if target.bounds == raised.from => Fate::Back(raised.from),
            Some(target) => Fate::Kept(target.bounds),
        });
    }
    if let Some(raised) = note.count {
        ended.count = Some(match service.desired {
            found if found == raised.from => Fate::Back(found),
            // The autoscaler owns the number, and lowers it as far as the load allows.
            found if target.is_some() || found != raised.to => Fate::Kept(found),
            _ => {
                count(ports, &name, raised.from).await?;
                Fate::Back(raised.from)
            }
        });
    }
    let set = operated.map(|done| (OPERATED_TAG.to_owned(), done));
    let gone = BTreeSet::from([EMERGENCY_TAG.to_owned()]);
    ports
        .services
        .change_tags(&service.arn, &set.into_iter().collect(), &gone)
        .await?;
    Ok(ended)
}

/// Takes the note away. What it was about is as the configuration says again.
pub(crate) async fn forget(ports: &Ports, service: &ServiceRef) {
    let found = ports.services.find_service(service).await;
    let gone = BTreeSet::from([EMERGENCY_TAG.to_owned()]);
    let forgotten = match found {
        Ok(Some(found)) if found.tags.contains_key(EMERGENCY_TAG) => {
            let set = BTreeMap::new();
            ports.services.change_tags(&found.arn, &set, &gone).await
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = forgotten {
        tracing::warn!(error = %error, "the note of an emergency scaling that is over stays on the service");
    }
}

fn name_of(service: &Service) -> ServiceRef {
    ServiceRef {
        cluster: service.cluster_arn.clone(),
        name: service.name.clone(),
    }
}

fn bounds(bounds: Bounds) -> TargetChange {
    TargetChange {
        bounds: Some(bounds),
        ..TargetChange::default()
    }
}

async fn count(ports: &Ports, service: &ServiceRef, tasks: u32) -> Result<()> {
    let change = ServiceChange {
        desired: Some(tasks),
        ..ServiceChange::default()
    };
    ports
        .services
        .update_service(service, &change)
        .await
        .map(|_| ())
}
