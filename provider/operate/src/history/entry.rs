//! One deployment of the past.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// One deployment. The fields are the JSON that the command writes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Entry {
    pub(crate) service: String,
    pub(crate) id: String,
    /// AWS's word.
    pub(crate) status: String,
    /// Absent while it is in progress.
    pub(crate) succeeded: Option<bool>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    /// Container → image.
    pub(crate) images: BTreeMap<String, String>,
    pub(crate) reason: Option<String>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) finished_at: Option<Timestamp>,
    /// From the commit that its task definition names until it was live.
    pub(crate) lead_seconds: Option<i64>,
    #[serde(skip)]
    pub(crate) task_definition: Option<String>,
}
