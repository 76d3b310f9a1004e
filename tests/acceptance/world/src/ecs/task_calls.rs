//! RunTask, StopTask, ListTasks, DescribeTasks.

use serde_json::{Map, Value, json};

use super::clusters;
use super::paging::listed;
use super::task::{Status, Task};
use super::task_definitions::DefinitionStatus;
use super::task_life::{self, Launch};
use super::{errors, service_rules, tags, validate};
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;

/// What the agent of ECS Exec does with the task's role.
const AGENT_ACTIONS: [&str; 4] = [
    "CreateControlChannel",
    "CreateDataChannel",
    "OpenControlChannel",
    "OpenDataChannel",
];

pub(super) fn run(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?;
    let (cluster_arn, default_strategy) =
        (cluster.arn.clone(), cluster.default_strategy().to_vec());
    let count = input.number_in("count", 1, 10)?.unwrap_or(1);
    let given = input.required("taskDefinition")?;
    let definition = state
        .ecs
        .definitions
        .find(&given)
        .ok_or_else(|| errors::client("TaskDefinition not found."))?;
    if definition.status != DefinitionStatus::Active {
        return Err(errors::client("TaskDefinition is inactive"));
    }
    if input.has("launchType") && input.has("capacityProviderStrategy") {
        return Err(errors::invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
        ));
    }
    let network = input.object("networkConfiguration")?;
    validate::network_fits(definition, network.is_some())?;
    let token = service_rules::task_token(input)?;
    let tasks = state.ecs.tasks.values();
    let same: Vec<&Task> = tasks
        .filter(|task| token.is_some() && task.token == token)
        .collect();
    if !same.is_empty() {
        let rendered: Vec<Value> = same.iter().map(|task| task.render(state, true)).collect();
        return Ok(json!({ "tasks": rendered, "failures": [] }));
    }
    service_rules::network(input, None)?;
    if let Some(kind) = input.text("launchType")? {
        let executes = input.flag("enableExecuteCommand")?.unwrap_or(false);
        service_rules::launch(definition, kind == "FARGATE", executes)?;
        service_rules::platform(input, kind == "FARGATE")?;
    }
    check_overrides(
        input,
        &definition
            .containers
            .iter()
            .map(|container| container.name.clone())
            .collect::<Vec<_>>(),
    )?;
    let mut echo = Map::new();
    let launch_type = input.text("launchType")?;
    let provider = input
        .list("capacityProviderStrategy")?
        .map(<[Value]>::to_vec)
        .or_else(|| launch_type.is_none().then_some(default_strategy))
        .and_then(|strategy| {
            strategy
                .first()
                .and_then(|item| item.get("capacityProvider"))
                .cloned()
        });
    if let Some(provider) = provider {
        echo.insert("capacityProviderName".to_owned(), provider);
        echo.insert("launchType".to_owned(), json!("FARGATE"));
    } else {
        echo.insert(
            "launchType".to_owned(),
            json!(launch_type.as_deref().unwrap_or("EC2")),
        );
    }
    if echo.get("launchType").and_then(Value::as_str) == Some("FARGATE") {
        let version = input
            .text("platformVersion")?
            .filter(|version| version != "LATEST");
        echo.insert(
            "platformVersion".to_owned(),
            json!(version.unwrap_or_else(|| "1.4.0".to_owned())),
        );
        echo.insert("platformFamily".to_owned(), json!("Linux"));
    }
    if let Some(overrides) = input.value("overrides") {
        echo.insert("overrides".to_owned(), overrides.clone());
        for member in ["cpu", "memory"] {
            if let Some(value) = overrides.get(member) {
                echo.insert(member.to_owned(), value.clone());
            }
        }
    }
    echo.insert(
        "enableExecuteCommand".to_owned(),
        json!(input.flag("enableExecuteCommand")?.unwrap_or(false)),
    );
    let subnets = match network
        .map(|network| network.object("awsvpcConfiguration"))
        .transpose()?
        .flatten()
    {
        Some(awsvpc) => awsvpc.texts("subnets")?.unwrap_or_default(),
        None => Vec::new(),
    };
    let mut given_tags = tags::of_input(input)?;
    if input.text("propagateTags")?.as_deref() == Some("TASK_DEFINITION") {
        for (key, value) in state
            .ecs
            .tags
            .get(&definition.arn)
            .cloned()
            .unwrap_or_default()
        {
            given_tags.entry(key).or_insert(value);
        }
    }
    let launch = Launch {
        cluster: cluster_arn,
        group: input
            .text("group")?
            .unwrap_or_else(|| format!("family:{}", definition.family)),
        definition: definition.arn.clone(),
        started_by: input.text("startedBy")?,
        token,
        owner: None,
        revision: None,
        bindings: Vec::new(),
        subnets,
        tags: given_tags,
        echo,
    };
    let started: Vec<String> = (0..count)
        .filter_map(|_| task_life::launch(state, launch.clone()))
        .collect();
    let rendered: Vec<Value> = started
        .iter()
        .filter_map(|arn| state.ecs.tasks.get(arn))
        .map(|task| task.render(state, true))
        .collect();
    Ok(json!({ "tasks": rendered, "failures": [] }))
}

