//! Interrupted applies: killed, cancelled, cut off from AWS, or left without an answer at every single call.
//! One more apply converges, with one rollout, and production has a healthy target at every moment.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod interruption;
mod production;
mod scenarios;
mod settled;
mod stories;
