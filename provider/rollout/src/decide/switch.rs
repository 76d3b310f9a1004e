//! The controller is changed in place. Production has a target at every moment: the rule is prepared before
//! the controller moves.

use crate::decide::ending::{gone, over_before_start};
use crate::decide::turn::turn;
use crate::decide::{Decision, is_overdue, taken_back};
use crate::observed::{Active, ControllerSeen, Deployment, Heading, Observed, Status};
use crate::outcome::Outcome;
use crate::phase::{Phase, Starting, Switch, Switching};
use crate::reason::Reason;
use crate::spec::{Engine, Spec};
use crate::step::Step;
use crate::words::CodeDeployStatus;

/// The service has the controller `from`, and is ours to change.
pub(super) fn begin(spec: &Spec, active: &Active, from: Engine, observed: &Observed) -> Decision {
    if let Some(running) = observed
        .newest
        .as_ref()
        .filter(|newest| newest.status.is_running())
    {
        return before_switch(spec, running);
    }
    match (from, spec.engine) {
        (Engine::CodeDeploy, Engine::Ecs) if !active.routes_prepared => {
            act(Switch::Routes, Step::PrepareRoutes, observed)
        }
        (Engine::CodeDeploy, Engine::Ecs) | (Engine::Ecs, Engine::CodeDeploy) => {
            act(Switch::Controller, Step::SwitchController, observed)
        }
        (Engine::Ecs, Engine::Ecs)
        | (Engine::CodeDeploy, Engine::CodeDeploy)
        | (Engine::External, _)
        | (_, Engine::External) => {
            Decision::settle(Outcome::ControllerDiffers, Reason::OtherController)
        }
    }
}

/// `running` has to end under the controller it was begun under. To the wanted revision it may end well, as long
/// as it moves by itself: nobody lets it go on any more.
fn before_switch(spec: &Spec, running: &Deployment) -> Decision {
    let waits =
        running.held.is_some() || running.status == Status::CodeDeploy(CodeDeployStatus::Ready);
    match running.heading {
        Heading::Wanted if waits => {
            let unwanted = Deployment {
                heading: Heading::Elsewhere,
                ..running.clone()
            };
            taken_back::in_the_way(spec, &unwanted)
        }
        Heading::Elsewhere | Heading::Unknown | Heading::Wanted => {
            taken_back::in_the_way(spec, running)
        }
    }
}

fn act(switch: Switch, step: Step, observed: &Observed) -> Decision {
    let switching = Switching {
        step: switch,
        asked_at: observed.now,
        before: observed.newest.as_ref().map(|newest| newest.id.clone()),
    };
    Decision::act(switching, step, Reason::Switching)
}

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
