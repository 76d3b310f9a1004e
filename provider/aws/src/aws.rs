//! The way in: what a program that talks to AWS makes first.

use std::fmt;
use std::sync::Arc;

use switchyard_engine::ports::{Clock, Inspection, Inventory, Metrics, Notices, Ports, Probes};

use crate::adapter;
use crate::call::Caller;
use crate::config::AwsConfig;
use crate::connection::Connection;
use crate::problem::Problem;

/// A configured way to AWS. Cheap to make and to clone; nothing happens before the first call.
#[derive(Clone)]
pub struct Aws(Arc<Connection>);

impl Aws {
    /// Remembers `config`. No network, no disk, no certificate roots: all that comes with the first
    /// call, and so do its failures. [`AwsConfig::check`] finds contradictions before.
    pub fn connect(config: AwsConfig) -> Self {
        Self(Arc::new(Connection::new(config)))
    }

    /// The engine's ports over this connection, with the given clock and probes. Batches, rate limits
    /// and caches belong to the returned bundle: make one and clone it. Receivers of notifications are reached as
    /// `probes` reaches gates, until another way is put there.
    pub fn ports(&self, clock: Arc<dyn Clock>, probes: Arc<dyn Probes>) -> Ports {
        adapter::ports(Caller::new(Arc::clone(&self.0), clock), probes)
    }

    /// Only the port of metrics, for a program that needs no other.
    pub fn metrics(&self, clock: Arc<dyn Clock>) -> Arc<dyn Metrics> {
        adapter::metrics(&Caller::new(Arc::clone(&self.0), clock))
    }

    /// Only the port of notices, for a program that needs no other.
    pub fn notices(&self, clock: Arc<dyn Clock>) -> Arc<dyn Notices> {
        adapter::notices(&Caller::new(Arc::clone(&self.0), clock))
    }

    /// The port of what people look at and an apply does not.
    pub fn inspection(&self, clock: Arc<dyn Clock>) -> Arc<dyn Inspection> {
        adapter::inspection(&Caller::new(Arc::clone(&self.0), clock))
    }

    /// The port of what exists, whoever made it.
    pub fn inventory(&self, clock: Arc<dyn Clock>) -> Arc<dyn Inventory> {
        adapter::inventory(&Caller::new(Arc::clone(&self.0), clock))
    }

    /// Finds out now whether region and profile are there: reads the shared files, calls nobody.
    ///
    /// # Errors
    /// What the first call would fail with.
    pub async fn prepare(&self) -> Result<(), Problem> {
        self.0.prepare().await
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Aws").field(self.0.config()).finish()
    }
}
