//! Create or update: reconcile to the end.

mod compare;
mod health;
mod hopeless;
mod observer;
mod perform;
mod retention;
mod run;
mod scaling;
mod sides;
mod switching;
mod task_definition;
mod went_back;

pub use hopeless::of_task as hopeless_task;
use tokio_util::sync::CancellationToken;

use crate::desired::DesiredService;
use crate::emergency::{EmergencyScaling, forget};
use crate::failure::{AfterCall, Failure, What};
use crate::goal::Goal;
use crate::live::Live;
use crate::ports::{Error, Ports};
use crate::report::{DeploymentRecord, Report};

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
    /// `family:revision` that is to be live again.
    pub(crate) back_to: Option<String>,
}

/// Reconciles the service with `wanted` and follows the rollout, if one is needed, to its end.
///
/// May be dropped at any await point: the next call finds what was begun and finishes it. Cancelling is
/// different: it does what [`DesiredService::on_cancel`] says, and returns when that is done.
pub async fn apply(ports: &Ports, wanted: &DesiredService, cancel: &CancellationToken) -> Applied {
    let started_at = ports.clock.now();
    let mut resolved = RESOLVES;
    loop {
        resolved -= 1;
        let mut found = match task_definition::resolve(ports, wanted, cancel).await {
            Ok(found) => found,
            Err(failure) => {
                let route = wanted.production_route();
                let live = crate::observe::observe_behind(ports, &wanted.service, route)
                    .await
                    .ok()
                    .flatten();
                return Applied {
                    live,
                    deployed: None,
                    record: None,
                    result: Err(failure),
                    back_to: None,
                };
            }
        };
        if resolved == 0 {
            found.made_from = None;
        }
        let goal = Goal::new(ports, wanted, found, started_at);
        // Boxed: whoever awaits an apply would else carry all of its states around.
        if let Some(mut applied) = Box::pin(run_to_the_end(&goal, cancel)).await {
            return match applied.back_to.take() {
                Some(to) => went_back::go_back(ports, wanted, applied, to).await,
                None => applied,
            };
        }
    }
}

/// Runs, and takes away the note of an emergency whose time is over and that was about nothing but the number of tasks:
/// that is put back by now. One that raised bounds is remembered until somebody puts those back.
async fn run_to_the_end(goal: &Goal<'_>, cancel: &CancellationToken) -> Option<Applied> {
    let applied = Box::pin(run::run(goal, cancel)).await?;
    let ports = goal.ports;
    let live = applied.live.as_ref().filter(|_| applied.result.is_ok());
    let emergency = live.and_then(|live| live.emergency.as_deref());
    let is_done = |it: &EmergencyScaling| it.bounds.is_none() && it.is_over(ports.clock.now());
    if emergency.is_some_and(is_done) {
        forget(ports, &goal.wanted.service).await;
    }
    Some(applied)
}

/// How often what is wanted is resolved while others change what it is made from.
const RESOLVES: u32 = 10;

/// A call error that ended a run, with what is true then.
pub(crate) fn interrupted(goal: &Goal<'_>, error: Error, began: bool) -> Box<Failure> {
    let after = match began {
        true => AfterCall::Begun,
        false => AfterCall::NothingChanged,
    };
    let service = goal.wanted.service.name.as_str();
    Box::new(Failure::new(service, What::Call { error, after }))
}
