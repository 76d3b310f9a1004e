//! The resources of `prior_state`: the state after the refresh.

use serde::Deserialize;
use serde_json::Value;

/// A resource of the refreshed state.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PriorResource {
    pub(crate) address: String,
    #[serde(default)]
    pub(crate) mode: Option<String>,
    #[serde(rename = "type", default)]
    pub(crate) resource_type: String,
    #[serde(default)]
    pub(crate) values: Value,
    /// `true` where a value is a secret.
    #[serde(default)]
    pub(crate) sensitive_values: Value,
}
