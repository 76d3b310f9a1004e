//! `switchyard_scaling_policy_set`: the automatic scaling of services.

use async_trait::async_trait;
use futures::future::try_join_all;
use switchyard_engine::ports::{ServiceRef, cluster_name};
use switchyard_operate::find_scaled;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::list::{Findings, List, ListRequest};
use tfplugin::resource::Resource as _;
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::Value;

use super::filter::{ServicesFilter, unread};
use super::whole::{Sighted, hand_over};
use crate::client::Client;
use crate::region::InRegion;
use crate::scaling_policy_set::ScalingPolicySet;

/// The listing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ScalingPolicySets;

/// Finds the automatic scaling of Amazon ECS services: those with a scaling policy or a scheduled action in Application
/// Auto Scaling, whoever made it. Each can be imported as a `switchyard_scaling_policy_set`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    #[attr(flatten)]
    pub services: ServicesFilter,
}

#[async_trait]
impl List<Client> for ScalingPolicySets {
    type Filter = Filter;

    fn type_name(&self) -> &'static str {
        ScalingPolicySet.type_name()
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
        let ports = context.client()?.ports();
        let services = request.filter.services.services(ports).await?;
        let targets = try_join_all(services.iter().map(async |service| {
            let name = ServiceRef {
                cluster: service.cluster_arn.clone(),
                name: service.name.clone(),
            };
            find_scaled(ports, &name).await
        }));
        let targets = targets
            .await
            .map_err(|error| unread("Automatic scaling", &error))?;
        let scaled = services
            .iter()
            .zip(targets)
            .filter_map(|(service, target)| {
                let bounds = target?.bounds;
                let (cluster, name) = (cluster_name(&service.cluster_arn), service.name.as_str());
                Some(Sighted {
                    identity: Value::object([("cluster", cluster), ("service", name)]),
                    name: format!("{cluster}/{name} ({} to {} tasks)", bounds.min, bounds.max),
                })
            });
        let sighted = scaled.take(request.limit.unwrap_or(usize::MAX)).collect();
        hand_over(
            &InRegion(ScalingPolicySet),
            context,
            request.with_objects,
            sighted,
            found,
        )
        .await;
        Ok(())
    }
}
