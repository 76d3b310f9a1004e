//! How tasks come and go.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::balancer_role;
use super::execution_role::{self, Refused};
use super::pool::Binding;
use super::task::{Status, Task, TaskContainer, TaskOwner, TaskStep};
use super::task_definitions::Definition;
use crate::elbv2;
use crate::image::{ImageBehaviour, StartFailure, digest_of};
use crate::state::{Ids, State as World};
use crate::time::Timestamp;

const PENDING_AFTER: Duration = Duration::from_secs(1);
const ACTIVATING_AFTER: Duration = Duration::from_secs(3);
const RUNNING_AFTER: Duration = Duration::from_secs(5);
/// From being told to stop to the containers' end, and from there to STOPPED.
const STOP_STEP: Duration = Duration::from_secs(1);
/// How long stopped tasks stay visible.
const MEMORY: Duration = Duration::from_secs(3600);
/// What an image for another architecture exits with.
const EXEC_FORMAT_ERROR: i32 = 255;

/// Everything needed to start a task.
#[derive(Clone, Debug, Default)]
pub(super) struct Launch {
    pub(super) cluster: String,
    pub(super) definition: String,
    pub(super) group: String,
    pub(super) started_by: Option<String>,
    /// The client token of RunTask.
    pub(super) token: Option<String>,
    pub(super) owner: Option<TaskOwner>,
    pub(super) revision: Option<String>,
    pub(super) bindings: Vec<Binding>,
    /// `awsvpcConfiguration`'s subnets.
    pub(super) subnets: Vec<String>,
    pub(super) tags: super::tags::Tags,
    pub(super) echo: Map<String, Value>,
}

/// Starts a task; `None` when its definition is gone.
pub(super) fn launch(state: &mut World, launch: Launch) -> Option<String> {
    let cluster = launch
        .cluster
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    let id = state.ids.hex(32);
    let arn = state.arn("ecs", &format!("task/{cluster}/{id}"));
    let eni = state.ids.uuid();
    let containers_arn = state.arn("ecs", &format!("container/{cluster}/{id}"));
    let definition = state.ecs.definitions.find(&launch.definition)?;
    let mut containers = containers_of(definition, &id, &containers_arn);
    for container in &mut containers {
        let command = command_of(&launch.echo, &container.name);
        if let Some(behaviour) = ImageBehaviour::of_command(&command) {
            container.behaviour = behaviour;
        }
    }
    let mut echo = launch.echo;
    let refused = execution_role::refused(state, definition, &echo, &id);
    for container in &mut containers {
        container.silent = refused.silent.contains(&container.name);
    }
    let plan = plan_of(&containers, refused, state.now);
    fill_echo(&mut echo, definition);
    state.ecs.addresses_given = state.ecs.addresses_given.wrapping_add(1);
    let number = state.ecs.addresses_given;
    let [_, high, middle, low] = number.to_be_bytes();
    let ip = format!("10.{high}.{middle}.{low}");
    let subnet = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_rem(launch.subnets.len()))
        .and_then(|index| launch.subnets.get(index))
        .cloned()
        .unwrap_or_else(|| "subnet-00000000".to_owned());
    let task = Task {
        arn: arn.clone(),
        cluster: launch.cluster,
        definition: launch.definition,
        owner: launch.owner,
        revision: launch.revision,
        group: launch.group,
        started_by: launch.started_by,
        token: launch.token,
        status: Status::Provisioning,
        stopping: false,
        containers,
        bindings: launch.bindings,
        is_in_the_dark: false,
        ip: ip.clone(),
        subnet,
        eni,
        plan,
        stop_code: None,
        stopped_reason: None,
        created: state.now,
        pull_started: None,
        pull_stopped: None,
        started: None,
        stop_asked: None,
        execution_stopped: None,
        stopped: None,
        echo,
    };
    let first = task.plan.front().map(|(at, _)| *at);
    state.ecs.tags.insert(arn.clone(), launch.tags);
    state.ecs.tasks_by_ip.insert(ip, arn.clone());
    state.ecs.tasks.insert(arn.clone(), task);
    if let Some(at) = first {
        state.ecs.wake_task(at, &arn);
    }
    Some(arn)
}

fn containers_of(definition: &Definition, id: &str, arn: &str) -> Vec<TaskContainer> {
    let on_arm64 = definition.on_arm64();
    definition
        .containers
        .iter()
        .enumerate()
        .map(|(index, container)| {
            let mut behaviour = ImageBehaviour::of(&container.image);
            behaviour.arm64_only = behaviour.arm64_only && !on_arm64;
            TaskContainer {
                arn: format!("{arn}/{}", Ids::seeded(&format!("{id}{index}")).uuid()),
                name: container.name.clone(),
                image: container.image.clone(),
                digest: digest_of(&container.image),
                runtime_id: format!("{id}-{}", Ids::seeded(&container.name).digits(10)),
                essential: container.essential,
                ports: container.ports.clone(),
                behaviour,
                health_check: container.health_check,
                silent: false,
                exit_code: None,
                reason: None,
            }
        })
        .collect()
}

