//! What the gates of a moment say together.

use std::fmt;

use switchyard_rollout::MomentVerdict;

use super::config::{Area, Gate, Gates, Inconclusive, OnFailure};
use super::track::GateState;

impl Area {
    /// Its weight in the health score, when gates of all areas are asked.
    fn weight(self) -> u128 {
        match self {
            Self::Basic => 40,
            Self::Business => 25,
            Self::Performance => 35,
        }
    }

    const ALL: [Self; 3] = [Self::Basic, Self::Business, Self::Performance];
}

/// Words for a health score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Band {
    /// 70 and more.
    Acceptable,
    /// Below 60.
    Critical,
    /// 90 and more.
    Excellent,
    /// 80 and more.
    Good,
    /// 60 and more.
    Poor,
}

impl Band {
    pub(super) fn of(score: u32) -> Self {
        match score {
            0..60 => Self::Critical,
            60..70 => Self::Poor,
            70..80 => Self::Acceptable,
            80..90 => Self::Good,
            90.. => Self::Excellent,
        }
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Acceptable => "acceptable",
            Self::Critical => "critical",
            Self::Excellent => "excellent",
            Self::Good => "good",
            Self::Poor => "poor",
        })
    }
}

/// One gate that counts, and whether it counts as passed.
#[derive(Clone, Copy, Debug)]
struct Vote {
    area: Area,
    passed: bool,
}

/// What the gates of a moment say together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Together {
    pub(super) verdict: MomentVerdict,
    /// Health score of what is decided and was measured; absent when nothing was. Once it is too low for good, the
    /// most that could still have come of it: the number that `short` names.
    pub(super) score: Option<u32>,
    /// What is short of the wanted score or pass rate.
    pub(super) short: Vec<String>,
}

/// Whether a gate counts as passed; `None` while it is not decided.
fn counts_as_passed(gate: &Gate, standing: GateState) -> Option<bool> {
    match standing {
        GateState::Failed => Some(false),
        GateState::Inconclusive => Some(match gate.on_inconclusive {
            Inconclusive::Fail => false,
            Inconclusive::Pass => true,
        }),
        GateState::Passed => Some(true),
        GateState::Undecided => None,
    }
}

/// Where a gate stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stand<'g> {
    pub(super) gate: &'g Gate,
    pub(super) standing: GateState,
    /// Some measurement brought a number or an answer.
    pub(super) is_measured: bool,
}

/// Judges a moment. Gates that only observe count for nothing. What passes without any measurement stops nothing and
/// earns no points: nobody knows.
pub(super) fn together<'g>(gates: &Gates, stands: impl Iterator<Item = Stand<'g>>) -> Together {
    let judged_together = gates.minimum_score.is_some() || gates.minimum_pass_rate.is_some();
    let mut decided = Vec::new();
    // The most that can still come of it: all undecided gates pass.
    let mut hoped = Vec::new();
    let (mut pending, mut failed, mut refused, mut stopped) = (false, false, false, false);
    for stand in stands.filter(|stand| !stand.gate.observe_only) {
        let Stand {
            gate,
            standing,
            is_measured,
        } = stand;
        let area = gate.area;
        match counts_as_passed(gate, standing) {
            Some(true) if !is_measured => {}
            Some(passed) => {
                decided.push(Vote { area, passed });
                hoped.push(Vote { area, passed });
                match gate.flow.on_failure {
                    None => refused |= !passed,
                    Some(OnFailure::RollBack | OnFailure::Stop) => stopped |= !passed,
                    Some(OnFailure::Warn) => {}
                }
            }
            None => {
                hoped.push(Vote { area, passed: true });
                pending = true;
            }
        }
        let only_warns = gate.flow.on_failure == Some(OnFailure::Warn) && !judged_together;
        failed |= standing == GateState::Failed && !only_warns;
    }
    let short = short_of(gates, &hoped);
    let over = stopped
        || if judged_together {
            !short.is_empty()
        } else {
            refused
        };
    let verdict = match (over, failed, pending) {
        (true, true, _) => MomentVerdict::Failed,
        (true, false, _) => MomentVerdict::Inconclusive,
        (false, _, true) => MomentVerdict::Pending,
        (false, _, false) => MomentVerdict::Passed,
    };
    let counted = if short.is_empty() { &decided } else { &hoped };
    Together {
        verdict,
        score: health_score(counted),
        short,
    }
}

fn short_of(gates: &Gates, votes: &[Vote]) -> Vec<String> {
    let mut short = Vec::new();
    if let (Some(least), Some(score)) = (gates.minimum_score, health_score(votes))
        && score < least
    {
        short.push(format!(
            "The health score is {score} of 100 ({}); the minimum is {least}.",
            Band::of(score)
        ));
    }
    if let (Some(least), Some(rate)) = (gates.minimum_pass_rate, pass_rate(votes))
        && rate < least
    {
        short.push(format!(
            "{rate} % of the gates have passed; the minimum is {least} %."
        ));
    }
    short
}

/// Percent of gates that count as passed, rounded down; `None` without gates.
fn pass_rate(votes: &[Vote]) -> Option<u32> {
    let passed = votes.iter().filter(|vote| vote.passed).count();
    let percent = (passed * 100).checked_div(votes.len())?;
    u32::try_from(percent).ok()
}

/// 0–100, rounded down: every area counts by its weight among the areas that have gates, and within an area
/// every gate the same. `None` without gates.
fn health_score(votes: &[Vote]) -> Option<u32> {
    let areas: Vec<(u128, u128, u128)> = Area::ALL
        .iter()
        .map(|area| {
            let of_area = votes.iter().filter(|vote| vote.area == *area);
            let all = of_area.clone().count();
            let passed = of_area.filter(|vote| vote.passed).count();
            (area.weight(), passed as u128, all as u128)
        })
        .filter(|(_, _, all)| *all > 0)
        .collect();
    let weights: u128 = areas.iter().map(|(weight, _, _)| weight).sum();
    // In whole numbers, over the product of the areas' counts: 70 is 70, not 69.999.
    let whole: u128 = areas.iter().map(|(_, _, all)| all).product();
    let points: u128 = areas
        .iter()
        .filter_map(|(weight, passed, all)| Some(weight * passed * whole.checked_div(*all)?))
        .sum();
    let score = (points * 100).checked_div(weights * whole)?;
    u32::try_from(score).ok()
}
