//! The decision function.

mod follow;
mod hold;
mod scaling;
pub(crate) mod sides;
mod switch;
mod taken_back;
mod undo;

use jiff::{SignedDuration, Timestamp};

use crate::observed::{
    Active, Answer, ControllerSeen, Deployment, Heading, Mark, Observed, Seen, Status, Verdict,
};
use crate::outcome::Outcome;
use crate::phase::{Next, Phase, Switching};
use crate::reason::Reason;
use crate::recover::{allowance_after, recover};
use crate::spec::{Engine, Intent, Moment, Spec};
use crate::step::Step;
use crate::words::EcsStatus;

/// Seconds without a visible effect after which AWS is asked again.
pub const PATIENCE_SECONDS: i64 = 90;

/// Seconds after a confirmed start for which AWS may list no deployment at all. What it lists lags by seconds; an endpoint
/// that has listed nothing by then offers no service deployments.
const LISTING_SECONDS: i64 = 10 * 60;

/// Seconds a rollback may take beyond the deadline.
pub const ROLLBACK_ALLOWANCE_SECONDS: i64 = 30 * 60;

/// What to wait for next, what to do now, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What is waited for from now on.
    pub phase: Phase,
    /// What to do now.
    pub step: Step,
    /// Why.
    pub reason: Reason,
    /// The moment whose gates are to be asked until the next observation, which says what they say.
    pub watch: Option<Moment>,
}

impl Decision {
    pub(crate) fn wait(phase: Phase, reason: Reason) -> Self {
        Self {
            phase,
            step: Step::Wait,
            reason,
            watch: None,
        }
    }

    /// The same, with the gates of `moment` asked meanwhile.
    pub(crate) fn watching(self, moment: Option<Moment>) -> Self {
        Self {
            watch: moment,
            ..self
        }
    }

    pub(crate) fn settle(outcome: Outcome, reason: Reason) -> Self {
        Self {
            phase: Phase::Settled(outcome),
            step: Step::Finish,
            reason,
            watch: None,
        }
    }

    pub(crate) fn act(phase: Phase, step: Step, reason: Reason) -> Self {
        Self {
            phase,
            step,
            reason,
            watch: None,
        }
    }
}

/// Failed tasks after which a rollout is given up: half of `desired` rounded up, between 3 and 200 — the
/// bounds of AWS's own circuit breaker, which works for rolling deployments only and cannot help where
/// there is no earlier revision.
pub fn hopeless_after(desired: u32) -> u32 {
    desired.div_ceil(2).clamp(3, 200)
}

/// Why the tasks of the wanted revision will never do, if that is known.
pub(crate) fn hopelessness(spec: &Spec, active: &Active) -> Option<Reason> {
    let failed = active.failed_tasks;
    match active.hopeless {
        Some(cause) => Some(Reason::Hopeless(cause)),
        None => (failed >= hopeless_after(spec.desired.max(active.desired)))
            .then_some(Reason::TasksFail { failed }),
    }
}

/// Decides one step. Total and deterministic.
pub fn decide(spec: &Spec, phase: Phase, observed: &Observed) -> Decision {
    scaling::decide(spec, phase, observed)
}

/// Decides one step, whatever automatic scaling needs. AWS may refuse every call: what has not ended with the
/// allowance for a rollback ends then, where it stands.
fn inner(spec: &Spec, phase: Phase, observed: &Observed) -> Decision {
    let decision = undated(spec, phase, observed);
    if observed.now < allowance_after(spec.deadline) || ends_by_itself(&decision.phase) {
        return decision;
    }
    let left_running = if let Phase::Sides(phase) = &decision.phase {
        phase.side()
    } else {
        decision.phase.followed()
    };
    let left_running = left_running.map(str::to_owned);
    let outcome = match observed.cancelled {
        true => Outcome::Cancelled { left_running },
        false => Outcome::TimedOut { left_running },
    };
    Decision::settle(outcome, Reason::DeadlinePassed)
}

