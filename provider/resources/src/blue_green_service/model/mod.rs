//! What the user can write, and what it does: one struct for schema, configuration, plan and state.

mod deployment;
mod freeze;
mod gate;
mod last;
mod parts;
mod record;
mod service;
mod snapshots;
mod values;

pub(crate) use deployment::DeploymentModel;
pub(crate) use deployment::ShiftModel;
pub(super) use deployment::{
    AlarmsModel, ApprovalModel, CircuitBreakerModel, CodeDeployHooksModel, CodeDeployModel,
    HookModel, StepModel, ThresholdModel,
};
pub(super) use freeze::FreezeModel;
pub(super) use gate::{
    AnomalyModel, CommandModel, DependencyModel, FunctionModel, GateModel, HealthScoreModel,
    HttpModel, LoadModel, MetricModel, QueryModel, TcpModel, TlsModel,
};
pub(crate) use last::LastDeploymentModel;
pub(super) use parts::{AdditionalModel, PartsModel};
pub(super) use record::{LastSnapshotsModel, QuarantinedModel};
pub(crate) use service::CapacityProviderModel;
pub(super) use service::{
    BoundsModel, LoadBalancerModel, NetworkModel, PreflightModel, TimeoutsModel,
};
pub(super) use snapshots::SnapshotsModel;

pub(crate) use values::{
    List, SetOf, TextMap, TextSet, known_map, known_set, or_default, whole_list,
};
pub(super) use values::{known_elements, list_or_null, stages, text_map, text_set};

use std::collections::BTreeMap;

use tfplugin::schema::validators::{between, each, items_at_least, not_empty};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::Attr;

use super::rules;
use super::words::{
    ControllerWord, CountOwnerWord, LaunchWord, OnCancelWord, OnForeignWord, OwnerWord,
    PropagateWord,
};
use crate::names;
use crate::notices::NotifyBlocks;
use crate::region::{self, RegionModel};
use crate::snapshots::retention::snapshot_id;

