//! `switchyard_blue_green_service`: an ECS service whose rollouts are part of `terraform apply`.
//!
//! **Owns** one ECS service: its settings, its rollouts, its tags. Under the controller `codedeploy` it
//! creates deployments in a deployment group that exists.
//! Under `external` it owns the service's task sets and, while it deploys, the weights of the production rule.
//! With images of its own it registers task definitions, and deregisters only those.
//! **Refers to** cluster, task definition, target groups, listener rules, roles, alarms, the deployment group.
//! **Never touches** listener rules or weights otherwise (the controller does), other task definitions, scaling
//! policies (they may be suspended during a deployment).
//!
//! Files: `model` what can be written and what it holds · `words` the words in it · `rules` what single values have to
//! be · `validate` rules across attributes ·
//! `parse` single values as they are written · `choice` what a configuration chooses · `strategy` strategies and their names · `gates` gates and their small languages · `waits` how long it takes ·
//! `plan` what will change · `deploys` what of it is a deployment · `difference`, `assumed` with parts unknown · `owner`, `images`, `memory` who says what tasks run ·
//! `switch` changes of the controller · `quarantine` images that failed · `freeze` when nothing is deployed · `snapshots` snapshots around deployments ·
//! `restore` going back to one · `wanted` model → engine ·
//! `capacity` a strategy that is left out · `apply` create, update, delete · `record` the account of a deployment · `read` refresh and import ·
//! `parts` what is passed on whole · `unmanaged` what there is no attribute for ·
//! `drift` what others have changed · `moved` taking over another resource · `group` CodeDeploy's side of it · `upgrade` older states · `told` what functions say of it ·
//! `state` AWS → model.

mod apply;
mod assumed;
mod back;
mod capacity;
mod checks;
mod choice;
mod deploys;
mod desired;
mod difference;
mod drift;
mod external_pair;
mod freeze;
mod gates;
mod group;
mod images;
mod memory;
mod model;
mod moved;
mod owner;
pub(crate) mod parse;
mod parts;
mod percents;
mod plan;
mod quarantine;
mod read;
mod record;
mod report_file;
mod restore;
mod routes;
pub(crate) mod rules;
mod snapshots;
mod state;
mod strategy;
mod switch;
mod told;
mod unmanaged;
mod upgrade;
mod validate;
mod waits;
mod words;

use async_trait::async_trait;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, ImportRequest, Imported, KnownIdentity,
    MoveRequest, Moved, PlanRequest, Planned, RawState, ReadRequest, Refreshed, Resource,
    UpdateRequest, no_upgrade,
};
use tfplugin::schema::{IdentitySchema, Schema};
use tfplugin::value::{Type, Value};

use crate::client::Client;
use crate::names;
pub(crate) use checks::checks;
pub(crate) use desired::strategy;
pub(crate) use freeze::OVERRIDE;
pub(crate) use model::{
    CapacityProviderModel, DeploymentModel, LastDeploymentModel, List, Model, SetOf, ShiftModel,
    TextMap, TextSet, known_map, known_set, or_default, whole_list,
};
pub(crate) use told::{own_waits, rendered_app_spec};
pub(crate) use words::{InconclusiveWord, LaunchWord, MethodWord, MissingWord, OnCancelWord};

/// Schema version stored in state.
const VERSION: i64 = 3;

fn schema() -> Schema {
    Schema::describing::<Model>(VERSION).code(crate::called::INVALID)
}

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
        schema()
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(
            IdentitySchema::new(0)
                .required("cluster", Type::String, "Cluster name.")
                .required("name", Type::String, "Service name."),
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
        read::read(context, request).await
    }

    async fn plan(&self, context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
        // Boxed: whoever awaits a plan would else carry two models and all checks around.
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
        apply::delete(context, request).await
    }

    async fn import(
        &self,
        _: &Context<Client>,
        request: ImportRequest,
    ) -> Result<Imported<Model>, Diagnostics> {
        read::import(&request)
    }

    fn upgrade(&self, from_version: i64, state: &RawState) -> Result<Value, Diagnostics> {
        match from_version {
            0 => upgrade::from_0(state),
            1 => upgrade::from_1(state),
            2 => upgrade::from_2(state),
            _ => Err(no_upgrade(self.type_name(), "state", from_version)),
        }
    }

    fn move_state(&self, request: &MoveRequest) -> Result<Moved<Model>, Diagnostics> {
        moved::move_state(request)
    }
}

/// The identity of a service, once cluster and name are known.
fn identity_value(model: &Model) -> Option<KnownIdentity> {
    let cluster = names::cluster_name(model.cluster.known()?);
    KnownIdentity::new(Value::object([
        ("cluster", cluster),
        ("name", model.name.known()?.as_str()),
    ]))
}

#[cfg(test)]
mod tests;
