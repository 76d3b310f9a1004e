//! Our rollout is undone or stopped: follow that to its end, too.

use jiff::{SignedDuration, Timestamp};

use crate::decide::ending::succeeded;
use crate::decide::patience::allowance_after;
use crate::decide::{Decision, hold, is_overdue};
use crate::effect::RolloutStep;
use crate::observed::{Answer, Deployment, Observed, Status};
use crate::outcome::{Cause, Outcome};
use crate::phase::Undoing;
use crate::reason::Reason;
use crate::spec::{OnCancel, Spec};
use crate::words::{CodeDeployStatus, EcsStatus};

/// Seconds CodeDeploy gets to name the rollback deployment of a failed one.
const ROLLBACK_SHOWS_WITHIN_SECONDS: i64 = 60;

impl Undoing {
    /// Decides while a rollout is undone.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        if observed.now >= self.until {
            return self.left(Reason::DeadlinePassed);
        }
        // AWS undoes it whether we watch or not; who asked to leave is not kept waiting.
        if observed.cancelled && spec.on_cancel == OnCancel::Leave && self.cause == Cause::Aws {
            let left_running = Some(self.rollback.unwrap_or(self.deployment));
            return Decision::settle(Outcome::Cancelled { left_running }, Reason::Cancelled);
        }
        let Some(followed) = observed
            .followed
            .as_ref()
            .filter(|followed| followed.id == self.followed())
        else {
            let is_gone = observed.active().is_none() && observed.followed.is_none();
            return match is_gone {
                true => Decision::settle(Outcome::Vanished, Reason::ServiceGone),
                false => Decision::wait(self, Reason::DeploymentNotShown),
            };
        };
        match &followed.status {
            Status::Ecs(status) => ecs(spec, self, followed, status, observed),
            Status::CodeDeploy(status) => code_deploy(spec, self, followed, status, observed),
        }
    }

    fn wait(self, stage: &str) -> Decision {
        let stage = stage.to_owned();
        Decision::wait(self, Reason::RollingBack { stage })
    }

    fn rolled_back(self) -> Decision {
        let outcome = Outcome::RolledBack {
            deployment: self.deployment,
            cause: self.cause,
        };
        Decision::settle(outcome, Reason::Ended)
    }

    fn rollback_failed(self) -> Decision {
        let outcome = Outcome::RollbackFailed {
            deployment: self.deployment,
            cause: self.cause,
        };
        Decision::settle(outcome, Reason::Ended)
    }

    fn stopped(self) -> Decision {
        let outcome = match self.cause {
            Cause::Hopeless => Outcome::FirstRolloutFailed {
                deployment: Some(self.deployment),
            },
            Cause::Aws | Cause::Cancelled | Cause::Deadline | Cause::Gate | Cause::Unavailable => {
                Outcome::Stopped {
                    deployment: self.deployment,
                    cause: self.cause,
                }
            }
        };
        Decision::settle(outcome, Reason::Ended)
    }

    /// AWS does not stop it. What the rollout itself did is told rather than that it was left.
    fn refused(self) -> Decision {
        match self.cause {
            Cause::Aws | Cause::Cancelled | Cause::Deadline => {
                self.left(Reason::AskedWithoutEffect)
            }
            Cause::Gate | Cause::Hopeless | Cause::Unavailable => {
                let outcome = Outcome::NotUndone {
                    deployment: self.deployment,
                    cause: self.cause,
                };
                Decision::settle(outcome, Reason::AskedWithoutEffect)
            }
        }
    }

    /// It goes on without us.
    fn left(self, reason: Reason) -> Decision {
        let left_running = Some(self.rollback.unwrap_or(self.deployment));
        let outcome = match self.cause {
            Cause::Cancelled => Outcome::Cancelled { left_running },
            Cause::Aws | Cause::Deadline | Cause::Gate | Cause::Hopeless | Cause::Unavailable => {
                Outcome::TimedOut { left_running }
            }
        };
        Decision::settle(outcome, reason)
    }
}

/// Asks AWS to stop the rollout, going back where there is something to go back to.
pub(super) fn ask(
    spec: &Spec,
    deployment: &Deployment,
    cause: Cause,
    reason: Reason,
    now: Timestamp,
) -> Decision {
    let undoing = Undoing {
        deployment: deployment.id.clone(),
        rollback: None,
        cause,
        asked_at: Some(now),
        until: allowance_after(spec.deadline.max(now)),
    };
    Decision::act(undoing, stop(deployment), reason)
}

