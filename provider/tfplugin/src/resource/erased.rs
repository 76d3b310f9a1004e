//! The erased twin: the same resource without its model type, so that a server can keep many in one list.

use async_trait::async_trait;

use super::{
    Applied, CreateRequest, DeleteRequest, Deleted, DestroyPlanRequest, ImportRequest, Imported,
    MoveRequest, Moved, PlanRequest, Planned, RawState, ReadRequest, Refreshed, Resource,
    UpdateRequest,
};
use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::model::{from_config, from_value, from_value_opt};
use crate::schema::{IdentitySchema, Schema};
use crate::value::{ToValue, Value};

/// A [`Resource`] over plain values. Implemented for every resource; not meant to be implemented by hand.
#[async_trait]
#[expect(
    missing_docs,
    reason = "each method is the one of `Resource` with the same name"
)]
pub trait DynResource<C: Send + Sync + 'static>: Send + Sync + 'static {
    fn dyn_type_name(&self) -> &'static str;
    fn dyn_schema(&self) -> Schema;
    fn dyn_identity(&self) -> Option<IdentitySchema>;
    fn dyn_validate(&self, config: &Value) -> Diagnostics;
    async fn dyn_read(
        &self,
        context: &Context<C>,
        request: ReadRequest<Value>,
    ) -> Result<Refreshed<Value>, Diagnostics>;
    async fn dyn_plan(&self, context: &Context<C>, request: PlanRequest<Value>) -> Planned<Value>;
    async fn dyn_plan_destroy(
        &self,
        context: &Context<C>,
        request: DestroyPlanRequest<Value>,
    ) -> Diagnostics;
    async fn dyn_create(
        &self,
        context: &Context<C>,
        request: CreateRequest<Value>,
    ) -> Applied<Value>;
    async fn dyn_update(
        &self,
        context: &Context<C>,
        request: UpdateRequest<Value>,
    ) -> Applied<Value>;
    async fn dyn_delete(&self, context: &Context<C>, request: DeleteRequest<Value>) -> Deleted;
    async fn dyn_import(
        &self,
        context: &Context<C>,
        request: ImportRequest,
    ) -> Result<Imported<Value>, Diagnostics>;
    fn dyn_upgrade(&self, from_version: i64, state: &RawState) -> Result<Value, Diagnostics>;
    fn dyn_upgrade_identity(
        &self,
        from_version: i64,
        identity: &RawState,
    ) -> Result<Value, Diagnostics>;
    fn dyn_move_state(&self, request: &MoveRequest) -> Result<Moved<Value>, Diagnostics>;
}

