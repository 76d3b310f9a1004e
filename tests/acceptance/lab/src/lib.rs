//! An AWS on loopback for Terraform tests and demos.
//!
//! One HTTP endpoint answers for every service: ECS, Elastic Load Balancing, CodeDeploy,
//! Application Auto Scaling and CloudWatch from one in-memory world with its own clock,
//! `sts:GetCallerIdentity` by itself, everything else through moto, which is installed and started
//! on first need. A fault plan makes calls fail, a call log counts them, listeners and tasks answer
//! real HTTP.
//!
//! Signatures are read for service, region and access key and are not checked. What a caller may do is checked once
//! there are policies for it ([`Lab::allow_only`]). Nothing listens outside
//! loopback. A [`Lab`] has no global state; a process may run many.

mod calls;
mod clock;
mod config;
mod control;
mod dataplane;
mod faults;
mod front;
mod iam;
mod lab;
mod lambda;
mod models;
mod moto;
mod outside;
mod protocol;
pub mod python;
mod route;
mod s3;
mod server;
mod service;
mod stale;
mod subnets;
mod time;
mod view;
mod waiters;
mod waiting_room;

pub use calls::{Call, CallCounts};
pub use config::LabConfig;
pub use control::SeedCall;
pub use dataplane::{ListenerAddress, TaskAddress};
pub use faults::{Fault, FaultKind};
pub use iam::{Caller, Policy, PolicyError};
pub use lab::{CallError, Lab, LabError};
pub use models::{
    AWSCLI_VERSION, BOTOCORE_VERSION, ModelPackages, ModelsError, install as install_models,
};
pub use moto::{MOTO_VERSION, MotoConfig, MotoError, install as install_moto};
pub use time::{Asleep, Hold, Pace, Visit, Visitors};
