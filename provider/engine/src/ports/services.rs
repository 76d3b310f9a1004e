//! Amazon ECS services, their deployments, revisions and tasks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Result;

/// Names a service the way the user does. `cluster` is a name or an ARN: AWS takes both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceRef {
    /// Cluster name or ARN.
    pub cluster: String,
    /// Service name.
    pub name: String,
}

impl ServiceRef {
    /// The cluster's name, whether `cluster` is a name or an ARN.
    pub fn cluster_name(&self) -> &str {
        self.cluster.rsplit('/').next().unwrap_or(&self.cluster)
    }
}

/// `status` of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceStatus {
    /// `ACTIVE`.
    Active,
    /// `DRAINING`: deleted, tasks still stopping; the name is taken.
    Draining,
    /// `INACTIVE`: gone, though AWS may still show it.
    Inactive,
    /// A word this build does not know.
    Unknown(String),
}

/// `deploymentController.type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Controller {
    /// `CODE_DEPLOY`.
    CodeDeploy,
    /// `ECS`.
    Ecs,
    /// `EXTERNAL`.
    External,
    /// A word this build does not know.
    Unknown(String),
}

/// `launchType`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaunchType {
    /// `EC2`.
    Ec2,
    /// `EXTERNAL`.
    External,
    /// `FARGATE`.
    Fargate,
    /// A word this build does not know, such as `MANAGED_INSTANCES`.
    Unknown(String),
}

/// One item of a capacity provider strategy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CapacityProvider {
    /// Capacity provider name.
    pub name: String,
    /// Tasks that run on it before weights count.
    pub base: u32,
    /// Relative share, 0–1000.
    pub weight: u32,
}

/// Where tasks run: a launch type or a capacity provider strategy, never both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Launch {
    /// `capacityProviderStrategy`, in AWS's order.
    Strategy(Vec<CapacityProvider>),
    /// `launchType`.
    Type(LaunchType),
}

/// `awsvpcConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Subnet ids.
    pub subnets: BTreeSet<String>,
    /// Security group ids.
    pub security_groups: BTreeSet<String>,
    /// Give tasks a public IP.
    pub assign_public_ip: bool,
}

/// `advancedConfiguration` of a load balancer: what native blue/green needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternate {
    /// The other target group of the pair.
    pub target_group: String,
    /// Production listener rule ARN (Application Load Balancer) or listener ARN (Network Load Balancer).
    pub production_rule: String,
    /// Test listener rule or listener ARN.
    pub test_rule: Option<String>,
    /// Role that lets ECS edit the rules.
    pub role: String,
}

/// One load balancer attachment of a service or revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Target group ARN.
    pub target_group: String,
    /// Container name.
    pub container: String,
    /// Container port.
    pub port: u32,
    /// Blue/green settings, if any.
    pub alternate: Option<Alternate>,
}

/// `strategy` with its own settings. Percentages are in percent, times in minutes, as AWS has them.
#[derive(Clone, Debug, PartialEq)]
pub enum Strategy {
    /// `BLUE_GREEN`: everything at once.
    BlueGreen,
    /// `CANARY`: exactly two shifts.
    Canary {
        /// 0.1–100.0.
        percent: f64,
        /// 0–1440.
        bake_minutes: u32,
    },
    /// `LINEAR`: equal shifts.
    Linear {
        /// 3.0–100.0.
        percent: f64,
        /// 0–1440, between steps.
        bake_minutes: u32,
    },
    /// `ROLLING`.
    Rolling,
    /// A word this build does not know.
    Unknown(String),
}

/// `deploymentCircuitBreaker` (rolling only).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// On.
    pub enable: bool,
    /// Roll back when it triggers.
    pub rollback: bool,
    /// When it triggers; AWS's own (half of the desired count, between 3 and 200 tasks) when absent.
    pub threshold: Option<BreakerThreshold>,
    /// A healthy task sets its count back to zero; AWS's own (yes) when absent.
    pub reset_on_healthy_task: Option<bool>,
}

