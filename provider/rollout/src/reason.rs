//! Why a decision was taken, as facts.

use std::fmt;

/// Why. `Display` is a short clause for logs and timelines.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// AWS has not shown the effect yet.
    AnswerPending,
    /// AWS showed no effect for a while, so it is asked again.
    AskedWithoutEffect,
    /// The user cancelled.
    Cancelled,
    /// The deadline passed.
    DeadlinePassed,
    /// The deployment is not shown (any more).
    DeploymentNotShown,
    /// Settings, desired count or tags differ.
    Different,
    /// The run is over.
    Ended,
    /// Too many tasks of the new revision failed.
    TasksFail {
        /// How many.
        failed: u32,
    },
    /// The service still has to be created.
    Missing,
    /// The name is taken by a service that is still draining.
    NameDraining,
    /// Someone else's service has the name.
    NameTaken,
    /// A rollout to something else is under way.
    OtherRolloutRunning {
        /// Its id.
        deployment: String,
    },
    /// The service has another controller.
    OtherController,
    /// The rollout is under way.
    Progress {
        /// Stage or status word.
        stage: String,
        /// Percent of production traffic on the new revision.
        weight: Option<f64>,
    },
    /// The revision differs, or a rollout is forced.
    RevisionDiffers,
    /// The rollout is being undone.
    RollingBack {
        /// Stage or status word.
        stage: String,
    },
    /// A rollout towards what is wanted runs already.
    RolloutFound,
    /// The service is gone.
    ServiceGone,
    /// Tasks of a new service start.
    TasksStarting,
    /// A status word this build does not know.
    UnknownWord(String),
    /// CodeDeploy waits for somebody to continue the deployment.
    WaitsForApproval,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnswerPending => f.write_str("AWS has not shown the effect yet"),
            Self::AskedWithoutEffect => f.write_str("asked before without effect"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::DeadlinePassed => f.write_str("the time limit has passed"),
            Self::DeploymentNotShown => f.write_str("AWS does not show the deployment"),
            Self::Different => f.write_str("settings differ"),
            Self::Ended => f.write_str("over"),
            Self::TasksFail { failed } => {
                write!(f, "{failed} tasks of the new revision failed")
            }
            Self::Missing => f.write_str("the service does not exist"),
            Self::NameDraining => f.write_str("a deleted service of this name is still draining"),
            Self::NameTaken => f.write_str("another service has this name"),
            Self::OtherRolloutRunning { deployment } => {
                write!(f, "another rollout is under way: {deployment}")
            }
            Self::OtherController => f.write_str("the service has another controller"),
            Self::Progress {
                stage,
                weight: Some(weight),
            } => write!(f, "{stage}, {weight} % on the new revision"),
            Self::Progress {
                stage,
                weight: None,
            } => f.write_str(stage),
            Self::RevisionDiffers => f.write_str("the revision differs"),
            Self::RollingBack { stage } => write!(f, "rolling back: {stage}"),
            Self::RolloutFound => f.write_str("a rollout to what is wanted is under way"),
            Self::ServiceGone => f.write_str("the service is gone"),
            Self::TasksStarting => f.write_str("tasks are starting"),
            Self::UnknownWord(word) => write!(f, "AWS says {word}, which is unknown here"),
            Self::WaitsForApproval => f.write_str("CodeDeploy waits to be continued"),
        }
    }
}
