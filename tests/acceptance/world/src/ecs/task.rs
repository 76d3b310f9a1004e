//! A task: containers that were started together.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::pool::Binding;
use super::task_definitions::ContainerHealthCheck;
use super::{attachments, tags};
use crate::image::ImageBehaviour;
use crate::state::State as World;
use crate::time::Timestamp;

/// Where a task is in its life, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    Provisioning,
    Pending,
    Activating,
    Running,
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

/// What a task does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TaskStep {
    Enter(Status),
    /// It cannot start: the reason AWS gives.
    FailStart(String),
    /// The container at this index ends with this code.
    Exit(usize, i32),
    /// Its memory is over: stopped tasks stay visible for an hour.
    Forget,
}

/// The service and pool a task belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaskOwner {
    pub(super) service: String,
    pub(super) pool: String,
}

/// A task.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) arn: String,
    pub(super) cluster: String,
    pub(super) definition: String,
    pub(super) owner: Option<TaskOwner>,
    pub(super) revision: Option<String>,
    pub(super) group: String,
    pub(super) started_by: Option<String>,
    /// The client token of RunTask.
    pub(super) token: Option<String>,
    pub(super) status: Status,
    /// Whether it should stop.
    pub(super) stopping: bool,
    pub(super) containers: Vec<TaskContainer>,
    /// Where it is registered while it runs.
    pub(super) bindings: Vec<Binding>,
    /// ECS may not register it, or not see how it is.
    pub(super) is_in_the_dark: bool,
    pub(super) ip: String,
    pub(super) subnet: String,
    pub(super) eni: String,
    pub(super) plan: VecDeque<(Timestamp, TaskStep)>,
    pub(super) stop_code: Option<&'static str>,
    pub(super) stopped_reason: Option<String>,
    pub(super) created: Timestamp,
    pub(super) pull_started: Option<Timestamp>,
    pub(super) pull_stopped: Option<Timestamp>,
    pub(super) started: Option<Timestamp>,
    pub(super) stop_asked: Option<Timestamp>,
    pub(super) execution_stopped: Option<Timestamp>,
    pub(super) stopped: Option<Timestamp>,
    /// Members that are only echoed (cpu, memory, launch type, overrides…).
    pub(super) echo: Map<String, Value>,
}

/// A container of a task.
#[derive(Clone, Debug)]
pub(super) struct TaskContainer {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) image: String,
    pub(super) digest: String,
    pub(super) runtime_id: String,
    pub(super) essential: bool,
    pub(super) ports: Vec<u16>,
    pub(super) behaviour: ImageBehaviour,
    pub(super) health_check: Option<ContainerHealthCheck>,
    /// Its lines are lost: the execution role may not write them.
    pub(super) silent: bool,
    pub(super) exit_code: Option<i32>,
    pub(super) reason: Option<String>,
}

/// A container's own health, as its health check sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContainerHealth {
    Unknown,
    Healthy,
    Unhealthy,
}

impl ContainerHealth {
    fn word(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Healthy => "HEALTHY",
            Self::Unhealthy => "UNHEALTHY",
        }
    }
}

impl TaskContainer {
    /// Its health at `now` when it runs since `started`, and when that changes next.
    fn health(
        &self,
        started: Option<Timestamp>,
        now: Timestamp,
    ) -> (ContainerHealth, Option<Timestamp>) {
        let (Some(check), Some(started)) = (self.health_check, started) else {
            return (ContainerHealth::Unknown, None);
        };
        let seconds = |count: u32| std::time::Duration::from_secs(u64::from(count));
        let (at, then) = if self.behaviour.unready {
            let failures = check.interval.saturating_mul(check.retries);
            (
                started.plus(seconds(check.start_period.saturating_add(failures))),
                ContainerHealth::Unhealthy,
            )
        } else {
            (
                started
                    .plus(self.behaviour.slow_start)
                    .plus(seconds(check.interval)),
                ContainerHealth::Healthy,
            )
        };
        if now >= at {
            (then, None)
        } else {
            (ContainerHealth::Unknown, Some(at))
        }
    }
}

