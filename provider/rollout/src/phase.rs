//! What a run waits for.

mod sides;

use jiff::Timestamp;

pub use sides::{
    Asked, Clearing, CreatingSide, Draining, Gating, Holding, Missing, Promoting, Returning,
    Shifting, SidePhase, StartingSide, Testing,
};

use crate::outcome::{Cause, Outcome};

/// What a run waits for. Each phase carries all a run knows, so that nothing is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Settings were sent (or are compared for the last time).
    AwaitAdjusted(Adjusting),
    /// CreateService was sent.
    AwaitCreated(Creating),
    /// A rollout is necessary; the gates asked before it begins are not decided yet.
    AwaitGo(Ahead),
    /// A rollout was asked for; AWS does not show it yet.
    AwaitDeployment(Starting),
    /// Our rollout runs.
    AwaitOutcome(Following),
    /// Our rollout is being undone or stopped.
    AwaitRollback(Undoing),
    /// The first tasks of a service under CodeDeploy start; there is no deployment to follow.
    AwaitSteady,
    /// The service is not free for our change yet, or was not looked at yet.
    AwaitTurn,
    /// A deployment that is not wanted, which an earlier run has left (or which is to be stopped, whoever began
    /// it), is taken back.
    AwaitTakenBack(TakingBack),
    /// The production rule was rewritten, or the controller was changed.
    AwaitSwitched(Switching),
    /// Automatic scaling is being resumed; nothing else is left to do.
    AwaitScalingResumed(Resuming),
    /// Automatic scaling is being suspended; then the rollout starts.
    AwaitScalingSuspended(Suspending),
    /// The rollout has succeeded; the gates asked afterwards are not decided yet.
    AwaitVerdict(Asking),
    /// A rollout whose traffic we move ([`crate::Engine::External`]).
    Sides(SidePhase),
    /// The run is over.
    Settled(Outcome),
}

/// Settings are compared, and sent where they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjusting {
    /// What comes after.
    pub next: Next,
    /// When they were sent; `None` before.
    pub asked_at: Option<Timestamp>,
}

/// CreateService was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creating {
    /// When.
    pub asked_at: Timestamp,
}

/// A rollout was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starting {
    /// When.
    pub asked_at: Timestamp,
    /// The newest deployment at that moment: ours is a newer one.
    pub before: Option<String>,
}

/// Our rollout is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    /// Its id.
    pub deployment: String,
    /// What is remembered of it between polls.
    pub watch: Watching,
}

/// Our rollout is undone or stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoing {
    /// Its id.
    pub deployment: String,
    /// The deployment that undoes it (CodeDeploy only), once known.
    pub rollback: Option<String>,
    /// Why.
    pub cause: Cause,
    /// When we asked AWS to stop it; `None` when AWS began by itself.
    pub asked_at: Option<Timestamp>,
    /// When waiting ends.
    pub until: Timestamp,
}

/// A deployment that is not wanted is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakingBack {
    /// Its id.
    pub deployment: String,
    /// When AWS was asked to stop it last; `None` before.
    pub asked_at: Option<Timestamp>,
}

/// A step was taken that moves no revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switching {
    /// Which.
    pub step: Switch,
    /// When.
    pub asked_at: Timestamp,
    /// The newest deployment at that moment.
    pub before: Option<String>,
}

/// Automatic scaling is resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resuming {
    /// How the run ends then.
    pub then: Outcome,
    /// When it was asked for last.
    pub asked_at: Timestamp,
    /// When waiting ends.
    pub until: Timestamp,
}

/// Automatic scaling is suspended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspending {
    /// The phase in which the rollout was to start.
    pub then: Box<Phase>,
    /// When it was asked for last.
    pub asked_at: Timestamp,
}

/// The gates asked before a rollout begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// The phase in which the rollout was to begin.
    pub then: Box<Phase>,
    /// They have passed.
    pub passed: bool,
}

/// The gates asked after a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// The rollout.
    pub deployment: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

/// Which step was taken that moves no revision: towards another controller, or traffic that was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
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

/// What comes after settings were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The end; with the rollout that succeeded before, if there was one.
    End(Option<String>),
    /// The end of a run that has not succeeded.
    Over {
        /// How it ends.
        outcome: Outcome,
        /// When waiting ends.
        until: Timestamp,
    },
    /// The rollout.
    Rollout,
}

