//! The rollout has succeeded; the gates asked afterwards decide how that is reported.

use crate::decide::Decision;
use crate::decide::ending::{gone, to_settings};
use crate::observed::{MomentVerdict, Observed};
use crate::outcome::Outcome;
use crate::phase::Asking;
use crate::reason::Reason;
use crate::spec::{Moment, Spec};

impl Asking {
    /// Decides while the gates are asked.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        if observed.active().is_none() {
            return gone(observed, self, spec);
        }
        if !spec.is_gated(Moment::After) {
            return to_settings(self.deployment, Reason::Ended);
        }
        match observed.verdict_at(Moment::After) {
            Some(MomentVerdict::Passed) => {
                return to_settings(self.deployment, Reason::GatesPassed(Moment::After));
            }
            Some(MomentVerdict::Failed | MomentVerdict::Inconclusive) => {
                return Decision::settle(
                    Outcome::LiveButUnhealthy {
                        deployment: self.deployment,
                    },
                    Reason::GatesFailed(Moment::After),
                );
            }
            Some(MomentVerdict::Pending) | None => {}
        }
        if observed.cancelled {
            return Decision::settle(Outcome::Cancelled { left_running: None }, Reason::Cancelled);
        }
        if observed.now >= spec.deadline {
            return Decision::settle(
                Outcome::TimedOut { left_running: None },
                Reason::DeadlinePassed,
            );
        }
        Decision::wait(self, Reason::GatesPending(Moment::After)).watching(Some(Moment::After))
    }
}
