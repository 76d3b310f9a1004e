//! `switchyard_scaling_policy_set` through Terraform's calls, against the in-memory AWS: one process, no socket, no
//! real time. The simulator applies Terraform's own checks at every step.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod account;
mod alarms;
mod drift;
mod emergency;
mod every_call;
mod hostile;
mod lifecycle;
#[path = "../blue_green_service/mutations.rs"]
mod mutations;
mod schedules;
