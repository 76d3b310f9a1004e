//! A command in a task of the new revision: one look at a time, so that other gates are asked meanwhile.
//!
//! **Invariants.** A task that runs for the same gate, revision, deployment and weight is never started a second time, also by
//! an apply that follows one that was killed. Only exit code 0 passes.

use switchyard_rollout::Moment;

use super::ask::Missed;
use super::config::CommandCheck;
use super::means::{Means, SideFacts};
use crate::fingerprint::fnv1a;
use crate::ports::{Error, NewTask, ServiceRef, StandaloneTask, TaskDefinition, cluster_name};

/// Tag of a gate's task: what it was started for.
const GATE_TAG: &str = "switchyard:gate";

/// What `startedBy` of a gate's task begins with; the name of the service follows.
const STARTED_BY: &str = "switchyard-gate/";

/// Longest name of a service that fits into `startedBy` (128 characters).
const LONGEST_NAME: usize = 100;

/// Log lines in a message.
const LOG_LINES: u32 = 5;

/// What one look brought.
pub(super) enum TaskLook {
    /// It runs.
    Runs(String),
    /// It has ended, well or not; or it could not be started or looked at.
    Ended(Result<String, Missed>),
}

/// What is asked.
pub(super) struct TaskAsk<'g> {
    pub(super) gate: &'g str,
    pub(super) check: &'g CommandCheck,
    pub(super) moment: Moment,
    /// When the moment began.
    pub(super) begun: jiff::Timestamp,
    /// The task that was started or found.
    pub(super) known: Option<String>,
    /// Which try this is, from one.
    pub(super) attempt: u32,
}

/// Starts the task, takes over the one that runs, or looks at the one that is known.
pub(super) async fn look(
    means: Means<'_>,
    service: &ServiceRef,
    facts: &SideFacts,
    ask: &TaskAsk<'_>,
) -> TaskLook {
    match looked(means, service, facts, ask).await {
        Ok(look) => look,
        Err(missed) => TaskLook::Ended(Err(missed)),
    }
}

async fn looked(
    means: Means<'_>,
    service: &ServiceRef,
    facts: &SideFacts,
    ask: &TaskAsk<'_>,
) -> Result<TaskLook, Missed> {
    let task = match &ask.known {
        Some(arn) => {
            let found = means.tasks.find_task(&service.cluster, arn).await;
            let found = found.map_err(|error| Missed::Unasked(error.to_string()))?;
            found.ok_or_else(|| Missed::Unasked(format!("ECS does not show task {arn}")))?
        }
        None => started(means, service, facts, ask).await?,
    };
    let exits = task.end.containers.values().any(|(code, _)| code.is_some());
    if !task.has_ended() && !exits {
        return Ok(TaskLook::Runs(task.arn));
    }
    let definition = definition(means, facts).await?;
    let container = container(means, ask.check, &definition)?;
    let Some(ended) = exit(&task, &container) else {
        return Ok(TaskLook::Runs(task.arn));
    };
    if !task.has_ended() {
        // What counts has ended; what runs beside it is of no use any more.
        let why = "switchyard: the command of the gate has ended";
        let stopped = means
            .tasks
            .stop_task(&service.cluster, &task.arn, why)
            .await;
        if let Err(error) = stopped {
            tracing::warn!(task = task.arn, error = %error, "the task of a gate could not be stopped");
        }
    }
    Ok(TaskLook::Ended(match ended {
        Ok(seen) => Ok(seen),
        Err(seen) => {
            let lines = means
                .lookups
                .log_lines(&definition, &task.arn, &container, LOG_LINES)
                .await;
            Err(Missed::Bad(with_lines(seen, &lines)))
        }
    }))
}

/// A message with the last lines of a log in it.
fn with_lines(seen: String, lines: &[String]) -> String {
    let (first, others) = match lines.split_first() {
        None => return seen,
        Some((first, others)) => (first, others),
    };
    let others: Vec<&str> = others.iter().map(|line| line.trim()).collect();
    format!("{seen}. {first} {}", others.join(" | "))
}

/// How the container ended; `None` while it may still run.
fn exit(task: &StandaloneTask, container: &str) -> Option<Result<String, String>> {
    let arn = &task.arn;
    match task.end.containers.get(container) {
        Some((Some(0), _)) => Some(Ok(format!("exit code 0 (task {arn})"))),
        Some((Some(code), reason)) => {
            let reason = reason
                .as_ref()
                .map_or_else(String::new, |reason| format!(": {reason}"));
            Some(Err(format!("exit code {code}{reason} (task {arn})")))
        }
        Some((None, _)) | None if !task.has_ended() => None,
        Some((None, _)) | None => {
            let reasons = task.end.containers.values();
            let mut reasons: Vec<String> = reasons
                .filter_map(|(_, reason)| reason.clone())
                .chain(task.end.reason.clone())
                .collect();
            reasons.dedup();
            Some(Err(format!(
                "the command did not run ({}; task {arn})",
                reasons.join("; ")
            )))
        }
    }
}

