//! What a run waits for.

use jiff::Timestamp;

use crate::outcome::{Cause, Outcome};
use crate::step::Step;

/// What a run waits for. Each phase carries all a run knows, so that nothing is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Settings were sent (or are compared for the last time).
    AwaitAdjusted {
        /// What comes after.
        next: Next,
        /// When they were sent; `None` before.
        asked_at: Option<Timestamp>,
    },
    /// CreateService was sent.
    AwaitCreated {
        /// When.
        asked_at: Timestamp,
    },
    /// A rollout was asked for; AWS does not show it yet.
    AwaitDeployment {
        /// When.
        asked_at: Timestamp,
        /// The newest deployment at that moment: ours is a newer one.
        before: Option<String>,
    },
    /// Our rollout runs.
    AwaitOutcome {
        /// Its id.
        deployment: String,
        /// What is remembered of it between polls.
        watch: Watching,
    },
    /// Our rollout is being undone or stopped.
    AwaitRollback {
        /// Its id.
        deployment: String,
        /// The deployment that undoes it (CodeDeploy only), once known.
        rollback: Option<String>,
        /// Why.
        cause: Cause,
        /// When we asked AWS to stop it; `None` when AWS began by itself.
        asked_at: Option<Timestamp>,
        /// When waiting ends.
        until: Timestamp,
    },
    /// The first tasks of a service under CodeDeploy start; there is no deployment to follow.
    AwaitSteady,
    /// The service is not free for our change yet, or was not looked at yet.
    AwaitTurn,
    /// A deployment that is not wanted, which an earlier run has left (or which is to be stopped, whoever began
    /// it), is taken back.
    AwaitTakenBack {
        /// Its id.
        deployment: String,
        /// When AWS was asked to stop it last; `None` before.
        asked_at: Option<Timestamp>,
    },
    /// The production rule was rewritten, or the controller was changed.
    AwaitSwitched {
        /// Which of the two.
        step: Switching,
        /// When.
        asked_at: Timestamp,
        /// The newest deployment at that moment.
        before: Option<String>,
    },
    /// Automatic scaling is being resumed; nothing else is left to do.
    AwaitScalingResumed {
        /// How the run ends then.
        then: Outcome,
        /// When it was asked for last.
        asked_at: Timestamp,
        /// When waiting ends.
        until: Timestamp,
    },
    /// Automatic scaling is being suspended; then the rollout starts.
    AwaitScalingSuspended {
        /// The phase in which it was to start.
        then: Box<Phase>,
        /// When it was asked for last.
        asked_at: Timestamp,
    },
    /// The rollout has succeeded; the gates asked afterwards are not decided yet.
    AwaitVerdict {
        /// The rollout.
        deployment: Option<String>,
        /// Since when.
        since: Timestamp,
    },
    /// A rollout whose traffic we move ([`crate::Engine::External`]).
    Sides(SidePhase),
    /// The run is over.
    Settled(Outcome),
}

/// Which step was taken that moves no revision: towards another controller, or traffic that was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switching {
    /// The production rule was rewritten.
    Routes,
    /// The controller was changed.
    Controller,
    /// Production traffic was sent back to the live side.
    Traffic,
}

/// What is remembered of a running rollout between polls. A run that was killed begins with nothing, which
/// only makes it hold longer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watching {
    /// The hold we are in: its id, and since when.
    pub held: Option<(String, Timestamp)>,
    /// The hold we have let go last, and when.
    pub continued: Option<(String, Timestamp)>,
    /// Since when the new side has traffic and no healthy target.
    pub unavailable_since: Option<Timestamp>,
}

/// What a rollout waits for whose traffic we move. A run that was killed finds its place again from the task
/// sets and their shares alone; what it forgets only makes it hold or drain longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SidePhase {
    /// What earlier rollouts have left behind loses its traffic, drains and is deleted; then ours begins.
    AwaitCleared {
        /// The effect that was asked for last.
        asked: Option<Asked>,
        /// Since when none of it has traffic.
        idle_since: Option<Timestamp>,
    },
    /// Its task set was asked for.
    AwaitCreated {
        /// When.
        asked_at: Timestamp,
    },
    /// Its tasks start and become healthy targets.
    AwaitHealthy {
        /// Task set id.
        side: String,
    },
    /// Test traffic was sent to it.
    AwaitTestRoute {
        /// Task set id.
        side: String,
        /// When.
        asked_at: Timestamp,
    },
    /// The gates before traffic are asked.
    AwaitGates {
        /// Task set id.
        side: String,
        /// Since when.
        since: Timestamp,
    },
    /// Traffic was moved.
    AwaitShifted {
        /// Task set id.
        side: String,
        /// To this share, in tenths of a percent.
        tenths: u32,
        /// When.
        asked_at: Timestamp,
        /// Since when it has traffic and no healthy target.
        unavailable_since: Option<Timestamp>,
    },
    /// A weight is held.
    AwaitHold {
        /// Task set id.
        side: String,
        /// The share, in tenths of a percent.
        tenths: u32,
        /// Since when.
        since: Timestamp,
        /// Since when it has traffic and no healthy target.
        unavailable_since: Option<Timestamp>,
    },
    /// It was made the primary one.
    AwaitPromoted {
        /// Task set id.
        side: String,
        /// The side it takes over from, if there is one.
        from: Option<String>,
        /// Since when that one has no traffic.
        idle_since: Timestamp,
        /// When.
        asked_at: Timestamp,
        /// Since when it has traffic and no healthy target.
        unavailable_since: Option<Timestamp>,
    },
    /// The side without traffic drains, and is deleted then.
    AwaitDrained {
        /// The side that stays.
        side: String,
        /// The side it has taken over from in this run; a run that was killed does not know it any more.
        from: Option<String>,
        /// Since when the other one has no traffic.
        since: Timestamp,
        /// The deletion that was asked for last.
        asked: Option<Asked>,
        /// Since when the side that stays has no healthy target.
        unavailable_since: Option<Timestamp>,
    },
    /// All traffic goes back to the old side; then the new one drains and is deleted.
    AwaitReturned {
        /// Task set id of the new side.
        side: String,
        /// Why.
        cause: Cause,
        /// The effect that was asked for last.
        asked: Option<Asked>,
        /// Since when the new side has no traffic.
        idle_since: Option<Timestamp>,
        /// When waiting ends.
        until: Timestamp,
    },
    /// It was shown before and is not any more.
    AwaitShown {
        /// Task set id.
        side: String,
        /// Since when.
        since: Timestamp,
    },
}

