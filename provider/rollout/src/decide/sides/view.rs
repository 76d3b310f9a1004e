//! What one observation shows of the task sets.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::observed::{Active, Heading, Mark, Observed, Side, Sides};
use crate::reason::Reason;
use crate::spec::Spec;
use crate::weights::Share;
use crate::words::TaskSetStatus;

impl Side {
    pub(super) fn is_primary(&self) -> bool {
        self.status == TaskSetStatus::Primary
    }

    /// A draining one is on its way out: it is not touched, and not counted.
    fn is_draining(&self) -> bool {
        self.status == TaskSetStatus::Draining
    }

    /// Whether it can answer requests, as far as is known.
    pub(super) fn serves(&self) -> bool {
        self.healthy.map_or(self.running > 0, |healthy| healthy > 0)
    }

    /// Why it does not get (more) traffic yet.
    pub(super) fn starting(&self) -> Reason {
        Reason::SideStarting {
            running: self.running,
            desired: self.desired,
            healthy: self.healthy,
        }
    }

    /// Whether all requests it may still work on are over when it has had no traffic since `idle_since`.
    pub(super) fn is_drained(&self, sides: &Sides, idle_since: Timestamp, now: Timestamp) -> bool {
        let delay = SignedDuration::from_secs(i64::from(sides.drain_seconds));
        self.running == 0 || now.duration_since(idle_since) >= delay
    }
}

/// One observation, and what is wanted.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) spec: &'a Spec,
    pub(super) observed: &'a Observed,
    pub(super) active: &'a Active,
    pub(super) sides: &'a Sides,
}

impl<'a> View<'a> {
    /// Fails, with the reason, when the sides cannot be judged.
    pub(super) fn new(
        spec: &'a Spec,
        observed: &'a Observed,
        active: &'a Active,
    ) -> Result<Self, Reason> {
        let Some(sides) = &observed.sides else {
            return Err(Reason::SidesUnreadable);
        };
        let unknown = sides.all.iter().find_map(|side| match &side.status {
            TaskSetStatus::Unknown(word) => Some(word.clone()),
            TaskSetStatus::Active | TaskSetStatus::Draining | TaskSetStatus::Primary => None,
        });
        match unknown {
            Some(word) => Err(Reason::UnknownWord(word)),
            None => Ok(Self {
                spec,
                observed,
                active,
                sides,
            }),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.observed.now
    }

    /// All that are not on their way out.
    pub(super) fn live(&self) -> impl Iterator<Item = &'a Side> {
        self.sides.all.iter().filter(|side| !side.is_draining())
    }

    pub(super) fn side(&self, id: &str) -> Option<&'a Side> {
        self.live().find(|side| side.id == id)
    }

    /// Whether it was deleted: shown, but on its way out.
    pub(super) fn is_leaving(&self, id: &str) -> bool {
        self.side(id).is_none() && self.sides.all.iter().any(|side| side.id == id)
    }

    pub(super) fn others(&self, id: &str) -> impl Iterator<Item = &'a Side> {
        self.live().filter(move |side| side.id != id)
    }

    pub(super) fn is_alone(&self, id: &str) -> bool {
        self.others(id).next().is_none()
    }

    /// The side `id` takes over from, and goes back to.
    pub(super) fn old_of(&self, id: &str) -> Option<&'a Side> {
        self.others(id)
            .max_by_key(|side| (rank(side), Reverse(&side.id)))
    }

    /// More than one other side has traffic: where the rest of a share would go is unclear.
    pub(super) fn is_unclear(&self, id: &str) -> bool {
        self.others(id).filter(|side| !side.share.is_none()).count() > 1
    }

    /// The side that is, or becomes, what is wanted.
    ///
    /// A forced rollout replaces even the primary side: there, a wanted side is the new one as soon as
    /// it has traffic. Without traffic it may just as well be the one that was replaced already.
    pub(super) fn candidate(&self) -> Option<&'a Side> {
        let is_replaced = self.is_forced()
            && self
                .live()
                .any(|side| side.is_primary() && side.heading == Heading::Wanted);
        self.live()
            .filter(|side| side.heading == Heading::Wanted)
            .filter(|side| !is_replaced || !side.is_primary() && !side.share.is_none())
            .max_by_key(|side| (rank(side), Reverse(&side.id)))
    }

    /// The side that was just created, when its answer did not name it.
    pub(super) fn newcomer(&self) -> Option<&'a Side> {
        let wanted = |side: &&Side| side.heading == Heading::Wanted && !side.is_primary();
        self.live()
            .filter(wanted)
            .min_by_key(|side| &side.id)
            .or_else(|| self.candidate())
    }

    fn is_forced(&self) -> bool {
        self.spec.force && self.active.mark == Mark::Absent
    }

    /// The side that carries production while something else is cleared away: the primary one, or the only
    /// one with traffic.
    pub(super) fn base(&self) -> Option<&'a Side> {
        let candidate = self.candidate().map(|side| &side.id);
        self.live()
            .filter(|side| {
                side.is_primary() || !side.share.is_none() && Some(&side.id) != candidate
            })
            .max_by_key(|side| (rank(side), Reverse(&side.id)))
    }

    /// What earlier rollouts have left behind.
    pub(super) fn strays(&self) -> impl Iterator<Item = &'a Side> {
        let kept = [self.candidate(), self.base()].map(|kept| kept.map(|side| &side.id));
        self.live()
            .filter(move |side| !kept.contains(&Some(&side.id)))
    }

    /// Whether something has to be cleared away, or production to be repaired, before a rollout begins.
    pub(super) fn needs_clearing(&self) -> bool {
        let has_strays = self.strays().next().is_some();
        match self.candidate() {
            Some(side) if side.is_primary() => has_strays && !side.share.is_whole(),
            Some(side) => has_strays && side.share.is_none(),
            None => has_strays || self.misses_traffic(),
        }
    }

    /// Part of production goes to where nothing runs, though there is a side that serves.
    fn misses_traffic(&self) -> bool {
        self.base()
            .is_some_and(|base| !self.sides.headless && !base.share.is_whole() && base.serves())
    }

    /// One wanted side is primary, has all traffic, and is alone.
    pub(super) fn is_fulfilled(&self, side: &Side) -> bool {
        let has_begun = self.active.mark != Mark::Ours || self.is_ready(side);
        side.is_primary() && side.share.is_whole() && self.is_alone(&side.id) && has_begun
    }

    /// Whether `side` can take its (next) share of traffic.
    pub(super) fn is_ready(&self, side: &Side) -> bool {
        let is_healthy = self.sides.headless
            || side
                .healthy
                .is_some_and(|healthy| healthy >= side.desired.max(1));
        side.steady && (is_healthy && side.serves() || self.is_empty(side))
    }

    /// Whether all traffic may stay with `side`.
    pub(super) fn carries(&self, side: &Side) -> bool {
        side.serves() || self.is_empty(side)
    }

    /// A service that is to have no tasks has nothing to wait for, as long as nothing else serves either. The service
    /// has to say so as well: a side is to have none also before AWS has counted for it, and where it never does.
    fn is_empty(&self, side: &Side) -> bool {
        let is_for_none = self.active.desired == 0 && side.desired == 0;
        is_for_none && !self.others(&side.id).any(Side::serves)
    }
}

/// Who carries production, in doubt.
fn rank(side: &Side) -> (bool, Share, bool) {
    (side.is_primary(), side.share, side.serves())
}