/// The command that overrides that of a container.
fn command_of<'a>(echo: &'a Map<String, Value>, container: &str) -> Vec<&'a str> {
    let overrides = echo
        .get("overrides")
        .and_then(|it| it.get("containerOverrides"));
    let mut containers = overrides.and_then(Value::as_array).into_iter().flatten();
    let of_container =
        containers.find(|it| it.get("name").and_then(Value::as_str) == Some(container));
    let command = of_container.and_then(|it| it.get("command")?.as_array());
    command
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn fill_echo(echo: &mut Map<String, Value>, definition: &Definition) {
    for member in ["cpu", "memory", "ephemeralStorage"] {
        if let Some(value) = definition.member(member) {
            echo.entry(member).or_insert_with(|| value.clone());
        }
    }
    echo.entry("overrides").or_insert_with(|| {
        let containers: Vec<Value> = definition
            .containers
            .iter()
            .map(|container| json!({ "name": container.name }))
            .collect();
        json!({ "containerOverrides": containers, "inferenceAcceleratorOverrides": [] })
    });
    echo.entry("enableExecuteCommand")
        .or_insert_with(|| json!(false));
}

/// What a new task will do if nobody stops it.
fn plan_of(
    containers: &[TaskContainer],
    refused: Refused,
    now: Timestamp,
) -> VecDeque<(Timestamp, TaskStep)> {
    let mut plan = VecDeque::from([(now.plus(PENDING_AFTER), TaskStep::Enter(Status::Pending))]);
    let of_image = || {
        containers.iter().find_map(|container| {
            container
                .behaviour
                .start_failure
                .map(|failure| start_failure(failure, &container.image))
        })
    };
    let failure = refused.before_image.or_else(of_image);
    if let Some(reason) = failure.or(refused.after_image) {
        plan.push_back((now.plus(ACTIVATING_AFTER), TaskStep::FailStart(reason)));
        return plan;
    }
    let running = now.plus(RUNNING_AFTER);
    plan.push_back((
        now.plus(ACTIVATING_AFTER),
        TaskStep::Enter(Status::Activating),
    ));
    plan.push_back((running, TaskStep::Enter(Status::Running)));
    let mut exits: Vec<(Timestamp, TaskStep)> = containers
        .iter()
        .enumerate()
        .filter_map(|(index, container)| {
            let behaviour = &container.behaviour;
            if behaviour.arm64_only {
                return Some((running, TaskStep::Exit(index, EXEC_FORMAT_ERROR)));
            }
            let exit = behaviour.exit?;
            Some((running.plus(exit.after), TaskStep::Exit(index, exit.code)))
        })
        .collect();
    exits.sort_by_key(|(at, _)| *at);
    plan.extend(exits);
    plan
}

fn start_failure(failure: StartFailure, image: &str) -> String {
    match failure {
        StartFailure::Missing => format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {image}: not found"
        ),
        StartFailure::SecretDenied => "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): AccessDeniedException: User is not authorized to perform: secretsmanager:GetSecretValue".to_owned(),
    }
}

/// Takes every step that is due.
pub(super) fn advance(state: &mut World, arn: &str) {
    loop {
        let now = state.now;
        let Some(task) = state.ecs.tasks.get_mut(arn) else {
            return;
        };
        match task.plan.front() {
            Some((at, _)) if *at <= now => {}
            Some((at, _)) => {
                let at = *at;
                state.ecs.wake_task(at, arn);
                return;
            }
            None => return,
        }
        let Some((_, step)) = task.plan.pop_front() else {
            return;
        };
        take(state, arn, step);
    }
}

fn take(state: &mut World, arn: &str, step: TaskStep) {
    let now = state.now;
    let Some(task) = state.ecs.tasks.get_mut(arn) else {
        return;
    };
    match step {
        TaskStep::Enter(status) => enter(state, arn, status),
        TaskStep::FailStart(reason) => {
            for container in &mut task.containers {
                container.reason = Some(reason.clone());
            }
            task.stop_code = Some("TaskFailedToStart");
            task.stopped_reason = Some(reason);
            end(task, now);
            report(state, arn);
        }
        TaskStep::Exit(index, code) => {
            let Some(container) = task.containers.get_mut(index) else {
                return;
            };
            container.exit_code = Some(code);
            let essential = container.essential;
            if !essential {
                return;
            }
            if code == EXEC_FORMAT_ERROR && container.behaviour.arm64_only {
                container.reason = Some("exec format error".to_owned());
            }
            for container in &mut task.containers {
                container.exit_code.get_or_insert(0);
            }
            task.stop_code = Some("EssentialContainerExited");
            task.stopped_reason = Some("Essential container in task exited".to_owned());
            end(task, now);
            leave_groups(state, arn);
            report(state, arn);
        }
        TaskStep::Forget => {
            let ip = task.ip.clone();
            state.ecs.tasks.remove(arn);
            state.ecs.tasks_by_ip.remove(&ip);
            state.ecs.tags.remove(arn);
        }
    }
}

