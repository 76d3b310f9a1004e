//! Runs the real Terraform (or OpenTofu) command line against the lab, with the provider that was just
//! built, in a scratch folder that cleans up after itself.
//!
//! | piece | what it is |
//! |---|---|
//! | [`Terraform`] | the command line found on this machine, and where its plugins come from |
//! | [`Stage`] | a lab on its own port with the network side of a service already in place |
//! | [`Project`] | one module folder: write files, then `apply`, `plan`, `destroy`, … |
//! | [`Run`] | what a command printed and how it ended |
//!
//! Nothing here sleeps: commands are awaited, and time in the lab runs at its own pace.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test harness reports by panicking; a case that cannot run must not pass"
)]

mod fixtures;
pub mod load;
mod project;
mod run;
mod stage;
mod terraform;

pub use fixtures::{Pair, Service};
pub use project::Project;
pub use run::{Change, Plan, Run, Running};
pub use stage::{LAB_SPEED, Stage};
pub use terraform::{AWS_PROVIDER, Terraform, aws_mirror, aws_provider};