/// `thresholdConfiguration` of a circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerThreshold {
    /// What `value` counts.
    pub unit: ThresholdUnit,
    /// Tasks, or percent of the desired count (1–100).
    pub value: u32,
}

/// `type` of a circuit breaker's threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThresholdUnit {
    /// `BOUNDED_PERCENT`: of the desired count, at least 3 and at most 200 tasks.
    BoundedPercent,
    /// `COUNT`: tasks.
    Count,
    /// `UNBOUNDED_PERCENT`: of the desired count.
    UnboundedPercent,
    /// A word this build does not know.
    Unknown(String),
}

/// What a life-cycle hook runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookTarget {
    /// A Lambda function.
    Lambda {
        /// Function ARN.
        function: String,
        /// Role with which ECS invokes it.
        role: String,
    },
    /// `PAUSE`: the deployment waits for ContinueServiceDeployment.
    Pause,
    /// A word this build does not know.
    Unknown(String),
}

/// What happens when a hook's time is over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookTimeoutAction {
    /// `CONTINUE`.
    Continue,
    /// `ROLLBACK`.
    Rollback,
    /// A word this build does not know.
    Unknown(String),
}

/// One of `lifecycleHooks`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LifecycleHook {
    /// What it runs.
    pub target: HookTarget,
    /// Stage words, such as `POST_TEST_TRAFFIC_SHIFT`; an open set.
    pub stages: BTreeSet<String>,
    /// `hookDetails`: JSON text for the function.
    pub details: Option<String>,
    /// Minutes, 1–20160 for a pause, 1–1440 for a function; AWS's own (1440) when absent.
    pub timeout_minutes: Option<u32>,
    /// What happens then; AWS's own (roll back) when absent.
    pub on_timeout: Option<HookTimeoutAction>,
}

/// `alarms` of a deployment configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentAlarms {
    /// Alarm names.
    pub names: BTreeSet<String>,
    /// On.
    pub enable: bool,
    /// Roll back when one fires.
    pub rollback: bool,
}

/// `deploymentConfiguration`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentConfiguration {
    /// Strategy.
    pub strategy: Strategy,
    /// Minutes both sides stay after the full shift, 0–1440; blue/green strategies only.
    pub bake_minutes: Option<u32>,
    /// `maximumPercent`.
    pub maximum_percent: Option<u32>,
    /// `minimumHealthyPercent`.
    pub minimum_healthy_percent: Option<u32>,
    /// Circuit breaker.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Life-cycle hooks; `Some(vec![])` removes them, `None` leaves them alone.
    pub hooks: Option<Vec<LifecycleHook>>,
    /// Alarms.
    pub alarms: Option<DeploymentAlarms>,
}

/// `propagateTags`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropagateTags {
    /// `NONE`.
    None,
    /// `SERVICE`.
    Service,
    /// `TASK_DEFINITION`.
    TaskDefinition,
    /// A word this build does not know.
    Unknown(String),
}

/// An entry of the service's event list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceEvent {
    /// Event id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// AWS's sentence.
    pub message: String,
}

/// `rolloutState` of a legacy deployment entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RolloutState {
    /// `COMPLETED`.
    Completed,
    /// `FAILED`.
    Failed,
    /// `IN_PROGRESS`.
    InProgress,
    /// A word this build does not know.
    Unknown(String),
}

/// A task set (controllers `CODE_DEPLOY` and `EXTERNAL`).
#[derive(Clone, Debug, PartialEq)]
pub struct TaskSet {
    /// Id, `ecs-svc/…`.
    pub id: String,
    /// `PRIMARY`, `ACTIVE` or `DRAINING`.
    pub status: String,
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
    /// Whether it is in steady state.
    pub is_stable: bool,
    /// Tasks pending.
    pub pending: u32,
    /// `scale` in percent of the service's desired count.
    pub scale_percent: f64,
    /// Created.
    pub created_at: Option<Timestamp>,
}

