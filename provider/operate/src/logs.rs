//! `logs`: what the containers of a service write, of all its tasks together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use switchyard_engine::ports::{
    Error, ErrorKind, Inspection, LogGroupReference, LogLine, LogQuery, Ports, ServiceRef,
};

use crate::console::{Console, Output, Tone, neutral, painted};
use crate::exit::Exit;
use crate::select::{Chosen, Selection};
use crate::trouble::Trouble;
use crate::view::{Role, ServiceView, look};
use crate::words::{count, short, to_second};
use crate::written::Written;

/// Lines that are shown at once, of one container's log.
const LINES: usize = 10_000;
/// Seconds between two looks, while lines are followed.
const PAUSE: Duration = Duration::from_secs(5);
/// Lines arrive late: each look goes back so far.
const LATE: SignedDuration = SignedDuration::from_secs(30);

/// Which lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logs {
    /// Only of the tasks of this side.
    pub side: Option<Role>,
    /// Only of this container.
    pub container: Option<String>,
    /// How far back.
    pub since: SignedDuration,
    /// Only lines that match this filter pattern of CloudWatch Logs.
    pub filter: Option<String>,
    /// Wait for more, until nobody reads them.
    pub follow: bool,
}

/// Where a container of a side writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Source {
    group: String,
    region: Option<String>,
    stream_prefix: Option<String>,
    container: String,
}

/// What is known of a task: its side and its revision.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Whose {
    role: Role,
    revision: String,
}

/// A line with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    line: LogLine,
    service: String,
    container: String,
    task: String,
    whose: Option<Whose>,
}

/// What `logs` writes: a line of a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Line {
    at: Timestamp,
    service: String,
    /// The side of the task; absent when it belongs to none of them now.
    side: Option<Role>,
    /// `family:revision` of the task.
    revision: Option<String>,
    container: String,
    /// Id of the task.
    task: String,
    message: String,
}

impl Written for Line {
    const FORMAT: &'static str = "switchyard.logs";
}

/// Shows the lines that containers have written, the oldest first.
///
/// # Errors
/// A service is not there, writes no logs that can be read here, or AWS does not show them.
pub async fn logs(
    ports: &Ports,
    inspection: &dyn Inspection,
    selection: &Selection,
    wanted: &Logs,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let mut since = ports.clock.now() - wanted.since;
    let mut shown: BTreeSet<(String, String)> = BTreeSet::new();
    loop {
        let now = ports.clock.now();
        let mut told = Vec::new();
        for chosen in &chosen {
            told.extend(of_service(ports, inspection, chosen, wanted, since).await?);
        }
        told.sort_by(|one, other| {
            (one.line.at, &one.line.stream).cmp(&(other.line.at, &other.line.stream))
        });
        told.retain(|told| shown.insert((told.line.stream.clone(), told.line.id.clone())));
        for told in &told {
            say(told, console)?;
        }
        if !wanted.follow {
            if told.is_empty() && console.output == Output::Text {
                console.say(&nothing(&chosen, since))?;
            }
            return Ok(Exit::Done);
        }
        since = since.max(now - LATE);
        ports.clock.sleep(PAUSE).await;
    }
}

fn nothing(chosen: &[Chosen], since: Timestamp) -> String {
    let names: Vec<&str> = chosen.iter().map(|it| it.service.name.as_str()).collect();
    format!(
        "No lines of {} since {}. `--since` goes back further.\n",
        names.join(", "),
        to_second(since)
    )
}

async fn of_service(
    ports: &Ports,
    inspection: &dyn Inspection,
    chosen: &Chosen,
    wanted: &Logs,
    since: Timestamp,
) -> Result<Vec<Told>, Trouble> {
    let seen = look(ports, std::slice::from_ref(chosen), false).await;
    let Some(view) = seen.into_iter().next().transpose()? else {
        return Ok(Vec::new());
    };
    let sources = sources(ports, &view, wanted).await?;
    let tasks = tasks(ports, inspection, &chosen.service, &view).await?;
    let mut told = Vec::new();
    for source in sources {
        let lines = match read(inspection, &source, wanted, since).await {
            Ok(lines) => lines,
            // ECS creates it with the first task.
            Err(error) if error.kind == ErrorKind::NotFound => continue,
            Err(error) => return Err(Trouble::reading(&error)),
        };
        for line in lines {
            let task = short(&line.stream).to_owned();
            let whose = tasks.get(&task).cloned();
            let is_wanted = match (wanted.side, &whose) {
                (None, _) => true,
                (Some(side), Some(whose)) => whose.role == side,
                // It stopped so long ago that AWS has forgotten it.
                (Some(_), None) => false,
            };
            if is_wanted {
                told.push(Told {
                    line,
                    service: view.service.clone(),
                    container: source.container.clone(),
                    task,
                    whose,
                });
            }
        }
    }
    Ok(told)
}