/// An Amazon ECS service whose deployments are part of `terraform apply`: the new revision starts alongside the old
/// one, receives traffic step by step, and the apply succeeds only when the new revision serves traffic. When a
/// deployment fails or is rolled back, the apply fails, explains why, and the state names the revision that is live.
///
/// The target groups are an unordered pair. The provider reads from AWS which side is live, so plans stay empty
/// however often the sides have swapped.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Service name, unique in the cluster.
    #[attr(required, requires_replace, validate(rules::service_name()))]
    pub name: Attr<String>,
    /// Cluster name or ARN.
    #[attr(required, validate(not_empty()), with = names::replaced_unless_same_cluster)]
    pub cluster: Attr<String>,
    #[attr(flatten, with = region::replaced_in_another)]
    pub placed: RegionModel,
    /// How a new revision replaces the old one.
    #[attr(block, with = NestedBlock::required)]
    pub deployment: Attr<DeploymentModel>,

    // What tasks run, and who says so.
    /// Task definition to run: ARN or `family:revision`. Required with `task_definition_owner = "terraform"`: a
    /// change starts a deployment, and the state holds the revision that is live, also after a failed deployment.
    /// With `images` it is the base: everything except the images comes from it, by default from the live revision.
    /// With `external` a new service starts with it; the state holds the live revision.
    #[attr(optional, computed, validate(not_empty()))]
    pub task_definition: Attr<String>,
    /// Who decides what tasks run: `terraform` (differences are drift), `images` (this configuration names the
    /// images, and the provider registers a task definition with them whenever they or the base differ), or
    /// `external` (another tool deploys; the state follows). A change of the owner is made in place and does not
    /// start a deployment by itself.
    #[attr(default = OwnerWord::Terraform)]
    pub task_definition_owner: Attr<OwnerWord>,
    /// Images by container, for `task_definition_owner = "images"`. Use the digest (`repository@sha256:…`) to deploy
    /// exactly that image. The state holds the live ones.
    #[attr(optional, validate(items_at_least(1), each(not_empty())))]
    pub images: TextMap,
    /// How many of the revisions registered for `images` stay active. Defaults to all. The live revision and the
    /// previous one are always kept.
    #[attr(optional, validate(between(1, 1_000_000)))]
    pub revision_retention: Attr<i64>,

    // How a new revision takes over.
    /// Who moves traffic: `ecs` (native ECS deployments), `codedeploy` (AWS CodeDeploy; requires `codedeploy`) or
    /// `external` (this provider, with task sets and the weights of the production rule; requires the strategy
    /// `steps`). A service moves between `ecs` and `codedeploy` in place, in the order that keeps production
    /// reachable; the move to `ecs` is a deployment. A service cannot leave `external`.
    #[attr(default = ControllerWord::Ecs)]
    pub controller: Attr<ControllerWord>,
    /// CodeDeploy application and deployment group. Both refer to this service, so use their names, not references:
    /// the deployment group is created after the service. Required with `controller = "codedeploy"`.
    #[attr(block)]
    pub codedeploy: Attr<CodeDeployModel>,
    /// What must be true of the new revision before the deployment continues. A gate that fails rolls the deployment
    /// back. Names must differ.
    #[attr(block)]
    pub gate: List<GateModel>,
    /// Migrations that must succeed before a deployment starts: `id` of `switchyard_migration_task` resources. Terraform
    /// runs them first because the service refers to them, and leaves the service alone if one fails.
    #[attr(optional, validate(items_at_least(1), each(not_empty())))]
    pub before_traffic: List<String>,
    /// Evaluates all gates of a moment together. Without it every gate must pass.
    #[attr(block)]
    pub health_score: Attr<HealthScoreModel>,
    /// How findings of the plan's checks against AWS are reported.
    #[attr(block)]
    pub preflight: Attr<PreflightModel>,
    /// Deploy images again although they are in `quarantined_images`. Otherwise the plan refuses them.
    #[attr(default = false)]
    pub redeploy_failed: Attr<bool>,
    /// File to which each apply with a deployment writes a JSON report, whether it succeeds or fails. Folders are
    /// created. Relative to the folder in which Terraform runs.
    #[attr(optional, validate(not_empty()))]
    pub report_path: Attr<String>,
    /// Who is notified of deployments of this service, instead of the receivers in the provider block.
    #[attr(block)]
    pub notify: NotifyBlocks,
    /// Where snapshots of the service are kept, and when one is taken.
    #[attr(block)]
    pub snapshots: Attr<SnapshotsModel>,
    /// Id of a snapshot in `snapshots` to restore: the tasks run what they ran then. While it is set, it decides what
    /// tasks run, not `task_definition` or `images`; everything else stays as configured, and the plan says what else
    /// was different then. The snapshot is not deleted during that time. Remove the attribute to deploy the
    /// configuration again.
    #[attr(optional, validate(snapshot_id()))]
    pub restore_snapshot: Attr<String>,

    // The service itself.
    /// Number of tasks. With `desired_count_owner` `autoscaler` or `bounded` only the initial number. Without it, a new
    /// service has 1 task, and an existing one keeps the number it has, also after an import.
    #[attr(optional, computed, validate(between(0, 100_000)))]
    pub desired_count: Attr<i64>,
    /// Who decides the number of tasks after creation: `terraform` (differences are drift), `autoscaler` (Application
    /// Auto Scaling; differences are expected) or `bounded` (any number within `desired_count_bounds` is accepted,
    /// and one outside is set to the nearer bound). A change of the owner is made in place, without a deployment.
    #[attr(default = CountOwnerWord::Terraform)]
    pub desired_count_owner: Attr<CountOwnerWord>,
    /// The accepted numbers of tasks, for `desired_count_owner = "bounded"`.
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
    /// Network of the tasks; required with network mode `awsvpc`. A change starts a deployment.
    #[attr(block)]
    pub network_configuration: Attr<NetworkModel>,
    /// How traffic reaches the service. A change starts a deployment.
    #[attr(block)]
    pub load_balancer: Attr<LoadBalancerModel>,
    #[attr(flatten)]
    pub parts: PartsModel,
    /// How long failed load balancer health checks of a new task are ignored, such as `"60s"`.
    #[attr(optional, validate(rules::duration_text()))]
    pub health_check_grace_period: Attr<String>,
    /// Allow ECS Exec. Running tasks are not affected.
    #[attr(default = false)]
    pub enable_execute_command: Attr<bool>,
    /// Let ECS tag tasks with cluster and service name.
    #[attr(default = false)]
    pub enable_ecs_managed_tags: Attr<bool>,
    /// Where the tags of tasks come from: `NONE`, `SERVICE` or `TASK_DEFINITION`.
    #[attr(default = PropagateWord::None)]
    pub propagate_tags: Attr<PropagateWord>,
    /// Any values. A change starts a deployment even if nothing else differs.
    #[attr(optional, any_text, null_elements)]
    pub redeploy_triggers: TextMap,
    /// What happens to a running deployment when `terraform apply` is interrupted once: `rollback` stops it and
    /// returns traffic to the old revision, `leave` lets it continue, and the next apply follows it.
    #[attr(default = OnCancelWord::Rollback)]
    pub on_cancel: Attr<OnCancelWord>,
    /// What an apply does with a deployment to something other than the configuration that somebody else started:
    /// `wait` lets it end first, and fails at once if it is paused until somebody continues it; `stop` stops it with
    /// a rollback. A deployment that an interrupted apply of this resource started, and that no longer matches the
    /// configuration, is always stopped with a rollback.
    #[attr(default = OnForeignWord::Wait)]
    pub on_foreign_deployment: Attr<OnForeignWord>,
    /// Tags of the service. They override the provider's `default_tags`.
    #[attr(optional, validate(rules::tag_keys()))]
    pub tags: TextMap,

    // What the provider says.
    /// `CLUSTER/SERVICE`, as used by import.
    #[attr(computed, use_state_for_unknown)]
    pub id: Attr<String>,
    /// Service ARN.
    #[attr(computed, use_state_for_unknown)]
    pub arn: Attr<String>,
    /// All tags of the service, including the provider's `default_tags`.
    #[attr(computed)]
    pub tags_all: Attr<BTreeMap<String, String>>,
    /// ARN of the task definition that serves production now, whoever deployed it.
    #[attr(computed)]
    pub live_task_definition: Attr<String>,
    /// ARN of the target group that serves production now; null without a load balancer, and while no target group
    /// serves.
    #[attr(computed)]
    pub live_target_group: Attr<String>,
    /// ARNs of the target groups that serve production now: that of `load_balancer` and of every
    /// `additional_load_balancer`; null where none does.
    #[attr(computed)]
    pub live_target_groups: TextSet,
    /// In a plan with changes: whether the apply starts a deployment; unknown while that depends on an unknown value.
    /// In the state: whether the last apply did.
    #[attr(computed)]
    pub will_deploy: Attr<bool>,
    /// In a plan with changes: what the apply deploys, such as `web:8 in place of web:7`, or `nothing`; unknown while that
    /// depends on an unknown value. In the state: what the last apply deployed.
    #[attr(computed)]
    pub deploys: Attr<String>,
    /// The last deployment of this resource, successful or not, in one line of `name=value`; null before the first.
    /// `provider::switchyard::last_deployment` makes an object of it. Its complete report is in the file at
    /// `report_path`.
    #[attr(computed)]
    pub last_deployment: Attr<LastDeploymentModel>,
    /// Snapshots of the last deployment.
    #[attr(computed)]
    pub last_snapshots: Attr<LastSnapshotsModel>,
    /// Images that may have caused the last deployment to fail. The plan refuses to deploy them again unless
    /// `redeploy_failed` is set. They are removed from the list when a deployment of them succeeds.
    #[attr(computed)]
    pub quarantined_images: Attr<Vec<QuarantinedModel>>,
    /// What runs, or was left behind, that does not match the configuration, in words: a deployment in progress, a
    /// second task set, suspended scaling. If there is something, the next plan is an update whose apply completes
    /// it, or rolls it back if it no longer matches the configuration.
    #[attr(computed)]
    pub unfinished: Attr<Vec<String>>,
    /// How long operations may take, such as `"45m"`.
    #[attr(block)]
    pub timeouts: Attr<TimeoutsModel>,
}

// The checks against AWS find every ARN of another region.
region::regional!(Model);
