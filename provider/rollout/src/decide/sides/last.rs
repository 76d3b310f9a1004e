//! The new side has all traffic: it becomes the primary one, and the old one goes.

use jiff::Timestamp;

use crate::decide::ending::rolled_out;
use crate::decide::sides::share::{is_unavailable, unavailable};
use crate::decide::sides::view::View;
use crate::decide::sides::{Ask, ask, back, over};
use crate::decide::{Decision, is_overdue};
use crate::effect::SideStep;
use crate::observed::Side;
use crate::outcome::Cause;
use crate::phase::{Draining, Holding, Phase, Promoting, SidePhase};
use crate::reason::Reason;
use crate::weights::Share;

/// Makes `side` the primary one. `stay` is where to wait while it cannot be.
pub(super) fn promote(
    view: View<'_>,
    side: &Side,
    idle_since: Timestamp,
    stay: impl Into<SidePhase>,
) -> Decision {
    let from = view.old_of(&side.id).map(|old| old.id.clone());
    if side.is_primary() {
        let draining = Draining {
            side: side.id.clone(),
            from,
            since: idle_since,
            asked: None,
            unavailable_since: None,
        };
        return draining.decide(view);
    }
    if !view.is_ready(side) {
        return Decision::wait(stay.into(), side.starting());
    }
    Promoting {
        side: side.id.clone(),
        from,
        idle_since,
        asked_at: view.now(),
        unavailable_since: None,
    }
    .ask(Reason::Promoting)
}

impl Promoting {
    fn ask(self, reason: Reason) -> Decision {
        let step = SideStep::Promote {
            side: self.side.clone(),
        };
        Decision::act(self, step, reason)
    }

    /// It was made the primary one. With a load balancer it has all traffic already, and there is nothing to
    /// undo unless it stops serving; without one, this is the moment it gets it.
    pub(super) fn decide(self, view: View<'_>) -> Decision {
        let Some(side) = view.side(&self.side) else {
            return back::lost(view, self.side);
        };
        let unavailable_since = unavailable(side, self.unavailable_since, view.now());
        let is_headless = view.sides.headless;
        if is_headless {
            if let Some(undone) = back::interrupted(view, side, unavailable_since, true) {
                return undone;
            }
        } else if let Some(end) = over(view, &side.id) {
            return end;
        } else if is_unavailable(unavailable_since, view.now())
            && may_return(view, self.from.as_deref())
        {
            return back::undo(view, side, Cause::Unavailable, Reason::Unavailable, false);
        }
        if side.is_primary() {
            if is_headless && !view.is_alone(&side.id) {
                return Holding::begun(side, view.now()).decide(view);
            }
            let draining = Draining {
                side: self.side,
                from: self.from,
                since: self.idle_since,
                asked: None,
                unavailable_since,
            };
            return draining.decide(view);
        }
        let is_overdue = is_overdue(self.asked_at, view.now());
        let stay = Self {
            unavailable_since,
            ..self
        };
        if is_overdue && view.carries(side) {
            let again = Self {
                asked_at: view.now(),
                ..stay
            };
            return again.ask(Reason::AskedWithoutEffect);
        }
        Decision::wait(stay, Reason::AnswerPending)
    }
}

/// Whether the side that was replaced still serves.
fn may_return(view: View<'_>, from: Option<&str>) -> bool {
    from.and_then(|from| view.side(from))
        .is_some_and(Side::serves)
}

impl Draining {
    /// The old side finishes its requests, and is deleted then.
    pub(super) fn decide(self, view: View<'_>) -> Decision {
        let Some(side) = view.side(&self.side) else {
            return back::lost(view, self.side);
        };
        if !side.is_primary() || !side.share.is_whole() {
            return Decision::wait(Phase::AwaitTurn, Reason::RolloutFound);
        }
        if view.is_alone(&side.id) {
            let reason = Reason::Progress {
                stage: "COMPLETED".to_owned(),
                weight: Some(Share::WHOLE),
                tasks: None,
            };
            return rolled_out(view.spec, Some(self.side), reason, view.now());
        }
        if let Some(end) = over(view, &side.id) {
            return end;
        }
        let unavailable_since = unavailable(side, self.unavailable_since, view.now());
        let may_return = may_return(view, self.from.as_deref());
        if is_unavailable(unavailable_since, view.now()) && may_return {
            return back::undo(view, side, Cause::Unavailable, Reason::Unavailable, false);
        }
        let draining = Self {
            unavailable_since,
            ..self
        };
        draining.remove_old(view, side)
    }

    fn remove_old(self, view: View<'_>, side: &Side) -> Decision {
        let idle = view
            .others(&side.id)
            .filter(|other| other.share.is_none())
            .min_by_key(|other| &other.id);
        let Some(old) = idle else {
            return Decision::wait(self, Reason::SidesUnclear);
        };
        // The old side is what there is to go back to while the new one does not serve.
        if !view.carries(side) {
            return Decision::wait(self, side.starting());
        }
        if !old.is_drained(view.sides, self.since, view.now()) {
            return Decision::wait(self, Reason::Draining);
        }
        let step = SideStep::Remove {
            side: old.id.clone(),
        };
        match ask(self.asked.as_ref(), step, Reason::Drained, view.now()) {
            Ask::Wait => Decision::wait(self, Reason::AnswerPending),
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
}
