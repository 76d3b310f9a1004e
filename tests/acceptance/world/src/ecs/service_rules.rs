//! What CreateService, UpdateService, RunTask and CreateTaskSet refuse whatever else is there: rules of the
//! documentation about members that do not go together.

use serde_json::Value;

use super::settings::{Controller, Settings};
use super::strategy::Strategy;
use super::task_definitions::Definition;
use super::{errors, fargate};
use crate::error::ApiError;
use crate::input::Input;

/// Longest client token of services and task sets.
const LONGEST_TOKEN: usize = 36;

/// Longest client token of RunTask.
const LONGEST_TASK_TOKEN: usize = 64;

fn refuse<T>(message: impl Into<String>) -> Result<T, ApiError> {
    Err(errors::invalid(message))
}

/// The client token of a service or a task set.
pub(super) fn client_token(input: &Input) -> Result<Option<String>, ApiError> {
    token(input, LONGEST_TOKEN)
}

/// The client token of RunTask.
pub(super) fn task_token(input: &Input) -> Result<Option<String>, ApiError> {
    token(input, LONGEST_TASK_TOKEN)
}

fn token(input: &Input, longest: usize) -> Result<Option<String>, ApiError> {
    let token = input.text("clientToken")?;
    let fits =
        |token: &String| token.len() <= longest && token.bytes().all(|b| b.is_ascii_graphic());
    match token {
        Some(token) if !fits(&token) => refuse(format!(
            "Invalid clientToken. Up to {longest} ASCII characters in the range of 33-126 are allowed."
        )),
        token => Ok(token),
    }
}

/// The name of a new service.
pub(super) fn name(input: &Input) -> Result<String, ApiError> {
    let name = input.required("serviceName")?;
    if super::is_name(&name) {
        return Ok(name);
    }
    refuse(
        "Invalid service name. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.",
    )
}

/// Subnets and security groups of a call; `on_fargate` where its tasks run, if the call says so.
pub(super) fn network(input: &Input, on_fargate: Option<bool>) -> Result<(), ApiError> {
    let Some(awsvpc) = input
        .object("networkConfiguration")?
        .map(|network| network.object("awsvpcConfiguration"))
        .transpose()?
        .flatten()
    else {
        return Ok(());
    };
    let count = |member: &str| Ok(awsvpc.texts(member)?.unwrap_or_default().len());
    match count("subnets")? {
        0 => return refuse("subnets can not be empty."),
        17.. => return refuse("subnets can have at most 16 items."),
        _ => {}
    }
    if count("securityGroups")? > 5 {
        return refuse("securityGroups can have at most 5 items.");
    }
    let public = awsvpc.text("assignPublicIp")?.as_deref() == Some("ENABLED");
    if public && on_fargate == Some(false) {
        return refuse("Assign public IP is not supported for this launch type.");
    }
    Ok(())
}

/// A definition's launch type and what it needs.
pub(super) fn launch(
    definition: &Definition,
    on_fargate: bool,
    executes_commands: bool,
) -> Result<(), ApiError> {
    let runs_there = definition
        .member("compatibilities")
        .and_then(Value::as_array)
        .is_some_and(|kinds| kinds.iter().any(|kind| kind == "FARGATE"));
    if on_fargate && !runs_there {
        return refuse("Task definition does not support launch_type FARGATE.");
    }
    if executes_commands && definition.text("taskRoleArn").is_none_or(str::is_empty) {
        return refuse(
            "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.",
        );
    }
    Ok(())
}

/// The platform version that a call names.
pub(super) fn platform(input: &Input, on_fargate: bool) -> Result<(), ApiError> {
    let Some(version) = input
        .text("platformVersion")?
        .filter(|version| !version.is_empty())
    else {
        return Ok(());
    };
    if !on_fargate {
        return refuse("The platform version must be null when specifying an EC2 launch type.");
    }
    if fargate::has_platform(&version) {
        return Ok(());
    }
    Err(ApiError::new(
        "PlatformUnknownException",
        "The specified platform does not exist.",
    ))
}

