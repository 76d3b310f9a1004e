//! What containers write to their logs, as far as their behaviour tells.

use super::task::{Task, TaskContainer};
use crate::state::State as World;

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
    if task.started.is_none() {
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
