//! The new side comes up, and gets its traffic.

use crate::decide::ending::over_before_start;
use crate::decide::sides::share::{next_weight, unavailable};
use crate::decide::sides::view::View;
use crate::decide::sides::{back, last};
use crate::decide::{Decision, is_overdue};
use crate::effect::SideStep;
use crate::observed::{Answer, MomentVerdict, Side, TestRoute};
use crate::outcome::{Cause, Outcome};
use crate::phase::{
    CreatingSide, Gating, Holding, Phase, Shifting, SidePhase, StartingSide, Testing,
};
use crate::reason::Reason;
use crate::spec::Moment;
use crate::weights::Share;

impl CreatingSide {
    /// Decides until the task set shows.
    pub(super) fn decide(self, view: View<'_>) -> Decision {
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
            return Decision::wait(StartingSide { side }, Reason::RolloutFound);
        }
        if !is_overdue(self.asked_at, view.now()) {
            return Decision::wait(self, Reason::AnswerPending);
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
}

impl StartingSide {
    /// Decides while its tasks start.
    pub(super) fn decide(self, view: View<'_>) -> Decision {
        let Some(side) = view.side(&self.side) else {
            return back::lost(view, self.side);
        };
        if let Some(undone) = back::interrupted(view, side, None, false) {
            return undone;
        }
        if !view.is_ready(side) {
            return Decision::wait(self, side.starting());
        }
        if is_tested(view, side) {
            return to_gates(view, side);
        }
        ask_test_route(view, side, Reason::TestTraffic)
    }
}

fn is_tested(view: View<'_>, side: &Side) -> bool {
    match &view.sides.test {
        TestRoute::Absent => true,
        TestRoute::Elsewhere => false,
        TestRoute::Side(id) => *id == side.id,
    }
}

fn ask_test_route(view: View<'_>, side: &Side, reason: Reason) -> Decision {
    let testing = Testing {
        side: side.id.clone(),
        asked_at: view.now(),
    };
    let step = SideStep::ShiftTest {
        side: side.id.clone(),
    };
    Decision::act(testing, step, reason)
}

impl Testing {
    /// Decides until test traffic reaches it.
    pub(super) fn decide(self, view: View<'_>) -> Decision {
        let Some(side) = view.side(&self.side) else {
            return back::lost(view, self.side);
        };
        if let Some(undone) = back::interrupted(view, side, None, false) {
            return undone;
        }
        if !view.is_ready(side) {
            return StartingSide { side: self.side }.decide(view);
        }
        if is_tested(view, side) {
            return to_gates(view, side);
        }
        if is_overdue(self.asked_at, view.now()) {
            return ask_test_route(view, side, Reason::AskedWithoutEffect);
        }
        Decision::wait(self, Reason::AnswerPending)
    }
}

fn to_gates(view: View<'_>, side: &Side) -> Decision {
    let gating = Gating {
        side: side.id.clone(),
        since: view.now(),
    };
    let moment = Moment::BeforeTraffic;
    if view.spec.is_gated(moment) {
        return Decision::wait(gating, Reason::GatesPending(moment)).watching(Some(moment));
    }
    begin_traffic(view, side, gating)
}

impl Gating {
    /// Decides while the gates before traffic are asked.
    pub(super) fn decide(self, view: View<'_>) -> Decision {
        let Some(side) = view.side(&self.side) else {
            return back::lost(view, self.side);
        };
        if let Some(undone) = back::interrupted(view, side, None, false) {
            return undone;
        }
        let moment = Moment::BeforeTraffic;
        if !view.spec.is_gated(moment) {
            return begin_traffic(view, side, self);
        }
        match view.observed.verdict_at(moment) {
            Some(MomentVerdict::Failed | MomentVerdict::Inconclusive) => {
                back::undo(view, side, Cause::Gate, Reason::GatesFailed(moment), false)
            }
            Some(MomentVerdict::Passed) => {
                let decision = begin_traffic(view, side, self);
                let stays = matches!(decision.phase, Phase::Sides(SidePhase::AwaitGates(_)));
                decision.watching(stays.then_some(moment))
            }
            Some(MomentVerdict::Pending) | None => {
                Decision::wait(self, Reason::GatesPending(moment)).watching(Some(moment))
            }
        }
    }
}

/// The new side may have production traffic. `stay` is where to wait while it cannot take it.
pub(super) fn begin_traffic(view: View<'_>, side: &Side, stay: impl Into<SidePhase>) -> Decision {
    let stay = stay.into();
    if view.sides.headless {
        return last::promote(view, side, view.now(), stay);
    }
    // Steps protect those who are served now. Where nobody is, they would only prolong that.
    let is_first = !view
        .others(&side.id)
        .any(|other| !other.share.is_none() && other.serves());
    match (is_first, side.share) {
        (true, Share::WHOLE) if view.is_alone(&side.id) => {
            last::promote(view, side, view.now(), stay)
        }
        (true, Share::WHOLE) => Holding::begun(side, view.now()).decide(view),
        (true, _) => shift(view, side, Share::WHOLE, stay),
        (false, Share::NONE) => shift(view, side, next_weight(view.spec, Share::NONE), stay),
        (false, _) => Holding::begun(side, view.now()).decide(view),
    }
}

/// Moves traffic to `side`, up to `share`.
pub(super) fn shift(view: View<'_>, side: &Side, share: Share, stay: SidePhase) -> Decision {
    if !view.is_ready(side) {
        return Decision::wait(stay, side.starting());
    }
    if !share.is_whole() && view.is_unclear(&side.id) {
        return Decision::wait(stay, Reason::SidesUnclear);
    }
    ask_shift(view, side, share, Reason::Shifting { share })
}

fn ask_shift(view: View<'_>, side: &Side, share: Share, reason: Reason) -> Decision {
    let shifting = Shifting {
        side: side.id.clone(),
        share,
        asked_at: view.now(),
        unavailable_since: unavailable(side, None, view.now()),
    };
    let step = SideStep::Shift {
        side: side.id.clone(),
        share,
    };
    Decision::act(shifting, step, reason)
}

impl Shifting {
    /// Decides until traffic has moved.
    pub(super) fn decide(self, view: View<'_>) -> Decision {
        let Some(side) = view.side(&self.side) else {
            return back::lost(view, self.side);
        };
        let unavailable_since = unavailable(side, self.unavailable_since, view.now());
        if let Some(undone) = back::interrupted(view, side, unavailable_since, true) {
            return undone;
        }
        let share = self.share;
        let is_alone = view.is_alone(&side.id);
        if side.share == share {
            return match is_alone && share.is_whole() {
                true => last::promote(view, side, view.now(), Holding::begun(side, view.now())),
                false => Holding::begun(side, view.now()).decide(view),
            };
        }
        let stay = Self {
            unavailable_since,
            ..self
        };
        // Somebody has ended the rollout meanwhile: no part of production is sent to the side that went.
        if !share.is_whole() && is_alone {
            return begin_traffic(view, side, stay);
        }
        if !share.is_whole() && side.is_primary() {
            return Decision::wait(Phase::AwaitTurn, Reason::RolloutFound);
        }
        // Somebody has given it more: what it has above the step is not sent back unasked.
        if side.share > share {
            return Holding::begun(side, view.now()).decide(view);
        }
        if is_overdue(stay.asked_at, view.now()) && view.is_ready(side) {
            return ask_shift(view, side, share, Reason::AskedWithoutEffect);
        }
        Decision::wait(stay, Reason::Shifting { share })
    }
}