/// Whether a phase is over with the next look, once the deadline has passed.
fn ends_by_itself(phase: &Phase) -> bool {
    matches!(
        phase,
        Phase::AwaitAdjusted { .. } | Phase::AwaitVerdict { .. } | Phase::Settled(_)
    )
}

/// Decides one step, however late it is.
fn undated(spec: &Spec, phase: Phase, observed: &Observed) -> Decision {
    match phase {
        Phase::AwaitTurn => turn(spec, observed),
        Phase::AwaitCreated { asked_at } => created(spec, asked_at, observed),
        Phase::AwaitSteady => steady(spec, observed),
        Phase::AwaitDeployment { asked_at, before } => {
            deployment_shown(spec, asked_at, before, observed)
        }
        Phase::AwaitOutcome { deployment, watch } => {
            follow::outcome(spec, follow::Following { deployment, watch }, observed)
        }
        Phase::AwaitRollback {
            deployment,
            rollback,
            cause,
            asked_at,
            until,
        } => undo::ended(
            spec,
            undo::Undoing {
                deployment,
                rollback,
                cause,
                asked_at,
                until,
            },
            observed,
        ),
        Phase::AwaitAdjusted { next, asked_at } => adjusted(spec, next, asked_at, observed),
        Phase::Settled(outcome) => Decision::settle(outcome, Reason::Ended),
        Phase::Sides(phase) => sides::decide(spec, phase, observed),
        Phase::AwaitSwitched {
            step,
            asked_at,
            before,
        } => switch::shown(
            spec,
            switch::Asked {
                step,
                asked_at,
                before,
            },
            observed,
        ),
        Phase::AwaitScalingSuspended { .. } | Phase::AwaitScalingResumed { .. } => {
            scaling::decide(spec, phase, observed)
        }
        Phase::AwaitVerdict { deployment, since } => verdict(spec, deployment, since, observed),
        Phase::AwaitTakenBack {
            deployment,
            asked_at,
        } => taken_back::taken_back(spec, deployment, asked_at, observed),
    }
}

/// The service is looked at: adopt, wait, create, roll out, adjust or leave.
fn turn(spec: &Spec, observed: &Observed) -> Decision {
    let found = recover(spec, observed);
    if found != Phase::AwaitTurn {
        return Decision::wait(found, Reason::RolloutFound);
    }
    // A rollout whose traffic we move is taken up even when it is too late to begin one.
    let judges_itself = spec.engine == Engine::External && observed.active().is_some();
    if let Some(end) = over_before_start(spec, observed).filter(|_| !judges_itself) {
        return end;
    }
    match &observed.service {
        Seen::Absent => Decision::act(
            Phase::AwaitCreated {
                asked_at: observed.now,
            },
            Step::Create,
            Reason::Missing,
        ),
        Seen::Draining => Decision::wait(Phase::AwaitTurn, Reason::NameDraining),
        Seen::Unknown(word) => Decision::wait(Phase::AwaitTurn, Reason::UnknownWord(word.clone())),
        Seen::Active(active) => turn_of_active(spec, active, observed),
    }
}

/// Cancelled, or out of time, with nothing of ours under way.
pub(crate) fn over_before_start(spec: &Spec, observed: &Observed) -> Option<Decision> {
    if observed.cancelled {
        return Some(Decision::settle(
            Outcome::Cancelled { left_running: None },
            Reason::Cancelled,
        ));
    }
    let other = observed
        .newest
        .as_ref()
        .filter(|newest| newest.status.is_running());
    (observed.now >= spec.deadline).then(|| {
        let left_running = other.map(|newest| newest.id.clone());
        Decision::settle(Outcome::TimedOut { left_running }, Reason::DeadlinePassed)
    })
}

