//! Why it failed: what AWS has to say about it, the most telling first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use switchyard_rollout::{Cause, Hopeless, Outcome};

use super::advice::{advice_for, advice_on};
use super::logs::last_words;
use crate::goal::Goal;
use crate::ports::{
    CodeDeployErrorCode, EcsStatus as Status, EventStatus, ServiceDeployment, ServiceEvent,
    StoppedTask, TargetState,
};
use crate::sighting::Sighting;
use crate::text::{quoted, target_group_name};

/// What is known about the cause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Sentences, the most telling first.
    pub(crate) lines: Vec<String>,
    /// What to do about the first known cause.
    pub(crate) advice: Option<&'static str>,
}

/// Events told in a failure.
const EVENTS: usize = 8;

/// What ECS says about every deployment, good or bad: it explains nothing and hides what does.
const ROUTINE: &[&str] = &[
    " has started ",
    " has stopped ",
    " has begun draining ",
    " has reached a steady state",
    " registered ",
    " deregistered ",
    " deployment completed",
];

/// What ECS says when a rollback begins; no news when it is our own.
const ROLLING_BACK: &str = " rolling back to deployment";

/// Gathers evidence since the deployment (or the apply) began. Calls that fail are left out: a failure
/// must not hide behind a failing explanation.
pub(crate) async fn collect(goal: &Goal<'_>, seen: &Sighting, outcome: &Outcome) -> Evidence {
    let since = began(goal, seen);
    let mut lines = seen.gates.clone();
    let stopped_by_us = was_stopped_by_us(outcome);
    if let Some(deployment) = &seen.deployment {
        lines.extend(of_deployment(deployment, stopped_by_us));
    }
    lines.extend(of_code_deploy(seen, stopped_by_us));
    let stopped = goal
        .ports
        .services
        .stopped_tasks(&goal.wanted.service)
        .await
        .unwrap_or_default();
    // Tasks of other revisions stop for reasons of their own, and so do those of earlier attempts.
    let ours: Vec<_> = stopped
        .into_iter()
        .filter(|task| task.task_definition == goal.task_definition)
        .filter(|task| task.stopped_at.is_none_or(|at| at >= since))
        .collect();
    lines.extend(of_tasks(&ours));
    lines.extend(of_targets(goal).await);
    // Freshly: the service seen last may be one poll old, and the last event is the one that tells.
    let service = goal
        .ports
        .services
        .find_service(&goal.wanted.service)
        .await
        .ok()
        .flatten();
    let service = service.as_ref().or(seen.service.as_ref());
    if let Some(service) = service {
        let events = service
            .events
            .iter()
            .filter(|event| event.at >= since && !is_routine(&event.message))
            .filter(|event| !(stopped_by_us && event.message.contains(ROLLING_BACK)));
        lines.extend(of_events(events));
    }
    let advice = lines.iter().find_map(|line| advice_for(line));
    // Last, and not looked at for advice: they are the user's own words.
    let logs = last_words(goal, &ours).await;
    let is_format = logs.iter().any(|line| line.contains("exec format error"));
    let hopeless = if is_format {
        Some(Hopeless::Architecture)
    } else {
        seen.hopeless
    };
    lines.extend(logs);
    Evidence {
        lines,
        advice: hopeless.map(advice_on).or(advice),
    }
}

/// Events, newest first. Those that say the same of another task, target or address are one line, with their number.
fn of_events<'e>(events: impl Iterator<Item = &'e ServiceEvent>) -> Vec<String> {
    struct Told<'e> {
        shape: String,
        newest: &'e ServiceEvent,
        oldest: &'e ServiceEvent,
        times: usize,
    }
    let mut told: Vec<Told<'e>> = Vec::new();
    for event in events {
        let shape = shape(&event.message);
        match told.iter_mut().find(|other| other.shape == shape) {
            Some(other) => {
                other.times += 1;
                other.oldest = event;
            }
            None => told.push(Told {
                shape,
                newest: event,
                oldest: event,
                times: 1,
            }),
        }
    }
    let lines = told.into_iter().take(EVENTS).map(|told| {
        let (at, message) = (to_the_second(told.newest.at), &told.newest.message);
        match told.times {
            1 => format!("Event {at}: {message}"),
            times => format!(
                "Event {at}: {message} ({times} like it since {})",
                to_the_second(told.oldest.at)
            ),
        }
    });
    lines.collect()
}

