//! `switchyard_blue_green_service`: an ECS service whose rollouts are part of `terraform apply`.
//!
//! **Owns** one ECS service: its settings, its rollouts, its tags. Under the controller `codedeploy` it
//! creates deployments in a deployment group that exists.
//! **Refers to** cluster, task definition, target groups, listener rules, roles, alarms, the deployment group.
//! **Never touches** listener rules or weights (the controller does), task definitions, scaling policies.
//!
//! Files: `schema` what can be written · `model` what it holds · `validate` rules across attributes ·
//! `strategy` strategies and their names · `plan` what will change · `difference` with parts unknown ·
//! `wanted` model → engine · `apply` create, update, delete · `read` refresh and import · `state` AWS → model.

mod apply;
mod difference;
mod model;
mod plan;
mod read;
mod schema;
mod state;
mod strategy;
mod validate;
mod wanted;

use async_trait::async_trait;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, ImportRequest, Imported, PlanRequest, Planned,
    ReadRequest, Refreshed, Resource, UpdateRequest,
};
use tfplugin::schema::{IdentitySchema, Schema};
use tfplugin::value::Value;

use crate::names;
use crate::provider::Client;
use model::Model;

/// The resource type.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BlueGreenService;

#[async_trait]
impl Resource<Client> for BlueGreenService {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_blue_green_service"
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
        read::read(context, request).await
    }

    async fn plan(&self, context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
        plan::plan(context, request).await
    }

    async fn create(
        &self,
        context: &Context<Client>,
        request: CreateRequest<Model>,
    ) -> Applied<Model> {
        apply::create(context, request).await
    }

    async fn update(
        &self,
        context: &Context<Client>,
        request: UpdateRequest<Model>,
    ) -> Applied<Model> {
        apply::update(context, request).await
    }

    async fn delete(&self, context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
        apply::delete(context, request).await
    }

    async fn import(
        &self,
        _: &Context<Client>,
        request: ImportRequest,
    ) -> Result<Imported<Model>, Diagnostics> {
        read::import(&request)
    }
}

/// The identity of a service, once cluster and name are known.
fn identity_value(model: &Model) -> Option<Value> {
    let cluster = names::cluster_name(model.cluster.known()?);
    Some(Value::object([
        ("cluster", cluster),
        ("name", model.name.known()?.as_str()),
    ]))
}

#[cfg(test)]
mod tests;
