//! How a run ends.

/// How a run ends. Only [`Outcome::Succeeded`] is success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A service of that name exists and is not ours.
    AlreadyExists,
    /// Cancelled; nothing was undone.
    Cancelled {
        /// A rollout that goes on without us.
        left_running: Option<String>,
    },
    /// The service has another controller than wanted.
    ControllerDiffers,
    /// The rollout has succeeded and its new revision is live, but the gates asked afterwards failed. The old
    /// revision runs no more.
    LiveButUnhealthy {
        /// Its id.
        deployment: Option<String>,
    },
    /// It failed and nothing undid it (CodeDeploy without a rollback).
    DeploymentFailed {
        /// Its id.
        deployment: String,
    },
    /// The first rollout cannot succeed, and there is nothing to go back to.
    FirstRolloutFailed {
        /// Its id; absent under CodeDeploy.
        deployment: Option<String>,
    },
    /// A gate asked before the rollout failed: nothing was begun.
    HeldBack,
    /// A deployment is in the way, and this run cannot end it.
    InTheWay {
        /// Its id.
        deployment: String,
        /// Why not.
        obstacle: Obstacle,
    },
    /// AWS has confirmed the service and a deployment of it, and lists no deployment at all: whether the revision became
    /// live cannot be told.
    NotListed,
    /// It was to be undone, and AWS refused to stop it: it runs on without us.
    NotUndone {
        /// Its id.
        deployment: String,
        /// Why it was to be undone.
        cause: Cause,
    },
    /// It was to be undone, and that failed as well.
    RollbackFailed {
        /// Its id.
        deployment: String,
        /// Why it was undone.
        cause: Cause,
    },
    /// It was undone.
    RolledBack {
        /// Its id.
        deployment: String,
        /// Why.
        cause: Cause,
    },
    /// It was stopped where it was.
    Stopped {
        /// Its id.
        deployment: String,
        /// Why.
        cause: Cause,
    },
    /// Everything is as wanted.
    Succeeded {
        /// The rollout that made it so, if one was needed.
        deployment: Option<String>,
    },
    /// Another rollout, to something else, took over.
    Superseded {
        /// Ours.
        deployment: Option<String>,
        /// The other.
        by: String,
    },
    /// The deadline has passed.
    TimedOut {
        /// A rollout (ours or another) that goes on without us.
        left_running: Option<String>,
    },
    /// The service was deleted meanwhile.
    Vanished,
}

/// Why a deployment that is not wanted is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is somebody else's, and waits at a pause until somebody lets it go on.
    Paused,
    /// It goes to what is wanted, and waits at a pause that is not in the configuration, until somebody lets it go on.
    PausedByOthers,
    /// AWS refused to stop it.
    StopRefused,
}

/// Why a rollout was undone or stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// AWS (or somebody at AWS) did it.
    Aws,
    /// The user cancelled.
    Cancelled,
    /// The deadline passed.
    Deadline,
    /// A gate failed.
    Gate,
    /// The tasks of the new revision keep failing.
    Hopeless,
    /// The new revision had traffic and no healthy target.
    Unavailable,
}

impl Cause {
    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Cancelled => "cancelled",
            Self::Deadline => "deadline",
            Self::Gate => "gate",
            Self::Hopeless => "hopeless",
            Self::Unavailable => "unavailable",
        }
    }
}
