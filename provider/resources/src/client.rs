//! What every operation gets.

use std::sync::Arc;

use switchyard_engine::ports::Ports;
use switchyard_notify::Target;

use crate::claims::Claims;
use crate::listener_rule::MadeRules;
use crate::tags::Tagging;

/// What every operation gets: the ports to AWS and what the provider block says about tags.
#[derive(Clone, Debug)]
pub struct Client {
    ports: Ports,
    tagging: Tagging,
    freeze_override: Option<String>,
    targets: Vec<Target>,
    metrics_namespace: Option<String>,
    claims: Arc<Claims>,
    made_rules: Arc<MadeRules>,
}

impl Client {
    /// A client.
    pub fn new(ports: Ports, tagging: Tagging) -> Self {
        Self {
            ports,
            tagging,
            freeze_override: None,
            targets: Vec::new(),
            metrics_namespace: None,
            claims: Arc::default(),
            made_rules: Arc::default(),
        }
    }

    /// Deployments go on in spite of a freeze, for this reason.
    #[must_use]
    pub fn overriding_freezes(mut self, reason: Option<String>) -> Self {
        self.freeze_override = reason;
        self
    }

    /// Who is told of deployments whose service names nobody.
    #[must_use]
    pub fn telling(mut self, targets: Vec<Target>) -> Self {
        self.targets = targets;
        self
    }

    /// Each deployment is measured in this namespace of CloudWatch.
    #[must_use]
    pub fn measuring(mut self, namespace: Option<String>) -> Self {
        self.metrics_namespace = namespace;
        self
    }

    pub(crate) fn targets(&self) -> &[Target] {
        &self.targets
    }

    pub(crate) fn metrics_namespace(&self) -> Option<&str> {
        self.metrics_namespace.as_deref()
    }

    pub(crate) fn freeze_override(&self) -> Option<&str> {
        self.freeze_override.as_deref()
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.ports
    }

    pub(crate) fn tagging(&self) -> &Tagging {
        &self.tagging
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    pub(crate) fn made_rules(&self) -> &MadeRules {
        &self.made_rules
    }
}
