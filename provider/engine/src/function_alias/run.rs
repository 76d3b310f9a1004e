//! The loop: observe, decide, change, until settled.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout::alias::{
    AliasDecision, AliasPhase, AliasSeen, AliasSpec, Cause, End, Goal, decide,
};
use switchyard_rollout::{GateSeen, Gated, Intent, MomentVerdict};
use tokio_util::sync::CancellationToken;

use super::{AliasApplied, AliasFailed, AliasFailure, DesiredAlias};
use crate::gate::{GateRunner, MomentKind, SideFacts};
use crate::pace::Pace;
use crate::ports::{AliasRouting, LiveAlias, Ports, ServiceRef};

/// The shortest pause: what is due at once is done at once, and never in a circle.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// Makes the alias, or moves it to the version that is wanted, to the end.
///
/// # Errors
/// When the version does not get all of the traffic. What is true then is in the error.
pub async fn apply_alias(
    ports: &Ports,
    wanted: &DesiredAlias,
    intent: Intent,
    cancel: &CancellationToken,
) -> Result<AliasApplied, AliasFailed> {
    let named = ServiceRef {
        cluster: String::new(),
        name: wanted.qualified(),
    };
    let now = ports.clock.now();
    let limit = SignedDuration::try_from(wanted.time_limit).unwrap_or(SignedDuration::MAX);
    let mut run = Run {
        ports,
        wanted,
        cancel,
        spec: AliasSpec {
            wanted: wanted.version,
            intent,
            holds: wanted.holds.clone(),
            gated: gated(wanted),
            deadline: now.saturating_add(limit).unwrap_or(Timestamp::MAX),
            on_cancel: wanted.on_cancel,
        },
        gates: GateRunner::without_service(ports, &wanted.gates, &named),
        pace: Pace::new(&named.name),
        phase: AliasPhase::AwaitSight,
        verdict: None,
        before: None,
        alias: None,
        is_seen: false,
        firing: Vec::new(),
        evidence: Vec::new(),
    };
    match run.follow().await {
        Ok(end) => run.finish(end).await,
        Err(why) => Err(run.failed(why).await),
    }
}

/// Where gates are asked.
fn gated(wanted: &DesiredAlias) -> Gated {
    let asked = |kind| {
        let mut gates = wanted.gates.list.iter();
        gates.any(|gate| gate.when.contains(&kind))
    };
    Gated {
        before_start: false,
        before_traffic: asked(MomentKind::BeforeTraffic),
        step: asked(MomentKind::Step),
        bake: asked(MomentKind::Bake),
        after: false,
    }
}

pub(super) struct Run<'a> {
    pub(super) ports: &'a Ports,
    pub(super) wanted: &'a DesiredAlias,
    pub(super) cancel: &'a CancellationToken,
    pub(super) spec: AliasSpec,
    pub(super) gates: GateRunner<'a>,
    pub(super) pace: Pace,
    pub(super) phase: AliasPhase,
    pub(super) verdict: Option<GateSeen>,
    /// Where its traffic went when it was seen first.
    pub(super) before: Option<AliasRouting>,
    pub(super) alias: Option<LiveAlias>,
    /// Whether `alias` is what AWS has: nothing was asked for since.
    pub(super) is_seen: bool,
    /// Alarms that fire.
    pub(super) firing: Vec<String>,
    /// Why the version is not kept.
    pub(super) evidence: Vec<String>,
}

impl Run<'_> {
    async fn follow(&mut self) -> Result<End, AliasFailure> {
        self.await_version().await?;
        loop {
            if !self.look().await? {
                self.rest(None).await;
                continue;
            }
            let seen = AliasSeen {
                alarms: self.alarms().await?,
                now: self.ports.clock.now(),
                alias: self.alias.as_ref().map(|alias| alias.routing),
                gate: self.verdict,
                cancelled: self.cancel.is_cancelled(),
            };
            let AliasDecision {
                phase,
                put,
                watch,
                wake,
            } = decide(&self.spec, self.phase, &seen);
            self.remember(phase);
            if let AliasPhase::Settled(end) = phase {
                return Ok(end);
            }
            if self.gates.is_watching() != watch {
                self.verdict = None;
            }
            self.gates.turn_to(watch, SideFacts::default());
            let has_moved = phase != self.phase;
            self.phase = phase;
            match put {
                Some(put) => self.put(put).await?,
                None if has_moved => {
                    self.pace.quicken();
                    continue;
                }
                None => {}
            }
            self.rest(wake).await;
        }
    }

    /// Why the version is not kept, as long as that can be said.
    fn remember(&mut self, phase: AliasPhase) {
        let cause = match phase {
            AliasPhase::AwaitPut {
                goal: Goal::Back(cause),
                ..
            }
            | AliasPhase::Settled(End::Refused { cause, .. }) => cause,
            AliasPhase::AwaitSight
            | AliasPhase::AwaitTested(_)
            | AliasPhase::AwaitPut { .. }
            | AliasPhase::AwaitHeld(_)
            | AliasPhase::Settled(_) => return,
        };
        if !self.evidence.is_empty() {
            return;
        }
        self.evidence = match cause {
            Cause::Alarm => self
                .firing
                .iter()
                .map(|name| format!("Alarm `{name}` is firing."))
                .collect(),
            Cause::GateFailed | Cause::GateUndecided => self.gates.failures(),
            Cause::Cancelled | Cause::Deadline => Vec::new(),
        };
    }

    /// Asks gates as they come due, until it is time to look at AWS again.
    pub(super) async fn rest(&mut self, wake: Option<Timestamp>) {
        let clock = &self.ports.clock;
        let pause = self.pace.pause();
        if self.cancel.is_cancelled() {
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
                () = self.cancel.cancelled() => return,
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
                () = self.cancel.cancelled() => return,
                () = clock.sleep(between(now, next)) => {}
            }
            if clock.now() >= look_at {
                return;
            }
        }
    }

    async fn finish(mut self, end: End) -> Result<AliasApplied, AliasFailed> {
        let why = match end {
            End::Adopted | End::Created | End::Moved | End::TakenBack | End::Unchanged => {
                let found = self.alias.as_ref().map(|alias| alias.description.clone());
                return match self.describe().await {
                    Ok(alias) => Ok(AliasApplied {
                        described: found.filter(|found| *found != alias.description),
                        alias,
                        end,
                        before: self.before,
                        gates: self.gates.results().to_vec(),
                    }),
                    Err(why) => Err(self.failed(why).await),
                };
            }
            End::Left => AliasFailure::Left,
            End::NameTaken => AliasFailure::NameTaken,
            End::Refused { cause, had_traffic } => AliasFailure::Refused {
                cause,
                had_traffic,
                evidence: std::mem::take(&mut self.evidence),
            },
            End::Superseded => AliasFailure::Superseded,
            End::Unfinished => AliasFailure::Unfinished,
        };
        Err(self.failed(why).await)
    }

    /// What is true now, as far as AWS says.
    async fn failed(mut self, why: AliasFailure) -> AliasFailed {
        if !self.is_seen {
            let aliases = &self.ports.function_aliases;
            let found = aliases.find_alias(&self.wanted.function, &self.wanted.name);
            if let Ok(found) = found.await {
                self.alias = found;
                self.is_seen = true;
            }
        }
        AliasFailed {
            alias: self.alias,
            is_seen: self.is_seen,
            why,
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
