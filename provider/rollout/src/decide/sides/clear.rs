//! What earlier rollouts have left behind is cleared away.

use jiff::Timestamp;

use crate::decide::Decision;
use crate::decide::ending::over_before_start;
use crate::decide::sides::view::View;
use crate::decide::sides::{Ask, ask, turn};
use crate::effect::SideStep;
use crate::observed::Side;
use crate::phase::Clearing;
use crate::reason::Reason;
use crate::weights::Share;

impl Clearing {
    /// All traffic goes to the side that carries production; what is left besides drains and is deleted.
    pub(super) fn decide(self, view: View<'_>) -> Decision {
        if let Some(end) = over_before_start(view.spec, view.observed) {
            return end;
        }
        if !view.needs_clearing() {
            return turn(view.spec, view.observed);
        }
        let with_traffic = view.strays().filter(|side| !side.share.is_none()).count();
        match view.base() {
            Some(base) if with_traffic > 0 || is_short(view, base) => {
                let busy = Self {
                    idle_since: None,
                    ..self
                };
                if !view.carries(base) {
                    return Decision::wait(busy, Reason::OldSideUnhealthy);
                }
                let step = SideStep::Shift {
                    side: base.id.clone(),
                    share: Share::WHOLE,
                };
                return busy.ask(
                    step,
                    Reason::Shifting {
                        share: Share::WHOLE,
                    },
                    view.now(),
                );
            }
            Some(_) | None => {}
        }
        let since = self.idle_since.unwrap_or(view.now());
        let idle = Self {
            idle_since: Some(since),
            ..self
        };
        match view.strays().min_by_key(|side| &side.id) {
            Some(stray) if stray.is_drained(view.sides, since, view.now()) => {
                let step = SideStep::Remove {
                    side: stray.id.clone(),
                };
                idle.ask(step, Reason::Drained, view.now())
            }
            Some(_) | None => Decision::wait(idle, Reason::Draining),
        }
    }

    fn ask(self, step: SideStep, reason: Reason, now: Timestamp) -> Decision {
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
}

/// Nothing has the traffic `base` misses: it goes to where nothing runs.
fn is_short(view: View<'_>, base: &Side) -> bool {
    view.candidate().is_none() && !view.sides.headless && !base.share.is_whole() && base.serves()
}
