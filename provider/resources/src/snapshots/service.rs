//! Whose snapshots: cluster and service, as users write them.

use switchyard_engine::ports::{Place, ServiceRef};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::schema::Attribute;
use tfplugin::schema::validators::{not_empty, string};
use tfplugin::value::Attr;

use super::place::{self, BucketModel};
use crate::names;

/// `cluster`; a resource adds when it replaces.
pub(crate) fn cluster() -> Attribute {
    Attribute::string("cluster")
        .required()
        .validator(not_empty())
        .description("Cluster name or ARN.")
}

/// `service`; a resource adds when it replaces.
pub(crate) fn service() -> Attribute {
    Attribute::string("service")
        .required()
        .validator(string(
            "must be the name of a service, not an ARN",
            is_service_name,
        ))
        .description("Name of the service.")
}

/// Whether this can be a service's name.
pub(crate) fn is_service_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', ':'])
}

/// The service; `None` while part of it is unknown.
pub(crate) fn service_ref(cluster: &Attr<String>, service: &Attr<String>) -> Option<ServiceRef> {
    Some(ServiceRef {
        cluster: names::cluster_name(cluster.known()?).to_owned(),
        name: service.known()?.clone(),
    })
}

/// Service and place of a data source, whose configuration is wholly known.
///
/// # Errors
/// A bug: something is unknown.
pub(super) fn with_place(
    cluster: &Attr<String>,
    service: &Attr<String>,
    folder: &Attr<String>,
    bucket: &Attr<BucketModel>,
) -> Result<(ServiceRef, Place), Diagnostics> {
    match (service_ref(cluster, service), place::place(folder, bucket)) {
        (Some(service), Some(place)) => Ok((service, place)),
        (None, _) | (_, None) => Err(Diagnostics::bug(
            "reading snapshots",
            "a part of the configuration is unknown",
        )),
    }
}
