//! A rollout whose traffic we move: task sets, and the weights of the production rule.
//!
//! Everything is found from the task sets and their shares: which side is wanted, which one carries
//! production, and how far traffic has come. A phase remembers only what cannot be seen (since when a
//! weight is held, what was asked for last). Three rules hold in every phase: traffic goes only to a side
//! that serves, a side with traffic is never deleted, and nothing is sent back to a side that does not
//! serve.

mod back;
mod clear;
mod forward;
mod hold;
mod last;
mod share;
mod view;

use jiff::Timestamp;

use crate::decide::beginning::adjust;
use crate::decide::ending::{gone, over_before_start, rolled_out};
use crate::decide::{Decision, is_overdue};
use crate::effect::{Effect, SideStep};
use crate::observed::{Heading, Observed, Side};
use crate::outcome::{Cause, Outcome};
use crate::phase::{
    Asked, Clearing, CreatingSide, Draining, Holding, Next, Phase, SidePhase, StartingSide,
};
use crate::reason::Reason;
use crate::spec::{OnCancel, Spec};
use view::View;

/// The active service, which is ours and has the wanted controller, is looked at: adopt, wait, create a
/// side, adjust or leave. Cancel and deadline are for this function to judge
/// ([`over_before_start`]), because a rollout under way is adopted even then.
pub(super) fn turn(spec: &Spec, observed: &Observed) -> Decision {
    let found = recover(spec, observed);
    if found != Phase::AwaitTurn {
        return Decision::wait(found, Reason::RolloutFound);
    }
    if let Some(end) = over_before_start(spec, observed) {
        return end;
    }
    let Some(active) = observed.active() else {
        return gone(observed, Phase::AwaitTurn, spec);
    };
    let view = match View::new(spec, observed, active) {
        Ok(view) => view,
        Err(reason) => return Decision::wait(Phase::AwaitTurn, reason),
    };
    if let Some(side) = view.candidate().filter(|side| view.is_fulfilled(side)) {
        if active.awaits_verdict {
            let id = Some(side.id.clone());
            return rolled_out(spec, id, Reason::RolloutFound, view.now());
        }
        return match active.differs.settings {
            true => adjust(Next::End(None), view.now()),
            false => Decision::settle(Outcome::Succeeded { deployment: None }, Reason::Ended),
        };
    }
    if view.live().any(|side| side.heading == Heading::Unknown) {
        return Decision::wait(Phase::AwaitTurn, Reason::DeploymentNotShown);
    }
    if view.needs_clearing() {
        return Clearing::default().decide(view);
    }
    let creating = CreatingSide {
        asked_at: view.now(),
    };
    Decision::act(creating, SideStep::Create, Reason::RevisionDiffers)
}

/// The phase a run was in, from an observation alone; [`Phase::AwaitTurn`] when none was under way.
/// The service is active, ours, and has the wanted controller.
pub(crate) fn recover(spec: &Spec, observed: &Observed) -> Phase {
    let Some(active) = observed.active() else {
        return Phase::AwaitTurn;
    };
    let Ok(view) = View::new(spec, observed, active) else {
        return Phase::AwaitTurn;
    };
    let Some(side) = view.candidate() else {
        return Phase::AwaitTurn;
    };
    if view.is_fulfilled(side) || view.needs_clearing() {
        return Phase::AwaitTurn;
    }
    let is_alone = view.is_alone(&side.id);
    let id = side.id.clone();
    if side.is_primary() && side.share.is_whole() && !is_alone {
        Phase::from(Draining {
            side: id,
            from: None,
            since: view.now(),
            asked: None,
            unavailable_since: None,
        })
    } else if !side.share.is_none() && view.live().any(Side::serves) && !is_alone {
        Phase::from(Holding::begun(side, view.now()))
    } else {
        Phase::from(StartingSide { side: id })
    }
}

