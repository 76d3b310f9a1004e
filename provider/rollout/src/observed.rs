//! What was just seen: one consistent snapshot, including the time.

use jiff::Timestamp;

/// One snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// When.
    pub now: Timestamp,
    /// The user has cancelled.
    pub cancelled: bool,
    /// The service.
    pub service: Seen,
    /// The deployment the phase names, if AWS shows it.
    pub followed: Option<Deployment>,
    /// The newest deployment AWS shows.
    pub newest: Option<Deployment>,
    /// How the last effect's call ended.
    pub answer: Answer,
}

impl Observed {
    /// The service, when it is active.
    pub fn active(&self) -> Option<&Active> {
        match &self.service {
            Seen::Active(active) => Some(active),
            Seen::Absent | Seen::Draining | Seen::Unknown(_) => None,
        }
    }
}

/// The service.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// No service, or an `INACTIVE` one.
    Absent,
    /// `ACTIVE`.
    Active(Active),
    /// `DRAINING`: deleted, but its name is still taken.
    Draining,
    /// A status word this build does not know.
    Unknown(String),
}

/// An active service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Active {
    /// Whose unfinished creation it is.
    pub mark: Mark,
    /// The service has another controller than wanted.
    pub other_controller: bool,
    /// What is not as wanted.
    pub differs: Differences,
    /// All wanted tasks run and nothing moves.
    pub steady: bool,
    /// Tasks the service is to have now; an autoscaler may have changed the number.
    pub desired: u32,
    /// Tasks of the wanted revision that ended badly since the rollout began.
    pub failed_tasks: u32,
}

/// The mark a service carries until its first rollout has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// None.
    #[default]
    Absent,
    /// Someone else's (or ours, for something else).
    Other,
    /// Ours: exactly what is wanted was being created.
    Ours,
}

/// What is not as wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// The revision: needs a rollout.
    pub revision: bool,
    /// Settings, desired count or tags: need none.
    pub settings: bool,
}

/// A rollout as AWS shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// Service deployment ARN or CodeDeploy deployment id.
    pub id: String,
    /// Status.
    pub status: Status,
    /// Where it goes.
    pub heading: Heading,
    /// There is a revision to go back to.
    pub can_roll_back: bool,
    /// Life-cycle stage word.
    pub stage: Option<String>,
    /// Percent of production traffic on the new revision.
    pub weight: Option<f64>,
    /// AWS's circuit breaker has triggered.
    pub breaker_triggered: bool,
    /// The deployment that rolls this one back (CodeDeploy only).
    pub rollback: Option<String>,
    /// A rollback is configured, so one may follow a failure (CodeDeploy only).
    pub rollback_expected: bool,
    /// Ended.
    pub finished_at: Option<Timestamp>,
}

/// Where a rollout goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// To something else than what is wanted.
    Elsewhere,
    /// AWS does not show it yet: shortly after its start the target is missing.
    Unknown,
    /// Exactly to what is wanted.
    Wanted,
}

/// Status of a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// CodeDeploy's.
    CodeDeploy(CodeDeployStatus),
    /// ECS's.
    Ecs(EcsStatus),
}

/// Status of a service deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EcsStatus {
    /// `PENDING`.
    Pending,
    /// `IN_PROGRESS`.
    InProgress,
    /// `STOP_REQUESTED`.
    StopRequested,
    /// `ROLLBACK_REQUESTED`.
    RollbackRequested,
    /// `ROLLBACK_IN_PROGRESS`.
    RollbackInProgress,
    /// `SUCCESSFUL`: the only success.
    Successful,
    /// `STOPPED`.
    Stopped,
    /// `ROLLBACK_SUCCESSFUL`.
    RollbackSuccessful,
    /// `ROLLBACK_FAILED`.
    RollbackFailed,
    /// A word this build does not know.
    Unknown(String),
}

/// Status of a CodeDeploy deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeDeployStatus {
    /// `Created`.
    Created,
    /// `Queued`.
    Queued,
    /// `InProgress`.
    InProgress,
    /// `Baking`.
    Baking,
    /// `Ready`: waits for somebody to continue it.
    Ready,
    /// `Succeeded`: the only success.
    Succeeded,
    /// `Failed`.
    Failed,
    /// `Stopped`.
    Stopped,
    /// A word this build does not know.
    Unknown(String),
}

impl Status {
    /// Whether AWS may still change something because of it. Unknown words may.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Ecs(status) => match status {
                EcsStatus::Pending
                | EcsStatus::InProgress
                | EcsStatus::StopRequested
                | EcsStatus::RollbackRequested
                | EcsStatus::RollbackInProgress
                | EcsStatus::Unknown(_) => true,
                EcsStatus::Successful
                | EcsStatus::Stopped
                | EcsStatus::RollbackSuccessful
                | EcsStatus::RollbackFailed => false,
            },
            Self::CodeDeploy(status) => match status {
                CodeDeployStatus::Created
                | CodeDeployStatus::Queued
                | CodeDeployStatus::InProgress
                | CodeDeployStatus::Baking
                | CodeDeployStatus::Ready
                | CodeDeployStatus::Unknown(_) => true,
                CodeDeployStatus::Succeeded
                | CodeDeployStatus::Failed
                | CodeDeployStatus::Stopped => false,
            },
        }
    }

    /// Whether it ended as wanted.
    pub fn is_success(&self) -> bool {
        matches!(
            self,
            Self::Ecs(EcsStatus::Successful) | Self::CodeDeploy(CodeDeployStatus::Succeeded)
        )
    }
}

/// How the last effect's call ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// AWS has confirmed it; for a start, with the id of what was started when AWS named it.
    Done {
        /// Deployment id.
        started: Option<String>,
    },
    /// No effect was performed yet.
    #[default]
    None,
    /// AWS has refused to stop the rollout.
    StopRefused,
    /// No answer: it may or may not have taken effect.
    Unsure,
}
