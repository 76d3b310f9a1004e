//! What measurements have brought, and what is recorded of it.

use super::GateRunner;
use super::begun::Brought;
use super::outcome::{meaning, word};
use crate::gate::ask::Missed;
use crate::gate::command::TaskLook;
use crate::gate::config::{Check, Rounds};
use crate::gate::judge::{self, Sample};
use crate::report::{GateReading, GateResult, MOST_READINGS, ReadingVerdict};

impl GateRunner<'_> {
    /// Puts down what measurements have brought.
    pub(super) fn take(&mut self, brought: Vec<Brought>) {
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

    /// One result per gate, moment and weight: the latest verdict stands.
    pub(super) fn record(&mut self, result: GateResult) {
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
