//! ECS services, as answers and as parts of requests.

mod hooks;
mod request;

pub(crate) use hooks::Unsaid;
pub(crate) use request::{
    to_changed_strategy, to_controller, to_deployment_configuration, to_launch_type,
    to_load_balancers, to_network, to_propagate_tags, to_strategy_items, to_tags,
};

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::types as sdk;
use switchyard_engine::ports::{
    Alternate, BreakerThreshold, CapacityProvider, CircuitBreaker, Controller, DeploymentAlarms,
    DeploymentConfiguration, Launch, LaunchType, LoadBalancer, Network, Parts, PropagateTags,
    RolloutState, Service, ServiceEvent, ServiceStatus, StabilityStatus, Strategy, TaskSet,
    TaskSetStatus, ThresholdUnit,
};

use super::{Converted, count, required, time};

/// A service without a controller block has AWS's default, `ECS`.
fn controller(controller: Option<&sdk::DeploymentController>) -> Controller {
    controller.map_or(Controller::Ecs, |controller| {
        Controller::parse(controller.r#type().as_str())
    })
}

/// A strategy wins: AWS still shows a launch type beside it in some answers.
pub(crate) fn launch(
    kind: Option<&sdk::LaunchType>,
    strategy: &[sdk::CapacityProviderStrategyItem],
) -> Option<Launch> {
    if strategy.is_empty() {
        return kind.map(|word| Launch::Type(LaunchType::parse(word.as_str())));
    }
    Some(Launch::Strategy(strategy_items(strategy)))
}

/// The items of a capacity provider strategy, in AWS's order.
pub(crate) fn strategy_items(
    strategy: &[sdk::CapacityProviderStrategyItem],
) -> Vec<CapacityProvider> {
    let providers = strategy.iter().map(|item| CapacityProvider {
        name: item.capacity_provider().to_owned(),
        base: count(item.base()),
        weight: count(item.weight()),
    });
    providers.collect()
}

pub(crate) fn network(configuration: Option<&sdk::NetworkConfiguration>) -> Option<Network> {
    let vpc = configuration?.awsvpc_configuration()?;
    Some(Network {
        subnets: vpc.subnets().iter().cloned().collect(),
        security_groups: vpc.security_groups().iter().cloned().collect(),
        assign_public_ip: vpc
            .assign_public_ip()
            .is_some_and(|word| word.as_str() == "ENABLED"),
    })
}

/// An attachment without target group is a Classic Load Balancer, which is a part of the service and nothing that rollouts
/// look into.
pub(crate) fn load_balancers(balancers: &[sdk::LoadBalancer]) -> Vec<LoadBalancer> {
    balancers.iter().filter_map(load_balancer).collect()
}

fn load_balancer(balancer: &sdk::LoadBalancer) -> Option<LoadBalancer> {
    Some(LoadBalancer {
        target_group: balancer.target_group_arn()?.to_owned(),
        container: balancer.container_name().unwrap_or_default().to_owned(),
        port: balancer.container_port().map_or(0, count),
        alternate: balancer.advanced_configuration().and_then(alternate),
    })
}

fn alternate(advanced: &sdk::AdvancedConfiguration) -> Option<Alternate> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Some(Alternate {
        target_group: advanced.alternate_target_group_arn()?.to_owned(),
        production_rule: text(advanced.production_listener_rule()),
        test_rule: advanced.test_listener_rule().map(ToOwned::to_owned),
        role: text(advanced.role_arn()),
    })
}

