//! The new side comes up, and gets its traffic.

use jiff::Timestamp;

use crate::decide::sides::view::View;
use crate::decide::sides::{back, hold, last, unavailable};
use crate::decide::{Decision, is_overdue, over_before_start};
use crate::observed::{Answer, Side, TestRoute, Verdict};
use crate::outcome::{Cause, Outcome};
use crate::phase::{Phase, SidePhase};
use crate::reason::Reason;
use crate::spec::Moment;
use crate::step::Step;
use crate::weights::WHOLE;

/// CreateTaskSet was sent.
pub(super) fn created(view: View<'_>, asked_at: Timestamp) -> Decision {
    let named = match &view.observed.answer {
        Answer::Done { started } => started.clone(),
        Answer::None | Answer::Refused | Answer::StopRefused | Answer::Unsure => None,
    };
    let shown = named
        .as_deref()
        .and_then(|id| view.side(id))
        .or_else(|| view.newcomer());
    if let Some(side) = shown {
        let side = side.id.clone();
        return Decision::wait(
            Phase::Sides(SidePhase::AwaitHealthy { side }),
            Reason::RolloutFound,
        );
    }
    if !is_overdue(asked_at, view.now()) {
        return Decision::wait(
            Phase::Sides(SidePhase::AwaitCreated { asked_at }),
            Reason::AnswerPending,
        );
    }
    match (over_before_start(view.spec, view.observed), named) {
        (Some(_), Some(id)) if view.observed.cancelled => Decision::settle(
            Outcome::Cancelled {
                left_running: Some(id),
            },
            Reason::Cancelled,
        ),
        (Some(end), _) => end,
        (None, _) => Decision::wait(Phase::AwaitTurn, Reason::AskedWithoutEffect),
    }
}

/// Its tasks start.
pub(super) fn healthy(view: View<'_>, id: String) -> Decision {
    let Some(side) = view.side(&id) else {
        return back::lost(view, id);
    };
    if let Some(undone) = back::interrupted(view, side, None, false) {
        return undone;
    }
    if !view.is_ready(side) {
        return Decision::wait(
            Phase::Sides(SidePhase::AwaitHealthy { side: id }),
            side.starting(),
        );
    }
    if is_tested(view, side) {
        return to_gates(view, side);
    }
    ask_test_route(view, side, Reason::TestTraffic)
}

fn is_tested(view: View<'_>, side: &Side) -> bool {
    match &view.sides.test {
        TestRoute::Absent => true,
        TestRoute::Elsewhere => false,
        TestRoute::Side(id) => *id == side.id,
    }
}

fn ask_test_route(view: View<'_>, side: &Side, reason: Reason) -> Decision {
    let phase = SidePhase::AwaitTestRoute {
        side: side.id.clone(),
        asked_at: view.now(),
    };
    let step = Step::ShiftTest {
        side: side.id.clone(),
    };
    Decision::act(Phase::Sides(phase), step, reason)
}

/// Test traffic was sent to it.
pub(super) fn test_route(view: View<'_>, id: String, asked_at: Timestamp) -> Decision {
    let Some(side) = view.side(&id) else {
        return back::lost(view, id);
    };
    if let Some(undone) = back::interrupted(view, side, None, false) {
        return undone;
    }
    if !view.is_ready(side) {
        return healthy(view, id);
    }
    if is_tested(view, side) {
        return to_gates(view, side);
    }
    if is_overdue(asked_at, view.now()) {
        return ask_test_route(view, side, Reason::AskedWithoutEffect);
    }
    let phase = SidePhase::AwaitTestRoute { side: id, asked_at };
    Decision::wait(Phase::Sides(phase), Reason::AnswerPending)
}

fn to_gates(view: View<'_>, side: &Side) -> Decision {
    let phase = SidePhase::AwaitGates {
        side: side.id.clone(),
        since: view.now(),
    };
    if view.spec.is_gated(Moment::BeforeTraffic) {
        return Decision::wait(
            Phase::Sides(phase),
            Reason::GatesPending(Moment::BeforeTraffic),
        )
        .watching(Some(Moment::BeforeTraffic));
    }
    begin_traffic(view, side, phase)
}

