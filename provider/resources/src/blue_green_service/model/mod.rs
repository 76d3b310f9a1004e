//! What the user can write, and what it does: one struct for schema, configuration, plan and state.

mod deployment;
mod gate;
mod kept;
mod record;
mod service;

pub(super) use deployment::{
    AlarmsModel, CircuitBreakerModel, CodeDeployHooksModel, CodeDeployModel, DeploymentModel,
    HookModel, ShiftModel, StepModel, ThresholdModel,
};
pub(super) use gate::{GateModel, HealthScoreModel, HttpModel, MetricModel, QueryModel};
pub(super) use kept::SnapshotsModel;
pub(super) use record::{LastDeploymentModel, LastSnapshotsModel, QuarantinedModel};
pub(super) use service::{
    BoundsModel, CapacityProviderModel, LoadBalancerModel, NetworkModel, PreflightModel,
    TimeoutsModel,
};

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::validators::{between, each, items_at_least, not_empty};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::{Attr, Set};

use super::rules;
use super::words::{
    ControllerWord, CountOwnerWord, LaunchWord, OnCancelWord, OnForeignWord, OwnerWord,
    PropagateWord, StageWord,
};
use crate::names;
use crate::snapshots::retention::snapshot_id;

/// The value, or for null its default; `None` while it is unknown.
pub(super) fn or_default<'a, T>(value: &'a Attr<T>, default: &'a Attr<T>) -> Option<&'a T> {
    value.as_ref().or(default.as_ref()).into_known()
}

/// A set, each of whose elements may be unknown.
pub(super) type SetOf<T> = Attr<Set<Attr<T>>>;

/// A set attribute with text elements, each of which may be unknown.
pub(super) type TextSet = SetOf<String>;

/// The elements, if all of them are known.
pub(super) fn known_set<T: Clone + Ord>(set: &SetOf<T>) -> Option<BTreeSet<T>> {
    set.known()?
        .iter()
        .map(|element| element.known().cloned())
        .collect()
}

/// A wholly known set.
pub(super) fn text_set<'a>(elements: impl IntoIterator<Item = &'a String>) -> TextSet {
    Attr::Known(elements.into_iter().cloned().map(Attr::Known).collect())
}

/// A wholly known set of stages.
pub(super) fn stages(words: impl IntoIterator<Item = impl ToString>) -> SetOf<StageWord> {
    let words = words
        .into_iter()
        .map(|word| StageWord::parse(&word.to_string()));
    Attr::Known(words.map(Attr::Known).collect())
}

/// A list of structures, each of which may be unknown.
pub(super) type List<T> = Attr<Vec<Attr<T>>>;

/// The elements that are known, each with its index.
pub(super) fn known_elements<T>(list: &List<T>) -> impl Iterator<Item = (i64, &T)> {
    let elements = (0..).zip(list.known().into_iter().flatten());
    elements.filter_map(|(index, element)| Some((index, element.known()?)))
}

/// The elements, if all of them are known; none for null.
pub(super) fn whole_list<T>(list: &List<T>) -> Option<Vec<&T>> {
    match list {
        Attr::Null => Some(Vec::new()),
        Attr::Unknown => None,
        Attr::Known(elements) => elements.iter().map(Attr::known).collect(),
    }
}

/// A wholly known list; null when there is nothing in it.
pub(super) fn list_or_null<T>(elements: impl IntoIterator<Item = T>) -> List<T> {
    let elements: Vec<_> = elements.into_iter().map(Attr::Known).collect();
    if elements.is_empty() {
        Attr::Null
    } else {
        Attr::Known(elements)
    }
}

/// A map attribute with text elements, each of which may be unknown.
pub(super) type TextMap = Attr<BTreeMap<String, Attr<String>>>;

/// The elements, if all of them are known; none for null.
pub(super) fn known_map(map: &TextMap) -> Option<BTreeMap<String, String>> {
    match map {
        Attr::Unknown => None,
        Attr::Null => Some(BTreeMap::new()),
        Attr::Known(elements) => elements
            .iter()
            .map(|(key, value)| Some((key.clone(), value.known()?.clone())))
            .collect(),
    }
}

/// A wholly known map.
pub(super) fn text_map(elements: BTreeMap<String, String>) -> TextMap {
    Attr::Known(
        elements
            .into_iter()
            .map(|(key, value)| (key, Attr::Known(value)))
            .collect(),
    )
}

