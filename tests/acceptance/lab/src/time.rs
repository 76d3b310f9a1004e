//! World time: paused, a multiple of real time, or as far as everybody waits for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use switchyard_world::{Timestamp, World};
use tokio::sync::Notify;

use crate::clock::{self, Stopwatch};
use crate::waiters::{Passage, Sleeper, Waiters};

/// Longest real time the driver sleeps without looking whether the world has something new to do.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// How often the driver looks whether everybody waits.
const TICK: Duration = Duration::from_millis(2);
/// Most real time that a tick counts for: a lab that was kept from running makes nothing up.
const LONGEST_TICK: Duration = Duration::from_millis(20);
/// Longest real time that anything may keep time from a step. Only something that hangs reaches it.
const PATIENCE: Duration = Duration::from_secs(1800);
/// A step of a world in which nothing is due, and for which nobody waits.
const EMPTY_STEP: Duration = Duration::from_secs(1);

/// How world time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Only [`crate::Lab::advance`] (or `POST /_lab/advance`) moves time.
    Paused,
    /// So many world seconds pass in a real second.
    Scaled(f64),
    /// By what waits rather than by the wall: clocks that connect ([`crate::Lab::clock_address`]) say when somebody
    /// sleeps. While all of them sleep and no call is under way, time leaps to the first who wants to be woken. While
    /// one of them works, it is real time; while nobody waits, somewhat faster than that.
    Waited,
}

/// Moves a world's time at a pace.
#[derive(Debug)]
pub(crate) struct WorldTime {
    world: World,
    pace: Pace,
    stopwatch: Stopwatch,
    /// World milliseconds when the stopwatch showed zero; grows when time is advanced by hand.
    origin: Mutex<i64>,
    /// Changes whenever the world may have changed, so that snapshots know when they are stale.
    version: AtomicU64,
    changed: Notify,
    waiters: Waiters,
}

impl WorldTime {
    pub(crate) fn new(world: World, pace: Pace) -> Self {
        Self {
            origin: Mutex::new(world.now().millis()),
            world,
            pace,
            stopwatch: Stopwatch::start(),
            version: AtomicU64::new(1),
            changed: Notify::new(),
            waiters: Waiters::default(),
        }
    }

    /// Who waits for this time, and who works.
    pub(crate) fn waiters(&self) -> &Waiters {
        &self.waiters
    }

    /// World time now.
    pub(crate) fn now(&self) -> Timestamp {
        match self.pace {
            Pace::Paused | Pace::Waited => Timestamp::from_millis(*self.origin()),
            Pace::Scaled(scale) => self.scaled(scale),
        }
    }

    pub(crate) fn pace(&self) -> Pace {
        self.pace
    }

    /// When world time was real time, for whoever computes one from the other: a clock that showed this moment
    /// at this moment and has run at the pace since then shows world time now. `None` while time is paused, or
    /// runs at the pace of real time.
    pub(crate) fn origin_of_pace(&self) -> Option<Timestamp> {
        let scale = match self.pace {
            Pace::Paused | Pace::Waited => return None,
            Pace::Scaled(scale) => scale,
        };
        origin_of_pace(self.scaled(scale).millis(), clock::unix_millis(), scale)
            .map(Timestamp::from_millis)
    }

    /// Brings the world to the present: everything due happens.
    pub(crate) fn catch_up(&self) {
        self.advance_to(self.now());
    }

    /// Moves world time on by hand, at any pace; visitors are answered on the way, as when it passes by itself.
    pub(crate) fn pass(&self, by: Duration) {
        let mut left = by;
        loop {
            let step = self.waiters.pass(self.now(), left, PATIENCE);
            self.advance(step);
            left = left.saturating_sub(step);
            if left.is_zero() {
                return;
            }
        }
    }

    /// Moves world time on at once.
    pub(crate) fn advance(&self, by: Duration) {
        {
            let mut origin = self.origin();
            *origin = origin.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        }
        self.catch_up();
        self.waiters.arrive(self.now());
        self.changed.notify_one();
    }

    /// Says that a call may have changed the world.
    pub(crate) fn touch(&self) {
        self.version.fetch_add(1, Ordering::AcqRel);
        self.changed.notify_one();
    }

    /// A number that differs from an earlier one when the world may have changed in between.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Keeps a world moving between calls; never returns. A paused world needs no driver.
    pub(crate) async fn drive(&self) {
        match self.pace {
            Pace::Paused => std::future::pending().await,
            Pace::Scaled(scale) => self.drive_scaled(scale).await,
            Pace::Waited => self.drive_waited().await,
        }
    }

    async fn drive_waited(&self) {
        let mut since = Stopwatch::start();
        loop {
            clock::sleep(TICK).await;
            let now = self.now();
            let passage = self.waiters.passage(now);
            let to = match self.waiters.held() {
                None => passage.from(now, since.elapsed().min(LONGEST_TICK)),
                Some(true) => self.a_step_from(now, passage),
                Some(false) => now,
            };
            let to = self.waiters.afford(now, to);
            if to > now || matches!(passage, Passage::Leaps(first) if first == now) {
                since = Stopwatch::start();
                self.advance(to.since(now));
                self.waiters.stepped();
            } else if self.waiters.held().is_some() {
                since = Stopwatch::start();
            }
        }
    }