/// A service as DescribeServices shows it (with tags).
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// Cluster ARN.
    pub cluster_arn: String,
    /// Status.
    pub status: ServiceStatus,
    /// Controller.
    pub controller: Controller,
    /// Task definition ARN. Under `CODE_DEPLOY` and `EXTERNAL` it is the primary task set's.
    pub task_definition: Option<String>,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks pending.
    pub pending: u32,
    /// Where tasks run.
    pub launch: Option<Launch>,
    /// Fargate platform version as configured, such as `LATEST`.
    pub platform_version: Option<String>,
    /// Network.
    pub network: Option<Network>,
    /// Load balancers. Under `CODE_DEPLOY` and `EXTERNAL` the primary task set's.
    pub load_balancers: Vec<LoadBalancer>,
    /// Deployment configuration.
    pub deployment_configuration: Option<DeploymentConfiguration>,
    /// Seconds unhealthy checks are ignored after a task starts.
    pub health_check_grace_seconds: Option<u32>,
    /// ECS Exec.
    pub enable_execute_command: bool,
    /// ECS managed tags.
    pub enable_managed_tags: bool,
    /// Tag propagation.
    pub propagate_tags: PropagateTags,
    /// ARN of the service deployment AWS calls current.
    pub current_deployment: Option<String>,
    /// ARNs of the revisions AWS calls current.
    pub current_revisions: Vec<String>,
    /// Task sets.
    pub task_sets: Vec<TaskSet>,
    /// Events, newest first (at most 100).
    pub events: Vec<ServiceEvent>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Created.
    pub created_at: Option<Timestamp>,
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
    /// Whether it is `ACTIVE` (deregistered ones are `INACTIVE`).
    pub is_active: bool,
    /// Containers.
    pub containers: Vec<ContainerPort>,
    /// `awsvpc`, `bridge`, `host`, `none`.
    pub network_mode: Option<String>,
    /// CPU units of a whole task, as written (`256`); absent where only containers have some.
    pub cpu: Option<String>,
    /// MiB of a whole task, as written.
    pub memory: Option<String>,
    /// `runtimePlatform.cpuArchitecture` word; AWS takes `X86_64` when absent.
    pub cpu_architecture: Option<String>,
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

impl std::fmt::Debug for TaskDefinition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskDefinition")
            .field("arn", &self.arn)
            .field("is_active", &self.is_active)
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

/// A task set to create (controller `EXTERNAL`).
#[derive(Clone, Debug, PartialEq)]
pub struct NewTaskSet {
    /// The service.
    pub service: ServiceRef,
    /// Idempotency token, at most 36 characters.
    pub client_token: String,
    /// Task definition ARN.
    pub task_definition: String,
    /// Where tasks run.
    pub launch: Option<Launch>,
    /// Platform version.
    pub platform_version: Option<String>,
    /// Network.
    pub network: Option<Network>,
    /// Load balancers: one target group.
    pub load_balancers: Vec<LoadBalancer>,
    /// Percent of the service's desired count, 0–100.
    pub scale_percent: u32,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// How a paused deployment goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContinueAction {
    /// `CONTINUE`.
    Continue,
    /// `ROLLBACK`.
    Rollback,
}

/// An entry of `lifecycleHookDetails`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookState {
    /// Hook id, new for every firing.
    pub id: String,
    /// `AWS_LAMBDA`, `PAUSE`, …
    pub target_type: String,
    /// Function ARN.
    pub target: Option<String>,
    /// `AWAITING_ACTION`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, …
    pub status: String,
    /// When its time is over.
    pub expires_at: Option<Timestamp>,
}

