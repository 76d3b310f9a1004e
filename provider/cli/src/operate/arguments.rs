//! The command line of the verbs that call AWS.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use jiff::SignedDuration;
use switchyard_engine::ports::Place;
use switchyard_engine::snapshot::SnapshotId;
use switchyard_operate::{Role, Scale, SnapshotVerb, parse_bucket, parse_span};

use crate::color::Color;

/// Where snapshots are kept when nothing is said, as in the provider.
const DEFAULT_PLACE: &str = "switchyard-snapshots";

/// What people on call do.
#[derive(Debug, Subcommand)]
pub enum OperateVerb {
    /// Show services: sides, traffic, tasks, targets, the deployment in progress and what it waits for.
    Status(ShowArguments),
    /// Follow the deployment in progress to its end: exit code 0 when it succeeded, 3 when it did not, 2 when none is in
    /// progress. With `-- COMMAND`, run an apply and show what it does.
    Watch(WatchArguments),
    /// Continue a deployment that waits for approval.
    Approve(AnswerArguments),
    /// Roll a deployment back that waits for approval.
    Reject(AnswerArguments),
    /// Stop the deployment in progress and leave traffic where it is.
    Stop(AnswerArguments),
    /// Go back: stop the deployment in progress with a rollback, or deploy the revision that was live before. With
    /// `--group`, every service of a group goes back to what was live before the group's last change, the last wave first.
    Rollback(RollbackArguments),
    /// Raise the number of tasks and the bounds of automatic scaling for a time, or put them back.
    Scale(ScaleArguments),
    /// Show past deployments and how well a service is deployed: frequency, failures, time to restore, lead time.
    History(HistoryArguments),
    /// Say what is wrong with services, why, and what to do: exit code 3 when the health is below --fail-under.
    Diagnose(DiagnoseArguments),
    /// Show the tasks that have stopped, grouped by reason.
    Tasks(ShowArguments),
    /// Show what the containers of all tasks write to their logs.
    Logs(LogsArguments),
    /// Open a session in a container with ECS Exec.
    Exec(ExecArguments),
    /// Check what a deployment needs, without Terraform: exit code 3 when a check has found an error.
    Verify(VerifyArguments),
    /// Check whether this machine and this account are ready: exit code 3 when something has failed.
    Doctor(DoctorArguments),
    /// Write a document of a service, live or planned, as JSON: the AppSpec for CodeDeploy, or the task definition.
    Render(RenderArguments),
    /// Write import blocks for services that exist, and for their automatic scaling. With `--from ADDRESS`, write the resource
    /// and the `moved` block that take over an `aws_ecs_service` of the state in the current folder.
    Init(ShowArguments),
    /// List, show, compare, take and delete snapshots of a service.
    Snapshot(SnapshotArguments),
}

/// Which services.
#[derive(Clone, Debug, Default, Args)]
pub struct WhichArguments {
    /// Names of services, CLUSTER/NAME, or ARNs.
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// Cluster of the services: its name or ARN. Not needed when the region has only one.
    #[arg(long, value_name = "CLUSTER")]
    pub cluster: Option<String>,
    /// All services of the cluster.
    #[arg(long)]
    pub all: bool,
    /// The services of a group (`switchyard_service_group`), found by the tag `switchyard:group`; with `--from`, those that
    /// the file names.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub group: Option<String>,
    /// The services in a state or plan: output of `terraform show -json`, a state file, or a saved plan.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
}

/// How AWS is reached; what is not said comes from the environment and the profile, as in the AWS command line.
#[derive(Clone, Debug, Default, Args)]
pub struct ConnectionArguments {
    /// Region. Defaults to that of the ARN, AWS_REGION, or the profile.
    #[arg(long, value_name = "REGION", help_heading = "Connection")]
    pub region: Option<String>,
    /// Profile in the shared files of the AWS command line.
    #[arg(long, value_name = "PROFILE", help_heading = "Connection")]
    pub profile: Option<String>,
    /// URL for all calls, instead of AWS's own endpoints.
    #[arg(long, value_name = "URL", help_heading = "Connection")]
    pub endpoint_url: Option<String>,
}

