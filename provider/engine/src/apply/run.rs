//! The loop: observe, decide, perform, until settled.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout as rollout;
use switchyard_rollout::{Answer, Decision, Next, Observed, Outcome, Phase, Reason, Step, decide};
use tokio_util::sync::CancellationToken;

use super::goal::Goal;
use super::observer::Observer;
use super::perform::{Performed, perform};
use super::{Applied, interrupted};
use crate::CREATING_TAG;
use crate::failure::{self, Failure, FailureKind, technical};
use crate::live::Live;
use crate::observe::{live_of, observe, shown};
use crate::pace::Pace;
use crate::ports::{Error, ServiceStatus};
use crate::report::{Report, ReportKind, TimelineEntry};
use crate::wanted::{Intent, OnCancel};

/// Everything a run keeps between polls.
struct Run<'a> {
    goal: &'a Goal<'a>,
    observer: Observer<'a>,
    pace: Pace,
    phase: Phase,
    answer: Answer,
    refused_since: Option<Timestamp>,
    created: bool,
    adjusted: bool,
    began: bool,
    timeline: Vec<TimelineEntry>,
    technical: Vec<String>,
    /// Phase name and reason of the last progress line: one line per change, never per poll.
    told: Option<(&'static str, Reason)>,
    /// Our rollout, once it has succeeded.
    deployed: Option<String>,
    /// Why the first effect was necessary.
    because: Option<Reason>,
}

/// Runs to the end and accounts for it.
pub(super) async fn run(goal: &Goal<'_>, cancel: &CancellationToken) -> Applied {
    let mut run = Run {
        goal,
        observer: Observer::new(goal),
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
        deployed: None,
        because: None,
    };
    let settled = run.follow(cancel).await;
    run.account(settled).await
}

