//! List resources: finding objects that exist, for `terraform query` (Terraform 1.14+).

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{from_config, from_value};
use crate::schema::Schema;
use crate::value::{FromValue, ToValue, Value};

/// A list resource over a client `C`. Needs a managed resource of the same type name that has an identity.
#[async_trait]
pub trait List<C: Send + Sync + 'static>: Send + Sync + 'static {
    /// The filter configuration as a struct.
    type Filter: FromValue + Send + Sync + 'static;

    /// Full type name of the managed resource it lists.
    fn type_name(&self) -> &'static str;

    /// Schema of the filter configuration. Must be the same on every call.
    fn schema(&self) -> Schema;

    /// Cross-attribute checks, offline. Anything unknown is valid.
    fn validate(&self, filter: &Self::Filter) -> Diagnostics {
        let _ = filter;
        Diagnostics::none()
    }

    /// Finds the objects and hands each to `found`, in any order. Stop when [`Findings::push`] answers
    /// [`More::Enough`].
    ///
    /// # Errors
    ///
    /// When the listing cannot go on; what was found before is still shown.
    async fn list(
        &self,
        context: &Context<C>,
        request: ListRequest<Self::Filter>,
        found: &mut Findings,
    ) -> Result<(), Diagnostics>;
}

/// What to look for.
#[derive(Clone, Debug)]
pub struct ListRequest<F> {
    /// The filter configuration, wholly known.
    pub filter: F,
    /// Whether each finding should carry the whole object.
    pub with_objects: bool,
    /// No more findings than this are wanted; `None` wants all.
    pub limit: Option<usize>,
}

/// One object that was found.
#[derive(Clone, Debug)]
#[must_use]
pub struct Finding {
    pub(crate) identity: Value,
    pub(crate) display_name: String,
    pub(crate) object: Option<Value>,
    pub(crate) warnings: Diagnostics,
}

impl Finding {
    /// An object by its identity, with a name for people.
    pub fn new(identity: impl ToValue, display_name: impl Into<String>) -> Self {
        Self {
            identity: identity.to_value(),
            display_name: display_name.into(),
            object: None,
            warnings: Diagnostics::none(),
        }
    }

    /// The whole object, as the managed resource records it. Sent only when it was asked for.
    pub fn object(mut self, object: impl ToValue) -> Self {
        self.object = Some(object.to_value());
        self
    }

    /// Adds a warning.
    pub fn warning(mut self, warning: Diagnostic) -> Self {
        self.warnings.push(warning);
        self
    }
}

/// Whether to go on listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum More {
    /// Go on.
    Wanted,
    /// The limit is reached, or nobody listens any more.
    Enough,
}

/// Takes the findings of one listing.
#[derive(Debug)]
pub struct Findings {
    sender: mpsc::Sender<Finding>,
    /// How many more may be sent; `None` is unlimited.
    left: Option<usize>,
}

impl Findings {
    pub(crate) fn new(sender: mpsc::Sender<Finding>, limit: Option<usize>) -> Self {
        Self {
            sender,
            left: limit,
        }
    }

    /// Hands over one finding and says whether more are wanted. Waits while the receiver is busy.
    pub async fn push(&mut self, finding: Finding) -> More {
        if self.left == Some(0) || self.sender.send(finding).await.is_err() {
            return More::Enough;
        }
        self.left = self.left.map(|left| left.saturating_sub(1));
        if self.left == Some(0) {
            More::Enough
        } else {
            More::Wanted
        }
    }
}

/// A [`List`] over plain values. Implemented for every list resource.
#[async_trait]
#[expect(
    missing_docs,
    reason = "each method is the one of `List` with the same name"
)]
pub trait DynList<C: Send + Sync + 'static>: Send + Sync + 'static {
    fn dyn_type_name(&self) -> &'static str;
    fn dyn_schema(&self) -> Schema;
    fn dyn_validate(&self, filter: &Value) -> Diagnostics;
    async fn dyn_list(
        &self,
        context: &Context<C>,
        request: ListRequest<Value>,
        found: &mut Findings,
    ) -> Result<(), Diagnostics>;
}

#[async_trait]
impl<C: Send + Sync + 'static, L: List<C>> DynList<C> for L {
    fn dyn_type_name(&self) -> &'static str {
        self.type_name()
    }

    fn dyn_schema(&self) -> Schema {
        self.schema()
    }

    fn dyn_validate(&self, filter: &Value) -> Diagnostics {
        match from_config::<L::Filter>(self.type_name(), filter) {
            Ok(filter) => self.validate(&filter),
            Err(bug) => bug,
        }
    }

    async fn dyn_list(
        &self,
        context: &Context<C>,
        request: ListRequest<Value>,
        found: &mut Findings,
    ) -> Result<(), Diagnostics> {
        let ListRequest {
            filter,
            with_objects,
            limit,
        } = request;
        let filter = from_value("listing", self.type_name(), &filter)?;
        self.list(
            context,
            ListRequest {
                filter,
                with_objects,
                limit,
            },
            found,
        )
        .await
    }
}
