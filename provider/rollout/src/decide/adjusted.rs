//! Settings were sent, or are compared after a rollout.

use jiff::Timestamp;

use crate::decide::beginning::{adjust, start};
use crate::decide::ending::{gone, over_before_start};
use crate::decide::{Decision, is_overdue, recover, taken_back};
use crate::observed::{Active, Answer, Mark, Observed, Seen};
use crate::outcome::Outcome;
use crate::phase::{Adjusting, Next, Phase};
use crate::reason::Reason;
use crate::spec::Spec;

impl Adjusting {
    /// Decides until the settings are as wanted.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        if let (Next::Over { outcome, until }, Some(asked_at)) = (&self.next, self.asked_at) {
            return over(outcome.clone(), *until, asked_at, observed);
        }
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
            // They are as wanted without having been asked for.
            Next::Over { outcome, .. } => Decision::settle(outcome, Reason::Ended),
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

/// A run that has not succeeded ends when its settings are as wanted, or cannot be: the next plan shows what is left.
fn over(outcome: Outcome, until: Timestamp, asked_at: Timestamp, observed: &Observed) -> Decision {
    let is_done = match &observed.service {
        Seen::Absent | Seen::Draining => true,
        Seen::Active(active) => !active.differs.settings,
        Seen::Unknown(_) => false,
    };
    let is_refused = observed.answer == Answer::Refused && observed.now > asked_at;
    if is_done || is_refused || observed.now >= until {
        return Decision::settle(outcome, Reason::Ended);
    }
    let next = Next::Over { outcome, until };
    if is_overdue(asked_at, observed.now) {
        return adjust(next, observed.now);
    }
    let waiting = Adjusting {
        next,
        asked_at: Some(asked_at),
    };
    Decision::wait(waiting, Reason::AnswerPending)
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