fn check_overrides(input: &Input, containers: &[String]) -> Result<(), ApiError> {
    let Some(overrides) = input.object("overrides")? else {
        return Ok(());
    };
    for container in overrides.objects("containerOverrides")? {
        let name = container.required("name")?;
        if !containers.contains(&name) {
            return Err(errors::invalid(format!(
                "Override for container named {name} is not a container in the TaskDefinition."
            )));
        }
    }
    Ok(())
}

/// The ARN of a task given by id or ARN.
fn arn_of(state: &World, cluster: &str, given: &str) -> String {
    if given.starts_with("arn:") {
        given.to_owned()
    } else {
        let cluster = cluster.rsplit('/').next().unwrap_or(cluster);
        state.arn("ecs", &format!("task/{cluster}/{given}"))
    }
}

pub(super) fn stop(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?.arn.clone();
    let arn = arn_of(state, &cluster, &input.required("task")?);
    if !state.ecs.tasks.contains_key(&arn) {
        return Err(errors::invalid("The referenced task was not found."));
    }
    let reason = input
        .text("reason")?
        .unwrap_or_else(|| "Task stopped by user".to_owned());
    task_life::stop(state, &arn, "UserInitiated", &reason);
    let now = state.now;
    if let Some(owner) = state
        .ecs
        .tasks
        .get(&arn)
        .and_then(|task| task.owner.clone())
    {
        state.ecs.wake_service(now, &owner.service);
    }
    let task = state.ecs.tasks.get(&arn);
    Ok(json!({ "task": task.map(|task| task.render(state, true)) }))
}

/// A command in a container: only the session is modelled, which nobody can open.
pub(super) fn execute(state: &World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?.arn.clone();
    let arn = arn_of(state, &cluster, &input.required("task")?);
    input.required("command")?;
    if input.flag("interactive")? != Some(true) {
        return Err(errors::invalid(
            "Interactive is the only mode supported currently.",
        ));
    }
    let task = state.ecs.tasks.get(&arn);
    let task =
        task.ok_or_else(|| errors::invalid("The task provided in the request was not found."))?;
    let is_on = task.echo.get("enableExecuteCommand") == Some(&Value::Bool(true));
    if !is_on || task.stopping || task.status != Status::Running {
        return Err(errors::invalid(
            "The execute command failed because execute command was not enabled when the task was run or the execute \
             command agent isn\u{2019}t running. Wait and try again or run a new task with execute command enabled and try \
             again.",
        ));
    }
    let role = task
        .echo
        .get("overrides")
        .and_then(|it| it.get("taskRoleArn")?.as_str());
    let definition = state.ecs.definitions.find(&task.definition);
    let role = role.or_else(|| definition?.text("taskRoleArn"));
    let is_denied = |action: &&&str| {
        let action = format!("ssmmessages:{action}");
        role.is_some_and(|role| state.may(role, task.id(), &action, "*").is_err())
    };
    if AGENT_ACTIONS.iter().filter(is_denied).count() > 0 {
        return Err(ApiError::new(
            "TargetNotConnectedException",
            "The execute command failed due to an internal error. Try again later.",
        ));
    }
    let named = input.text("container")?;
    let container = match (&named, task.containers.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(name), all) => all.iter().find(|container| container.name == *name),
    };
    let container = container.ok_or_else(|| {
        errors::invalid("Container name is required and must be one of the task's containers.")
    })?;
    let id = format!("ecs-execute-command-{}", task.id());
    Ok(json!({
        "clusterArn": cluster,
        "containerArn": container.arn,
        "containerName": container.name,
        "interactive": true,
        "taskArn": arn,
        "session": {
            "sessionId": id,
            "streamUrl": format!("wss://ssmmessages.invalid/v1/data-channel/{id}"),
            "tokenValue": format!("token-of-{id}"),
        },
    }))
}

