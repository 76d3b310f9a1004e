//! Services are created, changed and deleted.

use aws_sdk_ecs::config::Builder as Override;
use aws_smithy_types::error::operation::BuildError;
use switchyard_engine::ports::{
    Controller, ErrorKind, NewService, Result, Service, ServiceChange, ServiceRef,
};

use super::shown::ShownServices;
use super::wire::{Captured, With};
use crate::call::{Call, Caller, NeverRepeatUnanswered};
use crate::convert::services as to;
use crate::convert::{to_count, within};
use crate::failed::{incomplete, unbuildable};
use crate::throttle::Class;

const CREATE: &str = "ecs:CreateService";
const DELETE: &str = "ecs:DeleteService";
const UPDATE: &str = "ecs:UpdateService";

/// Creates the service. The token makes it safe to repeat.
pub(super) async fn create(caller: &Caller, new: &NewService) -> Result<Service> {
    let name = new.service.name.as_str();
    let call = Call {
        operation: CREATE,
        target: name,
        class: Some(Class::ServiceModify),
    };
    let bug = |error: BuildError| unbuildable(CREATE, name, &error);
    let client = caller.connection.ecs(CREATE, name).await?;
    let configuration = new
        .deployment_configuration
        .as_ref()
        .map(to::to_deployment_configuration);
    let mut configuration = configuration.transpose().map_err(bug)?;
    if let (Some(configuration), false) = (&mut configuration, new.controller == Controller::Ecs) {
        // Only ECS's own controller has strategies and hooks; the others refuse the words.
        configuration.strategy = None;
        configuration.lifecycle_hooks = None;
    }
    let captured = Captured::default();
    let request = client
        .create_service()
        .cluster(&new.service.cluster)
        .service_name(name)
        .client_token(&new.client_token)
        .deployment_controller(to::to_controller(&new.controller).map_err(bug)?)
        .set_task_definition(new.task_definition.clone())
        .set_desired_count((!new.is_daemon()).then(|| to_count(new.desired)))
        .set_launch_type(to::to_launch_type(new.launch.as_ref()))
        .set_capacity_provider_strategy(to::to_strategy_items(new.launch.as_ref()).map_err(bug)?)
        .set_platform_version(new.platform_version.clone())
        .set_network_configuration(
            new.network
                .as_ref()
                .map(to::to_network)
                .transpose()
                .map_err(bug)?,
        )
        .set_load_balancers(
            (!new.load_balancers.is_empty()).then(|| to::to_load_balancers(&new.load_balancers)),
        )
        .set_deployment_configuration(configuration)
        .set_health_check_grace_period_seconds(new.health_check_grace_seconds.map(to_count))
        .enable_execute_command(new.enable_execute_command)
        .enable_ecs_managed_tags(new.enable_managed_tags)
        .propagate_tags(to::to_propagate_tags(&new.propagate_tags))
        .set_tags((!new.tags.is_empty()).then(|| to::to_tags(&new.tags)))
        .customize()
        .interceptor(With::parts(&new.parts))
        .interceptor(captured.clone());
    let answer = caller.write(call, request.send()).await?;
    let service = answer
        .service
        .ok_or_else(|| incomplete(CREATE, name, "service"))?;
    let service = within(to::service(&service), CREATE, name)?;
    ShownServices::of(&captured).complete(service, CREATE, name)
}

/// Changes the service.
pub(super) async fn update(
    caller: &Caller,
    service: &ServiceRef,
    change: &ServiceChange,
) -> Result<Service> {
    let name = service.name.as_str();
    let call = Call {
        operation: UPDATE,
        target: name,
        class: Some(Class::ServiceModify),
    };
    let bug = |error: BuildError| unbuildable(UPDATE, name, &error);
    let client = caller.connection.ecs(UPDATE, name).await?;
    let configuration = change
        .deployment_configuration
        .as_ref()
        .map(to::to_deployment_configuration);
    let mut configuration = configuration.transpose().map_err(bug)?;
    let mut unsaid = to::Unsaid::of(change.deployment_configuration.as_ref());
    if let (Some(configuration), true) = (&mut configuration, change.percentages_only) {
        configuration.strategy = None;
        configuration.lifecycle_hooks = None;
        unsaid = to::Unsaid::default();
    }
    let controller = change.controller.as_ref().map(to::to_controller);
    let captured = Captured::default();
    let request = client
        .update_service()
        .cluster(&service.cluster)
        .service(name)
        .set_task_definition(change.task_definition.clone())
        .set_desired_count(change.desired.map(to_count))
        .set_deployment_controller(controller.transpose().map_err(bug)?)
        .set_capacity_provider_strategy(
            to::to_changed_strategy(change.launch.as_ref()).map_err(bug)?,
        )
        .set_platform_version(change.platform_version.clone())
        .set_network_configuration(
            change
                .network
                .as_ref()
                .map(to::to_network)
                .transpose()
                .map_err(bug)?,
        )
        .set_load_balancers(change.load_balancers.as_deref().map(to::to_load_balancers))
        .set_deployment_configuration(configuration)
        .set_health_check_grace_period_seconds(change.health_check_grace_seconds.map(to_count))
        .set_enable_execute_command(change.enable_execute_command)
        .set_enable_ecs_managed_tags(change.enable_managed_tags)
        .set_propagate_tags(change.propagate_tags.as_ref().map(to::to_propagate_tags))
        .set_force_new_deployment(change.force_new_deployment.then_some(true))
        .customize()
        .interceptor(With::parts(&change.parts).hooks(unsaid))
        .interceptor(captured.clone());
    // A change that starts a rollout may start one each time it is received.
    let answer = if starts_rollout(change) {
        let once = Override::new().retry_classifier(NeverRepeatUnanswered);
        caller
            .write(call, request.config_override(once).send())
            .await?
    } else {
        caller.write(call, request.send()).await?
    };
    let updated = answer
        .service
        .ok_or_else(|| incomplete(UPDATE, name, "service"))?;
    let updated = within(to::service(&updated), UPDATE, name)?;
    ShownServices::of(&captured).complete(updated, UPDATE, name)
}

/// Deletes the service with its tasks. Done already is success.
pub(super) async fn delete(caller: &Caller, service: &ServiceRef) -> Result<()> {
    let call = Call {
        operation: DELETE,
        target: &service.name,
        class: Some(Class::ServiceModify),
    };
    let client = caller.connection.ecs(DELETE, &service.name).await?;
    let request = client
        .delete_service()
        .cluster(&service.cluster)
        .service(&service.name)
        .force(true);
    match caller.write(call, request.send()).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether AWS may start a rollout because of it. With force it always does; without, it compares with
/// the service as it is by then, which nobody documents field by field.
fn starts_rollout(change: &ServiceChange) -> bool {
    change.force_new_deployment
        || change.controller.is_some()
        || change.task_definition.is_some()
        || change.launch.is_some()
        || change.platform_version.is_some()
        || change.network.is_some()
        || change.load_balancers.is_some()
        || change.parts.keys().any(|part| part.is_of_revision())
}
