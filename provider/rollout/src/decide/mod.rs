//! The decision function.

mod follow;
mod undo;

use jiff::{SignedDuration, Timestamp};

use crate::observed::{Active, Answer, Mark, Observed, Seen};
use crate::outcome::Outcome;
use crate::phase::{Next, Phase};
use crate::reason::Reason;
use crate::recover::recover;
use crate::spec::{Engine, Intent, Spec};
use crate::step::Step;

/// Seconds without a visible effect after which AWS is asked again.
pub const PATIENCE_SECONDS: i64 = 90;

/// Seconds a rollback may take beyond the deadline.
pub const ROLLBACK_ALLOWANCE_SECONDS: i64 = 30 * 60;

/// What to wait for next, what to do now, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What is waited for from now on.
    pub phase: Phase,
    /// What to do now.
    pub step: Step,
    /// Why.
    pub reason: Reason,
}

impl Decision {
    fn wait(phase: Phase, reason: Reason) -> Self {
        Self {
            phase,
            step: Step::Wait,
            reason,
        }
    }

    fn settle(outcome: Outcome, reason: Reason) -> Self {
        Self {
            phase: Phase::Settled(outcome),
            step: Step::Finish,
            reason,
        }
    }

    fn act(phase: Phase, step: Step, reason: Reason) -> Self {
        Self {
            phase,
            step,
            reason,
        }
    }
}

/// Failed tasks after which a rollout is given up: half of `desired` rounded up, between 3 and 200 — the
/// bounds of AWS's own circuit breaker, which works for rolling deployments only and cannot help where
/// there is no earlier revision.
pub fn hopeless_after(desired: u32) -> u32 {
    desired.div_ceil(2).clamp(3, 200)
}

/// Decides one step. Total and deterministic.
pub fn decide(spec: &Spec, phase: Phase, observed: &Observed) -> Decision {
    match phase {
        Phase::AwaitTurn => turn(spec, observed),
        Phase::AwaitCreated { asked_at } => created(spec, asked_at, observed),
        Phase::AwaitSteady => steady(spec, observed),
        Phase::AwaitDeployment { asked_at, before } => {
            deployment_shown(spec, asked_at, before, observed)
        }
        Phase::AwaitOutcome { deployment } => follow::outcome(spec, deployment, observed),
        Phase::AwaitRollback {
            deployment,
            rollback,
            cause,
            asked_at,
            until,
        } => undo::ended(
            spec,
            undo::Undoing {
                deployment,
                rollback,
                cause,
                asked_at,
                until,
            },
            observed,
        ),
        Phase::AwaitAdjusted { next, asked_at } => adjusted(spec, next, asked_at, observed),
        Phase::Settled(outcome) => Decision::settle(outcome, Reason::Ended),
    }
}

/// The service is looked at: adopt, wait, create, roll out, adjust or leave.
fn turn(spec: &Spec, observed: &Observed) -> Decision {
    let found = recover(spec, observed);
    if found != Phase::AwaitTurn {
        return Decision::wait(found, Reason::RolloutFound);
    }
    if let Some(end) = over_before_start(spec, observed) {
        return end;
    }
    match &observed.service {
        Seen::Absent => Decision::act(
            Phase::AwaitCreated {
                asked_at: observed.now,
            },
            Step::Create,
            Reason::Missing,
        ),
        Seen::Draining => Decision::wait(Phase::AwaitTurn, Reason::NameDraining),
        Seen::Unknown(word) => Decision::wait(Phase::AwaitTurn, Reason::UnknownWord(word.clone())),
        Seen::Active(active) => turn_of_active(spec, active, observed),
    }
}

/// Cancelled, or out of time, with nothing of ours under way.
fn over_before_start(spec: &Spec, observed: &Observed) -> Option<Decision> {
    if observed.cancelled {
        return Some(Decision::settle(
            Outcome::Cancelled { left_running: None },
            Reason::Cancelled,
        ));
    }
    let other = observed
        .newest
        .as_ref()
        .filter(|newest| newest.status.is_running());
    (observed.now >= spec.deadline).then(|| {
        let left_running = other.map(|newest| newest.id.clone());
        Decision::settle(Outcome::TimedOut { left_running }, Reason::DeadlinePassed)
    })
}

