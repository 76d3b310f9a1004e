//! What can be written, and what it holds.

use switchyard_engine::ports::ServiceRef;
use tfplugin::schema::Attributes;
use tfplugin::schema::validators::{between, not_empty};
use tfplugin::value::Attr;

/// How many tasks an Amazon ECS service runs.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Cluster name or ARN.
    #[attr(required, requires_replace, validate(not_empty()))]
    pub cluster: Attr<String>,
    /// Name of the service, which has to exist.
    #[attr(required, requires_replace, validate(not_empty()))]
    pub service: Attr<String>,
    /// Number of tasks.
    #[attr(default = 1, validate(between(0, 5000)))]
    pub desired_count: Attr<i64>,
    /// `CLUSTER/SERVICE`.
    #[attr(computed)]
    pub id: Attr<String>,
}

impl Model {
    /// The service; `None` while part of it is unknown.
    pub(super) fn service_ref(&self) -> Option<ServiceRef> {
        Some(ServiceRef {
            cluster: self.cluster.known()?.clone(),
            name: self.service.known()?.clone(),
        })
    }

    /// With what follows from the rest.
    pub(super) fn named(self) -> Self {
        let id = self
            .service_ref()
            .map(|service| format!("{}/{}", service.cluster_name(), service.name));
        Self {
            id: id.map_or(Attr::Unknown, Attr::Known),
            ..self
        }
    }
}
