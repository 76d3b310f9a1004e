//! Properties: what holds whatever AWS shows.

use proptest::prelude::*;

use super::any::{
    any_case, any_deployment, any_engine, any_followed_case, any_observed, any_phase, any_spec,
};
use super::{active, at, deployment, following, spec};
use crate::weights::Share;
use crate::{
    Active, Adjusting, Answer, BegunBy, CodeDeployStatus, Decision, Deployment, EcsStatus, Effect,
    Engine, GateSeen, Gated, Heading, Hold, Intent, LifecycleStage, Mark, Moment, MomentVerdict,
    Next, Observed, Obstacle, OnForeign, Outcome, Paused, Pauses, Phase,
    ROLLBACK_ALLOWANCE_SECONDS, Reason, RolloutStep, ScalingDuring, ScalingEffect, ScalingSeen,
    Seen, SideStep, Spec, Stage, Status, decide, recover,
};

/// Whether the step begins something, or lets it go on.
fn begins(step: &Effect) -> bool {
    match step {
        Effect::Adjust
        | Effect::Create
        | Effect::PrepareRoutes
        | Effect::ReturnTraffic
        | Effect::StartRollout
        | Effect::SwitchController => true,
        Effect::Rollout(RolloutStep::Continue { .. }) => true,
        Effect::Rollout(RolloutStep::Stop { .. }) => false,
        Effect::Scaling(ScalingEffect::Suspend) => true,
        Effect::Scaling(ScalingEffect::Resume) => false,
        Effect::Side(step) => *step == SideStep::Create,
    }
}

fn only_new_serves(observed: &Observed) -> bool {
    observed.followed.as_ref().is_some_and(|followed| {
        followed.weight.is_some_and(|weight| weight > Share::NONE)
            && followed.healthy_old == Some(0)
            && followed.healthy_new.is_some_and(|healthy| healthy > 0)
    })
}

/// Seconds after which a run is over, whatever it had begun: the deadline, the allowance for a rollback
/// and the one for scaling, and a last look.
fn over_by(from: i64) -> i64 {
    from.max(5400) + 2 * ROLLBACK_ALLOWANCE_SECONDS + 120
}

fn stage_of(word: &str) -> Stage {
    Stage::Ecs(LifecycleStage::parse(word))
}

/// AWS's service model, its documentation and what it reports do not agree on the words.
#[test]
fn a_pause_of_ours_is_continued_whatever_aws_calls_its_stage() {
    let words = [
        "RECONCILE_SERVICE",
        "SCALE_UP",
        "TEST_TRAFFIC_SHIFT",
        "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "PRODUCTION_TRAFFIC_SHIFT",
        "POST_PRODUCTION_TRAFFIC_SHIFT",
        "BAKE_TIME",
        "NEW_STAGE",
    ];
    let hold = |tenths| Hold {
        share: Share::of_tenths(tenths),
        seconds: 0,
    };
    let spec = Spec {
        holds: true,
        pauses: super::any::own_pauses(),
        steps: vec![hold(100), hold(500), hold(1000)],
        ..spec(Engine::Ecs)
    };
    let all = || words.into_iter().map(Some).chain([None]);
    // An apply that was killed may have left no note: then it is ours where the configuration pauses, and nowhere else.
    let at_ours = [
        "TEST_TRAFFIC_SHIFT",
        "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "PRODUCTION_TRAFFIC_SHIFT",
        "POST_PRODUCTION_TRAFFIC_SHIFT",
    ];
    let unnoted = all().filter(|stage| stage.is_some_and(|stage| at_ours.contains(&stage)));
    let ours = all().map(|stage| (stage, BegunBy::Us));
    for (stage, begun_by) in ours.chain(unnoted.map(|stage| (stage, BegunBy::Other))) {
        for weight in [0.0, 10.0, 30.0, 50.0, 100.0] {
            let mut observed = active(100);
            let mut paused = deployment("d1", Status::Ecs(EcsStatus::InProgress));
            paused.begun_by = begun_by;
            paused.stage = stage.map(stage_of);
            paused.weight = Share::of_percent(weight);
            paused.paused = Some(Paused {
                id: "h1".to_owned(),
                expires_at: None,
            });
            observed.followed = Some(paused);
            let decision = decide(&spec, following("d1"), &observed);
            let goes_on = Effect::Rollout(RolloutStep::Continue {
                deployment: "d1".to_owned(),
                hold: "h1".to_owned(),
            });
            assert_eq!(
                decision.step,
                Some(goes_on),
                "{stage:?} at {weight} percent"
            );
        }
    }
}

