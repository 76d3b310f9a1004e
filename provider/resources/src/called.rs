//! Calls that failed, told in one form: what is true now, what AWS said, what to do next, the technical details.

use switchyard_engine::access_advice;
use switchyard_engine::ports::{Error, ErrorKind};
use tfplugin::diagnostic::Diagnostic;

/// Code of a value that breaks a rule of the schema.
pub(crate) const INVALID: &str = "SY0034";

/// Code of a refresh that could not read its object.
const NOT_READ: &str = "SY0240";

/// The text of a message about a failed call.
pub(crate) fn detail(now: &str, error: &Error, next: &str) -> String {
    let mut text = format!(
        "{now}\n\n{}\n\n{next}\n\nTechnical details: {} on {}",
        error.message, error.operation, error.target
    );
    if !error.code.is_empty() {
        text.push_str(&format!(", code {}", error.code));
    }
    if let Some(id) = &error.request_id {
        text.push_str(&format!(", request id {id}"));
    }
    text
}

/// A refresh that could not read its object; `what` begins the sentence.
pub(crate) fn unreadable(what: &str, error: &Error) -> Diagnostic {
    let next = match error.kind {
        ErrorKind::Denied => access_advice(error),
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => {
            "Run the command again.".to_owned()
        }
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Rejected
        | ErrorKind::Unexpected => {
            "Read the technical details; nothing needs to be cleaned up.".to_owned()
        }
    };
    Diagnostic::error(
        format!("{what} cannot be read"),
        format!(
            "{}\n\nCode {NOT_READ}.",
            detail("The state did not change.", error, &next)
        ),
    )
}
