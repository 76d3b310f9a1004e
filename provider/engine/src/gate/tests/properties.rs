//! What is true of all gates.

use proptest::prelude::*;
use switchyard_rollout::MomentVerdict;

use super::super::config::*;
use super::super::judge::Sample;
use super::super::score::together;
use super::super::track::{GateState, Track};
use super::fakes::at;
use super::{gate, http, measured, metric, seconds};

fn areas() -> impl Strategy<Value = Area> {
    prop_oneof![
        Just(Area::Basic),
        Just(Area::Business),
        Just(Area::Performance)
    ]
}

fn standings() -> impl Strategy<Value = GateState> {
    prop_oneof![
        Just(GateState::Failed),
        Just(GateState::Inconclusive),
        Just(GateState::Passed),
        Just(GateState::Undecided),
    ]
}

fn policies() -> impl Strategy<Value = MissingData> {
    prop_oneof![
        Just(MissingData::Fail),
        Just(MissingData::Inconclusive),
        Just(MissingData::Pass),
    ]
}

prop_compose! {
    fn any_gate()(
        area in areas(),
        observe_only in prop::bool::weighted(0.2),
        pass in any::<bool>(),
    ) -> Gate {
        Gate {
            area,
            observe_only,
            on_inconclusive: if pass { Inconclusive::Pass } else { Inconclusive::Fail },
            ..gate("g", Check::Http(http(ProbeTarget::NewTargets)))
        }
    }
}

prop_compose! {
    fn any_gates()(
        minimum_score in prop::option::of(0_u32..=100),
        minimum_pass_rate in prop::option::of(0_u32..=100),
    ) -> Gates {
        Gates { list: Vec::new(), minimum_score, minimum_pass_rate }
    }
}

fn moment() -> impl Strategy<Value = Vec<(Gate, GateState)>> {
    prop::collection::vec((any_gate(), standings()), 0..12)
}

fn verdict(gates: &Gates, all: &[(Gate, GateState)]) -> (MomentVerdict, Option<u32>) {
    let together = together(gates, measured(all));
    (together.verdict, together.score)
}

/// How much a verdict speaks against going on.
fn severity(verdict: MomentVerdict) -> u8 {
    match verdict {
        MomentVerdict::Passed => 0,
        MomentVerdict::Pending => 1,
        MomentVerdict::Inconclusive => 2,
        MomentVerdict::Failed => 3,
    }
}

