//! Properties of whole runs, in a small world of task sets where calls fail, answers get lost, tasks fall
//! ill and runs are killed or cancelled at any moment.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test fails on everything it does not name"
)]

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::weights::Share;
use crate::{
    Active, Answer, Effect, Engine, GateSeen, Gated, Heading, Hold, Intent, Moment, MomentVerdict,
    Observed, OnCancel, OnForeign, Outcome, Phase, ROLLBACK_ALLOWANCE_SECONDS, ScalingDuring, Seen,
    Side, SidePhase, SideStep, Sides, Spec, StartingSide, TaskSetStatus, TestRoute, decide,
    recover,
};

const DEADLINE: i64 = 3600;
const DESIRED: u32 = 2;

/// A task set, as the world has it.
#[derive(Clone, Debug)]
struct TaskSet {
    id: String,
    is_wanted: bool,
    status: TaskSetStatus,
    group: usize,
    /// When its tasks are healthy; never, when `None`.
    ready_at: Option<i64>,
    /// Until when none of its targets is healthy.
    sick_until: i64,
    /// When it is gone, once it drains.
    gone_at: i64,
}

#[derive(Clone, Debug)]
struct World {
    now: i64,
    sets: Vec<TaskSet>,
    /// Weights of the two target groups.
    weights: [Share; 2],
    /// The group the test rule points at, when there is one.
    test: Option<usize>,
    headless: bool,
    drain_seconds: u32,
    /// Seconds a new task set takes to become healthy; `None`: it never does.
    start_seconds: Option<i64>,
    created: u32,
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

fn task_set(id: &str, is_wanted: bool, status: TaskSetStatus, group: usize) -> TaskSet {
    TaskSet {
        id: id.to_owned(),
        is_wanted,
        status,
        group,
        ready_at: Some(0),
        sick_until: 0,
        gone_at: 0,
    }
}

impl World {
    fn pass(&mut self, seconds: i64) {
        self.now += seconds;
        let now = self.now;
        self.sets
            .retain(|set| set.status != TaskSetStatus::Draining || set.gone_at > now);
    }

    fn live(&self) -> impl Iterator<Item = &TaskSet> {
        self.sets
            .iter()
            .filter(|set| set.status != TaskSetStatus::Draining)
    }

    fn find(&self, id: &str) -> &TaskSet {
        self.live().find(|set| set.id == id).expect("a live side")
    }

    fn healthy(&self, set: &TaskSet) -> u32 {
        let is_ready = set.ready_at.is_some_and(|at| at <= self.now);
        if is_ready && set.sick_until <= self.now {
            DESIRED
        } else {
            0
        }
    }

    fn share(&self, set: &TaskSet) -> Share {
        match (self.headless, &set.status) {
            (true, TaskSetStatus::Primary) => Share::WHOLE,
            (true, _) => Share::NONE,
            (false, _) => self.weights[set.group],
        }
    }

    fn show(&self, set: &TaskSet) -> Side {
        let healthy = self.healthy(set);
        Side {
            id: set.id.clone(),
            heading: if set.is_wanted {
                Heading::Wanted
            } else {
                Heading::Elsewhere
            },
            status: set.status.clone(),
            desired: DESIRED,
            running: healthy,
            steady: healthy == DESIRED,
            healthy: (!self.headless).then_some(healthy),
            share: self.share(set),
            failed_tasks: 0,
        }
    }

    fn observe(&self, cancelled: bool, answer: Answer, gate: Option<GateSeen>) -> Observed {
        let test = match self.test {
            None => TestRoute::Absent,
            Some(group) => self
                .live()
                .find(|set| set.group == group)
                .map_or(TestRoute::Elsewhere, |set| TestRoute::Side(set.id.clone())),
        };
        Observed {
            now: at(self.now),
            cancelled,
            service: Seen::Active(Active::default()),
            followed: None,
            newest: None,
            answer,
            gate,
            sides: Some(Sides {
                all: self.sets.iter().map(|set| self.show(set)).collect(),
                drain_seconds: self.drain_seconds,
                test,
                headless: self.headless,
            }),
        }
    }

