//! `switchyard_alarm_set`: the CloudWatch alarms of one ECS service, in two tiers.
//!
//! **Owns** the alarms whose names begin with its name, and the composite alarm over its critical ones.
//! **Refers to** cluster, service, load balancer, target groups, databases, caches, topics, a rule of EventBridge.
//! **Never touches** anything that it looks at, the state of its alarms, and alarms of others, even those that have a name
//! that it needs.
//!
//! Files: `model` what can be written and what it holds · `words` its words · `rules` what single values have to be ·
//! `validate` rules across attributes · `catalog` every kind of alarm · `measures` what each of them measures · `settings`
//! model → what is known of it · `desired` what is known → alarms · `shown` alarms → model · `plan` what will change · `apply` create, update, delete · `read` refresh and
//! import · `recover` alarms → configuration · `drift` what others changed · `memory` what is remembered alongside the
//! state · `said` refusals in words.

mod apply;
mod catalog;
mod desired;
mod drift;
mod measures;
pub(crate) mod memory;
mod model;
mod plan;
mod read;
mod recover;
pub(crate) mod rules;
mod said;
mod settings;
mod shown;
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
pub(crate) struct AlarmSet;

#[async_trait]
impl Resource<Client> for AlarmSet {
    type Model = Model;

    fn type_name(&self) -> &'static str {
        "switchyard_alarm_set"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Model>(VERSION).code(crate::called::INVALID)
    }

    fn identity(&self) -> Option<IdentitySchema> {
        let identity = IdentitySchema::new(0);
        let identity = identity.required("cluster", Type::String, "Cluster name.");
        let identity = identity.required("service", Type::String, "Service name.");
        Some(identity.required("name", Type::String, "Name of the set."))
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

/// The identity, once all names are known.
fn identity_value(model: &Model) -> Option<KnownIdentity> {
    KnownIdentity::new(Value::object([
        ("cluster", names::cluster_name(model.cluster.known()?)),
        ("service", model.service.known()?.as_str()),
        ("name", model.name.known()?.as_str()),
    ]))
}

#[cfg(test)]
mod tests;
