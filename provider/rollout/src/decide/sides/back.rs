//! The rollout is undone: traffic goes back, and the new side goes.

use jiff::Timestamp;

use crate::decide::patience::allowance_after;
use crate::decide::sides::share::is_unavailable;
use crate::decide::sides::view::View;
use crate::decide::sides::{Ask, ask, left};
use crate::decide::{Decision, hopeless_after, is_overdue};
use crate::effect::SideStep;
use crate::observed::Side;
use crate::outcome::{Cause, Outcome};
use crate::phase::{Missing, Phase, Returning};
use crate::reason::Reason;
use crate::spec::OnCancel;
use crate::weights::Share;

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
    let has_old = view.old_of(&side.id).is_some_and(|old| {
        old.is_primary() || !old.share.is_none() || !side.share.is_none() && old.serves()
    });
    if !has_old {
        return Decision::settle(stopped(side.id.clone(), cause), reason);
    }
    let returning = begin(view, side.id.clone(), cause);
    explain(returning.decide(view, in_flight), reason)
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
fn explain(decision: Decision, reason: Reason) -> Decision {
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
    Missing { side, since }.decide(view)
}

impl Missing {
    /// Our side was not shown a moment ago.
    pub(super) fn decide(self, view: View<'_>) -> Decision {
        if view.side(&self.side).is_some() {
            return Decision::wait(Phase::AwaitTurn, Reason::RolloutFound);
        }
        match interruption(view, None, None) {
            Some((cause, reason)) if is_left(view.spec.on_cancel, cause) => {
                return Decision::settle(left(cause, Some(self.side)), reason);
            }
            Some(_) | None => {}
        }
        if view.is_leaving(&self.side) || is_overdue(self.since, view.now()) {
            let returning = begin(view, self.side, Cause::Aws);
            return explain(returning.decide(view, false), Reason::DeploymentNotShown);
        }
        Decision::wait(self, Reason::DeploymentNotShown)
    }
}

impl Returning {
    /// Decides while a rollout is undone. `in_flight`: traffic was asked to move, and may still do so.
    pub(super) fn decide(self, view: View<'_>, in_flight: bool) -> Decision {
        let now = view.now();
        if now >= self.until {
            return self.left(Reason::DeadlinePassed);
        }
        let Some(old) = view.old_of(&self.side) else {
            let outcome = stopped(self.side, self.cause);
            return Decision::settle(outcome, Reason::DeploymentNotShown);
        };
        let Some(new) = view.side(&self.side) else {
            return self.without_new(view, old);
        };
        if !new.share.is_none() || in_flight {
            let returning = Self {
                idle_since: None,
                ..self
            };
            if !old.serves() {
                return returning.refuse(view);
            }
            let step = match view.sides.headless {
                true => promote(old),
                false => SideStep::Shift {
                    side: new.id.clone(),
                    share: Share::NONE,
                },
            };
            return returning.ask(step, "traffic goes back", now);
        }
        let idle_since = self.idle_since.unwrap_or(now);
        let returning = Self {
            idle_since: Some(idle_since),
            ..self
        };
        if new.is_primary() {
            return returning.ask(promote(old), "the old side becomes primary again", now);
        }
        if !new.is_drained(view.sides, idle_since, now) {
            return Decision::wait(returning, Reason::Draining);
        }
        let step = SideStep::Remove {
            side: new.id.clone(),
        };
        returning.ask(step, "the new side is deleted", now)
    }

    /// The new side is gone. What it had goes to the old one, too.
    fn without_new(self, view: View<'_>, old: &Side) -> Decision {
        if !view.sides.headless && !old.share.is_whole() {
            if !old.serves() {
                return self.refuse(view);
            }
            let step = SideStep::Shift {
                side: old.id.clone(),
                share: Share::WHOLE,
            };
            return self.ask(step, "traffic goes back", view.now());
        }
        if !old.is_primary() {
            return self.ask(
                promote(old),
                "the old side becomes primary again",
                view.now(),
            );
        }
        let outcome = Outcome::RolledBack {
            deployment: self.side,
            cause: self.cause,
        };
        Decision::settle(outcome, Reason::Ended)
    }

    fn ask(self, step: SideStep, stage: &str, now: Timestamp) -> Decision {
        let reason = Reason::RollingBack {
            stage: stage.to_owned(),
        };
        match ask(self.asked.as_ref(), step, reason.clone(), now) {
            Ask::Wait => Decision::wait(self, reason),
            Ask::Act(asked, reason) => {
                let step = asked.step.clone();
                let asking = Self {
                    asked: Some(asked),
                    ..self
                };
                Decision::act(asking, step, reason)
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
        Decision::wait(self, Reason::OldSideUnhealthy)
    }
}

fn promote(side: &Side) -> SideStep {
    SideStep::Promote {
        side: side.id.clone(),
    }
}
