//! Deployment groups.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::applications::{self, Platform};
use super::deployment::Deployment;
use super::errors::{self, error};
use super::group_rules::{self, EcsGroup};
use super::{configs, tags};
use crate::ApiError;
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;

/// A deployment group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    id: String,
    platform: Platform,
    /// The name of its deployment configuration.
    pub(super) config: String,
    /// Every setting as it is shown.
    pub(super) settings: Map<String, Value>,
    /// What an ECS deployment needs; `None` for the other platforms.
    pub(super) ecs: Option<EcsGroup>,
    pub(super) tags: BTreeMap<String, String>,
}

/// The settings a request may carry; each one sent replaces the one before.
const SETTINGS: [&str; 14] = [
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "blueGreenDeploymentConfiguration",
    "deploymentStyle",
    "ec2TagFilters",
    "ec2TagSet",
    "ecsServices",
    "loadBalancerInfo",
    "onPremisesInstanceTagFilters",
    "onPremisesTagSet",
    "outdatedInstancesStrategy",
    "serviceRoleArn",
    "terminationHookEnabled",
    "triggerConfigurations",
];

/// `CreateDeploymentGroup`.
pub(super) fn create(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let (application, found) = applications::find(world, input)?;
    let platform = found.platform;
    let name = errors::group_name(input.text("deploymentGroupName"))?.to_owned();
    let key = (application, name);
    if world.codedeploy.groups.contains_key(&key) {
        return Err(error(
            "DeploymentGroupAlreadyExists",
            format!("Deployment group already exists: {}", key.1),
        ));
    }
    if !input
        .filled("serviceRoleArn")
        .is_some_and(|role| role.starts_with("arn:"))
    {
        return Err(error("RoleRequired", "A service role ARN is required."));
    }
    let group = Group {
        id: world.ids.uuid(),
        platform,
        config: configs::default_name(platform).to_owned(),
        settings: defaults(platform),
        ecs: None,
        tags: tags::read(input, "tags"),
    };
    let group = apply(world, group, input)?;
    let id = group.id.clone();
    world.codedeploy.groups.insert(key, group);
    Ok(json!({"deploymentGroupId": id}))
}

fn defaults(platform: Platform) -> Map<String, Value> {
    let mut settings = json!({
        "alarmConfiguration": {"enabled": false, "ignorePollAlarmFailure": false, "alarms": []},
        "autoRollbackConfiguration": {"enabled": false, "events": []},
        "autoScalingGroups": [],
        "ec2TagFilters": [],
        "onPremisesInstanceTagFilters": [],
        "triggerConfigurations": [],
        "outdatedInstancesStrategy": "UPDATE",
        "terminationHookEnabled": false,
    });
    let style = match platform {
        Platform::Server => {
            json!({"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"})
        }
        Platform::Lambda | Platform::Ecs => {
            json!({"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"})
        }
    };
    if let Some(settings) = settings.as_object_mut() {
        settings.insert("deploymentStyle".to_owned(), style);
    }
    settings.as_object().cloned().unwrap_or_default()
}

/// Puts what was sent on a group and checks the whole.
fn apply(world: &mut World, mut group: Group, input: Fields<'_>) -> Result<Group, ApiError> {
    for member in SETTINGS {
        if let Some(value) = input.value(member) {
            group.settings.insert(member.to_owned(), value.clone());
        }
    }
    if input.has("autoScalingGroups") {
        let named = input.texts("autoScalingGroups");
        let shown = named.into_iter().map(|name| json!({"name": name, "hook": format!("CodeDeploy-managed-automatic-launch-deployment-hook-{name}")}));
        group
            .settings
            .insert("autoScalingGroups".to_owned(), shown.collect());
    }
    group_rules::complete(&mut group.settings);
    if let Some(name) = input.filled("deploymentConfigName") {
        errors::config_name(Some(name))?;
        group.config = name.to_owned();
    }
    let config =
        configs::find(world, &group.config).ok_or_else(|| errors::no_config(&group.config))?;
    if config.platform() != group.platform {
        return Err(error(
            "InvalidDeploymentConfigName",
            format!(
                "The deployment configuration {} is for the {} platform, and the application is for {}.",
                group.config,
                config.platform().word(),
                group.platform.word()
            ),
        ));
    }
    let whole = Value::Object(group.settings.clone());
    group.ecs = match group.platform {
        Platform::Ecs => Some(group_rules::ecs(world, Fields(&whole))?),
        Platform::Server | Platform::Lambda => None,
    };
    group_rules::shared(Fields(&whole))?;
    Ok(group)
}

