//! What Terraform sees: one folder per resource.
//!
//! **Invariants.** No polling loop (the engine has it), no AWS SDK (`switchyard-aws` has it), no clock.

mod blue_green_service;
mod called;
mod claims;
pub mod codes;
mod deployment_snapshot;
mod drift;
mod duration;
mod listener_rule;
mod names;
mod provider;
mod scaling_policy_set;
mod snapshots;
mod tags;
mod words;

pub use provider::{
    AssumeRole, Client, Connect, ConnectError, Connection, ENDPOINT_SERVICES, ProbeProxy,
    Switchyard,
};
