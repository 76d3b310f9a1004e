//! Keeps the gates of the moment a rollout is in.

use std::sync::{Mutex, PoisonError};

use futures::future::{BoxFuture, FutureExt as _, join, join_all};
use jiff::Timestamp;
use switchyard_rollout::weights::Share;
use switchyard_rollout::{GateSeen, Moment, MomentVerdict};

use super::ask::{Missed, round};
use super::config::{Check, Gate, Gates, Inconclusive, MomentKind};
use super::judge::{self, Measurement, Sample};
use super::means::{Means, SideFacts};
use super::measure::{Ask, Look};
use super::score::{Stand, Together, together};
use super::track::{GateState, Track};
use crate::ports::{Ports, ServiceRef};
use crate::report::{GateReading, GateResult, GateVerdict, MOST_READINGS, ReadingVerdict};

/// Evaluates the gates of one moment at a time. Another moment starts from nothing.
pub(crate) struct GateRunner<'a> {
    means: Means<'a>,
    gates: &'a Gates,
    service: &'a ServiceRef,
    facts: SideFacts,
    current: Option<Current>,
    under_way: UnderWay<'a>,
    results: Vec<GateResult>,
    readings: Vec<GateReading>,
    score: Option<u32>,
    failures: Vec<String>,
    blames_new_side: bool,
}

/// The moment that is evaluated.
struct Current {
    moment: Moment,
    /// Index of the gate, and how it does.
    tracks: Vec<(usize, Track)>,
    verdict: MomentVerdict,
}

/// Measurements that have begun: they outlive the poll that began them. Never locked, only shareable.
type UnderWay<'a> = Mutex<Option<BoxFuture<'a, Vec<Brought>>>>;

/// What a measurement brought.
enum Brought {
    Metric(usize, Sample),
    Round(usize, Result<String, Missed>),
}

impl<'a> GateRunner<'a> {
    /// A runner that watches nothing yet.
    pub(crate) fn new(ports: &'a Ports, gates: &'a Gates, service: &'a ServiceRef) -> Self {
        let means = Means {
            routing: &*ports.routing,
            metrics: &*ports.metrics,
            probes: &*ports.probes,
            clock: &*ports.clock,
        };
        Self::over(means, gates, service)
    }

    /// As [`Self::new`], with no more than is needed.
    pub(super) fn over(means: Means<'a>, gates: &'a Gates, service: &'a ServiceRef) -> Self {
        Self {
            means,
            gates,
            service,
            facts: SideFacts::default(),
            current: None,
            under_way: Mutex::default(),
            results: Vec::new(),
            readings: Vec::new(),
            score: None,
            failures: Vec::new(),
            blames_new_side: false,
        }
    }

    /// The moment to evaluate from now on; `None` stops. Nothing changes while the moment is the same. Facts
    /// may change at any time.
    pub(crate) fn turn_to(&mut self, moment: Option<Moment>, facts: SideFacts) {
        self.facts = facts;
        if self.current.as_ref().map(|current| current.moment) == moment {
            return;
        }
        self.leave();
        let now = self.means.clock.now();
        self.current = moment.map(|moment| {
            let all = self.gates.list.iter().enumerate();
            let asked = all.filter(|(_, gate)| gate.when.contains(&when(moment)));
            Current {
                moment,
                tracks: asked
                    .map(|(index, gate)| (index, Track::begin(gate, now)))
                    .collect(),
                verdict: MomentVerdict::Pending,
            }
        });
    }