macro_rules! contents {
    ($($variant:ident($content:ident),)+) => {$(
        impl From<$content> for Phase {
            fn from(content: $content) -> Self {
                Self::$variant(content)
            }
        }
    )+};
}

contents! {
    AwaitAdjusted(Adjusting),
    AwaitCreated(Creating),
    AwaitDeployment(Starting),
    AwaitGo(Ahead),
    AwaitOutcome(Following),
    AwaitRollback(Undoing),
    AwaitTakenBack(TakingBack),
    AwaitSwitched(Switching),
    AwaitScalingResumed(Resuming),
    AwaitScalingSuspended(Suspending),
    AwaitVerdict(Asking),
    Sides(SidePhase),
}

macro_rules! of_sides {
    ($($content:ident,)+) => {$(
        impl From<$content> for Phase {
            fn from(content: $content) -> Self {
                Self::Sides(SidePhase::from(content))
            }
        }
    )+};
}

of_sides! {
    Clearing,
    CreatingSide,
    StartingSide,
    Testing,
    Gating,
    Shifting,
    Holding,
    Promoting,
    Draining,
    Returning,
    Missing,
}

impl Phase {
    /// The beginning of following a rollout.
    pub fn following(deployment: String) -> Self {
        Self::AwaitOutcome(Following {
            deployment,
            watch: Watching::default(),
        })
    }

    /// The deployment that the next observation must show.
    pub fn followed(&self) -> Option<&str> {
        match self {
            Self::AwaitOutcome(following) => Some(&following.deployment),
            Self::AwaitTakenBack(taking) => Some(&taking.deployment),
            Self::AwaitRollback(undoing) => Some(undoing.followed()),
            Self::AwaitScalingSuspended(suspending) => suspending.then.followed(),
            Self::AwaitGo(ahead) => ahead.then.followed(),
            Self::AwaitAdjusted(_)
            | Self::AwaitCreated(_)
            | Self::AwaitDeployment(_)
            | Self::AwaitScalingResumed(_)
            | Self::AwaitSteady
            | Self::AwaitSwitched(_)
            | Self::AwaitTurn
            | Self::AwaitVerdict(_)
            | Self::Settled(_)
            | Self::Sides(_) => None,
        }
    }

    /// The deployment or task set that runs on when the run ends in this phase.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Sides(phase) => phase.side(),
            Self::AwaitAdjusted(_)
            | Self::AwaitCreated(_)
            | Self::AwaitDeployment(_)
            | Self::AwaitGo(_)
            | Self::AwaitOutcome(_)
            | Self::AwaitRollback(_)
            | Self::AwaitScalingResumed(_)
            | Self::AwaitScalingSuspended(_)
            | Self::AwaitSteady
            | Self::AwaitSwitched(_)
            | Self::AwaitTakenBack(_)
            | Self::AwaitTurn
            | Self::AwaitVerdict(_)
            | Self::Settled(_) => self.followed(),
        }
    }

    /// The phase's name, for logs and timelines.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AwaitAdjusted(_) => "AwaitAdjusted",
            Self::AwaitCreated(_) => "AwaitCreated",
            Self::AwaitDeployment(_) => "AwaitDeployment",
            Self::AwaitGo(_) => "AwaitGo",
            Self::AwaitOutcome(_) => "AwaitOutcome",
            Self::AwaitRollback(_) => "AwaitRollback",
            Self::AwaitScalingResumed(_) => "AwaitScalingResumed",
            Self::AwaitScalingSuspended(_) => "AwaitScalingSuspended",
            Self::AwaitSteady => "AwaitSteady",
            Self::AwaitSwitched(_) => "AwaitSwitched",
            Self::AwaitTakenBack(_) => "AwaitTakenBack",
            Self::AwaitTurn => "AwaitTurn",
            Self::AwaitVerdict(_) => "AwaitVerdict",
            Self::Settled(_) => "Settled",
            Self::Sides(phase) => phase.name(),
        }
    }
}

impl Undoing {
    /// The deployment whose end is waited for: the one that undoes ours, once known, else ours.
    pub fn followed(&self) -> &str {
        self.rollback.as_ref().unwrap_or(&self.deployment)
    }
}
