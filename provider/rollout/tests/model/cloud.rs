//! What the small AWS have in common.

use std::fmt::Debug;

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout::weights::Share;
use switchyard_rollout::{
    Active, Answer, Differences, Effect, Engine, Gated, Hold, Intent, LifecycleStage, Mark,
    Observed, OnCancel, OnForeign, Pauses, Phase, ScalingDuring, ScalingEffect, ScalingSeen, Seen,
    Spec,
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
    pub(crate) engine: Engine,
    pub(crate) revision: Revision,
    /// In steps with gates, which wait for us; otherwise AWS decides how traffic moves (or we move all at once).
    pub(crate) steps: bool,
    /// Leave a rollout running when cancelled or out of time.
    pub(crate) leaves: bool,
    /// Stop what somebody else has begun.
    pub(crate) stops: bool,
    /// Ask gates when the rollout has ended well, too.
    pub(crate) asks_after: bool,
    /// Suspend automatic scaling meanwhile.
    pub(crate) suspends: bool,
    /// Send the rollout with settings of its own.
    pub(crate) only_now: bool,
}

impl Wish {
    /// Without any option.
    pub(crate) fn plain(engine: Engine, revision: Revision, steps: bool) -> Self {
        Self {
            engine,
            revision,
            steps,
            leaves: false,
            stops: false,
            asks_after: false,
            suspends: false,
            only_now: false,
        }
    }

    pub(crate) fn spec(self, intent: Intent, deadline: Timestamp) -> Spec {
        let hold = |tenths, seconds| Hold {
            share: Share::of_tenths(tenths),
            seconds,
        };
        Spec {
            engine: self.engine,
            intent,
            force: false,
            deadline,
            on_cancel: if self.leaves {
                OnCancel::Leave
            } else {
                OnCancel::Rollback
            },
            on_foreign: if self.stops {
                OnForeign::Stop
            } else {
                OnForeign::Wait
            },
            desired: DESIRED,
            steps: match (self.engine, self.steps) {
                (Engine::CodeDeploy, _) | (Engine::Ecs, false) => Vec::new(),
                (Engine::Ecs | Engine::External, true) => vec![hold(100, 40), hold(1000, 0)],
                (Engine::External, false) => vec![hold(1000, 0)],
            },
            gated: Gated {
                before_start: false,
                before_traffic: self.steps,
                step: self.steps,
                bake: self.steps,
                after: self.asks_after,
            },
            holds: self.steps && self.engine != Engine::External,
            pauses: own_pauses(),
            scaling: if self.suspends {
                ScalingDuring::SuspendAll
            } else {
                ScalingDuring::Keep
            },
            only_now: self.only_now,
        }
    }

    pub(crate) fn words(self) -> String {
        let engine = match self.engine {
            Engine::CodeDeploy => "CodeDeploy",
            Engine::Ecs => "ECS",
            Engine::External => "task sets",
        };
        let how = if self.steps { "in steps" } else { "at once" };
        let mut text = format!("{:?} by {engine}, {how}", self.revision);
        let options = [
            (self.leaves, "leaving it when cancelled"),
            (self.stops, "stopping what others deploy"),
            (self.asks_after, "with gates afterwards"),
            (self.suspends, "with scaling suspended"),
            (self.only_now, "with settings of its own"),
        ];
        for (_, words) in options.into_iter().filter(|(is_set, _)| *is_set) {
            text.push_str(", ");
            text.push_str(words);
        }
        text
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
    /// What somebody sees who waits for `phase`. The time, the answer and the verdicts are the run's.
    fn show(&self, wish: Wish, phase: &Phase, now: i64, into: &mut Observed);

    /// Why the effect, decided on what was seen, must not be performed here; looked at before it is.
    fn objection(&self, wish: Wish, seen: &Observed, step: &Effect) -> Option<String>;

    /// Performs an effect of the run with this number, which decided on what it saw in `seen`.
    fn perform(&mut self, wish: Wish, step: &Effect, seen: &Self, run: u8) -> Called;

    /// What AWS does by itself in that time.
    fn pass(&mut self, seconds: i64);

    /// What tasks and other people may do at this moment, to an active service.
    fn happenings(&self) -> Vec<(&'static str, Self)>;

    /// Everything can start, and serves.
    fn heal(&mut self);

    /// AWS is what `wish` says, all of it, and nothing runs.
    fn is_as(&self, wish: Wish) -> bool;

    /// Somebody else has to act before an apply can get its turn.
    fn is_held_by_somebody(&self, wish: Wish) -> bool;

    /// What does not depend on who moves traffic.
    fn service(&self) -> &Service;

    /// The same.
    fn service_mut(&mut self) -> &mut Service;

    /// The service is deleted, with all it has.
    fn destroy(&mut self);

    /// The same AWS after a change.
    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }
}

/// Whether the service exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existence {
    Absent,
    Draining,
    Active,
}

