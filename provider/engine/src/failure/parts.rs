//! What a failure is made of: what has happened, and the facts that its sentences need.

use std::time::Duration;

use switchyard_rollout::Outcome;

use super::evidence::Evidence;
use super::facts::Facts;
use crate::finding::Finding;
use crate::goal::Goal;
use crate::live::Live;
use crate::lost_traffic::Stray;
use crate::ports::Error;
use crate::sighting::Sighting;
use crate::task_definition::ImagesRefused;

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// An apply has followed the service to an end that is not success.
    Ended(Box<Ended>),
    /// What the apply starts from is missing or does not fit.
    Early(Early),
    /// A call failed, and nothing else can be tried.
    Call { error: Error, after: AfterCall },
    /// Production goes to a side without targets, and AWS refuses the weights that would end that.
    TrafficNotReturned { lost: Stray, refused: Error },
    /// A deployment has succeeded, and what its traffic goes through is gone.
    RouteMissing {
        /// `family:revision` that runs.
        revision: Option<String>,
        /// What is gone, in words: the first, and the others.
        missing: (String, Vec<String>),
        /// What to say about the first.
        finding: Finding,
    },
    /// The service is not deleted yet.
    NotDeleted {
        why: Undeleted,
        remains: Remains,
        /// The call that failed last.
        error: Option<Error>,
    },
    /// Scaling could not be changed.
    Scaling(ScalingFailure),
    /// A gate has failed after the deployment, which was to be taken back then.
    TakenBack {
        gate: Box<What>,
        /// `family:revision` that was live before.
        to: String,
        end: Return,
    },
}

/// How going back to what was live before has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Return {
    /// After this time.
    Done { seconds: u64 },
    /// Why not is a clause.
    Failed { why: String },
}

/// How a run has ended, and all that is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) facts: Facts,
    pub(super) evidence: Evidence,
    /// Calls that failed on the way.
    pub(super) technical: Vec<String>,
}

impl What {
    /// An outcome that is not success, with everything that is known about it.
    pub(crate) fn ended(
        goal: &Goal<'_>,
        outcome: &Outcome,
        seen: &Sighting,
        live: Option<&Live>,
        evidence: Evidence,
        technical: Vec<String>,
    ) -> Self {
        Self::Ended(Box::new(Ended {
            outcome: outcome.clone(),
            facts: Facts::of(goal.wanted, &goal.task_definition, seen, live),
            evidence,
            technical,
        }))
    }
}

/// What can fail before anything is begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Early {
    /// Canceled before anything was looked at.
    Canceled,
    /// The deployment group deploys another service.
    GroupElsewhere {
        group: String,
        service: Option<String>,
        cluster: Option<String>,
    },
    /// The CodeDeploy application or deployment group does not exist.
    GroupMissing { application: String, group: String },
    /// The images cannot be put into the task definition.
    ImagesRefused(ImagesRefused),
    /// A step was decided on that the service's controller does not have.
    NoSuchStep { step: &'static str },
    /// Another tool owns the task definition of a service that does not run yet.
    NothingToStartWith,
    /// The desired task definition does not exist.
    TaskDefinitionMissing { name: String },
}

/// What is true after a call that failed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterCall {
    /// A change was begun before it.
    Begun,
    /// AWS has not accepted the change.
    NotAccepted,
    /// The service was to be deleted.
    NotDeleted,
    NothingChanged,
    /// How the service is scaled could not be read, so nothing was changed.
    ScalingUnread,
    /// The scaling was changed, and the result could not be read.
    ScalingUnseen,
}

/// Why a delete has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undeleted {
    Canceled,
    /// After this time.
    TimedOut(Duration),
}

/// What is there of a service that is being deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remains {
    Draining { running: u32 },
    Existing { running: u32 },
    Nothing,
}

/// Why scaling could not be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ScalingFailure {
    /// There is no service to scale.
    NoService { cluster: String, error: Error },
    /// Something is in the way that must not be overwritten.
    NotOurs(Finding),
    /// A change failed.
    Step {
        error: Error,
        run: ScalingRun,
        progress: Progress,
        /// What there is after it.
        scaled: Option<Scaled>,
        /// A policy is gone, and neither it nor its replacement could be put.
        lost: Option<Box<LostPolicy>>,
    },
}

/// What somebody runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalingRun {
    Apply,
    Destroy,
}

/// How far a change of the scaling came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// What was done, in words.
    pub(crate) done: Vec<String>,
    /// What was not done; the first one is what failed.
    pub(crate) left: Vec<String>,
}

/// How a service is scaled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scaled {
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// Names of policies.
    pub(crate) policies: Vec<String>,
}

/// A policy that was deleted to make room for another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LostPolicy {
    pub(crate) old: String,
    pub(crate) new: String,
    /// Why the old one could not be put back.
    pub(crate) back: Error,
}
