//! Real time.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use switchyard_engine::ports::Clock;

/// Real time, or a multiple of it.
///
/// Against an endpoint whose time runs faster than real time (`switchyard-lab --time-scale`), waits and
/// deadlines must run faster by the same factor; `SWITCHYARD_TIME_SCALE` says how much, and `SWITCHYARD_TIME_ORIGIN`
/// when both times were the same, so that times read there (periods of metrics, tasks that stopped) can be compared
/// with ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScaledClock {
    started: Instant,
    started_at: Timestamp,
    scale: f64,
}

impl ScaledClock {
    /// A clock that shows real time at `origin`; without one, now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter behind the Clock port"
    )]
    pub(crate) fn new(scale: f64, origin: Option<Timestamp>) -> Self {
        let now = Timestamp::now();
        Self {
            started: Instant::now(),
            started_at: origin.map_or(now, |origin| scaled(origin, now, scale)),
            scale,
        }
    }
}

/// What a clock of this scale shows at real time `now`, having shown real time at `origin`.
fn scaled(origin: Timestamp, now: Timestamp, scale: f64) -> Timestamp {
    let passed = now.duration_since(origin).as_secs_f64() * scale;
    let passed = SignedDuration::try_from_secs_f64(passed).ok();
    passed
        .and_then(|passed| origin.checked_add(passed).ok())
        .unwrap_or(now)
}

#[async_trait]
impl Clock for ScaledClock {
    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.started.elapsed().mul_f64(self.scale));
        let now = elapsed
            .ok()
            .and_then(|elapsed| self.started_at.checked_add(elapsed).ok());
        now.unwrap_or(Timestamp::MAX)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter behind the Clock port"
    )]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.scale)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_time_passes_faster() {
        let clock = ScaledClock::new(1e9, None);
        let start = clock.now();
        while clock.now() == start {}
        assert!(clock.now().duration_since(start) > SignedDuration::ZERO);
    }

    #[test]
    fn a_clock_with_an_origin_has_run_since_then() {
        let origin: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let now: Timestamp = "2026-03-01T10:01:30Z".parse().unwrap();
        let shown: Timestamp = "2026-03-01T11:30:00Z".parse().unwrap();
        assert_eq!(scaled(origin, now, 60.0), shown);
        assert_eq!(scaled(origin, now, 1.0), now);
        let past = Timestamp::from_second(0).unwrap();
        assert!(ScaledClock::new(2.0, Some(past)).now() > ScaledClock::new(1.0, None).now());
    }
}
