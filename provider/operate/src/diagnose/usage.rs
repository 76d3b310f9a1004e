//! CPU and memory of the last hour.

use super::evidence::Evidence;
use super::issue::{Issue, IssueKind, IssueSeverity};
use super::seen::Usage;
use crate::words::percent;

/// Percent of memory near the limit.
const MEMORY: f64 = 90.0;
/// Percent of CPU, as the mean of all tasks over an hour, that leaves no room.
const CPU: f64 = 85.0;

/// What is nearly used up.
pub(super) fn usage(evidence: &Evidence, usage: &Usage) -> Vec<Issue> {
    let memory = usage.memory_most.filter(|share| *share >= MEMORY);
    let cpu = usage.cpu_mean.filter(|share| *share >= CPU);
    let resize = format!(
        "See what the tasks need: {}.",
        evidence.command("diagnose", "--rightsize")
    );
    let memory = memory.map(|share| Issue {
        kind: IssueKind::MemoryHigh,
        severity: IssueSeverity::Major,
        title: format!(
            "A task used {} of its memory in the last hour",
            percent(share)
        ),
        affects: "Tasks that exceed their limit: they are killed (exit code 137)".to_owned(),
        cause: "The tasks have too little memory for their load, or a memory leak fills it."
            .to_owned(),
        evidence: vec![format!(
            "MemoryUtilization, maximum of the last hour: {}.",
            percent(share)
        )],
        steps: vec![
            resize.clone(),
            "If it has grown since the last deployment, look for a leak.".to_owned(),
        ],
        prevention: "Set an alarm on `MemoryUtilization` at 90 %.".to_owned(),
    });
    let cpu = cpu.map(|share| Issue {
        kind: IssueKind::CpuHigh,
        severity: IssueSeverity::Major,
        title: format!("The tasks used {} of their CPU in the last hour", percent(share)),
        affects: "Latency".to_owned(),
        cause: "The load is higher than the tasks were sized for, or each request costs more than before.".to_owned(),
        evidence: vec![format!("CPUUtilization, average of the last hour: {}.", percent(share))],
        steps: vec![resize],
        prevention: "Scale on CPU with a target of 60 %.".to_owned(),
    });
    memory.into_iter().chain(cpu).collect()
}
