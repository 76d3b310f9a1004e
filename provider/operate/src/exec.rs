//! `exec`: a shell in a container, by ECS Exec.

use std::collections::BTreeSet;

use switchyard_engine::ports::{
    ExecCommand, ExecSession, Inspection, Ports, RunningContainer, RunningTask, TaskStatus,
    region_of,
};

use crate::console::{Console, Output};
use crate::exit::Exit;
use crate::logs::{no_container, no_side};
use crate::select::{Chosen, Selection};
use crate::trouble::Trouble;
use crate::view::{Role, ServiceView, look};
use crate::words::short;

/// Where, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// A task of this side; of the live one when absent.
    pub side: Option<Role>,
    /// This task: the beginning of its id.
    pub task: Option<String>,
    /// This container; the one behind the load balancer, or the only one, when absent.
    pub container: Option<String>,
    /// What to run, with its arguments.
    pub command: String,
}

/// A session that somebody has to open.
#[derive(Debug)]
pub struct SessionToOpen {
    /// What opens it; it holds a secret.
    pub session: ExecSession,
    /// Region.
    pub region: String,
    /// `ecs:CLUSTER_TASK_RUNTIME`, as the plugin names the container.
    pub target: String,
}

/// Opens sessions: the session-manager plugin of the AWS command line.
pub trait OpenSession {
    /// Whether sessions can be opened here.
    ///
    /// # Errors
    /// Why not, and what to do, as sentences.
    fn check(&self) -> Result<(), String>;
    /// Opens it and returns when it has ended.
    ///
    /// # Errors
    /// What went wrong, as a sentence.
    fn open(&self, session: &SessionToOpen) -> Result<(), String>;
}

/// Opens a session in a container of a running task.
///
/// # Errors
/// There is no such task or container, ECS Exec is off, or the session cannot be opened.
pub async fn exec(
    ports: &Ports,
    inspection: &dyn Inspection,
    selection: &Selection,
    wanted: &Exec,
    plugin: &dyn OpenSession,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    if console.output == Output::Json {
        return Err(Trouble::new(
            "`exec` opens a session, which has no JSON. Remove `--output json`.",
        ));
    }
    let chosen = selection.resolve(ports).await?;
    let [chosen] = chosen.as_slice() else {
        return Err(Trouble::new(
            "A session is opened in one container. Name one service.",
        ));
    };
    plugin.check().map_err(Trouble::new)?;
    let seen = look(ports, std::slice::from_ref(chosen), false).await;
    let view = seen.into_iter().next();
    let view = view.unwrap_or_else(|| Err(Trouble::new("The service is gone.")))?;
    let running = inspection.running_tasks(&chosen.service).await;
    let running = running.map_err(|error| Trouble::reading(&error))?;
    let task = task(chosen, &view, &running, wanted)?;
    let container = container(chosen, task, wanted)?;
    let runtime = container.runtime_id.as_deref().ok_or_else(|| {
        Trouble::new(format!(
            "Container `{}` of task {} does not run yet. Run the command again in a moment.",
            container.name,
            short(&task.arn)
        ))
    })?;
    let region = match region_of(&task.arn) {
        Some(region) => region.to_owned(),
        None => ports.services.region().await.unwrap_or_default(),
    };
    let command = ExecCommand {
        cluster: chosen.service.cluster.clone(),
        task: task.arn.clone(),
        container: container.name.clone(),
        command: wanted.command.clone(),
    };
    console.say(&format!(
        "Task {} of {} ({}), container `{}`.\n",
        short(&task.arn),
        view.service,
        short(&task.task_definition),
        container.name
    ))?;
    let session = inspection.execute_command(&command).await;
    let session = session.map_err(|error| Trouble::of(&error, "No session was opened."))?;
    let opened = plugin.open(&SessionToOpen {
        session,
        region,
        target: format!(
            "ecs:{}_{}_{runtime}",
            chosen.service.cluster_name(),
            short(&task.arn)
        ),
    });
    opened.map_err(Trouble::new)?;
    Ok(Exit::Done)
}

/// The task that is meant: of several, the one that runs the shortest, whose agent is ready.
fn task<'t>(
    chosen: &Chosen,
    view: &ServiceView,
    running: &'t [RunningTask],
    wanted: &Exec,
) -> Result<&'t RunningTask, Trouble> {
    let name = &view.service;
    let candidates: Vec<&RunningTask> = match &wanted.task {
        Some(id) => running
            .iter()
            .filter(|task| short(&task.arn).starts_with(short(id)))
            .collect(),
        None => {
            let role = wanted.side.unwrap_or(Role::Live);
            let mut sides = view.sides.iter();
            let side = sides.find(|side| side.role == role);
            let side = side.ok_or_else(|| no_side(view, role))?;
            running
                .iter()
                .filter(|task| Some(&task.task_definition) == side.task_definition.as_ref())
                .collect()
        }
    };
    let ready = candidates
        .iter()
        .filter(|task| task.status == TaskStatus::Running);
    let ready: Vec<&RunningTask> = ready.copied().collect();
    if ready.is_empty() {
        return Err(Trouble::new(match &wanted.task {
            Some(id) => format!(
                "No task of `{name}` whose id begins with `{}` is running. Its tasks: {}.",
                short(id),
                ids(running)
            ),
            None => format!(
                "No task of this side of `{name}` is running. `switchyard tasks` shows why tasks stopped."
            ),
        }));
    }
    let open = ready.iter().filter(|task| task.executes);
    let newest = open.max_by_key(|task| task.started_at).copied();
    newest.ok_or_else(|| is_off(chosen, name))
}

fn ids(tasks: &[RunningTask]) -> String {
    let ids: Vec<&str> = tasks.iter().map(|task| short(&task.arn)).collect();
    match ids.is_empty() {
        true => "none".to_owned(),
        false => ids.join(", "),
    }
}

/// Why no task takes commands.
fn is_off(chosen: &Chosen, name: &str) -> Trouble {
    Trouble::new(match chosen.found.enable_execute_command {
        true => format!(
            "ECS Exec is on for `{name}`, and its running tasks were started before that. Tasks of the next deployment \
             have it."
        ),
        false => format!(
            "ECS Exec is off for `{name}`. Set `enable_execute_command = true` in the configuration and apply it: tasks \
             that start afterwards have it, and need a task role with the permissions of `ssmmessages`."
        ),
    })
}

fn container<'t>(
    chosen: &Chosen,
    task: &'t RunningTask,
    wanted: &Exec,
) -> Result<&'t RunningContainer, Trouble> {
    let names: BTreeSet<String> = task.containers.iter().map(|it| it.name.clone()).collect();
    let find = |name: &str| task.containers.iter().find(|it| it.name == name);
    if let Some(name) = &wanted.container {
        return find(name).ok_or_else(|| no_container(name, &names));
    }
    if let [only] = task.containers.as_slice() {
        return Ok(only);
    }
    let behind = chosen.found.load_balancers.first();
    let behind = behind.and_then(|balancer| find(&balancer.container));
    behind.ok_or_else(|| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        Trouble::new(format!(
            "The task has several containers: {}. Name one with `--container`.",
            names.join(", ")
        ))
    })
}
