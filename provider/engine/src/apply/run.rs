//! The loop: observe, decide, perform, until settled.

mod account;
mod progress;
mod record;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout as rollout;
use switchyard_rollout::{
    Adjusting, Answer, Asking, Decision, Effect, GateSeen, Moment, MomentVerdict, Next, Observed,
    Outcome, Phase, Reason, ScalingEffect, SidePhase, Switch, Switching, decide,
};
use tokio_util::sync::CancellationToken;

use super::observer::Observer;
use super::perform::{Performed, perform};
use super::{Applied, interrupted};
use crate::desired::OnCancel;
use crate::failure::{Failure, technical_line};
use crate::gate::GateRunner;
use crate::goal::Goal;
use crate::pace::Pace;
use crate::ports::{Error, ProgressMoment};
use crate::report::TimelineEntry;

/// The shortest pause: what is due at once is done at once, and never in a circle.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// How long AWS may say "not yet" to one step once the deadline has passed.
const ALLOWANCE: SignedDuration = SignedDuration::from_secs(rollout::ROLLBACK_ALLOWANCE_SECONDS);

/// Everything a run keeps between polls.
struct Run<'a> {
    goal: &'a Goal<'a>,
    observer: Observer<'a>,
    gates: GateRunner<'a>,
    /// The moment whose gates are asked.
    watched: Option<Moment>,
    /// What the gates said last.
    verdict: Option<GateSeen>,
    pace: Pace,
    phase: Phase,
    answer: Answer,
    refused_since: Option<Timestamp>,
    created: bool,
    adjusted: bool,
    began: bool,
    timeline: Vec<TimelineEntry>,
    technical: Vec<String>,
    /// The last progress line: one line per change, never per poll.
    told: Option<progress::Line>,
    /// What whoever follows the apply has heard last.
    followed_along: Option<ProgressMoment>,
    /// A rollout was begun, found or followed.
    rolled: bool,
    /// Its id, once it was seen.
    followed: Option<String>,
    /// Our rollout, once it has succeeded.
    deployed: Option<String>,
    /// Why the first effect was necessary.
    because: Option<Reason>,
    /// When the rollout was given up, and why.
    given_up: Option<(Timestamp, Reason)>,
    /// When the new revision was first seen without production traffic after that.
    returned_at: Option<Timestamp>,
    /// When AWS was looked at before the last time.
    looked_before: Timestamp,
}

/// How following ended.
enum Ended {
    /// With an outcome.
    With(Outcome),
    /// What is wanted follows what is live, which has changed before anything was done.
    Stale,
}

/// Runs to the end and accounts for it; `None` when the wish has to be resolved anew.
pub(super) async fn run(goal: &Goal<'_>, cancel: &CancellationToken) -> Option<Applied> {
    let mut run = Run {
        goal,
        observer: Observer::new(goal),
        gates: GateRunner::new(goal.ports, goal.wanted),
        watched: None,
        verdict: None,
        pace: Pace::new(&goal.wanted.service.name),
        phase: Phase::AwaitTurn,
        answer: Answer::None,
        refused_since: None,
        created: false,
        adjusted: false,
        began: false,
        timeline: Vec::new(),
        technical: Vec::new(),
        told: None,
        followed_along: None,
        rolled: false,
        followed: None,
        deployed: None,
        because: None,
        given_up: None,
        returned_at: None,
        looked_before: goal.started_at,
    };
    let settled = match run.follow(cancel).await {
        Ok(Ended::Stale) => return None,
        Ok(Ended::With(outcome)) => Ok(outcome),
        Err(failure) => Err(failure),
    };
    // Boxed: what is made of the end would else be as large as the run itself.
    Some(Box::pin(run.account(settled)).await)
}

