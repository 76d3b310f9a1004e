//! What a finished apply did.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a successful apply did. The rollout, if there was one, is told by its [`DeploymentRecord`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What happened.
    pub kind: ReportKind,
    /// Service deployment ARN or CodeDeploy deployment id; absent when nothing was rolled out.
    pub deployment_id: Option<String>,
}

/// What a successful apply did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Account of one rollout, whatever its end; made to be stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeploymentRecord {
    /// Service deployment ARN, CodeDeploy deployment id or task set id; absent when none was named.
    pub id: Option<String>,
    /// How it ended.
    pub outcome: RecordOutcome,
    /// One sentence: why it was done and, when it failed, why it failed.
    pub reason: String,
    /// Task definition ARN that was live before; absent at creation.
    pub from_task_definition: Option<String>,
    /// Task definition ARN it went to.
    pub to_task_definition: String,
    /// When the apply began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Between the two, in seconds.
    pub duration_seconds: u64,
    /// From the moment the rollout was given up until production traffic was back on the old revision, in
    /// seconds; to the end of the rollback when that moment was not seen.
    pub recovery_seconds: Option<u64>,
    /// Who moved the traffic; absent in files of the first form.
    #[serde(default)]
    pub controller: Option<RecordController>,
    /// ARN of the new side's target group, where there are two of them and AWS has named it.
    #[serde(default)]
    pub new_target_group: Option<String>,
    /// ARN of the old side's target group.
    #[serde(default)]
    pub old_target_group: Option<String>,
    /// Every stage, weight and number of tasks that was seen, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// What gates said, in the order in which they were decided.
    pub gates: Vec<GateResult>,
    /// What gates measured, oldest first. Of a gate with more than [`MOST_READINGS`], some are left out.
    #[serde(default)]
    pub readings: Vec<GateReading>,
    /// ECS's events of the service in that time, oldest first.
    #[serde(default)]
    pub events: Vec<RecordEvent>,
    /// Names of the alarms that ECS says have stopped it.
    #[serde(default)]
    pub alarms: Vec<String>,
    /// What the apply said when it failed.
    #[serde(default)]
    pub failure: Option<RecordFailure>,
    /// Health score of the last moment that was judged, 0–100, of what was measured; absent when nothing was.
    pub score: Option<u32>,
    /// Images of the new revision.
    pub images: Vec<DeployedImage>,
    /// The images themselves are to blame (or may be): they should not be deployed again unasked.
    pub quarantine: bool,
}

/// How a rollout ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordOutcome {
    /// It was cancelled, and undone or stopped.
    Cancelled,
    /// It failed, and was not undone.
    Failed,
    /// It goes on without us.
    LeftRunning,
    /// It was undone.
    RolledBack,
    /// The new revision is live.
    Succeeded,
    /// The new revision is live, and a gate failed afterwards.
    Unhealthy,
}

/// An image of a revision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeployedImage {
    /// Container name.
    pub container: String,
    /// Image as written.
    pub image: String,
    /// `sha256:…`, once AWS has resolved it.
    pub digest: Option<String>,
}

/// What one gate said at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateResult {
    /// Name of the gate.
    pub gate: String,
    /// Moment: `before_traffic`, `step`, `bake`, `after`.
    pub moment: String,
    /// Weight of the new revision then, in percent.
    pub weight: f64,
    /// `passed`, `failed`, `inconclusive` or `no_data`.
    pub verdict: GateVerdict,
    /// It did not stop the rollout, whatever it said.
    pub observe_only: bool,
    /// Measurements made.
    pub measurements: u32,
    /// One sentence: the number or answer that decided it.
    pub message: String,
    /// When it was decided.
    pub at: Timestamp,
}

/// Most readings that are kept of one gate.
pub const MOST_READINGS: usize = 240;

/// What one measurement of a gate brought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateReading {
    /// Name of the gate.
    pub gate: String,
    /// Moment, as in [`GateResult`].
    pub moment: String,
    /// When it was read.
    pub at: Timestamp,
    /// The number; absent for requests, and when there was none.
    pub value: Option<f64>,
    /// The number it is compared with.
    pub limit: Option<f64>,
    /// What was expected, such as `good when <= 5`; absent for requests.
    pub expected: Option<String>,
    /// What it means.
    pub verdict: ReadingVerdict,
}

/// What one measurement means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingVerdict {
    /// Not as wanted.
    Bad,
    /// Neither good nor bad.
    Between,
    /// As wanted.
    Good,
    /// There was no number that counts.
    Missing,
}

/// An event of the service, in ECS's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordEvent {
    /// When.
    pub at: Timestamp,
    /// ECS's sentence.
    pub message: String,
}

/// What an apply said when it failed: the parts of its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordFailure {
    /// Code, such as `SY0217`.
    pub code: String,
    /// One line.
    pub summary: String,
    /// What was true then.
    pub now: String,
    /// Why, most telling first.
    pub why: Vec<String>,
    /// What to do next.
    pub next: String,
}

/// Who moved the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordController {
    /// CodeDeploy.
    CodeDeploy,
    /// ECS.
    Ecs,
    /// The apply.
    External,
}

/// What a gate said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateVerdict {
    /// Not as wanted.
    Failed,
    /// It could not be decided.
    Inconclusive,
    /// Nothing was measured (nobody asked, or CloudWatch has no number), and that counts as passed.
    NoData,
    /// As wanted.
    Passed,
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
    /// Tasks of the new revision that were running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<u32>,
    /// Tasks it was to have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired: Option<u32>,
    /// Healthy targets of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthy: Option<u32>,
}
