//! The server: Terraform's calls, one file per family. Each handler decodes, calls, encodes; everything
//! else lives in the pipeline.
//!
//! | file | calls |
//! |---|---|
//! | `service` | the gRPC trait: which handler answers which call |
//! | `provider` | schema, metadata, configuration, stop |
//! | `resource` | managed resources |
//! | `data_source`, `function`, `ephemeral`, `list`, `action` | their own |
//! | `early` | calls before the provider's configuration is known |
//! | `run` | running a handler: own task, span, panic to diagnostic |
//! | `session` | what one connection has configured, and its stop signal |
//! | `catalog` | everything the provider offers, by name |
//! | `codec` | values to and from messages |
//! | `question` | what all calls have in common |
//!
//! State stores are experimental in every Terraform so far and are answered with UNIMPLEMENTED.

mod action;
pub(crate) mod catalog;
mod codec;
mod data_source;
mod early;
mod ephemeral;
mod function;
mod list;
mod provider;
mod question;
mod resource;
mod run;
mod service;
mod session;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio_util::task::TaskTracker;

use crate::provider::Provider;
use crate::transport::Purpose;
use catalog::Catalog;
use session::Sessions;

/// Serves a [`Provider`] over Terraform's protocol. Give it to [`serve`](crate::transport::serve).
#[derive(Debug)]
pub struct Server<P: Provider>(Arc<Shared<P>>);

impl<P: Provider> Clone for Server<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// What all handlers share.
struct Shared<P: Provider> {
    provider: P,
    purpose: Purpose,
    catalog: Catalog<P::Client>,
    sessions: Sessions<P::Client>,
    /// Every running operation; they outlive the calls that started them.
    operations: TaskTracker,
    last_request: AtomicU64,
}

impl<P: Provider> std::fmt::Debug for Shared<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("catalog", &self.catalog)
            .finish_non_exhaustive()
    }
}

impl<P: Provider> Server<P> {
    /// A server for a provider. The schemas are built here, once. What is wrong with them is reported when
    /// Terraform asks for them, because nothing earlier can carry a message.
    #[must_use]
    pub fn new(provider: P) -> Self {
        Self::with_purpose(provider, Purpose::Any)
    }

    /// A server for one run of Terraform. In a run that destroys, no resource is asked to judge its configuration: that
    /// plan is thrown away, and an error in it would stop the destruction.
    #[must_use]
    pub fn with_purpose(provider: P, purpose: Purpose) -> Self {
        let catalog = Catalog::new(&provider);
        let operations = TaskTracker::new();
        // A closed tracker still takes tasks; closing lets `idle` resolve.
        operations.close();
        Self(Arc::new(Shared {
            provider,
            purpose,
            catalog,
            sessions: Sessions::new(),
            operations,
            last_request: AtomicU64::new(0),
        }))
    }
}

impl<P: Provider> Server<P> {
    /// What the provider offers, for the simulator.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn catalog(&self) -> &Catalog<P::Client> {
        &self.0.catalog
    }
}

#[async_trait::async_trait]
impl<P: Provider> crate::transport::Service for Server<P> {
    fn cancel(&self) {
        self.0.sessions.stop_each();
    }

    fn stop(&self) {
        self.0.sessions.stop_all();
    }

    async fn idle(&self) {
        self.0.operations.wait().await;
    }
}
