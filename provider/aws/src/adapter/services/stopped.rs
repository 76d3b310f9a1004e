//! Tasks that have stopped.

use std::cmp::Reverse;

use aws_sdk_ecs::types::DesiredStatus;
use switchyard_engine::ports::{Result, ServiceRef, StoppedTask};

use crate::call::{Call, Caller};
use crate::convert::{self, within};
use crate::throttle::Class;

const DESCRIBE_TASKS: &str = "ecs:DescribeTasks";
const LIST_TASKS: &str = "ecs:ListTasks";

/// Tasks of the service that have stopped, the newest first.
pub(super) async fn tasks(caller: &Caller, service: &ServiceRef) -> Result<Vec<StoppedTask>> {
    let arns = list(caller, service).await?;
    if arns.is_empty() {
        return Ok(Vec::new());
    }
    let call = Call {
        operation: DESCRIBE_TASKS,
        target: &service.name,
        class: Some(Class::TaskRead),
    };
    let client = caller.connection.ecs(DESCRIBE_TASKS, &service.name).await?;
    let request = client
        .describe_tasks()
        .cluster(&service.cluster)
        .set_tasks(Some(arns));
    let answer = caller.read(call, request.send()).await?;
    let tasks = answer
        .tasks()
        .iter()
        .map(convert::tasks::stopped_task)
        .collect::<convert::Converted<Vec<_>>>();
    let mut tasks = within(tasks, DESCRIBE_TASKS, &service.name)?;
    tasks.sort_by_key(|task| Reverse(task.stopped_at));
    Ok(tasks)
}

/// ARNs of the service's stopped tasks, one page: that is all anybody reads.
async fn list(caller: &Caller, service: &ServiceRef) -> Result<Vec<String>> {
    let call = Call {
        operation: LIST_TASKS,
        target: &service.name,
        class: Some(Class::TaskRead),
    };
    let client = caller.connection.ecs(LIST_TASKS, &service.name).await?;
    let request = client
        .list_tasks()
        .cluster(&service.cluster)
        .service_name(&service.name)
        .desired_status(DesiredStatus::Stopped)
        .max_results(100);
    Ok(caller
        .read(call, request.send())
        .await?
        .task_arns
        .unwrap_or_default())
}
