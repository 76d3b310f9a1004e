//! The provider: its own configuration, and the list of everything it offers.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::action::DynAction;
use crate::data_source::DynDataSource;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ephemeral::DynEphemeral;
use crate::function::Function;
use crate::list::DynList;
use crate::resource::DynResource;
use crate::schema::Schema;
use crate::value::{Path, Value};

/// A provider. Serve it with [`serve`](crate::transport::serve), or drive it in a test with the simulator of
/// `testing`.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// What configuring makes and every operation gets: usually an API client. Must not hold global locks
    /// across awaits; Terraform runs ten operations at once.
    type Client: Send + Sync + 'static;

    /// The `provider` block. Must not have a block or attribute named like a meta-argument.
    fn schema(&self) -> Schema;

    /// Cross-attribute checks, offline. Unknown values are valid.
    fn validate(&self, config: &Value) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }

    /// Makes the client. During plan the configuration may hold unknown values: that must not fail. Return
    /// [`Configured::waiting_for`] and the first operation that needs the client explains itself.
    ///
    /// # Errors
    ///
    /// When the configuration cannot work. Terraform stops.
    async fn configure(
        &self,
        request: ConfigureRequest,
    ) -> Result<Configured<Self::Client>, Diagnostics>;

    /// An apply or an action begins. What the client has read for plans may be old by now: the apply decides on what it
    /// reads itself.
    fn apply_begins(&self, client: &Self::Client) {
        let _ = client;
    }

    /// Managed resources.
    fn resources(&self) -> Vec<Box<dyn DynResource<Self::Client>>> {
        Vec::new()
    }

    /// Data sources.
    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<Self::Client>>> {
        Vec::new()
    }

    /// Functions (Terraform 1.8+).
    fn functions(&self) -> Vec<Box<dyn Function>> {
        Vec::new()
    }

    /// Ephemeral resources (Terraform 1.10+).
    fn ephemeral_resources(&self) -> Vec<Box<dyn DynEphemeral<Self::Client>>> {
        Vec::new()
    }

    /// List resources for `terraform query` (Terraform 1.14+). Each needs a managed resource of the same type
    /// name with an identity.
    fn list_resources(&self) -> Vec<Box<dyn DynList<Self::Client>>> {
        Vec::new()
    }

    /// Actions (Terraform 1.14+).
    fn actions(&self) -> Vec<Box<dyn DynAction<Self::Client>>> {
        Vec::new()
    }
}

/// What [`Provider::configure`] is given.
#[derive(Clone, Debug)]
pub struct ConfigureRequest {
    /// The `provider` block, an object of the provider schema's type. May hold unknown values during plan.
    pub config: Value,
    /// Version of the command line, `1.11.4` for example. OpenTofu sends its own version.
    pub terraform_version: String,
    /// What this Terraform can do.
    pub capabilities: ClientCapabilities,
    /// Cancelled when the user interrupts Terraform.
    pub cancel: CancellationToken,
}

/// What the calling Terraform can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientCapabilities {
    /// Write-only attributes may be configured (Terraform 1.11+, OpenTofu 1.11+).
    pub write_only_attributes: bool,
}

/// What became of the provider configuration.
#[derive(Debug)]
pub struct Configured<C> {
    pub(crate) outcome: Result<C, Vec<Path>>,
    pub(crate) warnings: Diagnostics,
}

impl<C> Configured<C> {
    /// The client is ready.
    #[must_use]
    pub fn ready(client: C) -> Self {
        Self {
            outcome: Ok(client),
            warnings: Diagnostics::none(),
        }
    }

    /// These attributes are needed and not known yet. Operations that ask for the client fail and name them;
    /// planning that does not need it goes on.
    #[must_use]
    pub fn waiting_for(paths: impl IntoIterator<Item = Path>) -> Self {
        Self {
            outcome: Err(paths.into_iter().collect()),
            warnings: Diagnostics::none(),
        }
    }

    /// Adds a warning.
    #[must_use]
    pub fn warning(mut self, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        self.warnings.push(Diagnostic::warning(summary, detail));
        self
    }
}
