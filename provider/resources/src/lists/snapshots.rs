//! `switchyard_deployment_snapshot`: the newest snapshot of each service in one place.

use async_trait::async_trait;
use switchyard_engine::ports::{ServiceRef, cluster_name};
use switchyard_engine::snapshot;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::list::{Findings, List, ListRequest};
use tfplugin::resource::Resource as _;
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::{Path, Value};

use super::filter::{ServicesFilter, unread};
use super::whole::{Sighted, hand_over};
use crate::client::Client;
use crate::deployment_snapshot::DeploymentSnapshot;
use crate::region::InRegion;
use crate::snapshots::place::{self, PlaceModel};

/// The listing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeploymentSnapshotList;

/// Finds the Amazon ECS services of which snapshots are stored in a folder or bucket. There is one finding for each
/// service, with the id of its newest snapshot that can be read; each can be imported as a
/// `switchyard_deployment_snapshot`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    #[attr(flatten)]
    pub services: ServicesFilter,
    #[attr(flatten)]
    pub place: PlaceModel,
}

#[async_trait]
impl List<Client> for DeploymentSnapshotList {
    type Filter = Filter;

    fn type_name(&self) -> &'static str {
        DeploymentSnapshot.type_name()
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Filter>(0).code(crate::called::INVALID)
    }

    fn validate(&self, filter: &Filter) -> Diagnostics {
        filter.place.not_both(Path::root()).into_iter().collect()
    }

    async fn list(
        &self,
        context: &Context<Client>,
        request: ListRequest<Filter>,
        found: &mut Findings,
    ) -> Result<(), Diagnostics> {
        let ports = context.client()?.ports();
        let Some(place) = request.filter.place.place() else {
            return Err(Diagnostics::bug(
                "listing snapshots",
                "a part of the configuration is unknown",
            ));
        };
        let mut sighted = Vec::new();
        for service in request.filter.services.services(ports).await? {
            if request.limit.is_some_and(|limit| sighted.len() >= limit) {
                break;
            }
            let name = ServiceRef {
                cluster: service.cluster_arn.clone(),
                name: service.name.clone(),
            };
            let newest = async {
                let names = snapshot::names_own(ports, &place, &name).await?;
                snapshot::newest(ports, &place, &name, &names, |it| it.content.is_ok()).await
            };
            let newest = newest.await.map_err(|error| {
                unread(&format!("Snapshots of service `{}`", name.name), &error)
            })?;
            let Some(newest) = newest else { continue };
            let cluster = cluster_name(&name.cluster);
            sighted.push(Sighted {
                identity: Value::object([
                    ("cluster", Value::from(cluster)),
                    ("place", Value::from(place::to_text(&place))),
                    ("service", Value::from(name.name.as_str())),
                    ("snapshot_id", Value::Null),
                ]),
                name: format!("{cluster}/{} ({})", name.name, newest.id),
            });
        }
        hand_over(
            &InRegion(DeploymentSnapshot),
            context,
            request.with_objects,
            sighted,
            found,
        )
        .await;
        Ok(())
    }
}
