//! What people look at: running tasks, log lines, sessions in containers, networks, and who calls.

pub(super) mod account;
mod network;

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{Container, DesiredStatus, Task};
use switchyard_engine::ports::{
    CallerFacts, CertificateFacts, ExecCommand, ExecSession, Inspection, LogLine, LogLines,
    LogQuery, Opening, Result, RunningContainer, RunningTask, ServiceRef, SubnetFacts, TaskStatus,
};

use super::reference::log_group;
use crate::call::{Call, Caller, NeverRepeatUnanswered};
use crate::convert::{Converted, required, time, within};
use crate::failed::incomplete;
use crate::throttle::Class;

const DESCRIBE_TASKS: &str = "ecs:DescribeTasks";
const EXECUTE: &str = "ecs:ExecuteCommand";
const FILTER: &str = "logs:FilterLogEvents";
const LIST_TASKS: &str = "ecs:ListTasks";

/// DescribeTasks takes no more.
const TASKS_A_CALL: usize = 100;
/// FilterLogEvents may answer with empty pages for as long as it searches.
const PAGES: usize = 50;
/// FilterLogEvents gives no more.
const LINES_A_CALL: usize = 10_000;

/// [`Inspection`] over ECS and CloudWatch Logs.
#[derive(Clone, Debug)]
pub(crate) struct AwsInspection(Caller);

impl AwsInspection {
    pub(crate) fn new(caller: &Caller) -> Self {
        Self(caller.clone())
    }

    async fn list(&self, service: &ServiceRef) -> Result<Vec<String>> {
        let client = self.0.connection.ecs(LIST_TASKS, &service.name).await?;
        let mut arns = Vec::new();
        let mut next = None;
        loop {
            let request = client
                .list_tasks()
                .cluster(&service.cluster)
                .service_name(&service.name)
                .desired_status(DesiredStatus::Running)
                .set_next_token(next);
            let answer = self
                .0
                .read(reading(LIST_TASKS, &service.name), request.send())
                .await?;
            arns.extend(answer.task_arns.unwrap_or_default());
            next = answer.next_token;
            if next.is_none() {
                return Ok(arns);
            }
        }
    }
}

fn reading<'a>(operation: &'static str, target: &'a str) -> Call<'a> {
    Call {
        operation,
        target,
        class: Some(Class::TaskRead),
    }
}

fn container(found: &Container) -> Option<RunningContainer> {
    let agents = found.managed_agents().iter();
    let mut agents = agents.filter(|agent| {
        agent
            .name()
            .is_some_and(|name| name.as_str() == "ExecuteCommandAgent")
    });
    Some(RunningContainer {
        name: found.name()?.to_owned(),
        runtime_id: found.runtime_id().map(ToOwned::to_owned),
        exec_agent: agents
            .next()
            .map(|agent| agent.last_status().unwrap_or_default().to_owned()),
    })
}

fn task(found: &Task) -> Converted<RunningTask> {
    Ok(RunningTask {
        arn: required(found.task_arn(), "taskArn")?.to_owned(),
        task_definition: required(found.task_definition_arn(), "taskDefinitionArn")?.to_owned(),
        status: TaskStatus::parse(required(found.last_status(), "lastStatus")?),
        executes: found.enable_execute_command(),
        containers: found.containers().iter().filter_map(container).collect(),
        started_at: time(found.started_at().copied()),
    })
}

#[async_trait::async_trait]
impl Inspection for AwsInspection {
    async fn running_tasks(&self, service: &ServiceRef) -> Result<Vec<RunningTask>> {
        let arns = self.list(service).await?;
        let target = service.name.as_str();
        let mut tasks = Vec::new();
        for some in arns.chunks(TASKS_A_CALL) {
            let client = self.0.connection.ecs(DESCRIBE_TASKS, target).await?;
            let request = client
                .describe_tasks()
                .cluster(&service.cluster)
                .set_tasks(Some(some.to_vec()));
            let answer = self
                .0
                .read(reading(DESCRIBE_TASKS, target), request.send())
                .await?;
            let found = answer.tasks().iter().map(task);
            tasks.extend(within(
                found.collect::<Converted<Vec<_>>>(),
                DESCRIBE_TASKS,
                target,
            )?);
        }
        tasks.sort_by(|one, other| one.arn.cmp(&other.arn));
        Ok(tasks)
    }

