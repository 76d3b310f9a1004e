//! What differs between wanted and live. Pure.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::desired::{
    DesiredController, DesiredCount, DesiredLoadBalancer, DesiredRevision, DesiredService,
};
use crate::emergency::EmergencyScaling;
use crate::live::LiveRevision;
use crate::ports::{
    Alternate, CircuitBreaker, DeploymentAlarms, DeploymentConfiguration, HookTarget, Launch,
    LifecycleHook, LoadBalancer, Network, Part, Parts, Service, ServiceChange, ServiceRevision,
    Strategy, parts_differ,
};

/// Which parts of a revision differ. `None` in the wanted revision is AWS's default and not compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RevisionDifference {
    pub(crate) task_definition: bool,
    pub(crate) launch: bool,
    pub(crate) platform_version: bool,
    pub(crate) network: bool,
    pub(crate) load_balancer: bool,
    pub(crate) parts: bool,
}

impl RevisionDifference {
    pub(crate) fn any(self) -> bool {
        self.task_definition
            || self.launch
            || self.platform_version
            || self.network
            || self.load_balancer
            || self.parts
    }
}

/// Compares what is wanted with what serves. `task_definition` is the resolved ARN.
pub(crate) fn revision_difference(
    wanted: &DesiredService,
    task_definition: &str,
    live: &LiveRevision,
    configured_platform: Option<&str>,
) -> RevisionDifference {
    let revision = &wanted.revision;
    RevisionDifference {
        task_definition: live.task_definition.as_deref() != Some(task_definition),
        launch: launch_differs(revision.launch.as_ref(), live.launch.as_ref()),
        platform_version: platform_differs(wanted, configured_platform),
        network: network_differs(revision.network.as_ref(), live.network.as_ref()),
        load_balancer: load_balancer_differs(
            &wanted.controller,
            revision.load_balancer.as_ref(),
            live,
        ) || additional_differ(
            &wanted.controller,
            &revision.additional,
            &live.additional,
        ),
        parts: match wanted.controller {
            // An AppSpec names none of them: the service keeps what it was created with.
            DesiredController::CodeDeploy { .. } => false,
            DesiredController::Ecs | DesiredController::External => {
                parts_differ(&revision.parts, &live.parts)
            }
        },
    }
}

/// The other controllers know one target group for each set of tasks.
fn additional_differ(
    controller: &DesiredController,
    wanted: &[LoadBalancer],
    live: &[LoadBalancer],
) -> bool {
    match controller {
        DesiredController::CodeDeploy { .. } | DesiredController::External => false,
        DesiredController::Ecs => !same_balancers(wanted, live),
    }
}

/// The order of target groups means nothing.
fn same_balancers(one: &[LoadBalancer], other: &[LoadBalancer]) -> bool {
    let is_in = |balancer: &LoadBalancer| other.iter().any(|found| found.is_same(balancer));
    one.len() == other.len() && one.iter().all(is_in)
}

/// Services keep `LATEST` as it was written; task sets (CodeDeploy) may show what it was resolved to.
fn platform_differs(wanted: &DesiredService, configured: Option<&str>) -> bool {
    match (
        wanted.revision.platform_version.as_deref(),
        &wanted.controller,
    ) {
        (None, _) | (Some("LATEST"), DesiredController::CodeDeploy { .. }) => false,
        (Some(version), _) => Some(version) != configured,
    }
}

/// A strategy that is only taken away is sent with the rollout, and what AWS makes of it is right.
pub(crate) fn launch_differs(wanted: Option<&Launch>, live: Option<&Launch>) -> bool {
    match (wanted, live) {
        (None, _) => false,
        (Some(wanted), _) if wanted.is_none_of_its_own() => false,
        (Some(_), None) => true,
        (Some(wanted), Some(live)) => !wanted.is_same(live),
    }
}

/// Without security groups AWS takes the default one of the VPC, and may name it in its answers.
pub(crate) fn network_differs(wanted: Option<&Network>, live: Option<&Network>) -> bool {
    match (wanted, live) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(wanted), Some(live)) => {
            wanted.subnets != live.subnets
                || wanted.assign_public_ip != live.assign_public_ip
                || !wanted.security_groups.is_empty()
                    && wanted.security_groups != live.security_groups
        }
    }
}

