//! Anything AWS might show, and any phase a run might be in. Task sets have their own.

use proptest::prelude::*;

use super::{active, at, deployment, spec};
use crate::weights::Share;
use crate::{
    Active, Adjusting, Answer, Asking, BegunBy, Cause, CodeDeployStatus, ControllerSeen, Creating,
    Deployment, Differences, EcsStatus, Engine, Following, GateSeen, Gated, Heading, Hold,
    Hopeless, Intent, LifecycleStage, Mark, Moment, MomentVerdict, Next, Observed, OnCancel,
    OnForeign, Outcome, Paused, Pauses, Phase, Resuming, ScalingDuring, ScalingSeen, Seen, Spec,
    Stage, Starting, Status, Suspending, Switch, Switching, TakingBack, Undoing, Watching,
};

fn any_ecs() -> impl Strategy<Value = EcsStatus> {
    prop_oneof![
        1 => Just(EcsStatus::Pending),
        6 => Just(EcsStatus::InProgress),
        1 => Just(EcsStatus::StopRequested),
        1 => Just(EcsStatus::RollbackRequested),
        1 => Just(EcsStatus::RollbackInProgress),
        1 => Just(EcsStatus::Successful),
        1 => Just(EcsStatus::Stopped),
        1 => Just(EcsStatus::RollbackSuccessful),
        1 => Just(EcsStatus::RollbackFailed),
        1 => Just(EcsStatus::Unknown("NEW_WORD".to_owned())),
    ]
}

fn any_code_deploy() -> impl Strategy<Value = CodeDeployStatus> {
    prop_oneof![
        1 => Just(CodeDeployStatus::Created),
        1 => Just(CodeDeployStatus::Queued),
        3 => Just(CodeDeployStatus::InProgress),
        1 => Just(CodeDeployStatus::Baking),
        3 => Just(CodeDeployStatus::Ready),
        1 => Just(CodeDeployStatus::Succeeded),
        1 => Just(CodeDeployStatus::Failed),
        1 => Just(CodeDeployStatus::Stopped),
        1 => Just(CodeDeployStatus::Unknown("NewWord".to_owned())),
    ]
}

pub(super) fn any_engine() -> impl Strategy<Value = Engine> {
    prop_oneof![Just(Engine::Ecs), Just(Engine::CodeDeploy)]
}

fn any_scaling() -> impl Strategy<Value = ScalingDuring> {
    prop_oneof![
        Just(ScalingDuring::Keep),
        Just(ScalingDuring::SuspendAll),
        Just(ScalingDuring::SuspendIn)
    ]
}

fn any_steps() -> impl Strategy<Value = Vec<Hold>> {
    let hold = |tenths, seconds| Hold {
        share: Share::of_tenths(tenths),
        seconds,
    };
    prop_oneof![
        Just(Vec::new()),
        Just(vec![hold(100, 300), hold(500, 600), hold(1000, 900)]),
        Just(vec![hold(500, 0), hold(1000, 0)]),
    ]
}

pub(super) fn any_spec() -> impl Strategy<Value = Spec> {
    let flags = any::<[bool; 6]>();
    let gated = any::<[bool; 4]>();
    (any_engine(), flags, gated, any_steps(), any_scaling()).prop_map(
        |(engine, [create, force, leave, holds, stops, only_now], gated, steps, scaling)| {
            let [before_traffic, step, bake, after] = gated;
            Spec {
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
                on_foreign: if stops {
                    OnForeign::Stop
                } else {
                    OnForeign::Wait
                },
                steps: if engine == Engine::Ecs {
                    steps
                } else {
                    Vec::new()
                },
                gated: Gated {
                    before_start: step && after,
                    before_traffic,
                    step,
                    bake,
                    after,
                },
                holds,
                pauses: own_pauses(),
                scaling,
                only_now,
                ..spec(engine)
            }
        },
    )
}

