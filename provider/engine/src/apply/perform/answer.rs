//! What an answer of AWS means for a step.

use jiff::{SignedDuration, Timestamp};

use crate::failure::{AfterCall, Early, Failure, What};
use crate::goal::Goal;
use crate::ports::{Error, ErrorKind};

/// How carrying a step out ended.
#[derive(Debug)]
pub(crate) enum Performed {
    /// AWS has confirmed it.
    Done { started: Option<String> },
    /// It can never work.
    Failed(Box<Failure>),
    /// AWS has certainly not done it; worth another try.
    NotYet(Error),
    /// AWS will not do it, and the rollout can do without; `None` when there was nothing to do.
    Refused(Option<Error>),
    /// AWS will not stop the rollout.
    StopRefused(Error),
    /// No answer: it may have taken effect.
    Unsure(Error),
    /// The service, or what the step is about, is not there any more: nothing was called.
    Gone,
}

/// Seconds that AWS's own parts get to learn of each other right after they were made.
const SETTLES_WITHIN_SECONDS: i64 = 180;

pub(super) fn failed(goal: &Goal<'_>, what: What) -> Performed {
    let service = goal.wanted.service.name.as_str();
    Performed::Failed(Box::new(Failure::new(service, what)))
}

/// A step that the controller does not have: nothing was called.
pub(super) fn impossible(goal: &Goal<'_>, step: &'static str) -> Performed {
    failed(goal, What::Early(Early::NoSuchStep { step }))
}

/// Production goes to the live side again. What AWS refuses is left to a person, with the command to run.
/// How suspending or resuming ended. Errors that pass are asked again by the decision.
pub(super) fn scaling_answer(answer: Result<bool, Error>) -> Performed {
    match answer {
        Ok(true) => Performed::Done { started: None },
        Ok(false) => Performed::Refused(None),
        Err(error) if error.kind.is_transient() => Performed::Unsure(error),
        Err(error) => Performed::Refused(Some(error)),
    }
}

/// One that waits no more has gone on, or ended: the next observation shows which.
pub(super) fn continue_answer(
    goal: &Goal<'_>,
    continued: Result<(), Error>,
    refused_since: Option<Timestamp>,
) -> Performed {
    match continued {
        Err(error)
            if matches!(
                error.kind,
                ErrorKind::Rejected
                    | ErrorKind::NotFound
                    | ErrorKind::Conflict
                    | ErrorKind::AlreadyExists
            ) =>
        {
            Performed::Unsure(error)
        }
        answer => classify(goal, answer.map(|()| None), refused_since),
    }
}

/// A rollout that ended in the same moment cannot be stopped, which the next observation shows.
pub(super) fn stop_answer(stopped: Result<(), Error>) -> Performed {
    match stopped {
        Ok(()) => Performed::Done { started: None },
        Err(error) => match error.kind {
            ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::AlreadyExists => {
                Performed::Done { started: None }
            }
            ErrorKind::Throttled => Performed::NotYet(error),
            ErrorKind::Timeout | ErrorKind::Unavailable => Performed::Unsure(error),
            ErrorKind::Denied | ErrorKind::Rejected | ErrorKind::Unexpected => {
                Performed::StopRefused(error)
            }
        },
    }
}

pub(super) fn classify(
    goal: &Goal<'_>,
    answer: Result<Option<String>, Error>,
    refused_since: Option<Timestamp>,
) -> Performed {
    sort(goal, answer, refused_since).unwrap_or_else(|error| {
        let after = AfterCall::NotAccepted;
        failed(goal, What::Call { error, after })
    })
}

/// What an answer means; the error of a call that failed for good.
pub(super) fn sort(
    goal: &Goal<'_>,
    answer: Result<Option<String>, Error>,
    refused_since: Option<Timestamp>,
) -> Result<Performed, Error> {
    let error = match answer {
        Ok(started) => return Ok(Performed::Done { started }),
        Err(error) => error,
    };
    match error.kind {
        ErrorKind::Timeout | ErrorKind::Unavailable => Ok(Performed::Unsure(error)),
        ErrorKind::Throttled | ErrorKind::Conflict | ErrorKind::AlreadyExists => {
            Ok(Performed::NotYet(error))
        }
        ErrorKind::Rejected | ErrorKind::NotFound
            if settles(&error) && !is_over(refused_since, goal.ports.clock.now()) =>
        {
            Ok(Performed::NotYet(error))
        }
        ErrorKind::Rejected | ErrorKind::NotFound | ErrorKind::Denied | ErrorKind::Unexpected => {
            Err(error)
        }
    }
}

/// Refusals that end by themselves shortly after a listener, a role, a task definition or a service was made or deleted.
fn settles(error: &Error) -> bool {
    const FRAGMENTS: [&str; 5] = [
        "does not have an associated load balancer",
        "nable to assume",
        "nable to describe task definition",
        "TaskDefinition not found",
        "still Draining",
    ];
    FRAGMENTS
        .iter()
        .any(|fragment| error.message.contains(fragment))
}

fn is_over(refused_since: Option<Timestamp>, now: Timestamp) -> bool {
    let limit = SignedDuration::from_secs(SETTLES_WITHIN_SECONDS);
    refused_since.is_some_and(|since| now.duration_since(since) >= limit)
}
