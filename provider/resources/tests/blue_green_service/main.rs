//! `switchyard_blue_green_service` through Terraform's calls, against the in-memory AWS: one process, no
//! socket, no real time. The simulator applies Terraform's own checks at every step.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod account;
mod actions;
mod approvals;
mod assumed;
mod back;
mod classic;
mod crash;
mod deploys;
mod drift;
mod emergency;
mod every_call;
mod failures;
mod folder;
mod freeze;
mod gate_kinds;
mod gates;
mod gates_around;
mod gone;
mod hostile;
mod import;
mod leftovers;
mod lifecycle;
mod lists;
mod moved;
mod mutations;
mod notices;
mod owners;
mod pairs;
mod parts;
mod records;
mod regions;
mod restore;
mod settings;
mod sharing;
mod steps;
mod stored;
mod switching;
mod truths;
mod unknowns;
mod unmanaged;
mod zoo;