/// AWS's documented defaults stand in where it leaves numbers out.
fn strategy(configuration: &sdk::DeploymentConfiguration) -> Strategy {
    match configuration
        .strategy()
        .map_or("ROLLING", |word| word.as_str())
    {
        "ROLLING" => Strategy::Rolling,
        "BLUE_GREEN" => Strategy::BlueGreen,
        "CANARY" => {
            let canary = configuration.canary_configuration();
            Strategy::Canary {
                percent: canary
                    .and_then(|canary| canary.canary_percent())
                    .unwrap_or(5.0),
                bake_minutes: canary
                    .and_then(|canary| canary.canary_bake_time_in_minutes())
                    .map_or(10, count),
            }
        }
        "LINEAR" => {
            let linear = configuration.linear_configuration();
            Strategy::Linear {
                percent: linear
                    .and_then(|linear| linear.step_percent())
                    .unwrap_or(10.0),
                bake_minutes: linear
                    .and_then(|linear| linear.step_bake_time_in_minutes())
                    .map_or(6, count),
            }
        }
        other => Strategy::Unknown(other.to_owned()),
    }
}

/// AWS shows an empty block that is off where nobody asked for alarms.
fn deployment_alarms(alarms: &sdk::DeploymentAlarms) -> Option<DeploymentAlarms> {
    let is_set = alarms.enable() || alarms.rollback() || !alarms.alarm_names().is_empty();
    is_set.then(|| DeploymentAlarms {
        names: alarms.alarm_names().iter().cloned().collect(),
        enable: alarms.enable(),
        rollback: alarms.rollback(),
    })
}

