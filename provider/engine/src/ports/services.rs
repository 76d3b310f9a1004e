//! Amazon ECS services, their deployments, revisions and tasks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    CapacityProvider, ContinueAction, DeploymentConfiguration, FreeCapacity, Launch, LoadBalancer,
    Network, Parts, Result, ServiceDeployment, ServiceRevision, StopType, StoppedTask,
    TaskDefinition, TaskSet, TaskSetStatus, is_daemon,
};

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
        cluster_name(&self.cluster)
    }
}

/// The cluster's name, whether `cluster` is a name or an ARN (`arn:aws:ecs:REGION:ACCOUNT:cluster/NAME`).
pub fn cluster_name(cluster: &str) -> &str {
    cluster.rsplit('/').next().unwrap_or(cluster)
}

/// The region of an ARN (`arn:PARTITION:SERVICE:REGION:…`); none for a name, and for what has no region.
pub fn region_of(text: &str) -> Option<&str> {
    let region = text.strip_prefix("arn:")?.split(':').nth(2)?;
    (!region.is_empty()).then_some(region)
}

open_words::words! {
    /// `status` of a service.
    pub enum ServiceStatus {
        Active = "ACTIVE",
        /// Deleted, tasks still stopping; the name is taken.
        Draining = "DRAINING",
        /// Gone, though AWS may still show it.
        Inactive = "INACTIVE",
    }

    /// `status` of a cluster.
    pub enum ClusterStatus {
        Active = "ACTIVE",
        Deprovisioning = "DEPROVISIONING",
        Failed = "FAILED",
        Inactive = "INACTIVE",
        Provisioning = "PROVISIONING",
    }

    /// `rolloutState` of an entry in a service's list of deployments.
    pub enum RolloutState {
        Completed = "COMPLETED",
        Failed = "FAILED",
        InProgress = "IN_PROGRESS",
    }

    /// `deploymentController.type`.
    pub enum Controller {
        CodeDeploy = "CODE_DEPLOY",
        Ecs = "ECS",
        External = "EXTERNAL",
    }

    /// `propagateTags`.
    pub enum PropagateTags {
        None = "NONE",
        Service = "SERVICE",
        TaskDefinition = "TASK_DEFINITION",
    }
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
    /// Whether AWS shows a deployment of the service in progress (`rolloutState`).
    pub rolling_out: bool,
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
    /// Parts that a rollout does not look into.
    pub parts: Parts,
    /// What the service has that neither this description nor [`parts`](Self::parts) holds, as paths of AWS's members.
    pub beyond: BTreeSet<String>,
}

impl Service {
    /// Whether it runs one task on each container instance, so that nobody decides on a number.
    pub fn is_daemon(&self) -> bool {
        is_daemon(&self.parts)
    }

    /// The primary task set; none under the controller `ECS`.
    pub fn primary(&self) -> Option<&TaskSet> {
        let mut sets = self.task_sets.iter();
        sets.find(|set| set.status == TaskSetStatus::Primary)
    }

    /// Whether a service without deployments (controller `CODE_DEPLOY`) runs all its tasks.
    pub fn is_steady(&self) -> bool {
        match self.primary() {
            // Before the scheduler looks at a new task set, that set is to have no tasks and has them all.
            Some(primary) => {
                primary.is_stable()
                    && primary.running >= primary.computed_desired
                    && self.running >= self.desired
            }
            None => self.running == self.desired && self.pending == 0,
        }
    }
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
    /// Parts that a rollout does not look into.
    pub parts: Parts,
}

impl NewService {
    /// Whether it runs one task on each container instance: AWS refuses a number of tasks then.
    pub fn is_daemon(&self) -> bool {
        is_daemon(&self.parts)
    }
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
    /// Parts to write, each as a whole; an empty one is taken away. One of a revision starts a rollout.
    pub parts: Parts,
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
    pub scale_percent: f64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// `externalId`.
    pub external_id: Option<String>,
    /// Parts; of a task set only the service registries.
    pub parts: Parts,
}

/// Reads and changes ECS services.
#[async_trait::async_trait]
pub trait Services: Send + Sync + 'static {
    /// An apply begins, of whatever kind. What it decides on must be new: nothing that any port of the bundle has read
    /// before is shown from now on.
    fn apply_begins(&self) {}

    /// The region that all calls go to; `None` when it is not known.
    async fn region(&self) -> Option<String> {
        None
    }

    /// The ports of another region of the account, with the credentials of this one, and the clock, the probes and
    /// everything else that has no region of `home`, the bundle that this port belongs to. Costs no call. `None` where
    /// there is one region only.
    fn elsewhere(&self, home: &super::Ports, region: &str) -> Option<super::Ports> {
        let _ = (home, region);
        None
    }

    /// The service, whatever its status; `None` when AWS reports it `MISSING`.
    /// An unknown cluster is an error of kind `NotFound`. Reads are batched per cluster (10 a call)
    /// and identical reads in flight are shared.
    async fn find_service(&self, service: &ServiceRef) -> Result<Option<Service>>;
    /// ARNs of the clusters of the account in this region. Costs a call for each hundred.
    async fn list_clusters(&self) -> Result<Vec<String>>;
    /// All services of a cluster. Costs a call for each hundred, and a read of each.
    async fn list_services(&self, cluster: &str) -> Result<Vec<Service>>;
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
        document: &Value,
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
    /// The cluster's default capacity provider strategy; empty when it has none or does not exist.
    async fn default_strategy(&self, cluster: &str) -> Result<Vec<CapacityProvider>>;
}
