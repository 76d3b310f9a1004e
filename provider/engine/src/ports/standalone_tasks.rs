//! Tasks that belong to no service.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Launch, Network, Result, StoppedTask};

open_words::words! {
    /// `lastStatus` of a task.
    pub enum TaskStatus {
        Provisioning = "PROVISIONING",
        Pending = "PENDING",
        Activating = "ACTIVATING",
        Running = "RUNNING",
        Deactivating = "DEACTIVATING",
        Stopping = "STOPPING",
        Deprovisioning = "DEPROVISIONING",
        Stopped = "STOPPED",
        Deleted = "DELETED",
    }
}

/// A task that was started with RunTask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandaloneTask {
    /// ARN.
    pub arn: String,
    /// What it does now.
    pub status: TaskStatus,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When it was asked for.
    pub created_at: Option<Timestamp>,
    /// When its containers ran.
    pub started_at: Option<Timestamp>,
    /// How it ended, or what is known of its end so far.
    pub end: StoppedTask,
}

impl StandaloneTask {
    /// Whether nothing of it runs any longer: its exit codes are final.
    pub fn has_ended(&self) -> bool {
        match self.status {
            TaskStatus::Stopped | TaskStatus::Deleted => true,
            TaskStatus::Provisioning
            | TaskStatus::Pending
            | TaskStatus::Activating
            | TaskStatus::Running
            | TaskStatus::Deactivating
            | TaskStatus::Stopping
            | TaskStatus::Deprovisioning
            | TaskStatus::Unknown(_) => false,
        }
    }
}

/// A task to start. Its `Debug` output leaves the environment out.
#[derive(Clone, PartialEq, Eq)]
pub struct NewTask {
    /// Cluster name or ARN.
    pub cluster: String,
    /// Task definition ARN, with revision.
    pub task_definition: String,
    /// Idempotency token, at most 64 characters.
    pub client_token: String,
    /// `startedBy`, at most 128 letters, digits, `-`, `/` and `_`.
    pub started_by: String,
    /// Where it runs.
    pub launch: Option<Launch>,
    /// Fargate platform version.
    pub platform_version: Option<String>,
    /// Network.
    pub network: Option<Network>,
    /// The container that is overridden.
    pub container: String,
    /// Its command, instead of the definition's.
    pub command: Option<Vec<String>>,
    /// Variables of its environment, besides the definition's.
    pub environment: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl std::fmt::Debug for NewTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewTask")
            .field("cluster", &self.cluster)
            .field("task_definition", &self.task_definition)
            .field("started_by", &self.started_by)
            .finish_non_exhaustive()
    }
}

/// Runs tasks of Amazon ECS that belong to no service.
#[async_trait::async_trait]
pub trait StandaloneTasks: Send + Sync + 'static {
    /// Starts one task (RunTask). The same token starts it once.
    ///
    /// # Errors
    /// Also when ECS answers that it cannot place the task: its reason is the error's code.
    async fn run_task(&self, new: &NewTask) -> Result<StandaloneTask>;
    /// The task; `None` when ECS does not show it, which it stops to do about an hour after its end.
    async fn find_task(&self, cluster: &str, arn: &str) -> Result<Option<StandaloneTask>>;
    /// Tasks that somebody started under this name and that are not told to stop, at most 100.
    async fn tasks_started_by(
        &self,
        cluster: &str,
        started_by: &str,
    ) -> Result<Vec<StandaloneTask>>;
    /// Tells a task to stop. Gone already is success.
    async fn stop_task(&self, cluster: &str, arn: &str, reason: &str) -> Result<()>;
}
