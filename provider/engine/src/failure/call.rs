//! Failures that are one call's error.

use super::{Failure, FailureKind, access_advice};
use crate::lost_traffic::Stray;
use crate::ports::{Error, ErrorKind, ServiceRef};
use crate::text::target_group_name;

/// A call failed and nothing else can be tried. `effect` says what the call may have changed.
pub(crate) fn call_failed(service: &ServiceRef, error: &Error, now: String) -> Failure {
    let (kind, summary, next) = match error.kind {
        ErrorKind::Denied => (
            FailureKind::Denied,
            "AWS does not allow this",
            access_advice(error),
        ),
        ErrorKind::NotFound => (
            FailureKind::NotFound,
            "an object that it refers to does not exist",
            "Create what is missing or correct the reference, then apply again.".to_owned(),
        ),
        ErrorKind::Rejected | ErrorKind::AlreadyExists | ErrorKind::Conflict => (
            FailureKind::Rejected,
            "AWS refuses the request",
            "Correct the setting that AWS names, then apply again.".to_owned(),
        ),
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => (
            FailureKind::Unavailable,
            "AWS does not respond",
            "Apply again when AWS responds; the apply adopts what was started.".to_owned(),
        ),
        ErrorKind::Unexpected => (
            FailureKind::Unexpected,
            "AWS's response cannot be understood",
            "If `endpoint`, `endpoints` or a proxy is configured, check what responds there. With AWS itself, this \
             is a bug in Switchyard or a change at AWS: please report it with the technical details."
                .to_owned(),
        ),
    };
    Failure {
        kind,
        summary: format!("Service `{}`: {summary}", service.name),
        now,
        why: vec![error.message.clone()],
        next,
        technical: vec![technical_line(error)],
    }
}

/// Production goes to a side without targets, and AWS refuses the weights that would end that, as `refused` says.
pub(crate) fn traffic_not_returned(
    service: &ServiceRef,
    lost: &Stray,
    refused: &Failure,
) -> Failure {
    let advice = if refused.kind == FailureKind::Denied {
        format!(" {}", refused.next)
    } else {
        String::new()
    };
    Failure {
        kind: FailureKind::TrafficNotReturned,
        summary: format!(
            "Service `{}`: production goes to a side without targets, and AWS refuses to restore the weights",
            service.name
        ),
        now: format!(
            "Critical: {}, while {} targets are in `{}`. These requests fail now. Nothing was changed.",
            lost.words()
                .unwrap_or_else(|| "production goes to target groups without targets".to_owned()),
            lost.targets,
            target_group_name(&lost.serving)
        ),
        why: refused.why.clone(),
        next: format!(
            "Run this command at once, with credentials that may do it:\n\n  {}\n\nThen apply again.{advice}",
            lost.command()
        ),
        technical: refused.technical.clone(),
    }
}

/// One line for the technical tail.
pub(crate) fn technical_line(error: &Error) -> String {
    let mut line = format!("{} on {}", error.operation, error.target);
    if !error.code.is_empty() {
        line.push_str(&format!(", code {}", error.code));
    }
    if let Some(id) = &error.request_id {
        line.push_str(&format!(", request id {id}"));
    }
    line
}
