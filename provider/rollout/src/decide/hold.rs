//! A rollout that AWS carries out and in which we have a say: it waits for us at stages, and gates are asked.

use jiff::{SignedDuration, Timestamp};

use crate::decide::{Decision, is_overdue};
use crate::effect::RolloutStep;
use crate::observed::{BegunBy, Deployment, MomentVerdict, Observed, Paused, Status};
use crate::outcome::{Obstacle, Outcome};
use crate::phase::{Following, Watching};
use crate::reason::Reason;
use crate::spec::{Moment, Spec};
use crate::weights::Share;
use crate::words::{CodeDeployStatus, LifecycleStage};

/// Seconds the new side may have traffic and no healthy target.
const UNAVAILABLE_SECONDS: i64 = 60;

/// Seconds before AWS stops waiting at which a hold is over in any case.
const EXPIRES_SOON_SECONDS: i64 = 5 * 60;

/// Where a rollout is, as far as we have a say.
pub(super) enum Place {
    /// It goes its way.
    Moving(Option<Moment>),
    /// It waits for us.
    Held {
        hold: Paused,
        moment: Moment,
        /// Seconds it is held at least; `None` when nobody asked to hold it here.
        seconds: Option<u32>,
    },
    /// It waits for a person, as the configuration says.
    AwaitsApproval(Option<Moment>),
    /// It waits where nothing of ours holds it.
    HeldBySomebody,
}

impl Place {
    pub(super) fn of(spec: &Spec, deployment: &Deployment) -> Self {
        let Some(hold) = &deployment.paused else {
            return Self::Moving(moving(spec, deployment));
        };
        if let Some(moment) = approval(spec, deployment) {
            return Self::AwaitsApproval(moment);
        }
        // What an apply of ours has begun pauses for us, even when this one asks for no pauses.
        if !is_ours(spec, deployment) {
            return Self::HeldBySomebody;
        }
        let at = |moment, seconds| Self::Held {
            hold: hold.clone(),
            moment,
            seconds,
        };
        if let Status::CodeDeploy(_) = deployment.status {
            // It waits a second time: before it terminates the old side.
            return match has_traffic(deployment) {
                true => Self::Moving(moving(spec, deployment)),
                false => at(Moment::BeforeTraffic, Some(0)),
            };
        }
        let bakes = || {
            let seconds = seconds_at(spec, Share::WHOLE).unwrap_or_default();
            at(Moment::Bake, Some(seconds))
        };
        // A pause is ours whatever the word for its stage is: AWS has words of its own for the same moment. Where the
        // stage does not say which moment it is, the weight does.
        match (deployment.lifecycle_stage(), deployment.weight) {
            (Some(LifecycleStage::PostProductionTrafficShift), _) => bakes(),
            (
                Some(
                    LifecycleStage::ReconcileService
                    | LifecycleStage::PreScaleUp
                    | LifecycleStage::ScaleUp
                    | LifecycleStage::PostScaleUp
                    | LifecycleStage::TestTrafficShift
                    | LifecycleStage::PostTestTrafficShift,
                ),
                _,
            )
            | (Some(_) | None, Some(Share::NONE)) => at(Moment::BeforeTraffic, Some(0)),
            // Which weight it is shows in a moment.
            (Some(_) | None, None) => Self::Moving(None),
            // The hook fires before every shift: what is held is the weight reached by the one before.
            (
                Some(
                    LifecycleStage::PreProductionTrafficShift
                    | LifecycleStage::ProductionTrafficShift,
                ),
                Some(Share::WHOLE),
            ) => at(Moment::Bake, None),
            (
                Some(
                    LifecycleStage::BakeTime | LifecycleStage::CleanUp | LifecycleStage::Unknown(_),
                )
                | None,
                Some(Share::WHOLE),
            ) => bakes(),
            (Some(_) | None, Some(share)) => at(Moment::Step { share }, seconds_at(spec, share)),
        }
    }

    /// The moment, whether gates are asked at it or not.
    pub(super) fn moment(&self) -> Option<Moment> {
        match self {
            Self::Moving(moment) => *moment,
            Self::Held {
                moment: Moment::Step { .. },
                seconds: None,
                ..
            } => None,
            Self::Held { moment, .. } => Some(*moment),
            Self::AwaitsApproval(moment) => *moment,
            Self::HeldBySomebody => None,
        }
    }
}

/// Whether an apply may end the pause: what an apply has begun pauses for applies. A deployment of somebody else does so
/// only where this configuration pauses, too.
fn is_ours(spec: &Spec, deployment: &Deployment) -> bool {
    if deployment.begun_by == BegunBy::Us {
        return true;
    }
    match deployment.status {
        Status::Ecs(_) => spec.holds && spec.pauses.is_own(deployment.lifecycle_stage()),
        Status::CodeDeploy(_) => spec.holds,
    }
}

