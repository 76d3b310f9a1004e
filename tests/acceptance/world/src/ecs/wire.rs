//! Tasks as the network sees them.

use super::task::{Status, Task};
use crate::data_plane;
use crate::elbv2::Answering;
use crate::state::State as World;

fn by_ip<'a>(state: &'a World, ip: &str) -> Option<&'a Task> {
    state.ecs.tasks.get(state.ecs.tasks_by_ip.get(ip)?)
}

/// From when until when the task with this address passes a health check on this port.
pub(crate) fn answering(state: &World, ip: &str, port: u16) -> Answering {
    let never = Answering {
        from: None,
        until: None,
    };
    let Some(task) = by_ip(state, ip) else {
        return never;
    };
    let Some(started) = task.started else {
        return never;
    };
    let Some(container) = task
        .containers
        .iter()
        .find(|container| container.ports.contains(&port))
    else {
        return never;
    };
    if container.behaviour.unready {
        return never;
    }
    Answering {
        from: Some(started.plus(container.behaviour.slow_start)),
        until: task.execution_stopped,
    }
}

/// Whether the task with this address runs but fails its health check.
pub(crate) fn answers_badly(state: &World, ip: &str) -> bool {
    by_ip(state, ip).is_some_and(|task| {
        task.status == Status::Running
            && task
                .containers
                .iter()
                .any(|container| container.behaviour.unready)
    })
}

/// All tasks that serve: running ones, and those that drain before they stop.
pub(crate) fn tasks_on_the_wire(state: &World) -> Vec<data_plane::Task> {
    state
        .ecs
        .tasks
        .values()
        .filter(|task| matches!(task.status, Status::Running | Status::Deactivating))
        .filter_map(|task| {
            Some(data_plane::Task {
                arn: task.arn.clone(),
                ip: task.ip.clone(),
                containers: task
                    .containers
                    .iter()
                    .filter(|container| container.exit_code.is_none())
                    .map(|container| data_plane::TaskContainer {
                        name: container.name.clone(),
                        image: container.image.clone(),
                        ports: container.ports.clone(),
                        behaviour: container.behaviour.clone(),
                    })
                    .collect(),
                task_definition: task.definition.clone(),
                revision: task.revision.clone(),
                started_at: task.started?,
            })
        })
        .collect()
}
