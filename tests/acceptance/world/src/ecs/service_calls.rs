//! CreateService, UpdateService, DescribeServices, ListServices, DeleteService.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::clusters;
use super::deployment::DeploymentStatus;
use super::paging::listed;
use super::pool::{RolloutState, SCHEDULER};
use super::revision::Revision;
use super::service::{self, Service, ServiceStatus};
use super::service_render::render;
use super::settings::{Controller, Settings};
use super::task_sets::TaskSet;
use super::{allowed, errors, instances, service_rules, start, tags, validate};
use crate::codedeploy;
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;

pub(super) fn create(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?;
    let (cluster_arn, default_strategy) =
        (cluster.arn.clone(), cluster.default_strategy().to_vec());
    let name = service_rules::name(input)?;
    let arn = service::arn_of(state, &cluster_arn, &name);
    let token = service_rules::client_token(input)?;
    if let Some(known) = state.ecs.services.get(&arn) {
        match known.status {
            ServiceStatus::Active if known.was_asked_for(input) => {
                return Ok(json!({ "service": render(state, known, true) }));
            }
            ServiceStatus::Active => {
                return Err(errors::invalid("Creation of service was not idempotent."));
            }
            ServiceStatus::Draining => {
                return Err(errors::invalid(
                    "Unable to Start a service that is still Draining.",
                ));
            }
            ServiceStatus::Inactive => {}
        }
    }
    let mut settings = Settings::of_create(input)?;
    if settings.controller() == Controller::External {
        validate::frame(input)?;
    }
    if let Some(given) = input
        .text("taskDefinition")?
        .filter(|given| !given.is_empty())
    {
        let definition = validate::definition(state, &given)?.arn.clone();
        settings
            .echo
            .insert("taskDefinition".to_owned(), json!(definition));
    }
    settings.fill(&default_strategy);
    check_place(input, &settings)?;
    validate::settings(state, &settings)?;
    let daemon = settings.is_daemon();
    let desired = match input.number_in("desiredCount", 0, 5000)? {
        Some(_) if daemon => return Err(errors::daemon_has_no_count()),
        Some(desired) => desired,
        None if daemon => instances::for_daemon(state, &cluster_arn),
        None if settings.controller() == Controller::External => 0,
        None => {
            return Err(errors::invalid(
                "Desired count can not be blank for a REPLICA service.",
            ));
        }
    };
    let given_tags = tags::of_input(input)?;
    state.ecs.tags.insert(arn.clone(), given_tags);
    let mut service = Service {
        arn: arn.clone(),
        name,
        cluster_arn,
        status: ServiceStatus::Active,
        created: state.now,
        desired,
        settings,
        revisions: Vec::new(),
        pools: Vec::new(),
        deployments: Vec::new(),
        leaving: Vec::new(),
        events: VecDeque::new(),
        said_steady: false,
        request: token.map(|_| input.members().clone()),
    };
    match service.settings.controller() {
        Controller::Ecs => start::begin(state, &mut service),
        Controller::CodeDeploy => start::begin_task_set(state, &mut service),
        Controller::External => {}
    }
    let rendered = render(state, &service, true);
    state.ecs.services.insert(arn, service);
    Ok(json!({ "service": rendered }))
}

/// Where tasks run: on a platform and in a network that go with each other.
fn check_place(input: &Input, settings: &Settings) -> Result<(), ApiError> {
    let on_fargate = settings.on_fargate();
    service_rules::platform(input, on_fargate)?;
    service_rules::grace_period(input, settings)?;
    let known = on_fargate || settings.text("launchType").is_some();
    service_rules::network(input, known.then_some(on_fargate))
}

/// The ARN of the service a call names under `member`.
fn named(state: &World, input: &Input, member: &str) -> Result<String, ApiError> {
    let cluster = clusters::find(state, input)?.arn.clone();
    let arn = service::arn_of(state, &cluster, &input.required(member)?);
    match state.ecs.services.get(&arn) {
        None => Err(errors::service_not_found()),
        Some(_) => Ok(arn),
    }
}

pub(super) fn update(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = named(state, input, "service")?;
    let Some(mut service) = state.ecs.services.remove(&arn) else {
        return Err(errors::service_not_found());
    };
    let done = if service.is_active() {
        change(state, &mut service, input)
    } else {
        Err(errors::service_not_active())
    };
    let rendered = render(state, &service, true);
    state.ecs.services.insert(arn, service);
    done.map(|()| json!({ "service": rendered }))
}

