//! What tests of several crates stand on: an account in the world, and ports that fail at a chosen call.

#![allow(
    clippy::expect_used,
    clippy::new_without_default,
    clippy::panic,
    clippy::unwrap_used,
    missing_debug_implementations,
    missing_docs,
    reason = "used by tests only: what goes wrong here is a failed test"
)]

pub mod account;
pub mod intercept;
