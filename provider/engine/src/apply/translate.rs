//! What a service and its stopped tasks mean for a rollout.

use crate::ports::{Service, StopCode, StoppedTask};

/// Whether a service without deployments (controller `CODE_DEPLOY`) runs all its tasks.
pub(crate) fn is_steady(service: &Service) -> bool {
    match service.primary() {
        // Before the scheduler looks at a new task set, that set is to have no tasks and has them all.
        Some(primary) => {
            primary.is_stable
                && primary.running >= primary.computed_desired
                && service.running >= service.desired
        }
        None => service.running == service.desired && service.pending == 0,
    }
}

/// Whether a task ended because something is wrong with it: it did not start, an essential container
/// exited, or the scheduler stopped it over failed health checks.
pub(crate) fn is_failed(task: &StoppedTask) -> bool {
    match &task.stop_code {
        Some(StopCode::EssentialContainerExited | StopCode::TaskFailedToStart) => true,
        Some(StopCode::ServiceSchedulerInitiated) => task
            .reason
            .as_deref()
            .is_some_and(|reason| reason.contains("failed")),
        Some(
            StopCode::SpotInterruption
            | StopCode::TerminationNotice
            | StopCode::UserInitiated
            | StopCode::Unknown(_),
        )
        | None => false,
    }
}
