//! Ephemeral resources: values that live for one run and are never stored (Terraform 1.10+).

use std::time::SystemTime;

use async_trait::async_trait;

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{from_config, from_value};
use crate::private::Private;
use crate::schema::Schema;
use crate::value::{FromValue, ToValue, Value};

/// An ephemeral resource over a client `C`.
#[async_trait]
pub trait Ephemeral<C: Send + Sync + 'static>: Send + Sync + 'static {
    /// Configuration and result as a struct.
    type Model: FromValue + ToValue + Send + Sync + 'static;

    /// Full type name, `example_token` for example.
    fn type_name(&self) -> &'static str;

    /// The schema. Must be the same on every call.
    fn schema(&self) -> Schema;

    /// Cross-attribute checks, offline. Anything unknown is valid.
    fn validate(&self, config: &Self::Model) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }

    /// Makes the value. The configuration is wholly known and must be repeated in the result. Called once
    /// during plan and again during apply.
    ///
    /// # Errors
    ///
    /// When there is no value.
    async fn open(
        &self,
        context: &Context<C>,
        config: Self::Model,
    ) -> Result<Opened<Self::Model>, Diagnostics>;

    /// Keeps the value alive, at the time `open` or the last renewal asked for.
    ///
    /// # Errors
    ///
    /// When it cannot be kept alive; Terraform does not try again.
    async fn renew(&self, context: &Context<C>, private: Private) -> Result<Renewed, Diagnostics> {
        let _ = (context, private);
        Err(Diagnostics::bug(
            format_args!("renewing `{}`", self.type_name()),
            "a renewal was asked for and there is none",
        ))
    }

    /// Ends the value. Gets the private data of `open`, never that of a renewal.
    async fn close(&self, context: &Context<C>, private: Private) -> Diagnostics {
        let _ = (context, private);
        Diagnostics::none()
    }
}

/// What [`Ephemeral::open`] made.
#[derive(Clone, Debug)]
#[must_use]
pub struct Opened<M> {
    pub(crate) result: M,
    pub(crate) renew_at: Option<SystemTime>,
    pub(crate) private: Private,
    pub(crate) warnings: Diagnostics,
}

impl<M> Opened<M> {
    /// The configured values and the made ones.
    pub fn new(result: M) -> Self {
        Self {
            result,
            renew_at: None,
            private: Private::new(),
            warnings: Diagnostics::none(),
        }
    }

    /// Asks for [`Ephemeral::renew`] at that time.
    pub fn renew_at(mut self, time: SystemTime) -> Self {
        self.renew_at = Some(time);
        self
    }

    /// What the first renewal and the close need to know.
    pub fn private(mut self, private: Private) -> Self {
        self.private = private;
        self
    }

    /// Adds a warning.
    pub fn warning(mut self, warning: Diagnostic) -> Self {
        self.warnings.push(warning);
        self
    }
}

/// What [`Ephemeral::renew`] did.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Renewed {
    pub(crate) renew_at: Option<SystemTime>,
    pub(crate) private: Option<Private>,
    pub(crate) warnings: Diagnostics,
}

impl Renewed {
    /// Renewed for good.
    pub fn done() -> Self {
        Self::default()
    }

    /// Asks to be renewed again at that time.
    pub fn until(time: SystemTime) -> Self {
        Self {
            renew_at: Some(time),
            ..Self::default()
        }
    }

    /// What the next renewal needs to know; without it that is what this one got.
    pub fn private(mut self, private: Private) -> Self {
        self.private = Some(private);
        self
    }

    /// Adds a warning.
    pub fn warning(mut self, warning: Diagnostic) -> Self {
        self.warnings.push(warning);
        self
    }
}

/// An [`Ephemeral`] over plain values. Implemented for every ephemeral resource.
#[async_trait]
#[expect(
    missing_docs,
    reason = "each method is the one of `Ephemeral` with the same name"
)]
pub trait DynEphemeral<C: Send + Sync + 'static>: Send + Sync + 'static {
    fn dyn_type_name(&self) -> &'static str;
    fn dyn_schema(&self) -> Schema;
    fn dyn_validate(&self, config: &Value) -> Diagnostics;
    async fn dyn_open(
        &self,
        context: &Context<C>,
        config: Value,
    ) -> Result<Opened<Value>, Diagnostics>;
    async fn dyn_renew(
        &self,
        context: &Context<C>,
        private: Private,
    ) -> Result<Renewed, Diagnostics>;
    async fn dyn_close(&self, context: &Context<C>, private: Private) -> Diagnostics;
}

#[async_trait]
impl<C: Send + Sync + 'static, E: Ephemeral<C>> DynEphemeral<C> for E {
    fn dyn_type_name(&self) -> &'static str {
        self.type_name()
    }

    fn dyn_schema(&self) -> Schema {
        self.schema()
    }

    fn dyn_validate(&self, config: &Value) -> Diagnostics {
        match from_config::<E::Model>(self.type_name(), config) {
            Ok(config) => self.validate(&config),
            Err(bug) => bug,
        }
    }

    async fn dyn_open(
        &self,
        context: &Context<C>,
        config: Value,
    ) -> Result<Opened<Value>, Diagnostics> {
        let config = from_value("opening", self.type_name(), &config)?;
        let Opened {
            result,
            renew_at,
            private,
            warnings,
        } = self.open(context, config).await?;
        Ok(Opened {
            result: result.to_value(),
            renew_at,
            private,
            warnings,
        })
    }

    async fn dyn_renew(
        &self,
        context: &Context<C>,
        private: Private,
    ) -> Result<Renewed, Diagnostics> {
        self.renew(context, private).await
    }

    async fn dyn_close(&self, context: &Context<C>, private: Private) -> Diagnostics {
        self.close(context, private).await
    }
}