fn any_stage() -> impl Strategy<Value = Option<Stage>> {
    let stages = [
        "PRE_SCALE_UP",
        "POST_SCALE_UP",
        "POST_TEST_TRAFFIC_SHIFT",
        "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "PRODUCTION_TRAFFIC_SHIFT",
        "POST_PRODUCTION_TRAFFIC_SHIFT",
        "BAKE_TIME",
        "CLEAN_UP",
        "NEW_STAGE",
    ];
    proptest::option::weighted(
        0.9,
        proptest::sample::select(stages.to_vec())
            .prop_map(|word| Stage::Ecs(LifecycleStage::parse(word))),
    )
}

/// What a deployment shows of its traffic: stage, weight, hold, healthy targets.
type Traffic = (
    Option<Stage>,
    Option<Share>,
    Option<Paused>,
    [Option<u32>; 2],
);

fn any_traffic() -> impl Strategy<Value = Traffic> {
    let weight = proptest::sample::select(vec![0, 100, 200, 500, 1000]).prop_map(Share::of_tenths);
    let held = prop_oneof![Just("h1"), Just("h2")].prop_map(|id| Paused {
        id: id.to_owned(),
        expires_at: None,
    });
    let healthy = || proptest::option::of(0..3_u32);
    (
        any_stage(),
        proptest::option::weighted(0.9, weight),
        proptest::option::of(held),
        [healthy(), healthy()],
    )
}

fn any_begun_by() -> impl Strategy<Value = BegunBy> {
    prop_oneof![
        1 => Just(BegunBy::Aws),
        3 => Just(BegunBy::Other),
        2 => Just(BegunBy::Us)
    ]
}

