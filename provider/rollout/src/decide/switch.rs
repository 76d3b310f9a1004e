//! The controller is changed in place. Production has a target at every moment: the rule is prepared before
//! the controller moves.

use crate::decide::{Decision, taken_back};
use crate::effect::Effect;
use crate::observed::{Active, Deployment, Heading, Observed, Status};
use crate::outcome::Outcome;
use crate::phase::{Switch, Switching};
use crate::reason::Reason;
use crate::spec::{Engine, Spec};
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
            act(Switch::Routes, Effect::PrepareRoutes, observed)
        }
        (Engine::CodeDeploy, Engine::Ecs) | (Engine::Ecs, Engine::CodeDeploy) => {
            act(Switch::Controller, Effect::SwitchController, observed)
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
        running.paused.is_some() || running.status == Status::CodeDeploy(CodeDeployStatus::Ready);
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

fn act(switch: Switch, step: Effect, observed: &Observed) -> Decision {
    let switching = Switching {
        step: switch,
        asked_at: observed.now,
        before: observed.newest.as_ref().map(|newest| newest.id.clone()),
    };
    Decision::act(switching, step, Reason::Switching)
}
