//! What a user reads when scaling could not be changed.

use super::LiveScaling;
use crate::failure::{Failure, FailureKind, call_failed};
use crate::finding::Finding;
use crate::ports::{Error, ErrorKind, ServiceRef};

/// How far an apply or a delete came.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// What was done, in words.
    pub(super) done: Vec<String>,
    /// What was not done; the first one is what failed.
    pub(super) left: Vec<String>,
}

/// Reading failed before anything was changed.
pub(super) fn unread(service: &ServiceRef, error: &Error) -> Box<Failure> {
    let now = "Nothing was changed: how the service is scaled now could not be read.".to_owned();
    Box::new(call_failed(service, error, now))
}

/// Everything was done, and what there is now could not be read.
pub(super) fn unseen(service: &ServiceRef, error: &Error) -> Box<Failure> {
    let now = "Everything was changed as configured; the result could not be read.".to_owned();
    Box::new(call_failed(service, error, now))
}

/// The same, in the words of a destroy.
pub(super) fn of_delete(mut failure: Failure) -> Failure {
    failure.summary = failure
        .summary
        .replace("is incomplete", "is not deleted yet");
    failure.next = failure
        .next
        .replace("Apply again", "Destroy again")
        .replace("apply again", "destroy again");
    failure
}

/// There is no service.
pub(super) fn no_service(service: &ServiceRef, error: &Error) -> Failure {
    Failure {
        kind: FailureKind::ScalingServiceMissing,
        summary: format!(
            "Service `{}` cannot be scaled: it does not exist",
            service.name
        ),
        now: format!(
            "Cluster `{}` has no active service `{}`. Nothing was changed.",
            service.cluster_name(),
            service.name
        ),
        why: vec![error.message.clone()],
        next: "Create the service first: make this resource depend on that of the service, or correct `cluster` and \
               `service`. Then apply again."
            .to_owned(),
        technical: vec![crate::failure::technical_line(error)],
    }
}

/// Something is in the way that we must not overwrite.
pub(super) fn not_ours(service: &ServiceRef, finding: &Finding) -> Box<Failure> {
    Box::new(Failure {
        kind: FailureKind::ScalingNotOurs,
        summary: format!(
            "Scaling of service `{}` was not changed: an existing object is not in the state",
            service.name
        ),
        now: format!("{} Nothing was changed.", finding.now),
        why: vec![finding.why.clone()],
        next: finding.next.clone(),
        technical: vec![format!("rule {}", finding.rule)],
    })
}

/// A step failed. `live` is what there is after it.
pub(super) fn step_failed(
    service: &ServiceRef,
    error: &Error,
    progress: &Progress,
    live: Option<&LiveScaling>,
) -> Failure {
    let mut failure = call_failed(service, error, now(progress, live));
    let step = progress.left.first().map_or("the change", String::as_str);
    failure.summary = match error.kind {
        ErrorKind::Denied => format!(
            "Scaling of service `{}` is incomplete: AWS does not allow to {step}",
            service.name
        ),
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => format!(
            "Scaling of service `{}` is incomplete: no response to the request to {step}",
            service.name
        ),
        ErrorKind::NotFound
        | ErrorKind::Rejected
        | ErrorKind::AlreadyExists
        | ErrorKind::Conflict => {
            failure.kind = FailureKind::ScalingRefused;
            failure.next =
                "Correct what AWS names, then apply again: the apply continues with what is left."
                    .to_owned();
            format!(
                "Scaling of service `{}` is incomplete: AWS refuses to {step}",
                service.name
            )
        }
        ErrorKind::Unexpected => format!(
            "Scaling of service `{}` is incomplete: AWS's response cannot be understood",
            service.name
        ),
    };
    failure.why = vec![format!("AWS says: \"{}\"", error.message.trim())];
    failure
}

/// Neither the old policy nor the new one is there.
pub(super) fn policy_lost(failure: Failure, old: &str, name: &str, back: &Error) -> Failure {
    let mut why = failure.why;
    why.push(format!(
        "Policy `{old}` was deleted to replace it with `{name}`, because AWS accepts one policy per metric. \
         Restoring it failed as well: \"{}\"",
        back.message.trim()
    ));
    let mut technical = failure.technical;
    technical.push(crate::failure::technical_line(back));
    Failure {
        kind: FailureKind::ScalingPolicyLost,
        summary: format!(
            "{}; neither `{old}` nor `{name}` scales the service now",
            failure.summary
        ),
        now: format!(
            "No policy follows the metric of `{old}`. The service keeps its tasks. {}",
            failure.now
        ),
        why,
        next: format!(
            "Apply again soon, so that the service is scaled. {}",
            failure.next
        ),
        technical,
    }
}

fn now(progress: &Progress, live: Option<&LiveScaling>) -> String {
    let mut text = match live {
        None => "The current scaling could not be read, or there is no scalable target.".to_owned(),
        Some(live) => state(live),
    };
    if !progress.done.is_empty() {
        text.push_str(&format!("\nDone: {}.", progress.done.join(", ")));
    }
    if !progress.left.is_empty() {
        text.push_str(&format!("\nNot done: {}.", progress.left.join(", ")));
    }
    text
}

fn state(live: &LiveScaling) -> String {
    let bounds = live.target.bounds;
    let names: Vec<String> = live
        .policies
        .iter()
        .map(|policy| format!("`{}`", policy.name))
        .collect();
    let by = match names.as_slice() {
        [] => "no policy scales it".to_owned(),
        [name] => format!("policy {name} scales it"),
        names => format!("policies {} scale it", names.join(", ")),
    };
    format!(
        "The service has {} to {} tasks, and {by}.",
        bounds.min, bounds.max
    )
}
