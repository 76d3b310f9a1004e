//! What one connection has configured, and its stop signal.
//!
//! Terraform uses one process and one connection per provider configuration. A provider in debug mode is one
//! process for all of them, so configuration and stop belong to the connection.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::context::{ClientState, Context};
use crate::transport::ConnectionId;

/// How many connections are remembered. Old ones are gone long before; this only bounds memory.
const REMEMBERED: usize = 256;

/// All connections. In-process callers have no connection and share one session.
pub(super) struct Sessions<C> {
    /// Cancelled when the process ends.
    ending: CancellationToken,
    by_connection: Mutex<BTreeMap<Option<ConnectionId>, Session<C>>>,
}

struct Session<C> {
    client: ClientState<C>,
    stop: CancellationToken,
}

impl<C> Sessions<C> {
    pub(super) fn new() -> Self {
        Self {
            ending: CancellationToken::new(),
            by_connection: Mutex::default(),
        }
    }

    /// The surroundings of an operation that starts now.
    pub(super) fn context(
        &self,
        connection: Option<ConnectionId>,
        request_id: String,
    ) -> Context<C> {
        let mut sessions = self.lock();
        let session = sessions.entry(connection).or_insert_with(|| self.fresh());
        Context::new(
            session.client.clone(),
            session.stop.child_token(),
            request_id,
        )
    }

    /// Replaces the configuration. Running operations keep the one they started with.
    pub(super) fn configure(&self, connection: Option<ConnectionId>, client: ClientState<C>) {
        let mut sessions = self.lock();
        sessions
            .entry(connection)
            .or_insert_with(|| self.fresh())
            .client = client;
        while sessions.len() > REMEMBERED {
            sessions.pop_first();
        }
    }

    /// Cancels what is running on a connection; what comes later is served as usual.
    pub(super) fn stop(&self, connection: Option<ConnectionId>) {
        if let Some(session) = self.lock().get_mut(&connection) {
            session.stop.cancel();
            session.stop = self.ending.child_token();
        }
    }

    /// Cancels everything, for good.
    pub(super) fn stop_all(&self) {
        self.ending.cancel();
    }

    fn fresh(&self) -> Session<C> {
        Session {
            client: ClientState::Unconfigured,
            stop: self.ending.child_token(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Option<ConnectionId>, Session<C>>> {
        // Nothing in here can panic half-way, so a poisoned lock holds a sound map.
        self.by_connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
