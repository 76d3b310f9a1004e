//! What the crate already has.

use async_trait::async_trait;
use switchyard_engine::ports::Ports;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::provider::{ConfigureRequest, Configured, Provider};
use tfplugin::resource::DynResource;
use tfplugin::schema::Schema;

use crate::client::Client;
use crate::service_size::ServiceSize;

/// A provider with these ports.
pub(crate) struct Example(pub(crate) Ports);

#[async_trait]
impl Provider for Example {
    type Client = Client;

    fn schema(&self) -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, _: ConfigureRequest) -> Result<Configured<Client>, Diagnostics> {
        Ok(Configured::ready(Client::new(self.0.clone())))
    }

    fn resources(&self) -> Vec<Box<dyn DynResource<Client>>> {
        vec![Box::new(ServiceSize)]
    }
}
