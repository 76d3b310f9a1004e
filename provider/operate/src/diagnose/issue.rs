//! What `diagnose` says: issues, and what could not be looked at.

use schemars::JsonSchema;
use serde::Serialize;

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssueSeverity {
    /// Users of the service are affected now, all of them or many.
    Critical,
    /// Some are affected, or all will be when nothing is done.
    Major,
    /// Nobody is affected yet.
    Minor,
}

impl IssueSeverity {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }
}

/// What of a service's health a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthArea {
    /// Whether it runs and is reached: deployment, tasks, targets, traffic, network.
    Basic,
    /// How well it runs: errors, latency, CPU and memory, scaling, quotas.
    Performance,
    /// What its owners say of it: alarms and logs.
    Business,
}

impl HealthArea {
    pub(super) const ALL: [Self; 3] = [Self::Basic, Self::Performance, Self::Business];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Performance => "performance",
            Self::Business => "business",
        }
    }
}

/// What kind of issue it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssueKind {
    /// A deployment waits for somebody.
    DeploymentPaused,
    /// A deployment does not get on.
    DeploymentStuck,
    /// A deployment is being rolled back.
    DeploymentRollingBack,
    /// The last deployment did not succeed.
    DeploymentFailed,
    /// Something has begun and has not ended.
    Unfinished,
    /// Fewer tasks run than are wanted.
    TasksMissing,
    /// Images cannot be pulled.
    ImageNotPulled,
    /// Secrets or parameters cannot be read.
    SecretNotRead,
    /// The image is for a different CPU architecture.
    WrongArchitecture,
    /// A container was killed for its memory.
    OutOfMemory,
    /// A port is in use already.
    PortTaken,
    /// A container ended.
    ContainerExited,
    /// Tasks fail their health check.
    HealthCheckFailed,
    /// There is no room for tasks.
    NoCapacity,
    /// Spot capacity was taken back.
    SpotReclaimed,
    /// Tasks do not start for another reason.
    TaskNotStarted,
    /// Targets are unhealthy.
    TargetsUnhealthy,
    /// Traffic goes to a target group without targets.
    TrafficToNobody,
    /// The live revision gets no traffic.
    TrafficLost,
    /// Traffic is split and nothing is in progress.
    TrafficSplit,
    /// Automatic scaling is suspended.
    ScalingSuspended,
    /// Automatic scaling has no room.
    ScalingFixed,
    /// The service is at its maximum and wants more.
    ScalingAtMaximum,
    /// Scaling was tried and failed.
    ScalingFailed,
    /// An alarm fires.
    AlarmFiring,
    /// An alarm has no data.
    AlarmWithoutData,
    /// An alarm does not exist.
    AlarmMissing,
    /// More requests fail than usual.
    ErrorsHigh,
    /// Responses take longer than usual.
    LatencyHigh,
    /// Fewer requests come than usual.
    FewerRequests,
    /// CPU is nearly used up.
    CpuHigh,
    /// Memory is nearly used up.
    MemoryHigh,
    /// Logs show errors.
    LogErrors,
    /// A quota is nearly used up.
    QuotaNear,
    /// A security group keeps the load balancer from the tasks.
    NoWayIn,
    /// Tasks do not reach registries and other services.
    NoWayOut,
    /// A certificate ends soon.
    CertificateEnds,
}

/// One thing that is not as it should be, and what to do about it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Issue {
    /// Kind.
    pub kind: IssueKind,
    /// How bad it is.
    pub severity: IssueSeverity,
    /// In one line.
    pub title: String,
    /// Who or what is affected.
    pub affects: String,
    /// The likely cause.
    pub cause: String,
    /// What AWS shows: the values that were seen.
    pub evidence: Vec<String>,
    /// What to do, in this order. Commands stand in code quotes.
    pub steps: Vec<String>,
    /// How to prevent it.
    pub prevention: String,
}

/// What became of a check.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "result")]
pub(super) enum Outcome {
    /// It was made.
    Checked {
        #[serde(skip)]
        issues: Vec<Issue>,
    },
    /// It could not be made.
    NotChecked {
        /// Why, as a sentence.
        why: String,
    },
    /// The service has nothing to check.
    NotApplicable,
}

/// A check that was made, or not.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) area: HealthArea,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
}

impl Check {
    pub(super) fn issues(&self) -> &[Issue] {
        match &self.outcome {
            Outcome::Checked { issues } => issues,
            Outcome::NotChecked { .. } | Outcome::NotApplicable => &[],
        }
    }
}
