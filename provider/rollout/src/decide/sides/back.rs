//! The rollout is undone: traffic goes back, and the new side goes.

use jiff::Timestamp;

use crate::decide::sides::view::View;
use crate::decide::sides::{Ask, ask, is_unavailable, left};
use crate::decide::{Decision, hopeless_after, is_overdue};
use crate::observed::Side;
use crate::outcome::{Cause, Outcome};
use crate::phase::{Asked, Phase, SidePhase};
use crate::reason::Reason;
use crate::recover::allowance_after;
use crate::spec::OnCancel;
use crate::step::Step;
use crate::weights::WHOLE;

/// Cancelled, out of time, without hope, or without a healthy target for too long. `in_flight`: traffic was
/// asked to move, and may still do so.
pub(super) fn interrupted(
    view: View<'_>,
    side: &Side,
    unavailable_since: Option<Timestamp>,
    in_flight: bool,
) -> Option<Decision> {
    let (cause, reason) = interruption(view, Some(side), unavailable_since)?;
    // When neither side serves, staying is no worse than going back, and the new one may recover.
    let stays =
        cause == Cause::Unavailable && view.old_of(&side.id).is_some_and(|old| !old.serves());
    if stays {
        return None;
    }
    Some(undo(view, side, cause, reason, in_flight))
}

fn interruption(
    view: View<'_>,
    side: Option<&Side>,
    unavailable_since: Option<Timestamp>,
) -> Option<(Cause, Reason)> {
    let failed = side.map_or(0, |side| side.failed_tasks);
    let desired = side.map_or(0, |side| side.desired);
    if view.observed.cancelled {
        Some((Cause::Cancelled, Reason::Cancelled))
    } else if view.now() >= view.spec.deadline {
        Some((Cause::Deadline, Reason::DeadlinePassed))
    } else if let Some(hopeless) = view.active.hopeless {
        Some((Cause::Hopeless, Reason::Hopeless(hopeless)))
    } else if failed >= hopeless_after(view.spec.desired.max(desired)) {
        Some((Cause::Hopeless, Reason::TasksFail { failed }))
    } else if is_unavailable(unavailable_since, view.now()) {
        Some((Cause::Unavailable, Reason::Unavailable))
    } else {
        None
    }
}

fn is_left(on_cancel: OnCancel, cause: Cause) -> bool {
    match (on_cancel, cause) {
        (OnCancel::Leave, Cause::Cancelled | Cause::Deadline) => true,
        (OnCancel::Leave, Cause::Aws | Cause::Gate | Cause::Hopeless | Cause::Unavailable)
        | (OnCancel::Rollback, _) => false,
    }
}

/// Undoes the rollout to `side`, unless it is to be left, or there is nothing to go back to.
pub(super) fn undo(
    view: View<'_>,
    side: &Side,
    cause: Cause,
    reason: Reason,
    in_flight: bool,
) -> Decision {
    if is_left(view.spec.on_cancel, cause) {
        return Decision::settle(left(cause, Some(side.id.clone())), reason);
    }
    let has_old = view
        .old_of(&side.id)
        .is_some_and(|old| old.is_primary() || old.tenths > 0 || side.tenths > 0 && old.serves());
    if !has_old {
        return Decision::settle(stopped(side.id.clone(), cause), reason);
    }
    let returning = begin(view, side.id.clone(), cause);
    told(returned(view, returning, in_flight), reason)
}

fn begin(view: View<'_>, side: String, cause: Cause) -> Returning {
    Returning {
        side,
        cause,
        asked: None,
        idle_since: None,
        until: allowance_after(view.spec.deadline.max(view.now())),
    }
}

/// With the cause as the reason, as long as the rollout is being undone at all.
fn told(decision: Decision, reason: Reason) -> Decision {
    match (&decision.phase, &decision.reason) {
        (Phase::Settled(_), _) | (_, Reason::OldSideUnhealthy) => decision,
        _ => Decision { reason, ..decision },
    }
}

/// There is nothing to go back to: what was begun stays, for whoever looks for the cause.
fn stopped(deployment: String, cause: Cause) -> Outcome {
    match cause {
        Cause::Cancelled => left(cause, Some(deployment)),
        Cause::Deadline | Cause::Gate | Cause::Hopeless | Cause::Unavailable => {
            Outcome::FirstRolloutFailed {
                deployment: Some(deployment),
            }
        }
        Cause::Aws => Outcome::Stopped { deployment, cause },
    }
}

/// Our side is not shown. Once it was, a single look without it proves nothing.
pub(super) fn lost(view: View<'_>, side: String) -> Decision {
    let since = view.now();
    shown(view, side, since)
}

