//! What tasks are made from, the sets they come in, and how they end.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Launch, LoadBalancer, Network, Parts, TaskSetStatus};

/// A task set (controllers `CODE_DEPLOY` and `EXTERNAL`).
#[derive(Clone, Debug, PartialEq)]
pub struct TaskSet {
    /// Id, `ecs-svc/…`.
    pub id: String,
    /// Status.
    pub status: TaskSetStatus,
    /// `externalId`: under CodeDeploy, the id of the deployment that made it.
    pub external_id: Option<String>,
    /// Task definition ARN.
    pub task_definition: String,
    /// Its target groups and containers.
    pub load_balancers: Vec<LoadBalancer>,
    /// Network.
    pub network: Option<Network>,
    /// Where it runs.
    pub launch: Option<Launch>,
    /// Fargate platform version.
    pub platform_version: Option<String>,
    /// Tasks running.
    pub running: u32,
    /// Tasks wanted after rounding.
    pub computed_desired: u32,
    /// Whether its tasks are as they are to be; absent where AWS does not say.
    pub stability: Option<StabilityStatus>,
    /// Tasks pending.
    pub pending: u32,
    /// `scale` in percent of the service's desired count.
    pub scale_percent: f64,
    /// Created.
    pub created_at: Option<Timestamp>,
    /// Parts; of a task set only the service registries.
    pub parts: Parts,
    /// Tags, without AWS's own.
    pub tags: BTreeMap<String, String>,
}

impl TaskSet {
    /// Whether it is in steady state.
    pub fn is_stable(&self) -> bool {
        self.stability == Some(StabilityStatus::SteadyState)
    }

    /// Whether it is on its way out.
    pub fn is_leaving(&self) -> bool {
        self.status == TaskSetStatus::Draining
    }

    /// Whether it is there beside the primary one.
    pub fn is_beside(&self) -> bool {
        match self.status {
            TaskSetStatus::Active | TaskSetStatus::Unknown(_) => true,
            TaskSetStatus::Draining | TaskSetStatus::Primary => false,
        }
    }
}

open_words::words! {
    /// `networkMode` of a task definition.
    pub enum NetworkMode {
        Awsvpc = "awsvpc",
        Bridge = "bridge",
        Host = "host",
        None = "none",
    }

    /// `cpuArchitecture` of a task definition.
    pub enum CpuArchitecture {
        Arm64 = "ARM64",
        X86 = "X86_64",
    }

    /// `stabilityStatus` of a task set.
    pub enum StabilityStatus {
        Stabilizing = "STABILIZING",
        SteadyState = "STEADY_STATE",
    }

    /// `status` of a task definition.
    pub enum TaskDefinitionStatus {
        Active = "ACTIVE",
        DeleteInProgress = "DELETE_IN_PROGRESS",
        /// Deregistered: no new task is started from it, unless the same is registered again.
        Inactive = "INACTIVE",
    }

    /// Why a task stopped.
    pub enum StopCode {
        EssentialContainerExited = "EssentialContainerExited",
        ServiceSchedulerInitiated = "ServiceSchedulerInitiated",
        SpotInterruption = "SpotInterruption",
        TaskFailedToStart = "TaskFailedToStart",
        TerminationNotice = "TerminationNotice",
        UserInitiated = "UserInitiated",
    }
}

/// Container and port behind a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerPort {
    /// Container name.
    pub name: String,
    /// Ports the container exposes.
    pub ports: Vec<u32>,
    /// Image reference.
    pub image: String,
}

