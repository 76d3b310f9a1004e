//! CreateService was sent.

use crate::decide::beginning::start;
use crate::decide::ending::{gone, hopelessness, rolled_out};
use crate::decide::turn::turn;
use crate::decide::{Decision, is_overdue, sides};
use crate::observed::{Answer, Heading, Mark, Observed, Seen};
use crate::outcome::Outcome;
use crate::phase::{Creating, Phase};
use crate::reason::Reason;
use crate::spec::{Engine, Spec};

impl Creating {
    /// Decides until the service shows, with its first deployment.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        match &observed.service {
            // A confirmed CreateService is ours even while AWS does not show its tags yet.
            Seen::Active(active)
                if active.mark == Mark::Other
                    || active.mark == Mark::Absent
                        && !matches!(observed.answer, Answer::Done { .. }) =>
            {
                Decision::settle(Outcome::AlreadyExists, Reason::NameTaken)
            }
            Seen::Active(_) if spec.engine == Engine::CodeDeploy => {
                Decision::wait(Phase::AwaitSteady, Reason::TasksStarting)
            }
            Seen::Active(_) if spec.engine == Engine::External => sides::turn(spec, observed),
            Seen::Active(_) => match &observed.newest {
                Some(newest) if newest.heading == Heading::Wanted => {
                    Decision::wait(Phase::following(newest.id.clone()), Reason::RolloutFound)
                }
                // Somebody has already put another rollout in the place of the first one.
                Some(newest) if newest.heading == Heading::Elsewhere => {
                    let reason = Reason::OtherRolloutRunning {
                        deployment: newest.id.clone(),
                    };
                    Decision::wait(Phase::AwaitTurn, reason)
                }
                None if observed.now >= spec.deadline
                    && matches!(observed.answer, Answer::Done { .. }) =>
                {
                    Decision::settle(Outcome::NotListed, Reason::NoDeploymentListed)
                }
                Some(_) | None if observed.now >= spec.deadline => Decision::settle(
                    Outcome::TimedOut { left_running: None },
                    Reason::DeadlinePassed,
                ),
                Some(_) | None if observed.cancelled => {
                    Decision::settle(Outcome::Cancelled { left_running: None }, Reason::Cancelled)
                }
                // A service without any deployment gets one, or this would wait for ever.
                None if is_overdue(self.asked_at, observed.now) => start(observed),
                Some(_) | None => Decision::wait(self, Reason::AnswerPending),
            },
            Seen::Absent if !is_overdue(self.asked_at, observed.now) => {
                Decision::wait(self, Reason::AnswerPending)
            }
            Seen::Absent | Seen::Draining | Seen::Unknown(_) => turn(spec, observed),
        }
    }
}

/// The first tasks of a service under CodeDeploy.
pub(super) fn steady(spec: &Spec, observed: &Observed) -> Decision {
    let Some(active) = observed.active() else {
        return gone(observed, Phase::AwaitSteady, spec);
    };
    if active.steady {
        return rolled_out(spec, None, Reason::TasksStarting, observed.now);
    }
    if let Some(reason) = hopelessness(spec, active) {
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