impl Run<'_> {
    async fn follow(&mut self, cancel: &CancellationToken) -> Result<Outcome, Box<Failure>> {
        loop {
            let observed = match self
                .observer
                .observe(&self.phase, cancel.is_cancelled(), self.answer.clone())
                .await
            {
                Ok(observed) => observed,
                Err(error) => {
                    self.tolerate(error, cancel)?;
                    self.rest(cancel).await;
                    continue;
                }
            };
            let decision = decide(&self.goal.spec, self.phase.clone(), &observed);
            self.tell(&decision, &observed);
            if let Phase::AwaitAdjusted {
                next: Next::End(Some(id)),
                ..
            } = &decision.phase
            {
                self.deployed = Some(id.clone());
            }
            if let Phase::Settled(outcome) = decision.phase {
                return Ok(outcome);
            }
            if decision.step.is_effect() {
                self.act(decision).await?;
            } else {
                let moved = decision.phase != self.phase;
                self.phase = decision.phase;
                // A new phase looks at other things: look at once.
                if moved {
                    self.pace.quicken();
                    continue;
                }
            }
            self.rest(cancel).await;
        }
    }

    async fn act(&mut self, decision: Decision) -> Result<(), Box<Failure>> {
        let Decision {
            phase,
            step,
            reason,
            watch: _,
        } = decision;
        match perform(self.goal, &self.observer.seen, &step, self.refused_since).await {
            Performed::Done { started } => {
                self.refused_since = None;
                self.answer = Answer::Done { started };
            }
            Performed::Unsure(error) => {
                self.note(&error);
                self.answer = Answer::Unsure;
            }
            Performed::StopRefused(error) => {
                self.note(&error);
                self.answer = Answer::StopRefused;
            }
            Performed::NotYet(error) => {
                self.note(&error);
                self.refused_since
                    .get_or_insert_with(|| self.goal.ports.clock.now());
                // The phase stays: the same question is asked again.
                return Ok(());
            }
            Performed::Failed(failure) => return Err(failure),
        }
        self.because.get_or_insert(reason);
        self.began = true;
        match step {
            Step::Create => self.created = true,
            Step::Adjust => self.adjusted = true,
            Step::ContinueRollout { .. }
            | Step::CreateSide
            | Step::PrepareRoutes
            | Step::PromoteSide { .. }
            | Step::RemoveSide { .. }
            | Step::ResumeScaling
            | Step::Shift { .. }
            | Step::ShiftTest { .. }
            | Step::SuspendScaling
            | Step::SwitchController
            | Step::StartRollout
            | Step::StopRollout { .. }
            | Step::Wait
            | Step::Finish => {}
        }
        self.phase = phase;
        self.pace.quicken();
        Ok(())
    }

    /// Errors that pass are waited out, up to the deadline (and the allowance, while something is undone).
    fn tolerate(&mut self, error: Error, cancel: &CancellationToken) -> Result<(), Box<Failure>> {
        let spec = &self.goal.spec;
        let allowance = match self.phase {
            Phase::AwaitRollback { .. } => {
                SignedDuration::from_secs(rollout::ROLLBACK_ALLOWANCE_SECONDS)
            }
            Phase::AwaitAdjusted { .. }
            | Phase::AwaitCreated { .. }
            | Phase::AwaitDeployment { .. }
            | Phase::AwaitOutcome { .. }
            | Phase::AwaitScalingResumed { .. }
            | Phase::AwaitScalingSuspended { .. }
            | Phase::AwaitSteady
            | Phase::AwaitSwitched { .. }
            | Phase::AwaitTurn
            | Phase::AwaitVerdict { .. }
            | Phase::Settled(_)
            | Phase::Sides(_) => SignedDuration::ZERO,
        };
        let until = spec
            .deadline
            .saturating_add(allowance)
            .unwrap_or(Timestamp::MAX);
        let leaves =
            cancel.is_cancelled() && (self.goal.wanted.on_cancel == OnCancel::Leave || !self.began);
        if error.kind.is_transient() && !leaves && self.goal.ports.clock.now() < until {
            self.note(&error);
            return Ok(());
        }
        Err(interrupted(self.goal, &error, self.began))
    }

    fn note(&mut self, error: &Error) {
        tracing::debug!(
            operation = error.operation,
            target = error.target,
            code = error.code,
            "AWS call failed"
        );
        let line = technical(error);
        if self.technical.last() != Some(&line) {
            self.technical.push(line);
        }
    }

    /// Sleeps one pause; wakes up once for cancellation.
    async fn rest(&mut self, cancel: &CancellationToken) {
        let pause = self.pace.pause();
        if cancel.is_cancelled() {
            self.goal.ports.clock.sleep(pause).await;
            return;
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = self.goal.ports.clock.sleep(pause) => {}
        }
    }

    fn tell(&mut self, decision: &Decision, observed: &Observed) {
        let told = (decision.phase.name(), decision.reason.clone());
        if self.told.as_ref() == Some(&told) && !decision.step.is_effect() {
            return;
        }
        let deployment_id = decision.phase.followed().unwrap_or_default();
        tracing::info!(
            deployment_id,
            phase = decision.phase.name(),
            step = decision.step.name(),
            reason = %decision.reason,
            "rollout progress"
        );
        let weight = observed
            .followed
            .as_ref()
            .and_then(|followed| followed.weight);
        let stage = match &decision.reason {
            Reason::Progress { stage, .. } => Some(stage.clone()),
            // Bookkeeping between phases is no moment of a rollout.
            Reason::AnswerPending | Reason::Ended | Reason::RolloutFound => None,
            reason => Some(reason.to_string()),
        };
        if let Some(stage) = stage {
            let entry = TimelineEntry {
                at: observed.now,
                stage,
                weight,
            };
            let is_news = self
                .timeline
                .last()
                .is_none_or(|last| last.stage != entry.stage || last.weight != entry.weight);
            if is_news {
                self.timeline.push(entry);
            }
        }
        self.told = Some(told);
    }

    /// What is live now, and the report or the failure.
    async fn account(mut self, settled: Result<Outcome, Box<Failure>>) -> Applied {
        let live = self.live().await;
        let result = match settled {
            Err(failure) => Err(failure),
            Ok(Outcome::Succeeded { deployment }) => Ok(self.report(deployment, live.as_ref())),
            Ok(outcome) => {
                let seen = &self.observer.seen;
                let evidence = failure::collect(self.goal, seen, &outcome).await;
                let technical = std::mem::take(&mut self.technical);
                Err(Box::new(failure::of_outcome(
                    self.goal,
                    &outcome,
                    seen,
                    live.as_ref(),
                    evidence,
                    technical,
                )))
            }
        };
        self.unmark(live.as_ref(), &result).await;
        Applied {
            live,
            deployed: self.deployed,
            record: None,
            result,
        }
    }

    /// Reads afresh, twice if need be; failing that, what was seen last.
    async fn live(&mut self) -> Option<Live> {
        for _ in 0..3 {
            match observe(self.goal.ports, &self.goal.wanted.service).await {
                Ok(live) => return live,
                Err(error) if error.kind.is_transient() => {
                    self.note(&error);
                    self.goal.ports.clock.sleep(self.pace.pause()).await;
                }
                Err(error) => {
                    self.note(&error);
                    break;
                }
            }
        }
        let service = self.observer.seen.service.clone()?;
        if service.status == ServiceStatus::Inactive {
            return None;
        }
        match live_of(self.goal.ports, service.clone()).await {
            Ok(live) => Some(live),
            Err(_) => {
                let revision = crate::observe::configured(&service);
                Some(shown(service, revision, None))
            }
        }
    }

    /// The very last call: before it, a killed run is recognised by the mark. A mark that stays is
    /// removed by the next apply. While the first rollout runs, the mark stays on purpose; so it does on
    /// a service that carries it for somebody else.
    async fn unmark(&mut self, live: Option<&Live>, result: &Result<Report, Box<Failure>>) {
        let (Some(live), Some(service)) = (live, &self.observer.seen.service) else {
            return;
        };
        let is_ours = service.tags.get(CREATING_TAG) == Some(&self.goal.fingerprint)
            || self.created
            || self.goal.wanted.intent == Intent::Update && service.tags.contains_key(CREATING_TAG);
        let goes_on = result
            .as_ref()
            .is_err_and(|failure| live.deployment.is_some() || !has_ended(failure.kind));
        if !is_ours || goes_on || live.service.status != ServiceStatus::Active {
            return;
        }
        let key = BTreeSet::from([CREATING_TAG.to_owned()]);
        let removed = self
            .goal
            .ports
            .services
            .change_tags(&live.service.arn, &std::collections::BTreeMap::new(), &key)
            .await;
        if let Err(error) = removed {
            tracing::warn!(error = %error, "the mark of a finished creation could not be removed; the next apply does it");
        }
    }

    fn report(&mut self, deployment: Option<String>, live: Option<&Live>) -> Report {
        let finished_at = self.goal.ports.clock.now();
        let started_at = self.goal.started_at;
        let seconds = finished_at.duration_since(started_at).as_secs();
        let kind = match (&deployment, self.goal.wanted.intent) {
            (_, _) if self.created => ReportKind::Created,
            // A create that found its own leftover has created, too.
            (_, Intent::Create) => ReportKind::Created,
            (Some(_), Intent::Update) => ReportKind::RolledOut,
            (None, Intent::Update) if self.adjusted => ReportKind::Adjusted,
            (None, Intent::Update) => ReportKind::Unchanged,
        };
        let reason = match (&self.because, kind) {
            (Some(reason), _) => format!("Because {reason}."),
            (None, ReportKind::Unchanged) => "Everything is as wanted.".to_owned(),
            (None, ReportKind::Created | ReportKind::Adjusted | ReportKind::RolledOut) => {
                "Because a rollout to what is wanted was under way already.".to_owned()
            }
        };
        Report {
            kind,
            deployment_id: deployment,
            from_task_definition: match kind {
                ReportKind::Created => None,
                ReportKind::Adjusted | ReportKind::RolledOut | ReportKind::Unchanged => self
                    .observer
                    .seen
                    .before
                    .as_ref()
                    .and_then(|before| before.task_definition.clone()),
            },
            to_task_definition: live.and_then(|live| live.revision.task_definition.clone()),
            started_at,
            finished_at,
            duration_seconds: u64::try_from(seconds).unwrap_or_default(),
            timeline: std::mem::take(&mut self.timeline),
            reason,
        }
    }
}

/// Whether a failure of this kind leaves no rollout of ours that could still succeed.
fn has_ended(kind: FailureKind) -> bool {
    match kind {
        FailureKind::RolledBack
        | FailureKind::RollbackFailed
        | FailureKind::Stopped
        | FailureKind::Superseded
        | FailureKind::FirstRolloutFailed
        | FailureKind::GateFailed
        | FailureKind::DeploymentFailed => true,
        FailureKind::TimedOut
        | FailureKind::Cancelled
        | FailureKind::AlreadyExists
        | FailureKind::ControllerDiffers
        | FailureKind::Vanished
        | FailureKind::NotFound
        | FailureKind::Rejected
        | FailureKind::Denied
        | FailureKind::Unavailable
        | FailureKind::Unexpected => false,
    }
}
