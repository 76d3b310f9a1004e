//! What was just seen: one consistent snapshot, including the time.

use jiff::Timestamp;

use crate::spec::{Engine, Moment};
use crate::weights::Share;
use crate::words::{CodeDeployStatus, EcsStatus, LifecycleStage, TaskSetStatus};

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
    /// What the gates say that the last decision asked for ([`crate::Decision::watch`]).
    pub gate: Option<GateSeen>,
    /// The sides of a service under [`crate::Engine::External`].
    pub sides: Option<Sides>,
}

/// What the gates of one moment say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateSeen {
    /// Which moment.
    pub moment: Moment,
    /// What they say together.
    pub verdict: MomentVerdict,
}

/// What gates say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MomentVerdict {
    /// At least one has failed.
    Failed,
    /// At least one could not be decided, and that counts as a failure.
    Inconclusive,
    /// All have passed so far.
    Passed,
    /// Not decided yet.
    Pending,
}

/// The sides of a service whose traffic we move: its task sets and what the rules say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sides {
    /// Task sets, in any order; draining ones too.
    pub all: Vec<Side>,
    /// Seconds a target may go on serving after it lost its traffic (deregistration delay).
    pub drain_seconds: u32,
    /// The side the test rule points at, when there is a test rule.
    pub test: TestRoute,
    /// There is no load balancer: the primary side has all traffic, and making another one primary moves it.
    pub headless: bool,
}

/// Where test traffic goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TestRoute {
    /// There is no test rule.
    #[default]
    Absent,
    /// Somewhere else, or nowhere.
    Elsewhere,
    /// To this task set.
    Side(String),
}

/// One task set.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// Task set id.
    pub id: String,
    /// Whether it is exactly what is wanted.
    pub heading: Heading,
    /// Its status.
    pub status: TaskSetStatus,
    /// Tasks it is to have.
    pub desired: u32,
    /// Tasks that run.
    pub running: u32,
    /// AWS says it is steady, and all its tasks run.
    pub steady: bool,
    /// Healthy targets in its group; `None` without a load balancer, or when that could not be read.
    pub healthy: Option<u32>,
    /// Its share of production traffic. Without a load balancer the primary has all.
    pub share: Share,
    /// Tasks of it that ended badly.
    pub failed_tasks: u32,
}

impl Observed {
    /// What the gates of `moment` say; of another moment it counts for nothing.
    pub(crate) fn verdict_at(&self, moment: Moment) -> Option<MomentVerdict> {
        self.gate
            .filter(|seen| seen.moment == moment)
            .map(|seen| seen.verdict)
    }

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
    /// Its controller.
    pub controller: ControllerSeen,
    /// The production rule forwards to both groups of the pair, and all traffic goes to the live one: a
    /// controller can be changed to ECS.
    pub routes_prepared: bool,
    /// No rollout runs, production traffic goes to a side without any target, and the live side has targets that
    /// serve, or is to have none.
    pub traffic_lost: bool,
    /// The rollout to what is live and wanted has succeeded, and the gates asked after it were not decided: whoever asked
    /// them is gone.
    pub awaits_verdict: bool,
    /// What is not as wanted.
    pub differs: Differences,
    /// All wanted tasks run and nothing moves.
    pub steady: bool,
    /// Tasks the service is to have now; an autoscaler may have changed the number.
    pub desired: u32,
    /// Tasks of the wanted revision that ended badly since the rollout began.
    pub failed_tasks: u32,
    /// A reason for which no task of the wanted revision can ever start; two tasks have shown it.
    pub hopeless: Option<Hopeless>,
    /// Automatic scaling.
    pub scaling: ScalingSeen,
}

/// Whose deployments the service takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ControllerSeen {
    /// As wanted.
    #[default]
    Wanted,
    /// Another one, from which we can change to the wanted one.
    Switchable(Engine),
    /// Another one that cannot be changed to the wanted one, or an unknown word.
    Other,
}

