//! How a service is deployed, and the deployments ECS carries out itself.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{EcsStatus, Launch, LifecycleStage, LoadBalancer, Network, Parts};

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

impl CircuitBreaker {
    /// The threshold in force: without one it is AWS's own, half of the desired count within bounds.
    pub fn threshold_in_force(&self) -> BreakerThreshold {
        let own = BreakerThreshold {
            unit: ThresholdUnit::BoundedPercent,
            value: 50,
        };
        self.threshold.clone().unwrap_or(own)
    }

    /// Whether a healthy task sets its count back to zero.
    pub fn resets(&self) -> bool {
        self.reset_on_healthy_task.unwrap_or(true)
    }
}

/// `thresholdConfiguration` of a circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerThreshold {
    /// What `value` counts.
    pub unit: ThresholdUnit,
    /// Tasks, or percent of the desired count (1–100).
    pub value: u32,
}

open_words::words! {
    /// `status` of a deployment's circuit breaker.
    pub enum BreakerStatus {
        Disabled = "DISABLED",
        Monitoring = "MONITORING",
        MonitoringComplete = "MONITORING_COMPLETE",
        Triggered = "TRIGGERED",
    }

    /// `type` of a circuit breaker's threshold.
    pub enum ThresholdUnit {
        /// Of the desired count, at least 3 and at most 200 tasks.
        BoundedPercent = "BOUNDED_PERCENT",
        /// Tasks.
        Count = "COUNT",
        /// Of the desired count.
        UnboundedPercent = "UNBOUNDED_PERCENT",
    }

    /// What happens when a hook's time is over.
    pub enum HookTimeoutAction {
        Continue = "CONTINUE",
        Rollback = "ROLLBACK",
    }

    /// `targetType` of a life-cycle hook.
    pub enum HookTargetType {
        Lambda = "AWS_LAMBDA",
        /// The deployment waits for ContinueServiceDeployment.
        Pause = "PAUSE",
    }

    /// `status` of a life-cycle hook that has fired.
    pub enum HookStatus {
        /// It waits for ContinueServiceDeployment.
        AwaitingAction = "AWAITING_ACTION",
        InProgress = "IN_PROGRESS",
        Succeeded = "SUCCEEDED",
        Failed = "FAILED",
        TimedOut = "TIMED_OUT",
    }
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
    /// One of a kind that this build does not know.
    Unknown {
        /// `targetType`.
        word: String,
        /// All of it, in AWS's own JSON: what is written back is what was there.
        whole: String,
    },
}

/// One of `lifecycleHooks`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LifecycleHook {
    /// What it runs.
    pub target: HookTarget,
    /// Stages at which it fires.
    pub stages: BTreeSet<LifecycleStage>,
    /// `hookDetails`: JSON text for the function.
    pub details: Option<String>,
    /// Minutes, 1–20160 for a pause, 1–1440 for a function; AWS's own (1440) when absent.
    pub timeout_minutes: Option<u32>,
    /// What happens then; AWS's own (roll back) when absent.
    pub on_timeout: Option<HookTimeoutAction>,
    /// Members that this build does not know, as an object of AWS's own JSON; empty when it has none.
    pub more: String,
}

impl LifecycleHook {
    /// Minutes it may take; AWS's own where nothing is written.
    pub fn limit_minutes(&self) -> u32 {
        self.timeout_minutes.unwrap_or(1440)
    }

    /// What happens then; AWS's own where nothing is written.
    pub fn at_timeout(&self) -> HookTimeoutAction {
        let own = HookTimeoutAction::Rollback;
        self.on_timeout.clone().unwrap_or(own)
    }
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
    /// What it calls.
    pub target_type: HookTargetType,
    /// Function ARN.
    pub target: Option<String>,
    /// How far it is.
    pub status: HookStatus,
    /// When its time is over.
    pub expires_at: Option<Timestamp>,
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
    pub status: EcsStatus,
    /// AWS's sentence about the status.
    pub status_reason: Option<String>,
    /// Life-cycle stage.
    pub stage: Option<LifecycleStage>,
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
    /// What the circuit breaker says; absent where there is none.
    pub breaker: Option<BreakerStatus>,
    /// Failed tasks counted by the breaker.
    pub failed_tasks: u32,
    /// Hooks of the present stage.
    pub hooks: Vec<HookState>,
    /// Created.
    pub created_at: Option<Timestamp>,
    /// Finished.
    pub finished_at: Option<Timestamp>,
}

impl ServiceDeployment {
    /// The circuit breaker triggered.
    pub fn breaker_triggered(&self) -> bool {
        self.breaker == Some(BreakerStatus::Triggered)
    }

    /// The pause at which it waits for ContinueServiceDeployment.
    pub fn awaiting(&self) -> Option<&HookState> {
        let mut hooks = self.hooks.iter();
        hooks.find(|hook| {
            hook.target_type == HookTargetType::Pause && hook.status == HookStatus::AwaitingAction
        })
    }
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
    /// Parts that a rollout does not look into.
    pub parts: Parts,
    /// What the revision has that neither this description nor [`parts`](Self::parts) holds, as paths of AWS's members.
    pub beyond: BTreeSet<String>,
}

/// How StopServiceDeployment ends a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopType {
    /// `ABORT`: stay where it is.
    Abort,
    /// `ROLLBACK`.
    Rollback,
}
