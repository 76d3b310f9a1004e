//! Tasks that are missing, and why those that stopped did.

mod cause;
mod words;

use std::collections::BTreeMap;

use switchyard_engine::ports::{ServiceEvent, StoppedTask};
use switchyard_engine::shown_log_line;

use self::cause::said;
pub(super) use self::cause::{Pull, TaskCause, cause};
use self::words::{of_capacity, words};
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

fn issue(evidence: &Evidence, revision: &str, cause: TaskCause, tasks: &[&StoppedTask]) -> Issue {
    let words = words(
        evidence,
        cause,
        &tasks.iter().map(|task| said(task)).collect::<String>(),
    );
    let mut quoted: Vec<String> = Vec::new();
    for line in tasks.iter().map(|task| describe_end(task)) {
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
fn describe_end(task: &StoppedTask) -> String {
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
