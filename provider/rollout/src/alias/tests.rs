//! Single decisions, and a model check: breadth first, the decisions meet a small Lambda in which runs are killed, others
//! change the alias, alarms fire, gates fail, calls are lost and looks are stale.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::{
    AlarmSeen, AliasDecision, AliasPhase, AliasRouting, AliasSeen, AliasSpec, Cause, End, Goal,
    Put, Version, decide,
};
use crate::observed::{GateSeen, MomentVerdict};
use crate::spec::{Gated, Hold, Intent, Moment, OnCancel};
use crate::weights::Share;

const ONE: Version = Version::Published(1);
const TWO: Version = Version::Published(2);
const THREE: Version = Version::Published(3);

/// Seconds after the beginning at which a run is over.
const DEADLINE: i64 = 400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

fn shared(settled: Version, version: Version, tenths: u32) -> AliasRouting {
    AliasRouting::shared(settled, version, Share::of_tenths(tenths))
}

fn spec(wanted: Version, begun: i64) -> AliasSpec {
    let hold = |tenths, seconds| Hold {
        share: Share::of_tenths(tenths),
        seconds,
    };
    AliasSpec {
        wanted,
        intent: Intent::Update,
        holds: vec![hold(100, 60), hold(1000, 60)],
        gated: Gated {
            before_start: false,
            before_traffic: true,
            step: true,
            bake: false,
            after: false,
        },
        deadline: at(begun + DEADLINE),
        on_cancel: OnCancel::Rollback,
    }
}

fn seen(alias: Option<AliasRouting>, now: i64) -> AliasSeen {
    AliasSeen {
        now: at(now),
        alias,
        alarms: AlarmSeen::Quiet,
        gate: None,
        cancelled: false,
    }
}

fn passed(moment: Moment) -> Option<GateSeen> {
    Some(GateSeen {
        moment,
        verdict: MomentVerdict::Passed,
    })
}

#[test]
fn words_of_versions_are_numbers_or_latest() {
    assert_eq!(Version::parse("$LATEST"), Some(Version::Latest));
    assert_eq!(Version::parse("17"), Some(Version::Published(17)));
    for word in ["", "live", "1.0", "-1", "99999999999999999999999"] {
        assert_eq!(Version::parse(word), None, "{word}");
    }
    assert_eq!(Version::Latest.to_string(), "$LATEST");
}

#[test]
fn shares_add_up() {
    let routing = shared(ONE, TWO, 125);
    assert_eq!(routing.share_of(ONE).tenths(), 875);
    assert_eq!(routing.share_of(TWO).tenths(), 125);
    assert_eq!(routing.share_of(THREE).tenths(), 0);
    assert_eq!(AliasRouting::only(ONE).share_of(ONE), Share::WHOLE);
}

#[test]
fn a_move_tests_shifts_holds_and_settles() {
    let spec = spec(TWO, 0);
    let old = AliasRouting::only(ONE);
    let first = decide(&spec, AliasPhase::AwaitSight, &seen(Some(old), 0));
    assert_eq!(first.watch, Some(Moment::BeforeTraffic));
    let tested = AliasSeen {
        gate: passed(Moment::BeforeTraffic),
        ..seen(Some(old), 5)
    };
    let shifted = decide(&spec, first.phase, &tested);
    let ten = shared(ONE, TWO, 100);
    assert_eq!(
        shifted.put,
        Some(Put {
            from: Some(old),
            to: ten
        })
    );
    let holding = decide(&spec, shifted.phase, &seen(Some(ten), 6));
    assert_eq!(
        holding.watch,
        Some(Moment::Step {
            share: Share::of_tenths(100),
        })
    );
    assert_eq!(holding.wake, Some(at(66)));
    let early = AliasSeen {
        gate: passed(Moment::Step {
            share: Share::of_tenths(100),
        }),
        ..seen(Some(ten), 65)
    };
    assert_eq!(decide(&spec, holding.phase, &early).put, None);
    let due = AliasSeen {
        now: at(66),
        ..early
    };
    let whole = decide(&spec, holding.phase, &due);
    let baked = shared(ONE, TWO, 1000);
    assert_eq!(whole.put.map(|put| put.to), Some(baked));
    let baking = decide(&spec, whole.phase, &seen(Some(baked), 67));
    assert_eq!(baking.watch, None, "no gate is asked during the bake");
    let promoted = decide(&spec, baking.phase, &seen(Some(baked), 127));
    assert_eq!(
        promoted.put.map(|put| put.to),
        Some(AliasRouting::only(TWO))
    );
    let end = decide(
        &spec,
        promoted.phase,
        &seen(Some(AliasRouting::only(TWO)), 128),
    );
    assert_eq!(end.phase, AliasPhase::Settled(End::Moved));
}

