//! Tables and properties of the decision function.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::{
    Active, Answer, Cause, CodeDeployStatus, ControllerSeen, Deployment, Differences, EcsStatus,
    Engine, Gated, Heading, Intent, Mark, Next, Observed, OnCancel, Outcome, Phase, Reason,
    ScalingDuring, Seen, Spec, Status, Step, decide, hopeless_after, recover,
};

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

fn spec(engine: Engine) -> Spec {
    Spec {
        engine,
        intent: Intent::Update,
        force: false,
        deadline: at(3600),
        on_cancel: OnCancel::Rollback,
        desired: 2,
        steps: Vec::new(),
        gated: Gated::default(),
        holds: false,
        scaling: ScalingDuring::Keep,
    }
}

fn deployment(id: &str, status: Status) -> Deployment {
    Deployment {
        id: id.to_owned(),
        status,
        heading: Heading::Wanted,
        can_roll_back: true,
        stage: None,
        weight: None,
        held: None,
        tasks: None,
        healthy_new: None,
        healthy_old: None,
        breaker_triggered: false,
        rollback: None,
        rollback_expected: true,
        finished_at: None,
    }
}

fn active(seconds: i64) -> Observed {
    Observed {
        now: at(seconds),
        cancelled: false,
        service: Seen::Active(Active::default()),
        followed: None,
        newest: None,
        answer: Answer::None,
        gate: None,
        sides: None,
    }
}

fn following(id: &str) -> Phase {
    Phase::following(id.to_owned())
}

#[test]
fn every_ecs_end_means_what_aws_documents() {
    let id = || "d1".to_owned();
    let table = [
        (EcsStatus::Successful, None),
        (
            EcsStatus::Stopped,
            Some(Outcome::Stopped {
                deployment: id(),
                cause: Cause::Aws,
            }),
        ),
        (
            EcsStatus::RollbackSuccessful,
            Some(Outcome::RolledBack {
                deployment: id(),
                cause: Cause::Aws,
            }),
        ),
        (
            EcsStatus::RollbackFailed,
            Some(Outcome::RollbackFailed {
                deployment: id(),
                cause: Cause::Aws,
            }),
        ),
    ];
    for (status, expected) in table {
        let mut observed = active(60);
        observed.followed = Some(deployment("d1", Status::Ecs(status.clone())));
        let phase = decide(&spec(Engine::Ecs), following("d1"), &observed).phase;
        match expected {
            Some(outcome) => assert_eq!(phase, Phase::Settled(outcome), "{status:?}"),
            None => assert_eq!(
                phase,
                Phase::AwaitAdjusted {
                    next: Next::End(Some(id())),
                    asked_at: None
                }
            ),
        }
    }
}

#[test]
fn a_service_that_is_as_wanted_is_left_alone() {
    let decision = decide(&spec(Engine::Ecs), Phase::AwaitTurn, &active(0));
    assert_eq!(
        decision.phase,
        Phase::Settled(Outcome::Succeeded { deployment: None })
    );
    assert_eq!(decision.step, Step::Finish);
}

#[test]
fn a_stopped_rollout_to_what_is_wanted_is_rolled_out_again() {
    let mut observed = active(0);
    observed.newest = Some(deployment("d1", Status::Ecs(EcsStatus::Stopped)));
    assert_eq!(
        decide(&spec(Engine::Ecs), Phase::AwaitTurn, &observed).step,
        Step::StartRollout
    );
}

#[test]
fn a_create_shown_without_its_first_deployment_is_not_taken_for_finished() {
    let spec = Spec {
        intent: Intent::Create,
        ..spec(Engine::Ecs)
    };
    let mut observed = active(0);
    observed.service = Seen::Active(Active {
        mark: Mark::Ours,
        ..Active::default()
    });
    let decision = decide(&spec, Phase::AwaitTurn, &observed);
    assert_eq!(decision.phase, Phase::AwaitCreated { asked_at: at(0) });
    assert_eq!(decision.step, Step::Wait);
}

#[test]
fn a_first_rollout_that_cannot_succeed_gives_way_to_a_corrected_one() {
    let mut observed = active(0);
    let first = deployment("d1", Status::Ecs(EcsStatus::InProgress));
    observed.newest = Some(Deployment {
        heading: Heading::Elsewhere,
        can_roll_back: false,
        ..first
    });
    assert_eq!(
        decide(&spec(Engine::Ecs), Phase::AwaitTurn, &observed).step,
        Step::StartRollout
    );
}