fn turn_of_active(spec: &Spec, active: &Active, observed: &Observed) -> Decision {
    if spec.intent == Intent::Create && active.mark != Mark::Ours {
        return Decision::settle(Outcome::AlreadyExists, Reason::NameTaken);
    }
    match active.controller {
        ControllerSeen::Wanted => {}
        ControllerSeen::Switchable(from) => return switch::begin(spec, active, from, observed),
        ControllerSeen::Other => {
            return Decision::settle(Outcome::ControllerDiffers, Reason::OtherController);
        }
    }
    let newest = observed.newest.as_ref();
    let is_running = newest.is_some_and(|newest| newest.status.is_running());
    let may_begin = over_before_start(spec, observed).is_none();
    // Before anything else, for those requests fail now.
    if active.traffic_lost && !is_running && may_begin {
        let phase = Phase::AwaitSwitched {
            step: Switching::Traffic,
            asked_at: observed.now,
            before: newest.map(|newest| newest.id.clone()),
        };
        return Decision::act(phase, Step::ReturnTraffic, Reason::TrafficLost);
    }
    if spec.engine == Engine::External {
        return sides::turn(spec, observed);
    }
    match newest {
        // ECS may show the service a moment before its first deployment.
        None if spec.engine == Engine::Ecs && active.mark == Mark::Ours => {
            return Decision::wait(
                Phase::AwaitCreated {
                    asked_at: observed.now,
                },
                Reason::AnswerPending,
            );
        }
        // A first rollout to something else protects nothing and may never end: ECS lets ours take over.
        Some(running)
            if spec.engine == Engine::Ecs
                && running.status.is_running()
                && running.heading == Heading::Elsewhere
                && !running.can_roll_back =>
        {
            return start(observed);
        }
        Some(running) if running.status.is_running() => {
            return taken_back::in_the_way(spec, running);
        }
        Some(_) | None => {}
    }
    // A service under CodeDeploy that carries our mark has no deployment to adopt: its first tasks start.
    if spec.engine == Engine::CodeDeploy
        && active.mark == Mark::Ours
        && !active.differs.revision
        && !active.steady
    {
        return Decision::wait(Phase::AwaitSteady, Reason::TasksStarting);
    }
    // A rollout that ended badly half-way leaves the service configured for what it never reached, or leaves it
    // part of production.
    let broken = newest.is_some_and(|newest| match newest.heading {
        Heading::Wanted => !newest.status.is_success(),
        Heading::Elsewhere | Heading::Unknown => is_stuck(newest),
    });
    let needs_rollout =
        spec.force && active.mark == Mark::Absent || active.differs.revision || broken;
    match (needs_rollout, active.differs.settings) {
        (true, true) if spec.engine == Engine::CodeDeploy => adjust(Next::Rollout, observed.now),
        (true, _) => start(observed),
        (false, true) => adjust(Next::End(None), observed.now),
        (false, false) => Decision::settle(Outcome::Succeeded { deployment: None }, Reason::Ended),
    }
}

/// Whether a rollout was stopped, or could not be rolled back, while its revision had production traffic.
fn is_stuck(newest: &Deployment) -> bool {
    matches!(
        newest.status,
        Status::Ecs(EcsStatus::Stopped | EcsStatus::RollbackFailed)
    ) && newest.weight.is_some_and(|percent| percent > 0.0)
}

pub(crate) fn adjust(next: Next, now: Timestamp) -> Decision {
    Decision::act(
        Phase::AwaitAdjusted {
            next,
            asked_at: Some(now),
        },
        Step::Adjust,
        Reason::Different,
    )
}

fn start(observed: &Observed) -> Decision {
    let before = observed.newest.as_ref().map(|newest| newest.id.clone());
    let phase = Phase::AwaitDeployment {
        asked_at: observed.now,
        before,
    };
    Decision::act(phase, Step::StartRollout, Reason::RevisionDiffers)
}

/// The rollout has succeeded: gates asked afterwards, then settings, then the end.
pub(crate) fn rolled_out(
    spec: &Spec,
    deployment: Option<String>,
    reason: Reason,
    now: Timestamp,
) -> Decision {
    if spec.is_gated(Moment::After) {
        let phase = Phase::AwaitVerdict {
            deployment,
            since: now,
        };
        return Decision::wait(phase, reason).watching(Some(Moment::After));
    }
    to_settings(deployment, reason)
}