/// An Amazon ECS service whose deployments are part of `terraform apply`: the new revision comes up beside the old one,
/// gets traffic step by step, and apply succeeds only when the new revision really serves. When a deployment fails or is
/// rolled back, apply fails, explains why, and the state names the revision that is live.
///
/// The target groups are an unordered pair: which side is live is read from AWS, so plans stay empty however often the
/// sides have swapped.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Service name, unique in the cluster.
    #[attr(required, requires_replace, validate(rules::service_name()))]
    pub name: Attr<String>,
    /// Cluster name or ARN.
    #[attr(required, validate(not_empty()), with = names::replaced_unless_same_cluster)]
    pub cluster: Attr<String>,
    /// How a new revision takes over from the old one.
    #[attr(block, with = NestedBlock::required)]
    pub deployment: Attr<DeploymentModel>,

    // What tasks run, and who says so.
    /// Task definition to run: ARN or `family:revision`. Needed with `task_definition_owner = "terraform"`: a change
    /// starts a deployment, and in the state it is the revision that is live, also after a deployment that failed. With
    /// `images` it is the definition everything but the images comes from, the live one when absent. With `external` it is
    /// what a new service starts with; in the state it is the live one.
    #[attr(optional, computed, validate(not_empty()))]
    pub task_definition: Attr<String>,
    /// Who decides what tasks run: `terraform` (differences are drift), `images` (this configuration says the images, and
    /// the provider registers a task definition with them whenever they or the base differ), or `external` (somebody else
    /// deploys; the state follows). Switching is an in-place change that deploys nothing by itself.
    #[attr(default = OwnerWord::Terraform)]
    pub task_definition_owner: Attr<OwnerWord>,
    /// Container to image, for `task_definition_owner = "images"`. Write the digest (`repository@sha256:…`) to deploy
    /// exactly that image. In the state they are the live ones.
    #[attr(optional, validate(items_at_least(1), each(not_empty())))]
    pub images: TextMap,
    /// How many of the revisions registered for `images` stay active; all of them when absent. The live one and the one
    /// before are always kept.
    #[attr(optional, validate(between(1, 1_000_000)))]
    pub revision_retention: Attr<i64>,

    // How a new revision takes over.
    /// Who moves traffic: `ecs` (native ECS deployments), `codedeploy` (AWS CodeDeploy; needs `codedeploy`) or `external`
    /// (this provider, with task sets and the weights of the production rule; needs the strategy `steps`). A service moves
    /// between `ecs` and `codedeploy` in place, in the order that keeps production reachable; to `ecs` that is a
    /// deployment. `external` is for the life of the service.
    #[attr(default = ControllerWord::Ecs)]
    pub controller: Attr<ControllerWord>,
    /// CodeDeploy application and deployment group. Both refer to this service, so write their names, not references: the
    /// group is created after the service. Needed with `controller = "codedeploy"`.
    #[attr(block)]
    pub codedeploy: Attr<CodeDeployModel>,
    /// What has to be true of the new revision before the deployment goes on. A gate that fails undoes the deployment.
    /// Names must differ.
    #[attr(block)]
    pub gate: List<GateModel>,
    /// Judges all gates of a moment together. Without it every gate counts by itself.
    #[attr(block)]
    pub health_score: Attr<HealthScoreModel>,
    /// How the plan's checks against AWS are taken.
    #[attr(block)]
    pub preflight: Attr<PreflightModel>,
    /// Deploy images again although they are in `quarantined_images`. Without it that is an error at plan.
    #[attr(default = false)]
    pub redeploy_failed: Attr<bool>,
    /// File into which each apply with a deployment writes its account as JSON, whatever its end; folders are made.
    /// Relative to the folder in which Terraform runs.
    #[attr(optional, validate(not_empty()))]
    pub report_path: Attr<String>,
    /// Where snapshots of the service are kept, and when one is taken.
    #[attr(block)]
    pub snapshots: Attr<SnapshotsModel>,
    /// Id of a snapshot in `snapshots` to go back to: the tasks run what they ran then, deployed like any other change.
    /// While it is set it decides what tasks run, not `task_definition` or `images`; everything else stays as it is
    /// written here, and the plan says what else was different then. The snapshot is never deleted meanwhile. Remove it to
    /// go on.
    #[attr(optional, validate(snapshot_id()))]
    pub restore_snapshot: Attr<String>,

    // The service itself.
    /// Number of tasks. With `desired_count_owner` `autoscaler` or `bounded` only the number to start with.
    #[attr(default = 1, validate(between(0, 100_000)))]
    pub desired_count: Attr<i64>,
    /// Who decides the number of tasks after creation: `terraform` (differences are drift), `autoscaler` (Application Auto
    /// Scaling; differences are expected) or `bounded` (any number within `desired_count_bounds` is right, and one outside
    /// is set to the nearer bound). Switching is an in-place change that deploys nothing.
    #[attr(default = CountOwnerWord::Terraform)]
    pub desired_count_owner: Attr<CountOwnerWord>,
    /// The right numbers of tasks, for `desired_count_owner = "bounded"`.
    #[attr(block)]
    pub desired_count_bounds: Attr<BoundsModel>,
    /// Where tasks run: `FARGATE`, `EC2` or `EXTERNAL`. Without it and without `capacity_provider_strategy`, the cluster's
    /// default strategy is used.
    #[attr(optional, computed, use_state_for_unknown, with = rules::replaced_by_another)]
    pub launch_type: Attr<LaunchWord>,
    /// Capacity providers and their shares, instead of `launch_type`. A change starts a deployment.
    #[attr(block, with = |block: NestedBlock| block.items(0, 20))]
    pub capacity_provider_strategy: List<CapacityProviderModel>,
    /// Fargate platform version, such as `LATEST` or `1.4.0`. A change starts a deployment.
    #[attr(optional, computed, use_state_for_unknown)]
    pub platform_version: Attr<String>,
    /// Network of the tasks; needed with network mode `awsvpc`. A change starts a deployment.
    #[attr(block)]
    pub network_configuration: Attr<NetworkModel>,
    /// How traffic reaches the service. A change starts a deployment.
    #[attr(block)]
    pub load_balancer: Attr<LoadBalancerModel>,
    /// How long failed load balancer health checks of a new task are ignored, such as `"60s"`.
    #[attr(optional, validate(rules::duration_text()))]
    pub health_check_grace_period: Attr<String>,
    /// Allow ECS Exec. Tasks that run already are not affected.
    #[attr(default = false)]
    pub enable_execute_command: Attr<bool>,
    /// Let ECS tag tasks with cluster and service name.
    #[attr(default = false)]
    pub enable_ecs_managed_tags: Attr<bool>,
    /// Where tasks get their tags from: `NONE`, `SERVICE` or `TASK_DEFINITION`.
    #[attr(default = PropagateWord::None)]
    pub propagate_tags: Attr<PropagateWord>,
    /// Any values. A change starts a deployment even when nothing else differs.
    #[attr(optional, any_text, null_elements)]
    pub redeploy_triggers: TextMap,
    /// What happens to a running deployment when `terraform apply` is interrupted once: `rollback` stops it and returns
    /// traffic to the old revision, `leave` lets it run on; the next apply follows it.
    #[attr(default = OnCancelWord::Rollback)]
    pub on_cancel: Attr<OnCancelWord>,
    /// What an apply does about a deployment to something else that somebody else has begun: `wait` lets it end first, and
    /// fails at once when it is paused until somebody lets it go on, `stop` stops it with a rollback. What an interrupted
    /// apply of this resource has begun, and the configuration does not want any more, is always stopped with a rollback.
    #[attr(default = OnForeignWord::Wait)]
    pub on_foreign_deployment: Attr<OnForeignWord>,
    /// Tags of the service. They win over the provider's `default_tags`.
    #[attr(optional, validate(rules::tag_keys()))]
    pub tags: TextMap,

    // What the provider says.
    /// `CLUSTER/SERVICE`, as used by import.
    #[attr(computed, use_state_for_unknown)]
    pub id: Attr<String>,
    /// Service ARN.
    #[attr(computed, use_state_for_unknown)]
    pub arn: Attr<String>,
    /// All tags of the service, the provider's `default_tags` included.
    #[attr(computed)]
    pub tags_all: Attr<BTreeMap<String, String>>,
    /// ARN of the task definition that serves production now, whoever decided on it.
    #[attr(computed)]
    pub live_task_definition: Attr<String>,
    /// ARN of the target group that serves production now; null without a load balancer, and while none does.
    #[attr(computed)]
    pub live_target_group: Attr<String>,
    /// In a plan with changes: whether the apply starts a deployment; unknown while that depends on something unknown. In
    /// the state: whether the last apply did.
    #[attr(computed)]
    pub will_deploy: Attr<bool>,
    /// The last deployment of this resource, whatever its end; null before the first. Its whole account is in the file at
    /// `report_path`.
    #[attr(computed)]
    pub last_deployment: Attr<LastDeploymentModel>,
    /// Snapshots of the last deployment.
    #[attr(computed)]
    pub last_snapshots: Attr<LastSnapshotsModel>,
    /// Images of the last deployment that failed because of them. Deploying them again is an error at plan unless
    /// `redeploy_failed` is set. A deployment of them that succeeds takes them out.
    #[attr(computed)]
    pub quarantined_images: Attr<Vec<QuarantinedModel>>,
    /// What runs, or was left, that is not what the configuration says, in words: a deployment under way, a second task
    /// set, suspended scaling. When there is something, the next plan is an update whose apply finishes it, or takes it
    /// back when it is no longer wanted.
    #[attr(computed)]
    pub unfinished: Attr<Vec<String>>,
    /// How long operations may take, such as `"45m"`.
    #[attr(block)]
    pub timeouts: Attr<TimeoutsModel>,
}