#[test]
fn giving_up_counts_like_the_aws_breaker() {
    for (desired, failures) in [(0, 3), (1, 3), (6, 3), (7, 4), (100, 50), (4000, 200)] {
        assert_eq!(hopeless_after(desired), failures, "{desired}");
    }
}

#[test]
fn a_rollout_whose_tasks_keep_failing_is_given_up_early() {
    let mut observed = active(60);
    observed.service = Seen::Active(Active {
        failed_tasks: 3,
        ..Active::default()
    });
    for can_roll_back in [true, false] {
        observed.followed = Some(Deployment {
            can_roll_back,
            ..deployment("d1", Status::Ecs(EcsStatus::InProgress))
        });
        let decision = decide(&spec(Engine::Ecs), following("d1"), &observed);
        let step = Step::StopRollout {
            deployment: "d1".to_owned(),
            roll_back: can_roll_back,
        };
        assert_eq!(decision.step, step);
        assert_eq!(decision.reason, Reason::TasksFail { failed: 3 });
    }
}

#[test]
fn a_breaker_that_triggers_is_left_to_roll_back_by_itself() {
    let mut observed = active(60);
    let mut running = deployment("d1", Status::Ecs(EcsStatus::InProgress));
    running.breaker_triggered = true;
    observed.followed = Some(running);
    let decision = decide(&spec(Engine::Ecs), following("d1"), &observed);
    assert_eq!(decision.step, Step::Wait);
}

fn asked(before: Option<&str>) -> Phase {
    Phase::AwaitDeployment {
        asked_at: at(10),
        before: before.map(str::to_owned),
    }
}

fn named(id: &str) -> Answer {
    Answer::Done {
        started: Some(id.to_owned()),
    }
}

#[test]
fn a_rollout_too_young_to_say_where_it_goes_is_not_taken_for_another_one() {
    let mut observed = active(20);
    observed.newest = Some(Deployment {
        heading: Heading::Unknown,
        can_roll_back: false,
        ..deployment("d2", Status::Ecs(EcsStatus::Pending))
    });
    let spec = spec(Engine::Ecs);
    let awaiting = asked(Some("d1"));
    let decision = decide(&spec, awaiting.clone(), &observed);
    assert_eq!(
        (decision.phase, decision.step),
        (awaiting.clone(), Step::Wait)
    );
    // Nor is it replaced, however long it takes.
    observed.now = at(500);
    let decision = decide(&spec, awaiting.clone(), &observed);
    assert_eq!((decision.phase, decision.step), (awaiting, Step::Wait));
    let decision = decide(&spec, Phase::AwaitTurn, &observed);
    assert_eq!(
        (decision.phase, decision.step),
        (Phase::AwaitTurn, Step::Wait)
    );
    // Nor does one like it take over from ours.
    observed.followed = Some(deployment("d1", Status::Ecs(EcsStatus::Stopped)));
    assert_eq!(
        decide(&spec, following("d1"), &observed).phase,
        following("d1")
    );
}

#[test]
fn an_earlier_rollout_named_by_the_answer_is_not_followed() {
    let mut observed = active(20);
    observed.answer = named("d0");
    observed.newest = Some(deployment("d1", Status::Ecs(EcsStatus::Successful)));
    let awaiting = asked(Some("d1"));
    let decision = decide(&spec(Engine::Ecs), awaiting.clone(), &observed);
    assert_eq!(decision.phase, awaiting);
    // What AWS says it has begun is waited for; a second one is not begun.
    observed.now = at(500);
    let decision = decide(&spec(Engine::Ecs), awaiting.clone(), &observed);
    assert_eq!((decision.phase, decision.step), (awaiting, Step::Wait));
    observed.newest = Some(deployment("d2", Status::Ecs(EcsStatus::Pending)));
    let decision = decide(&spec(Engine::Ecs), asked(Some("d1")), &observed);
    assert_eq!(decision.phase, following("d2"));
}

