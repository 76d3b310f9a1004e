//! Tasks of Amazon ECS that belong to no service.

use aws_sdk_ecs::types::{
    ContainerOverride, DesiredStatus, KeyValuePair, Task, TaskField, TaskOverride,
};
use aws_smithy_types::error::operation::BuildError;
use switchyard_engine::ports::{
    Error, ErrorKind, NewTask, Result, StandaloneTask, StandaloneTasks, TaskStatus,
};

use super::failed;
use crate::call::{Call, Caller};
use crate::convert::services as to;
use crate::convert::tasks::standalone_task;
use crate::convert::{Converted, within};
use crate::failed::{incomplete, unbuildable};
use crate::throttle::Class;

const DESCRIBE: &str = "ecs:DescribeTasks";
const LIST: &str = "ecs:ListTasks";
const RUN: &str = "ecs:RunTask";
const STOP: &str = "ecs:StopTask";

/// How `failures[]` names what it does not find.
const MISSING: &str = "MISSING";

/// [`StandaloneTasks`] over Amazon ECS.
#[derive(Debug)]
pub(crate) struct EcsTasks(Caller);

impl EcsTasks {
    pub(crate) fn new(caller: &Caller) -> Self {
        Self(caller.clone())
    }

    async fn describe(
        &self,
        cluster: &str,
        arns: Vec<String>,
        target: &str,
    ) -> Result<Vec<StandaloneTask>> {
        let client = self.0.connection.ecs(DESCRIBE, target).await?;
        let request = client
            .describe_tasks()
            .cluster(cluster)
            .set_tasks(Some(arns))
            .include(TaskField::Tags);
        let answer = self
            .0
            .read(reading(DESCRIBE, target), request.send())
            .await?;
        let mut failures = answer.failures().iter();
        let other = failures.find(|failure| failure.reason() != Some(MISSING));
        if let Some(failure) = other {
            let reason = failure.reason().unwrap_or_default();
            return Err(failed(DESCRIBE, target, reason, failure.detail()));
        }
        let tasks = answer.tasks().iter().map(standalone_task);
        within(tasks.collect::<Converted<Vec<_>>>(), DESCRIBE, target)
    }
}

fn reading<'a>(operation: &'static str, target: &'a str) -> Call<'a> {
    Call {
        operation,
        target,
        class: Some(Class::TaskRead),
    }
}

fn overrides(new: &NewTask) -> TaskOverride {
    let environment = new.environment.iter();
    let environment = environment
        .map(|(name, value)| KeyValuePair::builder().name(name).value(value).build())
        .collect();
    let container = ContainerOverride::builder()
        .name(&new.container)
        .set_command(new.command.clone())
        .set_environment((!new.environment.is_empty()).then_some(environment));
    TaskOverride::builder()
        .container_overrides(container.build())
        .build()
}

/// ECS has answered that nothing runs: not for lack of an answer, so that asking again is for the user to decide.
fn not_placed(new: &NewTask, reason: &str, detail: Option<&str>) -> Error {
    Error {
        kind: ErrorKind::Rejected,
        ..failed(RUN, &new.task_definition, reason, detail)
    }
}

#[async_trait::async_trait]
impl StandaloneTasks for EcsTasks {
    async fn run_task(&self, new: &NewTask) -> Result<StandaloneTask> {
        let target = new.task_definition.as_str();
        let bug = |error: BuildError| unbuildable(RUN, target, &error);
        let network = new.network.as_ref().map(to::to_network);
        let client = self.0.connection.ecs(RUN, target).await?;
        let request = client
            .run_task()
            .cluster(&new.cluster)
            .task_definition(target)
            .client_token(&new.client_token)
            .started_by(&new.started_by)
            .count(1)
            .set_launch_type(to::to_launch_type(new.launch.as_ref()))
            .set_capacity_provider_strategy(
                to::to_strategy_items(new.launch.as_ref()).map_err(bug)?,
            )
            .set_platform_version(new.platform_version.clone())
            .set_network_configuration(network.transpose().map_err(bug)?)
            .overrides(overrides(new))
            .set_tags((!new.tags.is_empty()).then(|| to::to_tags(&new.tags)));
        let answer = self
            .0
            .write(Call::plain(RUN, target), request.send())
            .await?;
        if let Some(failure) = answer.failures().first() {
            let reason = failure.reason().unwrap_or_default();
            return Err(not_placed(new, reason, failure.detail()));
        }
        let task: &Task = answer
            .tasks()
            .first()
            .ok_or_else(|| incomplete(RUN, target, "tasks"))?;
        within(standalone_task(task), RUN, target)
    }

    async fn find_task(&self, cluster: &str, arn: &str) -> Result<Option<StandaloneTask>> {
        let found = self.describe(cluster, vec![arn.to_owned()], arn).await?;
        Ok(found
            .into_iter()
            .find(|task| task.arn == arn && task.status != TaskStatus::Deleted))
    }

    async fn tasks_started_by(
        &self,
        cluster: &str,
        started_by: &str,
    ) -> Result<Vec<StandaloneTask>> {
        let client = self.0.connection.ecs(LIST, started_by).await?;
        let request = client
            .list_tasks()
            .cluster(cluster)
            .started_by(started_by)
            .desired_status(DesiredStatus::Running)
            .max_results(100);
        let answer = self
            .0
            .read(reading(LIST, started_by), request.send())
            .await?;
        let arns = answer.task_arns.unwrap_or_default();
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        self.describe(cluster, arns, started_by).await
    }

    async fn stop_task(&self, cluster: &str, arn: &str, reason: &str) -> Result<()> {
        let client = self.0.connection.ecs(STOP, arn).await?;
        let request = client.stop_task().cluster(cluster).task(arn).reason(reason);
        match self.0.write(Call::plain(STOP, arn), request.send()).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}
