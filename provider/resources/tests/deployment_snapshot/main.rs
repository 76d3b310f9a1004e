//! `switchyard_deployment_snapshot` and the data sources of snapshots through Terraform's calls, against the in-memory
//! AWS: one process, no socket, no real time. The simulator applies Terraform's own checks at every step.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod account;
mod damage;
mod every_call;
mod homes;
mod lifecycle;
mod places;
mod sources;
mod store;