/// Our side was not shown a moment ago.
pub(super) fn shown(view: View<'_>, side: String, since: Timestamp) -> Decision {
    if view.side(&side).is_some() {
        return Decision::wait(Phase::AwaitTurn, Reason::RolloutFound);
    }
    match interruption(view, None, None) {
        Some((cause, reason)) if is_left(view.spec.on_cancel, cause) => {
            return Decision::settle(left(cause, Some(side)), reason);
        }
        Some(_) | None => {}
    }
    if view.is_leaving(&side) || is_overdue(since, view.now()) {
        let returning = begin(view, side, Cause::Aws);
        return told(returned(view, returning, false), Reason::DeploymentNotShown);
    }
    let phase = SidePhase::AwaitShown { side, since };
    Decision::wait(Phase::Sides(phase), Reason::DeploymentNotShown)
}

/// The content of [`SidePhase::AwaitReturned`].
pub(super) struct Returning {
    pub(super) side: String,
    pub(super) cause: Cause,
    pub(super) asked: Option<Asked>,
    pub(super) idle_since: Option<Timestamp>,
    pub(super) until: Timestamp,
}

impl Returning {
    fn into_phase(self) -> Phase {
        let Self {
            side,
            cause,
            asked,
            idle_since,
            until,
        } = self;
        Phase::Sides(SidePhase::AwaitReturned {
            side,
            cause,
            asked,
            idle_since,
            until,
        })
    }

    fn ask(self, step: Step, stage: &str, now: Timestamp) -> Decision {
        let reason = Reason::RollingBack {
            stage: stage.to_owned(),
        };
        match ask(self.asked.as_ref(), step, reason.clone(), now) {
            Ask::Wait => Decision::wait(self.into_phase(), reason),
            Ask::Act(asked, reason) => {
                let step = asked.step.clone();
                let phase = Self {
                    asked: Some(asked),
                    ..self
                }
                .into_phase();
                Decision::act(phase, step, reason)
            }
        }
    }

    fn left(self, reason: Reason) -> Decision {
        Decision::settle(left(self.cause, Some(self.side)), reason)
    }

    /// The old side cannot take traffic: nothing is sent to it before it can, at most to the deadline.
    fn refuse(self, view: View<'_>) -> Decision {
        if view.now() >= view.spec.deadline {
            return self.left(Reason::OldSideUnhealthy);
        }
        Decision::wait(self.into_phase(), Reason::OldSideUnhealthy)
    }
}

/// Decides while a rollout is undone.
pub(super) fn returned(view: View<'_>, returning: Returning, in_flight: bool) -> Decision {
    let now = view.now();
    if now >= returning.until {
        return returning.left(Reason::DeadlinePassed);
    }
    let Some(old) = view.old_of(&returning.side) else {
        let outcome = stopped(returning.side, returning.cause);
        return Decision::settle(outcome, Reason::DeploymentNotShown);
    };
    let Some(new) = view.side(&returning.side) else {
        return without_new(view, returning, old);
    };
    if new.tenths > 0 || in_flight {
        let returning = Returning {
            idle_since: None,
            ..returning
        };
        if !old.serves() {
            return returning.refuse(view);
        }
        let step = match view.sides.headless {
            true => promote(old),
            false => Step::Shift {
                side: new.id.clone(),
                tenths: 0,
            },
        };
        return returning.ask(step, "traffic goes back", now);
    }
    let idle_since = returning.idle_since.unwrap_or(now);
    let returning = Returning {
        idle_since: Some(idle_since),
        ..returning
    };
    if new.is_primary() {
        return returning.ask(promote(old), "the old side becomes primary again", now);
    }
    if !new.is_drained(view.sides, idle_since, now) {
        return Decision::wait(returning.into_phase(), Reason::Draining);
    }
    let step = Step::RemoveSide {
        side: new.id.clone(),
    };
    returning.ask(step, "the new side is deleted", now)
}

/// The new side is gone. What it had goes to the old one, too.
fn without_new(view: View<'_>, returning: Returning, old: &Side) -> Decision {
    if !view.sides.headless && old.tenths < WHOLE {
        if !old.serves() {
            return returning.refuse(view);
        }
        let step = Step::Shift {
            side: old.id.clone(),
            tenths: WHOLE,
        };
        return returning.ask(step, "traffic goes back", view.now());
    }
    if !old.is_primary() {
        return returning.ask(
            promote(old),
            "the old side becomes primary again",
            view.now(),
        );
    }
    let outcome = Outcome::RolledBack {
        deployment: returning.side,
        cause: returning.cause,
    };
    Decision::settle(outcome, Reason::Ended)
}

fn promote(side: &Side) -> Step {
    Step::PromoteSide {
        side: side.id.clone(),
    }
}