fn change(state: &mut World, service: &mut Service, input: &Input) -> Result<(), ApiError> {
    let before = service.settings.controller();
    let mut settings = service.settings.clone();
    settings.merge(input)?;
    let after = settings.controller();
    if before == after {
        allowed::check(after, input)?;
    } else {
        check_switch(state, service, &settings, input)?;
        if after != Controller::Ecs {
            settings.leave_native(input.object("deploymentConfiguration")?.as_ref());
        }
    }
    if let Some(given) = input
        .text("taskDefinition")?
        .filter(|given| !given.is_empty())
    {
        let definition = validate::definition(state, &given)?.arn.clone();
        settings
            .echo
            .insert("taskDefinition".to_owned(), json!(definition));
    }
    let force = input.flag("forceNewDeployment")?.unwrap_or(false);
    let left_launch_type = service.settings.echo.contains_key("launchType")
        && !settings.echo.contains_key("launchType");
    if left_launch_type && !force {
        return Err(errors::invalid(
            "Force new deployment must be set to true when changing from a launch type to a capacity provider strategy.",
        ));
    }
    let default_strategy = clusters::find(state, input)?.default_strategy().to_vec();
    settings.fill(&default_strategy);
    check_place(input, &settings)?;
    let touches = [
        "enableExecuteCommand",
        "loadBalancers",
        "taskDefinition",
        "deploymentConfiguration",
        "deploymentController",
        "networkConfiguration",
    ];
    if touches.iter().any(|member| input.has(member)) {
        validate::settings(state, &settings)?;
    }
    if let Some(desired) = input.number_in("desiredCount", 0, 5000)? {
        if settings.is_daemon() {
            return Err(errors::daemon_has_no_count());
        }
        if desired != service.desired {
            service.said_steady = false;
        }
        service.desired = desired;
    }
    let differs = settings.revision_members() != service.settings.revision_members();
    service.settings = settings;
    if before != after {
        switch(state, service, after);
    }
    if after == Controller::Ecs && (differs || force || before != after) {
        start::begin(state, service);
    }
    state
        .ecs
        .wake_service(state.now.plus(SCHEDULER), &service.arn);
    Ok(())
}

/// A controller changes only while nothing rolls out, and a task definition changes with it only where the new
/// controller takes one from UpdateService.
fn check_switch(
    state: &World,
    service: &Service,
    settings: &Settings,
    input: &Input,
) -> Result<(), ApiError> {
    let by_code_deploy = || codedeploy::is_deploying(state, service.cluster_name(), &service.name);
    if service.is_rolling_out() || by_code_deploy() {
        return Err(errors::invalid(
            "The deployment controller cannot be changed while a service deployment is in progress.",
        ));
    }
    if settings.controller() == Controller::Ecs {
        return Ok(());
    }
    let same = |member: &str| settings.echo.get(member) == service.settings.echo.get(member);
    let given = input.text("taskDefinition")?;
    let definition = given
        .as_deref()
        .and_then(|given| state.ecs.definitions.find(given))
        .map(|definition| definition.arn.as_str());
    let keeps_definition = given.is_none() || definition == service.settings.text("taskDefinition");
    if keeps_definition && same("networkConfiguration") && same("capacityProviderStrategy") {
        Ok(())
    } else {
        allowed::check(settings.controller(), input)
    }
}