    /// Carries out every measurement that is due now, side by side, and says what the gates of the moment say
    /// together. `None` when no moment is watched or no gate exists for it.
    ///
    /// May be dropped at any await: the next poll goes on with what has begun.
    pub(crate) async fn poll(&mut self) -> Option<GateSeen> {
        let open = self.current.as_ref().filter(|it| !it.tracks.is_empty())?;
        let moment = open.moment;
        match open.verdict {
            // These are final: the rollout is being undone.
            MomentVerdict::Failed | MomentVerdict::Inconclusive => {}
            MomentVerdict::Passed | MomentVerdict::Pending => {
                let begun = match self.under_way().take() {
                    Some(begun) => begun,
                    None => self.measure(),
                };
                let brought = self.under_way().insert(begun).await;
                *self.under_way() = None;
                self.take(brought);
                self.judge();
            }
        }
        let verdict = self.current.as_ref()?.verdict;
        Some(GateSeen { moment, verdict })
    }

    /// When the next measurement is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let current = self.current.as_ref()?;
        match current.verdict {
            MomentVerdict::Failed | MomentVerdict::Inconclusive => None,
            MomentVerdict::Passed | MomentVerdict::Pending => current
                .tracks
                .iter()
                .filter_map(|(index, track)| track.next(self.gate(*index)?.time_limit))
                .min(),
        }
    }

    /// Results decided so far, in the order in which they were decided.
    pub(crate) fn results(&self) -> &[GateResult] {
        &self.results
    }

    /// What was measured so far, oldest first.
    pub(crate) fn readings(&self) -> &[GateReading] {
        &self.readings
    }

    /// Health score, 0–100, of the last moment in which something was decided.
    pub(crate) fn score(&self) -> Option<u32> {
        self.score
    }

    /// Sentences for a failure's evidence: which gate failed, at which moment, with which number, and what was
    /// expected. Empty unless the moment judged last has failed.
    pub(crate) fn failures(&self) -> Vec<String> {
        self.failures.clone()
    }

    /// Whether the moment judged last has failed over something that was measured of the new side alone.
    pub(crate) fn blames_new_side(&self) -> bool {
        self.blames_new_side
    }

    fn gate(&self, index: usize) -> Option<&'a Gate> {
        self.gates.list.get(index)
    }

    fn under_way(&mut self) -> &mut Option<BoxFuture<'a, Vec<Brought>>> {
        let under_way = self.under_way.get_mut();
        under_way.unwrap_or_else(PoisonError::into_inner)
    }

    /// Every measurement that is due now.
    fn measure(&self) -> BoxFuture<'a, Vec<Brought>> {
        let now = self.means.clock.now();
        let (mut rounds, mut asks) = (Vec::new(), Vec::new());
        for (index, track) in self.current.iter().flat_map(|current| &current.tracks) {
            if !track.is_open() || track.due > now {
                continue;
            }
            match self.gate(*index).map(|gate| &gate.check) {
                Some(Check::Http(check)) => rounds.push((*index, check)),
                Some(Check::Metric(check)) => asks.push(Ask {
                    index: *index,
                    check,
                    from: track.next_period,
                }),
                None => {}
            }
        }
        let (means, service, facts) = (self.means, self.service, self.facts.clone());
        async move {
            let facts = &facts;
            let rounds = rounds.into_iter().map(|(index, check)| async move {
                Brought::Round(index, round(means, facts, check).await)
            });
            let look = Look {
                service,
                facts,
                now,
            };
            let (mut brought, readings) = join(join_all(rounds), look.read(means, &asks)).await;
            brought.extend(
                readings
                    .into_iter()
                    .map(|(index, reading)| Brought::Metric(index, reading)),
            );
            brought
        }
        .boxed()
    }

    /// Puts down what measurements have brought.
    fn take(&mut self, brought: Vec<Brought>) {
        let now = self.means.clock.now();
        let gates = &self.gates.list;
        let Some(current) = &mut self.current else {
            return;
        };
        let mut readings = Vec::new();
        for one in brought {
            let (Brought::Metric(index, _) | Brought::Round(index, _)) = &one;
            let index = *index;
            let Some((_, track)) = current.tracks.iter_mut().find(|(of, _)| *of == index) else {
                continue;
            };
            let Some(gate) = gates.get(index) else {
                continue;
            };
            let mut reading = GateReading {
                gate: gate.name.clone(),
                moment: word(current.moment).to_owned(),
                at: now,
                value: None,
                limit: None,
                expected: None,
                verdict: ReadingVerdict::Missing,
            };
            match (one, &gate.check) {
                (Brought::Round(_, answer), Check::Http(check)) => match answer {
                    Ok(seen) => {
                        track.round(check, Ok(seen), now);
                        reading.verdict = ReadingVerdict::Good;
                        readings.push(reading);
                    }
                    Err(Missed::Bad(seen)) => {
                        track.round(check, Err(seen), now);
                        reading.verdict = ReadingVerdict::Bad;
                        readings.push(reading);
                    }
                    Err(Missed::Unasked(why)) => track.unasked(check, why, now),
                },
                (Brought::Metric(_, sample), Check::Metric(check)) => {
                    if let Sample::Value { new, old, .. } = &sample {
                        reading.value = Some(*new).filter(|value| value.is_finite());
                        reading.limit = judge::limit(check, *old);
                        reading.expected = Some(judge::expected(check, *old));
                    }
                    if let Some(measurement) = track.reading(check, sample, now) {
                        reading.verdict = meaning(measurement);
                        readings.push(reading);
                    }
                }
                (Brought::Round(..), Check::Metric(_)) | (Brought::Metric(..), Check::Http(_)) => {}
            }
        }
        for (index, track) in &mut current.tracks {
            if let Some(gate) = gates.get(*index) {
                track.expire(gate.time_limit, now);
            }
        }
        for reading in readings {
            self.keep(reading);
        }
    }

    /// Keeps a reading. When a gate has too many, every second one of it goes.
    fn keep(&mut self, reading: GateReading) {
        let of_gate = |kept: &GateReading| kept.gate == reading.gate;
        if self.readings.iter().filter(|kept| of_gate(kept)).count() >= MOST_READINGS {
            let mut nth = 0_u32;
            self.readings.retain(|kept| {
                nth = nth.saturating_add(u32::from(of_gate(kept)));
                !of_gate(kept) || nth.is_multiple_of(2)
            });
        }
        self.readings.push(reading);
    }

    /// Says what the moment's gates say together, and records what is decided.
    fn judge(&mut self) {
        let now = self.means.clock.now();
        let gates = self.gates;
        let Some(current) = &mut self.current else {
            return;
        };
        let stands = current.tracks.iter().filter_map(|(index, track)| {
            Some(Stand {
                gate: gates.list.get(*index)?,
                standing: track.standing,
                is_measured: track.is_measured(),
            })
        });
        let Together {
            verdict,
            score,
            short,
        } = together(gates, stands);
        current.verdict = verdict;
        let moment = current.moment;
        let mut decided = Vec::new();
        let mut failures = Vec::new();
        let mut blames = false;
        for (index, track) in &current.tracks {
            let Some(gate) = gates.list.get(*index) else {
                continue;
            };
            blames |= speaks_against_new_side(gate, track);
            if let Some(verdict) = verdict_of(track) {
                decided.push(result(gate, moment, track, verdict, now));
            }
            failures.extend(failure(gate, moment, track));
        }
        failures.extend(short);
        self.score = score.or(self.score);
        (self.failures, self.blames_new_side) = match verdict {
            MomentVerdict::Failed | MomentVerdict::Inconclusive => (failures, blames),
            MomentVerdict::Passed | MomentVerdict::Pending => (Vec::new(), false),
        };
        for result in decided {
            self.record(result);
        }
    }

    /// Ends the moment: what has been measured and could not be decided is put down as such.
    fn leave(&mut self) {
        *self.under_way() = None;
        let now = self.means.clock.now();
        let Some(current) = self.current.take() else {
            return;
        };
        for (index, track) in &current.tracks {
            let undecided = track.standing == GateState::Undecided && track.measurements > 0;
            let Some(gate) = self.gate(*index).filter(|_| undecided) else {
                continue;
            };
            let mut left = result(gate, current.moment, track, GateVerdict::Inconclusive, now);
            left.message.push_str("; undecided when the moment ended");
            self.record(left);
        }
    }

    /// One result per gate, moment and weight: the latest verdict stands.
    fn record(&mut self, result: GateResult) {
        let same = |old: &GateResult| {
            old.gate == result.gate && old.moment == result.moment && old.weight == result.weight
        };
        if let Some(old) = self.results.iter_mut().find(|old| same(old))
            && old.verdict == result.verdict
        {
            let at = old.at;
            *old = GateResult { at, ..result };
            return;
        }
        self.results.retain(|old| !same(old));
        tracing::info!(
            gate = result.gate,
            moment = result.moment,
            weight = result.weight,
            verdict = ?result.verdict,
            message = result.message,
            observe_only = result.observe_only,
            "gate decided"
        );
        self.results.push(result);
    }
}

