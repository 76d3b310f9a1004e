//! What CreateService, UpdateService and RunTask refuse.

use serde_json::Value;

use super::settings::{Controller, LoadBalancer, Settings};
use super::strategy::Strategy;
use super::task_definitions::{Definition, DefinitionStatus};
use super::{balancer_role, errors, service_rules};
use crate::elbv2;
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;

/// The network configuration must be there for awsvpc, and only then.
pub(super) fn network_fits(definition: &Definition, given: bool) -> Result<(), ApiError> {
    match (definition.network_mode() == "awsvpc", given) {
        (true, false) => Err(errors::invalid(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )),
        (false, true) => Err(errors::invalid(
            "Network Configuration is not valid for the given networkMode of this task definition.",
        )),
        (true, true) | (false, false) => Ok(()),
    }
}

/// The task definition a service names: it must exist and be active. Returns its ARN.
pub(super) fn definition<'a>(state: &'a World, given: &str) -> Result<&'a Definition, ApiError> {
    let definition = state
        .ecs
        .definitions
        .find(given)
        .ok_or_else(|| errors::client("TaskDefinition not found."))?;
    if definition.status != DefinitionStatus::Active {
        return Err(errors::client("TaskDefinition is inactive"));
    }
    Ok(definition)
}

/// Checks a service's settings as a whole.
pub(super) fn settings(state: &World, settings: &Settings) -> Result<(), ApiError> {
    let deployment = settings.deployment()?;
    service_rules::settings(settings)?;
    if settings.text("launchType").is_some()
        && settings.echo.contains_key("capacityProviderStrategy")
    {
        return Err(errors::invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
        ));
    }
    let balancers = settings.load_balancers();
    let mut roles = balancers.iter().map(LoadBalancer::role);
    if roles.any(|role| balancer_role::validate(state, &role).is_err()) {
        return Err(errors::invalid(
            "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role being \
             passed has the proper permissions.",
        ));
    }
    if settings.controller() == Controller::External {
        return native_only(
            "EXTERNAL",
            &deployment.strategy,
            deployment.deployment_circuit_breaker.enable,
            deployment.alarms.enable,
        );
    }
    let Some(given) = settings.text("taskDefinition") else {
        return Err(errors::invalid("TaskDefinition can not be blank."));
    };
    let definition = state
        .ecs
        .definitions
        .find(given)
        .ok_or_else(|| errors::client("TaskDefinition not found."))?;
    let executes = settings.echo.get("enableExecuteCommand") == Some(&Value::Bool(true));
    service_rules::launch(definition, settings.on_fargate(), executes)?;
    network_fits(
        definition,
        settings.echo.contains_key("networkConfiguration"),
    )?;
    for balancer in &balancers {
        load_balancer(state, definition, balancer)?;
    }
    classic(settings, definition, &balancers)?;
    let shifting = matches!(deployment.shifts(), Strategy::Shifting { .. });
    if shifting && settings.controller() == Controller::Ecs {
        if settings.is_daemon() {
            return Err(errors::invalid(
                "The deployment strategy is not supported with the DAEMON scheduling strategy.",
            ));
        }
        for balancer in &balancers {
            advanced(state, balancer)?;
        }
    }
    if settings.controller() == Controller::CodeDeploy {
        code_deploy(
            &deployment.strategy,
            deployment.deployment_circuit_breaker.enable,
            deployment.alarms.enable,
            &balancers,
        )?;
    }
    Ok(())
}

/// Classic Load Balancers stand alone, and only services whose tasks are replaced in place have one.
fn classic(
    settings: &Settings,
    definition: &Definition,
    balancers: &[LoadBalancer],
) -> Result<(), ApiError> {
    let is_classic = |balancer: &&LoadBalancer| balancer.load_balancer_name.is_some();
    let classic: Vec<&LoadBalancer> = balancers.iter().filter(is_classic).collect();
    let Some(first) = classic.first() else {
        return Ok(());
    };
    let has_groups = |balancer: &LoadBalancer| balancer.target_group_arn.is_some();
    let refusal = if balancers.len() != classic.len() || balancers.iter().any(has_groups) {
        "All loadBalancers must be strictly either ELBv1 (defining loadBalancerName) or ELBv2 (defining targetGroupArn)"
    } else if first.advanced_configuration.is_some() {
        "advancedConfiguration field is not allowed with ELBv1 loadBalancers"
    } else if classic.len() > 1 {
        "loadBalancers can have at most 1 Classic Load Balancer."
    } else if settings.controller() == Controller::CodeDeploy {
        "A service with a CODE_DEPLOY deployment controller cannot use a Classic Load Balancer."
    } else if definition.network_mode() == "awsvpc" {
        "Classic Load Balancers are not supported with the awsvpc network mode."
    } else {
        return Ok(());
    };
    Err(errors::invalid(refusal))
}