/// AWS has begun to undo the rollout by itself.
pub(super) fn begun(spec: &Spec, deployment: &Deployment) -> Decision {
    Undoing {
        deployment: deployment.id.clone(),
        rollback: deployment.rollback.clone(),
        cause: Cause::Aws,
        asked_at: None,
        until: allowance_after(spec.deadline),
    }
    .wait(deployment.status.word())
}

/// The effect that ends it, going back where there is something to go back to.
fn stop(deployment: &Deployment) -> RolloutStep {
    RolloutStep::Stop {
        deployment: deployment.id.clone(),
        roll_back: deployment.can_roll_back,
    }
}

fn ecs(
    spec: &Spec,
    undoing: Undoing,
    deployment: &Deployment,
    status: &EcsStatus,
    observed: &Observed,
) -> Decision {
    match status {
        EcsStatus::RollbackSuccessful => undoing.rolled_back(),
        EcsStatus::RollbackFailed => undoing.rollback_failed(),
        EcsStatus::Stopped => undoing.stopped(),
        // AWS documents ROLLBACK_REQUESTED → SUCCESSFUL: the rollout had won the race.
        EcsStatus::Successful => succeeded(spec, undoing.deployment, status.word(), observed),
        EcsStatus::RollbackRequested | EcsStatus::RollbackInProgress | EcsStatus::StopRequested => {
            undoing.wait(status.word())
        }
        EcsStatus::Pending | EcsStatus::InProgress => still_running(undoing, deployment, observed),
        EcsStatus::Unknown(word) => Decision::wait(undoing, Reason::UnknownWord(word.clone())),
    }
}

fn code_deploy(
    spec: &Spec,
    undoing: Undoing,
    followed: &Deployment,
    status: &CodeDeployStatus,
    observed: &Observed,
) -> Decision {
    let is_rollback = undoing.rollback.is_some();
    match (status, is_rollback) {
        (CodeDeployStatus::Succeeded, true) => undoing.rolled_back(),
        (CodeDeployStatus::Failed | CodeDeployStatus::Stopped, true) => undoing.rollback_failed(),
        (CodeDeployStatus::Succeeded, false) => {
            succeeded(spec, undoing.deployment, status.word(), observed)
        }
        (CodeDeployStatus::Failed | CodeDeployStatus::Stopped, false) => {
            failed(undoing, followed, status, observed)
        }
        (CodeDeployStatus::Unknown(word), _) => {
            Decision::wait(undoing, Reason::UnknownWord(word.clone()))
        }
        (
            CodeDeployStatus::Created
            | CodeDeployStatus::Queued
            | CodeDeployStatus::InProgress
            | CodeDeployStatus::Baking
            | CodeDeployStatus::Ready,
            is_rollback,
        ) => match is_rollback {
            true => undoing.wait(status.word()),
            false => still_running(undoing, followed, observed),
        },
    }
}

/// Our CodeDeploy deployment has ended badly; its rollback is a deployment of its own.
fn failed(
    undoing: Undoing,
    ours: &Deployment,
    status: &CodeDeployStatus,
    observed: &Observed,
) -> Decision {
    if let Some(rollback) = ours.rollback.clone() {
        return Undoing {
            rollback: Some(rollback),
            ..undoing
        }
        .wait("rollback deployment");
    }
    let since = ours.finished_at.or(undoing.asked_at);
    let shows_by = since.map(|at| {
        at.saturating_add(SignedDuration::from_secs(ROLLBACK_SHOWS_WITHIN_SECONDS))
            .unwrap_or(Timestamp::MAX)
    });
    let may_follow = ours.rollback_expected || undoing.asked_at.is_some();
    if may_follow && shows_by.is_some_and(|by| observed.now < by) {
        return undoing.wait("rollback deployment");
    }
    if *status == CodeDeployStatus::Stopped {
        return undoing.stopped();
    }
    Decision::settle(
        Outcome::DeploymentFailed {
            deployment: undoing.deployment,
        },
        Reason::Ended,
    )
}

/// We asked, and it runs on.
fn still_running(undoing: Undoing, deployment: &Deployment, observed: &Observed) -> Decision {
    if observed.answer == Answer::StopRefused
        && undoing.asked_at.is_some_and(|at| observed.now > at)
    {
        return undoing.refused();
    }
    match undoing.asked_at {
        // AWS has not begun, and by now only the new side serves.
        Some(_) if deployment.can_roll_back && hold::only_new_side_serves(deployment) => {
            Decision::wait(undoing, Reason::OldSideUnhealthy)
        }
        Some(at) if is_overdue(at, observed.now) => {
            let again = Undoing {
                asked_at: Some(observed.now),
                ..undoing
            };
            Decision::act(again, stop(deployment), Reason::AskedWithoutEffect)
        }
        Some(_) | None => undoing.wait(deployment.status.word()),
    }
}
