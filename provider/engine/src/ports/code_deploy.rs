//! AWS CodeDeploy for ECS.

use jiff::Timestamp;

use super::{CodeDeployStatus, Result, ServiceRef, TaskSetStatus};

/// A deployment group, as far as deployments need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentGroup {
    /// Application name.
    pub application: String,
    /// Group name.
    pub name: String,
    /// Default deployment configuration.
    pub config: String,
    /// ECS cluster name of its one service.
    pub cluster: Option<String>,
    /// ECS service name of its one service.
    pub service: Option<String>,
    /// Names of the two target groups.
    pub target_groups: Vec<String>,
    /// Production listener ARNs.
    pub production_listeners: Vec<String>,
    /// Test listener ARNs.
    pub test_listeners: Vec<String>,
    /// Minutes the old side stays after success.
    pub termination_wait_minutes: Option<u32>,
    /// Minutes a deployment waits before production traffic moves (`STOP_DEPLOYMENT`); absent when it goes on by
    /// itself.
    pub ready_wait_minutes: Option<u32>,
    /// Auto-rollback events that are enabled, such as `DEPLOYMENT_FAILURE`; empty when off.
    pub rollback_events: Vec<String>,
    /// Alarm names that stop a deployment; empty when off.
    pub alarms: Vec<String>,
}

impl DeploymentGroup {
    /// Whether its deployments go to this service. A group that names none is taken to be.
    pub fn deploys(&self, service: &ServiceRef) -> bool {
        let short = |cluster: &str| cluster.rsplit('/').next() == Some(service.cluster_name());
        self.service
            .as_ref()
            .is_none_or(|name| *name == service.name)
            && self.cluster.as_deref().is_none_or(short)
    }
}

/// How a configuration moves traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrafficRouting {
    /// All at once.
    AllAtOnce,
    /// Two shifts.
    Canary {
        /// Percent of the first shift.
        percent: u32,
        /// Minutes between the shifts.
        interval_minutes: u32,
    },
    /// Equal shifts.
    Linear {
        /// Percent of each shift.
        percent: u32,
        /// Minutes between shifts.
        interval_minutes: u32,
    },
    /// A type this build does not know.
    Unknown(String),
}

/// A deployment configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentConfig {
    /// Name, `CodeDeployDefault.…` for predefined ones.
    pub name: String,
    /// What it is for.
    pub compute_platform: ComputePlatform,
    /// How traffic moves; absent on `Server` configurations.
    pub routing: Option<TrafficRouting>,
}

/// A deployment to create; the revision is an inline AppSpec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCodeDeployDeployment {
    /// Application name.
    pub application: String,
    /// Group name.
    pub group: String,
    /// Configuration; the group's own when absent.
    pub config: Option<String>,
    /// AppSpec as JSON text; the adapter adds its SHA-256.
    pub app_spec: String,
    /// Free text shown in the console.
    pub description: String,
    /// Auto-rollback events of this deployment alone, such as `DEPLOYMENT_FAILURE`; the group's own when absent.
    pub rollback_events: Option<Vec<String>>,
    /// Alarms of this deployment alone; the group's own when absent.
    pub alarms: Option<Vec<String>>,
}

/// What a waiting deployment waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentWait {
    /// `READY_WAIT`: to move production traffic.
    Ready,
    /// `TERMINATION_WAIT`: to end the old side.
    Termination,
}

/// Why a deployment failed, in CodeDeploy's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeDeployError {
    /// Code.
    pub code: CodeDeployErrorCode,
    /// Sentence.
    pub message: String,
}

/// A CodeDeploy deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeDeployDeployment {
    /// Id, `d-XXXXXXXXX`.
    pub id: String,
    /// Application name.
    pub application: Option<String>,
    /// Deployment group name.
    pub group: Option<String>,
    /// Status.
    pub status: CodeDeployStatus,
    /// Free text given by whoever created it.
    pub description: Option<String>,
    /// Who created it: `user`, `autoscaling`, `codeDeployRollback`, …
    pub creator: String,
    /// Configuration used.
    pub config: Option<String>,
    /// AppSpec content.
    pub app_spec: Option<String>,
    /// Failure, once there is one.
    pub error: Option<CodeDeployError>,
    /// The deployment that rolls this one back.
    pub rollback_deployment: Option<String>,
    /// The deployment this one rolls back.
    pub rolls_back: Option<String>,
    /// CodeDeploy's sentence about the rollback.
    pub rollback_message: Option<String>,
    /// Created.
    pub created_at: Option<Timestamp>,
    /// Finished.
    pub completed_at: Option<Timestamp>,
}

