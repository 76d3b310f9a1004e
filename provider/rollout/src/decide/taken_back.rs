//! A deployment to something else is in the way: it is waited for, taken back, or told.

use jiff::{SignedDuration, Timestamp};

use crate::decide::ending::{gone, wait_or_leave};
use crate::decide::{Decision, hold, is_overdue};
use crate::effect::RolloutStep;
use crate::observed::{Answer, BegunBy, Deployment, Heading, Observed, Stage, Status};
use crate::outcome::{Obstacle, Outcome};
use crate::phase::{Phase, TakingBack};
use crate::reason::Reason;
use crate::spec::{OnForeign, Spec};
use crate::words::{CodeDeployStatus, EcsStatus};

/// Seconds CodeDeploy gets to name the rollback deployment of one that was stopped.
const ROLLBACK_SHOWS_WITHIN_SECONDS: i64 = 60;

/// `other` runs, and is not what is wanted. One that we began and nobody wants any more is taken back. Somebody
/// else's is waited for while it moves by itself; one that waits for somebody to let it go on would be waited
/// for in vain.
pub(super) fn in_the_way(spec: &Spec, other: &Deployment) -> Decision {
    let deployment = other.id.clone();
    let wait =
        |deployment| Decision::wait(Phase::AwaitTurn, Reason::OtherRolloutRunning { deployment });
    if is_ending(&other.status) || other.heading != Heading::Elsewhere {
        return wait(deployment);
    }
    match (other.begun_by, spec.on_foreign) {
        (BegunBy::Aws, _) => wait(deployment),
        (BegunBy::Us, _) | (BegunBy::Other, OnForeign::Stop) => {
            let taking = TakingBack {
                deployment: deployment.clone(),
                asked_at: None,
            };
            Decision::wait(taking, Reason::NotWanted { deployment })
        }
        (BegunBy::Other, OnForeign::Wait) => match is_paused(other) {
            true => paused(other),
            false => wait(deployment),
        },
    }
}

/// Whether a hook of ECS holds it until somebody lets it go on. Whoever waits at CodeDeploy has a group that
/// says what happens then.
fn is_paused(other: &Deployment) -> bool {
    match &other.status {
        Status::Ecs(_) => other.paused.is_some(),
        Status::CodeDeploy(_) => false,
    }
}

/// Whether it is somebody else's, and waits until they let it go on.
pub(super) fn is_paused_by_others(other: &Deployment) -> bool {
    match other.begun_by {
        BegunBy::Other => is_paused(other),
        BegunBy::Us | BegunBy::Aws => false,
    }
}

/// Somebody else's deployment is paused, and only they can say whether it is to go on.
fn paused(other: &Deployment) -> Decision {
    let outcome = Outcome::InTheWay {
        deployment: other.id.clone(),
        obstacle: Obstacle::Paused,
    };
    let stage = stage_of(other);
    Decision::settle(outcome, Reason::HeldBySomebody { stage })
}

/// AWS's word for its stage; empty when AWS names none.
fn stage_of(other: &Deployment) -> String {
    let word = other.stage.as_ref().map(Stage::word);
    word.unwrap_or_default().to_owned()
}

/// Whether AWS is ending it already.
fn is_ending(status: &Status) -> bool {
    match status {
        Status::Ecs(status) => match status {
            EcsStatus::StopRequested
            | EcsStatus::RollbackRequested
            | EcsStatus::RollbackInProgress => true,
            EcsStatus::Pending
            | EcsStatus::InProgress
            | EcsStatus::Successful
            | EcsStatus::Stopped
            | EcsStatus::RollbackSuccessful
            | EcsStatus::RollbackFailed
            | EcsStatus::Unknown(_) => false,
        },
        Status::CodeDeploy(_) => false,
    }
}

impl TakingBack {
    /// Decides while a deployment that is not wanted is taken back. Then the service is looked at afresh.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        if observed.active().is_none() {
            return gone(observed, self, spec);
        }
        let followed = observed.followed.as_ref();
        let Some(other) = followed.filter(|followed| followed.id == self.deployment) else {
            return wait_or_leave(spec, self, Reason::DeploymentNotShown, observed);
        };
        let stage = || Reason::RollingBack {
            stage: stage_of(other),
        };
        if !other.status.is_running() {
            return match rollback_follows(other, self.asked_at, observed.now) {
                true => wait_or_leave(spec, self, stage(), observed),
                false => Decision::wait(Phase::AwaitTurn, Reason::Ended),
            };
        }
        if is_ending(&other.status) {
            return wait_or_leave(spec, self, stage(), observed);
        }
        let refused = observed.answer == Answer::StopRefused;
        if refused && self.asked_at.is_some_and(|at| observed.now > at) {
            let outcome = Outcome::InTheWay {
                deployment: self.deployment,
                obstacle: Obstacle::StopRefused,
            };
            return Decision::settle(outcome, Reason::AskedWithoutEffect);
        }
        let is_over = observed.cancelled || observed.now >= spec.deadline;
        let keeps = match hold::old_side_goes(other) {
            true => Some(Reason::OldSideGoes),
            false => hold::only_new_side_serves(other).then_some(Reason::OldSideUnhealthy),
        };
        let reason = match (keeps, self.asked_at) {
            (Some(reason), _) => reason,
            (None, _) if is_over => stage(),
            (None, Some(at)) if !is_overdue(at, observed.now) => stage(),
            (None, _) => return self.stop(other, observed.now),
        };
        wait_or_leave(spec, self, reason, observed)
    }

    fn stop(self, other: &Deployment, now: Timestamp) -> Decision {
        let step = RolloutStep::Stop {
            deployment: self.deployment.clone(),
            roll_back: other.can_roll_back,
        };
        let reason = Reason::NotWanted {
            deployment: self.deployment.clone(),
        };
        let asked = Self {
            asked_at: Some(now),
            ..self
        };
        Decision::act(asked, step, reason)
    }
}

/// Whether CodeDeploy may still begin the deployment that rolls back one which has ended badly.
fn rollback_follows(other: &Deployment, asked_at: Option<Timestamp>, now: Timestamp) -> bool {
    let ended_badly = match &other.status {
        Status::CodeDeploy(status) => match status {
            CodeDeployStatus::Failed | CodeDeployStatus::Stopped => true,
            CodeDeployStatus::Created
            | CodeDeployStatus::Queued
            | CodeDeployStatus::InProgress
            | CodeDeployStatus::Baking
            | CodeDeployStatus::Ready
            | CodeDeployStatus::Succeeded
            | CodeDeployStatus::Unknown(_) => false,
        },
        Status::Ecs(_) => false,
    };
    let limit = SignedDuration::from_secs(ROLLBACK_SHOWS_WITHIN_SECONDS);
    let since = other.finished_at.or(asked_at);
    let is_young = since.is_some_and(|since| now.duration_since(since) < limit);
    ended_badly && other.rollback.is_none() && is_young
}
