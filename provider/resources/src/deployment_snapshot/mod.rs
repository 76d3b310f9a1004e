//! `switchyard_deployment_snapshot`: a record of how one ECS service runs.
//!
//! **Owns** the stored document of the snapshot it has taken, and, by `retention`, older ones of the same service in
//! the same place.
//! **Refers to** cluster, service, bucket, key.
//! **Never touches** the service and anything it is made of, the bucket itself, documents that it cannot read, pinned
//! ones; it never overwrites a document.
//!
//! Files: `schema` what can be written · `model` what it holds · `validate` rules across attributes · `plan` what
//! will change · `apply` create, update, delete · `read` refresh · `import` finding one that is stored · `memory` what
//! is remembered beside the state. Places, retention and messages are shared: [`crate::snapshots`].

mod apply;
mod import;
mod memory;
mod model;
mod plan;
mod read;
mod schema;
mod validate;

use async_trait::async_trait;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, ImportRequest, Imported, KnownIdentity,
    PlanRequest, Planned, ReadRequest, Refreshed, Resource, UpdateRequest,
};
use tfplugin::schema::{IdentitySchema, Schema};
use tfplugin::value::Value;

use crate::provider::Client;
use crate::snapshots::place;
use model::Model;

/// The resource type.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeploymentSnapshot;

#[async_trait]
impl Resource<Client> for DeploymentSnapshot {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_deployment_snapshot"
    }

    fn schema(&self) -> Schema {
        schema::schema()
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(schema::identity())
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
        context: &Context<Client>,
        request: ImportRequest,
    ) -> Result<Imported<Model>, Diagnostics> {
        Box::pin(import::import(context, request)).await
    }
}

/// The identity, once service and place are known.
fn identity_value(model: &Model) -> Option<KnownIdentity> {
    let service = model.service_ref()?;
    KnownIdentity::new(Value::object([
        ("cluster", Value::from(service.cluster_name())),
        ("service", Value::from(service.name.as_str())),
        ("place", Value::from(place::to_text(&model.place()?))),
        ("snapshot_id", Value::Null),
    ]))
}

#[cfg(test)]
mod tests;
