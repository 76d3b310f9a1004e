//! What the user wants: one whole service, already validated.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use switchyard_rollout::weights::Share;
pub use switchyard_rollout::{Intent, OnCancel, OnForeign, ScalingDuring};

use crate::finding::Rule;
use crate::gate::Gates;
use crate::ports::{
    ClassicBalancer, Controller, DeploymentConfiguration, Launch, LifecycleStage, LoadBalancer,
    Network, Part, Parts, PropagateTags, ServiceRef,
};
use crate::tagging::DesiredTags;

/// The whole wanted service. Field combinations are checked by the caller (offline) and by
/// [`crate::verify`] (against AWS); nothing here is interpreted twice.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredService {
    /// Which service.
    pub service: ServiceRef,
    /// Whether the caller's records hold this service already.
    pub intent: Intent,
    /// Who moves traffic.
    pub controller: DesiredController,
    /// What every task looks like and where it is reached: a change starts a rollout.
    pub revision: DesiredRevision,
    /// What changes without a rollout.
    pub settings: Settings,
    /// How ECS carries out this one rollout, where that is not what the settings say: they are put in force again when
    /// it has succeeded.
    pub this_rollout: Option<DeploymentConfiguration>,
    /// How many tasks, and who owns that number.
    pub desired: DesiredCount,
    /// Start a rollout even when nothing differs.
    pub force: bool,
    /// Parts of the revision that are written also where they do not differ: what was left out inside of one cannot be
    /// told from what AWS has filled in.
    pub rewritten: BTreeSet<Part>,
    /// How long the whole apply may take.
    pub time_limit: Duration,
    /// What a cancelled apply does with a running rollout.
    pub on_cancel: OnCancel,
    /// What an apply does about somebody else's deployment to something else.
    pub on_foreign: OnForeign,
    /// Weights that are held by us: `steps`. Empty with every other strategy. The last one is 100 percent.
    pub steps: Vec<DesiredStep>,
    /// Stages at which a pause hook of the configuration waits for a person. No other pause hook is at these stages.
    pub approvals: BTreeSet<LifecycleStage>,
    /// What has to be true of the new revision before the rollout goes on.
    pub gates: Gates,
    /// What happens to automatic scaling during a rollout.
    pub scaling: ScalingDuring,
    /// Rules of [`crate::verify`] whose findings are warnings here.
    pub warn_only: BTreeSet<Rule>,
    /// How long going back to the old revision may take; a longer way is reported.
    pub recovery_objective: Duration,
    /// How many revisions of the family that we have registered stay active; all when absent.
    pub revision_retention: Option<u32>,
    /// Whether plans of the caller refuse images that may be to blame for a failure.
    pub refuses_failed_images: bool,
}

impl DesiredService {
    /// The production rule, or the listener whose default action it is.
    pub fn production_route(&self) -> Option<&str> {
        let balancer = self.revision.load_balancer.as_ref()?;
        balancer.production_rule.as_deref()
    }

    /// Whether a load balancer checks the health of the tasks.
    pub(crate) fn has_balancer(&self) -> bool {
        self.revision.load_balancer.is_some() || ClassicBalancer::of(&self.revision.parts).is_some()
    }

    /// The load balancer and the pairs besides.
    pub(crate) fn balancers(&self) -> Vec<DesiredLoadBalancer> {
        let besides = self.revision.additional.iter();
        let pairs = besides.filter_map(DesiredLoadBalancer::of_pair);
        self.revision
            .load_balancer
            .iter()
            .cloned()
            .chain(pairs)
            .collect()
    }

    /// How ECS carries out the rollout.
    pub(crate) fn rollout_configuration(&self) -> &DeploymentConfiguration {
        let of_settings = &self.settings.deployment_configuration;
        self.this_rollout.as_ref().unwrap_or(of_settings)
    }
}

/// One weight that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DesiredStep {
    /// Production weight of the new revision.
    pub share: Share,
    /// How long it is held at least.
    pub hold: Duration,
    /// It is held until a person approves, instead.
    pub approval: bool,
}

/// Who moves traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DesiredController {
    /// AWS CodeDeploy (`CODE_DEPLOY`).
    CodeDeploy {
        /// Application name.
        application: String,
        /// Deployment group name.
        group: String,
        /// Deployment configuration; the group's own when absent.
        config: Option<String>,
        /// Life-cycle event → Lambda function (name or ARN), such as `AfterAllowTestTraffic`.
        hooks: BTreeMap<CodeDeployHook, String>,
        /// Auto-rollback events of our deployments; the group's own when absent.
        rollback_events: Option<Vec<String>>,
        /// Alarms of our deployments; the group's own when absent.
        alarms: Option<Vec<String>>,
    },
    /// ECS itself (`ECS`).
    Ecs,
    /// We do (`EXTERNAL`): task sets, and the weights of the production rule.
    External,
}

impl DesiredController {
    /// Whether an apply moves a service from this controller to the wanted one.
    pub(crate) fn takes_over(&self, from: &Controller) -> bool {
        match (from, self) {
            (Controller::CodeDeploy, Self::Ecs) | (Controller::Ecs, Self::CodeDeploy { .. }) => {
                true
            }
            (
                Controller::CodeDeploy
                | Controller::Ecs
                | Controller::External
                | Controller::Unknown(_),
                Self::CodeDeploy { .. } | Self::Ecs | Self::External,
            ) => false,
        }
    }
}

