//! The verbs of the binary `switchyard`.
//!
//! `gate` reads the JSON of a plan and tells drift, pending changes and errors apart. The answer depends on nothing but the plan, the
//! files given and the date; only when asked to, the counts go to CloudWatch and critical drift is told to others
//! afterwards.
//!
//! `report` shows what deployments did, from the files that `report_path` names. `lint` finds keys of objects that Terraform
//! drops without an error.
//!
//! `recover` carries out a scenario of a recovery plan.
//!
//! The others look at services and act on their deployments; what they do is in `switchyard-operate`.

mod accounts;
mod allow;
mod answer;
mod arguments;
mod baseline;
mod blame;
mod color;
mod configuration;
mod culprit;
mod files;
mod finding;
mod gate;
mod glob;
mod history;
mod judge;
mod lint;
mod metrics;
mod money;
mod notify;
mod operate;
mod owned;
mod picture;
mod plan;
mod recover;
mod remedy;
mod report;
mod rules;
mod run;
mod saved;
mod shell;
mod shown;
mod source;
mod strays;
mod streams;

pub use arguments::{
    Arguments, BlockOn, Color, CompletionsArguments, Format, GateArguments, LintArguments,
    LintFormat, ManArguments, PictureFormat, ReportArguments, Shell, Verb,
};
pub use blame::{AwsCommand, SearchTrail};
pub use gate::Outside;
pub use metrics::{CloudWatch, SendMetrics};
pub use notify::{Receivers, SendNotices};
pub use operate::{
    ActArguments, AnswerArguments, ConnectionArguments, DiagnoseArguments, DoctorArguments,
    ExecArguments, HistoryArguments, LogsArguments, OperateVerb, Operator, OutputArguments,
    OutputFormat, RenderArguments, RenderedDocument, RollbackArguments, ScaleArguments,
    ShowArguments, SideChoice, SnapshotArguments, SnapshotCommon, SnapshotWhat, VerifyArguments,
    WatchArguments, WatchFormat, WhichArguments, operate,
};
pub use plan::{Check, Deferred, Limits, PlanFault, PlanSummary, read_plan};
pub use recover::{RecoverArguments, recover};
pub use run::run;
pub use shell::{completions, man};
pub use strays::{AwsAccount, ListAccount, Listed};
pub use streams::{Streams, Surroundings};
pub use switchyard_notify::{Event, Target};

/// The JSON Schemas (draft 2020-12) of what the commands that look at services and act on them write, by `format`.
#[must_use]
pub fn schemas() -> std::collections::BTreeMap<&'static str, serde_json::Value> {
    let mut all = switchyard_operate::schemas();
    all.insert(recover::FORMAT, recover::schema());
    all
}