fn load_balancer_differs(
    controller: &DesiredController,
    wanted: Option<&DesiredLoadBalancer>,
    live: &LiveRevision,
) -> bool {
    let Some(wanted) = wanted else {
        return live.container.is_some();
    };
    let container =
        live.container.as_deref() != Some(&wanted.container) || live.port != Some(wanted.port);
    match controller {
        // The pair and the listeners belong to the deployment group.
        DesiredController::CodeDeploy { .. } => container,
        // Listener rules are ours to write: ECS knows nothing of them.
        DesiredController::External => {
            container
                || live
                    .live_target_group
                    .as_ref()
                    .is_none_or(|group| !wanted.target_groups.contains(group))
        }
        DesiredController::Ecs => {
            let has_pair = wanted.target_groups.len() > 1;
            container
                || wanted.target_groups != live.target_groups
                || has_pair
                    && (wanted.production_rule != live.production_rule
                        || wanted.test_rule != live.test_rule
                        || wanted.role != live.role)
        }
    }
}

/// Whether a revision is exactly what is wanted. Platform versions are resolved in revisions, so
/// `LATEST` matches any.
pub(crate) fn is_wanted(
    revision: &ServiceRevision,
    wanted: &DesiredRevision,
    task_definition: &str,
) -> bool {
    let platform = match wanted.platform_version.as_deref() {
        None | Some("LATEST") => true,
        Some(_) => {
            revision.platform_version.is_none()
                || revision.platform_version == wanted.platform_version
        }
    };
    let balancer = match (&wanted.load_balancer, revision.load_balancers.first()) {
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
        (Some(wanted), Some(found)) => {
            let mut groups = BTreeSet::from([found.target_group.clone()]);
            groups.extend(
                found
                    .alternate
                    .as_ref()
                    .map(|alternate| alternate.target_group.clone()),
            );
            wanted.container == found.container
                && wanted.port == found.port
                && wanted.target_groups == groups
        }
    };
    let additional = revision.load_balancers.get(1..).unwrap_or_default();
    revision.task_definition == task_definition
        && same_balancers(&wanted.additional, additional)
        && !parts_differ(&wanted.parts, &revision.parts)
        && platform
        && balancer
        && !launch_differs(wanted.launch.as_ref(), revision.launch.as_ref())
        && !network_differs(wanted.network.as_ref(), revision.network.as_ref())
}

/// The change of settings and desired count that is still to be made; `None` when nothing differs.
pub(crate) fn settings_change(
    wanted: &DesiredService,
    service: &Service,
    now: Timestamp,
) -> Option<ServiceChange> {
    let settings = &wanted.settings;
    let emergency = EmergencyScaling::of(&service.tags);
    let configuration = wanted_configuration(wanted)
        .filter(|wanted| configuration_differs(wanted, service.deployment_configuration.as_ref()))
        .map(|wanted| explicit(wanted, service.deployment_configuration.as_ref()));
    let percentages_only = match wanted.controller {
        DesiredController::CodeDeploy { .. } | DesiredController::External => {
            configuration.is_some()
        }
        DesiredController::Ecs => false,
    };
    let change = ServiceChange {
        percentages_only,
        desired: match wanted.desired {
            _ if service.is_daemon() => None,
            wanted if emergency.is_some_and(|it| it.keeps_count(wanted, service, now)) => None,
            DesiredCount::Fixed(count) => (count != service.desired).then_some(count),
            DesiredCount::Initial(_) => None,
            DesiredCount::Bounded { min, max, .. } => {
                let nearest = service.desired.clamp(min, max.max(min));
                (nearest != service.desired).then_some(nearest)
            }
        },
        deployment_configuration: configuration,
        // AWS takes none for a service without a load balancer, not even zero.
        health_check_grace_seconds: settings.health_check_grace_seconds.filter(|seconds| {
            wanted.has_balancer() && Some(*seconds) != service.health_check_grace_seconds
        }),
        enable_execute_command: (settings.enable_execute_command != service.enable_execute_command)
            .then_some(settings.enable_execute_command),
        enable_managed_tags: (settings.enable_managed_tags != service.enable_managed_tags)
            .then_some(settings.enable_managed_tags),
        propagate_tags: (settings.propagate_tags != service.propagate_tags)
            .then(|| settings.propagate_tags.clone()),
        parts: parts_to_send(&settings.parts, |part| part.is_changeable(), &service.parts),
        ..ServiceChange::default()
    };
    (change != ServiceChange::default()).then_some(change)
}

