//! Application Auto Scaling, as far as a service's desired count is concerned
//! (namespace `ecs`, dimension `ecs:service:DesiredCount`, resource `service/CLUSTER/SERVICE`).

mod policy;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use policy::{
    AdjustmentType, BreachBehavior, CustomMetric, MetricAggregation, MetricMath, Policy,
    PredefinedMetric, PredictiveMetric, PredictiveMode, PredictiveScaling, ScalingPolicy,
    StepAdjustment, StepScaling, TargetTracking, TrackedMetric,
};

use super::{Result, ServiceRef};

/// `SuspendedState` of a scalable target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SuspendedState {
    /// `DynamicScalingInSuspended`.
    pub scale_in: bool,
    /// `DynamicScalingOutSuspended`.
    pub scale_out: bool,
    /// `ScheduledScalingSuspended`.
    pub scheduled: bool,
}

/// Between how many tasks a service may be scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Fewest tasks.
    pub min: u32,
    /// Most tasks.
    pub max: u32,
}

/// A service's registered scalable target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScalableTarget {
    /// ARN; some old targets show none.
    pub arn: Option<String>,
    /// Its bounds now: as registered, or as a scheduled action has left them.
    pub bounds: Bounds,
    /// What of it is suspended.
    pub suspended: SuspendedState,
}

/// What RegisterScalableTarget sends. What is absent stays as it is; a target that does not exist yet needs bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetChange {
    /// Both bounds.
    pub bounds: Option<Bounds>,
    /// All three words.
    pub suspended: Option<SuspendedState>,
    /// Tags of a target that does not exist yet (AWS takes them at the first registration only).
    pub tags: BTreeMap<String, String>,
}

/// A scheduled action: at the times of `schedule` it sets bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledAction {
    /// Name, unique on its target.
    pub name: String,
    /// ARN, once AWS has given it one.
    pub arn: Option<String>,
    /// `at(…)`, `rate(…)` or `cron(…)`, as written.
    pub schedule: String,
    /// Time zone (IANA name) in which `at` and `cron` are read; UTC when absent.
    pub timezone: Option<String>,
    /// It does nothing before.
    pub start: Option<Timestamp>,
    /// It does nothing after.
    pub end: Option<Timestamp>,
    /// New lower bound; absent leaves it.
    pub min: Option<u32>,
    /// New upper bound; absent leaves it.
    pub max: Option<u32>,
    /// When AWS got it first. It stays when another one is put over it, which then counts as if it had been there
    /// all the time (also `rate`, which counts from here).
    pub created: Option<Timestamp>,
}

open_words::words! {
    /// `StatusCode` of a scaling activity.
    pub enum ActivityStatus {
        Pending = "Pending",
        InProgress = "InProgress",
        Successful = "Successful",
        /// By a later one.
        Overridden = "Overridden",
        Unfulfilled = "Unfulfilled",
        Failed = "Failed",
    }
}

/// Why AWS did not scale (`NotScaledReasons`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotScaledReason {
    /// `AlreadyAtMaxCapacity`, `AlreadyAtMinCapacity`, `AutoScalingAnticipatedFlapping`, `TargetServicePutResourceAsUnscalable`, …
    pub code: String,
    /// Upper bound at that time.
    pub max: Option<u32>,
    /// Lower bound at that time.
    pub min: Option<u32>,
    /// Tasks at that time.
    pub current: Option<u32>,
}

/// One scaling activity, or one that did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingActivity {
    /// What became of it.
    pub status: ActivityStatus,
    /// What it was to do, in AWS's words.
    pub description: String,
    /// What caused it, in AWS's words.
    pub cause: String,
    /// AWS's message about the status.
    pub message: Option<String>,
    /// Began.
    pub started: Timestamp,
    /// Ended.
    pub ended: Option<Timestamp>,
    /// Why nothing was done.
    pub not_scaled: Vec<NotScaledReason>,
}

/// Reads and writes scalable targets, policies and scheduled actions.
#[async_trait::async_trait]
pub trait Scaling: Send + Sync + 'static {
    /// The scalable target of the service, if one is registered. Reads are batched (50 a call).
    async fn find_scalable_target(&self, service: &ServiceRef) -> Result<Option<ScalableTarget>>;
    /// The same for a check that a plan can do without: when AWS is busy or does not answer, it is not asked again.
    async fn glance_at_scalable_target(
        &self,
        service: &ServiceRef,
    ) -> Result<Option<ScalableTarget>> {
        self.find_scalable_target(service).await
    }
    /// All policies of the service, by name. Simultaneous reads of many services are shared.
    async fn policies(&self, service: &ServiceRef) -> Result<Vec<ScalingPolicy>>;
    /// All scheduled actions of the service, by name. Simultaneous reads of many services are shared.
    async fn scheduled_actions(&self, service: &ServiceRef) -> Result<Vec<ScheduledAction>>;
    /// The latest activities, newest first, at most 50, including those that did not scale.
    async fn activities(&self, service: &ServiceRef) -> Result<Vec<ScalingActivity>>;
    /// Tags of a target.
    async fn target_tags(&self, target_arn: &str) -> Result<BTreeMap<String, String>>;

    /// Suspends or resumes scaling of a registered target; its bounds stay (RegisterScalableTarget with the
    /// suspended state alone).
    async fn set_suspended(&self, service: &ServiceRef, state: SuspendedState) -> Result<()>;
    /// Registers the target, or changes it.
    async fn register_target(&self, service: &ServiceRef, change: &TargetChange) -> Result<()>;
    /// Deregisters the target; AWS deletes its policies and scheduled actions with it. Absent is fine.
    async fn deregister_target(&self, service: &ServiceRef) -> Result<()>;
    /// Puts a policy (an upsert by name). The answer has its ARN and the alarms AWS made for it.
    async fn put_policy(
        &self,
        service: &ServiceRef,
        name: &str,
        policy: &Policy,
    ) -> Result<ScalingPolicy>;
    /// Deletes a policy and the alarms AWS made for it. Absent is fine.
    async fn delete_policy(&self, service: &ServiceRef, name: &str) -> Result<()>;
    /// Puts a scheduled action (an upsert by name; `arn` and `created` are not sent).
    async fn put_scheduled_action(
        &self,
        service: &ServiceRef,
        action: &ScheduledAction,
    ) -> Result<()>;
    /// Deletes a scheduled action. Absent is fine.
    async fn delete_scheduled_action(&self, service: &ServiceRef, name: &str) -> Result<()>;
    /// Adds tags and removes keys.
    async fn tag_target(
        &self,
        target_arn: &str,
        add: &BTreeMap<String, String>,
        remove: &[String],
    ) -> Result<()>;
}