#[test]
fn nothing_is_held_where_nothing_is_waited_for() {
    let at_once = AliasSpec {
        holds: vec![Hold {
            share: Share::WHOLE,
            seconds: 0,
        }],
        gated: Gated::default(),
        ..spec(TWO, 0)
    };
    let look = seen(Some(AliasRouting::only(ONE)), 0);
    let decision = decide(&at_once, AliasPhase::AwaitSight, &look);
    assert_eq!(
        decision.put.map(|put| put.to),
        Some(AliasRouting::only(TWO)),
        "one change moves everything"
    );
    let canary = AliasSpec {
        holds: [100, 1000]
            .map(Share::of_tenths)
            .map(|share| Hold { share, seconds: 0 })
            .into(),
        ..at_once
    };
    let decision = decide(&canary, AliasPhase::AwaitSight, &look);
    let ten = shared(ONE, TWO, 100);
    assert_eq!(
        decision.put.map(|put| put.to),
        Some(ten),
        "the share is what was asked for"
    );
    let next = decide(&canary, decision.phase, &seen(Some(ten), 1));
    let next = decide(&canary, next.phase, &seen(Some(ten), 2));
    assert_eq!(next.put.map(|put| put.to), Some(AliasRouting::only(TWO)));
}

#[test]
fn latest_never_shares() {
    let ungated = AliasSpec {
        gated: Gated::default(),
        ..spec(TWO, 0)
    };
    let look = seen(Some(AliasRouting::only(Version::Latest)), 0);
    let decision = decide(&ungated, AliasPhase::AwaitSight, &look);
    assert_eq!(
        decision.put.map(|put| put.to),
        Some(AliasRouting::only(TWO))
    );
}

#[test]
fn an_alias_that_exists_is_adopted_only_as_it_is_wanted() {
    let creating = AliasSpec {
        intent: Intent::Create,
        ..spec(TWO, 0)
    };
    for (found, end) in [
        (AliasRouting::only(TWO), End::Adopted),
        (AliasRouting::only(ONE), End::NameTaken),
        (shared(ONE, TWO, 100), End::NameTaken),
    ] {
        let decision = decide(&creating, AliasPhase::AwaitSight, &seen(Some(found), 0));
        assert_eq!(decision.phase, AliasPhase::Settled(end), "{found:?}");
    }
}

#[test]
fn what_was_left_for_the_same_version_goes_on_where_it_was() {
    let spec = spec(TWO, 0);
    let ten = shared(ONE, TWO, 100);
    let first = decide(&spec, AliasPhase::AwaitSight, &seen(Some(ten), 0));
    assert_eq!(first.watch, Some(Moment::BeforeTraffic));
    let tested = AliasSeen {
        gate: passed(Moment::BeforeTraffic),
        ..seen(Some(ten), 5)
    };
    let on = decide(&spec, first.phase, &tested);
    assert_eq!(on.put, None, "it has that share");
    assert_eq!(on.wake, Some(at(65)), "which is held for its whole time");
}

