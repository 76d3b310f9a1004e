//! Tables of single decisions.

use jiff::{SignedDuration, Timestamp};

use crate::decide::sides::share::next_weight;
use crate::weights::Share;
use crate::{
    Active, Answer, Asked, Decision, Draining, Effect, Engine, Gated, Gating, Heading, Hold,
    Holding, Intent, Mark, Observed, OnCancel, OnForeign, Outcome, Phase, Promoting, Reason,
    ScalingDuring, Seen, Side, SidePhase, SideStep, Sides, Spec, StartingSide, TaskSetStatus,
    TestRoute, Testing, decide, recover,
};

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

fn spec(steps: &[(u32, u32)]) -> Spec {
    Spec {
        engine: Engine::External,
        intent: Intent::Update,
        force: false,
        deadline: at(3600),
        on_cancel: OnCancel::Rollback,
        on_foreign: OnForeign::Wait,
        desired: 2,
        steps: steps
            .iter()
            .map(|&(tenths, seconds)| Hold {
                share: Share::of_tenths(tenths),
                seconds,
            })
            .collect(),
        gated: Gated::default(),
        holds: false,
        pauses: crate::spec::Pauses::default(),
        scaling: ScalingDuring::Keep,
        only_now: false,
    }
}

fn side(id: &str, heading: Heading, status: TaskSetStatus, tenths: u32) -> Side {
    Side {
        id: id.to_owned(),
        heading,
        status,
        desired: 2,
        running: 2,
        steady: true,
        healthy: Some(2),
        share: Share::of_tenths(tenths),
        failed_tasks: 0,
    }
}

fn old(tenths: u32) -> Side {
    side("old", Heading::Elsewhere, TaskSetStatus::Primary, tenths)
}

fn new(tenths: u32) -> Side {
    side("new", Heading::Wanted, TaskSetStatus::Active, tenths)
}

fn primary(tenths: u32) -> Side {
    side("new", Heading::Wanted, TaskSetStatus::Primary, tenths)
}

fn ill(side: Side) -> Side {
    Side {
        healthy: Some(0),
        ..side
    }
}

fn idle(id: &str) -> Side {
    side(id, Heading::Elsewhere, TaskSetStatus::Active, 0)
}

fn seen(seconds: i64, all: Vec<Side>) -> Observed {
    Observed {
        now: at(seconds),
        cancelled: false,
        service: Seen::Active(Active::default()),
        followed: None,
        newest: None,
        answer: Answer::None,
        gate: None,
        sides: Some(Sides {
            all,
            drain_seconds: 0,
            test: TestRoute::Absent,
            headless: false,
        }),
    }
}

fn holding(tenths: u32) -> Phase {
    Phase::from(Holding {
        side: "new".to_owned(),
        share: Share::of_tenths(tenths),
        since: at(0),
        unavailable_since: None,
    })
}

fn draining() -> Phase {
    Phase::from(Draining {
        side: "new".to_owned(),
        from: None,
        since: at(0),
        asked: None,
        unavailable_since: None,
    })
}

fn shift(side: &str, tenths: u32) -> Effect {
    Effect::Side(SideStep::Shift {
        side: side.to_owned(),
        share: Share::of_tenths(tenths),
    })
}

fn remove(side: &str) -> Effect {
    Effect::Side(SideStep::Remove {
        side: side.to_owned(),
    })
}

#[test]
fn the_next_weight_is_the_next_step_upward_and_at_last_everything() {
    let steps = spec(&[(100, 0), (500, 0), (1000, 0)]);
    for (from, to) in [(0, 100), (99, 100), (100, 500), (250, 500), (500, 1000)] {
        let next = next_weight(&steps, Share::of_tenths(from));
        assert_eq!(next, Share::of_tenths(to), "{from}");
    }
    assert_eq!(next_weight(&spec(&[]), Share::NONE), Share::WHOLE);
    let tenth = Share::of_tenths(100);
    assert_eq!(next_weight(&spec(&[(100, 0)]), tenth), Share::WHOLE);
}