/// The gates before traffic are asked.
pub(super) fn gates(view: View<'_>, id: String, since: Timestamp) -> Decision {
    let Some(side) = view.side(&id) else {
        return back::lost(view, id);
    };
    if let Some(undone) = back::interrupted(view, side, None, false) {
        return undone;
    }
    let moment = Moment::BeforeTraffic;
    let phase = SidePhase::AwaitGates { side: id, since };
    if !view.spec.is_gated(moment) {
        return begin_traffic(view, side, phase);
    }
    match view.observed.verdict_at(moment) {
        Some(Verdict::Failed | Verdict::Inconclusive) => {
            back::undo(view, side, Cause::Gate, Reason::GatesFailed(moment), false)
        }
        Some(Verdict::Passed) => {
            let decision = begin_traffic(view, side, phase);
            let stays = matches!(decision.phase, Phase::Sides(SidePhase::AwaitGates { .. }));
            decision.watching(stays.then_some(moment))
        }
        Some(Verdict::Pending) | None => {
            Decision::wait(Phase::Sides(phase), Reason::GatesPending(moment)).watching(Some(moment))
        }
    }
}

/// The new side may have production traffic. `stay` is where to wait while it cannot take it.
pub(super) fn begin_traffic(view: View<'_>, side: &Side, stay: SidePhase) -> Decision {
    if view.sides.headless {
        return last::promote(view, side, view.now(), stay);
    }
    // Steps protect those who are served now. Where nobody is, they would only prolong that.
    let is_first = !view
        .others(&side.id)
        .any(|other| other.tenths > 0 && other.serves());
    match (is_first, side.tenths) {
        (true, WHOLE) if view.is_alone(&side.id) => last::promote(view, side, view.now(), stay),
        (true, WHOLE) => hold::begin(view, side),
        (true, _) => shift(view, side, WHOLE, stay),
        (false, 0) => shift(view, side, hold::next_weight(view.spec, 0), stay),
        (false, _) => hold::begin(view, side),
    }
}

/// Moves traffic to `side`, up to `tenths`.
pub(super) fn shift(view: View<'_>, side: &Side, tenths: u32, stay: SidePhase) -> Decision {
    if !view.is_ready(side) {
        return Decision::wait(Phase::Sides(stay), side.starting());
    }
    if tenths < WHOLE && view.is_unclear(&side.id) {
        return Decision::wait(Phase::Sides(stay), Reason::SidesUnclear);
    }
    ask_shift(view, side, tenths, Reason::Shifting { tenths })
}

fn ask_shift(view: View<'_>, side: &Side, tenths: u32, reason: Reason) -> Decision {
    let phase = SidePhase::AwaitShifted {
        side: side.id.clone(),
        tenths,
        asked_at: view.now(),
        unavailable_since: unavailable(side, None, view.now()),
    };
    let step = Step::Shift {
        side: side.id.clone(),
        tenths,
    };
    Decision::act(Phase::Sides(phase), step, reason)
}

/// Traffic was moved.
pub(super) fn shifted(
    view: View<'_>,
    id: String,
    tenths: u32,
    asked_at: Timestamp,
    unavailable_since: Option<Timestamp>,
) -> Decision {
    let Some(side) = view.side(&id) else {
        return back::lost(view, id);
    };
    let unavailable_since = unavailable(side, unavailable_since, view.now());
    if let Some(undone) = back::interrupted(view, side, unavailable_since, true) {
        return undone;
    }
    if side.tenths == tenths {
        return match view.is_alone(&id) && tenths == WHOLE {
            true => last::promote(view, side, view.now(), hold::at(side, view.now(), None)),
            false => hold::begin(view, side),
        };
    }
    let stay = SidePhase::AwaitShifted {
        side: id,
        tenths,
        asked_at,
        unavailable_since,
    };
    // Somebody has ended the rollout meanwhile: no part of production is sent to the side that went.
    if tenths < WHOLE && view.is_alone(&side.id) {
        return begin_traffic(view, side, stay);
    }
    if tenths < WHOLE && side.is_primary() {
        return Decision::wait(Phase::AwaitTurn, Reason::RolloutFound);
    }
    // Somebody has given it more: what it has above the step is not sent back unasked.
    if side.tenths > tenths {
        return hold::begin(view, side);
    }
    if is_overdue(asked_at, view.now()) && view.is_ready(side) {
        return ask_shift(view, side, tenths, Reason::AskedWithoutEffect);
    }
    Decision::wait(Phase::Sides(stay), Reason::Shifting { tenths })
}
