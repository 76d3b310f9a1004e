//! Create or update: reconcile to the end.

mod app_spec;
mod compare;
mod goal;
mod observer;
mod perform;
mod run;
mod sides;
mod translate;

use tokio_util::sync::CancellationToken;

pub(crate) use app_spec::{short_name, task_definition as app_spec_task_definition};
pub(crate) use goal::Goal;
pub(crate) use observer::Sighting;
pub(crate) use translate::is_failed;

use crate::failure::{Failure, call_failed, cancelled_early, task_definition_missing};
use crate::live::Live;
use crate::pace::Pace;
use crate::ports::{Error, Ports};
use crate::report::{DeploymentRecord, Report};
use crate::wanted::Wanted;

/// How an apply ended.
#[derive(Debug)]
pub struct Applied {
    /// What AWS shows afterwards; filled whenever it is known, also when `result` is a failure.
    pub live: Option<Live>,
    /// The deployment that brought the wanted revision to its end, also when a later step failed.
    pub deployed: Option<String>,
    /// Account of the rollout; absent when none was begun, found or followed.
    pub record: Option<DeploymentRecord>,
    /// What was done, or why it failed.
    pub result: Result<Report, Box<Failure>>,
}

/// Reconciles the service with `wanted` and follows the rollout, if one is needed, to its end.
///
/// May be dropped at any await point: the next call finds what was begun and finishes it. Cancelling is
/// different: it does what [`Wanted::on_cancel`] says, and returns when that is done.
pub async fn apply(ports: &Ports, wanted: &Wanted, cancel: &CancellationToken) -> Applied {
    let started_at = ports.clock.now();
    let task_definition = match resolve(ports, wanted, cancel).await {
        Ok(arn) => arn,
        Err(failure) => {
            let live = crate::observe::observe(ports, &wanted.service)
                .await
                .ok()
                .flatten();
            return Applied {
                live,
                deployed: None,
                record: None,
                result: Err(failure),
            };
        }
    };
    let goal = Goal::new(ports, wanted, task_definition, started_at);
    // Boxed: whoever awaits an apply would else carry all of its states around.
    Box::pin(run::run(&goal, cancel)).await
}

/// The ARN of the wanted task definition; short names are looked up once, so that the whole apply means
/// one revision.
async fn resolve(
    ports: &Ports,
    wanted: &Wanted,
    cancel: &CancellationToken,
) -> Result<String, Box<Failure>> {
    // The other kinds of owners are resolved by their own module.
    let Some(name) = wanted.revision.task_definition.name() else {
        return Err(Box::new(task_definition_missing(&wanted.service, "")));
    };
    let has_revision = name
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains(':'));
    if name.starts_with("arn:") && has_revision {
        return Ok(name.to_owned());
    }
    let mut pace = Pace::new(&wanted.service.name);
    let mut patience = Patience::new(ports, wanted);
    loop {
        match ports.services.find_task_definition(name).await {
            Ok(Some(found)) => return Ok(found.arn),
            Ok(None) => return Err(Box::new(task_definition_missing(&wanted.service, name))),
            Err(error) if error.kind.is_transient() && patience.lasts() => {}
            Err(error) => {
                return Err(Box::new(call_failed(
                    &wanted.service,
                    &error,
                    nothing_changed(),
                )));
            }
        }
        tokio::select! {
            () = cancel.cancelled() => return Err(Box::new(cancelled_early(&wanted.service))),
            () = ports.clock.sleep(pace.pause()) => {}
        }
    }
}

pub(crate) fn nothing_changed() -> String {
    "Nothing was changed.".to_owned()
}

/// The time an apply may take, seen from a single retry.
struct Patience<'a> {
    ports: &'a Ports,
    until: Option<jiff::Timestamp>,
}

impl<'a> Patience<'a> {
    fn new(ports: &'a Ports, wanted: &Wanted) -> Self {
        let limit = jiff::SignedDuration::try_from(wanted.time_limit).ok();
        Self {
            ports,
            until: limit.and_then(|limit| ports.clock.now().checked_add(limit).ok()),
        }
    }

    fn lasts(&mut self) -> bool {
        self.until
            .is_none_or(|until| self.ports.clock.now() < until)
    }
}

/// A call error that ended a run, with what is true then.
pub(crate) fn interrupted(goal: &Goal<'_>, error: &Error, began: bool) -> Box<Failure> {
    let now = if began {
        "A change was begun and may still be under way at AWS; what was live before serves until it succeeds.".to_owned()
    } else {
        nothing_changed()
    };
    Box::new(call_failed(&goal.wanted.service, error, now))
}
