//! Tables of the decision function; properties are below.

mod any;
mod aws;

mod properties;

use jiff::{SignedDuration, Timestamp};

use crate::{
    Active, Adjusting, Answer, BegunBy, Cause, Creating, Deployment, EcsStatus, Effect, Engine,
    Gated, Heading, Intent, Mark, Next, Observed, OnCancel, OnForeign, Outcome, Phase, Reason,
    RolloutStep, ScalingDuring, Seen, Spec, Starting, Status, Undoing, decide, hopeless_after,
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
        on_foreign: OnForeign::Wait,
        desired: 2,
        steps: Vec::new(),
        gated: Gated::default(),
        holds: false,
        pauses: crate::spec::Pauses::default(),
        scaling: ScalingDuring::Keep,
        only_now: false,
    }
}

fn deployment(id: &str, status: Status) -> Deployment {
    Deployment {
        id: id.to_owned(),
        status,
        heading: Heading::Wanted,
        begun_by: BegunBy::Other,
        can_roll_back: true,
        stage: None,
        weight: None,
        paused: None,
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
                Phase::from(Adjusting {
                    next: Next::End(Some(id())),
                    asked_at: None
                })
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
    assert_eq!(decision.step, None);
}

#[test]
fn a_stopped_rollout_to_what_is_wanted_is_rolled_out_again() {
    let mut observed = active(0);
    observed.newest = Some(deployment("d1", Status::Ecs(EcsStatus::Stopped)));
    assert_eq!(
        decide(&spec(Engine::Ecs), Phase::AwaitTurn, &observed).step,
        Some(Effect::StartRollout)
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
    assert_eq!(decision.phase, Phase::from(Creating { asked_at: at(0) }));
    assert_eq!(decision.step, None);
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
        Some(Effect::StartRollout)
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
        let step = Effect::Rollout(RolloutStep::Stop {
            deployment: "d1".to_owned(),
            roll_back: can_roll_back,
        });
        assert_eq!(decision.step, Some(step));
        assert_eq!(decision.reason, Reason::TasksFail { failed: 3 });
    }
}

#[test]
fn a_refused_stop_ends_with_the_cause_for_which_it_was_asked() {
    let mut observed = active(60);
    observed.answer = Answer::StopRefused;
    observed.followed = Some(deployment("d1", Status::Ecs(EcsStatus::InProgress)));
    let ended = |cause| {
        let phase = Phase::from(Undoing {
            deployment: "d1".to_owned(),
            rollback: None,
            cause,
            asked_at: Some(at(50)),
            until: at(5000),
        });
        decide(&spec(Engine::Ecs), phase, &observed).phase
    };
    for cause in [Cause::Gate, Cause::Hopeless, Cause::Unavailable] {
        let deployment = "d1".to_owned();
        let outcome = Outcome::NotUndone { deployment, cause };
        assert_eq!(ended(cause), Phase::Settled(outcome));
    }
    let left_running = Some("d1".to_owned());
    assert_eq!(
        ended(Cause::Deadline),
        Phase::Settled(Outcome::TimedOut { left_running })
    );
}

#[test]
fn a_breaker_that_triggers_is_left_to_roll_back_by_itself() {
    let mut observed = active(60);
    let mut running = deployment("d1", Status::Ecs(EcsStatus::InProgress));
    running.breaker_triggered = true;
    observed.followed = Some(running);
    let decision = decide(&spec(Engine::Ecs), following("d1"), &observed);
    assert_eq!(decision.step, None);
}

fn asked(before: Option<&str>) -> Phase {
    Phase::from(Starting {
        asked_at: at(10),
        before: before.map(str::to_owned),
    })
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
    assert_eq!((decision.phase, decision.step), (awaiting.clone(), None));
    // Nor is it replaced, however long it takes.
    observed.now = at(500);
    let decision = decide(&spec, awaiting.clone(), &observed);
    assert_eq!((decision.phase, decision.step), (awaiting, None));
    let decision = decide(&spec, Phase::AwaitTurn, &observed);
    assert_eq!((decision.phase, decision.step), (Phase::AwaitTurn, None));
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
    assert_eq!((decision.phase, decision.step), (awaiting, None));
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
        assert_eq!((decision.phase, decision.step), (Phase::AwaitTurn, None));
    }
}

#[test]
fn the_first_rollout_of_a_new_service_is_followed_only_when_it_is_the_wanted_one() {
    let mut observed = active(20);
    observed.service = Seen::Active(Active {
        mark: Mark::Ours,
        ..Active::default()
    });
    let created = Phase::from(Creating { asked_at: at(10) });
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
        assert_eq!((decision.phase, decision.step), (expected, None));
    }
}

#[test]
fn a_created_service_whose_tags_do_not_show_yet_is_still_ours() {
    let created = Phase::from(Creating { asked_at: at(10) });
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
    let created = Phase::from(Creating { asked_at: at(10) });
    let decision = decide(&spec(Engine::Ecs), created.clone(), &observed);
    assert_eq!(decision.step, None);
    observed.now = at(100);
    let decision = decide(&spec(Engine::Ecs), created, &observed);
    assert_eq!(decision.step, Some(Effect::StartRollout));
    assert_eq!(
        decision.phase,
        Phase::from(Starting {
            asked_at: at(100),
            before: None
        })
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
        None
    );
}
