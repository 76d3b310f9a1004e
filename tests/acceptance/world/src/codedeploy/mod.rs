//! CodeDeploy: applications, groups, configurations, and ECS blue/green deployments that really run.
//!
//! A deployment puts the idle target group on the production listener with weight 0, creates a second task set, runs its life cycle over the world's time, moves the weights of every rule of
//! the production listener that forwards to the group's pair, makes the new task set primary, waits, and deletes the
//! old one. Lambda hooks behave as the end of their name says ([`crate::hook`]); the execution id of a hook that
//! `PutLifecycleEventHookExecutionStatus` answers is `DEPLOYMENT_ID/EVENT_NAME`. Only ECS deployments run; groups and
//! configurations of the Server and Lambda platforms are stored and shown.

mod applications;
mod appspec;
mod configs;
mod deployment;
mod deployments;
mod ecs_side;
mod errors;
mod group_rules;
mod groups;
mod hooks;
mod lifecycle;
mod rollback;
mod service_role;
mod tags;
mod targets;
#[cfg(test)]
mod tests;
mod traffic;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cloudwatch::fields::Fields;
use crate::state::State as World;
use crate::{ApiError, Timestamp};

use applications::Application;
use configs::Config;
use deployment::Deployment;
use groups::Group;

/// What CodeDeploy holds in one region.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    applications: BTreeMap<String, Application>,
    /// By application and group name.
    groups: BTreeMap<(String, String), Group>,
    /// Custom configurations by name.
    configs: BTreeMap<String, Config>,
    /// Oldest first.
    deployments: Vec<Deployment>,
}

impl State {
    fn deployment(&self, id: &str) -> Option<&Deployment> {
        self.deployments
            .iter()
            .find(|deployment| deployment.id == id)
    }

    fn deployment_mut(&mut self, id: &str) -> Option<&mut Deployment> {
        self.deployments
            .iter_mut()
            .find(|deployment| deployment.id == id)
    }
}

/// Answers one call.
///
/// # Errors
/// The error CodeDeploy gives; `UnknownOperationException` for an operation it does not know.
pub(crate) fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    let fields = Fields(&input);
    match operation {
        "CreateApplication" => applications::create(world, fields),
        "GetApplication" => applications::read(world, fields),
        "BatchGetApplications" => applications::batch(world, fields),
        "ListApplications" => applications::list(world, fields),
        "UpdateApplication" => applications::update(world, fields),
        "DeleteApplication" => applications::delete(world, fields),
        "CreateDeploymentGroup" => groups::create(world, fields),
        "GetDeploymentGroup" => groups::read(world, fields),
        "BatchGetDeploymentGroups" => groups::batch(world, fields),
        "ListDeploymentGroups" => groups::list(world, fields),
        "UpdateDeploymentGroup" => groups::update(world, fields),
        "DeleteDeploymentGroup" => groups::delete(world, fields),
        "CreateDeploymentConfig" => configs::create(world, fields),
        "GetDeploymentConfig" => configs::read(world, fields),
        "ListDeploymentConfigs" => configs::list(world, fields),
        "DeleteDeploymentConfig" => configs::delete(world, fields),
        "CreateDeployment" => deployments::create(world, fields),
        "GetDeployment" => deployments::read(world, fields),
        "BatchGetDeployments" => deployments::batch(world, fields),
        "ListDeployments" => deployments::list(world, fields),
        "StopDeployment" => deployments::stop(world, fields),
        "ContinueDeployment" => deployments::proceed(world, fields),
        "GetDeploymentTarget" => targets::read(world, fields),
        "BatchGetDeploymentTargets" => targets::batch(world, fields),
        "ListDeploymentTargets" => targets::list(world, fields),
        "PutLifecycleEventHookExecutionStatus" => hooks::answer(world, fields),
        "ListTagsForResource" => tags::list(world, fields),
        "TagResource" => tags::add(world, fields),
        "UntagResource" => tags::remove(world, fields),
        "ListGitHubAccountTokenNames" => Ok(json!({"tokenNameList": []})),
        "ListOnPremisesInstances" => Ok(json!({"instanceNames": []})),
        _ => Err(ApiError::new(
            "UnknownOperationException",
            format!("The operation {operation} is not known."),
        )),
    }
}

/// Whether a deployment to this service is under way.
pub(crate) fn is_deploying(world: &World, cluster: &str, service: &str) -> bool {
    world.codedeploy.deployments.iter().any(|deployment| {
        let known = deployment.ecs.cluster.rsplit('/').next();
        !deployment.status.is_final() && known == Some(cluster) && deployment.ecs.service == service
    })
}

/// Moves every running deployment as far as it goes now.
pub(crate) fn tick(world: &mut World) {
    let running = world
        .codedeploy
        .deployments
        .iter()
        .filter(|deployment| !deployment.status.is_final());
    let ids: Vec<String> = running.map(|deployment| deployment.id.clone()).collect();
    for id in ids {
        lifecycle::advance(world, &id);
    }
}

/// When a running deployment is looked at next.
pub(crate) fn next_event(world: &World) -> Option<Timestamp> {
    let running = world
        .codedeploy
        .deployments
        .iter()
        .filter(|deployment| !deployment.status.is_final());
    running.map(|deployment| deployment.wake).min()
}
