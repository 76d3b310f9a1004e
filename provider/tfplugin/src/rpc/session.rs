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
    known: Mutex<Known<C>>,
}

struct Known<C> {
    by_connection: BTreeMap<Option<ConnectionId>, Session<C>>,
    /// The last configuration of all. A connection that was lost and opened again goes on with it.
    latest: ClientState<C>,
}

struct Session<C> {
    client: ClientState<C>,
    stop: CancellationToken,
}

impl<C> Sessions<C> {
    pub(super) fn new() -> Self {
        let known = Known {
            by_connection: BTreeMap::new(),
            latest: ClientState::Unconfigured,
        };
        Self {
            ending: CancellationToken::new(),
            known: Mutex::new(known),
        }
    }

    /// The surroundings of an operation that starts now.
    pub(super) fn context(
        &self,
        connection: Option<ConnectionId>,
        request_id: String,
    ) -> Context<C> {
        let mut known = self.lock();
        let session = known.session(connection, &self.ending);
        Context::new(
            session.client.clone(),
            session.stop.child_token(),
            request_id,
        )
    }

    /// Replaces the configuration. Running operations keep the one they started with.
    pub(super) fn configure(&self, connection: Option<ConnectionId>, client: ClientState<C>) {
        let mut known = self.lock();
        known.latest = client.clone();
        known.session(connection, &self.ending).client = client;
    }

    /// Cancels what is running on a connection; what comes later is served as usual.
    pub(super) fn stop(&self, connection: Option<ConnectionId>) {
        let mut known = self.lock();
        let session = known.session(connection, &self.ending);
        session.stop.cancel();
        session.stop = self.ending.child_token();
    }

    /// Cancels what is running on every connection; what comes later is served as usual.
    pub(super) fn stop_each(&self) {
        for session in self.lock().by_connection.values_mut() {
            session.stop.cancel();
            session.stop = self.ending.child_token();
        }
    }

    /// Cancels everything, for good.
    pub(super) fn stop_all(&self) {
        self.ending.cancel();
    }

    fn lock(&self) -> MutexGuard<'_, Known<C>> {
        // Nothing in here can panic half-way, so a poisoned lock holds a sound map.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> Known<C> {
    fn session(
        &mut self,
        connection: Option<ConnectionId>,
        ending: &CancellationToken,
    ) -> &mut Session<C> {
        while self.by_connection.len() >= REMEMBERED
            && !self.by_connection.contains_key(&connection)
        {
            self.by_connection.pop_first();
        }
        let latest = &self.latest;
        self.by_connection
            .entry(connection)
            .or_insert_with(|| Session {
                client: latest.clone(),
                stop: ending.child_token(),
            })
    }
}
