//! Tasks that are missing, and why those that stopped did.

use std::collections::BTreeMap;

use switchyard_engine::ports::{ServiceEvent, StopCode, StoppedTask};
use switchyard_engine::{Hopeless, hopeless_task, shown_log_line};

use super::deployment::lines;
use super::evidence::Evidence;
use super::issue::{Issue, IssueKind, IssueSeverity};
use crate::words::{count, short, to_second};

/// Different reasons that are quoted of one cause.
const QUOTED: usize = 3;

/// Fewer tasks run than are wanted.
pub(super) fn missing(evidence: &Evidence) -> Vec<Issue> {
    let tasks = evidence.view.tasks;
    if tasks.running >= tasks.desired {
        return Vec::new();
    }
    let event = newest_of_note(&evidence.service.events);
    vec![Issue {
        kind: IssueKind::TasksMissing,
        severity: match tasks.running {
            0 => IssueSeverity::Critical,
            _ => IssueSeverity::Major,
        },
        title: format!("{} of {} tasks are running", tasks.running, tasks.desired),
        affects: match tasks.running {
            0 => "The whole service: nothing answers".to_owned(),
            _ => "The capacity of the service".to_owned(),
        },
        cause: match tasks.pending {
            0 => "Tasks stop, or cannot be placed. The issues about tasks say why.".to_owned(),
            pending => format!("{} starting.", is_are(pending)),
        },
        evidence: lines([
            Some(format!(
                "{} desired, {} running, {} pending.",
                tasks.desired, tasks.running, tasks.pending
            )),
            event,
        ]),
        steps: vec![
            format!("See why tasks stopped: {}.", evidence.command("tasks", "")),
            format!("Read the logs: {}.", evidence.command("logs", "--since 30m")),
        ],
        prevention: "Run at least two tasks in different zones, and set an alarm on the number of running tasks."
            .to_owned(),
    }]
}

fn is_are(pending: u32) -> String {
    match pending {
        1 => "1 task is".to_owned(),
        pending => format!("{pending} tasks are"),
    }
}

/// The newest event that is not routine.
fn newest_of_note(events: &[ServiceEvent]) -> Option<String> {
    let telling = ["unable", "unhealthy", "failed", "stopped"];
    let mut events = events.iter();
    let found = events.find(|event| telling.iter().any(|word| event.message.contains(word)))?;
    Some(format!(
        "Event at {}: {}",
        to_second(found.at),
        found.message
    ))
}

/// Why a task failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TaskCause {
    Image(Pull),
    Secret,
    Architecture,
    Memory,
    Port,
    Entry,
    Health,
    Capacity,
    Spot,
    Exit(i64),
    Other,
}

/// Why an image cannot be pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pull {
    /// It does not exist, or may not be pulled.
    Refused,
    /// The registry is not reached.
    Unreachable,
    /// The registry limits pulls.
    Limited,
}

/// Everything AWS says about the end of a task, in small letters.
fn said(task: &StoppedTask) -> String {
    let containers = task.containers.values();
    let reasons = containers.filter_map(|(_, reason)| reason.as_deref());
    let all: Vec<&str> = task.reason.as_deref().into_iter().chain(reasons).collect();
    all.join("\n").to_lowercase()
}

