//! The sentences of failures: the only place where they are made, from typed parts and from nothing else.

mod call;
mod delete;
mod early;
mod end;
mod ended;
mod given_up;
mod not_ours;
mod scaling;
mod standing;
mod undone;

use std::time::Duration;

pub(crate) use call::technical_line;

use super::parts::{Return, What};
use super::stand::Stand;
use crate::finding::Finding;

/// What a user reads about a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FailureText {
    /// One line, no full stop.
    pub(super) summary: String,
    pub(super) now: String,
    pub(super) why: Vec<String>,
    pub(super) next: String,
    pub(super) technical: Vec<String>,
}

/// The text about what has happened to `service`. Where it has left a deployment in the middle, that is told instead of
/// what is true before one.
pub(super) fn of(service: &str, what: &What, stand: Option<&Stand>) -> FailureText {
    let mut text = match what {
        What::Ended(ended) => end::text(service, ended),
        What::Early(early) => early::text(service, early),
        What::Call { error, after } => call::text(service, error, *after),
        What::TrafficNotReturned { lost, refused } => call::not_returned(service, lost, refused),
        What::RouteMissing {
            revision,
            missing: (first, others),
            finding,
        } => route_missing(service, revision.as_deref(), first, others, finding),
        What::NotDeleted {
            why,
            remains,
            error,
        } => delete::text(service, *why, *remains, error.as_ref()),
        What::Scaling(scaling) => scaling::text(service, scaling),
        What::TakenBack { gate, to, end } => taken_back(service, of(service, gate, None), to, end),
    };
    if let Some(stand) = stand {
        text.now = standing::words(stand);
        text.next.push_str(" The next apply continues from there.");
    }
    text
}

fn route_missing(
    service: &str,
    revision: Option<&str>,
    first: &str,
    others: &[String],
    finding: &Finding,
) -> FailureText {
    let runs = match revision {
        Some(revision) => format!("Revision {revision} runs"),
        None => "The service runs".to_owned(),
    };
    let mut missing = vec![first];
    missing.extend(others.iter().map(String::as_str));
    FailureText {
        summary: format!("Service `{service}` was deployed, but {first}"),
        now: format!("{runs}, and {}.", missing.join(", and ")),
        why: vec![finding.why.clone()],
        next: format!(
            "{} Then apply again; nothing else needs to be cleaned up.",
            finding.next
        ),
        technical: Vec::new(),
    }
}

/// What was live before is live again, or was to be and is not.
fn taken_back(service: &str, gate: FailureText, to: &str, end: &Return) -> FailureText {
    match end {
        Return::Done { seconds } => FailureText {
            summary: format!(
                "Service `{service}` was rolled back to {to}: a gate failed after the deployment"
            ),
            now: format!(
                "All traffic is on {to} again, as before. It was deployed again all at once, which took {seconds} s."
            ),
            next: "Read the message of the gate, correct the new revision, then apply again. Nothing needs to be \
                   cleaned up."
                .to_owned(),
            ..gate
        },
        Return::Failed { why } => {
            let cause =
                format!("{to}, which was live before, could not be deployed again: {why}.");
            FailureText {
                summary: format!(
                    "Service `{service}` failed a gate after the deployment, and did not go back to {to}"
                ),
                why: gate.why.into_iter().chain([cause]).collect(),
                next: format!(
                    "Look at the service: `switchyard status {service}`. Then run `switchyard rollback {service}`, or \
                     apply again: the gates run once more, and it goes back if they fail."
                ),
                ..gate
            }
        }
    }
}

/// The sentence about a time limit that passed.
fn limit_passed(limit: Duration) -> String {
    match limit.as_secs() {
        seconds @ 0..120 => format!("The time limit of {seconds} seconds passed."),
        seconds => format!("The time limit of {} minutes passed.", seconds / 60),
    }
}
