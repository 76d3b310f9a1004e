//! What the user wants, as far as decisions look at it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::weights::Share;
use crate::words::LifecycleStage;

/// Who moves traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// AWS CodeDeploy: a rollout is a CodeDeploy deployment, a rollback is another one.
    CodeDeploy,
    /// ECS: a rollout is a service deployment that carries its own rollback.
    Ecs,
    /// We do: a rollout is a second task set, and the weights of the production rule.
    External,
}

/// One weight that is held on purpose: with gates, for some time, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Production weight of the new revision.
    pub share: Share,
    /// Seconds it is held at least.
    pub seconds: u32,
}

/// Where gates are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gated {
    /// Before anything of the rollout is begun.
    pub before_start: bool,
    /// Before the new revision gets production traffic.
    pub before_traffic: bool,
    /// While it has some of it.
    pub step: bool,
    /// While it has all of it and the old one still runs.
    pub bake: bool,
    /// When the rollout has ended well.
    pub after: bool,
}

/// A moment of a rollout for which gates exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Nothing of it has begun: the running revision has all traffic.
    BeforeStart,
    /// The new revision runs and has no production traffic.
    BeforeTraffic,
    /// It has some.
    Step {
        /// Some of it, not all.
        share: Share,
    },
    /// It has all, and the old revision still runs.
    Bake,
    /// The rollout has ended well.
    After,
}

/// What happens to automatic scaling while a rollout runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScalingDuring {
    /// Nothing.
    #[default]
    Keep,
    /// Scaling in, out and by schedule are suspended.
    SuspendAll,
    /// Scaling in is suspended.
    SuspendIn,
}

/// Whether the service is expected to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A service that exists already is someone else's, unless it carries our mark.
    Create,
    /// The service is ours.
    Update,
}

/// What a cancelled or timed-out run does with the rollout it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnCancel {
    /// Leave it running.
    Leave,
    /// Stop it and roll back.
    Rollback,
}

/// What is done about a deployment to something else that somebody else has begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnForeign {
    /// It is stopped, with a rollback.
    Stop,
    /// It is waited for, as long as it moves by itself.
    #[default]
    Wait,
}

/// The pauses of ECS that belong to the configuration: those that an apply ends itself, and those that a person ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    /// Stages at which a deployment waits for the apply.
    pub own: BTreeSet<LifecycleStage>,
    /// Stages at which it waits for a person to approve.
    pub approvals: BTreeSet<LifecycleStage>,
    /// Held weights that a person ends.
    pub approved_weights: BTreeSet<Share>,
}

impl Pauses {
    /// Whether an apply may end a pause at this stage.
    pub(crate) fn is_own(&self, stage: Option<&LifecycleStage>) -> bool {
        stage.is_some_and(|stage| is_among(&self.own, stage))
    }

    /// Whether a person has to end a pause at this stage. Where the stage is not known, that is the safe guess.
    pub(crate) fn is_approval(&self, stage: Option<&LifecycleStage>) -> bool {
        match stage {
            None | Some(LifecycleStage::Unknown(_)) => !self.approvals.is_empty(),
            Some(stage) => is_among(&self.approvals, stage),
        }
    }
}

/// Nothing pauses while traffic moves: with that word AWS means the pause before.
fn is_among(stages: &BTreeSet<LifecycleStage>, stage: &LifecycleStage) -> bool {
    stages.contains(stage)
        || *stage == LifecycleStage::ProductionTrafficShift
            && stages.contains(&LifecycleStage::PreProductionTrafficShift)
        || *stage == LifecycleStage::TestTrafficShift
            && stages.contains(&LifecycleStage::PostTestTrafficShift)
}

/// What is wanted. What the revision looks like is compared by the observer and arrives as
/// [`crate::Differences`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Who moves traffic.
    pub engine: Engine,
    /// Whether the service is expected to exist.
    pub intent: Intent,
    /// Roll out even when nothing differs.
    pub force: bool,
    /// When the run must be over; a rollback begun by then may take
    /// [`crate::ROLLBACK_ALLOWANCE_SECONDS`] longer.
    pub deadline: Timestamp,
    /// What a cancelled or timed-out run does.
    pub on_cancel: OnCancel,
    /// What is done about somebody else's deployment.
    pub on_foreign: OnForeign,
    /// Tasks wanted.
    pub desired: u32,
    /// The weights that are held, in rising order, the last one 1000. Empty: AWS decides how traffic moves
    /// (always so under CodeDeploy, never under [`Engine::External`]).
    pub steps: Vec<Hold>,
    /// Where gates are asked.
    pub gated: Gated,
    /// The deployment waits for us at its stages (pause hooks, CodeDeploy's READY wait): it goes on only when
    /// we say so.
    pub holds: bool,
    /// Which pauses of ECS are ours, and which are left to a person.
    pub pauses: Pauses,
    /// What happens to automatic scaling meanwhile.
    pub scaling: ScalingDuring,
    /// This one rollout is sent with other settings than those that are wanted: however it ends, they are put in force
    /// again.
    pub only_now: bool,
}

impl Spec {
    /// Whether gates are asked at `moment`.
    pub fn is_gated(&self, moment: Moment) -> bool {
        match moment {
            Moment::BeforeStart => self.gated.before_start,
            Moment::BeforeTraffic => self.gated.before_traffic,
            Moment::Step { .. } => self.gated.step,
            Moment::Bake => self.gated.bake,
            Moment::After => self.gated.after,
        }
    }
}
