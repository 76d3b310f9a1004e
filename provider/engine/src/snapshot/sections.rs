//! The parts of the document that come from the service and its load balancers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ports::{
    DeploymentConfiguration, HookTarget, Launch, LifecycleHook, Network, Service, Strategy,
    TargetHealth, TargetState,
};

/// The service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceSection {
    /// Cluster name.
    pub(super) cluster: String,
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) controller: String,
    pub(super) desired: u32,
    pub(super) running: u32,
    pub(super) pending: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) launch_type: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) capacity_providers: Vec<CapacitySection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) platform_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deployment: Option<DeploymentSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) health_check_grace_seconds: Option<u32>,
    pub(super) enable_execute_command: bool,
    pub(super) enable_managed_tags: bool,
    pub(super) propagate_tags: String,
    /// Names only.
    pub(super) tags: BTreeSet<String>,
}

/// An item of the capacity provider strategy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CapacitySection {
    pub(super) name: String,
    pub(super) base: u32,
    pub(super) weight: u32,
}

/// How it is deployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeploymentSection {
    pub(super) strategy: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) step_percent: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) step_bake_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bake_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) maximum_percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minimum_healthy_percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) circuit_breaker: Option<BreakerSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alarms: Option<AlarmsSection>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) hooks: Vec<HookSection>,
}

/// The circuit breaker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BreakerSection {
    pub(super) enable: bool,
    pub(super) rollback: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) threshold_unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) threshold: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reset_on_healthy_task: Option<bool>,
}

/// Alarms of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmsSection {
    pub(super) names: BTreeSet<String>,
    pub(super) enable: bool,
    pub(super) rollback: bool,
}

/// A life-cycle hook, without its details: those are the user's own text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HookSection {
    /// `LAMBDA`, `PAUSE`, or AWS's word.
    pub(super) runs: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<String>,
    pub(super) stages: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) on_timeout: Option<String>,
}

/// Load balancing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoadBalancerSection {
    /// Target group ARN → group.
    pub(super) target_groups: BTreeMap<String, TargetGroupSection>,
    /// Those the tasks with production traffic are registered in.
    pub(super) live_target_groups: BTreeSet<String>,
    /// Rule or listener ARN → where it forwards.
    pub(super) rules: BTreeMap<String, RuleSection>,
    /// Lets ECS edit the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<String>,
}

/// A target group of the service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetGroupSection {
    /// Absent when the group does not exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) container: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) port: Option<u32>,
    pub(super) targets: TargetsSection,
}

/// How many targets are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetsSection {
    pub(super) healthy: u32,
    pub(super) unhealthy: u32,
    pub(super) initial: u32,
    pub(super) draining: u32,
    pub(super) other: u32,
}

/// Where a rule, or a listener's default action, forwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSection {
    pub(super) serves: Serves,
    /// Target group ARN → weight.
    pub(super) weights: BTreeMap<String, u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stickiness_seconds: Option<u32>,
}

/// Whose requests a rule gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Serves {
    Production,
    Test,
}

/// Network of the tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NetworkSection {
    pub(super) subnets: BTreeSet<String>,
    pub(super) security_groups: BTreeSet<String>,
    pub(super) assign_public_ip: bool,
}

impl ServiceSection {
    /// `launch` and `platform_version` are those of the revision that serves.
    pub(super) fn of(
        service: &Service,
        launch: Option<&Launch>,
        platform_version: Option<&str>,
    ) -> Self {
        let cluster = service.cluster_arn.rsplit('/').next().unwrap_or_default();
        let (launch_type, capacity_providers) = launched(launch);
        Self {
            cluster: cluster.to_owned(),
            name: service.name.clone(),
            arn: service.arn.clone(),
            controller: service.controller.to_string(),
            desired: service.desired,
            running: service.running,
            pending: service.pending,
            launch_type,
            capacity_providers,
            platform_version: platform_version.map(ToOwned::to_owned),
            deployment: service
                .deployment_configuration
                .as_ref()
                .map(DeploymentSection::of),
            health_check_grace_seconds: service.health_check_grace_seconds,
            enable_execute_command: service.enable_execute_command,
            enable_managed_tags: service.enable_managed_tags,
            propagate_tags: service.propagate_tags.to_string(),
            tags: names_of_tags(service.tags.keys()),
        }
    }
}

