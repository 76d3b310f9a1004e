//! The real clock.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use switchyard_engine::ports::Clock;

/// Real time, or a multiple of it.
///
/// Against an endpoint whose time runs faster than real time (`switchyard-lab --time-scale`), waits and
/// deadlines must run faster by the same factor; `SWITCHYARD_TIME_SCALE` says how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScaledClock {
    started: Instant,
    started_at: Timestamp,
    scale: f64,
}

impl ScaledClock {
    /// A clock that starts at the real time now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter behind the Clock port"
    )]
    pub(crate) fn new(scale: f64) -> Self {
        Self {
            started: Instant::now(),
            started_at: Timestamp::now(),
            scale,
        }
    }
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
        let clock = ScaledClock::new(1e9);
        let start = clock.now();
        while clock.now() == start {}
        assert!(clock.now().duration_since(start) > SignedDuration::ZERO);
    }
}
