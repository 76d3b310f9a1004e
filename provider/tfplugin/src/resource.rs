//! Managed resources: the objects Terraform creates, changes and destroys.
//!
//! [`Resource`] is typed by its model; [`DynResource`] is the erased twin the server keeps, implemented for
//! every resource. The answers are types that force the choice: [`Applied`] cannot say "it failed and I
//! forgot what I made", [`Refreshed`] cannot confuse "gone" with "could not look".

mod answer;
mod erased;
mod request;

use async_trait::async_trait;

pub use answer::{Applied, Deleted, Imported, KnownIdentity, Moved, Planned, Refreshed};
pub use erased::DynResource;
pub use request::{
    Change, CreateRequest, DeleteRequest, DestroyPlanRequest, ImportRequest, MoveRequest,
    PlanRequest, RawState, ReadRequest, UpdateRequest,
};

pub(crate) use answer::AppliedState;

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::{IdentitySchema, Schema};
use crate::value::{FromValue, ToValue, Value};

/// A managed resource over a client `C`.
///
/// Only `read`, `create`, `update` and `delete` are mandatory; the rest has the usual behaviour. Everything
/// is called concurrently for different objects, so a resource holds no mutable state of its own.
#[async_trait]
pub trait Resource<C: Send + Sync + 'static>: Send + Sync + 'static {
    /// The configuration and state as a struct, usually with [`Attributes`](crate::schema::Attributes).
    type Model: FromValue + ToValue + Send + Sync + 'static;

    /// Full type name, `example_note` for example.
    fn type_name(&self) -> &'static str;

    /// The schema. Must be the same on every call.
    fn schema(&self) -> Schema;

    /// The identity (Terraform 1.12+), for import by identity and for lists. Optional.
    fn identity(&self) -> Option<IdentitySchema> {
        None
    }

    /// Cross-attribute checks, offline: no client, no network. Anything unknown is valid.
    fn validate(&self, config: &Self::Model) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }

    /// Looks at the real object. Not found is [`Refreshed::gone`]; "not allowed" or "no answer" is an error.
    ///
    /// # Errors
    ///
    /// When the object could not be looked at. Terraform keeps the state it has.
    async fn read(
        &self,
        context: &Context<C>,
        request: ReadRequest<Self::Model>,
    ) -> Result<Refreshed<Self::Model>, Diagnostics>;

    /// Adjusts a plan that went through the standard stages (defaults, computed values unknown, replace
    /// rules). May make more values unknown, ask for replacement, warn, refuse. Must be deterministic:
    /// Terraform plans again during apply and compares.
    async fn plan(
        &self,
        context: &Context<C>,
        request: PlanRequest<Self::Model>,
    ) -> Planned<Self::Model> {
        let _ = context;
        Planned::new(request.proposed)
    }

    /// Looks at a planned destruction: may warn or refuse.
    async fn plan_destroy(
        &self,
        context: &Context<C>,
        request: DestroyPlanRequest<Self::Model>,
    ) -> Diagnostics {
        let _ = (context, request);
        Diagnostics::none()
    }

    /// Creates the object. Once anything exists, the answer must carry it, also on failure.
    async fn create(
        &self,
        context: &Context<C>,
        request: CreateRequest<Self::Model>,
    ) -> Applied<Self::Model>;

    /// Changes the object in place. On failure the answer is what is really there now.
    async fn update(
        &self,
        context: &Context<C>,
        request: UpdateRequest<Self::Model>,
    ) -> Applied<Self::Model>;

    /// Destroys the object. Already gone is success.
    async fn delete(&self, context: &Context<C>, request: DeleteRequest<Self::Model>) -> Deleted;

    /// Finds an existing object to manage. Terraform reads it right afterwards, so a
    /// [stub](Schema::stub) with the identifier is enough.
    ///
    /// # Errors
    ///
    /// When the id or identity is malformed; the default says that import is not supported.
    async fn import(
        &self,
        context: &Context<C>,
        request: ImportRequest,
    ) -> Result<Imported<Self::Model>, Diagnostics> {
        let _ = (context, request);
        Err(Diagnostics::error(
            format!("`{}` cannot be imported", self.type_name()),
            "This resource type does not support import. Create the object with Terraform instead.",
        ))
    }

    /// Turns state of an older schema version into a value of the current schema. Offline, fast,
    /// deterministic: it runs on every plan until the object is applied again.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the state is damaged.
    fn upgrade(&self, from_version: i64, state: &RawState) -> Result<Value, Diagnostics> {
        let _ = state;
        Err(no_upgrade(self.type_name(), "state", from_version))
    }

    /// Turns an identity of an older identity version into a value of the current one.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the identity is damaged.
    fn upgrade_identity(
        &self,
        from_version: i64,
        identity: &RawState,
    ) -> Result<Value, Diagnostics> {
        let _ = identity;
        Err(no_upgrade(self.type_name(), "identity", from_version))
    }

    /// Takes over an object of another resource type (`moved` block, Terraform 1.8+). Offline.
    ///
    /// # Errors
    ///
    /// When the source is not one this resource understands; the default understands none.
    fn move_state(&self, request: &MoveRequest) -> Result<Moved<Self::Model>, Diagnostics> {
        Err(Diagnostic::error(
            format!("`{}` cannot be moved to `{}`", request.source_type, self.type_name()),
            format!(
                "`{}` does not know how to take over objects of type `{}` from provider {}. Nothing was changed.\n\n\
                 Remove the `moved` block; use a `removed` and an `import` block instead.",
                self.type_name(),
                request.source_type,
                request.source_provider
            ),
        )
        .into())
    }
}

/// The answer of a resource that cannot read what this version of its schema, or its identity (`what`), wrote.
#[must_use]
pub fn no_upgrade(type_name: &str, what: &str, from_version: i64) -> Diagnostics {
    Diagnostics::bug(
        format_args!("upgrading the {what} of `{type_name}`"),
        format_args!("there is no upgrade from version {from_version}"),
    )
}
