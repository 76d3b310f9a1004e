//! `switchyard_deployment_snapshot`: a record of how one ECS service runs.
//!
//! **Owns** the stored document of the snapshot it has taken, and, by `retention`, older ones of the same service in
//! the same place.
//! **Refers to** cluster, service, bucket, key.
//! **Never touches** the service and anything it is made of, the bucket itself, documents that it cannot read, pinned
//! ones; it never overwrites a document.
//!
//! Files: `model` what can be written and what it holds · `validate` rules across attributes · `plan` what will change ·
//! `apply` create, update, delete · `read` refresh · `import` finding one that is stored · `memory` what is remembered
//! beside the state. Places, retention and messages are shared: [`crate::snapshots`].

mod apply;
mod import;
mod memory;
mod model;
mod plan;
mod read;
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
use crate::snapshots::place;
use model::Model;

/// Schema version stored in state.
const VERSION: i64 = 0;

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
        Schema::describing::<Model>(VERSION).code(crate::called::INVALID)
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(identity())
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

/// What names the object for good: the service and the place. Which snapshot of them is the newest one changes, so
/// its id only chooses at an import.
fn identity() -> IdentitySchema {
    IdentitySchema::new(0)
        .required("cluster", Type::String, "Cluster name.")
        .required("service", Type::String, "Service name.")
        .optional(
            "place",
            Type::String,
            "`folder:PATH` or `s3://BUCKET/PREFIX`. Defaults to the default folder.",
        )
        .optional(
            "snapshot_id",
            Type::String,
            "Which snapshot to import. Defaults to the newest one.",
        )
}

/// The identity, once service and place are known.
fn identity_value(model: &Model) -> Option<KnownIdentity> {
    let service = model.of.service_ref()?;
    KnownIdentity::new(Value::object([
        ("cluster", Value::from(service.cluster_name())),
        ("service", Value::from(service.name.as_str())),
        ("place", Value::from(place::to_text(&model.place.place()?))),
        ("snapshot_id", Value::Null),
    ]))
}

#[cfg(test)]
mod tests;
