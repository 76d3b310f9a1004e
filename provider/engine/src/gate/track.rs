//! One gate in one moment: what has been measured, where that leaves it, and when it is measured next.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::config::{Check, Gate, MetricCheck, MissingData, Rounds, SideSource};
use super::judge::{Measurement, Sample, judge_nothing, judge_requests, judge_value};

/// Longest pause after a failed round of requests.
const LONGEST_BACK_OFF_SECONDS: u64 = 30;

/// How long after the end of a period CloudWatch may show it without that meaning anything.
const PUBLISHING: SignedDuration = SignedDuration::from_secs(120);

/// How long a period may still lack values after its end. Only expressions that fill gaps, and counts of requests,
/// have to wait for that: they would take what is late for nothing.
const FILLING: SignedDuration = SignedDuration::from_secs(60);

/// A period of a check without metrics of its own.
const USUAL_PERIOD_SECONDS: u32 = 60;

/// Pause after a look that brought nothing, for what is not repeated.
const AGAIN: Duration = Duration::from_secs(5);

/// Where a gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GateState {
    /// For good.
    Failed,
    /// It could not be decided, for good.
    Inconclusive,
    /// For now: it goes on being measured.
    Passed,
    /// Not decided, or no longer.
    Undecided,
}

/// One gate in one moment.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub(super) standing: GateState,
    /// When it is measured next.
    pub(super) due: Timestamp,
    /// Since when it is undecided.
    since: Timestamp,
    pub(super) measurements: u32,
    /// Measurements that brought a number or an answer: what passes without any was not measured.
    answered: u32,
    /// Good measurements in a row.
    good: u32,
    /// Bad ones: rounds since it last passed, or values in the whole moment.
    bad: u32,
    /// It has been looked at, whatever that brought.
    asked: bool,
    /// What was seen last, in words.
    pub(super) message: String,
    /// Beginning of the earliest period that has not been judged.
    pub(super) next_period: Timestamp,
    /// Until when it is measured before it counts as passed.
    watched_until: Option<Timestamp>,
    /// When its moment was judged last.
    last: Timestamp,
    /// ARN of the task that runs for it.
    pub(super) task: Option<String>,
}

impl Track {
    /// A gate at the beginning of a moment.
    pub(super) fn begin(gate: &Gate, now: Timestamp) -> Self {
        let (due, next_period) = match &gate.check {
            Check::Command(_)
            | Check::Connect(_)
            | Check::Dependency(_)
            | Check::Function(_)
            | Check::Http(_)
            | Check::Invoke(_) => (now, now),
            Check::Metric(check) => {
                let period = period(check);
                let first = round_up(now, period);
                let ready = after(first, final_after(check));
                (ready.max(later(now, check.initial_delay)), first)
            }
        };
        Self {
            standing: GateState::Undecided,
            due,
            since: due,
            measurements: 0,
            answered: 0,
            good: 0,
            bad: 0,
            asked: false,
            message: "nothing has been measured yet".to_owned(),
            next_period,
            watched_until: gate.flow.watch.map(|time| later(now, time)),
            last: now,
            task: None,
        }
    }

    /// Where it stands for the moment: what is watched for a time has not passed before that time is over.
    pub(super) fn counts(&self, now: Timestamp) -> GateState {
        match (self.standing, self.watched_until) {
            (GateState::Passed, Some(until)) if now < until => GateState::Undecided,
            (standing, _) => standing,
        }
    }

    /// Which try the next one is, counted from one.
    pub(super) fn attempt(&self) -> u32 {
        self.bad.saturating_add(1)
    }

    /// Its measurement has begun, and takes its time: no other one begins meanwhile.
    pub(super) fn begun(&mut self) {
        self.due = Timestamp::MAX;
    }

    /// Its task runs.
    pub(super) fn runs(&mut self, task: String, now: Timestamp) {
        self.asked = true;
        self.due = later(now, AGAIN);
        self.message = format!("task {task} is running");
        self.task = Some(task);
    }

