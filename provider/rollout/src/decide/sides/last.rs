//! The new side has all traffic: it becomes the primary one, and the old one goes.

use jiff::Timestamp;

use crate::decide::sides::view::View;
use crate::decide::sides::{Ask, ask, back, hold, is_unavailable, over, unavailable};
use crate::decide::{Decision, is_overdue, rolled_out};
use crate::observed::Side;
use crate::outcome::Cause;
use crate::phase::{Asked, Phase, SidePhase};
use crate::reason::Reason;
use crate::step::Step;
use crate::weights::WHOLE;

/// The content of [`SidePhase::AwaitPromoted`].
pub(super) struct Promotion {
    pub(super) side: String,
    pub(super) from: Option<String>,
    pub(super) idle_since: Timestamp,
    pub(super) asked_at: Timestamp,
    pub(super) unavailable_since: Option<Timestamp>,
}

impl Promotion {
    fn into_phase(self) -> Phase {
        let Self {
            side,
            from,
            idle_since,
            asked_at,
            unavailable_since,
        } = self;
        Phase::Sides(SidePhase::AwaitPromoted {
            side,
            from,
            idle_since,
            asked_at,
            unavailable_since,
        })
    }

    fn ask(self, reason: Reason) -> Decision {
        let step = Step::PromoteSide {
            side: self.side.clone(),
        };
        Decision::act(self.into_phase(), step, reason)
    }
}

/// Makes `side` the primary one. `stay` is where to wait while it cannot be.
pub(super) fn promote(
    view: View<'_>,
    side: &Side,
    idle_since: Timestamp,
    stay: SidePhase,
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
        return drained(view, draining);
    }
    if !view.is_ready(side) {
        return Decision::wait(Phase::Sides(stay), side.starting());
    }
    Promotion {
        side: side.id.clone(),
        from,
        idle_since,
        asked_at: view.now(),
        unavailable_since: None,
    }
    .ask(Reason::Promoting)
}

/// It was made the primary one. With a load balancer it has all traffic already, and there is nothing to
/// undo unless it stops serving; without one, this is the moment it gets it.
pub(super) fn promoted(view: View<'_>, promotion: Promotion) -> Decision {
    let Some(side) = view.side(&promotion.side) else {
        return back::lost(view, promotion.side);
    };
    let unavailable_since = unavailable(side, promotion.unavailable_since, view.now());
    let is_headless = view.sides.headless;
    if is_headless {
        if let Some(undone) = back::interrupted(view, side, unavailable_since, true) {
            return undone;
        }
    } else if let Some(end) = over(view, &side.id) {
        return end;
    } else if is_unavailable(unavailable_since, view.now())
        && may_return(view, promotion.from.as_deref())
    {
        return back::undo(view, side, Cause::Unavailable, Reason::Unavailable, false);
    }
    if side.is_primary() {
        if is_headless && !view.is_alone(&side.id) {
            return hold::begin(view, side);
        }
        let draining = Draining {
            side: promotion.side,
            from: promotion.from,
            since: promotion.idle_since,
            asked: None,
            unavailable_since,
        };
        return drained(view, draining);
    }
    let is_overdue = is_overdue(promotion.asked_at, view.now());
    let promotion = Promotion {
        unavailable_since,
        ..promotion
    };
    if is_overdue && view.carries(side) {
        let again = Promotion {
            asked_at: view.now(),
            ..promotion
        };
        return again.ask(Reason::AskedWithoutEffect);
    }
    Decision::wait(promotion.into_phase(), Reason::AnswerPending)
}

/// Whether the side that was replaced still serves.
fn may_return(view: View<'_>, from: Option<&str>) -> bool {
    from.and_then(|from| view.side(from))
        .is_some_and(Side::serves)
}

/// The content of [`SidePhase::AwaitDrained`].
pub(super) struct Draining {
    pub(super) side: String,
    pub(super) from: Option<String>,
    pub(super) since: Timestamp,
    pub(super) asked: Option<Asked>,
    pub(super) unavailable_since: Option<Timestamp>,
}

impl Draining {
    fn into_phase(self) -> Phase {
        let Self {
            side,
            from,
            since,
            asked,
            unavailable_since,
        } = self;
        Phase::Sides(SidePhase::AwaitDrained {
            side,
            from,
            since,
            asked,
            unavailable_since,
        })
    }
}

/// The old side finishes its requests, and is deleted then.
pub(super) fn drained(view: View<'_>, draining: Draining) -> Decision {
    let Some(side) = view.side(&draining.side) else {
        return back::lost(view, draining.side);
    };
    if !side.is_primary() || side.tenths != WHOLE {
        return Decision::wait(Phase::AwaitTurn, Reason::RolloutFound);
    }
    if view.is_alone(&side.id) {
        let reason = Reason::Progress {
            stage: "COMPLETED".to_owned(),
            weight: Some(100.0),
            tasks: None,
        };
        return rolled_out(view.spec, Some(draining.side), reason, view.now());
    }
    if let Some(end) = over(view, &side.id) {
        return end;
    }
    let unavailable_since = unavailable(side, draining.unavailable_since, view.now());
    let may_return = may_return(view, draining.from.as_deref());
    if is_unavailable(unavailable_since, view.now()) && may_return {
        return back::undo(view, side, Cause::Unavailable, Reason::Unavailable, false);
    }
    let draining = Draining {
        unavailable_since,
        ..draining
    };
    let idle = view
        .others(&side.id)
        .filter(|other| other.tenths == 0)
        .min_by_key(|other| &other.id);
    let Some(old) = idle else {
        return Decision::wait(draining.into_phase(), Reason::SidesUnclear);
    };
    // The old side is what there is to go back to while the new one does not serve.
    if !view.carries(side) {
        return Decision::wait(draining.into_phase(), side.starting());
    }
    if !old.is_drained(view.sides, draining.since, view.now()) {
        return Decision::wait(draining.into_phase(), Reason::Draining);
    }
    let step = Step::RemoveSide {
        side: old.id.clone(),
    };
    match ask(draining.asked.as_ref(), step, Reason::Drained, view.now()) {
        Ask::Wait => Decision::wait(draining.into_phase(), Reason::AnswerPending),
        Ask::Act(asked, reason) => {
            let step = asked.step.clone();
            let phase = Draining {
                asked: Some(asked),
                ..draining
            }
            .into_phase();
            Decision::act(phase, step, reason)
        }
    }
}
