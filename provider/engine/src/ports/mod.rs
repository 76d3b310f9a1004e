//! The ports: what the engine needs from the outside, in the project's own nouns.
//!
//! Adapters implement these traits: `switchyard-aws` over the AWS SDK, the in-memory world for tests.
//! No SDK type crosses them. Every AWS enumeration is open: a word this build does not know arrives
//! as `Unknown(word)` and is never guessed at.

mod alarms;
mod clock;
mod code_deploy;
mod databases;
mod deployments;
mod error;
mod function_aliases;
mod functions;
mod image;
mod inspection;
mod inventory;
mod listener_rules;
pub mod members;
mod metrics;
mod monitoring;
mod notices;
mod parts;
mod placement;
mod prerequisites;
mod probes;
mod progress;
mod routing;
mod scaling;
mod schedule;
mod services;
mod snapshots;
mod standalone_tasks;
mod tasks;

pub use alarms::{AlarmDefinition, AlarmState, Alarms, Comparison};
pub use clock::Clock;
pub use code_deploy::{
    CodeDeploy, CodeDeployDeployment, CodeDeployError, CodeDeployErrorCode, CodeDeployEvent,
    CodeDeployTarget, CodeDeployTaskSet, ComputePlatform, DeploymentConfig, DeploymentGroup,
    DeploymentWait, EventStatus, NewCodeDeployDeployment, ReadyAction, TaskSetLabel,
    TrafficRouting,
};
pub use databases::{Database, DatabaseSnapshot, DatabaseSnapshotStatus, Databases};
pub use deployments::{
    BreakerStatus, BreakerThreshold, CircuitBreaker, ContinueAction, DeploymentAlarms,
    DeploymentConfiguration, HookState, HookStatus, HookTarget, HookTargetType, HookTimeoutAction,
    LifecycleHook, RevisionSummary, ServiceDeployment, ServiceRevision, StopType, Strategy,
    ThresholdUnit,
};
pub use error::{Error, ErrorKind, Result};
pub use function_aliases::{
    AliasChange, FunctionAliases, FunctionVersion, LiveAlias, NewAlias, VersionState,
};
pub use functions::{FunctionAnswer, Functions};
pub use image::{ImageReference, ImageVersion};
pub use inspection::{
    CallerFacts, CertificateFacts, ExecCommand, ExecSession, Inspection, LogLine, LogLines,
    LogQuery, Opening, RunningContainer, RunningTask, SubnetFacts, WayOut,
};
pub use inventory::{Inventory, LiveObject, ObjectFamily, ObjectKind};
pub use listener_rules::{ListenerRules, Matches, NewRule, QueryPair, RuleCondition, RuleDetail};
pub use metrics::{MetricDatum, MetricQuery, MetricSeries, MetricSource, Metrics};
pub use monitoring::{
    Alarm, AlarmComparison, AlarmCondition, AlarmLimit, LiveAlarm, LiveDashboard, MetricCondition,
    MissingData, Monitoring,
};
pub use notices::{BusEvent, Notices, Secret, SecretSource, TopicNotice};
pub use parts::{
    ClassicBalancer, Part, Parts, SchedulingStrategy, covers, is_daemon, is_nothing, parts_differ,
    parts_of, parts_of_service,
};
pub use placement::{
    Alternate, CapacityProvider, Launch, LaunchType, LoadBalancer, Network, ProviderName,
};
pub use prerequisites::{ImageFound, Prerequisites, Quota};
pub use probes::{ConnectRequest, Connected, ProbeFailure, ProbeRequest, ProbeResponse, Probes};
pub use progress::{
    GITHUB_PROGRESS_FILE, GateMoment, Progress, ProgressEnd, ProgressMoment, Silent,
};
pub use routing::{
    Listener, ListenerRule, Protocol, Routing, TargetGroup, TargetHealth, TargetState, TargetType,
    WeightedTarget, share_of,
};
pub use scaling::{
    ActivityStatus, AdjustmentType, Bounds, BreachBehavior, CustomMetric, MetricAggregation,
    MetricMath, NotScaledReason, Policy, PredefinedMetric, PredictiveMetric, PredictiveMode,
    PredictiveScaling, ScalableTarget, Scaling, ScalingActivity, ScalingPolicy, ScheduledAction,
    StepAdjustment, StepScaling, SuspendedState, TargetChange, TargetTracking, TrackedMetric,
};
pub use schedule::{Firings, ScheduleExpression, time_zone};
pub use services::{
    ClusterStatus, Controller, NewService, NewTaskSet, PropagateTags, RolloutState, Service,
    ServiceChange, ServiceEvent, ServiceRef, ServiceStatus, Services, cluster_name, region_of,
};
pub use snapshots::{
    OBJECT_LIMIT, ObjectStore, Place, PlaceFacts, StoredObject, Written, check_object_name,
};
pub use standalone_tasks::{NewTask, StandaloneTask, StandaloneTasks, TaskStatus};
pub use switchyard_rollout::alias::{AliasRouting, Guest, Version};
pub use switchyard_rollout::weights::Share;
pub use switchyard_rollout::{CodeDeployStatus, EcsStatus, LifecycleStage, TaskSetStatus};
pub use tasks::{
    ContainerPort, CpuArchitecture, FreeCapacity, LogGroupReference, NetworkMode, SecretReference,
    StabilityStatus, StopCode, StoppedTask, TaskDefinition, TaskDefinitionStatus, TaskSet,
};

use std::sync::Arc;

/// Everything the engine talks to, as one bundle; cheap to clone.
#[derive(Clone)]
pub struct Ports {
    /// Amazon ECS.
    pub services: Arc<dyn Services>,
    /// Tasks of Amazon ECS that belong to no service.
    pub standalone_tasks: Arc<dyn StandaloneTasks>,
    /// Elastic Load Balancing v2.
    pub routing: Arc<dyn Routing>,
    /// Listener rules of Elastic Load Balancing v2, for who owns them.
    pub listener_rules: Arc<dyn ListenerRules>,
    /// AWS CodeDeploy.
    pub code_deploy: Arc<dyn CodeDeploy>,
    /// CloudWatch alarms.
    pub alarms: Arc<dyn Alarms>,
    /// CloudWatch alarms and dashboards, for who owns them.
    pub monitoring: Arc<dyn Monitoring>,
    /// Application Auto Scaling.
    pub scaling: Arc<dyn Scaling>,
    /// CloudWatch metrics.
    pub metrics: Arc<dyn Metrics>,
    /// Images, secrets, log groups, quota.
    pub prerequisites: Arc<dyn Prerequisites>,
    /// Functions of AWS Lambda.
    pub functions: Arc<dyn Functions>,
    /// Aliases of functions of AWS Lambda.
    pub function_aliases: Arc<dyn FunctionAliases>,
    /// Snapshots of databases.
    pub databases: Arc<dyn Databases>,
    /// Requests to the service itself.
    pub probes: Arc<dyn Probes>,
    /// Objects in folders and buckets.
    pub snapshots: Arc<dyn ObjectStore>,
    /// Whom AWS tells of a deployment.
    pub notices: Arc<dyn Notices>,
    /// Requests to receivers of notifications.
    pub posts: Arc<dyn Probes>,
    /// Whoever follows an apply while it runs.
    pub progress: Arc<dyn Progress>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}
