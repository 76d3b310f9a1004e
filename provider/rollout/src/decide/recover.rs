//! Where a run stands, from an observation alone.

use crate::decide::patience::allowance_after;
use crate::decide::sides;
use crate::observed::{ControllerSeen, Heading, Mark, Observed, Status};
use crate::outcome::Cause;
use crate::phase::{Phase, Undoing};
use crate::spec::{Engine, Intent, Spec};
use crate::words::EcsStatus;

/// The phase a run was in when it was killed (or in which a fresh run starts).
///
/// A rollout under way to exactly what is wanted is the run's own; anything else means that the run
/// has not begun, or has ended: both start at [`Phase::AwaitTurn`], where a run that finds everything
/// as wanted ends without an effect.
pub fn recover(spec: &Spec, observed: &Observed) -> Phase {
    let Some(active) = observed.active() else {
        return Phase::AwaitTurn;
    };
    let is_ours = spec.intent == Intent::Update || active.mark == Mark::Ours;
    if !is_ours || active.controller != ControllerSeen::Wanted {
        return Phase::AwaitTurn;
    }
    if spec.engine == Engine::External {
        return sides::recover(spec, observed);
    }
    let Some(newest) = observed.newest.as_ref() else {
        return Phase::AwaitTurn;
    };
    if newest.heading != Heading::Wanted || !newest.status.is_running() {
        return Phase::AwaitTurn;
    }
    match &newest.status {
        // AWS gave it up over its tasks: whoever applies again has to hear of that.
        Status::Ecs(EcsStatus::RollbackRequested | EcsStatus::RollbackInProgress)
            if newest.breaker_triggered =>
        {
            Phase::from(Undoing {
                deployment: newest.id.clone(),
                rollback: None,
                cause: Cause::Aws,
                asked_at: None,
                until: allowance_after(spec.deadline),
            })
        }
        // An earlier run was stopped, or a hook has expired that nobody came back for: that ends first, then
        // what is wanted is rolled out.
        Status::Ecs(
            EcsStatus::RollbackRequested | EcsStatus::RollbackInProgress | EcsStatus::StopRequested,
        ) => Phase::AwaitTurn,
        Status::Ecs(
            EcsStatus::Pending
            | EcsStatus::InProgress
            | EcsStatus::Successful
            | EcsStatus::Stopped
            | EcsStatus::RollbackSuccessful
            | EcsStatus::RollbackFailed
            | EcsStatus::Unknown(_),
        )
        | Status::CodeDeploy(_) => Phase::following(newest.id.clone()),
    }
}
