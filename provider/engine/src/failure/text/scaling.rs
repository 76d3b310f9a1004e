//! What a user reads when scaling could not be changed.

use super::{FailureText, call, technical_line};
use crate::failure::parts::{LostPolicy, Progress, Scaled, ScalingFailure, ScalingRun};
use crate::finding::Finding;
use crate::ports::{Error, ErrorKind};

pub(super) fn text(service: &str, failure: &ScalingFailure) -> FailureText {
    match failure {
        ScalingFailure::NoService { cluster, error } => no_service(service, cluster, error),
        ScalingFailure::NotOurs(finding) => not_ours(service, finding),
        ScalingFailure::Step {
            error,
            run,
            progress,
            scaled,
            lost,
        } => {
            let text = step_failed(service, error, *run, progress, scaled.as_ref());
            match lost {
                Some(lost) => policy_lost(text, lost),
                None => text,
            }
        }
    }
}

fn no_service(service: &str, cluster: &str, error: &Error) -> FailureText {
    FailureText {
        summary: format!("Service `{service}` cannot be scaled: it does not exist"),
        now: format!("Cluster `{cluster}` has no active service `{service}`. Nothing was changed."),
        why: vec![error.message.clone()],
        next: "Create the service first: make this resource depend on that of the service, or correct `cluster` and \
               `service`. Then apply again."
            .to_owned(),
        technical: vec![technical_line(error)],
    }
}

fn not_ours(service: &str, finding: &Finding) -> FailureText {
    FailureText {
        summary: format!(
            "Scaling of service `{service}` was not changed: an existing object is not in the state"
        ),
        now: format!("{} Nothing was changed.", finding.now),
        why: vec![finding.why.clone()],
        next: finding.next.clone(),
        technical: vec![format!("rule {}", finding.rule)],
    }
}

fn step_failed(
    service: &str,
    error: &Error,
    run: ScalingRun,
    progress: &Progress,
    scaled: Option<&Scaled>,
) -> FailureText {
    let step = progress.left.first().map_or("the change", String::as_str);
    let (incomplete, again, begin_again) = match run {
        ScalingRun::Apply => ("is incomplete", "apply again", "Apply again"),
        ScalingRun::Destroy => ("is not deleted yet", "destroy again", "Destroy again"),
    };
    let (what, next) = match error.kind {
        ErrorKind::Denied => (
            format!("AWS does not allow to {step}"),
            call::next(error, begin_again),
        ),
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => (
            format!("no response to the request to {step}"),
            call::next(error, begin_again),
        ),
        ErrorKind::NotFound
        | ErrorKind::Rejected
        | ErrorKind::AlreadyExists
        | ErrorKind::Conflict => (
            format!("AWS refuses to {step}"),
            format!("Correct what AWS names, then {again}: the apply continues with what is left."),
        ),
        ErrorKind::Unexpected => (
            "AWS's response cannot be understood".to_owned(),
            call::next(error, begin_again),
        ),
    };
    FailureText {
        summary: format!("Scaling of service `{service}` {incomplete}: {what}"),
        now: now(progress, scaled),
        why: vec![format!("AWS says: \"{}\"", error.message.trim())],
        next,
        technical: vec![technical_line(error)],
    }
}

/// Neither the old policy nor the new one is there.
fn policy_lost(text: FailureText, lost: &LostPolicy) -> FailureText {
    let LostPolicy { old, new, back } = lost;
    let mut why = text.why;
    why.push(format!(
        "Policy `{old}` was deleted to replace it with `{new}`, because AWS accepts one policy per metric. \
         Restoring it failed as well: \"{}\"",
        back.message.trim()
    ));
    let mut technical = text.technical;
    technical.push(technical_line(back));
    FailureText {
        summary: format!(
            "{}; neither `{old}` nor `{new}` scales the service now",
            text.summary
        ),
        now: format!(
            "No policy follows the metric of `{old}`. The service keeps its tasks. {}",
            text.now
        ),
        why,
        next: format!(
            "Apply again soon, so that the service is scaled. {}",
            text.next
        ),
        technical,
    }
}

fn now(progress: &Progress, scaled: Option<&Scaled>) -> String {
    let mut text = match scaled {
        None => "The current scaling could not be read, or there is no scalable target.".to_owned(),
        Some(scaled) => state(scaled),
    };
    if !progress.done.is_empty() {
        text.push_str(&format!("\nDone: {}.", progress.done.join(", ")));
    }
    if !progress.left.is_empty() {
        text.push_str(&format!("\nNot done: {}.", progress.left.join(", ")));
    }
    text
}

fn state(scaled: &Scaled) -> String {
    let policies = scaled.policies.iter();
    let names: Vec<String> = policies.map(|name| format!("`{name}`")).collect();
    let by = match names.as_slice() {
        [] => "no policy scales it".to_owned(),
        [name] => format!("policy {name} scales it"),
        names => format!("policies {} scale it", names.join(", ")),
    };
    format!(
        "The service has {} to {} tasks, and {by}.",
        scaled.min, scaled.max
    )
}
