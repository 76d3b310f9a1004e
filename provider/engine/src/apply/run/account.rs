//! The account of a run: what is live now, and the report or the failure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout::{Cause, Outcome};

use super::Run;
use crate::app_spec::short_name;
use crate::apply::{Applied, retention, scaling};
use crate::desired::Intent;
use crate::failure::{self, Failure, FailureKind, What};
use crate::gate::{Inconclusive, SideFacts};
use crate::live::{Live, Unfinished};
use crate::notes::{ended, is_created_from, is_creating};
use crate::observe::{live_of, observe_behind, shown};
use crate::ports::{Error, ServiceStatus};
use crate::report::{DeploymentRecord, GateResult, GateVerdict, RecordFailure, Report, ReportKind};
use crate::watch_note::WatchNote;
use crate::{CREATING_TAG, DEPLOYING_TAG, SCALING_TAG, WATCHING_TAG};

/// Seconds for which a last call is tried again while its errors are of the passing kind.
const LAST_CALLS_SECONDS: i64 = 5 * 60;

/// The moment after a rollout, as results name it.
const AFTER: &str = "after";

impl Run<'_> {
    /// What is live now, and the report or the failure.
    pub(super) async fn account(mut self, settled: Result<Outcome, Box<Failure>>) -> Applied {
        if let Err(failure) = &settled {
            self.resume_scaling(failure.kind()).await;
        }
        let mut live = self.live().await;
        let record = self.record(&settled).await;
        // What goes on without this apply keeps the tasks of its gates: the next apply takes them over.
        if settled.as_ref().is_ok_and(has_ended) {
            self.gates.turn_to(None, SideFacts::default());
            self.gates.stop_left().await;
        }
        if self.unmark(live.as_ref(), &settled).await
            && let Some(live) = &mut live
        {
            live.unfinished.retain(|left| {
                !matches!(
                    left,
                    Unfinished::FirstDeployment | Unfinished::Verdict { .. }
                )
            });
        }
        let back_to = self.goes_back(&settled);
        let result = match settled {
            Err(failure) => Err(failure),
            Ok(Outcome::Succeeded { deployment }) => Ok(self.report(deployment)),
            Ok(outcome) => Err(self.failure(&outcome, live.as_ref(), record.as_ref()).await),
        };
        self.say_the_end(record.as_ref(), result.as_ref().err().map(Box::as_ref));
        if result.is_ok() && record.is_some() {
            retention::prune(self.goal, live.as_ref(), &self.observer.seen).await;
        }
        Applied {
            live,
            deployed: self.deployed,
            record: record.map(|record| finished(record, &result)),
            result,
            back_to,
        }
    }

    /// What is to be live again, because a gate asked afterwards says so.
    fn goes_back(&self, settled: &Result<Outcome, Box<Failure>>) -> Option<String> {
        let Ok(Outcome::LiveButUnhealthy { .. }) = settled else {
            return None;
        };
        let gates = &self.goal.wanted.gates.list;
        let speaks = |result: &GateResult| match result.verdict {
            GateVerdict::Failed => true,
            GateVerdict::Inconclusive => gates
                .iter()
                .any(|gate| gate.name == result.gate && gate.on_inconclusive == Inconclusive::Fail),
            GateVerdict::NoData | GateVerdict::Passed => false,
        };
        let results = self.gates.results().iter();
        let mut failed = results.filter(|it| it.moment == AFTER && speaks(it));
        let says_so = failed.any(|result| {
            let mut gates = gates.iter();
            gates.any(|gate| gate.name == result.gate && gate.goes_back())
        });
        let service = self.observer.seen.service.as_ref()?;
        let note = WatchNote::of(&service.tags).filter(|_| says_so)?;
        let is_this = note.to == short_name(&self.goal.task_definition);
        is_this.then_some(note.from)
    }

    async fn failure(
        &mut self,
        outcome: &Outcome,
        live: Option<&Live>,
        record: Option<&DeploymentRecord>,
    ) -> Box<Failure> {
        let recovery = record.and_then(|record| record.recovery_seconds);
        let seen = &mut self.observer.seen;
        seen.gates = self.gates.failures();
        seen.recovery = recovery.map(std::time::Duration::from_secs);
        seen.quarantined = self.goal.wanted.refuses_failed_images
            && record.is_some_and(|record| record.quarantine);
        let seen = &self.observer.seen;
        let evidence = failure::collect(self.goal, seen, outcome).await;
        let technical = std::mem::take(&mut self.technical);
        let what = What::ended(self.goal, outcome, seen, live, evidence, technical);
        let objective = self.goal.wanted.recovery_objective.as_secs();
        if let Some(seconds) = recovery.filter(|seconds| *seconds > objective) {
            tracing::warn!(
                seconds,
                objective,
                "the rollback took longer than the objective"
            );
        }
        Box::new(Failure::new(self.goal.wanted.service.name.as_str(), what))
    }

    /// Reads afresh, twice if need be; failing that, what was seen last.
    async fn live(&mut self) -> Option<Live> {
        for _ in 0..3 {
            let wanted = self.goal.wanted;
            let route = wanted.production_route();
            match observe_behind(self.goal.ports, &wanted.service, route).await {
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
        let route = self.goal.wanted.production_route();
        match live_of(self.goal.ports, service.clone(), route).await {
            Ok(live) => Some(live),
            Err(_) => {
                let revision = crate::observe::configured(&service);
                Some(shown(service, revision, None, self.goal.ports.clock.now()))
            }
        }
    }

    /// A call that ended the run must not leave automatic scaling suspended; where AWS does not answer any
    /// more, one try has to do, and the next apply resumes it.
    async fn resume_scaling(&mut self, kind: FailureKind) {
        let Some(service) = self.observer.seen.service.clone() else {
            return;
        };
        if !service.tags.contains_key(SCALING_TAG) {
            return;
        }
        let until = match kind {
            FailureKind::Unavailable => self.goal.ports.clock.now(),
            FailureKind::AlreadyExists
            | FailureKind::Cancelled
            | FailureKind::ControllerDiffers
            | FailureKind::Denied
            | FailureKind::DeploymentFailed
            | FailureKind::FirstRolloutFailed
            | FailureKind::GateFailed
            | FailureKind::HeldBack
            | FailureKind::InTheWay
            | FailureKind::NotFound
            | FailureKind::NotListed
            | FailureKind::Rejected
            | FailureKind::RollbackFailed
            | FailureKind::RolledBack
            | FailureKind::RouteMissing
            | FailureKind::ScalingNotOurs
            | FailureKind::ScalingPolicyLost
            | FailureKind::ScalingRefused
            | FailureKind::ScalingServiceMissing
            | FailureKind::Stopped
            | FailureKind::Superseded
            | FailureKind::TimedOut
            | FailureKind::TrafficNotReturned
            | FailureKind::Unexpected
            | FailureKind::Vanished => self.patience(),
        };
        loop {
            match scaling::resume(self.goal, &service).await {
                Ok(()) => return,
                Err(error) => {
                    self.note(&error);
                    if !self.waits(&error, until).await {
                        tracing::warn!(error = %error, "automatic scaling stays suspended; the next apply resumes it");
                        return;
                    }
                }
            }
        }
    }

    fn patience(&self) -> Timestamp {
        let limit = SignedDuration::from_secs(LAST_CALLS_SECONDS);
        let now = self.goal.ports.clock.now();
        now.saturating_add(limit).unwrap_or(now)
    }

    /// Whether to try again, after a pause.
    async fn waits(&mut self, error: &Error, until: Timestamp) -> bool {
        if !error.kind.is_transient() || self.goal.ports.clock.now() >= until {
            return false;
        }
        let pause = self.pace.pause();
        self.goal.ports.clock.sleep(pause).await;
        true
    }

    /// The last change: our notes go. The mark of a creation stays, and says that it has ended: what Terraform has
    /// not recorded by then is recognised by it, and the first apply that finds the service in the state removes
    /// it. A note that stays is removed by the next apply. While a rollout of ours runs, notes stay on purpose; so
    /// does a mark that somebody else has left. Whether the creation is told to have ended.
    async fn unmark(
        &mut self,
        live: Option<&Live>,
        settled: &Result<Outcome, Box<Failure>>,
    ) -> bool {
        let (Some(live), Some(service)) = (live, &self.observer.seen.service) else {
            return false;
        };
        let is_update = self.goal.wanted.intent == Intent::Update;
        let is_ours = is_update
            || self.created
            || is_created_from(&service.tags, &self.goal.fingerprint, self.goal.started_at);
        let goes_on = match settled {
            Ok(Outcome::Succeeded { .. }) => false,
            Ok(outcome) => live.deployment.is_some() || !has_ended(outcome),
            Err(_) => true,
        };
        if !is_ours || goes_on || live.service.status != ServiceStatus::Active {
            return false;
        }
        // Until another rollout has been taken back, the next apply has to know of it.
        let is_of_this = WatchNote::of(&service.tags)
            .is_some_and(|note| note.to == short_name(&self.goal.task_definition));
        let is_over = is_of_this || matches!(settled, Ok(Outcome::Succeeded { .. }));
        let keeps_watching = !is_over || self.goes_back(settled).is_some();
        let left: BTreeSet<String> = [CREATING_TAG, DEPLOYING_TAG, WATCHING_TAG]
            .into_iter()
            .filter(|key| is_update || *key != CREATING_TAG)
            .filter(|key| *key != WATCHING_TAG || !keeps_watching)
            .filter(|key| service.tags.contains_key(*key))
            .map(str::to_owned)
            .collect();
        let ended = match is_update {
            true => BTreeMap::new(),
            false if !self.created && !is_creating(&service.tags) => BTreeMap::new(),
            false => {
                let now = self.goal.ports.clock.now();
                let value = ended(&self.goal.fingerprint, now);
                BTreeMap::from([(CREATING_TAG.to_owned(), value)])
            }
        };
        if left.is_empty() && ended.is_empty() {
            return false;
        }
        let until = self.patience();
        loop {
            let services = &self.goal.ports.services;
            let removed = services.change_tags(&live.service.arn, &ended, &left).await;
            let Err(error) = removed else {
                return true;
            };
            if !self.waits(&error, until).await {
                tracing::warn!(error = %error, "the marker tag of a completed creation could not be removed; the \
                                                next apply removes it");
                return false;
            }
        }
    }

    fn report(&self, deployment_id: Option<String>) -> Report {
        let kind = match (&deployment_id, self.goal.wanted.intent) {
            (_, _) if self.created => ReportKind::Created,
            // A create that found its own leftover has created, too.
            (_, Intent::Create) => ReportKind::Created,
            (Some(_), Intent::Update) => ReportKind::RolledOut,
            (None, Intent::Update) if self.adjusted => ReportKind::Adjusted,
            (None, Intent::Update) => ReportKind::Unchanged,
        };
        Report {
            kind,
            deployment_id,
        }
    }

    /// Task definition that was live before.
    pub(super) fn from(&self) -> Option<String> {
        let tags = self.observer.seen.service.as_ref().map(|it| &it.tags);
        let note = tags.and_then(WatchNote::of);
        // An earlier apply has begun it: what is live by now was not live then.
        if let Some(note) = note.filter(|it| it.to == short_name(&self.goal.task_definition)) {
            return Some(note.from);
        }
        let before = self.observer.seen.before.as_ref()?;
        before.task_definition.clone()
    }

    /// One sentence: why anything was done.
    pub(super) fn why(&self) -> String {
        match &self.because {
            Some(reason) => format!("Because {reason}."),
            None => {
                "Because a deployment to the desired revision was already in progress.".to_owned()
            }
        }
    }
}

/// The record with what the whole run came to.
fn finished(
    mut record: DeploymentRecord,
    result: &Result<Report, Box<Failure>>,
) -> DeploymentRecord {
    if let Some(unmeasured) = unmeasured(&record.gates) {
        record.reason = format!("{} {unmeasured}", record.reason);
    }
    if let Err(failure) = result {
        let (summary, why) = (failure.summary(), failure.why());
        let first = why.first().map(|why| format!(" {why}"));
        record.reason = format!("{} {summary}.{}", record.reason, first.unwrap_or_default());
        record.failure = Some(RecordFailure {
            code: failure.kind().code().to_owned(),
            summary,
            now: failure.now(),
            why,
            next: failure.next(),
        });
    }
    record
}

/// One sentence: what passed without being measured.
fn unmeasured(gates: &[GateResult]) -> Option<String> {
    let mut named: Vec<String> = Vec::new();
    for gate in gates.iter().filter(|it| it.verdict == GateVerdict::NoData) {
        let name = format!("`{}`", gate.gate);
        if !named.contains(&name) {
            named.push(name);
        }
    }
    match named.as_slice() {
        [] => None,
        [one] => Some(format!(
            "Gate {one} had moments without data, which counted as passed."
        )),
        several => Some(format!(
            "Gates {} had moments without data, which counted as passed.",
            several.join(", ")
        )),
    }
}

/// Whether this end leaves no rollout of ours that could still succeed.
fn has_ended(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::RolledBack { cause, .. } | Outcome::Stopped { cause, .. } => match cause {
            Cause::Aws | Cause::Gate | Cause::Hopeless | Cause::Unavailable => true,
            Cause::Cancelled | Cause::Deadline => false,
        },
        Outcome::DeploymentFailed { .. }
        | Outcome::FirstRolloutFailed { .. }
        | Outcome::LiveButUnhealthy { .. }
        | Outcome::RollbackFailed { .. }
        | Outcome::Succeeded { .. }
        | Outcome::Superseded { .. } => true,
        Outcome::AlreadyExists
        | Outcome::Cancelled { .. }
        | Outcome::ControllerDiffers
        | Outcome::HeldBack
        | Outcome::InTheWay { .. }
        | Outcome::NotListed
        | Outcome::NotUndone { .. }
        | Outcome::TimedOut { .. }
        | Outcome::Vanished => false,
    }
}