    /// Whether anything was measured at all.
    pub(super) fn is_measured(&self) -> bool {
        self.answered > 0
    }

    /// Whether it will be measured again.
    pub(super) fn is_open(&self) -> bool {
        match self.standing {
            GateState::Passed | GateState::Undecided => true,
            GateState::Failed | GateState::Inconclusive => false,
        }
    }

    /// A round of requests has been answered: as expected (`Ok`) or not, each with what was seen.
    pub(super) fn round(
        &mut self,
        rounds: impl Into<Rounds>,
        round: Result<String, String>,
        now: Timestamp,
    ) {
        let rounds = rounds.into();
        self.asked = true;
        self.measurements = self.measurements.saturating_add(1);
        self.answered = self.answered.saturating_add(1);
        match round {
            Ok(seen) => {
                self.message = seen;
                self.good = self.good.saturating_add(1);
                self.due = rounds
                    .interval
                    .map_or(Timestamp::MAX, |interval| later(now, interval));
                if self.good >= rounds.consecutive_passes.max(1) {
                    self.bad = 0;
                    self.stand(GateState::Passed, now);
                }
            }
            Err(seen) => {
                self.good = 0;
                self.bad = self.bad.saturating_add(1);
                let pause = rounds.retry_delay.unwrap_or_else(|| back_off(self.bad));
                self.due = later(now, pause);
                let attempts = rounds.attempts.max(1);
                self.message = format!("{seen} (failed round {} of {attempts})", self.bad);
                self.stand(
                    if self.bad >= attempts {
                        GateState::Failed
                    } else {
                        GateState::Undecided
                    },
                    now,
                );
            }
        }
    }

    /// AWS refused what was needed to ask: a failed round, in which nothing was measured.
    pub(super) fn refused(&mut self, rounds: impl Into<Rounds>, why: String, now: Timestamp) {
        let answered = self.answered;
        self.round(rounds, Err(why), now);
        self.answered = answered;
    }

    /// AWS did not say whom to ask: nothing was measured, so nothing is taken back either.
    pub(super) fn unasked(&mut self, rounds: impl Into<Rounds>, why: String, now: Timestamp) {
        self.asked = true;
        self.due = later(now, rounds.into().interval.unwrap_or(AGAIN));
        if self.measurements == 0 {
            self.message = why;
        }
    }

    /// The metrics have been looked at. What that means, once it means anything.
    pub(super) fn reading(
        &mut self,
        check: &MetricCheck,
        reading: Sample,
        now: Timestamp,
    ) -> Option<Measurement> {
        self.asked = true;
        self.due = later(now, check.interval);
        let period = SignedDuration::from_secs(i64::from(period(check)));
        let (judgement, seen) = match reading {
            Sample::Value {
                at,
                new,
                old,
                band,
                requests,
            } => {
                self.next_period = after(at, period);
                judge_requests(check, requests)
                    .unwrap_or_else(|| judge_value(check, new, old, band))
            }
            Sample::Unread(why) => {
                if self.measurements == 0 {
                    self.message = why;
                }
                return None;
            }
            Sample::Nothing(why) => {
                let expected = after(after(self.next_period, period), PUBLISHING);
                if now < expected {
                    if self.measurements == 0 {
                        self.message = why;
                    }
                    return None;
                }
                judge_nothing(check, &why)
            }
        };
        self.measurements = self.measurements.saturating_add(1);
        self.message = seen;
        self.judged(check, judgement, now);
        Some(judgement)
    }

