//! How an attribute behaves while planning.

use std::fmt;
use std::sync::Arc;

use crate::value::Value;

/// The planning rules of one attribute.
#[derive(Clone, Debug, Default)]
pub struct PlanRules {
    /// On update an unconfigured computed value keeps its prior value instead of becoming unknown.
    pub use_state_for_unknown: bool,
    /// When a change of the value replaces the object.
    pub replace: Option<ReplaceRule>,
}

/// When a change of an attribute replaces the object.
#[derive(Clone)]
pub enum ReplaceRule {
    /// On every change.
    Always,
    /// When the function says so.
    If {
        /// Completes "Changing this replaces the object …".
        describe: String,
        /// Asked only when the planned value differs from the prior one.
        when: Arc<dyn Fn(&ReplaceContext<'_>) -> bool + Send + Sync>,
    },
}

/// What a replace rule may look at.
#[derive(Clone, Copy, Debug)]
pub struct ReplaceContext<'a> {
    /// The attribute's value before.
    pub prior: &'a Value,
    /// The attribute's planned value; may be unknown.
    pub planned: &'a Value,
    /// The whole prior object.
    pub prior_object: &'a Value,
    /// The whole planned object.
    pub planned_object: &'a Value,
}

impl ReplaceRule {
    /// A sentence for the documentation.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Always => "Changing this replaces the object.".to_owned(),
            Self::If { describe, .. } => format!("Changing this replaces the object {describe}."),
        }
    }

    pub(crate) fn applies(&self, context: &ReplaceContext<'_>) -> bool {
        match self {
            Self::Always => true,
            Self::If { when, .. } => when(context),
        }
    }
}

impl fmt::Debug for ReplaceRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}