/// Why it failed; `None` for a task that was stopped because it was no longer wanted.
pub(super) fn cause(task: &StoppedTask) -> Option<TaskCause> {
    if task.stop_code == Some(StopCode::SpotInterruption) {
        return Some(TaskCause::Spot);
    }
    if !task.has_failed() {
        return None;
    }
    if let Some(hopeless) = hopeless_task(task) {
        return Some(match hopeless {
            Hopeless::Image => TaskCause::Image(Pull::Refused),
            Hopeless::Secret => TaskCause::Secret,
            Hopeless::Architecture => TaskCause::Architecture,
        });
    }
    let said = said(task);
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let exits = || task.containers.values().filter_map(|(code, _)| *code);
    let is_killed = exits().any(|code| code == 137);
    Some(if has(&["cannotpullcontainererror"]) {
        match has(&["toomanyrequests", "rate limit"]) {
            true => TaskCause::Image(Pull::Limited),
            false => TaskCause::Image(Pull::Unreachable),
        }
    } else if has(&["resourceinitializationerror"]) && has(&["secret", "ssm", "asm", "parameter"]) {
        TaskCause::Secret
    } else if has(&["outofmemory", "out of memory"]) {
        TaskCause::Memory
    } else if has(&["address already in use", "port is already allocated"]) {
        TaskCause::Port
    } else if has(&[
        "cannotstartcontainererror",
        "containerruntimeerror",
        "executable file not found",
    ]) {
        TaskCause::Entry
    } else if has(&["health check"]) {
        TaskCause::Health
    } else if has(&[
        "capacity is unavailable",
        "resource:cpu",
        "resource:memory",
        "resource:eni",
    ]) {
        TaskCause::Capacity
    } else if is_killed {
        TaskCause::Memory
    } else if let Some(code) = exits().find(|code| *code != 0).or_else(|| exits().next()) {
        TaskCause::Exit(code)
    } else {
        TaskCause::Other
    })
}

/// Tasks that failed, one issue for each revision and cause.
pub(super) fn failing(evidence: &Evidence, stopped: &[StoppedTask]) -> Vec<Issue> {
    let mut groups: BTreeMap<(&str, TaskCause), Vec<&StoppedTask>> = BTreeMap::new();
    for task in stopped {
        if let Some(cause) = cause(task) {
            let revision = short(&task.task_definition);
            groups.entry((revision, cause)).or_default().push(task);
        }
    }
    let mut issues: Vec<(usize, Issue)> = groups
        .into_iter()
        .map(|((revision, cause), tasks)| (tasks.len(), issue(evidence, revision, cause, &tasks)))
        .collect();
    issues.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    issues.extend(unplaced(evidence).map(|issue| (0, issue)));
    issues.into_iter().map(|(_, issue)| issue).collect()
}

/// Tasks that stopped while everything else is well have been replaced.
fn severity(evidence: &Evidence) -> IssueSeverity {
    let tasks = evidence.view.tasks;
    match (tasks.running, tasks.running < tasks.desired) {
        (0, true) => IssueSeverity::Critical,
        (_, true) => IssueSeverity::Major,
        (_, false) if evidence.is_deploying() => IssueSeverity::Major,
        (_, false) => IssueSeverity::Minor,
    }
}

/// What is said of a cause.
struct Words {
    kind: IssueKind,
    title: &'static str,
    cause: String,
    step: String,
    prevention: &'static str,
}

fn issue(evidence: &Evidence, revision: &str, cause: TaskCause, tasks: &[&StoppedTask]) -> Issue {
    let words = words(
        evidence,
        cause,
        &tasks.iter().map(|task| said(task)).collect::<String>(),
    );
    let mut quoted: Vec<String> = Vec::new();
    for line in tasks.iter().map(|task| told(task)) {
        if !quoted.contains(&line) && quoted.len() < QUOTED {
            quoted.push(line);
        }
    }
    let times = || tasks.iter().filter_map(|task| task.stopped_at);
    let span = match (times().min(), times().max()) {
        (Some(first), Some(last)) if first != last => format!(
            "{} stopped from {} to {}.",
            count(tasks.len(), "task"),
            to_second(first),
            to_second(last)
        ),
        (Some(at), _) => format!(
            "{} stopped at {}.",
            count(tasks.len(), "task"),
            to_second(at)
        ),
        (None, _) => format!("{} stopped.", count(tasks.len(), "task")),
    };
    let mut seen = vec![span];
    seen.extend(quoted);
    Issue {
        kind: words.kind,
        severity: severity(evidence),
        title: format!(
            "{} of {revision}: {}",
            count(tasks.len(), "task"),
            words.title
        ),
        affects: match evidence.is_deploying() {
            true => format!("Revision {revision} and its deployment"),
            false => format!("Revision {revision}"),
        },
        cause: words.cause,
        evidence: seen,
        steps: lines([
            Some(words.step),
            Some(format!(
                "Read the last lines: {}.",
                evidence.command("logs", "--since 30m")
            )),
            evidence.way_back(),
        ]),
        prevention: words.prevention.to_owned(),
    }
}