fn meaning(measurement: Measurement) -> ReadingVerdict {
    match measurement {
        Measurement::Bad => ReadingVerdict::Bad,
        Measurement::Between => ReadingVerdict::Between,
        Measurement::Good => ReadingVerdict::Good,
        Measurement::Missing(_) => ReadingVerdict::Missing,
    }
}

fn verdict_of(track: &Track) -> Option<GateVerdict> {
    match track.standing {
        GateState::Failed => Some(GateVerdict::Failed),
        GateState::Inconclusive => Some(GateVerdict::Inconclusive),
        GateState::Passed if !track.is_measured() => Some(GateVerdict::NoData),
        GateState::Passed => Some(GateVerdict::Passed),
        GateState::Undecided => None,
    }
}

/// Whether something was measured of the new side, and was bad. What could not be measured says nothing about it.
fn speaks_against_new_side(gate: &Gate, track: &Track) -> bool {
    match track.standing {
        GateState::Failed => !gate.observe_only && track.is_measured() && gate.is_about_new_side(),
        GateState::Inconclusive | GateState::Passed | GateState::Undecided => false,
    }
}

fn result(
    gate: &Gate,
    moment: Moment,
    track: &Track,
    verdict: GateVerdict,
    at: Timestamp,
) -> GateResult {
    GateResult {
        gate: gate.name.clone(),
        moment: word(moment).to_owned(),
        weight: share(moment).percent(),
        verdict,
        observe_only: gate.observe_only,
        measurements: track.measurements,
        message: track.message.clone(),
        at,
    }
}

