//! Loopback sockets that are opened once each and close when what they stand for is gone.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ProxyBody;
use crate::front::Hangup;
use crate::server;

#[derive(Debug)]
pub(super) struct Sockets<K> {
    open: Mutex<HashMap<K, Socket>>,
    stop: CancellationToken,
    tracker: TaskTracker,
    // Whoever looks at the addresses need not run on the lab's runtime.
    runtime: Handle,
}

#[derive(Debug)]
struct Socket {
    address: SocketAddr,
    stop: CancellationToken,
}

impl<K: Eq + Hash> Sockets<K> {
    pub(super) fn new(stop: CancellationToken, tracker: TaskTracker, runtime: Handle) -> Self {
        Self {
            open: Mutex::default(),
            stop,
            tracker,
            runtime,
        }
    }

    /// The address of the socket for `key`; opens it with the service `answer` builds.
    pub(super) fn open<S, F>(&self, key: K, answer: impl FnOnce() -> S) -> io::Result<SocketAddr>
    where
        S: Fn(SocketAddr, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response<ProxyBody>, Hangup>> + Send + 'static,
    {
        let mut open = self.lock();
        if let Some(socket) = open.get(&key) {
            return Ok(socket.address);
        }
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = {
            let _registered_here = self.runtime.enter();
            TcpListener::from_std(listener)?
        };
        let stop = self.stop.child_token();
        let serving = server::serve(listener, stop.clone(), self.tracker.clone(), answer());
        self.tracker.spawn_on(serving, &self.runtime);
        open.insert(key, Socket { address, stop });
        Ok(address)
    }

    /// Closes every socket whose key is not kept.
    pub(super) fn retain(&self, keep: impl Fn(&K) -> bool) {
        self.lock().retain(|key, socket| {
            let kept = keep(key);
            if !kept {
                socket.stop.cancel();
            }
            kept
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Socket>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