/// How the result is written.
#[derive(Clone, Copy, Debug, Args)]
pub struct OutputArguments {
    /// How the result is written to standard output.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, help_heading = "Output")]
    pub output: OutputFormat,
    /// Whether text uses colour; `auto` does so on a terminal, unless NO_COLOR is set.
    #[arg(long, value_enum, default_value_t = Color::Auto, help_heading = "Output")]
    pub color: Color,
}

/// Form of the result.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Arguments of verbs that only look.
#[derive(Clone, Debug, Args)]
pub struct ShowArguments {
    /// Which services.
    #[command(flatten)]
    pub which: WhichArguments,
    /// How AWS is reached.
    #[command(flatten)]
    pub connection: ConnectionArguments,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `switchyard watch`.
#[derive(Clone, Debug, Args)]
pub struct WatchArguments {
    /// What verbs that only look have.
    #[command(flatten)]
    pub show: ShowArguments,
    /// Follow the file in which an apply says what it does (SWITCHYARD_PROGRESS), without calling AWS.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["services", "cluster", "all", "group", "from"])]
    pub file: Option<PathBuf>,
    /// With --file: do not wait for the next apply when every deployment in the file has ended; exit code 2 when it has none.
    #[arg(long, requires = "file", conflicts_with = "command")]
    pub once: bool,
    /// How the lines of an apply are written. `github` makes groups and annotations for the log of a step; without --file, it
    /// follows the file of `SWITCHYARD_PROGRESS=github`.
    #[arg(
        long,
        value_enum,
        default_value_t = WatchFormat::Text,
        conflicts_with_all = ["services", "cluster", "all", "group", "from"]
    )]
    pub format: WatchFormat,
    /// Run this command, such as `terraform apply`, and write what the apply says between its lines; the exit code is that of
    /// the command.
    #[arg(last = true, value_name = "COMMAND", conflicts_with_all = ["services", "cluster", "all", "group", "from"])]
    pub command: Vec<OsString>,
}

/// Form of the lines of an apply.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum WatchFormat {
    /// A line for each change.
    Text,
    /// Groups and annotations of GitHub Actions.
    Github,
}

/// What every change has.
#[derive(Clone, Debug, Args)]
pub struct ActArguments {
    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,
    /// Why; kept in the tag `switchyard:operated` of the service.
    #[arg(long, value_name = "TEXT", value_parser = parse_reason)]
    pub reason: Option<String>,
    /// JSON file that says who is notified of it, as the `notify` blocks of the provider do.
    #[arg(long, value_name = "FILE")]
    pub notify: Option<PathBuf>,
}

/// Arguments of verbs that change a deployment in progress.
#[derive(Clone, Debug, Args)]
pub struct AnswerArguments {
    /// Which services, and how.
    #[command(flatten)]
    pub show: ShowArguments,
    /// Confirmation and reason.
    #[command(flatten)]
    pub act: ActArguments,
}

