//! World time: paused, or a multiple of real time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use switchyard_world::{Timestamp, World};
use tokio::sync::Notify;

use crate::clock::{self, Stopwatch};

/// Longest real time the driver sleeps without looking whether the world has something new to do.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// How world time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Only [`crate::Lab::advance`] (or `POST /_lab/advance`) moves time.
    Paused,
    /// So many world seconds pass in a real second.
    Scaled(f64),
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
        }
    }

    pub(crate) fn pace(&self) -> Pace {
        self.pace
    }

    /// When world time was real time, for whoever computes one from the other: a clock that showed this moment
    /// at this moment and has run at the pace since then shows world time now. `None` while time is paused, or
    /// runs at the pace of real time.
    pub(crate) fn origin_of_pace(&self) -> Option<Timestamp> {
        let Pace::Scaled(scale) = self.pace else {
            return None;
        };
        origin_of_pace(self.scaled(scale).millis(), clock::unix_millis(), scale)
            .map(Timestamp::from_millis)
    }

    /// Brings the world to the present: everything due happens.
    pub(crate) fn catch_up(&self) {
        let present = match self.pace {
            Pace::Paused => Timestamp::from_millis(*self.origin()),
            Pace::Scaled(scale) => self.scaled(scale),
        };
        self.advance_to(present);
    }

    /// Moves world time on by hand, at any pace.
    pub(crate) fn advance(&self, by: Duration) {
        {
            let mut origin = self.origin();
            *origin = origin.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        }
        self.catch_up();
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

    /// Keeps a scaled world moving between calls; never returns. A paused world needs no driver.
    pub(crate) async fn drive(&self) {
        let Pace::Scaled(scale) = self.pace else {
            return std::future::pending().await;
        };
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
