//! What people look at and an apply does not: tasks that run, what they log, and a way into them.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use super::{Result, ServiceRef, TaskStatus};

/// A task of a service that is not told to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningTask {
    /// ARN.
    pub arn: String,
    /// Task definition ARN.
    pub task_definition: String,
    /// `lastStatus`.
    pub status: TaskStatus,
    /// ECS Exec is on for it: it was on when the task started.
    pub executes: bool,
    /// Its containers.
    pub containers: Vec<RunningContainer>,
    /// When its containers ran.
    pub started_at: Option<Timestamp>,
}

/// A container of a running task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningContainer {
    /// Name.
    pub name: String,
    /// `runtimeId`; absent until it runs.
    pub runtime_id: Option<String>,
    /// `lastStatus` of the agent of ECS Exec in it; absent where it has none.
    pub exec_agent: Option<String>,
}

/// Which lines of a log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogQuery {
    /// Name or ARN of the group.
    pub group: String,
    /// Region of the group; that of the calls when absent.
    pub region: Option<String>,
    /// Only of streams whose name begins so; of all of them when absent.
    pub stream_prefix: Option<String>,
    /// Written at or after this time.
    pub since: Timestamp,
    /// Filter pattern of CloudWatch Logs.
    pub pattern: Option<String>,
    /// No more pages are read once there are so many lines.
    pub limit: usize,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Id of the event, unique in its group.
    pub id: String,
    /// When it was written.
    pub at: Timestamp,
    /// Stream.
    pub stream: String,
    /// The line.
    pub message: String,
}

/// What was found of a [`LogQuery`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogLines {
    /// Oldest first.
    pub lines: Vec<LogLine>,
    /// There are more than were read.
    pub is_cut: bool,
}

/// A session of ECS Exec, for the plugin that opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct ExecSession {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub stream_url: String,
    /// The secret that opens it.
    pub token: String,
}

impl fmt::Debug for ExecSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecSession")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A command to run in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecCommand {
    /// Cluster name or ARN.
    pub cluster: String,
    /// Task ARN.
    pub task: String,
    /// Container name.
    pub container: String,
    /// What to run, with its arguments.
    pub command: String,
}

/// Who the credentials are, as AWS sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerFacts {
    /// Account id.
    pub account: String,
    /// ARN of the user, role session or account.
    pub arn: String,
    /// Where credentials were looked for, in this order.
    pub looked_at: String,
    /// AWS's time when it answered.
    pub date: Option<Timestamp>,
}

/// Where a subnet's default route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// To an internet gateway: only what has a public address gets out.
    Internet,
    /// To a NAT gateway or instance.
    Nat,
    /// To another network, which may lead on.
    Elsewhere,
    /// It has none.
    Nowhere,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubnetFacts {
    /// Id.
    pub id: String,
    /// Id of its VPC.
    pub vpc: String,
    /// Where its default route leads.
    pub way_out: WayOut,
}

/// What a security group lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Protocol: `tcp`, `udp`, a number, or `-1` for all.
    pub protocol: String,
    /// First and last port; absent for all.
    pub ports: Option<(u32, u32)>,
    /// Security groups that are let in.
    pub groups: BTreeSet<String>,
    /// Addresses or prefix lists are let in.
    pub has_addresses: bool,
}

/// A certificate of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// ARN.
    pub arn: String,
    /// Its domain.
    pub domain: String,
    /// When it ends.
    pub ends_at: Timestamp,
    /// AWS renews it by itself.
    pub is_renewed: bool,
}

/// Reads what only people look at, and opens sessions for them.
#[async_trait::async_trait]
pub trait Inspection: Send + Sync + 'static {
    /// Tasks of the service that are not told to stop, by ARN.
    async fn running_tasks(&self, service: &ServiceRef) -> Result<Vec<RunningTask>>;
    /// Lines of a log group (FilterLogEvents; the adapter pages). A group that does not exist is of kind
    /// `NotFound`.
    async fn log_lines(&self, query: &LogQuery) -> Result<LogLines>;
    /// Starts a command in a container (ExecuteCommand, interactive). Somebody has to open the session.
    async fn execute_command(&self, command: &ExecCommand) -> Result<ExecSession>;
    /// Who calls (GetCallerIdentity, which nobody has to be allowed).
    async fn caller(&self) -> Result<CallerFacts>;
    /// Those of the actions that IAM's simulation does not allow the caller on all resources
    /// (SimulatePrincipalPolicy). `caller` is the ARN of [`CallerFacts`].
    async fn denied_actions(&self, caller: &str, actions: &[String]) -> Result<BTreeSet<String>>;
    /// The subnets that exist among `ids`, with their default routes.
    async fn subnets(&self, ids: &BTreeSet<String>) -> Result<Vec<SubnetFacts>>;
    /// Names of the services that a VPC has available endpoints for, such as `com.amazonaws.eu-west-1.ecr.api`.
    async fn endpoints(&self, vpc: &str) -> Result<BTreeSet<String>>;
    /// What any of these security groups lets in.
    async fn openings(&self, groups: &BTreeSet<String>) -> Result<Vec<Opening>>;
    /// Security groups of a load balancer; a Network Load Balancer may have none.
    async fn balancer_groups(&self, load_balancer: &str) -> Result<BTreeSet<String>>;
    /// The certificates of Certificate Manager that a load balancer's listeners have.
    async fn certificates(&self, load_balancer: &str) -> Result<Vec<CertificateFacts>>;
}