#[test]
fn unread_alarms_stop_nothing_and_let_nothing_go_on() {
    let spec = spec(TWO, 0);
    let ten = shared(ONE, TWO, 100);
    let held = AliasPhase::AwaitHeld(super::Held {
        base: ONE,
        index: 0,
        since: at(0),
    });
    let look = |alarms, now| AliasSeen {
        alarms,
        gate: passed(Moment::Step {
            share: Share::of_tenths(100),
        }),
        ..seen(Some(ten), now)
    };
    assert_eq!(decide(&spec, held, &look(AlarmSeen::Unread, 100)).put, None);
    let fired = decide(&spec, held, &look(AlarmSeen::Firing, 10));
    assert_eq!(fired.put.map(|put| put.to), Some(AliasRouting::only(ONE)));
    let late = decide(&spec, held, &look(AlarmSeen::Unread, DEADLINE));
    assert_eq!(late.put.map(|put| put.to), Some(AliasRouting::only(ONE)));
}

#[test]
fn a_cancelled_run_may_leave_the_share() {
    let leaving = AliasSpec {
        on_cancel: OnCancel::Leave,
        ..spec(TWO, 0)
    };
    let held = AliasPhase::AwaitHeld(super::Held {
        base: ONE,
        index: 0,
        since: at(0),
    });
    let look = AliasSeen {
        cancelled: true,
        ..seen(Some(shared(ONE, TWO, 100)), 10)
    };
    let decision = decide(&leaving, held, &look);
    assert_eq!(decision.phase, AliasPhase::Settled(End::Left));
}

/// One state of the small Lambda with the run that looks at it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    alias: Option<AliasRouting>,
    /// As it was before the last change: what a stale look shows.
    before: Option<AliasRouting>,
    now: i64,
    /// When the alias was changed last.
    changed: i64,
    begun: i64,
    wanted: Version,
    leaves: bool,
    cancelled: bool,
    creates: bool,
    phase: AliasPhase,
    /// Versions that this run has refused.
    refused: BTreeSet<Version>,
    /// Somebody else has made the alias what it is, perhaps after the last look that showed it.
    is_foreign: bool,
    /// Disturbances that may still come.
    left: u8,
}

impl State {
    fn spec(&self) -> AliasSpec {
        AliasSpec {
            intent: match self.creates {
                true => Intent::Create,
                false => Intent::Update,
            },
            on_cancel: match self.leaves {
                true => OnCancel::Leave,
                false => OnCancel::Rollback,
            },
            ..spec(self.wanted, self.begun)
        }
    }

    fn begin(&self, wanted: Version) -> Self {
        Self {
            wanted,
            begun: self.now,
            cancelled: false,
            creates: self.alias.is_none(),
            phase: AliasPhase::AwaitSight,
            refused: BTreeSet::new(),
            ..self.clone()
        }
    }