pub(super) fn list(state: &World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?.arn.clone();
    let started_by = input.text("startedBy")?;
    let service = input
        .text("serviceName")?
        .map(|name| name.rsplit('/').next().unwrap_or_default().to_owned());
    let family = input.text("family")?;
    let launch_type = input.text("launchType")?;
    let desired = input
        .text("desiredStatus")?
        .unwrap_or_else(|| "RUNNING".to_owned());
    if started_by.is_some() && (service.is_some() || family.is_some()) {
        return Err(errors::invalid(
            "cannot specify startedBy with other filters.",
        ));
    }
    if let Some(name) = &service {
        let arn = super::service::arn_of(state, &cluster, name);
        if !state.ecs.services.contains_key(&arn) {
            return Err(errors::service_not_found());
        }
    }
    let group = service.map(|name| format!("service:{name}"));
    let wanted = |task: &&Task| {
        let going = if task.stopping || task.status > Status::Running {
            "STOPPED"
        } else {
            "RUNNING"
        };
        task.cluster == cluster
            && going == desired
            && group.as_ref().is_none_or(|group| &task.group == group)
            && started_by
                .as_ref()
                .is_none_or(|by| task.started_by.as_ref() == Some(by))
            && launch_type.as_deref().is_none_or(|kind| {
                task.echo.get("launchType").and_then(Value::as_str) == Some(kind)
            })
            && family.as_ref().is_none_or(|family| {
                let name = task.definition.rsplit('/').next().unwrap_or_default();
                name.split(':').next() == Some(family.as_str())
            })
    };
    let arns: Vec<String> = state
        .ecs
        .tasks
        .values()
        .filter(wanted)
        .map(|task| task.arn.clone())
        .collect();
    listed(input, "taskArns", &arns)
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?.arn.clone();
    let with_tags = tags::asked_for(input)?;
    let given = input.texts("tasks")?.unwrap_or_default();
    if given.len() > 100 {
        return Err(errors::invalid("Tasks cannot be longer than 100."));
    }
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for task in given {
        let arn = arn_of(state, &cluster, &task);
        match state.ecs.tasks.get(&arn) {
            Some(task) => found.push(task.render(state, with_tags)),
            None => failures.push(errors::missing(&arn)),
        }
    }
    Ok(json!({ "tasks": found, "failures": failures }))
}

/// Scale-in protection is accepted and reported as off: nothing here scales a protected task in.
pub(super) fn protection(state: &World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?.arn.clone();
    let tasks: Vec<Value> = input
        .texts("tasks")?
        .unwrap_or_default()
        .iter()
        .map(|task| arn_of(state, &cluster, task))
        .filter(|arn| state.ecs.tasks.contains_key(arn))
        .map(|arn| json!({ "taskArn": arn, "protectionEnabled": false }))
        .collect();
    Ok(json!({ "protectedTasks": tasks, "failures": [] }))
}
