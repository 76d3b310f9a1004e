//! Whole runs against a small AWS: killed anywhere, with answers that get lost, the next run converges.

use jiff::Timestamp;
use proptest::prelude::*;

use super::{active, at, deployment, spec};
use crate::weights::Share;
use crate::{
    Active, Answer, Cause, ControllerSeen, Decision, Deployment, Differences, EcsStatus, Effect,
    Engine, GateSeen, Gated, Hold, LifecycleStage, Moment, MomentVerdict, Observed, Outcome,
    Paused, Phase, RolloutStep, ScalingDuring, ScalingEffect, ScalingSeen, Seen, Spec, Stage,
    Status, decide,
};

/// Stage, percent, and whether a pause hook waits there; in order.
const SCRIPT: [(&str, f64, bool); 11] = [
    ("SCALE_UP", 0.0, false),
    ("POST_TEST_TRAFFIC_SHIFT", 0.0, true),
    ("PRE_PRODUCTION_TRAFFIC_SHIFT", 0.0, true),
    ("PRODUCTION_TRAFFIC_SHIFT", 10.0, false),
    ("PRE_PRODUCTION_TRAFFIC_SHIFT", 10.0, true),
    ("PRODUCTION_TRAFFIC_SHIFT", 20.0, false),
    ("PRE_PRODUCTION_TRAFFIC_SHIFT", 20.0, true),
    ("PRODUCTION_TRAFFIC_SHIFT", 100.0, false),
    ("POST_PRODUCTION_TRAFFIC_SHIFT", 100.0, true),
    ("BAKE_TIME", 100.0, false),
    ("CLEAN_UP", 100.0, false),
];

/// A service, its one rollout, and what is wrong with the line to it.
struct Aws {
    now: i64,
    cancelled: bool,
    controller: ControllerSeen,
    routes_prepared: bool,
    /// Production goes to the side without targets.
    traffic_lost: bool,
    scaling: ScalingSeen,
    revision_differs: bool,
    /// Index into [`SCRIPT`]; one past the end is success.
    at: Option<usize>,
    undone: Option<EcsStatus>,
    /// Rollouts that were started.
    started: u32,
    /// Weights that were let go without having been held long enough, or without a verdict.
    hasty: Vec<f64>,
    held_since: i64,
    fails_at: Option<Moment>,
    watched: Option<(Moment, i64)>,
    answer: Answer,
}

impl Aws {
    fn new(controller: ControllerSeen, fails_at: Option<Moment>) -> Self {
        Self {
            now: 0,
            cancelled: false,
            controller,
            routes_prepared: false,
            traffic_lost: false,
            scaling: ScalingSeen::Free,
            revision_differs: true,
            at: None,
            undone: None,
            started: 0,
            hasty: Vec::new(),
            held_since: 0,
            fails_at,
            watched: None,
            answer: Answer::None,
        }
    }

    fn status(&self) -> Option<EcsStatus> {
        let at = self.at?;
        let ended = at >= SCRIPT.len();
        Some(match &self.undone {
            Some(status) => status.clone(),
            None if ended => EcsStatus::Successful,
            None => EcsStatus::InProgress,
        })
    }

    fn rollout(&self) -> Option<Deployment> {
        let shown = deployment("d2", Status::Ecs(self.status()?));
        let Some((stage, weight, pauses)) = self.at.and_then(|at| SCRIPT.get(at)) else {
            return Some(shown);
        };
        Some(Deployment {
            stage: Some(Stage::Ecs(LifecycleStage::parse(stage))),
            weight: Share::of_percent(*weight),
            paused: pauses.then(|| Paused {
                id: format!("h{}", self.at.unwrap_or_default()),
                expires_at: None,
            }),
            ..shown
        })
    }

    /// Twenty seconds later.
    fn observe(&mut self) -> Observed {
        self.now += 20;
        self.undone = self.undone.take().map(|status| {
            if status == EcsStatus::RollbackRequested {
                EcsStatus::RollbackInProgress
            } else {
                EcsStatus::RollbackSuccessful
            }
        });
        let pauses = self
            .rollout()
            .is_some_and(|rollout| rollout.paused.is_some());
        if self.undone.is_none() && !pauses {
            self.advance();
        }
        let gate = self.watched.map(|(moment, since)| GateSeen {
            moment,
            verdict: match self.fails_at {
                _ if self.now < since + 60 => MomentVerdict::Pending,
                Some(fails) if fails == moment => MomentVerdict::Failed,
                Some(_) | None => MomentVerdict::Passed,
            },
        });
        Observed {
            cancelled: self.cancelled,
            service: Seen::Active(Active {
                controller: self.controller,
                routes_prepared: self.routes_prepared,
                awaits_verdict: false,
                traffic_lost: self.traffic_lost && self.controller == ControllerSeen::Wanted,
                differs: Differences {
                    revision: self.revision_differs,
                    settings: false,
                },
                scaling: self.scaling,
                ..Active::default()
            }),
            newest: self.rollout(),
            followed: self.rollout(),
            answer: self.answer.clone(),
            gate,
            ..active(self.now)
        }
    }

