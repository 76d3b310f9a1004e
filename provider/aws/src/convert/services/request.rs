//! Port nouns as parts of CreateService and UpdateService.

use std::collections::BTreeMap;

use aws_sdk_ecs::types as sdk;
use aws_smithy_types::error::operation::BuildError;
use switchyard_engine::ports::{
    Alternate, BreakerThreshold, CircuitBreaker, Controller, DeploymentConfiguration, Launch,
    LoadBalancer, Network, PropagateTags, Strategy,
};

use super::super::to_count;
use super::hooks::to_lifecycle_hook;

pub(crate) fn to_controller(
    controller: &Controller,
) -> Result<sdk::DeploymentController, BuildError> {
    sdk::DeploymentController::builder()
        .r#type(sdk::DeploymentControllerType::from(controller.word()))
        .build()
}

/// The launch type, when tasks are placed by one.
pub(crate) fn to_launch_type(launch: Option<&Launch>) -> Option<sdk::LaunchType> {
    match launch? {
        Launch::Strategy(_) => None,
        Launch::Type(kind) => Some(sdk::LaunchType::from(kind.word())),
    }
}

/// The capacity provider strategy, when tasks are placed by one.
pub(crate) fn to_strategy_items(
    launch: Option<&Launch>,
) -> Result<Option<Vec<sdk::CapacityProviderStrategyItem>>, BuildError> {
    let Some(Launch::Strategy(providers)) = launch else {
        return Ok(None);
    };
    let items = providers.iter().map(|provider| {
        sdk::CapacityProviderStrategyItem::builder()
            .capacity_provider(&provider.name)
            .base(to_count(provider.base))
            .weight(to_count(provider.weight))
            .build()
    });
    items.collect::<Result<Vec<_>, _>>().map(Some)
}

/// The strategy for UpdateService, which knows no launch type: an empty list goes back to it.
pub(crate) fn to_changed_strategy(
    launch: Option<&Launch>,
) -> Result<Option<Vec<sdk::CapacityProviderStrategyItem>>, BuildError> {
    match launch {
        Some(Launch::Type(_)) => Ok(Some(Vec::new())),
        Some(Launch::Strategy(_)) | None => to_strategy_items(launch),
    }
}

pub(crate) fn to_network(network: &Network) -> Result<sdk::NetworkConfiguration, BuildError> {
    let public = if network.assign_public_ip {
        sdk::AssignPublicIp::Enabled
    } else {
        sdk::AssignPublicIp::Disabled
    };
    let vpc = sdk::AwsVpcConfiguration::builder()
        .set_subnets(Some(network.subnets.iter().cloned().collect()))
        .set_security_groups(Some(network.security_groups.iter().cloned().collect()))
        .assign_public_ip(public)
        .build()?;
    Ok(sdk::NetworkConfiguration::builder()
        .awsvpc_configuration(vpc)
        .build())
}

pub(crate) fn to_load_balancers(balancers: &[LoadBalancer]) -> Vec<sdk::LoadBalancer> {
    balancers.iter().map(to_load_balancer).collect()
}

fn to_load_balancer(balancer: &LoadBalancer) -> sdk::LoadBalancer {
    sdk::LoadBalancer::builder()
        .target_group_arn(&balancer.target_group)
        .container_name(&balancer.container)
        .container_port(to_count(balancer.port))
        .set_advanced_configuration(balancer.alternate.as_ref().map(to_advanced))
        .build()
}

fn to_advanced(alternate: &Alternate) -> sdk::AdvancedConfiguration {
    sdk::AdvancedConfiguration::builder()
        .alternate_target_group_arn(&alternate.target_group)
        .production_listener_rule(&alternate.production_rule)
        .set_test_listener_rule(alternate.test_rule.clone())
        .role_arn(&alternate.role)
        .build()
}

fn to_breaker(breaker: &CircuitBreaker) -> Result<sdk::DeploymentCircuitBreaker, BuildError> {
    let threshold = breaker.threshold.as_ref().map(to_threshold).transpose()?;
    Ok(sdk::DeploymentCircuitBreaker::builder()
        .enable(breaker.enable)
        .rollback(breaker.rollback)
        .set_threshold_configuration(threshold)
        .set_reset_on_healthy_task(breaker.reset_on_healthy_task)
        .build())
}

fn to_threshold(threshold: &BreakerThreshold) -> Result<sdk::ThresholdConfiguration, BuildError> {
    sdk::ThresholdConfiguration::builder()
        .r#type(sdk::ThresholdType::from(threshold.unit.word()))
        .value(to_count(threshold.value))
        .build()
}

pub(crate) fn to_deployment_configuration(
    configuration: &DeploymentConfiguration,
) -> Result<sdk::DeploymentConfiguration, BuildError> {
    let breaker = configuration.circuit_breaker.as_ref().map(to_breaker);
    let hooks = configuration.hooks.as_ref().map(|hooks| {
        hooks
            .iter()
            .filter_map(|hook| to_lifecycle_hook(hook).transpose())
            .collect::<Result<Vec<_>, _>>()
    });
    let alarms = configuration.alarms.as_ref().map(|alarms| {
        sdk::DeploymentAlarms::builder()
            .set_alarm_names(Some(alarms.names.iter().cloned().collect()))
            .enable(alarms.enable)
            .rollback(alarms.rollback)
            .build()
    });
    let builder = sdk::DeploymentConfiguration::builder()
        .set_bake_time_in_minutes(configuration.bake_minutes.map(to_count))
        .set_maximum_percent(configuration.maximum_percent.map(to_count))
        .set_minimum_healthy_percent(configuration.minimum_healthy_percent.map(to_count))
        .set_deployment_circuit_breaker(breaker.transpose()?)
        .set_lifecycle_hooks(hooks.transpose()?)
        .set_alarms(alarms.transpose()?);
    let builder = match &configuration.strategy {
        Strategy::BlueGreen => builder.strategy(sdk::DeploymentStrategy::BlueGreen),
        Strategy::Rolling => builder.strategy(sdk::DeploymentStrategy::Rolling),
        Strategy::Unknown(word) => builder.strategy(sdk::DeploymentStrategy::from(word.as_str())),
        Strategy::Canary {
            percent,
            bake_minutes,
        } => {
            let canary = sdk::CanaryConfiguration::builder()
                .canary_percent(*percent)
                .canary_bake_time_in_minutes(to_count(*bake_minutes));
            builder
                .strategy(sdk::DeploymentStrategy::Canary)
                .canary_configuration(canary.build())
        }
        Strategy::Linear {
            percent,
            bake_minutes,
        } => {
            let linear = sdk::LinearConfiguration::builder()
                .step_percent(*percent)
                .step_bake_time_in_minutes(to_count(*bake_minutes));
            builder
                .strategy(sdk::DeploymentStrategy::Linear)
                .linear_configuration(linear.build())
        }
    };
    Ok(builder.build())
}

pub(crate) fn to_propagate_tags(propagate: &PropagateTags) -> sdk::PropagateTags {
    sdk::PropagateTags::from(propagate.word())
}

pub(crate) fn to_tags(tags: &BTreeMap<String, String>) -> Vec<sdk::Tag> {
    tags.iter()
        .map(|(key, value)| sdk::Tag::builder().key(key).value(value).build())
        .collect()
}