fn to_settings(deployment: Option<String>, reason: Reason) -> Decision {
    let phase = Phase::AwaitAdjusted {
        next: Next::End(deployment),
        asked_at: None,
    };
    Decision::wait(phase, reason)
}

/// The rollout has succeeded; the gates asked afterwards decide how that is reported.
fn verdict(
    spec: &Spec,
    deployment: Option<String>,
    since: Timestamp,
    observed: &Observed,
) -> Decision {
    let phase = Phase::AwaitVerdict {
        deployment: deployment.clone(),
        since,
    };
    if observed.active().is_none() {
        return gone(observed, phase, spec);
    }
    if !spec.is_gated(Moment::After) {
        return to_settings(deployment, Reason::Ended);
    }
    match observed.verdict_at(Moment::After) {
        Some(Verdict::Passed) => {
            return to_settings(deployment, Reason::GatesPassed(Moment::After));
        }
        Some(Verdict::Failed | Verdict::Inconclusive) => {
            return Decision::settle(
                Outcome::LiveButUnhealthy { deployment },
                Reason::GatesFailed(Moment::After),
            );
        }
        Some(Verdict::Pending) | None => {}
    }
    if observed.cancelled {
        return Decision::settle(Outcome::Cancelled { left_running: None }, Reason::Cancelled);
    }
    if observed.now >= spec.deadline {
        return Decision::settle(
            Outcome::TimedOut { left_running: None },
            Reason::DeadlinePassed,
        );
    }
    Decision::wait(phase, Reason::GatesPending(Moment::After)).watching(Some(Moment::After))
}

/// CreateService was sent.
fn created(spec: &Spec, asked_at: Timestamp, observed: &Observed) -> Decision {
    let again = Phase::AwaitCreated { asked_at };
    match &observed.service {
        // A confirmed CreateService is ours even while AWS does not show its tags yet.
        Seen::Active(active)
            if active.mark == Mark::Other
                || active.mark == Mark::Absent
                    && !matches!(observed.answer, Answer::Done { .. }) =>
        {
            Decision::settle(Outcome::AlreadyExists, Reason::NameTaken)
        }
        Seen::Active(_) if spec.engine == Engine::CodeDeploy => {
            Decision::wait(Phase::AwaitSteady, Reason::TasksStarting)
        }
        Seen::Active(_) if spec.engine == Engine::External => sides::turn(spec, observed),
        Seen::Active(_) => match &observed.newest {
            Some(newest) if newest.heading == Heading::Wanted => {
                Decision::wait(Phase::following(newest.id.clone()), Reason::RolloutFound)
            }
            // Somebody has already put another rollout in the place of the first one.
            Some(newest) if newest.heading == Heading::Elsewhere => {
                let reason = Reason::OtherRolloutRunning {
                    deployment: newest.id.clone(),
                };
                Decision::wait(Phase::AwaitTurn, reason)
            }
            None if observed.now >= spec.deadline
                && matches!(observed.answer, Answer::Done { .. }) =>
            {
                Decision::settle(Outcome::NotListed, Reason::NoDeploymentListed)
            }
            Some(_) | None if observed.now >= spec.deadline => Decision::settle(
                Outcome::TimedOut { left_running: None },
                Reason::DeadlinePassed,
            ),
            Some(_) | None if observed.cancelled => {
                Decision::settle(Outcome::Cancelled { left_running: None }, Reason::Cancelled)
            }
            // A service without any deployment gets one, or this would wait for ever.
            None if is_overdue(asked_at, observed.now) => start(observed),
            Some(_) | None => Decision::wait(again, Reason::AnswerPending),
        },
        Seen::Absent if !is_overdue(asked_at, observed.now) => {
            Decision::wait(again, Reason::AnswerPending)
        }
        Seen::Absent | Seen::Draining | Seen::Unknown(_) => turn(spec, observed),
    }
}

