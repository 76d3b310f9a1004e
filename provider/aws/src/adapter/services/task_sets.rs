//! Task sets of services with the controller `EXTERNAL`.

use aws_sdk_ecs::types::{Scale, ScaleUnit};
use aws_smithy_types::error::operation::BuildError;
use switchyard_engine::ports::{ErrorKind, NewTaskSet, Result, ServiceRef, TaskSet};

use super::shown::complete_set;
use super::wire::{Captured, With};
use crate::call::{Call, Caller};
use crate::convert::services as to;
use crate::convert::within;
use crate::failed::{incomplete, unbuildable};
use crate::throttle::Class;

const CREATE: &str = "ecs:CreateTaskSet";
const DELETE: &str = "ecs:DeleteTaskSet";
const PROMOTE: &str = "ecs:UpdateServicePrimaryTaskSet";

fn call<'a>(operation: &'static str, target: &'a str) -> Call<'a> {
    Call {
        operation,
        target,
        class: Some(Class::ServiceModify),
    }
}

/// Creates a task set. The token makes it safe to repeat.
pub(super) async fn create(caller: &Caller, new: &NewTaskSet) -> Result<TaskSet> {
    let name = new.service.name.as_str();
    let bug = |error: BuildError| unbuildable(CREATE, name, &error);
    let network = new.network.as_ref().map(to::to_network);
    let balancers = &new.load_balancers;
    let scale = Scale::builder()
        .value(new.scale_percent)
        .unit(ScaleUnit::Percent)
        .build();
    let captured = Captured::default();
    let client = caller.connection.ecs(CREATE, name).await?;
    let request = client
        .create_task_set()
        .cluster(&new.service.cluster)
        .service(name)
        .client_token(&new.client_token)
        .task_definition(&new.task_definition)
        .set_launch_type(to::to_launch_type(new.launch.as_ref()))
        .set_capacity_provider_strategy(to::to_strategy_items(new.launch.as_ref()).map_err(bug)?)
        .set_platform_version(new.platform_version.clone())
        .set_network_configuration(network.transpose().map_err(bug)?)
        .set_load_balancers((!balancers.is_empty()).then(|| to::to_load_balancers(balancers)))
        .scale(scale)
        .set_tags((!new.tags.is_empty()).then(|| to::to_tags(&new.tags)))
        .set_external_id(new.external_id.clone())
        .customize()
        .interceptor(With::parts(&new.parts))
        .interceptor(captured.clone());
    let answer = caller.write(call(CREATE, name), request.send()).await?;
    let set = answer
        .task_set
        .ok_or_else(|| incomplete(CREATE, name, "taskSet"))?;
    let set = within(to::task_set(&set), CREATE, name)?;
    Ok(complete_set(set, &captured))
}

/// Makes a task set the primary one.
pub(super) async fn promote(caller: &Caller, service: &ServiceRef, id: &str) -> Result<()> {
    let client = caller.connection.ecs(PROMOTE, id).await?;
    let request = client
        .update_service_primary_task_set()
        .cluster(&service.cluster)
        .service(&service.name)
        .primary_task_set(id);
    caller.write(call(PROMOTE, id), request.send()).await?;
    Ok(())
}

/// Deletes a task set; one that does not exist is done.
pub(super) async fn delete(
    caller: &Caller,
    service: &ServiceRef,
    id: &str,
    force: bool,
) -> Result<()> {
    let client = caller.connection.ecs(DELETE, id).await?;
    let request = client
        .delete_task_set()
        .cluster(&service.cluster)
        .service(&service.name)
        .task_set(id)
        .force(force);
    match caller.write(call(DELETE, id), request.send()).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