async fn definition(means: Means<'_>, facts: &SideFacts) -> Result<TaskDefinition, Missed> {
    let name = facts.task_definition.as_deref().ok_or_else(|| {
        Missed::Unasked("the task definition of the new revision is not known yet".to_owned())
    })?;
    let found = means.lookups.definition(name).await;
    found
        .map_err(|error| failed(&error))?
        .ok_or_else(|| Missed::Refused(format!("task definition {name} does not exist")))
}

/// The container that is named, the only one, or the one behind the load balancer.
fn container(
    means: Means<'_>,
    check: &CommandCheck,
    definition: &TaskDefinition,
) -> Result<String, Missed> {
    let containers = definition.containers.iter();
    let names: Vec<&str> = containers.map(|found| found.name.as_str()).collect();
    let balancer = means.revision.and_then(|it| it.load_balancer.as_ref());
    let name = match (&check.container, names.as_slice()) {
        (Some(name), _) => Some(name.as_str()),
        (None, [only]) => Some(*only),
        (None, _) => balancer.map(|balancer| balancer.container.as_str()),
    };
    match name {
        Some(name) if names.contains(&name) => Ok(name.to_owned()),
        Some(name) => Err(Missed::Refused(format!(
            "the new revision has no container `{name}`; it has {}",
            quoted(&names)
        ))),
        None => Err(Missed::Refused(format!(
            "the new revision has several containers ({}): set `container_name`",
            quoted(&names)
        ))),
    }
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The task that runs for this already, or a new one.
async fn started(
    means: Means<'_>,
    service: &ServiceRef,
    facts: &SideFacts,
    ask: &TaskAsk<'_>,
) -> Result<StandaloneTask, Missed> {
    let definition = definition(means, facts).await?;
    let container = container(means, ask.check, &definition)?;
    let (tasks, cluster) = (means.tasks, &service.cluster);
    let mark = mark(service, facts, ask, &definition.arn);
    let started_by = started_by(&service.name);
    let running = tasks.tasks_started_by(cluster, &started_by).await;
    let running = running.map_err(|error| failed(&error))?;
    let ours = running
        .into_iter()
        .find(|task| !task.has_ended() && task.tags.get(GATE_TAG) == Some(&mark));
    if let Some(task) = ours {
        return Ok(task);
    }
    let revision = means.revision;
    let new = NewTask {
        cluster: cluster.clone(),
        task_definition: definition.arn.clone(),
        client_token: token(&mark, facts, ask),
        started_by,
        launch: revision.and_then(|it| it.launch.clone()),
        platform_version: revision.and_then(|it| it.platform_version.clone()),
        network: revision.and_then(|it| it.network.clone()),
        container,
        command: Some(ask.check.command.clone()),
        environment: ask.check.environment.clone(),
        tags: [(GATE_TAG.to_owned(), mark)].into(),
    };
    tasks.run_task(&new).await.map_err(|error| failed(&error))
}

/// `startedBy` of a service's gates.
fn started_by(service: &str) -> String {
    let name: String = service.chars().take(LONGEST_NAME).collect();
    format!("{STARTED_BY}{name}")
}

/// Tells whether a task that runs was started for the same.
fn mark(service: &ServiceRef, facts: &SideFacts, ask: &TaskAsk<'_>, definition: &str) -> String {
    let (moment, attempt) = (format!("{:?}", ask.moment), ask.attempt.to_string());
    let deployment = facts.deployment.as_deref().unwrap_or_default();
    let mut parts = vec![
        cluster_name(&service.cluster),
        service.name.as_str(),
        definition,
        deployment,
        ask.gate,
        moment.as_str(),
        attempt.as_str(),
        ask.check.container.as_deref().unwrap_or_default(),
    ];
    parts.extend(ask.check.command.iter().map(String::as_str));
    // Between lists, so that no value passes for one of its neighbours.
    parts.push("\u{1}");
    let environment = ask.check.environment.iter();
    parts.extend(environment.flat_map(|(key, value)| [key.as_str(), value.as_str()]));
    format!("{:016x}", fnv1a(parts))
}

/// One task for each deployment, gate, weight and try, however often it is asked for. Where no deployment is known, another
/// apply runs another one: the answer of a former deployment of the same revision must not count.
fn token(mark: &str, facts: &SideFacts, ask: &TaskAsk<'_>) -> String {
    match facts.deployment {
        Some(_) => mark.to_owned(),
        None => format!("{mark}-{:x}", ask.begun.as_millisecond()),
    }
}

fn failed(error: &Error) -> Missed {
    if error.kind.is_transient() {
        Missed::Unasked(error.to_string())
    } else {
        Missed::Refused(error.to_string())
    }
}