/// A sentence about a gate that speaks against going on.
fn failure(gate: &Gate, moment: Moment, track: &Track) -> Option<String> {
    let what = match (track.standing, gate.on_inconclusive) {
        _ if gate.observe_only => return None,
        (GateState::Failed, _) => "has failed",
        (GateState::Inconclusive, Inconclusive::Fail) => "could not be decided",
        (GateState::Inconclusive, Inconclusive::Pass)
        | (GateState::Passed | GateState::Undecided, _) => return None,
    };
    Some(format!(
        "Gate `{}` {what} {moment}: {}.",
        gate.name, track.message
    ))
}

fn when(moment: Moment) -> MomentKind {
    match moment {
        Moment::After => MomentKind::After,
        Moment::Bake => MomentKind::Bake,
        Moment::BeforeTraffic => MomentKind::BeforeTraffic,
        Moment::Step { .. } => MomentKind::Step,
    }
}

/// The moment as users write it.
fn word(moment: Moment) -> &'static str {
    match moment {
        Moment::After => "after",
        Moment::Bake => "bake",
        Moment::BeforeTraffic => "before_traffic",
        Moment::Step { .. } => "step",
    }
}

/// Weight of the new revision then.
fn share(moment: Moment) -> Share {
    match moment {
        Moment::After | Moment::Bake => Share::WHOLE,
        Moment::BeforeTraffic => Share::NONE,
        Moment::Step { tenths } => Share::of_tenths(tenths),
    }
}