impl Run<'_> {
    async fn follow(&mut self, cancel: &CancellationToken) -> Result<Ended, Box<Failure>> {
        loop {
            let observed = self
                .observer
                .observe(&self.phase, cancel.is_cancelled(), self.answer.clone())
                .await;
            let mut observed = match observed {
                Ok(observed) => observed,
                Err(error) => {
                    self.tolerate(error, cancel)?;
                    self.rest(None, cancel).await;
                    continue;
                }
            };
            if self.is_stale() {
                return Ok(Ended::Stale);
            }
            observed.gate = self.verdict;
            // Asked to stop while AWS was looked at: nothing is begun any more.
            observed.cancelled = cancel.is_cancelled();
            let decision = decide(&self.goal.spec, self.phase.clone(), &observed);
            self.tell(&decision, &observed);
            self.remember(&decision, &observed);
            self.follow_along(&decision, &observed);
            if let Phase::Settled(outcome) = decision.phase {
                return Ok(Ended::With(outcome));
            }
            self.watch(&decision).await;
            let Decision {
                phase,
                step,
                reason,
                watch: _,
                wake,
            } = decision;
            if let Some(step) = step {
                self.act(phase, step, reason).await?;
            } else {
                let moved = !is_same_wait(&phase, &self.phase);
                self.phase = phase;
                // A new phase looks at other things: look at once.
                if moved {
                    self.pace.quicken();
                    continue;
                }
            }
            self.rest(wake, cancel).await;
        }
    }

    /// Whether something else is live than what the wish was made from.
    fn is_stale(&self) -> bool {
        let live = self.observer.seen.live.as_ref();
        let live = live.and_then(|live| live.task_definition.as_ref());
        match (&self.goal.made_from, live) {
            (Some(made_from), Some(live)) => {
                let is_idle = matches!(self.phase, Phase::AwaitTurn | Phase::AwaitGo(_));
                is_idle && !self.began && made_from.as_ref() != Some(live)
            }
            (None, _) | (_, None) => false,
        }
    }

    /// What the account at the end needs to know.
    fn remember(&mut self, decision: &Decision, observed: &Observed) {
        let id = match &decision.phase {
            Phase::Sides(phase) => phase.side(),
            Phase::AwaitOutcome(following) => Some(following.deployment.as_str()),
            Phase::AwaitRollback(undoing) => Some(undoing.deployment.as_str()),
            Phase::AwaitAdjusted { .. }
            | Phase::AwaitCreated { .. }
            | Phase::AwaitDeployment { .. }
            | Phase::AwaitGo { .. }
            | Phase::AwaitScalingResumed { .. }
            | Phase::AwaitScalingSuspended { .. }
            | Phase::AwaitSteady
            | Phase::AwaitSwitched { .. }
            | Phase::AwaitTakenBack { .. }
            | Phase::AwaitTurn
            | Phase::AwaitVerdict { .. }
            | Phase::Settled(_) => None,
        };
        if let Some(id) = id {
            self.followed = Some(id.to_owned());
        }
        match &decision.phase {
            Phase::AwaitCreated { .. }
            | Phase::AwaitDeployment { .. }
            | Phase::AwaitOutcome { .. }
            | Phase::AwaitSteady
            | Phase::AwaitSwitched(Switching {
                step: Switch::Controller,
                ..
            })
            | Phase::Sides(_) => self.rolled = true,
            Phase::AwaitAdjusted(Adjusting {
                next: Next::End(Some(id)),
                ..
            })
            | Phase::AwaitVerdict(Asking {
                deployment: Some(id),
                ..
            })
            | Phase::Settled(Outcome::LiveButUnhealthy {
                deployment: Some(id),
            }) => self.deployed = Some(id.clone()),
            Phase::AwaitRollback { .. } => self.rolled = true,
            Phase::AwaitAdjusted { .. }
            | Phase::AwaitGo { .. }
            | Phase::AwaitScalingResumed { .. }
            | Phase::AwaitScalingSuspended { .. }
            | Phase::AwaitSwitched(Switching {
                step: Switch::Routes | Switch::Traffic,
                ..
            })
            | Phase::AwaitTakenBack { .. }
            | Phase::AwaitTurn
            | Phase::AwaitVerdict { .. }
            | Phase::Settled(_) => {}
        }
        // An earlier apply has begun it.
        self.rolled |= matches!(decision.phase, Phase::AwaitVerdict(_));
        if is_undone(&decision.phase) && self.given_up.is_none() {
            self.given_up = Some((observed.now, decision.reason.clone()));
        }
        if self.given_up.is_some()
            && self.returned_at.is_none()
            && self.is_traffic_back(decision, observed)
        {
            self.returned_at = Some(observed.now);
        }
        if !matches!(decision.phase, Phase::Settled(_)) {
            self.looked_before = observed.now;
        }
    }

    /// Turns the gates to the moment the decision names.
    async fn watch(&mut self, decision: &Decision) {
        if decision.watch.is_none() && self.watched.is_none() {
            return;
        }
        let facts = match decision.watch {
            Some(_) => self.observer.facts(&decision.phase).await,
            None => Default::default(),
        };
        if self.watched != decision.watch {
            self.watched = decision.watch;
            self.verdict = None;
        }
        self.gates.turn_to(decision.watch, facts);
        self.gates.stop_left().await;
    }

    async fn act(
        &mut self,
        phase: Phase,
        step: Effect,
        reason: Reason,
    ) -> Result<(), Box<Failure>> {
        match perform(self.goal, &self.observer.seen, &step, self.refused_since).await {
            Performed::Done { started } => {
                self.refused_since = None;
                self.answer = Answer::Done { started };
            }
            Performed::Unsure(error) => {
                self.note(&error);
                self.answer = Answer::Unsure;
            }
            Performed::Refused(error) => {
                if let Some(error) = error {
                    self.refused(&step, &error);
                }
                self.answer = Answer::Refused;
            }
            Performed::StopRefused(error) => {
                self.note(&error);
                self.answer = Answer::StopRefused;
            }
            Performed::NotYet(error) => {
                self.note(&error);
                let now = self.goal.ports.clock.now();
                let since = *self.refused_since.get_or_insert(now);
                // What is asked again is decided afresh each time, and has no end of its own.
                if now >= self.goal.spec.deadline && now.duration_since(since) >= ALLOWANCE {
                    return Err(interrupted(self.goal, error, self.began));
                }
                // The phase stays: the same question is asked again.
                return Ok(());
            }
            // The next look says what is true now; the phase stays.
            Performed::Gone => return Ok(()),
            Performed::Failed(failure) => return Err(failure),
        }
        match step {
            Effect::Create => self.created = true,
            Effect::Adjust | Effect::ReturnTraffic => self.adjusted = true,
            Effect::PrepareRoutes
            | Effect::Rollout(_)
            | Effect::Scaling(_)
            | Effect::Side(_)
            | Effect::StartRollout
            | Effect::SwitchController => {}
        }
        // Scaling is only the frame of what is done.
        if !matches!(step, Effect::Scaling(_)) {
            self.because.get_or_insert(reason);
            self.began = true;
        }
        self.phase = phase;
        self.pace.quicken();
        Ok(())
    }

    /// AWS refuses something the rollout can do without: it is said, and goes into the account.
    fn refused(&mut self, step: &Effect, error: &Error) {
        self.note(error);
        tracing::warn!(
            step = step.name(),
            error = %error,
            "AWS refuses to change automatic scaling; the deployment continues without it"
        );
        let words = if *step == Effect::Scaling(ScalingEffect::Resume) {
            "automatic scaling could not be resumed"
        } else {
            "automatic scaling could not be suspended"
        };
        self.timeline.push(TimelineEntry {
            at: self.goal.ports.clock.now(),
            stage: format!("{words}: {}", error.message),
            weight: None,
            running: None,
            desired: None,
            healthy: None,
        });
    }

    /// Errors that pass are waited out, up to the deadline (and the allowance, while something is undone).
    fn tolerate(&mut self, error: Error, cancel: &CancellationToken) -> Result<(), Box<Failure>> {
        let goal = self.goal;
        let allowed = |allowance| {
            let deadline = goal.spec.deadline;
            deadline.saturating_add(allowance).unwrap_or(Timestamp::MAX)
        };
        let resuming = match &self.phase {
            Phase::AwaitScalingResumed(resuming) => Some(resuming.until),
            Phase::AwaitAdjusted { .. }
            | Phase::AwaitCreated { .. }
            | Phase::AwaitDeployment { .. }
            | Phase::AwaitGo { .. }
            | Phase::AwaitOutcome { .. }
            | Phase::AwaitRollback { .. }
            | Phase::AwaitScalingSuspended { .. }
            | Phase::AwaitSteady
            | Phase::AwaitSwitched { .. }
            | Phase::AwaitTakenBack { .. }
            | Phase::AwaitTurn
            | Phase::AwaitVerdict { .. }
            | Phase::Settled(_)
            | Phase::Sides(_) => None,
        };
        let until = match resuming {
            Some(until) => until,
            None if is_undone(&self.phase) => allowed(ALLOWANCE),
            None => allowed(SignedDuration::ZERO),
        };
        let leaves = resuming.is_none()
            && cancel.is_cancelled()
            && (goal.wanted.on_cancel == OnCancel::Leave || !self.began);
        if error.kind.is_transient() && !leaves && goal.ports.clock.now() < until {
            self.note(&error);
            return Ok(());
        }
        Err(interrupted(goal, error, self.began))
    }

    fn note(&mut self, error: &Error) {
        tracing::debug!(
            operation = error.operation,
            target = error.target,
            code = error.code,
            "AWS call failed"
        );
        let line = technical_line(error);
        if self.technical.last() != Some(&line) {
            self.technical.push(line);
        }
    }

    /// Asks gates as they come due, until it is time to look at AWS again: after the pause, at the end of a
    /// hold, or as soon as gates have been decided. A request that is not answered by then goes on meanwhile.
    async fn rest(&mut self, wake: Option<Timestamp>, cancel: &CancellationToken) {
        let clock = &self.goal.ports.clock;
        let pause = self.pace.pause();
        if cancel.is_cancelled() {
            clock.sleep(pause).await;
            return;
        }
        let began = clock.now();
        let pause = match wake {
            Some(wake) => pause.min(between(began, wake)),
            None => pause,
        };
        let look_at = began.saturating_add(pause).unwrap_or(began);
        loop {
            let before = self.verdict;
            tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                seen = self.gates.poll() => self.verdict = seen,
                () = clock.sleep(between(clock.now(), look_at)) => return,
            }
            let is_news = self.verdict != before && self.verdict.is_some_and(is_decided);
            let now = clock.now();
            if is_news || now >= look_at {
                return;
            }
            let next = self.gates.next_due().unwrap_or(look_at).min(look_at);
            tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                () = clock.sleep(between(now, next)) => {}
            }
            if clock.now() >= look_at {
                return;
            }
        }
    }
}

/// From one moment to a later one, at least [`SHORTEST_PAUSE`].
fn between(from: Timestamp, to: Timestamp) -> Duration {
    let left = Duration::try_from(to.duration_since(from)).unwrap_or_default();
    left.max(SHORTEST_PAUSE)
}

fn is_decided(seen: GateSeen) -> bool {
    match seen.verdict {
        MomentVerdict::Failed | MomentVerdict::Inconclusive | MomentVerdict::Passed => true,
        MomentVerdict::Pending => false,
    }
}

/// Whether the rollout is being given up in this phase.
fn is_undone(phase: &Phase) -> bool {
    matches!(
        phase,
        Phase::AwaitRollback { .. } | Phase::Sides(SidePhase::AwaitReturned { .. })
    )
}

/// Whether both phases wait for the same thing: what is merely remembered between polls may differ.
fn is_same_wait(one: &Phase, other: &Phase) -> bool {
    one == other || one.name() == other.name() && one.followed() == other.followed()
}