/// One load balancer: its group exists, is used, and its container listens on the port.
pub(super) fn load_balancer(
    state: &World,
    definition: &Definition,
    balancer: &LoadBalancer,
) -> Result<(), ApiError> {
    match (&balancer.target_group_arn, &balancer.load_balancer_name) {
        (Some(arn), _) => target_group(state, definition, arn)?,
        (None, Some(_)) => {}
        (None, None) => return Err(errors::invalid("targetGroupArn cannot be blank.")),
    }
    behind(definition, balancer)
}

/// A target group that exists, is used, and takes the tasks.
fn target_group(state: &World, definition: &Definition, arn: &str) -> Result<(), ApiError> {
    let group = state.elbv2.target_group(arn).ok_or_else(|| {
        errors::invalid(format!(
            "The target group with targetGroupArn {arn} does not exist."
        ))
    })?;
    if group.load_balancer.is_none() {
        return Err(errors::invalid(format!(
            "The target group with targetGroupArn {arn} does not have an associated load balancer."
        )));
    }
    if definition.network_mode() == "awsvpc" && group.target_type != "ip" {
        return Err(errors::invalid(format!(
            "The provided target group {arn} has target type {}, which is incompatible with the awsvpc network mode specified in the task definition.",
            group.target_type
        )));
    }
    Ok(())
}

/// The container is there and listens on the port.
fn behind(definition: &Definition, balancer: &LoadBalancer) -> Result<(), ApiError> {
    let name = balancer.container_name.as_deref().unwrap_or_default();
    let container = definition
        .containers
        .iter()
        .find(|container| container.name == name)
        .ok_or_else(|| {
            errors::invalid(format!(
                "The container {name} does not exist in the task definition."
            ))
        })?;
    let port = balancer.container_port.unwrap_or_default();
    if container.ports.contains(&port) {
        Ok(())
    } else {
        Err(errors::invalid(format!(
            "The container {name} did not have a container port {port} defined."
        )))
    }
}

/// What shifting traffic needs: another group and a production rule, both existing.
fn advanced(state: &World, balancer: &LoadBalancer) -> Result<(), ApiError> {
    let Some(advanced) = &balancer.advanced_configuration else {
        return Err(errors::invalid(
            "advancedConfiguration is required on load balancers with this deployment strategy.",
        ));
    };
    let Some(alternate) = &advanced.alternate_target_group_arn else {
        return Err(errors::invalid("alternateTargetGroupArn cannot be blank."));
    };
    if state.elbv2.target_group(alternate).is_none() {
        return Err(errors::invalid(format!(
            "The target group with targetGroupArn {alternate} does not exist."
        )));
    }
    if balancer.target_group_arn.as_ref() == Some(alternate) {
        return Err(errors::invalid(
            "targetGroupArn and alternateTargetGroupArn must be different.",
        ));
    }
    let rules = [
        advanced.production_listener_rule.as_ref(),
        advanced.test_listener_rule.as_ref(),
    ];
    if advanced.production_listener_rule.is_none() {
        return Err(errors::invalid("productionListenerRule cannot be blank."));
    }
    // The listeners of an Application Load Balancer have rules, and traffic moves by one of these.
    let is_rule =
        |rule: &String| !rule.contains(":listener/app/") && elbv2::route_exists(state, rule);
    match rules.into_iter().flatten().find(|rule| !is_rule(rule)) {
        None => Ok(()),
        Some(rule) => Err(errors::invalid(format!(
            "The listener rule {rule} does not exist."
        ))),
    }
}

/// What a new EXTERNAL service may not say: its task sets say it.
pub(super) fn frame(input: &Input) -> Result<(), ApiError> {
    let of_task_sets = [
        "taskDefinition",
        "launchType",
        "capacityProviderStrategy",
        "platformVersion",
        "networkConfiguration",
        "loadBalancers",
        "serviceRegistries",
    ];
    let says = |member: &&str| match input.value(member) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
        None => false,
    };
    match of_task_sets.into_iter().find(says) {
        None => Ok(()),
        Some(member) => Err(errors::invalid(format!(
            "{member} cannot be specified for a service with an EXTERNAL deployment controller. Specify it for its task sets."
        ))),
    }
}

/// What only the ECS controller has.
fn native_only(
    controller: &str,
    strategy: &str,
    breaker: bool,
    alarms: bool,
) -> Result<(), ApiError> {
    let refuse = |what: &str| {
        Err(errors::invalid(format!(
            "{what} not supported with the {controller} deployment controller."
        )))
    };
    if !matches!(strategy, "" | "ROLLING") {
        return refuse("Deployment strategies are");
    }
    if breaker {
        return refuse("Deployment circuit breaker feature is");
    }
    if alarms {
        return refuse("Deployment alarms are");
    }
    Ok(())
}

fn code_deploy(
    strategy: &str,
    breaker: bool,
    alarms: bool,
    balancers: &[LoadBalancer],
) -> Result<(), ApiError> {
    native_only("CODE_DEPLOY", strategy, breaker, alarms)?;
    if balancers.len() > 1 {
        return Err(errors::invalid(
            "Services with a CODE_DEPLOY deployment controller can have only one target group.",
        ));
    }
    Ok(())
}
