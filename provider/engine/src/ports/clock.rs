//! Time as a port.

use std::time::Duration;

use jiff::Timestamp;

/// The only source of time. The real one lives in the composition root; tests use the world's.
#[async_trait::async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// Returns after `duration` of this clock's time.
    async fn sleep(&self, duration: Duration);
}