/// Why no task can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hopeless {
    /// The image does not exist or may not be pulled.
    Image,
    /// A secret may not be read or does not exist.
    Secret,
    /// The image is not built for the task's CPU architecture.
    Architecture,
}

impl Hopeless {
    /// A clause.
    pub fn words(self) -> &'static str {
        match self {
            Self::Image => "the image cannot be pulled",
            Self::Secret => "a secret cannot be read",
            Self::Architecture => "the image is built for another CPU architecture",
        }
    }
}

/// Automatic scaling of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScalingSeen {
    /// It has none, or it runs as its owner wants.
    #[default]
    Free,
    /// We have suspended it (the service carries our note), and it is to be resumed when the rollout is over.
    Suspended,
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
    /// Who began it.
    pub begun_by: BegunBy,
    /// There is a revision to go back to.
    pub can_roll_back: bool,
    /// Where it is.
    pub stage: Option<Stage>,
    /// Production traffic on the new revision.
    pub weight: Option<Share>,
    /// It waits for us, at its stage.
    pub paused: Option<Paused>,
    /// Tasks of the new revision.
    pub tasks: Option<Tasks>,
    /// Healthy targets of the new side; `None` when not looked at or without a load balancer.
    pub healthy_new: Option<u32>,
    /// Healthy targets of the old side.
    pub healthy_old: Option<u32>,
    /// AWS's circuit breaker has triggered.
    pub breaker_triggered: bool,
    /// The deployment that rolls this one back (CodeDeploy only).
    pub rollback: Option<String>,
    /// A rollback is configured, so one may follow a failure (CodeDeploy only).
    pub rollback_expected: bool,
    /// Ended.
    pub finished_at: Option<Timestamp>,
}

/// A deployment waits for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paused {
    /// Hook id of a pause hook, or CodeDeploy's wait type.
    pub id: String,
    /// When AWS stops waiting, and rolls back.
    pub expires_at: Option<Timestamp>,
}

/// Tasks of the new revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tasks {
    /// Running.
    pub running: u32,
    /// Wanted.
    pub desired: u32,
}

/// Who began a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BegunBy {
    /// AWS: it undoes another one, and ends by itself.
    Aws,
    /// Somebody else, or nobody knows.
    Other,
    /// An apply of ours, which has left its note.
    Us,
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

/// Where a rollout is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A life-cycle event of CodeDeploy, such as `AfterAllowTestTraffic`: shown, and never decided on.
    CodeDeploy(String),
    /// A life-cycle stage of ECS.
    Ecs(LifecycleStage),
}

impl Stage {
    /// AWS's word.
    pub fn word(&self) -> &str {
        match self {
            Self::CodeDeploy(word) => word,
            Self::Ecs(stage) => stage.word(),
        }
    }
}

impl Deployment {
    /// ECS's life-cycle stage; CodeDeploy has none.
    pub(crate) fn lifecycle_stage(&self) -> Option<&LifecycleStage> {
        match &self.stage {
            Some(Stage::Ecs(stage)) => Some(stage),
            Some(Stage::CodeDeploy(_)) | None => None,
        }
    }

    /// AWS's word for where it is: its stage, else its status.
    pub(crate) fn stage_word(&self) -> &str {
        let stage = self.stage.as_ref();
        stage.map_or_else(|| self.status.word(), Stage::word)
    }
}

impl Status {
    /// AWS's word.
    pub fn word(&self) -> &str {
        match self {
            Self::Ecs(status) => status.word(),
            Self::CodeDeploy(status) => status.word(),
        }
    }

    /// Whether AWS may still change something because of it. Unknown words may.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Ecs(status) => status.is_running(),
            Self::CodeDeploy(status) => status.is_running(),
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
    /// AWS has refused an effect the rollout can do without (suspending or resuming automatic scaling).
    Refused,
    /// AWS has refused to stop the rollout.
    StopRefused,
    /// No answer: it may or may not have taken effect.
    Unsure,
}