/// What somebody else has begun and paused is theirs, unless this configuration pauses there as well.
#[test]
fn a_pause_of_somebody_else_is_never_continued_and_never_waited_for() {
    let spec = Spec {
        holds: true,
        pauses: Pauses {
            own: [LifecycleStage::PreProductionTrafficShift].into(),
            ..Pauses::default()
        },
        ..spec(Engine::Ecs)
    };
    let other = Spec {
        holds: false,
        pauses: Pauses::default(),
        ..spec.clone()
    };
    for (spec, stage) in [
        (&spec, Some("POST_SCALE_UP")),
        (&spec, Some("POST_PRODUCTION_TRAFFIC_SHIFT")),
        (&spec, Some("NEW_STAGE")),
        (&spec, None),
        (&other, Some("PRE_PRODUCTION_TRAFFIC_SHIFT")),
    ] {
        let mut paused = paused(stage, 10.0);
        paused.begun_by = BegunBy::Other;
        let mut observed = active(100);
        observed.followed = Some(paused);
        let decision = decide(spec, following("d1"), &observed);
        assert_eq!(decision.step, None, "{stage:?}");
        let end = Outcome::InTheWay {
            deployment: "d1".to_owned(),
            obstacle: Obstacle::PausedByOthers,
        };
        assert_eq!(decision.phase, Phase::Settled(end), "{stage:?}");
    }
}

/// Where a person is asked, an apply waits: at the stages, and at the weights.
#[test]
fn an_approval_is_left_to_the_person() {
    let pauses = Pauses {
        approvals: [LifecycleStage::PostTestTrafficShift].into(),
        approved_weights: [Share::of_tenths(100), Share::WHOLE].into(),
        ..super::any::own_pauses()
    };
    let spec = Spec {
        holds: true,
        pauses,
        ..spec(Engine::Ecs)
    };
    for (stage, weight, waits) in [
        (Some("POST_TEST_TRAFFIC_SHIFT"), 0.0, true),
        // It may be the one, and a guess would approve.
        (Some("NEW_STAGE"), 0.0, true),
        (None, 0.0, true),
        (Some("PRE_PRODUCTION_TRAFFIC_SHIFT"), 0.0, false),
        (Some("PRE_PRODUCTION_TRAFFIC_SHIFT"), 10.0, true),
        (Some("PRE_PRODUCTION_TRAFFIC_SHIFT"), 20.0, false),
        (Some("PRE_PRODUCTION_TRAFFIC_SHIFT"), 100.0, false),
        (Some("POST_PRODUCTION_TRAFFIC_SHIFT"), 100.0, true),
    ] {
        let mut paused = paused(stage, weight);
        paused.begun_by = BegunBy::Us;
        let mut observed = active(100);
        observed.followed = Some(paused);
        let decision = decide(&spec, following("d1"), &observed);
        let asks = matches!(decision.reason, Reason::AwaitsApproval { .. });
        assert_eq!(
            (asks, decision.step.is_none()),
            (waits, waits),
            "{stage:?} at {weight}"
        );
    }
}

/// Deployment `d1` at a pause.
fn paused(stage: Option<&str>, weight: f64) -> Deployment {
    let mut paused = deployment("d1", Status::Ecs(EcsStatus::InProgress));
    paused.stage = stage.map(stage_of);
    paused.weight = Share::of_percent(weight);
    paused.paused = Some(Paused {
        id: "h1".to_owned(),
        expires_at: None,
    });
    paused
}

