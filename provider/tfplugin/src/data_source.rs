//! Data sources: looking things up, changing nothing.

use async_trait::async_trait;

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{from_config, from_value};
use crate::schema::Schema;
use crate::value::{FromValue, ToValue, Value};

/// A data source over a client `C`.
#[async_trait]
pub trait DataSource<C: Send + Sync + 'static>: Send + Sync + 'static {
    /// Configuration and result as a struct.
    type Model: FromValue + ToValue + Send + Sync + 'static;

    /// Full type name, `example_note` for example.
    fn type_name(&self) -> &'static str;

    /// The schema. Must be the same on every call.
    fn schema(&self) -> Schema;

    /// Cross-attribute checks, offline. Anything unknown is valid.
    fn validate(&self, config: &Self::Model) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }

    /// Looks it up. The configuration is wholly known; the answer must be too, and repeats what was
    /// configured.
    ///
    /// # Errors
    ///
    /// When it cannot be looked up, and also when there is nothing: a data source has no way to say "gone".
    async fn read(
        &self,
        context: &Context<C>,
        config: Self::Model,
    ) -> Result<Found<Self::Model>, Diagnostics>;
}

/// What a data source found.
#[derive(Clone, Debug)]
#[must_use]
pub struct Found<M> {
    pub(crate) state: M,
    pub(crate) warnings: Diagnostics,
}

impl<M> Found<M> {
    /// The configured values and everything looked up.
    pub fn new(state: M) -> Self {
        Self {
            state,
            warnings: Diagnostics::none(),
        }
    }

    /// Adds a warning.
    pub fn warning(mut self, warning: Diagnostic) -> Self {
        self.warnings.push(warning);
        self
    }

    /// The same answer with another form of what was found.
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> Found<N> {
        Found {
            state: change(self.state),
            warnings: self.warnings,
        }
    }
}

/// A [`DataSource`] over plain values. Implemented for every data source.
#[async_trait]
#[expect(
    missing_docs,
    reason = "each method is the one of `DataSource` with the same name"
)]
pub trait DynDataSource<C: Send + Sync + 'static>: Send + Sync + 'static {
    fn dyn_type_name(&self) -> &'static str;
    fn dyn_schema(&self) -> Schema;
    fn dyn_validate(&self, config: &Value) -> Diagnostics;
    async fn dyn_read(
        &self,
        context: &Context<C>,
        config: Value,
    ) -> Result<Found<Value>, Diagnostics>;
}

#[async_trait]
impl<C: Send + Sync + 'static, D: DataSource<C>> DynDataSource<C> for D {
    fn dyn_type_name(&self) -> &'static str {
        self.type_name()
    }

    fn dyn_schema(&self) -> Schema {
        self.schema()
    }

    fn dyn_validate(&self, config: &Value) -> Diagnostics {
        match from_config::<D::Model>(self.type_name(), config) {
            Ok(config) => self.validate(&config),
            Err(bug) => bug,
        }
    }

    async fn dyn_read(
        &self,
        context: &Context<C>,
        config: Value,
    ) -> Result<Found<Value>, Diagnostics> {
        let config = from_value("reading", self.type_name(), &config)?;
        let found = self.read(context, config).await?;
        Ok(found.map(|state| state.to_value()))
    }
}