/// Hands the running tasks over to another controller.
fn switch(state: &mut World, service: &mut Service, to: Controller) {
    if to == Controller::Ecs {
        let Some(position) = service
            .pools
            .iter()
            .position(|pool| pool.task_set.as_ref().is_some_and(TaskSet::is_primary))
        else {
            return;
        };
        let mut live = service.pools.remove(position);
        live.task_set = None;
        live.rollout = RolloutState::Completed;
        live.rollout_reason = format!("ECS deployment {} completed.", live.id);
        let resolved = live
            .bindings
            .iter()
            .map(|binding| (binding.group.clone(), None))
            .collect();
        let revision = Revision::new(state, service, &live.settings, resolved);
        live.revision = Some(revision.arn.clone());
        service.revisions.push(revision);
        for pool in &mut service.pools {
            if let Some(set) = &mut pool.task_set {
                set.drain();
            }
        }
        service.pools.insert(0, live);
        return;
    }
    let Some(id) = service.pools.first().map(|pool| pool.id.clone()) else {
        return;
    };
    let set = TaskSet::primary(state, service, &id);
    let mut group = None;
    if let Some(pool) = service.pool_mut(&id).filter(|pool| pool.task_set.is_none()) {
        group = pool.bindings.first().map(|binding| binding.group.clone());
        pool.task_set = Some(set);
        pool.revision = None;
        if let Some(group) = &group {
            pool.settings.serve_from(group);
        }
    }
    if let Some(group) = group {
        service.settings.serve_from(&group);
    }
    service.deployments.clear();
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?.arn.clone();
    let with_tags = tags::asked_for(input)?;
    let names = input.texts("services")?.unwrap_or_default();
    if names.is_empty() || names.len() > 10 {
        return Err(errors::invalid(
            "Services must have at least one and at most 10 entries.",
        ));
    }
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for given in names {
        let arn = service::arn_of(state, &cluster, &given);
        match state.ecs.services.get(&arn) {
            Some(service) => found.push(render(state, service, with_tags)),
            None => failures.push(errors::missing(&arn)),
        }
    }
    Ok(json!({ "services": found, "failures": failures }))
}

pub(super) fn list(state: &World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?.arn.clone();
    let (launch_type, scheduling) = (input.text("launchType")?, input.text("schedulingStrategy")?);
    let arns: Vec<String> = state
        .ecs
        .services
        .values()
        .filter(|service| service.cluster_arn == cluster && !service.is_gone())
        .filter(|service| {
            launch_type.is_none() || service.settings.text("launchType") == launch_type.as_deref()
        })
        .filter(|service| {
            scheduling.is_none()
                || service.settings.text("schedulingStrategy") == scheduling.as_deref()
        })
        .map(|service| service.arn.clone())
        .collect();
    let mut members = Map::new();
    members.extend(input.members().clone());
    members.entry("maxResults").or_insert_with(|| json!(10));
    listed(
        &Input::new(Value::Object(members), super::INVALID)?,
        "serviceArns",
        &arns,
    )
}

pub(super) fn list_by_namespace(state: &World, input: &Input) -> Result<Value, ApiError> {
    let namespace = input.required("namespace")?;
    let arns: Vec<String> = state
        .ecs
        .services
        .values()
        .filter(|service| !service.is_gone())
        .filter(|service| {
            service
                .settings
                .echo
                .get("serviceConnectConfiguration")
                .and_then(|connect| connect.get("namespace"))
                .and_then(Value::as_str)
                == Some(namespace.as_str())
        })
        .map(|service| service.arn.clone())
        .collect();
    listed(input, "serviceArns", &arns)
}

pub(super) fn delete(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = named(state, input, "service")?;
    let force = input.flag("force")?.unwrap_or(false);
    let Some(mut service) = state.ecs.services.remove(&arn) else {
        return Err(errors::service_not_found());
    };
    let refused = if !service.is_active() {
        Some(errors::service_not_active())
    } else if !force && service.desired > 0 && !service.settings.is_daemon() {
        Some(errors::invalid(
            "The service cannot be stopped while it is scaled above 0.",
        ))
    } else if !force
        && service
            .pools
            .iter()
            .any(|pool| pool.task_set.is_some() && pool.desired > 0)
    {
        Some(errors::invalid(
            "The service cannot be stopped while deployments are active.",
        ))
    } else {
        None
    };
    if refused.is_none() {
        service.status = ServiceStatus::Draining;
        service.desired = 0;
        for deployment in service
            .deployments
            .iter_mut()
            .filter(|deployment| !deployment.status.is_final())
        {
            deployment.reason =
                Some("Service deployment stopped because the service was deleted.".to_owned());
            deployment.end(DeploymentStatus::Stopped, state.now);
        }
        state.ecs.wake_service(state.now.plus(SCHEDULER), &arn);
    }
    let rendered = render(state, &service, true);
    state.ecs.services.insert(arn, service);
    match refused {
        Some(refused) => Err(refused),
        None => Ok(json!({ "service": rendered })),
    }
}