#[test]
fn a_killed_run_is_found_where_it_stood() {
    let healthy = "AwaitSideHealthy";
    let table: [(&str, Vec<Side>, &str); 14] = [
        ("nothing", vec![], "AwaitTurn"),
        ("not begun", vec![old(1000)], "AwaitTurn"),
        ("starting", vec![old(1000), ill(new(0))], healthy),
        ("before traffic", vec![old(1000), new(0)], healthy),
        ("first", vec![new(0)], healthy),
        ("first with traffic", vec![new(1000)], healthy),
        ("a step", vec![old(900), new(100)], "AwaitHold"),
        ("an ill step", vec![old(900), ill(new(100))], "AwaitHold"),
        ("everything moved", vec![old(0), new(1000)], "AwaitHold"),
        ("promoted", vec![idle("old"), primary(1000)], "AwaitDrained"),
        ("over", vec![primary(1000)], "AwaitTurn"),
        (
            "a leftover besides",
            vec![old(1000), idle("x"), new(0)],
            "AwaitTurn",
        ),
        (
            "the old one is wanted again",
            vec![idle("x"), primary(900)],
            "AwaitTurn",
        ),
        ("nobody serves", vec![ill(old(900)), ill(new(100))], healthy),
    ];
    for (story, all, name) in table {
        let phase = recover(&spec(&[(100, 60), (1000, 0)]), &seen(60, all));
        assert_eq!(phase.name(), name, "{story}");
    }
}

#[test]
fn traffic_rises_only_when_all_new_tasks_are_healthy() {
    let steps = spec(&[(100, 60), (1000, 0)]);
    let broken = [
        Side {
            healthy: Some(1),
            ..new(100)
        },
        Side {
            steady: false,
            ..new(100)
        },
        Side {
            healthy: None,
            ..new(100)
        },
        ill(new(100)),
    ];
    for side in broken {
        let decision = decide(&steps, holding(100), &seen(60, vec![old(900), side]));
        assert_eq!(decision.step, None);
        assert_eq!(decision.phase.name(), "AwaitHold");
    }
    let decision = decide(&steps, holding(100), &seen(60, vec![old(900), new(100)]));
    assert_eq!(decision.step, Some(shift("new", 1000)));
}

#[test]
fn a_side_that_does_not_serve_is_not_made_primary() {
    let observed = seen(60, vec![old(0), ill(new(1000))]);
    let decision = decide(&spec(&[]), holding(1000), &observed);
    assert_eq!(decision.step, None);
}

#[test]
fn the_old_side_stays_while_the_new_one_does_not_serve() {
    let decision = decide(
        &spec(&[]),
        draining(),
        &seen(600, vec![idle("old"), ill(primary(1000))]),
    );
    assert_eq!(decision.step, None);
    let decision = decide(
        &spec(&[]),
        draining(),
        &seen(600, vec![idle("old"), primary(1000)]),
    );
    assert_eq!(decision.step, Some(remove("old")));
}

#[test]
fn a_side_with_traffic_is_not_removed() {
    let shares = Side {
        share: Share::WHOLE,
        ..idle("same-group")
    };
    let observed = seen(600, vec![shares, primary(1000)]);
    let decision = decide(&spec(&[]), draining(), &observed);
    assert_eq!(decision.step, None);
    assert_eq!(decision.reason, Reason::SidesUnclear);
}

#[test]
fn a_draining_side_is_not_touched() {
    let gone = Side {
        status: TaskSetStatus::Draining,
        ..idle("gone")
    };
    let observed = seen(60, vec![gone, primary(1000)]);
    let decision = decide(&spec(&[]), Phase::AwaitTurn, &observed);
    let succeeded = Outcome::Succeeded { deployment: None };
    assert_eq!(decision.phase, Phase::Settled(succeeded));
}

#[test]
fn when_neither_side_serves_the_new_one_may_recover() {
    let steps = spec(&[(500, 600), (1000, 0)]);
    let mut phase = holding(500);
    for seconds in [0, 60, 120] {
        let observed = seen(seconds, vec![ill(old(500)), ill(new(500))]);
        let decision = decide(&steps, phase, &observed);
        assert_eq!(decision.step, None);
        phase = decision.phase;
    }
    let decision = decide(&steps, phase, &seen(600, vec![ill(old(500)), new(500)]));
    assert_eq!(decision.step, Some(shift("new", 1000)));
}