pub(super) fn any_deployment(engine: Engine) -> BoxedStrategy<Deployment> {
    let status = match engine {
        Engine::Ecs | Engine::External => any_ecs().prop_map(Status::Ecs).boxed(),
        Engine::CodeDeploy => any_code_deploy().prop_map(Status::CodeDeploy).boxed(),
    };
    let heading = prop_oneof![
        Just(Heading::Elsewhere),
        Just(Heading::Unknown),
        Just(Heading::Wanted)
    ];
    let rollback = proptest::option::of(Just("r1".to_owned()));
    (
        status,
        heading,
        (any::<[bool; 3]>(), any_begun_by()),
        any_traffic(),
        rollback,
        0..3_u8,
    )
        .prop_map(
            |(status, heading, (flags, begun_by), traffic, rollback, id)| {
                let [can_roll_back, breaker_triggered, rollback_expected] = flags;
                let (stage, weight, held, [healthy_new, healthy_old]) = traffic;
                Deployment {
                    heading,
                    begun_by,
                    can_roll_back,
                    stage,
                    weight,
                    paused: held,
                    healthy_new,
                    healthy_old,
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
    let controller = prop_oneof![
        6 => Just(ControllerSeen::Wanted),
        1 => Just(ControllerSeen::Other),
        1 => Just(ControllerSeen::Switchable(Engine::Ecs)),
        1 => Just(ControllerSeen::Switchable(Engine::CodeDeploy)),
        1 => Just(ControllerSeen::Switchable(Engine::External)),
    ];
    let hopeless = proptest::option::weighted(
        0.1,
        proptest::sample::select(vec![
            Hopeless::Image,
            Hopeless::Secret,
            Hopeless::Architecture,
        ]),
    );
    let active = (mark, controller, any::<[bool; 7]>(), 0..5_u32, hopeless).prop_map(
        |(mark, controller, flags, failed_tasks, hopeless)| {
            let [
                routes_prepared,
                revision,
                settings,
                steady,
                suspended,
                traffic_lost,
                awaits_verdict,
            ] = flags;
            Seen::Active(Active {
                mark,
                controller,
                routes_prepared,
                traffic_lost,
                awaits_verdict,
                differs: Differences { revision, settings },
                steady,
                desired: 2,
                failed_tasks,
                hopeless,
                scaling: if suspended {
                    ScalingSeen::Suspended
                } else {
                    ScalingSeen::Free
                },
            })
        },
    );
    prop_oneof![
        17 => active,
        1 => Just(Seen::Absent),
        1 => Just(Seen::Draining),
        1 => Just(Seen::Unknown("NEW_WORD".to_owned())),
    ]
}

fn any_gate() -> impl Strategy<Value = GateSeen> {
    let moment = prop_oneof![
        Just(Moment::BeforeStart),
        Just(Moment::BeforeTraffic),
        Just(Moment::Step {
            share: Share::of_tenths(100)
        }),
        Just(Moment::Step {
            share: Share::of_tenths(500)
        }),
        Just(Moment::Bake),
        Just(Moment::After),
    ];
    let verdict = prop_oneof![
        1 => Just(MomentVerdict::Failed),
        1 => Just(MomentVerdict::Inconclusive),
        3 => Just(MomentVerdict::Passed),
        3 => Just(MomentVerdict::Pending),
    ];
    (moment, verdict).prop_map(|(moment, verdict)| GateSeen { moment, verdict })
}

/// An observation without its time.
pub(super) fn any_observed(engine: Engine) -> impl Strategy<Value = Observed> {
    let answer = prop_oneof![
        Just(Answer::None),
        Just(Answer::Done { started: None }),
        Just(Answer::Done {
            started: Some("d1".to_owned())
        }),
        Just(Answer::Unsure),
        Just(Answer::Refused),
        Just(Answer::StopRefused),
    ];
    let deployment = || proptest::option::of(any_deployment(engine));
    (
        any_seen(),
        deployment(),
        deployment(),
        answer,
        proptest::bool::weighted(0.1),
        proptest::option::of(any_gate()),
    )
        .prop_map(
            |(service, followed, newest, answer, cancelled, gate)| Observed {
                cancelled,
                service,
                followed,
                newest,
                answer,
                gate,
                ..active(0)
            },
        )
}

fn any_cause() -> impl Strategy<Value = Cause> {
    prop_oneof![
        Just(Cause::Aws),
        Just(Cause::Cancelled),
        Just(Cause::Deadline),
        Just(Cause::Gate),
        Just(Cause::Hopeless),
        Just(Cause::Unavailable)
    ]
}

fn any_watching() -> impl Strategy<Value = Watching> {
    let hold = || {
        let id = prop_oneof![Just("h1".to_owned()), Just("h2".to_owned())];
        proptest::option::of((id, (0..4000_i64).prop_map(at)))
    };
    let since = proptest::option::weighted(0.2, (0..4000_i64).prop_map(at));
    (hold(), hold(), since).prop_map(|(held, continued, unavailable_since)| Watching {
        held,
        continued,
        unavailable_since,
    })
}

pub(super) fn any_phase() -> impl Strategy<Value = Phase> {
    let inner = prop_oneof![4 => any_rollout_phase(), 3 => any_other_phase()];
    let time = || (0..4000_i64).prop_map(at);
    prop_oneof![
        12 => inner.clone(),
        1 => (inner, time()).prop_map(|(then, asked_at)| Phase::from(Suspending {
            then: Box::new(then),
            asked_at,
        })),
        1 => time().prop_map(|asked_at| Phase::from(Resuming {
            then: Outcome::Succeeded { deployment: None },
            asked_at,
            until: at(5400),
        })),
    ]
}

fn any_id() -> impl Strategy<Value = String> + Clone {
    (0..3_u8).prop_map(|id| format!("d{id}"))
}

fn any_rollout_phase() -> impl Strategy<Value = Phase> + Clone {
    let asked = proptest::option::of((0..4000_i64).prop_map(at));
    let rollback = proptest::option::of(Just("r1".to_owned()));
    let watched = (any_id(), any_watching().boxed());
    let undone = (any_id(), rollback, any_cause().boxed(), asked);
    prop_oneof![
        3 => watched.prop_map(|(deployment, watch)| Phase::from(Following { deployment, watch })),
        1 => undone.prop_map(|(deployment, rollback, cause, asked_at)| Phase::from(Undoing {
            deployment,
            rollback,
            cause,
            asked_at,
            until: at(5400),
        })),
    ]
    .boxed()
}

fn any_other_phase() -> impl Strategy<Value = Phase> + Clone {
    let time = || (0..4000_i64).prop_map(at);
    let before = || proptest::option::of(any_id());
    let over = time().prop_map(|until| Next::Over {
        outcome: Outcome::RolledBack {
            deployment: "d1".to_owned(),
            cause: Cause::Gate,
        },
        until,
    });
    let next = prop_oneof![Just(Next::Rollout), before().prop_map(Next::End)];
    let switching = prop_oneof![
        Just(Switch::Routes),
        Just(Switch::Controller),
        Just(Switch::Traffic)
    ];
    prop_oneof![
        2 => Just(Phase::AwaitTurn),
        1 => Just(Phase::AwaitSteady),
        1 => time().prop_map(|asked_at| Phase::from(Creating { asked_at })),
        1 => (time(), before())
            .prop_map(|(asked_at, before)| Phase::from(Starting { asked_at, before })),
        1 => (switching, time(), before()).prop_map(|(step, asked_at, before)| {
            Phase::from(Switching {
                step,
                asked_at,
                before,
            })
        }),
        2 => (any_id(), proptest::option::of(time()))
            .prop_map(|(deployment, asked_at)| Phase::from(TakingBack { deployment, asked_at })),
        1 => (before(), time())
            .prop_map(|(deployment, since)| Phase::from(Asking { deployment, since })),
        1 => (next, proptest::option::of(time()))
            .prop_map(|(next, asked_at)| Phase::from(Adjusting { next, asked_at })),
        // Only what was asked for is waited for at the end of a run.
        1 => (over, time())
            .prop_map(|(next, at)| Phase::from(Adjusting { next, asked_at: Some(at) })),
    ]
    .boxed()
}

pub(super) fn any_case() -> impl Strategy<Value = (Spec, Phase, Observed)> {
    any_spec().prop_flat_map(|spec| {
        let observed = any_observed(spec.engine);
        (Just(spec), any_phase(), observed, 0..8000_i64).prop_map(
            |(spec, phase, observed, seconds)| {
                let observed = Observed {
                    now: at(seconds),
                    ..observed
                };
                (spec, phase, observed)
            },
        )
    })
}

/// A rollout of ours that runs and is followed, with whatever traffic, targets and verdicts.
pub(super) fn any_followed_case() -> impl Strategy<Value = (Spec, Phase, Observed)> {
    any_spec().prop_flat_map(|spec| {
        let status = match spec.engine {
            Engine::Ecs | Engine::External => Status::Ecs(EcsStatus::InProgress),
            Engine::CodeDeploy => Status::CodeDeploy(CodeDeployStatus::Ready),
        };
        let shown = any_deployment(spec.engine).prop_map(move |shown| Deployment {
            status: status.clone(),
            heading: Heading::Wanted,
            ..shown
        });
        let undone = any_rollout_phase();
        let gate = proptest::option::of(any_gate());
        let flags = any::<[bool; 2]>();
        (Just(spec), shown, undone, gate, flags, 0..5000_i64).prop_map(
            |(spec, mut shown, phase, gate, [cancelled, fails], seconds)| {
                shown.id = phase.followed().unwrap_or_default().to_owned();
                let observed = Observed {
                    now: at(seconds),
                    cancelled: cancelled && seconds % 4 == 0,
                    service: Seen::Active(Active {
                        mark: Mark::Ours,
                        failed_tasks: if fails && seconds % 4 == 1 { 3 } else { 0 },
                        ..Active::default()
                    }),
                    followed: Some(shown),
                    gate,
                    ..active(0)
                };
                (spec, phase, observed)
            },
        )
    })
}

/// Every stage at which an apply may have a pause.
pub(super) fn own_pauses() -> Pauses {
    let own = [
        LifecycleStage::PostScaleUp,
        LifecycleStage::PostTestTrafficShift,
        LifecycleStage::PreProductionTrafficShift,
        LifecycleStage::PostProductionTrafficShift,
    ];
    Pauses {
        own: own.into(),
        ..Pauses::default()
    }
}