/// An effect that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub step: Step,
    /// When.
    pub at: Timestamp,
}

impl SidePhase {
    /// The task set it is about, once there is one.
    pub fn side(&self) -> Option<&str> {
        match self {
            Self::AwaitCleared { .. } | Self::AwaitCreated { .. } => None,
            Self::AwaitHealthy { side }
            | Self::AwaitTestRoute { side, .. }
            | Self::AwaitGates { side, .. }
            | Self::AwaitShifted { side, .. }
            | Self::AwaitHold { side, .. }
            | Self::AwaitPromoted { side, .. }
            | Self::AwaitDrained { side, .. }
            | Self::AwaitReturned { side, .. }
            | Self::AwaitShown { side, .. } => Some(side),
        }
    }

    /// Its name, for logs and timelines.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AwaitCleared { .. } => "AwaitSidesCleared",
            Self::AwaitCreated { .. } => "AwaitSideCreated",
            Self::AwaitHealthy { .. } => "AwaitSideHealthy",
            Self::AwaitTestRoute { .. } => "AwaitTestRoute",
            Self::AwaitGates { .. } => "AwaitGates",
            Self::AwaitShifted { .. } => "AwaitShifted",
            Self::AwaitHold { .. } => "AwaitHold",
            Self::AwaitPromoted { .. } => "AwaitPromoted",
            Self::AwaitDrained { .. } => "AwaitDrained",
            Self::AwaitReturned { .. } => "AwaitReturned",
            Self::AwaitShown { .. } => "AwaitSideShown",
        }
    }
}

/// What comes after settings were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The end; with the rollout that succeeded before, if there was one.
    End(Option<String>),
    /// The rollout.
    Rollout,
}

impl Phase {
    /// The beginning of following a rollout.
    pub fn following(deployment: String) -> Self {
        Self::AwaitOutcome {
            deployment,
            watch: Watching::default(),
        }
    }

    /// The deployment that the next observation must show.
    pub fn followed(&self) -> Option<&str> {
        match self {
            Self::AwaitOutcome { deployment, .. } | Self::AwaitTakenBack { deployment, .. } => {
                Some(deployment)
            }
            Self::AwaitRollback {
                deployment,
                rollback,
                ..
            } => Some(rollback.as_ref().unwrap_or(deployment)),
            Self::AwaitScalingSuspended { then, .. } => then.followed(),
            Self::AwaitAdjusted { .. }
            | Self::AwaitCreated { .. }
            | Self::AwaitDeployment { .. }
            | Self::AwaitScalingResumed { .. }
            | Self::AwaitSteady
            | Self::AwaitSwitched { .. }
            | Self::AwaitTurn
            | Self::AwaitVerdict { .. }
            | Self::Settled(_)
            | Self::Sides(_) => None,
        }
    }

    /// The phase's name, for logs and timelines.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AwaitAdjusted { .. } => "AwaitAdjusted",
            Self::AwaitCreated { .. } => "AwaitCreated",
            Self::AwaitDeployment { .. } => "AwaitDeployment",
            Self::AwaitOutcome { .. } => "AwaitOutcome",
            Self::AwaitRollback { .. } => "AwaitRollback",
            Self::AwaitScalingResumed { .. } => "AwaitScalingResumed",
            Self::AwaitScalingSuspended { .. } => "AwaitScalingSuspended",
            Self::AwaitSteady => "AwaitSteady",
            Self::AwaitSwitched { .. } => "AwaitSwitched",
            Self::AwaitTakenBack { .. } => "AwaitTakenBack",
            Self::AwaitTurn => "AwaitTurn",
            Self::AwaitVerdict { .. } => "AwaitVerdict",
            Self::Settled(_) => "Settled",
            Self::Sides(phase) => phase.name(),
        }
    }
}