#[test]
fn a_service_without_tasks_has_no_health_to_wait_for() {
    let none = |side| Side {
        desired: 0,
        running: 0,
        healthy: Some(0),
        ..side
    };
    let spec = Spec {
        desired: 0,
        ..spec(&[(100, 60), (1000, 0)])
    };
    let starting = Phase::from(StartingSide {
        side: "new".to_owned(),
    });
    let observed = seen(60, vec![none(old(1000)), none(new(0))]);
    let decision = decide(&spec, starting.clone(), &observed);
    assert_eq!(decision.step, Some(shift("new", 1000)));
    // As long as the old side serves somebody, nothing goes to an empty one.
    let observed = seen(60, vec![old(1000), none(new(0))]);
    assert_eq!(decide(&spec, starting, &observed).step, None);
}

#[test]
fn more_than_one_other_side_with_traffic_waits_in_a_rollout_and_is_cleared_before_one() {
    let loose = |id, tenths| Side {
        share: Share::of_tenths(tenths),
        ..idle(id)
    };
    // None is the primary one: the one that has most of production keeps it.
    let observed = seen(60, vec![loose("a", 100), loose("b", 900)]);
    let decision = decide(&spec(&[]), Phase::AwaitTurn, &observed);
    assert_eq!(decision.step, Some(shift("b", 1000)));
    let steps = spec(&[(100, 60), (500, 60), (1000, 0)]);
    let shared = Side {
        share: Share::of_tenths(900),
        ..idle("a")
    };
    let observed = seen(60, vec![old(900), shared, new(100)]);
    let decision = decide(&steps, holding(100), &observed);
    assert_eq!(decision.reason, Reason::SidesUnclear);
}

#[test]
fn production_that_points_at_nothing_is_repaired_before_a_rollout() {
    let observed = seen(0, vec![old(900)]);
    let decision = decide(&spec(&[]), Phase::AwaitTurn, &observed);
    assert_eq!(decision.step, Some(shift("old", 1000)));
    let observed = seen(0, vec![ill(old(900))]);
    let decision = decide(&spec(&[]), Phase::AwaitTurn, &observed);
    assert_eq!(decision.step, Some(Effect::Side(SideStep::Create)));
}

#[test]
fn what_cannot_be_judged_is_waited_for_at_most_to_the_deadline() {
    let blind = |seconds, cancelled| Observed {
        cancelled,
        sides: None,
        ..seen(seconds, vec![])
    };
    let leave = Spec {
        on_cancel: OnCancel::Leave,
        ..spec(&[])
    };
    let left_running = Some("new".to_owned());
    let cancelled = Phase::Settled(Outcome::Cancelled {
        left_running: left_running.clone(),
    });
    let timed_out = Phase::Settled(Outcome::TimedOut { left_running });
    let table = [
        (spec(&[]), holding(100), blind(60, false), None),
        (spec(&[]), holding(100), blind(60, true), None),
        (leave, holding(100), blind(60, true), Some(&cancelled)),
        (spec(&[]), draining(), blind(60, true), Some(&cancelled)),
        (
            spec(&[]),
            holding(100),
            blind(3600, false),
            Some(&timed_out),
        ),
        (spec(&[]), holding(100), blind(3600, true), Some(&cancelled)),
    ];
    for (spec, phase, observed, end) in table {
        let decision = decide(&spec, phase.clone(), &observed);
        assert!(decision.step.is_none());
        assert_eq!(decision.phase, *end.unwrap_or(&phase));
    }
}

#[test]
fn a_new_service_is_not_taken_for_finished_before_its_tasks_are_healthy() {
    let mut observed = seen(60, vec![ill(primary(1000))]);
    observed.service = Seen::Active(Active {
        mark: Mark::Ours,
        ..Active::default()
    });
    let create = Spec {
        intent: Intent::Create,
        ..spec(&[])
    };
    assert_eq!(recover(&create, &observed).name(), "AwaitSideHealthy");
}

#[test]
fn a_side_of_unknown_revision_is_not_judged() {
    let young = Side {
        heading: Heading::Unknown,
        ..old(1000)
    };
    let decision = decide(&spec(&[]), Phase::AwaitTurn, &seen(0, vec![young]));
    assert_eq!(decision.step, None);
    assert_eq!(decision.phase, Phase::AwaitTurn);
}

#[test]
fn a_removal_without_effect_is_asked_for_again() {
    let asked = |seconds| {
        Phase::from(Draining {
            side: "new".to_owned(),
            from: None,
            since: at(0),
            asked: Some(Asked {
                step: remove("old"),
                at: at(seconds),
            }),
            unavailable_since: None,
        })
    };
    let observed = seen(100, vec![idle("old"), primary(1000)]);
    for (seconds, step) in [(100, None), (11, None), (10, Some(remove("old")))] {
        let Decision { step: decided, .. } = decide(&spec(&[]), asked(seconds), &observed);
        assert_eq!(decided, step, "asked at {seconds}");
    }
}