/// AWS takes load balancers with target groups or a classic one, as one member: what is taken away of one kind goes with
/// what is written of the other.
pub(crate) fn with_one_kind_of_balancer(mut change: ServiceChange) -> ServiceChange {
    let has_groups = |change: &ServiceChange| {
        let balancers = change.load_balancers.as_ref();
        balancers.is_some_and(|balancers| !balancers.is_empty())
    };
    if has_groups(&change) {
        change.parts.remove(&Part::ClassicBalancer);
    } else if change.parts.contains_key(&Part::ClassicBalancer) {
        change.load_balancers = None;
    }
    change
}

/// The parts that are not as wanted.
pub(crate) fn parts_to_send(wanted: &Parts, is_sent: impl Fn(Part) -> bool, live: &Parts) -> Parts {
    let unlike = wanted
        .iter()
        .filter(|(part, value)| is_sent(**part) && part.differs(value, live.get(part)));
    unlike.map(|(part, value)| (*part, value.clone())).collect()
}

/// The deployment configuration to send. Strategies belong to ECS; under CodeDeploy only the
/// percentages mean anything, and without them nothing is sent.
pub(crate) fn wanted_configuration(wanted: &DesiredService) -> Option<DeploymentConfiguration> {
    let configuration = &wanted.settings.deployment_configuration;
    match wanted.controller {
        DesiredController::Ecs => Some(configuration.clone()),
        DesiredController::CodeDeploy { .. } | DesiredController::External => {
            let has_percent = configuration.maximum_percent.is_some()
                || configuration.minimum_healthy_percent.is_some();
            has_percent.then_some(DeploymentConfiguration {
                strategy: Strategy::Rolling,
                bake_minutes: None,
                maximum_percent: configuration.maximum_percent,
                minimum_healthy_percent: configuration.minimum_healthy_percent,
                circuit_breaker: None,
                hooks: None,
                alarms: None,
            })
        }
    }
}

/// The configuration to send with the rollout, where it is another than the settings'.
pub(crate) fn this_rollout(
    wanted: &DesiredService,
    service: &Service,
) -> Option<DeploymentConfiguration> {
    let only_now = wanted.this_rollout.clone()?;
    Some(explicit(
        only_now,
        service.deployment_configuration.as_ref(),
    ))
}

fn configuration_differs(
    wanted: &DeploymentConfiguration,
    live: Option<&DeploymentConfiguration>,
) -> bool {
    let Some(live) = live else { return true };
    let unlike = |wanted: Option<u32>, live: Option<u32>| wanted.is_some() && wanted != live;
    !same_strategy(&wanted.strategy, &live.strategy)
        || unlike(wanted.bake_minutes, live.bake_minutes)
        || unlike(wanted.maximum_percent, live.maximum_percent)
        || unlike(wanted.minimum_healthy_percent, live.minimum_healthy_percent)
        || breaker_differs(
            wanted.circuit_breaker.as_ref(),
            live.circuit_breaker.as_ref(),
        )
        || hooks_to_have(wanted, Some(live)).is_some_and(|hooks| hooks_differ(&hooks, live))
        || alarms(wanted.alarms.as_ref()) != alarms(live.alarms.as_ref())
}

/// Percentages are tenths on the wire; a float that went through JSON is compared as such.
fn same_strategy(one: &Strategy, other: &Strategy) -> bool {
    let same = |one: f64, other: f64| (one - other).abs() < 0.05;
    match (one, other) {
        (
            Strategy::Canary {
                percent,
                bake_minutes,
            },
            Strategy::Canary {
                percent: other,
                bake_minutes: minutes,
            },
        )
        | (
            Strategy::Linear {
                percent,
                bake_minutes,
            },
            Strategy::Linear {
                percent: other,
                bake_minutes: minutes,
            },
        ) => same(*percent, *other) && bake_minutes == minutes,
        (one, other) => one == other,
    }
}