#[async_trait]
impl<C: Send + Sync + 'static, R: Resource<C>> DynResource<C> for R {
    fn dyn_type_name(&self) -> &'static str {
        self.type_name()
    }

    fn dyn_schema(&self) -> Schema {
        self.schema()
    }

    fn dyn_identity(&self) -> Option<IdentitySchema> {
        self.identity()
    }

    fn dyn_validate(&self, config: &Value) -> Diagnostics {
        match from_config::<R::Model>(self.type_name(), config) {
            Ok(config) => self.validate(&config),
            Err(bug) => bug,
        }
    }

    async fn dyn_read(
        &self,
        context: &Context<C>,
        request: ReadRequest<Value>,
    ) -> Result<Refreshed<Value>, Diagnostics> {
        let ReadRequest {
            state,
            identity,
            private,
        } = request;
        let state = from_value("reading", self.type_name(), &state)?;
        let refreshed = self
            .read(
                context,
                ReadRequest {
                    state,
                    identity,
                    private,
                },
            )
            .await?;
        Ok(refreshed.map(|state| state.to_value()))
    }

    async fn dyn_plan(&self, context: &Context<C>, request: PlanRequest<Value>) -> Planned<Value> {
        let typed = typed_plan(self.type_name(), request);
        match typed {
            Ok(request) => self
                .plan(context, request)
                .await
                .map(|state| state.to_value()),
            Err(bug) => Planned::refused(bug),
        }
    }

    async fn dyn_plan_destroy(
        &self,
        context: &Context<C>,
        request: DestroyPlanRequest<Value>,
    ) -> Diagnostics {
        let DestroyPlanRequest {
            prior,
            private,
            identity,
        } = request;
        match from_value("planning the destruction of", self.type_name(), &prior) {
            Ok(prior) => {
                self.plan_destroy(
                    context,
                    DestroyPlanRequest {
                        prior,
                        private,
                        identity,
                    },
                )
                .await
            }
            Err(bug) => bug,
        }
    }

    async fn dyn_create(
        &self,
        context: &Context<C>,
        request: CreateRequest<Value>,
    ) -> Applied<Value> {
        let typed = typed_create(self.type_name(), request);
        match typed {
            Ok(request) => self
                .create(context, request)
                .await
                .map(|state| state.to_value()),
            Err(bug) => Applied::untouched(bug),
        }
    }

    async fn dyn_update(
        &self,
        context: &Context<C>,
        request: UpdateRequest<Value>,
    ) -> Applied<Value> {
        let typed = typed_update(self.type_name(), request);
        match typed {
            Ok(request) => self
                .update(context, request)
                .await
                .map(|state| state.to_value()),
            Err(bug) => Applied::untouched(bug),
        }
    }

    async fn dyn_delete(&self, context: &Context<C>, request: DeleteRequest<Value>) -> Deleted {
        let DeleteRequest {
            prior,
            private,
            identity,
        } = request;
        match from_value("destroying", self.type_name(), &prior) {
            Ok(prior) => {
                self.delete(
                    context,
                    DeleteRequest {
                        prior,
                        private,
                        identity,
                    },
                )
                .await
            }
            Err(bug) => Deleted::failed(bug),
        }
    }

    async fn dyn_import(
        &self,
        context: &Context<C>,
        request: ImportRequest,
    ) -> Result<Imported<Value>, Diagnostics> {
        Ok(self
            .import(context, request)
            .await?
            .map(|state| state.to_value()))
    }

    fn dyn_upgrade(&self, from_version: i64, state: &RawState) -> Result<Value, Diagnostics> {
        self.upgrade(from_version, state)
    }

    fn dyn_upgrade_identity(
        &self,
        from_version: i64,
        identity: &RawState,
    ) -> Result<Value, Diagnostics> {
        self.upgrade_identity(from_version, identity)
    }

    fn dyn_move_state(&self, request: &MoveRequest) -> Result<Moved<Value>, Diagnostics> {
        Ok(self.move_state(request)?.map(|state| state.to_value()))
    }
}

fn typed_plan<M: crate::value::FromValue>(
    type_name: &str,
    request: PlanRequest<Value>,
) -> Result<PlanRequest<M>, Diagnostics> {
    Ok(PlanRequest {
        prior: from_value_opt("planning", type_name, request.prior.as_ref())?,
        config: from_value("planning", type_name, &request.config)?,
        proposed: from_value("planning", type_name, &request.proposed)?,
        private: request.private,
        identity: request.identity,
        change: request.change,
    })
}

fn typed_create<M: crate::value::FromValue>(
    type_name: &str,
    request: CreateRequest<Value>,
) -> Result<CreateRequest<M>, Diagnostics> {
    Ok(CreateRequest {
        planned: from_value("creating", type_name, &request.planned)?,
        config: from_value("creating", type_name, &request.config)?,
        private: request.private,
        identity: request.identity,
    })
}

fn typed_update<M: crate::value::FromValue>(
    type_name: &str,
    request: UpdateRequest<Value>,
) -> Result<UpdateRequest<M>, Diagnostics> {
    Ok(UpdateRequest {
        prior: from_value("updating", type_name, &request.prior)?,
        planned: from_value("updating", type_name, &request.planned)?,
        config: from_value("updating", type_name, &request.config)?,
        private: request.private,
        identity: request.identity,
    })
}
