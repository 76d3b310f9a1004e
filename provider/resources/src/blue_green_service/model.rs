//! The typed model: one struct for configuration, plan and state.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::value::{Attr, Number, Set};

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
        /// Task definition, as the user spells it; in state, the one that is live.
        pub task_definition: Attr<String>,
        /// `ecs` or `codedeploy`.
        pub controller: Attr<String>,
        /// Tasks wanted.
        pub desired_count: Attr<i64>,
        /// `terraform` or `autoscaler`.
        pub desired_count_owner: Attr<String>,
        /// `FARGATE`, `EC2` or `EXTERNAL`.
        pub launch_type: Attr<String>,
        /// Alternative to `launch_type`.
        pub capacity_provider_strategy: Attr<Vec<CapacityProviderModel>>,
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
        /// `rollback` or `leave`.
        pub on_cancel: Attr<String>,
        /// Own tags.
        pub tags: TextMap,
        /// Own tags and the provider's.
        pub tags_all: Attr<BTreeMap<String, String>>,
        /// Target group that serves production.
        pub live_target_group: Attr<String>,
        /// Id or ARN of the last deployment.
        pub deployment_id: Attr<String>,
        /// Whether the planned (or last) apply starts a rollout.
        pub will_deploy: Attr<bool>,
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
    /// `deployment`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DeploymentModel {
        /// Strategy word.
        pub strategy: Attr<String>,
        /// Canary numbers.
        pub canary: Attr<ShiftModel>,
        /// Linear numbers.
        pub linear: Attr<ShiftModel>,
        /// Duration text, whole minutes.
        pub bake_time: Attr<String>,
        /// Rolling only.
        pub maximum_percent: Attr<i64>,
        /// Rolling only.
        pub minimum_healthy_percent: Attr<i64>,
        /// Rolling only.
        pub circuit_breaker: Attr<CircuitBreakerModel>,
        /// Alarms that undo a rollout.
        pub alarms: Attr<AlarmsModel>,
    }
}

tfplugin::object! {
    /// `canary` and `linear`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ShiftModel {
        /// Percent of one shift.
        pub percent: Attr<Number>,
        /// Duration text between shifts, whole minutes.
        pub interval: Attr<String>,
    }
}

tfplugin::object! {
    /// `circuit_breaker`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CircuitBreakerModel {
        /// On.
        pub enable: Attr<bool>,
        /// Roll back.
        pub rollback: Attr<bool>,
    }
}

tfplugin::object! {
    /// `alarms`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct AlarmsModel {
        /// Alarm names.
        pub names: TextSet,
        /// Roll back when one fires.
        pub rollback: Attr<bool>,
    }
}

tfplugin::object! {
    /// `codedeploy`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CodeDeployModel {
        /// Application name.
        pub application: Attr<String>,
        /// Deployment group name.
        pub deployment_group: Attr<String>,
        /// Deployment configuration name.
        pub deployment_config: Attr<String>,
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
