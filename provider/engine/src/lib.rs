//! Carries rollout decisions out through ports: observe → decide → perform, until an outcome.
//!
//! **Invariants.** This crate knows neither Terraform nor the AWS SDK. It decides nothing: every
//! choice is made by `switchyard_rollout::decide`. Time comes only from [`ports::Clock`].

mod apply;
mod delete;
mod failure;
mod finding;
mod fingerprint;
pub mod gate;
pub mod listener_rule;
mod live;
mod lost_traffic;
mod notes;
mod observe;
mod pace;
pub mod ports;
mod report;
mod route;
pub mod scaling;
mod serving;
mod shown;
pub mod snapshot;
mod task_definition;
mod verify;
mod wanted;

pub use apply::{Applied, apply};
pub use delete::delete;
pub use failure::{Failure, FailureKind, access_advice, route_missing};
pub use finding::{Field, Finding, Rule, Severity};
pub use live::{Live, LiveRevision, OngoingDeployment};
pub use observe::{observe, observe_behind};
pub use report::{
    DeployedImage, DeploymentRecord, GateResult, GateVerdict, RecordOutcome, Report, ReportKind,
    TimelineEntry,
};
pub use task_definition::{ImageChange, ImageChanges, ImagesRefused, image_changes};
pub use verify::{
    MissingRoute, StrayTraffic, WrittenRoutes, missing_routes, stray_traffic, verify,
    verify_rollout,
};
pub use wanted::{
    CodeDeployHook, Desired, Intent, OnCancel, OnForeign, ScalingDuring, Settings, Wanted,
    WantedController, WantedLoadBalancer, WantedRevision, WantedStep, WantedTaskDefinition,
};

/// Tag a service carries from CreateService until the first apply after it. Its value is a fingerprint of what
/// was being created, so that an interrupted create is recognised and finished; once the first rollout has ended
/// it says so, so that a create whose end was not recorded is recognised, too. Never part of [`Live`]'s tags. A
/// scalable target carries it (`scaling`) until everything on it is made.
pub const CREATING_TAG: &str = "switchyard:creating";

/// Tag a service carries while its automatic scaling is suspended for a rollout: what we have suspended (`in`,
/// `out`, `scheduled`, separated by `+`, or `none`). The next apply that finds it resumes that, and nothing else.
/// Never part of [`Live`]'s tags.
pub const SCALING_TAG: &str = "switchyard:scaling-suspended";

/// Tag a service under the ECS controller carries while a rollout of ours is under way: the `family:revision` it
/// goes to. A rollout that an interrupted apply has left is told by it from somebody else's. Never part of
/// [`Live`]'s tags.
pub const DEPLOYING_TAG: &str = "switchyard:deploying";

/// Tag of task definitions that we have registered: `CLUSTER/SERVICE`. Only these are ever deregistered.
pub const REGISTERED_TAG: &str = "switchyard:service";
