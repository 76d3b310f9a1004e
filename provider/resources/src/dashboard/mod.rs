//! `switchyard_dashboard`: the CloudWatch dashboard of one ECS service.
//!
//! **Owns** the dashboard of its name, as a whole.
//! **Refers to** cluster, service, load balancer, target groups, databases, caches, alarms, a log group, metrics.
//! **Never touches** anything that it shows, and a dashboard of others that has the name.
//!
//! Files: `model` what can be written and what it holds · `rules` what single values have to be · `desired` model →
//! settings · `board` settings → widgets · `graphs` the graphs among them · `plan` what will change · `apply` create,
//! update, delete · `read` refresh and import · `recover` body → configuration · `drift` what others changed · `said`
//! refusals in words.

mod apply;
mod board;
mod desired;
mod drift;
mod graphs;
mod model;
mod plan;
mod read;
mod recover;
mod rules;
mod said;

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
use model::Model;

/// Schema version stored in state.
const VERSION: i64 = 0;

/// The resource type.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dashboard;

#[async_trait]
impl Resource<Client> for Dashboard {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_dashboard"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Model>(VERSION).code(crate::called::INVALID)
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::new(0).required("name", Type::String, "Name of the dashboard."))
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

/// The identity, once the name is known.
fn identity_value(model: &Model) -> Option<KnownIdentity> {
    KnownIdentity::new(Value::object([("name", model.name.known()?.as_str())]))
}

#[cfg(test)]
mod tests;
