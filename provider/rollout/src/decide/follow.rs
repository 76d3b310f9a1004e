//! Our rollout runs: follow it to its end.

use crate::decide::ending::{gone, hopelessness, succeeded, wait_or_leave};
use crate::decide::hold::{self, Place};
use crate::decide::{Decision, undo};
use crate::observed::{Deployment, Heading, MomentVerdict, Observed, Status};
use crate::outcome::{Cause, Outcome};
use crate::phase::{Following, Phase, Watching};
use crate::reason::Reason;
use crate::spec::{OnCancel, Spec};
use crate::words::{CodeDeployStatus, EcsStatus};

impl Following {
    /// Decides while our rollout is followed.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        let Some(deployment) = observed
            .followed
            .as_ref()
            .filter(|followed| followed.id == self.deployment)
        else {
            return not_shown(spec, self, observed);
        };
        if observed.active().is_none() && deployment.status.is_running() {
            return gone(observed, self, spec);
        }
        match &deployment.status {
            Status::Ecs(status) => ecs(spec, deployment, self, status, observed),
            Status::CodeDeploy(status) => code_deploy(spec, deployment, self, status, observed),
        }
    }
}

fn ecs(
    spec: &Spec,
    deployment: &Deployment,
    following: Following,
    status: &EcsStatus,
    observed: &Observed,
) -> Decision {
    let id = deployment.id.clone();
    match status {
        EcsStatus::Pending | EcsStatus::InProgress => {
            running(spec, deployment, following, observed)
        }
        EcsStatus::StopRequested => {
            let reason = Reason::Progress {
                stage: status.to_string(),
                weight: deployment.weight,
                tasks: deployment.tasks,
            };
            wait_or_leave(spec, following, reason, observed)
        }
        EcsStatus::RollbackRequested | EcsStatus::RollbackInProgress => {
            undo::begun(spec, deployment)
        }
        EcsStatus::Successful => succeeded(spec, id, status.word(), observed),
        EcsStatus::Stopped => stopped(spec, following, observed),
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
            let reason = Reason::UnknownWord(word.clone());
            wait_or_leave(spec, following, reason, observed)
        }
    }
}

fn code_deploy(
    spec: &Spec,
    deployment: &Deployment,
    following: Following,
    status: &CodeDeployStatus,
    observed: &Observed,
) -> Decision {
    let id = deployment.id.clone();
    match status {
        CodeDeployStatus::Created
        | CodeDeployStatus::Queued
        | CodeDeployStatus::InProgress
        | CodeDeployStatus::Baking
        | CodeDeployStatus::Ready => running(spec, deployment, following, observed),
        CodeDeployStatus::Succeeded => succeeded(spec, id, status.word(), observed),
        CodeDeployStatus::Failed | CodeDeployStatus::Stopped => undo::begun(spec, deployment),
        CodeDeployStatus::Unknown(word) => {
            let reason = Reason::UnknownWord(word.clone());
            wait_or_leave(spec, following, reason, observed)
        }
    }
}

fn running(
    spec: &Spec,
    deployment: &Deployment,
    following: Following,
    observed: &Observed,
) -> Decision {
    let watch = hold::remember(following.watch, deployment, observed.now);
    match objection(spec, deployment, &watch, observed) {
        Some(objection) => object(spec, deployment, watch, objection, observed),
        None => hold::proceed(spec, deployment, watch, observed),
    }
}

/// Why the rollout is not to go on.
fn objection(
    spec: &Spec,
    deployment: &Deployment,
    watch: &Watching,
    observed: &Observed,
) -> Option<(Cause, Reason)> {
    if observed.cancelled {
        return Some((Cause::Cancelled, Reason::Cancelled));
    }
    if observed.now >= spec.deadline {
        return Some((Cause::Deadline, Reason::DeadlinePassed));
    }
    let active = observed.active();
    if let Some(reason) = active.and_then(|active| hopelessness(spec, active)) {
        return Some((Cause::Hopeless, reason));
    }
    // A breaker that triggers rolls back by itself, where there is something to go back to.
    if deployment.breaker_triggered && !deployment.can_roll_back {
        let failed = active.map_or(0, |active| active.failed_tasks);
        return Some((Cause::Hopeless, Reason::TasksFail { failed }));
    }
    let moment = Place::of(spec, deployment).moment();
    if let Some(moment) = moment.filter(|moment| spec.is_gated(*moment)) {
        match observed.verdict_at(moment) {
            Some(MomentVerdict::Failed | MomentVerdict::Inconclusive) => {
                return Some((Cause::Gate, Reason::GatesFailed(moment)));
            }
            Some(MomentVerdict::Passed | MomentVerdict::Pending) | None => {}
        }
    }
    hold::is_unavailable(watch, observed.now).then_some((Cause::Unavailable, Reason::Unavailable))
}

/// Undone, left, or kept where it is because nothing else serves.
fn object(
    spec: &Spec,
    deployment: &Deployment,
    watch: Watching,
    (cause, reason): (Cause, Reason),
    observed: &Observed,
) -> Decision {
    // A first rollout that has run out of time never completes by itself: leaving it would leave it for ever.
    let leaves = match (cause, spec.on_cancel) {
        (Cause::Cancelled, OnCancel::Leave) => true,
        (Cause::Deadline, OnCancel::Leave) => deployment.can_roll_back,
        (Cause::Cancelled | Cause::Deadline, OnCancel::Rollback)
        | (Cause::Hopeless | Cause::Aws | Cause::Gate | Cause::Unavailable, _) => false,
    };
    let is_too_late = hold::old_side_goes(deployment);
    let nowhere_to_go =
        deployment.can_roll_back && (is_too_late || hold::only_new_side_serves(deployment));
    if !leaves && !nowhere_to_go {
        return undo::ask(spec, deployment, cause, reason, observed.now);
    }
    let left_running = Some(deployment.id.clone());
    let reason = match (leaves, is_too_late) {
        (true, _) => reason,
        (false, true) => Reason::OldSideGoes,
        (false, false) => Reason::OldSideUnhealthy,
    };
    match cause {
        Cause::Cancelled => Decision::settle(Outcome::Cancelled { left_running }, reason),
        Cause::Deadline => Decision::settle(Outcome::TimedOut { left_running }, reason),
        Cause::Aws | Cause::Gate | Cause::Hopeless | Cause::Unavailable => {
            let moment = Place::of(spec, deployment).moment();
            let watched = moment.filter(|moment| spec.is_gated(*moment));
            Decision::wait(hold::stay(deployment, watch), reason).watching(watched)
        }
    }
}

/// Stopped without us: by somebody, or because another rollout took over.
fn stopped(spec: &Spec, following: Following, observed: &Observed) -> Decision {
    let id = following.deployment.clone();
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
            Decision::wait(following, Reason::DeploymentNotShown)
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

fn not_shown(spec: &Spec, following: Following, observed: &Observed) -> Decision {
    if observed.active().is_none() {
        return gone(observed, following, spec);
    }
    wait_or_leave(spec, following, Reason::DeploymentNotShown, observed)
}
