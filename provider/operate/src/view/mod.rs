//! A service as people on call want to see it, and as programs read it.

mod gather;
mod judge;
mod moving;
mod sides;
mod state;

use std::collections::BTreeMap;
use switchyard_engine::ports::AlarmState;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

pub use self::gather::look;
pub(crate) use self::gather::look_at;
pub(crate) use moving::{ended_code_deploy, ended_native};
pub use state::State;

/// A service at a moment. The fields are the JSON that the commands write.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ServiceView {
    /// Name.
    pub service: String,
    /// Cluster name.
    pub cluster: String,
    /// ARN.
    pub arn: String,
    /// Region, as far as it is known.
    pub region: Option<String>,
    /// When AWS was looked at.
    pub at: Timestamp,
    /// In one word.
    pub state: State,
    /// Why the state is `degraded`, as clauses.
    pub problems: Vec<String>,
    /// AWS's word for the status of the service.
    pub status: String,
    /// AWS's word for who deploys it.
    pub controller: String,
    /// AWS's word for how; only under the controller `ECS`.
    pub strategy: Option<String>,
    /// Tasks of all sides.
    pub tasks: TaskCounts,
    /// What has or had production traffic, the live side first.
    pub sides: Vec<SideView>,
    /// The deployment in progress.
    pub deployment: Option<DeploymentView>,
    /// Automatic scaling, where the service has some.
    pub scaling: Option<ScalingView>,
    /// What a person has raised for a time.
    pub emergency: Option<EmergencyView>,
    /// Alarms that deployments of the service look at.
    pub alarms: Vec<AlarmView>,
    /// The last deployment that has ended, where it was asked for.
    pub last_deployment: Option<EndedView>,
    /// What has begun and has not ended, as clauses.
    pub unfinished: Vec<String>,
    /// What a person has done by hand last, and why.
    pub operated: Option<String>,
    /// The newest events, newest first.
    pub events: Vec<EventView>,
}

/// Numbers of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TaskCounts {
    /// Wanted.
    pub desired: u32,
    /// Running.
    pub running: u32,
    /// Starting.
    pub pending: u32,
}

/// What a side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It has production traffic, or most of it.
    Live,
    /// The deployment goes to it.
    New,
    /// The deployment comes from it.
    Old,
    /// It gets traffic, and no revision of the service is known to be there.
    Other,
}

impl Role {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::New => "new",
            Self::Old => "old",
            Self::Other => "other",
        }
    }
}

/// One side of a service.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SideView {
    /// What it is.
    pub role: Role,
    /// `family:revision`.
    pub revision: Option<String>,
    /// Task definition ARN.
    pub task_definition: Option<String>,
    /// Container → image.
    pub images: BTreeMap<String, String>,
    /// Percent of production traffic; absent where nothing says it.
    pub traffic_percent: Option<f64>,
    /// Its tasks.
    pub tasks: Option<TaskCounts>,
    /// Name of its target group.
    pub target_group: Option<String>,
    /// Health of what is registered there.
    pub targets: Option<TargetsView>,
}

/// Health of a target group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TargetsView {
    /// Healthy.
    pub healthy: u32,
    /// All that are not draining.
    pub total: u32,
    /// Of those that are not healthy: reason code (or state) → how many.
    pub reasons: BTreeMap<String, u32>,
}

/// Who carries a deployment out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// ECS.
    Ecs,
    /// CodeDeploy.
    Codedeploy,
    /// An apply (controller `EXTERNAL`).
    Apply,
}

/// A deployment in progress.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DeploymentView {
    /// Service deployment ARN, CodeDeploy deployment id, or task set id.
    pub id: String,
    /// Who carries it out.
    pub carried_out_by: Carrier,
    /// AWS's word for its status.
    pub status: String,
    /// AWS's word for its stage.
    pub stage: Option<String>,
    /// `family:revision` it goes to.
    pub to: Option<String>,
    /// An apply of this provider has started it.
    pub started_by_switchyard: bool,
    /// Started.
    pub started_at: Option<Timestamp>,
    /// It is being rolled back.
    pub rolling_back: bool,
    /// Why, in AWS's words.
    pub reason: Option<String>,
    /// What it waits for until somebody continues it.
    pub waits_for: Option<WaitView>,
    /// Functions that ECS has called and that have not answered.
    pub functions: Vec<String>,
    /// Minutes that both sides stay after all traffic has moved.
    pub bake_minutes: Option<u32>,
}

/// A pause.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WaitView {
    /// Hook id; absent under CodeDeploy.
    pub hook: Option<String>,
    /// When its time is over.
    pub until: Option<Timestamp>,
    /// What AWS does then: `rollback` or `continue`; absent where it is not known.
    pub then: Option<String>,
}

/// Automatic scaling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScalingView {
    /// Fewest tasks.
    pub min: u32,
    /// Most tasks.
    pub max: u32,
    /// What is suspended: `in`, `out`, `scheduled`.
    pub suspended: Vec<String>,
}

/// Emergency scaling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EmergencyView {
    /// Until when it is expected.
    pub until: Timestamp,
    /// Whether that time is over: the next apply puts it back.
    pub is_over: bool,
    /// What was raised, from what to what.
    pub raised: String,
    /// Why.
    pub reason: String,
}

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AlarmView {
    /// Name.
    pub name: String,
    /// AWS's word; `MISSING` when it does not exist.
    pub state: String,
}

impl AlarmView {
    /// Whether it is in state `ALARM`.
    pub(crate) fn is_firing(&self) -> bool {
        AlarmState::parse(&self.state) == AlarmState::Firing
    }
}

/// A deployment that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EndedView {
    /// Service deployment ARN, or CodeDeploy deployment id.
    pub id: String,
    /// AWS's word for how it ended.
    pub status: String,
    /// Whether its revision is live because of it.
    pub succeeded: bool,
    /// `family:revision` it went to.
    pub to: Option<String>,
    /// Why it ended so, in AWS's words.
    pub reason: Option<String>,
    /// Started.
    pub started_at: Option<Timestamp>,
    /// Ended.
    pub finished_at: Option<Timestamp>,
}

/// An event of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EventView {
    /// Its id.
    #[serde(skip)]
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// AWS's sentence.
    pub message: String,
}

impl ServiceView {
    /// Task definition ARN of the live side.
    pub(crate) fn live_definition(&self) -> Option<&str> {
        self.live()?.task_definition.as_deref()
    }

    /// `family:revision` of the live side.
    pub(crate) fn live_revision(&self) -> Option<&str> {
        self.live()?.revision.as_deref()
    }

    fn live(&self) -> Option<&SideView> {
        self.sides.iter().find(|side| side.role == Role::Live)
    }

    /// The side that a deployment goes to.
    pub(crate) fn new_side(&self) -> Option<&SideView> {
        let to = self.deployment.as_ref()?.to.as_ref();
        let mut sides = self.sides.iter();
        let by_role = sides.find(|side| side.role == Role::New);
        by_role.or_else(|| {
            let mut sides = self.sides.iter();
            sides.find(|side| to.is_some() && side.revision.as_ref() == to)
        })
    }
}
