//! What parts account for.

use serde_json::{Map, Value};

/// An attribute of a drifted resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole<'w> {
    pub(crate) resource_type: &'w str,
    pub(crate) attribute: &'w str,
    /// Its names.
    pub(crate) names: &'w Map<String, Value>,
    pub(crate) before: &'w Value,
    pub(crate) after: &'w Value,
}