fn key(world: &World, input: Fields<'_>, member: &str) -> Result<(String, String), ApiError> {
    let (application, _) = applications::find(world, input)?;
    let name = errors::group_name(input.text(member))?.to_owned();
    Ok((application, name))
}

/// `GetDeploymentGroup`.
pub(super) fn read(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let key = key(world, input, "deploymentGroupName")?;
    let group = world
        .codedeploy
        .groups
        .get(&key)
        .ok_or_else(|| errors::no_group(&key.1))?;
    Ok(json!({"deploymentGroupInfo": info(world, &key, group)}))
}

fn info(world: &World, key: &(String, String), group: &Group) -> Value {
    let (application, name) = key;
    let mut shown = group.settings.clone();
    let mut set = |member: &str, value: Value| shown.insert(member.to_owned(), value);
    set("applicationName", json!(application));
    set("deploymentGroupId", json!(group.id));
    set("deploymentGroupName", json!(name));
    set("deploymentConfigName", json!(group.config));
    set("computePlatform", json!(group.platform.word()));
    let own = |deployment: &&Deployment| {
        deployment.application == *application && deployment.group == *name
    };
    let mut newest = world.codedeploy.deployments.iter().rev().filter(own);
    if let Some(attempted) = newest.clone().next() {
        set("lastAttemptedDeployment", attempted.last_json());
    }
    if let Some(successful) = newest.find(|deployment| deployment.status.is_success()) {
        set("lastSuccessfulDeployment", successful.last_json());
        set("targetRevision", successful.revision.clone());
    }
    Value::Object(shown)
}

/// `BatchGetDeploymentGroups`: unknown names are told in `errorMessage`.
pub(super) fn batch(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let (application, _) = applications::find(world, input)?;
    let names = input.texts("deploymentGroupNames");
    if names.is_empty() {
        return Err(error(
            "DeploymentGroupNameRequired",
            "You must specify the deployment group names.",
        ));
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for name in names {
        let key = (application.clone(), name);
        match world.codedeploy.groups.get(&key) {
            Some(group) => found.push(info(world, &key, group)),
            None => missing.push(key.1),
        }
    }
    let mut answer = json!({"deploymentGroupsInfo": found});
    if let Some(answer) = answer.as_object_mut().filter(|_| !missing.is_empty()) {
        answer.insert(
            "errorMessage".to_owned(),
            json!(format!(
                "Unable to find deployment group(s): {}",
                missing.join(", ")
            )),
        );
    }
    Ok(answer)
}

/// `ListDeploymentGroups`, 100 a page.
pub(super) fn list(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let (application, _) = applications::find(world, input)?;
    let own = world
        .codedeploy
        .groups
        .keys()
        .filter(|(of, _)| *of == application);
    let names = own.map(|(_, name)| json!(name)).collect();
    let mut answer = applications::answer("deploymentGroups", names, input)?;
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("applicationName".to_owned(), json!(application));
    }
    Ok(answer)
}

/// `UpdateDeploymentGroup`.
pub(super) fn update(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let old = key(world, input, "currentDeploymentGroupName")?;
    let new = match input.filled("newDeploymentGroupName") {
        Some(name) => (old.0.clone(), errors::group_name(Some(name))?.to_owned()),
        None => old.clone(),
    };
    let group = world
        .codedeploy
        .groups
        .get(&old)
        .ok_or_else(|| errors::no_group(&old.1))?;
    if new != old && world.codedeploy.groups.contains_key(&new) {
        return Err(error(
            "DeploymentGroupAlreadyExists",
            format!("Deployment group already exists: {}", new.1),
        ));
    }
    let copy = group.clone();
    let changed = apply(world, copy, input)?;
    world.codedeploy.groups.remove(&old);
    world.codedeploy.groups.insert(new.clone(), changed);
    for deployment in &mut world.codedeploy.deployments {
        if deployment.application == old.0 && deployment.group == old.1 {
            deployment.group.clone_from(&new.1);
        }
    }
    Ok(json!({"hooksNotCleanedUp": []}))
}

/// `DeleteDeploymentGroup`: an unknown name is no error; a running deployment of it fails.
pub(super) fn delete(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let application = errors::application_name(input.text("applicationName"))?.to_owned();
    let name = errors::group_name(input.text("deploymentGroupName"))?.to_owned();
    world.codedeploy.groups.remove(&(application, name));
    Ok(json!({"hooksNotCleanedUp": []}))
}