    fn advance(&mut self) {
        self.at = self.at.map(|at| (at + 1).min(SCRIPT.len()));
        self.held_since = self.now;
    }

    fn start(&mut self) {
        assert!(
            !self.traffic_lost,
            "production is put right before anything begins"
        );
        self.started += 1;
        self.at = Some(0);
        self.undone = None;
        self.revision_differs = false;
    }

    fn perform(&mut self, spec: &Spec, step: &Effect) {
        match step {
            Effect::StartRollout => self.start(),
            Effect::PrepareRoutes => self.routes_prepared = true,
            Effect::ReturnTraffic => self.traffic_lost = false,
            Effect::SwitchController => {
                self.controller = ControllerSeen::Wanted;
                self.start();
            }
            Effect::Scaling(ScalingEffect::Suspend) => self.scaling = ScalingSeen::Suspended,
            Effect::Scaling(ScalingEffect::Resume) => self.scaling = ScalingSeen::Free,
            Effect::Rollout(RolloutStep::Stop { .. }) => {
                self.undone = Some(EcsStatus::RollbackRequested)
            }
            Effect::Rollout(RolloutStep::Continue { hold, .. }) => {
                // AWS refuses a hook that does not wait any more.
                let Some(shown) = self
                    .rollout()
                    .filter(|shown| shown.paused.as_ref().is_some_and(|held| held.id == *hold))
                else {
                    return;
                };
                let weight = shown.weight.unwrap_or_default().percent();
                let asked = spec
                    .steps
                    .iter()
                    .find(|hold| hold.share.percent() == weight);
                let held_for = self.now - self.held_since;
                if asked.is_some_and(|asked| held_for < i64::from(asked.seconds)) {
                    self.hasty.push(weight);
                }
                self.advance();
            }
            Effect::Adjust | Effect::Create | Effect::Side(_) => panic!("no effect here: {step:?}"),
        }
    }
}

/// What goes wrong at one poll.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mishap {
    None,
    /// The effect takes place, its answer is lost.
    AnswerLost,
    /// The effect never takes place, and nobody knows.
    CallLost,
    /// The process is killed after the effect.
    Killed,
    /// The process is killed before it.
    KilledBefore,
}

fn any_mishaps() -> impl Strategy<Value = Vec<Mishap>> {
    let mishap = prop_oneof![
        12 => Just(Mishap::None),
        2 => Just(Mishap::AnswerLost),
        2 => Just(Mishap::CallLost),
        1 => Just(Mishap::Killed),
        1 => Just(Mishap::KilledBefore),
    ];
    proptest::collection::vec(mishap, 60)
}

fn guarded_spec(scaling: ScalingDuring, deadline: Timestamp) -> Spec {
    let hold = |tenths, seconds| Hold {
        share: Share::of_tenths(tenths),
        seconds,
    };
    Spec {
        steps: vec![hold(100, 120), hold(1000, 200)],
        gated: Gated {
            before_start: false,
            before_traffic: true,
            step: true,
            bake: true,
            after: true,
        },
        holds: true,
        pauses: super::any::own_pauses(),
        scaling,
        deadline,
        ..spec(Engine::Ecs)
    }
}