fn turn_of_active(spec: &Spec, active: &Active, observed: &Observed) -> Decision {
    if spec.intent == Intent::Create && active.mark != Mark::Ours {
        return Decision::settle(Outcome::AlreadyExists, Reason::NameTaken);
    }
    if active.other_controller {
        return Decision::settle(Outcome::ControllerDiffers, Reason::OtherController);
    }
    let newest = observed.newest.as_ref();
    match newest {
        // ECS may show the service a moment before its first deployment.
        None if spec.engine == Engine::Ecs && active.mark == Mark::Ours => {
            return Decision::wait(
                Phase::AwaitCreated {
                    asked_at: observed.now,
                },
                Reason::AnswerPending,
            );
        }
        // A first rollout to something else protects nothing and may never end: ECS lets ours take over.
        Some(running)
            if spec.engine == Engine::Ecs
                && running.status.is_running()
                && !running.can_roll_back =>
        {
            return start(observed);
        }
        Some(running) if running.status.is_running() => {
            let reason = Reason::OtherRolloutRunning {
                deployment: running.id.clone(),
            };
            return Decision::wait(Phase::AwaitTurn, reason);
        }
        Some(_) | None => {}
    }
    // A service under CodeDeploy that carries our mark has no deployment to adopt: its first tasks start.
    if spec.engine == Engine::CodeDeploy
        && active.mark == Mark::Ours
        && !active.differs.revision
        && !active.steady
    {
        return Decision::wait(Phase::AwaitSteady, Reason::TasksStarting);
    }
    // A rollout that ended badly half-way leaves the service configured for what it never reached.
    let broken = newest.is_some_and(|newest| newest.towards_wanted && !newest.status.is_success());
    let needs_rollout =
        spec.force && active.mark == Mark::Absent || active.differs.revision || broken;
    match (needs_rollout, active.differs.settings) {
        (true, true) if spec.engine == Engine::CodeDeploy => adjust(Next::Rollout, observed.now),
        (true, _) => start(observed),
        (false, true) => adjust(Next::End(None), observed.now),
        (false, false) => Decision::settle(Outcome::Succeeded { deployment: None }, Reason::Ended),
    }
}

fn adjust(next: Next, now: Timestamp) -> Decision {
    Decision::act(
        Phase::AwaitAdjusted {
            next,
            asked_at: Some(now),
        },
        Step::Adjust,
        Reason::Different,
    )
}

fn start(observed: &Observed) -> Decision {
    let before = observed.newest.as_ref().map(|newest| newest.id.clone());
    let phase = Phase::AwaitDeployment {
        asked_at: observed.now,
        before,
    };
    Decision::act(phase, Step::StartRollout, Reason::RevisionDiffers)
}

/// CreateService was sent.
fn created(spec: &Spec, asked_at: Timestamp, observed: &Observed) -> Decision {
    let again = Phase::AwaitCreated { asked_at };
    match &observed.service {
        Seen::Active(active) if active.mark != Mark::Ours => {
            Decision::settle(Outcome::AlreadyExists, Reason::NameTaken)
        }
        Seen::Active(_) if spec.engine == Engine::CodeDeploy => {
            Decision::wait(Phase::AwaitSteady, Reason::TasksStarting)
        }
        Seen::Active(_) => match &observed.newest {
            Some(newest) => Decision::wait(
                Phase::AwaitOutcome {
                    deployment: newest.id.clone(),
                },
                Reason::RolloutFound,
            ),
            None if observed.now >= spec.deadline => Decision::settle(
                Outcome::TimedOut { left_running: None },
                Reason::DeadlinePassed,
            ),
            None if observed.cancelled => {
                Decision::settle(Outcome::Cancelled { left_running: None }, Reason::Cancelled)
            }
            None => Decision::wait(again, Reason::AnswerPending),
        },
        Seen::Absent if !is_overdue(asked_at, observed.now) => {
            Decision::wait(again, Reason::AnswerPending)
        }
        Seen::Absent | Seen::Draining | Seen::Unknown(_) => turn(spec, observed),
    }
}

/// The first tasks of a service under CodeDeploy.
fn steady(spec: &Spec, observed: &Observed) -> Decision {
    let Some(active) = observed.active() else {
        return gone(observed, Phase::AwaitSteady, spec);
    };
    if active.steady {
        return Decision::wait(
            Phase::AwaitAdjusted {
                next: Next::End(None),
                asked_at: None,
            },
            Reason::TasksStarting,
        );
    }
    if active.failed_tasks >= hopeless_after(spec.desired) {
        let reason = Reason::TasksFail {
            failed: active.failed_tasks,
        };
        return Decision::settle(Outcome::FirstRolloutFailed { deployment: None }, reason);
    }
    if observed.cancelled {
        return Decision::settle(Outcome::Cancelled { left_running: None }, Reason::Cancelled);
    }
    if observed.now >= spec.deadline {
        return Decision::settle(
            Outcome::FirstRolloutFailed { deployment: None },
            Reason::DeadlinePassed,
        );
    }
    Decision::wait(Phase::AwaitSteady, Reason::TasksStarting)
}

