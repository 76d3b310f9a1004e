//! Runs the real Terraform (or OpenTofu) command line against the lab or any endpoint, with the provider that was just
//! built, in a scratch folder that cleans up after itself.
//!
//! | piece | what it is |
//! |---|---|
//! | [`Terraform`] | the command line found on this machine, and where its plugins come from |
//! | [`Core`] | the command line of another version |
//! | [`Emulator`] | a program of others that stands in for AWS |
//! | [`Stage`] | a lab on its own port, or a chosen [`Endpoint`], and the network side of a service |
//! | [`Project`] | one module folder: write files, then `apply`, `plan`, `destroy`, … |
//! | [`Run`] | what a command printed and how it ended |
//! | [`blocks`] | structures of configurations from one line |
//! | [`copied`] | HCL of the repository, for a project somewhere else |
//!
//! Nothing here sleeps on the lab: commands are awaited, and its time passes while everybody waits for it. At a chosen endpoint, what
//! is deleted is asked about each second until it is gone.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test harness reports by panicking; a case that cannot run must not pass"
)]

mod attached;
pub mod blocks;
pub mod copied;
mod core;
mod emulator;
mod endpoint;
pub mod fidelity;
mod fixtures;
pub mod load;
mod project;
mod run;
mod skipped;
mod stage;
mod state;
mod terraform;

pub use core::{CORES, Core};
pub use emulator::{Emulator, Program};
pub use endpoint::{
    AWS, Capability, ENDPOINT, Endpoint, Kind, Lacking, Outsider, StandIns, Swept, call_handler,
    moto_package,
};
pub use fixtures::{Pair, Service};
pub use project::Project;
pub use run::{Change, Plan, Run, Running};
pub use skipped::{pass_over, skip};
pub use stage::{Held, Stage};
pub use terraform::{AWS_PROVIDER, Terraform, aws_mirror, aws_provider};