/// Runs until it is over; a run that is killed is followed by another one.
fn run(spec: &Spec, aws: &mut Aws, mishaps: &[Mishap], cancel_at: usize) -> Option<Outcome> {
    let mut phase = Phase::AwaitTurn;
    for poll in 0..600 {
        aws.cancelled = poll >= cancel_at;
        let observed = aws.observe();
        let Decision {
            phase: next,
            step,
            watch,
            ..
        } = decide(spec, phase, &observed);
        phase = next;
        aws.watched = match (watch, aws.watched) {
            (Some(moment), Some((before, since))) if moment == before => Some((moment, since)),
            (watch, _) => watch.map(|moment| (moment, aws.now)),
        };
        if let Phase::Settled(outcome) = phase {
            return Some(outcome);
        }
        let mishap = mishaps.get(poll).copied().unwrap_or(Mishap::None);
        if let Some(step) = step {
            if !matches!(mishap, Mishap::CallLost | Mishap::KilledBefore) {
                aws.perform(spec, &step);
            }
            aws.answer = match mishap {
                Mishap::AnswerLost | Mishap::CallLost => Answer::Unsure,
                Mishap::None | Mishap::Killed | Mishap::KilledBefore => {
                    Answer::Done { started: None }
                }
            };
        }
        if matches!(mishap, Mishap::Killed | Mishap::KilledBefore) {
            phase = Phase::AwaitTurn;
            aws.answer = Answer::None;
            aws.watched = None;
        }
    }
    None
}

const NEVER: usize = usize::MAX;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn killed_anywhere_and_with_lost_answers_one_rollout_succeeds(
        mishaps in any_mishaps(), switches in any::<bool>()
    ) {
        let spec = guarded_spec(ScalingDuring::SuspendAll, at(1_000_000));
        let controller = if switches {
            ControllerSeen::Switchable(Engine::CodeDeploy)
        } else {
            ControllerSeen::Wanted
        };
        let mut aws = Aws::new(controller, None);
        let outcome = run(&spec, &mut aws, &mishaps, NEVER);
        prop_assert!(matches!(outcome, Some(Outcome::Succeeded { .. })), "{outcome:?}");
        prop_assert_eq!(aws.started, 1);
        prop_assert_eq!(aws.scaling, ScalingSeen::Free);
        prop_assert_eq!(aws.controller, ControllerSeen::Wanted);
        prop_assert_eq!(aws.status(), Some(EcsStatus::Successful));
        prop_assert!(aws.hasty.is_empty(), "{:?}", aws.hasty);
        // Another apply finds nothing to do.
        prop_assert_eq!(
            run(&spec, &mut aws, &[], NEVER),
            Some(Outcome::Succeeded { deployment: None })
        );
        prop_assert_eq!(aws.started, 1);
    }

    #[test]
    fn a_failed_gate_undoes_the_rollout_whatever_answers_are_lost(
        mishaps in any_mishaps(), tenths in prop_oneof![Just(0_u32), Just(100), Just(1000)]
    ) {
        let spec = guarded_spec(ScalingDuring::SuspendIn, at(1_000_000));
        let moment = match tenths {
            0 => Moment::BeforeTraffic,
            1000 => Moment::Bake,
            tenths => Moment::Step { share: Share::of_tenths(tenths) },
        };
        let mut aws = Aws::new(ControllerSeen::Wanted, Some(moment));
        let lost: Vec<Mishap> = mishaps
            .into_iter()
            .map(|mishap| match mishap {
                Mishap::Killed | Mishap::KilledBefore => Mishap::None,
                Mishap::None | Mishap::AnswerLost | Mishap::CallLost => mishap,
            })
            .collect();
        let outcome = run(&spec, &mut aws, &lost, NEVER);
        prop_assert_eq!(outcome, Some(Outcome::RolledBack { deployment: "d2".to_owned(), cause: Cause::Gate }));
        prop_assert_eq!(aws.scaling, ScalingSeen::Free);
        prop_assert_eq!(aws.started, 1);
    }

    #[test]
    fn cancelled_at_any_moment_scaling_is_resumed_and_the_next_apply_converges(
        mishaps in any_mishaps(), cancel_at in 0_usize..60
    ) {
        let spec = guarded_spec(ScalingDuring::SuspendAll, at(1_000_000));
        let mut aws = Aws::new(ControllerSeen::Switchable(Engine::CodeDeploy), None);
        let outcome = run(&spec, &mut aws, &mishaps, cancel_at);
        prop_assert!(outcome.is_some());
        prop_assert_eq!(aws.scaling, ScalingSeen::Free);
        prop_assert!(aws.started <= 1);
        let running = aws.rollout().is_some_and(|rollout| rollout.status.is_running());
        prop_assert!(!running, "{outcome:?}");
        let outcome = run(&spec, &mut aws, &[], NEVER);
        prop_assert!(matches!(outcome, Some(Outcome::Succeeded { .. })), "{outcome:?}");
        prop_assert_eq!(aws.controller, ControllerSeen::Wanted);
    }
}
