//! What a user reads when a dashboard cannot be made, changed or deleted.

use switchyard_engine::access_advice;
use switchyard_engine::monitoring::{DashboardCall, DashboardFailed};
use switchyard_engine::ports::{Error, ErrorKind};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Path;

use crate::called;

/// Code of a dashboard that others have.
const TAKEN: &str = "SY0297";
/// Code of a change that was not carried out.
const FAILED: &str = "SY0298";
/// Code of what CloudWatch does not understand.
const REMARKS: &str = "SY0299";

fn taken(name: &str) -> (String, String) {
    (
        format!("Dashboard `{name}` exists already"),
        format!(
            "A dashboard that is not in the state has this name, and writing it would replace that one. The apply does \
             not write it.\n\nIf it is the dashboard of this resource, import it: `terraform import ADDRESS {name}`, \
             where ADDRESS is the address of this resource. If not, set a different `name`, or delete it.\n\nCode {TAKEN}."
        ),
    )
}

/// Another dashboard has the name; it may be gone when the plan is applied.
pub(super) fn taken_at_plan(name: &str) -> Diagnostic {
    let (summary, detail) = taken(name);
    Diagnostic::warning(summary, detail).at(Path::root().attribute("name"))
}

/// What AWS remarks about a body that it took.
pub(super) fn remarks(name: &str, remarks: &[String]) -> Diagnostic {
    Diagnostic::warning(
        format!("CloudWatch does not understand all of dashboard `{name}`"),
        format!(
            "The dashboard was written, and CloudWatch shows what it understood. It reports: {}\n\nCorrect what \
             CloudWatch names, such as the statistic or a dimension of a `metric`.\n\nCode {REMARKS}.",
            remarks.join("; ")
        ),
    )
}

/// The provider does not know which region it works in.
pub(super) fn no_region() -> Diagnostic {
    Diagnostic::error(
        "The region of the metrics is not known",
        format!("Nothing was changed. Every graph of a dashboard names a region, and the provider has none.\n\nSet `region`.\n\n\
         Code {FAILED}."),
    )
    .at(Path::root().attribute("region"))
}

/// A failure in words.
pub(super) fn failed(name: &str, failed: &DashboardFailed) -> Diagnostic {
    match failed {
        DashboardFailed::Taken => {
            let (summary, detail) = taken(name);
            let detail = format!("Nothing was changed. {detail}");
            Diagnostic::error(summary, detail).at(Path::root().attribute("name"))
        }
        DashboardFailed::NotSeen => Diagnostic::error(
            format!("CloudWatch does not show dashboard `{name}` as it was written"),
            format!(
                "The dashboard was written, and a minute later CloudWatch still shows a different one, or none. Most likely \
             somebody else changes it at the same time.\n\nFind out who does, then apply again: the plan shows what \
             differs.\n\nCode {FAILED}."
            ),
        ),
        DashboardFailed::Call { doing, error } => {
            let (doing, now) = match doing {
                DashboardCall::Read => ("read", "Nothing was changed."),
                DashboardCall::Put => {
                    ("write", "As far as is known, the dashboard did not change.")
                }
                DashboardCall::ReadAgain => (
                    "read",
                    "The dashboard was written. The next apply finds it as configured.",
                ),
            };
            call(name, doing, now, error)
        }
    }
}

/// A delete that failed.
pub(super) fn not_deleted(name: &str, error: &Error) -> Diagnostic {
    call(name, "delete", "The dashboard still exists.", error)
}

fn call(name: &str, doing: &str, now: &str, error: &Error) -> Diagnostic {
    let (summary, next) = match error.kind {
        ErrorKind::Denied => (
            format!("AWS does not allow to {doing} dashboard `{name}`"),
            access_advice(error),
        ),
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => (
            format!("No response to the request to {doing} dashboard `{name}`"),
            "Apply again when AWS responds.".to_owned(),
        ),
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Rejected => (
            format!("AWS refuses to {doing} dashboard `{name}`"),
            "Correct what AWS names, then apply again.".to_owned(),
        ),
        ErrorKind::Unexpected => (
            format!(
                "AWS's response to the request to {doing} dashboard `{name}` cannot be understood"
            ),
            "Check what responds at the endpoint, then apply again.".to_owned(),
        ),
    };
    let detail = called::detail(now, error, &next);
    Diagnostic::error(summary, format!("{detail}\n\nCode {FAILED}."))
}
