//! `switchyard_scaling_policy_set`: everything that scales one ECS service.
//!
//! **Owns** the scalable target of the service (bounds, what is suspended, tags), the policies and scheduled
//! actions it names, and the alarms of its step policies.
//! **Refers to** cluster, service, load balancer, target group, queue, metrics.
//! **Never touches** the service and its number of tasks, alarms that AWS makes for target tracking, alarms of
//! users; policies and schedules of others only with `unmanaged = "adopt"` or `"remove"`.
//!
//! Files: `model` what can be written and what it holds · `words` its words · `rules` what single values have to be ·
//! `validate` rules across attributes · `plan` what will change · `wanted` model → engine · `apply` create, update, delete · `read` refresh and import · `drift` what
//! others changed · `state` AWS → model · `spelling` spellings that mean the same · `memory` what is remembered beside
//! the state.

mod apply;
mod desired;
mod drift;
mod memory;
mod model;
mod plan;
mod read;
mod rules;
mod spelling;
mod state;
mod validate;
mod words;

use async_trait::async_trait;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, ImportRequest, Imported, KnownIdentity,
    PlanRequest, Planned, ReadRequest, Refreshed, Resource, UpdateRequest,
};
use tfplugin::schema::{IdentitySchema, Schema};
use tfplugin::value::{Type, Value};

use crate::client::Client;
use crate::names;
use model::Model;

/// Schema version stored in state.
const VERSION: i64 = 0;

/// The resource type.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ScalingPolicySet;

#[async_trait]
impl Resource<Client> for ScalingPolicySet {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_scaling_policy_set"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Model>(VERSION).code(crate::called::INVALID)
    }

    fn identity(&self) -> Option<IdentitySchema> {
        let identity = IdentitySchema::new(0);
        let identity = identity.required("cluster", Type::String, "Cluster name.");
        Some(identity.required("service", Type::String, "Service name."))
    }

    fn validate(&self, config: &Model) -> Diagnostics {
        validate::validate(config)
    }

    async fn read(
        &self,
        context: &Context<Client>,
        request: ReadRequest<Model>,
    ) -> Result<Refreshed<Model>, Diagnostics> {
        Box::pin(read::read(context, request)).await
    }

    async fn plan(&self, context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
        Box::pin(plan::plan(context, request)).await
    }

    async fn create(
        &self,
        context: &Context<Client>,
        request: CreateRequest<Model>,
    ) -> Applied<Model> {
        Box::pin(apply::create(context, request)).await
    }

    async fn update(
        &self,
        context: &Context<Client>,
        request: UpdateRequest<Model>,
    ) -> Applied<Model> {
        Box::pin(apply::update(context, request)).await
    }

    async fn delete(&self, context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
        Box::pin(apply::delete(context, request)).await
    }

    async fn import(
        &self,
        _: &Context<Client>,
        request: ImportRequest,
    ) -> Result<Imported<Model>, Diagnostics> {
        read::import(&request)
    }
}

/// The identity, once cluster and service are known.
fn identity_value(model: &Model) -> Option<KnownIdentity> {
    let cluster = names::cluster_name(model.cluster.known()?);
    KnownIdentity::new(Value::object([
        ("cluster", cluster),
        ("service", model.service.known()?.as_str()),
    ]))
}

#[cfg(test)]
mod tests;