    /// Where one step leads: nowhere while somebody works, else to the next moment at which anything happens.
    fn a_step_from(&self, now: Timestamp, passage: Passage) -> Timestamp {
        let due = self.world.next_event().map(|due| due.max(now));
        match passage {
            Passage::Works => now,
            Passage::Idle => due.unwrap_or_else(|| now.plus(EMPTY_STEP)),
            Passage::Leaps(first) => due.map_or(first, |due| due.min(first)),
        }
    }

    /// Lets a held time take one step, when nobody works any more.
    fn step(&self) -> bool {
        self.waiters.step(PATIENCE)
    }

    async fn drive_scaled(&self, scale: f64) {
        loop {
            self.catch_up();
            let pause = self
                .world
                .next_event()
                .map_or(LONGEST_SLEEP, |due| {
                    due.since(self.scaled(scale))
                        .div_f64(scale.max(f64::EPSILON))
                })
                .clamp(Duration::from_millis(1), LONGEST_SLEEP);
            tokio::select! {
                () = clock::sleep(pause) => {}
                () = self.changed.notified() => {}
            }
        }
    }

    fn scaled(&self, scale: f64) -> Timestamp {
        let passed = self.stopwatch.elapsed().as_secs_f64() * scale * 1000.0;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float-to-int cast saturates"
        )]
        let passed = passed as i64;
        Timestamp::from_millis(self.origin().saturating_add(passed))
    }

    fn advance_to(&self, present: Timestamp) {
        let due = self
            .world
            .next_event()
            .is_some_and(|event| event <= present);
        self.world.advance_to(present);
        if due {
            self.version.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn origin(&self) -> MutexGuard<'_, i64> {
        self.origin.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// World time stands still while this is there ([`crate::Lab::hold`]).
#[derive(Debug)]
pub struct Hold {
    time: Arc<WorldTime>,
}

impl Hold {
    pub(crate) fn new(time: Arc<WorldTime>) -> Self {
        time.waiters.hold(true);
        Self { time }
    }

    /// Goes on to the next moment at which anything happens, once nobody works any more. False when somebody has
    /// worked for half an hour.
    #[must_use]
    pub fn step(&self) -> bool {
        self.time.step()
    }

    /// Waits until nobody works any more: who sleeps then is whom a signal disturbs. `None` when somebody has worked
    /// for half an hour.
    #[must_use]
    pub fn settle(&self) -> Option<Asleep> {
        let time = &self.time;
        let settled = time.waiters.settle(time.now(), PATIENCE);
        settled.then(|| Asleep(time.waiters.sleepers()))
    }

    /// Waits until one who slept no longer does, though no time has passed: its process was told to stop, or is
    /// gone. False when that has not come for half an hour.
    #[must_use]
    pub fn disturbed(&self, asleep: &Asleep) -> bool {
        self.time.waiters.disturbed(&asleep.0, PATIENCE)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.time.waiters.hold(false);
    }
}

/// Who slept at a moment.
#[derive(Clone, Debug)]
pub struct Asleep(Vec<Sleeper>);

/// Requests that somebody sends ([`crate::Lab::visitors`]): at the pace [`Pace::Waited`], time passes no faster than
/// they are answered while this is there, so that a busy machine sees as many of them in a world minute as an idle one.
#[derive(Debug)]
pub struct Visitors {
    time: Arc<WorldTime>,
    worth: Duration,
}

impl Visitors {
    pub(crate) fn new(time: Arc<WorldTime>, worth: Duration) -> Self {
        time.waiters.visitors(true);
        Self { time, worth }
    }

    /// A request is sent: it was answered, or has failed, when the result is dropped.
    #[must_use]
    pub fn visit(&self) -> Visit<'_> {
        Visit {
            request: self.time.waiters.visits(self.time.now()),
            of: self,
        }
    }
}

impl Drop for Visitors {
    fn drop(&mut self) {
        self.time.waiters.visitors(false);
    }
}

/// A request on its way.
#[derive(Debug)]
pub struct Visit<'v> {
    of: &'v Visitors,
    request: u64,
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let Visitors { time, worth } = self.of;
        time.waiters.visited(self.request, *worth);
    }
}

/// World time is ahead of real time by what has passed since then, `scale - 1` times.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "milliseconds of any calendar date fit into 53 bits"
)]
fn origin_of_pace(world: i64, real: i64, scale: f64) -> Option<i64> {
    let ahead = world.saturating_sub(real) as f64;
    let passed = ahead / (scale - 1.0);
    passed
        .is_finite()
        .then(|| real.saturating_sub(passed.round() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_when_both_times_were_the_same() {
        // A minute has passed since 1000 s, at sixty times the pace.
        assert_eq!(origin_of_pace(4_600_000, 1_060_000, 60.0), Some(1_000_000));
        // Time that was advanced by hand by an hour more lets it look as if it had begun earlier.
        let origin = origin_of_pace(8_200_000, 1_060_000, 60.0).unwrap_or_default();
        let shown = origin + (1_060_000 - origin) * 60;
        // A millisecond of the origin is sixty of the world.
        assert!((shown - 8_200_000).abs() <= 60, "{shown}");
        assert_eq!(origin_of_pace(1_000, 1_000, 1.0), None);
    }
}