/// The first tasks of a service under CodeDeploy.
fn steady(spec: &Spec, observed: &Observed) -> Decision {
    let Some(active) = observed.active() else {
        return gone(observed, Phase::AwaitSteady, spec);
    };
    if active.steady {
        return rolled_out(spec, None, Reason::TasksStarting, observed.now);
    }
    if let Some(reason) = hopelessness(spec, active) {
        return Decision::settle(Outcome::FirstRolloutFailed { deployment: None }, reason);
    }
    if observed.cancelled {
        return Decision::settle(Outcome::Cancelled { left_running: None }, Reason::Cancelled);
    }
    if observed.now >= spec.deadline {
        return Decision::settle(
            Outcome::FirstRolloutFailed { deployment: None },
            Reason::DeadlinePassed,
        );
    }
    Decision::wait(Phase::AwaitSteady, Reason::TasksStarting)
}

/// A rollout was asked for; it is ours when it is newer than all there was and goes where we want.
///
/// The answer of CreateDeployment names what it has started. The answer of UpdateService names the
/// service's current deployment, which may still be an earlier one: only the list of deployments says
/// which one is new.
fn deployment_shown(
    spec: &Spec,
    asked_at: Timestamp,
    before: Option<String>,
    observed: &Observed,
) -> Decision {
    if observed.active().is_none() {
        return gone(observed, Phase::AwaitDeployment { asked_at, before }, spec);
    }
    let named = match &observed.answer {
        Answer::Done { started } => started.clone().filter(|id| before.as_ref() != Some(id)),
        Answer::None | Answer::Refused | Answer::StopRefused | Answer::Unsure => None,
    };
    let follow = |deployment| Decision::wait(Phase::following(deployment), Reason::RolloutFound);
    if let (Engine::CodeDeploy, Some(id)) = (spec.engine, &named) {
        return follow(id.clone());
    }
    let newer = observed
        .newest
        .as_ref()
        .filter(|newest| is_newer(newest, before.as_deref(), asked_at));
    match newer {
        Some(newest) if named.as_ref() == Some(&newest.id) => return follow(newest.id.clone()),
        Some(newest) if newest.heading == Heading::Wanted => return follow(newest.id.clone()),
        Some(newest) if newest.heading == Heading::Elsewhere => {
            let by = newest.id.clone();
            let reason = Reason::OtherRolloutRunning {
                deployment: by.clone(),
            };
            let deployment = named;
            return Decision::settle(Outcome::Superseded { deployment, by }, reason);
        }
        Some(_) | None => {}
    }
    let shown = named.or_else(|| newer.map(|newest| newest.id.clone()));
    let again = Phase::AwaitDeployment { asked_at, before };
    let is_confirmed = matches!(observed.answer, Answer::Done { .. }) && !observed.cancelled;
    if is_confirmed && shown.is_none() && lists_nothing(spec, &again, observed) {
        return not_listed(spec, again, asked_at, observed.now);
    }
    if !is_overdue(asked_at, observed.now) {
        return Decision::wait(again, Reason::AnswerPending);
    }
    match (over_before_start(spec, observed), shown) {
        (Some(_), Some(id)) => {
            follow::wait_or_leave(spec, Phase::following(id), Reason::Ended, observed)
        }
        (Some(end), None) => end,
        // It has begun: asking once more would begin another one.
        (None, Some(_)) => Decision::wait(again, Reason::DeploymentNotShown),
        // Looked at afresh: it may have come and gone unseen.
        (None, None) => Decision::wait(Phase::AwaitTurn, Reason::AskedWithoutEffect),
    }
}

/// Whether AWS shows no service deployment of the service, old or new.
fn lists_nothing(spec: &Spec, phase: &Phase, observed: &Observed) -> bool {
    let had_none = matches!(phase, Phase::AwaitDeployment { before: None, .. });
    spec.engine == Engine::Ecs && had_none && observed.newest.is_none()
}

