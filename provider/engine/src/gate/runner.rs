//! Keeps the gates of the moment a rollout is in.

use std::sync::{Mutex, PoisonError};

use futures::StreamExt as _;
use futures::future::{BoxFuture, FutureExt as _, join, join_all};
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use switchyard_rollout::weights::Share;
use switchyard_rollout::{GateSeen, Moment, MomentVerdict};

use super::ask::{Missed, round};
use super::command::{self, TaskAsk, TaskLook};
use super::config::{
    Check, ConnectCheck, DependencyCheck, Gate, Gates, HttpCheck, Inconclusive, MomentKind,
    OnFailure, Rounds,
};
use super::connect::connect;
use super::dependency;
use super::function::{self, Asked};
use super::invoke;
use super::judge::{self, Measurement, Sample};
use super::load;
use super::means::{Means, SideFacts};
use super::measure::{Ask, Look};
use super::score::{Stand, Together, together};
use super::track::{GateState, Track};
use crate::desired::DesiredService;
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

/// Measurements that have begun: they outlive the poll that began them. Never locked, only shareable.
type UnderWay<'a> = Mutex<Begun<'a>>;

/// Measurements that have begun.
#[derive(Default)]
struct Begun<'a> {
    /// All that were due together, and take little time.
    quick: Option<BoxFuture<'a, Vec<Brought>>>,
    /// Those that may take minutes: nobody waits for them.
    slow: FuturesUnordered<BoxFuture<'a, Brought>>,
}

impl Begun<'_> {
    /// What is brought next; nothing when nothing has begun. May be dropped: what has begun stays.
    async fn next(&mut self) -> Vec<Brought> {
        let Self { quick, slow } = self;
        let Some(together) = quick else {
            return slow.next().await.into_iter().collect();
        };
        let brought = tokio::select! {
            biased;
            brought = together => brought,
            Some(one) = slow.next() => return vec![one],
        };
        *quick = None;
        brought
    }
}

/// What a measurement brought.
enum Brought {
    Metric(usize, Sample),
    Round(usize, Result<String, Missed>),
    Task(usize, TaskLook),
}