/// One step of a rollout under way. Ends well through [`crate::decide::ending::rolled_out`].
pub(super) fn decide(spec: &Spec, phase: SidePhase, observed: &Observed) -> Decision {
    let Some(active) = observed.active() else {
        return gone(observed, phase, spec);
    };
    let view = match View::new(spec, observed, active) {
        Ok(view) => view,
        Err(reason) => return blind(spec, phase, reason, observed),
    };
    match phase {
        SidePhase::AwaitCleared(clearing) => clearing.decide(view),
        SidePhase::AwaitCreated(creating) => creating.decide(view),
        SidePhase::AwaitHealthy(starting) => starting.decide(view),
        SidePhase::AwaitTestRoute(testing) => testing.decide(view),
        SidePhase::AwaitGates(gating) => gating.decide(view),
        SidePhase::AwaitShifted(shifting) => shifting.decide(view),
        SidePhase::AwaitHold(holding) => holding.decide(view),
        SidePhase::AwaitPromoted(promoting) => promoting.decide(view),
        SidePhase::AwaitDrained(draining) => draining.decide(view),
        SidePhase::AwaitReturned(returning) => returning.decide(view, false),
        SidePhase::AwaitShown(missing) => missing.decide(view),
    }
}

/// The sides cannot be judged: nothing is done but wait. Who wants a rollback waits for sight again, at most
/// to the deadline; who wants to leave does not.
fn blind(spec: &Spec, phase: SidePhase, reason: Reason, observed: &Observed) -> Decision {
    let (until, cause, may_return) = match &phase {
        SidePhase::AwaitReturned(returning) => (returning.until, returning.cause, true),
        SidePhase::AwaitCleared(_)
        | SidePhase::AwaitCreated(_)
        | SidePhase::AwaitDrained(_)
        | SidePhase::AwaitPromoted(_) => (spec.deadline, Cause::Deadline, false),
        SidePhase::AwaitHealthy(_)
        | SidePhase::AwaitTestRoute(_)
        | SidePhase::AwaitGates(_)
        | SidePhase::AwaitShifted(_)
        | SidePhase::AwaitHold(_)
        | SidePhase::AwaitShown(_) => (
            spec.deadline,
            Cause::Deadline,
            spec.on_cancel == OnCancel::Rollback,
        ),
    };
    let side = phase.side().map(str::to_owned);
    if observed.cancelled && !may_return {
        return Decision::settle(left(Cause::Cancelled, side), Reason::Cancelled);
    }
    if observed.now >= until {
        let cause = if observed.cancelled {
            Cause::Cancelled
        } else {
            cause
        };
        return Decision::settle(left(cause, side), Reason::DeadlinePassed);
    }
    Decision::wait(phase, reason)
}

/// The rollout stays where it is.
fn left(cause: Cause, left_running: Option<String>) -> Outcome {
    match cause {
        Cause::Cancelled => Outcome::Cancelled { left_running },
        Cause::Aws | Cause::Deadline | Cause::Gate | Cause::Hopeless | Cause::Unavailable => {
            Outcome::TimedOut { left_running }
        }
    }
}

/// Cancelled, or out of time, when it is too late to undo anything.
fn over(view: View<'_>, side: &str) -> Option<Decision> {
    let side = Some(side.to_owned());
    if view.observed.cancelled {
        Some(Decision::settle(
            left(Cause::Cancelled, side),
            Reason::Cancelled,
        ))
    } else if view.now() >= view.spec.deadline {
        Some(Decision::settle(
            left(Cause::Deadline, side),
            Reason::DeadlinePassed,
        ))
    } else {
        None
    }
}

/// What to do about `step`: ask for it, or wait because it was asked for a moment ago.
enum Ask {
    Wait,
    Act(Asked, Reason),
}

/// The same effect is asked for again only when it has not shown for a while.
fn ask(asked: Option<&Asked>, step: impl Into<Effect>, reason: Reason, now: Timestamp) -> Ask {
    let step = step.into();
    match asked {
        // The very observation that asked for something cannot show its effect.
        Some(earlier) if earlier.at >= now => Ask::Wait,
        Some(earlier) if earlier.step == step && !is_overdue(earlier.at, now) => Ask::Wait,
        Some(earlier) if earlier.step == step => {
            Ask::Act(Asked { step, at: now }, Reason::AskedWithoutEffect)
        }
        Some(_) | None => Ask::Act(Asked { step, at: now }, reason),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;
