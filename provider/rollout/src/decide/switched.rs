//! A step was taken that moves no revision: the rule was rewritten, the controller changed, or traffic sent back.

use crate::decide::ending::{gone, over_before_start};
use crate::decide::turn::turn;
use crate::decide::{Decision, is_overdue};
use crate::observed::{ControllerSeen, Observed};
use crate::phase::{Phase, Starting, Switch, Switching};
use crate::reason::Reason;
use crate::spec::{Engine, Spec};

impl Switching {
    /// Decides until the step shows.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        let Some(active) = observed.active() else {
            return gone(observed, self, spec);
        };
        let is_done = match (active.controller, self.step) {
            (_, Switch::Traffic) => !active.traffic_lost,
            (ControllerSeen::Wanted, _) if spec.engine == Engine::Ecs => {
                return self.first_of_ecs(spec, observed);
            }
            (ControllerSeen::Wanted | ControllerSeen::Other, _) => true,
            (ControllerSeen::Switchable(_), Switch::Routes) => {
                // Nothing has moved yet: it may end here.
                active.routes_prepared || over_before_start(spec, observed).is_some()
            }
            (ControllerSeen::Switchable(_), Switch::Controller) => false,
        };
        if is_done || is_overdue(self.asked_at, observed.now) {
            return turn(spec, observed);
        }
        let reason = match self.step {
            Switch::Traffic => Reason::AnswerPending,
            Switch::Controller | Switch::Routes => Reason::Switching,
        };
        Decision::wait(self, reason)
    }

    /// ECS takes over with a rollout of its own. What it shows from an earlier time under ECS is not that one.
    fn first_of_ecs(self, spec: &Spec, observed: &Observed) -> Decision {
        let is_old = observed.newest.as_ref().is_some_and(|newest| {
            newest
                .finished_at
                .is_some_and(|ended| ended < self.asked_at)
        });
        let seen = Observed {
            newest: observed.newest.clone().filter(|_| !is_old),
            ..observed.clone()
        };
        let starting = Starting {
            asked_at: self.asked_at,
            before: self.before.clone(),
        };
        let decision = starting.decide(spec, &seen);
        if matches!(decision.phase, Phase::AwaitDeployment(_)) {
            return Decision::wait(self, Reason::Switching);
        }
        decision
    }
}
