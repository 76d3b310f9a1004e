//! Kinds of failures, each with its code, and which kind a failure is.

use switchyard_rollout::{Cause, Outcome};

use super::parts::{Early, Return, ScalingFailure, Undeleted, What};
use crate::ports::{Error, ErrorKind};

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal,)+) => {
        /// Kinds of failures. Codes are stable; each has a page in `docs/errors`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FailureKind { $($(#[doc = $doc])+ $name,)+ }

        impl FailureKind {
            /// Every kind, in the order of codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code, such as `SY0201`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }
        }
    };
}

kinds! {
    /// A gate asked before the rollout failed, so that nothing was begun.
    HeldBack = "SY0176",
    /// The rollout failed and AWS (or we) rolled it back.
    RolledBack = "SY0201",
    /// The rollout failed and the rollback failed as well.
    RollbackFailed = "SY0202",
    /// The rollout was stopped by someone, without a rollback.
    Stopped = "SY0203",
    /// Another rollout took over.
    Superseded = "SY0204",
    /// The time limit was reached.
    TimedOut = "SY0205",
    /// The apply was cancelled.
    Cancelled = "SY0206",
    /// The first rollout cannot succeed and there is nothing to roll back to.
    FirstRolloutFailed = "SY0207",
    /// A service of that name exists and is not ours.
    AlreadyExists = "SY0208",
    /// The service has another controller than wanted.
    ControllerDiffers = "SY0209",
    /// The service was deleted meanwhile.
    Vanished = "SY0210",
    /// The CodeDeploy deployment failed without a rollback.
    DeploymentFailed = "SY0211",
    /// Something the service refers to does not exist.
    NotFound = "SY0212",
    /// AWS says the request is wrong.
    Rejected = "SY0213",
    /// Credentials are missing, wrong or not allowed to do this.
    Denied = "SY0214",
    /// AWS could not be reached or did not answer.
    Unavailable = "SY0215",
    /// AWS answered something that cannot be understood.
    Unexpected = "SY0216",
    /// A gate failed.
    GateFailed = "SY0217",
    /// A deployment to something else is in the way.
    InTheWay = "SY0218",
    /// AWS has confirmed a deployment and lists none at all.
    NotListed = "SY0219",
    /// There is no service to scale.
    ScalingServiceMissing = "SY0220",
    /// What is to be made exists and is somebody else's.
    ScalingNotOurs = "SY0221",
    /// AWS refused a change of the scaling.
    ScalingRefused = "SY0222",
    /// A policy was taken away for another one, and neither could be put.
    ScalingPolicyLost = "SY0223",
    /// The deployment has succeeded, and what its traffic goes through does not exist any more.
    RouteMissing = "SY0242",
    /// Production goes to a side without targets, and AWS refused to put the weights back.
    TrafficNotReturned = "SY0245",
}

impl What {
    /// Which kind of failure this is.
    pub(super) fn kind(&self) -> FailureKind {
        match self {
            Self::Ended(ended) => of_outcome(&ended.outcome),
            Self::Early(early) => of_early(early),
            Self::Call { error, .. } => of_error(error),
            Self::TrafficNotReturned { .. } => FailureKind::TrafficNotReturned,
            Self::RouteMissing { .. } => FailureKind::RouteMissing,
            Self::NotDeleted { why, .. } => match why {
                Undeleted::Canceled => FailureKind::Cancelled,
                Undeleted::TimedOut(_) => FailureKind::TimedOut,
            },
            Self::Scaling(scaling) => of_scaling(scaling),
            Self::TakenBack { end, .. } => match end {
                Return::Done { .. } => FailureKind::RolledBack,
                Return::Failed { .. } => FailureKind::RollbackFailed,
            },
        }
    }
}

fn of_outcome(outcome: &Outcome) -> FailureKind {
    match outcome {
        Outcome::AlreadyExists => FailureKind::AlreadyExists,
        Outcome::Cancelled { .. } => FailureKind::Cancelled,
        Outcome::ControllerDiffers => FailureKind::ControllerDiffers,
        Outcome::DeploymentFailed { .. } => FailureKind::DeploymentFailed,
        Outcome::FirstRolloutFailed { .. } => FailureKind::FirstRolloutFailed,
        Outcome::HeldBack => FailureKind::HeldBack,
        Outcome::InTheWay { .. } => FailureKind::InTheWay,
        Outcome::LiveButUnhealthy { .. } => FailureKind::GateFailed,
        Outcome::NotListed => FailureKind::NotListed,
        Outcome::NotUndone { cause, .. } => of_cause(*cause, FailureKind::RollbackFailed),
        Outcome::RollbackFailed { .. } => FailureKind::RollbackFailed,
        Outcome::RolledBack { cause, .. } => of_cause(*cause, FailureKind::RolledBack),
        Outcome::Stopped { cause, .. } => of_cause(*cause, FailureKind::Stopped),
        Outcome::Succeeded { .. } => FailureKind::Unexpected,
        Outcome::Superseded { .. } => FailureKind::Superseded,
        Outcome::TimedOut { .. } => FailureKind::TimedOut,
        Outcome::Vanished => FailureKind::Vanished,
    }
}

/// A gate is its own kind of failure, and so is what the user or the clock did; for the rest what was done
/// about it counts.
fn of_cause(cause: Cause, done: FailureKind) -> FailureKind {
    match cause {
        Cause::Aws | Cause::Hopeless | Cause::Unavailable => done,
        Cause::Cancelled => FailureKind::Cancelled,
        Cause::Deadline => FailureKind::TimedOut,
        Cause::Gate => FailureKind::GateFailed,
    }
}

fn of_early(early: &Early) -> FailureKind {
    match early {
        Early::Canceled => FailureKind::Cancelled,
        Early::GroupElsewhere { .. } | Early::ImagesRefused(_) => FailureKind::Rejected,
        Early::GroupMissing { .. }
        | Early::NothingToStartWith
        | Early::TaskDefinitionMissing { .. } => FailureKind::NotFound,
        Early::NoSuchStep { .. } => FailureKind::Unexpected,
    }
}

fn of_error(error: &Error) -> FailureKind {
    match error.kind {
        ErrorKind::Denied => FailureKind::Denied,
        ErrorKind::NotFound => FailureKind::NotFound,
        ErrorKind::Rejected | ErrorKind::AlreadyExists | ErrorKind::Conflict => {
            FailureKind::Rejected
        }
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => {
            FailureKind::Unavailable
        }
        ErrorKind::Unexpected => FailureKind::Unexpected,
    }
}

fn of_scaling(scaling: &ScalingFailure) -> FailureKind {
    match scaling {
        ScalingFailure::NoService { .. } => FailureKind::ScalingServiceMissing,
        ScalingFailure::NotOurs(_) => FailureKind::ScalingNotOurs,
        ScalingFailure::Step { lost: Some(_), .. } => FailureKind::ScalingPolicyLost,
        ScalingFailure::Step {
            error, lost: None, ..
        } => match error.kind {
            ErrorKind::NotFound
            | ErrorKind::Rejected
            | ErrorKind::AlreadyExists
            | ErrorKind::Conflict => FailureKind::ScalingRefused,
            ErrorKind::Denied
            | ErrorKind::Throttled
            | ErrorKind::Timeout
            | ErrorKind::Unavailable
            | ErrorKind::Unexpected => of_error(error),
        },
    }
}