/// A message without what differs between tasks and targets: ids and addresses, which hold digits.
fn shape(message: &str) -> String {
    let is_part =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | ':' | '/');
    let mut shape = String::with_capacity(message.len());
    let mut word = String::new();
    let flush = |word: &mut String, shape: &mut String| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let is_id = word.len() >= 7 && digits >= 2;
        shape.push_str(if is_id { "…" } else { word });
        word.clear();
    };
    for letter in message.chars() {
        if is_part(letter) {
            word.push(letter);
            continue;
        }
        flush(&mut word, &mut shape);
        shape.push(letter);
    }
    flush(&mut word, &mut shape);
    shape
}

/// Fractions of a second say nothing to people.
fn to_the_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn began(goal: &Goal<'_>, seen: &Sighting) -> Timestamp {
    let ecs = seen.deployment.as_ref().and_then(|found| found.created_at);
    let code_deploy = seen.code_deploy.as_ref().and_then(|found| found.created_at);
    ecs.or(code_deploy).unwrap_or(goal.started_at)
}

/// When `stopped_by_us`, AWS's reason is only the echo of our own call.
fn of_deployment(deployment: &ServiceDeployment, stopped_by_us: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if !deployment.triggered_alarms.is_empty() {
        lines.push(format!(
            "Alarm fired: {}.",
            quoted(&deployment.triggered_alarms)
        ));
    }
    if deployment.breaker_triggered() {
        lines.push(format!(
            "The circuit breaker triggered after {} failed tasks.",
            deployment.failed_tasks
        ));
    }
    let reasons = [&deployment.rollback_reason, &deployment.status_reason];
    for reason in reasons.into_iter().flatten().filter(|_| !stopped_by_us) {
        if !lines.contains(reason) {
            lines.push(reason.clone());
        }
    }
    if let Status::Unknown(word) = &deployment.status {
        lines.push(format!(
            "AWS says its status is `{word}`, which this version does not know."
        ));
    }
    // After a rollback the stage is the rollback's own, which says nothing about the cause.
    let is_undone = matches!(
        deployment.status,
        Status::RollbackSuccessful | Status::RollbackFailed
    );
    if let Some(stage) = deployment.stage.as_ref().filter(|_| !is_undone) {
        lines.push(format!("It had reached the stage {stage}."));
    }
    lines
}

/// Whether this apply stopped the deployment, for a reason the failure tells first.
fn was_stopped_by_us(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::NotUndone { cause, .. }
        | Outcome::RollbackFailed { cause, .. }
        | Outcome::RolledBack { cause, .. }
        | Outcome::Stopped { cause, .. } => match cause {
            Cause::Cancelled
            | Cause::Deadline
            | Cause::Gate
            | Cause::Hopeless
            | Cause::Unavailable => true,
            Cause::Aws => false,
        },
        Outcome::AlreadyExists
        | Outcome::Cancelled { .. }
        | Outcome::ControllerDiffers
        | Outcome::DeploymentFailed { .. }
        | Outcome::FirstRolloutFailed { .. }
        | Outcome::HeldBack
        | Outcome::InTheWay { .. }
        | Outcome::LiveButUnhealthy { .. }
        | Outcome::NotListed
        | Outcome::Succeeded { .. }
        | Outcome::Superseded { .. }
        | Outcome::TimedOut { .. }
        | Outcome::Vanished => false,
    }
}

fn is_routine(event: &str) -> bool {
    ROUTINE.iter().any(|words| event.contains(words))
}

/// CodeDeploy repeats the error's words in the events and in the rollback; they are told once. When
/// `stopped_by_us`, that it was stopped is no cause, only the echo of our own call.
fn of_code_deploy(seen: &Sighting, stopped_by_us: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(deployment) = &seen.code_deploy else {
        return lines;
    };
    let error = deployment.error.as_ref();
    if let Some(error) =
        error.filter(|error| !(stopped_by_us && error.code == CodeDeployErrorCode::ManualStop))
    {
        lines.push(format!("CodeDeploy says {}: {}", error.code, error.message));
    }
    let is_told = |message: &str| {
        error.is_some_and(|error| !error.message.is_empty() && message.contains(&error.message))
    };
    if let Some(message) = deployment
        .rollback_message
        .as_ref()
        .filter(|message| !is_told(message))
    {
        lines.push(format!("Rollback: {message}"));
    }
    for event in seen.target.iter().flat_map(|target| &target.events) {
        match (&event.message, &event.status) {
            (Some(message), _) if !is_told(message) => lines.push(format!(
                "{} {}: {message}",
                event.name,
                event.status.word().to_lowercase()
            )),
            // Where our own stop ended it, nothing failed.
            (Some(_) | None, EventStatus::Failed) if !stopped_by_us => {
                lines.push(format!("{} failed.", event.name))
            }
            (Some(_) | None, _) => {}
        }
    }
    lines
}