/// The containers are gone; what is left is taking the network away.
fn end(task: &mut Task, now: Timestamp) {
    task.status = Status::Deprovisioning;
    task.stop_asked.get_or_insert(now);
    task.execution_stopped = task.started.map(|_| now);
    task.plan = VecDeque::from([
        (now.plus(STOP_STEP), TaskStep::Enter(Status::Stopped)),
        (now.plus(STOP_STEP).plus(MEMORY), TaskStep::Forget),
    ]);
}

fn enter(state: &mut World, arn: &str, status: Status) {
    let now = state.now;
    let Some(task) = state.ecs.tasks.get_mut(arn) else {
        return;
    };
    task.status = status;
    match status {
        Status::Pending => task.pull_started = Some(now),
        Status::Activating => task.pull_stopped = Some(now),
        Status::Running => {
            task.started = Some(now);
            join_groups(state, arn);
        }
        Status::Deprovisioning => {
            task.execution_stopped = task.started.map(|_| now);
            if task.started.is_some() {
                for container in &mut task.containers {
                    container.exit_code.get_or_insert(0);
                }
            }
        }
        Status::Stopped => task.stopped = Some(now),
        Status::Provisioning | Status::Deactivating | Status::Stopping => {}
    }
    report(state, arn);
}

/// Tells the service that owns the task to look.
fn report(state: &mut World, arn: &str) {
    let now = state.now;
    let owner = state.ecs.tasks.get(arn).and_then(|task| task.owner.clone());
    if let Some(owner) = owner {
        state.ecs.wake_service(now, &owner.service);
    }
}

fn join_groups(state: &mut World, arn: &str) {
    let Some(task) = state.ecs.tasks.get(arn) else {
        return;
    };
    let (ip, subnet, bindings) = (task.ip.clone(), task.subnet.clone(), task.bindings.clone());
    let service = task.owner.as_ref().map(|owner| owner.service.clone());
    let zone = state.subnet(&subnet).zone;
    let mut is_in_the_dark = false;
    for binding in bindings {
        let service = service.as_deref();
        is_in_the_dark |= !balancer_role::register(state, &binding, &ip, zone.clone(), service);
    }
    if let Some(task) = state.ecs.tasks.get_mut(arn) {
        task.is_in_the_dark = is_in_the_dark;
    }
}

/// Takes the task out of its groups; returns how long their connections drain.
fn leave_groups(state: &mut World, arn: &str) -> Duration {
    let Some(task) = state.ecs.tasks.get_mut(arn) else {
        return Duration::ZERO;
    };
    let (ip, bindings) = (task.ip.clone(), std::mem::take(&mut task.bindings));
    let service = task.owner.as_ref().map(|owner| owner.service.clone());
    if task.started.is_none() {
        return Duration::ZERO;
    }
    let mut longest = Duration::ZERO;
    for binding in bindings {
        longest = longest.max(elbv2::deregistration_delay(state, &binding.group));
        balancer_role::deregister(state, &binding, &ip, service.as_deref());
    }
    longest
}

/// Tells a task to stop: it leaves its groups, drains, and then its containers end. A task that already stops keeps
/// its own reason.
pub(super) fn stop(state: &mut World, arn: &str, code: &'static str, reason: &str) {
    let now = state.now;
    let Some(task) = state.ecs.tasks.get(arn) else {
        return;
    };
    if task.stopping || task.status > Status::Running {
        return;
    }
    let running = task.status == Status::Running;
    let drain = leave_groups(state, arn);
    let Some(task) = state.ecs.tasks.get_mut(arn) else {
        return;
    };
    task.stopping = true;
    task.stop_asked = Some(now);
    task.stop_code = Some(code);
    task.stopped_reason = Some(reason.to_owned());
    task.status = if running {
        Status::Deactivating
    } else {
        Status::Stopping
    };
    let stopping = now.plus(drain);
    let gone = stopping.plus(STOP_STEP).plus(STOP_STEP);
    task.plan = VecDeque::from([
        (stopping, TaskStep::Enter(Status::Stopping)),
        (
            stopping.plus(STOP_STEP),
            TaskStep::Enter(Status::Deprovisioning),
        ),
        (gone, TaskStep::Enter(Status::Stopped)),
        (gone.plus(MEMORY), TaskStep::Forget),
    ]);
    state.ecs.wake_task(stopping, arn);
}
