//! What people look at: running tasks, log lines, and sessions in containers.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};
use switchyard_engine::ports::{
    CallerFacts, CertificateFacts, Clock as _, Error, ErrorKind, ExecCommand, ExecSession,
    Inspection, LogLine, LogLines, LogQuery, Opening, Result, RunningContainer, RunningTask,
    ServiceRef, SubnetFacts, TaskStatus, WayOut,
};

use super::Face;
use super::read::{flag, list, moment, text, texts, word};
use crate::Service::{Ecs, Elbv2};
use crate::outside;

fn container(found: &Value) -> RunningContainer {
    let agent = list(found, "managedAgents").first();
    RunningContainer {
        name: word(found, "name"),
        runtime_id: text(found, "runtimeId"),
        exec_agent: agent.map(|agent| word(agent, "lastStatus")),
    }
}

fn task(found: &Value) -> RunningTask {
    RunningTask {
        arn: word(found, "taskArn"),
        task_definition: word(found, "taskDefinitionArn"),
        status: TaskStatus::parse(&word(found, "lastStatus")),
        executes: flag(found, "enableExecuteCommand"),
        containers: list(found, "containers").iter().map(container).collect(),
        started_at: moment(found, "startedAt"),
    }
}

#[async_trait]
impl Inspection for Face {
    async fn running_tasks(&self, service: &ServiceRef) -> Result<Vec<RunningTask>> {
        let target = &service.name;
        let input = json!({
            "cluster": service.cluster, "serviceName": target, "desiredStatus": "RUNNING",
        });
        let listed = self.call(Ecs, "ecs:ListTasks", target, input)?;
        let arns = texts(&listed, "taskArns");
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let input = json!({ "cluster": service.cluster, "tasks": arns });
        let found = self.call(Ecs, "ecs:DescribeTasks", target, input)?;
        let mut tasks: Vec<RunningTask> = list(&found, "tasks").iter().map(task).collect();
        tasks.sort_by(|one, other| one.arn.cmp(&other.arn));
        Ok(tasks)
    }

    async fn log_lines(&self, query: &LogQuery) -> Result<LogLines> {
        if !outside::log_group_exists(&query.group) {
            return Err(Error {
                operation: "logs:FilterLogEvents",
                target: query.group.clone(),
                kind: ErrorKind::NotFound,
                code: "ResourceNotFoundException".to_owned(),
                message: "The specified log group does not exist.".to_owned(),
                request_id: None,
            });
        }
        let pattern = query.pattern.as_deref().unwrap_or_default();
        let events = self.world.log_events(&self.region, &query.group);
        let lines = events.into_iter().enumerate().filter_map(|(index, event)| {
            let at = Timestamp::from_millisecond(event.at.millis()).ok()?;
            let prefix = query.stream_prefix.as_deref().unwrap_or_default();
            let is_asked = event.stream.starts_with(prefix);
            (is_asked && at >= query.since && outside::log_pattern_matches(pattern, &event.line))
                .then(|| LogLine {
                    id: format!("{}/{index}", event.stream),
                    at,
                    stream: event.stream,
                    message: event.line,
                })
        });
        let mut lines: Vec<LogLine> = lines.collect();
        let is_cut = lines.len() > query.limit;
        lines.truncate(query.limit);
        Ok(LogLines { lines, is_cut })
    }

    async fn execute_command(&self, command: &ExecCommand) -> Result<ExecSession> {
        let input = json!({
            "cluster": command.cluster, "task": command.task, "container": command.container,
            "command": command.command, "interactive": true,
        });
        let answer = self.call(Ecs, "ecs:ExecuteCommand", &command.task, input)?;
        let session = answer.get("session").cloned().unwrap_or_default();
        Ok(ExecSession {
            id: word(&session, "sessionId"),
            stream_url: word(&session, "streamUrl"),
            token: word(&session, "tokenValue"),
        })
    }

    async fn caller(&self) -> Result<CallerFacts> {
        Ok(CallerFacts {
            account: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/on-call".to_owned(),
            looked_at: "the world".to_owned(),
            date: Some(self.now()),
        })
    }

    /// Everybody may do everything.
    async fn denied_actions(&self, _: &str, _: &[String]) -> Result<BTreeSet<String>> {
        Ok(BTreeSet::new())
    }

    /// A subnet whose name ends with `-closed` has no default route; the others have a NAT gateway.
    async fn subnets(&self, ids: &BTreeSet<String>) -> Result<Vec<SubnetFacts>> {
        let subnets = ids.iter().map(|id| SubnetFacts {
            id: id.clone(),
            vpc: "vpc-1".to_owned(),
            way_out: match id.ends_with("-closed") {
                true => WayOut::Nowhere,
                false => WayOut::Nat,
            },
        });
        Ok(subnets.collect())
    }

    async fn endpoints(&self, _: &str) -> Result<BTreeSet<String>> {
        Ok(BTreeSet::new())
    }

    /// A group whose name ends with `-closed` lets nobody in; the others everybody.
    async fn openings(&self, groups: &BTreeSet<String>) -> Result<Vec<Opening>> {
        let open = groups.iter().filter(|group| !group.ends_with("-closed"));
        let openings = open.map(|_| Opening {
            protocol: "-1".to_owned(),
            ports: None,
            groups: BTreeSet::new(),
            has_addresses: true,
        });
        Ok(openings.collect())
    }

    async fn balancer_groups(&self, load_balancer: &str) -> Result<BTreeSet<String>> {
        let input = json!({ "LoadBalancerArns": [load_balancer] });
        let operation = "elasticloadbalancing:DescribeLoadBalancers";
        let found = self.call(Elbv2, operation, load_balancer, input)?;
        let balancers = list(&found, "LoadBalancers").iter();
        Ok(balancers
            .flat_map(|it| texts(it, "SecurityGroups"))
            .collect())
    }

    /// Certificates lie outside of the world.
    async fn certificates(&self, _: &str) -> Result<Vec<CertificateFacts>> {
        Ok(Vec::new())
    }
}