open_words::words! {
    /// Which side a task set is on.
    pub enum TaskSetLabel {
        /// The original.
        Blue = "Blue",
        /// The replacement.
        Green = "Green",
    }

    /// `actionOnTimeout`: what a deployment does when nobody continues it.
    pub enum ReadyAction {
        Continue = "CONTINUE_DEPLOYMENT",
        Stop = "STOP_DEPLOYMENT",
    }

    /// What a deployment configuration is for.
    pub enum ComputePlatform {
        Ecs = "ECS",
        Lambda = "Lambda",
        Server = "Server",
    }

    /// Status of a life-cycle event. AWS has the word `Unknown`, too.
    pub enum EventStatus {
        Pending = "Pending",
        InProgress = "InProgress",
        Succeeded = "Succeeded",
        Failed = "Failed",
        Skipped = "Skipped",
    }

    /// Code of a failure, as far as decisions look at it; AWS has forty more.
    pub enum CodeDeployErrorCode {
        /// An alarm of the deployment fired.
        AlarmActive = "ALARM_ACTIVE",
        /// `StopDeployment` has stopped it, whoever called that.
        ManualStop = "MANUAL_STOP",
    }
}

/// One side of a deployment's target.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeDeployTaskSet {
    /// Task set id.
    pub id: String,
    /// Side.
    pub label: TaskSetLabel,
    /// Status.
    pub status: TaskSetStatus,
    /// Percent of production traffic, 0–100.
    pub traffic_weight: f64,
    /// Target group name.
    pub target_group: Option<String>,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks pending.
    pub pending: u32,
    /// Tasks running.
    pub running: u32,
}

/// One life-cycle event of a deployment's target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeDeployEvent {
    /// Name such as `AfterAllowTestTraffic`.
    pub name: String,
    /// Status.
    pub status: EventStatus,
    /// Diagnostics message, when there is one.
    pub message: Option<String>,
}

/// The one ECS target of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeDeployTarget {
    /// Target status word.
    pub status: String,
    /// Life-cycle events in order.
    pub events: Vec<CodeDeployEvent>,
    /// Both sides.
    pub task_sets: Vec<CodeDeployTaskSet>,
}

/// Creates and follows CodeDeploy deployments.
#[async_trait::async_trait]
pub trait CodeDeploy: Send + Sync + 'static {
    /// The group, or `None` when it or its application does not exist.
    async fn find_group(&self, application: &str, group: &str) -> Result<Option<DeploymentGroup>>;
    /// The configuration.
    async fn find_config(&self, name: &str) -> Result<Option<DeploymentConfig>>;
    /// Starts a deployment; returns its id.
    async fn create_deployment(&self, new: &NewCodeDeployDeployment) -> Result<String>;
    /// The deployment.
    async fn find_deployment(&self, id: &str) -> Result<Option<CodeDeployDeployment>>;
    /// Ids of the group's deployments that are not finished (`Created`, `Queued`, `InProgress`, `Baking`, `Ready`).
    async fn running_deployments(&self, application: &str, group: &str) -> Result<Vec<String>>;
    /// Ids of the group's deployments, whatever their status: the first ones that AWS lists, which are the newest, and at
    /// most so many.
    async fn list_deployments(
        &self,
        application: &str,
        group: &str,
        most: usize,
    ) -> Result<Vec<String>>;
    /// The deployment's ECS target; `None` while CodeDeploy says the deployment has not started.
    async fn find_target(
        &self,
        deployment: &str,
        cluster: &str,
        service: &str,
    ) -> Result<Option<CodeDeployTarget>>;
    /// Ends a wait of the deployment early (ContinueDeployment).
    async fn continue_deployment(&self, id: &str, wait: DeploymentWait) -> Result<()>;
    /// Stops the deployment, with or without rolling back.
    async fn stop_deployment(&self, id: &str, roll_back: bool) -> Result<()>;
}
