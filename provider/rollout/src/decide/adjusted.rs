//! Settings were sent, or are compared after a rollout.

use jiff::Timestamp;

use crate::decide::beginning::{adjust, start};
use crate::decide::ending::{gone, over_before_start};
use crate::decide::{Decision, is_overdue, recover, taken_back};
use crate::observed::{Active, Answer, Mark, Observed};
use crate::outcome::Outcome;
use crate::phase::{Adjusting, Next, Phase};
use crate::reason::Reason;
use crate::spec::Spec;

impl Adjusting {
    /// Decides until the settings are as wanted.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        let Some(active) = observed.active() else {
            return gone(observed, self, spec);
        };
        // The very observation that asked cannot show the effect.
        if self.asked_at.is_some_and(|at| observed.now <= at) {
            return Decision::wait(self, Reason::AnswerPending);
        }
        let is_young = |at: Timestamp| !is_overdue(at, observed.now);
        if !self.is_confirmed(active, observed) {
            if self.asked_at.is_some_and(is_young) {
                return Decision::wait(self, Reason::AnswerPending);
            }
            return match over_before_start(spec, observed) {
                Some(end) => end,
                None => adjust(self.next, observed.now),
            };
        }
        match self.next {
            Next::End(deployment) => {
                Decision::settle(Outcome::Succeeded { deployment }, Reason::Ended)
            }
            Next::Rollout => after_settings(spec, active, observed),
        }
    }

    /// Whether the settings are as wanted. What AWS has confirmed may show later; after a while its word counts, for it
    /// fills defaults in.
    fn is_confirmed(&self, active: &Active, observed: &Observed) -> bool {
        let is_done = matches!(observed.answer, Answer::Done { .. });
        let was_long_ago = self.asked_at.is_some_and(|at| is_overdue(at, observed.now));
        !active.differs.settings || is_done && was_long_ago
    }
}

/// The settings are confirmed, and are not compared again. Somebody may have deployed meanwhile.
fn after_settings(spec: &Spec, active: &Active, observed: &Observed) -> Decision {
    let found = recover(spec, observed);
    if found != Phase::AwaitTurn {
        return Decision::wait(found, Reason::RolloutFound);
    }
    if let Some(end) = over_before_start(spec, observed) {
        return end;
    }
    let newest = observed.newest.as_ref();
    if let Some(running) = newest.filter(|newest| newest.status.is_running()) {
        return taken_back::in_the_way(spec, running);
    }
    match spec.force && active.mark == Mark::Absent || active.differs.revision {
        true => start(observed),
        false => Decision::settle(Outcome::Succeeded { deployment: None }, Reason::Ended),
    }
}
