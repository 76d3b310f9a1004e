//! What a finished apply did.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Account of one successful apply, made to be stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What happened.
    pub kind: ReportKind,
    /// Service deployment ARN or CodeDeploy deployment id; absent when nothing was rolled out.
    pub deployment_id: Option<String>,
    /// Task definition ARN that was live before; absent at creation.
    pub from_task_definition: Option<String>,
    /// Task definition ARN that is live now.
    pub to_task_definition: Option<String>,
    /// When the apply began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Between the two, in seconds.
    pub duration_seconds: u64,
    /// Every stage and weight that was seen, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// One sentence: why this was done.
    pub reason: String,
}

/// What a successful apply did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// Only settings, desired count or tags changed.
    Adjusted,
    /// The service was created and its first rollout succeeded.
    Created,
    /// A rollout succeeded.
    RolledOut,
    /// Everything was as wanted.
    Unchanged,
}

/// One moment of a rollout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// When it was seen.
    pub at: Timestamp,
    /// Stage in words, such as `POST_SCALE_UP`, or what was waited for.
    pub stage: String,
    /// Percent of production traffic on the new revision, when AWS says.
    pub weight: Option<f64>,
}
