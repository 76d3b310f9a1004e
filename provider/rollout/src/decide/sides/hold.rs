//! A weight is held.

use jiff::SignedDuration;

use crate::decide::Decision;
use crate::decide::hold::hold_end;
use crate::decide::sides::share::{next_weight, unavailable};
use crate::decide::sides::view::View;
use crate::decide::sides::{back, forward, last};
use crate::observed::{MomentVerdict, Side};
use crate::outcome::Cause;
use crate::phase::{Holding, Phase, SidePhase, StartingSide};
use crate::reason::Reason;
use crate::spec::{Hold, Moment, Spec};
use crate::weights::Share;

/// How long `share` is held, and whose gates are asked meanwhile. A share nobody asked to hold is none.
fn wished(spec: &Spec, share: Share) -> (Hold, Option<Moment>) {
    let wish = spec.steps.iter().find(|hold| hold.share == share);
    let moment = match (share, wish) {
        (Share::WHOLE, _) => Some(Moment::Bake),
        (share, Some(_)) => Some(Moment::Step { share }),
        (_, None) => None,
    };
    let hold = wish.copied().unwrap_or(Hold { share, seconds: 0 });
    (hold, moment.filter(|moment| spec.is_gated(*moment)))
}

impl Holding {
    /// Decides while a weight is held.
    pub(super) fn decide(self, view: View<'_>) -> Decision {
        let Some(side) = view.side(&self.side) else {
            return back::lost(view, self.side);
        };
        if !view.sides.headless && side.is_primary() && !view.is_alone(&side.id) {
            // Somebody has made it the primary one: what is left is cleared away.
            return Decision::wait(Phase::AwaitTurn, Reason::RolloutFound);
        }
        let stay = Self {
            unavailable_since: unavailable(side, self.unavailable_since, view.now()),
            ..self
        };
        if let Some(undone) = back::interrupted(view, side, stay.unavailable_since, false) {
            return undone;
        }
        if side.share != stay.share {
            return match side.share {
                Share::NONE => {
                    let side = side.id.clone();
                    Decision::wait(StartingSide { side }, Reason::DeploymentNotShown)
                }
                _ => Self::begun(side, view.now()).decide(view),
            };
        }
        // The other side was taken away: what it had goes to nobody.
        if view.is_alone(&side.id) {
            return forward::begin_traffic(view, side, stay);
        }
        stay.keep(view, side)
    }

    /// The share is as it is to be: it is held for its time, and until its gates have passed.
    fn keep(self, view: View<'_>, side: &Side) -> Decision {
        let (hold, moment) = wished(view.spec, self.share);
        let verdict = moment.and_then(|moment| view.observed.verdict_at(moment));
        let has_passed = match (moment, verdict) {
            (None, _) | (Some(_), Some(MomentVerdict::Passed)) => true,
            (Some(_), Some(MomentVerdict::Pending) | None) => false,
            (Some(moment), Some(MomentVerdict::Failed | MomentVerdict::Inconclusive)) => {
                return back::undo(view, side, Cause::Gate, Reason::GatesFailed(moment), false);
            }
        };
        let seconds = SignedDuration::from_secs(i64::from(hold.seconds));
        if view.now().duration_since(self.since) < seconds {
            let reason = Reason::Holding {
                share: self.share,
                seconds: hold.seconds,
            };
            let wake = hold_end(self.since, hold.seconds);
            return Decision::wait(self, reason).watching(moment).waking(wake);
        }
        if let Some(moment) = moment.filter(|_| !has_passed) {
            return Decision::wait(self, Reason::GatesPending(moment)).watching(Some(moment));
        }
        let decision = match self.share {
            Share::WHOLE => last::promote(view, side, self.since, self),
            share => forward::shift(view, side, next_weight(view.spec, share), self.into()),
        };
        let stays = matches!(decision.phase, Phase::Sides(SidePhase::AwaitHold(_)));
        decision.watching(moment.filter(|_| stays))
    }
}