/// AWS's words about the end of one task, with exit codes.
fn told(task: &StoppedTask) -> String {
    let mut text = task
        .reason
        .as_deref()
        .map(shown_log_line)
        .unwrap_or_default();
    for (name, (code, reason)) in &task.containers {
        match (code, reason) {
            (None, None) | (Some(0), None) => {}
            (Some(code), None) => {
                text.push_str(&format!("; container `{name}` exited with {code}"))
            }
            (None, Some(reason)) => {
                text.push_str(&format!("; container `{name}`: {}", shown_log_line(reason)));
            }
            (Some(code), Some(reason)) => text.push_str(&format!(
                "; container `{name}` exited with {code}: {}",
                shown_log_line(reason)
            )),
        }
    }
    text
}

fn words(evidence: &Evidence, cause: TaskCause, said: &str) -> Words {
    match cause {
        TaskCause::Image(pull) => of_pull(pull),
        TaskCause::Secret => Words {
            kind: IssueKind::SecretNotRead,
            title: "secrets or parameters cannot be read",
            cause: match said.contains("accessdenied") || said.contains("not authorized") {
                true => "The task execution role may not read a secret or parameter, or its key.",
                false => {
                    "A secret or parameter of the task definition does not exist, may not be read by the task \
                     execution role, or is not reached from the subnets."
                }
            }
            .to_owned(),
            step: format!(
                "Check every secret, role and log group of the task definition: {}.",
                evidence.command("verify", "")
            ),
            prevention: "Plans check that secrets exist; keep `preflight` enabled, and grant the role in the same change.",
        },
        TaskCause::Architecture => Words {
            kind: IssueKind::WrongArchitecture,
            title: "the image is built for a different CPU architecture",
            cause: "The image and `cpuArchitecture` of the task definition do not match.".to_owned(),
            step: "Build the image with `docker buildx build --platform linux/amd64,linux/arm64`, or set \
                   `cpuArchitecture` in `runtimePlatform`."
                .to_owned(),
            prevention: "Build images for both architectures.",
        },
        TaskCause::Memory => Words {
            kind: IssueKind::OutOfMemory,
            title: "a container ran out of memory",
            cause: match said.contains("memory") {
                true => "A container used more memory than its limit, and was killed.",
                false => {
                    "A container was killed (exit code 137), usually because it used more memory than its limit."
                }
            }
            .to_owned(),
            step: format!(
                "Compare its memory with its limit, then raise `memory`: {}.",
                evidence.command("diagnose", "--rightsize")
            ),
            prevention: "Set an alarm on `MemoryUtilization` of the service at 90 %.",
        },
        TaskCause::Port => Words {
            kind: IssueKind::PortTaken,
            title: "a port is in use already",
            cause: "Two containers of the task, or two tasks of a container instance, listen on one port.".to_owned(),
            step: "Give each container a port of its own; on container instances use the host port 0.".to_owned(),
            prevention: "Use network mode `awsvpc`, in which every task has its own ports.",
        },
        TaskCause::Entry => Words {
            kind: IssueKind::TaskNotStarted,
            title: "a container cannot be started",
            cause: "The entry point or the command of a container does not exist or cannot be run.".to_owned(),
            step: "Check `entryPoint` and `command` of the task definition against the image.".to_owned(),
            prevention: "Start the image once in the pipeline before it is deployed.",
        },
        TaskCause::Health => Words {
            kind: IssueKind::HealthCheckFailed,
            title: "the health check failed",
            cause: "ECS stopped tasks that did not pass the health check of the load balancer or of the container."
                .to_owned(),
            step: "Compare path, port and expected codes of the health check with what the container answers; raise \
                   `health_check_grace_period_seconds` when it starts slowly."
                .to_owned(),
            prevention: "Answer the health check without calling other services.",
        },
        TaskCause::Capacity => of_capacity(),
        TaskCause::Spot => Words {
            kind: IssueKind::SpotReclaimed,
            title: "AWS took Spot capacity back",
            cause: "AWS can reclaim Spot capacity at any time, with two minutes' notice.".to_owned(),
            step: "Give the capacity provider strategy a `base` on `FARGATE`.".to_owned(),
            prevention: "Keep at least one task on capacity that is not Spot.",
        },
        TaskCause::Exit(code) => Words {
            kind: IssueKind::ContainerExited,
            title: "an essential container exited",
            cause: match code {
                0 => "A container ended with exit code 0: it finished, and a service has to keep running.".to_owned(),
                139 => "A container crashed with a segmentation fault (exit code 139).".to_owned(),
                143 => "A container ended after a signal to stop (exit code 143).".to_owned(),
                code => format!("The program in the container ended with exit code {code}."),
            },
            step: format!("See the groups of stopped tasks: {}.", evidence.command("tasks", "")),
            prevention: "Start the image in the pipeline with the configuration of the environment.",
        },
        TaskCause::Other => Words {
            kind: IssueKind::TaskNotStarted,
            title: "tasks do not start",
            cause: "AWS names a reason that has no check of its own.".to_owned(),
            step: format!("Check what tasks need: {}.", evidence.command("verify", "")),
            prevention: "Keep `preflight` enabled, so that plans check what tasks need.",
        },
    }
}