/// A grace period is about the health checks of load balancers; task sets have their own.
pub(super) fn grace_period(input: &Input, settings: &Settings) -> Result<(), ApiError> {
    let is_idle =
        settings.load_balancers().is_empty() && settings.controller() != Controller::External;
    match input.value("healthCheckGracePeriodSeconds") {
        Some(_) if is_idle => refuse(
            "Health check grace period is only valid for services configured to use load balancers",
        ),
        Some(_) | None => Ok(()),
    }
}

/// What the members of a service's settings forbid each other.
pub(super) fn settings(settings: &Settings) -> Result<(), ApiError> {
    let deployment = settings.deployment()?;
    let controller = settings.controller();
    let daemon = settings.is_daemon();
    if daemon && settings.on_fargate() {
        return refuse("The DAEMON scheduling strategy is not supported on Fargate.");
    }
    if daemon && controller != Controller::Ecs {
        return refuse(
            "The DAEMON scheduling strategy is supported with the ECS deployment controller only.",
        );
    }
    of_parts(settings, controller, daemon)?;
    if controller == Controller::CodeDeploy && settings.load_balancers().is_empty() {
        return refuse("A service with a CODE_DEPLOY deployment controller needs a load balancer.");
    }
    if deployment.alarms.enable && deployment.alarms.alarm_names.is_empty() {
        return refuse("alarmNames can not be empty when deployment alarms are enabled.");
    }
    if controller != Controller::Ecs || deployment.shifts() != Strategy::Rolling {
        return Ok(());
    }
    if deployment.maximum_percent < 100 {
        return refuse("maximumPercent must be at least 100.");
    }
    if (
        deployment.maximum_percent,
        deployment.minimum_healthy_percent,
    ) == (100, 100)
    {
        return refuse(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        );
    }
    Ok(())
}

/// Parts that only some services have.
fn of_parts(settings: &Settings, controller: Controller, daemon: bool) -> Result<(), ApiError> {
    let says = |member: &str| match settings.echo.get(member) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => members.get("enabled") != Some(&Value::Bool(false)),
        Some(_) | None => false,
    };
    if controller != Controller::Ecs {
        for (member, name) in [
            ("serviceConnectConfiguration", "Service Connect is"),
            ("volumeConfigurations", "Volume configurations are"),
            ("vpcLatticeConfigurations", "VPC Lattice configurations are"),
        ] {
            if says(member) {
                return refuse(format!(
                    "{name} supported with the ECS deployment controller only."
                ));
            }
        }
    }
    if settings.on_fargate() && says("placementStrategy") {
        return refuse("Placement strategies are not supported with FARGATE launch type.");
    }
    if settings.on_fargate() && says("placementConstraints") {
        return refuse("Placement constraints are not supported with FARGATE launch type.");
    }
    if daemon && says("placementStrategy") {
        return refuse(
            "Placement strategies are not supported with the DAEMON scheduling strategy.",
        );
    }
    let rebalances = settings.text("availabilityZoneRebalancing") == Some("ENABLED");
    if rebalances && daemon {
        return refuse(
            "Availability Zone rebalancing is not supported with the DAEMON scheduling strategy.",
        );
    }
    if rebalances && settings.deployment()?.maximum_percent <= 100 {
        return refuse("Availability Zone rebalancing requires a maximumPercent of more than 100.");
    }
    Ok(())
}

/// A call's deployment configuration: each strategy has its own settings.
pub(super) fn strategy(given: &Input, strategy: &str) -> Result<(), ApiError> {
    for (member, of) in [
        ("linearConfiguration", "LINEAR"),
        ("canaryConfiguration", "CANARY"),
    ] {
        if given.has(member) && strategy != of {
            return refuse(format!(
                "{member} is only valid when the deployment strategy is {of}."
            ));
        }
    }
    Ok(())
}
