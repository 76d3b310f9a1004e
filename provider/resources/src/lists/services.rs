//! `switchyard_blue_green_service`: the services of clusters.

use async_trait::async_trait;
use switchyard_engine::ports::cluster_name;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::list::{Findings, List, ListRequest};
use tfplugin::resource::Resource as _;
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::Value;

use super::filter::ServicesFilter;
use super::whole::{Sighted, hand_over};
use crate::blue_green_service::BlueGreenService;
use crate::client::Client;
use crate::region::InRegion;

/// The listing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BlueGreenServices;

/// Finds the Amazon ECS services of clusters, whoever made them. Each can be imported as a
/// `switchyard_blue_green_service`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    #[attr(flatten)]
    pub services: ServicesFilter,
}

#[async_trait]
impl List<Client> for BlueGreenServices {
    type Filter = Filter;

    fn type_name(&self) -> &'static str {
        BlueGreenService.type_name()
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Filter>(0).code(crate::called::INVALID)
    }

    async fn list(
        &self,
        context: &Context<Client>,
        request: ListRequest<Filter>,
        found: &mut Findings,
    ) -> Result<(), Diagnostics> {
        let services = request.filter.services.services(context.client()?.ports());
        let sighted = services.await?.into_iter().map(|service| {
            let cluster = cluster_name(&service.cluster_arn);
            Sighted {
                identity: Value::object([("cluster", cluster), ("name", service.name.as_str())]),
                name: format!("{cluster}/{}", service.name),
            }
        });
        let sighted = sighted.take(request.limit.unwrap_or(usize::MAX)).collect();
        hand_over(
            &InRegion(BlueGreenService),
            context,
            request.with_objects,
            sighted,
            found,
        )
        .await;
        Ok(())
    }
}
