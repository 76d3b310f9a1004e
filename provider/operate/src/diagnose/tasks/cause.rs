//! Why a task failed, by AWS's words.

use switchyard_engine::ports::{StopCode, StoppedTask};
use switchyard_engine::{Hopeless, hopeless_task};

/// Why a task failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::diagnose) enum TaskCause {
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
pub(in crate::diagnose) enum Pull {
    /// It does not exist, or may not be pulled.
    Refused,
    /// The registry is not reached.
    Unreachable,
    /// The registry limits pulls.
    Limited,
}

/// Everything AWS says about the end of a task, in small letters.
pub(super) fn said(task: &StoppedTask) -> String {
    let containers = task.containers.values();
    let reasons = containers.filter_map(|(_, reason)| reason.as_deref());
    let all: Vec<&str> = task.reason.as_deref().into_iter().chain(reasons).collect();
    all.join("\n").to_lowercase()
}

/// Why it failed; `None` for a task that was stopped because it was no longer wanted.
pub(in crate::diagnose) fn cause(task: &StoppedTask) -> Option<TaskCause> {
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