/// The moment of a pause that a person has to end, if it is one: at a stage, or at a weight.
fn approval(spec: &Spec, deployment: &Deployment) -> Option<Option<Moment>> {
    let Status::Ecs(_) = deployment.status else {
        return None;
    };
    let stage = deployment.lifecycle_stage();
    if spec.pauses.is_approval(stage) {
        return Some(None);
    }
    let share = deployment.weight?;
    if !spec.pauses.approved_weights.contains(&share) {
        return None;
    }
    // The last pause before a shift sees all of the traffic moved already where the shift did nothing.
    let before_shift = matches!(
        stage,
        Some(LifecycleStage::PreProductionTrafficShift | LifecycleStage::ProductionTrafficShift)
    );
    match (share, before_shift) {
        (Share::WHOLE, true) => None,
        (Share::WHOLE, false) => Some(Some(Moment::Bake)),
        (share, _) => Some(Some(Moment::Step { share })),
    }
}

/// Without steps of ours, every stop is one that was asked for.
fn seconds_at(spec: &Spec, share: Share) -> Option<u32> {
    if spec.steps.is_empty() {
        return Some(0);
    }
    let hold = spec.steps.iter().find(|hold| hold.share == share);
    hold.map(|hold| hold.seconds)
}

/// The moment of a rollout that does not wait for us. Once the old side is cleaned up there is none; nor is
/// there one at a weight that is only passed on the way to the next step.
fn moving(spec: &Spec, deployment: &Deployment) -> Option<Moment> {
    match deployment.weight? {
        _ if old_side_goes(deployment) => None,
        Share::NONE => None,
        Share::WHOLE => Some(Moment::Bake),
        share => seconds_at(spec, share).map(|_| Moment::Step { share }),
    }
}

/// Whether the new side has any production traffic.
fn has_traffic(deployment: &Deployment) -> bool {
    deployment.weight.is_some_and(|share| !share.is_none())
}

/// Whether only the new side can serve: then nothing is sent back.
pub(super) fn only_new_side_serves(deployment: &Deployment) -> bool {
    has_traffic(deployment)
        && deployment.healthy_old == Some(0)
        && deployment.healthy_new.is_some_and(|healthy| healthy > 0)
}

/// Whether ECS, with all traffic on the new side, stops the tasks of the old one: there is nothing to go back
/// to any more.
pub(super) fn old_side_goes(deployment: &Deployment) -> bool {
    deployment.lifecycle_stage() == Some(&LifecycleStage::CleanUp) && has_traffic(deployment)
}

/// Whether the new side is to have tasks and has no healthy target. One that is to have none misses none, unless
/// the old side serves.
fn is_unhealthy(deployment: &Deployment) -> bool {
    let is_empty = deployment.tasks.is_some_and(|tasks| tasks.desired == 0)
        && deployment.healthy_old.is_none_or(|healthy| healthy == 0);
    deployment.healthy_new == Some(0) && !is_empty
}

/// What is remembered after having seen `deployment`.
pub(super) fn remember(watch: Watching, deployment: &Deployment, now: Timestamp) -> Watching {
    let held = deployment.paused.as_ref().map(|hold| {
        watch
            .held
            .filter(|(id, _)| *id == hold.id)
            .unwrap_or_else(|| (hold.id.clone(), now))
    });
    let unavailable = has_traffic(deployment) && is_unhealthy(deployment);
    Watching {
        held,
        continued: watch.continued,
        unavailable_since: unavailable.then(|| watch.unavailable_since.unwrap_or(now)),
    }
}

/// Whether the new side has had traffic and no healthy target for too long.
pub(super) fn is_unavailable(watch: &Watching, now: Timestamp) -> bool {
    watch
        .unavailable_since
        .is_some_and(|since| has_passed(UNAVAILABLE_SECONDS, since, now))
}

fn has_passed(seconds: i64, since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) >= SignedDuration::from_secs(seconds)
}