async fn read(
    inspection: &dyn Inspection,
    source: &Source,
    wanted: &Logs,
    since: Timestamp,
) -> Result<Vec<LogLine>, Error> {
    let query = LogQuery {
        group: source.group.clone(),
        region: source.region.clone(),
        stream_prefix: source
            .stream_prefix
            .as_ref()
            .map(|prefix| format!("{prefix}/{}/", source.container)),
        since,
        pattern: wanted.filter.clone(),
        limit: LINES,
    };
    Ok(inspection.log_lines(&query).await?.lines)
}

/// Where the containers of the wanted sides write.
async fn sources(
    ports: &Ports,
    view: &ServiceView,
    wanted: &Logs,
) -> Result<BTreeSet<Source>, Trouble> {
    let sides = view.sides.iter();
    let sides: Vec<_> = sides
        .filter(|side| wanted.side.is_none_or(|role| role == side.role))
        .collect();
    if let (Some(role), true) = (wanted.side, sides.is_empty()) {
        return Err(no_side(view, role));
    }
    let names: BTreeSet<&String> = sides
        .iter()
        .filter_map(|side| side.task_definition.as_ref())
        .collect();
    let (mut sources, mut containers) = (BTreeSet::new(), BTreeSet::new());
    for name in names {
        let found = ports.services.find_task_definition(name).await;
        let found = found.map_err(|error| Trouble::reading(&error))?;
        let Some(found) = found else { continue };
        containers.extend(found.containers.iter().map(|it| it.name.clone()));
        sources.extend(found.log_groups.into_iter().map(source));
    }
    if let Some(name) = &wanted.container {
        if !containers.contains(name) {
            return Err(no_container(name, &containers));
        }
        sources.retain(|source| source.container == *name);
    }
    match sources.is_empty() {
        false => Ok(sources),
        true => Err(Trouble::new(format!(
            "No container of `{}` writes to CloudWatch Logs with the log driver `awslogs`: its logs are where its own log \
             driver sends them.",
            view.service
        ))),
    }
}

fn source(log: LogGroupReference) -> Source {
    Source {
        group: log.group,
        region: log.region,
        stream_prefix: log.stream_prefix,
        container: log.container,
    }
}

/// There is no such side now.
pub(crate) fn no_side(view: &ServiceView, role: Role) -> Trouble {
    let sides: Vec<&str> = view.sides.iter().map(|side| side.role.word()).collect();
    Trouble::new(format!(
        "`{}` has no {} side now, only: {}. `switchyard status` shows the sides.",
        view.service,
        role.word(),
        sides.join(", ")
    ))
}

/// There is no such container.
pub(crate) fn no_container(name: &str, containers: &BTreeSet<String>) -> Trouble {
    let names: Vec<String> = containers.iter().map(|name| format!("`{name}`")).collect();
    Trouble::new(format!(
        "There is no container `{name}`. The task has {}: {}.",
        count(names.len(), "container"),
        names.join(", ")
    ))
}

/// Ids of tasks that run or have stopped lately, with their sides.
async fn tasks(
    ports: &Ports,
    inspection: &dyn Inspection,
    service: &ServiceRef,
    view: &ServiceView,
) -> Result<BTreeMap<String, Whose>, Trouble> {
    let failed = |error: Error| Trouble::reading(&error);
    let running = inspection.running_tasks(service).await.map_err(failed)?;
    let stopped = ports
        .services
        .stopped_tasks(service)
        .await
        .map_err(failed)?;
    let running = running.into_iter().map(|it| (it.arn, it.task_definition));
    let stopped = stopped.into_iter().map(|it| (it.arn, it.task_definition));
    let whose = |(arn, definition): (String, String)| {
        let mut sides = view.sides.iter();
        let side = sides.find(|side| side.task_definition.as_deref() == Some(definition.as_str()));
        let whose = Whose {
            // What is on no side any more was on one before.
            role: side.map_or(Role::Old, |side| side.role),
            revision: short(&definition).to_owned(),
        };
        (short(&arn).to_owned(), whose)
    };
    Ok(stopped.chain(running).map(whose).collect())
}

/// Digits of a task's id that tell it from others.
const DIGITS: usize = 8;

fn say(told: &Told, console: &mut Console<'_>) -> Result<(), Trouble> {
    if console.output == Output::Json {
        return console.line(&Line {
            at: told.line.at,
            service: told.service.clone(),
            side: told.whose.as_ref().map(|whose| whose.role),
            revision: told.whose.as_ref().map(|whose| whose.revision.clone()),
            container: told.container.clone(),
            task: told.task.clone(),
            message: told.line.message.clone(),
        });
    }
    let (tone, revision) = match &told.whose {
        Some(whose) => (
            match whose.role {
                Role::Live => Tone::Good,
                Role::New => Tone::Busy,
                Role::Old | Role::Other => Tone::Faint,
            },
            whose.revision.as_str(),
        ),
        None => (Tone::Faint, "-"),
    };
    let task: String = told.task.chars().take(DIGITS).collect();
    let from = neutral(&format!("{revision} {} {task}", told.container));
    let text = format!(
        "{} {} {}\n",
        to_second(told.line.at),
        painted(&from, tone, console.color),
        neutral(&told.line.message)
    );
    console.say(&text)
}