/// A task definition revision, as far as rollouts look at it. Its `Debug` output leaves the document out: that
/// holds the containers' environment.
#[derive(Clone, PartialEq, Eq)]
pub struct TaskDefinition {
    /// ARN with revision.
    pub arn: String,
    /// Family.
    pub family: String,
    /// Revision number.
    pub revision: u32,
    /// Its status; absent where AWS does not say.
    pub status: Option<TaskDefinitionStatus>,
    /// Containers.
    pub containers: Vec<ContainerPort>,
    /// `networkMode`.
    pub network_mode: Option<NetworkMode>,
    /// CPU units of a whole task, as written (`256`); absent where only containers have some.
    pub cpu: Option<String>,
    /// MiB of a whole task, as written.
    pub memory: Option<String>,
    /// `runtimePlatform.cpuArchitecture`; AWS takes `X86_64` when absent.
    pub cpu_architecture: Option<CpuArchitecture>,
    /// Role that pulls images and reads secrets.
    pub execution_role: Option<String>,
    /// Role of the containers.
    pub task_role: Option<String>,
    /// Secrets of all containers: ARNs (or names) of Secrets Manager secrets and SSM parameters, never values.
    pub secrets: Vec<SecretReference>,
    /// `awslogs` groups of all containers.
    pub log_groups: Vec<LogGroupReference>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// The whole definition as DescribeTaskDefinition shows it, in AWS's member names. What this build does
    /// not know is in it, too.
    pub document: serde_json::Value,
}

impl TaskDefinition {
    /// Whether AWS starts tasks from it. A word that nobody knows is no promise.
    pub fn is_active(&self) -> bool {
        self.status == Some(TaskDefinitionStatus::Active)
    }

    /// Whether its tasks run on Windows; unknown counts as no.
    pub(crate) fn is_windows(&self) -> bool {
        let family = self
            .document
            .pointer("/runtimePlatform/operatingSystemFamily");
        let family = family.and_then(serde_json::Value::as_str);
        family.is_some_and(|family| family.starts_with("WINDOWS"))
    }
}

impl std::fmt::Debug for TaskDefinition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskDefinition")
            .field("arn", &self.arn)
            .field("status", &self.status)
            .field("containers", &self.containers)
            .finish_non_exhaustive()
    }
}

/// A secret a container gets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretReference {
    /// Container name.
    pub container: String,
    /// `valueFrom`: secret ARN (with key, version stage and id perhaps), or SSM parameter ARN or name.
    pub from: String,
}

/// A log group a container writes to with the `awslogs` driver.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogGroupReference {
    /// Container name.
    pub container: String,
    /// Group name.
    pub group: String,
    /// `awslogs-region`.
    pub region: Option<String>,
    /// `awslogs-stream-prefix`; streams are named `PREFIX/CONTAINER/TASK-ID`.
    pub stream_prefix: Option<String>,
    /// `awslogs-create-group` is on.
    pub creates_group: bool,
}

/// A task that ended, with everything that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedTask {
    /// ARN.
    pub arn: String,
    /// Task definition ARN.
    pub task_definition: String,
    /// Task set id or deployment id that started it (`startedBy`).
    pub started_by: Option<String>,
    /// `stopCode`.
    pub stop_code: Option<StopCode>,
    /// `stoppedReason`.
    pub reason: Option<String>,
    /// Container → (exit code, reason).
    pub containers: BTreeMap<String, (Option<i64>, Option<String>)>,
    /// When.
    pub stopped_at: Option<Timestamp>,
}

impl StoppedTask {
    /// Whether it ended because something is wrong with it: it did not start, an essential container
    /// exited, or the scheduler stopped it over failed health checks.
    pub fn has_failed(&self) -> bool {
        match &self.stop_code {
            Some(StopCode::EssentialContainerExited | StopCode::TaskFailedToStart) => true,
            Some(StopCode::ServiceSchedulerInitiated) => self
                .reason
                .as_deref()
                .is_some_and(|reason| reason.contains("failed")),
            Some(
                StopCode::SpotInterruption
                | StopCode::TerminationNotice
                | StopCode::UserInitiated
                | StopCode::Unknown(_),
            )
            | None => false,
        }
    }
}

/// What one container instance has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeCapacity {
    /// CPU units.
    pub cpu: u32,
    /// MiB.
    pub memory: u32,
}
