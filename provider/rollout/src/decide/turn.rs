//! The service is looked at, with nothing of ours under way.

use crate::decide::beginning::{adjust, start};
use crate::decide::ending::{over_before_start, rolled_out};
use crate::decide::{Decision, recover, sides, switch, taken_back};
use crate::effect::Effect;
use crate::observed::{Active, ControllerSeen, Deployment, Heading, Mark, Observed, Seen, Status};
use crate::outcome::Outcome;
use crate::phase::{Creating, Next, Phase, Switch, Switching};
use crate::reason::Reason;
use crate::spec::{Engine, Intent, Spec};
use crate::words::EcsStatus;

/// The service is looked at: adopt, wait, create, roll out, adjust or leave.
pub(super) fn turn(spec: &Spec, observed: &Observed) -> Decision {
    let found = recover(spec, observed);
    if found != Phase::AwaitTurn {
        return Decision::wait(found, Reason::RolloutFound);
    }
    // A rollout whose traffic we move is taken up even when it is too late to begin one.
    let judges_itself = spec.engine == Engine::External && observed.active().is_some();
    if let Some(end) = over_before_start(spec, observed).filter(|_| !judges_itself) {
        return end;
    }
    match &observed.service {
        Seen::Absent => Decision::act(
            Creating {
                asked_at: observed.now,
            },
            Effect::Create,
            Reason::Missing,
        ),
        Seen::Draining => Decision::wait(Phase::AwaitTurn, Reason::NameDraining),
        Seen::Unknown(word) => Decision::wait(Phase::AwaitTurn, Reason::UnknownWord(word.clone())),
        Seen::Active(active) => turn_of_active(spec, active, observed),
    }
}

fn turn_of_active(spec: &Spec, active: &Active, observed: &Observed) -> Decision {
    if spec.intent == Intent::Create && active.mark != Mark::Ours {
        return Decision::settle(Outcome::AlreadyExists, Reason::NameTaken);
    }
    match active.controller {
        ControllerSeen::Wanted => {}
        ControllerSeen::Switchable(from) => return switch::begin(spec, active, from, observed),
        ControllerSeen::Other => {
            return Decision::settle(Outcome::ControllerDiffers, Reason::OtherController);
        }
    }
    let newest = observed.newest.as_ref();
    let is_running = newest.is_some_and(|newest| newest.status.is_running());
    let may_begin = over_before_start(spec, observed).is_none();
    // Before anything else, for those requests fail now.
    if active.traffic_lost && !is_running && may_begin {
        let switching = Switching {
            step: Switch::Traffic,
            asked_at: observed.now,
            before: newest.map(|newest| newest.id.clone()),
        };
        return Decision::act(switching, Effect::ReturnTraffic, Reason::TrafficLost);
    }
    if spec.engine == Engine::External {
        return sides::turn(spec, observed);
    }
    match newest {
        // ECS may show the service a moment before its first deployment.
        None if spec.engine == Engine::Ecs && active.mark == Mark::Ours => {
            return Decision::wait(
                Creating {
                    asked_at: observed.now,
                },
                Reason::AnswerPending,
            );
        }
        // A first rollout to something else protects nothing and may never end: ECS lets ours take over. One that
        // somebody else has paused is theirs to end.
        Some(running)
            if spec.engine == Engine::Ecs
                && running.status.is_running()
                && (active.mark == Mark::Ours || !taken_back::is_paused_by_others(running))
                && running.heading == Heading::Elsewhere
                && !running.can_roll_back =>
        {
            return start(observed);
        }
        Some(running) if running.status.is_running() => {
            return taken_back::in_the_way(spec, running);
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
    // A rollout that ended badly half-way leaves the service configured for what it never reached, or leaves it
    // part of production.
    let broken = newest.is_some_and(|newest| match newest.heading {
        Heading::Wanted => !newest.status.is_success(),
        Heading::Elsewhere | Heading::Unknown => is_stuck(newest),
    });
    let needs_rollout =
        spec.force && active.mark == Mark::Absent || active.differs.revision || broken;
    if !needs_rollout && active.awaits_verdict {
        let ours = newest.filter(|newest| newest.heading == Heading::Wanted);
        let deployment = ours.map(|newest| newest.id.clone());
        return rolled_out(spec, deployment, Reason::RolloutFound, observed.now);
    }
    match (needs_rollout, active.differs.settings) {
        (true, true) if spec.engine == Engine::CodeDeploy => adjust(Next::Rollout, observed.now),
        (true, _) => start(observed),
        (false, true) => adjust(Next::End(None), observed.now),
        (false, false) => Decision::settle(Outcome::Succeeded { deployment: None }, Reason::Ended),
    }
}

/// Whether a rollout was stopped, or could not be rolled back, while its revision had production traffic.
fn is_stuck(newest: &Deployment) -> bool {
    matches!(
        newest.status,
        Status::Ecs(EcsStatus::Stopped | EcsStatus::RollbackFailed)
    ) && newest.weight.is_some_and(|share| !share.is_none())
}
