//! What a run waits for.

use jiff::Timestamp;

use crate::outcome::{Cause, Outcome};

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
    /// The run is over.
    Settled(Outcome),
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
    /// The deployment that the next observation must show.
    pub fn followed(&self) -> Option<&str> {
        match self {
            Self::AwaitOutcome { deployment } => Some(deployment),
            Self::AwaitRollback {
                deployment,
                rollback,
                ..
            } => Some(rollback.as_ref().unwrap_or(deployment)),
            Self::AwaitAdjusted { .. }
            | Self::AwaitCreated { .. }
            | Self::AwaitDeployment { .. }
            | Self::AwaitSteady
            | Self::AwaitTurn
            | Self::Settled(_) => None,
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
            Self::AwaitSteady => "AwaitSteady",
            Self::AwaitTurn => "AwaitTurn",
            Self::Settled(_) => "Settled",
        }
    }
}
