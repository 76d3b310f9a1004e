//! What exists in the account and region, whoever made it.

use std::collections::{BTreeMap, BTreeSet};

use super::Result;

/// Kinds of objects that deployments are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// Cluster of ECS.
    Cluster,
    /// Service of ECS.
    Service,
    /// Task set of a service.
    TaskSet,
    /// Load balancer.
    LoadBalancer,
    /// Listener.
    Listener,
    /// Rule of a listener, except the default one, which is part of the listener.
    Rule,
    /// Target group.
    TargetGroup,
    /// Scalable target of a service of ECS.
    ScalableTarget,
    /// Scaling policy of a service of ECS.
    ScalingPolicy,
    /// Application of CodeDeploy for ECS.
    Application,
    /// Deployment group of such an application.
    DeploymentGroup,
    /// Metric alarm.
    Alarm,
    /// Composite alarm.
    CompositeAlarm,
    /// Log group.
    LogGroup,
}

/// Kinds that are listed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectFamily {
    /// Clusters, services and task sets.
    Ecs,
    /// Load balancers, listeners, rules and target groups.
    LoadBalancing,
    /// Scalable targets and policies.
    Scaling,
    /// Applications and deployment groups.
    CodeDeploy,
    /// Alarms.
    Alarms,
    /// Log groups.
    Logs,
}

impl ObjectFamily {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Ecs,
        Self::LoadBalancing,
        Self::Scaling,
        Self::CodeDeploy,
        Self::Alarms,
        Self::Logs,
    ];
}

impl ObjectKind {
    /// The family it is listed with.
    pub fn family(self) -> ObjectFamily {
        match self {
            Self::Cluster | Self::Service | Self::TaskSet => ObjectFamily::Ecs,
            Self::LoadBalancer | Self::Listener | Self::Rule | Self::TargetGroup => {
                ObjectFamily::LoadBalancing
            }
            Self::ScalableTarget | Self::ScalingPolicy => ObjectFamily::Scaling,
            Self::Application | Self::DeploymentGroup => ObjectFamily::CodeDeploy,
            Self::Alarm | Self::CompositeAlarm => ObjectFamily::Alarms,
            Self::LogGroup => ObjectFamily::Logs,
        }
    }
}

/// An object of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveObject {
    /// What it is.
    pub kind: ObjectKind,
    /// ARN.
    pub arn: String,
    /// What it is called: `CLUSTER/SERVICE`, `APPLICATION/GROUP`, a name, or for rules their priority.
    pub name: String,
    /// Name of the cluster that it says it belongs to.
    pub cluster: Option<String>,
    /// ARNs of what it is part of or leads to: a rule's listener and target groups, a policy's alarms.
    pub uses: BTreeSet<String>,
    /// Tags, where the list has them.
    pub tags: Option<BTreeMap<String, String>>,
}

/// Lists what exists.
#[async_trait::async_trait]
pub trait Inventory: Send + Sync + 'static {
    /// Everything of a family in the account and region of the credentials.
    async fn objects(&self, family: ObjectFamily) -> Result<Vec<LiveObject>>;
    /// Tags of objects of one family by ARN, where the list lacks them. What is gone meanwhile is left out.
    async fn tags(
        &self,
        family: ObjectFamily,
        arns: &[String],
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>>;
}