/// Life-cycle events of CodeDeploy at which a function can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeDeployHook {
    /// Before the new task set is created.
    BeforeInstall,
    /// After the new task set is up.
    AfterInstall,
    /// After test traffic reaches it.
    AfterAllowTestTraffic,
    /// Before production traffic reaches it.
    BeforeAllowTraffic,
    /// After production traffic has moved.
    AfterAllowTraffic,
}

impl CodeDeployHook {
    /// AWS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::BeforeInstall => "BeforeInstall",
            Self::AfterInstall => "AfterInstall",
            Self::AfterAllowTestTraffic => "AfterAllowTestTraffic",
            Self::BeforeAllowTraffic => "BeforeAllowTraffic",
            Self::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }
}

/// Who decides what the tasks run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DesiredTaskDefinition {
    /// This one: ARN, `family:revision` or `family` (the latest active one).
    Named(String),
    /// These images, put into a definition that we register.
    Images {
        /// The definition everything else comes from; the live one when absent.
        base: Option<String>,
        /// Container → image.
        images: BTreeMap<String, String>,
    },
    /// Whatever is live: somebody else deploys.
    Live {
        /// What a new service starts with.
        initial: Option<String>,
    },
    /// This revision (ARN) again: as it is while it is active, and the same registered once more when it has been
    /// deregistered.
    Restored(String),
}

impl DesiredTaskDefinition {
    /// The definition that is named, if one is.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) | Self::Restored(name) => Some(name),
            Self::Images { base, .. } => base.as_deref(),
            Self::Live { initial } => initial.as_deref(),
        }
    }
}

/// What every task looks like and where it is reached. `None` means AWS's default, which is not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredRevision {
    /// Task definition.
    pub task_definition: DesiredTaskDefinition,
    /// Where tasks run.
    pub launch: Option<Launch>,
    /// Fargate platform version.
    pub platform_version: Option<String>,
    /// Network (`awsvpc` task definitions).
    pub network: Option<Network>,
    /// Load balancer attachment.
    pub load_balancer: Option<DesiredLoadBalancer>,
    /// Target groups and pairs besides, in which every task is registered as well.
    pub additional: Vec<LoadBalancer>,
    /// Parts that a rollout does not look into.
    pub parts: Parts,
}

/// One container behind one target group, or behind a pair that swaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredLoadBalancer {
    /// Container name.
    pub container: String,
    /// Container port.
    pub port: u32,
    /// One target group ARN, or the pair (a set: which one is live is AWS's to say).
    pub target_groups: BTreeSet<String>,
    /// Production listener rule ARN (Application Load Balancer) or listener ARN (Network Load Balancer).
    pub production_rule: Option<String>,
    /// Test listener rule or listener ARN.
    pub test_rule: Option<String>,
    /// Role that lets ECS edit the rules.
    pub role: Option<String>,
}

impl DesiredLoadBalancer {
    /// A pair besides, as the wish that it is; `None` for a single group.
    pub(crate) fn of_pair(balancer: &LoadBalancer) -> Option<Self> {
        let alternate = balancer.alternate.as_ref()?;
        Some(Self {
            container: balancer.container.clone(),
            port: balancer.port,
            target_groups: balancer.groups().into_iter().map(str::to_owned).collect(),
            production_rule: Some(alternate.production_rule.clone()),
            test_rule: alternate.test_rule.clone(),
            role: Some(alternate.role.clone()),
        })
    }
}

/// What UpdateService changes without a rollout, and tags.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Strategy, percentages, circuit breaker, alarms; used by the next rollout.
    pub deployment_configuration: DeploymentConfiguration,
    /// Seconds unhealthy checks are ignored after a task starts; `None` is left to AWS.
    pub health_check_grace_seconds: Option<u32>,
    /// ECS Exec.
    pub enable_execute_command: bool,
    /// ECS managed tags.
    pub enable_managed_tags: bool,
    /// Tag propagation.
    pub propagate_tags: PropagateTags,
    /// Parts that change in place, and what a service keeps from its creation.
    pub parts: Parts,
    /// All tags the service is to have.
    pub tags: DesiredTags,
}

/// How many tasks, and who owns that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesiredCount {
    /// Exactly this many, corrected at every apply.
    Fixed(u32),
    /// This many at creation; an autoscaler owns the number afterwards.
    Initial(u32),
    /// `initial` at creation; afterwards any number from `min` to `max` is right, and one outside is corrected
    /// to the nearer bound.
    Bounded {
        /// At creation, in tasks.
        initial: u32,
        /// Fewest tasks.
        min: u32,
        /// Most tasks.
        max: u32,
    },
}

impl DesiredCount {
    /// The number a new service starts with, in tasks.
    pub fn at_creation(self) -> u32 {
        match self {
            Self::Fixed(count) | Self::Initial(count) => count,
            Self::Bounded { initial, .. } => initial,
        }
    }
}
