//! `switchyard_blue_green_function`: an alias of a Lambda function that is moved to a new version by the apply.
//!
//! **Owns** the alias: its version, its weights, its description.
//! **Refers to** the function, its published versions, alarms.
//! **Never touches** the function, its versions, its permissions and what calls the alias. CodeDeploy is not used.
//!
//! Files: `model` what can be written and what it holds · `words` the words in it · `rules` what single values have to be ·
//! `validate` rules across attributes · `gates` gates → engine · `desired` model → engine · `plan` what will change · `apply`
//! create, update, delete · `read` refresh and import · `state` AWS → model · `drift` what others changed · `said` failures
//! in words.

mod apply;
mod desired;
mod drift;
mod gates;
mod model;
mod plan;
mod read;
mod rules;
mod said;
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
use model::Model;

/// Schema version stored in state.
const VERSION: i64 = 0;

/// The resource type.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BlueGreenFunction;

#[async_trait]
impl Resource<Client> for BlueGreenFunction {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_blue_green_function"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Model>(VERSION).code(crate::called::INVALID)
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(
            IdentitySchema::new(0)
                .required("function_name", Type::String, "Name of the function.")
                .required("name", Type::String, "Name of the alias."),
        )
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

/// The identity, once both names are known.
fn identity_value(model: &Model) -> Option<KnownIdentity> {
    let function = rules::function_name(model.function_name.known()?);
    KnownIdentity::new(Value::object([
        ("function_name", function),
        ("name", model.name.known()?.as_str()),
    ]))
}

#[cfg(test)]
mod tests;
