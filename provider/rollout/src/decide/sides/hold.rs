//! A weight is held.

use jiff::{SignedDuration, Timestamp};

use crate::decide::Decision;
use crate::decide::sides::view::View;
use crate::decide::sides::{back, forward, last, unavailable};
use crate::observed::{Side, Verdict};
use crate::outcome::Cause;
use crate::phase::{Phase, SidePhase};
use crate::reason::Reason;
use crate::spec::{Hold, Moment, Spec};
use crate::weights::WHOLE;

/// The weight after `tenths`.
pub(super) fn next_weight(spec: &Spec, tenths: u32) -> u32 {
    spec.steps
        .iter()
        .map(|hold| hold.tenths.min(WHOLE))
        .filter(|next| *next > tenths)
        .min()
        .unwrap_or(WHOLE)
}

/// Holding the share `side` has now.
pub(super) fn at(side: &Side, now: Timestamp, unavailable_since: Option<Timestamp>) -> SidePhase {
    SidePhase::AwaitHold {
        side: side.id.clone(),
        tenths: side.tenths,
        since: now,
        unavailable_since: unavailable(side, unavailable_since, now),
    }
}

/// Begins to hold the share `side` has now.
pub(super) fn begin(view: View<'_>, side: &Side) -> Decision {
    held(view, side.id.clone(), side.tenths, view.now(), None)
}

/// How long `tenths` is held, and whose gates are asked meanwhile. A share nobody asked to hold is none.
fn wished(spec: &Spec, tenths: u32) -> (Hold, Option<Moment>) {
    let wish = spec.steps.iter().find(|hold| hold.tenths == tenths);
    let moment = match (tenths, wish) {
        (WHOLE, _) => Some(Moment::Bake),
        (tenths, Some(_)) => Some(Moment::Step { tenths }),
        (_, None) => None,
    };
    let hold = wish.copied().unwrap_or(Hold { tenths, seconds: 0 });
    (hold, moment.filter(|moment| spec.is_gated(*moment)))
}

/// Decides while a weight is held.
pub(super) fn held(
    view: View<'_>,
    id: String,
    tenths: u32,
    since: Timestamp,
    unavailable_since: Option<Timestamp>,
) -> Decision {
    let Some(side) = view.side(&id) else {
        return back::lost(view, id);
    };
    let unavailable_since = unavailable(side, unavailable_since, view.now());
    if !view.sides.headless && side.is_primary() && !view.is_alone(&id) {
        // Somebody has made it the primary one: what is left is cleared away.
        return Decision::wait(Phase::AwaitTurn, Reason::RolloutFound);
    }
    if let Some(undone) = back::interrupted(view, side, unavailable_since, false) {
        return undone;
    }
    let stay = SidePhase::AwaitHold {
        side: id,
        tenths,
        since,
        unavailable_since,
    };
    if side.tenths != tenths {
        return match side.tenths {
            0 => {
                let side = side.id.clone();
                Decision::wait(
                    Phase::Sides(SidePhase::AwaitHealthy { side }),
                    Reason::DeploymentNotShown,
                )
            }
            _ => begin(view, side),
        };
    }
    // The other side was taken away: what it had goes to nobody.
    if view.is_alone(&side.id) {
        return forward::begin_traffic(view, side, stay);
    }
    let (hold, moment) = wished(view.spec, tenths);
    let verdict = moment.and_then(|moment| view.observed.verdict_at(moment));
    let has_passed = match (moment, verdict) {
        (None, _) | (Some(_), Some(Verdict::Passed)) => true,
        (Some(_), Some(Verdict::Pending) | None) => false,
        (Some(moment), Some(Verdict::Failed | Verdict::Inconclusive)) => {
            return back::undo(view, side, Cause::Gate, Reason::GatesFailed(moment), false);
        }
    };
    let seconds = SignedDuration::from_secs(i64::from(hold.seconds));
    if view.now().duration_since(since) < seconds {
        let reason = Reason::Holding {
            tenths,
            seconds: hold.seconds,
        };
        return Decision::wait(Phase::Sides(stay), reason).watching(moment);
    }
    if let Some(moment) = moment.filter(|_| !has_passed) {
        return Decision::wait(Phase::Sides(stay), Reason::GatesPending(moment))
            .watching(Some(moment));
    }
    let decision = match tenths {
        WHOLE => last::promote(view, side, since, stay),
        _ => forward::shift(view, side, next_weight(view.spec, tenths), stay),
    };
    let stays = matches!(decision.phase, Phase::Sides(SidePhase::AwaitHold { .. }));
    decision.watching(moment.filter(|_| stays))
}
