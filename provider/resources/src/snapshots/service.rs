//! Whose snapshots: cluster and service, as users write them.

use switchyard_engine::ports::{Place, ServiceRef};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::schema::validators::{not_empty, string};
use tfplugin::schema::{Attributes, Validator};
use tfplugin::value::Attr;

use super::place::PlaceModel;
use crate::names;

/// `cluster` and `service`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ServiceModel {
    /// Cluster name or ARN.
    #[attr(required, validate(not_empty()))]
    pub cluster: Attr<String>,
    /// Name of the service.
    #[attr(required, validate(service_name()))]
    pub service: Attr<String>,
}

impl ServiceModel {
    /// The service; `None` while part of it is unknown.
    pub(crate) fn service_ref(&self) -> Option<ServiceRef> {
        names::service_ref(&self.cluster, &self.service)
    }
}

fn service_name() -> impl Validator + Clone {
    string("must be the name of a service, not an ARN", is_service_name)
}

/// Whether this can be a service's name.
pub(crate) fn is_service_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', ':'])
}

/// Service and place of a data source, whose configuration is wholly known.
///
/// # Errors
/// A bug: something is unknown.
pub(super) fn with_place(
    of: &ServiceModel,
    at: &PlaceModel,
) -> Result<(ServiceRef, Place), Diagnostics> {
    match (of.service_ref(), at.place()) {
        (Some(service), Some(place)) => Ok((service, place)),
        (None, _) | (_, None) => Err(Diagnostics::bug(
            "reading snapshots",
            "a part of the configuration is unknown",
        )),
    }
}
