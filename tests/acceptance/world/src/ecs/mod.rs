//! Elastic Container Service: clusters, task definitions, tasks, services and their deployments.
//!
//! Everything that happens by itself hangs on one queue of moments: a task's next step, a service's next look at
//! itself. A service at rest is in no queue, so a thousand of them cost nothing.

mod account;
mod allowed;
mod attachments;
mod balancer_role;
mod capacity_providers;
mod clusters;
mod connect;
mod definition_rules;
mod deployment;
mod deployment_calls;
mod errors;
mod events;
mod execution_role;
mod fargate;
mod hooks;
mod instances;
mod logs;
mod metering;
mod paging;
mod pool;
mod readiness;
mod reconcile;
mod revision;
mod rollback;
mod rolling;
mod service;
mod service_calls;
mod service_render;
mod service_rules;
mod settings;
mod shifting;
mod stage;
mod start;
mod strategy;
mod tags;
mod task;
mod task_calls;
mod task_definitions;
mod task_life;
mod task_sets;
#[cfg(test)]
mod tests;
mod validate;
mod wire;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;
use crate::time::Timestamp;

pub(crate) use connect::names_on_the_wire;
pub use logs::LogEvent;
pub(crate) use logs::{log_events, log_lines};
pub(crate) use metering::{has_metered, publish_utilization};
pub(crate) use wire::{answering, answers_badly, tasks_on_the_wire};

/// The code for input that does not fit.
const INVALID: &str = "InvalidParameterException";

/// What ECS holds in one region.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// By name.
    clusters: BTreeMap<String, clusters::Cluster>,
    /// By ARN.
    instances: BTreeMap<String, instances::Instance>,
    /// By name.
    capacity_providers: BTreeMap<String, capacity_providers::CapacityProvider>,
    definitions: task_definitions::Registry,
    /// By ARN.
    services: BTreeMap<String, service::Service>,
    /// By ARN.
    tasks: BTreeMap<String, task::Task>,
    /// ARN of the task that has an address.
    tasks_by_ip: HashMap<String, String>,
    /// ARNs of the services that register targets in a group.
    users_of_group: BTreeMap<String, BTreeSet<String>>,
    /// Tags of everything, by ARN.
    tags: BTreeMap<String, BTreeMap<String, String>>,
    account_settings: BTreeMap<String, String>,
    /// What happens by itself, and when.
    queue: BTreeSet<(Timestamp, Due)>,
    addresses_given: u32,
}

/// Who has something to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// The task with this ARN takes its next step.
    Task(String),
    /// The service with this ARN looks at itself.
    Service(String),
}

impl State {
    fn wake_service(&mut self, at: Timestamp, arn: &str) {
        self.queue.insert((at, Due::Service(arn.to_owned())));
    }

    fn wake_task(&mut self, at: Timestamp, arn: &str) {
        self.queue.insert((at, Due::Task(arn.to_owned())));
    }
}

/// Whether a service, a cluster, a family or a container may be called so.
fn is_name(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Answers one call.
pub(crate) fn call(state: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    let input = Input::new(input, INVALID)?;
    match operation {
        "CreateCluster" => clusters::create(state, &input),
        "DescribeClusters" => clusters::describe(state, &input),
        "UpdateCluster" => clusters::update(state, &input),
        "UpdateClusterSettings" => clusters::update_settings(state, &input),
        "PutClusterCapacityProviders" => clusters::put_capacity_providers(state, &input),
        "ListClusters" => clusters::list(state, &input),
        "DeleteCluster" => clusters::delete(state, &input),
        "CreateCapacityProvider" => capacity_providers::create(state, &input),
        "UpdateCapacityProvider" => capacity_providers::update(state, &input),
        "DescribeCapacityProviders" => capacity_providers::describe(state, &input),
        "DeleteCapacityProvider" => capacity_providers::delete(state, &input),
        "RegisterTaskDefinition" => task_definitions::register(state, &input),
        "DescribeTaskDefinition" => task_definitions::describe(state, &input),
        "ListTaskDefinitions" => task_definitions::list(state, &input),
        "ListTaskDefinitionFamilies" => task_definitions::list_families(state, &input),
        "DeregisterTaskDefinition" => task_definitions::deregister(state, &input),
        "DeleteTaskDefinitions" => task_definitions::delete(state, &input),
        "CreateService" => service_calls::create(state, &input),
        "UpdateService" => service_calls::update(state, &input),
        "DescribeServices" => service_calls::describe(state, &input),
        "ListServices" => service_calls::list(state, &input),
        "ListServicesByNamespace" => service_calls::list_by_namespace(state, &input),
        "DeleteService" => service_calls::delete(state, &input),
        "ListServiceDeployments" => deployment_calls::list(state, &input),
        "DescribeServiceDeployments" => deployment_calls::describe(state, &input),
        "StopServiceDeployment" => deployment_calls::stop(state, &input),
        "ContinueServiceDeployment" => deployment_calls::go_on(state, &input),
        "DescribeServiceRevisions" => deployment_calls::describe_revisions(state, &input),
        "RunTask" => task_calls::run(state, &input),
        "StartTask" => Err(errors::invalid(
            "Tasks are not placed on container instances of one's choice here; use RunTask.",
        )),
        "StopTask" => task_calls::stop(state, &input),
        "ExecuteCommand" => task_calls::execute(state, &input),
        "ListTasks" => task_calls::list(state, &input),
        "DescribeTasks" => task_calls::describe(state, &input),
        "GetTaskProtection" | "UpdateTaskProtection" => task_calls::protection(state, &input),
        "RegisterContainerInstance" => instances::register(state, &input),
        "DeregisterContainerInstance" => instances::deregister(state, &input),
        "ListContainerInstances" => instances::list(state, &input),
        "DescribeContainerInstances" => instances::describe(state, &input),
        "CreateTaskSet"
        | "UpdateTaskSet"
        | "DeleteTaskSet"
        | "DescribeTaskSets"
        | "UpdateServicePrimaryTaskSet" => task_sets::call(state, operation, &input),
        "TagResource" => tags::add(state, &input),
        "UntagResource" => tags::remove(state, &input),
        "ListTagsForResource" => tags::list(state, &input),
        "ListAccountSettings" => account::list(state, &input),
        "PutAccountSetting" | "PutAccountSettingDefault" => account::put(state, &input),
        "DeleteAccountSetting" => account::delete(state, &input),
        "ListAttributes" => Ok(serde_json::json!({ "attributes": [] })),
        _ => Err(ApiError::new(
            "UnknownOperationException",
            format!("The operation {operation} is not known."),
        )),
    }
}

/// The earliest moment at which something here changes by itself.
pub(crate) fn next_event(state: &World) -> Option<Timestamp> {
    state.ecs.queue.first().map(|(at, _)| *at)
}

/// Does everything that is due at `state.now`.
pub(crate) fn tick(state: &mut World) {
    let mut due = Vec::new();
    while state
        .ecs
        .queue
        .first()
        .is_some_and(|(at, _)| *at <= state.now)
    {
        due.extend(state.ecs.queue.pop_first());
    }
    for (_, who) in due {
        match who {
            Due::Task(arn) => task_life::advance(state, &arn),
            Due::Service(arn) => reconcile::reconcile(state, &arn),
        }
    }
}

/// A group came into use or went out of it, or is checked otherwise: its services must look again.
pub(crate) fn wake_users_of(state: &mut World, group: &str) {
    let now = state.now;
    let users = state
        .ecs
        .users_of_group
        .get(group)
        .cloned()
        .unwrap_or_default();
    for arn in users {
        state.ecs.wake_service(now, &arn);
    }
}
