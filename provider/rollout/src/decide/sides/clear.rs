//! What earlier rollouts have left behind is cleared away.

use jiff::Timestamp;

use crate::decide::sides::view::View;
use crate::decide::sides::{Ask, ask, turn};
use crate::decide::{Decision, over_before_start};
use crate::observed::Side;
use crate::phase::{Asked, Phase, SidePhase};
use crate::reason::Reason;
use crate::step::Step;
use crate::weights::WHOLE;

/// All traffic goes to the side that carries production; what is left besides drains and is deleted.
pub(super) fn cleared(
    view: View<'_>,
    asked: Option<Asked>,
    idle_since: Option<Timestamp>,
) -> Decision {
    if let Some(end) = over_before_start(view.spec, view.observed) {
        return end;
    }
    if !view.needs_clearing() {
        return turn(view.spec, view.observed);
    }
    let wait = |asked, idle_since, reason| {
        Decision::wait(
            Phase::Sides(SidePhase::AwaitCleared { asked, idle_since }),
            reason,
        )
    };
    let act = |asked: Option<Asked>, idle_since, step, reason: Reason| match ask(
        asked.as_ref(),
        step,
        reason.clone(),
        view.now(),
    ) {
        Ask::Wait => wait(asked, idle_since, reason),
        Ask::Act(asked, reason) => {
            let step = asked.step.clone();
            let phase = SidePhase::AwaitCleared {
                asked: Some(asked),
                idle_since,
            };
            Decision::act(Phase::Sides(phase), step, reason)
        }
    };
    let with_traffic = view.strays().filter(|side| side.tenths > 0).count();
    match view.base() {
        Some(base) if with_traffic > 0 || is_short(view, base) => {
            return if !view.carries(base) {
                wait(asked, None, Reason::OldSideUnhealthy)
            } else {
                let step = Step::Shift {
                    side: base.id.clone(),
                    tenths: WHOLE,
                };
                act(asked, None, step, Reason::Shifting { tenths: WHOLE })
            };
        }
        Some(_) | None => {}
    }
    let since = idle_since.unwrap_or(view.now());
    match view.strays().min_by_key(|side| &side.id) {
        Some(stray) if stray.is_drained(view.sides, since, view.now()) => {
            let step = Step::RemoveSide {
                side: stray.id.clone(),
            };
            act(asked, Some(since), step, Reason::Drained)
        }
        Some(_) | None => wait(asked, Some(since), Reason::Draining),
    }
}

/// Nothing has the traffic `base` misses: it goes to where nothing runs.
fn is_short(view: View<'_>, base: &Side) -> bool {
    view.candidate().is_none() && !view.sides.headless && base.tenths < WHOLE && base.serves()
}
