//! Actions: things to do that leave no object behind (Terraform 1.14+).

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::model::{from_config, from_value};
use crate::schema::Schema;
use crate::value::{FromValue, Value};

/// An action over a client `C`.
#[async_trait]
pub trait Action<C: Send + Sync + 'static>: Send + Sync + 'static {
    /// The configuration as a struct.
    type Config: FromValue + Send + Sync + 'static;

    /// Full type name, `example_restart` for example.
    fn type_name(&self) -> &'static str;

    /// The schema. Must be the same on every call.
    fn schema(&self) -> Schema;

    /// Cross-attribute checks, offline. Anything unknown is valid.
    fn validate(&self, config: &Self::Config) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }

    /// Looks at a planned run: may warn or refuse. The configuration may hold unknown values.
    async fn plan(&self, context: &Context<C>, config: Self::Config) -> Diagnostics {
        let _ = (context, config);
        Diagnostics::none()
    }

    /// Does it. The configuration is wholly known. An error in the answer means that it failed.
    async fn invoke(
        &self,
        context: &Context<C>,
        config: Self::Config,
        progress: &Progress,
    ) -> Diagnostics;
}

/// Tells the user how far a running action is.
#[derive(Clone, Debug)]
pub struct Progress {
    sender: mpsc::UnboundedSender<String>,
}

impl Progress {
    pub(crate) fn new(sender: mpsc::UnboundedSender<String>) -> Self {
        Self { sender }
    }

    /// Shows a line of free text. Does nothing when nobody listens any more.
    pub fn report(&self, message: impl Into<String>) {
        if self.sender.send(message.into()).is_err() {
            tracing::debug!("A progress message had no listener.");
        }
    }
}

/// An [`Action`] over plain values. Implemented for every action.
#[async_trait]
#[expect(
    missing_docs,
    reason = "each method is the one of `Action` with the same name"
)]
pub trait DynAction<C: Send + Sync + 'static>: Send + Sync + 'static {
    fn dyn_type_name(&self) -> &'static str;
    fn dyn_schema(&self) -> Schema;
    fn dyn_validate(&self, config: &Value) -> Diagnostics;
    async fn dyn_plan(&self, context: &Context<C>, config: Value) -> Diagnostics;
    async fn dyn_invoke(
        &self,
        context: &Context<C>,
        config: Value,
        progress: &Progress,
    ) -> Diagnostics;
}

#[async_trait]
impl<C: Send + Sync + 'static, A: Action<C>> DynAction<C> for A {
    fn dyn_type_name(&self) -> &'static str {
        self.type_name()
    }

    fn dyn_schema(&self) -> Schema {
        self.schema()
    }

    fn dyn_validate(&self, config: &Value) -> Diagnostics {
        match from_config::<A::Config>(self.type_name(), config) {
            Ok(config) => self.validate(&config),
            Err(bug) => bug,
        }
    }

    async fn dyn_plan(&self, context: &Context<C>, config: Value) -> Diagnostics {
        match from_value("planning", self.type_name(), &config) {
            Ok(config) => self.plan(context, config).await,
            Err(bug) => bug,
        }
    }

    async fn dyn_invoke(
        &self,
        context: &Context<C>,
        config: Value,
        progress: &Progress,
    ) -> Diagnostics {
        match from_value("running", self.type_name(), &config) {
            Ok(config) => self.invoke(context, config, progress).await,
            Err(bug) => bug,
        }
    }
}
