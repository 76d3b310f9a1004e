//! What a user reads when alarms cannot be made, changed or deleted.

use switchyard_engine::access_advice;
use switchyard_engine::monitoring::{AlarmCall, AlarmsFailed};
use switchyard_engine::ports::{Error, ErrorKind};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Path;

use super::model::Model;
use crate::called;

/// Code of alarms that others have.
const TAKEN: &str = "SY0293";
/// Code of a change that was not carried out whole.
const FAILED: &str = "SY0296";

/// Other alarms have the names; they may be gone when the plan is applied.
pub(super) fn taken_at_plan(planned: &Model, names: &[String]) -> Diagnostic {
    let (summary, detail) = taken(planned, names);
    Diagnostic::warning(summary, detail).at(Path::root().attribute("name"))
}

fn taken(model: &Model, names: &[String]) -> (String, String) {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let summary = match quoted.as_slice() {
        [one] => format!("Alarm {one} exists already"),
        many => format!("{} alarms with names of this set exist already", many.len()),
    };
    let id = model
        .id
        .known()
        .map_or("CLUSTER/SERVICE/NAME", String::as_str);
    let detail = format!(
        "CloudWatch tells alarms apart by name, and writing one of these would replace an alarm that is not in the \
         state: {}. The apply does not write any of them.\n\nIf they are the alarms of this set, import it: `terraform \
         import ADDRESS '{id}'`, where ADDRESS is the address of this resource. If not, set a different `name`, or \
         delete them.\n\nCode {TAKEN}.",
        quoted.join(", ")
    );
    (summary, detail)
}

/// A failure in words.
pub(super) fn failed(failed: &AlarmsFailed, model: &Model) -> Diagnostic {
    let name = model.name.known().map_or("", String::as_str);
    match failed {
        AlarmsFailed::Taken(names) => {
            let (summary, detail) = taken(model, names);
            let detail = format!("Nothing was changed. {detail}");
            Diagnostic::error(summary, detail).at(Path::root().attribute("name"))
        }
        AlarmsFailed::NotSeen(names) => Diagnostic::error(
            format!("CloudWatch does not show the alarms of set `{name}` as they were written"),
            format!(
                "Every alarm was written, and a minute later CloudWatch still shows other settings, or nothing, for: \
                 {}. Most likely somebody else changes them at the same time.\n\nFind out who does, then apply again: \
                 the plan shows what differs.\n\nCode {FAILED}.",
                names.join(", ")
            ),
        ),
        AlarmsFailed::Call { doing, error } => call(name, *doing, error),
    }
}

fn call(name: &str, doing: AlarmCall, error: &Error) -> Diagnostic {
    let (doing, now) = match doing {
        AlarmCall::Read => (
            "read the alarms",
            "Alarms that were written stay; the others did not change.",
        ),
        AlarmCall::Put => (
            "write an alarm",
            "Alarms that were written before it stay; the others did not change.",
        ),
        AlarmCall::Delete => (
            "delete alarms",
            "Alarms that were not deleted still fire and call their topics.",
        ),
        AlarmCall::Tag => (
            "change the tags of an alarm",
            "All alarms were written; some still have the tags that they had.",
        ),
    };
    let (summary, next) = match error.kind {
        ErrorKind::Denied => (
            format!("AWS does not allow to {doing} of set `{name}`"),
            access_advice(error),
        ),
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => (
            format!("No response to the request to {doing} of set `{name}`"),
            "Apply again when AWS responds.".to_owned(),
        ),
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Rejected => (
            format!("AWS refuses to {doing} of set `{name}`"),
            "Correct what AWS names, then apply again.".to_owned(),
        ),
        ErrorKind::Unexpected => (
            format!(
                "AWS's response to the request to {doing} of set `{name}` cannot be understood"
            ),
            "Check what responds at the endpoint, then apply again.".to_owned(),
        ),
    };
    let detail = called::detail(now, error, &next);
    Diagnostic::error(summary, format!("{detail}\n\nCode {FAILED}."))
}