/// Arguments of `switchyard rollback`.
#[derive(Clone, Debug, Args)]
pub struct RollbackArguments {
    /// Which services, and how.
    #[command(flatten)]
    pub show: ShowArguments,
    /// Confirmation and reason.
    #[command(flatten)]
    pub act: ActArguments,
    /// Task definition to go back to: FAMILY:REVISION or its ARN. Defaults to the one that was live before.
    #[arg(long, value_name = "TASK_DEFINITION", conflicts_with = "snapshot")]
    pub to: Option<String>,
    /// Snapshot to go back to.
    #[arg(long, value_name = "SNAPSHOT_ID")]
    pub snapshot: Option<SnapshotId>,
    /// Where snapshots are kept: a folder, or s3://BUCKET/PREFIX.
    #[arg(long, value_name = "PLACE", default_value = DEFAULT_PLACE, value_parser = parse_place)]
    pub place: Place,
    /// Only show what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `switchyard scale`.
#[derive(Clone, Debug, Args)]
#[command(group = clap::ArgGroup::new("number").args(["count", "min", "max", "restore"]).required(true).multiple(true))]
pub struct ScaleArguments {
    /// Which services, and how.
    #[command(flatten)]
    pub show: ShowArguments,
    /// Confirmation and reason; raising needs a reason.
    #[command(flatten)]
    pub act: ActArguments,
    /// Number of tasks. Bounds of automatic scaling that would take it back are raised as well.
    #[arg(long, value_name = "TASKS", value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub count: Option<u32>,
    /// Fewest tasks of automatic scaling.
    #[arg(long, value_name = "TASKS", value_parser = clap::value_parser!(u32).range(0..=5000))]
    pub min: Option<u32>,
    /// Most tasks of automatic scaling.
    #[arg(long, value_name = "TASKS", value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub max: Option<u32>,
    /// How long it is expected, such as 90m or 2h.
    #[arg(long = "for", value_name = "TIME", default_value = "2h", value_parser = Scale::parse_lasts)]
    pub lasts: SignedDuration,
    /// Put back what was raised.
    #[arg(long, conflicts_with_all = ["count", "min", "max", "lasts"])]
    pub restore: bool,
}

/// Arguments of `switchyard render`.
#[derive(Clone, Debug, Args)]
pub struct RenderArguments {
    /// Which document.
    #[arg(value_enum, value_name = "DOCUMENT")]
    pub document: RenderedDocument,
    /// Which service, and how.
    #[command(flatten)]
    pub show: ShowArguments,
    /// Of a plan, without calling AWS: a saved plan, or the output of `terraform show -json`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["services", "cluster", "all", "group", "from"])]
    pub plan: Option<PathBuf>,
    /// With --plan: address of the service, or of its task definition. Not needed when the plan has only one.
    #[arg(long, value_name = "ADDRESS", requires = "plan")]
    pub address: Option<String>,
}

/// What is rendered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum RenderedDocument {
    /// The AppSpec of a CodeDeploy deployment to the live or planned revision.
    Appspec,
    /// The live or planned task definition, as `aws ecs register-task-definition --cli-input-json` takes it.
    Taskdef,
}

/// Arguments of `switchyard history`.
#[derive(Clone, Debug, Args)]
pub struct HistoryArguments {
    /// Which services, and how.
    #[command(flatten)]
    pub show: ShowArguments,
    /// How many days back.
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=365))]
    pub days: u16,
}

/// Arguments of `switchyard doctor`.
#[derive(Clone, Debug, Args)]
pub struct DoctorArguments {
    /// How AWS is reached.
    #[command(flatten)]
    pub connection: ConnectionArguments,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `switchyard diagnose`.
#[derive(Clone, Debug, Args)]
pub struct DiagnoseArguments {
    /// Which services, and how.
    #[command(flatten)]
    pub show: ShowArguments,
    /// Exit with 3 when the health of a service is below this number, from 0 to 100.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub fail_under: Option<u8>,
    /// Advise on the size of the tasks, from CPU and memory of the last 14 days.
    #[arg(long)]
    pub rightsize: bool,
    /// JSON file with custom prices, instead of AWS's list prices in us-east-1.
    #[arg(long, value_name = "FILE", requires = "rightsize")]
    pub prices: Option<PathBuf>,
}

/// A side of a service.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum SideChoice {
    /// The side with production traffic.
    Live,
    /// The side that a deployment goes to.
    New,
    /// The side that a deployment comes from.
    Old,
}

impl From<SideChoice> for Role {
    fn from(side: SideChoice) -> Self {
        match side {
            SideChoice::Live => Self::Live,
            SideChoice::New => Self::New,
            SideChoice::Old => Self::Old,
        }
    }
}

/// Arguments of `switchyard logs`.
#[derive(Clone, Debug, Args)]
pub struct LogsArguments {
    /// Which services, and how.
    #[command(flatten)]
    pub show: ShowArguments,
    /// Only the tasks of this side. Defaults to all.
    #[arg(long, value_enum)]
    pub side: Option<SideChoice>,
    /// Only this container. Defaults to all.
    #[arg(long, value_name = "NAME")]
    pub container: Option<String>,
    /// How far back, such as 30m or 2h.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_span)]
    pub since: SignedDuration,
    /// Only lines that match this filter pattern of CloudWatch Logs, such as ERROR or "?ERROR ?WARN".
    #[arg(long, value_name = "PATTERN")]
    pub filter: Option<String>,
    /// Wait for more lines.
    #[arg(long, short)]
    pub follow: bool,
}

