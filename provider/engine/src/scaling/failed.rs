//! Failures of changes of the scaling, from what a run has and has not done.

use super::LiveScaling;
use crate::failure::{
    AfterCall, Failure, LostPolicy, Progress, Scaled, ScalingFailure, ScalingRun, What,
};
use crate::finding::Finding;
use crate::ports::{Error, ServiceRef};

/// A call failed that is not part of a change.
pub(super) fn of_call(service: &ServiceRef, error: &Error, after: AfterCall) -> Box<Failure> {
    let error = error.clone();
    Box::new(Failure::new(
        service.name.as_str(),
        What::Call { error, after },
    ))
}

/// There is no service.
pub(super) fn no_service(service: &ServiceRef, error: Error) -> Failure {
    let cluster = service.cluster_name().to_owned();
    let missing = ScalingFailure::NoService { cluster, error };
    Failure::new(service.name.as_str(), What::Scaling(missing))
}

/// Something is in the way that we must not overwrite.
pub(super) fn not_ours(service: &ServiceRef, finding: &Finding) -> Box<Failure> {
    let obstacle = ScalingFailure::NotOurs(finding.clone());
    Box::new(Failure::new(service.name.as_str(), What::Scaling(obstacle)))
}

/// A step failed. `live` is what there is after it.
pub(super) fn step_failed(
    service: &ServiceRef,
    error: Error,
    run: ScalingRun,
    progress: &Progress,
    live: Option<&LiveScaling>,
    lost: Option<LostPolicy>,
) -> Failure {
    let step = ScalingFailure::Step {
        error,
        run,
        progress: progress.clone(),
        scaled: live.map(|live| Scaled {
            min: live.target.bounds.min,
            max: live.target.bounds.max,
            policies: live.policies.iter().map(|it| it.name.clone()).collect(),
        }),
        lost: lost.map(Box::new),
    };
    Failure::new(service.name.as_str(), What::Scaling(step))
}
