//! The decisions.

use jiff::{SignedDuration, Timestamp};

use super::look::{AlarmSeen, AliasDecision, AliasSeen, AliasSpec};
use super::routing::{AliasRouting, Put, Version};
use super::run::{AliasPhase, Cause, End, Goal, Held};
use crate::decide::{PATIENCE_SECONDS, ROLLBACK_ALLOWANCE_SECONDS};
use crate::observed::MomentVerdict;
use crate::spec::{Hold, Intent, Moment, OnCancel};
use crate::weights::Share;

/// What to do next.
#[must_use]
pub fn decide(spec: &AliasSpec, phase: AliasPhase, seen: &AliasSeen) -> AliasDecision {
    let look = Look { spec, seen };
    match phase {
        AliasPhase::AwaitSight => look.first(),
        AliasPhase::AwaitTested(base) => look.tested(base),
        AliasPhase::AwaitPut { put, goal, since } => look.put(put, goal, since),
        AliasPhase::AwaitHeld(held) => look.held(held),
        AliasPhase::Settled(end) => settled(end),
    }
}

struct Look<'a> {
    spec: &'a AliasSpec,
    seen: &'a AliasSeen,
}

fn settled(end: End) -> AliasDecision {
    AliasDecision {
        phase: AliasPhase::Settled(end),
        put: None,
        watch: None,
        wake: None,
    }
}

