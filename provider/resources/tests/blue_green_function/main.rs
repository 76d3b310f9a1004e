//! `switchyard_blue_green_function` through Terraform's calls, against the in-memory AWS: one process, no socket, no real
//! time. The simulator applies Terraform's own checks at every step.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod account;
mod drift;
mod every_call;
mod lifecycle;
mod moves;