/// Arguments of `switchyard exec`.
#[derive(Clone, Debug, Args)]
pub struct ExecArguments {
    /// Which service, and how.
    #[command(flatten)]
    pub show: ShowArguments,
    /// A task of this side. Defaults to live.
    #[arg(long, value_enum, conflicts_with = "task")]
    pub side: Option<SideChoice>,
    /// This task: its id, or the beginning of it. Defaults to the newest task of the side.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
    /// This container. Defaults to the one behind the load balancer.
    #[arg(long, value_name = "NAME")]
    pub container: Option<String>,
    /// What to run, with its arguments.
    #[arg(long, value_name = "COMMAND", default_value = "/bin/sh")]
    pub command: String,
}

/// Arguments of `switchyard verify`.
#[derive(Clone, Debug, Args)]
pub struct VerifyArguments {
    /// Which services, and how.
    #[command(flatten)]
    pub show: ShowArguments,
    /// Task definition that would be deployed: FAMILY:REVISION or its ARN. Defaults to that of the plan (--from), or the live
    /// one.
    #[arg(long, value_name = "TASK_DEFINITION")]
    pub to: Option<String>,
}

/// Arguments of `switchyard snapshot`.
#[derive(Clone, Debug, Args)]
pub struct SnapshotArguments {
    /// What to do.
    #[command(subcommand)]
    pub what: SnapshotWhat,
}

/// Which service's snapshots, and where they are.
#[derive(Clone, Debug, Args)]
pub struct SnapshotCommon {
    /// The service, and how.
    #[command(flatten)]
    pub show: ShowArguments,
    /// Where snapshots are kept: a folder, or s3://BUCKET/PREFIX.
    #[arg(long, value_name = "PLACE", default_value = DEFAULT_PLACE, value_parser = parse_place)]
    pub place: Place,
}

/// What to do with snapshots.
#[derive(Clone, Debug, Subcommand)]
pub enum SnapshotWhat {
    /// All snapshots of a service, newest first.
    List(SnapshotCommon),
    /// One snapshot as JSON.
    Show {
        /// Which service's, and where.
        #[command(flatten)]
        common: SnapshotCommon,
        /// Its id. Defaults to the newest whose condition is `good`.
        #[arg(long, value_name = "SNAPSHOT_ID")]
        id: Option<SnapshotId>,
    },
    /// What differs between a snapshot and another one, or the service as it is now.
    Diff {
        /// Which service's, and where.
        #[command(flatten)]
        common: SnapshotCommon,
        /// The snapshot to compare.
        #[arg(long, value_name = "SNAPSHOT_ID")]
        from_id: SnapshotId,
        /// The other one. Defaults to the service as it is now.
        #[arg(long, value_name = "SNAPSHOT_ID")]
        to_id: Option<SnapshotId>,
    },
    /// Take a snapshot.
    Take {
        /// Which service's, and where.
        #[command(flatten)]
        common: SnapshotCommon,
        /// Why; a part of the snapshot.
        #[arg(long, value_name = "TEXT", default_value = "taken by hand", value_parser = parse_reason)]
        reason: String,
    },
    /// Delete old snapshots. The newest good one, pinned ones and those that cannot be read always stay.
    Prune {
        /// Which service's, and where.
        #[command(flatten)]
        common: SnapshotCommon,
        /// The newest so many stay.
        #[arg(long, value_name = "NUMBER", default_value_t = 10)]
        keep: u32,
        /// Older ones are deleted, such as 30d.
        #[arg(long, value_name = "AGE", default_value = "30d", value_parser = SnapshotVerb::parse_age)]
        age: SignedDuration,
        /// Only show what would be deleted.
        #[arg(long)]
        dry_run: bool,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
    },
}

