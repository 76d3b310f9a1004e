//! `switchyard_listener_rule`: a rule of an Application Load Balancer whose weights belong to whoever deploys.
//!
//! **Owns** the rule: its conditions, its priority, its tags, its group stickiness, and which two target groups it
//! forwards to.
//! **Refers to** the listener and the target groups.
//! **Never touches** the weights of the pair, once the rule is made; actions before the forward (authentication) and
//! transforms that somebody else has put on the rule.
//!
//! Files: `model` what can be written and what it holds · `rules` what single values have to be · `validate` rules across
//! attributes · `plan` what
//! will change · `wanted` model → engine · `apply` create, update, delete · `read` refresh and import · `drift` what
//! others changed · `moved` taking over a rule of hashicorp/aws · `state` AWS → model · `said` refusals in words ·
//! `memory` what is remembered beside the state.

mod apply;
mod desired;
mod drift;
mod memory;
mod model;
mod moved;
mod plan;
mod read;
mod rules;
mod said;
mod state;
mod validate;

pub(crate) use memory::MadeRules;

use async_trait::async_trait;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, ImportRequest, Imported, KnownIdentity,
    MoveRequest, Moved, PlanRequest, Planned, ReadRequest, Refreshed, Resource, UpdateRequest,
};
use tfplugin::schema::{IdentitySchema, Schema};
use tfplugin::value::{Type, Value};

use crate::client::Client;
use model::Model;

/// Schema version stored in state.
const VERSION: i64 = 0;

/// The resource type.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ListenerRule;

#[async_trait]
impl Resource<Client> for ListenerRule {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_listener_rule"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Model>(VERSION).code(crate::called::INVALID)
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::new(0).required("arn", Type::String, "ARN of the rule."))
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

    fn move_state(&self, request: &MoveRequest) -> Result<Moved<Model>, Diagnostics> {
        moved::move_state(request)
    }
}

/// The identity, once the rule exists.
fn identity_value(model: &Model) -> Option<KnownIdentity> {
    KnownIdentity::new(Value::object([("arn", model.arn.known()?.as_str())]))
}

#[cfg(test)]
mod tests;
