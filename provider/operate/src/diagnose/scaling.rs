//! Automatic scaling that is suspended, has no room, or fails.

use jiff::SignedDuration;
use switchyard_engine::ports::{ActivityStatus, ScalingActivity};

use super::evidence::{Evidence, ScalingSeen};
use super::issue::{Issue, IssueKind, IssueSeverity};
use crate::words::{between, to_second};

/// Activities that are looked at.
const RECENT: SignedDuration = SignedDuration::from_hours(3);

/// What of it is wrong.
pub(super) fn scaling(evidence: &Evidence, seen: &ScalingSeen) -> Vec<Issue> {
    let found = [
        suspended(evidence, seen),
        fixed(evidence, seen),
        at_maximum(evidence, seen),
        failed(evidence, seen),
    ];
    found.into_iter().flatten().collect()
}

fn bounds(seen: &ScalingSeen) -> String {
    let bounds = seen.target.bounds;
    format!(
        "The scalable target allows {} to {} tasks.",
        bounds.min, bounds.max
    )
}

fn suspended(evidence: &Evidence, seen: &ScalingSeen) -> Option<Issue> {
    let state = seen.target.suspended;
    let all = [
        (state.scale_in, "scaling in"),
        (state.scale_out, "scaling out"),
        (state.scheduled, "scheduled scaling"),
    ];
    let words: Vec<&str> = all
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| *word)
        .collect();
    // A deployment may have suspended it, and resumes it.
    (!words.is_empty() && !evidence.is_deploying()).then(|| Issue {
        kind: IssueKind::ScalingSuspended,
        severity: match state.scale_out {
            true => IssueSeverity::Major,
            false => IssueSeverity::Minor,
        },
        title: format!("Automatic scaling is suspended: {}", words.join(", ")),
        affects: "The number of tasks: it does not follow the load".to_owned(),
        cause: "Somebody suspended it, or an apply that suspends scaling during a deployment was interrupted.".to_owned(),
        evidence: vec![bounds(seen)],
        steps: vec![
            "Run `terraform apply`: it resumes what an apply has suspended.".to_owned(),
            format!(
                "Or resume it now: `aws application-autoscaling register-scalable-target --service-namespace ecs \
                 --scalable-dimension ecs:service:DesiredCount --resource-id service/{}/{} --suspended-state \
                 DynamicScalingInSuspended=false,DynamicScalingOutSuspended=false,ScheduledScalingSuspended=false`.",
                evidence.view.cluster, evidence.view.service
            ),
        ],
        prevention: "Give jobs that apply enough time to end after an interrupt.".to_owned(),
    })
}

fn fixed(evidence: &Evidence, seen: &ScalingSeen) -> Option<Issue> {
    let bounds = seen.target.bounds;
    (bounds.min == bounds.max && seen.policies > 0).then(|| Issue {
        kind: IssueKind::ScalingFixed,
        severity: IssueSeverity::Minor,
        title: format!(
            "Automatic scaling has no room: minimum and maximum are both {}",
            bounds.min
        ),
        affects: "The number of tasks: policies exist and can change nothing".to_owned(),
        cause: "Both bounds of the scalable target are the same.".to_owned(),
        evidence: vec![
            self::bounds(seen),
            format!("{} scaling policies exist.", seen.policies),
        ],
        steps: vec![format!(
            "Raise `max_capacity` in the configuration; {} shows what the service needs.",
            evidence.command("diagnose", "--rightsize")
        )],
        prevention: "Leave twice the usual number of tasks between the bounds.".to_owned(),
    })
}

fn recent<'s>(evidence: &Evidence, seen: &'s ScalingSeen) -> Vec<&'s ScalingActivity> {
    let activities = seen.activities.iter();
    activities
        .filter(|activity| evidence.now.duration_since(activity.started) <= RECENT)
        .collect()
}

fn at_maximum(evidence: &Evidence, seen: &ScalingSeen) -> Option<Issue> {
    let is_full = |activity: &&ScalingActivity| {
        let mut reasons = activity.not_scaled.iter();
        reasons.any(|reason| reason.code == "AlreadyAtMaxCapacity")
    };
    let recent = recent(evidence, seen);
    let full: Vec<&&ScalingActivity> = recent.iter().filter(|activity| is_full(activity)).collect();
    let (newest, oldest) = (full.first()?, full.last()?);
    (evidence.view.tasks.desired >= seen.target.bounds.max).then(|| Issue {
        kind: IssueKind::ScalingAtMaximum,
        severity: IssueSeverity::Major,
        title: format!(
            "The service has been at its maximum of {} tasks for {} and wants more",
            seen.target.bounds.max,
            between(oldest.started, evidence.now)
        ),
        affects: "Latency and errors under this load".to_owned(),
        cause: "The load is higher than the upper bound of the scalable target allows for, or each task does less than \
                usual."
            .to_owned(),
        evidence: vec![
            bounds(seen),
            format!(
                "AWS did not scale {} times since {}: AlreadyAtMaxCapacity. {}",
                full.len(),
                to_second(oldest.started),
                newest.cause
            ),
        ],
        steps: vec![
            "Raise `max_capacity` in the configuration and run `terraform apply`.".to_owned(),
            format!("Check that the tasks are as fast as before: {}.", evidence.command("diagnose", "")),
        ],
        prevention: "Set an alarm on the number of running tasks at 80 % of the maximum.".to_owned(),
    })
}

fn failed(evidence: &Evidence, seen: &ScalingSeen) -> Option<Issue> {
    let recent = recent(evidence, seen);
    let failed = recent.iter().find(|activity| match activity.status {
        ActivityStatus::Failed | ActivityStatus::Unfulfilled => activity.not_scaled.is_empty(),
        ActivityStatus::Pending
        | ActivityStatus::InProgress
        | ActivityStatus::Successful
        | ActivityStatus::Overridden
        | ActivityStatus::Unknown(_) => false,
    })?;
    Some(Issue {
        kind: IssueKind::ScalingFailed,
        severity: IssueSeverity::Major,
        title: "Automatic scaling failed".to_owned(),
        affects: "The number of tasks".to_owned(),
        cause: failed
            .message
            .clone()
            .unwrap_or_else(|| "AWS gives no reason.".to_owned()),
        evidence: vec![format!(
            "{} at {}: {}",
            failed.status.word(),
            to_second(failed.started),
            failed.description
        )],
        steps: vec![format!(
            "See whether tasks can be placed: {}.",
            evidence.command("tasks", "")
        )],
        prevention:
            "Leave room for the maximum of tasks: capacity, addresses in the subnets, quotas."
                .to_owned(),
    })
}
