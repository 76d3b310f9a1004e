//! Failures that are one call's error.

use super::FailureText;
use crate::failure::access_advice;
use crate::failure::parts::AfterCall;
use crate::lost_traffic::Stray;
use crate::ports::{Error, ErrorKind};
use crate::text::target_group_name;

/// A call failed and nothing else can be tried.
pub(super) fn text(service: &str, error: &Error, after: AfterCall) -> FailureText {
    let summary = match error.kind {
        ErrorKind::Denied => "AWS does not allow this",
        ErrorKind::NotFound => "an object that it refers to does not exist",
        ErrorKind::Rejected | ErrorKind::AlreadyExists | ErrorKind::Conflict => {
            "AWS refuses the request"
        }
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => {
            "AWS does not respond"
        }
        ErrorKind::Unexpected => "AWS's response cannot be understood",
    };
    let now = match after {
        AfterCall::Begun => {
            "A change was started and may still be in progress in AWS; the previous revision serves until it succeeds."
        }
        AfterCall::NotAccepted => "AWS has not accepted the change; what was live stays live.",
        AfterCall::NotDeleted => "The service was not deleted.",
        AfterCall::NothingChanged => "Nothing was changed.",
        AfterCall::ScalingUnread => {
            "Nothing was changed: how the service is scaled now could not be read."
        }
        AfterCall::ScalingUnseen => {
            "Everything was changed as configured; the result could not be read."
        }
    };
    FailureText {
        summary: format!("Service `{service}`: {summary}"),
        now: now.to_owned(),
        why: vec![error.message.clone()],
        next: next(error, "Apply again"),
        technical: vec![technical_line(error)],
    }
}

/// What to do about `error`; `again` is how a sentence begins that says to run the same once more.
pub(super) fn next(error: &Error, again: &str) -> String {
    match error.kind {
        ErrorKind::Denied => access_advice(error),
        ErrorKind::NotFound => {
            "Create what is missing or correct the reference, then apply again.".to_owned()
        }
        ErrorKind::Rejected | ErrorKind::AlreadyExists | ErrorKind::Conflict => {
            "Correct the setting that AWS names, then apply again.".to_owned()
        }
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => {
            format!("{again} when AWS responds; the apply adopts what was started.")
        }
        ErrorKind::Unexpected => {
            "If `endpoint`, `endpoints` or a proxy is configured, check what responds there. With AWS itself, this is a \
             bug in Switchyard or a change at AWS: please report it with the technical details."
                .to_owned()
        }
    }
}

/// Production goes to a side without targets, and AWS refuses the weights that would end that, as `refused` says.
pub(super) fn not_returned(service: &str, lost: &Stray, refused: &Error) -> FailureText {
    let advice = match refused.kind {
        ErrorKind::Denied => format!(" {}", access_advice(refused)),
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Rejected
        | ErrorKind::Throttled
        | ErrorKind::Timeout
        | ErrorKind::Unavailable
        | ErrorKind::Unexpected => String::new(),
    };
    FailureText {
        summary: format!(
            "Service `{service}`: production goes to a side without targets, and AWS refuses to restore the weights"
        ),
        now: format!(
            "Critical: {}, while {} targets are in `{}`. These requests fail now. Nothing was changed.",
            lost.words()
                .unwrap_or_else(|| "production goes to target groups without targets".to_owned()),
            lost.targets,
            target_group_name(&lost.serving)
        ),
        why: vec![refused.message.clone()],
        next: format!(
            "Run this command at once, with credentials that may do it:\n\n  {}\n\nThen apply again.{advice}",
            lost.command()
        ),
        technical: vec![technical_line(refused)],
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
