//! Our rollout runs: follow it to its end.

use crate::decide::{Decision, gone, hopeless_after, rolled_out, undo};
use crate::observed::{CodeDeployStatus, Deployment, EcsStatus, Heading, Observed, Status};
use crate::outcome::{Cause, Outcome};
use crate::phase::Phase;
use crate::reason::Reason;
use crate::spec::{OnCancel, Spec};

/// Decides while our rollout is followed.
pub(super) fn outcome(spec: &Spec, id: String, observed: &Observed) -> Decision {
    let Some(deployment) = observed
        .followed
        .as_ref()
        .filter(|followed| followed.id == id)
    else {
        return not_shown(spec, id, observed);
    };
    if observed.active().is_none() && deployment.status.is_running() {
        return gone(observed, Phase::following(id), spec);
    }
    match &deployment.status {
        Status::Ecs(status) => ecs(spec, deployment, status, observed),
        Status::CodeDeploy(status) => code_deploy(spec, deployment, status, observed),
    }
}

fn ecs(spec: &Spec, deployment: &Deployment, status: &EcsStatus, observed: &Observed) -> Decision {
    let id = deployment.id.clone();
    match status {
        EcsStatus::Pending => running(spec, deployment, "PENDING", observed),
        EcsStatus::InProgress => running(spec, deployment, "IN_PROGRESS", observed),
        EcsStatus::StopRequested => {
            let reason = Reason::Progress {
                stage: "STOP_REQUESTED".to_owned(),
                weight: deployment.weight,
                tasks: deployment.tasks,
            };
            wait_or_leave(spec, id, reason, observed)
        }
        EcsStatus::RollbackRequested => undo::begun(spec, deployment, "ROLLBACK_REQUESTED"),
        EcsStatus::RollbackInProgress => undo::begun(spec, deployment, "ROLLBACK_IN_PROGRESS"),
        EcsStatus::Successful => succeeded(spec, id, "SUCCESSFUL", observed),
        EcsStatus::Stopped => stopped(spec, id, observed),
        EcsStatus::RollbackSuccessful => Decision::settle(
            Outcome::RolledBack {
                deployment: id,
                cause: Cause::Aws,
            },
            Reason::Ended,
        ),
        EcsStatus::RollbackFailed => Decision::settle(
            Outcome::RollbackFailed {
                deployment: id,
                cause: Cause::Aws,
            },
            Reason::Ended,
        ),
        EcsStatus::Unknown(word) => {
            wait_or_leave(spec, id, Reason::UnknownWord(word.clone()), observed)
        }
    }
}

fn code_deploy(
    spec: &Spec,
    deployment: &Deployment,
    status: &CodeDeployStatus,
    observed: &Observed,
) -> Decision {
    let id = deployment.id.clone();
    match status {
        CodeDeployStatus::Created => running(spec, deployment, "Created", observed),
        CodeDeployStatus::Queued => running(spec, deployment, "Queued", observed),
        CodeDeployStatus::InProgress => running(spec, deployment, "InProgress", observed),
        CodeDeployStatus::Baking => running(spec, deployment, "Baking", observed),
        CodeDeployStatus::Ready => match interrupted(spec, deployment, observed) {
            Some(decision) => decision,
            None => Decision::wait(Phase::following(id), Reason::WaitsForApproval),
        },
        CodeDeployStatus::Succeeded => succeeded(spec, id, "Succeeded", observed),
        CodeDeployStatus::Failed => undo::begun(spec, deployment, "Failed"),
        CodeDeployStatus::Stopped => undo::begun(spec, deployment, "Stopped"),
        CodeDeployStatus::Unknown(word) => {
            wait_or_leave(spec, id, Reason::UnknownWord(word.clone()), observed)
        }
    }
}

/// It has succeeded.
pub(super) fn succeeded(spec: &Spec, id: String, word: &str, observed: &Observed) -> Decision {
    let reason = Reason::Progress {
        stage: word.to_owned(),
        weight: Some(100.0),
        tasks: None,
    };
    rolled_out(spec, Some(id), reason, observed.now)
}