fn of_pull(pull: Pull) -> Words {
    let (cause, step, prevention) = match pull {
        Pull::Refused => (
            "The image does not exist, or the task execution role may not pull it.",
            "Push the image or correct its name; then check that the execution role has \
             `ecr:GetAuthorizationToken`, `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer`.",
            "Deploy images by digest, and keep `preflight` enabled: plans check that images exist.",
        ),
        Pull::Unreachable => (
            "The tasks do not reach the registry: their subnets have no NAT gateway, public IP or VPC endpoint on the \
             way, or a security group blocks port 443.",
            "Check the route tables of the subnets, and endpoints for `ecr.api`, `ecr.dkr` and S3.",
            "Create the endpoints for ECR and S3 with the network.",
        ),
        Pull::Limited => (
            "The registry limits how often images are pulled.",
            "Copy the image to ECR, or use a pull-through cache.",
            "Pull images of others through a pull-through cache of ECR.",
        ),
    };
    Words {
        kind: IssueKind::ImageNotPulled,
        title: "the image cannot be pulled",
        cause: cause.to_owned(),
        step: step.to_owned(),
        prevention,
    }
}

fn of_capacity() -> Words {
    Words {
        kind: IssueKind::NoCapacity,
        title: "there is no capacity",
        cause: "The cluster's container instances have too little CPU or memory left, or AWS has no capacity in these \
                zones now."
            .to_owned(),
        step: "Add container instances, or subnets in different zones; both revisions run at full size during a \
               deployment."
            .to_owned(),
        prevention: "Use a capacity provider with managed scaling, and leave room for a second revision.",
    }
}

/// Events say that tasks cannot be placed; those tasks never existed.
fn unplaced(evidence: &Evidence) -> Option<Issue> {
    let tasks = evidence.view.tasks;
    let is_short = tasks.running < tasks.desired || evidence.is_deploying();
    let mut events = evidence.service.events.iter();
    let event = events.find(|event| {
        event.message.contains("unable to place a task")
            || event.message.contains("apacity is unavailable")
    });
    let event = event.filter(|_| is_short)?;
    let words = of_capacity();
    Some(Issue {
        kind: words.kind,
        severity: severity(evidence),
        title: "ECS cannot place tasks: there is no capacity".to_owned(),
        affects: "Tasks that are desired and do not exist".to_owned(),
        cause: words.cause,
        evidence: vec![format!(
            "Event at {}: {}",
            to_second(event.at),
            event.message
        )],
        steps: lines([Some(words.step), evidence.way_back()]),
        prevention: words.prevention.to_owned(),
    })
}