    /// What must hold of an effect, whatever has happened before.
    fn check(&self, step: &Effect) {
        match step {
            Effect::Side(SideStep::Shift { side, share }) => {
                assert!(!self.headless, "there is nothing to shift");
                let named = self.find(side);
                let rest = share.rest();
                if *share > self.weights[named.group] {
                    assert!(self.healthy(named) > 0, "{side} gets traffic and is ill");
                }
                if rest > self.weights[1 - named.group] {
                    let mut others = self.live().filter(|set| set.group != named.group);
                    assert!(
                        others.any(|set| self.healthy(set) > 0),
                        "traffic goes back to where nothing serves"
                    );
                }
            }
            Effect::Side(SideStep::Remove { side }) => {
                let set = self.find(side);
                assert_eq!(
                    self.share(set),
                    Share::NONE,
                    "{side} has traffic and is removed"
                );
                assert_ne!(set.status, TaskSetStatus::Primary, "{side} is primary");
            }
            Effect::Side(SideStep::Promote { side }) => {
                let set = self.find(side);
                let has_share = self.share(set) == Share::WHOLE;
                assert!(self.headless || has_share, "{side} has not all traffic");
                assert!(!self.headless || self.healthy(set) > 0, "{side} is ill");
            }
            Effect::Side(SideStep::Create) => {
                assert!(self.live().count() < 2, "a second new side");
            }
            Effect::Side(SideStep::ShiftTest { side }) => {
                assert!(self.healthy(self.find(side)) > 0);
            }
            other => panic!("not an effect of this engine: {other:?}"),
        }
    }

    fn perform(&mut self, step: &Effect) -> Option<String> {
        match step {
            Effect::Side(SideStep::Create) => {
                let taken: Vec<usize> = self.live().map(|set| set.group).collect();
                let group = usize::from(taken.contains(&0));
                self.created += 1;
                let id = format!("new{}", self.created);
                let mut set = task_set(&id, true, TaskSetStatus::Active, group);
                set.ready_at = self.start_seconds.map(|seconds| self.now + seconds);
                self.sets.push(set);
                return Some(id);
            }
            Effect::Side(SideStep::Shift { side, share }) => {
                let group = self.find(side).group;
                self.weights[group] = *share;
                self.weights[1 - group] = share.rest();
            }
            Effect::Side(SideStep::Promote { side }) => {
                for set in &mut self.sets {
                    if set.status == TaskSetStatus::Primary {
                        set.status = TaskSetStatus::Active;
                    }
                    if set.id == *side {
                        set.status = TaskSetStatus::Primary;
                    }
                }
            }
            Effect::Side(SideStep::Remove { side }) => {
                let gone_at = self.now + 30;
                for set in self.sets.iter_mut().filter(|set| set.id == *side) {
                    set.status = TaskSetStatus::Draining;
                    set.gone_at = gone_at;
                }
            }
            Effect::Side(SideStep::ShiftTest { side }) => self.test = Some(self.find(side).group),
            other => panic!("not an effect of this engine: {other:?}"),
        }
        None
    }