/// A service to create.
#[derive(Clone, Debug, PartialEq)]
pub struct NewService {
    /// Where and what name.
    pub service: ServiceRef,
    /// Idempotency token, at most 36 characters.
    pub client_token: String,
    /// Controller.
    pub controller: Controller,
    /// Task definition; absent under `EXTERNAL`, where task sets have one.
    pub task_definition: Option<String>,
    /// Tasks wanted.
    pub desired: u32,
    /// Where tasks run.
    pub launch: Option<Launch>,
    /// Platform version.
    pub platform_version: Option<String>,
    /// Network.
    pub network: Option<Network>,
    /// Load balancers.
    pub load_balancers: Vec<LoadBalancer>,
    /// Deployment configuration.
    pub deployment_configuration: Option<DeploymentConfiguration>,
    /// Grace period in seconds.
    pub health_check_grace_seconds: Option<u32>,
    /// ECS Exec.
    pub enable_execute_command: bool,
    /// ECS managed tags.
    pub enable_managed_tags: bool,
    /// Tag propagation.
    pub propagate_tags: PropagateTags,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// What to change with UpdateService; absent fields are left alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceChange {
    /// Task definition: starts a rollout.
    pub task_definition: Option<String>,
    /// Tasks wanted.
    pub desired: Option<u32>,
    /// Where tasks run: starts a rollout.
    pub launch: Option<Launch>,
    /// Platform version: starts a rollout.
    pub platform_version: Option<String>,
    /// Network: starts a rollout.
    pub network: Option<Network>,
    /// Load balancers; `Some(vec![])` removes them: starts a rollout.
    pub load_balancers: Option<Vec<LoadBalancer>>,
    /// Deployment configuration, used by the next rollout.
    pub deployment_configuration: Option<DeploymentConfiguration>,
    /// Of the deployment configuration, only the percentages are sent: controllers other than `ECS` refuse
    /// to hear of strategies.
    pub percentages_only: bool,
    /// Grace period in seconds.
    pub health_check_grace_seconds: Option<u32>,
    /// ECS Exec.
    pub enable_execute_command: Option<bool>,
    /// ECS managed tags.
    pub enable_managed_tags: Option<bool>,
    /// Tag propagation.
    pub propagate_tags: Option<PropagateTags>,
    /// `forceNewDeployment`: starts a rollout even when nothing differs.
    pub force_new_deployment: bool,
    /// `deploymentController.type`: changes who moves traffic.
    pub controller: Option<Controller>,
}

/// Status of a service deployment (the state machine of DescribeServiceDeployments).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceDeploymentStatus {
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
    /// `SUCCESSFUL`.
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

/// A revision inside a service deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisionSummary {
    /// Service revision ARN.
    pub arn: String,
    /// Tasks requested.
    pub requested: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks pending.
    pub pending: u32,
    /// Percent of production traffic.
    pub production_weight: Option<f64>,
    /// Percent of test traffic.
    pub test_weight: Option<f64>,
}

/// A service deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceDeployment {
    /// ARN.
    pub arn: String,
    /// Status.
    pub status: ServiceDeploymentStatus,
    /// AWS's sentence about the status.
    pub status_reason: Option<String>,
    /// Life-cycle stage word, such as `POST_SCALE_UP`; open set.
    pub stage: Option<String>,
    /// Where it comes from.
    pub sources: Vec<RevisionSummary>,
    /// Where it goes.
    pub target: Option<RevisionSummary>,
    /// Revision it rolled or rolls back to.
    pub rollback_revision: Option<String>,
    /// Why it rolls back.
    pub rollback_reason: Option<String>,
    /// Alarms that triggered.
    pub triggered_alarms: Vec<String>,
    /// The circuit breaker triggered.
    pub breaker_triggered: bool,
    /// Failed tasks counted by the breaker.
    pub failed_tasks: u32,
    /// Hooks of the present stage.
    pub hooks: Vec<HookState>,
    /// Created.
    pub created_at: Option<Timestamp>,
    /// Finished.
    pub finished_at: Option<Timestamp>,
}

/// A service revision: the immutable record of what a deployment deploys.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceRevision {
    /// ARN.
    pub arn: String,
    /// Task definition ARN.
    pub task_definition: String,
    /// Where tasks run.
    pub launch: Option<Launch>,
    /// Platform version.
    pub platform_version: Option<String>,
    /// Network.
    pub network: Option<Network>,
    /// Load balancers as configured.
    pub load_balancers: Vec<LoadBalancer>,
    /// Target group this revision's tasks are really registered in (`resolvedConfiguration`).
    pub resolved_target_groups: Vec<String>,
    /// Container → (image, digest).
    pub images: BTreeMap<String, (String, Option<String>)>,
    /// Created.
    pub created_at: Option<Timestamp>,
}

