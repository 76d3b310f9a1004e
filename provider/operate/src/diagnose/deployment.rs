//! Deployments that wait, do not get on, or have failed.

use jiff::SignedDuration;

use super::evidence::Evidence;
use super::issue::{Issue, IssueKind, IssueSeverity};
use crate::view::{DeploymentView, WaitView};
use crate::words::{between, short, to_second};

/// A deployment that takes longer until its tasks are healthy is called stuck.
const SCALE_UP: SignedDuration = SignedDuration::from_mins(15);
/// A function that has not answered for so long is called stuck.
const FUNCTION: SignedDuration = SignedDuration::from_mins(10);
/// A pause that ends sooner is urgent.
const URGENT: SignedDuration = SignedDuration::from_mins(15);

/// Everything about the deployment in progress, or else about the last one.
pub(super) fn deployment(evidence: &Evidence) -> Vec<Issue> {
    let mut issues = match &evidence.view.deployment {
        Some(deployment) => in_progress(evidence, deployment),
        None => last(evidence).into_iter().collect(),
    };
    issues.extend(unfinished(evidence));
    issues
}

fn in_progress(evidence: &Evidence, deployment: &DeploymentView) -> Vec<Issue> {
    if deployment.rolling_back {
        return vec![rolling_back(evidence, deployment)];
    }
    match &deployment.waits_for {
        Some(wait) => vec![paused(evidence, deployment, wait)],
        None => stuck(evidence, deployment).into_iter().collect(),
    }
}

fn to(deployment: &DeploymentView) -> &str {
    deployment.to.as_deref().unwrap_or("another revision")
}

fn paused(evidence: &Evidence, deployment: &DeploymentView, wait: &WaitView) -> Issue {
    let left = wait.until.map(|until| until.duration_since(evidence.now));
    let then = match wait.then.as_deref() {
        Some("continue") => "continues",
        Some(_) | None => "rolls back",
    };
    let end = wait.until.map(|until| {
        format!(
            "ECS {then} at {} ({} left).",
            to_second(until),
            between(evidence.now, until)
        )
    });
    Issue {
        kind: IssueKind::DeploymentPaused,
        severity: match left {
            Some(left) if left < URGENT => IssueSeverity::Major,
            Some(_) | None => IssueSeverity::Minor,
        },
        title: format!(
            "The deployment to {} waits until somebody continues it",
            to(deployment)
        ),
        affects: "The deployment; traffic stays where it is".to_owned(),
        cause: "A pause is part of the deployment's lifecycle hooks or steps.".to_owned(),
        evidence: lines([Some(status_line(evidence, deployment)), end]),
        steps: vec![
            format!("Check the new revision: {}.", evidence.command("status", "")),
            format!("Continue it: {}.", evidence.command("approve", "")),
            format!("Or roll it back: {}.", evidence.command("reject", "")),
        ],
        prevention: "Tell whoever approves when a deployment pauses, and set a timeout that fits their working hours."
            .to_owned(),
    }
}

fn status_line(evidence: &Evidence, deployment: &DeploymentView) -> String {
    let mut line = format!("Status {}", deployment.status);
    if let Some(stage) = &deployment.stage {
        line.push_str(&format!(" at {stage}"));
    }
    if let Some(at) = deployment.started_at {
        line.push_str(&format!(
            ", since {} ({})",
            to_second(at),
            between(at, evidence.now)
        ));
    }
    line + "."
}

/// What ECS's circuit breaker has counted.
fn failed_tasks(evidence: &Evidence) -> Option<String> {
    let found = evidence.deployment.seen()?;
    match (found.breaker_triggered(), found.failed_tasks) {
        (false, 0) => None,
        (true, count) => Some(format!(
            "The circuit breaker triggered after {count} failed tasks."
        )),
        (false, count) => Some(format!("ECS has counted {count} failed tasks.")),
    }
}

fn rolling_back(evidence: &Evidence, deployment: &DeploymentView) -> Issue {
    let alarms = evidence.deployment.seen().and_then(|found| {
        let names = found.triggered_alarms.join("`, `");
        (!names.is_empty()).then(|| format!("Alarms that triggered: `{names}`."))
    });
    Issue {
        kind: IssueKind::DeploymentRollingBack,
        severity: IssueSeverity::Major,
        title: format!("The deployment to {} is being rolled back", to(deployment)),
        affects: "The new revision: traffic returns to the revision before".to_owned(),
        cause: deployment
            .reason
            .clone()
            .unwrap_or_else(|| "AWS gives no reason.".to_owned()),
        evidence: lines([
            Some(status_line(evidence, deployment)),
            failed_tasks(evidence),
            alarms,
        ]),
        steps: vec![
            format!("Wait for its end: {}.", evidence.command("watch", "")),
            format!("See why tasks stopped: {}.", evidence.command("tasks", "")),
        ],
        prevention:
            "Check the new revision behind a test listener, and with gates, before it gets traffic."
                .to_owned(),
    }
}