/// A breaker that is off is no breaker. AWS takes it as a whole: what is not written is AWS's own.
fn breaker_differs(wanted: Option<&CircuitBreaker>, live: Option<&CircuitBreaker>) -> bool {
    match (breaker(wanted), breaker(live)) {
        (None, None) => false,
        (None, Some(_)) | (Some(_), None) => true,
        (Some(wanted), Some(live)) => {
            wanted.rollback != live.rollback
                || wanted.threshold_in_force() != live.threshold_in_force()
                || wanted.resets() != live.resets()
        }
    }
}

fn breaker(breaker: Option<&CircuitBreaker>) -> Option<&CircuitBreaker> {
    breaker.filter(|breaker| breaker.enable)
}

/// All hooks that the service is to have; `None` leaves them alone. AWS takes the list as a whole: one that stays is written
/// with what AWS shows of it, and one of a kind that no configuration can say stays, too. That goes only where a strategy
/// that has hooks is left for one that has none.
fn hooks_to_have(
    wanted: &DeploymentConfiguration,
    live: Option<&DeploymentConfiguration>,
) -> Option<Vec<LifecycleHook>> {
    let mut hooks = wanted.hooks.clone()?;
    let Some(live) = live else { return Some(hooks) };
    for hook in &mut hooks {
        let mut shown = live.hooks.iter().flatten();
        if let Some(same) = shown.find(|shown| same_hook(hook, shown)) {
            hook.more.clone_from(&same.more);
        }
    }
    if wanted.strategy != Strategy::Rolling || live.strategy == Strategy::Rolling {
        let shown = live.hooks.iter().flatten();
        let strange = shown.filter(|hook| matches!(hook.target, HookTarget::Unknown { .. }));
        hooks.extend(strange.cloned());
    }
    Some(hooks)
}

/// The order of hooks means nothing, and what is not written is AWS's own.
fn hooks_differ(wanted: &[LifecycleHook], live: &DeploymentConfiguration) -> bool {
    let mut left: Vec<&LifecycleHook> = live.hooks.iter().flatten().collect();
    if left.len() != wanted.len() {
        return true;
    }
    for hook in wanted {
        let Some(position) = left.iter().position(|found| same_hook(hook, found)) else {
            return true;
        };
        left.swap_remove(position);
    }
    false
}

fn same_hook(wanted: &LifecycleHook, live: &LifecycleHook) -> bool {
    // AWS may write JSON in its own way.
    let details = |text: &Option<String>| {
        let text = text.clone().unwrap_or_default();
        let parsed = serde_json::from_str(&text);
        parsed.unwrap_or(serde_json::Value::String(text))
    };
    wanted.target == live.target
        && wanted.stages == live.stages
        && details(&wanted.details) == details(&live.details)
        && wanted.limit_minutes() == live.limit_minutes()
        && wanted.at_timeout() == live.at_timeout()
}

/// Alarms that are off are no alarms.
fn alarms(alarms: Option<&DeploymentAlarms>) -> Option<&DeploymentAlarms> {
    alarms.filter(|alarms| alarms.enable)
}

/// What was on and is no longer wanted is switched off in words: absence would leave it alone. What AWS wants to be
/// told is said: `bakeTimeInMinutes` is mandatory for a strategy with two sides. Where the configuration says nothing
/// about it, it stays as it is, and is none for a service that has not got one.
pub(crate) fn explicit(
    mut wanted: DeploymentConfiguration,
    live: Option<&DeploymentConfiguration>,
) -> DeploymentConfiguration {
    let live_bake = live
        .filter(|live| has_two_sides(&live.strategy))
        .and_then(|live| live.bake_minutes);
    if has_two_sides(&wanted.strategy) && wanted.bake_minutes.is_none() {
        wanted.bake_minutes = Some(live_bake.unwrap_or(0));
    }
    wanted.hooks = hooks_to_have(&wanted, live);
    // Nothing to take away.
    let has_hooks = live.is_some_and(|live| live.hooks.iter().any(|hooks| !hooks.is_empty()));
    if !has_hooks && wanted.hooks.as_ref().is_some_and(Vec::is_empty) {
        wanted.hooks = None;
    }
    let live_breaker = live.and_then(|live| breaker(live.circuit_breaker.as_ref()));
    if wanted.circuit_breaker.is_none() && live_breaker.is_some() {
        wanted.circuit_breaker = Some(CircuitBreaker {
            enable: false,
            rollback: false,
            threshold: None,
            reset_on_healthy_task: None,
        });
    }
    let live_alarms = live.and_then(|live| alarms(live.alarms.as_ref()));
    if let (None, Some(found)) = (&wanted.alarms, live_alarms) {
        wanted.alarms = Some(DeploymentAlarms {
            enable: false,
            rollback: false,
            names: found.names.clone(),
        });
    }
    wanted
}

