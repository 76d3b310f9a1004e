//! Interrupted applies: killed, cancelled, cut off from AWS, or left without an answer at every single call.
//! One more apply converges, with one rollout, and production has a healthy target at every moment.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../../world/tests/lifecycle/account.rs"]
#[allow(dead_code, reason = "shared with the tests of the world")]
mod account;
#[path = "../support/intercept.rs"]
#[allow(dead_code, reason = "shared with the engine's other tests")]
mod intercept;
mod interruption;
mod production;
mod scenarios;
mod settled;
mod stories;
