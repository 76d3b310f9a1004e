//! ECS tasks that belong to no service.

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use switchyard_engine::ports::{
    Error, ErrorKind, NewTask, Result, StandaloneTask, StandaloneTasks, TaskStatus,
};

use super::read::{list, moment, tags, texts, word};
use super::request::put;
use super::{Face, services_read, services_write};
use crate::Service::Ecs;

impl Face {
    fn described_tasks(&self, cluster: &str, arns: &[String]) -> Result<Vec<StandaloneTask>> {
        let target = arns.first().map_or("", String::as_str);
        let input = json!({ "cluster": cluster, "tasks": arns, "include": ["TAGS"] });
        let answer = self.call(Ecs, "ecs:DescribeTasks", target, input)?;
        Ok(list(&answer, "tasks").iter().map(task).collect())
    }
}

fn task(value: &Value) -> StandaloneTask {
    StandaloneTask {
        arn: word(value, "taskArn"),
        status: TaskStatus::parse(&word(value, "lastStatus")),
        tags: tags(value, "tags"),
        created_at: moment(value, "createdAt"),
        started_at: moment(value, "startedAt"),
        end: services_read::stopped_task(value),
    }
}

fn creation(new: &NewTask) -> Value {
    let environment: Vec<Value> = new
        .environment
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let mut container = Map::from_iter([("name".to_owned(), json!(new.container))]);
    put(&mut container, "command", new.command.clone());
    put(
        &mut container,
        "environment",
        (!environment.is_empty()).then_some(environment),
    );
    let mut request = Map::new();
    put(&mut request, "cluster", Some(new.cluster.as_str()));
    put(
        &mut request,
        "taskDefinition",
        Some(new.task_definition.as_str()),
    );
    put(&mut request, "clientToken", Some(new.client_token.as_str()));
    put(&mut request, "startedBy", Some(new.started_by.as_str()));
    put(&mut request, "count", Some(1));
    services_write::put_launch(&mut request, new.launch.as_ref());
    put(
        &mut request,
        "platformVersion",
        new.platform_version.as_deref(),
    );
    put(
        &mut request,
        "networkConfiguration",
        new.network.as_ref().map(services_write::network),
    );
    put(
        &mut request,
        "overrides",
        Some(json!({ "containerOverrides": [container] })),
    );
    put(&mut request, "tags", Some(services_write::tags(&new.tags)));
    Value::Object(request)
}

#[async_trait]
impl StandaloneTasks for Face {
    async fn run_task(&self, new: &NewTask) -> Result<StandaloneTask> {
        let target = new.task_definition.as_str();
        let answer = self.call(Ecs, "ecs:RunTask", target, creation(new))?;
        let started = list(&answer, "tasks").first().map(task);
        started.ok_or_else(|| Error {
            operation: "ecs:RunTask",
            target: target.to_owned(),
            kind: ErrorKind::Unexpected,
            code: String::new(),
            message: "no task was started".to_owned(),
            request_id: None,
        })
    }

    async fn find_task(&self, cluster: &str, arn: &str) -> Result<Option<StandaloneTask>> {
        let found = self.described_tasks(cluster, &[arn.to_owned()])?;
        Ok(found.into_iter().next())
    }

    async fn tasks_started_by(
        &self,
        cluster: &str,
        started_by: &str,
    ) -> Result<Vec<StandaloneTask>> {
        let input = json!({ "cluster": cluster, "startedBy": started_by });
        let listed = self.call(Ecs, "ecs:ListTasks", started_by, input)?;
        let arns = texts(&listed, "taskArns");
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        self.described_tasks(cluster, &arns)
    }

    async fn stop_task(&self, cluster: &str, arn: &str, reason: &str) -> Result<()> {
        let input = json!({ "cluster": cluster, "task": arn, "reason": reason });
        self.call(Ecs, "ecs:StopTask", arn, input).map(drop)
    }
}
