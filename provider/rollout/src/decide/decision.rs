//! What a decision is.

use jiff::Timestamp;

use crate::effect::Effect;
use crate::outcome::Outcome;
use crate::phase::Phase;
use crate::reason::Reason;
use crate::spec::Moment;

/// What to wait for next, what to do now, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What is waited for from now on.
    pub phase: Phase,
    /// What to change at AWS now; `None` when it is only looked at again later, or when the run is over.
    pub step: Option<Effect>,
    /// Why.
    pub reason: Reason,
    /// The moment whose gates are to be asked until the next observation, which says what they say.
    pub watch: Option<Moment>,
    /// When to look again at the latest; `None` when the usual pause will do.
    pub wake: Option<Timestamp>,
}

impl Decision {
    pub(crate) fn wait(phase: impl Into<Phase>, reason: Reason) -> Self {
        Self {
            phase: phase.into(),
            step: None,
            reason,
            watch: None,
            wake: None,
        }
    }

    pub(crate) fn settle(outcome: Outcome, reason: Reason) -> Self {
        Self::wait(Phase::Settled(outcome), reason)
    }

    pub(crate) fn act(phase: impl Into<Phase>, step: impl Into<Effect>, reason: Reason) -> Self {
        Self {
            step: Some(step.into()),
            ..Self::wait(phase, reason)
        }
    }

    /// The same, with the gates of `moment` asked meanwhile.
    pub(crate) fn watching(self, moment: Option<Moment>) -> Self {
        Self {
            watch: moment,
            ..self
        }
    }

    /// The same, looking again at `wake` at the latest.
    pub(crate) fn waking(self, wake: Option<Timestamp>) -> Self {
        Self { wake, ..self }
    }

    /// Name of the step, for logs; `Wait` or `Finish` where there is none.
    pub fn step_name(&self) -> &'static str {
        match (&self.step, &self.phase) {
            (Some(step), _) => step.name(),
            (None, Phase::Settled(_)) => "Finish",
            (None, _) => "Wait",
        }
    }
}
