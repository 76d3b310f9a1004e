//! `switchyard_migration_task`: a task of Amazon ECS that is run to its end, such as a change of a database's schema.
//!
//! **Owns** the run: one task for each set of `triggers`.
//! **Refers to** the cluster, the task definition and the network.
//! **Never touches** a task once it has ended, and never runs anything at plan or refresh. A destroy undoes nothing.
//!
//! Files: `model` what can be written and what it holds · `rules` what single values have to be · `validate` rules across
//! attributes · `tls` connection strings · `plan` what will run · `steps` the same in words · `desired` model → engine ·
//! `apply` the run · `history` how the last ones ended · `said` failures in words.

mod apply;
mod desired;
mod history;
mod model;
mod plan;
pub(crate) mod rules;
mod said;
mod steps;
mod tls;
mod validate;

use async_trait::async_trait;
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, ImportRequest, Imported, PlanRequest, Planned,
    ReadRequest, Refreshed, Resource, UpdateRequest,
};
use tfplugin::schema::Schema;

use crate::client::Client;
pub(crate) use apply::run;
pub(crate) use model::{Model, NetworkModel};
pub(crate) use plan::refusal;
pub(crate) use validate::validate;

/// Schema version stored in state.
const VERSION: i64 = 0;

/// The resource type.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MigrationTask;

#[async_trait]
impl Resource<Client> for MigrationTask {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_migration_task"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Model>(VERSION).code(crate::called::INVALID)
    }

    fn validate(&self, config: &Model) -> Diagnostics {
        validate(config)
    }

    /// ECS forgets a task an hour after its end: what the state says of it is all there is.
    async fn read(
        &self,
        _: &Context<Client>,
        request: ReadRequest<Model>,
    ) -> Result<Refreshed<Model>, Diagnostics> {
        Ok(Refreshed::present(request.state))
    }

    async fn plan(&self, context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
        plan::plan(context, request).await
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

    /// Nothing is left to delete: the task has ended, and what it did is not undone.
    async fn delete(&self, _: &Context<Client>, _: DeleteRequest<Model>) -> Deleted {
        Deleted::done()
    }

    async fn import(
        &self,
        _: &Context<Client>,
        _: ImportRequest,
    ) -> Result<Imported<Model>, Diagnostics> {
        Err(Diagnostic::error(
            "A migration cannot be imported",
            "Nothing was imported. A migration is a task that has ended; ECS forgets it after an hour, and nothing of it \
             can be adopted.\n\nRemove the import. The next apply runs the migration once; write one that finds its work \
             already done, as migration tools do.",
        )
        .into())
    }
}

#[cfg(test)]
mod tests;
