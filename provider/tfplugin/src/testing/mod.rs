//! An in-process Terraform for tests of providers.
//!
//! [`Simulator`] makes the calls Terraform makes, in its order, without a socket or a process: it merges
//! configuration and state, plans, plans again during apply, applies, records what comes back by Terraform's
//! rules (partial state, taint, private data), and reads and plans once more to see that nothing is left to
//! do. Every answer is held against Terraform's own checks; a broken rule is an error with Terraform's words.
//!
//! ```
//! # use tfplugin::{async_trait, provider::*, diagnostic::Diagnostics, schema::Schema};
//! # struct Empty;
//! # #[async_trait]
//! # impl Provider for Empty {
//! #     type Client = ();
//! #     fn schema(&self) -> Schema { Schema::new(0) }
//! #     async fn configure(&self, _: ConfigureRequest) -> Result<Configured<()>, Diagnostics> {
//! #         Ok(Configured::ready(()))
//! #     }
//! # }
//! use tfplugin::testing::Simulator;
//! use tfplugin::value::Value;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let terraform = Simulator::new(Empty);
//! assert!(terraform.configure(Value::object::<&str, Value>([])).await.is_empty());
//! // let made = terraform.apply("example_note.a", Value::object([("title", "hello")])).await;
//! // assert!(made.diagnostics.is_empty(), "{}", made.diagnostics);
//! # }
//! ```

mod calls;
mod config;
mod extras;
mod lifecycle;
mod outcome;
mod planning;
#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tfplugin_proto::tfplugin6 as proto;
use tfplugin_proto::tfplugin6::provider_server::Provider as _;
use tonic::Request;

use crate::diagnostic::Diagnostics;
use crate::provider::Provider;
use crate::rpc::Server;
use crate::value::Value;

pub use crate::transport::handshake;
pub use config::complete;
pub use extras::{Invocation, Lease, Listed};
pub use outcome::{ApplyResult, Plan, PlannedAction};

/// An in-process Terraform around one provider. Cheap to clone; clones share the state, so that operations
/// on different objects, or a [`stop`](Self::stop), can run side by side.
#[derive(Debug)]
pub struct Simulator<P: Provider> {
    server: Server<P>,
    world: Arc<Mutex<World>>,
}

impl<P: Provider> Clone for Simulator<P> {
    fn clone(&self) -> Self {
        Self {
            server: self.server.clone(),
            world: Arc::clone(&self.world),
        }
    }
}

/// What Terraform remembers.
#[derive(Debug)]
struct World {
    objects: BTreeMap<String, Object>,
    capabilities: proto::ClientCapabilities,
}

/// One object in the state file.
#[derive(Clone, Debug, Default)]
struct Object {
    /// The attributes as JSON, as the state file has them.
    json: Vec<u8>,
    schema_version: i64,
    private: Vec<u8>,
    /// The identity as JSON with the version of its schema.
    identity: Option<(Vec<u8>, i64)>,
    tainted: bool,
}

impl<P: Provider> Simulator<P> {
    /// A newly started Terraform with an empty state.
    #[must_use]
    pub fn new(provider: P) -> Self {
        Self::with_server(Server::new(provider))
    }

    /// The same around a server that exists.
    #[must_use]
    pub fn with_server(server: Server<P>) -> Self {
        let capabilities = proto::ClientCapabilities {
            write_only_attributes_allowed: true,
            ..proto::ClientCapabilities::default()
        };
        let world = World {
            objects: BTreeMap::new(),
            capabilities,
        };
        Self {
            server,
            world: Arc::new(Mutex::new(world)),
        }
    }

    /// Behaves like a Terraform older than 1.11, which would store write-only values.
    #[must_use]
    pub fn without_write_only(self) -> Self {
        self.world().capabilities.write_only_attributes_allowed = false;
        self
    }

    /// The server under test.
    #[must_use]
    pub fn server(&self) -> &Server<P> {
        &self.server
    }

    /// What is wrong with the provider's schemas; Terraform would refuse to load them.
    #[must_use]
    pub fn schema_problems(&self) -> Diagnostics {
        self.server.catalog().problems.clone()
    }

    /// Validates and configures the provider. Attributes may be left out of `config`.
    pub async fn configure(&self, config: Value) -> Diagnostics {
        let catalog = self.server.catalog();
        let config = complete(&catalog.provider.block, config);
        let encoded = match calls::encode(&config, &catalog.provider_type) {
            Ok(encoded) => encoded,
            Err(diagnostics) => return diagnostics,
        };
        let request = proto::validate_provider_config::Request {
            config: encoded.clone(),
        };
        let mut diagnostics =
            match calls::ask(self.server.validate_provider_config(Request::new(request))).await {
                Ok(answer) => calls::diagnostics(answer.diagnostics),
                Err(failure) => return failure,
            };
        if diagnostics.has_errors() {
            return diagnostics;
        }
        let request = proto::configure_provider::Request {
            terraform_version: "1.15.0".to_owned(),
            config: encoded,
            client_capabilities: Some(self.world().capabilities),
        };
        match calls::ask(self.server.configure_provider(Request::new(request))).await {
            Ok(answer) => diagnostics.extend(calls::diagnostics(answer.diagnostics)),
            Err(failure) => diagnostics.extend(failure),
        }
        diagnostics
    }

    /// Interrupts what is running, as Ctrl-C does.
    pub async fn stop(&self) -> Diagnostics {
        let request = Request::new(proto::stop_provider::Request::default());
        calls::ask(self.server.stop_provider(request))
            .await
            .err()
            .unwrap_or_default()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The resource type of an address: `example_note` of `example_note.a`.
fn type_of(address: &str) -> &str {
    address
        .split_once('.')
        .map_or(address, |(type_name, _)| type_name)
}
