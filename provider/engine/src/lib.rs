//! Carries rollout decisions out through ports: observe → decide → perform, until an outcome.
//!
//! **Invariants.** This crate knows neither Terraform nor the AWS SDK. It decides nothing: every
//! choice is made by `switchyard_rollout::decide`. Time comes only from [`ports::Clock`].

mod app_spec;
mod apply;
mod as_live;
mod beyond;
pub mod cost;
mod delete;
mod desired;
pub mod emergency;
mod failure;
mod finding;
mod fingerprint;
mod freeze;
pub mod function_alias;
pub mod gate;
mod goal;
pub mod group;
pub mod listener_rule;
mod live;
mod lost_traffic;
pub mod migration;
pub mod monitoring;
mod notes;
mod observe;
mod pace;
pub mod ports;
pub mod recovery;
mod report;
mod route;
pub mod scaling;
mod serving;
mod shown;
mod sighting;
pub mod snapshot;
mod tagging;
mod task_definition;
mod text;
mod under_way;
mod verify;
mod watch_note;
mod way_back;

pub use app_spec::{app_spec, live_app_spec};
pub use apply::{Applied, apply, hopeless_task};
pub use as_live::{as_it_is, as_live};
pub use beyond::beyond;
pub use delete::delete;
pub use desired::{
    CodeDeployHook, DesiredController, DesiredCount, DesiredLoadBalancer, DesiredRevision,
    DesiredService, DesiredStep, DesiredTaskDefinition, Intent, OnCancel, OnForeign, ScalingDuring,
    Settings,
};
pub use failure::{Failure, FailureKind, access_advice, route_missing, shown_log_line};
pub use finding::{Field, Finding, FindingLevel, MissingRoute, Rule};
pub use freeze::{Days, Freeze, FreezeTimes, Frozen, LONGEST_WINDOW, frozen};
pub use live::{Live, LiveRevision, OngoingDeployment, Unfinished};
pub use notes::{
    COMMIT_TIME_TAG, CREATING_TAG, DEPLOYING_TAG, EMERGENCY_TAG, GROUP_CHANGE_TAG,
    GROUP_REGIONS_TAG, GROUP_TAG, OPERATED_TAG, SCALING_TAG, WATCHING_TAG,
};
pub use observe::{observe, observe_behind, production_weights};
pub use pace::Pace;
pub use report::{
    DeployedImage, DeploymentRecord, GateReading, GateResult, GateVerdict, MOST_READINGS,
    ReadingVerdict, RecordController, RecordEvent, RecordFailure, RecordOutcome, Report,
    ReportKind, TimelineEntry,
};
pub use switchyard_rollout::Hopeless;
pub use switchyard_rollout::weights::{Shape, Share, shifts};
pub use tagging::{DesiredTags, IgnoredTags};
pub use task_definition::{ImageChange, ImageChanges, ImagesRefused, image_changes, registrable};
pub use under_way::{
    UnderWay, Wait, continue_under_way, find_deployment_group, find_under_way, stop_under_way,
};
pub use verify::{
    StrayTraffic, WrittenRoutes, is_windows_family, missing_routes, not_on_windows, stray_traffic,
    verify, verify_rollout,
};
pub use way_back::{NoWayBack, find_way_back, list_code_deploy_deployments, served_by_code_deploy};

/// Tag of task definitions that we have registered: `CLUSTER/SERVICE`. Only these are ever deregistered.
pub const REGISTERED_TAG: &str = "switchyard:service";