impl Task {
    /// The last part of its ARN.
    pub(super) fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }

    /// Whether any essential container has a health check of its own.
    pub(super) fn checks_itself(&self) -> bool {
        self.containers
            .iter()
            .any(|container| container.essential && container.health_check.is_some())
    }

    /// The health its essential containers' own checks give, and when that changes next.
    pub(super) fn own_health(&self, now: Timestamp) -> (ContainerHealth, Option<Timestamp>) {
        let mut worst = ContainerHealth::Unknown;
        let mut next: Option<Timestamp> = None;
        let mut waiting = false;
        for container in self
            .containers
            .iter()
            .filter(|container| container.essential && container.health_check.is_some())
        {
            let (health, change) = container.health(self.started, now);
            next = next.into_iter().chain(change).min();
            match health {
                ContainerHealth::Unhealthy => return (ContainerHealth::Unhealthy, None),
                ContainerHealth::Healthy => worst = ContainerHealth::Healthy,
                ContainerHealth::Unknown => waiting = true,
            }
        }
        (
            if waiting {
                ContainerHealth::Unknown
            } else {
                worst
            },
            next,
        )
    }

    /// The task as AWS describes it.
    pub(super) fn render(&self, state: &World, with_tags: bool) -> Value {
        let mut members = self.echo.clone();
        let desired = if self.stopping || self.status > Status::Running {
            "STOPPED"
        } else {
            "RUNNING"
        };
        let tags = if with_tags {
            tags::render(state, &self.arn)
        } else {
            Vec::new()
        };
        let own_health = self.own_health(state.now).0;
        let fixed = json!({
            "taskArn": self.arn,
            "clusterArn": self.cluster,
            "taskDefinitionArn": self.definition,
            "group": self.group,
            "lastStatus": self.status.word(),
            "desiredStatus": desired,
            "healthStatus": own_health.word(),
            "createdAt": self.created,
            "connectivity": "CONNECTED",
            "containers": self.containers.iter().map(|container| self.render_container(container, state.now)).collect::<Vec<_>>(),
            "attachments": attachments::render(state, self),
            "attributes": [{ "name": "ecs.cpu-architecture", "value": "x86_64" }],
            "availabilityZone": state.subnet(&self.subnet).zone,
            "tags": tags,
            "version": 1,
        });
        if let Value::Object(fixed) = fixed {
            members.extend(fixed);
        }
        let optional: BTreeMap<&str, Option<Value>> = BTreeMap::from([
            (
                "startedBy",
                self.started_by.as_ref().map(|text| json!(text)),
            ),
            ("stopCode", self.stop_code.map(|code| json!(code))),
            (
                "stoppedReason",
                self.stopped_reason.as_ref().map(|text| json!(text)),
            ),
            (
                "pullStartedAt",
                self.pull_started.map(|moment| json!(moment)),
            ),
            (
                "pullStoppedAt",
                self.pull_stopped.map(|moment| json!(moment)),
            ),
            (
                "connectivityAt",
                self.pull_started.map(|moment| json!(moment)),
            ),
            ("startedAt", self.started.map(|moment| json!(moment))),
            ("stoppingAt", self.stop_asked.map(|moment| json!(moment))),
            (
                "executionStoppedAt",
                self.execution_stopped.map(|moment| json!(moment)),
            ),
            ("stoppedAt", self.stopped.map(|moment| json!(moment))),
        ]);
        for (name, value) in optional {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        }
        Value::Object(members)
    }

    fn render_container(&self, container: &TaskContainer, now: Timestamp) -> Value {
        let last_status = match self.status {
            Status::Provisioning | Status::Pending | Status::Activating => "PENDING",
            Status::Running | Status::Deactivating | Status::Stopping
                if container.exit_code.is_none() =>
            {
                "RUNNING"
            }
            Status::Running
            | Status::Deactivating
            | Status::Stopping
            | Status::Deprovisioning
            | Status::Stopped => "STOPPED",
        };
        let mut members = Map::from_iter([
            ("containerArn".to_owned(), json!(container.arn)),
            ("taskArn".to_owned(), json!(self.arn)),
            ("name".to_owned(), json!(container.name)),
            ("image".to_owned(), json!(container.image)),
            ("lastStatus".to_owned(), json!(last_status)),
            (
                "healthStatus".to_owned(),
                json!(container.health(self.started, now).0.word()),
            ),
            (
                "networkInterfaces".to_owned(),
                json!([{ "attachmentId": self.eni, "privateIpv4Address": self.ip }]),
            ),
            ("networkBindings".to_owned(), json!([])),
            ("cpu".to_owned(), json!("0")),
        ]);
        if self.started.is_some() {
            members.insert("imageDigest".to_owned(), json!(container.digest));
            members.insert("runtimeId".to_owned(), json!(container.runtime_id));
        }
        let executes = self.echo.get("enableExecuteCommand") == Some(&Value::Bool(true));
        if executes {
            members.insert(
                "managedAgents".to_owned(),
                json!([{ "name": "ExecuteCommandAgent", "lastStatus": last_status }]),
            );
        }
        if let Some(code) = container.exit_code {
            members.insert("exitCode".to_owned(), json!(code));
        }
        if let Some(reason) = &container.reason {
            members.insert("reason".to_owned(), json!(reason));
        }
        Value::Object(members)
    }
}