/// Whether both revisions run side by side under it, and bake.
fn has_two_sides(strategy: &Strategy) -> bool {
    match strategy {
        Strategy::BlueGreen | Strategy::Canary { .. } | Strategy::Linear { .. } => true,
        Strategy::Rolling | Strategy::Unknown(_) => false,
    }
}

/// The load balancers to send, the live group first and the other one as its alternate: whoever sends
/// the configured order instead tells ECS a wrong live side after every other rollout.
pub(crate) fn load_balancers(
    wanted: &DesiredLoadBalancer,
    live: Option<&str>,
) -> Vec<LoadBalancer> {
    let mut groups: Vec<&String> = wanted.target_groups.iter().collect();
    groups.sort_by_key(|group| Some(group.as_str()) != live);
    let mut groups = groups.into_iter();
    let Some(first) = groups.next() else {
        return Vec::new();
    };
    let alternate = match (groups.next(), &wanted.production_rule, &wanted.role) {
        (Some(other), Some(production_rule), Some(role)) => Some(Alternate {
            target_group: other.clone(),
            production_rule: production_rule.clone(),
            test_rule: wanted.test_rule.clone(),
            role: role.clone(),
        }),
        (_, _, _) => None,
    };
    vec![LoadBalancer {
        target_group: first.clone(),
        container: wanted.container.clone(),
        port: wanted.port,
        alternate,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(strategy: Strategy, bake_minutes: Option<u32>) -> DeploymentConfiguration {
        DeploymentConfiguration {
            strategy,
            bake_minutes,
            maximum_percent: None,
            minimum_healthy_percent: None,
            circuit_breaker: None,
            hooks: None,
            alarms: None,
        }
    }

    #[test]
    fn two_sides_always_say_how_long_they_bake() {
        let canary = Strategy::Canary {
            percent: 10.0,
            bake_minutes: 5,
        };
        let linear = Strategy::Linear {
            percent: 10.0,
            bake_minutes: 5,
        };
        let sent = |wanted: &Strategy, minutes, live: Option<DeploymentConfiguration>| {
            explicit(configuration(wanted.clone(), minutes), live.as_ref()).bake_minutes
        };
        for strategy in [Strategy::BlueGreen, canary, linear] {
            let live = |minutes| Some(configuration(Strategy::BlueGreen, minutes));
            assert_eq!(sent(&strategy, None, None), Some(0), "{strategy:?}");
            assert_eq!(sent(&strategy, None, live(None)), Some(0), "{strategy:?}");
            assert_eq!(sent(&strategy, Some(3), live(Some(7))), Some(3));
            let kept = sent(&strategy, None, live(Some(7)));
            assert_eq!(kept, Some(7), "{strategy:?}: not managed, and kept");
            let rolling = Some(configuration(Strategy::Rolling, Some(7)));
            assert_eq!(sent(&strategy, None, rolling), Some(0), "{strategy:?}");
        }
        assert_eq!(sent(&Strategy::Rolling, None, None), None);
    }

    #[test]
    fn security_groups_left_to_aws_are_not_compared() {
        let network = |groups: &[&str]| Network {
            subnets: ["subnet-a".to_owned()].into(),
            security_groups: groups.iter().map(|&group| group.to_owned()).collect(),
            assign_public_ip: false,
        };
        let default = network(&["sg-default"]);
        assert!(!network_differs(Some(&network(&[])), Some(&default)));
        assert!(network_differs(Some(&network(&["sg-1"])), Some(&default)));
        assert!(network_differs(Some(&network(&[])), None));
        assert!(!network_differs(None, Some(&default)));
    }
}