    fn heal(&mut self) {
        for set in &mut self.sets {
            set.ready_at = Some(0);
            set.sick_until = 0;
        }
        self.start_seconds = Some(20);
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Nothing,
    /// The run is killed before it can look.
    Kill,
    Cancel,
    /// The answer to an effect is lost.
    Lose {
        happened: bool,
    },
    /// AWS says: not now.
    Refuse,
    /// A task set has no healthy target for a while.
    Ill {
        which: usize,
        seconds: i64,
    },
    /// The sides cannot be read.
    Blind,
}

#[derive(Clone, Copy, Debug)]
struct Poll {
    event: Event,
    verdict: MomentVerdict,
    seconds: i64,
}

const QUIET: Poll = Poll {
    event: Event::Nothing,
    verdict: MomentVerdict::Passed,
    seconds: 10,
};

/// Runs until it is over. Panics when it never is, or when an effect must not be.
fn run(world: &mut World, spec: &Spec, polls: &[Poll]) -> Outcome {
    let mut phase = Phase::AwaitTurn;
    let mut answer = Answer::None;
    let mut watched: Option<Moment> = None;
    let mut cancelled = false;
    let mut polls = polls.iter().copied().chain(std::iter::repeat(QUIET));
    let mut moves_at_once = 0;
    let until = world.now + DEADLINE + ROLLBACK_ALLOWANCE_SECONDS + 600;
    loop {
        let poll = polls.next().unwrap_or(QUIET);
        match poll.event {
            Event::Kill => {
                phase = Phase::AwaitTurn;
                answer = Answer::None;
                watched = None;
                cancelled = false;
                moves_at_once = 0;
            }
            Event::Cancel => cancelled = true,
            Event::Ill { which, seconds } => {
                let until = world.now + seconds;
                let count = world.sets.len().max(1);
                if let Some(set) = world.sets.get_mut(which % count) {
                    set.sick_until = until;
                }
            }
            Event::Nothing | Event::Lose { .. } | Event::Refuse | Event::Blind => {}
        }
        let gate = watched.map(|moment| GateSeen {
            moment,
            verdict: poll.verdict,
        });
        let mut observed = world.observe(cancelled, answer.clone(), gate);
        if matches!(poll.event, Event::Blind) {
            observed.sides = None;
        }
        let decision = decide(spec, phase.clone(), &observed);
        if let Phase::Settled(outcome) = decision.phase {
            return outcome;
        }
        if !spec.force {
            check_place(world, spec, &decision.phase, &observed);
        }
        watched = decision.watch;
        assert!(
            watched.is_none_or(|moment| spec.is_gated(moment)),
            "nobody asked for {watched:?}"
        );
        let mut is_at_once = false;
        if let Some(step) = &decision.step {
            world.check(step);
            let again = decide(spec, decision.phase.clone(), &observed);
            assert!(again.step.is_none(), "twice: {:?}", again.step);
            match poll.event {
                Event::Refuse => continue,
                Event::Lose { happened } => {
                    if happened {
                        world.perform(step);
                    }
                    answer = Answer::Unsure;
                }
                Event::Nothing | Event::Kill | Event::Cancel | Event::Ill { .. } | Event::Blind => {
                    let started = world.perform(step);
                    answer = Answer::Done { started };
                }
            }
            phase = decision.phase;
        } else {
            is_at_once = decision.phase != phase;
            phase = decision.phase;
        }
        // A new phase looks at once; that must not go round and round.
        if is_at_once && moves_at_once < 8 {
            moves_at_once += 1;
            continue;
        }
        assert!(
            !is_at_once,
            "phases change for ever at one moment: {phase:?}"
        );
        moves_at_once = 0;
        world.pass(poll.seconds.max(1));
        assert!(world.now < until, "it does not end: {phase:?} in {world:?}");
    }
}

/// Killed now, a run would stand where it stands.
fn check_place(world: &World, spec: &Spec, phase: &Phase, observed: &Observed) {
    let (Phase::Sides(phase), Some(_)) = (phase, &observed.sides) else {
        return;
    };
    let Some(side) = phase.side() else { return };
    let Some(set) = world.live().find(|set| set.id == side) else {
        return;
    };
    if !set.is_wanted || world.healthy(set) == 0 {
        return;
    }
    let found = recover(spec, observed);
    match phase {
        SidePhase::AwaitHealthy { .. }
        | SidePhase::AwaitTestRoute { .. }
        | SidePhase::AwaitGates { .. }
            if world.share(set).is_none() =>
        {
            let expected = Phase::from(StartingSide {
                side: side.to_owned(),
            });
            assert_eq!(found, expected);
        }
        SidePhase::AwaitHold(held) if !world.headless && world.live().count() > 1 => {
            assert!(
                matches!(&found, Phase::Sides(SidePhase::AwaitHold(again)) if again.share == held.share),
                "{found:?}"
            );
        }
        SidePhase::AwaitDrained { .. } if world.live().count() > 1 => {
            assert!(
                matches!(found, Phase::Sides(SidePhase::AwaitDrained { .. })),
                "{found:?}"
            );
        }
        _ => {}
    }
}

fn spec() -> Spec {
    Spec {
        engine: Engine::External,
        intent: Intent::Update,
        force: false,
        deadline: at(DEADLINE),
        on_cancel: OnCancel::Rollback,
        on_foreign: OnForeign::Wait,
        desired: DESIRED,
        steps: vec![Hold {
            share: Share::WHOLE,
            seconds: 0,
        }],
        gated: Gated::default(),
        holds: false,
        pauses: crate::spec::Pauses::default(),
        scaling: ScalingDuring::Keep,
        only_now: false,
    }
}

fn any_spec() -> impl Strategy<Value = Spec> {
    let steps = prop_oneof![
        Just(vec![(1000, 0)]),
        Just(vec![(1000, 120)]),
        Just(vec![(100, 300), (500, 600), (1000, 60)]),
        Just(vec![(1, 30), (999, 30), (1000, 0)]),
        Just(Vec::new()),
    ];
    let gated = proptest::array::uniform4(any::<bool>());
    (steps, gated, any::<bool>(), proptest::bool::weighted(0.2)).prop_map(
        |(steps, [before_traffic, step, bake, after], leaves, force)| Spec {
            force,
            on_cancel: if leaves {
                OnCancel::Leave
            } else {
                OnCancel::Rollback
            },
            steps: steps
                .into_iter()
                .map(|(tenths, seconds)| Hold {
                    share: Share::of_tenths(tenths),
                    seconds,
                })
                .collect(),
            gated: Gated {
                before_start: false,
                before_traffic,
                step,
                bake,
                after,
            },
            ..spec()
        },
    )
}

/// How a service may be found: new, whole, or as a killed run has left it.
fn any_world() -> impl Strategy<Value = World> {
    let primary = |wanted| task_set("old", wanted, TaskSetStatus::Primary, 0);
    let second = |wanted| task_set("second", wanted, TaskSetStatus::Active, 1);
    let sets = prop_oneof![
        3 => Just((Vec::new(), [Share::NONE, Share::WHOLE])),
        6 => Just((vec![primary(false)], [Share::WHOLE, Share::NONE])),
        1 => Just((vec![primary(true)], [Share::WHOLE, Share::NONE])),
        1 => Just((vec![primary(false)], [Share::of_tenths(900), Share::of_tenths(100)])),
        2 => Just((vec![primary(false), second(false)], [Share::WHOLE, Share::NONE])),
        2 => Just((vec![primary(false), second(false)], [Share::of_tenths(500), Share::of_tenths(500)])),
        2 => Just((vec![primary(false), second(true)], [Share::of_tenths(750), Share::of_tenths(250)])),
        1 => Just((vec![primary(false), second(true)], [Share::NONE, Share::WHOLE])),
        2 => Just((vec![primary(true), second(false)], [Share::of_tenths(500), Share::of_tenths(500)])),
        1 => Just((vec![primary(true), second(true)], [Share::of_tenths(500), Share::of_tenths(500)])),
        1 => Just((vec![second(false)], [Share::WHOLE, Share::NONE])),
        1 => Just((vec![second(false)], [Share::NONE, Share::WHOLE])),
    ];
    (
        sets,
        proptest::option::of(Just(0_usize)),
        proptest::bool::weighted(0.2),
        prop_oneof![Just(0_u32), Just(60), Just(300)],
        prop_oneof![4 => Just(Some(40_i64)), 1 => Just(Some(0)), 1 => Just(None)],
    )
        .prop_map(
            |((sets, weights), test, headless, drain_seconds, start_seconds)| World {
                now: 0,
                sets,
                weights,
                test,
                headless,
                drain_seconds,
                start_seconds,
                created: 0,
            },
        )
}

fn any_poll() -> impl Strategy<Value = Poll> {
    let event = prop_oneof![
        40 => Just(Event::Nothing),
        3 => Just(Event::Kill),
        1 => Just(Event::Cancel),
        4 => any::<bool>().prop_map(|happened| Event::Lose { happened }),
        2 => Just(Event::Refuse),
        2 => (0..4_usize, 1..300_i64).prop_map(|(which, seconds)| Event::Ill { which, seconds }),
        2 => Just(Event::Blind),
    ];
    let verdict = prop_oneof![
        60 => Just(MomentVerdict::Passed),
        20 => Just(MomentVerdict::Pending),
        1 => Just(MomentVerdict::Failed),
        1 => Just(MomentVerdict::Inconclusive),
    ];
    (event, verdict, 1..60_i64).prop_map(|(event, verdict, seconds)| Poll {
        event,
        verdict,
        seconds,
    })
}

/// One wanted side, alone, with all traffic.
fn assert_fulfilled(world: &World) {
    let live: Vec<&TaskSet> = world.live().collect();
    let [only] = live.as_slice() else {
        panic!("not alone: {world:?}");
    };
    assert!(only.is_wanted, "{world:?}");
    assert_eq!(only.status, TaskSetStatus::Primary, "{world:?}");
    assert_eq!(world.share(only), Share::WHOLE, "{world:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens, a run ends without having broken a rule, and the next undisturbed one converges.
    #[test]
    fn whatever_happens_a_run_ends_and_the_next_one_converges(
        spec in any_spec(),
        world in any_world(),
        polls in proptest::collection::vec(any_poll(), 0..150),
    ) {
        let mut world = world;
        match run(&mut world, &spec, &polls) {
            Outcome::Succeeded { .. } | Outcome::LiveButUnhealthy { .. } => assert_fulfilled(&world),
            Outcome::RolledBack { deployment, .. } => {
                prop_assert!(world.live().all(|set| set.id != deployment));
                let carrier = world.live().find(|set| set.status == TaskSetStatus::Primary);
                prop_assert_eq!(carrier.map(|set| world.share(set)), Some(Share::WHOLE));
            }
            Outcome::FirstRolloutFailed { deployment: Some(id) } => {
                prop_assert!(world.live().any(|set| set.id == id), "the evidence is gone");
            }
            Outcome::Cancelled { .. } | Outcome::TimedOut { .. } => {}
            other => prop_assert!(false, "{:?}", other),
        }
        world.heal();
        let next = Spec { force: false, deadline: at(world.now + DEADLINE), ..spec };
        let outcome = run(&mut world, &next, &[]);
        prop_assert!(matches!(outcome, Outcome::Succeeded { .. }), "{:?}", outcome);
        assert_fulfilled(&world);
    }

    /// Undisturbed, a rollout succeeds, whatever the service was found like.
    #[test]
    fn undisturbed_a_rollout_succeeds(spec in any_spec(), world in any_world()) {
        let mut world = world;
        world.heal();
        let outcome = run(&mut world, &spec, &[]);
        prop_assert!(matches!(outcome, Outcome::Succeeded { .. }), "{:?}", outcome);
        assert_fulfilled(&world);
    }

    /// Cancelled at any moment, a run that rolls back is over soon, and the old revision serves as before.
    #[test]
    fn cancelled_at_any_moment_the_old_side_has_all_traffic_again(
        spec in any_spec(),
        calm in 0..80_usize,
        drain_seconds in 0..300_u32,
    ) {
        let spec = Spec { on_cancel: OnCancel::Rollback, force: false, ..spec };
        let mut world = World {
            now: 0,
            sets: vec![task_set("old", false, TaskSetStatus::Primary, 0)],
            weights: [Share::WHOLE, Share::NONE],
            test: None,
            headless: false,
            drain_seconds,
            start_seconds: Some(20),
            created: 0,
        };
        let mut polls = vec![QUIET; calm];
        polls.push(Poll { event: Event::Cancel, ..QUIET });
        let before = i64::try_from(calm).expect("small") * QUIET.seconds;
        let outcome = run(&mut world, &spec, &polls);
        prop_assert!(world.now <= before + i64::from(drain_seconds) + 60, "{} s", world.now - before);
        match outcome {
            Outcome::RolledBack { .. } => {
                let live: Vec<&str> = world.live().map(|set| set.id.as_str()).collect();
                prop_assert_eq!(live, ["old"]);
                prop_assert_eq!(world.weights, [Share::WHOLE, Share::NONE]);
            }
            // Before there was anything to undo, or when the new side had taken over.
            Outcome::Cancelled { left_running: None } => prop_assert_eq!(world.weights, [Share::WHOLE, Share::NONE]),
            Outcome::Cancelled { left_running: Some(_) } => prop_assert_eq!(world.weights, [Share::NONE, Share::WHOLE]),
            Outcome::Succeeded { .. } => assert_fulfilled(&world),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