/// A service, whoever moves its traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) existence: Existence,
    /// Its first rollout has not ended.
    pub(crate) is_marked: bool,
    settings_differ: bool,
    /// Those of one rollout are in force.
    pub(crate) has_its_own: bool,
    /// Somebody has scaled it to no tasks.
    pub(crate) is_empty: bool,
    /// Automatic scaling is suspended, with our note.
    pub(crate) is_suspended: bool,
    /// Production goes to the side without targets.
    pub(crate) is_lost: bool,
}

impl Service {
    pub(crate) fn found() -> Self {
        Self {
            existence: Existence::Active,
            is_marked: false,
            settings_differ: false,
            has_its_own: false,
            is_empty: false,
            is_suspended: false,
            is_lost: false,
        }
    }

    pub(crate) fn desired(&self) -> u32 {
        if self.is_empty { 0 } else { DESIRED }
    }

    /// What a look shows of it; whose traffic moves adds the rest.
    pub(crate) fn seen(&self, revision_differs: bool) -> Seen {
        match self.existence {
            Existence::Absent => Seen::Absent,
            Existence::Draining => Seen::Draining,
            Existence::Active => Seen::Active(Active {
                mark: if self.is_marked {
                    Mark::Ours
                } else {
                    Mark::Absent
                },
                differs: Differences {
                    revision: revision_differs,
                    settings: self.settings_differ || self.has_its_own || self.is_empty,
                },
                desired: self.desired(),
                scaling: if self.is_suspended {
                    ScalingSeen::Suspended
                } else {
                    ScalingSeen::Free
                },
                ..Active::default()
            }),
        }
    }

    /// Nothing but the revision may differ.
    pub(crate) fn is_as_configured(&self) -> bool {
        self.existence == Existence::Active
            && !self.settings_differ
            && !self.has_its_own
            && !self.is_empty
            && !self.is_suspended
            && !self.is_lost
    }

    /// CreateService; not while the name is taken.
    pub(crate) fn create(&mut self) -> bool {
        let is_free = self.existence == Existence::Absent;
        if is_free {
            // It begins in the group that production goes to.
            *self = Self {
                is_marked: true,
                ..Self::found()
            };
        }
        is_free
    }

    /// Settings and desired count are sent.
    pub(crate) fn adjust(&mut self) {
        self.settings_differ = false;
        self.has_its_own = false;
        self.is_empty = false;
    }

    /// Those of the effects that are the same under every controller.
    pub(crate) fn perform(&mut self, step: &Effect) {
        match step {
            Effect::Adjust => self.adjust(),
            Effect::Scaling(ScalingEffect::Resume) => self.is_suspended = false,
            Effect::Scaling(ScalingEffect::Suspend) => self.is_suspended = true,
            Effect::Create
            | Effect::PrepareRoutes
            | Effect::ReturnTraffic
            | Effect::Rollout(_)
            | Effect::Side(_)
            | Effect::StartRollout
            | Effect::SwitchController => panic!("no effect of this engine: {step:?}"),
        }
    }

    /// What other people may do to it.
    pub(crate) fn happenings<C: Cloud>(cloud: &C) -> Vec<(&'static str, C)> {
        let is = cloud.service();
        let mut all = vec![
            ("somebody deletes the service", cloud.with(C::destroy)),
            (
                "somebody changes a setting",
                cloud.with(|cloud| cloud.service_mut().settings_differ = true),
            ),
        ];
        if !is.is_empty {
            all.push((
                "somebody scales it to no tasks",
                cloud.with(|cloud| cloud.service_mut().is_empty = true),
            ));
        }
        if is.is_suspended {
            all.push((
                "somebody resumes scaling",
                cloud.with(|cloud| cloud.service_mut().is_suspended = false),
            ));
        }
        all
    }
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

/// Every stage at which an apply may have a pause.
fn own_pauses() -> Pauses {
    let own = [
        LifecycleStage::PostScaleUp,
        LifecycleStage::PostTestTrafficShift,
        LifecycleStage::PreProductionTrafficShift,
        LifecycleStage::PostProductionTrafficShift,
    ];
    Pauses {
        own: own.into(),
        ..Pauses::default()
    }
}
