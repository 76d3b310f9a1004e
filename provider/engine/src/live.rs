//! What AWS shows: the service and the revision that has the traffic.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use crate::emergency::EmergencyScaling;
use crate::ports::{EcsStatus, Launch, LifecycleStage, LoadBalancer, Network, Parts, Service};

/// What is really there.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The service, without the [`crate::CREATING_TAG`], the [`crate::SCALING_TAG`] and `aws:` tags.
    pub service: Service,
    /// The revision that serves production. During a rollout this is the one with more traffic.
    pub revision: LiveRevision,
    /// The rollout that is under way, if one is.
    pub deployment: Option<OngoingDeployment>,
    /// What an interrupted apply left and the next one finishes.
    pub unfinished: Vec<Unfinished>,
    /// What somebody else may have under way.
    pub others: Vec<Unfinished>,
    /// What a person has raised for a time. Until the time is over, `service` shows the number of tasks without it.
    pub emergency: Option<Box<EmergencyScaling>>,
}

/// Something that has begun and has not ended. `Display` is a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// A deployment is under way, or waits at a pause until somebody lets it go on.
    Deployment {
        /// Its id.
        id: String,
        /// `family:revision` it goes to, when known.
        revision: Option<String>,
        /// It waits at a pause.
        paused: bool,
    },
    /// The first deployment of the service ([`crate::CREATING_TAG`]).
    FirstDeployment,
    /// A deployment that pauses until an apply lets it go on; left alone, ECS rolls it back.
    HeldDeployment,
    /// The gates asked after its last deployment are not decided ([`crate::WATCHING_TAG`]).
    Verdict {
        /// `family:revision` that was deployed.
        revision: String,
    },
    /// Automatic scaling is suspended for a deployment ([`crate::SCALING_TAG`]).
    ScalingSuspended,
    /// A task set beside the primary one.
    TaskSet {
        /// Its id.
        id: String,
        /// Its `family:revision`.
        revision: String,
    },
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment {
                id,
                revision,
                paused,
            } => {
                let target = revision.as_deref().unwrap_or("another revision");
                match paused {
                    true => write!(
                        f,
                        "a deployment to {target} waits until somebody continues it ({id})"
                    ),
                    false => write!(f, "a deployment to {target} is in progress ({id})"),
                }
            }
            Self::FirstDeployment => f.write_str("its first deployment has not ended"),
            Self::HeldDeployment => f.write_str("its deployment waits for an apply to continue it"),
            Self::Verdict { revision } => {
                write!(
                    f,
                    "the gates after its deployment of {revision} have not been decided"
                )
            }
            Self::ScalingSuspended => f.write_str("automatic scaling is suspended"),
            Self::TaskSet { id, revision } => {
                write!(f, "task set {id} ({revision}) is not the primary one")
            }
        }
    }
}

/// The revision that serves production.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveRevision {
    /// Task definition ARN; absent only on a service without one (controller `EXTERNAL`, no task set).
    pub task_definition: Option<String>,
    /// Service revision ARN (controller `ECS`, when AWS was asked for it).
    pub revision_arn: Option<String>,
    /// Where tasks run.
    pub launch: Option<Launch>,
    /// Fargate platform version as configured.
    pub platform_version: Option<String>,
    /// Network.
    pub network: Option<Network>,
    /// Container behind the load balancer.
    pub container: Option<String>,
    /// Its port.
    pub port: Option<u32>,
    /// Target groups of the service: none, one, or the pair. Under CodeDeploy only the live one: ECS
    /// knows no other, the pair belongs to the deployment group.
    pub target_groups: BTreeSet<String>,
    /// Target group that has production traffic.
    pub live_target_group: Option<String>,
    /// Target groups that have production traffic, of the pairs besides, too.
    pub live_target_groups: BTreeSet<String>,
    /// Production listener rule or listener.
    pub production_rule: Option<String>,
    /// Test listener rule or listener.
    pub test_rule: Option<String>,
    /// Role that lets ECS edit the rules.
    pub role: Option<String>,
    /// Target groups besides, in which every task is registered as well.
    pub additional: Vec<LoadBalancer>,
    /// Parts that a rollout does not look into, as far as every revision has its own.
    pub parts: Parts,
}

/// A rollout under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OngoingDeployment {
    /// Service deployment ARN, or CodeDeploy deployment id.
    pub id: String,
    /// Its status.
    pub status: EcsStatus,
    /// Its life-cycle stage, if AWS names one.
    pub stage: Option<LifecycleStage>,
    /// Task definition ARN it goes to, when known.
    pub target_task_definition: Option<String>,
    /// An apply of ours has begun it.
    pub ours: bool,
    /// It waits at a pause until somebody lets it go on.
    pub paused: bool,
    /// Started.
    pub started_at: Option<Timestamp>,
}
