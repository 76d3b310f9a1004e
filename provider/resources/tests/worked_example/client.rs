//! What every operation is given, as the crate already has it.

use switchyard_engine::ports::Ports;

/// The ports to AWS.
#[derive(Clone, Debug)]
pub(crate) struct Client(Ports);

impl Client {
    pub(crate) fn new(ports: Ports) -> Self {
        Self(ports)
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.0
    }
}