#[test]
fn a_forced_rollout_does_not_take_the_replaced_side_for_the_new_one() {
    let force = Spec {
        force: true,
        ..spec(&[])
    };
    let replaced = side("replaced", Heading::Wanted, TaskSetStatus::Active, 0);
    let observed = seen(0, vec![replaced, primary(1000)]);
    let decision = decide(&force, Phase::AwaitTurn, &observed);
    assert_eq!(decision.step, Some(remove("replaced")));
    // With traffic it can only be the new one.
    let half = side("half", Heading::Wanted, TaskSetStatus::Active, 500);
    let observed = seen(0, vec![half, primary(500)]);
    let Phase::Sides(phase) = recover(&force, &observed) else {
        panic!("nothing found");
    };
    assert_eq!(phase.side(), Some("half"));
}

#[test]
fn a_side_that_somebody_made_primary_is_not_sent_back() {
    let half = Side {
        share: Share::of_tenths(500),
        ..idle("old")
    };
    let observed = Observed {
        cancelled: true,
        ..seen(60, vec![half, primary(500)])
    };
    let decision = decide(&spec(&[(500, 600)]), holding(500), &observed);
    assert_eq!(decision.step, None);
    assert_eq!(decision.phase, Phase::AwaitTurn);
}

#[test]
fn the_old_side_drains_from_the_moment_it_lost_its_traffic() {
    let observed = seen(900, vec![old(0), new(1000)]);
    let decision = decide(&spec(&[(1000, 900)]), holding(1000), &observed);
    let Phase::Sides(SidePhase::AwaitPromoted(Promoting { idle_since, .. })) = decision.phase
    else {
        panic!("not promoted: {decision:?}");
    };
    assert_eq!(idle_since, at(0));
}

#[test]
fn an_ill_side_gets_no_test_traffic() {
    let phase = Phase::from(Testing {
        side: "new".to_owned(),
        asked_at: at(0),
    });
    let with = |side| {
        let mut observed = seen(120, vec![old(1000), side]);
        if let Some(sides) = &mut observed.sides {
            sides.test = TestRoute::Elsewhere;
        }
        observed
    };
    let ill = decide(&spec(&[]), phase.clone(), &with(ill(new(0))));
    assert_eq!(ill.step, None);
    let side = "new".to_owned();
    let well = decide(&spec(&[]), phase, &with(new(0)));
    assert_eq!(well.step, Some(Effect::Side(SideStep::ShiftTest { side })));
}

#[test]
fn a_call_that_is_refused_for_ever_does_not_hold_a_run_for_ever() {
    // What is refused is decided anew from the same phase, so that no phase counts how often.
    let observed = |seconds| seen(seconds, vec![old(0), new(1000)]);
    let steps = spec(&[(1000, 0)]);
    let before = decide(&steps, holding(1000), &observed(5399));
    assert_eq!(before.step, Some(shift("new", 0)));
    let outcome = Outcome::TimedOut {
        left_running: Some("new".to_owned()),
    };
    let after = decide(&steps, holding(1000), &observed(5400));
    assert_eq!(after.phase, Phase::Settled(outcome));
}

#[test]
fn a_side_that_is_to_have_no_tasks_waits_while_the_service_is_to_have_some() {
    let uncounted = Side {
        desired: 0,
        running: 0,
        healthy: Some(0),
        ..new(0)
    };
    let waits = |desired: u32, phase: Phase| {
        let mut seen = seen(10, vec![old(1000), uncounted.clone()]);
        seen.service = Seen::Active(Active {
            desired,
            ..Active::default()
        });
        let Some(sides) = &mut seen.sides else {
            unreachable!("it was just made")
        };
        for side in &mut sides.all {
            side.healthy = Some(0);
        }
        decide(&spec(&[(100, 60), (1000, 0)]), phase, &seen)
            .step
            .is_none()
    };
    let phase = || {
        Phase::from(Gating {
            side: "new".to_owned(),
            since: at(0),
        })
    };
    assert!(waits(2, phase()));
    assert!(
        !waits(0, phase()),
        "a service without tasks has nothing to wait for"
    );
}