fn circuit_breaker(breaker: &sdk::DeploymentCircuitBreaker) -> CircuitBreaker {
    CircuitBreaker {
        enable: breaker.enable(),
        rollback: breaker.rollback(),
        threshold: breaker
            .threshold_configuration()
            .map(|threshold| BreakerThreshold {
                unit: ThresholdUnit::parse(threshold.r#type().as_str()),
                value: count(threshold.value()),
            }),
        reset_on_healthy_task: breaker.reset_on_healthy_task(),
    }
}

fn deployment_configuration(
    configuration: &sdk::DeploymentConfiguration,
) -> DeploymentConfiguration {
    DeploymentConfiguration {
        strategy: strategy(configuration),
        bake_minutes: configuration.bake_time_in_minutes().map(count),
        maximum_percent: configuration.maximum_percent().map(count),
        minimum_healthy_percent: configuration.minimum_healthy_percent().map(count),
        circuit_breaker: configuration
            .deployment_circuit_breaker()
            .map(circuit_breaker),
        hooks: Some(
            configuration
                .lifecycle_hooks()
                .iter()
                .map(hooks::lifecycle_hook)
                .collect(),
        ),
        alarms: configuration.alarms().and_then(deployment_alarms),
    }
}

/// A service that does not propagate shows `NONE` or nothing.
fn propagate_tags(word: Option<&sdk::PropagateTags>) -> PropagateTags {
    word.map_or(PropagateTags::None, |word| {
        PropagateTags::parse(word.as_str())
    })
}

fn event(event: &sdk::ServiceEvent) -> Option<ServiceEvent> {
    Some(ServiceEvent {
        id: event.id()?.to_owned(),
        at: time(event.created_at().copied())?,
        message: event.message().unwrap_or_default().to_owned(),
    })
}

pub(crate) fn task_set(set: &sdk::TaskSet) -> Converted<TaskSet> {
    Ok(TaskSet {
        id: required(set.id(), "taskSets.id")?.to_owned(),
        status: TaskSetStatus::parse(required(set.status(), "taskSets.status")?),
        external_id: set.external_id().map(ToOwned::to_owned),
        task_definition: required(set.task_definition(), "taskSets.taskDefinition")?.to_owned(),
        load_balancers: load_balancers(set.load_balancers()),
        network: network(set.network_configuration()),
        launch: launch(set.launch_type(), set.capacity_provider_strategy()),
        platform_version: set.platform_version().map(ToOwned::to_owned),
        running: count(set.running_count()),
        computed_desired: count(set.computed_desired_count()),
        stability: set
            .stability_status()
            .map(|word| StabilityStatus::parse(word.as_str())),
        pending: count(set.pending_count()),
        // CodeDeploy's task sets have no scale of their own: they are whole.
        scale_percent: set.scale().map_or(100.0, |scale| scale.value()),
        created_at: time(set.created_at().copied()),
        // Whoever has the whole answer adds them.
        parts: Parts::new(),
        tags: own_tags(set.tags()),
    })
}

pub(crate) fn tags(tags: &[sdk::Tag]) -> BTreeMap<String, String> {
    let pairs = tags.iter().filter_map(|tag| {
        Some((
            tag.key()?.to_owned(),
            tag.value().unwrap_or_default().to_owned(),
        ))
    });
    pairs.collect()
}

/// Tags without AWS's own, which nobody can write.
fn own_tags(list: &[sdk::Tag]) -> BTreeMap<String, String> {
    let mut own = tags(list);
    own.retain(|key, _| !key.starts_with("aws:"));
    own
}

/// Under `CODE_DEPLOY` and `EXTERNAL` what runs belongs to the primary task set; the service's own
/// fields stay at what it was created with, or are empty.
pub(crate) fn service(service: &sdk::Service) -> Converted<Service> {
    let task_sets = service
        .task_sets()
        .iter()
        .map(task_set)
        .collect::<Converted<Vec<_>>>()?;
    let controller = controller(service.deployment_controller());
    let primary = match controller {
        Controller::CodeDeploy | Controller::External => {
            let mut sets = task_sets.iter();
            sets.find(|set| set.status == TaskSetStatus::Primary)
        }
        Controller::Ecs | Controller::Unknown(_) => None,
    };
    let own_balancers = load_balancers(service.load_balancers());
    let own_network = network(service.network_configuration());
    let own_launch = launch(service.launch_type(), service.capacity_provider_strategy());
    let own_version = service.platform_version().map(ToOwned::to_owned);
    let own_definition = service
        .task_definition()
        .filter(|arn| !arn.is_empty())
        .map(ToOwned::to_owned);
    let of_primary = |set: &TaskSet| set.load_balancers.clone();
    Ok(Service {
        arn: required(service.service_arn(), "serviceArn")?.to_owned(),
        name: required(service.service_name(), "serviceName")?.to_owned(),
        cluster_arn: required(service.cluster_arn(), "clusterArn")?.to_owned(),
        status: ServiceStatus::parse(required(service.status(), "status")?),
        task_definition: primary
            .map(|set| set.task_definition.clone())
            .or(own_definition),
        desired: count(service.desired_count()),
        running: count(service.running_count()),
        pending: count(service.pending_count()),
        launch: primary.and_then(|set| set.launch.clone()).or(own_launch),
        platform_version: primary
            .and_then(|set| set.platform_version.clone())
            .or(own_version),
        network: primary.and_then(|set| set.network.clone()).or(own_network),
        load_balancers: primary
            .map(of_primary)
            .filter(|list| !list.is_empty())
            .unwrap_or(own_balancers),
        deployment_configuration: service
            .deployment_configuration()
            .map(deployment_configuration),
        health_check_grace_seconds: service.health_check_grace_period_seconds().map(count),
        enable_execute_command: service.enable_execute_command(),
        enable_managed_tags: service.enable_ecs_managed_tags(),
        propagate_tags: propagate_tags(service.propagate_tags()),
        rolling_out: service.deployments().iter().any(|found| {
            found
                .rollout_state()
                .is_some_and(|word| RolloutState::parse(word.as_str()) == RolloutState::InProgress)
        }),
        current_deployment: service.current_service_deployment().map(ToOwned::to_owned),
        current_revisions: service
            .current_service_revisions()
            .iter()
            .filter_map(|revision| revision.arn().map(ToOwned::to_owned))
            .collect(),
        events: service.events().iter().filter_map(event).collect(),
        tags: tags(service.tags()),
        created_at: time(service.created_at().copied()),
        // Whoever has the whole answer adds them.
        parts: Parts::new(),
        beyond: BTreeSet::new(),
        controller,
        task_sets,
    })
}
