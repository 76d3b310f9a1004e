//! The typed model: one struct for configuration, plan and state.

mod deployment;
mod gate;
mod kept;
mod record;

#[cfg(test)]
pub(super) use deployment::StepModel;
pub(super) use deployment::{
    AlarmsModel, CircuitBreakerModel, CodeDeployHooksModel, CodeDeployModel, DeploymentModel,
    HookModel, ShiftModel, ThresholdModel,
};
pub(super) use gate::{GateModel, HealthScoreModel, HttpModel, MetricModel, QueryModel};
pub(super) use kept::{LastSnapshotsModel, SnapshotsModel};
pub(super) use record::{LastDeploymentModel, QuarantinedModel};

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::value::{Attr, Set};

/// A set attribute with text elements, each of which may be unknown.
pub(super) type TextSet = Attr<Set<Attr<String>>>;

/// The elements, if all of them are known.
pub(super) fn known_set(set: &TextSet) -> Option<BTreeSet<String>> {
    set.known()?
        .iter()
        .map(|element| element.known().cloned())
        .collect()
}

/// A wholly known set.
pub(super) fn text_set<'a>(elements: impl IntoIterator<Item = &'a String>) -> TextSet {
    Attr::Known(elements.into_iter().cloned().map(Attr::Known).collect())
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

tfplugin::object! {
    /// `switchyard_blue_green_service`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Model {
        /// `CLUSTER/SERVICE`.
        pub id: Attr<String>,
        /// Service ARN.
        pub arn: Attr<String>,
        /// Service name.
        pub name: Attr<String>,
        /// Cluster name or ARN, as the user spells it.
        pub cluster: Attr<String>,
        /// Task definition, as the user spells it; in state, the one that is live (or, with images of its own,
        /// the base that is written).
        pub task_definition: Attr<String>,
        /// `terraform`, `images` or `external`.
        pub task_definition_owner: Attr<String>,
        /// Container → image.
        pub images: TextMap,
        /// Where snapshots are kept, and when one is taken.
        pub snapshots: Attr<SnapshotsModel>,
        /// Id of the snapshot that decides what tasks run.
        pub restore_snapshot: Attr<String>,
        /// Registered revisions that stay active.
        pub revision_retention: Attr<i64>,
        /// `ecs`, `codedeploy` or `external`.
        pub controller: Attr<String>,
        /// Tasks wanted.
        pub desired_count: Attr<i64>,
        /// `terraform`, `autoscaler` or `bounded`.
        pub desired_count_owner: Attr<String>,
        /// For `bounded`.
        pub desired_count_bounds: Attr<BoundsModel>,
        /// `FARGATE`, `EC2` or `EXTERNAL`.
        pub launch_type: Attr<String>,
        /// Alternative to `launch_type`.
        pub capacity_provider_strategy: List<CapacityProviderModel>,
        /// Fargate platform version.
        pub platform_version: Attr<String>,
        /// `awsvpc` settings.
        pub network_configuration: Attr<NetworkModel>,
        /// The pair of target groups and how traffic reaches it.
        pub load_balancer: Attr<LoadBalancerModel>,
        /// How a new revision takes over.
        pub deployment: Attr<DeploymentModel>,
        /// CodeDeploy application and group.
        pub codedeploy: Attr<CodeDeployModel>,
        /// What has to be true of the new revision.
        pub gate: List<GateModel>,
        /// How gates are judged together.
        pub health_score: Attr<HealthScoreModel>,
        /// Checks of the plan.
        pub preflight: Attr<PreflightModel>,
        /// Duration text.
        pub health_check_grace_period: Attr<String>,
        /// ECS Exec.
        pub enable_execute_command: Attr<bool>,
        /// ECS managed tags.
        pub enable_ecs_managed_tags: Attr<bool>,
        /// `NONE`, `SERVICE` or `TASK_DEFINITION`.
        pub propagate_tags: Attr<String>,
        /// Any change of these values starts a rollout.
        pub redeploy_triggers: TextMap,
        /// Deploy images although they failed.
        pub redeploy_failed: Attr<bool>,
        /// File for the account of each rollout.
        pub report_path: Attr<String>,
        /// `rollback` or `leave`.
        pub on_cancel: Attr<String>,
        /// `wait` or `stop`.
        pub on_foreign_deployment: Attr<String>,
        /// Own tags.
        pub tags: TextMap,
        /// Own tags and the provider's.
        pub tags_all: Attr<BTreeMap<String, String>>,
        /// Task definition that serves production.
        pub live_task_definition: Attr<String>,
        /// Target group that serves production.
        pub live_target_group: Attr<String>,
        /// Whether the planned (or last) apply starts a rollout.
        pub will_deploy: Attr<bool>,
        /// Account of the last rollout.
        pub last_deployment: Attr<LastDeploymentModel>,
        /// Snapshots of the last rollout.
        pub last_snapshots: Attr<LastSnapshotsModel>,
        /// Images that failed.
        pub quarantined_images: Attr<Vec<QuarantinedModel>>,
        /// What an interrupted apply left.
        pub unfinished: Attr<Vec<String>>,
        /// Time-outs.
        pub timeouts: Attr<TimeoutsModel>,
    }
}

tfplugin::object! {
    /// One item of `capacity_provider_strategy`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CapacityProviderModel {
        /// Name.
        pub capacity_provider: Attr<String>,
        /// First tasks.
        pub base: Attr<i64>,
        /// Share.
        pub weight: Attr<i64>,
    }
}

tfplugin::object! {
    /// `desired_count_bounds`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct BoundsModel {
        /// Fewest tasks.
        pub min: Attr<i64>,
        /// Most tasks.
        pub max: Attr<i64>,
    }
}

tfplugin::object! {
    /// `preflight`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct PreflightModel {
        /// Rule ids.
        pub warn_only: TextSet,
    }
}

tfplugin::object! {
    /// `network_configuration`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct NetworkModel {
        /// Subnet ids.
        pub subnets: TextSet,
        /// Security group ids.
        pub security_groups: TextSet,
        /// Public IPs.
        pub assign_public_ip: Attr<bool>,
    }
}

tfplugin::object! {
    /// `load_balancer`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct LoadBalancerModel {
        /// Container name.
        pub container_name: Attr<String>,
        /// Container port.
        pub container_port: Attr<i64>,
        /// One group (rolling) or the pair; order means nothing.
        pub target_groups: TextSet,
        /// Listener rule (or Network Load Balancer listener) ARN.
        pub production_listener_rule: Attr<String>,
        /// Test listener rule ARN.
        pub test_listener_rule: Attr<String>,
        /// Role with which ECS edits the rules.
        pub role_arn: Attr<String>,
    }
}

tfplugin::object! {
    /// `timeouts`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct TimeoutsModel {
        /// Duration text.
        pub create: Attr<String>,
        /// Duration text.
        pub update: Attr<String>,
        /// Duration text.
        pub delete: Attr<String>,
    }
}
