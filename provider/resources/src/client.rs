//! What every operation gets.

use std::sync::Arc;

use switchyard_engine::ports::Ports;

use crate::claims::Claims;
use crate::listener_rule::MadeRules;
use crate::tags::Tags;

/// What every operation gets: the ports to AWS and the provider's default tags.
#[derive(Clone, Debug)]
pub struct Client {
    ports: Ports,
    default_tags: Tags,
    claims: Arc<Claims>,
    made_rules: Arc<MadeRules>,
}

impl Client {
    /// A client; `default_tags` are added to everything that has tags.
    pub fn new(ports: Ports, default_tags: Tags) -> Self {
        Self {
            ports,
            default_tags,
            claims: Arc::default(),
            made_rules: Arc::default(),
        }
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.ports
    }

    pub(crate) fn default_tags(&self) -> &Tags {
        &self.default_tags
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    pub(crate) fn made_rules(&self) -> &MadeRules {
        &self.made_rules
    }
}
