//! What the simulator tells a test.

use crate::diagnostic::Diagnostics;
use crate::value::{Path, Value};

/// What Terraform is going to do with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlannedAction {
    /// Nothing.
    NoOp,
    /// Create it.
    Create,
    /// Change it in place.
    Update,
    /// Destroy it and create another.
    Replace,
    /// Destroy it.
    Destroy,
}

/// A plan for one object.
#[derive(Clone, Debug)]
#[must_use]
pub struct Plan {
    /// What is going to happen; `NoOp` also when planning failed.
    pub action: PlannedAction,
    /// The refreshed state; null when there is no object.
    pub prior: Value,
    /// The planned state; null for a destruction and when planning failed.
    pub planned: Value,
    /// The attributes that force a replacement.
    pub replace: Vec<Path>,
    /// Everything that was said.
    pub diagnostics: Diagnostics,
    pub(super) config: Value,
    pub(super) identity: Option<Value>,
    pub(super) private: Vec<u8>,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.action == PlannedAction::NoOp && !self.diagnostics.has_errors()
    }

    /// The planned identity; `None` when it is not known before the apply.
    #[must_use]
    pub fn identity(&self) -> Option<&Value> {
        self.identity.as_ref()
    }

    /// The planned value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &Value {
        self.planned.attribute(name)
    }
}

/// What became of one object.
#[derive(Clone, Debug)]
#[must_use]
pub struct ApplyResult {
    /// What was done; `None` when it did not come to that.
    pub action: Option<PlannedAction>,
    /// The recorded state; `None` when nothing is recorded.
    pub state: Option<Value>,
    /// The object will be replaced next time, because creating it failed half-way.
    pub tainted: bool,
    /// Everything that was said.
    pub diagnostics: Diagnostics,
}

impl ApplyResult {
    /// The recorded value of an attribute; null when nothing is recorded.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.state
            .as_ref()
            .map_or(&NULL, |state| state.attribute(name))
    }

    /// The recorded state, unless there was an error.
    ///
    /// # Errors
    ///
    /// Everything that was said, when there was an error; also when nothing is recorded.
    pub fn into_state(self) -> Result<Value, Diagnostics> {
        let Self {
            state, diagnostics, ..
        } = self;
        let state = diagnostics.into_result(state)?;
        state.ok_or_else(|| {
            Diagnostics::error("Nothing is recorded", "The object is not in the state.")
        })
    }

    pub(super) fn failed(diagnostics: Diagnostics) -> Self {
        Self {
            action: None,
            state: None,
            tainted: false,
            diagnostics,
        }
    }
}
