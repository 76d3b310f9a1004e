//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use crate::color::Color;
use crate::metrics;
use crate::operate::OperateVerb;
use crate::recover::RecoverArguments;
use crate::rules::Severity;
use crate::strays::parse_tag;

/// Tools around the Terraform provider switchyard.
#[derive(Debug, Parser)]
#[command(name = "switchyard", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Judge the drift in plans: exit code 0 for none, 1 for an error, 2 for drift below the threshold, 3 for blocked, 4 for
    /// an incomplete plan.
    Gate(GateArguments),
    /// Find keys of objects that Terraform drops without an error: exit code 0 for none, 1 for an error, 2 for found keys.
    Lint(LintArguments),
    /// Show what deployments did, from the files that `report_path` names: exit code 0 for a report that was written, 1 for
    /// an error.
    Report(ReportArguments),
    /// Look at services, and act on their deployments.
    #[command(flatten)]
    Operate(OperateVerb),
    /// Carry out a scenario of a recovery plan, and measure it: exit code 0 when every step succeeded, 1 for an error, 2 when
    /// no alarm is firing (`--if-alarm`), 3 when a step failed or a drill missed the objective.
    Recover(RecoverArguments),
    /// Write the script that completes commands in a shell.
    Completions(CompletionsArguments),
    /// Write man pages to a folder.
    Man(ManArguments),
}

/// Arguments of `switchyard lint`.
#[derive(Debug, Args)]
pub struct LintArguments {
    /// Folder of a configuration after `terraform init`.
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// How the findings are written to standard output.
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub format: LintFormat,
}

/// Form of the findings.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum LintFormat {
    /// For people at a terminal or reading a job's log.
    Text,
    /// For other programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

/// Arguments of `switchyard report`.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Reports of deployments, or folders of them; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// What is written to standard output.
    #[arg(long, value_enum, default_value_t = PictureFormat::Html)]
    pub format: PictureFormat,
}

/// How deployments are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum PictureFormat {
    /// One page that needs nothing else.
    Html,
    /// For a comment on a pull request or the summary of a job.
    Markdown,
    /// A picture.
    Svg,
}

/// Arguments of `switchyard gate`.
#[derive(Debug, Args)]
pub struct GateArguments {
    /// Plans: output of `terraform show -json`, also with gzip, saved plans, or folders of them; `-` is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    pub files: Vec<PathBuf>,
    /// Least severity that blocks (exit code 3).
    #[arg(long, value_enum, default_value_t = BlockOn::Critical)]
    pub block_on: BlockOn,
    /// Judge a plan that leaves something out, such as one with -target, by what it shows.
    #[arg(long)]
    pub allow_partial: bool,
    /// How the report is written to standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// JSON file with severities of your own and an allow-list.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// JSON file with what was accepted before: it does not count as long as its value stays the same.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Accept all drift that counts for this reason, and write it to the baseline.
    #[arg(long, value_name = "REASON", requires = "baseline", value_parser = parse_reason)]
    pub accept: Option<String>,
    /// File with one line of JSON for each difference, which says when it was seen first and last; updated by each run.
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
    /// Ask CloudTrail who changed what drifted, with the AWS command line (cloudtrail:LookupEvents).
    #[arg(long)]
    pub blame: bool,
    /// Also look for what exists in the account and region and is in none of the states: clusters, services, load balancers
    /// and their parts, scaling, CodeDeploy, alarms and log groups.
    #[arg(long)]
    pub unmanaged: bool,
    /// Look only for what belongs to this cluster, or is part of what a state has; may be given several times.
    #[arg(long, value_name = "NAME", requires = "unmanaged")]
    pub unmanaged_cluster: Vec<String>,
    /// Look only for what has this tag, or is part of what a state has; of several, all must be there.
    #[arg(long, value_name = "KEY[=VALUE]", requires = "unmanaged", value_parser = parse_tag)]
    pub unmanaged_tag: Vec<(String, Option<String>)>,
    /// JSON file with prices of your own, instead of AWS's list prices in us-east-1.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// Send TotalDrift, CriticalDrift, MajorDrift and MinorDrift to CloudWatch (cloudwatch:PutMetricData).
    #[arg(long)]
    pub metrics: bool,
    /// Namespace of the metrics.
    #[arg(long, value_name = "NAMESPACE", requires = "metrics", default_value = metrics::NAMESPACE, value_parser = metrics::parse_namespace)]
    pub metrics_namespace: String,
    /// Dimension of the metrics; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", requires = "metrics", value_parser = metrics::parse_dimension)]
    pub metrics_dimension: Vec<(String, String)>,
    /// JSON file that says who is notified of critical drift, as the `notify` blocks of the provider do.
    #[arg(long, value_name = "FILE")]
    pub notify: Option<PathBuf>,
    /// Whether the text format uses colour; `auto` does so on a terminal.
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

/// A reason has words.
fn parse_reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why, such as --accept \"moved by the network team\"".to_owned()),
        reason => Ok(reason.to_owned()),
    }
}

/// Least severity that blocks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum BlockOn {
    /// Only critical drift blocks.
    Critical,
    /// Major and critical drift blocks.
    Major,
    /// Any drift that counts blocks.
    Minor,
}

impl BlockOn {
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::Critical => Severity::Critical,
            Self::Major => Severity::Major,
            Self::Minor => Severity::Minor,
        }
    }
}

/// Form of the report.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// For people at a terminal or reading a job's log.
    Text,
    /// For a comment on a pull request.
    Markdown,
    /// For other programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// Errors and warnings of Azure Pipelines.
    Azure,
}

/// A shell.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Shell {
    /// Bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
}

/// Arguments of `switchyard completions`.
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Arguments of `switchyard man`.
#[derive(Debug, Args)]
pub struct ManArguments {
    /// Folder for the pages, which exists.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}
