//! What the transport serves, and its limits.

use std::time::Duration;

use async_trait::async_trait;
use tfplugin_proto::tfplugin6::provider_server::Provider;

/// How long a process that was asked to end may still work. go-plugin kills after two seconds; this
/// stays clear of that.
pub const GRACE: Duration = Duration::from_millis(1_400);

/// Largest message in either direction, in bytes. The Go reference servers use the same; tonic's own
/// 4 MiB would refuse large states.
pub const MESSAGE_LIMIT: usize = 256 << 20;

/// What the transport serves: the provider service, and the three things a process must know to end well.
#[async_trait]
pub trait Service: Provider {
    /// Asks every operation that is running now to finish early. The process goes on: the answers are
    /// wanted, and what is asked later is served as usual.
    fn cancel(&self);

    /// Asks every running operation to finish early. The process is about to end; the answers of
    /// operations that finish within [`GRACE`] still go out.
    fn stop(&self);

    /// Resolves when no operation is running. A call whose connection was lost is dropped, the operation
    /// behind it may go on; the process waits for it, but no longer than [`GRACE`].
    async fn idle(&self) {}
}
