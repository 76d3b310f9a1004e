//! What containers write to their logs, as far as their behaviour tells.

use std::time::Duration;

use serde_json::Value;

use super::task::{Task, TaskContainer};
use crate::state::State as World;
use crate::time::Timestamp;

/// A line in a log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// When it was written.
    pub at: Timestamp,
    /// `PREFIX/CONTAINER/TASK-ID`.
    pub stream: String,
    /// The line.
    pub line: String,
}

/// Everything that containers with the `awslogs` driver have written to a group, oldest first.
pub(crate) fn log_events(state: &World, group: &str) -> Vec<LogEvent> {
    let mut events = Vec::new();
    for task in state.ecs.tasks.values() {
        let Some(started) = task.started else {
            continue;
        };
        for container in &task.containers {
            let Some(prefix) = stream_prefix(state, task, container, group) else {
                continue;
            };
            let stream = format!("{prefix}/{}/{}", container.name, task.id());
            let lines = lines(task, container);
            let last = lines.len().saturating_sub(1);
            for (index, line) in lines.into_iter().enumerate() {
                // One after the other; the last words are written when it ends.
                let order = u64::try_from(index).unwrap_or_default();
                let written = started.plus(Duration::from_millis(order));
                let ended = task.execution_stopped.or(task.stopped);
                let at = match (index == last && container.exit_code.is_some(), ended) {
                    (true, Some(ended)) => ended,
                    (true, None) | (false, _) => written,
                };
                events.push(LogEvent {
                    at,
                    stream: stream.clone(),
                    line,
                });
            }
        }
    }
    events.sort_by(|one, other| (one.at, &one.stream).cmp(&(other.at, &other.stream)));
    events
}

/// The prefix of a container's streams, where it writes to this group.
fn stream_prefix(
    state: &World,
    task: &Task,
    container: &TaskContainer,
    group: &str,
) -> Option<String> {
    let definition = state.ecs.definitions.find(&task.definition)?;
    let mut containers = definition
        .document("containerDefinitions")?
        .as_array()?
        .iter();
    let found =
        containers.find(|found| found.get("name") == Some(&Value::from(&*container.name)))?;
    let options = found.pointer("/logConfiguration/options")?;
    let option = |name: &str| options.get(name).and_then(Value::as_str);
    (option("awslogs-group") == Some(group)).then_some(())?;
    option("awslogs-stream-prefix").map(str::to_owned)
}

/// The lines of a stream `PREFIX/CONTAINER/TASK-ID`, oldest first. A container that never ran wrote nothing.
pub(crate) fn log_lines(state: &World, stream: &str) -> Vec<String> {
    let mut parts = stream.rsplit('/');
    let (Some(id), Some(name)) = (parts.next(), parts.next()) else {
        return Vec::new();
    };
    let task = state.ecs.tasks.values().find(|task| task.id() == id);
    task.and_then(|task| {
        let container = task
            .containers
            .iter()
            .find(|container| container.name == name)?;
        Some(lines(task, container))
    })
    .unwrap_or_default()
}

fn lines(task: &Task, container: &TaskContainer) -> Vec<String> {
    if task.started.is_none() || container.silent {
        return Vec::new();
    }
    let behaviour = &container.behaviour;
    if behaviour.arm64_only {
        return vec!["exec /usr/local/bin/app: exec format error".to_owned()];
    }
    let mut lines = vec![format!("starting {}", container.image)];
    if let Some(port) = container.ports.first() {
        lines.push(format!("listening on port {port}"));
    }
    if behaviour.unready {
        lines.push("not ready: answering the health check with 503".to_owned());
    }
    match (behaviour.exit, container.exit_code) {
        (Some(exit), Some(code)) if exit.code == code => {
            lines.push(format!("fatal: giving up with exit code {code}"));
        }
        (Some(_) | None, Some(_)) => lines.push("stopping: asked to".to_owned()),
        (Some(_) | None, None) => {}
    }
    lines
}