    async fn log_lines(&self, query: &LogQuery) -> Result<LogLines> {
        let (of, name) = log_group(&query.group);
        let region = query.region.as_deref().or(of);
        let client = self.0.connection.logs(FILTER, &query.group).await?;
        let mut found = LogLines::default();
        let mut next = None;
        for _ in 0..PAGES {
            let left = query.limit.saturating_sub(found.lines.len());
            let mut elsewhere = aws_sdk_cloudwatchlogs::config::Builder::new();
            if let Some(region) = region {
                elsewhere = elsewhere.region(aws_types::region::Region::new(region.to_owned()));
            }
            let request = client
                .filter_log_events()
                .log_group_name(name)
                .set_log_stream_name_prefix(query.stream_prefix.clone())
                .set_filter_pattern(query.pattern.clone())
                .start_time(query.since.as_millisecond())
                .limit(i32::try_from(left.clamp(1, LINES_A_CALL)).unwrap_or(i32::MAX))
                .set_next_token(next)
                .customize()
                .config_override(elsewhere);
            let answer = self
                .0
                .read(Call::plain(FILTER, &query.group), request.send())
                .await?;
            for event in answer.events() {
                let at = event.timestamp().map(jiff::Timestamp::from_millisecond);
                let (Some(Ok(at)), Some(message)) = (at, event.message()) else {
                    continue;
                };
                found.lines.push(LogLine {
                    id: event.event_id().unwrap_or_default().to_owned(),
                    at,
                    stream: event.log_stream_name().unwrap_or_default().to_owned(),
                    message: message.trim_end().to_owned(),
                });
            }
            next = answer.next_token;
            found.is_cut = next.is_some();
            if next.is_none() || found.lines.len() >= query.limit {
                break;
            }
        }
        found.lines.sort_by_key(|line| line.at);
        Ok(found)
    }

    async fn execute_command(&self, command: &ExecCommand) -> Result<ExecSession> {
        let target = command.task.as_str();
        let client = self.0.connection.ecs(EXECUTE, target).await?;
        let once = aws_sdk_ecs::config::Builder::new().retry_classifier(NeverRepeatUnanswered);
        let request = client
            .execute_command()
            .cluster(&command.cluster)
            .task(target)
            .container(&command.container)
            .command(&command.command)
            .interactive(true)
            .customize()
            .config_override(once);
        let answer = self
            .0
            .write(Call::plain(EXECUTE, target), request.send())
            .await?;
        let missing = |member| incomplete(EXECUTE, target, member);
        let session = answer.session().ok_or_else(|| missing("session"))?;
        let text = |value: Option<&str>, member| {
            value.map(ToOwned::to_owned).ok_or_else(|| missing(member))
        };
        Ok(ExecSession {
            id: text(session.session_id(), "sessionId")?,
            stream_url: text(session.stream_url(), "streamUrl")?,
            token: text(session.token_value(), "tokenValue")?,
        })
    }

    async fn caller(&self) -> Result<CallerFacts> {
        account::caller(&self.0).await
    }

    async fn denied_actions(&self, caller: &str, actions: &[String]) -> Result<BTreeSet<String>> {
        account::denied(&self.0, caller, actions).await
    }

    async fn subnets(&self, ids: &BTreeSet<String>) -> Result<Vec<SubnetFacts>> {
        network::subnets(&self.0, ids).await
    }

    async fn endpoints(&self, vpc: &str) -> Result<BTreeSet<String>> {
        network::endpoints(&self.0, vpc).await
    }

    async fn openings(&self, groups: &BTreeSet<String>) -> Result<Vec<Opening>> {
        network::openings(&self.0, groups).await
    }

    async fn balancer_groups(&self, load_balancer: &str) -> Result<BTreeSet<String>> {
        network::balancer_groups(&self.0, load_balancer).await
    }

    async fn certificates(&self, load_balancer: &str) -> Result<Vec<CertificateFacts>> {
        network::certificates(&self.0, load_balancer).await
    }
}