/// How StopServiceDeployment ends a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopType {
    /// `ABORT`: stay where it is.
    Abort,
    /// `ROLLBACK`.
    Rollback,
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
    /// `stopCode` word.
    pub stop_code: Option<String>,
    /// `stoppedReason`.
    pub reason: Option<String>,
    /// Container → (exit code, reason).
    pub containers: BTreeMap<String, (Option<i64>, Option<String>)>,
    /// When.
    pub stopped_at: Option<Timestamp>,
}

/// What one container instance has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeCapacity {
    /// CPU units.
    pub cpu: u32,
    /// MiB.
    pub memory: u32,
}

/// Reads and changes ECS services.
#[async_trait::async_trait]
pub trait Services: Send + Sync + 'static {
    /// The service, whatever its status; `None` when AWS reports it `MISSING`.
    /// An unknown cluster is an error of kind `NotFound`. Reads are batched per cluster (10 a call)
    /// and identical reads in flight are shared.
    async fn find_service(&self, service: &ServiceRef) -> Result<Option<Service>>;
    /// Creates the service.
    async fn create_service(&self, new: &NewService) -> Result<Service>;
    /// Changes the service; the answer shows the deployment it started, if any.
    async fn update_service(&self, service: &ServiceRef, change: &ServiceChange)
    -> Result<Service>;
    /// Deletes the service even while tasks run (`force`). Gone already is success.
    async fn delete_service(&self, service: &ServiceRef) -> Result<()>;
    /// Adds or overwrites tags, then removes keys.
    async fn change_tags(
        &self,
        arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()>;
    /// The task definition (ARN, `family:revision` or `family`).
    async fn find_task_definition(&self, name: &str) -> Result<Option<TaskDefinition>>;
    /// The service deployment.
    async fn find_deployment(&self, arn: &str) -> Result<Option<ServiceDeployment>>;
    /// The service's deployments, newest first, at most `limit`.
    async fn list_deployments(
        &self,
        service: &ServiceRef,
        limit: u32,
    ) -> Result<Vec<ServiceDeployment>>;
    /// The service revisions that exist among `arns`.
    async fn find_revisions(&self, arns: &[String]) -> Result<Vec<ServiceRevision>>;
    /// Stops a service deployment.
    async fn stop_deployment(&self, arn: &str, stop: StopType) -> Result<()>;
    /// Tasks of the service that stopped lately (AWS keeps them about an hour), newest first, at most 100.
    async fn stopped_tasks(&self, service: &ServiceRef) -> Result<Vec<StoppedTask>>;
    /// Lets a paused deployment go on, or rolls it back (ContinueServiceDeployment). `hook` is a hook id.
    async fn continue_deployment(
        &self,
        arn: &str,
        hook: &str,
        action: ContinueAction,
    ) -> Result<()>;
    /// Creates a task set; the answer shows it.
    async fn create_task_set(&self, new: &NewTaskSet) -> Result<TaskSet>;
    /// Makes a task set the primary one.
    async fn promote_task_set(&self, service: &ServiceRef, id: &str) -> Result<()>;
    /// Deletes a task set; `force` also when it still has tasks. Gone already is success.
    async fn delete_task_set(&self, service: &ServiceRef, id: &str, force: bool) -> Result<()>;
    /// Registers a task definition given as a document in AWS's member names (RegisterTaskDefinition's input,
    /// without tags), with these tags.
    async fn register_task_definition(
        &self,
        document: &serde_json::Value,
        tags: &BTreeMap<String, String>,
    ) -> Result<TaskDefinition>;
    /// ARNs of the family's active revisions, newest first.
    async fn list_task_definitions(&self, family: &str) -> Result<Vec<String>>;
    /// Deregisters a revision. Done already is success.
    async fn deregister_task_definition(&self, arn: &str) -> Result<()>;
    /// Free CPU units and MiB of the cluster's active container instances (EC2 capacity), each instance by itself.
    async fn free_capacity(&self, cluster: &str) -> Result<Vec<FreeCapacity>>;
    /// Whether a cluster with this name or ARN exists and is `ACTIVE`.
    async fn cluster_is_active(&self, cluster: &str) -> Result<bool>;
}
