//! Gates that are asked before a rollout begins: of the revision that runs. While they are not decided, nothing is changed.

use crate::decide::{Decision, undated};
use crate::effect::{Effect, SideStep};
use crate::observed::{Mark, MomentVerdict, Observed};
use crate::outcome::Outcome;
use crate::phase::{Adjusting, Ahead, Next, Phase, SidePhase, Switch, Switching};
use crate::reason::Reason;
use crate::spec::{Moment, Spec};

const MOMENT: Moment = Moment::BeforeStart;

/// The decision, unless it begins a rollout that gates have to allow first. A service that is being created has nothing
/// running that could be asked.
pub(super) fn allowed(
    spec: &Spec,
    before: &Phase,
    decision: Decision,
    observed: &Observed,
) -> Decision {
    let active = observed.active();
    let runs = active.is_some_and(|active| active.mark == Mark::Absent);
    if !spec.is_gated(MOMENT) || !runs || !is_idle(before) || !begins(&decision) {
        return decision;
    }
    let ahead = Ahead {
        then: Box::new(before.clone()),
        passed: false,
    };
    Decision::wait(ahead, Reason::GatesPending(MOMENT)).watching(Some(MOMENT))
}

/// Whether nothing of a rollout has begun in this phase.
fn is_idle(phase: &Phase) -> bool {
    matches!(
        phase,
        Phase::AwaitTurn
            | Phase::AwaitTakenBack(_)
            | Phase::AwaitSwitched(Switching {
                step: Switch::Traffic,
                ..
            })
            | Phase::Sides(SidePhase::AwaitCleared(_))
    )
}

/// Whether it begins a rollout, or something that is done for one alone.
fn begins(decision: &Decision) -> bool {
    match &decision.step {
        Some(Effect::StartRollout | Effect::PrepareRoutes | Effect::SwitchController) => true,
        Some(Effect::Side(step)) => *step == SideStep::Create,
        Some(Effect::Adjust) => matches!(
            decision.phase,
            Phase::AwaitAdjusted(Adjusting {
                next: Next::Rollout,
                ..
            })
        ),
        Some(Effect::Create | Effect::ReturnTraffic | Effect::Rollout(_) | Effect::Scaling(_))
        | None => false,
    }
}

impl Ahead {
    /// Decides while the gates are asked. What was to begin is decided afresh each time, for much may have changed.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        let decision = undated(spec, (*self.then).clone(), observed);
        if self.passed || !begins(&decision) {
            return decision;
        }
        match observed.verdict_at(MOMENT) {
            Some(MomentVerdict::Passed) => {
                let passed = Self {
                    passed: true,
                    ..self
                };
                Decision::wait(passed, Reason::GatesPassed(MOMENT)).waking(Some(observed.now))
            }
            Some(MomentVerdict::Failed | MomentVerdict::Inconclusive) => {
                Decision::settle(Outcome::HeldBack, Reason::GatesFailed(MOMENT))
            }
            Some(MomentVerdict::Pending) | None => {
                Decision::wait(self, Reason::GatesPending(MOMENT)).watching(Some(MOMENT))
            }
        }
    }
}