fn running(spec: &Spec, deployment: &Deployment, word: &str, observed: &Observed) -> Decision {
    if let Some(decision) = interrupted(spec, deployment, observed) {
        return decision;
    }
    let stage = deployment.stage.clone().unwrap_or_else(|| word.to_owned());
    let phase = Phase::following(deployment.id.clone());
    Decision::wait(
        phase,
        Reason::Progress {
            stage,
            weight: deployment.weight,
            tasks: deployment.tasks,
        },
    )
}

/// Cancelled, out of time, or without hope.
fn interrupted(spec: &Spec, deployment: &Deployment, observed: &Observed) -> Option<Decision> {
    let (failed, desired) = observed
        .active()
        .map_or((0, 0), |active| (active.failed_tasks, active.desired));
    // A breaker that triggers rolls back by itself, where there is something to go back to.
    let hopeless = failed >= hopeless_after(spec.desired.max(desired))
        || (deployment.breaker_triggered && !deployment.can_roll_back);
    let (cause, reason) = if observed.cancelled {
        (Cause::Cancelled, Reason::Cancelled)
    } else if observed.now >= spec.deadline {
        (Cause::Deadline, Reason::DeadlinePassed)
    } else if hopeless {
        (Cause::Hopeless, Reason::TasksFail { failed })
    } else {
        return None;
    };
    // A first rollout that has run out of time never completes by itself: leaving it would leave it for ever.
    let leave = match (cause, spec.on_cancel) {
        (Cause::Cancelled, OnCancel::Leave) => true,
        (Cause::Deadline, OnCancel::Leave) => deployment.can_roll_back,
        (Cause::Cancelled | Cause::Deadline, OnCancel::Rollback)
        | (Cause::Hopeless | Cause::Aws | Cause::Gate | Cause::Unavailable, _) => false,
    };
    Some(match (leave, cause) {
        (true, Cause::Cancelled) => Decision::settle(
            Outcome::Cancelled {
                left_running: Some(deployment.id.clone()),
            },
            reason,
        ),
        (
            true,
            Cause::Deadline | Cause::Hopeless | Cause::Aws | Cause::Gate | Cause::Unavailable,
        ) => Decision::settle(
            Outcome::TimedOut {
                left_running: Some(deployment.id.clone()),
            },
            reason,
        ),
        (false, _) => undo::ask(spec, deployment, cause, reason, observed.now),
    })
}

/// Nothing can be done but wait; cancelled or out of time, it goes on without us.
pub(super) fn wait_or_leave(
    spec: &Spec,
    id: String,
    reason: Reason,
    observed: &Observed,
) -> Decision {
    if observed.now >= spec.deadline {
        return Decision::settle(
            Outcome::TimedOut {
                left_running: Some(id),
            },
            Reason::DeadlinePassed,
        );
    }
    if observed.cancelled {
        return Decision::settle(
            Outcome::Cancelled {
                left_running: Some(id),
            },
            Reason::Cancelled,
        );
    }
    Decision::wait(Phase::following(id), reason)
}

/// Stopped without us: by somebody, or because another rollout took over.
fn stopped(spec: &Spec, id: String, observed: &Observed) -> Decision {
    let other = observed.newest.as_ref().filter(|newest| newest.id != id);
    match other {
        // Somebody started the same rollout again: it is as good as ours.
        Some(newest) if newest.heading == Heading::Wanted && observed.now < spec.deadline => {
            Decision::wait(Phase::following(newest.id.clone()), Reason::RolloutFound)
        }
        // Too young to say where it goes.
        Some(newest)
            if newest.heading == Heading::Unknown
                && observed.now < spec.deadline
                && !observed.cancelled =>
        {
            Decision::wait(Phase::following(id), Reason::DeploymentNotShown)
        }
        Some(newest) => Decision::settle(
            Outcome::Superseded {
                deployment: Some(id),
                by: newest.id.clone(),
            },
            Reason::OtherRolloutRunning {
                deployment: newest.id.clone(),
            },
        ),
        None => Decision::settle(
            Outcome::Stopped {
                deployment: id,
                cause: Cause::Aws,
            },
            Reason::Ended,
        ),
    }
}

fn not_shown(spec: &Spec, id: String, observed: &Observed) -> Decision {
    if observed.active().is_none() {
        return gone(observed, Phase::following(id), spec);
    }
    wait_or_leave(spec, id, Reason::DeploymentNotShown, observed)
}
