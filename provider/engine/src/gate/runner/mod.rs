//! Keeps the gates of the moment a rollout is in.

mod begun;
mod measure;
mod outcome;
mod take;

use std::sync::Mutex;

use jiff::Timestamp;
use switchyard_rollout::{GateSeen, Moment, MomentVerdict};

use super::config::{Gate, Gates};
use super::means::{Means, SideFacts};
use super::score::{Stand, Together, together};
use super::track::{GateState, Track};
use crate::desired::DesiredService;
use crate::ports::{Ports, ServiceRef};
use crate::report::{GateReading, GateResult, GateVerdict};
use begun::{Begun, UnderWay};
use outcome::{failure, result, speaks_against_new_side, verdict_of, when};

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
    /// Tasks that run for nobody any more.
    left: Vec<String>,
}

/// The moment that is evaluated.
struct Current {
    moment: Moment,
    begun: Timestamp,
    /// The highest order whose gates are asked: those of higher ones wait until these are decided.
    open: u32,
    /// Index of the gate, and how it does.
    tracks: Vec<(usize, Track)>,
    verdict: MomentVerdict,
}

impl<'a> GateRunner<'a> {
    /// A runner that watches nothing yet.
    pub(crate) fn new(ports: &'a Ports, wanted: &'a DesiredService) -> Self {
        let means = Means::new(ports, Some(&wanted.revision));
        Self::over(means, &wanted.gates, &wanted.service)
    }

    /// A runner for what is no service: none of its gates is about tasks or target groups. `named` only names it.
    pub(crate) fn without_service(
        ports: &'a Ports,
        gates: &'a Gates,
        named: &'a ServiceRef,
    ) -> Self {
        Self::over(Means::new(ports, None), gates, named)
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
            left: Vec::new(),
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
            let asked: Vec<_> = all
                .filter(|(_, gate)| gate.when.contains(&when(moment)))
                .collect();
            let orders = asked.iter().map(|(_, gate)| gate.flow.order);
            Current {
                moment,
                begun: now,
                open: orders.min().unwrap_or_default(),
                tracks: asked
                    .into_iter()
                    .map(|(index, gate)| (index, Track::begin(gate, now)))
                    .collect(),
                verdict: MomentVerdict::Pending,
            }
        });
    }

    /// The moment that is evaluated.
    pub(crate) fn is_watching(&self) -> Option<Moment> {
        self.current.as_ref().map(|current| current.moment)
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
                self.begin();
                let brought = self.under_way().next().await;
                self.take(brought);
                self.judge();
                self.open_next();
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
                .filter_map(|(index, track)| Some((self.gate(*index)?, track)))
                .filter(|(gate, _)| gate.flow.order <= current.open)
                .filter_map(|(gate, track)| track.next(gate.time_limit))
                .min(),
        }
    }

    /// Stops the tasks of gates whose moment is over. Nothing depends on it: what cannot be stopped is said in the log, and
    /// ends by itself.
    pub(crate) async fn stop_left(&mut self) {
        while let Some(task) = self.left.last().cloned() {
            let why = "switchyard: the gate is not asked any longer";
            let cluster = &self.service.cluster;
            if let Err(error) = self.means.tasks.stop_task(cluster, &task, why).await {
                tracing::warn!(task, error = %error, "the task of a gate could not be stopped");
            }
            self.left.pop();
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

    /// Lets the gates of the next order begin, once those that are asked are decided.
    fn open_next(&mut self) {
        let now = self.means.clock.now();
        let gates = self.gates;
        let Some(current) = &mut self.current else {
            return;
        };
        match current.verdict {
            MomentVerdict::Failed | MomentVerdict::Inconclusive => return,
            MomentVerdict::Passed | MomentVerdict::Pending => {}
        }
        let of = |index: usize| gates.list.get(index);
        let is_waited_for = |(index, track): &(usize, Track)| {
            let gate = of(*index);
            gate.is_some_and(|gate| gate.flow.order <= current.open && !gate.observe_only)
                && track.counts(now) == GateState::Undecided
        };
        if current.tracks.iter().any(is_waited_for) {
            return;
        }
        let orders = current.tracks.iter().filter_map(|(index, _)| of(*index));
        let next = orders
            .map(|gate| gate.flow.order)
            .filter(|order| *order > current.open)
            .min();
        let Some(next) = next else {
            return;
        };
        current.open = next;
        for (index, track) in &mut current.tracks {
            if let Some(gate) = of(*index).filter(|gate| gate.flow.order == next) {
                *track = Track::begin(gate, now);
            }
        }
        // Whoever waits for the rest waits on.
        if current.verdict == MomentVerdict::Passed {
            self.judge();
        }
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
                standing: track.counts(now),
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
            if let Some(verdict) = verdict_of(track, now) {
                decided.push(result(gate, moment, track, verdict, now));
            }
            failures.extend(failure(gates, gate, moment, track));
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
        *self.under_way() = Begun::default();
        let now = self.means.clock.now();
        let Some(current) = self.current.take() else {
            return;
        };
        let tasks = current.tracks.iter();
        self.left
            .extend(tasks.filter_map(|(_, track)| track.task.clone()));
        for (index, track) in &current.tracks {
            let undecided = track.counts(now) == GateState::Undecided && track.measurements > 0;
            let Some(gate) = self.gate(*index).filter(|_| undecided) else {
                continue;
            };
            let mut left = result(gate, current.moment, track, GateVerdict::Inconclusive, now);
            left.message.push_str("; undecided when the moment ended");
            self.record(left);
        }
    }
}