impl Look<'_> {
    fn first(&self) -> AliasDecision {
        let wanted = AliasRouting::only(self.spec.wanted);
        let Some(found) = self.seen.alias else {
            return match self.interrupted() {
                Some(cause) => refused(cause, false),
                None => self.test(None),
            };
        };
        if self.spec.intent == Intent::Create {
            let is_wanted = found == wanted;
            return settled(if is_wanted {
                End::Adopted
            } else {
                End::NameTaken
            });
        }
        if found == wanted {
            return settled(End::Unchanged);
        }
        // What is settled and wanted needs no test: whatever else has a share loses it.
        let is_ours = found.settled != self.spec.wanted
            && found
                .guest
                .is_none_or(|guest| guest.version == self.spec.wanted);
        if !is_ours {
            return self.ask(Some(found), AliasRouting::only(found.settled), Goal::Clear);
        }
        match self.against().or_else(|| self.interrupted()) {
            Some(cause) => self.back(found, cause),
            None if self.may_go_on(Some(found)) => self.test(Some(found)),
            None => AliasDecision {
                phase: AliasPhase::AwaitSight,
                put: None,
                watch: None,
                wake: Some(self.spec.deadline),
            },
        }
    }

    /// The gates before traffic, or what follows from there being none.
    fn test(&self, base: Option<AliasRouting>) -> AliasDecision {
        if self.spec.is_gated(Moment::BeforeTraffic) {
            return AliasDecision {
                phase: AliasPhase::AwaitTested(base),
                put: None,
                watch: Some(Moment::BeforeTraffic),
                wake: Some(self.spec.deadline),
            };
        }
        self.proceed(base)
    }

    fn tested(&self, base: Option<AliasRouting>) -> AliasDecision {
        if self.seen.alias != base {
            return settled(End::Superseded);
        }
        let verdict = self.verdict(Moment::BeforeTraffic);
        // A version without any traffic yet cannot be what an alarm fires for, where nothing else is served either.
        let against = base.and_then(|_| self.against());
        let cause = against
            .or_else(|| refusal(verdict))
            .or_else(|| self.interrupted());
        match (cause, base) {
            (Some(cause), Some(base)) => self.back(base, cause),
            (Some(cause), None) => refused(cause, false),
            (None, _) if verdict == MomentVerdict::Passed && self.may_go_on(base) => {
                self.proceed(base)
            }
            (None, _) => self.test(base),
        }
    }

    /// Nothing moves on while it is not known whether an alarm fires.
    fn may_go_on(&self, base: Option<AliasRouting>) -> bool {
        base.is_none() || self.seen.alarms != AlarmSeen::Unread
    }

    /// The version was tested: it gets traffic.
    fn proceed(&self, base: Option<AliasRouting>) -> AliasDecision {
        let Some(found) = base else {
            return self.ask(None, AliasRouting::only(self.spec.wanted), Goal::Create);
        };
        // Neither of the two may be `$LATEST` where they share.
        if found.settled == Version::Latest || self.spec.wanted == Version::Latest {
            return self.promote(found);
        }
        let has = found.share_of(self.spec.wanted);
        let holds = self.spec.holds.iter();
        let next = holds
            .enumerate()
            .find(|(_, hold)| hold.share >= has && !hold.share.is_none());
        match next {
            Some((index, hold)) if found.guest.is_some() && hold.share == has => {
                self.hold(found.settled, index)
            }
            Some((index, _)) => self.shift(found, index),
            None => self.promote(found),
        }
    }

    fn shift(&self, found: AliasRouting, index: usize) -> AliasDecision {
        match self.spec.holds.get(index) {
            Some(hold) if self.is_held(hold) => {
                let share = hold.share;
                let to = AliasRouting::shared(found.settled, self.spec.wanted, share);
                self.ask(Some(found), to, Goal::Shift(index))
            }
            Some(_) => self.shift(found, index.saturating_add(1)),
            None => self.promote(found),
        }
    }

    /// Whether the version gets a share before it becomes the main one: all of it only where something is to be waited for.
    fn is_held(&self, hold: &Hold) -> bool {
        !hold.share.is_whole() || hold.seconds > 0 || self.spec.is_gated(moment(hold))
    }

    fn promote(&self, found: AliasRouting) -> AliasDecision {
        self.ask(
            Some(found),
            AliasRouting::only(self.spec.wanted),
            Goal::Promote,
        )
    }

    /// The version loses what it has.
    fn back(&self, found: AliasRouting, cause: Cause) -> AliasDecision {
        if found.guest.is_none() {
            return refused(cause, false);
        }
        if cause == Cause::Cancelled && self.spec.on_cancel == OnCancel::Leave {
            return settled(End::Left);
        }
        self.ask(
            Some(found),
            AliasRouting::only(found.settled),
            Goal::Back(cause),
        )
    }

    fn ask(&self, from: Option<AliasRouting>, to: AliasRouting, goal: Goal) -> AliasDecision {
        let put = Put { from, to };
        asked(put, goal, self.seen.now)
    }

    fn put(&self, put: Put, goal: Goal, since: Timestamp) -> AliasDecision {
        if self.seen.alias == Some(put.to) {
            return self.done(put, goal);
        }
        if self.seen.alias != put.from {
            return settled(End::Superseded);
        }
        let (is_over, allowed) = match goal {
            // The way back is gone whatever anybody wants.
            Goal::Back(_) => (true, ROLLBACK_ALLOWANCE_SECONDS),
            Goal::Clear | Goal::Create | Goal::Promote | Goal::Shift(_) => {
                (self.interrupted().is_some(), PATIENCE_SECONDS)
            }
        };
        let waited = self.seen.now.duration_since(since);
        if is_over && waited >= SignedDuration::from_secs(allowed) {
            return settled(End::Unfinished);
        }
        asked(put, goal, since)
    }

    /// A change is there.
    fn done(&self, put: Put, goal: Goal) -> AliasDecision {
        match goal {
            Goal::Back(cause) => refused(cause, true),
            Goal::Clear if put.to.settled == self.spec.wanted => settled(End::TakenBack),
            Goal::Clear => self.first(),
            Goal::Create => settled(End::Created),
            Goal::Promote => settled(End::Moved),
            Goal::Shift(index) => self.hold(put.to.settled, index),
        }
    }

    fn hold(&self, base: Version, index: usize) -> AliasDecision {
        let since = self.seen.now;
        self.holding(Held { base, index, since })
    }

    fn holding(&self, held: Held) -> AliasDecision {
        let hold = self.spec.holds.get(held.index);
        let until = hold.map(|hold| until(held.since, hold));
        AliasDecision {
            phase: AliasPhase::AwaitHeld(held),
            put: None,
            watch: hold
                .map(moment)
                .filter(|moment| self.spec.is_gated(*moment)),
            wake: until
                .filter(|until| *until > self.seen.now)
                .into_iter()
                .chain([self.spec.deadline])
                .min(),
        }
    }

    fn held(&self, held: Held) -> AliasDecision {
        let Some(hold) = self.spec.holds.get(held.index) else {
            // No share has this index: whoever keeps the phase has changed the wish.
            return self.first();
        };
        let share = hold.share;
        let found = AliasRouting::shared(held.base, self.spec.wanted, share);
        if self.seen.alias != Some(found) {
            return settled(End::Superseded);
        }
        let moment = moment(hold);
        let is_gated = self.spec.is_gated(moment);
        let verdict = match is_gated {
            true => self.verdict(moment),
            false => MomentVerdict::Passed,
        };
        let cause = self
            .against()
            .or_else(|| refusal(verdict))
            .or_else(|| self.interrupted());
        if let Some(cause) = cause {
            return self.back(found, cause);
        }
        let is_due = self.seen.now >= until(held.since, hold);
        if is_due && verdict == MomentVerdict::Passed && self.may_go_on(Some(found)) {
            return self.shift(found, held.index.saturating_add(1));
        }
        self.holding(held)
    }

    fn verdict(&self, moment: Moment) -> MomentVerdict {
        match self.seen.gate {
            Some(gate) if gate.moment == moment => gate.verdict,
            Some(_) | None => MomentVerdict::Pending,
        }
    }

    fn against(&self) -> Option<Cause> {
        match self.seen.alarms {
            AlarmSeen::Firing => Some(Cause::Alarm),
            AlarmSeen::Quiet | AlarmSeen::Unread => None,
        }
    }

    fn interrupted(&self) -> Option<Cause> {
        if self.seen.cancelled {
            return Some(Cause::Cancelled);
        }
        (self.seen.now >= self.spec.deadline).then_some(Cause::Deadline)
    }
}

fn asked(put: Put, goal: Goal, since: Timestamp) -> AliasDecision {
    AliasDecision {
        phase: AliasPhase::AwaitPut { put, goal, since },
        put: Some(put),
        watch: None,
        wake: None,
    }
}

fn refused(cause: Cause, had_traffic: bool) -> AliasDecision {
    settled(End::Refused { cause, had_traffic })
}

fn refusal(verdict: MomentVerdict) -> Option<Cause> {
    match verdict {
        MomentVerdict::Failed => Some(Cause::GateFailed),
        MomentVerdict::Inconclusive => Some(Cause::GateUndecided),
        MomentVerdict::Passed | MomentVerdict::Pending => None,
    }
}

fn moment(hold: &Hold) -> Moment {
    match hold.share == Share::WHOLE {
        true => Moment::Bake,
        false => Moment::Step { share: hold.share },
    }
}

fn until(since: Timestamp, hold: &Hold) -> Timestamp {
    let time = SignedDuration::from_secs(hold.seconds.into());
    since.checked_add(time).unwrap_or(Timestamp::MAX)
}