    /// What this run takes for its own work, where it has looked already.
    fn expects(&self) -> Option<Vec<Option<AliasRouting>>> {
        match self.phase {
            AliasPhase::AwaitSight | AliasPhase::Settled(_) => None,
            AliasPhase::AwaitTested(base) => Some(vec![base]),
            AliasPhase::AwaitPut { put, .. } => Some(vec![put.from, Some(put.to)]),
            AliasPhase::AwaitHeld(held) => {
                let share = self.spec().holds[held.index].share;
                Some(vec![Some(AliasRouting::shared(
                    held.base,
                    self.wanted,
                    share,
                ))])
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Call {
    Carried,
    Lost,
}

/// A look, the decision, and what AWS makes of it.
fn step(
    state: &State,
    alarms: AlarmSeen,
    verdict: MomentVerdict,
    stale: bool,
    call: Call,
) -> State {
    let spec = state.spec();
    let shown = if stale { state.before } else { state.alias };
    let watch = match state.phase {
        AliasPhase::AwaitTested(_) => Some(Moment::BeforeTraffic),
        AliasPhase::AwaitHeld(held) if !spec.holds[held.index].share.is_whole() => {
            Some(Moment::Step {
                share: spec.holds[held.index].share,
            })
        }
        AliasPhase::AwaitSight
        | AliasPhase::AwaitPut { .. }
        | AliasPhase::AwaitHeld(_)
        | AliasPhase::Settled(_) => None,
    };
    let look = AliasSeen {
        now: at(state.now),
        alias: shown,
        alarms,
        gate: watch.map(|moment| GateSeen { moment, verdict }),
        cancelled: state.cancelled,
    };
    let foreign = state.expects().is_some_and(|all| !all.contains(&shown));
    let AliasDecision {
        phase, put, wake, ..
    } = decide(&spec, state.phase, &look);
    if foreign {
        assert_eq!(
            phase,
            AliasPhase::Settled(End::Superseded),
            "somebody else's change ends the run: {state:?}"
        );
    }
    let mut next = State {
        phase,
        ..state.clone()
    };
    let refusing = matches!(
        phase,
        AliasPhase::AwaitPut {
            goal: Goal::Back(_),
            ..
        } | AliasPhase::Settled(End::Refused { .. })
    );
    if refusing {
        next.refused.insert(state.wanted);
    }
    if let Some(put) = put {
        assert_eq!(
            put.from, shown,
            "a change is one of what was seen: {state:?}"
        );
        let is_current = !stale && put.from == state.alias;
        if is_current && call == Call::Carried {
            for version in &next.refused {
                assert_eq!(put.to.share_of(*version), Share::NONE, "{state:?} {put:?}");
            }
            let two = put.to.guest.map(|guest| guest.version);
            assert!(
                two.is_none_or(|two| two != Version::Latest && put.to.settled != Version::Latest)
            );
            next.before = next.alias;
            next.alias = Some(put.to);
            next.is_foreign = false;
            next.changed = state.now + 30;
        }
        next.now += 30;
    } else {
        let wake = wake.map_or(state.now + 30, |wake| wake.as_second());
        // Gates are asked on the way.
        next.now = wake.clamp(state.now + 1, state.now + 60);
    }
    next
}

/// Everything that may happen in a state.
fn successors(state: &State) -> Vec<State> {
    let mut all = Vec::new();
    if let AliasPhase::Settled(_) = state.phase {
        if state.left > 0 {
            all.extend([ONE, TWO, THREE].map(|wanted| State {
                left: state.left - 1,
                ..state.begin(wanted)
            }));
        }
        return all;
    }
    let calm = |verdict| step(state, AlarmSeen::Quiet, verdict, false, Call::Carried);
    all.push(calm(MomentVerdict::Passed));
    all.push(calm(MomentVerdict::Pending));
    if state.left == 0 {
        return all;
    }
    let passed = MomentVerdict::Passed;
    let mut disturbed = vec![
        calm(MomentVerdict::Failed),
        calm(MomentVerdict::Inconclusive),
        step(state, AlarmSeen::Firing, passed, false, Call::Carried),
        step(state, AlarmSeen::Unread, passed, false, Call::Carried),
        step(state, AlarmSeen::Quiet, passed, false, Call::Lost),
        State {
            cancelled: true,
            ..state.clone()
        },
        State {
            now: state.begun + DEADLINE,
            ..state.clone()
        },
    ];
    disturbed.extend([ONE, TWO, THREE].map(|wanted| state.begin(wanted)));
    // The look after a change may not show it yet; those that follow do.
    if state.now == state.changed {
        let stale = step(state, AlarmSeen::Quiet, passed, true, Call::Carried);
        disturbed.push(stale);
    }
    let foreign = [
        None,
        Some(AliasRouting::only(ONE)),
        Some(AliasRouting::only(TWO)),
        Some(AliasRouting::only(Version::Latest)),
        Some(shared(ONE, TWO, 500)),
        Some(shared(ONE, TWO, 100)),
        Some(shared(TWO, ONE, 500)),
        Some(shared(ONE, THREE, 200)),
        Some(shared(THREE, TWO, 200)),
    ];
    disturbed.extend(foreign.map(|alias| State {
        alias,
        before: state.alias,
        is_foreign: true,
        changed: state.now,
        ..state.clone()
    }));
    all.extend(disturbed.into_iter().map(|next| State {
        left: state.left - 1,
        ..next
    }));
    all
}

/// An undisturbed run gets there, and another one finds nothing to do.
fn converges(state: &State, known: &mut BTreeMap<Option<AliasRouting>, ()>) {
    if known.insert(state.alias, ()).is_some() {
        return;
    }
    for wanted in [ONE, TWO] {
        let mut run = State {
            left: 0,
            leaves: false,
            ..state.begin(wanted)
        };
        run.creates = state.alias.is_none();
        let mut steps = 0;
        while !matches!(run.phase, AliasPhase::Settled(_)) {
            run = step(
                &run,
                AlarmSeen::Quiet,
                MomentVerdict::Passed,
                false,
                Call::Carried,
            );
            steps += 1;
            assert!(steps < 40, "{state:?} does not end");
        }
        let good = [End::Created, End::Moved, End::TakenBack, End::Unchanged];
        assert!(
            good.iter()
                .any(|end| run.phase == AliasPhase::Settled(*end)),
            "{state:?} ends as {:?}",
            run.phase
        );
        assert_eq!(run.alias, Some(AliasRouting::only(wanted)), "{state:?}");
        let again = step(
            &run.begin(wanted),
            AlarmSeen::Firing,
            MomentVerdict::Pending,
            false,
            Call::Carried,
        );
        assert_eq!(again.phase, AliasPhase::Settled(End::Unchanged));
    }
}

#[test]
fn every_story_ends_and_the_next_run_gets_there() {
    let start = |alias, leaves| State {
        alias,
        before: alias,
        now: 0,
        changed: 0,
        begun: 0,
        wanted: TWO,
        leaves,
        cancelled: false,
        creates: alias.is_none(),
        phase: AliasPhase::AwaitSight,
        refused: BTreeSet::new(),
        is_foreign: false,
        left: 2,
    };
    let mut queue: VecDeque<State> = [
        start(None, false),
        start(Some(AliasRouting::only(ONE)), false),
        start(Some(AliasRouting::only(ONE)), true),
        start(Some(shared(ONE, TWO, 100)), false),
        start(Some(shared(ONE, THREE, 100)), false),
    ]
    .into();
    let mut seen: BTreeSet<State> = queue.iter().cloned().collect();
    let mut converged = BTreeMap::new();
    let latest = DEADLINE * 4 + 2 * crate::ROLLBACK_ALLOWANCE_SECONDS;
    while let Some(state) = queue.pop_front() {
        assert!(state.now < latest, "{state:?} takes too long");
        // A run that was killed has made the alias, and the next one does not see it yet at its deadline: it has no other
        // version to lead to, and the run after that adopts it. What somebody else does after the last look is not seen either.
        if let AliasPhase::Settled(End::Refused { cause, .. }) = state.phase
            && !state.creates
            && !state.is_foreign
        {
            let has = state.alias.map(|alias| alias.share_of(state.wanted));
            let is_back = has.is_none_or(|share| share == Share::NONE);
            assert!(is_back, "{cause:?}: {state:?}");
        }
        converges(&state, &mut converged);
        for next in successors(&state) {
            if seen.insert(next.clone()) {
                queue.push_back(next);
            }
        }
    }
    assert!(seen.len() > 2_000, "only {} states", seen.len());
    println!("{} states, {} aliases", seen.len(), converged.len());
}

#[test]
fn a_refusal_is_told_with_what_it_was() {
    let spec = spec(TWO, 0);
    let old = AliasRouting::only(ONE);
    let failed = AliasSeen {
        gate: Some(GateSeen {
            moment: Moment::BeforeTraffic,
            verdict: MomentVerdict::Failed,
        }),
        ..seen(Some(old), 5)
    };
    let decision = decide(&spec, AliasPhase::AwaitTested(Some(old)), &failed);
    assert_eq!(
        decision.phase,
        AliasPhase::Settled(End::Refused {
            cause: Cause::GateFailed,
            had_traffic: false
        })
    );
    assert_eq!(decision.put, None, "it had nothing");
}
