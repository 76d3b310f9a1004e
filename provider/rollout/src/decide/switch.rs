//! The controller is changed in place. Production has a target at every moment: the rule is prepared before
//! the controller moves.

use jiff::Timestamp;

use crate::decide::{
    Decision, deployment_shown, gone, is_overdue, over_before_start, taken_back, turn,
};
use crate::observed::{Active, ControllerSeen, Deployment, Heading, Observed, Status};
use crate::outcome::Outcome;
use crate::phase::{Phase, Switching};
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
            act(Switching::Routes, Step::PrepareRoutes, observed)
        }
        (Engine::CodeDeploy, Engine::Ecs) | (Engine::Ecs, Engine::CodeDeploy) => {
            act(Switching::Controller, Step::SwitchController, observed)
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

fn act(switching: Switching, step: Step, observed: &Observed) -> Decision {
    let phase = Phase::AwaitSwitched {
        step: switching,
        asked_at: observed.now,
        before: observed.newest.as_ref().map(|newest| newest.id.clone()),
    };
    Decision::act(phase, step, Reason::Switching)
}

/// The content of [`Phase::AwaitSwitched`].
pub(super) struct Asked {
    pub(super) step: Switching,
    pub(super) asked_at: Timestamp,
    pub(super) before: Option<String>,
}

impl Asked {
    fn into_phase(self) -> Phase {
        let Self {
            step,
            asked_at,
            before,
        } = self;
        Phase::AwaitSwitched {
            step,
            asked_at,
            before,
        }
    }
}

/// One of the two steps was taken.
pub(super) fn shown(spec: &Spec, asked: Asked, observed: &Observed) -> Decision {
    let Some(active) = observed.active() else {
        return gone(observed, asked.into_phase(), spec);
    };
    let is_done = match (active.controller, asked.step) {
        (_, Switching::Traffic) => !active.traffic_lost,
        (ControllerSeen::Wanted, _) if spec.engine == Engine::Ecs => {
            return first_of_ecs(spec, asked, observed);
        }
        (ControllerSeen::Wanted | ControllerSeen::Other, _) => true,
        (ControllerSeen::Switchable(_), Switching::Routes) => {
            // Nothing has moved yet: it may end here.
            active.routes_prepared || over_before_start(spec, observed).is_some()
        }
        (ControllerSeen::Switchable(_), Switching::Controller) => false,
    };
    if is_done || is_overdue(asked.asked_at, observed.now) {
        return turn(spec, observed);
    }
    let reason = match asked.step {
        Switching::Traffic => Reason::AnswerPending,
        Switching::Controller | Switching::Routes => Reason::Switching,
    };
    Decision::wait(asked.into_phase(), reason)
}

/// ECS takes over with a rollout of its own. What it shows from an earlier time under ECS is not that one.
fn first_of_ecs(spec: &Spec, asked: Asked, observed: &Observed) -> Decision {
    let is_old = observed.newest.as_ref().is_some_and(|newest| {
        newest
            .finished_at
            .is_some_and(|ended| ended < asked.asked_at)
    });
    let seen = Observed {
        newest: observed.newest.clone().filter(|_| !is_old),
        ..observed.clone()
    };
    let decision = deployment_shown(spec, asked.asked_at, asked.before.clone(), &seen);
    if matches!(decision.phase, Phase::AwaitDeployment { .. }) {
        return Decision::wait(asked.into_phase(), Reason::Switching);
    }
    decision
}