/// What is asked in one round, and takes little time.
enum Quick<'g> {
    Connect(&'g ConnectCheck),
    Dependency(&'g DependencyCheck),
    Http(&'g HttpCheck, Box<SideFacts>),
    Task(TaskAsk<'g>),
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

    fn under_way(&mut self) -> &mut Begun<'a> {
        let under_way = self.under_way.get_mut();
        under_way.unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins every measurement that is due now.
    fn begin(&mut self) {
        let slow = self.begin_slow();
        self.under_way().slow.extend(slow);
        if self.under_way().quick.is_none() {
            let quick = self.measure();
            self.under_way().quick = quick;
        }
    }

    /// The gates that are due, with their tracks.
    fn due(&self) -> impl Iterator<Item = (usize, &'a Gate, &Track)> {
        let now = self.means.clock.now();
        let gates = self.gates;
        self.current.iter().flat_map(move |current| {
            current.tracks.iter().filter_map(move |(index, track)| {
                let gate = gates.list.get(*index)?;
                let is_due = gate.flow.order <= current.open && track.is_open() && track.due <= now;
                is_due.then_some((*index, gate, track))
            })
        })
    }

    /// Those measurements that may take minutes.
    fn begin_slow(&mut self) -> Vec<BoxFuture<'a, Brought>> {
        let Some(moment) = self.current.as_ref().map(|current| current.moment) else {
            return Vec::new();
        };
        let (means, service) = (self.means, self.service);
        let mut begun = Vec::new();
        let mut slow: Vec<BoxFuture<'a, Brought>> = Vec::new();
        for (index, gate, _) in self.due() {
            let facts = self.facts.of_pair(gate.pair.as_deref());
            match &gate.check {
                Check::Function(check) => slow.push(
                    async move {
                        let asked = Asked {
                            gate: &gate.name,
                            moment: word(moment),
                            weight: share(moment).percent(),
                            service,
                            facts: &facts,
                        };
                        Brought::Round(index, function::call(means, asked, check).await)
                    }
                    .boxed(),
                ),
                Check::Invoke(check) => slow.push(
                    async move { Brought::Round(index, invoke::call(means, check).await) }.boxed(),
                ),
                Check::Http(check) => match check.load {
                    Some(load) => slow.push(
                        async move {
                            let ran = load::run(means, &facts, check, load).await;
                            Brought::Round(index, ran)
                        }
                        .boxed(),
                    ),
                    None => continue,
                },
                Check::Command(_) | Check::Connect(_) | Check::Dependency(_) | Check::Metric(_) => {
                    continue;
                }
            }
            begun.push(index);
        }
        let tracks = self.current.iter_mut().flat_map(|it| &mut it.tracks);
        for (_, track) in tracks.filter(|(index, _)| begun.contains(index)) {
            track.begun();
        }
        slow
    }

    /// Every measurement that is due now and takes little time; `None` when there is none.
    fn measure(&self) -> Option<BoxFuture<'a, Vec<Brought>>> {
        let current = self.current.as_ref()?;
        let now = self.means.clock.now();
        let (mut rounds, mut asks) = (Vec::new(), Vec::new());
        for (index, gate, track) in self.due() {
            match &gate.check {
                Check::Command(check) => rounds.push((
                    index,
                    Quick::Task(TaskAsk {
                        gate: &gate.name,
                        check,
                        moment: current.moment,
                        begun: current.begun,
                        known: track.task.clone(),
                        attempt: track.attempt(),
                    }),
                )),
                Check::Connect(check) => rounds.push((index, Quick::Connect(check))),
                Check::Dependency(check) => rounds.push((index, Quick::Dependency(check))),
                Check::Http(check) if check.load.is_none() => {
                    let facts = self.facts.of_pair(gate.pair.as_deref());
                    rounds.push((index, Quick::Http(check, Box::new(facts))));
                }
                Check::Function(_) | Check::Http(_) | Check::Invoke(_) => {}
                Check::Metric(check) => asks.push(Ask {
                    index,
                    check,
                    facts: self.facts.of_pair(gate.pair.as_deref()),
                    from: track.next_period,
                }),
            }
        }
        if rounds.is_empty() && asks.is_empty() {
            return None;
        }
        let (means, service, facts) = (self.means, self.service, self.facts.clone());
        let measured = async move {
            let facts = &facts;
            let rounds = rounds.into_iter().map(|(index, quick)| async move {
                match quick {
                    Quick::Connect(check) => Brought::Round(index, connect(means, check).await),
                    Quick::Dependency(check) => {
                        Brought::Round(index, dependency::look(means, service, check).await)
                    }
                    Quick::Http(check, facts) => {
                        Brought::Round(index, round(means, &facts, check).await)
                    }
                    Quick::Task(ask) => {
                        Brought::Task(index, command::look(means, service, facts, &ask).await)
                    }
                }
            });
            let look = Look { service, now };
            let (mut brought, readings) = join(join_all(rounds), look.read(means, &asks)).await;
            brought.extend(
                readings
                    .into_iter()
                    .map(|(index, reading)| Brought::Metric(index, reading)),
            );
            brought
        };
        Some(measured.boxed())
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

    /// Puts down what measurements have brought.
    fn take(&mut self, brought: Vec<Brought>) {
        let now = self.means.clock.now();
        let gates = &self.gates.list;
        let Some(current) = &mut self.current else {
            return;
        };
        let mut readings = Vec::new();
        for one in brought {
            let (Brought::Metric(index, _) | Brought::Round(index, _) | Brought::Task(index, _)) =
                &one;
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
            let rounds: Option<Rounds> = match &gate.check {
                Check::Command(check) => Some(check.into()),
                Check::Connect(check) => Some(check.into()),
                Check::Dependency(check) => Some(check.into()),
                Check::Function(check) => Some(check.into()),
                Check::Http(check) => Some(check.into()),
                Check::Invoke(check) => Some(check.into()),
                Check::Metric(_) => None,
            };
            match (one, &gate.check) {
                (Brought::Task(_, TaskLook::Runs(task)), _) => track.runs(task, now),
                (Brought::Task(_, TaskLook::Ended(answer)) | Brought::Round(_, answer), _) => {
                    let Some(rounds) = rounds else {
                        continue;
                    };
                    let answer = match answer {
                        Ok(seen) => Ok(seen),
                        Err(Missed::Bad(seen)) => Err(seen),
                        Err(Missed::Refused(seen)) => {
                            track.refused(rounds, seen, now);
                            continue;
                        }
                        Err(Missed::Unasked(why)) => {
                            track.unasked(rounds, why, now);
                            continue;
                        }
                    };
                    reading.verdict = match answer {
                        Ok(_) => ReadingVerdict::Good,
                        Err(_) => ReadingVerdict::Bad,
                    };
                    track.task = None;
                    track.round(rounds, answer, now);
                    readings.push(reading);
                }
                (Brought::Metric(_, sample), Check::Metric(check)) => {
                    if let Sample::Value { new, old, band, .. } = &sample {
                        reading.value = Some(*new).filter(|value| value.is_finite());
                        reading.limit = judge::limit(check, *old, *band);
                        reading.expected = Some(judge::expected(check, *old, *band));
                    }
                    if let Some(measurement) = track.reading(check, sample, now) {
                        reading.verdict = meaning(measurement);
                        readings.push(reading);
                    }
                }
                (Brought::Metric(..), _) => {}
            }
        }
        for (index, track) in &mut current.tracks {
            let gate = gates.get(*index);
            if let Some(gate) = gate.filter(|gate| gate.flow.order <= current.open) {
                track.expire(gate.time_limit, now);
            }
            if !track.is_open() {
                self.left.extend(track.task.take());
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

fn verdict_of(track: &Track, now: Timestamp) -> Option<GateVerdict> {
    match track.counts(now) {
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
        GateState::Failed => {
            let counts = !gate.observe_only && gate.flow.on_failure != Some(OnFailure::Warn);
            counts && track.is_measured() && gate.is_about_new_side()
        }
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
fn failure(gates: &Gates, gate: &Gate, moment: Moment, track: &Track) -> Option<String> {
    let is_scored = gates.minimum_score.is_some() || gates.minimum_pass_rate.is_some();
    let only_warns = gate.flow.on_failure == Some(OnFailure::Warn) && !is_scored;
    let what = match (track.standing, gate.on_inconclusive) {
        _ if gate.observe_only || only_warns => return None,
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
        Moment::BeforeStart => MomentKind::BeforeStart,
        Moment::BeforeTraffic => MomentKind::BeforeTraffic,
        Moment::Step { .. } => MomentKind::Step,
    }
}

/// The moment as users write it.
fn word(moment: Moment) -> &'static str {
    match moment {
        Moment::After => "after",
        Moment::Bake => "bake",
        Moment::BeforeStart => "before_start",
        Moment::BeforeTraffic => "before_traffic",
        Moment::Step { .. } => "step",
    }
}

/// Weight of the new revision then.
fn share(moment: Moment) -> Share {
    match moment {
        Moment::After | Moment::Bake => Share::WHOLE,
        Moment::BeforeStart | Moment::BeforeTraffic => Share::NONE,
        Moment::Step { share } => share,
    }
}
