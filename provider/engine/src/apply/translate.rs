//! Ports' words in the rollout's nouns.

use switchyard_rollout as rollout;

use crate::ports::{CodeDeployStatus, Service, ServiceDeploymentStatus, StoppedTask};

pub(crate) fn ecs_status(status: ServiceDeploymentStatus) -> rollout::EcsStatus {
    match status {
        ServiceDeploymentStatus::Pending => rollout::EcsStatus::Pending,
        ServiceDeploymentStatus::InProgress => rollout::EcsStatus::InProgress,
        ServiceDeploymentStatus::StopRequested => rollout::EcsStatus::StopRequested,
        ServiceDeploymentStatus::RollbackRequested => rollout::EcsStatus::RollbackRequested,
        ServiceDeploymentStatus::RollbackInProgress => rollout::EcsStatus::RollbackInProgress,
        ServiceDeploymentStatus::Successful => rollout::EcsStatus::Successful,
        ServiceDeploymentStatus::Stopped => rollout::EcsStatus::Stopped,
        ServiceDeploymentStatus::RollbackSuccessful => rollout::EcsStatus::RollbackSuccessful,
        ServiceDeploymentStatus::RollbackFailed => rollout::EcsStatus::RollbackFailed,
        ServiceDeploymentStatus::Unknown(word) => rollout::EcsStatus::Unknown(word),
    }
}

pub(crate) fn code_deploy_status(status: CodeDeployStatus) -> rollout::CodeDeployStatus {
    match status {
        CodeDeployStatus::Created => rollout::CodeDeployStatus::Created,
        CodeDeployStatus::Queued => rollout::CodeDeployStatus::Queued,
        CodeDeployStatus::InProgress => rollout::CodeDeployStatus::InProgress,
        CodeDeployStatus::Baking => rollout::CodeDeployStatus::Baking,
        CodeDeployStatus::Ready => rollout::CodeDeployStatus::Ready,
        CodeDeployStatus::Succeeded => rollout::CodeDeployStatus::Succeeded,
        CodeDeployStatus::Failed => rollout::CodeDeployStatus::Failed,
        CodeDeployStatus::Stopped => rollout::CodeDeployStatus::Stopped,
        CodeDeployStatus::Unknown(word) => rollout::CodeDeployStatus::Unknown(word),
    }
}

/// Whether a service without deployments (controller `CODE_DEPLOY`) runs all its tasks.
pub(crate) fn is_steady(service: &Service) -> bool {
    match service.task_sets.iter().find(|set| set.status == "PRIMARY") {
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
    match task.stop_code.as_deref() {
        Some("EssentialContainerExited" | "TaskFailedToStart") => true,
        Some("ServiceSchedulerInitiated") => task
            .reason
            .as_deref()
            .is_some_and(|reason| reason.contains("failed")),
        Some(_) | None => false,
    }
}