impl SnapshotWhat {
    pub(super) fn common(&self) -> &SnapshotCommon {
        match self {
            Self::List(common)
            | Self::Show { common, .. }
            | Self::Diff { common, .. }
            | Self::Take { common, .. }
            | Self::Prune { common, .. } => common,
        }
    }
}

impl OperateVerb {
    /// Which services, connection and output, as far as a verb has them.
    fn parts(
        &self,
    ) -> (
        Option<&WhichArguments>,
        &ConnectionArguments,
        OutputArguments,
    ) {
        let show = match self {
            Self::Doctor(given) => return (None, &given.connection, given.output),
            Self::Status(show) | Self::Tasks(show) | Self::Init(show) => show,
            Self::Render(given) => &given.show,
            Self::Watch(given) => &given.show,
            Self::Diagnose(given) => &given.show,
            Self::Logs(given) => &given.show,
            Self::Exec(given) => &given.show,
            Self::Verify(given) => &given.show,
            Self::Approve(given) | Self::Reject(given) | Self::Stop(given) => &given.show,
            Self::Rollback(given) => &given.show,
            Self::Scale(given) => &given.show,
            Self::History(given) => &given.show,
            Self::Snapshot(given) => &given.what.common().show,
        };
        (Some(&show.which), &show.connection, show.output)
    }

    /// Absent for a verb that is about no service.
    pub(super) fn which(&self) -> Option<&WhichArguments> {
        self.parts().0
    }

    pub(super) fn connection(&self) -> &ConnectionArguments {
        self.parts().1
    }

    pub(super) fn output(&self) -> OutputArguments {
        self.parts().2
    }

    /// The file that says who is told, and the reason that is given.
    pub(super) fn told(&self) -> Option<(&Path, Option<&str>)> {
        let act = match self {
            Self::Doctor(_)
            | Self::Status(_)
            | Self::Watch(_)
            | Self::Diagnose(_)
            | Self::Tasks(_)
            | Self::Logs(_)
            | Self::Exec(_)
            | Self::Verify(_)
            | Self::History(_)
            | Self::Render(_)
            | Self::Init(_)
            | Self::Snapshot(_) => return None,
            Self::Approve(given) | Self::Reject(given) | Self::Stop(given) => &given.act,
            Self::Rollback(given) => &given.act,
            Self::Scale(given) => &given.act,
        };
        Some((act.notify.as_deref()?, act.reason.as_deref()))
    }

    /// Whether nobody is to be asked.
    pub(super) fn is_agreed(&self) -> bool {
        match self {
            Self::Doctor(_)
            | Self::Status(_)
            | Self::Watch(_)
            | Self::Diagnose(_)
            | Self::Tasks(_)
            | Self::Logs(_)
            | Self::Exec(_)
            | Self::Verify(_)
            | Self::History(_)
            | Self::Render(_)
            | Self::Init(_) => false,
            Self::Approve(given) | Self::Reject(given) | Self::Stop(given) => given.act.yes,
            Self::Rollback(given) => given.act.yes,
            Self::Scale(given) => given.act.yes,
            Self::Snapshot(given) => matches!(given.what, SnapshotWhat::Prune { yes: true, .. }),
        }
    }
}

impl ScaleArguments {
    /// What is asked for; absent when the reason is missing.
    pub(super) fn wanted(&self) -> Option<Scale> {
        let reason = self.act.reason.clone();
        Some(match self.restore {
            true => Scale::Restore { reason },
            false => Scale::Raise {
                count: self.count,
                min: self.min,
                max: self.max,
                lasts: self.lasts,
                reason: reason?,
            },
        })
    }
}

/// A reason has words.
fn parse_reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why, such as --reason \"5xx after the deployment\"".to_owned()),
        reason => Ok(reason.to_owned()),
    }
}

/// A folder or a bucket.
fn parse_place(text: &str) -> Result<Place, String> {
    match text {
        "" => Err("name a folder, or s3://BUCKET/PREFIX".to_owned()),
        bucket if bucket.starts_with("s3://") => parse_bucket(bucket),
        folder => Ok(Place::Folder(folder.to_owned())),
    }
}