/// A rollout was asked for; it is ours when it is newer than all there was and goes where we want.
fn deployment_shown(
    spec: &Spec,
    asked_at: Timestamp,
    before: Option<String>,
    observed: &Observed,
) -> Decision {
    if observed.active().is_none() {
        return gone(observed, Phase::AwaitDeployment { asked_at, before }, spec);
    }
    if let Answer::Done { started: Some(id) } = &observed.answer
        && before.as_deref() != Some(id)
    {
        return Decision::wait(
            Phase::AwaitOutcome {
                deployment: id.clone(),
            },
            Reason::RolloutFound,
        );
    }
    if let Some(newest) = observed
        .newest
        .as_ref()
        .filter(|newest| before.as_deref() != Some(&newest.id))
    {
        if newest.towards_wanted {
            return Decision::wait(
                Phase::AwaitOutcome {
                    deployment: newest.id.clone(),
                },
                Reason::RolloutFound,
            );
        }
        let reason = Reason::OtherRolloutRunning {
            deployment: newest.id.clone(),
        };
        return Decision::settle(
            Outcome::Superseded {
                deployment: None,
                by: newest.id.clone(),
            },
            reason,
        );
    }
    if !is_overdue(asked_at, observed.now) {
        return Decision::wait(
            Phase::AwaitDeployment { asked_at, before },
            Reason::AnswerPending,
        );
    }
    if let Some(end) = over_before_start(spec, observed) {
        return end;
    }
    let phase = Phase::AwaitDeployment {
        asked_at: observed.now,
        before,
    };
    Decision::act(phase, Step::StartRollout, Reason::AskedWithoutEffect)
}

/// Settings were sent, or are compared after a rollout.
fn adjusted(spec: &Spec, next: Next, asked_at: Option<Timestamp>, observed: &Observed) -> Decision {
    let Some(active) = observed.active() else {
        return gone(observed, Phase::AwaitAdjusted { next, asked_at }, spec);
    };
    let confirmed = match asked_at {
        // The very observation that asked cannot show the effect.
        Some(at) if observed.now <= at => {
            return Decision::wait(
                Phase::AwaitAdjusted { next, asked_at },
                Reason::AnswerPending,
            );
        }
        // AWS fills defaults in; what it has confirmed is not compared again.
        Some(_) => matches!(observed.answer, Answer::Done { .. }) || !active.differs.settings,
        None => !active.differs.settings,
    };
    match (confirmed, next, asked_at) {
        (true, Next::End(deployment), _) => {
            Decision::settle(Outcome::Succeeded { deployment }, Reason::Ended)
        }
        (true, Next::Rollout, _) => match over_before_start(spec, observed) {
            Some(end) => end,
            None => start(observed),
        },
        (false, next, Some(at)) if !is_overdue(at, observed.now) => Decision::wait(
            Phase::AwaitAdjusted { next, asked_at },
            Reason::AnswerPending,
        ),
        (false, next, _) => match over_before_start(spec, observed) {
            Some(end) => end,
            None => adjust(next, observed.now),
        },
    }
}

/// The service is not active though it was.
fn gone(observed: &Observed, phase: Phase, spec: &Spec) -> Decision {
    match &observed.service {
        Seen::Unknown(word) if observed.now < spec.deadline => {
            Decision::wait(phase, Reason::UnknownWord(word.clone()))
        }
        Seen::Unknown(_) => {
            let left_running = phase.followed().map(str::to_owned);
            Decision::settle(Outcome::TimedOut { left_running }, Reason::DeadlinePassed)
        }
        Seen::Absent | Seen::Draining | Seen::Active(_) => {
            Decision::settle(Outcome::Vanished, Reason::ServiceGone)
        }
    }
}

/// Whether an effect asked for at `asked_at` should have shown by `now`.
fn is_overdue(asked_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(asked_at) >= SignedDuration::from_secs(PATIENCE_SECONDS)
}

#[cfg(test)]
mod tests;
