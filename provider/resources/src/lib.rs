//! What Terraform sees: one folder per resource.
//!
//! **Invariants.** No polling loop (the engine has it), no AWS SDK (`switchyard-aws` has it), no clock.

mod actions;
mod alarm_set;
mod blue_green_function;
mod blue_green_service;
mod called;
mod claims;
mod client;
pub mod codes;
mod cost_range;
mod dashboard;
mod deployment_snapshot;
mod drift;
mod duration;
mod emergency;
mod functions;
mod listener_rule;
mod lists;
mod migration_task;
mod names;
mod needs;
mod notices;
mod provider;
mod recovery_plan;
mod region;
mod scaling_policy_set;
mod service_group;
mod snapshots;
mod tags;
mod words;

pub use client::Client;
pub use provider::{
    AssumeRole, Connect, ConnectError, Connection, ENDPOINT_SERVICES, ProbeProxy, Switchyard,
};
pub use tags::Tagging;
