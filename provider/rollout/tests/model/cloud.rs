//! What the three small AWS have in common.

use std::fmt::Debug;

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout::{
    Active, Answer, Engine, Gated, Hold, Intent, Observed, OnCancel, OnForeign, Phase,
    ScalingDuring, Seen, Spec, Step,
};

/// When every story begins. Only distances from it matter.
pub(crate) const BEGINNING: i64 = 1_000_000;

/// Seconds between two looks at AWS.
pub(crate) const POLL: i64 = 30;

/// Seconds a run has.
pub(crate) const TIME_LIMIT: i64 = 1800;

/// Tasks of each side.
pub(crate) const DESIRED: u32 = 2;

/// A revision: what is live at first is `A`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Revision {
    A,
    B,
    C,
}

/// An intention: what one apply wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) revision: Revision,
    /// In steps with gates, which wait for us; otherwise AWS decides how traffic moves (or we move all at once).
    pub(crate) steps: bool,
    /// Leave a rollout running when cancelled or out of time.
    pub(crate) leaves: bool,
}

impl Wish {
    pub(crate) fn spec(self, engine: Engine, intent: Intent, deadline: Timestamp) -> Spec {
        let hold = |tenths, seconds| Hold { tenths, seconds };
        Spec {
            engine,
            intent,
            force: false,
            deadline,
            on_cancel: if self.leaves {
                OnCancel::Leave
            } else {
                OnCancel::Rollback
            },
            on_foreign: OnForeign::Wait,
            desired: DESIRED,
            steps: match (engine, self.steps) {
                (Engine::CodeDeploy, _) | (Engine::Ecs, false) => Vec::new(),
                (Engine::Ecs | Engine::External, true) => vec![hold(100, 40), hold(1000, 0)],
                (Engine::External, false) => vec![hold(1000, 0)],
            },
            gated: Gated {
                step: self.steps,
                bake: self.steps,
                ..Gated::default()
            },
            holds: self.steps && engine != Engine::External,
            scaling: ScalingDuring::Keep,
        }
    }
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

/// How a call ended.
pub(crate) enum Called {
    Done {
        started: Option<String>,
    },
    /// Not now: the same is decided again.
    NotYet,
    /// It names what is not there any more.
    Failed,
}

/// A small AWS: one service, with what AWS documents about its deployments.
pub(crate) trait Cloud: Clone + Debug {
    const ENGINE: Engine;

    /// `A` is live, nothing runs.
    fn found() -> Self;

    /// What somebody sees who waits for `phase`. The time, the answer and the verdicts are the run's.
    fn show(&self, spec: &Spec, wish: Wish, phase: &Phase, now: i64, into: &mut Observed);

    /// Why the effect must not be performed here; looked at before it is.
    fn objection(&self, wish: Wish, step: &Step) -> Option<String>;

    /// Performs an effect of the run with this number, which decided on what it saw in `seen`.
    fn perform(&mut self, wish: Wish, step: &Step, seen: &Self, run: u8) -> Called;

    /// What AWS does by itself in that time.
    fn pass(&mut self, seconds: i64);

    /// What tasks and other people may do at this moment.
    fn happenings(&self) -> Vec<(&'static str, Self)>;

    /// Everything can start, and serves.
    fn heal(&mut self);

    /// Whether the service is gone: the next apply creates it.
    fn is_gone(&self) -> bool;

    /// An apply has ended well, and takes its mark away.
    fn unmark(&mut self);

    /// AWS is what `wish` says, all of it, and nothing runs.
    fn is_as(&self, wish: Wish) -> bool;

    /// Somebody else has to act before an apply can get its turn.
    fn is_held_by_somebody(&self, wish: Wish) -> bool;
}

/// An observation of nothing yet.
pub(crate) fn nothing(now: i64, cancelled: bool, answer: Answer) -> Observed {
    Observed {
        now: at(now),
        cancelled,
        service: Seen::Active(Active::default()),
        followed: None,
        newest: None,
        answer,
        gate: None,
        sides: None,
    }
}
