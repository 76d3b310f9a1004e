//! Applications.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::{self, error};
use super::tags;
use crate::cloudwatch::fields::Fields;
use crate::cloudwatch::paging;
use crate::state::State as World;
use crate::{ApiError, Timestamp};

/// Where an application's revisions run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    Server,
    Lambda,
    Ecs,
}

impl Platform {
    /// The wire word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Server => "Server",
            Self::Lambda => "Lambda",
            Self::Ecs => "ECS",
        }
    }

    /// Reads a wire word; `Server` when none is sent.
    pub(super) fn read(sent: Option<&str>) -> Result<Self, ApiError> {
        match sent.unwrap_or("Server") {
            "Server" => Ok(Self::Server),
            "Lambda" => Ok(Self::Lambda),
            "ECS" => Ok(Self::Ecs),
            other => Err(error(
                "InvalidComputePlatform",
                format!("The compute platform {other} is invalid: it is Server, Lambda or ECS."),
            )),
        }
    }
}

/// An application.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    id: String,
    pub(super) platform: Platform,
    created: Timestamp,
    pub(super) tags: BTreeMap<String, String>,
}

impl Application {
    fn json(&self, name: &str) -> Value {
        json!({
            "applicationId": self.id,
            "applicationName": name,
            "createTime": self.created,
            "linkedToGitHub": false,
            "computePlatform": self.platform.word(),
        })
    }
}

/// The application the request names.
pub(super) fn find<'a>(
    world: &'a World,
    input: Fields<'_>,
) -> Result<(String, &'a Application), ApiError> {
    let name = errors::application_name(input.text("applicationName"))?;
    let application = world
        .codedeploy
        .applications
        .get(name)
        .ok_or_else(|| errors::no_application(name))?;
    Ok((name.to_owned(), application))
}

/// `CreateApplication`.
pub(super) fn create(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = errors::application_name(input.text("applicationName"))?.to_owned();
    let platform = Platform::read(input.filled("computePlatform"))?;
    if world.codedeploy.applications.contains_key(&name) {
        return Err(error(
            "ApplicationAlreadyExists",
            format!("Application already exists: {name}"),
        ));
    }
    let id = world.ids.uuid();
    let application = Application {
        id: id.clone(),
        platform,
        created: world.now,
        tags: tags::read(input, "tags"),
    };
    world.codedeploy.applications.insert(name, application);
    Ok(json!({"applicationId": id}))
}

/// `GetApplication`.
pub(super) fn read(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let (name, application) = find(world, input)?;
    Ok(json!({"application": application.json(&name)}))
}

/// `BatchGetApplications`: unknown names refuse the call.
pub(super) fn batch(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let names = input.texts("applicationNames");
    let known = |name: &String| {
        let application = world
            .codedeploy
            .applications
            .get(name)
            .ok_or_else(|| errors::no_application(name))?;
        Ok(application.json(name))
    };
    let found: Vec<Value> = names.iter().map(known).collect::<Result<_, ApiError>>()?;
    Ok(json!({"applicationsInfo": found}))
}

/// `ListApplications`, 100 a page.
pub(super) fn list(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let names: Vec<&String> = world.codedeploy.applications.keys().collect();
    answer(
        "applications",
        names.into_iter().map(|name| json!(name)).collect(),
        input,
    )
}

/// One page of a list under its member name.
pub(super) fn answer(member: &str, all: Vec<Value>, input: Fields<'_>) -> Result<Value, ApiError> {
    let (page, next) = paging::page(all, input.filled("nextToken"), 100).map_err(|_| {
        error(
            "InvalidNextToken",
            "The next token was specified in an invalid format.",
        )
    })?;
    let mut answer = json!({member: page});
    paging::set_next(&mut answer, "nextToken", next);
    Ok(answer)
}

/// `UpdateApplication`: a new name; groups and deployments follow.
pub(super) fn update(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let (name, _) = find(world, input)?;
    let new = errors::application_name(input.text("newApplicationName"))?.to_owned();
    if world.codedeploy.applications.contains_key(&new) {
        return Err(error(
            "ApplicationAlreadyExists",
            format!("Application already exists: {new}"),
        ));
    }
    let state = &mut world.codedeploy;
    if let Some(application) = state.applications.remove(&name) {
        state.applications.insert(new.clone(), application);
    }
    let groups = std::mem::take(&mut state.groups)
        .into_iter()
        .map(|((of, group), value)| {
            let of = if of == name { new.clone() } else { of };
            ((of, group), value)
        });
    state.groups = groups.collect();
    for deployment in &mut state.deployments {
        if deployment.application == name {
            deployment.application.clone_from(&new);
        }
    }
    Ok(json!({}))
}

/// `DeleteApplication`: its groups go with it; an unknown name is no error.
pub(super) fn delete(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = errors::application_name(input.text("applicationName"))?;
    world.codedeploy.applications.remove(name);
    world.codedeploy.groups.retain(|(of, _), _| of != name);
    Ok(json!({}))
}
