//! What a gate's track says, in the words of results and failures.

use jiff::Timestamp;
use switchyard_rollout::Moment;
use switchyard_rollout::weights::Share;

use crate::gate::config::{Gate, Gates, Inconclusive, MomentKind, OnFailure};
use crate::gate::judge::Measurement;
use crate::gate::track::{GateState, Track};
use crate::report::{GateResult, GateVerdict, ReadingVerdict};

pub(super) fn meaning(measurement: Measurement) -> ReadingVerdict {
    match measurement {
        Measurement::Bad => ReadingVerdict::Bad,
        Measurement::Between => ReadingVerdict::Between,
        Measurement::Good => ReadingVerdict::Good,
        Measurement::Missing(_) => ReadingVerdict::Missing,
    }
}

pub(super) fn verdict_of(track: &Track, now: Timestamp) -> Option<GateVerdict> {
    match track.counts(now) {
        GateState::Failed => Some(GateVerdict::Failed),
        GateState::Inconclusive => Some(GateVerdict::Inconclusive),
        GateState::Passed if !track.is_measured() => Some(GateVerdict::NoData),
        GateState::Passed => Some(GateVerdict::Passed),
        GateState::Undecided => None,
    }
}

/// Whether something was measured of the new side, and was bad. What could not be measured says nothing about it.
pub(super) fn speaks_against_new_side(gate: &Gate, track: &Track) -> bool {
    match track.standing {
        GateState::Failed => {
            let counts = !gate.observe_only && gate.flow.on_failure != Some(OnFailure::Warn);
            counts && track.is_measured() && gate.is_about_new_side()
        }
        GateState::Inconclusive | GateState::Passed | GateState::Undecided => false,
    }
}

pub(super) fn result(
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
pub(super) fn failure(gates: &Gates, gate: &Gate, moment: Moment, track: &Track) -> Option<String> {
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

pub(super) fn when(moment: Moment) -> MomentKind {
    match moment {
        Moment::After => MomentKind::After,
        Moment::Bake => MomentKind::Bake,
        Moment::BeforeStart => MomentKind::BeforeStart,
        Moment::BeforeTraffic => MomentKind::BeforeTraffic,
        Moment::Step { .. } => MomentKind::Step,
    }
}

/// The moment as users write it.
pub(super) fn word(moment: Moment) -> &'static str {
    match moment {
        Moment::After => "after",
        Moment::Bake => "bake",
        Moment::BeforeStart => "before_start",
        Moment::BeforeTraffic => "before_traffic",
        Moment::Step { .. } => "step",
    }
}

/// Weight of the new revision then.
pub(super) fn share(moment: Moment) -> Share {
    match moment {
        Moment::After | Moment::Bake => Share::WHOLE,
        Moment::BeforeStart | Moment::BeforeTraffic => Share::NONE,
        Moment::Step { share } => share,
    }
}