    fn judged(&mut self, check: &MetricCheck, judgement: Measurement, now: Timestamp) {
        match judgement {
            Measurement::Missing(_) => {}
            Measurement::Bad | Measurement::Between | Measurement::Good => {
                self.answered = self.answered.saturating_add(1);
            }
        }
        match judgement {
            Measurement::Bad | Measurement::Missing(MissingData::Fail) => {
                self.good = 0;
                self.bad = self.bad.saturating_add(1);
                if self.bad > check.failure_limit {
                    self.stand(GateState::Failed, now);
                } else {
                    self.message.push_str(&format!(
                        "; {} of {} tolerated bad measurements",
                        self.bad, check.failure_limit
                    ));
                    self.stand(GateState::Undecided, now);
                }
            }
            Measurement::Between => {
                self.good = 0;
                self.stand(GateState::Undecided, now);
            }
            Measurement::Good | Measurement::Missing(MissingData::Pass) => {
                self.good = self.good.saturating_add(1);
                if self.good >= check.consecutive_successes.max(1) {
                    self.stand(GateState::Passed, now);
                }
            }
            // Nothing was measured, so nothing is taken back either.
            Measurement::Missing(MissingData::Inconclusive) => {}
        }
    }

    /// Gives up a gate that has been undecided for too long. Never before it has been looked at.
    pub(super) fn expire(&mut self, limit: Duration, now: Timestamp) {
        self.last = now;
        if self.standing == GateState::Undecided && self.asked && now >= later(self.since, limit) {
            self.stand(GateState::Inconclusive, now);
            self.message
                .push_str(&format!("; undecided for {} s", limit.as_secs()));
        }
    }

    /// When something happens to it next, be it a measurement or its end.
    pub(super) fn next(&self, limit: Duration) -> Option<Timestamp> {
        match self.standing {
            GateState::Failed | GateState::Inconclusive => None,
            GateState::Passed => Some(match self.watched_until {
                Some(until) if until > self.last => self.due.min(until),
                Some(_) | None => self.due,
            }),
            GateState::Undecided if self.asked => Some(self.due.min(later(self.since, limit))),
            GateState::Undecided => Some(self.due),
        }
    }

    fn stand(&mut self, standing: GateState, now: Timestamp) {
        if standing == GateState::Undecided && self.standing == GateState::Passed {
            self.since = now;
        }
        self.standing = standing;
    }
}

/// Seconds of the longest period of a check's metrics.
pub(super) fn period(check: &MetricCheck) -> u32 {
    let periods = check
        .queries
        .iter()
        .filter_map(|query| match &query.source {
            SideSource::Expression(_) => None,
            SideSource::Metric { period_seconds, .. } => Some(*period_seconds),
        });
    periods.max().unwrap_or(USUAL_PERIOD_SECONDS).max(1)
}

/// How long after its beginning a period is judged.
pub(super) fn final_after(check: &MetricCheck) -> SignedDuration {
    let length = SignedDuration::from_secs(i64::from(period(check)));
    let fills = check.queries.iter().any(|query| match &query.source {
        SideSource::Expression(text) => text.contains("FILL"),
        SideSource::Metric { .. } => false,
    });
    if fills || check.minimum_requests.is_some() {
        length.saturating_add(FILLING)
    } else {
        length
    }
}

/// Pause after the `failed`-th failed round in a row: 1, 2, 4 … 30 seconds.
pub(super) fn back_off(failed: u32) -> Duration {
    let doubled = 1_u64
        .checked_shl(failed.saturating_sub(1))
        .unwrap_or(LONGEST_BACK_OFF_SECONDS);
    Duration::from_secs(doubled.clamp(1, LONGEST_BACK_OFF_SECONDS))
}

/// The first beginning of a period at or after `at`.
fn round_up(at: Timestamp, period_seconds: u32) -> Timestamp {
    let period = i64::from(period_seconds.max(1));
    let seconds = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    let over = seconds.rem_euclid(period);
    let rounded = if over == 0 {
        seconds
    } else {
        seconds + period - over
    };
    Timestamp::from_second(rounded).unwrap_or(Timestamp::MAX)
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    after(
        at,
        SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX),
    )
}

fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