/// It does not get on: tasks do not become healthy, or a function does not answer.
fn stuck(evidence: &Evidence, deployment: &DeploymentView) -> Option<Issue> {
    let since = deployment.started_at?;
    let age = evidence.now.duration_since(since);
    let is_starting = match deployment.stage.as_deref() {
        None | Some("RECONCILE_SERVICE" | "PRE_SCALE_UP" | "SCALE_UP") => true,
        Some(_) => false,
    };
    let (waits, cause, step) = if !deployment.functions.is_empty() && age > FUNCTION {
        (
            "for a lifecycle hook",
            format!(
                "The function `{}` has not answered.",
                deployment.functions.join("`, `")
            ),
            "Read the logs of the function, and correct it.".to_owned(),
        )
    } else if is_starting && age > SCALE_UP {
        (
            "for healthy tasks",
            "The tasks of the new revision do not start, or do not become healthy.".to_owned(),
            format!("See why tasks stopped: {}.", evidence.command("tasks", "")),
        )
    } else {
        return None;
    };
    Some(Issue {
        kind: IssueKind::DeploymentStuck,
        severity: IssueSeverity::Major,
        title: format!(
            "The deployment to {} has waited {waits} for {}",
            to(deployment),
            between(since, evidence.now)
        ),
        affects: "The deployment: the new revision gets no more traffic until it continues".to_owned(),
        cause,
        evidence: lines([Some(status_line(evidence, deployment)), failed_tasks(evidence)]),
        steps: lines([Some(step), evidence.way_back()]),
        prevention: "Enable the deployment circuit breaker with rollback, so that ECS ends such a deployment by itself."
            .to_owned(),
    })
}

/// The last deployment, if it did not succeed.
fn last(evidence: &Evidence) -> Option<Issue> {
    let last = evidence.view.last_deployment.as_ref();
    let last = last.filter(|last| !last.succeeded)?;
    let to = last.to.as_deref().unwrap_or("another revision");
    let live = evidence
        .view
        .live_revision()
        .unwrap_or("an earlier revision");
    let at = last
        .finished_at
        .map(|at| format!("Status {} at {}.", last.status, to_second(at)));
    Some(Issue {
        kind: IssueKind::DeploymentFailed,
        severity: IssueSeverity::Minor,
        title: format!("The last deployment, to {to}, did not succeed"),
        affects: format!("The change: {live} is live"),
        cause: last
            .reason
            .clone()
            .unwrap_or_else(|| "AWS gives no reason.".to_owned()),
        evidence: lines([at, Some(format!("Deployment {}.", short(&last.id)))]),
        steps: vec![
            format!("See why tasks stopped: {}.", evidence.command("tasks", "")),
            "Correct the revision, then run `terraform apply` again.".to_owned(),
        ],
        prevention: "Deploy the same image to a test environment first.".to_owned(),
    })
}

/// What an interrupted apply has left.
fn unfinished(evidence: &Evidence) -> Option<Issue> {
    // Scaling has a check of its own, and the deployment in progress is told above.
    let left: Vec<&String> = evidence
        .view
        .unfinished
        .iter()
        .filter(|clause| !clause.contains("scaling"))
        .collect();
    (!left.is_empty() && !evidence.is_deploying()).then(|| Issue {
        kind: IssueKind::Unfinished,
        severity: IssueSeverity::Minor,
        title: "Something has begun and has not ended".to_owned(),
        affects: "The next apply, which finishes it".to_owned(),
        cause: "An apply or a command was interrupted.".to_owned(),
        evidence: left.into_iter().cloned().collect(),
        steps: vec!["Run `terraform apply`: it finishes what was begun.".to_owned()],
        prevention: "Give jobs that apply enough time, and let them end after an interrupt."
            .to_owned(),
    })
}

/// Those that are there.
pub(super) fn lines<const N: usize>(lines: [Option<String>; N]) -> Vec<String> {
    lines.into_iter().flatten().collect()
}