/// Tasks that stopped for the same reason are one line.
fn of_tasks(stopped: &[StoppedTask]) -> Vec<String> {
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for task in stopped.iter().filter(|task| task.has_failed()) {
        *groups.entry(task_reason(task)).or_default() += 1;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    groups
        .into_iter()
        .map(|(reason, count)| {
            if count == 1 {
                format!("1 task stopped: {reason}")
            } else {
                format!("{count} tasks stopped: {reason}")
            }
        })
        .collect()
}

fn task_reason(task: &StoppedTask) -> String {
    let mut text = task
        .reason
        .clone()
        .or_else(|| task.stop_code.as_ref().map(ToString::to_string))
        .unwrap_or_else(|| "no reason given".to_owned());
    for (name, (exit_code, reason)) in &task.containers {
        match (exit_code, reason) {
            (Some(code), Some(reason)) => text.push_str(&format!(
                "; container `{name}` exited with {code}: {reason}"
            )),
            (Some(0), None) | (None, None) => {}
            (Some(code), None) => {
                text.push_str(&format!("; container `{name}` exited with {code}"))
            }
            (None, Some(reason)) => text.push_str(&format!("; container `{name}`: {reason}")),
        }
    }
    text
}

async fn of_targets(goal: &Goal<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let groups = goal
        .wanted
        .revision
        .load_balancer
        .iter()
        .flat_map(|balancer| &balancer.target_groups);
    for group in groups {
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for health in goal
            .ports
            .routing
            .target_health(group)
            .await
            .unwrap_or_default()
        {
            if health.state == TargetState::Unhealthy {
                let reason = match (health.reason, health.description) {
                    (Some(reason), Some(text)) => format!("{reason} ({text})"),
                    (Some(one), None) | (None, Some(one)) => one,
                    (None, None) => "no reason given".to_owned(),
                };
                *reasons.entry(reason).or_default() += 1;
            }
        }
        if reasons.is_empty() {
            continue;
        }
        let name = target_group_name(group);
        let asked = health_check(goal, group).await;
        lines.extend(reasons.into_iter().map(|(reason, count)| match count {
            1 => format!("1 target of `{name}` is unhealthy: {reason}{asked}"),
            _ => format!("{count} targets of `{name}` are unhealthy: {reason}{asked}"),
        }));
    }
    lines
}

/// What the health check asks, for the end of a line; empty when AWS does not say.
async fn health_check(goal: &Goal<'_>, group: &str) -> String {
    let arns = [group.to_owned()];
    let found = goal.ports.routing.find_target_groups(&arns).await;
    let Some(group) = found.ok().and_then(|found| found.into_iter().next()) else {
        return String::new();
    };
    let port = match group.health_check_port.as_deref() {
        None => return String::new(),
        Some("traffic-port") => "the port of the target".to_owned(),
        Some(port) => format!("port {port}"),
    };
    match group.health_check_path {
        Some(path) => format!("; its health check asks `{path}` on {port}"),
        None => format!("; its health check connects to {port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_that_say_the_same_are_counted() {
        let event = |second: i64, message: String| ServiceEvent {
            id: String::new(),
            at: Timestamp::from_second(second).unwrap(),
            message,
        };
        let unhealthy = |task: &str| {
            format!(
                "(service web) (task {task}) (port 8080) is unhealthy in (target-group web-green) due to (reason Health checks failed)."
            )
        };
        let events = [
            event(40, unhealthy("0123456789abcdef0123456789abcdef")),
            event(30, "(service web) was unable to place a task.".to_owned()),
            event(20, unhealthy("99990000999900009999000099990000")),
            event(10, unhealthy("7777777777777777777777777777777a")),
        ];
        let lines = of_events(events.iter());
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[0]
                .starts_with("Event 1970-01-01T00:00:40Z: (service web) (task 0123456789abcdef"),
            "{lines:?}"
        );
        assert!(
            lines[0].ends_with("(3 like it since 1970-01-01T00:00:10Z)"),
            "{lines:?}"
        );
        assert!(lines[1].ends_with("place a task."), "{lines:?}");
    }
}
