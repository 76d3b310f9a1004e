//! What people on call do with a rollout: look at it, wait for it, approve it, stop it, go back.
//!
//! Each command is a function over the engine's ports. It needs no Terraform state: a service is found by its name, its
//! ARN, in a cluster, or in a state or plan. What is done to a deployment is done by the engine.
//!
//! **Invariants.** No AWS SDK and no Terraform. Time comes only from [`switchyard_engine::ports::Clock`]. A command that is
//! killed leaves nothing half done: it makes one change, and AWS carries it out; or it writes down first what it is about to
//! change, so that the next one finishes it.

mod action;
mod answer;
mod console;
mod diagnose;
mod doctor;
mod exec;
mod exit;
mod gathered;
mod history;
mod init;
mod logs;
mod planned;
mod raised;
mod record;
mod render;
mod rollback;
mod scale;
mod scaled;
mod schemas;
mod select;
mod snapshots;
mod status;
mod stop;
mod tasks;
mod trouble;
mod verify;
mod view;
mod watch;
mod words;
mod written;

pub use answer::{Decision, answer};
pub use console::{Acted, Console, Deed, Output};
pub use diagnose::{
    Diagnose, FargatePrices, FargateRate, HealthArea, Issue, IssueKind, IssueSeverity, diagnose,
};
pub use doctor::{Machine, TerraformFound, doctor};
pub use exec::{Exec, OpenSession, SessionToOpen, exec};
pub use exit::Exit;
pub use history::history;
pub use init::{init, is_source, take_over};
pub use logs::{Logs, logs};
pub use render::{Document, PlannedDocument, render, render_planned};
pub use rollback::{Rollback, rollback};
pub use scale::{Scale, scale};
pub use scaled::find_scaled;
pub use schemas::schemas;
pub use select::{Chosen, LastApply, Selection, Target, Wanted, nearest};
pub use snapshots::{SnapshotVerb, parse_bucket, snapshots};
pub use status::status;
pub use stop::stop;
pub use tasks::tasks;
pub use trouble::Trouble;
pub use verify::{Verify, verify};
pub use view::{
    AlarmView, Carrier, DeploymentView, EmergencyView, EndedView, EventView, Role, ScalingView,
    ServiceView, SideView, State, TargetsView, TaskCounts, WaitView, look,
};
pub use watch::watch;
pub use words::parse_span;
pub use written::{Written, framed, schema_of};