/// Names of tags that are neither AWS's nor notes of ours, which come and go with a rollout.
pub(super) fn names_of_tags<'a>(names: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    names
        .filter(|name| !name.starts_with("aws:") && !crate::notes::is_note(name))
        .cloned()
        .collect()
}

fn launched(launch: Option<&Launch>) -> (Option<String>, Vec<CapacitySection>) {
    match launch {
        None => (None, Vec::new()),
        Some(Launch::Type(kind)) => (Some(kind.to_string()), Vec::new()),
        Some(Launch::Strategy(items)) => {
            let items = items.iter().map(|item| CapacitySection {
                name: item.name.clone(),
                base: item.base,
                weight: item.weight,
            });
            (None, items.collect())
        }
    }
}

impl DeploymentSection {
    fn of(configuration: &DeploymentConfiguration) -> Self {
        let (strategy, step_percent, step_bake_minutes) = match &configuration.strategy {
            Strategy::BlueGreen => ("BLUE_GREEN", None, None),
            Strategy::Canary {
                percent,
                bake_minutes,
            } => ("CANARY", finite(*percent), Some(*bake_minutes)),
            Strategy::Linear {
                percent,
                bake_minutes,
            } => ("LINEAR", finite(*percent), Some(*bake_minutes)),
            Strategy::Rolling => ("ROLLING", None, None),
            Strategy::Unknown(word) => (word.as_str(), None, None),
        };
        let breaker = configuration.circuit_breaker.as_ref();
        let alarms = configuration.alarms.as_ref();
        let mut hooks: Vec<_> = configuration.hooks.iter().flatten().collect();
        hooks.sort();
        Self {
            strategy: strategy.to_owned(),
            step_percent,
            step_bake_minutes,
            bake_minutes: configuration.bake_minutes,
            maximum_percent: configuration.maximum_percent,
            minimum_healthy_percent: configuration.minimum_healthy_percent,
            circuit_breaker: breaker.map(|breaker| BreakerSection {
                enable: breaker.enable,
                rollback: breaker.rollback,
                threshold_unit: breaker
                    .threshold
                    .as_ref()
                    .map(|found| found.unit.to_string()),
                threshold: breaker.threshold.as_ref().map(|found| found.value),
                reset_on_healthy_task: breaker.reset_on_healthy_task,
            }),
            alarms: alarms.map(|alarms| AlarmsSection {
                names: alarms.names.clone(),
                enable: alarms.enable,
                rollback: alarms.rollback,
            }),
            hooks: hooks.into_iter().map(HookSection::of).collect(),
        }
    }
}

impl HookSection {
    fn of(hook: &LifecycleHook) -> Self {
        let (runs, function, role) = match &hook.target {
            HookTarget::Lambda { function, role } => {
                ("LAMBDA", Some(function.clone()), Some(role.clone()))
            }
            HookTarget::Pause => ("PAUSE", None, None),
            HookTarget::Unknown { word, .. } => (word.as_str(), None, None),
        };
        Self {
            runs: runs.to_owned(),
            function,
            role,
            stages: hook.stages.iter().map(ToString::to_string).collect(),
            timeout_minutes: hook.timeout_minutes,
            on_timeout: hook.on_timeout.as_ref().map(ToString::to_string),
        }
    }
}

impl TargetsSection {
    pub(super) fn of(targets: &[TargetHealth]) -> Self {
        let mut counts = Self::default();
        for target in targets {
            let count = match target.state {
                TargetState::Healthy => &mut counts.healthy,
                TargetState::Unhealthy => &mut counts.unhealthy,
                TargetState::Initial => &mut counts.initial,
                TargetState::Draining => &mut counts.draining,
                TargetState::Unavailable | TargetState::Unused | TargetState::Unknown(_) => {
                    &mut counts.other
                }
            };
            *count = count.saturating_add(1);
        }
        counts
    }
}

impl NetworkSection {
    pub(super) fn of(network: &Network) -> Self {
        Self {
            subnets: network.subnets.clone(),
            security_groups: network.security_groups.clone(),
            assign_public_ip: network.assign_public_ip,
        }
    }
}

/// JSON has no other numbers.
pub(super) fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}
