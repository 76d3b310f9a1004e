//! Which services a listing is about.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::ports::{Error, ErrorKind, Ports, Service, ServiceStatus, cluster_name};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::schema::Attributes;
use tfplugin::schema::validators::{each, items_at_least, not_empty};
use tfplugin::value::{Attr, Path};

use crate::called;

/// `clusters`, `name_prefix` and `tags`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ServicesFilter {
    /// Names or ARNs of clusters. Defaults to all clusters of the region.
    #[attr(optional, validate(items_at_least(1), each(not_empty())))]
    pub clusters: Attr<BTreeSet<String>>,
    /// Only services whose names begin like this.
    #[attr(optional, validate(not_empty()))]
    pub name_prefix: Attr<String>,
    /// Only services that have all of these tags, with these values.
    #[attr(optional)]
    pub tags: Attr<BTreeMap<String, String>>,
}

impl ServicesFilter {
    /// The services, by cluster and name.
    ///
    /// # Errors
    /// A cluster does not exist, or something cannot be read.
    pub(super) async fn services(&self, ports: &Ports) -> Result<Vec<Service>, Diagnostics> {
        let clusters: BTreeSet<String> = match &self.clusters {
            Attr::Known(clusters) => clusters.clone(),
            Attr::Null | Attr::Unknown => {
                let found = ports.services.list_clusters().await;
                let found = found.map_err(|error| unread("The clusters of the region", &error))?;
                found.into_iter().collect()
            }
        };
        let mut services = Vec::new();
        for cluster in &clusters {
            let mut found = match ports.services.list_services(cluster).await {
                Ok(found) => found,
                Err(error) if error.kind == ErrorKind::NotFound => {
                    return Err(no_cluster(cluster).into());
                }
                Err(error) => {
                    let what = format!("The services of cluster `{}`", cluster_name(cluster));
                    return Err(unread(&what, &error));
                }
            };
            found.retain(|service| self.fits(service));
            found.sort_by(|one, other| one.name.cmp(&other.name));
            services.extend(found);
        }
        Ok(services)
    }

    fn fits(&self, service: &Service) -> bool {
        let has_tag = |(key, value): (&String, &String)| service.tags.get(key) == Some(value);
        // Under the controller of a name that this build does not know there may be anything.
        service.status == ServiceStatus::Active
            && self
                .name_prefix
                .known()
                .is_none_or(|prefix| service.name.starts_with(prefix.as_str()))
            && self
                .tags
                .known()
                .is_none_or(|tags| tags.iter().all(has_tag))
    }
}

fn no_cluster(cluster: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Cluster `{}` does not exist", cluster_name(cluster)),
        "Nothing was listed of it.\n\nCorrect its name, the region or the account. Rule SY0101.",
    )
    .at(Path::root().attribute("clusters"))
}

pub(super) fn unread(what: &str, error: &Error) -> Diagnostics {
    called::unreadable(what, error).into()
}