/// AWS has confirmed a start and lists no deployment. To ask again would start one more each time, and what the service
/// is configured for says nothing about what became of it.
fn not_listed(spec: &Spec, again: Phase, asked_at: Timestamp, now: Timestamp) -> Decision {
    let waited = now.duration_since(asked_at);
    if now >= spec.deadline || waited >= SignedDuration::from_secs(LISTING_SECONDS) {
        return Decision::settle(Outcome::NotListed, Reason::NoDeploymentListed);
    }
    match is_overdue(asked_at, now) {
        true => Decision::wait(again, Reason::NoDeploymentListed),
        false => Decision::wait(again, Reason::AnswerPending),
    }
}

/// Whether `newest` began after the deployment that was the newest `before`. Without one to compare
/// with, AWS may only have been slow to list it: what had ended by then is not ours.
fn is_newer(newest: &Deployment, before: Option<&str>, asked_at: Timestamp) -> bool {
    match before {
        Some(before) => newest.id != before,
        None => newest.finished_at.is_none_or(|ended| ended >= asked_at),
    }
}

/// Settings were sent, or are compared after a rollout.
fn adjusted(spec: &Spec, next: Next, asked_at: Option<Timestamp>, observed: &Observed) -> Decision {
    let Some(active) = observed.active() else {
        return gone(observed, Phase::AwaitAdjusted { next, asked_at }, spec);
    };
    let confirmed = match asked_at {
        // The very observation that asked cannot show the effect.
        Some(at) if observed.now <= at => {
            return Decision::wait(
                Phase::AwaitAdjusted { next, asked_at },
                Reason::AnswerPending,
            );
        }
        // What AWS has confirmed may show later. After a while its word counts: it fills defaults in.
        Some(at) => {
            let is_done = matches!(observed.answer, Answer::Done { .. });
            !active.differs.settings || is_done && is_overdue(at, observed.now)
        }
        None => !active.differs.settings,
    };
    match (confirmed, next, asked_at) {
        (true, Next::End(deployment), _) => {
            Decision::settle(Outcome::Succeeded { deployment }, Reason::Ended)
        }
        (true, Next::Rollout, _) => after_settings(spec, active, observed),
        (false, next, Some(at)) if !is_overdue(at, observed.now) => Decision::wait(
            Phase::AwaitAdjusted { next, asked_at },
            Reason::AnswerPending,
        ),
        (false, next, _) => match over_before_start(spec, observed) {
            Some(end) => end,
            None => adjust(next, observed.now),
        },
    }
}

/// The settings are confirmed, and are not compared again. Somebody may have deployed meanwhile.
fn after_settings(spec: &Spec, active: &Active, observed: &Observed) -> Decision {
    let found = recover(spec, observed);
    if found != Phase::AwaitTurn {
        return Decision::wait(found, Reason::RolloutFound);
    }
    if let Some(end) = over_before_start(spec, observed) {
        return end;
    }
    let newest = observed.newest.as_ref();
    if let Some(running) = newest.filter(|newest| newest.status.is_running()) {
        return taken_back::in_the_way(spec, running);
    }
    match spec.force && active.mark == Mark::Absent || active.differs.revision {
        true => start(observed),
        false => Decision::settle(Outcome::Succeeded { deployment: None }, Reason::Ended),
    }
}

/// The service is not active though it was.
pub(crate) fn gone(observed: &Observed, phase: Phase, spec: &Spec) -> Decision {
    match &observed.service {
        Seen::Unknown(word) if observed.now < spec.deadline => {
            Decision::wait(phase, Reason::UnknownWord(word.clone()))
        }
        Seen::Unknown(_) => {
            let left_running = phase.followed().map(str::to_owned);
            Decision::settle(Outcome::TimedOut { left_running }, Reason::DeadlinePassed)
        }
        Seen::Absent | Seen::Draining | Seen::Active(_) => {
            Decision::settle(Outcome::Vanished, Reason::ServiceGone)
        }
    }
}

/// Whether an effect asked for at `asked_at` should have shown by `now`.
pub(crate) fn is_overdue(asked_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(asked_at) >= SignedDuration::from_secs(PATIENCE_SECONDS)
}

#[cfg(test)]
mod tests;