/// A hold whose stage has another word lasts as long, and its gates are asked.
#[test]
fn a_pause_under_another_word_is_held_as_long() {
    let spec = Spec {
        holds: true,
        pauses: super::any::own_pauses(),
        steps: vec![
            Hold {
                share: Share::of_tenths(100),
                seconds: 600,
            },
            Hold {
                share: Share::WHOLE,
                seconds: 300,
            },
        ],
        gated: Gated {
            before_start: false,
            before_traffic: true,
            step: true,
            bake: true,
            ..Gated::default()
        },
        ..spec(Engine::Ecs)
    };
    let moments = [
        (0.0, Moment::BeforeTraffic, 0),
        (
            10.0,
            Moment::Step {
                share: Share::of_tenths(100),
            },
            600,
        ),
        (100.0, Moment::Bake, 300),
    ];
    for (weight, moment, seconds) in moments {
        let seen = |verdict, now| {
            let mut observed = active(now);
            let mut paused = deployment("d1", Status::Ecs(EcsStatus::InProgress));
            paused.begun_by = BegunBy::Us;
            paused.stage = Some(stage_of("NEW_STAGE"));
            paused.weight = Share::of_percent(weight);
            paused.paused = Some(Paused {
                id: "h1".to_owned(),
                expires_at: None,
            });
            observed.followed = Some(paused);
            observed.gate = Some(GateSeen { moment, verdict });
            observed
        };
        let first = decide(&spec, following("d1"), &seen(MomentVerdict::Pending, 100));
        assert_eq!(first.watch, Some(moment), "{weight}");
        assert_eq!(first.step, None, "{weight}");
        let phase = || first.phase.clone();
        let pending = decide(&spec, phase(), &seen(MomentVerdict::Pending, 100 + seconds));
        assert_eq!(pending.step, None, "{weight}");
        if seconds > 0 {
            let early = decide(&spec, phase(), &seen(MomentVerdict::Passed, 99 + seconds));
            assert_eq!(early.step, None, "{weight}");
        }
        let over = decide(&spec, phase(), &seen(MomentVerdict::Passed, 100 + seconds));
        assert!(
            matches!(
                over.step,
                Some(Effect::Rollout(RolloutStep::Continue { .. }))
            ),
            "{weight}: {:?}",
            over.step
        );
    }
}