proptest! {
    #[test]
    fn the_score_is_between_0_and_100(gates in any_gates(), all in moment()) {
        let (_, score) = verdict(&gates, &all);
        prop_assert!(score.is_none_or(|score| score <= 100));
    }

    #[test]
    fn a_failure_more_never_makes_the_verdict_better(
        gates in any_gates(),
        all in moment(),
        which in any::<prop::sample::Index>(),
    ) {
        prop_assume!(!all.is_empty());
        let mut all = all;
        which.get_mut(&mut all).1 = GateState::Passed;
        let before = verdict(&gates, &all).0;
        which.get_mut(&mut all).1 = GateState::Failed;
        let after = verdict(&gates, &all).0;
        prop_assert!(severity(after) >= severity(before), "{before:?} {after:?}");
    }

    #[test]
    fn a_moment_decided_against_stays_so_whatever_is_decided_later(
        gates in any_gates(),
        all in moment(),
        later in standings(),
    ) {
        let before = verdict(&gates, &all).0;
        let decided: Vec<_> = all
            .into_iter()
            .map(|(gate, standing)| (gate, if standing == GateState::Undecided { later } else { standing }))
            .collect();
        let after = verdict(&gates, &decided).0;
        if severity(before) >= 2 {
            prop_assert!(severity(after) >= 2, "{before:?} {after:?}");
        }
    }

    #[test]
    fn nothing_passes_while_a_gate_that_counts_is_open(gates in any_gates(), all in moment()) {
        let open = all.iter().any(|(gate, it)| !gate.observe_only && *it == GateState::Undecided);
        prop_assert!(!(open && verdict(&gates, &all).0 == MomentVerdict::Passed));
    }

    #[test]
    fn gates_that_only_observe_change_nothing(gates in any_gates(), all in moment(), more in moment()) {
        let mut with = all.clone();
        with.extend(more.into_iter().map(|(gate, it)| (Gate { observe_only: true, ..gate }, it)));
        prop_assert_eq!(verdict(&gates, &all), verdict(&gates, &with));
    }

    #[test]
    fn requests_decide_only_by_rounds_that_were_made(
        rounds in prop::collection::vec(any::<bool>(), 0..40),
        consecutive_passes in 0_u32..5,
        attempts in 0_u32..5,
    ) {
        let check = HttpCheck { consecutive_passes, attempts, ..http(ProbeTarget::NewTargets) };
        let gate = gate("g", Check::Http(check.clone()));
        let mut track = Track::begin(&gate, at(0));
        prop_assert_eq!(track.standing, GateState::Undecided);
        let (mut row, mut now) = (0, 0);
        for (made, good) in (1..).zip(rounds) {
            if !track.is_open() {
                break;
            }
            let answer = if good { Ok(String::new()) } else { Err(String::new()) };
            now += 60;
            track.round(&check, answer, at(now));
            row = if good { row + 1 } else { 0 };
            prop_assert_eq!(track.measurements, made);
            prop_assert!(track.due > at(now));
            let passes = row >= consecutive_passes.max(1);
            prop_assert_eq!(track.standing == GateState::Passed, passes);
        }
    }

    #[test]
    fn metrics_decide_only_by_values_and_policies(
        values in prop::collection::vec(prop::option::of(prop_oneof![0.0..3.0_f64, Just(f64::NAN)]), 0..40),
        failure_limit in 0_u32..4,
        consecutive_successes in 0_u32..4,
        no_data in policies(),
        not_a_number in policies(),
    ) {
        let check = MetricCheck { failure_limit, consecutive_successes, no_data, not_a_number, ..metric() };
        let gate = gate("g", Check::Metric(check.clone()));
        let mut track = Track::begin(&gate, at(0));
        let (mut good, mut bad) = (0, 0);
        for (minute, value) in (1..).zip(values) {
            if !track.is_open() {
                break;
            }
            let reading = match value {
                Some(new) => Sample::Value { at: at(minute * 600), new, old: None, band: None, requests: None },
                None => Sample::Nothing("none".to_owned()),
            };
            let means = match value {
                None => Some(no_data),
                Some(value) if value.is_nan() => Some(not_a_number),
                Some(_) => None,
            };
            good += u32::from(value.is_some_and(|it| it <= 1.0) || means == Some(MissingData::Pass));
            bad += u32::from(value.is_some_and(|it| it > 1.0) || means == Some(MissingData::Fail));
            track.reading(&check, reading, at(minute * 600 + 600));
            prop_assert!(track.standing != GateState::Passed || good >= consecutive_successes.max(1));
            prop_assert!(track.standing != GateState::Failed || bad > failure_limit);
            prop_assert!(track.standing != GateState::Passed || track.measurements > 0);
        }
    }

    #[test]
    fn an_undecided_gate_ends_at_its_time_limit_and_not_before_it_was_looked_at(
        limit in 1_u64..600,
        late in 0_i64..2_000,
    ) {
        let check = http(ProbeTarget::NewTargets);
        let check = HttpCheck { attempts: 100, ..check };
        let gate = gate("g", Check::Http(check.clone()));
        let mut track = Track::begin(&gate, at(0));
        track.expire(seconds(limit), at(late));
        prop_assert_eq!(track.standing, GateState::Undecided);
        track.round(&check, Err(String::new()), at(late));
        track.expire(seconds(limit), at(late));
        let over = u64::try_from(late).unwrap() >= limit;
        prop_assert_eq!(track.standing == GateState::Inconclusive, over);
    }
}