#[test]
fn a_rollout_that_had_ended_before_it_was_asked_for_is_not_ours() {
    let mut observed = active(20);
    observed.newest = Some(Deployment {
        finished_at: Some(at(5)),
        ..deployment("d1", Status::Ecs(EcsStatus::Successful))
    });
    assert_eq!(
        decide(&spec(Engine::Ecs), asked(None), &observed).phase,
        asked(None)
    );
}

#[test]
fn a_rollout_that_never_shows_is_looked_for_afresh_before_another_begins() {
    for engine in [Engine::Ecs, Engine::CodeDeploy] {
        let mut observed = active(200);
        observed.answer = Answer::Unsure;
        let decision = decide(&spec(engine), asked(Some("d1")), &observed);
        assert_eq!(
            (decision.phase, decision.step),
            (Phase::AwaitTurn, Step::Wait)
        );
    }
}

#[test]
fn the_first_rollout_of_a_new_service_is_followed_only_when_it_is_the_wanted_one() {
    let mut observed = active(20);
    observed.service = Seen::Active(Active {
        mark: Mark::Ours,
        ..Active::default()
    });
    let created = Phase::AwaitCreated { asked_at: at(10) };
    for (heading, expected) in [
        (Heading::Wanted, following("d1")),
        (Heading::Unknown, created.clone()),
        (Heading::Elsewhere, Phase::AwaitTurn),
    ] {
        observed.newest = Some(Deployment {
            heading,
            ..deployment("d1", Status::Ecs(EcsStatus::InProgress))
        });
        let decision = decide(&spec(Engine::Ecs), created.clone(), &observed);
        assert_eq!((decision.phase, decision.step), (expected, Step::Wait));
    }
}

#[test]
fn a_created_service_whose_tags_do_not_show_yet_is_still_ours() {
    let created = Phase::AwaitCreated { asked_at: at(10) };
    let mut observed = active(20);
    observed.answer = Answer::Done { started: None };
    let phase = decide(&spec(Engine::Ecs), created.clone(), &observed).phase;
    assert_eq!(phase, created);
    for (mark, answer) in [
        (Mark::Absent, Answer::Unsure),
        (Mark::Other, Answer::Done { started: None }),
    ] {
        observed.service = Seen::Active(Active {
            mark,
            ..Active::default()
        });
        observed.answer = answer;
        let phase = decide(&spec(Engine::Ecs), created.clone(), &observed).phase;
        assert_eq!(phase, Phase::Settled(Outcome::AlreadyExists));
    }
}

#[test]
fn a_new_service_that_never_shows_a_deployment_gets_one() {
    let mut observed = active(60);
    observed.service = Seen::Active(Active {
        mark: Mark::Ours,
        ..Active::default()
    });
    let created = Phase::AwaitCreated { asked_at: at(10) };
    let decision = decide(&spec(Engine::Ecs), created.clone(), &observed);
    assert_eq!(decision.step, Step::Wait);
    observed.now = at(100);
    let decision = decide(&spec(Engine::Ecs), created, &observed);
    assert_eq!(decision.step, Step::StartRollout);
    assert_eq!(
        decision.phase,
        Phase::AwaitDeployment {
            asked_at: at(100),
            before: None
        }
    );
}

#[test]
fn giving_up_looks_at_what_an_autoscaler_made_of_the_count() {
    let mut observed = active(60);
    observed.service = Seen::Active(Active {
        failed_tasks: 3,
        desired: 100,
        ..Active::default()
    });
    observed.followed = Some(deployment("d1", Status::Ecs(EcsStatus::InProgress)));
    assert_eq!(
        decide(&spec(Engine::Ecs), following("d1"), &observed).step,
        Step::Wait
    );
}

// Properties.

fn any_ecs() -> impl Strategy<Value = EcsStatus> {
    prop_oneof![
        Just(EcsStatus::Pending),
        Just(EcsStatus::InProgress),
        Just(EcsStatus::StopRequested),
        Just(EcsStatus::RollbackRequested),
        Just(EcsStatus::RollbackInProgress),
        Just(EcsStatus::Successful),
        Just(EcsStatus::Stopped),
        Just(EcsStatus::RollbackSuccessful),
        Just(EcsStatus::RollbackFailed),
        Just(EcsStatus::Unknown("NEW_WORD".to_owned())),
    ]
}

