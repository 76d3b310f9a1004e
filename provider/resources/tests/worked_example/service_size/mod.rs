//! `switchyard_service_size`: how many tasks one ECS service runs.
//!
//! **Owns** the number of tasks of the service.
//! **Refers to** cluster and service.
//! **Never touches** anything else of it; a destroy leaves the number as it is.

mod apply;
mod model;
mod plan;
mod read;

use async_trait::async_trait;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, ImportRequest, Imported, PlanRequest, Planned,
    ReadRequest, Refreshed, Resource, UpdateRequest,
};
use tfplugin::schema::Schema;

use crate::client::Client;
use model::Model;

/// The resource type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceSize;

#[async_trait]
impl Resource<Client> for ServiceSize {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_service_size"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Model>(0)
    }

    async fn plan(&self, _: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
        plan::plan(request)
    }

    async fn create(
        &self,
        context: &Context<Client>,
        request: CreateRequest<Model>,
    ) -> Applied<Model> {
        apply::bring_about(context, request.planned).await
    }

    async fn update(
        &self,
        context: &Context<Client>,
        request: UpdateRequest<Model>,
    ) -> Applied<Model> {
        apply::bring_about(context, request.planned).await
    }

    async fn delete(&self, _: &Context<Client>, _: DeleteRequest<Model>) -> Deleted {
        Deleted::done()
    }

    async fn read(
        &self,
        context: &Context<Client>,
        request: ReadRequest<Model>,
    ) -> Result<Refreshed<Model>, Diagnostics> {
        read::read(context, request.state).await
    }

    async fn import(
        &self,
        _: &Context<Client>,
        request: ImportRequest,
    ) -> Result<Imported<Model>, Diagnostics> {
        read::import(&request)
    }
}