/// What belongs to the end of a rollout that was undone is no beginning.
fn puts_settings_back(phase: &Phase) -> bool {
    let over = |adjusting: &Adjusting| matches!(adjusting.next, Next::Over { .. });
    matches!(phase, Phase::AwaitAdjusted(adjusting) if over(adjusting))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_observation_twice_gives_no_second_effect((spec, phase, observed) in any_case()) {
        let first = decide(&spec, phase, &observed);
        if first.step.is_some() {
            let second = decide(&spec, first.phase, &observed);
            prop_assert!(second.step.is_none(), "{second:?}");
        }
    }

    #[test]
    fn decisions_are_deterministic((spec, phase, observed) in any_case()) {
        prop_assert_eq!(decide(&spec, phase.clone(), &observed), decide(&spec, phase, &observed));
    }

    #[test]
    fn only_the_followed_deployment_is_ever_stopped((spec, phase, observed) in any_case()) {
        let followed = phase.followed().map(str::to_owned);
        if let Some(Effect::Rollout(RolloutStep::Stop { deployment, .. })) = decide(&spec, phase, &observed).step {
            prop_assert_eq!(Some(deployment), followed);
        }
    }

    #[test]
    fn nothing_starts_after_the_deadline((spec, phase, observed) in any_case()) {
        if observed.now >= spec.deadline {
            let Decision { phase, step, .. } = decide(&spec, phase, &observed);
            prop_assert!(puts_settings_back(&phase) || !step.as_ref().is_some_and(begins), "{step:?}");
        }
    }

    #[test]
    fn a_foreign_service_is_never_changed((spec, observed) in any_case().prop_map(|(spec, _, observed)| (spec, observed))) {
        let is_foreign = spec.intent == Intent::Create && observed.active().is_some_and(|active| active.mark != Mark::Ours);
        if is_foreign {
            prop_assert!(decide(&spec, Phase::AwaitTurn, &observed).step.is_none());
        }
    }

    #[test]
    fn a_rollout_by_someone_else_is_waited_for(
        (spec, observed) in any_case().prop_map(|(spec, _, observed)| (spec, observed))
    ) {
        let other = observed.newest.as_ref();
        let running = other.is_some_and(|newest| {
            newest.status.is_running() && newest.can_roll_back && newest.begun_by != BegunBy::Us
        });
        if running && spec.on_foreign == OnForeign::Wait && observed.active().is_some() {
            let phase = decide(&spec, Phase::AwaitTurn, &observed).phase;
            prop_assert!(!matches!(phase, Phase::AwaitTakenBack { .. }), "{phase:?}");
            let step = decide(&spec, Phase::AwaitTurn, &observed).step;
            prop_assert!(step.is_none_or(|step| step == Effect::Scaling(ScalingEffect::Resume)));
        }
    }

    #[test]
    fn no_rollout_begins_before_the_gates_that_allow_it(
        (spec, observed) in any_case().prop_map(|(spec, _, observed)| (spec, observed))
    ) {
        let runs = observed.active().is_some_and(|active| active.mark == Mark::Absent);
        if spec.gated.before_start && runs {
            let decision = decide(&spec, Phase::AwaitTurn, &observed);
            let of_rollout = |step: &Effect| matches!(
                step,
                Effect::StartRollout
                    | Effect::PrepareRoutes
                    | Effect::SwitchController
                    | Effect::Scaling(ScalingEffect::Suspend)
                    | Effect::Side(SideStep::Create)
            );
            prop_assert!(!decision.step.as_ref().is_some_and(of_rollout), "{decision:?}");
        }
    }

    #[test]
    fn nothing_begins_once_it_is_cancelled((spec, phase, observed) in any_case()) {
        let observed = Observed { cancelled: true, ..observed };
        let Decision { phase, step, .. } = decide(&spec, phase, &observed);
        prop_assert!(puts_settings_back(&phase) || !step.as_ref().is_some_and(begins), "{step:?}");
    }

    #[test]
    fn nothing_is_sent_back_while_only_the_new_side_serves((spec, phase, observed) in any_followed_case()) {
        let step = decide(&spec, phase, &observed).step;
        let sends_back = matches!(step, Some(Effect::Rollout(RolloutStep::Stop { roll_back: true, .. })));
        prop_assert!(!(sends_back && only_new_serves(&observed)), "{step:?}");
    }

    #[test]
    fn a_rollout_gets_no_more_traffic_without_a_healthy_target_or_a_verdict(
        (spec, phase, observed) in any_followed_case()
    ) {
        let decision = decide(&spec, phase, &observed);
        let Some(Effect::Rollout(RolloutStep::Continue { hold, .. })) = &decision.step else {
            return Ok(());
        };
        let followed = observed.followed.as_ref();
        prop_assert_eq!(followed.and_then(|shown| shown.paused.as_ref()).map(|held| &held.id), Some(hold));
        prop_assert_ne!(followed.and_then(|shown| shown.healthy_new), Some(0));
        // A deployment of ours that waits for us goes on, also when the strategy no longer has a stop here.
        let is_ours = followed.is_some_and(|shown| shown.begun_by == BegunBy::Us);
        let stage = followed.and_then(Deployment::lifecycle_stage);
        let by_code_deploy = spec.holds && spec.engine == Engine::CodeDeploy;
        prop_assert!(is_ours || by_code_deploy || spec.pauses.is_own(stage));
        // A weight on the way that nobody asked to hold needs no verdict.
        let asked_for = |share| spec.steps.is_empty() || spec.steps.iter().any(|hold| hold.share == share);
        let needs_verdict = match decision.watch {
            Some(Moment::Step { share }) => asked_for(share),
            Some(Moment::Bake) => {
                followed.is_some_and(|shown| shown.stage == Some(stage_of("POST_PRODUCTION_TRAFFIC_SHIFT")))
            }
            Some(Moment::BeforeTraffic) => true,
            Some(Moment::BeforeStart | Moment::After) | None => false,
        };
        if needs_verdict {
            prop_assert_eq!(observed.gate.map(|gate| gate.verdict), Some(MomentVerdict::Passed));
            prop_assert_eq!(observed.gate.map(|gate| gate.moment), decision.watch);
        }
    }

    #[test]
    fn a_hold_lasts_its_time(seconds in 0..900_i64, passed in any::<bool>()) {
        let spec = Spec {
            holds: true,
            pauses: super::any::own_pauses(),
            steps: vec![Hold { share: Share::of_tenths(100), seconds: 600 }, Hold { share: Share::WHOLE, seconds: 0 }],
            gated: Gated { step: true, ..Gated::default() },
            ..spec(Engine::Ecs)
        };
        let mut observed = active(100);
        let mut held = deployment("d1", Status::Ecs(EcsStatus::InProgress));
        held.stage = Some(stage_of("PRE_PRODUCTION_TRAFFIC_SHIFT"));
        held.weight = Share::of_percent(10.0);
        held.paused = Some(Paused { id: "h1".to_owned(), expires_at: None });
        observed.followed = Some(held);
        observed.gate = Some(GateSeen {
            moment: Moment::Step { share: Share::of_tenths(100) },
            verdict: if passed { MomentVerdict::Passed } else { MomentVerdict::Pending },
        });
        let first = decide(&spec, following("d1"), &observed);
        prop_assert_eq!(first.step, None);
        observed.now = at(100 + seconds);
        let goes_on = decide(&spec, first.phase, &observed).step.is_some();
        prop_assert_eq!(goes_on, seconds >= 600 && passed);
    }

    #[test]
    fn gates_are_asked_only_where_there_are_any((spec, phase, observed) in any_case()) {
        if let Some(moment) = decide(&spec, phase, &observed).watch {
            prop_assert!(spec.is_gated(moment), "{moment:?}");
        }
    }

    #[test]
    fn a_rollout_starts_with_scaling_as_it_is_wanted((spec, phase, observed) in any_case()) {
        let asked = matches!(phase, Phase::AwaitScalingSuspended { .. });
        let step = decide(&spec, phase, &observed).step;
        let starts = step == Some(Effect::StartRollout)
            || step == Some(Effect::SwitchController) && spec.engine == Engine::Ecs;
        let is_free = observed.active().is_some_and(|active| active.scaling == ScalingSeen::Free);
        if starts && is_free && spec.scaling != ScalingDuring::Keep {
            prop_assert!(asked && observed.answer == Answer::Refused);
        }
    }

    #[test]
    fn no_run_of_ours_ends_with_scaling_suspended((spec, phase, observed) in any_case()) {
        let resuming = matches!(phase, Phase::AwaitScalingResumed { .. });
        let first_look = matches!(
            phase,
            Phase::AwaitTurn | Phase::AwaitCreated { .. } | Phase::AwaitScalingSuspended { .. }
        );
        let Phase::Settled(outcome) = decide(&spec, phase, &observed).phase else {
            return Ok(());
        };
        let Some(active) = observed.active() else {
            return Ok(());
        };
        let foreign = outcome == Outcome::AlreadyExists
            || first_look && spec.intent == Intent::Create && active.mark != Mark::Ours;
        if active.scaling == ScalingSeen::Suspended && !foreign {
            prop_assert!(resuming, "{outcome:?}");
        }
    }

    #[test]
    fn a_controller_never_changes_under_a_rollout_or_before_its_routes((spec, phase, observed) in any_case()) {
        let step = decide(&spec, phase, &observed).step;
        if matches!(step, Some(Effect::SwitchController | Effect::PrepareRoutes | Effect::ReturnTraffic)) {
            prop_assert!(observed.newest.is_none_or(|newest| !newest.status.is_running()));
        }
        if step == Some(Effect::SwitchController) && spec.engine == Engine::Ecs {
            let prepared = matches!(&observed.service, Seen::Active(active) if active.routes_prepared);
            prop_assert!(prepared);
        }
    }

    /// Killed, a run goes on in the phase it was in, with the same deployment. One that somebody has stopped
    /// is over for the next run.
    #[test]
    fn recover_continues_in_the_phase_the_run_was_in(
        (spec, shown, observed, seconds) in any_spec().prop_flat_map(|spec| {
            let engine = spec.engine;
            (Just(spec), any_deployment(engine), any_observed(engine), 0..3600_i64)
        })
    ) {
        let shown = Deployment { heading: Heading::Wanted, ..shown };
        let mut service = Active { mark: Mark::Ours, ..Active::default() };
        service.failed_tasks = observed.active().map_or(0, |active| active.failed_tasks);
        let observed = Observed {
            now: at(seconds),
            service: Seen::Active(service),
            newest: Some(shown.clone()),
            followed: Some(shown.clone()),
            ..observed
        };
        let decision = decide(&spec, following(&shown.id), &observed);
        let goes_on = matches!(decision.phase, Phase::AwaitOutcome { .. } | Phase::AwaitRollback { .. });
        let rolls_back = matches!(
            shown.status,
            Status::Ecs(EcsStatus::RollbackRequested | EcsStatus::RollbackInProgress)
        );
        let is_stopped = shown.status == Status::Ecs(EcsStatus::StopRequested)
            || rolls_back && !shown.breaker_triggered;
        if is_stopped {
            prop_assert_eq!(recover(&spec, &observed), Phase::AwaitTurn);
        } else if shown.status.is_running() && goes_on && !matches!(decision.step, Some(Effect::Rollout(RolloutStep::Stop { .. }))) {
            let recovered = recover(&spec, &observed);
            prop_assert_eq!(recovered.name(), decision.phase.name());
            prop_assert_eq!(recovered.followed(), Some(shown.id.as_str()));
        }
    }

    /// Whatever AWS goes on showing, every phase ends, cancelled or not.
    #[test]
    fn no_phase_is_a_dead_end((spec, phase, observed) in any_case()) {
        let from = observed.now.as_second();
        let mut phase = phase;
        let mut seconds = from;
        while seconds <= over_by(from) {
            let observed = Observed { now: at(seconds), ..observed.clone() };
            phase = decide(&spec, phase, &observed).phase;
            seconds += 45;
        }
        prop_assert!(matches!(phase, Phase::Settled(_)), "still in {phase:?}");
    }

    #[test]
    fn unknown_words_wait(engine in any_engine(), seconds in 0..3600_i64) {
        let status = match engine {
            Engine::Ecs | Engine::External => Status::Ecs(EcsStatus::Unknown("X".to_owned())),
            Engine::CodeDeploy => Status::CodeDeploy(CodeDeployStatus::Unknown("X".to_owned())),
        };
        let mut observed = active(seconds);
        observed.followed = Some(deployment("d1", status));
        let decision = decide(&spec(engine), following("d1"), &observed);
        prop_assert_eq!(decision.phase, following("d1"));
        prop_assert_eq!(decision.step, None);
        prop_assert_eq!(decision.reason, Reason::UnknownWord("X".to_owned()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever AWS shows, a run ends: time goes on, and the deadline and the allowance pass.
    #[test]
    fn every_run_ends_and_success_was_seen((spec, seen) in any_spec().prop_flat_map(|spec| {
        (Just(spec.clone()), proptest::collection::vec(any_observed(spec.engine), 200))
    })) {
        let mut phase = Phase::AwaitTurn;
        let mut successes = Vec::new();
        for (poll, observed) in (0_i64..).zip(seen) {
            let observed = Observed { now: at(poll * 60), ..observed };
            for shown in observed.followed.iter().chain(&observed.newest) {
                if shown.status.is_success() {
                    successes.push(shown.id.clone());
                }
            }
            phase = decide(&spec, phase, &observed).phase;
        }
        prop_assert!(matches!(phase, Phase::Settled(_)), "still in {phase:?}");
        if let Phase::Settled(Outcome::Succeeded { deployment: Some(id) }) = phase {
            prop_assert!(successes.contains(&id));
        }
    }

    /// An abort ends: with few effects, and none of them begins anything.
    #[test]
    fn an_abort_ends_in_a_bounded_number_of_steps(
        (spec, phase, seen, from) in any_spec().prop_flat_map(|spec| {
            let observed = proptest::collection::vec(any_observed(spec.engine), 250);
            (Just(spec), any_phase(), observed, 0..3600_i64)
        })
    ) {
        let mut phase = phase;
        let mut effects = 0;
        for (poll, observed) in (0_i64..).zip(seen) {
            let observed = Observed { now: at(from + poll * 60), cancelled: true, ..observed };
            let decision = decide(&spec, phase, &observed);
            let is_beginning = !puts_settings_back(&decision.phase) && decision.step.as_ref().is_some_and(begins);
            prop_assert!(!is_beginning, "{:?}", decision.step);
            effects += u32::from(decision.step.is_some());
            phase = decision.phase;
        }
        prop_assert!(matches!(phase, Phase::Settled(_)), "still in {phase:?}");
        // Asked again after patience at most: the stop until the deadline and the allowance, resuming after that.
        prop_assert!(effects <= 80, "{effects} effects");
    }

    /// Whatever AWS shows and refuses, no phase outlives the deadline and the allowance.
    #[test]
    fn no_phase_outlives_deadline_and_allowance((spec, phase, observed) in any_case(), late in 0..100_000_i64) {
        let observed = Observed {
            now: at(3600 + ROLLBACK_ALLOWANCE_SECONDS + late),
            ..observed
        };
        let mut phase = phase;
        // What is left is compared once more, and scaling is put back.
        for _ in 0..4 {
            phase = decide(&spec, phase, &observed).phase;
        }
        let may_run = matches!(
            phase,
            Phase::Settled(_) | Phase::AwaitScalingResumed { .. } | Phase::AwaitAdjusted { .. }
        );
        prop_assert!(may_run, "{phase:?}");
    }
}