fn any_code_deploy() -> impl Strategy<Value = CodeDeployStatus> {
    prop_oneof![
        Just(CodeDeployStatus::Created),
        Just(CodeDeployStatus::Queued),
        Just(CodeDeployStatus::InProgress),
        Just(CodeDeployStatus::Baking),
        Just(CodeDeployStatus::Ready),
        Just(CodeDeployStatus::Succeeded),
        Just(CodeDeployStatus::Failed),
        Just(CodeDeployStatus::Stopped),
        Just(CodeDeployStatus::Unknown("NewWord".to_owned())),
    ]
}

fn any_engine() -> impl Strategy<Value = Engine> {
    prop_oneof![Just(Engine::Ecs), Just(Engine::CodeDeploy)]
}

fn any_spec() -> impl Strategy<Value = Spec> {
    (any_engine(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(engine, create, force, leave)| Spec {
            intent: if create {
                Intent::Create
            } else {
                Intent::Update
            },
            force,
            on_cancel: if leave {
                OnCancel::Leave
            } else {
                OnCancel::Rollback
            },
            ..spec(engine)
        },
    )
}

fn any_deployment(engine: Engine) -> BoxedStrategy<Deployment> {
    let status = match engine {
        Engine::Ecs | Engine::External => any_ecs().prop_map(Status::Ecs).boxed(),
        Engine::CodeDeploy => any_code_deploy().prop_map(Status::CodeDeploy).boxed(),
    };
    let heading = prop_oneof![
        Just(Heading::Elsewhere),
        Just(Heading::Unknown),
        Just(Heading::Wanted)
    ];
    let flags = (heading, any::<bool>(), any::<bool>(), any::<bool>());
    (
        status,
        flags,
        proptest::option::of(Just("r1".to_owned())),
        0..3_u8,
    )
        .prop_map(
            |(
                status,
                (heading, can_roll_back, breaker_triggered, rollback_expected),
                rollback,
                id,
            )| {
                Deployment {
                    heading,
                    can_roll_back,
                    breaker_triggered,
                    rollback,
                    rollback_expected,
                    ..deployment(&format!("d{id}"), status)
                }
            },
        )
        .boxed()
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let mark = prop_oneof![Just(Mark::Absent), Just(Mark::Ours), Just(Mark::Other)];
    let active = (mark, any::<[bool; 4]>(), 0..5_u32).prop_map(
        |(mark, [other_controller, revision, settings, steady], failed)| {
            Seen::Active(Active {
                mark,
                controller: if other_controller {
                    ControllerSeen::Other
                } else {
                    ControllerSeen::Wanted
                },
                differs: Differences { revision, settings },
                steady,
                failed_tasks: failed,
                desired: 2,
                ..Active::default()
            })
        },
    );
    prop_oneof![
        8 => active,
        1 => Just(Seen::Absent),
        1 => Just(Seen::Draining),
        1 => Just(Seen::Unknown("NEW_WORD".to_owned())),
    ]
}

/// An observation without its time.
fn any_observed(engine: Engine) -> impl Strategy<Value = Observed> {
    let answer = prop_oneof![
        Just(Answer::None),
        Just(Answer::Done { started: None }),
        Just(Answer::Done {
            started: Some("d1".to_owned())
        }),
        Just(Answer::Unsure),
        Just(Answer::StopRefused),
    ];
    let deployment = || proptest::option::of(any_deployment(engine));
    (
        any_seen(),
        deployment(),
        deployment(),
        answer,
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(service, followed, newest, answer, cancelled)| Observed {
            now: at(0),
            cancelled,
            service,
            followed,
            newest,
            answer,
            gate: None,
            sides: None,
        })
}

fn any_phase() -> impl Strategy<Value = Phase> {
    let id = || (0..3_u8).prop_map(|id| format!("d{id}"));
    let cause = prop_oneof![
        Just(Cause::Aws),
        Just(Cause::Cancelled),
        Just(Cause::Deadline),
        Just(Cause::Hopeless)
    ];
    let asked = || proptest::option::of((0..4000_i64).prop_map(at));
    let next = prop_oneof![
        Just(Next::Rollout),
        proptest::option::of(id()).prop_map(Next::End)
    ];
    prop_oneof![
        Just(Phase::AwaitTurn),
        Just(Phase::AwaitSteady),
        (0..4000_i64).prop_map(|seconds| Phase::AwaitCreated {
            asked_at: at(seconds)
        }),
        ((0..4000_i64), proptest::option::of(id())).prop_map(|(seconds, before)| {
            Phase::AwaitDeployment {
                asked_at: at(seconds),
                before,
            }
        }),
        id().prop_map(Phase::following),
        (
            id(),
            proptest::option::of(Just("r1".to_owned())),
            cause,
            asked()
        )
            .prop_map(
                |(deployment, rollback, cause, asked_at)| Phase::AwaitRollback {
                    deployment,
                    rollback,
                    cause,
                    asked_at,
                    until: at(5400),
                }
            ),
        (next, asked()).prop_map(|(next, asked_at)| Phase::AwaitAdjusted { next, asked_at }),
    ]
}

fn any_case() -> impl Strategy<Value = (Spec, Phase, Observed)> {
    any_spec().prop_flat_map(|spec| {
        (
            Just(spec.clone()),
            any_phase(),
            any_observed(spec.engine),
            0..8000_i64,
        )
            .prop_map(|(spec, phase, observed, seconds)| {
                (
                    spec,
                    phase,
                    Observed {
                        now: at(seconds),
                        ..observed
                    },
                )
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_observation_twice_gives_no_second_effect((spec, phase, observed) in any_case()) {
        let first = decide(&spec, phase, &observed);
        if first.step.is_effect() {
            let second = decide(&spec, first.phase, &observed);
            prop_assert!(!second.step.is_effect(), "{second:?}");
        }
    }

    #[test]
    fn decisions_are_deterministic((spec, phase, observed) in any_case()) {
        prop_assert_eq!(decide(&spec, phase.clone(), &observed), decide(&spec, phase, &observed));
    }

    #[test]
    fn only_the_followed_deployment_is_ever_stopped((spec, phase, observed) in any_case()) {
        let followed = phase.followed().map(str::to_owned);
        if let Step::StopRollout { deployment, .. } = decide(&spec, phase, &observed).step {
            prop_assert_eq!(Some(deployment), followed);
        }
    }

    #[test]
    fn nothing_starts_after_the_deadline((spec, phase, observed) in any_case()) {
        if observed.now >= spec.deadline {
            let step = decide(&spec, phase, &observed).step;
            prop_assert!(!matches!(step, Step::StartRollout | Step::Create | Step::Adjust), "{step:?}");
        }
    }

    #[test]
    fn a_foreign_service_is_never_changed((spec, observed) in any_case().prop_map(|(spec, _, observed)| (spec, observed))) {
        let is_foreign = spec.intent == Intent::Create && observed.active().is_some_and(|active| active.mark != Mark::Ours);
        if is_foreign {
            prop_assert!(!decide(&spec, Phase::AwaitTurn, &observed).step.is_effect());
        }
    }

    #[test]
    fn a_rollout_by_someone_else_is_waited_for(
        (spec, observed) in any_case().prop_map(|(spec, _, observed)| (spec, observed))
    ) {
        let other = observed.newest.as_ref();
        let running = other.is_some_and(|newest| newest.status.is_running() && newest.can_roll_back);
        if running && observed.active().is_some() {
            prop_assert!(!decide(&spec, Phase::AwaitTurn, &observed).step.is_effect());
        }
    }

    #[test]
    fn recover_lands_on_the_rollout_that_was_followed(engine in any_engine(), seconds in 0..3600_i64) {
        let spec = spec(engine);
        let statuses = match engine {
            Engine::Ecs | Engine::External => vec![Status::Ecs(EcsStatus::Pending), Status::Ecs(EcsStatus::InProgress)],
            Engine::CodeDeploy => vec![
                Status::CodeDeploy(CodeDeployStatus::Created),
                Status::CodeDeploy(CodeDeployStatus::InProgress),
                Status::CodeDeploy(CodeDeployStatus::Ready),
            ],
        };
        for status in statuses {
            let mut observed = active(seconds);
            observed.followed = Some(deployment("d1", status));
            let followed = decide(&spec, following("d1"), &observed).phase;
            observed.newest = observed.followed.take();
            prop_assert_eq!(recover(&spec, &observed), followed);
        }
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
        prop_assert_eq!(decision.step, Step::Wait);
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
}