/// Nothing speaks against the rollout: it goes on by itself, is let go, or is held.
pub(super) fn proceed(
    spec: &Spec,
    deployment: &Deployment,
    watch: Watching,
    observed: &Observed,
) -> Decision {
    let place = Place::of(spec, deployment);
    let watched = place.moment().filter(|moment| spec.is_gated(*moment));
    let stage = || deployment.stage_word().to_owned();
    let (reason, wake) = match place {
        Place::Held {
            hold,
            moment,
            seconds,
        } => match why_held(spec, moment, seconds, deployment, &watch, observed) {
            Some(held) => held,
            None => {
                let passed = watched.filter(|_| seconds.is_some());
                let decision = go_on(deployment, hold, passed, watch, observed.now);
                return decision.watching(watched);
            }
        },
        Place::Moving(_) if watch.unavailable_since.is_some() => (Reason::Unavailable, None),
        Place::Moving(_)
            if deployment.status == Status::CodeDeploy(CodeDeployStatus::Ready)
                && !has_traffic(deployment) =>
        {
            (Reason::WaitsForApproval, None)
        }
        Place::Moving(_) => {
            let reason = Reason::Progress {
                stage: stage(),
                weight: deployment.weight,
                tasks: deployment.tasks,
            };
            (reason, None)
        }
        Place::AwaitsApproval(_) => (Reason::AwaitsApproval { stage: stage() }, None),
        Place::HeldBySomebody => {
            let reason = Reason::HeldBySomebody { stage: stage() };
            match deployment.status {
                // Nobody says when they come, and waiting helps nobody.
                Status::Ecs(_) => {
                    let outcome = Outcome::InTheWay {
                        deployment: deployment.id.clone(),
                        obstacle: Obstacle::PausedByOthers,
                    };
                    return Decision::settle(outcome, reason);
                }
                // The group says how long it waits.
                Status::CodeDeploy(_) => (reason, None),
            }
        }
    };
    Decision::wait(stay(deployment, watch), reason)
        .watching(watched)
        .waking(wake)
}

/// Still the same rollout.
pub(super) fn stay(deployment: &Deployment, watch: Watching) -> Following {
    Following {
        deployment: deployment.id.clone(),
        watch,
    }
}

/// Whether AWS soon stops waiting, and rolls back. It waits longer than any hold lasts: who was killed in one,
/// and begins to count anew, has held it for long enough by then.
fn expires_soon(deployment: &Deployment, now: Timestamp) -> bool {
    let held = deployment.paused.as_ref();
    held.and_then(|held| held.expires_at)
        .is_some_and(|at| at.duration_since(now) <= SignedDuration::from_secs(EXPIRES_SOON_SECONDS))
}

/// Why a hold is not over yet, and when it is, where it only lasts its time.
fn why_held(
    spec: &Spec,
    moment: Moment,
    seconds: Option<u32>,
    deployment: &Deployment,
    watch: &Watching,
    observed: &Observed,
) -> Option<(Reason, Option<Timestamp>)> {
    let (id, since) = watch.held.as_ref()?;
    let let_go = watch.continued.as_ref().filter(|(last, _)| last == id);
    if let_go.is_some_and(|(_, at)| !is_overdue(*at, observed.now)) {
        return Some((Reason::AnswerPending, None));
    }
    if watch.unavailable_since.is_some() {
        return Some((Reason::Unavailable, None));
    }
    if is_unhealthy(deployment) {
        return Some((Reason::NewSideUnhealthy, None));
    }
    let seconds = seconds?;
    if !has_passed(i64::from(seconds), *since, observed.now)
        && !expires_soon(deployment, observed.now)
    {
        let share = deployment.weight.unwrap_or_default();
        return Some((
            Reason::Holding { share, seconds },
            hold_end(*since, seconds),
        ));
    }
    let passed = observed.verdict_at(moment) == Some(MomentVerdict::Passed);
    (spec.is_gated(moment) && !passed).then_some((Reason::GatesPending(moment), None))
}

/// When a hold is over that lasts `seconds`.
pub(super) fn hold_end(since: Timestamp, seconds: u32) -> Option<Timestamp> {
    since
        .checked_add(SignedDuration::from_secs(i64::from(seconds)))
        .ok()
}

fn go_on(
    deployment: &Deployment,
    hold: Paused,
    passed: Option<Moment>,
    watch: Watching,
    now: Timestamp,
) -> Decision {
    let asked_before = watch
        .continued
        .as_ref()
        .is_some_and(|(last, _)| *last == hold.id);
    let reason = match passed {
        _ if asked_before => Reason::AskedWithoutEffect,
        Some(moment) => Reason::GatesPassed(moment),
        None => Reason::HoldOver {
            share: deployment.weight.unwrap_or_default(),
        },
    };
    let watch = Watching {
        continued: Some((hold.id.clone(), now)),
        ..watch
    };
    let step = RolloutStep::Continue {
        deployment: deployment.id.clone(),
        hold: hold.id,
    };
    Decision::act(stay(deployment, watch), step, reason)
}
