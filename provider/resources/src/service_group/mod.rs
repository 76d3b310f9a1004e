//! `switchyard_service_group`: services that change together, in the order of their dependencies.
//!
//! **Owns** which task definition its members run, and two tags on each of them: the group's name, and what the last change
//! was.
//! **Refers to** services and task definitions.
//! **Never touches** anything else of a service, nor a service of another group; a destroy leaves every service as it is.
//!
//! Files: `model` what can be written and what it holds · `rules` what single values have to be · `validate` rules across
//! attributes · `order` the waves · `plan` what will change · `desired` model → engine · `arn` the ARN of a service · `apply` create, update, delete ·
//! `read` refresh and import · `said` failures in words.

mod apply;
mod arn;
mod desired;
mod model;
mod order;
mod plan;
mod read;
mod rules;
mod said;
#[cfg(test)]
mod tests;
mod validate;

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
pub(crate) struct ServiceGroup;

#[async_trait]
impl Resource<Client> for ServiceGroup {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_service_group"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Model>(VERSION).code(crate::called::INVALID)
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::new(0).required("name", Type::String, "Name of the group."))
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

/// The identity, once the name is known.
fn identity_value(model: &Model) -> Option<KnownIdentity> {
    KnownIdentity::new(Value::object([("name", model.name.known()?.as_str())]))
}
